//! A hash of eight bytes that stays the same between versions and machines, to know a record again.
//!
//! Folded multiplication, as in wyhash. Among ten million records the chance that any two different ones
//! share a fingerprint is about three in a million. It is no defence against people who forge their own
//! logs to make two records collide; they would only make their own figures smaller.

/// A hash that is being computed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fingerprint(u64);

const SEED: u64 = 0xa076_1d64_78bd_642f;
const STEP: u64 = 0xe703_7ed1_a0b4_28db;

impl Fingerprint {
    /// An empty hash of a kind of record; kinds never share fingerprints on purpose.
    pub(crate) const fn of(kind: u64) -> Self {
        Self(fold(kind ^ SEED, STEP))
    }

    /// Adds a number to the hash.
    pub(crate) const fn number(self, number: u64) -> Self {
        Self(fold(self.0 ^ number, STEP ^ number.rotate_left(32)))
    }

    /// Takes a text in, with its length, so that the border between two texts counts.
    pub(crate) fn text(self, text: &[u8]) -> Self {
        let mut hash = self.number(text.len() as u64);
        for chunk in text.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            hash = hash.number(u64::from_le_bytes(word));
        }
        hash
    }

    /// The finished hash.
    pub(crate) const fn finish(self) -> u64 {
        fold(self.0 ^ STEP, SEED)
    }
}

const fn fold(a: u64, b: u64) -> u64 {
    // An odd constant is added so that a factor of zero does not wipe out what came before.
    let product = (a as u128 | 1).wrapping_mul((b as u128) ^ 0x9e37_79b9_7f4a_7c15);
    (product as u64) ^ ((product >> 64) as u64) ^ a.rotate_left(29)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn it_does_not_change() {
        // Written into indexes: with another value every request would be counted again.
        assert_eq!(Fingerprint::of(1).number(2).text(b"kimi-k3").finish(), PINNED);
    }
    const PINNED: u64 = 10_367_379_782_520_034_775;

    #[test]
    fn neighbours_are_far_apart() {
        let mut seen = HashSet::new();
        for a in 0..300 {
            for b in 0..300 {
                assert!(seen.insert(Fingerprint::of(0).number(a).number(b).finish()), "{a} {b}");
            }
        }
        let bits: u32 = (0..1000u64)
            .map(|n| {
                let hash = |n| Fingerprint::of(7).number(n).number(0).finish();
                (hash(n) ^ hash(n + 1)).count_ones()
            })
            .sum();
        assert!((28_000..36_000).contains(&bits), "{bits}");
        assert_ne!(
            Fingerprint::of(0).text(b"ab").text(b"c").finish(),
            Fingerprint::of(0).text(b"a").text(b"bc").finish()
        );
    }
}
