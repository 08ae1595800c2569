//! What every target asks: a log of any bytes at all is read without a panic; and read in two parts, cut
//! anywhere, it has the requests that it has when it is read at once.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use tidemark_logs::{Follower, Known, Log, FileCursor, Options, Portion, Roots, scan};

/// A home of this process, in memory where the system has such a place.
fn home() -> &'static Path {
    static HOME: OnceLock<tempfile::TempDir> = OnceLock::new();
    HOME.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        folder.expect("a folder for the home")
    })
    .path()
}

thread_local! {
    /// One for all inputs: a new buffer would take longer than most inputs do.
    static FOLLOWER: RefCell<Follower> = RefCell::default();
}

type Requests = BTreeSet<(i64, u64, u64)>;

fn read(known: Option<&FileCursor>) -> (Requests, FileCursor) {
    let roots = Roots::in_home(home(), &[]);
    let log = Log::find(&roots).pop().expect("the log that was just written");
    let mut found = Requests::new();
    let mut give = |portion: Portion, _: FileCursor, _: bool| {
        for claim in &portion.claims {
            found.insert((claim.request.at, claim.request.fingerprint, claim.request.tokens.total()));
        }
        for named in &portion.named {
            found.insert((named.request.at, named.request.fingerprint, named.request.tokens.total()));
        }
        Ok(())
    };
    let known = known.map(|cursor| Known { cursor, from_start: false });
    let done = FOLLOWER.with_borrow_mut(|follower| follower.read(&log, known, &mut give));
    let done = done.expect("a log that can be read");
    (found, done.cursor)
}

/// Runs one input: two bytes that say where the log is cut, and the log.
pub fn run(place: &str, input: &[u8]) {
    let [high, low, log @ ..] = input else { return };
    let cut = usize::from(u16::from_be_bytes([*high, *low])) % (log.len() + 1);
    let path: PathBuf = home().join(place);
    fs::create_dir_all(path.parent().expect("a folder")).expect("its folder");
    let mut file = File::create(&path).expect("the log");
    let mut append = |bytes: &[u8]| {
        file.write_all(bytes).expect("its next part");
        // A record without any time has that of its file; it must not hang on when this runs.
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_784_973_600)).expect("its time");
    };
    append(&log[..cut]);
    let (mut parts, cursor) = read(None);
    append(&log[cut..]);
    let (rest, end) = read(Some(&cursor));
    parts.extend(rest);
    let (whole, at_once) = read(None);
    // A line that was cut can have been whole as it stood: then its request was there, and is remembered.
    assert!(parts.is_superset(&whole), "some requests are only seen at once");
    assert_eq!(end.resume.offset, at_once.resume.offset, "it ends elsewhere");
    assert_eq!(end.skipped, at_once.skipped, "other lines could not be read");
    let deduper = scan(&Roots::in_home(home(), &[]), &Options { threads: 1, ..Options::default() });
    assert_eq!(deduper.files(), 1);
    assert_eq!(deduper.lines_skipped(), at_once.skipped);
    let requests: u64 = deduper.rows().map(|row| row.tally.requests).sum();
    assert!(requests <= whole.len() as u64, "a scan sees more requests than there are records");
}
