//! The month is moved by other products of the membership too: beyond Kimi Code's share, that is no anomaly.

use super::*;
use crate::audit::{Breakdown, Explained, ExplanationLimit, Verdict, WeighedDeduction};
use crate::number::decimal;
use crate::series::Series;

/// What an account shows as Kimi Code's share.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Share {
    /// What Kimi Code used.
    Own,
    /// Nothing, whatever is used.
    StandsAtNothing,
    /// The whole month, whatever used it.
    WholeMonth,
    /// It is not shown.
    Absent,
}

/// A membership with a month: ten points of the 5-hour quota are one of the month.
struct Membership {
    share: Share,
    logged: bool,
    now: DateTime<Utc>,
    five: f64,
    month: f64,
    code: f64,
    auditor: Tracked,
    found: Vec<Finding>,
    verdicts: Vec<Verdict>,
}

impl Membership {
    /// With ten days of ordinary work behind it, and a little use of other products on each.
    fn used(share: Share, logged: bool) -> Self {
        let mut account = Self {
            share,
            logged,
            now: start(),
            five: 0.0,
            month: 0.0,
            code: 0.0,
            auditor: Tracked::default(),
            found: Vec::new(),
            verdicts: Vec::new(),
        };
        for _ in 0..10 {
            account.day();
        }
        // Past the beginning of a cycle of the 5-hour quota.
        for _ in 0..6 {
            account.poll();
        }
        assert_eq!(account.anomalies(), Vec::<String>::new(), "{share:?}, logged {logged}");
        account.found.clear();
        account.verdicts.clear();
        account
    }

    fn day(&mut self) {
        for look in 0..288 {
            if (100..112).contains(&look) {
                if self.logged {
                    let at = self.now + minutes(2);
                    let usage = Usage { at, model: Some("kimi-code/kimi-for-coding"), tokens: FIFTH };
                    self.auditor.usage(&usage, &PublicPrices);
                }
                self.five += 2.0;
                self.month += 0.2;
                self.code += 0.2;
            }
            self.month += if look == 150 { 0.3 } else { 0.0 };
            self.poll();
        }
    }

    fn poll(&mut self) {
        let minute = (self.now - start()).num_minutes();
        if minute % 300 == 0 {
            self.five = 0.0;
        }
        self.now += minutes(5);
        let meter = |meter, used: f64, ends| MeterReading {
            meter,
            used_percent: Decimal::from_f64_retain(used).unwrap().round_dp(2),
            used: None,
            limit: None,
            resets_at: Some(ends),
            conflict: false,
        };
        let month_ends = start() + minutes(29 * 1440);
        let code = match self.share {
            Share::Own => Some(self.code),
            Share::StandsAtNothing => Some(0.0),
            Share::WholeMonth => Some(self.month),
            Share::Absent => None,
        };
        let mut meters = vec![
            meter(Meter::FiveHour, self.five, start() + minutes((minute / 300 + 1) * 300)),
            meter(Meter::Month, self.month, month_ends),
        ];
        meters.extend(code.map(|code| meter(Meter::MonthCode, code, month_ends)));
        let reading = Reading {
            plan: Some("Pro".to_owned()),
            meters,
            ..Reading::new(self.now, Source::KimiCode, Region::China)
        };
        let audited = self.auditor.reading(&reading, &PublicPrices);
        self.found.extend(audited.findings);
        self.verdicts.extend(audited.verdicts);
    }

    /// What the history says of a quota.
    fn sums(&self, meter: Meter) -> Breakdown {
        let series = Series::Meter(meter);
        let exact = |value: f64| decimal::from_f64(value).unwrap();
        let of_series = self.verdicts.iter().filter(|verdict| verdict.series == series);
        let weighed: Vec<_> = of_series
            .map(|verdict| WeighedDeduction {
                at: verdict.at,
                word: verdict.word,
                deducted: exact(verdict.deducted),
                elsewhere: exact(verdict.elsewhere),
                explained_at_most: verdict.explained.map(|(_, most)| exact(most)),
            })
            .collect();
        let of_series = self.found.iter().filter(|finding| finding.series == Some(series));
        let limits: Vec<_> = of_series.filter_map(ExplanationLimit::of).collect();
        let mut sums = Breakdown::default();
        for part in Breakdown::of_each(&weighed, &limits) {
            sums += part;
        }
        sums
    }

    fn anomalies(&self) -> Vec<String> {
        self.found.iter().filter_map(class).collect()
    }
}

#[test]
fn what_other_products_take_of_the_month_is_no_anomaly() {
    // What the share is; what the month and the share lose at once; what is found; and how much of the month was
    // used elsewhere and is unexplained. Of the rest nothing can be said.
    type Case = (Share, f64, f64, &'static [&'static str], f64, f64);
    let cases: [Case; 9] = [
        (Share::Own, 7.0, 0.0, &[], 7.0, 0.0),
        (Share::Own, 30.0, 0.0, &[], 30.0, 0.0),
        (Share::StandsAtNothing, 7.0, 0.0, &[], 0.0, 0.0),
        (Share::WholeMonth, 7.0, 0.0, &[], 0.0, 0.0),
        (Share::Absent, 7.0, 0.0, &[], 0.0, 0.0),
        // No use of other products takes so much at once, where they were never seen to.
        (Share::StandsAtNothing, 30.0, 0.0, &["disagreement month"], 0.0, 30.0),
        (Share::WholeMonth, 30.0, 0.0, &["disagreement month"], 0.0, 30.0),
        (Share::Absent, 30.0, 0.0, &["disagreement month"], 0.0, 30.0),
        // What Kimi Code's own share loses contradicts the 5-hour quota.
        (Share::Own, 10.0, 10.0, &["disagreement month"], 0.0, 10.0),
    ];
    for (share, month, code, found, elsewhere, not) in cases {
        for logged in [true, false] {
            let case = format!("{share:?}, month {month}, code {code}, logged {logged}");
            let mut account = Membership::used(share, logged);
            account.month += month;
            account.code += code;
            for _ in 0..6 {
                account.poll();
            }
            assert_eq!(account.anomalies(), found, "{case}");
            let sums = account.sums(Meter::Month);
            let close = |sum: Decimal, of: f64| (decimal::to_f64(sum) - of).abs() <= 0.05 * of + 0.02;
            assert!(close(sums.total(), month), "{case}: {sums:?}");
            assert!(close(sums.elsewhere, elsewhere) && sums.not <= sums.total(), "{case}: {sums:?}");
            // But for what the other quota allows.
            assert!(
                decimal::to_f64(sums.not) >= 0.85 * not && (not > 0.0 || sums.not.is_zero()),
                "{case}: {sums:?}"
            );
        }
    }
}

/// Both at once: the one is of Kimi Code, and what the month lost beyond it is not.
#[test]
fn what_kimi_code_lost_is_found_beside_what_others_used() {
    for logged in [true, false] {
        let mut account = Membership::used(Share::Own, logged);
        account.month += 17.0;
        account.code += 10.0;
        for _ in 0..6 {
            account.poll();
        }
        assert_eq!(account.anomalies(), ["disagreement month-code"], "logged {logged}");
        assert_eq!(account.sums(Meter::Month).elsewhere, 7.into(), "logged {logged}");
        let code = account.sums(Meter::MonthCode);
        assert!(code.not > 8.into() && code.elsewhere.is_zero(), "logged {logged}: {code:?}");
    }
}

#[test]
fn a_month_emptied_beside_its_share_is_a_wipe_out() {
    for share in [Share::Own, Share::StandsAtNothing, Share::WholeMonth, Share::Absent] {
        for logged in [true, false] {
            let mut account = Membership::used(share, logged);
            account.month = 100.0;
            account.poll();
            assert_eq!(account.anomalies(), ["wipe-out month"], "{share:?}, logged {logged}");
        }
    }
}

/// What other products take says nothing of the logs: the work beside it is explained as ever.
#[test]
fn work_beside_other_products_is_explained_by_its_logs() {
    let mut account = Membership::used(Share::Own, true);
    account.day();
    let of = |meter| {
        let of_meter = account.verdicts.iter().filter(move |verdict| verdict.series == Series::Meter(meter));
        of_meter.map(|verdict| (verdict.word, verdict.elsewhere)).collect::<Vec<_>>()
    };
    let month = of(Meter::Month);
    assert_eq!(month.iter().filter(|(word, _)| *word == Explained::Fully).count(), 12, "{month:?}");
    let elsewhere: f64 = month.iter().map(|(_, elsewhere)| elsewhere).sum();
    assert!((elsewhere - 0.3).abs() < 0.01, "{month:?}");
    assert!(account.anomalies().is_empty());
}
