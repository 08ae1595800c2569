//! The real window, driven through WebKitWebDriver.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};

use crate::{COMES_UP, Desktop, FOLLOWS, Program, wait_for};

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long `find` waits for an element to appear.
const APPEARS: Duration = Duration::from_secs(30);

/// A call to the driver gets no longer than this.
const ANSWERS: Duration = Duration::from_mins(2);

/// A window of the program under test. Dropping it ends the driver and with it the program.
#[derive(Debug)]
pub struct Window {
    http: ureq::Agent,
    base: String,
    session: String,
    binary: PathBuf,
    _driver: Program,
}

/// Which program is driven, and how it is started.
#[derive(Debug, Clone, Default)]
pub struct Launch {
    /// The program; `tidemark-desktop` beside the tests without it.
    pub binary: Option<PathBuf>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Environment on top of the session's.
    pub env: Vec<(String, String)>,
}

impl Launch {
    /// The dashboard with these arguments.
    pub fn with_args<S: AsRef<str>>(args: &[S]) -> Launch {
        Launch { args: args.iter().map(|arg| arg.as_ref().to_owned()).collect(), ..Launch::default() }
    }
}

impl Desktop {
    /// Starts the dashboard under the driver and waits until its page is there.
    ///
    /// # Panics
    /// Where driver or program do not start.
    pub fn open_window(&self, launch: &Launch) -> Window {
        let binary = launch.binary.clone().unwrap_or_else(|| crate::built("tidemark-desktop"));
        let port = free_port();
        let mut command: Command = self.command("WebKitWebDriver");
        command.arg(format!("--port={port}")).arg("--host=127.0.0.1");
        // The program lets a driver in only where it finds this; the driver hands its environment on.
        command.env("TAURI_WEBVIEW_AUTOMATION", "true").envs(launch.env.iter().cloned());
        let driver = self.spawn("webdriver", &mut command);
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWERS))
            .http_status_as_error(false)
            .proxy(None)
            .build();
        let mut window = Window {
            http: config.into(),
            base: format!("http://127.0.0.1:{port}"),
            session: String::new(),
            binary: binary.clone(),
            _driver: driver,
        };
        wait_for("WebKitWebDriver", COMES_UP, || window.call("GET", "/status", None), Result::is_ok).ok();
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "webkitgtk:browserOptions": { "binary": binary, "args": launch.args }
        } } });
        let session = window
            .call("POST", "/session", Some(wanted))
            .unwrap_or_else(|e| panic!("{} did not open its window: {e}", binary.display()));
        let id = session["sessionId"].as_str().expect("a session's id");
        window.session = format!("/session/{id}");
        let limits = json!({ "implicit": APPEARS.as_millis(), "script": 30_000 });
        window.post("/timeouts", limits).expect("the driver takes time limits");
        window
    }

    /// Closes the window as its user does, by the window manager, and waits until it has gone. The driver
    /// could only take the page out of the window, of which the program learns nothing.
    ///
    /// # Panics
    /// Where it is not the program's only window, or stays.
    pub fn close_window(&self, window: Window) {
        // The page may be there before the window manager knows of the window.
        let one = format!("one window of {}", window.binary.display());
        let windows = wait_for(&one, COMES_UP, || self.windows_of(&window.binary), |all| all.len() == 1);
        self.run("wmctrl", &["-i", "-c", &windows[0]]);
        wait_for("the window's end", FOLLOWS, || self.windows_of(&window.binary), Vec::is_empty);
        drop(window);
    }

    /// The ids of a program's windows, as the window manager knows them.
    ///
    /// # Panics
    /// Where `wmctrl` cannot be started.
    pub fn windows_of(&self, binary: &Path) -> Vec<String> {
        let path = binary.display().to_string();
        let is_of_it = |line: &str| line.split_whitespace().next() == Some(&path);
        let all = self.processes().into_iter();
        let pids: Vec<String> =
            all.filter(|(_, line)| is_of_it(line)).map(|(pid, _)| pid.to_string()).collect();
        // It fails where there is no window at all.
        let list = self.command("wmctrl").args(["-l", "-p"]).output().expect("wmctrl starts");
        let list = String::from_utf8_lossy(&list.stdout);
        // Its columns: the id, the workspace, the process, the machine, the title.
        let column = |line: &str, place| line.split_whitespace().nth(place).unwrap_or_default().to_owned();
        list.lines().filter(|line| pids.contains(&column(line, 2))).map(|line| column(line, 0)).collect()
    }
}

impl Window {
    /// Clicks the element that `css` names; waits for it.
    ///
    /// # Panics
    /// Where it does not appear, or cannot be clicked.
    pub fn click(&self, css: &str) {
        let element = self.find(css);
        self.post(&format!("/element/{element}/click"), json!({}))
            .unwrap_or_else(|e| panic!("clicking {css}: {e}"));
    }

    /// Types into the element that `css` names.
    ///
    /// # Panics
    /// Where it does not appear, or takes no keys.
    pub fn type_into(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.post(&format!("/element/{element}/value"), json!({ "text": text }))
            .unwrap_or_else(|e| panic!("typing into {css}: {e}"));
    }

    /// Empties the field that `css` names.
    ///
    /// # Panics
    /// Where it does not appear, or is no field.
    pub fn clear(&self, css: &str) {
        let element = self.find(css);
        self.post(&format!("/element/{element}/clear"), json!({}))
            .unwrap_or_else(|e| panic!("emptying {css}: {e}"));
    }

    /// Presses keys on whatever has the focus, one after the other: letters, or WebDriver's code points such
    /// as `\u{E004}` (tab), `\u{E007}` (enter), `\u{E00C}` (escape). Shift (`\u{E008}`), control (`\u{E009}`)
    /// and alt (`\u{E00A}`) are held from there to the end.
    ///
    /// # Panics
    /// Where the driver refuses.
    pub fn press(&self, keys: &str) {
        let mut steps = Vec::new();
        let mut held = Vec::new();
        for key in keys.chars() {
            steps.push(json!({ "type": "keyDown", "value": key.to_string() }));
            if matches!(key, '\u{E008}' | '\u{E009}' | '\u{E00A}') {
                held.push(key);
            } else {
                steps.push(json!({ "type": "keyUp", "value": key.to_string() }));
            }
        }
        steps.extend(held.into_iter().rev().map(|key| json!({ "type": "keyUp", "value": key.to_string() })));
        self.post("/actions", json!({ "actions": [{ "type": "key", "id": "keys", "actions": steps }] }))
            .unwrap_or_else(|e| panic!("pressing {keys:?}: {e}"));
    }

    /// The visible text of the element that `css` names; waits for the element.
    ///
    /// # Panics
    /// Where it does not appear.
    pub fn text(&self, css: &str) -> String {
        let element = self.find(css);
        let value = self.get(&format!("/element/{element}/text")).unwrap_or_else(|e| panic!("{css}: {e}"));
        value.as_str().unwrap_or_default().to_owned()
    }

    /// The visible texts of all elements that `css` names at this moment.
    ///
    /// # Panics
    /// Where the page cannot be asked.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let list = self.evaluate(&format!(
            "Array.from(document.querySelectorAll({}), (e) => e.innerText)",
            Value::from(css)
        ));
        list.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }

    /// Whether `css` names something at this moment.
    pub fn has(&self, css: &str) -> bool {
        self.evaluate(&format!("document.querySelector({}) !== null", Value::from(css))) == true
    }

    /// Everything the page shows, as text.
    pub fn body(&self) -> String {
        self.evaluate("document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a card shows a reading and no badge: every state but live has one.
    ///
    /// # Panics
    /// When none does in time, with what the page showed.
    pub fn wait_for_a_live_card(&self, deadline: Duration) {
        let cards = || (self.texts("article.card"), self.texts("article.card .what .chip"), self.body());
        wait_for("a live card in the window", deadline, cards, |(cards, badges, _)| {
            badges.is_empty() && cards.iter().any(|card| card.contains("Updated"))
        });
    }

    /// Waits until the page shows `text`.
    ///
    /// # Panics
    /// When it does not in time, with what it showed.
    pub fn wait_for_text(&self, text: &str, deadline: Duration) {
        wait_for(&format!("{text:?} in the window"), deadline, || self.body(), |body| body.contains(text));
    }

    /// The value of a JavaScript expression.
    ///
    /// # Panics
    /// Where it throws.
    pub fn evaluate(&self, expression: &str) -> Value {
        self.post("/execute/sync", json!({ "script": format!("return ({expression})"), "args": [] }))
            .unwrap_or_else(|e| panic!("{expression}: {e}"))
    }

    /// The result of a JavaScript promise.
    ///
    /// # Panics
    /// Where it is rejected.
    pub fn evaluate_async(&self, promise: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             Promise.resolve({promise}).then((v) => done({{ ok: v ?? null }}), (e) => done({{ error: String(e) }}))"
        );
        let answer = self
            .post("/execute/async", json!({ "script": script, "args": [] }))
            .unwrap_or_else(|e| panic!("{promise}: {e}"));
        assert!(answer.get("error").is_none(), "{promise}: {}", answer["error"]);
        answer["ok"].clone()
    }

    /// Writes a picture of the page as a PNG. The driver may hand out the frame before the last change, so
    /// two painted ones are waited for.
    ///
    /// # Panics
    /// Where the driver gives no picture.
    pub fn screenshot(&self, path: &Path) {
        self.evaluate_async(
            "new Promise((d) => requestAnimationFrame(() => requestAnimationFrame(() => d())))",
        );
        let value = self.get("/screenshot").unwrap_or_else(|e| panic!("screenshot: {e}"));
        let picture = base64::engine::general_purpose::STANDARD
            .decode(value.as_str().unwrap_or_default())
            .expect("a picture in base64");
        std::fs::write(path, picture).unwrap_or_else(|e| panic!("cannot write {}: {e}", path.display()));
    }

    /// What axe-core finds wrong with the page for people who cannot see or cannot use a mouse: a line a
    /// violation, with its elements.
    ///
    /// # Panics
    /// Where axe-core is not installed (`npm ci` in `ui/`), or does not run.
    pub fn axe(&self) -> Vec<String> {
        let path = crate::project().join("ui/node_modules/axe-core/axe.min.js");
        let source = std::fs::read_to_string(&path)
            .unwrap_or_else(|e| panic!("cannot read {}: {e}; run npm ci in ui/", path.display()));
        self.post("/execute/sync", json!({ "script": source, "args": [] }))
            .unwrap_or_else(|e| panic!("loading axe-core: {e}"));
        let found = self.evaluate_async("window.axe.run().then((result) => result.violations)");
        let lines = found.as_array().into_iter().flatten().map(|violation| {
            let nodes: Vec<&str> = violation["nodes"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|node| node["html"].as_str())
                .collect();
            format!("{}: {}: {}", violation["id"], violation["help"], nodes.join(" | "))
        });
        lines.collect()
    }

    /// Sets the window's size in pixels.
    ///
    /// # Panics
    /// Where the driver refuses.
    pub fn resize(&self, width: u32, height: u32) {
        self.post("/window/rect", json!({ "width": width, "height": height }))
            .unwrap_or_else(|e| panic!("resizing: {e}"));
    }

    fn find(&self, css: &str) -> String {
        let found = self
            .post("/element", json!({ "using": "css selector", "value": css }))
            .unwrap_or_else(|e| panic!("no {css} in the window: {e}\n{}", self.body()));
        found[ELEMENT].as_str().expect("an element's id").to_owned()
    }

    fn get(&self, path: &str) -> Result<Value, String> {
        self.call("GET", &format!("{}{path}", self.session), None)
    }

    fn post(&self, path: &str, body: Value) -> Result<Value, String> {
        self.call("POST", &format!("{}{path}", self.session), Some(body))
    }

    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        let url = format!("{}{path}", self.base);
        let answer = match (method, body) {
            ("POST", body) => self.http.post(&url).send_json(body.unwrap_or_else(|| json!({}))),
            ("DELETE", _) => self.http.delete(&url).call(),
            _ => self.http.get(&url).call(),
        };
        let mut answer = answer.map_err(|e| e.to_string())?;
        let status = answer.status();
        // A picture of a large screen is some MiB.
        let body: Value = answer
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_json()
            .map_err(|e| format!("{method} {path}: {e}"))?;
        let value = body["value"].clone();
        if status.is_success() {
            Ok(value)
        } else {
            Err(format!("{}: {}", value["error"].as_str().unwrap_or("error"), value["message"]))
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("a bound port").port()
}
