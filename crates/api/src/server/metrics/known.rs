//! What the metrics are made of.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rust_decimal::Decimal;
use tidemark_core::calendar::{Bucket, Span};
use tidemark_core::finding::Triage;
use tidemark_core::{AccountId, Series};
use tidemark_monitor::Engine;
use tidemark_store::{HistoryQuery, KindCount, Store, StoreError, StoredFinding};

use super::super::convert::explained_view;
use super::super::error::ApiError;
use super::super::findings::{is_given_back, is_withdrawn};
use super::super::overview::overview;
use super::usage_sums::{UsageKnown, UsageSums};
use crate::view;

/// Of so many accounts there are series; of what is beyond, only the number.
const MAX_ACCOUNTS: usize = 500;

/// What the metrics say.
pub(super) struct Known {
    pub(super) overview: view::Overview,
    /// Accounts without series.
    pub(super) accounts_left_out: usize,
    pub(super) findings: Vec<KindCount>,
    pub(super) failures: Vec<KindCount>,
    /// How many polls in a row failed, of each account.
    pub(super) failures_in_row: HashMap<i64, u32>,
    /// Anomalies by account, class and state.
    pub(super) anomalies: BTreeMap<(AccountId, &'static str, &'static str), u64>,
    /// How far what was deducted in this calendar month is explained.
    pub(super) deducted: BTreeMap<(AccountId, Series), view::ExplainedView>,
    pub(super) usage: Arc<UsageKnown>,
}

/// Asks the engine and its history.
pub(super) async fn gather(engine: &Engine, sums: &UsageSums) -> Result<Known, ApiError> {
    let mut overview = overview(engine).await?;
    let accounts_left_out = overview.accounts.len().saturating_sub(MAX_ACCOUNTS);
    overview.accounts.truncate(MAX_ACCOUNTS);
    let snapshot = engine.snapshot();
    let (now, zone) = (snapshot.now, snapshot.settings.timezone);
    let failures_in_row =
        snapshot.accounts.iter().map(|one| (one.account.id.0, one.poll.failures_in_row)).collect();
    let month = Bucket::holding(now, Span::Month, zone).start;
    let query = HistoryQuery { from: month, to: now, now, span: Span::Month, account: None, zone };
    let sums = sums.clone();
    let (mut findings, mut failures, mut anomalies, mut deducted, usage) = engine
        .read(move |store| {
            Ok((
                store.finding_counts()?,
                store.failure_counts()?,
                by_state(&store.anomalies(None)?),
                deducted(store, &query)?,
                sums.of(store, now)?,
            ))
        })
        .await?;
    if accounts_left_out > 0 {
        let kept: HashSet<AccountId> =
            overview.accounts.iter().map(|account| AccountId(account.id)).collect();
        findings.retain(|count| kept.contains(&count.account));
        failures.retain(|count| kept.contains(&count.account));
        anomalies.retain(|(account, ..), _| kept.contains(account));
        deducted.retain(|(account, _), _| kept.contains(account));
    }
    Ok(Known { overview, accounts_left_out, findings, failures, failures_in_row, anomalies, deducted, usage })
}

/// Anomalies by what became of them: withdrawn, given back, or what the user says of them.
fn by_state(all: &[StoredFinding]) -> BTreeMap<(AccountId, &'static str, &'static str), u64> {
    let mut counts = BTreeMap::new();
    for found in all {
        let Some(class) = found.finding.anomaly() else { continue };
        let state = match &found.mark {
            _ if is_withdrawn(all, found) => "withdrawn",
            Some((Triage::Mine, _)) => "mine",
            Some((Triage::Reported, _)) => "reported",
            Some((Triage::Settled, _)) => "resolved",
            None if is_given_back(all, found) => "given-back",
            None => "open",
        };
        *counts.entry((found.account, class.as_str(), state)).or_default() += 1;
    }
    counts
}

/// How far the deductions of a span are explained; series without a deduction are left out.
fn deducted(
    store: &Store,
    query: &HistoryQuery,
) -> Result<BTreeMap<(AccountId, Series), view::ExplainedView>, StoreError> {
    let verdicts = store.verdicts(query)?;
    let mut deducted: BTreeMap<(AccountId, Series), Decimal> = BTreeMap::new();
    for row in store.history(query)? {
        if let Some(more) = row.deducted {
            *deducted.entry((row.account, row.series)).or_default() += more;
        }
    }
    let explained = |(of, deducted): ((AccountId, Series), Decimal)| {
        let sums = verdicts.get(&of).and_then(|months| months.values().next()).copied().unwrap_or_default();
        (of, explained_view(sums.fitted(deducted)))
    };
    Ok(deducted.into_iter().map(explained).collect())
}
