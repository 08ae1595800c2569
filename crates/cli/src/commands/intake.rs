//! `tidemark intake`: what other programs say of their usage is taken in, or not.

use std::net::SocketAddr;

use chrono::{DateTime, Utc};
use serde_json::json;
use tidemark_api::view::{
    Intake, IntakeChange, IntakeLiteLlmChange, IntakeOtlpChange, IntakeProblem, IntakeTally,
};
use tidemark_intake::litellm::{DatabaseUrl, DatabaseUrlError};
use tidemark_intake::receiver;

use super::context::{Context, runtime};
use super::read::check_variable_name;
use super::transport::connect;
use crate::arguments::{IntakeAction, LitellmAction, LitellmOn, OtlpAction};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::{Output, Style, clean};

/// Runs `tidemark intake`.
pub fn run(context: &Context, action: IntakeAction) -> Result<Exit, CommandOutcome> {
    let change = match action {
        IntakeAction::List => None,
        IntakeAction::Otlp(otlp) => {
            let listen = match otlp.action {
                OtlpAction::On(on) => Some(address(&on.listen)?.to_string()),
                OtlpAction::Off => None,
            };
            Some(IntakeChange { otlp: Some(IntakeOtlpChange { listen }), litellm: None })
        }
        IntakeAction::Litellm(litellm) => {
            let change = match litellm.action {
                LitellmAction::On(on) => database(on)?,
                LitellmAction::Off => IntakeLiteLlmChange { url: None, password_env: None },
            };
            Some(IntakeChange { otlp: None, litellm: Some(change) })
        }
    };
    let store = super::store_access::open(context)?;
    let settings = super::store_access::settings(store.as_ref())?;
    drop(store);
    let language = settings.as_ref().and_then(|settings| settings.language.as_deref());
    let mut output = context.output(language, settings.as_ref().map(|settings| settings.timezone));
    let known: Intake = runtime()?.block_on(async {
        let client = connect(context).await?;
        match change {
            None => Ok::<_, CommandError>(client.get("/v1/intake").await?),
            Some(change) => Ok(client.send_json("PATCH", "/v1/intake", &change).await?),
        }
    })?;
    show(&mut output, &known, Utc::now())?;
    output.flush()?;
    Ok(Exit::Done)
}

/// The address that a person typed, if metrics can be received there.
fn address(text: &str) -> Result<SocketAddr, CommandError> {
    let refused =
        || CommandError::said(Exit::Usage, "intake-listen", "cli-intake-listen", &[("found", &clean(text))]);
    let address: SocketAddr = text.trim().parse().map_err(|_| refused())?;
    if address.port() == 0 || receiver::check(address).is_err() { Err(refused()) } else { Ok(address) }
}

/// The database that a person typed. What is refused is not repeated: a password may stand in it.
fn database(on: LitellmOn) -> Result<IntakeLiteLlmChange, CommandError> {
    if let Some(name) = &on.password_env {
        check_variable_name(name, "--password-env")?;
    }
    let url: DatabaseUrl = on.url.parse().map_err(|error| {
        let key = match error {
            DatabaseUrlError::NotAnAddress | DatabaseUrlError::Incomplete => "cli-intake-url",
            DatabaseUrlError::HoldsPassword => "cli-intake-url-password",
        };
        CommandError::said(Exit::Usage, "intake-url", key, &[])
    })?;
    Ok(IntakeLiteLlmChange { url: Some(url.to_string()), password_env: on.password_env })
}

fn show(output: &mut Output, known: &Intake, now: DateTime<Utc>) -> std::io::Result<()> {
    if output.json {
        return output.document(&json!({
            "running": known.running,
            "otlp": known.otlp,
            "litellm": known.litellm,
        }));
    }
    let (otlp, litellm) = (&known.otlp, &known.litellm);
    let state = match (&otlp.listen, &otlp.listening) {
        (None, _) => output.words.text("intake-off"),
        (Some(_), Some(address)) => {
            output.words.with("intake-listening", [("address", address.as_str().into())])
        }
        (Some(address), None) => output.words.with("intake-on", [("where", address.as_str().into())]),
    };
    part(output, "intake-otlp", &state)?;
    if otlp.listen.is_some() {
        problem(output, otlp.problem.as_ref(), now)?;
        if let Some(at) = otlp.received_at {
            let at = output.words.moment(at, now, output.zone);
            detail(output, "intake-received", &at)?;
        }
        if otlp.refused_exports > 0 {
            let line = output.words.with("intake-refused-exports", [("count", otlp.refused_exports.into())]);
            output.paragraph(Style::Plain, 2, &line)?;
        }
        tally(output, &otlp.tally)?;
    }
    let state = match &litellm.url {
        None => output.words.text("intake-off"),
        Some(url) => output.words.with("intake-on", [("where", clean(url).into())]),
    };
    part(output, "intake-litellm", &state)?;
    if litellm.url.is_some() {
        problem(output, litellm.problem.as_ref(), now)?;
        if let Some(at) = litellm.read_at {
            let at = output.words.moment(at, now, output.zone);
            detail(output, "intake-read", &at)?;
        }
        tally(output, &litellm.tally)?;
    }
    if !known.running && (otlp.listen.is_some() || litellm.url.is_some()) {
        output.line(output.words.text("intake-no-agent"))?;
    }
    Ok(())
}

fn part(output: &mut Output, name: &str, state: &str) -> std::io::Result<()> {
    let name = output.words.text(name);
    output.line(output.words.with("label-value", [("name", name.into()), ("value", state.into())]))
}

fn detail(output: &mut Output, name: &str, value: &str) -> std::io::Result<()> {
    let name = output.words.text(name);
    let line = output.words.with("label-value", [("name", name.into()), ("value", value.into())]);
    output.paragraph(Style::Plain, 2, &line)
}

fn problem(output: &mut Output, problem: Option<&IntakeProblem>, now: DateTime<Utc>) -> std::io::Result<()> {
    let Some(problem) = problem else { return Ok(()) };
    let words = &output.words;
    let text = words
        .maybe(&format!("intake-problem-{}", problem.code))
        .unwrap_or_else(|| words.text("intake-problem-failed"));
    let since = words.with("intake-since", [("time", words.moment(problem.since, now, output.zone).into())]);
    let text = words.with("with-note", [("text", text.into()), ("note", since.into())]);
    let said = problem.said.as_deref().map(|said| words.with("cli-details", [("text", clean(said).into())]));
    output.paragraph(Style::Over, 2, &text)?;
    said.map_or(Ok(()), |said| output.paragraph(Style::Faint, 2, &said))
}

fn tally(output: &mut Output, tally: &IntakeTally) -> std::io::Result<()> {
    for (key, count) in [
        ("intake-counted", tally.counted),
        ("intake-in-logs", tally.in_logs),
        ("intake-not-kimi", tally.not_kimi),
        ("intake-refused", tally.refused),
    ] {
        if count > 0 || key == "intake-counted" {
            let line = output.words.with(key, [("count", count.into())]);
            output.paragraph(Style::Plain, 2, &line)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_received_on_loopback_only() {
        for (text, accepted) in [
            ("127.0.0.1:4318", true),
            (" [::1]:4000 ", true),
            ("127.0.0.1:0", false),
            ("0.0.0.0:4318", false),
            ("192.168.1.7:4318", false),
            ("localhost:4318", false),
            ("4318", false),
        ] {
            assert_eq!(address(text).is_ok(), accepted, "{text}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        let on = |url: &str, password_env: Option<&str>| LitellmOn {
            url: url.to_owned(),
            password_env: password_env.map(str::to_owned),
        };
        let error = database(on("postgresql://r:hunter2@127.0.0.1/litellm", None)).unwrap_err();
        assert_eq!(error.kind, "intake-url");
        assert!(!format!("{error:?}").contains("hunter2"));
        assert!(database(on("postgresql://r@127.0.0.1/litellm", Some("hunter 2"))).is_err());
        let change = database(on("postgresql://r@127.0.0.1/litellm", Some("PG_PASSWORD"))).unwrap();
        assert_eq!(change.url.as_deref(), Some("postgresql://r@127.0.0.1/litellm"));
    }
}
