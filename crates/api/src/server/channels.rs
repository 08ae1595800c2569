//! Channels over the interface. Secrets come in and never go out.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use chrono::NaiveTime;
use chrono_tz::Tz;
use tidemark_channels::{Channel, DigestPeriod, Level, Message, QuietHours, Rules, UnknownWord};
use tidemark_core::{AccountId, text};
use tidemark_monitor::{ChannelChange, ChannelSnapshot, Engine, NewChannel};

use super::accounts::key_input;
use super::context::Context;
use super::error::{ApiError, ApiResult};
use crate::view;

/// The most kinds, and accounts, of a channel.
const MAX_LISTED: usize = 50;

/// `GET /v1/channels`
pub(super) async fn list(State(context): State<Context>) -> ApiResult<view::Channels> {
    known(&context.engine).await
}

/// `POST /v1/channels`
pub(super) async fn add(
    State(context): State<Context>,
    body: Result<Json<view::NewChannel>, JsonRejection>,
) -> ApiResult<view::Channels> {
    let new = body?.0;
    let rules = rules(&context.engine, &new.rules)?;
    let channel = Channel {
        kind: new.kind.parse().map_err(|error: UnknownWord| refused("channel-kind", &error.to_string()))?,
        url: new.url,
        to: new.to,
        from: new.from,
        program: new.program.map(Into::into),
        allow_private: new.allow_private,
        rules,
    };
    let (address, secret) = (new.address.map(key_input), new.secret.map(key_input));
    context.engine.add_channel(NewChannel { name: new.name, channel, address, secret }).await?;
    known(&context.engine).await
}

/// `PUT /v1/channels/{name}`
pub(super) async fn change(
    State(context): State<Context>,
    name: Result<Path<String>, PathRejection>,
    body: Result<Json<view::ChannelChange>, JsonRejection>,
) -> ApiResult<view::Channels> {
    let (name, change) = (name?.0, body?.0);
    let rules = rules(&context.engine, &change.rules)?;
    let change = ChannelChange {
        name: change.name,
        url: change.url,
        to: change.to,
        from: change.from,
        program: change.program.map(Into::into),
        allow_private: change.allow_private,
        rules,
        address: change.address.map(key_input),
        secret: change.secret.map(key_input),
    };
    context.engine.change_channel(&name, change).await?;
    known(&context.engine).await
}

/// `DELETE /v1/channels/{name}`
pub(super) async fn remove(
    State(context): State<Context>,
    name: Result<Path<String>, PathRejection>,
) -> ApiResult<view::Channels> {
    context.engine.remove_channel(&name?.0).await?;
    known(&context.engine).await
}

/// `POST /v1/channels/{name}/test`
pub(super) async fn test(
    State(context): State<Context>,
    name: Result<Path<String>, PathRejection>,
    body: Result<Json<view::ChannelTest>, JsonRejection>,
) -> ApiResult<view::Channels> {
    let (name, test) = (name?.0, body?.0);
    let now = context.engine.now();
    let message = Message {
        id: format!("test:{}", now.timestamp_millis()),
        at: now,
        kind: "test".to_owned(),
        level: Level::Info,
        account: None,
        title: text::sentence(&test.title),
        body: text::sentence(&test.body),
        language: test.language,
        details: serde_json::Value::Null,
    };
    context.engine.test_channel(&name, &message).await?;
    known(&context.engine).await
}

fn refused(code: &str, message: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, message)
}

fn rules(engine: &Engine, new: &view::ChannelRules) -> Result<Rules, ApiError> {
    let is_word = |kind: &String| {
        (1..=40).contains(&kind.len()) && kind.chars().all(|c| c.is_ascii_lowercase() || c == '-')
    };
    if new.kinds.len() > MAX_LISTED || new.accounts.len() > MAX_LISTED || !new.kinds.iter().all(is_word) {
        return Err(refused("channel-kinds", "a kind of alert is a word such as threshold"));
    }
    let accounts = engine.snapshot().accounts;
    let id = |name: &String| -> Result<AccountId, ApiError> {
        let found = accounts.iter().find(|known| known.account.name == name.trim());
        found
            .map(|known| known.account.id)
            .ok_or_else(|| ApiError::new(StatusCode::NOT_FOUND, "no-such-account", "no such account"))
    };
    let time = |text: &str| {
        NaiveTime::parse_from_str(text, "%H:%M")
            .map_err(|_| refused("channel-quiet", "quiet hours are two times such as 22:00 and 08:00"))
    };
    let level =
        |text: &String| text.parse::<Level>().map_err(|error| refused("channel-level", &error.to_string()));
    let zone = |text: &String| {
        text.parse::<Tz>().map_err(|_| refused("channel-timezone", "the time zone is not known"))
    };
    let digest = |text: &String| match text.as_str() {
        "day" => Ok(DigestPeriod::Day),
        "week" => Ok(DigestPeriod::Week),
        _ => Err(refused("channel-digest", "a digest is of a day or a week")),
    };
    let quiet = new.quiet_hours.as_ref();
    Ok(Rules {
        kinds: new.kinds.clone(),
        accounts: new.accounts.iter().map(id).collect::<Result<_, _>>()?,
        min_level: new.min_level.as_ref().map(level).transpose()?.unwrap_or_default(),
        quiet: quiet
            .map(|quiet| Ok::<_, ApiError>(QuietHours { from: time(&quiet.from)?, to: time(&quiet.to)? }))
            .transpose()?,
        zone: new.timezone.as_ref().map(zone).transpose()?,
        language: new.language.clone(),
        digest: new.digest.as_ref().map(digest).transpose()?,
    })
}

async fn known(engine: &Engine) -> ApiResult<view::Channels> {
    let found = engine.channels().await?;
    let accounts = engine.snapshot().accounts;
    let name = |id: &AccountId| {
        accounts.iter().find(|known| known.account.id == *id).map(|known| known.account.name.clone())
    };
    let channels = found.into_iter().map(|found| channel(found, &name)).collect();
    Ok(Json(view::Channels { channels }))
}

fn channel(found: ChannelSnapshot, account: &dyn Fn(&AccountId) -> Option<String>) -> view::ChannelView {
    let place = found.channel.as_ref().map(Channel::place).unwrap_or_default();
    let kind = found.channel.as_ref().map(|channel| channel.kind.as_str().to_owned());
    let allow_private = found.channel.as_ref().is_some_and(|channel| channel.allow_private);
    let rules = found.channel.map(|channel| channel.rules).unwrap_or_default();
    let time = |time: NaiveTime| time.format("%H:%M").to_string();
    view::ChannelView {
        name: found.name,
        kind,
        place,
        has_secret: found.has_secret,
        allow_private,
        accounts: rules.accounts.iter().filter_map(account).collect(),
        kinds: rules.kinds,
        min_level: rules.min_level.as_str().to_owned(),
        quiet_hours: rules
            .quiet
            .map(|quiet| view::ChannelQuiet { from: time(quiet.from), to: time(quiet.to) }),
        timezone: rules.zone.map(|zone| zone.name().to_owned()),
        language: rules.language,
        digest: rules.digest.map(|digest| digest.as_str().to_owned()),
        last: found.last.map(|last| view::ChannelResult { at: last.at, failure: last.code, said: last.said }),
        failing_since: found.failing_since,
    }
}
