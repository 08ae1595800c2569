//! A shorter input that breaks the same law, where one is found quickly.

use crate::law::Outcome;

/// How many shorter inputs are tried.
const MAX_TRIES: usize = 400;
/// The longest input that is shortened, in bytes.
const MAX_LEN: usize = 64 << 10;

/// Takes pieces out for as long as the verdict stays that of `law`.
pub(crate) fn minimise(input: &[u8], law: &str, mut check: impl FnMut(&[u8]) -> Outcome) -> Vec<u8> {
    let mut least = input.to_vec();
    if least.len() > MAX_LEN {
        return least;
    }
    let mut piece = least.len().div_ceil(2);
    let mut tries = 0;
    while piece > 0 {
        let mut at = 0;
        while at < least.len() {
            if tries == MAX_TRIES {
                return least;
            }
            tries += 1;
            let mut shorter = least.clone();
            shorter.drain(at..(at + piece).min(least.len()));
            if check(&shorter).is_err_and(|broken| broken.law == law) {
                least = shorter;
            } else {
                at += piece;
            }
        }
        piece /= 2;
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::holds;

    #[test]
    fn what_breaks_the_law_is_what_is_left() {
        let check = |input: &[u8]| holds("no x", !input.contains(&b'x'), String::new);
        assert_eq!(minimise(b"aaaaaaaaaaxbbbbbbb", "no x", check), b"x");
        assert_eq!(minimise(b"aax", "another", check), b"aax");
    }
}
