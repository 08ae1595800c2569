//! The past as one row of quarters that ends today, ready to be cut from.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::past::{Past, QUARTERS, REACH, is_weekend, part_over};

/// The past, quarter after quarter. A place in it is a number of quarters since the midnight with which it
/// begins; each day has 96, whatever the clock did.
pub(super) struct Row {
    first: NaiveDate,
    /// Percent used before each quarter.
    sums: Vec<f64>,
    /// The place of now.
    now: f64,
    /// Which days were watched for two thirds at least.
    known: Vec<bool>,
    /// What is used in a quarter in which anything is, on average.
    usual: f64,
}

impl Row {
    /// `None` where nothing is known of the last weeks.
    pub(super) fn new(past: &Past, now: DateTime<Utc>) -> Option<Self> {
        let (today, quarter) = past.local(now);
        let oldest = today.checked_sub_signed(REACH)?;
        let days: Vec<_> = past.days().iter().filter(|d| d.date > oldest && d.date <= today).collect();
        let first = days.first()?.date;
        let count = usize::try_from((today - first).num_days()).ok()? + 1;
        let mut means = [[(0.0, 0.0); QUARTERS]; 2];
        let mut cells = vec![None; count * QUARTERS];
        let mut known = vec![false; count];
        for day in days {
            let place = (day.date - first).num_days() as usize;
            let means = &mut means[usize::from(is_weekend(day.date))];
            let mut watched = 0;
            for (quarter, mean) in means.iter_mut().enumerate() {
                let Some(used) = day.at(quarter) else { continue };
                cells[place * QUARTERS + quarter] = Some(used);
                *mean = (mean.0 + used, mean.1 + 1.0);
                watched += 1;
            }
            known[place] = watched * 3 >= QUARTERS * 2;
        }
        let mut sums = Vec::with_capacity(cells.len() + 1);
        let (mut sum, mut active) = (0.0, 0.0_f64);
        sums.push(0.0);
        for (place, cell) in cells.iter().enumerate() {
            let date = first + Days::new((place / QUARTERS) as u64);
            let (total, looks) = means[usize::from(is_weekend(date))][place % QUARTERS];
            // Without data, what is usual at such a time.
            let used = cell.unwrap_or(if looks > 0.0 { total / looks } else { 0.0 });
            active += f64::from(u8::from(used > 0.0));
            sum += used;
            sums.push(sum);
        }
        let now = ((count - 1) * QUARTERS + quarter) as f64 + part_over(now);
        let usual = if sum > 0.0 { sum / active.max(1.0) } else { 1.0 };
        Some(Self { first, sums, now, known, usual })
    }

    /// The present moment's position in the row, in quarters of an hour.
    pub(super) const fn now(&self) -> f64 {
        self.now
    }

    /// The number of the running day.
    pub(super) const fn today(&self) -> usize {
        self.known.len() - 1
    }

    /// Whether a day was watched well enough to stand for others.
    pub(super) fn is_known(&self, day: usize) -> bool {
        self.known.get(day).copied().unwrap_or(false)
    }

    /// Whether a day is a Saturday or a Sunday.
    pub(super) fn is_weekend(&self, day: usize) -> bool {
        is_weekend(self.first + Days::new(day as u64))
    }

    /// Percent used between two places.
    pub(super) fn between(&self, from: f64, to: f64) -> f64 {
        self.sum(to) - self.sum(from)
    }

    fn sum(&self, place: f64) -> f64 {
        let whole = place.max(0.0) as usize;
        let at = |place: usize| self.sums.get(place).or(self.sums.last()).copied().unwrap_or(0.0);
        let (low, high) = (at(whole), at(whole + 1));
        low + (high - low) * (place - whole as f64).clamp(0.0, 1.0)
    }

    /// How much was used in the half hour before a place and in the two hours before that, in usual
    /// quarters an hour.
    pub(super) fn recent(&self, place: f64) -> [f64; 2] {
        let hourly = |from: f64, to: f64| self.between(from, to) / (to - from) / self.usual * 4.0;
        [hourly(place - 2.0, place), hourly(place - 10.0, place - 2.0)]
    }
}
