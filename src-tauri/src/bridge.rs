//! The bridge between the page and the agent: which agent is meant, requests, events.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tauri::ipc::{self, Channel, InvokeBody};
use tauri::{AppHandle, Manager as _, State};
use tidemark_api::client::{Client, ClientError};
use tidemark_api::view::Event;
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::sidecar::{self, SampleAgent, StartError};
use crate::single_instance::{self, SecondStart};
use crate::{allowed_requests, download, external_links, window};

/// Pauses between tries to reach an agent that went away. The last one stays.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// What a request of the page's carries beside its body.
const METHOD_HEADER: &str = "tidemark-method";
const PATH_HEADER: &str = "tidemark-path";
const NAME_HEADER: &str = "tidemark-name";

/// How long an agent that said that it ends may take.
const END_TIMEOUT: Duration = Duration::from_secs(15);

/// After an agent has ended for another reason than that the user quit, the next one has so long to begin.
const SUCCESSOR_TIMEOUT: Duration = Duration::from_secs(2);

/// What the window's process knows: which agent is meant, and who listens.
pub(crate) struct Bridge {
    /// The data folder of the user's own agent.
    own: PathBuf,
    /// The agent that is shown, the user's own or one on sample data.
    shown: watch::Sender<Shown>,
    /// The agent on sample data, while it is shown. Held over its start and its end, so that they do not
    /// overlap.
    sample: tokio::sync::Mutex<Option<SampleAgent>>,
    /// Only one start of the agent at a time.
    starting: tokio::sync::Mutex<()>,
    /// Why the agent could not be started the last time.
    trouble: Mutex<Option<String>>,
    /// The page's line for events, and the task that feeds it.
    listener: Mutex<Option<Listener>>,
    /// An account to show as soon as the page listens.
    wanted: Mutex<Option<i64>>,
    /// What a second start does here, also one for the folder of sample data.
    started_again: SecondStart,
}

/// Which agent is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shown {
    /// It is being started; whoever asks for something waits.
    Starting,
    /// The one of this data folder.
    Agent(PathBuf),
    /// The one on sample data that was asked for could not be started.
    Nothing,
}

struct Listener {
    channel: Channel<Signal>,
    task: tauri::async_runtime::JoinHandle<()>,
}

/// What the page hears: the agent's events, and the state of the line to it.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Signal {
    /// An event of the agent's.
    Agent(Event),
    /// The line is up; whatever happened before was not heard.
    Connected {
        /// `connected`
        event: &'static str,
    },
    /// The line is down.
    Disconnected {
        /// `disconnected`
        event: &'static str,
        /// Why, in English.
        reason: String,
    },
}

impl Signal {
    fn connected() -> Self {
        Signal::Connected { event: "connected" }
    }

    fn disconnected(reason: String) -> Self {
        Signal::Disconnected { event: "disconnected", reason }
    }
}

/// What the page can ask about the agent itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AgentAction {
    /// Start it where it does not run.
    Start,
    /// Show sample data.
    Demo,
    /// Show the user's own data again.
    LeaveDemo,
}

/// An answer of the agent's, whatever its status.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    status: u16,
    body: Value,
}

impl Bridge {
    /// A bridge to the agent of `own`, with an account to show first.
    pub(crate) fn new(own: PathBuf, wanted: Option<i64>, started_again: SecondStart) -> Bridge {
        Bridge {
            shown: watch::Sender::new(Shown::Starting),
            own,
            sample: tokio::sync::Mutex::default(),
            starting: tokio::sync::Mutex::default(),
            trouble: Mutex::default(),
            listener: Mutex::default(),
            wanted: Mutex::new(wanted),
            started_again,
        }
    }

    /// Makes sure that the user's own agent runs. Where nothing is shown yet, that one is from now on: also
    /// where it could not be started, since another program may start it.
    pub(crate) async fn start_agent(&self) -> Result<(), StartError> {
        let _alone = self.starting.lock().await;
        let started = sidecar::ensure_running(&self.own).await;
        *lock(&self.trouble) = started.as_ref().err().map(ToString::to_string);
        self.shown.send_if_modified(|shown| {
            let none = !matches!(shown, Shown::Agent(_));
            if none {
                *shown = Shown::Agent(self.own.clone());
            }
            none
        });
        started
    }

    /// Shows sample data, from an agent of its own.
    pub(crate) async fn show_sample(&self, app: &AppHandle) -> Result<(), StartError> {
        let mut sample = self.sample.lock().await;
        if sample.is_some() {
            return Ok(());
        }
        let started = SampleAgent::start().await;
        *lock(&self.trouble) = started.as_ref().err().map(ToString::to_string);
        if started.is_err() {
            self.shown.send_if_modified(|shown| {
                let starting = *shown == Shown::Starting;
                if starting {
                    *shown = Shown::Nothing;
                }
                starting
            });
        }
        let agent = started?;
        single_instance::answer_for(app, agent.data_dir(), self.started_again);
        self.show(agent.data_dir());
        *sample = Some(agent);
        Ok(())
    }

    /// Shows the user's own data, and ends the agent on sample data.
    pub(crate) async fn leave_sample(&self) -> Result<(), StartError> {
        // Held to the end: sample data that is asked for meanwhile begins after these have ended.
        let mut sample = self.sample.lock().await;
        let agent = sample.take();
        let started = self.start_agent().await;
        self.show(&self.own);
        if let Some(agent) = agent {
            agent.stop().await;
        }
        started
    }

    /// Ends what must not outlive the window.
    pub(crate) async fn end(&self) {
        if let Some(agent) = self.sample.lock().await.take() {
            agent.stop().await;
        }
    }

    /// Asks the page to show an account; the request is kept until the page listens.
    pub(crate) fn show_account(&self, account: i64) {
        match &*lock(&self.listener) {
            Some(listener) => {
                // Fails only while the page is being left; no one is there to see it then.
                let _ = listener.channel.send(Signal::Agent(Event::Show { account_id: Some(account) }));
            }
            None => *lock(&self.wanted) = Some(account),
        }
    }

    fn show(&self, data_dir: &Path) {
        self.shown.send_replace(Shown::Agent(data_dir.to_path_buf()));
    }

    /// A line to the agent that is shown; while it is being started, this waits for it.
    async fn client(&self) -> Result<Client, Failure> {
        let mut shown = self.shown.subscribe();
        let settled = shown.wait_for(|shown| *shown != Shown::Starting).await;
        // The other end is in `self`, so waiting cannot end otherwise than with an agent or without one.
        match settled.as_deref() {
            Ok(Shown::Agent(data_dir)) => Ok(Client::for_data_dir(data_dir)),
            _ => Err(Failure {
                code: "agent-failed",
                message: lock(&self.trouble).clone().unwrap_or_default(),
            }),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A panic elsewhere leaves these values whole: they are only ever replaced.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands a request of the page's to the agent, and its answer back.
#[tauri::command]
pub(crate) async fn request(bridge: State<'_, Bridge>, request: ipc::Request<'_>) -> Result<Answer, Failure> {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (method, path) = (header(METHOD_HEADER).to_owned(), header(PATH_HEADER).to_owned());
    let body = body(request.body());
    if !allowed_requests::allowed(&method, &path, body.as_deref().map(Vec::as_slice)) {
        return Err(Failure { code: "bad-request", message: "this window does not send that".to_owned() });
    }
    let response = bridge.client().await?.request(&method, &path, body).await?;
    // What comes back holds no key; what is no JSON is nothing that the page could show.
    let body = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    Ok(Answer { status: response.status, body })
}

/// The JSON document that the page sends, as bytes: it may hold a key, and is not taken apart here.
fn body(sent: &InvokeBody) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = match sent {
        InvokeBody::Raw(bytes) => bytes.clone(),
        // Where the toolkit cannot send bytes, it sends them as a list of numbers.
        InvokeBody::Json(sent) => serde_json::from_value(sent.clone()).unwrap_or_default(),
    };
    (!bytes.is_empty()).then(|| Zeroizing::new(bytes))
}

/// Keeps a report or an export as a file, and says where it is.
#[tauri::command]
pub(crate) async fn save(
    app: AppHandle,
    bridge: State<'_, Bridge>,
    path: String,
    name: String,
) -> Result<String, Failure> {
    let client = bridge.client().await?;
    let place = download::keep(&client, &path, &name, &download::folder(&app)).await?;
    Ok(place.display().to_string())
}

/// Keeps what the page made itself, a picture or table of a chart, as a file, and says where it is.
#[tauri::command]
pub(crate) async fn save_contents(app: AppHandle, request: ipc::Request<'_>) -> Result<String, Failure> {
    let name = request.headers().get(NAME_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let contents = body(request.body()).unwrap_or_default();
    let place = download::keep_made(&contents, name, &download::folder(&app)).await?;
    Ok(place.display().to_string())
}

/// Feeds the page with events from now on. A page that was reloaded takes the line over.
#[tauri::command]
pub(crate) fn subscribe(app: AppHandle, bridge: State<'_, Bridge>, channel: Channel<Signal>) {
    let task = tauri::async_runtime::spawn(feed(app, bridge.shown.subscribe(), channel.clone()));
    let before = lock(&bridge.listener).replace(Listener { channel: channel.clone(), task });
    if let Some(before) = before {
        before.task.abort();
    }
    if let Some(account) = lock(&bridge.wanted).take() {
        let _ = channel.send(Signal::Agent(Event::Show { account_id: Some(account) }));
    }
}

/// Starts the agent, or switches to sample data and back.
#[tauri::command]
pub(crate) async fn agent(
    app: AppHandle,
    bridge: State<'_, Bridge>,
    action: AgentAction,
) -> Result<(), Failure> {
    match action {
        AgentAction::Start => bridge.start_agent().await?,
        AgentAction::Demo => bridge.show_sample(&app).await?,
        AgentAction::LeaveDemo => bridge.leave_sample().await?,
    }
    Ok(())
}

/// Opens one of the few known pages in the user's browser.
#[tauri::command]
pub(crate) fn open_external(url: String) -> Result<(), Failure> {
    Ok(external_links::open(&url)?)
}

/// Listens to the agent that is shown, for as long as the page does. Whenever the line breaks it says so
/// once, and tries again.
async fn feed(app: AppHandle, mut shown: watch::Receiver<Shown>, channel: Channel<Signal>) {
    let mut down = false;
    let mut tries = 0_usize;
    loop {
        let now = shown.borrow_and_update().clone();
        let outcome = match now {
            Shown::Agent(data_dir) => {
                let client = Client::for_data_dir(&data_dir);
                tokio::select! {
                    outcome = listen(&app, &client, &channel, &mut down, &mut tries) => outcome,
                    // Another agent is shown: listen to that one.
                    changed = shown.changed() => {
                        if changed.is_err() {
                            return; // the program ends
                        }
                        tries = 0;
                        continue;
                    }
                }
            }
            Shown::Nothing => Outcome::Lost(String::new()),
            Shown::Starting => {
                if shown.changed().await.is_err() {
                    return;
                }
                continue;
            }
        };
        match outcome {
            Outcome::PageGone => return,
            Outcome::Lost(reason) => {
                if !down {
                    down = true;
                    let reason = lock(&app.state::<Bridge>().trouble).clone().unwrap_or(reason);
                    if channel.send(Signal::disconnected(reason)).is_err() {
                        return;
                    }
                }
            }
        }
        let pause = PAUSES[tries.min(PAUSES.len() - 1)];
        tries += 1;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = shown.changed() => tries = 0,
        }
    }
}

/// Starts an agent in the place of one that said that it ends, though the user did not quit. Where another program
/// starts one, that one is shown.
async fn start_successor(app: AppHandle) {
    let bridge = app.state::<Bridge>();
    let client = Client::for_data_dir(&bridge.own);
    // Sample data that ended has no successor.
    if *bridge.shown.borrow() != Shown::Agent(bridge.own.clone()) {
        return;
    }
    let ended = async {
        while client.is_running().await {
            tokio::time::sleep(PAUSES[0]).await;
        }
    };
    // One that hangs at its end answers still, and is shown as it is.
    let _ = tokio::time::timeout(END_TIMEOUT, ended).await;
    tokio::time::sleep(SUCCESSOR_TIMEOUT).await;
    if let Err(error) = bridge.start_agent().await {
        tracing::warn!(%error, "no agent takes the place of the one that ended");
    }
}

/// Why listening ended.
enum Outcome {
    /// The page takes nothing any more.
    PageGone,
    /// The agent is not there, or went away.
    Lost(String),
}

async fn listen(
    app: &AppHandle,
    client: &Client,
    channel: &Channel<Signal>,
    down: &mut bool,
    tries: &mut usize,
) -> Outcome {
    let lost = |error: ClientError| Outcome::Lost(error.to_string());
    let events = match client.events().await {
        Ok(events) => events,
        Err(error) => return lost(error),
    };
    (*down, *tries) = (false, 0);
    if channel.send(Signal::connected()).is_err() {
        return Outcome::PageGone;
    }
    let mut events = std::pin::pin!(events);
    while let Some(event) = events.next().await {
        let event = match event {
            Ok(event) => event,
            Err(error) => return lost(error),
        };
        match event {
            Event::Show { .. } => window::raise(app),
            Event::Quit {} => {
                // Whoever quits from the tray means both.
                app.exit(0);
            }
            Event::Ended {} => {
                // A task of its own: the page may subscribe again meanwhile, which ends this one.
                tauri::async_runtime::spawn(start_successor(app.clone()));
                return Outcome::Lost("the agent ended".to_owned());
            }
            _ => {}
        }
        if channel.send(Signal::Agent(event)).is_err() {
            return Outcome::PageGone;
        }
    }
    Outcome::Lost("the agent ended".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_hears_one_shape() {
        let json = |signal: Signal| serde_json::to_string(&signal).unwrap();
        assert_eq!(json(Signal::connected()), r#"{"event":"connected"}"#);
        assert_eq!(
            json(Signal::disconnected("gone".to_owned())),
            r#"{"event":"disconnected","reason":"gone"}"#
        );
        let show: Value =
            serde_json::from_str(&json(Signal::Agent(Event::Show { account_id: Some(3) }))).unwrap();
        assert_eq!(show["event"], "show");
        assert_eq!(show["account_id"], 3);
    }

    #[test]
    fn a_body_is_handed_on_as_it_was_sent() {
        let sent = br#"{"key":{"kind":"keyring","key":"sk-x"}}"#.to_vec();
        assert_eq!(body(&InvokeBody::Raw(sent.clone())).as_deref(), Some(&sent));
        assert_eq!(body(&InvokeBody::Json(serde_json::json!(sent))).as_deref(), Some(&sent));
        assert_eq!(body(&InvokeBody::Raw(Vec::new())), None);
        assert_eq!(body(&InvokeBody::Json(Value::Null)), None);
    }

    #[test]
    fn actions_are_the_words_of_the_page() {
        for (word, action) in [
            ("start", AgentAction::Start),
            ("demo", AgentAction::Demo),
            ("leave-demo", AgentAction::LeaveDemo),
        ] {
            assert_eq!(serde_json::from_value::<AgentAction>(Value::from(word)).unwrap(), action);
        }
    }
}
