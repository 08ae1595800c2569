//! `tidemark channel`: where alerts go away from the desk.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::absolute;

use chrono::Utc;
use secrecy::SecretString;
use tidemark_api::view::{self, NewKey};

use super::context::{Context, runtime};
use super::transport::{AnyClient, connect};
use super::{passphrase, read, store_access};
use crate::arguments::{ChannelAction, ChannelAdd, Keep, Period};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::i18n::{Catalog, Language};
use crate::output::table::{Cell, Table};
use crate::output::{Output, Style, clean};

/// The most that is read of standard input.
const MAX_SECRET_LEN: u64 = 8 * 1024;

/// Runs `tidemark channel`.
pub fn run(context: &Context, action: ChannelAction) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?;
    drop(store);
    let language = settings.as_ref().and_then(|settings| settings.language.as_deref());
    let mut output = context.output(language, settings.as_ref().map(|settings| settings.timezone));
    let found = match action {
        ChannelAction::List => runtime()?.block_on(async { all(&connect(context).await?).await })?,
        ChannelAction::Add(new) => add(context, &output, *new)?,
        ChannelAction::Remove(which) => {
            let path = path_of(&which.name, "");
            let found = runtime()?.block_on(async {
                let client = connect(context).await?;
                let found: Result<view::Channels, _> = client.send_json("DELETE", &path, &()).await;
                Ok::<_, CommandError>(found?)
            })?;
            if !output.json {
                let text = output.words.with("cli-channel-removed", [("name", clean(&which.name).into())]);
                output.line(text)?;
                output.flush()?;
                return Ok(Exit::Done);
            }
            found
        }
        ChannelAction::Test(which) => {
            let found = runtime()?.block_on(test(context, &output, &which.name))?;
            if !output.json {
                let text = output.words.with("cli-channel-tested", [("name", clean(&which.name).into())]);
                output.line(text)?;
                output.flush()?;
                return Ok(Exit::Done);
            }
            found
        }
    };
    show(&mut output, &found)?;
    output.flush()?;
    Ok(Exit::Done)
}

async fn all(client: &AnyClient) -> Result<view::Channels, CommandError> {
    Ok(client.get("/v1/channels").await?)
}

/// The route of a channel by its name, which may hold anything.
fn path_of(name: &str, behind: &str) -> String {
    use std::fmt::Write as _;
    let mut path = "/v1/channels/".to_owned();
    for byte in name.trim().bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
    }
    path + behind
}

async fn test(context: &Context, output: &Output, name: &str) -> Result<view::Channels, CommandError> {
    let client = connect(context).await?;
    let known = all(&client).await?;
    let own = known.channels.iter().find(|channel| channel.name == name.trim());
    let language = own.and_then(|channel| channel.language.as_deref()).and_then(Language::of_locale);
    let words = Catalog::new(language.unwrap_or(output.words.language()));
    let body = view::ChannelTest {
        title: words.text("channel-test"),
        body: words.with("channel-test-body", [("name", clean(name.trim()).into())]),
        language: words.language().tag().to_owned(),
    };
    Ok(client.send_json("POST", &path_of(name, "/test"), &body).await?)
}

fn add(context: &Context, output: &Output, new: ChannelAdd) -> Result<view::Channels, CommandOutcome> {
    if new.kind.has_secret_address() && new.url.is_some() {
        let values = [("kind", new.kind.as_str())];
        return Err(CommandError::said(Exit::Usage, "usage", "cli-channel-secret-url", &values).into());
    }
    let program = match &new.program {
        None => None,
        Some(path) => {
            let path = absolute(path).map_err(|error| CommandError::usage(error.to_string()))?;
            let text = path.to_str().map(ToOwned::to_owned);
            Some(text.ok_or_else(|| CommandError::said(Exit::Usage, "usage", "cli-machine-path", &[]))?)
        }
    };
    let quiet_hours = match &new.quiet {
        None => None,
        Some(text) => Some(quiet_hours(text)?),
    };
    for (name, option) in [(&new.url_env, "--url-env"), (&new.secret_env, "--secret-env")] {
        if let Some(name) = name {
            read::check_variable_name(name, option)?;
        }
    }
    let address = match (&new.url_env, new.url_stdin) {
        (Some(name), _) => Some(NewKey::Environment { name: name.clone() }),
        (None, true) => Some(kept(typed(output, "cli-channel-url-prompt")?, new.keep)),
        (None, false) => None,
    };
    let secret = match (&new.secret_env, new.secret_stdin) {
        (Some(name), _) => Some(NewKey::Environment { name: name.clone() }),
        (None, true) => Some(kept(typed(output, "cli-channel-secret-prompt")?, new.keep)),
        (None, false) => None,
    };
    let body = view::NewChannel {
        name: new.name,
        kind: new.kind.as_str().to_owned(),
        url: new.url,
        to: new.to,
        from: new.from,
        program,
        allow_private: new.allow_private,
        rules: view::ChannelRules {
            kinds: new.alerts,
            accounts: new.account,
            min_level: new.level.map(|level| level.as_str().to_owned()),
            quiet_hours,
            timezone: new.zone.map(|zone| zone.name().to_owned()),
            language: new.language,
            digest: new.digest.map(|period| period_word(period).to_owned()),
        },
        address,
        secret,
    };
    let found = runtime()?.block_on(async {
        let client = connect(context).await?;
        if new.keep == Some(Keep::EncryptedFile) {
            passphrase::open(&client, output).await?;
        }
        let found: Result<view::Channels, _> = client.send_json("POST", "/v1/channels", &body).await;
        Ok::<_, CommandError>(found?)
    })?;
    Ok(found)
}

const fn period_word(period: Period) -> &'static str {
    match period {
        Period::Day => "day",
        Period::Week => "week",
    }
}

fn kept(key: SecretString, keep: Option<Keep>) -> NewKey {
    match keep {
        Some(Keep::EncryptedFile) => NewKey::EncryptedFile { key, passphrase: None },
        Some(Keep::Keyring) | None => NewKey::Keyring { key },
    }
}

/// A line of standard input. Typed into a terminal it is not shown there.
fn typed(output: &Output, prompt: &str) -> Result<SecretString, CommandOutcome> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        let text = rpassword::prompt_password(format!("{} ", output.words.text(prompt)))?;
        return Ok(text.into());
    }
    // Byte by byte: a second secret is on the next line.
    let mut line = Vec::new();
    for byte in stdin.lock().take(MAX_SECRET_LEN).bytes() {
        match byte? {
            b'\n' => break,
            byte => line.push(byte),
        }
    }
    let text = String::from_utf8(line)
        .map_err(|_| CommandError::said(Exit::Usage, "key-empty", "cli-key-not-text", &[]))?;
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return Err(CommandError::said(Exit::Usage, "key-empty", "cli-channel-stdin-empty", &[]).into());
    }
    Ok(text.to_owned().into())
}

/// Quiet hours as a person types them: `22:00-08:00`.
fn quiet_hours(text: &str) -> Result<view::ChannelQuiet, CommandError> {
    let time = |text: &str| {
        let time = chrono::NaiveTime::parse_from_str(text.trim(), "%H:%M").ok()?;
        Some(time.format("%H:%M").to_string())
    };
    text.split_once(['-', '–'])
        .and_then(|(from, to)| Some(view::ChannelQuiet { from: time(from)?, to: time(to)? }))
        .ok_or_else(|| {
            CommandError::said(Exit::Usage, "usage", "cli-channel-quiet", &[("found", &clean(text))])
        })
}

fn show(output: &mut Output, found: &view::Channels) -> io::Result<()> {
    if output.json {
        return output.document(found);
    }
    if found.channels.is_empty() {
        return output.line(output.words.text("cli-channel-none"));
    }
    let now = Utc::now();
    let words = &output.words;
    let mut table = Table::default();
    let heads =
        ["name", "kind", "place", "gets", "last"].map(|head| words.text(&format!("cli-channel-{head}")));
    table.head(heads.iter().map(String::as_str));
    for channel in &found.channels {
        let kind = channel.kind.clone().unwrap_or_else(|| words.text("unknown-mark"));
        let last = match &channel.last {
            None => words.text("cli-channel-never"),
            Some(last) => {
                let at = words.moment(last.at, now, output.zone);
                let what = match &last.failure {
                    None => words.text("cli-channel-delivered"),
                    Some(code) => failure_text(words, code),
                };
                words.with("with-note", [("text", what.into()), ("note", at.into())])
            }
        };
        let style = if channel.failing_since.is_some() { Style::Over } else { Style::Plain };
        table.row([
            Cell::new(&channel.name),
            Cell::new(kind),
            Cell::new(&channel.place),
            Cell::new(gets(words, channel)),
            Cell::new(last).style(style),
        ]);
    }
    table.write(output)
}

/// Which messages a channel gets, in short.
fn gets(words: &Catalog, channel: &view::ChannelView) -> String {
    let mut parts = Vec::new();
    parts.push(if channel.kinds.is_empty() {
        words.text("cli-channel-all")
    } else {
        words.listed(&channel.kinds)
    });
    if !channel.accounts.is_empty() {
        let names: Vec<String> = channel.accounts.iter().map(|name| clean(name)).collect();
        parts.push(words.listed(&names));
    }
    if channel.min_level != "info" {
        parts.push(words.text(&format!("channel-level-{}", channel.min_level)));
    }
    if let Some(quiet) = &channel.quiet_hours {
        let values = [("from", quiet.from.as_str().into()), ("to", quiet.to.as_str().into())];
        parts.push(words.with("cli-channel-quiet-hours", values));
    }
    if let Some(period) = &channel.digest {
        parts.extend(words.maybe(&format!("channel-digest-{period}")));
    }
    parts.join(" · ")
}

/// Why a message did not arrive.
pub fn failure_text(words: &Catalog, code: &str) -> String {
    words.maybe(&format!("error-channel-{code}")).unwrap_or_else(|| words.text("error-other"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_are_two_times() {
        let quiet = quiet_hours("22:00-8:05").unwrap();
        assert_eq!((quiet.from.as_str(), quiet.to.as_str()), ("22:00", "08:05"));
        for text in ["", "22:00", "22-8", "25:00-08:00", "22:00-08:00-09:00"] {
            assert!(quiet_hours(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_is_one_part_of_a_path() {
        assert_eq!(path_of(" a/b? 群", "/test"), "/v1/channels/a%2Fb%3F%20%E7%BE%A4/test");
    }

    #[test]
    fn every_failure_has_its_text_in_both_languages() {
        use tidemark_channels::FailureCode as Code;
        let codes = [
            Code::BadAddress,
            Code::PrivateAddress,
            Code::NoAnswer,
            Code::Redirected,
            Code::RateLimited,
            Code::ServiceTrouble,
            Code::KeyRefused,
            Code::Refused,
            Code::NotUnderstood,
            Code::ProgramFailed,
            Code::KeyMissing,
        ];
        for language in [Language::English, Language::Chinese] {
            let words = Catalog::new(language);
            for code in codes {
                assert!(words.maybe(&format!("error-channel-{}", code.as_str())).is_some(), "{code:?}");
            }
        }
    }
}
