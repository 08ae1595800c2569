//! What a thread's JSON is packed in.

use std::io::{self, BufReader, Read};

use ruzstd::decoding::StreamingDecoder;

/// How much of a thread is unpacked, in bytes.
const MAX_LEN: u64 = 256 << 20;
/// How far back a frame may refer, in bytes: so much is held in memory. Those of Zed do so by 2 MiB.
const MAX_WINDOW: u64 = 8 << 20;

/// A reader of what is in a frame.
///
/// # Errors
/// It is no frame, or one that would take much memory.
pub(crate) fn unpacked(frame: &[u8]) -> io::Result<impl Read> {
    if window(frame).is_none_or(|window| window > MAX_WINDOW) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let decoder =
        StreamingDecoder::new(frame).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(BufReader::with_capacity(64 << 10, decoder.take(MAX_LEN)))
}

/// How far back a frame refers, as its header says (RFC 8878, section 3.1.1).
fn window(frame: &[u8]) -> Option<u64> {
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let header = frame.strip_prefix(&MAGIC)?;
    let (descriptor, rest) = header.split_first()?;
    let is_single = descriptor & 0x20 != 0;
    if !is_single {
        let (exponent, mantissa) = (rest.first()? >> 3, rest.first()? & 7);
        let base = 1_u64 << (10 + u32::from(exponent));
        return Some(base + base / 8 * u64::from(mantissa));
    }
    // Then it refers back to its beginning: its size, behind a dictionary's number.
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let length = [1, 2, 4, 8][usize::from(descriptor >> 6)];
    let bytes = rest.get(dictionary..dictionary + length)?;
    let mut size = [0; 8];
    size[..length].copy_from_slice(bytes);
    Some(u64::from_le_bytes(size) + if length == 2 { 256 } else { 0 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn all(frame: &[u8]) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        unpacked(frame)?.read_to_end(&mut all)?;
        Ok(all)
    }

    #[test]
    fn a_frame_is_unpacked() {
        for length in [0, 1, 70_000, 3_000_000] {
            let text: Vec<u8> = (0..length).map(|at: u32| (at % 251) as u8).collect();
            let frame = compress_to_vec(text.as_slice(), CompressionLevel::Fastest);
            assert_eq!(all(&frame).unwrap(), text, "{length}");
        }
    }

    #[test]
    fn a_frame_that_would_take_much_memory_is_refused() {
        // A window of 1 GiB, and a single segment of as much.
        for header in [&[0x00, 20 << 3][..], &[0xa0, 0, 0, 0, 0x40]] {
            let frame = [&[0x28, 0xb5, 0x2f, 0xfd][..], header, &[1, 0, 0]].concat();
            assert!(window(&frame).unwrap() >= 1 << 30);
            assert!(all(&frame).is_err());
        }
        assert_eq!(window(b"PK\x03\x04"), None);
    }

    proptest! {
        #[test]
        fn anything_is_unpacked_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = all(&bytes);
            let _ = all(&[&[0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x50][..], &bytes].concat());
        }
    }
}
