//! The inputs of an account that wait to be stored or concluded from, in the order in which they came.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use tidemark_core::{Failure, Reading};
use tidemark_store::{InputId, PollState};

/// How many inputs of an account are kept in memory while the disk refuses them. Polled every five minutes that is
/// nearly two days.
const MAX_UNSTORED: usize = 500;

/// Something that became known of an account.
#[derive(Debug, Clone)]
pub(super) enum Arrival {
    /// The service answered.
    Reading {
        reading: Box<Reading>,
        /// The quota part of the body. Empty once it is on disk.
        evidence: String,
    },
    /// The poll failed.
    Failure {
        at: DateTime<Utc>,
        failure: Box<Failure>,
        /// How polling stands after it.
        poll: Box<PollState>,
    },
}

/// An input that is not analysed yet.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) arrival: Arrival,
    /// Its number on disk, once it is there.
    pub(super) stored: Option<InputId>,
}

/// All that wait, oldest first.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
    /// How many were given up because memory must not grow without end.
    dropped: u64,
}

impl Queue {
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// How many were given up since the queue was last empty.
    pub(super) const fn dropped(&self) -> u64 {
        self.dropped
    }

    pub(super) fn push(&mut self, waiting: Waiting) {
        self.waiting.push_back(waiting);
        self.thin_out();
    }

    /// Puts what is on disk before what is not. What was known to be on disk is among it.
    pub(super) fn restore(&mut self, stored: Vec<Waiting>) {
        let unstored =
            std::mem::take(&mut self.waiting).into_iter().filter(|waiting| waiting.stored.is_none());
        self.waiting = stored.into_iter().chain(unstored).collect();
    }

    pub(super) fn front(&self) -> Option<&Waiting> {
        self.waiting.front()
    }

    pub(super) fn back_mut(&mut self) -> Option<&mut Waiting> {
        self.waiting.back_mut()
    }

    pub(super) fn pop_front(&mut self) {
        self.waiting.pop_front();
        if self.waiting.is_empty() {
            self.dropped = 0;
        }
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.dropped = 0;
    }

    /// The oldest that is not on disk. Those before it are.
    pub(super) fn first_unstored(&self) -> Option<&Waiting> {
        self.waiting.iter().find(|waiting| waiting.stored.is_none())
    }

    /// Notes that the oldest one that was not on disk now is.
    pub(super) fn note_stored(&mut self, id: InputId) {
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.stored.is_none()) {
            waiting.stored = Some(id);
            if let Arrival::Reading { evidence, .. } = &mut waiting.arrival {
                *evidence = String::new();
            }
        }
    }

    /// Where too many are in memory alone, every second of them is given up, but neither the first nor the last:
    /// what was used in between then still shows, only less finely dated.
    fn thin_out(&mut self) {
        let unstored = self.waiting.iter().filter(|waiting| waiting.stored.is_none()).count();
        if unstored <= MAX_UNSTORED {
            return;
        }
        let last = self.waiting.len() - 1;
        let (mut place, mut nth) = (0, 0);
        let before = self.waiting.len();
        self.waiting.retain(|waiting| {
            let keep = waiting.stored.is_some() || place == last || {
                nth += 1;
                nth % 2 == 1
            };
            place += 1;
            keep
        });
        self.dropped += (before - self.waiting.len()) as u64;
    }
}

#[cfg(test)]
mod tests {
    use tidemark_core::FailureKind;
    use tidemark_store::FailureId;

    use super::*;

    fn failure(second: i64) -> Waiting {
        Waiting {
            arrival: Arrival::Failure {
                at: DateTime::from_timestamp(second, 0).unwrap_or_default(),
                failure: Box::new(Failure::new(FailureKind::ServerError, "")),
                poll: Box::default(),
            },
            stored: None,
        }
    }

    fn seconds(queue: &Queue) -> Vec<i64> {
        let second = |waiting: &Waiting| match &waiting.arrival {
            Arrival::Failure { at, .. } => at.timestamp(),
            Arrival::Reading { reading, .. } => reading.at.timestamp(),
        };
        queue.waiting.iter().map(second).collect()
    }

    #[test]
    fn the_first_and_the_last_survive_and_the_order_stays() {
        let mut queue = Queue::default();
        for second in 0..2_000 {
            queue.push(failure(second));
            assert!(queue.len() <= MAX_UNSTORED + 1);
        }
        let kept = seconds(&queue);
        assert_eq!((kept[0], kept[kept.len() - 1]), (0, 1_999));
        assert!(kept.is_sorted());
        assert_eq!(queue.dropped() + kept.len() as u64, 2_000, "what is given up is counted");
    }

    #[test]
    fn what_is_on_disk_is_never_given_up() {
        let mut queue = Queue::default();
        for second in 0..100 {
            queue.push(failure(second));
            queue.note_stored(FailureId(second).into());
        }
        for second in 100..1_000 {
            queue.push(failure(second));
        }
        assert_eq!(seconds(&queue)[..100], (0..100).collect::<Vec<_>>());
        assert_eq!(queue.first_unstored().map(|w| w.stored.is_none()), Some(true));
    }
}
