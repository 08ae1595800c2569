//! A log that Codex compressed.

use std::io::{self, BufReader, Read};

use ruzstd::decoding::StreamingDecoder;

/// No window is larger that a compressor uses for such files; unpacking holds one.
const MAX_WINDOW: u64 = 16 << 20;
/// More than this is not unpacked: no log is that long.
const MAX_UNPACKED: u64 = 8 << 30;
/// The longest beginning of a frame: magic number, descriptor, window, dictionary and size.
const HEAD: usize = 18;

/// The text of a compressed log. Where it is damaged, it ends; [`Unpacked::is_damaged`] says so then.
pub(crate) struct Unpacked<R: Read> {
    decoder: Option<Decoder<R>>,
    left: u64,
    is_damaged: bool,
}

type Source<R> = io::Chain<io::Cursor<Vec<u8>>, BufReader<R>>;
type Decoder<R> = StreamingDecoder<Source<R>, ruzstd::decoding::FrameDecoder>;

impl<R: Read> Unpacked<R> {
    /// Begins to unpack.
    ///
    /// # Errors
    /// The beginning cannot be read from the disk.
    pub(crate) fn of(packed: R) -> io::Result<Self> {
        let mut packed = BufReader::new(packed);
        let mut head = Vec::with_capacity(HEAD);
        packed.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        let fits = window(&head).is_some_and(|window| window <= MAX_WINDOW);
        let source = io::Cursor::new(head).chain(packed);
        let decoder = if fits { StreamingDecoder::new(source).ok() } else { None };
        Ok(Self { is_damaged: decoder.is_none(), decoder, left: MAX_UNPACKED })
    }

    pub(crate) const fn is_damaged(&self) -> bool {
        self.is_damaged
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(decoder) = &mut self.decoder else { return Ok(0) };
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if let Ok(read) = decoder.read(&mut buffer[..most]) {
            self.left -= read as u64;
            return Ok(read);
        }
        self.is_damaged = true;
        self.decoder = None;
        Ok(0)
    }
}

/// How much of the text a frame needs at once, in bytes, by RFC 8878, section 3.1.1.1; `None` where it is no frame.
fn window(head: &[u8]) -> Option<u64> {
    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
    let rest = head.strip_prefix(&MAGIC)?;
    let (descriptor, rest) = rest.split_first()?;
    let single = descriptor >> 5 & 1 == 1;
    if !single {
        let window = u64::from(*rest.first()?);
        let base = 1_u64 << (10 + (window >> 3));
        return Some(base + base / 8 * (window & 7));
    }
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let length = [1, 2, 4, 8][usize::from(descriptor >> 6)];
    let size = rest.get(dictionary..dictionary + length)?;
    let mut bytes = [0; 8];
    bytes[..length].copy_from_slice(size);
    // Two bytes begin at 256.
    Some(u64::from_le_bytes(bytes).saturating_add(if length == 2 { 256 } else { 0 }))
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    /// What is unpacked of some bytes, and whether they are damaged.
    fn unpacked(packed: &[u8]) -> (Vec<u8>, bool) {
        let mut reader = Unpacked::of(packed).unwrap();
        let mut text = Vec::new();
        reader.read_to_end(&mut text).unwrap();
        (text, reader.is_damaged())
    }

    #[test]
    fn what_was_compressed_is_read_and_what_is_damaged_ends() {
        let text: Vec<u8> =
            (0..90_000_u32).flat_map(|number| format!("line {number}\n").into_bytes()).collect();
        let packed = compress_to_vec(&text[..], CompressionLevel::Fastest);
        assert_eq!(unpacked(&packed), (text.clone(), false));
        let (part, is_damaged) = unpacked(&packed[..packed.len() / 2]);
        assert!(is_damaged && text.starts_with(&part) && part.len() < text.len());
        for packed in [&b""[..], b"{}", b"\x28\xb5\x2f\xfd", b"\x28\xb5\x2f\xfd\x04\x58 no frame"] {
            assert_eq!(unpacked(packed), (Vec::new(), true), "{packed:?}");
        }
    }

    #[test]
    fn a_frame_says_how_much_it_needs_at_once() {
        const MAGIC: &[u8] = b"\x28\xb5\x2f\xfd";
        for (head, needed) in [
            (&[0x00, 0x58][..], Some(2 << 20)),
            (&[0x00, 0x59], Some((2 << 20) + (2 << 17))),
            (&[0x20, 0x07], Some(7)),
            (&[0x60, 0x00, 0x01], Some(512)),
            (&[0xe0, 0, 0, 0, 0, 1, 0, 0, 0], Some(1 << 32)),
            (&[0x21, 0x99, 0x07], Some(7)),
            (&[0x60, 0x00], None),
            (&[], None),
        ] {
            assert_eq!(window(&[MAGIC, head].concat()), needed, "{head:?}");
        }
        // More than any compressor needs: nothing of it is unpacked.
        let (text, is_damaged) = unpacked(&[MAGIC, &[0x00, 0xa0], &[1, 0, 0]].concat());
        assert!(text.is_empty() && is_damaged);
    }
}
