//! Values that are read from a text where it stands.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Visitor};

/// Reads a text where it stands, without a copy.
pub(crate) struct Text<T, F> {
    expected: &'static str,
    read: F,
    of: PhantomData<T>,
}

impl<T, F> Text<T, F> {
    /// Says what is expected, and how it is read.
    pub(crate) const fn new(expected: &'static str, read: F) -> Self {
        Self { expected, read, of: PhantomData }
    }
}

impl<T, E: fmt::Display, F: FnOnce(&str) -> Result<T, E>> Visitor<'_> for Text<T, F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<R: de::Error>(self, text: &str) -> Result<T, R> {
        (self.read)(text).map_err(R::custom)
    }
}
