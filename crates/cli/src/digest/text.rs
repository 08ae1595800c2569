//! A digest in words.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use tidemark_core::{Money, Series};

use super::gather::{DigestData, Named, Used};
use crate::format;
use crate::grouping::grouped;
use crate::i18n::Catalog;
use crate::output::clean;

/// Below this share of the time the coverage is said.
const WELL_COVERED: f64 = 0.95;
/// So many events are given one by one.
const MAX_EVENTS: usize = 8;

/// Its title.
#[must_use]
pub fn title(digest: &DigestData, words: &Catalog, now: DateTime<Utc>, zone: Tz) -> String {
    let date = words.date(digest.first_day, now.with_timezone(&zone).date_naive());
    words.with(&format!("digest-title-{}", digest.period), [("date", date.into())])
}

/// Its lines.
#[must_use]
pub fn lines(digest: &DigestData, words: &Catalog, now: DateTime<Utc>, zone: Tz) -> Vec<String> {
    let mut lines: Vec<String> = digest.used.iter().map(|used| used_line(used, words)).collect();
    if digest.used.is_empty() {
        lines.push(words.text("digest-nothing"));
    }
    let tokens = &digest.tokens;
    if tokens.total > 0 {
        let values =
            [("tokens", grouped(tokens.total).into()), ("requests", grouped(tokens.requests).into())];
        lines.push(words.with("digest-tokens", values));
        let of_client = |key: &str| words.maybe(&format!("format-{key}")).unwrap_or_else(|| clean(key));
        let plain = |key: &str| clean(key);
        lines.extend(named("digest-by-account", &tokens.by_account, words, &plain));
        lines.extend(named("digest-by-client", &tokens.by_client, words, &of_client));
        lines.extend(named("digest-by-project", &tokens.by_project, words, &plain));
        lines.extend(named("digest-by-machine", &tokens.by_machine, words, &plain));
    }
    if !digest.events.is_empty() {
        let mut by_kind: BTreeMap<&str, u64> = BTreeMap::new();
        for event in &digest.events {
            *by_kind.entry(&event.kind).or_default() += event.count;
        }
        let counts: Vec<String> = by_kind
            .into_iter()
            .map(|(kind, count)| {
                let name = words.text(&format!("finding-{kind}"));
                words.with("label-value", [("name", name.into()), ("value", grouped(count).into())])
            })
            .collect();
        lines.push(words.with("digest-events", [("counts", words.listed(&counts).into())]));
    }
    for (account, finding) in digest.notable.iter().take(MAX_EVENTS) {
        let text = words.explanation(finding, now, zone);
        lines.push(words.with("label-value", [("name", clean(account).into()), ("value", text.into())]));
    }
    if digest.forecasts.made > 0 {
        let values = [("right", digest.forecasts.right.into()), ("made", digest.forecasts.made.into())];
        lines.push(words.with("digest-forecasts", values));
    }
    for unused in &digest.unused {
        let left = Decimal::try_from(unused.left_percent).unwrap_or_default();
        let values = [
            ("account", clean(&unused.account).into()),
            ("quota", words.text(&format!("meter-{}", unused.meter)).into()),
            ("left", words.percent(left.floor(), 0).into()),
            ("when", words.moment(unused.resets, now, zone).into()),
        ];
        lines.push(words.with("digest-unused", values));
    }
    lines
}

fn used_line(used: &Used, words: &Catalog) -> String {
    let name = match used.of {
        Series::Meter(meter) => words.text(&format!("meter-{meter}")),
        other => words.series(other),
    };
    let amount = match (used.amount, used.of.currency()) {
        (None, _) => words.text("digest-no-data"),
        (Some(amount), Some(currency)) => format::money(&Money::new(amount, currency)),
        (Some(amount), None) => words.percent(amount, 1),
    };
    let values =
        [("account", clean(&used.account).into()), ("quota", name.into()), ("amount", amount.into())];
    let line = words.with("digest-used", values);
    if used.amount.is_none() || used.coverage >= WELL_COVERED {
        return line;
    }
    let share = Decimal::try_from(used.coverage * 100.0).unwrap_or_default();
    let note = words.with("digest-coverage", [("share", words.percent(share.floor(), 0).into())]);
    words.with("with-note", [("text", line.into()), ("note", note.into())])
}

/// Who used the tokens. One alone says nothing that the sum does not.
fn named(key: &str, all: &[Named], words: &Catalog, name: &dyn Fn(&str) -> String) -> Option<String> {
    if all.len() < 2 {
        return None;
    }
    let list: Vec<String> = all
        .iter()
        .map(|named| {
            let name = named.key.as_deref().map_or_else(|| words.text("digest-unnamed"), name);
            let total = grouped(named.total);
            words.with("label-value", [("name", name.into()), ("value", total.into())])
        })
        .collect();
    Some(words.with(key, [("list", words.listed(&list).into())]))
}
