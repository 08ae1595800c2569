//! The agent's log: to standard error, and to a small file in the data folder that only its owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The file's name. The one before is kept beside it, as `agent.log.1`.
pub const FILE_NAME: &str = "agent.log";
/// How large it grows before it becomes the one before. Both together stay within 1 MiB.
const LARGEST: u64 = 512 * 1024;
/// The environment variable that says what is logged, such as `debug` or `tidemark_monitor=debug`.
const VARIABLE: &str = "TIDEMARK_LOG";
/// What is logged otherwise. The bus library tells at length what every desktop knows.
const USUAL: &str = "info,zbus=warn,zbus::connection=error";

/// Begins to log. Where the file cannot be opened, standard error alone is left; that is said there.
pub fn begin(data_dir: &Path) {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(USUAL));
    let (file, why) = match Rotating::open(data_dir, LARGEST) {
        Ok(file) => (Some(file), None),
        Err(error) => (None, Some(error)),
    };
    let both = Both { file: Mutex::new(file) };
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(both).finish();
    if tracing::subscriber::set_global_default(subscriber).is_err() {
        // Only a second call could fail; the first one's logger then serves.
        return;
    }
    if let Some(error) = why {
        tracing::warn!(%error, "the log file cannot be written");
    }
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
        let file = append(&path)?;
        let size = file.metadata()?.len();
        Ok(Self { path, file, size, largest })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.size > 0 && self.size + bytes.len() as u64 > self.largest {
            let mut before = self.path.clone().into_os_string();
            before.push(".1");
            fs::rename(&self.path, before)?;
            self.file = append(&self.path)?;
            self.size = 0;
        }
        self.file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }
}

fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // One that was there before may have been more open.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(file)
}

/// Standard error, and the file where there is one.
struct Both {
    file: Mutex<Option<Rotating>>,
}

/// One line on its way to both places.
struct Line<'a>(&'a Both);

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A terminal that went away, or a full disk, must not end the agent.
        let _ = io::stderr().write_all(bytes);
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = file.as_mut() {
            let _ = file.write(bytes);
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
    use super::*;

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
