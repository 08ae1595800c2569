//! A real PostgreSQL server in a folder of its own, for one test.

#![allow(dead_code, reason = "not every test that has a server needs all of it")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A server that listens on loopback and asks for passwords. It ends when this is dropped.
pub struct Postgres {
    folder: TempDir,
    programs: PathBuf,
    server: Child,
    /// Where it listens.
    pub port: u16,
}

/// The password of the user `owner`, and of `reader`.
pub const PASSWORD: &str = "a pass'word=\"x\"";

impl Postgres {
    /// Starts a server. It needs `initdb` and `postgres`: Debian's package `postgresql` has them.
    pub fn start() -> Self {
        let programs = programs();
        let folder = tempfile::tempdir().unwrap();
        let (data, password) = (folder.path().join("data"), folder.path().join("password"));
        std::fs::write(&password, PASSWORD).unwrap();
        if is_root() {
            // The server does not run as root.
            run(Command::new("chown").args(["-R", "nobody"]).arg(folder.path()));
        }
        run(as_user(&programs.join("initdb"))
            .current_dir(folder.path())
            .args(["--no-sync", "--username=owner", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"])
            .arg("--pwfile")
            .arg(&password)
            .arg(&data));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = serve(&programs, folder.path(), "data", port);
        let postgres = Self { folder, programs, server, port };
        postgres.wait_until_up();
        postgres
    }

    /// Starts it again where it stopped or was killed, with what it had.
    pub fn start_again(&mut self) {
        self.server = serve(&self.programs, self.folder.path(), "data", self.port);
        self.wait_until_up();
    }

    /// Kills it and all of its processes, as a lost machine would be.
    pub fn kill(&mut self) {
        let server = self.server.id().to_string();
        // Its children end by themselves when it is gone.
        run(Command::new("kill").args(["-KILL", &server]));
        self.server.wait().unwrap();
    }

    /// A second server that follows this one, record by record.
    pub fn replica(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            run(Command::new("chown").args(["-R", "nobody"]).arg(folder.path()));
        }
        run(as_user(&self.programs.join("pg_basebackup"))
            .current_dir(folder.path())
            .env("PGPASSWORD", PASSWORD)
            .args(["-h", "127.0.0.1", "-U", "owner", "-R", "-X", "stream", "-c", "fast", "--no-sync", "-p"])
            .arg(self.port.to_string())
            .arg("-D")
            .arg(folder.path().join("data")));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = serve(&self.programs, folder.path(), "data", port);
        let replica = Self { folder, programs: self.programs.clone(), server, port };
        replica.wait_until_up();
        replica
    }

    /// Makes a replica a server of its own.
    pub fn promote(&self) {
        self.sql("postgres", "SELECT pg_promote(true, 60)");
    }

    fn wait_until_up(&self) {
        let begun = Instant::now();
        while !self.is_up() {
            assert!(begun.elapsed() < Duration::from_mins(2), "the server did not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Its folder, in which its socket is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs SQL in a database as its owner.
    pub fn sql(&self, database: &str, sql: &str) {
        let done = Command::new(self.programs.join("psql"))
            .env("PGPASSWORD", PASSWORD)
            .args(["-h", "127.0.0.1", "-U", "owner", "-v", "ON_ERROR_STOP=1", "-q", "-p"])
            .arg(self.port.to_string())
            .args(["-d", database, "-c", sql])
            .output()
            .unwrap();
        assert!(done.status.success(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Asks no one for a password any more.
    pub fn trust(&self) {
        let rules = self.folder.path().join("data/pg_hba.conf");
        std::fs::write(rules, "host all all 127.0.0.1/32 trust\n").unwrap();
        self.sql("postgres", "SELECT pg_reload_conf()");
        self.sql("postgres", "SELECT pg_sleep(0.2)");
    }

    /// Stops it, as an administrator would.
    pub fn stop(&mut self) {
        let server = self.server.id().to_string();
        // SIGINT ends it at once and in order.
        run(Command::new("kill").args(["-INT", &server]));
        self.server.wait().unwrap();
    }

    fn is_up(&self) -> bool {
        let asked = Command::new(self.programs.join("pg_isready"))
            .args(["-q", "-h", "127.0.0.1", "-p"])
            .arg(self.port.to_string())
            .status();
        asked.is_ok_and(|status| status.success())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.server.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.stop();
        }
    }
}

/// Where the server's programs are: the newest that Debian has, or on the path.
fn programs() -> PathBuf {
    let mut installed: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|all| all.filter_map(|one| Some(one.ok()?.path().join("bin"))).collect())
        .unwrap_or_default();
    let paths = std::env::var_os("PATH").unwrap_or_default();
    installed.sort();
    installed.reverse();
    installed.extend(std::env::split_paths(&paths));
    let found = installed.into_iter().find(|folder| folder.join("initdb").is_file());
    found.expect("PostgreSQL is not installed; on Debian: apt-get install postgresql")
}

/// Starts a server on a folder of data.
fn serve(programs: &Path, folder: &Path, data: &str, port: u16) -> Child {
    let log = std::fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).unwrap();
    as_user(&programs.join("postgres"))
        .current_dir(folder)
        .arg("-D")
        .arg(folder.join(data))
        .args(["-h", "127.0.0.1", "-c", "fsync=off", "-p"])
        .arg(port.to_string())
        .arg("-k")
        .arg(folder)
        .stderr(log)
        .spawn()
        .unwrap()
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.starts_with(b"0\n")
}

/// A program as a user without rights.
fn as_user(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn run(command: &mut Command) {
    let done = command.output().unwrap();
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
}
