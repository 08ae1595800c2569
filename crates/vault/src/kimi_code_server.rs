//! The server of an installed Kimi Code on this machine: where it listens, and the token that it takes.
//!
//! While it runs, Kimi Code serves its own programs on a loopback port. It leaves the token for them in
//! `$KIMI_CODE_HOME/server.token` (default `~/.kimi-code`), readable by the user alone, and describes each running
//! instance in `server/instances/<id>.json`: process, host, port, start. Without such a description it is at its
//! default port. (Source: Kimi Code 2.1.0.)
//!
//! The token opens everything that the server does. It goes to a loopback address only, and only where what listens
//! there is a program of this user: a port that a server has left may be taken by anyone on the machine. Where the
//! system does not say who listens (only Linux does so far), a running process must have described itself.

mod listener;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Deserialize;
use tidemark_core::failure_cause::{FileFault, FileTask};
use tidemark_files::{process, read};
use zeroize::Zeroizing;

use crate::VaultError;
use listener::Listener;

/// Where the server listens unless it is configured otherwise, or the port is taken.
const DEFAULT_PORT: u16 = 58627;
/// A token is some 40 characters.
const MAX_TOKEN_BYTES: u64 = 4096;
/// A description of an instance is some 200 bytes.
const MAX_INSTANCE_BYTES: u64 = 16 * 1024;
/// As many descriptions are read; a machine runs one or two instances, and crashed ones leave theirs.
const MAX_INSTANCES: usize = 64;

/// A server of Kimi Code that runs on this machine.
#[derive(Debug, Clone)]
pub struct LocalServer {
    /// Its base URL, the part before `/oauth/usage`: always of a loopback address.
    pub base_url: String,
    /// The token that it takes.
    pub token: SecretString,
}

/// The server of the Kimi Code that a home folder and the environment point to.
pub(crate) fn find(
    home: &Path,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<LocalServer, VaultError> {
    let folder = variable("KIMI_CODE_HOME")
        .filter(|value| !value.is_empty())
        .map_or_else(|| home.join(".kimi-code"), PathBuf::from);
    in_folder(&folder, listener::on)
}

fn in_folder(folder: &Path, listens: impl Fn(IpAddr, u16) -> Listener) -> Result<LocalServer, VaultError> {
    let token = token(&folder.join("server.token"))?;
    let mut failed = VaultError::ServerNotRunning;
    let (addresses, is_described) = addresses(&folder.join("server").join("instances"));
    for (host, port) in addresses {
        match listens(host, port) {
            Listener::Unknown if !is_described => {}
            Listener::Own | Listener::Unknown => {
                let host = match host {
                    IpAddr::V4(host) => host.to_string(),
                    IpAddr::V6(host) => format!("[{host}]"),
                };
                return Ok(LocalServer { base_url: format!("http://{host}:{port}/api/v1"), token });
            }
            Listener::Foreign => failed = VaultError::ServerForeign { port },
            Listener::None => {}
        }
    }
    Err(failed)
}

/// What is read of the description of an instance.
#[derive(Deserialize)]
struct Instance {
    pid: u32,
    host: String,
    port: u16,
    /// Milliseconds since 1970.
    #[serde(default)]
    started_at: f64,
}

/// Where a server may listen: the running instances, the one that runs longest first, as Kimi Code's own programs
/// choose. Where no instance has described itself, the default port; and whether one has.
fn addresses(folder: &Path) -> (Vec<(IpAddr, u16)>, bool) {
    let mut described: Vec<Instance> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .take(MAX_INSTANCES)
        .filter_map(|path| serde_json::from_slice(&read::bytes(&path, MAX_INSTANCE_BYTES).ok()?).ok())
        .collect();
    if described.is_empty() {
        return (vec![(Ipv4Addr::LOCALHOST.into(), DEFAULT_PORT)], false);
    }
    described.sort_by(|one, other| one.started_at.total_cmp(&other.started_at));
    let running = described
        .into_iter()
        .filter(|instance| process::is_running(instance.pid) && instance.port != 0)
        .filter_map(|instance| Some((loopback(&instance.host)?, instance.port)))
        .collect();
    (running, true)
}

/// The loopback address that reaches a host; `None` where none does.
fn loopback(host: &str) -> Option<IpAddr> {
    let host = host.trim().trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || host.eq_ignore_ascii_case("localhost") {
        return Some(Ipv4Addr::LOCALHOST.into());
    }
    match host.parse().ok()? {
        IpAddr::V4(host) if host.is_loopback() => Some(host.into()),
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) | IpAddr::V6(Ipv6Addr::UNSPECIFIED) => {
            Some(Ipv4Addr::LOCALHOST.into())
        }
        IpAddr::V6(Ipv6Addr::LOCALHOST) => Some(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}

/// The token in its file, without the white space around it.
fn token(path: &Path) -> Result<SecretString, VaultError> {
    let unusable = |detail| VaultError::ServerToken { path: path.to_owned(), detail };
    let file = read::open_private(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => VaultError::ServerNotRunning,
        _ if read::is_not_private(&error) => unusable(FileFault::OpenToOthers),
        _ if read::is_not_a_file(&error) => unusable(FileFault::NotAFile),
        _ => VaultError::io(FileTask::Read, path, &error),
    })?;
    // One buffer of the largest size, so that it never grows and leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_TOKEN_BYTES as usize + 1));
    file.take(MAX_TOKEN_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| VaultError::io(FileTask::Read, path, &error))?;
    if bytes.len() as u64 > MAX_TOKEN_BYTES {
        return Err(unusable(FileFault::TooLarge));
    }
    let text = str::from_utf8(&bytes).map_err(|_| unusable(FileFault::NotText))?.trim();
    if text.is_empty() {
        return Err(unusable(FileFault::Empty));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unusable(FileFault::SeveralWords));
    }
    Ok(SecretString::from(text.to_owned()))
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    use std::net::TcpListener;

    use secrecy::ExposeSecret as _;

    use super::*;

    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn token(&self, text: impl AsRef<[u8]>) -> PathBuf {
            let path = self.0.path().join("server.token");
            tidemark_files::private::replace(&path, |file| file.write_all(text.as_ref())).unwrap();
            path
        }

        fn instance(&self, name: &str, text: &str) {
            let folder = self.0.path().join("server/instances");
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(name), text).unwrap();
        }

        fn found(&self, listens: impl Fn(IpAddr, u16) -> Listener) -> Result<String, &'static str> {
            let found = in_folder(self.0.path(), listens);
            found.map(|server| server.base_url).map_err(|error| error.code())
        }
    }

    fn instance(pid: u32, host: &str, port: u16, started_at: u64) -> String {
        format!(
            r#"{{"server_id":"s","pid":{pid},"host":"{host}","port":{port},"started_at":{started_at},
                "heartbeat_at":{started_at},"host_version":"2.1.0"}}"#
        )
    }

    /// A process that has ended.
    fn ended() -> u32 {
        let mut ended =
            std::process::Command::new(if cfg!(windows) { "whoami" } else { "true" }).spawn().unwrap();
        ended.wait().unwrap();
        ended.id()
    }

    fn any(_: IpAddr, _: u16) -> Listener {
        Listener::Own
    }

    #[test]
    fn the_token_file_is_read_as_kimi_code_writes_it() {
        let home = Home::new();
        assert_eq!(home.found(any), Err("server-not-running"), "no file");
        for (text, expected) in [
            ("tok-1234", Ok("tok-1234")),
            ("tok-1234\n", Ok("tok-1234")),
            ("\u{20}tok-1234\r\n", Ok("tok-1234")),
            ("", Err("server-token")),
            (" \n", Err("server-token")),
            ("two words", Err("server-token")),
            ("tok\u{e9}n", Err("server-token")),
            ("a\u{1b}[31m", Err("server-token")),
        ] {
            home.token(text);
            let token = in_folder(home.0.path(), any).map(|server| server.token);
            let token = token.as_ref().map(SecretString::expose_secret).map_err(VaultError::code);
            assert_eq!(token, expected, "{text:?}");
        }
        home.token(b"\xff\xfe");
        assert_eq!(home.found(any), Err("server-token"), "not text");
        home.token(vec![b'x'; 5000]);
        assert_eq!(home.found(any), Err("server-token"), "too large");
    }

    #[cfg(unix)]
    #[test]
    fn a_token_that_others_can_read_and_what_is_no_file_are_refused_without_waiting() {
        use std::os::unix::fs::PermissionsExt as _;

        let home = Home::new();
        let path = home.token("tok-1234");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = in_folder(home.0.path(), any).unwrap_err();
        assert_eq!(error.code(), "server-token");
        assert!(error.to_string().contains("open to other users"), "{error}");
        assert!(!error.to_string().contains("tok-1234"), "{error}");

        fs::remove_file(&path).unwrap();
        std::process::Command::new("mkfifo").arg("-m").arg("600").arg(&path).status().unwrap();
        assert_eq!(home.found(any), Err("server-token"), "a pipe");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(home.found(any), Err("server-token"), "a folder");
    }

    #[test]
    fn the_port_is_that_of_the_instance_that_runs_longest() {
        let home = Home::new();
        home.token("tok-1234");
        let own = std::process::id();
        assert_eq!(home.found(any), Ok("http://127.0.0.1:58627/api/v1".to_owned()), "none described");
        home.instance("b.json", &instance(own, "127.0.0.1", 4002, 2_000));
        assert_eq!(home.found(any), Ok("http://127.0.0.1:4002/api/v1".to_owned()));
        home.instance("a.json", &instance(own, "0.0.0.0", 4003, 3_000));
        home.instance("c.json", &instance(own, "::1", 4001, 1_000));
        assert_eq!(home.found(any), Ok("http://[::1]:4001/api/v1".to_owned()));
        // One that crashed has left its description.
        home.instance("d.json", &instance(ended(), "127.0.0.1", 4000, 500));
        // What is none, or not for this machine, is passed over.
        home.instance("e.json", &instance(own, "192.168.1.7", 4000, 400));
        home.instance("f.json", &instance(own, "127.0.0.1", 0, 300));
        home.instance("g.json", "{\"pid\":");
        home.instance("h.json.tmp.1", &instance(own, "127.0.0.1", 4000, 100));
        home.instance("i.json", r#"{"pid":-1,"host":"127.0.0.1","port":99999}"#);
        assert_eq!(home.found(any), Ok("http://[::1]:4001/api/v1".to_owned()));
    }

    #[test]
    fn a_server_that_has_ended_is_not_running_whoever_has_its_port_now() {
        let home = Home::new();
        home.token("tok-1234");
        home.instance("a.json", &instance(ended(), "127.0.0.1", 4000, 1));
        assert_eq!(home.found(any), Err("server-not-running"));
    }

    #[test]
    fn the_token_goes_only_to_a_program_of_this_user() {
        let home = Home::new();
        home.token("tok-1234");
        let own = std::process::id();
        home.instance("a.json", &instance(own, "127.0.0.1", 4001, 1));
        home.instance("b.json", &instance(own, "127.0.0.1", 4002, 2));
        for (first, second, expected) in [
            (Listener::Own, Listener::Own, Ok("http://127.0.0.1:4001/api/v1".to_owned())),
            (Listener::None, Listener::Own, Ok("http://127.0.0.1:4002/api/v1".to_owned())),
            (Listener::Foreign, Listener::Unknown, Ok("http://127.0.0.1:4002/api/v1".to_owned())),
            (Listener::Foreign, Listener::None, Err("server-foreign")),
            (Listener::None, Listener::None, Err("server-not-running")),
        ] {
            let listens = |_, port| if port == 4001 { first } else { second };
            assert_eq!(home.found(listens), expected, "{first:?} {second:?}");
        }
        // Nothing says that a server runs, and the system does not say whose port it is.
        let undescribed = Home::new();
        undescribed.token("tok-1234");
        assert_eq!(undescribed.found(|_, _| Listener::Unknown), Err("server-not-running"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_port_is_seen_to_be_taken_and_left() {
        let home = Home::new();
        home.token("tok-1234");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        home.instance("a.json", &instance(std::process::id(), "127.0.0.1", port, 1));
        assert_eq!(home.found(listener::on), Ok(format!("http://127.0.0.1:{port}/api/v1")));
        drop(listener);
        assert_eq!(home.found(listener::on), Err("server-not-running"));
    }

    #[test]
    fn the_variable_moves_the_folder() {
        let (home, elsewhere) = (Home::new(), Home::new());
        fs::create_dir(home.0.path().join(".kimi-code")).unwrap();
        elsewhere.token("");
        let code = |variable: Option<&Path>| {
            let found = find(home.0.path(), |name| {
                variable.filter(|_| name == "KIMI_CODE_HOME").map(|path| path.as_os_str().to_owned())
            });
            found.err().map(|error| error.code())
        };
        assert_eq!(code(None), Some("server-not-running"));
        assert_eq!(code(Some(Path::new(""))), Some("server-not-running"));
        assert_eq!(code(Some(elsewhere.0.path())), Some("server-token"));
    }
}
