//! Changes to an input as bytes: torn, doubled, filled with NULs, too long.

use crate::fragments::BYTES;
use crate::random::Random;

/// No input is longer, in bytes.
pub(crate) const MAX_INPUT_LEN: usize = 256 << 10;

/// Changes a few places of an input, or one in a large way.
pub(crate) fn damage(random: &mut Random, input: &mut Vec<u8>) {
    for _ in 0..=random.below(3) {
        once(random, input);
    }
    input.truncate(MAX_INPUT_LEN);
}

fn once(random: &mut Random, input: &mut Vec<u8>) {
    let at = random.below(input.len() + 1);
    match random.below(14) {
        0 => input.truncate(at),
        1 => {
            input.drain(..at);
        }
        2 => {
            let end = (at + 1 + random.below(24)).min(input.len());
            input.drain(at.min(end)..end);
        }
        3 | 4 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        5 => {
            if let Some(byte) = input.get_mut(at) {
                *byte = random.below(256) as u8;
            }
        }
        6..=8 => insert(input, at, random.pick(BYTES)),
        9 => {
            let end = (at + random.below(400)).min(input.len());
            let copy = input[at..end].to_vec();
            let to = random.below(input.len() + 1);
            insert(input, to, &copy);
        }
        10 => {
            // A run of NULs, as a disk without power leaves it.
            let run = vec![0; 1 + random.below(5000)];
            insert(input, at, &run);
        }
        11 => deepen(random, input, at),
        12 => {
            let run = vec![*random.pick(&[&b'a', &b'9', &b' ', &b'"', &b'\\']); 1 + random.below(70_000)];
            insert(input, at, &run);
        }
        _ => shuffle(random, input),
    }
}

/// Nests something deeper than any stack should follow.
fn deepen(random: &mut Random, input: &mut Vec<u8>, at: usize) {
    let (open, close): (&[u8], &[u8]) = *random.pick(&[
        &(&b"["[..], &b"]"[..]),
        &(&b"{\"a\":"[..], &b"}"[..]),
        &(&b"[{\"usage\":"[..], &b"}]"[..]),
    ]);
    let depth = 1 << random.below(15);
    let mut nest = open.repeat(depth);
    nest.push(b'1');
    if random.one_in(2) {
        nest.extend(close.repeat(depth));
    }
    insert(input, at, &nest);
}

/// Swaps two lines, or doubles one.
fn shuffle(random: &mut Random, input: &mut Vec<u8>) {
    let mut lines: Vec<&[u8]> = input.split_inclusive(|byte| *byte == b'\n').collect();
    let (one, other) = (random.below(lines.len()), random.below(lines.len()));
    if lines.is_empty() {
        return;
    }
    if random.one_in(2) {
        lines.swap(one, other);
    } else {
        lines.insert(one, lines[other]);
    }
    *input = lines.concat();
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}
