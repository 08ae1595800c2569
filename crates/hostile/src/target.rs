//! What every target is: it makes inputs, and it reads them.

use crate::law::Outcome;
use crate::random::Random;

/// A part that reads something from outside.
pub(crate) trait Target {
    /// Makes an input.
    fn input(&self, random: &mut Random) -> Vec<u8>;
    /// Reads an input; any bytes are one.
    fn check(&mut self, input: &[u8]) -> Outcome;
}
