//! Giving to the hub when it is time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use tidemark_core::pasted_key::is_variable_name;
use tidemark_core::{Credential, Region};
use tidemark_hub::{
    AgentState, AuditPart, Audited, DatabaseUrl, Given, Giving, Hub, HubFile, Membership, Problem,
    ProblemKind, SETTLE, Verdicts,
};
use tidemark_kimi::PublicPrices;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::event::EngineEvent;
use crate::hub::verdicts::Taken;
use crate::machines::WaitingStore;

/// How often it is checked whether this machine is in a hub.
const TICK: Duration = Duration::from_secs(30);
/// How long a turn may take: a first fill of years is given in several turns.
const TURN_TIMEOUT: Duration = Duration::from_mins(10);

/// What is waited beyond the time for which another agent holds an audit.
const A_MOMENT: Duration = Duration::from_secs(1);

/// What came of a connection to the hub.
struct Turn {
    given: Given,
    /// Of which history what was given is.
    epoch: String,
    audited: Audited,
    verdicts: Verdicts,
}

impl Engine {
    /// Gives to the hub when it is time, until the engine ends.
    pub(crate) async fn give_to_hub_when_due(&self) {
        loop {
            let wait = if let Some(file) = self.hub_file().await {
                self.give_to_hub_if_due(&file).await
            } else {
                self.shared.state().team_audited.clear();
                TICK
            };
            tokio::select! {
                () = self.ended() => return,
                () = self.shared.clock().sleep(wait) => {}
            }
        }
    }

    /// The hub that this machine is in.
    async fn hub_file(&self) -> Option<HubFile> {
        if self.is_demo() {
            return None;
        }
        let dir = self.data_dir().to_path_buf();
        let read = tokio::task::spawn_blocking(move || HubFile::read(&dir)).await.ok()?;
        let file = read.unwrap_or_else(|error| {
            tracing::debug!(%error, "the hub's file cannot be read");
            None
        });
        file.filter(|file| file.membership == Membership::Joined)
    }

    /// Gives, if it is time; how long to wait then.
    async fn give_to_hub_if_due(&self, file: &HubFile) -> Duration {
        let before = match self.hub_agent_state(&file.url).await {
            Ok(state) => state,
            Err(error) => {
                tracing::warn!(%error, "how giving to the hub went cannot be read");
                return TICK;
            }
        };
        let now = self.now();
        // As far from the next one as the machine's own chance says, the same until it has been tried.
        let chance = f64::from(before.tried_at.map_or(0, |at| at.timestamp_subsec_micros()) % 1000) / 1000.0;
        let next = before.next_at(now, chance);
        if next > now {
            return (next - now).to_std().unwrap_or(TICK).min(TICK);
        }
        let turn = self.turn_at_hub(file, before.verdicts).await;
        if turn.is_err() && self.shared.end.is_cancelled() {
            // It was broken off, and nothing is wrong with the hub.
            return TICK;
        }
        let (mut state, taken) = match turn {
            Ok(Turn { given, epoch, audited, verdicts }) => {
                tracing::debug!(given.requests, given.readings, audited.accounts, "gave to the hub");
                let now = self.now();
                let mut state = before.clone().gave(now, &epoch, given.place);
                let taken = match self.take_verdicts(&verdicts, now).await {
                    Ok(taken) => {
                        state.verdicts = verdicts.turn;
                        taken
                    }
                    // The next turn asks for them again.
                    Err(error) => {
                        tracing::warn!(%error, "what the team's audit found cannot be assigned");
                        Taken::default()
                    }
                };
                // A little later than to the moment, so that it is over by then.
                let held = audited.held_for.and_then(|held| TimeDelta::from_std(held + A_MOMENT).ok());
                state.held_until = held.map(|held| now + held);
                (state, taken)
            }
            Err(problem) => {
                tracing::info!(%problem, "nothing could be given to the hub");
                // No one knows how long: until then this machine's own audit is all that there is.
                (before.clone().failed(self.now(), &problem), Taken::default())
            }
        };
        state.url.clone_from(&file.url);
        let has_news = state.problem != before.problem;
        let Taken { alerts, audited } = taken;
        let has_alerts = !alerts.is_empty();
        let written = self.write(move |store| store.queue_team_alerts(&alerts, (AgentState::KEY, &state)));
        if let Err(error) = written.await {
            tracing::warn!(%error, "how giving to the hub went could not be written");
            // The state on disk says that it is still time: not again at once.
            return TICK;
        }
        // Only now: this machine's own anomalies are silent for the team's, which wait in the history to be notified.
        self.shared.state().team_audited = audited;
        if has_news {
            self.announce(EngineEvent::Usage);
        }
        if has_alerts {
            self.announce(EngineEvent::Alerts);
        }
        // Never at once, whatever the state says.
        A_MOMENT
    }

    /// How giving to a hub goes. One that an older or newer version wrote says nothing.
    async fn hub_agent_state(&self, url: &str) -> Result<AgentState, EngineError> {
        let state: Option<AgentState> =
            self.read(|store| Ok(store.setting(AgentState::KEY).unwrap_or_default())).await?;
        Ok(state.filter(|state| state.url == url).unwrap_or_default())
    }

    /// Gives all that is new, audits what no other agent does, asks what the audits found, and prunes if it is time.
    async fn turn_at_hub(&self, file: &HubFile, verdicts: u64) -> Result<Turn, Problem> {
        let url: DatabaseUrl = file.url.parse().map_err(|_| Problem::new(ProblemKind::Failed))?;
        let password = self.hub_password(&file.credential).await?;
        let giving = self.hub_giving(file, self.now()).await;
        let giving = giving.map_err(|error| Problem::saying(ProblemKind::Store, error.to_string()))?;
        let epoch = giving.own.epoch.clone();
        let store = WaitingStore(self.shared.reader.clone());
        let (runtime, end) = (tokio::runtime::Handle::current(), self.shared.end.clone());
        // What is given is read from the history, for which a thread of its own waits.
        let turn = tokio::task::spawn_blocking(move || {
            runtime.block_on(async {
                let work = async {
                    let hub = Hub::open(&url, password.as_ref()).await?;
                    let given = tidemark_hub::sync(&hub, &store, &giving).await?;
                    let holder = format!("{:016x}", rand::random::<u64>());
                    // Neither of the two undoes that everything was given.
                    let part = AuditPart::default();
                    let audited = tidemark_hub::audit(&hub, &holder, SETTLE, &PublicPrices, part).await;
                    let audited = audited.unwrap_or_else(|problem| {
                        tracing::warn!(%problem, "the team's audit was not made");
                        Audited::default()
                    });
                    let verdicts = hub.verdicts(verdicts).await?;
                    if let Err(problem) = hub.prune().await {
                        tracing::warn!(%problem, "old requests on the hub were not deleted");
                    }
                    Ok(Turn { given, epoch, audited, verdicts })
                };
                tokio::select! {
                    turn = tokio::time::timeout(TURN_TIMEOUT, work) => {
                        turn.unwrap_or_else(|_| Err(Problem::new(ProblemKind::TimeOut)))
                    }
                    () = end.cancelled() => Err(Problem::new(ProblemKind::Failed)),
                }
            })
        });
        turn.await.unwrap_or_else(|_| Err(Problem::new(ProblemKind::Failed)))
    }

    /// Who gives, and what.
    async fn hub_giving(&self, file: &HubFile, now: DateTime<Utc>) -> Result<Giving, EngineError> {
        let projects = self.given_projects().await?;
        Ok(Giving {
            own: self.own_machine().await?,
            shares_name: file.shares_name,
            projects,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            now,
        })
    }

    /// The password; `None` where there is none. No one is asked for the keyring's password.
    async fn hub_password(&self, credential: &Credential) -> Result<Option<SecretString>, Problem> {
        match credential {
            Credential::None {} => Ok(None),
            // A password may have signs in it that no key has.
            Credential::Environment { name } => {
                let value = is_variable_name(name).then(|| std::env::var(name).ok()).flatten();
                let value = value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
                value
                    .map(|value| Some(SecretString::from(value)))
                    .ok_or_else(|| Problem::saying(ProblemKind::Password, name))
            }
            other => {
                let password = self.vault().key(other, Region::China, self.now()).await;
                password.map(Some).map_err(|error| Problem::saying(ProblemKind::Password, error.to_string()))
            }
        }
    }
}
