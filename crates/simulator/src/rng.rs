//! SeededRng with a memory: random draws that depend on a seed and a name alone, never on the order of asking.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// Mixes numbers into one seed (the finaliser of splitmix64), so that near seeds give unlike streams.
#[must_use]
pub(crate) fn mix(parts: &[u64]) -> u64 {
    parts.iter().fold(0x7469_6465_6d61_726b, |state, part| {
        let mut z = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// Mixes a text into a number.
#[must_use]
pub(crate) fn mix_text(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| mix(&[hash, u64::from(byte)]))
}

/// A stream of draws.
#[derive(Debug)]
pub(crate) struct SeededRng(SmallRng);

impl SeededRng {
    /// The stream that belongs to these numbers.
    #[must_use]
    pub(crate) fn of(parts: &[u64]) -> Self {
        Self(SmallRng::seed_from_u64(mix(parts)))
    }

    /// Uniform in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// Uniform in `[low, high)`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with a probability.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A standard normal draw (Box–Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A log-normal draw with a median.
    pub(crate) fn around(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// An exponential draw with a mean: the time until the next of something that comes at random.
    pub(crate) fn wait(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// A Poisson-distributed count with this mean (Knuth's method; means here are small).
    pub(crate) fn count(&mut self, mean: f64) -> u32 {
        let floor = (-mean.clamp(0.0, 60.0)).exp();
        let mut product = self.unit();
        let mut count = 0;
        while product > floor {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// One of the weighted choices; the first where all weights are zero.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[(T, f64)]) -> Option<T> {
        let total: f64 = choices.iter().map(|(_, weight)| weight).sum();
        let mut left = self.unit() * total;
        for (choice, weight) in choices {
            left -= weight;
            if left < 0.0 {
                return Some(*choice);
            }
        }
        choices.first().map(|(choice, _)| *choice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_stream() {
        let draw = |parts: &[u64]| SeededRng::of(parts).0.random::<u64>();
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[2, 1]));
        assert_ne!(mix_text("work"), mix_text("krow"));
    }

    /// The audit's and the forecast's measurements compare years that were drawn at different times.
    #[test]
    fn a_stream_stays_what_it_was() {
        let mut chance = SeededRng::of(&[1, 2]);
        let draws = [chance.unit(), chance.unit(), chance.unit()].map(f64::to_bits);
        let before = [0.134_279_658_044_539_67_f64, 0.288_027_665_479_267_84, 0.599_752_822_820_063_8];
        assert_eq!(draws, before.map(f64::to_bits));
    }

    #[test]
    fn draws_have_the_mean_they_promise() {
        let mut chance = SeededRng::of(&[7]);
        let n = 20_000;
        let counts: f64 = (0..n).map(|_| f64::from(chance.count(4.0))).sum::<f64>() / f64::from(n);
        assert!((counts - 4.0).abs() < 0.1, "{counts}");
        let waits: f64 = (0..n).map(|_| chance.wait(20.0)).sum::<f64>() / f64::from(n);
        assert!((waits - 20.0).abs() < 0.8, "{waits}");
        let normals: f64 = (0..n).map(|_| chance.normal()).sum::<f64>() / f64::from(n);
        assert!(normals.abs() < 0.05, "{normals}");
    }
}
