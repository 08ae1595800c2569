//! `tidemark logs`: the tokens in this machine's session logs, and their worth at the open
//! platform's prices. No network: the logs and the price list. What the agent has read of a log is not read again, and the
//! figures are the same without it. Of other machines, the history has what they said.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::Utc;
use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Serialize;
use tidemark_api::client::Client;
use tidemark_api::view::AgentInfo;
use tidemark_core::project_filter::HiddenProjects;
use tidemark_core::{Currency, Money, Tokens, text};
use tidemark_kimi::{PriceError, PriceList};
use tidemark_logs::{By, Environment, Group, Options, Report, Roots, Tally, UnreadLog, UsageDeduper};
use tidemark_monitor::Settings;
use tidemark_monitor::local_use::RecordedLogs;
use tidemark_store::{Store, StoreError};

use super::context::{Context, runtime};
use super::{logs_of_machines, store_access, time_range};
use crate::arguments::Logs;
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::file_errors::{Access, file_error};
use crate::format;
use crate::grouping::grouped;
use crate::i18n::Catalog;
use crate::logs_by::LogsBy;
use crate::output::table::{Cell, Table};
use crate::output::{Output, Style, clean, say};

/// Runs `tidemark logs`.
pub fn run(context: &Context, logs: &Logs) -> Result<Exit, CommandOutcome> {
    // The settings pin the zone; without a place for them there are none.
    let data_dir = context.data_dir().ok();
    let store = data_dir.as_deref().map(|_| store_access::open(context)).transpose()?.flatten();
    let settings = store_access::settings(store.as_ref())?;
    let zone = context.zone(settings.as_ref().map(|s| s.timezone));
    let output = context.output(settings.as_ref().and_then(|s| s.language.as_deref()), Some(zone));
    let (from, to) = time_range::bounds(&logs.time_range, zone)?;
    let further = settings.as_ref().map_or(&[][..], |settings| &settings.log_homes);
    // Other machines' requests are in the history alone.
    let of_machines = match (&logs.machine, logs.by) {
        (Some(machine), _) => Some(machine.as_str()),
        (None, LogsBy::Machine) => Some(logs_of_machines::ALL),
        (None, LogsBy::Scan(_)) => None,
    };
    let (None, LogsBy::Scan(by)) = (of_machines, logs.by) else {
        let machine = of_machines.unwrap_or(logs_of_machines::ALL);
        if logs.home.is_some() {
            return Err(CommandError::said(Exit::Usage, "usage", "cli-logs-home-machine", &[]).into());
        }
        drop(store);
        let prices = prices(data_dir.as_deref())?;
        let cuts = prices.turning_points();
        let hidden = settings.filter(|_| output.json).map(|settings| settings.hidden()).unwrap_or_default();
        let read = logs_of_machines::read(context, machine, logs.by, (from, to), zone, &cuts, &hidden)?;
        let document = Document {
            by: logs.by.as_str(),
            timezone: zone.name(),
            rows: read.report.rows.iter().map(|group| Row::of(group, &prices, logs.currency)).collect(),
            totals: Sums::of(&read.report.totals, &prices, logs.currency),
            files: read.files,
            lines_skipped: read.lines_skipped,
            files_unreadable: None,
            unreadable: Vec::new(),
            links_not_followed: None,
            doubtful_times: read.report.doubtful_times.requests,
            third_party: third_party(&read.report),
        };
        return write(output, logs.by, &document, data_dir.as_deref());
    };
    // What programs read is handed on; the table is for whoever sits here.
    let hidden = settings.as_ref().filter(|_| output.json).map(Settings::hidden).unwrap_or_default();
    let home = logs.home.as_deref();
    let asked = Asked { by, bounds: (from, to), zone, currency: logs.currency, hidden: &hidden, home };
    let document = document(store.as_ref(), data_dir.as_deref(), further, &asked)?;
    write(output, logs.by, &document, data_dir.as_deref())
}

/// What is asked of this machine’s logs.
pub(super) struct Asked<'a> {
    pub(super) by: By,
    pub(super) bounds: time_range::Bounds,
    pub(super) zone: Tz,
    pub(super) currency: Currency,
    /// Projects that are counted and not named.
    pub(super) hidden: &'a HiddenProjects,
    /// The home below which logs are searched for; the user's where it is `None`.
    pub(super) home: Option<&'a Path>,
}

/// What this machine’s logs, with those of `further` homes, come to.
pub(super) fn document(
    store: Option<&Store>,
    data_dir: Option<&Path>,
    further: &[PathBuf],
    asked: &Asked<'_>,
) -> Result<Document, CommandError> {
    let roots = roots(asked.home, further)?;
    let prices = prices(data_dir)?;
    let (from, to) = asked.bounds;
    let options = Options { from, to, cuts: prices.turning_points(), ..Options::default() };
    let ledger = scan(store, &roots, &options);
    let report =
        tidemark_logs::report(&ledger, asked.by, asked.zone, &options.cuts, asked.hidden, Utc::now());
    Ok(Document {
        by: asked.by.as_str(),
        timezone: asked.zone.name(),
        rows: report.rows.iter().map(|group| Row::of(group, &prices, asked.currency)).collect(),
        totals: Sums::of(&report.totals, &prices, asked.currency),
        files: Some(ledger.files()),
        lines_skipped: Some(ledger.lines_skipped()),
        files_unreadable: Some(ledger.files_unreadable()),
        unreadable: ledger.unread().iter().map(|log| Unreadable::of(log, asked.hidden)).collect(),
        links_not_followed: Some(ledger.links_not_followed()),
        doubtful_times: report.doubtful_times.requests,
        third_party: third_party(&report),
    })
}

/// Reads the logs, but for what a history knows of them.
fn scan(store: Option<&Store>, roots: &Roots, options: &Options) -> UsageDeduper {
    // While an agent writes, all of what is known is to be of one moment.
    let with_history = |store: &Store| {
        store.at_one_moment(|store| {
            let mut recorded = RecordedLogs::of(store);
            Ok::<_, StoreError>(tidemark_logs::scan_with(roots, options, &mut recorded))
        })
    };
    // What cannot be read there is in the logs.
    let known = store.and_then(|store| with_history(store).ok());
    known.unwrap_or_else(|| tidemark_logs::scan(roots, options))
}

fn write(
    mut output: Output,
    by: LogsBy,
    document: &Document,
    data_dir: Option<&Path>,
) -> Result<Exit, CommandOutcome> {
    if output.json {
        output.document(document)?;
    } else {
        write_table(&mut output, by, document)?;
        for log in &document.unreadable {
            let values = [("file", clean(&log.path).into()), ("said", clean(&log.said).into())];
            say(&output.words.with("cli-logs-unread-file", values));
        }
        // What other commands show of this folder is made up; these logs are not.
        if data_dir.is_some_and(is_of_sample_data) {
            let text = output.words.text("cli-logs-real");
            output.paragraph(Style::Faint, 0, &text)?;
        }
    }
    output.flush()?;
    Ok(Exit::Done)
}

/// Whether the agent of a data folder runs on sample data.
fn is_of_sample_data(data_dir: &Path) -> bool {
    let asked = async {
        let agent: AgentInfo = Client::for_data_dir(data_dir).get("/v1/agent").await.ok()?;
        Some(agent.demo)
    };
    runtime().is_ok_and(|runtime| runtime.block_on(asked) == Some(true))
}

/// Where session logs are searched for: below the folder that was named and nowhere else, or below the user's home,
/// where the environment points, and in the additional folders of the settings.
fn roots(home: Option<&Path>, further: &[PathBuf]) -> Result<Roots, CommandError> {
    let Some(home) = home else {
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let home = home.ok_or_else(|| CommandError::said(Exit::Usage, "usage", "cli-logs-no-home", &[]))?;
        return Ok(Roots::found(&home, further, &Environment::of_process()));
    };
    if !home.is_dir() {
        let found = home.display().to_string();
        return Err(CommandError::said(Exit::Usage, "usage", "cli-logs-home", &[("found", &found)]));
    }
    Ok(Roots::in_home(home, &[]))
}

/// The public price list, with what a `prices.toml` in the data folder knows better.
pub(super) fn prices(data_dir: Option<&Path>) -> Result<PriceList, CommandError> {
    let Some(folder) = data_dir else { return Ok(PriceList::public().clone()) };
    PriceList::with_own(folder).map_err(|error| {
        let path = folder.join("prices.toml");
        let file = path.display().to_string();
        let (key, name, model) = match &error {
            PriceError::Io(error) => return file_error(Access::Read, &path, error),
            PriceError::Unreadable(_) => ("cli-prices-unreadable", "", ""),
            PriceError::Negative(name) => ("cli-prices-negative", name.as_str(), ""),
            PriceError::Twice(name) => ("cli-prices-twice", name.as_str(), ""),
            PriceError::Unknown { name, model } => ("cli-prices-unknown", name.as_str(), model.as_str()),
        };
        let values = [("file", file.as_str()), ("name", name), ("model", model)];
        let said = CommandError::said(Exit::Failed, "prices", key, &values);
        match error {
            PriceError::Unreadable(error) => said.quoting(error.message()),
            _ => said,
        }
    })
}

#[derive(Serialize)]
pub(super) struct Document {
    by: &'static str,
    timezone: &'static str,
    rows: Vec<Row>,
    totals: Sums,
    // What is said of logs is `null` where the figures are not of logs that were read here.
    files: Option<u64>,
    lines_skipped: Option<u64>,
    files_unreadable: Option<u64>,
    /// The first of them, by their paths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<Unreadable>,
    /// Links that lead out of the user's own places.
    links_not_followed: Option<u64>,
    /// Requests whose time a clock set wrong must have written, counted where they say; and those without a time, counted
    /// when their log was last written.
    doubtful_times: u64,
    /// Models of others, run through the same programs. In no row and no total.
    third_party: Vec<Third>,
}

/// A log that could not be read, and what the system said.
#[derive(Debug, Serialize)]
struct Unreadable {
    path: String,
    said: String,
}

impl Unreadable {
    fn of(log: &UnreadLog, hidden: &HiddenProjects) -> Self {
        let path = log.path.display().to_string();
        Self { path: hidden.written(&path).to_owned(), said: text::sentence(&log.said) }
    }
}

#[derive(Serialize)]
pub(super) struct Row {
    pub(super) key: Option<String>,
    #[serde(flatten)]
    pub(super) sums: Sums,
}

#[derive(Serialize)]
struct Third {
    model: String,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct Counts {
    requests: u64,
    #[serde(flatten)]
    tokens: Tokens,
    total: u64,
}

impl From<Tally> for Counts {
    fn from(tally: Tally) -> Self {
        Self { requests: tally.requests, tokens: tally.tokens, total: tally.tokens.total() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Sums {
    #[serde(flatten)]
    counts: Counts,
    /// `null` where a part has no public price.
    cost: Option<Cost>,
    #[serde(flatten)]
    unpriced: Option<Unpriced>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Cost {
    #[serde(flatten)]
    money: Money,
    /// Always: the platform bills by its own count, and a membership not by the token.
    estimated: bool,
}

impl Cost {
    const fn of(amount: Decimal, currency: Currency) -> Self {
        Self { money: Money::new(amount, currency), estimated: true }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Unpriced {
    #[serde(rename = "unpriced_tokens")]
    tokens: u64,
    #[serde(rename = "unpriced_models")]
    models: BTreeSet<String>,
    /// The cost of the rest.
    cost_of_priced: Cost,
}

impl Row {
    pub(super) fn of(group: &Group, prices: &PriceList, currency: Currency) -> Self {
        Self { key: group.key.clone(), sums: Sums::of(group, prices, currency) }
    }
}

impl Sums {
    pub(super) fn of(group: &Group, prices: &PriceList, currency: Currency) -> Self {
        let mut amount = Decimal::ZERO;
        let mut unpriced = 0_u64;
        let mut models = BTreeSet::new();
        for part in &group.parts {
            let cost = prices.price(&part.model, part.at, currency).and_then(|p| p.cost(&part.tally.tokens));
            if let Some(sum) = cost.and_then(|cost| amount.checked_add(cost)) {
                amount = sum;
            } else {
                unpriced = unpriced.saturating_add(part.tally.tokens.total());
                models.insert(part.model.clone());
            }
        }
        let cost = Cost::of(amount, currency);
        let whole = models.is_empty();
        Self {
            counts: group.tally.into(),
            cost: whole.then_some(cost),
            unpriced: (!whole).then_some(Unpriced { tokens: unpriced, models, cost_of_priced: cost }),
        }
    }
}

fn third_party(report: &Report) -> Vec<Third> {
    report
        .third_party
        .iter()
        .map(|(model, tally)| Third { model: model.clone(), counts: (*tally).into() })
        .collect()
}

fn worth(sums: &Sums) -> String {
    match (&sums.cost, &sums.unpriced) {
        (Some(cost), _) => format::money(&cost.money),
        // Some of it has a price: it is worth at least that.
        (None, Some(unpriced)) if !unpriced.cost_of_priced.money.amount.is_zero() => {
            format!("≥ {}", format::money(&unpriced.cost_of_priced.money))
        }
        (None, _) => String::new(),
    }
}

fn write_table(output: &mut Output, by: LogsBy, document: &Document) -> Result<(), CommandOutcome> {
    let words = &output.words;
    let mut notes = notes(words, document);
    if document.rows.is_empty() {
        let text = match document.files {
            Some(files) => words.with("cli-logs-empty", [("files", files.into())]),
            None => words.text("cli-logs-none"),
        };
        output.line(text)?;
    } else {
        let keys = match by {
            LogsBy::Scan(By::Client) => Keys::Client,
            by if by.is_of_time() => Keys::Time,
            _ => Keys::Name,
        };
        let head = words.text(&format!("cli-logs-by-{by}"));
        let table = table(words, &head, keys, &document.rows, &document.totals);
        notes.insert(0, words.text("cli-logs-estimated"));
        table.write(output)?;
    }
    for note in notes {
        let note = output.paint(Style::Faint, &note);
        output.line(note)?;
    }
    Ok(())
}

/// What the keys of rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Days or months, which are not cut.
    Time,
    /// Words of programs' formats, which have names for people.
    Client,
    /// Names.
    Name,
}

/// Rows and their totals, below a head.
pub(super) fn table(words: &Catalog, head: &str, keys: Keys, rows: &[Row], totals: &Sums) -> Table {
    let mut table = Table::default();
    let heads = ["requests", "input", "cache-read", "cache-write", "output", "total", "worth"]
        .map(|column| words.text(&format!("cli-logs-{column}")));
    table.row(
        std::iter::once(Cell::new(head).style(Style::Faint))
            .chain(heads.iter().map(|head| Cell::new(head).style(Style::Faint).right())),
    );
    let cells = |key: Cell, sums: &Sums, style: Style| {
        let Counts { requests, tokens, total } = sums.counts;
        let numbers = [requests, tokens.input, tokens.cache_read, tokens.cache_write, tokens.output, total];
        let numbers = numbers.map(|number| Cell::new(grouped(number)).right().style(style));
        std::iter::once(key.style(style))
            .chain(numbers)
            .chain(std::iter::once(Cell::new(worth(sums)).right().style(style)))
            .collect::<Vec<_>>()
    };
    for row in rows {
        let key = match &row.key {
            // The word in the document; its name for people.
            Some(format) if keys == Keys::Client => {
                words.maybe(&format!("format-{format}")).unwrap_or_else(|| format.clone())
            }
            Some(key) => key.clone(),
            None => words.text("unknown-mark"),
        };
        let cell = Cell::new(key);
        let cell = if keys == Keys::Time { cell.whole() } else { cell };
        table.row(cells(cell, &row.sums, Style::Plain));
    }
    table.row(cells(Cell::new(words.text("cli-logs-all")), totals, Style::Strong));
    table
}

/// What of the totals has no public price.
pub(super) fn unpriced_note(words: &Catalog, totals: &Sums) -> Option<String> {
    let unpriced = totals.unpriced.as_ref()?;
    let models = words.listed(&unpriced.models.iter().cloned().collect::<Vec<_>>());
    let tokens = grouped(unpriced.tokens);
    Some(words.with("cli-logs-unpriced", [("tokens", tokens.into()), ("models", models.into())]))
}

/// What else is to be said, a line each.
fn notes(words: &Catalog, document: &Document) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(unpriced_note(words, &document.totals));
    for third in &document.third_party {
        let tokens = grouped(third.counts.total);
        let model = third.model.clone();
        notes.push(words.with("cli-logs-third", [("tokens", tokens.into()), ("model", model.into())]));
    }
    for (key, count) in [
        ("cli-logs-doubtful", Some(document.doubtful_times)),
        ("cli-logs-skipped", document.lines_skipped),
        ("cli-logs-unreadable", document.files_unreadable),
        ("cli-logs-links", document.links_not_followed),
    ] {
        if let Some(count) = count.filter(|count| *count > 0) {
            notes.push(words.with(key, [("count", count.into())]));
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::fs;
    use std::io;
    use std::rc::Rc;

    use serde_json::{Value, json};
    use tidemark_logs::Part;

    use super::*;
    use crate::i18n::Language;

    /// A home with a request of a model that has a price, one of a model that has none, and one of others.
    fn home() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        let session = home.path().join(".kimi-code/sessions/wd_boat_0123456789ab/session_7/agents/main");
        fs::create_dir_all(&session).unwrap();
        let record = |model: &str, time: i64, output: u64| {
            json!({"type": "usage.record", "model": model, "usageScope": "turn", "time": time,
                   "usage": {"inputOther": 1000, "output": output, "inputCacheRead": 9000}})
            .to_string()
        };
        let lines = [
            record("kimi-code/k3", 1_785_000_000_000, 500),
            record("house-blend", 1_785_000_001_000, 600),
            record("deepseek-chat", 1_785_000_002_000, 700),
            "{broken".to_owned(),
            record("kimi-code/k3", 1_785_090_000_000, 800),
        ];
        fs::write(session.join("wire.jsonl"), lines.join("\n")).unwrap();
        home
    }

    fn document(by: By) -> Document {
        document_hiding(by, &HiddenProjects::default())
    }

    fn document_hiding(by: By, hidden: &HiddenProjects) -> Document {
        let home = home();
        let prices = PriceList::public();
        let options = Options { cuts: prices.turning_points(), ..Options::default() };
        let ledger = scan(None, &Roots::in_home(home.path(), &[]), &options);
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        let report = tidemark_logs::report(&ledger, by, chrono_tz::UTC, &options.cuts, hidden, now);
        Document {
            by: by.as_str(),
            timezone: "UTC",
            rows: report.rows.iter().map(|group| Row::of(group, prices, Currency::USD)).collect(),
            totals: Sums::of(&report.totals, prices, Currency::USD),
            files: Some(ledger.files()),
            lines_skipped: Some(ledger.lines_skipped()),
            files_unreadable: Some(ledger.files_unreadable()),
            unreadable: Vec::new(),
            links_not_followed: Some(ledger.links_not_followed()),
            doubtful_times: report.doubtful_times.requests,
            third_party: third_party(&report),
        }
    }

    #[test]
    fn the_document_is_the_contract_s() {
        let value = serde_json::to_value(document(By::Day)).unwrap();
        assert_eq!(
            value["rows"][1],
            json!({"key": "2026-07-26", "requests": 1, "input": 1000, "cache_read": 9000, "cache_write": 0,
                   "output": 800, "total": 10800,
                   "cost": {"amount": "0.0177", "currency": "USD", "estimated": true}})
        );
        assert_eq!(value["rows"][0]["key"], "2026-07-25");
        assert_eq!(value["rows"][0]["cost"], Value::Null);
        assert_eq!(value["rows"][0]["unpriced_tokens"], 10600);
        assert_eq!(value["totals"]["unpriced_models"], json!(["house-blend"]));
        assert_eq!(value["totals"]["total"], 31900);
        assert_eq!(value["totals"]["cost_of_priced"]["amount"], "0.0309");
        assert_eq!((&value["files"], &value["lines_skipped"]), (&json!(1), &json!(1)));
        assert_eq!(value["third_party"][0]["model"], "deepseek-chat");
        assert_eq!(value["third_party"][0]["total"], 10700);
    }

    #[test]
    fn a_hidden_project_is_counted_and_not_named() {
        let shown = serde_json::to_value(document(By::Project)).unwrap();
        assert!(shown["rows"][0]["key"].as_str().unwrap().contains("boat"), "{shown}");
        let hidden =
            serde_json::to_value(document_hiding(By::Project, &HiddenProjects::by(&["Boat"]))).unwrap();
        assert!(!hidden.to_string().contains("boat"), "{hidden}");
        assert_eq!(hidden["rows"][0]["key"], "hidden");
        assert_eq!(hidden["rows"][0]["total"], shown["rows"][0]["total"]);
        assert_eq!(hidden["totals"], shown["totals"]);
    }

    #[test]
    fn a_sum_across_a_change_of_price_is_priced_in_parts() {
        let part = |at: &str| Part {
            model: "kimi-for-coding".into(),
            at: at.parse().unwrap(),
            tally: Tally { requests: 1, tokens: Tokens { output: 1_000_000, ..Tokens::default() } },
        };
        let group = Group {
            parts: vec![part("2026-04-20T15:15:00Z"), part("2026-04-20T15:28:10Z")],
            ..Group::default()
        };
        let sums = Sums::of(&group, PriceList::public(), Currency::USD);
        assert_eq!(sums.cost, Some(Cost::of(Decimal::from(7), Currency::USD)));
    }

    #[derive(Clone, Default)]
    struct Kept(Rc<RefCell<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn people_get_a_table_in_both_languages() {
        for (language, tag) in [(Language::English, "en"), (Language::Chinese, "zh")] {
            for by in [By::Day, By::Model, By::Client] {
                let kept = Kept::default();
                let mut output =
                    Output::to(Box::new(kept.clone()), Catalog::new(language), chrono_tz::UTC, false);
                write_table(&mut output, LogsBy::Scan(by), &document(by)).unwrap();
                let text = String::from_utf8(kept.0.borrow().clone()).unwrap();
                insta::assert_snapshot!(format!("logs-{tag}-{by}"), text);
            }
        }
    }
}
