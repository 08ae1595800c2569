//! The sums of all usage: read once for a while, since adding them up reads years of quarters of an hour.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_store::{MachineId, Store, StoreError, UsageQuery};

use super::usage_series::{UsageKey, UsageSeries, Used};

/// So long the sums are taken as they are.
const LIFE: TimeDelta = TimeDelta::seconds(30);

/// The sums of all usage, and when they were added up.
#[derive(Debug, Clone, Default)]
pub(in crate::server) struct UsageSums(Arc<Mutex<Option<Kept>>>);

/// What was read, and when.
type Kept = (DateTime<Utc>, Arc<UsageKnown>);

/// Usage and the names of the machines.
#[derive(Debug, Default)]
pub(in crate::server) struct UsageKnown {
    pub(super) series: BTreeMap<UsageKey, Used>,
    /// How many combinations have no series of their own.
    pub(super) folded: usize,
    pub(super) machines: HashMap<Option<MachineId>, String>,
}

impl UsageSums {
    /// The sums as of now, or as of a moment ago.
    pub(super) fn of(&self, store: &Store, now: DateTime<Utc>) -> Result<Arc<UsageKnown>, StoreError> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, usage)) = kept.filter(|(at, _)| (TimeDelta::zero()..LIFE).contains(&(now - *at))) {
            return Ok(usage);
        }
        let usage = Arc::new(read(store)?);
        // Nothing is quickly read, and at the first start it does not stay so.
        let keep = !usage.series.is_empty();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = keep.then(|| (now, Arc::clone(&usage)));
        Ok(usage)
    }
}

fn read(store: &Store) -> Result<UsageKnown, StoreError> {
    let mut series = UsageSeries::default();
    let all = UsageQuery { from: DateTime::<Utc>::UNIX_EPOCH, to: DateTime::<Utc>::MAX_UTC };
    store.for_each_usage(&all, |sum| series.add(&sum))?;
    let (series, folded) = series.bounded();
    let mut machines: HashMap<Option<MachineId>, String> =
        store.machines()?.into_iter().map(|machine| (Some(machine.id), machine.name)).collect();
    machines.insert(None, store.own_machine()?.map(|own| own.name).unwrap_or_default());
    Ok(UsageKnown { series, folded, machines })
}
