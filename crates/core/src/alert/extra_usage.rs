//! Whether extra usage, which costs money beside the membership, has begun in its billing month.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};
use crate::number::timestamp::format_rfc3339;

/// What is remembered of the money that extra usage has cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ExtraUsageMark {
    currency: Currency,
    /// The most that was spent in this billing month.
    spent: Decimal,
    /// Whether the last reading showed less: a second one makes it a new month, a single one may be a slip.
    fell: bool,
}

impl ExtraUsageMark {
    /// After the first reading: what was spent before is no news.
    pub(super) const fn primed(spent: Money) -> Self {
        Self { currency: spent.currency, spent: spent.amount, fell: false }
    }

    /// Takes what a reading shows as spent in the month. The key's end where spending has begun with it.
    pub(super) fn moved(&mut self, spent: Money, at: DateTime<Utc>) -> Option<String> {
        if spent.currency != self.currency {
            *self = Self::primed(spent);
            return None;
        }
        let mut before = self.spent;
        if spent.amount < before {
            if !std::mem::replace(&mut self.fell, true) {
                return None;
            }
            before = Decimal::ZERO;
            self.spent = Decimal::ZERO;
        }
        self.fell = false;
        self.spent = spent.amount.max(before);
        (before <= Decimal::ZERO && spent.amount > Decimal::ZERO).then(|| format_rfc3339(at))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn only_the_first_money_of_a_month_is_news() {
        // What was spent at each reading, in hundredths, and at which readings it is news.
        let table: [(&str, &[i64], &[usize]); 9] = [
            ("nothing is spent", &[0, 0, 0], &[]),
            ("it begins", &[0, 0, 12, 50, 50], &[2]),
            ("it had begun before the first reading", &[700, 720, 900], &[]),
            ("a new month without any", &[700, 0, 0, 0], &[]),
            ("it begins again in a new month", &[0, 12, 0, 0, 3, 9], &[1, 4]),
            ("a new month begins with some, seen twice", &[0, 500, 4, 6, 8], &[1, 3]),
            ("a slip back to nothing for one reading", &[0, 500, 0, 500, 600], &[1]),
            ("a slip to less for one reading", &[0, 500, 100, 510], &[1]),
            ("it falls to less than nothing", &[0, -5, -5, 3], &[3]),
        ];
        for (name, spent, news) in table {
            let mut mark: Option<ExtraUsageMark> = None;
            let mut told = Vec::new();
            for (place, cents) in spent.iter().enumerate() {
                let spent = Money::new(Decimal::new(*cents, 2), Currency::CNY);
                let at = DateTime::UNIX_EPOCH + TimeDelta::minutes(i64::try_from(place).unwrap());
                match &mut mark {
                    None => mark = Some(ExtraUsageMark::primed(spent)),
                    Some(mark) => {
                        if mark.moved(spent, at).is_some() {
                            told.push(place);
                        }
                        // As the store keeps it.
                        let kept = serde_json::to_string(mark).unwrap();
                        *mark = serde_json::from_str(&kept).unwrap();
                    }
                }
            }
            assert_eq!(told, news, "{name}");
        }
    }
}
