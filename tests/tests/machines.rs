//! Several machines, each a home and a data folder of its own: over a real SSH server on loopback, and through a shared
//! folder.

#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test ends where what it stands on is not so")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tidemark_journeys::{COMES_UP, Ends, FOLLOWS, Machine, built, wait_for};

/// An SSH server on loopback, as an ordinary user runs one, that lets one key in.
struct Server {
    folder: TempDir,
    port: u16,
    _running: Ends,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        for key in ["host_key", "user_key"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(file(key))
                .status()
                .expect("ssh-keygen (package openssh-client)");
            assert!(made.success());
        }
        fs::copy(file("user_key.pub"), file("authorized_keys")).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {host}\nAuthorizedKeysFile {keys}\nPidFile none\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n",
            host = file("host_key").display(),
            keys = file("authorized_keys").display(),
        );
        fs::write(file("sshd_config"), config).unwrap();
        // What sshd wants to have where root runs it, as in a container.
        let _ = fs::create_dir_all("/run/sshd");
        let running = Command::new("/usr/sbin/sshd")
            .args(["-D", "-e", "-f"])
            .arg(file("sshd_config"))
            .stdin(Stdio::null())
            .stderr(fs::File::create(file("log")).unwrap())
            .spawn()
            .expect("sshd (package openssh-server)");
        let server = Self { port, _running: Ends(running), folder };
        let connect = || std::net::TcpStream::connect(("127.0.0.1", server.port));
        wait_for("the SSH server", COMES_UP, connect, Result::is_ok).ok();
        server
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Gives a machine an `ssh` that finds this server as `far`, and a program there that is `tidemark` of another
    /// machine: its path.
    fn joins(&self, near: &Machine, far: &Machine) -> String {
        let known = fs::read_to_string(self.file("host_key.pub")).unwrap();
        fs::write(near.path().join("known_hosts"), format!("[127.0.0.1]:{} {known}", self.port)).unwrap();
        let config = format!(
            "Host far\n  HostName 127.0.0.1\n  Port {}\n  IdentityFile {}\n  IdentitiesOnly yes\n  \
             UserKnownHostsFile {}\n",
            self.port,
            self.file("user_key").display(),
            near.path().join("known_hosts").display(),
        );
        fs::write(near.path().join("ssh_config"), config).unwrap();
        script(
            &near.tools().join("ssh"),
            &format!("exec /usr/bin/ssh -F '{}/ssh_config' \"$@\"", near.path().display()),
        );
        let program = far.path().join("far tidemark");
        let (home, data) = (far.path().display().to_string(), far.data_dir().display().to_string());
        let env = format!("HOME='{home}' TIDEMARK_DATA_DIR='{data}' TZ=UTC");
        script(&program, &format!("exec env {env} '{}' \"$@\"", built("tidemark").display()));
        program.to_str().unwrap().to_owned()
    }
}

fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn another_machine_is_asked_over_ssh_and_each_request_counts_once() {
    let (server, near, far) = (Server::start(), Machine::new(), Machine::new());
    far.logs("session_far", 0..3000);
    near.logs("session_near", 5000..5020);
    // A home that was copied: the same log on both.
    near.logs("session_copy", 2990..3000);
    let program = server.joins(&near, &far);

    let added = near.json(&["machine", "add", "far", "--ssh", "far", "--command", &program]);
    assert_eq!(added["added"], "far");
    assert_eq!(added["exchanges"][0]["problem"], Value::Null, "{added}");
    assert_eq!(added["exchanges"][0]["received"], 2990);
    assert_eq!((near.requests("all"), near.requests("this"), near.requests("far")), (3020, 30, 2990));

    // What is new comes with the next exchange, and nothing else.
    far.logs("session_far", 3000..3010);
    let synced = near.json(&["machine", "sync", "far"]);
    assert_eq!(synced["exchanges"][0]["received"], 10);
    let listed = near.json(&["machine", "list"]);
    assert_eq!(listed["machines"][0]["name"], "far");
    assert!(listed["machines"][0]["coverage"].as_array().is_some_and(|spans| !spans.is_empty()), "{listed}");
    assert_eq!(listed["exchanges"][0]["failures"], 0);

    // Removed with its usage: what is in the logs here stays.
    near.json(&["machine", "remove", "far", "--drop-use"]);
    assert_eq!(near.requests("all"), 30);
    assert!(!near.run(&["logs", "--machine", "far"]).success);
}

#[test]
fn what_keeps_ssh_from_working_is_said() {
    let (server, near, far) = (Server::start(), Machine::new(), Machine::new());
    far.logs("session_far", 0..5);
    let program = server.joins(&near, &far);
    let problem = |name: &str, arguments: &[&str]| {
        let all = [&["machine", "add", name, "--ssh"], arguments].concat();
        near.json(&all)["exchanges"][0]["problem"]["code"].clone()
    };
    assert_eq!(problem("missing", &["far", "--command", "/nowhere/tidemark"]), "no-tidemark");
    assert_eq!(problem("closed", &["ssh://127.0.0.1:1"]), "unreachable");
    fs::write(near.path().join("known_hosts"), "").unwrap();
    assert_eq!(problem("stranger", &["far", "--command", &program]), "host-key");
    let says = |what: &str| {
        let said = near.run(&["machine", "list", "--lang", "zh"]);
        assert!(said.out.contains(what), "{said:?}");
    };
    says("主机密钥");
    server.joins(&near, &far);
    fs::write(server.file("authorized_keys"), "").unwrap();
    let locked = near.json(&["machine", "sync", "stranger"]);
    assert_eq!(locked["exchanges"][0]["problem"]["code"], "permission-denied", "{locked}");
    let refused = near.run(&["machine", "add", "option", "--ssh=-oProxyCommand=touch x"]);
    assert!(!refused.success, "{refused:?}");
    says("拒绝登录");
}

#[test]
fn an_exchange_that_is_killed_goes_on_and_counts_nothing_twice() {
    let (server, near, far) = (Server::start(), Machine::new(), Machine::new());
    far.logs("session_far", 0..20_000);
    let program = server.joins(&near, &far);
    // The far logs are read before, so that the exchange itself is what is cut off.
    for (machine, arguments) in [(&far, ["machine", "export"]), (&near, ["machine", "list"])] {
        let ended = machine.run(&arguments);
        assert!(ended.success, "{}", ended.err);
    }
    let add = ["machine", "add", "far", "--ssh", "far", "--command", &program];
    for pause in [300, 600, 900, 1200, 1500] {
        let arguments: &[&str] = if pause == 300 { &add } else { &["machine", "sync", "far"] };
        let mut running =
            Ends(near.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        std::thread::sleep(Duration::from_millis(pause));
        running.0.kill().unwrap();
        running.0.wait().unwrap();
    }
    let listed = near.json(&["machine", "list"]);
    if listed["exchanges"].as_array().is_some_and(Vec::is_empty) {
        near.json(&add);
    }
    let synced = near.json(&["machine", "sync", "far"]);
    assert_eq!(synced["exchanges"][0]["problem"], Value::Null, "{synced}");
    assert_eq!(near.requests("all"), 20_000);
}

#[test]
fn machines_that_share_a_folder_count_each_request_once() {
    let shared = tempfile::tempdir().unwrap();
    let folder = shared.path().to_str().unwrap();
    let machines = [Machine::new(), Machine::new()];
    machines[0].logs("session_a", 0..50);
    machines[1].logs("session_b", 40..90);
    for machine in &machines {
        let name = machine.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.').to_owned();
        machine.json(&["machine", "this", "--name", &name]);
        let add = ["machine", "add", "ours", "--folder", folder, "--passphrase-env", "FOLDER_PASSPHRASE"];
        let added = machine.json(&add);
        assert_eq!(added["exchanges"][0]["problem"], Value::Null, "{added}");
    }
    machines[0].json(&["machine", "sync"]);
    for machine in &machines {
        assert_eq!((machine.requests("all"), machine.requests("this")), (90, 50));
    }
    // An agent does it by itself.
    let agent = Ends(machines[1].command(&["agent", "--no-tray"]).stdout(Stdio::null()).spawn().unwrap());
    let is_up = || machines[1].run(&["machine", "list"]);
    wait_for("the agent", COMES_UP, is_up, |ended| ended.success);
    machines[1].logs("session_b", 90..95);
    machines[1].json(&["machine", "sync"]);
    machines[0].json(&["machine", "sync"]);
    let requests = || machines[0].requests("all");
    assert_eq!(wait_for("the new requests", FOLLOWS, requests, |count| *count == 95), 95);
    drop(agent);
}
