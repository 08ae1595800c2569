//! The report as a page: one file, nothing loaded, nothing run, made to be printed.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::ops::ControlFlow;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::glance::{Case, Glance};
use super::page_text::{minute, safe, second, span, zone_name};
use super::{Figures, Head, RecordSource, ReportError, SealedRecord, Words, chart};
use crate::change::Tracker;
use crate::expected_band::{Point, expected};
use crate::finding::{Anomaly, Finding, FindingKind, Schedule};
use crate::message::Message;
use crate::meter::Meter;
use crate::number::decimal;
use crate::reading::Reading;
use crate::series::Series;
use crate::wire::{AnnouncementRecord, IncidentRecord, IncidentState, Record};

/// How many cases are made ready at once. Each time the readings are gone through once more.
const CASES_AT_ONCE: usize = 16;

/// From this sum of a quota on, in points, whole cycles are shorter, as in the window. A 5-hour quota is used up several
/// times a day.
const fn most_points(meter: Meter) -> f64 {
    if matches!(meter, Meter::FiveHour) { 100.0 } else { 1000.0 }
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:60rem;\
margin:2rem auto;padding:0 1.5rem}h1{font-size:1.7rem;line-height:1.2;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem;\
border-bottom:1px solid #cfd6dd;break-after:avoid}h3{font-size:1rem;margin:1.4rem 0 .3rem;break-after:avoid}\
header p{margin:.3rem 0 1rem}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;\
font-size:.88rem}th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid #e5e9ed;\
vertical-align:top}td.n,th.n{text-align:right}td.t{white-space:nowrap}dl{display:grid;\
grid-template-columns:max-content 1fr;gap:.15rem 1rem}dt{color:#56606a}dd{margin:0}\
code,pre{font:.8rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}\
pre{background:#f5f7f9;padding:.5rem;margin:.3rem 0}figure{margin:1rem 0}svg{width:100%;height:auto}\
.band{fill:#9fc6e8;opacity:.6}.seen{fill:none;stroke:#b3261e;stroke-width:2}.axis{fill:none;stroke:#76808a}\
.grid{stroke:#e5e9ed}.when{fill:#fdeae8}svg text{font-size:10px;fill:#56606a}.case{break-inside:avoid}.faint{color:#56606a}\
.who{background:#f5f7f9;border-radius:8px;padding:.7rem .9rem;margin:0}\
.blank{display:inline-block;min-width:16rem;border-bottom:1px solid #76808a;height:1.2em}\
.amounts{display:flex;flex-wrap:wrap;gap:.7rem}.amounts>div{flex:1 1 11rem;border:1px solid #cfd6dd;\
border-radius:8px;padding:.6rem .8rem}.amounts p{margin:0}.name{font-weight:600}\
.big{font-size:1.6rem;line-height:1.3;font-weight:600;color:#8f1d17;font-variant-numeric:tabular-nums}\
.back{color:#0b5a3c}.cases td:first-child{color:#56606a;padding-right:.8rem}.past{color:#56606a}\
.appendix{break-before:page;margin-top:3rem;border:0;font-size:1.4rem}\
@page{size:A4;margin:14mm 15mm 16mm;@bottom-right{content:counter(page);font:9pt system-ui,sans-serif;color:#56606a}}\
@media print{body{margin:0;padding:0;max-width:none;font-size:10pt}h2{margin-top:.9rem}.who,.amounts>div{padding:.4rem .6rem}figure{margin:.6rem 0}\
tr{break-inside:avoid}\
thead{display:table-header-group}.who,.amounts>div,pre,.when,.band{print-color-adjust:exact;\
-webkit-print-color-adjust:exact}}";

/// Writes the page, without ever holding more of the records than a case shows: they are gone through several
/// times. `data` writes the report as JSON, which the page carries with it, so that the file itself can be checked
/// and replayed.
///
/// # Errors
/// [`ReportError::Source`] where the records cannot be read, [`ReportError::Write`] where `out` takes nothing
/// more.
///
/// # Examples
/// A page about an account without records:
///
/// ```
/// use chrono::{DateTime, Utc};
/// use chrono_tz::Tz;
/// use tidemark_core::report::{Figures, Head, SealedRecord, Words, write_page};
/// use tidemark_core::{Finding, Series, finding::Anomaly};
///
/// /// Texts that are their own keys; the program takes them from its catalogue.
/// struct Keys;
/// impl Words for Keys {
///     fn say(&self, key: &str, _values: &[(&str, &str)]) -> String {
///         key.to_owned()
///     }
///     fn quantity(&self, series: Series, value: f64) -> String {
///         format!("{value} {}", series.unit())
///     }
///     fn series(&self, series: Series) -> String {
///         series.to_string()
///     }
///     fn figures(&self, class: Anomaly, _series: Series, _figures: &Figures) -> String {
///         class.as_str().to_owned()
///     }
///     fn finding(&self, finding: &Finding, _now: DateTime<Utc>, _zone: Tz) -> (String, Vec<String>) {
///         (finding.explanation.clone(), finding.evidence.clone())
///     }
/// }
///
/// let at: DateTime<Utc> = "2026-06-01T08:00:00Z".parse()?;
/// let head = Head {
///     made_at: at,
///     made_by: "0.1.0".to_owned(),
///     account: "work".to_owned(),
///     source: "platform".to_owned(),
///     region: "global".to_owned(),
///     plan: None,
///     from: at,
///     to: at,
///     timezone: "Europe/Berlin".to_owned(),
///     language: "en".to_owned(),
///     totals: Vec::new(),
///     marks: Vec::new(),
/// };
/// let (mut page, records): (_, &[SealedRecord]) = (Vec::new(), &[]);
/// write_page(&mut page, &head, "0f…", records, |out| Ok(out.write_all(b"{}")?), &Keys).unwrap();
/// let page = String::from_utf8(page).unwrap();
/// assert!(page.starts_with("<!doctype html>") && page.contains("work"));
/// # Ok::<(), chrono::ParseError>(())
/// ```
pub fn write_page<S: RecordSource + ?Sized>(
    out: &mut dyn Write,
    head: &Head,
    seal: &str,
    records: &S,
    data: impl FnOnce(&mut dyn Write) -> Result<(), ReportError<S::Error>>,
    words: &dyn Words,
) -> Result<(), ReportError<S::Error>> {
    let page = Page { head, seal, records, words, zone: head.timezone.parse().unwrap_or(Tz::UTC) };
    let outline = page.outline()?;
    write!(
        out,
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{}</title><style>{STYLE}</style></head>\n<body><main>\n",
        safe(&head.language),
        page.with("label-value", &[("name", &words.say("report-title", &[])), ("value", &head.account)]),
    )?;
    page.glance(out, &outline)?;
    writeln!(out, "<h2 class=\"appendix\">{}</h2>", page.text("report-appendix"))?;
    let zone = zone_name(page.zone, head.from, head.to);
    writeln!(out, "<p class=\"faint\">{}</p>", page.with("report-times", &[("zone", &zone)]))?;
    page.summary(out)?;
    page.announced(out, &outline)?;
    page.cases(out, &outline)?;
    page.readings(out, &outline)?;
    page.method(out)?;
    page.bodies(out, &outline)?;
    writeln!(out, "</main>")?;
    write!(out, "<script type=\"application/json\" id=\"tidemark-report\">")?;
    data(&mut InScript(out))?;
    writeln!(out, "</script>\n</body></html>")?;
    Ok(())
}

/// What stands inside a script element: `<` cannot without ending it; JSON knows it by another name.
struct InScript<'a>(&'a mut dyn Write);

impl Write for InScript<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (place, part) in bytes.split(|byte| *byte == b'<').enumerate() {
            if place > 0 {
                self.0.write_all(b"\\u003c")?;
            }
            self.0.write_all(part)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// What must be known of all records before the first row is written.
#[derive(Default)]
struct Outline {
    findings: Vec<Finding>,
    incidents: Vec<IncidentRecord>,
    announcements: Vec<AnnouncementRecord>,
    /// How many readings are shown: those that say something else than the one before.
    shown: usize,
    /// How many there are.
    readings: usize,
}

impl Outline {
    fn anomalies(&self) -> impl Iterator<Item = (&Finding, Anomaly)> {
        self.findings.iter().filter_map(|finding| Some((finding, finding.anomaly()?)))
    }
}

struct Page<'a, S: ?Sized> {
    head: &'a Head,
    seal: &'a str,
    records: &'a S,
    words: &'a dyn Words,
    zone: Tz,
}

impl<S: RecordSource + ?Sized> Page<'_, S> {
    /// A text of the catalogue, ready for the page.
    fn text(&self, key: &str) -> String {
        safe(&self.words.say(key, &[]))
    }

    /// How far an incident reaches, in the catalogue's words where it has some for it.
    fn impact(&self, impact: &str) -> String {
        match impact {
            "none" | "minor" | "major" | "critical" | "maintenance" => {
                self.words.say(&format!("service-{impact}"), &[])
            }
            other => other.to_owned(),
        }
    }

    fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        safe(&self.words.say(key, values))
    }

    /// A time that is compared with the service's records.
    fn exact(&self, at: DateTime<Utc>) -> String {
        second(at, self.zone)
    }

    /// A time that is read.
    fn time(&self, at: DateTime<Utc>) -> String {
        minute(at, self.zone, self.words)
    }

    /// An amount of a row whose sum is `of`. What was used of a quota over several cycles is no percentage of anything:
    /// the whole row is in cycles, as in the window.
    fn over_cycles(&self, series: Series, value: f64, of: f64) -> String {
        let Some(meter) = series.meter().filter(|meter| of > most_points(*meter)) else {
            return safe(&self.words.quantity(series, value));
        };
        let unit = match meter {
            Meter::FiveHour => "5h",
            Meter::Week => "week",
            Meter::Month | Meter::MonthCode => "month",
        };
        // Less than one cycle is written to a hundredth: what is accused is not rounded away.
        let step = if value < 100.0 { 100.0 } else { 10.0 };
        let least = if value > 0.0 { 0.01 } else { 0.0 };
        let count = ((value / 100.0 * step).round() / step).max(least).to_string();
        self.with(&format!("cycles-{unit}"), &[("count", &count)])
    }

    fn section(&self, out: &mut dyn Write, key: &str) -> io::Result<()> {
        writeln!(out, "<h2>{}</h2>", self.text(key))
    }

    /// The first page.
    fn glance(&self, out: &mut dyn Write, outline: &Outline) -> Result<(), ReportError<S::Error>> {
        let mut cases: Vec<Case<'_>> = outline
            .anomalies()
            .zip(1..)
            .map(|((finding, class), number)| {
                let withdrawn = self.withdrawn(finding, outline);
                let back = self.given_back(finding, outline);
                Case {
                    finding,
                    class,
                    number,
                    stands: withdrawn.is_none() && back.is_empty(),
                    given_back: withdrawn.is_none() && !back.is_empty(),
                    outcome: withdrawn
                        .or_else(|| back.into_iter().next())
                        .or_else(|| self.marked(finding, class)),
                }
            })
            .collect();
        // What is still held against the service comes first, the most certain of it before the rest.
        cases.sort_by(|a, b| {
            let weight = |case: &Case<'_>| (case.stands, !case.given_back, case.finding.confidence);
            weight(b).partial_cmp(&weight(a)).unwrap_or(std::cmp::Ordering::Equal)
        });
        let mut picture = String::new();
        if let Some(first) = cases.first() {
            let near = self.points_near(&[first.finding])?.into_iter().next().unwrap_or_default();
            picture = self.chart(first.finding, &near);
        }
        let glance = Glance { head: self.head, seal: self.seal, words: self.words, zone: self.zone };
        Ok(glance.write(out, &cases, &picture)?)
    }

    /// The chart of a case; empty where there is nothing to draw.
    fn chart(&self, finding: &Finding, near: &[Point]) -> String {
        let Some(series) = finding.series else { return String::new() };
        let label = self.with("report-chart", &[("what", &self.words.series(series))]);
        let ends = near.first().zip(near.last());
        let times = ends.map(|(a, b)| (self.time(a.at), self.time(b.at))).unwrap_or_default();
        let scale = chart::Scale { percent: series.meter().is_some(), during: (finding.from, finding.to) };
        chart::draw(near, &expected(finding, near), &label, (&times.0, &times.1), scale)
    }

    /// What the user said of it.
    fn marked(&self, finding: &Finding, class: Anomaly) -> Option<String> {
        let mark = self.head.marks.iter().find(|mark| {
            mark.class == class && mark.series == finding.series && mark.detected_at == finding.detected_at
        })?;
        Some(self.text(&format!("report-mark-{}", mark.mark.as_str())))
    }

    fn summary(&self, out: &mut dyn Write) -> io::Result<()> {
        self.section(out, "report-summary")?;
        let heads = [
            "report-what",
            "report-deducted",
            "report-explained",
            "report-elsewhere",
            "report-not-explained",
            "report-cannot-tell",
        ];
        write!(out, "<table><tr>")?;
        for (place, key) in heads.into_iter().enumerate() {
            let class = if place == 0 { "" } else { " class=\"n\"" };
            write!(out, "<th{class}>{}</th>", self.text(key))?;
        }
        writeln!(out, "</tr>")?;
        for total in &self.head.totals {
            let series = total.series;
            write!(out, "<tr><td>{}</td>", safe(&self.words.series(series)))?;
            for value in
                [total.deducted, total.fully + total.partly, total.elsewhere, total.not, total.cannot_tell]
            {
                write!(out, "<td class=\"n\">{}</td>", self.over_cycles(series, value, total.deducted))?;
            }
            writeln!(out, "</tr>")?;
        }
        writeln!(out, "</table>")?;
        for total in &self.head.totals {
            let Some(code) = total.code else { continue };
            let amount = self.words.quantity(total.series, code);
            let what = self.words.series(total.series);
            writeln!(
                out,
                "<p class=\"faint\">{}</p>",
                self.with("report-of-which-code", &[("what", &what), ("amount", &amount)])
            )?;
        }
        Ok(())
    }

    /// What the service reported: resets and their scheduled times, changes, incidents.
    fn announced(&self, out: &mut dyn Write, outline: &Outline) -> io::Result<()> {
        self.section(out, "report-announced")?;
        let mut rows: Vec<(DateTime<Utc>, String)> = Vec::new();
        let mut on_time = 0_usize;
        for finding in &outline.findings {
            if matches!(finding.kind, FindingKind::Reset { schedule: Schedule::OnTime, .. }) {
                on_time += 1;
                continue;
            }
            let what = finding.series.map_or_else(String::new, |series| self.words.series(series));
            let row = match &finding.kind {
                FindingKind::Reset { announced, schedule, .. } => {
                    let word = serde_json::to_value(schedule).ok();
                    let word = word.as_ref().and_then(|word| word.as_str()).unwrap_or_default();
                    let word = self.words.say(&format!("schedule-{word}"), &[]);
                    let due = announced.map_or_else(|| "–".to_owned(), |at| self.time(at));
                    self.with("report-reset", &[("what", &what), ("schedule", &word), ("due", &due)])
                }
                FindingKind::LimitChange { limit, before, after } => {
                    let change = (before.as_deref().unwrap_or("–"), after.as_deref().unwrap_or("–"));
                    self.with("report-limit", &[("limit", limit), ("before", change.0), ("after", change.1)])
                }
                FindingKind::PlanChange { before, after } => {
                    let change = (before.as_deref().unwrap_or("–"), after.as_deref().unwrap_or("–"));
                    self.with("report-plan", &[("before", change.0), ("after", change.1)])
                }
                FindingKind::AccountChange => self.text("finding-title-account-change"),
                FindingKind::Credit { amount, .. } => {
                    let value = decimal::to_f64(amount.amount);
                    let amount = self.words.quantity(Series::Balance(amount.currency), value);
                    self.with("report-credit", &[("amount", &amount)])
                }
                _ => continue,
            };
            rows.push((finding.to, row));
        }
        for line in &outline.incidents {
            let title = line.title.as_deref().unwrap_or(&line.id);
            let key = match line.state {
                IncidentState::Open => "report-incident-open",
                IncidentState::Resolved => "report-incident-over",
            };
            let impact = line.impact.as_deref().map_or_else(|| "–".to_owned(), |impact| self.impact(impact));
            rows.push((line.at, self.with(key, &[("title", title), ("impact", &impact)])));
        }
        for line in &outline.announcements {
            rows.push((line.begins(), self.with("report-announcement", &[("text", &line.words())])));
        }
        rows.sort_by_key(|(at, _)| *at);
        if on_time > 0 {
            let count = on_time.to_string();
            writeln!(out, "<p class=\"faint\">{}</p>", self.with("report-on-time", &[("count", &count)]))?;
        }
        if rows.is_empty() {
            if on_time == 0 {
                writeln!(out, "<p>{}</p>", self.text("report-nothing-announced"))?;
            }
            return Ok(());
        }
        writeln!(out, "<table>")?;
        for (at, row) in rows {
            writeln!(out, "<tr><td class=\"t\">{}</td><td>{row}</td></tr>", self.time(at))?;
        }
        writeln!(out, "</table>")
    }

    fn cases(&self, out: &mut dyn Write, outline: &Outline) -> Result<(), ReportError<S::Error>> {
        self.section(out, "report-cases")?;
        let anomalies: Vec<(&Finding, Anomaly)> = outline.anomalies().collect();
        if anomalies.is_empty() {
            writeln!(out, "<p>{}</p>", self.text("report-no-case"))?;
        }
        // A few at a time: what is drawn of them is all that is held.
        for (chunk, some) in anomalies.chunks(CASES_AT_ONCE).enumerate() {
            let findings: Vec<&Finding> = some.iter().map(|(finding, _)| *finding).collect();
            let points = self.points_near(&findings)?;
            for (place, ((finding, class), points)) in some.iter().zip(&points).enumerate() {
                self.case(out, (chunk * CASES_AT_ONCE + place + 1, finding, *class), points)?;
                for said in
                    self.withdrawn(finding, outline).into_iter().chain(self.given_back(finding, outline))
                {
                    writeln!(out, "<p><strong>{said}</strong></p>")?;
                }
                writeln!(out, "</div>")?;
            }
        }
        Ok(())
    }

    fn case(
        &self,
        out: &mut dyn Write,
        (number, finding, class): (usize, &Finding, Anomaly),
        near: &[Point],
    ) -> io::Result<()> {
        let name = finding.series.map_or_else(String::new, |series| self.words.series(series));
        writeln!(
            out,
            "<div class=\"case\"><h3>{number} · {} · {}</h3>",
            self.text(&format!("anomaly-{}", class.as_str())),
            safe(&name)
        )?;
        write!(out, "<p>{}", safe(&span(finding.from, finding.to, self.zone, self.words)))?;
        if let Some(series) = finding.series {
            let figures = Figures {
                observed: finding.observed,
                expected: finding.expected_low.zip(finding.expected_high),
                factor: finding.factor(),
            };
            write!(out, "<br>{}", safe(&self.words.figures(class, series, &figures)))?;
        }
        writeln!(out, "</p>{}", self.chart(finding, near))?;
        let (explanation, evidence) = self.words.finding(finding, self.head.made_at, self.zone);
        writeln!(out, "<p>{}</p><ul>", safe(&explanation))?;
        for fact in &evidence {
            writeln!(out, "<li>{}</li>", safe(fact))?;
        }
        let confidence = format!("{:.0}", finding.confidence * 100.0);
        writeln!(
            out,
            "</ul><p class=\"faint\">{}</p>",
            self.with("report-confidence", &[("percent", &confidence)])
        )?;
        if let Some(mark) = self.marked(finding, class) {
            writeln!(out, "<p class=\"faint\">{mark}</p>")?;
        }
        Ok(())
    }

    /// That an anomaly is none after all: usage that became known later explains it.
    fn withdrawn(&self, finding: &Finding, outline: &Outline) -> Option<String> {
        let of_this = |other: &&Finding| {
            (other.series, other.from) == (finding.series, finding.from)
                && matches!(other.kind, FindingKind::Withdrawn { of } if of == finding.detected_at)
        };
        let withdrawn = outline.findings.iter().find(of_this)?;
        let (why, _) = self.words.finding(withdrawn, self.head.made_at, self.zone);
        Some(self.with("report-withdrawn", &[("at", &self.time(withdrawn.detected_at)), ("why", &why)]))
    }

    /// That a deduction was given back later, however much later.
    fn given_back(&self, finding: &Finding, outline: &Outline) -> Vec<String> {
        let of_this = |other: &&Finding| {
            other.series == finding.series
                && matches!(other.kind, FindingKind::Recovered { of } if of == finding.detected_at)
        };
        let said = |back: &Finding| {
            // What of it came back, not all that the reset or credit gave.
            let back_of_it = back.messages.explanation.iter().find_map(|message| match message {
                Message::GivenBack { amount, .. } => Some(*amount),
                _ => None,
            });
            let amount = match (back.series, back_of_it.or(back.observed)) {
                (Some(series), Some(amount)) => self.words.quantity(series, amount),
                _ => self.words.say("unknown-mark", &[]),
            };
            self.with("report-given-back", &[("amount", amount.as_str()), ("at", &self.time(back.to))])
        };
        outline.findings.iter().filter(of_this).map(said).collect()
    }

    /// What a reading says, in a line: what changed in it is what is shown.
    fn said(&self, reading: &Reading) -> String {
        let mut said: Vec<String> = values(reading)
            .into_iter()
            .map(|(series, value)| {
                let value = if series.meter().is_some() {
                    self.words.say("percent-value", &[("value", &trimmed(value))])
                } else {
                    self.words.quantity(series, value)
                };
                format!("{} {}", safe(&self.words.series(series)), safe(&value))
            })
            .collect();
        // Money that is owed is no balance, and is not hidden behind one of zero.
        if let Some((series, owed)) = owed(reading) {
            let amount = self.words.quantity(series, owed);
            said.push(format!("{} {}", self.text("balance-debt"), safe(&amount)));
        }
        said.join(" · ")
    }

    /// Goes through the records once; what is no line of ours is passed over.
    fn each_line(
        &self,
        mut each: impl FnMut(Record, SealedRecord) -> io::Result<()>,
    ) -> Result<(), ReportError<S::Error>> {
        let mut failed = Ok(());
        self.records
            .for_each(&mut |record| {
                if let Ok(line) = serde_json::from_str::<Record>(&record.text) {
                    failed = each(line, record);
                }
                if failed.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
            .map_err(ReportError::Source)?;
        Ok(failed?)
    }

    fn outline(&self) -> Result<Outline, ReportError<S::Error>> {
        let mut outline = Outline::default();
        let mut last = None;
        self.each_line(|line, _| {
            match line {
                Record::Reading(line) => {
                    let said = self.said(&line.into());
                    outline.readings += 1;
                    outline.shown += usize::from(last.as_ref() != Some(&said));
                    last = Some(said);
                }
                Record::Finding(line) => outline.findings.extend(line.finding()),
                Record::Incident(line) => outline.incidents.push(line),
                Record::Announcement(line) => outline.announcements.push(line),
                Record::Usage(_) | Record::LogCoverage(_) | Record::Failure(_) => {}
            }
            Ok(())
        })?;
        Ok(outline)
    }

    /// The points around each of some findings.
    fn points_near(&self, findings: &[&Finding]) -> Result<Vec<Vec<Point>>, ReportError<S::Error>> {
        let mut near: Vec<Near> = findings.iter().map(|finding| Near::of(finding)).collect();
        let mut tracker = Tracker::default();
        let mut begun: BTreeSet<Series> = BTreeSet::new();
        self.each_line(|line, _| {
            let Record::Reading(line) = line else { return Ok(()) };
            for movement in tracker.observe(&line.into()).movements {
                let still =
                    movement.deducted.is_zero() && movement.returned.is_zero() && movement.resets == 0;
                let point = Point {
                    at: movement.at,
                    value: decimal::to_f64(movement.value),
                    deducted: decimal::to_f64(movement.deducted),
                    returned: decimal::to_f64(movement.returned),
                    resets: movement.resets,
                };
                // Where it did not move there is nothing to draw, but for where it began, and that it stayed.
                let draw = begun.insert(movement.series) || !still;
                for near in near.iter_mut().filter(|near| near.series == Some(movement.series)) {
                    near.take(point, draw);
                }
            }
            Ok(())
        })?;
        Ok(near.into_iter().map(Near::points).collect())
    }

    fn readings(&self, out: &mut dyn Write, outline: &Outline) -> Result<(), ReportError<S::Error>> {
        self.section(out, "report-readings")?;
        let counts = (outline.shown.to_string(), outline.readings.to_string());
        writeln!(
            out,
            "<p class=\"faint\">{}</p>\n<table>",
            self.with("report-readings-about", &[("shown", &counts.0), ("all", &counts.1)])
        )?;
        let mut last: Option<String> = None;
        // The records are in the order of time as far as these two are concerned.
        self.each_line(|line, _| {
            let (at, said) = match line {
                Record::Reading(line) => {
                    let said = self.said(&line.clone().into());
                    if last.as_ref() == Some(&said) {
                        return Ok(());
                    }
                    last = Some(said.clone());
                    (line.at, said)
                }
                Record::Failure(line) => (line.at, self.text(&format!("failure-{}", line.kind))),
                _ => return Ok(()),
            };
            writeln!(out, "<tr><td class=\"t\">{}</td><td>{said}</td></tr>", self.exact(at))
        })?;
        writeln!(out, "</table>")?;
        Ok(())
    }

    fn method(&self, out: &mut dyn Write) -> io::Result<()> {
        self.section(out, "report-method")?;
        for key in [
            "report-method-observed",
            "report-method-explained",
            "report-method-found",
            "report-method-money",
        ] {
            writeln!(out, "<p>{}</p>", self.text(key))?;
        }
        self.section(out, "report-chain")?;
        writeln!(
            out,
            "<p>{}</p>\n<p>{}</p>\n<pre>{}</pre>",
            self.text("report-chain-about"),
            self.text("report-chain-limits"),
            safe(self.seal)
        )
    }

    /// The raw answers around each case; all of them are in the data that the page carries.
    fn bodies(&self, out: &mut dyn Write, outline: &Outline) -> Result<(), ReportError<S::Error>> {
        self.section(out, "report-bodies")?;
        writeln!(out, "<p class=\"faint\">{}</p>", self.text("report-bodies-about"))?;
        let wanted: BTreeSet<DateTime<Utc>> = outline
            .anomalies()
            .flat_map(|(finding, _)| [finding.from, finding.to, finding.detected_at])
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut body = None;
        self.each_line(|line, record| {
            let Record::Reading(line) = line else { return Ok(()) };
            body = record.body.or_else(|| body.take());
            match &body {
                Some(body) if wanted.contains(&line.at) => {
                    writeln!(out, "<p>{}</p><pre>{}</pre>", self.exact(line.at), safe(body))
                }
                _ => Ok(()),
            }
        })
    }
}

/// The points around one finding, as they come.
struct Near {
    series: Option<Series>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// The last one before.
    before: Option<Point>,
    inside: Vec<Point>,
    /// The last one, where nothing has moved since the one before.
    held: Option<Point>,
}

impl Near {
    fn of(finding: &Finding) -> Self {
        let length = (finding.to - finding.from).clamp(TimeDelta::hours(3), TimeDelta::days(7));
        Self {
            series: finding.series,
            from: finding.from - length,
            to: finding.to + length,
            before: None,
            inside: Vec::new(),
            held: None,
        }
    }

    /// `draw`: whether the value moved, or is the first.
    fn take(&mut self, point: Point, draw: bool) {
        if point.at > self.to {
            return;
        }
        self.held = (!draw).then_some(point);
        if draw && point.at < self.from {
            self.before = Some(point);
        } else if draw {
            self.inside.push(point);
        }
    }

    fn points(self) -> Vec<Point> {
        // The value held since; what is drawn begins with the span.
        let before = self.before.map(|point| Point { at: point.at.max(self.from), ..point });
        // To the end of what is drawn, so that a jump is seen to stay.
        let held = self.held.filter(|held| held.at >= self.from);
        before.into_iter().chain(self.inside).chain(held).collect()
    }
}

/// What a reading says is owed: cash below zero.
fn owed(reading: &Reading) -> Option<(Series, f64)> {
    let balance = reading.balance?;
    let cash = balance.cash.filter(|cash| cash.is_sign_negative() && !cash.is_zero())?;
    Some((Series::Balance(balance.currency), decimal::to_f64(-cash)))
}

/// What a reading says of each series.
fn values(reading: &Reading) -> Vec<(Series, f64)> {
    let meters =
        reading.meters.iter().map(|meter| (Series::Meter(meter.meter), decimal::to_f64(meter.used_percent)));
    let balance =
        reading.balance.and_then(|b| Some((Series::Balance(b.currency), decimal::to_f64(b.available?))));
    let wallet = reading.wallet.and_then(|wallet| wallet.balance);
    let wallet = wallet.map(|money| (Series::Wallet(money.currency), decimal::to_f64(money.amount)));
    meters.chain(balance).chain(wallet).collect()
}

fn trimmed(value: f64) -> String {
    ((value * 100.0).round() / 100.0).to_string()
}
