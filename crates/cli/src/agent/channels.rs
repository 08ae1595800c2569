//! Delivers to channels what waits for them: alerts, digests, and the news that a channel fails. Each channel by itself, so
//! that one which does not answer holds up no other.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use tidemark_channels::{Channel, Level, Message, level_of};
use tidemark_core::AccountId;
use tidemark_monitor::{ChannelDelivery, Delivered, Engine, EngineError, EngineEvent, OtherMessage};
use tidemark_store::{ChannelId, DeliveryContent};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::commands::channel_failure_text;
use crate::digest;
use crate::i18n::{Catalog, Language};
use crate::notify::{notice_of, show_channel_failed};
use crate::output::clean;

/// How often to check for what is due: after a failure, after quiet hours, or at a digest's time.
const POLL_INTERVAL: Duration = Duration::from_secs(30);

/// Delivers until `stop`. What is under way then is sent again by the next run, with the same id.
pub async fn run(engine: Engine, words: watch::Receiver<Arc<Catalog>>, stop: CancellationToken) {
    if engine.is_demo() {
        return;
    }
    let mut events = engine.events();
    let mut waiting = Waiting::default();
    loop {
        let now = words.borrow().clone();
        tokio::select! {
            () = stop.cancelled() => return,
            () = deliver_due(&engine, &now, &mut waiting) => {}
        }
        let pause = tokio::time::sleep(POLL_INTERVAL);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = &mut pause => break,
                event = events.recv() => match event {
                    Ok(EngineEvent::Alerts | EngineEvent::Settings) | Err(RecvError::Lagged(_)) => break,
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }
}

/// Channels that failed, and until when nothing else is sent to them.
type Waiting = HashMap<ChannelId, DateTime<Utc>>;

async fn deliver_due(engine: &Engine, words: &Arc<Catalog>, waiting: &mut Waiting) {
    if let Err(error) = engine.queue_digests().await {
        tracing::warn!(%error, "digests could not be queued");
    }
    let due = match engine.due_channel_deliveries().await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "what waits for channels could not be read");
            return;
        }
    };
    let now = engine.now();
    waiting.retain(|_, until| *until > now);
    let mut by_channel: BTreeMap<ChannelId, Vec<ChannelDelivery>> = BTreeMap::new();
    for delivery in due {
        if !waiting.contains_key(&delivery.due.channel) {
            by_channel.entry(delivery.due.channel).or_default().push(delivery);
        }
    }
    let mut under_way = JoinSet::new();
    for (id, deliveries) in by_channel {
        let (engine, words) = (engine.clone(), words.clone());
        under_way.spawn(async move { (id, deliver_all(&engine, &words, deliveries).await) });
    }
    while let Some(done) = under_way.join_next().await {
        if let Ok((id, Some(until))) = done {
            waiting.insert(id, until);
        }
    }
}

/// Delivers to one channel, one after the other. Until when it is to be left, if it failed.
async fn deliver_all(
    engine: &Engine,
    words: &Catalog,
    deliveries: Vec<ChannelDelivery>,
) -> Option<DateTime<Utc>> {
    for delivery in deliveries {
        match deliver(engine, words, &delivery).await {
            Ok(Some(Delivered::Again(until))) => return Some(until),
            Ok(Some(Delivered::GivenUp { silent, failure })) => {
                if silent {
                    let why = channel_failure_text(words, failure.code.as_str());
                    if let Err(error) = show_channel_failed(words, &clean(&delivery.name), &why).await {
                        tracing::warn!(error, "it could not be shown that a channel fails");
                    }
                }
            }
            Ok(Some(Delivered::Done)) => {
                tracing::info!(channel = delivery.name, key = delivery.due.key, "delivered");
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "what became of a message could not be noted");
                return None;
            }
        }
    }
    None
}

/// Delivers one message. `None` where it is not one for its channel.
async fn deliver(
    engine: &Engine,
    words: &Catalog,
    delivery: &ChannelDelivery,
) -> Result<Option<Delivered>, EngineError> {
    let Some((message, account)) = message_of(engine, words, delivery).await? else {
        engine.drop_channel_delivery(delivery).await?;
        return Ok(None);
    };
    if !delivery.channel.rules.want(&message, account) {
        engine.drop_channel_delivery(delivery).await?;
        return Ok(None);
    }
    engine.deliver_to_channel(delivery, &message).await.map(Some)
}

/// The message of a delivery, in the channel's language and zone. `None` if nothing is known of it.
async fn message_of(
    engine: &Engine,
    words: &Catalog,
    delivery: &ChannelDelivery,
) -> Result<Option<(Message, Option<AccountId>)>, EngineError> {
    let own = own_words(&delivery.channel, words.language());
    let words = own.as_ref().unwrap_or(words);
    let zone = delivery.channel.rules.zone.unwrap_or(engine.settings().timezone);
    let now = engine.now();
    let base = |kind: &str, title: String, body: String, details: Value| Message {
        id: delivery.due.key.clone(),
        at: delivery.due.at,
        kind: kind.to_owned(),
        level: level_of(kind, &details),
        account: None,
        title,
        body,
        language: words.language().tag().to_owned(),
        details,
    };
    let content = match &delivery.due.what {
        DeliveryContent::Alert(due) => {
            let Ok(account) = engine.account(due.account) else { return Ok(None) };
            let notice = notice_of(&due.alert, &account.name, words, zone, now);
            let mut details = serde_json::to_value(&due.alert).unwrap_or_default();
            let kind = details.get("kind").and_then(Value::as_str).unwrap_or("alert").to_owned();
            if let Some(fields) = details.as_object_mut() {
                // They stand in the message itself.
                for own in ["key", "at", "kind"] {
                    fields.remove(own);
                }
            }
            let message = base(&kind, notice.title, notice.body, details);
            return Ok(Some((Message { account: Some(account.name), ..message }, Some(due.account))));
        }
        DeliveryContent::Other(content) => content,
    };
    let Ok(other) = serde_json::from_str::<OtherMessage>(content) else { return Ok(None) };
    let message = match other {
        OtherMessage::ChannelFailed { name, code, said } => {
            let why = channel_failure_text(words, &code);
            let said = said.map(|said| words.with("cli-details", [("text", clean(&said).into())]));
            let body = [Some(why), said].into_iter().flatten().collect::<Vec<_>>().join("\n");
            let title = words.with("channel-failed", [("name", clean(&name).into())]);
            let details = serde_json::json!({"channel": name, "failure": code});
            Message { level: Level::Warning, ..base("channel-failed", title, body, details) }
        }
        OtherMessage::Digest { period, from, to } => {
            let digest = digest_of(engine, zone, period.as_str(), (from, to), now).await?;
            let title = digest::title(&digest, words, now, zone);
            let body = digest::lines(&digest, words, now, zone).join("\n");
            let details = serde_json::to_value(&digest).unwrap_or_default();
            base("digest", title, body, details)
        }
    };
    Ok(Some((message, None)))
}

async fn digest_of(
    engine: &Engine,
    zone: Tz,
    period: &'static str,
    days: (chrono::NaiveDate, chrono::NaiveDate),
    now: DateTime<Utc>,
) -> Result<digest::DigestData, EngineError> {
    let settings = engine.settings();
    engine.read_apart(move |store| digest::gather(store, &settings, zone, period, days, now)).await
}

/// The words of a channel's own language, where it has one.
fn own_words(channel: &Channel, language: Language) -> Option<Catalog> {
    let own = channel.rules.language.as_deref().and_then(Language::of_locale)?;
    (own != language).then(|| Catalog::new(own))
}
