//! Meters: one row a rule.

use super::*;

/// A reading: minute, percent used, the minute of the scheduled end.
type Row = (i64, &'static str, Option<i64>);

struct Case {
    rule: &'static str,
    looks: &'static [Row],
    deducted: &'static str,
    returned: &'static str,
    resets: u32,
    findings: &'static [&'static str],
    /// Whether the last reading waits for confirmation.
    pending: bool,
}

const END: Option<i64> = Some(300);
const NEXT: Option<i64> = Some(600);

/// On the 5-hour meter, whose cycle ends at minute 300 unless a row says otherwise.
const CASES: &[Case] = &[
    Case {
        rule: "the first look deducts nothing",
        looks: &[(0, "40", END)],
        deducted: "0",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "a rise within a cycle is a deduction",
        looks: &[(0, "40", END), (5, "43.5", END), (10, "43.5", END)],
        deducted: "3.5",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "a fall by rounding is returned without a finding",
        looks: &[(0, "44", END), (5, "43.37", END)],
        deducted: "0",
        returned: "0.63",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "a reset on time, with use in the new cycle",
        looks: &[(0, "80", END), (299, "82", END), (301, "3", NEXT)],
        deducted: "5",
        returned: "82",
        resets: 1,
        findings: &["5h OnTime 82>3 in 299..301 at 301"],
        pending: false,
    },
    Case {
        rule: "a reset on time that only the new end shows, the value being higher than before",
        looks: &[(290, "20", END), (400, "35", NEXT)],
        deducted: "35",
        returned: "20",
        resets: 1,
        findings: &["5h OnTime 20>35 in 290..400 at 400"],
        pending: false,
    },
    Case {
        rule: "a gap in polling does not make a reset late",
        looks: &[(100, "80", END), (2000, "10", Some(2100))],
        deducted: "10",
        returned: "80",
        resets: 1,
        findings: &["5h OnTime 80>10 in 100..2000 at 2000"],
        pending: false,
    },
    Case {
        rule: "within the grace a reset is on time though a look after the due time still showed the old cycle",
        looks: &[(295, "80", END), (305, "80", END), (312, "0", NEXT)],
        deducted: "0",
        returned: "80",
        resets: 1,
        findings: &["5h OnTime 80>0 in 305..312 at 312"],
        pending: false,
    },
    Case {
        rule: "a reset is late once a look after the grace still showed the old cycle",
        looks: &[(295, "80", END), (311, "81", END), (340, "0", Some(640))],
        deducted: "1",
        returned: "81",
        resets: 1,
        findings: &["5h Late 81>0 in 311..340 at 340"],
        pending: false,
    },
    Case {
        rule: "a clock that is a minute slow does not make a reset early",
        looks: &[(295, "80", END), (299, "0", NEXT)],
        deducted: "0",
        returned: "80",
        resets: 1,
        findings: &["5h OnTime 80>0 in 295..299 at 299"],
        pending: false,
    },
    Case {
        rule: "an unused cycle that gives way to the next is no finding",
        looks: &[(295, "0", END), (305, "0", NEXT)],
        deducted: "0",
        returned: "0",
        resets: 1,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "a reset whose new cycle announces no end yet is counted once",
        looks: &[(295, "80", END), (305, "0", None), (310, "2", END), (315, "4", NEXT), (590, "9", NEXT)],
        deducted: "9",
        returned: "80",
        resets: 1,
        findings: &["5h OnTime 80>0 in 295..305 at 305"],
        pending: false,
    },
    Case {
        rule: "a due reset under an end that stands in the past is confirmed by the next look, and counted once",
        looks: &[(295, "80", END), (303, "0", END), (308, "1", END), (313, "2", NEXT)],
        deducted: "2",
        returned: "80",
        resets: 1,
        findings: &["5h OnTime 80>1 in 295..303 at 308"],
        pending: false,
    },
    Case {
        rule: "zeros just after the due time under the old end are not yet a reset",
        looks: &[(295, "80", END), (303, "0", END), (308, "80", END)],
        deducted: "0",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "an end that moves forward is not a reset",
        looks: &[(0, "40", END), (5, "41", Some(420)), (10, "42", Some(500))],
        deducted: "2",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "an end that moved forward is the one that a reset is on time for",
        looks: &[(0, "40", END), (5, "41", Some(420)), (310, "42", Some(420)), (425, "0", Some(720))],
        deducted: "2",
        returned: "42",
        resets: 1,
        findings: &["5h OnTime 42>0 in 310..425 at 425"],
        pending: false,
    },
    Case {
        rule: "an end that wanders by two minutes is the same end",
        looks: &[(0, "40", END), (5, "41", Some(302)), (10, "41", Some(300)), (15, "40.2", Some(302))],
        deducted: "1",
        returned: "0.8",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "an early reset with a new end waits for the next look",
        looks: &[(0, "78.5", END), (5, "0", Some(305))],
        deducted: "0",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: true,
    },
    Case {
        rule: "an early reset with a new end is reported at the next reading, dated to the first",
        looks: &[(0, "78.5", END), (5, "0", Some(305)), (6, "1", Some(305)), (7, "1", Some(305))],
        deducted: "1",
        returned: "78.5",
        resets: 1,
        findings: &["5h Early 78.5>1 in 0..5 at 6"],
        pending: false,
    },
    Case {
        rule: "single answers of a new cycle among those of the old one are no resets",
        looks: &[
            (0, "71", END),
            (5, "2", Some(305)),
            (10, "71", END),
            (15, "0", Some(315)),
            (16, "72", END),
            (20, "72", END),
            (25, "1", Some(325)),
            (26, "72", END),
        ],
        deducted: "1",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "an early reset with a new end and a fall by half",
        looks: &[(0, "90", END), (5, "45", Some(305)), (10, "46", Some(305))],
        deducted: "46",
        returned: "90",
        resets: 1,
        findings: &["5h Early 90>46 in 0..5 at 10"],
        pending: false,
    },
    Case {
        rule: "an early reset under a standing end waits for a second low look",
        looks: &[(0, "78.5", END), (5, "0", END)],
        deducted: "0",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: true,
    },
    Case {
        rule: "an early reset under a standing end that lasts is dated to the first low look",
        looks: &[(0, "78.5", END), (5, "0", END), (10, "2", END), (15, "4", END), (36, "6", END)],
        deducted: "6",
        returned: "78.5",
        resets: 1,
        findings: &["5h Early 78.5>6 in 0..5 at 36"],
        pending: false,
    },
    Case {
        rule: "an early reset after which no end is announced yet is reported at the next reading",
        looks: &[(0, "78.5", END), (5, "0", None), (6, "0", None), (15, "4", Some(310))],
        deducted: "4",
        returned: "78.5",
        resets: 1,
        findings: &["5h Early 78.5>0 in 0..5 at 6"],
        pending: false,
    },
    Case {
        rule: "usage since shows an early reset under a standing end",
        looks: &[(0, "78.5", END), (5, "0", END), (10, "12", END)],
        deducted: "12",
        returned: "78.5",
        resets: 1,
        findings: &["5h Early 78.5>12 in 0..5 at 10"],
        pending: false,
    },
    Case {
        rule: "zeros for two polls under a standing end are no reset",
        looks: &[(0, "47", END), (5, "47", END), (10, "0", END), (15, "0", END), (20, "48", END)],
        deducted: "1",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "nor for three, a minute or half an hour apart",
        looks: &[
            (0, "47", Some(900)),
            (1, "0", Some(900)),
            (2, "0", Some(900)),
            (3, "0", Some(900)),
            (4, "47", Some(900)),
            (30, "0", Some(900)),
            (60, "0", Some(900)),
            (90, "0", Some(900)),
            (120, "48", Some(900)),
        ],
        deducted: "1",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "nor are figures near zero, rising or falling a little",
        looks: &[
            (0, "60", END),
            (5, "1", END),
            (10, "3", END),
            (15, "2", END),
            (20, "60", END),
            (25, "61", END),
        ],
        deducted: "1",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "nor of a quota of which no end is known",
        looks: &[(0, "60", None), (5, "0", None), (10, "0", None), (15, "60", None)],
        deducted: "0",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "nor of a quota of which little was used",
        looks: &[
            (0, "7", END),
            (5, "0", END),
            (10, "0", END),
            (15, "7", END),
            (20, "0", END),
            (25, "7.5", END),
        ],
        deducted: "0.5",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "an answer of the cycle just left lags behind: its reset came once",
        looks: &[(295, "61", END), (301, "0", NEXT), (302, "61", END), (303, "1", NEXT)],
        deducted: "1",
        returned: "61",
        resets: 1,
        findings: &["5h OnTime 61>0 in 295..301 at 301"],
        pending: false,
    },
    Case {
        rule: "several such answers, of any time of that cycle",
        looks: &[
            (295, "61", END),
            (301, "0", NEXT),
            (302, "61", END),
            (303, "58", END),
            (304, "0", NEXT),
            (310, "61", END),
            (315, "61", END),
            (320, "61", END),
            (321, "3", NEXT),
        ],
        deducted: "3",
        returned: "61",
        resets: 1,
        findings: &["5h OnTime 61>0 in 295..301 at 301"],
        pending: false,
    },
    Case {
        rule: "one that lags while the new cycle has announced no end",
        looks: &[
            (295, "61", END),
            (301, "0", None),
            (302, "61", END),
            (303, "1", END),
            (304, "61", END),
            (305, "2", NEXT),
            (306, "62", END),
            (307, "3", NEXT),
        ],
        deducted: "3",
        returned: "61",
        resets: 1,
        findings: &["5h OnTime 61>0 in 295..301 at 301"],
        pending: false,
    },
    Case {
        rule: "one that lags after an early reset",
        looks: &[
            (0, "61", END),
            (5, "0", Some(305)),
            (6, "0", Some(305)),
            (10, "61", END),
            (15, "1", Some(305)),
        ],
        deducted: "1",
        returned: "61",
        resets: 1,
        findings: &["5h Early 61>0 in 0..5 at 6"],
        pending: false,
    },
    Case {
        rule: "the cycle just left is believed once it has lasted",
        looks: &[
            (295, "61", END),
            (301, "0", NEXT),
            (302, "61", END),
            (312, "61", END),
            (322, "61", END),
            (333, "61", END),
        ],
        deducted: "61",
        returned: "61",
        resets: 1,
        findings: &["5h OnTime 61>0 in 295..301 at 301"],
        pending: false,
    },
    Case {
        rule: "after an early reset, a second answer of the cycle just left takes it back",
        looks: &[(0, "61", END), (5, "0", Some(305)), (6, "0", Some(305)), (10, "61", END), (11, "61", END)],
        deducted: "61",
        returned: "61",
        resets: 1,
        findings: &["5h Early 61>0 in 0..5 at 6"],
        pending: false,
    },
    Case {
        rule: "after an early reset under a standing end, that end's reset comes on time",
        looks: &[
            (0, "78", END),
            (5, "0", END),
            (10, "2", END),
            (20, "2", END),
            (40, "2", END),
            (305, "1", NEXT),
        ],
        deducted: "3",
        returned: "80",
        resets: 2,
        findings: &["5h Early 78>2 in 0..5 at 40", "5h OnTime 2>1 in 40..305 at 305"],
        pending: false,
    },
    Case {
        rule: "a meter that reads 0 for a poll and comes back was never reset, nor used up again",
        looks: &[(0, "78.5", END), (5, "0", END), (10, "79", END)],
        deducted: "0.5",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "a small meter that reads 0 for a poll likewise",
        looks: &[(0, "0.4", END), (5, "0", END), (10, "0.4", END)],
        deducted: "0",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "a fall that is neither little nor large is returned when it stays, without a finding",
        looks: &[(0, "50", END), (5, "30", END), (10, "30", END)],
        deducted: "0",
        returned: "20",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "a fall that comes back half-way is the difference, without a reset",
        looks: &[(0, "80", END), (5, "0", END), (10, "60", END)],
        deducted: "0",
        returned: "20",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "a fall that waits when the due time passes becomes the reset on time",
        looks: &[(290, "80", END), (295, "0", END), (305, "0", NEXT)],
        deducted: "0",
        returned: "80",
        resets: 1,
        findings: &["5h OnTime 80>0 in 290..295 at 305"],
        pending: false,
    },
    Case {
        rule: "a fall that waits is confirmed after a gap too",
        looks: &[(0, "80", END), (5, "0", END), (280, "6", END), (285, "6", END), (290, "6", END)],
        deducted: "6",
        returned: "80",
        resets: 1,
        findings: &["5h Early 80>6 in 0..5 at 290"],
        pending: false,
    },
    Case {
        rule: "a meter whose end is never told is reset by a confirmed fall alone",
        looks: &[(0, "80", None), (5, "3", None), (10, "4", None), (20, "4", None), (40, "4", None)],
        deducted: "4",
        returned: "80",
        resets: 1,
        findings: &["5h Early 80>4 in 0..5 at 40"],
        pending: false,
    },
    Case {
        rule: "an end that a look does not tell of stays known",
        looks: &[(0, "80", END), (5, "81", None), (301, "0", NEXT)],
        deducted: "1",
        returned: "81",
        resets: 1,
        findings: &["5h OnTime 81>0 in 5..301 at 301"],
        pending: false,
    },
    Case {
        rule: "values above 100 and below 0 are taken as they are",
        looks: &[(0, "99", END), (5, "120", END), (10, "-0.5", NEXT), (15, "-0.5", NEXT)],
        deducted: "21",
        returned: "120.5",
        resets: 1,
        findings: &["5h Early 120>-0.5 in 5..10 at 15"],
        pending: false,
    },
    Case {
        rule: "the same time twice: the second reading counts for nothing",
        looks: &[(0, "40", END), (0, "90", END), (5, "41", END)],
        deducted: "1",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
    Case {
        rule: "a clock set back: the value counts, the interval is empty",
        looks: &[(60, "40", END), (0, "41", END), (5, "42", END)],
        deducted: "2",
        returned: "0",
        resets: 0,
        findings: &[],
        pending: false,
    },
];

fn readings(looks: &[Row]) -> Vec<Reading> {
    looks
        .iter()
        .map(|&(at, used, end)| Reading {
            meters: vec![meter(Meter::FiveHour, used, end.map(minute))],
            ..blank(at)
        })
        .collect()
}

#[test]
fn rules_of_a_meter() {
    for case in CASES {
        let all = run(&readings(case.looks));
        let series = Series::Meter(Meter::FiveHour);
        let (deducted, returned, resets) = sums(&all, series);
        assert_eq!(findings(&all), case.findings, "{}", case.rule);
        assert_eq!(
            (deducted, returned, resets),
            (decimal(case.deducted), decimal(case.returned), case.resets),
            "{}",
            case.rule
        );
        assert_eq!(!all.last().unwrap().unconfirmed.is_empty(), case.pending, "{}", case.rule);
        for movement in movements(&all, series) {
            assert!(movement.from.is_none_or(|from| from <= movement.at), "{}", case.rule);
        }
    }
}

#[test]
fn while_a_fall_waits_the_value_stays_and_the_tracker_says_so() {
    let mut tracker = Tracker::default();
    let looks = readings(&[(0, "80", END), (5, "0", END), (10, "81", END)]);
    let seen: Vec<_> = looks
        .iter()
        .map(|reading| {
            let observed = tracker.observe(reading);
            let movement = &observed.movements[0];
            (movement.value.to_string(), movement.from.map(since), tracker.pending(Meter::FiveHour))
        })
        .collect();
    assert_eq!(
        seen,
        [("80".into(), None, false), ("80".into(), Some(0), true), ("81".into(), Some(5), false)]
    );
}

#[test]
fn a_whole_body_of_zeros_is_no_reset() {
    let ends =
        [(Meter::FiveHour, 300), (Meter::Week, 3000), (Meter::Month, 30000), (Meter::MonthCode, 30000)];
    let body = |at: i64, used: &str| Reading {
        meters: ends.iter().map(|&(which, end)| meter(which, used, Some(minute(end)))).collect(),
        ..blank(at)
    };
    let all = run(&[body(0, "64"), body(5, "0"), body(10, "64.2")]);
    assert_eq!(findings(&all), Vec::<String>::new());
    assert_eq!(all[1].unconfirmed.len(), 4);
    for (which, _) in ends {
        assert_eq!(sums(&all, Series::Meter(which)), (decimal("0.2"), Decimal::ZERO, 0), "{which}");
    }
}

/// A body of all quotas: when, what they show, and by how many minutes their ends are later.
fn whole(at: i64, used: [&str; 3], later: i64) -> Reading {
    let ends = [(Meter::FiveHour, 300), (Meter::Week, 3000), (Meter::Month, 30000)];
    let meters = ends.iter().zip(used);
    Reading {
        meters: meters.map(|(&(which, end), used)| meter(which, used, Some(minute(end + later)))).collect(),
        ..blank(at)
    }
}

#[test]
fn zeros_of_all_quotas_that_end_after_some_polls_are_no_reset() {
    const ZEROS: [&str; 3] = ["0", "0", "0"];
    let all = run(&[
        whole(0, ["64", "47", "12"], 0),
        whole(5, ZEROS, 0),
        whole(6, ZEROS, 0),
        whole(11, ZEROS, 0),
        whole(16, ["64.5", "47", "12"], 0),
        whole(21, ["64.5", "47", "12"], 0),
    ]);
    assert_eq!(findings(&all), Vec::<String>::new());
    assert_eq!(all[3].unconfirmed.len(), 3);
    assert_eq!(sums(&all, Series::Meter(Meter::FiveHour)), (decimal("0.5"), Decimal::ZERO, 0));
    assert_eq!(sums(&all, Series::Meter(Meter::Week)), (Decimal::ZERO, Decimal::ZERO, 0));
    // Zeros that stay are reported in the end, or as soon as something was used of what they show.
    let stays = run(&[
        whole(0, ["64", "47", "12"], 0),
        whole(5, ZEROS, 0),
        whole(15, ZEROS, 0),
        whole(25, ZEROS, 0),
        whole(35, ZEROS, 0),
        whole(45, ZEROS, 0),
    ]);
    assert_eq!(findings(&stays), ["5h Early 64>0 in 0..5 at 35", "week Early 47>0 in 0..5 at 35"]);
    let used = run(&[
        whole(0, ["64", "47", "12"], 0),
        whole(5, ZEROS, 0),
        whole(6, ["1", "0", "0"], 0),
        whole(11, ["12", "2", "0"], 0),
    ]);
    assert_eq!(findings(&used), ["5h Early 64>12 in 0..5 at 11"]);
    assert_eq!(used[3].unconfirmed, [Series::Meter(Meter::Week), Series::Meter(Meter::Month)]);
}

#[test]
fn figures_near_zero_of_all_quotas_that_end_after_some_polls_are_no_reset() {
    let all = run(&[
        whole(0, ["60", "46", "12"], 0),
        whole(5, ["1", "1", "1"], 0),
        whole(10, ["1", "1", "1"], 0),
        whole(15, ["1", "1", "1"], 0),
        whole(20, ["60", "46", "12"], 0),
        whole(25, ["61", "46", "12"], 0),
    ]);
    assert_eq!(findings(&all), Vec::<String>::new());
    assert_eq!(sums(&all, Series::Meter(Meter::FiveHour)), (Decimal::ONE, Decimal::ZERO, 0));
    assert_eq!(sums(&all, Series::Meter(Meter::Week)), (Decimal::ZERO, Decimal::ZERO, 0));
}

#[test]
fn a_jump_of_all_quotas_at_once_is_deducted_once_another_reading_shows_it() {
    for (high, after) in [
        (["100", "100", "100"], ["60.5", "46", "12"]),
        (["85", "70", "40"], ["61", "46", "12"]),
        (["250", "99", "34"], ["60", "46", "12"]),
    ] {
        let once = run(&[whole(0, ["60", "46", "12"], 0), whole(5, high, 0), whole(10, after, 0)]);
        assert_eq!(once[1].unconfirmed.len(), 3, "{high:?}");
        assert!(
            movements(&once, Series::Meter(Meter::Week)).iter().all(|m| m.deducted.is_zero()),
            "{high:?}"
        );
        let (deducted, returned, _) = sums(&once, Series::Meter(Meter::FiveHour));
        assert_eq!((deducted, returned), (decimal(after[0]) - decimal("60"), Decimal::ZERO), "{high:?}");
        // A second answer that agrees: deducted then, and first seen before.
        let twice = run(&[whole(0, ["60", "46", "12"], 0), whole(5, high, 0), whole(6, high, 0)]);
        assert!(twice[2].unconfirmed.is_empty(), "{high:?}");
        let week = Series::Meter(Meter::Week);
        assert_eq!(sums(&twice, week), (decimal(high[1]) - decimal("46"), Decimal::ZERO, 0), "{high:?}");
        assert!(twice[2].first_seen.contains(&(week, minute(5))), "{:?}", twice[2].first_seen);
    }
    // Usage moves the short quota alone so far, or a single one is emptied: nothing waits.
    for high in [["95", "53", "14"], ["100", "46", "12"], ["60", "100", "12"]] {
        let all = run(&[whole(0, ["60", "46", "12"], 0), whole(5, high, 0)]);
        assert!(all[1].unconfirmed.is_empty(), "{high:?}");
    }
}

#[test]
fn a_jump_up_after_zeros_and_zeros_after_a_jump_up_are_each_held() {
    let all = run(&[
        whole(0, ["60", "46", "12"], 0),
        whole(5, ["0", "0", "0"], 0),
        whole(6, ["100", "100", "100"], 0),
        whole(7, ["0", "0", "0"], 0),
        whole(8, ["60", "46", "12"], 0),
    ]);
    assert_eq!(findings(&all), Vec::<String>::new());
    for which in [Meter::FiveHour, Meter::Week, Meter::Month] {
        assert_eq!(sums(&all, Series::Meter(which)), (Decimal::ZERO, Decimal::ZERO, 0), "{which}");
    }
}

#[test]
fn an_early_reset_of_all_quotas_is_told_at_the_second_look() {
    let all = run(&[
        whole(0, ["64", "47", "12"], 0),
        whole(5, ["0", "0", "0"], 5000),
        whole(6, ["0", "0", "0"], 5000),
    ]);
    assert_eq!(
        findings(&all),
        ["5h Early 64>0 in 0..5 at 6", "week Early 47>0 in 0..5 at 6", "month Early 12>0 in 0..5 at 6"]
    );
}

#[test]
fn an_absent_meter_stays_as_it_was() {
    let with = |at: i64, used: &str| Reading {
        meters: vec![meter(Meter::Week, used, Some(minute(9000)))],
        ..blank(at)
    };
    let all = run(&[with(0, "50"), blank(5), blank(10), with(15, "51")]);
    let seen = movements(&all, Series::Meter(Meter::Week));
    assert_eq!(seen.len(), 2);
    assert_eq!((seen[1].from.map(since), seen[1].deducted), (Some(0), Decimal::ONE));
    assert_eq!(findings(&all), Vec::<String>::new());
}

#[test]
fn the_code_share_is_told_with_its_month() {
    let body = |at: i64, month: &str, code: &str, end: i64| Reading {
        meters: vec![
            meter(Meter::Month, month, Some(minute(end))),
            meter(Meter::MonthCode, code, Some(minute(end))),
        ],
        ..blank(at)
    };
    let all = run(&[body(0, "70", "60", 100), body(105, "1", "1", 43300)]);
    assert_eq!(findings(&all), ["month OnTime 70>1 in 0..105 at 105"]);
    assert_eq!(sums(&all, Series::Meter(Meter::MonthCode)).2, 1);
    // Renewed a poll later, it is still the same event.
    let mut late = body(105, "1", "60", 43300);
    late.meters[1].resets_at = Some(minute(100));
    let all = run(&[body(0, "70", "60", 100), late, body(110, "1", "1", 43300)]);
    assert_eq!(findings(&all), ["month OnTime 70>1 in 0..105 at 105"]);
    // A share that falls to zero while its month does not is reported.
    let rows = [(0, "60"), (5, "0"), (10, "0"), (20, "0"), (40, "0")];
    let all = run(&rows.map(|(at, code)| body(at, "70", code, 9000)));
    assert_eq!(findings(&all), ["month-code Early 60>0 in 0..5 at 40"]);
}

#[test]
fn what_a_finding_of_a_reset_says() {
    let all =
        run(&readings(&[(0, "78.5", END), (5, "0", END), (10, "2", END), (20, "2", END), (40, "2", END)]));
    let finding = &all[4].findings[0];
    assert_eq!(
        finding.explanation,
        "Between 2026-09-20 00:00:00 UTC and 2026-09-20 00:05:00 UTC, the 5-hour quota was reset early, from \
         78.5% to 2% used; it was scheduled for 2026-09-20 05:00:00 UTC."
    );
    assert_eq!(
        finding.evidence,
        [
            "2026-09-20T00:00:00Z: 5h 78.5% used, next reset 2026-09-20T05:00:00Z",
            "2026-09-20T00:05:00Z: 5h 0% used, next reset 2026-09-20T05:00:00Z",
            "2026-09-20T00:40:00Z: 5h 2% used, next reset 2026-09-20T05:00:00Z",
        ]
    );
    assert_eq!(finding.observed, Some(76.5));
}
