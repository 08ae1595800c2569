//! The report as a page: one file, nothing loaded, nothing run, made to be printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Head, Report, Words, chart};
use crate::case::{Point, expected};
use crate::change::Tracker;
use crate::finding::{Finding, FindingKind};
use crate::line::{IncidentState, Line, to_number};
use crate::reading::Reading;
use crate::series::Series;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:60rem;\
margin:2rem auto;padding:0 1.5rem}h1{font-size:1.7rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem;\
border-bottom:1px solid #cfd6dd}h3{font-size:1rem;margin:1.4rem 0 .3rem}table{border-collapse:collapse;width:100%;\
font-variant-numeric:tabular-nums;font-size:.88rem}th,td{text-align:left;padding:.2rem .6rem .2rem 0;\
border-bottom:1px solid #e5e9ed;vertical-align:top}td.n,th.n{text-align:right}dl{display:grid;\
grid-template-columns:max-content 1fr;gap:.15rem 1rem}dt{color:#5b6570}dd{margin:0}\
code,pre{font:.8rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}\
pre{background:#f5f7f9;padding:.5rem;margin:.3rem 0}svg{width:100%;height:auto}.band{fill:#9fc6e8;opacity:.6}\
.seen{fill:none;stroke:#b3261e;stroke-width:2}.axis{fill:none;stroke:#8a949e}svg text{font-size:10px;fill:#5b6570}\
.case{break-inside:avoid}.faint{color:#5b6570}@media print{body{margin:0;max-width:none;font-size:11pt}\
tr{break-inside:avoid}}";

/// What the records tell, taken apart.
struct Told {
    readings: Vec<(Reading, Option<String>)>,
    findings: Vec<Finding>,
    lines: Vec<Line>,
}

impl Told {
    fn of(report: &Report) -> Self {
        let mut told = Self { readings: Vec::new(), findings: Vec::new(), lines: Vec::new() };
        for record in &report.records {
            match serde_json::from_str::<Line>(&record.text) {
                Ok(Line::Reading(line)) => told.readings.push((line.into(), record.body.clone())),
                Ok(Line::Finding(line)) => told.findings.extend(line.finding()),
                Ok(line) => told.lines.push(line),
                Err(_) => {}
            }
        }
        told
    }
}

/// Text as it stands in a page.
fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// The page. `data` is the report as JSON, which the page carries with it, so that the file itself can be
/// checked and replayed.
#[must_use]
pub fn page(report: &Report, data: &str, words: &dyn Words) -> String {
    let told = Told::of(report);
    let page = Page { report, told: &told, words, zone: report.head.timezone.parse().unwrap_or(Tz::UTC) };
    let title = page.text("report-title");
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{}</title><style>{STYLE}</style></head>\n<body>\n",
        safe(&report.head.language),
        page.with(
            "label-value",
            &[("name", &words.say("report-title", &[])), ("value", &report.head.account)]
        ),
    );
    page.head(&mut out, &title);
    page.summary(&mut out);
    page.announced(&mut out);
    page.cases(&mut out);
    page.readings(&mut out);
    page.method(&mut out);
    page.bodies(&mut out);
    // `<` cannot stand inside a script element without ending it; JSON knows it by another name.
    let data = data.replace('<', "\\u003c");
    let _ = writeln!(
        out,
        "<script type=\"application/json\" id=\"tidemark-report\">{data}</script>\n</body></html>"
    );
    out
}

struct Page<'a> {
    report: &'a Report,
    told: &'a Told,
    words: &'a dyn Words,
    zone: Tz,
}

impl Page<'_> {
    /// A text of the catalogue, ready for the page.
    fn text(&self, key: &str) -> String {
        safe(&self.words.say(key, &[]))
    }

    fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        safe(&self.words.say(key, values))
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M:%S %:z").to_string()
    }

    fn minute(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M").to_string()
    }

    fn amount(&self, series: Series, value: f64) -> String {
        safe(&self.words.quantity(series, value))
    }

    fn range(&self, series: Series, (low, high): (f64, f64)) -> String {
        let (low, high) = (self.amount(series, low), self.amount(series, high));
        if low == high { low } else { format!("{low} – {high}") }
    }

    fn section(&self, out: &mut String, key: &str) {
        let _ = writeln!(out, "<h2>{}</h2>", self.text(key));
    }

    fn head(&self, out: &mut String, title: &str) {
        let head: &Head = &self.report.head;
        let _ = writeln!(out, "<h1>{title}</h1>\n<p class=\"faint\">{}</p>\n<dl>", self.text("report-lead"));
        let mut entry = |key: &str, value: &str| {
            let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", self.text(key), safe(value));
        };
        entry("account", &head.account);
        let place = |kind: &str, word: &str| self.words.say(&format!("{kind}-{word}"), &[]);
        entry("source", &format!("{} · {}", place("source", &head.source), place("region", &head.region)));
        if let Some(plan) = &head.plan {
            entry("plan", plan);
        }
        entry("report-span", &format!("{} – {}", self.time(head.from), self.time(head.to)));
        let by = format!("Tidemark {}", head.made_by);
        let made = [("text", self.time(head.made_at)), ("note", by)];
        entry(
            "report-made",
            &self.words.say("with-note", &made.each_ref().map(|(name, value)| (*name, value.as_str()))),
        );
        entry("report-seal", &self.report.seal);
        out.push_str("</dl>\n");
    }

    fn summary(&self, out: &mut String) {
        self.section(out, "report-summary");
        let heads = [
            "report-what",
            "report-deducted",
            "report-explained",
            "report-not-explained",
            "report-cannot-tell",
            "report-beyond",
        ];
        out.push_str("<table><tr>");
        for (place, key) in heads.into_iter().enumerate() {
            let class = if place == 0 { "" } else { " class=\"n\"" };
            let _ = write!(out, "<th{class}>{}</th>", self.text(key));
        }
        out.push_str("</tr>\n");
        for total in &self.report.head.totals {
            let series = total.series;
            let _ = write!(out, "<tr><td>{}</td>", safe(&self.words.series(series)));
            for value in [total.deducted, total.fully + total.partly, total.not, total.cannot_tell] {
                let _ = write!(out, "<td class=\"n\">{}</td>", self.amount(series, value));
            }
            let beyond = total.beyond.map_or_else(|| "–".to_owned(), |beyond| self.range(series, beyond));
            let worth = total.worth_usd.map_or_else(String::new, |usd| {
                let usd = format!("{usd:.2}");
                format!("<br><span class=\"faint\">{}</span>", self.with("report-worth", &[("usd", &usd)]))
            });
            let _ = writeln!(out, "<td class=\"n\">{beyond}{worth}</td></tr>");
        }
        out.push_str("</table>\n");
        for total in &self.report.head.totals {
            let Some(share) = total.known_use else { continue };
            let values = (self.words.series(total.series), format!("{:.0}", share * 100.0));
            let _ = writeln!(
                out,
                "<p class=\"faint\">{}</p>",
                self.with("report-known-use", &[("what", &values.0), ("percent", &values.1)])
            );
        }
    }

    /// What the service told: resets and their announcements, changes, incidents.
    fn announced(&self, out: &mut String) {
        self.section(out, "report-announced");
        let mut rows: Vec<(DateTime<Utc>, String)> = Vec::new();
        for finding in &self.told.findings {
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
                FindingKind::Credit { amount, .. } => {
                    let value = to_number(amount.amount);
                    let amount = self.words.quantity(Series::Balance(amount.currency), value);
                    self.with("report-credit", &[("amount", &amount)])
                }
                _ => continue,
            };
            rows.push((finding.to, row));
        }
        for line in &self.told.lines {
            if let Line::Incident(line) = line {
                let title = line.title.as_deref().unwrap_or(&line.id);
                let key = match line.state {
                    IncidentState::Open => "report-incident-open",
                    IncidentState::Resolved => "report-incident-over",
                };
                let impact = line.impact.as_deref().unwrap_or("–");
                rows.push((line.at, self.with(key, &[("title", title), ("impact", impact)])));
            }
        }
        rows.sort_by_key(|(at, _)| *at);
        if rows.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", self.text("report-nothing-announced"));
            return;
        }
        out.push_str("<table>\n");
        for (at, row) in rows {
            let _ = writeln!(out, "<tr><td>{}</td><td>{row}</td></tr>", self.time(at));
        }
        out.push_str("</table>\n");
    }

    fn cases(&self, out: &mut String) {
        self.section(out, "report-cases");
        let points = points(&self.told.readings);
        let mut any = false;
        for finding in &self.told.findings {
            let Some(class) = finding.anomaly() else { continue };
            any = true;
            let name = finding.series.map_or_else(String::new, |series| self.words.series(series));
            let _ = writeln!(
                out,
                "<div class=\"case\"><h3>{} · {}</h3>",
                self.text(&format!("anomaly-{}", class.word())),
                safe(&name)
            );
            let _ = writeln!(out, "<p>{} – {}<br>", self.time(finding.from), self.time(finding.to));
            if let Some(series) = finding.series {
                let figures = self.words.figures(
                    class,
                    series,
                    finding.observed,
                    finding.expected_low.zip(finding.expected_high),
                    finding.factor(),
                );
                let _ = writeln!(out, "{}</p>", safe(&figures));
                let near = near(points.get(&series).map_or(&[], Vec::as_slice), finding);
                let ends = near.first().zip(near.last());
                let times = ends.map(|(a, b)| (self.minute(a.at), self.minute(b.at))).unwrap_or_default();
                let label = self.with("report-chart", &[("what", &name)]);
                out.push_str(&chart::draw(near, &expected(finding, near), &label, (&times.0, &times.1)));
            } else {
                out.push_str("</p>");
            }
            let _ = writeln!(out, "<p lang=\"en\">{}</p><ul lang=\"en\">", safe(&finding.explanation));
            for fact in &finding.evidence {
                let _ = writeln!(out, "<li>{}</li>", safe(fact));
            }
            let confidence = format!("{:.0}", finding.confidence * 100.0);
            let _ = writeln!(
                out,
                "</ul><p class=\"faint\">{}</p>",
                self.with("report-confidence", &[("percent", &confidence)])
            );
            let mark = self.report.head.marks.iter().find(|mark| {
                mark.class == class
                    && mark.series == finding.series
                    && mark.detected_at == finding.detected_at
            });
            if let Some(mark) = mark {
                let key = format!("report-mark-{}", mark.mark.word());
                let _ = writeln!(out, "<p class=\"faint\">{}</p>", self.text(&key));
            }
            out.push_str("</div>\n");
        }
        if !any {
            let _ = writeln!(out, "<p>{}</p>", self.text("report-no-case"));
        }
    }

    fn readings(&self, out: &mut String) {
        self.section(out, "report-readings");
        let mut rows: Vec<(DateTime<Utc>, String)> = Vec::new();
        let mut last: Option<String> = None;
        for (reading, _) in &self.told.readings {
            let seen = values(reading);
            let said: Vec<String> = seen
                .iter()
                .map(|(series, value)| {
                    let value = if series.meter().is_some() {
                        self.words.say("percent-value", &[("value", &trimmed(*value))])
                    } else {
                        self.words.quantity(*series, *value)
                    };
                    format!("{} {}", safe(&self.words.series(*series)), safe(&value))
                })
                .collect();
            let said = said.join(" · ");
            if last.as_ref() != Some(&said) {
                rows.push((reading.at, said.clone()));
                last = Some(said);
            }
        }
        let shown = rows.len();
        for line in &self.told.lines {
            if let Line::Failure(line) = line {
                rows.push((line.at, self.text(&format!("failure-{}", line.kind))));
            }
        }
        rows.sort_by_key(|(at, _)| *at);
        let counts = (shown.to_string(), self.told.readings.len().to_string());
        let _ = writeln!(
            out,
            "<p class=\"faint\">{}</p>\n<table>",
            self.with("report-readings-about", &[("shown", &counts.0), ("all", &counts.1)])
        );
        for (at, said) in rows {
            let _ = writeln!(out, "<tr><td>{}</td><td>{said}</td></tr>", self.time(at));
        }
        out.push_str("</table>\n");
    }

    fn method(&self, out: &mut String) {
        self.section(out, "report-method");
        for key in [
            "report-method-observed",
            "report-method-explained",
            "report-method-found",
            "report-method-money",
        ] {
            let _ = writeln!(out, "<p>{}</p>", self.text(key));
        }
        self.section(out, "report-chain");
        let _ = writeln!(
            out,
            "<p>{}</p>\n<p>{}</p>\n<pre>{}</pre>",
            self.text("report-chain-about"),
            self.text("report-chain-limits"),
            safe(&self.report.seal)
        );
    }

    /// The raw answers around each case; all of them are in the data that the page carries.
    fn bodies(&self, out: &mut String) {
        self.section(out, "report-bodies");
        let _ = writeln!(out, "<p class=\"faint\">{}</p>", self.text("report-bodies-about"));
        let mut wanted: Vec<DateTime<Utc>> = self
            .told
            .findings
            .iter()
            .filter(|finding| finding.anomaly().is_some())
            .flat_map(|finding| [finding.from, finding.to, finding.detected_at])
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut body = None;
        for (reading, own) in &self.told.readings {
            body = own.as_ref().or(body);
            if wanted.binary_search(&reading.at).is_ok()
                && let Some(body) = body
            {
                let _ = writeln!(out, "<p>{}</p><pre>{}</pre>", self.time(reading.at), safe(body));
            }
        }
    }
}

/// What a reading says of each series.
fn values(reading: &Reading) -> Vec<(Series, f64)> {
    let meters =
        reading.meters.iter().map(|meter| (Series::Meter(meter.meter), to_number(meter.used_percent)));
    let balance = reading.balance.and_then(|b| Some((Series::Balance(b.currency), to_number(b.available?))));
    let wallet = reading.wallet.and_then(|wallet| wallet.balance);
    let wallet = wallet.map(|money| (Series::Wallet(money.currency), to_number(money.amount)));
    meters.chain(balance).chain(wallet).collect()
}

fn trimmed(value: f64) -> String {
    ((value * 100.0).round() / 100.0).to_string()
}

/// What each series did, reading by reading, where it moved.
fn points(readings: &[(Reading, Option<String>)]) -> BTreeMap<Series, Vec<Point>> {
    let mut tracker = Tracker::default();
    let mut points: BTreeMap<Series, Vec<Point>> = BTreeMap::new();
    for (reading, _) in readings {
        for movement in tracker.observe(reading).movements {
            let still = movement.deducted.is_zero() && movement.returned.is_zero() && movement.resets == 0;
            let of = points.entry(movement.series).or_default();
            if still && !of.is_empty() {
                continue;
            }
            of.push(Point {
                at: movement.at,
                value: to_number(movement.value),
                deducted: to_number(movement.deducted),
                returned: to_number(movement.returned),
                resets: movement.resets,
            });
        }
    }
    points
}

/// The points around a finding.
fn near<'a>(points: &'a [Point], finding: &Finding) -> &'a [Point] {
    let length = (finding.to - finding.from).clamp(TimeDelta::hours(3), TimeDelta::days(7));
    let first = points.partition_point(|point| point.at < finding.from - length);
    let last = points.partition_point(|point| point.at <= finding.to + length);
    &points[first.saturating_sub(1)..last]
}
