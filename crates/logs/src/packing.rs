//! Values in few bytes behind each other: how what is found in logs is kept.

use tidemark_core::Tokens;

/// Writes values behind each other.
#[derive(Debug, Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    /// A number, in as many groups of seven bits as it needs, the lowest first.
    pub(crate) fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number as u8 & 0x7f | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A number of either sign; small ones are short.
    pub(crate) fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63).cast_unsigned());
    }

    /// A number that takes eight bytes in any case.
    pub(crate) fn fixed(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend(text.as_bytes());
    }

    pub(crate) fn optional_text(&mut self, text: Option<&str>) {
        self.number(u64::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    pub(crate) fn tokens(&mut self, tokens: &Tokens) {
        let Tokens { input, cache_read, cache_write, cache_write_1h, output } = *tokens;
        for count in [input, cache_read, cache_write, cache_write_1h, output] {
            self.number(count);
        }
    }
}

/// Reads values as a [`Writer`] wrote them. `None` where they are damaged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'r>(pub(crate) &'r [u8]);

impl<'r> Reader<'r> {
    pub(crate) fn take(&mut self, length: usize) -> Option<&'r [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A number of at most 32 bits: the place of something in a list.
    pub(crate) fn place(&mut self) -> Option<u32> {
        u32::try_from(self.number()?).ok()
    }

    pub(crate) fn signed(&mut self) -> Option<i64> {
        let coded = self.number()?;
        Some((coded >> 1).cast_signed() ^ -(coded & 1).cast_signed())
    }

    pub(crate) fn fixed(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    pub(crate) fn text(&mut self) -> Option<&'r str> {
        let length = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    /// Whether there is a text, and the text.
    pub(crate) fn optional_text(&mut self) -> Option<(bool, &'r str)> {
        Some((self.number()? != 0, self.text()?))
    }

    /// Counts of tokens, none of which is larger than `largest`.
    pub(crate) fn tokens(&mut self, largest: u64) -> Option<Tokens> {
        let mut counts = [0; 5];
        for count in &mut counts {
            *count = self.number().filter(|count| *count <= largest)?;
        }
        let [input, cache_read, cache_write, cache_write_1h, output] = counts;
        Some(Tokens { input, cache_read, cache_write, cache_write_1h, output })
    }

    /// A list, whose length stands before it. Damage can claim any length: room is made as it is filled.
    pub(crate) fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = usize::try_from(self.number()?).ok()?;
        let mut list = Vec::with_capacity(length.min(self.0.len()));
        for _ in 0..length {
            list.push(one(self)?);
        }
        Some(list)
    }
}
