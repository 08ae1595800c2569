//! A private, throw-away desktop session, with nothing of the caller's in it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tempfile::TempDir;
use zbus::blocking::Connection;

use crate::wait::poll;
use crate::{COMES_UP, Program, wait_for};

/// The password of the session's login keyring.
const KEYRING_PASSWORD: &str = "tide-and-time";

/// How long the session's processes get to end by themselves.
const TERMINATES: Duration = Duration::from_secs(2);

/// Marks every process of a session, so that also those are found that made themselves independent.
const MARK: &str = "TIDEMARK_JOURNEY";

/// What the session has at its start.
#[derive(Debug, Clone)]
pub struct Options {
    /// The keyring.
    pub keyring: Keyring,
    /// A notification daemon.
    pub notifications: bool,
    /// A tray: the watcher and a bar that shows what is registered.
    pub tray: bool,
    /// The screen's size in pixels.
    pub size: (u32, u32),
    /// Environment on top of the session's, such as `LC_ALL` or `TZ`.
    pub env: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            keyring: Keyring::Unlocked,
            notifications: true,
            tray: true,
            size: (1280, 900),
            env: Vec::new(),
        }
    }
}

/// How the session's keyring is at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyring {
    /// Running, and unlocked as after a login.
    Unlocked,
    /// Running, with its login collection locked; there is no one to answer a prompt.
    Locked,
    /// Not running, and not started by the bus either.
    None,
}

/// A desktop session: X server, window manager, session bus, and what [`Options`] says. Dropping it ends
/// every process in it. Its logs are kept in `target/journeys/<test>/` when the test fails.
#[derive(Debug)]
pub struct Desktop {
    // Fields are dropped in order: programs that use the bus before the bus, the folder last.
    pub(crate) bus: Option<Connection>,
    pub(crate) keyring: Option<Program>,
    pub(crate) dunst: Option<Program>,
    pub(crate) tray: Vec<Program>,
    base: Vec<Program>,
    env: BTreeMap<String, String>,
    logs: PathBuf,
    dir: TempDir,
}

impl Desktop {
    /// Starts a session.
    ///
    /// # Panics
    /// Where a part of it does not come up; the message carries the end of that part's log.
    pub fn start(options: &Options) -> Desktop {
        let dir = tempfile::Builder::new().prefix("tidemark-journey.").tempdir().expect("a temporary folder");
        let root = dir.path().to_path_buf();
        for name in ["home", "run", "data", "config", "cache", "state", "tmp"] {
            make_private(&root.join(name));
        }
        let logs = logs_folder();
        let mut desktop = Desktop {
            bus: None,
            keyring: None,
            dunst: None,
            tray: Vec::new(),
            base: Vec::new(),
            env: environment(&root, options),
            logs,
            dir,
        };
        desktop.start_x(options.size);
        desktop.start_bus();
        desktop.start_window_manager();
        if options.keyring != Keyring::None {
            desktop.keyring_start();
        }
        if options.keyring == Keyring::Locked {
            desktop.keyring_lock();
        }
        if options.notifications {
            desktop.start_notifications();
        }
        if options.tray {
            desktop.start_tray();
        }
        desktop
    }

    /// The environment of the session.
    pub fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// A command that runs in the session: its environment, and nothing else of the caller's but `PATH`.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.env).current_dir(self.home());
        command
    }

    /// Runs a command of the session to its end and returns what it wrote to standard output.
    ///
    /// # Panics
    /// Where it cannot be started or fails; the message has what it said.
    pub fn run<S: AsRef<std::ffi::OsStr>>(&self, program: &str, args: &[S]) -> String {
        let out = self
            .command(program)
            .args(args)
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|e| panic!("cannot start {program}: {e}"));
        assert!(
            out.status.success(),
            "{program} {}: {}",
            out.status,
            String::from_utf8_lossy(&out.stderr).trim_end()
        );
        String::from_utf8_lossy(&out.stdout).into_owned()
    }

    /// Starts a program in the session, with its output in the session's logs.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn spawn(&self, name: &str, command: &mut Command) -> Program {
        Program::start(name, command, &self.logs)
    }

    /// The session's home folder.
    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    /// A folder of the session's own, for whatever a test needs. It is removed at the end.
    pub fn scratch(&self, name: &str) -> PathBuf {
        let path = self.dir.path().join("tmp").join(name);
        std::fs::create_dir_all(&path).expect("a folder in the session's own folder");
        path
    }

    /// The session's `XDG_DATA_HOME`.
    pub fn data_home(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Everything the session wrote lies below: home, data, config, cache, state and run-time folders.
    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// Where the session's logs are.
    pub fn logs(&self) -> &Path {
        &self.logs
    }

    /// A connection to the session's bus.
    ///
    /// # Panics
    /// Where the bus has ended.
    pub fn bus(&self) -> &Connection {
        self.bus.as_ref().expect("the session bus runs as long as the session")
    }

    /// Whether `name` has an owner on the bus.
    pub fn on_bus(&self, name: &str) -> bool {
        self.bus()
            .call_method(
                Some("org.freedesktop.DBus"),
                "/org/freedesktop/DBus",
                Some("org.freedesktop.DBus"),
                "NameHasOwner",
                &name,
            )
            .and_then(|reply| reply.body().deserialize::<bool>())
            .unwrap_or(false)
    }

    /// Writes a picture of the whole screen, with tray and notifications, as a PNG.
    ///
    /// # Panics
    /// Where ImageMagick's `import` fails.
    pub fn screenshot(&self, path: &Path) {
        self.run("import", &["-window".as_ref(), "root".as_ref(), path.as_os_str()]);
    }

    /// Every process of the session that is not the session itself: id and command line. Those that
    /// detached themselves are among them.
    pub fn processes(&self) -> Vec<(u32, String)> {
        let mut own: Vec<u32> = self.base.iter().map(Program::id).collect();
        own.extend(self.keyring.iter().chain(&self.dunst).chain(&self.tray).map(Program::id));
        marked(self.dir.path()).into_iter().filter(|(id, _)| !own.contains(id)).collect()
    }

    pub(crate) fn until_on_bus(&self, name: &str, program: &Program) {
        let state = || (self.on_bus(name), program.log());
        wait_for(&format!("{name} on the session bus"), COMES_UP, state, |(is_there, _)| *is_there);
    }

    pub(crate) fn until_off_bus(&self, name: &str) {
        wait_for(&format!("{name} to leave the session bus"), COMES_UP, || self.on_bus(name), |on| !on);
    }

    fn start_x(&mut self, (width, height): (u32, u32)) {
        let screen = format!("{width}x{height}x24");
        // With a file descriptor to write to, the server picks a free display number itself.
        let mut command = self.command("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]);
        let mut server =
            Program::start_with("xvfb", &mut command, &self.logs, Stdio::null(), Some(Stdio::piped()));
        let mut number = String::new();
        let pipe = server.child().stdout.take().expect("standard output is a pipe");
        BufReader::new(pipe).read_line(&mut number).expect("the X server's display number");
        assert!(!number.trim().is_empty(), "the X server did not start: {}", server.log());
        self.env.insert("DISPLAY".to_owned(), format!(":{}", number.trim()));
        self.base.push(server);
    }

    fn start_bus(&mut self) {
        // Without any service folder: what is not started here is really absent.
        let socket = self.dir.path().join("run/bus");
        let address = format!("unix:path={}", socket.display());
        let config = self.dir.path().join("bus.conf");
        std::fs::write(
            &config,
            format!(
                r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#
            ),
        )
        .expect("the bus configuration");
        let mut command = self.command("dbus-daemon");
        command.arg(format!("--config-file={}", config.display())).args(["--nofork", "--nopidfile"]);
        let daemon = self.spawn("dbus", &mut command);
        self.env.insert("DBUS_SESSION_BUS_ADDRESS".to_owned(), address.clone());
        let connect = || {
            zbus::blocking::connection::Builder::address(address.as_str())?
                .method_timeout(Duration::from_secs(20))
                .build()
        };
        self.bus = wait_for("the session bus", COMES_UP, connect, Result::is_ok).ok();
        self.base.push(daemon);
    }

    fn start_window_manager(&mut self) {
        let manager = self.spawn("openbox", self.command("openbox").arg("--sm-disable"));
        // Openbox sets the list of windows last, once it manages them.
        let properties = || {
            let mut xprop = self.command("xprop");
            xprop.args(["-root", "_NET_SUPPORTING_WM_CHECK", "_NET_CLIENT_LIST"]);
            let out = xprop.output().expect("xprop, from x11-utils");
            String::from_utf8_lossy(&out.stdout).into_owned()
        };
        let is_up = |text: &String| text.matches("window id").count() == 2;
        wait_for("the window manager", COMES_UP, properties, is_up);
        self.base.push(manager);
    }

    /// Starts the keyring, or starts it again after [`Desktop::keyring_kill`]: its login collection, which
    /// is also the default one, is unlocked, as a login does it. What was stored before is still there.
    ///
    /// # Panics
    /// Where it runs already, or does not come up.
    pub fn keyring_start(&mut self) {
        assert!(self.keyring.is_none(), "the keyring runs already");
        let control = self.dir.path().join("run/keyring");
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--unlock", "--foreground", "--components=secrets"]);
        command.arg(format!("--control-directory={}", control.display()));
        let mut daemon = Program::start_with("keyring", &mut command, &self.logs, Stdio::piped(), None);
        // It reads the password to the end of its standard input.
        let mut pipe = daemon.child().stdin.take().expect("standard input is a pipe");
        pipe.write_all(KEYRING_PASSWORD.as_bytes()).expect("the keyring reads its password");
        drop(pipe);
        self.until_on_bus("org.freedesktop.secrets", &daemon);
        let file = self.data_home().join("keyrings/login.keyring");
        let length = || file.metadata().map_or(0, |meta| meta.len());
        wait_for("the file of the login keyring", COMES_UP, length, |length| *length > 0);
        self.keyring = Some(daemon);
    }

    /// The password of the session's login keyring.
    pub fn keyring_password(&self) -> &'static str {
        KEYRING_PASSWORD
    }

    /// Starts the notification daemon (dunst), with settings under which nothing expires or is merged.
    ///
    /// # Panics
    /// Where it runs already, or does not come up.
    pub fn start_notifications(&mut self) {
        assert!(self.dunst.is_none(), "the notification daemon runs already");
        let config = self.dir.path().join("dunstrc");
        std::fs::write(
            &config,
            "[global]\n    font = DejaVu Sans 10\n    history_length = 100\n    stack_duplicates = false\n    \
             sticky_history = true\n    notification_limit = 0\n    mouse_left_click = do_action\n\
             [urgency_low]\n    timeout = 0\n[urgency_normal]\n    timeout = 0\n[urgency_critical]\n    timeout = 0\n",
        )
        .expect("the notification daemon's settings");
        let daemon = self.spawn("dunst", self.command("dunst").arg("-conf").arg(config));
        self.until_on_bus("org.freedesktop.Notifications", &daemon);
        self.dunst = Some(daemon);
    }

    /// Ends the notification daemon.
    pub fn stop_notifications(&mut self) {
        self.dunst = None;
        self.until_off_bus("org.freedesktop.Notifications");
    }

    /// Starts the tray: the watcher, and a bar at the top of the screen that shows what is registered.
    ///
    /// # Panics
    /// Where it runs already, or does not come up.
    pub fn start_tray(&mut self) {
        assert!(self.tray.is_empty(), "the tray runs already");
        let watcher = self.spawn("tray-watcher", &mut self.command("status-notifier-watcher"));
        self.until_on_bus("org.kde.StatusNotifierWatcher", &watcher);
        let host =
            self.spawn("tray-host", self.command("gtk-sni-tray-standalone").args(["--top", "--size", "32"]));
        let state = || (self.tray_host_registered(), host.log());
        wait_for("a tray host at the watcher", COMES_UP, state, |(registered, _)| *registered);
        self.tray = vec![host, watcher];
    }

    /// Ends watcher and bar, as when a panel crashes.
    pub fn stop_tray(&mut self) {
        self.tray.clear();
        self.until_off_bus("org.kde.StatusNotifierWatcher");
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // Programs of the session that made themselves independent, such as an agent that a window started.
        let strangers = self.processes();
        for signal in [Signal::TERM, Signal::KILL] {
            for (id, _) in &strangers {
                if let Some(pid) = Pid::from_raw(id.cast_signed()) {
                    let _ = rustix::process::kill_process(pid, signal);
                }
            }
            if signal == Signal::TERM && !strangers.is_empty() {
                let _ = poll(TERMINATES, || self.processes(), Vec::is_empty); // else they are killed
            }
        }
        self.bus = None;
        self.tray.clear();
        self.dunst = None;
        self.keyring = None;
        while self.base.pop().is_some() {}
        if std::thread::panicking() {
            eprintln!("the session's logs are kept in {}", self.logs.display());
        } else {
            let _ = std::fs::remove_dir_all(&self.logs);
        }
    }
}

/// The environment of a session below `root`, before its display and bus are known.
fn environment(root: &Path, options: &Options) -> BTreeMap<String, String> {
    let below = |name: &str| root.join(name).display().to_string();
    let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
    let mut env: BTreeMap<String, String> = [
        ("PATH", path),
        ("HOME", below("home")), // some programs write to ~/.config whatever XDG_CONFIG_HOME says
        ("TMPDIR", below("tmp")),
        ("XDG_RUNTIME_DIR", below("run")),
        ("XDG_DATA_HOME", below("data")),
        ("XDG_CONFIG_HOME", below("config")),
        ("XDG_CACHE_HOME", below("cache")),
        ("XDG_STATE_HOME", below("state")),
        ("XDG_SESSION_TYPE", "x11".to_owned()),
        ("XDG_CURRENT_DESKTOP", "X-Generic".to_owned()),
        ("GDK_BACKEND", "x11".to_owned()),
        ("LC_ALL", "C.UTF-8".to_owned()),
        ("NO_AT_BRIDGE", "1".to_owned()),
        ("GSETTINGS_BACKEND", "memory".to_owned()),
        ("GIO_USE_VFS", "local".to_owned()),
        ("GTK_USE_PORTAL", "0".to_owned()),
        ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
        (MARK, root.display().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    env.extend(options.env.iter().cloned());
    env
}

fn make_private(path: &Path) {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).recursive(true).create(path).expect("a folder of the session");
}

/// `target/journeys/<test>/`, empty. The runner names the test; without it, its thread does.
fn logs_folder() -> PathBuf {
    let thread = std::thread::current();
    let name = std::env::var("NEXTEST_TEST_NAME")
        .ok()
        .or_else(|| thread.name().map(str::to_owned))
        .unwrap_or_else(|| "unnamed".to_owned())
        .replace("::", ".");
    let mut target = crate::bin_dir();
    target.pop();
    let name = if name == "main" { format!("main-{}", std::process::id()) } else { name };
    let folder = target.join("journeys").join(name);
    let _ = std::fs::remove_dir_all(&folder); // may not be there
    std::fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("cannot make {}: {e}", folder.display()));
    folder
}

/// All processes whose environment carries the mark of the session at `root`.
fn marked(root: &Path) -> Vec<(u32, String)> {
    let mark = format!("{MARK}={}\0", root.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // Those of other users cannot be read, and those that are just ending are empty.
        let Ok(environment) = std::fs::read(entry.path().join("environ")) else { continue };
        if environment.windows(mark.len()).any(|window| window == mark.as_bytes()) {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            found.push((id, String::from_utf8_lossy(&line).replace('\0', " ").trim_end().to_owned()));
        }
    }
    found
}
