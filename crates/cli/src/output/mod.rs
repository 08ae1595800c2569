//! Where a command's results go: JSON for programs, words and tables for people. Nothing else is ever
//! written to standard output.

use std::io::{self, IsTerminal as _, Write};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;
use tidemark_core::text::{self, JsonWriter, clean_lines};
use unicode_width::UnicodeWidthStr as _;

use crate::i18n::Catalog;

pub mod bar;
pub mod fit;
mod forecast;
pub mod reading;
pub mod table;

/// The way to standard output.
pub struct Output {
    /// Whether to print JSON instead of text.
    pub json: bool,
    /// The texts in the user's language.
    pub words: Catalog,
    /// The zone in which moments are said.
    pub zone: Tz,
    /// How many columns there are, where something bounds them.
    pub columns: Option<usize>,
    colour: bool,
    out: Box<dyn Write>,
}

/// How a piece of text is set off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    /// No emphasis.
    #[default]
    Plain,
    /// A heading.
    Strong,
    /// Less important.
    Faint,
    /// A good value.
    Calm,
    /// Near a limit.
    Near,
    /// At the end, or wrong.
    Over,
}

impl Style {
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Faint => Some("2"),
            Self::Calm => Some("32"),
            Self::Near => Some("33"),
            Self::Over => Some("31"),
        }
    }

    /// The style of a share: calm below 75, near its end below 90, over from there on.
    #[must_use]
    pub fn of_percent(percent: f64) -> Self {
        match percent {
            p if p >= 90.0 => Self::Over,
            p if p >= 75.0 => Self::Near,
            _ => Self::Calm,
        }
    }
}

impl Output {
    /// Standard output, coloured where it is a terminal and the environment does not object.
    #[must_use]
    pub fn stdout(json: bool, words: Catalog, zone: Tz) -> Self {
        let stdout = io::stdout();
        let colour = !json && colours(stdout.is_terminal());
        let columns = columns(stdout.is_terminal());
        Self { json, words, zone, columns, colour, out: Box::new(io::BufWriter::new(stdout)) }
    }

    /// Output to another writer, for tests.
    #[cfg(test)]
    pub fn to(out: Box<dyn Write>, words: Catalog, zone: Tz, colour: bool) -> Self {
        Self { json: false, words, zone, columns: None, colour, out }
    }

    /// Writes one JSON document on one line.
    pub fn document(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(JsonWriter(&mut self.out), value).map_err(io::Error::from)?;
        self.out.write_all(b"\n")
    }

    /// Writes a line of text. Whatever its parts were, nothing but our own colours reaches the terminal.
    pub fn line(&mut self, text: impl AsRef<str>) -> io::Result<()> {
        let text = text.as_ref();
        let text = if self.colour { clean_painted(text) } else { clean_lines(text).into_owned() };
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Writes a text behind some spaces, in as many lines as the columns ask for.
    pub fn paragraph(&mut self, style: Style, indent: usize, text: &str) -> io::Result<()> {
        let room = self.columns.map_or(usize::MAX, |columns| columns.saturating_sub(indent).max(2));
        for line in fit::broken_into_lines(text, room) {
            let line = self.paint(style, &line);
            self.line(format!("{}{line}", " ".repeat(indent)))?;
        }
        Ok(())
    }

    /// Writes two texts beside each other, or one below the other where the columns are too few.
    pub fn pair(&mut self, indent: usize, first: (Style, &str), second: (Style, &str)) -> io::Result<()> {
        let width = indent + first.1.width() + 2 + second.1.width();
        if self.columns.is_some_and(|columns| width > columns) {
            self.paragraph(first.0, indent, first.1)?;
            return self.paragraph(second.0, indent, second.1);
        }
        let (first, second) = (self.paint(first.0, first.1), self.paint(second.0, second.1));
        self.line(format!("{}{first}  {second}", " ".repeat(indent)))
    }

    /// Writes bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// Where everything goes, for what writes itself.
    pub fn out(&mut self) -> &mut dyn Write {
        &mut self.out
    }

    /// Sets off a piece of text, where colours are on.
    #[must_use]
    pub fn paint(&self, style: Style, text: &str) -> String {
        match style.code() {
            Some(code) if self.colour && !text.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }

    fn left_alone(&self, name: &str, why: &str, until: DateTime<Utc>, now: DateTime<Utc>) -> String {
        // A clock time says nothing of seconds.
        let key = if why == "polled-through" || why == "ended" {
            "cli-poll-left-alone-through"
        } else if until - now < TimeDelta::hours(1) {
            "cli-poll-left-alone-soon"
        } else {
            "cli-poll-left-alone"
        };
        self.words.with(
            key,
            [
                ("name", clean(name).into()),
                ("moment", self.words.moment(until, now, self.zone).into()),
                ("length", self.words.length(until - now).into()),
                ("why", self.words.text(&format!("cli-why-{why}")).into()),
            ],
        )
    }

    /// Says that an account was skipped until a moment, and why. Progress, not a result: it never goes to
    /// standard output.
    pub fn say_left_alone(&self, name: &str, why: &str, until: DateTime<Utc>) {
        say(&self.left_alone(name, why, until, Utc::now()));
    }

    /// The sentence that two or more accounts are one.
    #[must_use]
    pub fn same_account(&self, name: &str, others: &[String]) -> String {
        let names: Vec<String> =
            std::iter::once(name).chain(others.iter().map(String::as_str)).map(clean).collect();
        self.words.with("cli-account-same", [("names", self.words.listed(&names).into())])
    }

    /// Says so, where there are others. It never goes to standard output.
    pub fn say_same_account(&self, name: &str, others: &[String]) {
        if !others.is_empty() {
            say(&self.same_account(name, others));
        }
    }

    /// Says that an account's reading could not be stored, and why. It never goes to standard output.
    pub fn say_not_stored(&self, name: &str, cause: &str, message: &str) {
        complain(&self.not_stored(name, cause, message));
    }

    fn not_stored(&self, name: &str, cause: &str, message: &str) -> String {
        let name = clean(name);
        match self.words.maybe(&format!("trouble-{cause}")) {
            Some(title) if cause != "database" => self.words.said(&name, &title),
            // What has no words of its own is quoted.
            _ => {
                let why = self.words.text("trouble-database");
                let quoted =
                    self.words.with("with-note", [("text", why.into()), ("note", clean(message).into())]);
                self.words.said(&name, &quoted)
            }
        }
    }

    /// A heading for a section of people's output.
    #[must_use]
    pub fn heading(&self, text: &str) -> String {
        self.paint(Style::Strong, text)
    }

    /// Brings everything out. What is not brought out is lost: a command ends with this.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The columns that the variable COLUMNS gives, else the terminal's; none where the output goes elsewhere.
fn columns(terminal: bool) -> Option<usize> {
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let real = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    asked.or_else(|| if terminal { real() } else { None }).filter(|columns| *columns > 0)
}

/// Whether to colour what goes to a terminal, or to something else.
#[must_use]
pub fn colours(terminal: bool) -> bool {
    wanted(terminal, |name| std::env::var_os(name).is_some_and(|v| !v.is_empty()))
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Whether to colour: <https://no-color.org>, and `CLICOLOR_FORCE` for those who pipe into a pager.
fn wanted(terminal: bool, set: impl Fn(&str) -> bool) -> bool {
    !set("NO_COLOR") && (terminal || set("CLICOLOR_FORCE"))
}

/// A text from outside, made harmless for a terminal; see [`tidemark_core::text`].
#[must_use]
pub fn clean(text: &str) -> String {
    text::clean(text).into_owned()
}

/// Says lines on standard error, harmless whatever is in them. What cannot be said there cannot be said.
pub fn say(lines: &str) {
    let _ = writeln!(io::stderr(), "{}", clean_lines(lines));
}

/// Says on standard error what went wrong, in the one form that all commands have.
pub fn complain(text: &str) {
    let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
    let head = if colour { "\x1b[1;31mtidemark:\x1b[0m" } else { "tidemark:" };
    // Nothing to do where the reader has gone.
    let _ = writeln!(io::stderr().lock(), "{head} {}", clean_lines(text));
}

/// Lines with our own colours in them, and nothing else that a terminal obeys.
fn clean_painted(text: &str) -> String {
    const CODES: [&str; 6] = ["\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"];
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        clean.push_str(&clean_lines(&rest[..at]));
        let code = CODES.iter().find(|code| rest[at..].starts_with(**code));
        let code = code.map_or("\x1b", |code| code);
        clean.push_str(if code.len() > 1 { code } else { "\u{fffd}" });
        rest = &rest[at + code.len()..];
    }
    clean.push_str(&clean_lines(rest));
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_of_seconds_is_said_in_seconds() {
        let now = "2026-11-20T07:05:10Z".parse().unwrap();
        let mut all = Vec::new();
        for language in [crate::i18n::Language::English, crate::i18n::Language::Chinese] {
            let output = Output::to(Box::new(io::sink()), Catalog::new(language), Tz::UTC, false);
            all.push(output.left_alone("work", "just-now", now + TimeDelta::seconds(8), now));
            all.push(output.left_alone("work", "retry-after", now + TimeDelta::hours(2), now));
            all.push(output.left_alone("work", "polled-through", now, now));
        }
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn no_color_wins() {
        assert!(wanted(true, |_| false));
        assert!(!wanted(false, |_| false));
        assert!(!wanted(true, |name| name == "NO_COLOR"));
        assert!(wanted(false, |name| name == "CLICOLOR_FORCE"));
        assert!(!wanted(true, |_| true));
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        assert_eq!(clean("a\x1b[31mb\nc"), "a\u{fffd}[31mb\u{fffd}c");
        assert_eq!(
            clean_painted("\x1b[1ma\x1b[2Jb\u{202e}\x1b[0m\n\x1b"),
            "\x1b[1ma\u{fffd}[2Jb\u{fffd}\x1b[0m\n\u{fffd}"
        );
        assert_eq!(clean("工作"), "工作");
    }
}
