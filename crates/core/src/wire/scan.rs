//! A fast path for the two kinds of records that come in masses.
//!
//! A [`Scan`] knows one form of each: keys in the order in which this program writes them, each at most once,
//! none that it does not know, at most one space after a colon or a comma, texts without escapes, numbers
//! without exponents. Keys may be left out. For a line of any other form it says `None`, and serde reads it,
//! which is right in every case, and slower. Laws say that both agree wherever this one is taken.
//!
//! It is worth its lines as long as serde is much slower. Measured 2026-11-29 in one run, the least of 60
//! interleaved passes over 17,280 readings and 4,703 requests: a replay took 1.06 µs a reading with it and
//! 1.78 µs (1.7 times as long) with serde into the concrete struct of the `type` that the line begins with;
//! of that, reading took 0.34 and 0.92 µs. At 1.5 times it would go.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use super::log_coverage::machine_name;
use super::{ReadingRecord, Record, TimestampedRecord, UsageRecord};
use crate::account::{Region, Source};
use crate::meter::{MAX_PERCENT, Meter};
use crate::money::Money;
use crate::number::{decimal, timestamp};
use crate::reading::{Balance, MeterReading, RateLimits, UserIds, Wallet};

/// A line of a reading or of usage in the form that is known.
pub(super) fn line(text: &[u8]) -> Option<TimestampedRecord> {
    let mut scan = Scan { rest: text, first: true };
    scan.open()?;
    scan.key("type").then_some(())?;
    let recorded = match scan.bytes()? {
        b"reading" => Record::Reading(scan.reading()?).into(),
        b"usage" => {
            let record = Record::Usage(scan.usage()?);
            TimestampedRecord {
                record,
                known_at: scan.maybe("known_at", |scan| scan.or_null(Scan::time))?.flatten(),
            }
        }
        _ => return None,
    };
    scan.close()?;
    scan.rest.iter().all(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).then_some(recorded)
}

/// What is left of a line.
struct Scan<'a> {
    rest: &'a [u8],
    /// Whether the next key is the first of its object.
    first: bool,
}

impl<'a> Scan<'a> {
    fn reading(&mut self) -> Option<ReadingRecord> {
        Some(ReadingRecord {
            at: self.must("at", Self::time)?,
            account: self.maybe("account", Self::maybe_text)?.flatten(),
            source: self
                .must("source", |scan| scan.word([Source::KimiCode, Source::Platform], Source::as_str))?,
            region: self.must("region", |scan| scan.word([Region::China, Region::Global], Region::as_str))?,
            plan: self.maybe("plan", Self::maybe_text)?.flatten(),
            meters: self.maybe("meters", |scan| scan.list(4, Self::meter))?.unwrap_or_default(),
            wallet: self.maybe("wallet", |scan| scan.or_null(Self::wallet))?.flatten(),
            balance: self.maybe("balance", |scan| scan.or_null(Self::balance))?.flatten(),
            limits: self.maybe("limits", Self::limits)?.unwrap_or_default(),
            not_understood: self
                .maybe("not_understood", |scan| scan.list(0, |scan| scan.text().map(ToOwned::to_owned)))?
                .unwrap_or_default(),
            user: self.maybe("user", Self::user)?.unwrap_or_default(),
        })
    }

    fn meter(&mut self) -> Option<MeterReading> {
        self.object(|scan| {
            Some(MeterReading {
                meter: scan.must("meter", |scan| scan.word(Meter::ALL, Meter::as_str))?,
                used_percent: scan
                    .must("used_percent", Self::number)
                    .filter(|used| used.abs() <= MAX_PERCENT)?,
                used: scan.maybe("used", |scan| scan.or_null(Self::amount))?.flatten(),
                limit: scan.maybe("limit", |scan| scan.or_null(Self::amount))?.flatten(),
                resets_at: scan.maybe("resets_at", |scan| scan.or_null(Self::time))?.flatten(),
                conflict: scan.maybe("conflict", Self::flag)?.unwrap_or_default(),
            })
        })
    }

    fn wallet(&mut self) -> Option<Wallet> {
        self.object(|scan| {
            Some(Wallet {
                enabled: scan.maybe("enabled", |scan| scan.or_null(Self::flag))?.flatten(),
                balance: scan.maybe("balance", |scan| scan.or_null(Self::money))?.flatten(),
                month_used: scan.maybe("month_used", |scan| scan.or_null(Self::money))?.flatten(),
                month_cap: scan.maybe("month_cap", |scan| scan.or_null(Self::money))?.flatten(),
                frozen: scan.maybe("frozen", Self::flag)?.unwrap_or_default(),
            })
        })
    }

    fn money(&mut self) -> Option<Money> {
        self.object(|scan| {
            Some(Money {
                amount: scan.must("amount", Self::amount)?,
                currency: scan.must("currency", |scan| scan.text()?.parse().ok())?,
            })
        })
    }

    fn balance(&mut self) -> Option<Balance> {
        self.object(|scan| {
            Some(Balance {
                currency: scan.must("currency", |scan| scan.text()?.parse().ok())?,
                available: scan.maybe("available", |scan| scan.or_null(Self::amount))?.flatten(),
                voucher: scan.maybe("voucher", |scan| scan.or_null(Self::amount))?.flatten(),
                cash: scan.maybe("cash", |scan| scan.or_null(Self::amount))?.flatten(),
            })
        })
    }

    fn limits(&mut self) -> Option<RateLimits> {
        self.object(|scan| {
            Some(RateLimits {
                concurrency: scan.maybe("concurrency", |scan| scan.or_null(Self::count))?.flatten(),
                requests_per_minute: scan
                    .maybe("requests_per_minute", |scan| scan.or_null(Self::count))?
                    .flatten(),
                tokens_per_minute: scan
                    .maybe("tokens_per_minute", |scan| scan.or_null(Self::count))?
                    .flatten(),
                tokens_per_day: scan.maybe("tokens_per_day", |scan| scan.or_null(Self::count))?.flatten(),
            })
        })
    }

    fn user(&mut self) -> Option<UserIds> {
        self.object(|scan| {
            Some(UserIds {
                quota: scan.maybe("quota", Self::maybe_text)?.flatten(),
                profile: scan.maybe("profile", Self::maybe_text)?.flatten(),
                organization: scan.maybe("organization", Self::maybe_text)?.flatten(),
                unknown: scan.maybe("unknown", Self::flag)?.unwrap_or_default(),
            })
        })
    }

    fn usage(&mut self) -> Option<UsageRecord> {
        Some(UsageRecord {
            at: self.must("at", Self::time)?,
            account: self.maybe("account", Self::maybe_text)?.flatten(),
            model: self.maybe("model", Self::maybe_text)?.flatten(),
            project: self.maybe("project", Self::maybe_text)?.flatten(),
            input: self.maybe("input", Self::count)?.unwrap_or_default(),
            cache_read: self.maybe("cache_read", Self::count)?.unwrap_or_default(),
            cache_write: self.maybe("cache_write", Self::count)?.unwrap_or_default(),
            cache_write_1h: self.maybe("cache_write_1h", Self::count)?.unwrap_or_default(),
            output: self.maybe("output", Self::count)?.unwrap_or_default(),
            id: self.maybe("id", Self::maybe_text)?.flatten(),
            machine: self.maybe("machine", Self::maybe_text)?.flatten().as_deref().and_then(machine_name),
            // A line that has it is read the slow way.
            unassigned: false,
        })
    }

    /// A value under this key.
    #[inline]
    fn must<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.key(key) { read(self) } else { None }
    }

    /// A value under this key, if the key is next: outside, whether the form is known; inside, what it is.
    #[allow(clippy::option_option, reason = "the outer one ends the scan")]
    #[inline]
    fn maybe<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.key(key) { read(self).map(Some) } else { Some(None) }
    }

    #[inline]
    fn object<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.open()?;
        let value = read(self)?;
        self.close()?;
        Some(value)
    }

    fn list<T>(&mut self, room: usize, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.skip(b'[')?;
        let mut all = Vec::new();
        if self.skip(b']').is_some() {
            return Some(all);
        }
        all.reserve_exact(room);
        loop {
            all.push(read(self)?);
            if self.skip(b']').is_some() {
                return Some(all);
            }
            self.skip(b',')?;
            self.space();
        }
    }

    #[inline]
    fn open(&mut self) -> Option<()> {
        self.first = true;
        self.skip(b'{')
    }

    #[inline]
    fn close(&mut self) -> Option<()> {
        self.first = false;
        self.skip(b'}')
    }

    /// Goes past this key and its colon, if they are next.
    #[inline]
    fn key(&mut self, key: &str) -> bool {
        let rest = if self.first {
            Some(self.rest)
        } else {
            self.rest.strip_prefix(b",").map(|rest| rest.strip_prefix(b" ").unwrap_or(rest))
        };
        let rest = rest
            .and_then(|rest| rest.strip_prefix(b"\""))
            .and_then(|rest| rest.strip_prefix(key.as_bytes()))
            .and_then(|rest| rest.strip_prefix(b"\":"));
        let Some(rest) = rest else { return false };
        self.rest = rest;
        self.first = false;
        self.space();
        true
    }

    #[inline]
    fn skip(&mut self, byte: u8) -> Option<()> {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                Some(())
            }
            _ => None,
        }
    }

    #[inline]
    fn space(&mut self) {
        let _ = self.skip(b' '); // there may be none
    }

    /// The next value, unless it is null: outside, whether the form is known.
    #[allow(clippy::option_option, reason = "the outer one ends the scan")]
    #[inline]
    fn or_null<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.rest.strip_prefix(b"null") {
            Some(rest) => {
                self.rest = rest;
                Some(None)
            }
            None => read(self).map(Some),
        }
    }

    /// The bytes of a text without escapes, where they stand.
    #[inline]
    fn bytes(&mut self) -> Option<&'a [u8]> {
        self.skip(b'"')?;
        let length = self.rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest.strip_prefix(b"\"")?;
        Some(text)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// One of a few words.
    fn word<T: Copy, const N: usize>(&mut self, all: [T; N], word: impl Fn(T) -> &'static str) -> Option<T> {
        let found = self.bytes()?;
        all.into_iter().find(|one| word(*one).as_bytes() == found)
    }

    #[allow(clippy::option_option, reason = "the outer one ends the scan")]
    fn maybe_text(&mut self) -> Option<Option<String>> {
        self.or_null(|scan| scan.text().map(ToOwned::to_owned))
    }

    fn time(&mut self) -> Option<DateTime<Utc>> {
        timestamp::parse_utc(self.bytes()?)
    }

    /// A decimal string.
    fn amount(&mut self) -> Option<Decimal> {
        decimal::parse_short(self.bytes()?)
    }

    /// The characters of a number.
    fn digits(&mut self) -> Option<&'a [u8]> {
        let length = self.rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']'))?;
        let (digits, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(digits)
    }

    fn number(&mut self) -> Option<Decimal> {
        decimal::parse_json_number(self.digits()?)
    }

    /// A whole number; one that begins with a zero is zero.
    fn count(&mut self) -> Option<u64> {
        let digits = self.digits()?;
        if digits.is_empty() || digits.len() > 18 || (digits[0] == b'0' && digits.len() > 1) {
            return None;
        }
        digits
            .iter()
            .try_fold(0_u64, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u64::from(digit - b'0')))
    }

    fn flag(&mut self) -> Option<bool> {
        let (value, rest) = match self.rest.strip_prefix(b"true") {
            Some(rest) => (true, rest),
            None => (false, self.rest.strip_prefix(b"false")?),
        };
        self.rest = rest;
        Some(value)
    }
}
