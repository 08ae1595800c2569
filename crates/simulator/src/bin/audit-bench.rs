//! How well the audit finds what went wrong: labelled months of simulated accounts, and what was found in
//! them, beside simple rules on the same data.
//!
//! `audit-bench [--held-out] [--months N] [--only WORD] [--trace]`
//!
//! Seeds below a million are for development; `--held-out` uses others, which nobody looks at while the
//! audit is changed.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tidemark_core::audit::{Auditor, PublicPrices, Usage};
use tidemark_core::finding::{Anomaly, Finding, FindingKind, Schedule};
use tidemark_core::tokens::Tokens;
use tidemark_core::{Meter, Reading, Region, Source};
use tidemark_simulator::{AccountSpec, Event, Generation, Habits, Model, Plan, Polled, TopUpHabit, history};

/// A stream of numbers from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[(self.next() % of.len() as u64) as usize]
    }
}

/// What is done to an account, once.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wrong {
    Nothing,
    WipeOut,
    Unexplained(f64),
    Accelerated(f64),
    Impossible,
    Overdue,
    Clawback,
    Early,
    Credit,
}

impl Wrong {
    fn word(self) -> String {
        match self {
            Self::Nothing => "clean".into(),
            Self::WipeOut => "wipe-out".into(),
            Self::Unexplained(points) => format!("unexplained {points:>3}"),
            Self::Accelerated(factor) => format!("accelerated {factor:>3}"),
            Self::Impossible => "impossible".into(),
            Self::Overdue => "overdue-reset".into(),
            Self::Clawback => "clawback".into(),
            Self::Early => "early reset".into(),
            Self::Credit => "credit".into(),
        }
    }

    fn class(self) -> Option<Anomaly> {
        Some(match self {
            Self::WipeOut => Anomaly::WipeOut,
            Self::Unexplained(_) => Anomaly::Unexplained,
            Self::Accelerated(_) => Anomaly::Accelerated,
            Self::Impossible => Anomaly::Impossible,
            Self::Overdue => Anomaly::OverdueReset,
            Self::Clawback => Anomaly::Clawback,
            Self::Nothing | Self::Early | Self::Credit => return None,
        })
    }
}

/// How an account is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sight {
    /// This machine's logs are all of its use.
    Logs,
    /// Another machine does a part.
    PartLogs,
    /// No logs.
    NoLogs,
}

struct Month {
    spec: AccountSpec,
    begin: DateTime<Utc>,
    end: DateTime<Utc>,
    at: Option<DateTime<Utc>>,
    nights_off: bool,
    drop: f64,
    sight: Sight,
}

fn month(seed: u64, wrong: Wrong, sight: Sight) -> Month {
    let mut dice = Dice(seed);
    let begin: DateTime<Utc> = "2026-09-20T00:00:00Z".parse().unwrap_or_default();
    let begin = begin + TimeDelta::minutes((dice.unit() * 1440.0) as i64);
    let end = begin + TimeDelta::days(30);
    let platform = match wrong {
        Wrong::Impossible | Wrong::Credit => true,
        Wrong::Overdue | Wrong::Early => false,
        _ => dice.unit() < 0.3,
    };
    let region = dice.pick(&[Region::China, Region::Global]);
    let zone =
        dice.pick(&[chrono_tz::Asia::Shanghai, chrono_tz::Europe::Berlin, chrono_tz::America::New_York]);
    let burst = dice.pick(&[0.0, 0.06, 0.1]);
    let burst_agents = dice.pick(&[4, 8, 40, 200]);
    let habits = Habits {
        zone,
        sessions: dice.between(1.0, 4.5),
        weekend_sessions: dice.between(0.0, 1.2),
        session_minutes: dice.between(15.0, 40.0),
        pace_seconds: dice.between(18.0, 45.0),
        burst: if burst_agents > 8 { burst * 0.2 } else { burst },
        burst_agents,
        other_machine: if sight == Sight::Logs { 0.0 } else { dice.pick(&[0.15, 0.3, 0.5]) },
        models: vec![(Model::K27Code, 0.8), (Model::K3, 0.2)],
        ..Habits::default()
    };
    let mut spec = if platform {
        let cash = Decimal::from(if region == Region::China { 900 } else { 130 });
        let mut spec = AccountSpec::platform("a", region, cash, Decimal::from(40), begin);
        let unit = if region == Region::China { 7 } else { 1 };
        spec.purse.top_up =
            Some(TopUpHabit { below: Decimal::from(20 * unit), amount: Decimal::from(80 * unit) });
        spec
    } else {
        let plan =
            dice.pick(&[Plan::Moderato, Plan::Allegretto, Plan::Allegro, Plan::Plus, Plan::Pro, Plan::Max]);
        let back = TimeDelta::minutes((dice.unit() * 6.0 * 1440.0) as i64 + 60);
        let generation = if plan.is_new() {
            Generation::D
        } else {
            dice.pick(&[Generation::B, Generation::C, Generation::D])
        };
        AccountSpec::kimi_code("a", region, plan, begin - back).alive_from(begin).with_generation(generation)
    };
    spec = spec.with_habits(habits).with_seed(seed);
    let meters: &[Meter] = if platform {
        &[]
    } else if spec.plan.is_new() {
        &[Meter::FiveHour, Meter::Month, Meter::MonthCode]
    } else {
        &[Meter::FiveHour, Meter::Week]
    };
    // Glitches that are nothing.
    if dice.unit() < 0.3 {
        let at = begin + TimeDelta::minutes((dice.between(0.5, 29.0) * 1440.0) as i64);
        spec = spec.then(at, Event::ZeroedCounters { polls: 1 });
    }
    if dice.unit() < 0.2 && !platform {
        let at = begin + TimeDelta::minutes((dice.between(0.5, 29.0) * 1440.0) as i64);
        spec = spec.then(at, Event::LyingRatio { polls: 1 });
    }
    if dice.unit() < 0.2 && platform {
        let at = begin + TimeDelta::minutes((dice.between(0.5, 29.0) * 1440.0) as i64);
        spec = spec
            .then(at, Event::Voucher { amount: Decimal::from(10), ends_after_seconds: Some(10 * 86_400) });
    }
    let when = begin + TimeDelta::minutes((dice.between(10.0, 27.0) * 1440.0) as i64);
    let mut at = Some(when);
    let points = |p: f64| Decimal::from_f64_retain(p).unwrap_or_default().round_dp(4);
    match wrong {
        Wrong::Nothing => at = None,
        Wrong::WipeOut => {
            let meter = if platform { None } else { Some(dice.pick(&[meters[0], meters[1]])) };
            spec = spec.then(when, Event::WipeOut { meter });
        }
        Wrong::Unexplained(size) => {
            let event = if platform {
                let unit = if region == Region::China { 7.0 } else { 1.0 };
                // A point is a hundredth of a usual balance.
                Event::WrongDeduction {
                    meter: None,
                    points: Decimal::ZERO,
                    amount: points(size * unit * 0.8),
                }
            } else {
                let meter = Some(dice.pick(&[meters[0], meters[1]]));
                Event::WrongDeduction { meter, points: points(size), amount: Decimal::ZERO }
            };
            spec = spec.then(when, event);
        }
        Wrong::Accelerated(factor) => spec = spec.then(when, Event::Accelerate { factor }),
        Wrong::Impossible => {
            let unit = if region == Region::China { 7.0 } else { 1.0 };
            spec =
                spec.then(when - TimeDelta::hours(20), Event::TopUp { amount: points(9000.0 * unit) }).then(
                    when,
                    Event::WrongDeduction {
                        meter: None,
                        points: Decimal::ZERO,
                        amount: points(dice.between(1000.0, 3000.0) * unit),
                    },
                );
        }
        Wrong::Overdue => {
            let meter = dice.pick(&[meters[0], meters[1]]);
            spec = spec.then(when, Event::WithholdReset { meter, seconds: dice.pick(&[3600, 7200, 18000]) });
        }
        Wrong::Early => {
            spec = spec.then(when, Event::EarlyReset { meter: Some(meters[1]), move_end: dice.unit() < 0.5 });
        }
        Wrong::Clawback => {
            if platform {
                spec = spec
                    .then(
                        when - TimeDelta::hours(6),
                        Event::Voucher { amount: Decimal::from(25), ends_after_seconds: None },
                    )
                    .then(when, Event::Clawback { meter: None });
            } else {
                let meter = meters[1];
                spec = spec
                    .then(
                        when - TimeDelta::hours(6),
                        Event::EarlyReset { meter: Some(meter), move_end: true },
                    )
                    .then(when, Event::Clawback { meter: Some(meter) });
            }
        }
        Wrong::Credit => {
            let event = match dice.next() % 3 {
                0 => Event::TopUp { amount: Decimal::from(33) },
                1 => Event::Voucher { amount: Decimal::from(17), ends_after_seconds: None },
                _ => Event::Voucher { amount: Decimal::from(12), ends_after_seconds: Some(86_400 * 40) },
            };
            spec = spec.then(when, event);
        }
    }
    let (nights_off, drop) = (dice.unit() < 0.4, dice.pick(&[0.0, 0.0, 0.02, 0.1]));
    Month { spec, begin, end, at, nights_off, drop, sight }
}

#[derive(Debug, Clone, Default)]
struct Score {
    months: u32,
    counted: u32,
    found: u32,
    found_any: u32,
    delay: Vec<u32>,
    stray: u32,
    wrong_class: u32,
    base: BTreeMap<&'static str, (u32, u32)>,
}

struct Outcome {
    findings: Vec<(Finding, u32)>,
    /// The size that could be seen: how much really went wrong, by the truth.
    real: f64,
    polls_at: Vec<DateTime<Utc>>,
    alarms: BTreeMap<&'static str, Vec<DateTime<Utc>>>,
    source: Source,
}

fn run(month: &Month, seed: u64) -> Outcome {
    let mut dice = Dice(seed ^ 0x55);
    let mut history = history(&month.spec, 7, month.begin, month.end, TimeDelta::minutes(5));
    history.keep_logged();
    let mut auditor = Auditor::default();
    let mut findings = Vec::new();
    let mut polls_at = Vec::new();
    let mut baseline = Baselines::default();
    let zone = month.spec.habits.zone;
    while let Some(poll) = history.next_poll() {
        let Polled::Look { reading, .. } = poll else { continue };
        let requests = history.take_logged();
        if month.sight != Sight::NoLogs {
            for request in requests {
                let t = request.tokens;
                let usage = Usage {
                    at: request.at,
                    model: Some(request.model.platform_name()),
                    tokens: Tokens {
                        input: t.input,
                        cache_read: t.cache_read,
                        cache_write: t.cache_write,
                        output: t.output,
                    },
                };
                auditor.usage(&usage, &PublicPrices);
            }
        }
        let hour = reading.at.with_timezone(&zone).hour();
        let off = month.nights_off && (1..8).contains(&hour);
        if off || dice.unit() < month.drop {
            continue;
        }
        let audited = auditor.reading(&reading, &PublicPrices);
        baseline.take(&reading);
        polls_at.push(reading.at);
        let polls = polls_at.len() as u32;
        findings.extend(audited.findings.into_iter().map(|finding| (finding, polls)));
    }
    let truth = history.truth();
    let real = truth
        .events
        .iter()
        .filter(|event| Some(event.at) == month.at)
        .filter_map(|event| event.amount.and_then(|amount| amount.to_f64()))
        .fold(0.0, f64::max);
    Outcome { findings, real, polls_at, alarms: baseline.alarms, source: month.spec.source }
}

/// Simple rules that people use: a change of five points or more, a z-score, a modified z-score, and a
/// day's sum beside the mean of that weekday.
#[derive(Default)]
struct Baselines {
    last: BTreeMap<String, f64>,
    deltas: BTreeMap<String, Vec<f64>>,
    day: BTreeMap<String, (i64, f64)>,
    days: BTreeMap<(String, i64), Vec<f64>>,
    alarms: BTreeMap<&'static str, Vec<DateTime<Utc>>>,
}

impl Baselines {
    fn take(&mut self, reading: &Reading) {
        let mut values: Vec<(String, f64, f64)> = reading
            .meters
            .iter()
            .map(|m| (m.meter.to_string(), m.used_percent.to_f64().unwrap_or_default(), 1.0))
            .collect();
        if let Some(balance) = reading.balance {
            let unit = if reading.region == Region::China { 7.0 } else { 1.0 };
            let left = balance.available.and_then(|a| a.to_f64()).unwrap_or_default();
            values.push(("balance".into(), -left, 0.8 * unit));
        }
        for (key, value, point) in values {
            let Some(last) = self.last.insert(key.clone(), value) else { continue };
            let delta = ((value - last) / point).max(0.0);
            let seen = self.deltas.entry(key.clone()).or_default();
            let n = seen.len();
            let mut hits = Vec::new();
            if delta >= 5.0 {
                hits.push("|Δ| ≥ 5");
            }
            if n > 288 && delta > 0.0 {
                let recent = &seen[n.saturating_sub(2016)..];
                let mean = recent.iter().sum::<f64>() / recent.len() as f64;
                let sd =
                    (recent.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / recent.len() as f64).sqrt();
                if sd > 0.0 && (delta - mean) / sd > 3.0 {
                    hits.push("z > 3");
                }
                let mut active: Vec<f64> = recent.iter().copied().filter(|d| *d > 0.0).collect();
                if active.len() > 20 {
                    active.sort_by(f64::total_cmp);
                    let median = active[active.len() / 2];
                    let mut off: Vec<f64> = active.iter().map(|d| (d - median).abs()).collect();
                    off.sort_by(f64::total_cmp);
                    let mad = off[off.len() / 2].max(1e-9);
                    if 0.6745 * (delta - median) / mad > 3.5 {
                        hits.push("modified z 3.5");
                    }
                }
            }
            seen.push(delta);
            let day = reading.at.timestamp().div_euclid(86_400);
            let entry = self.day.entry(key.clone()).or_insert((day, 0.0));
            if entry.0 != day {
                let (old, sum) = *entry;
                self.days.entry((key.clone(), old.rem_euclid(7))).or_default().push(sum);
                *entry = (day, 0.0);
            }
            let before = entry.1;
            entry.1 += delta;
            if let Some(past) = self.days.get(&(key.clone(), day.rem_euclid(7))) {
                let mean = past.iter().sum::<f64>() / past.len() as f64;
                if mean > 0.0 && before <= mean * 1.8 && entry.1 > mean * 1.8 {
                    hits.push("weekday × 1.8");
                }
            }
            for hit in hits {
                self.alarms.entry(hit).or_default().push(reading.at);
            }
        }
    }
}

fn is_anomaly(finding: &Finding) -> Option<Anomaly> {
    if let FindingKind::Anomaly(class) = finding.kind { Some(class) } else { None }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |name: &str| arguments.iter().any(|a| a == name);
    let value =
        |name: &str| arguments.iter().position(|a| a == name).and_then(|i| arguments.get(i + 1)).cloned();
    let months: u64 = value("--months").and_then(|text| text.parse().ok()).unwrap_or(40);
    let first: u64 = if has("--held-out") { 1_000_000 } else { 0 };
    let only = value("--only");
    let trace = has("--trace");
    let wrongs = [
        (Wrong::Nothing, 3),
        (Wrong::WipeOut, 1),
        (Wrong::Unexplained(2.0), 1),
        (Wrong::Unexplained(5.0), 1),
        (Wrong::Unexplained(10.0), 1),
        (Wrong::Unexplained(30.0), 1),
        (Wrong::Accelerated(1.3), 1),
        (Wrong::Accelerated(1.5), 1),
        (Wrong::Accelerated(2.0), 1),
        (Wrong::Accelerated(3.0), 1),
        (Wrong::Accelerated(10.0), 1),
        (Wrong::Impossible, 1),
        (Wrong::Overdue, 1),
        (Wrong::Clawback, 1),
        (Wrong::Early, 1),
        (Wrong::Credit, 1),
    ];
    for sight in [Sight::Logs, Sight::PartLogs, Sight::NoLogs] {
        println!("{sight:?}");
        println!(
            "  {:<16} {:>6} {:>7} {:>7} {:>7} {:>9} {:>8} {:>8}   baselines: found, false a month",
            "what", "months", "recall", "any", "≤2polls", "delay p50", "stray/mo", "misclass"
        );
        for (kind, (wrong, times)) in wrongs.iter().enumerate() {
            let word = wrong.word();
            if only.as_ref().is_some_and(|only| !word.contains(only.as_str())) {
                continue;
            }
            let mut score = Score::default();
            for number in 0..months * times {
                let seed = first + number * 1000 + kind as u64 * 31 + sight as u64;
                let month = month(seed, *wrong, sight);
                let outcome = run(&month, seed);
                count(&mut score, &month, *wrong, &outcome, trace.then_some(seed));
            }
            print(&word, &score, *wrong == Wrong::Nothing);
        }
    }
}

fn count(score: &mut Score, month: &Month, wrong: Wrong, outcome: &Outcome, trace: Option<u64>) {
    score.months += 1;
    let shown_at = month.at.and_then(|at| outcome.polls_at.iter().position(|poll| *poll >= at));
    let real = match wrong {
        Wrong::Unexplained(size) if outcome.source == Source::KimiCode => outcome.real >= size - 0.01,
        Wrong::WipeOut if outcome.source == Source::KimiCode => outcome.real >= 10.0,
        Wrong::WipeOut | Wrong::Clawback => outcome.real >= 5.0,
        Wrong::Nothing => false,
        // Where the end stands still, only a deep fall to nearly nothing is a reset.
        Wrong::Early => outcome.real >= 41.0,
        _ => true,
    };
    let mut hit: Option<u32> = None;
    let mut any = false;
    for (finding, poll) in &outcome.findings {
        let after = month.at.is_some_and(|at| finding.to >= at - TimeDelta::minutes(1));
        let good = match wrong {
            Wrong::Early => {
                after
                    && matches!(finding.kind, FindingKind::Reset { schedule: Schedule::Early, .. })
                    && month.at.is_some_and(|at| finding.from <= at)
            }
            Wrong::Credit => {
                matches!(finding.kind, FindingKind::Credit { .. })
                    && month.at.is_some_and(|at| finding.from <= at && finding.to >= at)
            }
            _ => after && is_anomaly(finding) == wrong.class(),
        };
        let long = matches!(wrong, Wrong::Accelerated(_) | Wrong::Overdue);
        let near = long || month.at.is_some_and(|at| finding.from <= at + TimeDelta::minutes(1));
        if good && near {
            if hit.is_none() {
                hit = Some(*poll);
            }
            any = true;
        } else if is_anomaly(finding).is_some() {
            if after && near {
                any = true;
                score.wrong_class += 1;
            } else {
                score.stray += 1;
            }
            if let Some(seed) = trace {
                println!(
                    "    [{seed}] {:?} {:?} other {} at {:?} burst {}×{} off {} drop {}\n      {} {}",
                    month.spec.plan,
                    month.spec.generation,
                    month.spec.habits.other_machine,
                    month.at,
                    month.spec.habits.burst,
                    month.spec.habits.burst_agents,
                    month.nights_off,
                    month.drop,
                    finding.detected_at,
                    finding.explanation
                );
            }
        }
    }
    if real {
        score.counted += 1;
        score.found_any += u32::from(any);
        if let (Some(hit), Some(shown)) = (hit, shown_at) {
            score.found += 1;
            score.delay.push(hit.saturating_sub(shown as u32 + 1));
        } else if let Some(seed) = trace {
            println!(
                "    [{seed}] MISSED {} {:?} {:?} {:?} real {} at {:?} other {}",
                wrong.word(),
                outcome.source,
                month.spec.plan,
                month.spec.generation,
                outcome.real,
                month.at,
                month.spec.habits.other_machine,
            );
        }
    }
    for name in ["|Δ| ≥ 5", "z > 3", "modified z 3.5", "weekday × 1.8"] {
        let alarms = outcome.alarms.get(name).map_or(&[][..], Vec::as_slice);
        let entry = score.base.entry(name).or_default();
        let mut found = false;
        for alarm in alarms {
            let near = month.at.is_some_and(|at| {
                let span = if matches!(wrong, Wrong::Accelerated(_)) {
                    TimeDelta::days(3)
                } else {
                    TimeDelta::minutes(11)
                };
                *alarm >= at && *alarm <= at + span
            });
            if near { found = true } else { entry.1 += 1 }
        }
        entry.0 += u32::from(found && real);
    }
}

fn print(word: &str, score: &Score, clean: bool) {
    let share = |n: u32| if score.counted == 0 { f64::NAN } else { f64::from(n) / f64::from(score.counted) };
    let mut delay = score.delay.clone();
    delay.sort_unstable();
    let soon = delay.iter().filter(|d| **d < 2).count() as u32;
    let middle = delay.get(delay.len() / 2).map_or("-".to_owned(), ToString::to_string);
    let stray = f64::from(score.stray) / f64::from(score.months.max(1));
    let base: Vec<String> = score
        .base
        .iter()
        .map(|(name, (found, false_alarms))| {
            format!(
                "{name}: {:.2}, {:.1}",
                share(*found),
                f64::from(*false_alarms) / f64::from(score.months.max(1))
            )
        })
        .collect();
    if clean {
        println!("  {word:<16} {:>6} {:>42} {stray:>8.3} {:>8}   {}", score.months, "", "", base.join(" · "));
    } else {
        println!(
            "  {word:<16} {:>6} {:>7.3} {:>7.3} {:>7.3} {:>9} {stray:>8.3} {:>8}   {}",
            score.counted,
            share(score.found),
            share(score.found_any),
            share(soon),
            middle,
            score.wrong_class,
            base.join(" · ")
        );
    }
}
