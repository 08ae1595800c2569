//! The agent in a sandbox like Flatpak's: bubblewrap and the bus proxy are those that Flatpak uses, and what the manifest
//! grants on the bus is all that the proxy lets through.

#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a test ends where what it stands on is not so")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use chrono::Utc;
use tidemark_journeys::{
    COMES_UP, Desktop, Keyring, Options, Program, Service, bin_dir, built, project, wait_for,
};
use tidemark_simulator::Scenario;

struct Sandbox<'a> {
    desktop: &'a Desktop,
    bus: PathBuf,
    info: PathBuf,
    env: Vec<(String, String)>,
    _proxy: Program,
}

impl<'a> Sandbox<'a> {
    fn start(desktop: &'a Desktop, env: Vec<(String, String)>) -> Sandbox<'a> {
        let folder = desktop.scratch("flatpak");
        let (bus, info) = (folder.join("bus"), folder.join("info"));
        std::fs::write(&info, "[Application]\nname=dev.tidemark.Tidemark\n")
            .expect("the sandbox's description");
        let mut proxy = desktop.command("xdg-dbus-proxy");
        proxy.arg(&desktop.env()["DBUS_SESSION_BUS_ADDRESS"]).arg(&bus).arg("--filter").args(granted());
        let proxy = desktop.spawn("bus-proxy", &mut proxy);
        wait_for("the bus proxy", COMES_UP, || bus.exists(), |is_there| *is_there);
        Sandbox { desktop, bus, info, env, _proxy: proxy }
    }

    fn tidemark(&self, args: &[&str]) -> Command {
        let mut command = self.desktop.command("bwrap");
        command.args(["--unshare-pid", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"]);
        command.args(["--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc", "--tmpfs", "/tmp"]);
        for folder in ["lib", "lib64", "bin"] {
            command.args(["--symlink", &format!("usr/{folder}"), &format!("/{folder}")]);
        }
        command.arg("--ro-bind").args([bin_dir(), bin_dir()]);
        command.arg("--bind").args([self.desktop.root(), self.desktop.root()]);
        command.arg("--ro-bind").arg(&self.info).arg("/.flatpak-info");
        command.args(["--setenv", "FLATPAK_ID", "dev.tidemark.Tidemark"]);
        command.args(["--setenv", "DBUS_SESSION_BUS_ADDRESS"]);
        command.arg(format!("unix:path={}", self.bus.display()));
        command.envs(self.env.iter().cloned()).arg(built("tidemark")).args(args);
        command
    }
}

/// What the manifest grants on the bus, as the proxy is given it.
fn granted() -> Vec<String> {
    let manifest = project().join("packaging/flatpak/flatpak.yml.in");
    let manifest = std::fs::read_to_string(manifest).expect("the manifest");
    let names = manifest.lines().filter_map(|line| line.trim().strip_prefix("- --talk-name="));
    let granted: Vec<String> = names.map(|name| format!("--talk={name}")).collect();
    assert!(!granted.is_empty(), "{manifest}");
    granted
}

#[test]
fn with_what_the_manifest_grants_the_tray_is_shown_and_a_key_goes_to_the_keyring() {
    let desktop = Desktop::start(&Options { keyring: Keyring::Unlocked, ..Options::default() });
    let now = Utc::now();
    let service = Service::start(Scenario::one_code(now), now, 1.0);
    let sandbox = Sandbox::start(&desktop, service.env());

    let agent = desktop.spawn("agent", &mut sandbox.tidemark(&["agent"]));
    let tray = || match desktop.ask_agent(&desktop.data_dir(), "GET", "/v1/overview") {
        Ok(answer) => answer.body["agent"]["tray"].to_string(),
        Err(error) => format!("{error}\n{}", agent.log()),
    };
    wait_for("the tray to be shown", COMES_UP, tray, |state| state == "\"shown\"");

    let mut add = sandbox.tidemark(&[
        "account",
        "add",
        "work",
        "--source",
        "kimi-code",
        "--region",
        "china",
        "--key-stdin",
    ]);
    let mut add =
        add.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("bwrap");
    let mut stdin = add.stdin.take().expect("its standard input");
    writeln!(stdin, "{}", service.key("work")).expect("the key");
    drop(stdin);
    let out = add.wait_with_output().expect("its end");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(desktop.secret_tool_search("Tidemark").len(), 1, "the key is in the keyring");
}
