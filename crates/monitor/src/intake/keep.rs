//! Keeps what was taken in: assigned to accounts by the address it went to, as logs are.

use std::collections::HashMap;

use tidemark_intake::{Count, Record, SeenIn};
use tidemark_kimi::PriceList;
use tidemark_logs::Provider;
use tidemark_store::{
    IntakeBatch, IntakeCount, IntakeMatch, IntakeOutcome, IntakeRecord, UsageOrigin, UsageProvider, WhoseUse,
};
use url::Url;

use crate::event::EngineEvent;
use crate::local_use::attribution::{candidates, whose};
use crate::shared::Shared;
use crate::store_handle::StoreHandleError;

/// The addresses that accounts have instead of the service's.
pub(super) fn own_addresses(shared: &Shared) -> Vec<Url> {
    let address = |account: &tidemark_core::Account| account.base_url.clone();
    shared.accounts().iter().filter_map(|handle| handle.see(|view| address(&view.account))).collect()
}

/// Stores records of a source, whose format is one word, together with how far it was read.
///
/// # Errors
/// The store cannot be written, or is closed. Nothing is stored then.
pub(super) async fn keep(
    shared: &Shared,
    (source, format): (String, &'static str),
    records: Vec<Record>,
    mark: Option<String>,
) -> Result<IntakeOutcome, StoreHandleError> {
    let now = shared.now();
    let accounts = candidates(shared, now);
    let mut providers: HashMap<(String, Option<Url>), UsageProvider> = HashMap::new();
    for record in &records {
        providers.entry((record.provider.clone(), record.base_url.clone())).or_insert_with(|| {
            let provider = Provider {
                kimi: true,
                base_url: record.base_url.as_ref().map(ToString::to_string),
                key_digest: None,
                login: false,
            };
            let whose = whose(&provider, &accounts);
            // By its address, so that one that is another account's from now on does not take the past with it.
            let name = record.base_url.as_ref().map_or_else(|| record.provider.clone(), ToString::to_string);
            UsageProvider { home: source.clone(), name, base_url: provider.base_url, modified: 0, whose }
        });
    }
    let cuts = PriceList::public().turning_points();
    let cuts = cuts.iter().map(chrono::DateTime::timestamp_millis).collect();
    let outcome = shared
        .store
        .ask(move |store| {
            let mut numbers: HashMap<(String, Option<Url>), i64> = HashMap::new();
            for (key, provider) in providers {
                // An address that no account has is no provider of an account's: it is unassigned.
                let is_named = provider.base_url.is_some() || provider.whose != WhoseUse::Nobody;
                if is_named {
                    numbers.insert(key, store.usage_provider(&provider)?.0);
                }
            }
            let records = records
                .into_iter()
                .map(|record| {
                    let provider = numbers.get(&(record.provider.clone(), record.base_url.clone())).copied();
                    stored(record, format, provider)
                })
                .collect();
            store.write_intake(&IntakeBatch { source, mark, known: now.timestamp_millis(), cuts, records })
        })
        .await?;
    if outcome.counted > 0 {
        shared.announce(EngineEvent::Usage);
    }
    Ok(outcome)
}

fn stored(record: Record, format: &str, provider: Option<i64>) -> IntakeRecord {
    let count = |count: Count| match count {
        Count::Delta(value) => IntakeCount::Delta(value),
        Count::Cumulative { series, start, time, value } => {
            IntakeCount::Cumulative { series, start, time, value }
        }
    };
    IntakeRecord {
        fingerprint: record.fingerprint,
        at: record.at,
        begun: record.begun,
        model: record.model,
        origin: UsageOrigin { format: format.to_owned(), session: record.session, project: record.program },
        provider,
        counts: record.counts.map(|one| one.map(count)),
        convention: record.convention,
        seen_in: match record.seen_in {
            SeenIn::Nothing => IntakeMatch::Nothing,
            SeenIn::Session => IntakeMatch::Session,
            SeenIn::Format(format) => IntakeMatch::Format(format.to_owned()),
            SeenIn::Figures => IntakeMatch::Figures,
        },
    }
}
