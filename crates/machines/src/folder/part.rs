//! The parts of a file of records: each encrypted by itself, with its length in front.
//!
//! A file begins with a line that says what it is. A part is four bytes, its length (little endian), and an age file of
//! that length. A part that is not all there yet is waited for; one that is damaged is passed over, and tried again
//! when the file has changed.

use std::io::{self, Read, SeekFrom, Write as _};
use std::iter;

use age::x25519;

/// How files of records end.
pub(super) const RECORDS: &str = "records";
/// The first line of a file of records.
pub(super) const MAGIC: &[u8] = b"tidemark records 1\n";
/// The longest part, in bytes: some thousands of requests.
pub(super) const MAX_PART_LEN: u32 = 8 * 1024 * 1024;
const LENGTH_LEN: u64 = 4;

/// A part with its length, encrypted.
pub(super) fn seal(key: &x25519::Identity, plain: &[u8]) -> io::Result<Vec<u8>> {
    let recipient = key.to_public();
    let encryptor = age::Encryptor::with_recipients(iter::once(&recipient as &dyn age::Recipient))
        .map_err(io::Error::other)?;
    let mut sealed = vec![0; LENGTH_LEN as usize];
    let mut writer = encryptor.wrap_output(&mut sealed)?;
    writer.write_all(plain)?;
    writer.finish()?;
    let length =
        u32::try_from(sealed.len() as u64 - LENGTH_LEN).ok().filter(|length| *length <= MAX_PART_LEN);
    let length = length.ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
    sealed[..LENGTH_LEN as usize].copy_from_slice(&length.to_le_bytes());
    Ok(sealed)
}

/// Whether a file of a size is one of records.
pub(super) fn begins_as_records(file: &mut (impl Read + io::Seek), size: u64) -> io::Result<bool> {
    if size < MAGIC.len() as u64 {
        return Ok(false);
    }
    let mut first = vec![0; MAGIC.len()];
    file.seek(SeekFrom::Start(0))?;
    file.read_exact(&mut first)?;
    Ok(first == MAGIC)
}

/// What is at a place of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A part, and where it ends.
    Part(Vec<u8>, u64),
    /// A part that cannot be decrypted, and where it would end.
    Damaged(u64),
    /// Nothing that could be a part, or only the beginning of one.
    Incomplete,
    /// The end of the file.
    End,
}

/// Reads the part at a place of a file of a length.
pub(super) fn read_at(
    file: &mut (impl Read + io::Seek),
    offset: u64,
    length: u64,
    keys: &[x25519::Identity],
) -> io::Result<Found> {
    if offset >= length {
        return Ok(Found::End);
    }
    if length - offset < LENGTH_LEN {
        return Ok(Found::Incomplete);
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut said = [0; LENGTH_LEN as usize];
    file.read_exact(&mut said)?;
    let part = u32::from_le_bytes(said);
    let end = offset + LENGTH_LEN + u64::from(part);
    // No part is so long: what follows cannot be found.
    if part > MAX_PART_LEN {
        return Ok(Found::Damaged(length));
    }
    // A file system that made room before the content came has zeros there.
    if part == 0 || end > length {
        return Ok(Found::Incomplete);
    }
    let mut sealed = vec![0; part as usize];
    file.read_exact(&mut sealed)?;
    Ok(unseal(&sealed, keys).map_or(Found::Damaged(end), |plain| Found::Part(plain, end)))
}

fn unseal(sealed: &[u8], keys: &[x25519::Identity]) -> Option<Vec<u8>> {
    let decryptor = age::Decryptor::new_buffered(sealed).ok()?;
    if decryptor.is_scrypt() {
        // Stretching a passphrase for each part would hold everything up.
        return None;
    }
    let keys = keys.iter().map(|key| key as &dyn age::Identity);
    let mut plain = Vec::with_capacity(sealed.len());
    decryptor.decrypt(keys).ok()?.read_to_end(&mut plain).ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn parts(bytes: &[u8], key: &x25519::Identity) -> Vec<Vec<u8>> {
        let (mut file, mut offset, mut found) = (Cursor::new(bytes), 0, Vec::new());
        let length = bytes.len() as u64;
        loop {
            match read_at(&mut file, offset, length, std::slice::from_ref(key)).unwrap() {
                Found::Part(plain, end) => {
                    found.push(plain);
                    offset = end;
                }
                Found::Damaged(end) => offset = end,
                Found::Incomplete | Found::End => return found,
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_file_that_is_partly_there_gives_its_whole_parts(
            texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..5),
            cut in any::<prop::sample::Index>(),
            flipped in prop::option::of((any::<prop::sample::Index>(), 1_u8..)),
        ) {
            let key = x25519::Identity::generate();
            let mut file = Vec::new();
            let mut ends = Vec::new();
            for text in &texts {
                file.extend(seal(&key, text).unwrap());
                ends.push(file.len());
            }
            let cut = cut.index(file.len() + 1);
            let whole = ends.iter().filter(|end| **end <= cut).count();
            prop_assert_eq!(parts(&file[..cut], &key), &texts[..whole]);
            // What is changed on the way is not taken for what was written.
            if let Some((place, change)) = flipped {
                let place = place.index(file.len());
                file[place] ^= change;
                let found = parts(&file, &key);
                prop_assert!(found.len() < texts.len());
                prop_assert!(found.iter().all(|part| texts.contains(part)));
            }
        }
    }

    #[test]
    fn another_key_opens_nothing() {
        let file = seal(&x25519::Identity::generate(), b"a").unwrap();
        assert!(parts(&file, &x25519::Identity::generate()).is_empty());
        assert!(parts(&[0; 64], &x25519::Identity::generate()).is_empty());
    }
}
