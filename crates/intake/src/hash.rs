//! Eight bytes of SHA-256, by which a series or a request is known again. They are kept, so they must not change.

use sha2::{Digest as _, Sha256};

/// A hash that is being computed of texts and numbers, the border between two of them included.
#[derive(Clone)]
pub(crate) struct Hash(Sha256);

impl Hash {
    /// An empty hash of a kind of thing; kinds never share hashes on purpose.
    pub(crate) fn of(kind: &str) -> Self {
        Self(Sha256::new()).text(kind)
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
        self
    }

    pub(crate) fn number(mut self, number: u64) -> Self {
        self.0.update(number.to_le_bytes());
        self
    }

    pub(crate) fn finish(self) -> u64 {
        let bytes: [u8; 32] = self.0.finalize().into();
        bytes[..8].iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_change_and_borders_count() {
        let pinned = Hash::of("point").text("ab").number(7).finish();
        assert_eq!(pinned, PINNED);
        assert_ne!(Hash::of("x").text("ab").text("c").finish(), Hash::of("x").text("a").text("bc").finish());
    }
    // Kept with every request: with another value each would be counted again.
    const PINNED: u64 = 17_769_338_903_040_967_650;
}
