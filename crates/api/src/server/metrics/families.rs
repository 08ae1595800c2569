//! The families: their names, what they mean, and where their values come from.

use chrono::{DateTime, Utc};
use tidemark_core::Series;

use super::exposition::{Exposition, Family, Kind, Label};
use super::known::Known;
use super::usage_series::{OTHER, UsageKey};
use crate::view::{AccountCard, CardState, MeterView, MoneyView};

const fn gauge(name: &'static str, help: &'static str) -> Family {
    Family { name, kind: Kind::Gauge, help }
}

const fn counter(name: &'static str, help: &'static str) -> Family {
    Family { name, kind: Kind::Counter, help }
}

/// The states of an account.
const STATES: [CardState; 9] = [
    CardState::Waiting,
    CardState::Live,
    CardState::PolledThrough,
    CardState::Stale,
    CardState::Refused,
    CardState::Limited,
    CardState::Unreachable,
    CardState::NotUnderstood,
    CardState::KeyUnavailable,
];

/// Writes all families.
pub(super) fn write(out: &mut Exposition, known: &Known) {
    engine(out, known);
    accounts(out, known);
    quotas(out, known);
    money(out, known);
    rate_limits(out, known);
    polls(out, known);
    findings(out, known);
    deductions(out, known);
    usage(out, known);
}

fn seconds(at: DateTime<Utc>) -> f64 {
    at.timestamp_millis() as f64 / 1000.0
}

/// Each account with its number as a label's value.
fn each(known: &Known) -> impl Iterator<Item = (String, &AccountCard)> {
    known.overview.accounts.iter().map(|card| (card.id.to_string(), card))
}

/// A family with at most one value an account.
fn by_account(
    out: &mut Exposition,
    known: &Known,
    family: Family,
    value: impl Fn(&AccountCard) -> Option<f64>,
) {
    let samples: Vec<_> = each(known).filter_map(|(id, card)| Some((id, value(card)?))).collect();
    out.family(family, samples.iter().map(|(id, value)| ([("account_id", id.as_str())], *value)));
}

/// A family with at most one value a quota.
fn by_quota(out: &mut Exposition, known: &Known, family: Family, value: impl Fn(&MeterView) -> Option<f64>) {
    let mut samples = Vec::new();
    for (id, card) in each(known) {
        for meter in &card.meters {
            if let Some(value) = value(meter) {
                samples.push((id.clone(), meter.meter.as_str(), value));
            }
        }
    }
    let labelled = |(id, quota, value): &(String, &str, f64)| {
        ([("account_id", id.clone()), ("quota", (*quota).to_owned())], *value)
    };
    own_labels(out, family, samples.iter().map(labelled));
}

/// A family whose labels are made for it.
fn own_labels<const N: usize>(
    out: &mut Exposition,
    family: Family,
    samples: impl IntoIterator<Item = ([(&'static str, String); N], f64)>,
) {
    let samples: Vec<_> = samples.into_iter().collect();
    out.family(
        family,
        samples.iter().map(|(labels, value)| {
            let labels: Vec<Label<'_>> = labels.iter().map(|(name, value)| (*name, value.as_str())).collect();
            (labels, *value)
        }),
    );
}

fn engine(out: &mut Exposition, known: &Known) {
    let agent = &known.overview.agent;
    let build = gauge("tidemark_build_info", "Version of the program that answers.");
    out.family(build, [([("version", agent.version.as_str())], 1.0)]);
    let paused = gauge("tidemark_polling_paused", "Whether polling is paused: 1 or 0.");
    out.family(paused, [(Vec::<Label<'_>>::new(), f64::from(agent.paused_until.is_some()))]);
    let problem = gauge("tidemark_problem", "What is wrong with the agent itself; absent while nothing is.");
    out.family(problem, agent.trouble.iter().map(|trouble| ([("code", trouble.code.as_str())], 1.0)));
    let incidents = gauge(
        "tidemark_service_incidents_open",
        "Open incidents on the service's status page; absent while the page is not known.",
    );
    let open = &known.overview.service;
    let count = open.iter().map(|page| page.incidents.len() as f64).reduce(|a, b| a + b);
    out.family(incidents, count.map(|count| (Vec::<Label<'_>>::new(), count)));
    let folded = gauge(
        "tidemark_series_folded",
        "Label combinations without series of their own, since there are too many: usage in \"other\", or accounts left out.",
    );
    own_labels(
        out,
        folded,
        [("usage", known.usage.folded), ("accounts", known.accounts_left_out)]
            .map(|(what, count)| ([("of", what.to_owned())], count as f64)),
    );
}

fn accounts(out: &mut Exposition, known: &Known) {
    let info = gauge(
        "tidemark_account_info",
        "An account's name, product, region and plan, to be joined by account_id.",
    );
    let samples = each(known).map(|(id, card)| {
        let word = |value: serde_json::Result<String>| value.unwrap_or_default().trim_matches('"').to_owned();
        let labels = [
            ("account_id", id),
            ("account", card.name.clone()),
            ("product", word(serde_json::to_string(&card.source))),
            ("region", word(serde_json::to_string(&card.region))),
            ("plan", card.plan.clone().unwrap_or_default()),
        ];
        (labels, 1.0)
    });
    own_labels(out, info, samples);
    let state = gauge(
        "tidemark_account_state",
        "Whether an account is in this state: 1 for one of them, 0 for the others.",
    );
    let samples = each(known).flat_map(|(id, card)| {
        STATES.map(|state| {
            let labels = [("account_id", id.clone()), ("state", state.as_str().to_owned())];
            (labels, f64::from(card.state == state))
        })
    });
    own_labels(out, state, samples);
}

fn quotas(out: &mut Exposition, known: &Known) {
    let now = known.overview.now;
    // What was reset since it was read is not known any more.
    let holds = |meter: &&MeterView| !meter.was_reset;
    by_quota(
        out,
        known,
        gauge(
            "tidemark_quota_used_ratio",
            "Used share of a quota, as last read; can be above 1. Absent from its reset to the next reading.",
        ),
        |meter| Some(meter).filter(holds).map(|meter| meter.used_percent / 100.0),
    );
    let count = |text: &str| text.parse::<f64>().ok().filter(|count| count.is_finite());
    by_quota(
        out,
        known,
        gauge("tidemark_quota_used_requests", "Used requests of a quota, by the service's own count."),
        |meter| Some(meter).filter(holds)?.count.as_ref().and_then(|of| count(&of.used)),
    );
    by_quota(
        out,
        known,
        gauge("tidemark_quota_limit_requests", "Requests that a quota allows, by the service's own count."),
        |meter| meter.count.as_ref().and_then(|of| count(&of.limit)),
    );
    by_quota(
        out,
        known,
        gauge("tidemark_quota_reset_timestamp_seconds", "When a quota is scheduled to be reset next."),
        |meter| meter.resets_at.filter(|at| *at > now).map(seconds),
    );
    by_quota(
        out,
        known,
        gauge(
            "tidemark_quota_forecast_lasts_ratio",
            "Estimated probability that something of a quota is left at its reset.",
        ),
        |meter| meter.forecast.as_ref().map(|forecast| forecast.lasts),
    );
    by_quota(
        out,
        known,
        gauge(
            "tidemark_quota_forecast_empty_timestamp_seconds",
            "The earliest moment at which a quota is likely to be used up, if it is likely at all.",
        ),
        |meter| meter.forecast.as_ref()?.empty.map(|span| seconds(span.from)),
    );
}

fn money(out: &mut Exposition, known: &Known) {
    let mut balances = Vec::new();
    let mut wallets = Vec::new();
    for (id, card) in each(known) {
        let add = |list: &mut Vec<_>, kind: &str, money: Option<&MoneyView>| {
            let amount = money.and_then(|money| Some((money.amount.parse::<f64>().ok()?, &money.currency)));
            if let Some((amount, currency)) = amount {
                let labels =
                    [("account_id", id.clone()), ("kind", kind.to_owned()), ("currency", currency.clone())];
                list.push((labels, amount));
            }
        };
        if let Some(balance) = &card.balance {
            add(&mut balances, "available", balance.available.as_ref());
            add(&mut balances, "cash", balance.cash.as_ref());
            add(&mut balances, "voucher", balance.voucher.as_ref());
            add(&mut balances, "owed", balance.debt.as_ref());
        }
        if let Some(wallet) = &card.wallet {
            add(&mut wallets, "balance", wallet.balance.as_ref());
            add(&mut wallets, "month_used", wallet.month_used.as_ref());
            add(&mut wallets, "month_cap", wallet.month_cap.as_ref());
        }
    }
    own_labels(
        out,
        gauge("tidemark_balance_amount", "Prepaid balance by kind, in units of its currency."),
        balances,
    );
    own_labels(
        out,
        gauge("tidemark_wallet_amount", "Extra-usage wallet by kind, in units of its currency."),
        wallets,
    );
}

fn rate_limits(out: &mut Exposition, known: &Known) {
    let number = |limit: Option<u64>| limit.map(|limit| limit as f64);
    by_account(
        out,
        known,
        gauge(
            "tidemark_rate_limit_concurrent_requests",
            "Requests that an account may have open at the same time.",
        ),
        |card| number(card.limits.concurrency),
    );
    by_account(
        out,
        known,
        gauge(
            "tidemark_rate_limit_requests_per_minute",
            "Requests that an account may send in a minute (RPM).",
        ),
        |card| number(card.limits.requests_per_minute),
    );
    by_account(
        out,
        known,
        gauge("tidemark_rate_limit_tokens_per_minute", "Tokens that an account may use in a minute (TPM)."),
        |card| number(card.limits.tokens_per_minute),
    );
    by_account(
        out,
        known,
        gauge("tidemark_rate_limit_tokens_per_day", "Tokens that an account may use in a day (TPD)."),
        |card| number(card.limits.tokens_per_day),
    );
}

fn polls(out: &mut Exposition, known: &Known) {
    let now = known.overview.now;
    by_account(
        out,
        known,
        gauge("tidemark_reading_timestamp_seconds", "When an account's values were read."),
        |card| card.read_at.map(seconds),
    );
    by_account(
        out,
        known,
        gauge("tidemark_reading_age_seconds", "Age of an account's values by the clock of the agent."),
        |card| card.read_at.map(|at| (now - at).num_milliseconds().max(0) as f64 / 1000.0),
    );
    by_account(
        out,
        known,
        gauge("tidemark_next_poll_timestamp_seconds", "When an account is polled next."),
        |card| card.next_poll_at.map(seconds),
    );
    by_account(
        out,
        known,
        gauge("tidemark_poll_failures_in_row", "Polls of an account that failed since its last reading."),
        |card| known.failures_in_row.get(&card.id).map(|count| f64::from(*count)),
    );
    own_labels(
        out,
        counter("tidemark_poll_failures_total", "Failed polls on record, by kind."),
        known.failures.iter().map(|one| {
            ([("account_id", one.account.0.to_string()), ("kind", one.kind.clone())], one.count as f64)
        }),
    );
}

fn findings(out: &mut Exposition, known: &Known) {
    own_labels(
        out,
        counter("tidemark_findings_total", "Events on record, by kind and class."),
        known.findings.iter().map(|one| {
            let labels = [
                ("account_id", one.account.0.to_string()),
                ("kind", one.kind.clone()),
                ("class", one.class.clone()),
            ];
            (labels, one.count as f64)
        }),
    );
    own_labels(
        out,
        gauge("tidemark_anomalies", "Anomalies on record, by class and by what became of them."),
        known.anomalies.iter().map(|((account, class, state), count)| {
            let labels = [
                ("account_id", account.0.to_string()),
                ("class", (*class).to_owned()),
                ("state", (*state).to_owned()),
            ];
            (labels, *count as f64)
        }),
    );
    // Of an account that was read, no anomaly is known to be none.
    by_account(
        out,
        known,
        gauge("tidemark_anomalies_open", "Anomalies of an account that wait for the user."),
        |card| card.read_at.map(|_| card.anomalies.count as f64),
    );
}

fn deductions(out: &mut Exposition, known: &Known) {
    let (mut quotas, mut spent) = (Vec::new(), Vec::new());
    for ((account, series), explained) in &known.deducted {
        let verdicts = [
            ("explained", explained.fully),
            ("partly", explained.partly),
            ("elsewhere", explained.elsewhere),
            ("unexplained", explained.not),
            ("cannot-tell", explained.cannot_tell),
        ];
        for (verdict, amount) in verdicts {
            let (id, verdict) = (("account_id", account.0.to_string()), ("verdict", verdict.to_owned()));
            match series {
                Series::Balance(currency) => {
                    spent.push(([id, ("currency", currency.to_string()), verdict], amount));
                }
                _ if series.unit() == "percent" => {
                    quotas.push(([id, ("quota", series.to_string()), verdict], amount / 100.0));
                }
                _ => {}
            }
        }
    }
    own_labels(
        out,
        gauge(
            "tidemark_quota_deducted_this_month_ratio",
            "Deducted from a quota in this calendar month, by how far usage explains it; 1 is the whole quota once.",
        ),
        quotas,
    );
    own_labels(
        out,
        gauge(
            "tidemark_balance_deducted_this_month_amount",
            "Deducted from a balance in this calendar month, by how far usage explains it, in units of its currency.",
        ),
        spent,
    );
}

fn usage(out: &mut Exposition, known: &Known) {
    let labels = |key: &UsageKey| {
        let account = key.account.map_or_else(|| "none".to_owned(), |account| account.0.to_string());
        let [model, program, machine] = match &key.what {
            Some((model, program, machine)) => {
                let name = known.usage.machines.get(machine).filter(|name| !name.is_empty());
                let name = name.cloned().unwrap_or_else(|| match machine {
                    Some(machine) => machine.0.to_string(),
                    None => "this".to_owned(),
                });
                [model.clone(), program.clone(), name]
            }
            None => [OTHER, OTHER, OTHER].map(str::to_owned),
        };
        [("account_id", account), ("model", model), ("program", program), ("machine", machine)]
    };
    let mut tokens = Vec::new();
    let mut requests = Vec::new();
    for (key, used) in &known.usage.series {
        let [account, model, program, machine] = labels(key);
        for (kind, count) in [
            ("input", used.tokens.input),
            ("cache_read", used.tokens.cache_read),
            ("cache_write", used.tokens.cache_write),
            ("output", used.tokens.output),
        ] {
            let kind = ("kind", kind.to_owned());
            tokens.push((
                [account.clone(), model.clone(), program.clone(), machine.clone(), kind],
                count as f64,
            ));
        }
        requests.push(([account, model, program, machine], used.requests as f64));
    }
    own_labels(
        out,
        counter(
            "tidemark_usage_tokens_total",
            "Tokens of requests in the logs, by kind. account_id is none for unassigned usage.",
        ),
        tokens,
    );
    own_labels(out, counter("tidemark_usage_requests_total", "Requests in the logs."), requests);
}
