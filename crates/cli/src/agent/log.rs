//! The agent's log: to standard error, and to a small file in the data folder that only its owner can read.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tidemark_core::text::{clean_lines, clip};
use tidemark_files::private;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

/// The file's name. The one before is kept beside it, as `agent.log.1`.
pub const FILE_NAME: &str = "agent.log";
/// How large it grows before it becomes the one before. Both together stay within 1 MiB.
const MAX_FILE_LEN: u64 = 512 * 1024;
/// The longest line, in characters: what a service or a log said can stand in it.
const MAX_LINE_CHARS: usize = 8000;
/// How many lines wait for a reader of standard error.
const MAX_WAITING_LINES: usize = 256;
/// How long the last lines may take to come out at the end.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(300);
/// The environment variable that says what is logged, such as `debug` or `tidemark_monitor=debug`.
const VARIABLE: &str = "TIDEMARK_LOG";
/// The default filter. The bus library logs much that is the same on every desktop.
const USUAL: &str = "info,zbus=warn,zbus::connection=error";

/// Begins to log. Where the file cannot be opened, standard error alone is left; that is said there.
pub fn begin(data_dir: &Path) -> Logging {
    let filter = filter(std::env::var(VARIABLE).ok().as_deref());
    let (file, why) = match Rotating::open(data_dir, MAX_FILE_LEN) {
        Ok(file) => (Some(file), None),
        Err(error) => (None, Some(error)),
    };
    let (forward, logging) = Forward::start(io::stderr());
    let both = Both { file: Mutex::new(file), forward };
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(both);
    let subscriber = tracing_subscriber::registry().with(lines).with(filter);
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        // Only a second call could fail; the first one's logger then serves.
        return logging;
    }
    if let Some(error) = why {
        tracing::warn!(%error, "the log file cannot be written");
    }
    logging
}

/// What is logged: what was asked for, or the usual where nothing was or it cannot be read. By target and level alone:
/// matching spans and fields would take a regular expression engine into the program.
fn filter(wanted: Option<&str>) -> Targets {
    let usual = || USUAL.parse().unwrap_or_default();
    wanted
        .filter(|wanted| !wanted.trim().is_empty())
        .and_then(|wanted| wanted.parse().ok())
        .unwrap_or_else(usual)
}

/// A file that becomes `….1` when it is full.
struct Rotating {
    path: PathBuf,
    file: File,
    size: u64,
    largest: u64,
}

impl Rotating {
    fn open(dir: &Path, largest: u64) -> io::Result<Self> {
        let path = dir.join(FILE_NAME);
        let file = private::append(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, file, size, largest })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.size > 0 && self.size + bytes.len() as u64 > self.largest {
            self.rotate()?;
        }
        self.file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Whatever of it fails is done with the next line; until then nothing is written, so that the old file
    /// does not grow on.
    fn rotate(&mut self) -> io::Result<()> {
        let mut before = self.path.clone().into_os_string();
        before.push(".1");
        match fs::rename(&self.path, before) {
            // Renamed the last time, when the new one could not be opened; or removed by another program.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            renamed => renamed?,
        }
        self.file = private::append(&self.path)?;
        self.size = 0;
        Ok(())
    }
}

/// What is on its way to standard error.
enum Message {
    Line(Vec<u8>),
    /// Answered once everything before it has been written.
    Flush(SyncSender<()>),
}

/// Lines to standard error, by a thread of their own. Whoever reads it, a window for instance, may take nothing
/// for as long as it likes: the agent never waits for it. What does not fit meanwhile is left out, and it is said
/// how much; the file has all of it.
struct Forward {
    lines: SyncSender<Message>,
    left_out: AtomicU64,
}

/// Brings the last lines out.
pub struct Logging {
    lines: SyncSender<Message>,
}

impl Forward {
    fn start(mut out: impl Write + Send + 'static) -> (Self, Logging) {
        let (lines, waiting) = mpsc::sync_channel(MAX_WAITING_LINES);
        let thread = std::thread::Builder::new().name("tidemark-stderr".to_owned()).spawn(move || {
            for message in waiting {
                match message {
                    // A terminal that went away must not end the agent.
                    Message::Line(line) => drop(out.write_all(&line)),
                    Message::Flush(done) => drop(done.try_send(())),
                }
            }
        });
        // Without the thread the receiver is gone, and every line with it; the file still has them.
        drop(thread);
        (Self { lines: lines.clone(), left_out: AtomicU64::new(0) }, Logging { lines })
    }

    fn send(&self, line: &[u8]) {
        let before = self.left_out.swap(0, Ordering::Relaxed);
        let mut bytes =
            if before > 0 { format!("({before} lines are left out)\n").into_bytes() } else { Vec::new() };
        bytes.extend_from_slice(line);
        if self.lines.try_send(Message::Line(bytes)).is_err() {
            self.left_out.fetch_add(before + 1, Ordering::Relaxed);
        }
    }
}

impl Logging {
    /// Waits until all that was logged so far has come out, or for a moment if no one reads it.
    pub fn finish(&self) {
        let (done, finished) = mpsc::sync_channel(1);
        if self.lines.try_send(Message::Flush(done)).is_ok() {
            let _ = finished.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

/// Standard error, and the file where there is one.
struct Both {
    file: Mutex<Option<Rotating>>,
    forward: Forward,
}

/// One line on its way to both places.
struct Line<'a>(&'a Both);

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let line = clean_lines(line.trim_end_matches('\n'));
        let line = format!("{}\n", clip(&line, MAX_LINE_CHARS));
        self.0.forward.send(line.as_bytes());
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = file.as_mut() {
            // A full disk must not end the agent.
            let _ = file.write(line.as_bytes());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Both {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self)
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn what_was_asked_for_is_logged_and_the_usual_where_that_cannot_be_read() {
        for usual in [None, Some(""), Some(" "), Some("tidemark=loud")] {
            let filter = filter(usual);
            assert!(filter.would_enable("tidemark_monitor::run", &Level::INFO), "{usual:?}");
            assert!(!filter.would_enable("tidemark_monitor::run", &Level::DEBUG), "{usual:?}");
            assert!(!filter.would_enable("zbus::proxy", &Level::INFO), "{usual:?}");
            assert!(!filter.would_enable("zbus::connection", &Level::WARN), "{usual:?}");
        }
        assert!(filter(Some("debug")).would_enable("tidemark_store", &Level::DEBUG));
        let one = filter(Some("tidemark_monitor=debug"));
        assert!(one.would_enable("tidemark_monitor::run", &Level::DEBUG));
        assert!(!one.would_enable("tidemark_store", &Level::ERROR));
    }

    #[test]
    fn it_stays_small_and_keeps_the_newest() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = Rotating::open(dir.path(), 100).unwrap();
        for number in 0..50 {
            log.write(format!("line {number:>4}\n").as_bytes()).unwrap();
        }
        let now = fs::read_to_string(dir.path().join("agent.log")).unwrap();
        let before = fs::read_to_string(dir.path().join("agent.log.1")).unwrap();
        assert!(now.len() <= 100 && before.len() <= 100);
        assert!(now.ends_with("line   49\n"), "{now}");
        let whole = before + &now;
        let first: u32 = whole.lines().next().unwrap()[4..].trim().parse().unwrap();
        assert_eq!(whole.lines().count(), usize::try_from(50 - first).unwrap(), "nothing is lost in between");
    }

    #[test]
    fn it_recovers_after_a_new_file_could_not_be_opened() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = Rotating::open(dir.path(), 20).unwrap();
        log.write(b"before the failure\n").unwrap();
        // As far as a rotation comes that renames the file and cannot open the next one.
        fs::rename(dir.path().join("agent.log"), dir.path().join("agent.log.1")).unwrap();
        log.write(b"after the failure\n").unwrap();
        let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
        assert_eq!(read("agent.log"), "after the failure\n");
        assert_eq!(read("agent.log.1"), "before the failure\n");
    }

    #[cfg(unix)]
    #[test]
    fn a_reader_that_takes_nothing_holds_nothing_up() {
        use std::io::Read as _;
        let (mut reader, writer) = io::pipe().unwrap();
        let (forward, logging) = Forward::start(writer);
        let line = [b"x".repeat(1023), b"\n".to_vec()].concat();
        // Much more than a pipe holds and than may wait.
        for _ in 0..2_000 {
            forward.send(&line);
        }
        logging.finish();
        assert!(forward.left_out.load(Ordering::Relaxed) > 0, "it cannot all have been taken");
        let (mut taken, mut block) = (Vec::new(), [0_u8; 4096]);
        // Once it is read again, it goes on, and says that something is missing.
        while !taken.ends_with(b"the last\n") {
            let read = reader.read(&mut block).unwrap();
            taken.extend_from_slice(&block[..read]);
            forward.send(b"the last\n");
        }
        assert!(String::from_utf8(taken).unwrap().contains("lines are left out)"));
    }

    #[test]
    fn it_goes_on_where_it_was() {
        let dir = tempfile::tempdir().unwrap();
        Rotating::open(dir.path(), 100).unwrap().write(b"one\n").unwrap();
        Rotating::open(dir.path(), 100).unwrap().write(b"two\n").unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("agent.log")).unwrap(), "one\ntwo\n");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent.log");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let _log = Rotating::open(dir.path(), 100).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
