//! Opens another program's SQLite database so that nothing of it changes: no byte of its files, and no file beside it.
//!
//! - Where there is no write-ahead log and no journal, the file is read as one that does not change (`immutable`): without
//!   locks, and without any file beside it. Whether it did change all the same is asked before anything that was read is
//!   handed on; then it is read again.
//! - Where another program is writing, it is read beside it (`mode=ro`), as the last commit left it. SQLite would write
//!   into the index of the write-ahead log (`-shm`) even then; with `readonly_shm` it does not.
//! - Where that cannot be done (the index is missing, or a transaction was left half done), the database is copied into
//!   a folder of our own first, up to a size.
//!
//! A database can have been laid by anybody. What it may cost is bounded: values and statements in size, and all of it
//! in time.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, Statement};
use tidemark_files::read;

use crate::collect::{Collect, Mark, Reached, Resume};
use crate::file_cursor::{FileStat, beside};
use crate::usage_deduper::PartialRequest;

/// Larger values are not read, in bytes.
const MAX_VALUE_LEN: i32 = 32 << 20;
/// Longer statements are not compiled, in bytes: those of the database's own schema too.
const MAX_SQL_LEN: i32 = 1 << 20;
/// How long a database may take, with a second more for each of so many bytes.
const TIMEOUT: Duration = Duration::from_secs(20);
const BYTES_A_SECOND: u64 = 8 << 20;
/// How many steps of SQLite lie between two questions whether that is over.
const STEPS: i32 = 20_000;
/// How long another program's lock is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_millis(250);
/// Larger databases are not copied, in bytes with what is beside them.
const MAX_COPY_LEN: u64 = 1 << 30;
/// SQLite's own memory for pages, in KiB.
const CACHE_KIB: i64 = 2048;
/// The part of a database that changes with each commit.
const HEAD: u64 = 100;
/// How often a database that changes under the reading is read again.
const ATTEMPTS: usize = 4;
/// How many requests are handed on at once.
const MOST: usize = 4 * 1024;

/// A database that is open for reading.
pub(crate) struct Database {
    db: Connection,
    until: Instant,
    /// What its files were when they were opened, where they are read without locks.
    unlocked: Option<(PathBuf, Files)>,
    /// Removed when the database is closed, so it stands behind it.
    _copy: Option<Copied>,
}

/// What a database's files were at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Files {
    entry: FileStat,
    head: Vec<u8>,
}

impl Files {
    fn of(path: &Path) -> io::Result<Self> {
        let entry = FileStat::of_database(path)?;
        let mut head = Vec::with_capacity(HEAD as usize);
        read::open(path)?.take(HEAD).read_to_end(&mut head)?;
        Ok(Self { entry, head })
    }
}

impl Database {
    /// Opens a database; `None` where the file is empty, as one is that was just made.
    ///
    /// # Errors
    /// It is no file, no database, damaged, encrypted, or locked by another program for longer than a moment.
    fn open(path: &Path) -> io::Result<Option<Self>> {
        // SQLite expects the other files beside the one that a link leads to.
        let path = if fs::symlink_metadata(path)?.is_symlink() {
            fs::canonicalize(path)?
        } else {
            std::path::absolute(path)?
        };
        let files = Files::of(&path)?;
        if files.head.is_empty() {
            return Ok(None);
        }
        let until = Instant::now() + TIMEOUT + Duration::from_secs(files.entry.size / BYTES_A_SECOND);
        let log = size_of(&beside(&path, "-wal"))?;
        let journal = size_of(&beside(&path, "-journal"))?;
        let opened = match (log, journal) {
            (0, 0) => {
                let db = connect(&path, "immutable=1", until)?;
                return Ok(Some(Self { db, until, unlocked: Some((path, files)), _copy: None }));
            }
            // Without the index, SQLite would make one.
            (_, 0) if size_of(&beside(&path, "-shm"))? > 0 => {
                connect(&path, "mode=ro&readonly_shm=1", until).ok()
            }
            _ => None,
        };
        if let Some(db) = opened {
            return Ok(Some(Self { db, until, unlocked: None, _copy: None }));
        }
        let copy = Copied::of(&path)?;
        let db = connect(&copy.database(), "", until)?;
        Ok(Some(Self { db, until, unlocked: None, _copy: Some(copy) }))
    }

    /// Whether what was read so far is what the database was at one moment.
    fn is_whole(&self) -> bool {
        self.unlocked.as_ref().is_none_or(|(path, files)| Files::of(path).is_ok_and(|now| now == *files))
    }

    /// A statement on the database.
    ///
    /// # Errors
    /// A table or column is missing, or the schema is damaged.
    pub(crate) fn prepare(&self, sql: &str) -> io::Result<Statement<'_>> {
        self.db.prepare(sql).map_err(unreadable)
    }

    /// Ends a reading that takes too long outside of SQLite.
    ///
    /// # Errors
    /// [`TimedOut`](io::ErrorKind::TimedOut).
    pub(crate) fn in_time(&self) -> io::Result<()> {
        if Instant::now() > self.until { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
    }
}

/// What SQLite says, as an error of reading.
pub(crate) fn unreadable(error: rusqlite::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// The size of a file beside a database; 0 where there is none.
fn size_of(path: &Path) -> io::Result<u64> {
    match FileStat::at(path) {
        Ok(entry) => Ok(entry.size),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

fn connect(path: &Path, options: &str, until: Instant) -> io::Result<Connection> {
    let is_copy = options.is_empty();
    let access = if is_copy { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
    let flags = access | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let db = Connection::open_with_flags(uri(path, options), flags)?;
        db.busy_timeout(BUSY_TIMEOUT)?;
        db.progress_handler(STEPS, Some(move || Instant::now() > until))?;
        db.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_LEN)?;
        db.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_SQL_LEN)?;
        db.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
        db.pragma_update(None, "mmap_size", 0)?;
        db.pragma_update(None, "cache_size", -CACHE_KIB)?;
        db.pragma_update(None, "cell_size_check", true)?;
        if !is_copy {
            db.pragma_update(None, "query_only", true)?;
        }
        // From here on, every statement sees the same commit.
        db.execute_batch("BEGIN")?;
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(db)
    };
    open().map_err(unreadable)
}

/// A path as SQLite takes it with options. Windows' paths are not changed into those of an address: a real one begins with
/// `\\?\`, for which addresses have no form.
fn uri(path: &Path, options: &str) -> String {
    let mut uri = if cfg!(windows) { "file:" } else { "file://" }.to_owned();
    let text = path.as_os_str().as_encoded_bytes();
    for byte in text {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                uri.push(char::from(*byte));
            }
            b':' if cfg!(windows) => uri.push(':'),
            other => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                uri.push('%');
                uri.push(char::from(DIGITS[usize::from(other >> 4)]));
                uri.push(char::from(DIGITS[usize::from(other & 15)]));
            }
        }
    }
    if !options.is_empty() {
        uri.push('?');
        uri.push_str(options);
    }
    uri
}

/// A copy of a database in a folder of our own, which goes with it.
struct Copied(PathBuf);

impl Copied {
    /// Copies a database with what is beside it, all as it was at one moment.
    fn of(path: &Path) -> io::Result<Self> {
        for _ in 0..ATTEMPTS {
            let before = Files::of(path)?;
            if before.entry.size > MAX_COPY_LEN {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            let copy = Self::folder()?;
            for suffix in ["", "-wal", "-journal"] {
                let from = match read::open(&beside(path, suffix)) {
                    Ok(from) => from,
                    Err(error) if error.kind() == io::ErrorKind::NotFound && !suffix.is_empty() => continue,
                    Err(error) => return Err(error),
                };
                let mut to = File::create_new(beside(&copy.database(), suffix))?;
                io::copy(&mut from.take(MAX_COPY_LEN), &mut to)?;
            }
            if Files::of(path)? == before {
                return Ok(copy);
            }
        }
        Err(io::ErrorKind::ResourceBusy.into())
    }

    /// A new folder that only its owner can open.
    fn folder() -> io::Result<Self> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        // On Windows the folder for such things is the user's own already.
        #[cfg_attr(not(unix), expect(unused_mut, reason = "there is no mode to set"))]
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("tidemark-logs-{}-{number}", std::process::id());
            let folder = std::env::temp_dir().join(name);
            match builder.create(&folder) {
                Ok(()) => return Ok(Self(folder)),
                // Left by a process that had this number and ended before it could remove it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn database(&self) -> PathBuf {
        self.0.join("copy.db")
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        // Nothing can be done about one that stays; it is in a folder that the system empties.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Where what a database holds is handed on.
pub(crate) struct Sink<'s, C> {
    pub(crate) collect: &'s mut C,
    database: &'s Database,
    from: &'s Resume,
    found: Vec<PartialRequest>,
    skipped: u64,
}

impl<C: Collect> Sink<'_, C> {
    /// Hands a request on.
    ///
    /// # Errors
    /// The database changed under the reading, or whoever takes the requests failed.
    pub(crate) fn add(&mut self, request: PartialRequest) -> io::Result<()> {
        self.found.push(request);
        if self.found.len() < MOST {
            return Ok(());
        }
        self.hand_on()?;
        // Its rows come in the order of their numbers, and those that were written over are among them: it cannot be said
        // up to where all is known. Whoever stops here begins where it began.
        self.collect.checkpoint(self.from)
    }

    /// Counts a row that could not be read.
    pub(crate) const fn skip(&mut self) {
        self.skipped += 1;
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.database.in_time()?;
        if !self.database.is_whole() {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        self.collect.hold(self.found.drain(..));
        Ok(())
    }
}

/// Reads a database with `read`, which gives how far each table was read, or `None` where what was read before cannot be
/// distinguished any more from what came since.
///
/// # Errors
/// It cannot be opened or read to its end, or whoever takes the requests failed. What was handed on before is good.
pub(crate) fn load<C: Collect>(
    path: &Path,
    from: &Resume,
    collect: &mut C,
    read: impl Fn(&Database, &mut Sink<'_, C>) -> io::Result<Option<Vec<Mark>>>,
) -> io::Result<Reached> {
    for _ in 0..ATTEMPTS {
        let end = FileStat::of_database(path)?.size;
        let Some(database) = Database::open(path)? else {
            return Ok(Reached::end(None, Resume::default()));
        };
        let mut sink = Sink { collect, database: &database, from, found: Vec::new(), skipped: 0 };
        let marks = read(&database, &mut sink).and_then(|marks| {
            sink.hand_on()?;
            Ok(marks)
        });
        let skipped = from.skipped + sink.skipped;
        match marks {
            Ok(Some(marks)) => {
                let resume = Box::new(Resume { skipped, marks, ..Resume::default() });
                return Ok(Reached::End { resume, end, skipped });
            }
            Ok(None) => return Ok(Reached::Again),
            // What came of pages of two commits can be anything.
            Err(_) if !database.is_whole() => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_path_is_taken_as_it_is() {
        let path = Path::new("/h/a b?x=1#%/é'.db");
        assert_eq!(uri(path, "mode=ro"), "file:///h/a%20b%3Fx%3D1%23%25/%C3%A9%27.db?mode=ro");
    }

    #[test]
    #[cfg(windows)]
    fn a_database_is_read_by_each_form_of_its_path() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a b#1%.db");
        drop(writer(&path, "delete"));
        let real = fs::canonicalize(&path).unwrap();
        assert!(real.as_os_str().as_encoded_bytes().starts_with(br"\\?\"), "{}", real.display());
        for path in [path.clone(), real, path.to_str().unwrap().replace('\\', "/").into()] {
            assert_eq!(rows(&path).unwrap(), 1, "{}", path.display());
        }
    }

    /// All files of a folder with what is in them.
    fn all(folder: &Path) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
        let mut all: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (entry.path(), fs::read(entry.path()).unwrap(), entry.metadata().unwrap().modified().unwrap())
            })
            .collect();
        all.sort();
        all
    }

    fn rows(path: &Path) -> io::Result<i64> {
        let database = Database::open(path)?.unwrap();
        let mut statement = database.prepare("SELECT count(*) FROM t")?;
        statement.query_row([], |row| row.get(0)).map_err(unreadable)
    }

    fn writer(path: &Path, mode: &str) -> Connection {
        let db = Connection::open(path).unwrap();
        db.pragma_update(None, "journal_mode", mode).unwrap();
        db.execute_batch("CREATE TABLE IF NOT EXISTS t (x TEXT); INSERT INTO t VALUES ('one')").unwrap();
        db
    }

    const DATABASE: &str = "TIDEMARK_TEST_DATABASE";

    /// A program that writes into a database, in a process of its own: within one, SQLite shares what it holds of a file
    /// between readers and writers.
    struct Program {
        child: std::process::Child,
        said: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
    }

    impl Program {
        fn start(path: &Path) -> Self {
            use std::io::BufRead as _;
            use std::process::{Command, Stdio};
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "database::tests::a_program_that_writes", "--ignored", "--nocapture"])
                .env(DATABASE, path)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let said = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
            Self { child, said }
        }

        fn run(&mut self, sql: &str) {
            use std::io::Write as _;
            writeln!(self.child.stdin.as_mut().unwrap(), "{sql}").unwrap();
            assert!(self.said.by_ref().map(|line| line.unwrap()).any(|line| line.ends_with("done")));
        }
    }

    impl Drop for Program {
        fn drop(&mut self) {
            drop(self.child.stdin.take());
            let _ = self.child.wait();
        }
    }

    #[test]
    #[ignore = "started by other tests as a process of its own"]
    fn a_program_that_writes() {
        let Some(path) = std::env::var_os(DATABASE) else { return };
        let db = Connection::open(path).unwrap();
        for line in std::io::stdin().lines() {
            db.execute_batch(&line.unwrap()).unwrap();
            println!("done");
        }
    }

    #[test]
    fn nothing_of_a_database_changes_by_being_read() {
        for mode in ["wal", "delete"] {
            let dir = tempfile::tempdir().unwrap();
            // Windows has no name with a question mark.
            let path = dir.path().join(if cfg!(windows) { "it's 100% #1.db" } else { "it's 100% #1?.db" });
            let mut program = Program::start(&path);
            program.run(&format!("PRAGMA journal_mode = {mode}; CREATE TABLE t (x TEXT);"));
            for count in 1..4 {
                program.run("INSERT INTO t VALUES ('one')");
                let before = all(dir.path());
                assert_eq!(rows(&path).unwrap(), count, "{mode}");
                assert!(all(dir.path()) == before, "{mode}: beside a writer");
            }
            drop(program);
            let before = all(dir.path());
            assert_eq!(before.len(), 1);
            assert_eq!(rows(&path).unwrap(), 3);
            assert!(all(dir.path()) == before, "{mode}: alone");
        }
    }

    #[test]
    fn a_program_that_was_killed_leaves_what_is_read_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let mut program = Program::start(&path);
        program
            .run("PRAGMA journal_mode = wal; CREATE TABLE t (x TEXT); INSERT INTO t VALUES ('one'), ('two')");
        program.child.kill().unwrap();
        drop(program);
        let before = all(dir.path());
        assert_eq!(before.len(), 3);
        assert_eq!(rows(&path).unwrap(), 2);
        assert!(all(dir.path()) == before);
    }

    #[test]
    fn a_writer_is_not_kept_waiting_by_a_reader() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let db = writer(&path, "wal");
        let database = Database::open(&path).unwrap().unwrap();
        db.busy_timeout(Duration::ZERO).unwrap();
        db.execute_batch("INSERT INTO t VALUES ('more')").unwrap();
        let seen: i64 =
            database.prepare("SELECT count(*) FROM t").unwrap().query_row([], |row| row.get(0)).unwrap();
        assert_eq!(seen, 1, "as it was when it was opened");
    }

    /// A copy of a folder with a database that is in use: as after a crash.
    fn crashed(from: &Path, without: &[&str]) -> tempfile::TempDir {
        let to = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
            let name = entry.file_name().into_string().unwrap();
            if !without.iter().any(|suffix| name.ends_with(suffix)) {
                fs::copy(entry.path(), to.path().join(name)).unwrap();
            }
        }
        to
    }

    #[test]
    fn what_a_program_left_when_it_was_killed_is_read_without_mending_it() {
        let dir = tempfile::tempdir().unwrap();
        let db = writer(&dir.path().join("a.db"), "wal");
        db.execute_batch("INSERT INTO t VALUES ('two')").unwrap();
        for without in [&[][..], &["-shm"]] {
            let left = crashed(dir.path(), without);
            let before = all(left.path());
            assert_eq!(rows(&left.path().join("a.db")).unwrap(), 2, "{without:?}");
            assert!(all(left.path()) == before, "{without:?}");
        }
        // With a journal, a transaction was half done: it is rolled back in a copy.
        let dir = tempfile::tempdir().unwrap();
        let db = writer(&dir.path().join("a.db"), "delete");
        db.pragma_update(None, "cache_spill", 1).unwrap();
        db.pragma_update(None, "cache_size", 1).unwrap();
        let large = "x".repeat(1000);
        db.execute_batch("BEGIN").unwrap();
        for _ in 0..200 {
            db.execute("INSERT INTO t VALUES (?1)", [&large]).unwrap();
        }
        let left = crashed(dir.path(), &[]);
        assert!(size_of(&left.path().join("a.db-journal")).unwrap() > 0);
        let before = all(left.path());
        assert_eq!(rows(&left.path().join("a.db")).unwrap(), 1);
        assert!(all(left.path()) == before);
    }

    #[test]
    fn what_is_no_database_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        fs::write(&path, "").unwrap();
        assert!(Database::open(&path).unwrap().is_none());
        for bytes in [&b"not a database at all, and longer than a header of one hundred bytes would be, as this one now is"[..], b"SQLite format 3\0", b"x"] {
            fs::write(&path, bytes).unwrap();
            assert!(rows(&path).is_err());
        }
        assert!(Database::open(dir.path()).is_err());
        assert!(Database::open(&dir.path().join("none")).is_err());
    }

    #[test]
    fn a_view_in_the_place_of_a_table_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.db");
        let endless = "CREATE VIEW t AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
        Connection::open(&path).unwrap().execute_batch(endless).unwrap();
        assert!(rows(&path).is_err());
    }
}
