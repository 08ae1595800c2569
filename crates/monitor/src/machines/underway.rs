//! Which exchanges are under way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tidemark_store::ExchangeId;

/// The exchanges that are being made or wait for their turn, and how many times each was asked for.
#[derive(Debug, Default)]
pub(crate) struct Underway(Mutex<BTreeMap<ExchangeId, usize>>);

impl Underway {
    fn known(&self) -> MutexGuard<'_, BTreeMap<ExchangeId, usize>> {
        // Only numbers: what a panic left behind is as good as any.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An exchange is under way until what this gives is dropped.
    pub(super) fn begin(self: &Arc<Self>, id: ExchangeId) -> UnderwayMark {
        *self.known().entry(id).or_default() += 1;
        UnderwayMark { all: Arc::clone(self), id }
    }

    /// Whether an exchange is under way.
    pub(super) fn has(&self, id: ExchangeId) -> bool {
        self.known().contains_key(&id)
    }
}

/// Ends with the exchange, however it ends.
#[derive(Debug)]
pub(super) struct UnderwayMark {
    all: Arc<Underway>,
    id: ExchangeId,
}

impl Drop for UnderwayMark {
    fn drop(&mut self) {
        let mut known = self.all.known();
        if let Some(times) = known.get_mut(&self.id) {
            *times -= 1;
            if *times == 0 {
                known.remove(&self.id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_that_was_asked_for_twice_is_under_way_until_both_ended() {
        let (all, id) = (Arc::new(Underway::default()), ExchangeId(1));
        assert!(!all.has(id));
        let (first, second) = (all.begin(id), all.begin(id));
        drop(first);
        assert!(all.has(id) && !all.has(ExchangeId(2)));
        drop(second);
        assert!(!all.has(id));
    }
}
