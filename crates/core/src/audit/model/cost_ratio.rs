//! How much of a series a unit of use takes: the one figure that is fitted.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// How many samples are remembered.
const MAX_KEPT: usize = 48;

/// A scale learned from samples of deducted ÷ used, robustly: by the median and the spread around it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CostRatio {
    /// Natural logarithms of the samples, oldest first.
    samples: VecDeque<f64>,
    /// What is known before any sample: exactly 1 for money at published prices.
    prior: Option<f64>,
    known: Option<RatioInterval>,
}

/// What is known of a scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct RatioInterval {
    /// The most likely value: the median of the samples.
    pub(crate) middle: f64,
    /// The lower end of what fits most samples.
    pub(crate) low: f64,
    /// The upper end of what fits most samples.
    pub(crate) high: f64,
}

impl CostRatio {
    /// A scale of which something is known in advance.
    pub(crate) fn with_prior(prior: f64) -> Self {
        let known = RatioInterval { middle: prior, low: prior * 0.9, high: prior * 1.1 };
        Self { samples: VecDeque::new(), prior: Some(prior), known: Some(known) }
    }

    pub(crate) const fn known(&self) -> Option<RatioInterval> {
        self.known
    }

    /// How many samples it rests on.
    pub(crate) fn count(&self) -> usize {
        self.samples.len()
    }

    /// Learns from one sample.
    pub(crate) fn learn(&mut self, sample: f64) {
        if sample <= 0.0 || !sample.is_finite() {
            return;
        }
        if self.samples.len() >= MAX_KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(sample.ln());
        self.reckon();
    }

    /// Everything has become `factor` times as much.
    pub(crate) fn multiply(&mut self, factor: f64) {
        if factor > 0.0 && factor.is_finite() && !self.samples.is_empty() {
            self.samples.iter_mut().for_each(|sample| *sample += factor.ln());
            self.prior = self.prior.map(|prior| prior * factor);
            self.reckon();
        }
    }

    fn reckon(&mut self) {
        let mut sorted: Vec<f64> = self.samples.iter().copied().collect();
        if let Some(prior) = self.prior {
            // The published price weighs like a few samples.
            sorted.extend([prior.ln(); 3]);
        }
        sorted.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
        let margin = 0.06 + 0.4 / (sorted.len() as f64 + 0.5);
        self.known = Some(RatioInterval {
            middle: at(0.5).exp(),
            low: (at(0.1) - margin).exp(),
            high: (at(0.9) + margin).exp(),
        });
    }

    /// Forgets everything but what was known in advance.
    pub(crate) fn forget(&mut self) {
        *self = self.prior.map_or_else(Self::default, Self::with_prior);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_wild_samples_do_not_move_it() {
        let mut scale = CostRatio::default();
        for n in 0..40 {
            scale.learn(if n % 8 == 7 { 60.0 } else { 10.0 });
        }
        let known = scale.known().unwrap();
        assert!((known.middle - 10.0).abs() < 1e-9, "{known:?}");
    }

    #[test]
    fn it_grows_surer_and_follows() {
        let mut scale = CostRatio::default();
        scale.learn(10.0);
        let first = scale.known().unwrap();
        for _ in 0..20 {
            scale.learn(10.0);
        }
        let later = scale.known().unwrap();
        assert!(later.high < first.high && later.low > first.low);
        for _ in 0..MAX_KEPT {
            scale.learn(30.0);
        }
        assert!((scale.known().unwrap().middle - 30.0).abs() < 1e-9);
        scale.learn(0.0);
        scale.learn(f64::NAN);
        assert!((scale.known().unwrap().middle - 30.0).abs() < 1e-9);
    }
}
