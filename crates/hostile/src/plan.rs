//! Which target an input is for, and which worker tries it.

use crate::random::Random;
use crate::targets::TARGETS;

/// The target of an input: by the shares of all targets, or the only one.
pub(crate) fn target_of(index: u64, only: Option<&str>) -> usize {
    if let Some(place) = only.and_then(|name| TARGETS.iter().position(|entry| entry.name == name)) {
        return place;
    }
    let total: usize = TARGETS.iter().map(|entry| entry.share).sum();
    let mut left = (index % total as u64) as usize;
    for (place, entry) in TARGETS.iter().enumerate() {
        if left < entry.share {
            return place;
        }
        left -= entry.share;
    }
    0
}

/// The worker of an input: drawn, so that each has its part of the slow ones.
pub(crate) fn worker_of(index: u64, workers: usize) -> usize {
    Random::of(0, "worker", index).below(workers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_share_of_any_hundred_inputs() {
        let total: usize = TARGETS.iter().map(|entry| entry.share).sum();
        for (place, entry) in TARGETS.iter().enumerate() {
            let tried = (700..700 + total as u64).filter(|index| target_of(*index, None) == place).count();
            assert_eq!(tried, entry.share, "{}", entry.name);
        }
        assert_eq!(TARGETS[target_of(5, Some("settings"))].name, "settings");
    }

    #[test]
    fn an_input_is_the_same_whenever_it_is_made() {
        for entry in TARGETS {
            let target = (entry.open)();
            let make = |seed, index| target.input(&mut Random::of(seed, entry.name, index));
            assert_eq!(make(7, 3), make(7, 3), "{}", entry.name);
            assert!((0..20).any(|index| make(7, index) != make(8, index)), "{}", entry.name);
        }
    }
}
