//! The first page of a report: who, when, how much, and why it cannot be right, for a reader who has a minute.

use std::io::{self, Write};

use chrono_tz::Tz;

use super::page_text::{ends, minute, safe, zone_name};
use super::reason::reason;
use super::{Figures, Head, Total, Words};
use crate::finding::{Anomaly, Finding};
use crate::number::decimal;
use crate::series::Series;

/// So many cases are on the first page; the appendix has all of them.
const MAX_CASES: usize = 5;
/// With more cases than this there is no room for a chart on the first page.
const MAX_CASES_WITH_CHART: usize = 3;
/// A case with what came of it, in the reader's words.
pub(super) struct Case<'a> {
    pub(super) finding: &'a Finding,
    pub(super) class: Anomaly,
    /// Its number in the appendix, from 1.
    pub(super) number: usize,
    /// What came of it, ready for the page; `None` while nothing has.
    pub(super) outcome: Option<String>,
    /// Whether it accuses someone still: neither given back nor withdrawn.
    pub(super) stands: bool,
    /// Whether it was given back.
    pub(super) given_back: bool,
}

/// What the page is written from.
pub(super) struct Glance<'a> {
    pub(super) head: &'a Head,
    pub(super) seal: &'a str,
    pub(super) words: &'a dyn Words,
    pub(super) zone: Tz,
}

impl Glance<'_> {
    fn text(&self, key: &str) -> String {
        safe(&self.words.say(key, &[]))
    }

    fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        safe(&self.words.say(key, values))
    }

    /// Writes the page. `chart` is the picture of the case that it leads with.
    pub(super) fn write(&self, out: &mut dyn Write, cases: &[Case<'_>], chart: &str) -> io::Result<()> {
        writeln!(out, "<header><h1>{}</h1>", self.text("report-title"))?;
        writeln!(out, "<p class=\"faint\">{}</p></header>", self.text("report-lead"))?;
        self.who(out)?;
        self.amounts(out, cases)?;
        if !chart.is_empty() && cases.len() <= MAX_CASES_WITH_CHART {
            writeln!(out, "<figure>{chart}</figure>")?;
        }
        self.why(out, cases)
    }

    fn who(&self, out: &mut dyn Write) -> io::Result<()> {
        let head = self.head;
        let place = |kind: &str, word: &str| self.words.say(&format!("{kind}-{word}"), &[]);
        writeln!(out, "<dl class=\"who\">")?;
        let mut entry = |key: &str, value: &str| writeln!(out, "<dt>{}</dt><dd>{value}</dd>", self.text(key));
        entry("account", &safe(&head.account))?;
        entry("report-kimi-account", "<span class=\"blank\"></span>")?;
        let mut product = format!("{} · {}", place("source", &head.source), place("region", &head.region));
        if let Some(plan) = &head.plan {
            product = format!("{product} · {plan}");
        }
        entry("source", &safe(&product))?;
        let (from, to) = (minute(head.from, self.zone, self.words), minute(head.to, self.zone, self.words));
        let range = self.words.say("between", &[("from", &from), ("to", &to)]);
        let zone = zone_name(self.zone, head.from, head.to);
        entry("report-span", &safe(&self.words.say("with-note", &[("text", &range), ("note", &zone)])))?;
        let made = (minute(head.made_at, self.zone, self.words), format!("Tidemark {}", head.made_by));
        let made = self.words.say("with-note", &[("text", &made.0), ("note", &made.1)]);
        entry("report-made", &safe(&made))?;
        entry("report-seal", &format!("<code>{}</code>", safe(self.seal)))?;
        writeln!(out, "</dl>")
    }

    /// What anomalies took, series by series: quotas and money are never added up.
    fn amounts(&self, out: &mut dyn Write, cases: &[Case<'_>]) -> io::Result<()> {
        writeln!(out, "<h2>{}</h2>", self.text("report-how-much"))?;
        let wrong: Vec<(&Total, (f64, f64))> =
            self.head.totals.iter().filter_map(|total| Some((total, total.beyond?))).collect();
        if wrong.is_empty() {
            return writeln!(out, "<p>{}</p>", self.text("report-no-case"));
        }
        writeln!(out, "<div class=\"amounts\">")?;
        for (total, beyond) in wrong {
            let series = total.series;
            let name = safe(&self.words.series(series));
            write!(
                out,
                "<div><p class=\"name\">{name}</p><p class=\"big\">{}</p>",
                self.range(series, beyond)
            )?;
            write!(out, "<p class=\"faint\">{}</p>", self.text("report-beyond-said"))?;
            if let Some(worth) = total.worth {
                let amount = decimal::to_f64(worth.amount);
                let amount = self.words.quantity(Series::Balance(worth.currency), amount);
                write!(out, "<p class=\"faint\">{}</p>", self.with("report-worth", &[("amount", &amount)]))?;
            }
            let back = cases
                .iter()
                .filter(|case| case.given_back && case.finding.series == Some(series))
                .filter_map(|case| case.finding.excess())
                .reduce(|a, b| (a.0 + b.0, a.1 + b.1));
            if let Some(back) = back {
                let amount = self.plain_range(series, back);
                let said = self.with("report-of-it-back", &[("amount", &amount)]);
                write!(out, "<p class=\"back\">{said}</p>")?;
            }
            writeln!(out, "</div>")?;
        }
        writeln!(out, "</div>")
    }

    fn why(&self, out: &mut dyn Write, cases: &[Case<'_>]) -> io::Result<()> {
        if cases.is_empty() {
            return Ok(());
        }
        writeln!(out, "<h2>{}</h2>", self.text("report-why"))?;
        write!(out, "<table class=\"cases\"><colgroup>")?;
        for width in ["3%", "17%", "23%", "40%", "17%"] {
            write!(out, "<col style=\"width:{width}\">")?;
        }
        writeln!(out, "</colgroup><thead><tr><td></td>")?;
        for key in ["report-when", "report-what-happened", "report-reason", "report-outcome"] {
            write!(out, "<th>{}</th>", self.text(key))?;
        }
        writeln!(out, "</tr></thead><tbody>")?;
        for case in cases.iter().take(MAX_CASES) {
            self.row(out, case)?;
        }
        writeln!(out, "</tbody></table>")?;
        if let Some(more) = cases.len().checked_sub(MAX_CASES).filter(|more| *more > 0) {
            let count = more.to_string();
            writeln!(out, "<p class=\"faint\">{}</p>", self.with("report-more-cases", &[("count", &count)]))?;
        }
        Ok(())
    }

    fn row(&self, out: &mut dyn Write, case: &Case<'_>) -> io::Result<()> {
        let finding = case.finding;
        let ends = ends(finding.from, finding.to, self.zone, self.words);
        let time = if finding.from == finding.to {
            safe(&ends.from)
        } else if let Some(day) = &ends.other_day {
            let (from, to) = (format!("{} –", ends.from), format!("{day} {}", ends.to));
            format!("{}<br>{}", safe(&from), safe(&to))
        } else {
            self.with("between", &[("from", &ends.from), ("to", &ends.to)])
        };
        let when = format!("{}<br>{time}", safe(&ends.day));
        let name = finding.series.map_or_else(String::new, |series| self.words.series(series));
        let figures = finding.series.map_or_else(String::new, |series| {
            let figures = Figures {
                observed: finding.observed,
                expected: finding.expected_low.zip(finding.expected_high),
                factor: finding.factor(),
            };
            self.words.figures(case.class, series, &figures)
        });
        let class = self.text(&format!("anomaly-{}", case.class.as_str()));
        let why = reason(self.words, finding, case.class, self.head.made_at, self.zone);
        let outcome = case.outcome.clone().unwrap_or_else(|| self.text("report-outcome-none"));
        writeln!(
            out,
            "<tr{}><td>{}</td><td class=\"t\">{when}</td><td><strong>{class}</strong><br>{}<br>{}</td>\
             <td>{}</td><td>{outcome}</td></tr>",
            if case.stands { "" } else { " class=\"past\"" },
            case.number,
            safe(&name),
            safe(&figures),
            safe(&why),
        )
    }

    fn range(&self, series: Series, ends: (f64, f64)) -> String {
        safe(&self.plain_range(series, ends))
    }

    fn plain_range(&self, series: Series, (low, high): (f64, f64)) -> String {
        range(self.words, series, (low, high))
    }
}

/// An amount that is known between two ends: `14 points`, `26–28 points`. Points are written without decimals where both
/// ends are of ten or more and stay apart: a range is no exact figure. Its unit is said once.
pub(super) fn range(words: &dyn Words, series: Series, (low, high): (f64, f64)) -> String {
    let whole = series.meter().is_some() && low >= 10.0 && low.round() < high.round();
    let (low, high) = if whole { (low.round(), high.round()) } else { (low, high) };
    let (low, high) = (words.quantity(series, low), words.quantity(series, high));
    if low == high {
        return low;
    }
    match (low.split_once(' '), high.split_once(' ')) {
        (Some((least, unit)), Some((_, other))) if unit == other => format!("{least}–{high}"),
        _ => format!("{low}–{high}"),
    }
}
