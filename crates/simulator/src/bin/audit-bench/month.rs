//! One simulated month of one account: who uses it, what goes wrong, how it is polled.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use tidemark_core::{Meter, Region};
use tidemark_simulator::{AccountSpec, Beside, Event, Generation, Habits, Model, Plan, TopUpHabit};

use crate::dice::Dice;
use crate::fault::{Fault, STEP_EVERY};

/// What of an account's usage is in this machine's logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sight {
    /// All of it.
    Logs,
    /// A part: other machines use the account too.
    SomeLogs,
    /// A part: another machine is at work in the same hours, from the first day or from some day on.
    Beside,
    /// Nothing.
    NoLogs,
    /// Two to five machines use the account, in part in the same hours.
    Machines(Reports),
}

/// What becomes known of several machines' usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reports {
    /// One machine did all of it, and its logs are read: what the others are compared with.
    OneMachine,
    /// All machines' logs are known as early as this one's.
    InTime,
    /// One machine reports every ten minutes to an hour.
    Minutes,
    /// One machine reports every two to twelve hours.
    Hours,
    /// One machine reports every one to three days.
    Days,
    /// One machine reports in time, and from some day on no more.
    Silent,
    /// One machine never reports.
    Never,
}

impl Sight {
    pub(crate) const ALL: [Self; 4] = [Self::Logs, Self::SomeLogs, Self::NoLogs, Self::Beside];

    /// With several machines. All of them have the same months.
    pub(crate) const MACHINES: [Self; 7] = [
        Self::Machines(Reports::OneMachine),
        Self::Machines(Reports::InTime),
        Self::Machines(Reports::Minutes),
        Self::Machines(Reports::Hours),
        Self::Machines(Reports::Days),
        Self::Machines(Reports::Silent),
        Self::Machines(Reports::Never),
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Machines(Reports::OneMachine) => "all usage on one machine",
            Self::Machines(Reports::InTime) => "several machines, all in time",
            Self::Machines(Reports::Minutes) => "several machines, one late by minutes",
            Self::Machines(Reports::Hours) => "several machines, one late by hours",
            Self::Machines(Reports::Days) => "several machines, one late by days",
            Self::Machines(Reports::Silent) => "several machines, one silent from some day on",
            Self::Machines(Reports::Never) => "several machines, one never reports",
            Self::Logs => "all logs",
            Self::SomeLogs => "logs of one machine of several",
            Self::Beside => "logs of one machine, another at work beside it",
            Self::NoLogs => "no logs",
        }
    }
}

/// A month to simulate and poll.
#[derive(Debug, Clone)]
pub(crate) struct Month {
    pub(crate) spec: AccountSpec,
    pub(crate) fault: Fault,
    pub(crate) sight: Sight,
    pub(crate) seed: u64,
    pub(crate) begin: DateTime<Utc>,
    pub(crate) end: DateTime<Utc>,
    /// When it goes wrong.
    pub(crate) at: Option<DateTime<Utc>>,
    pub(crate) every: TimeDelta,
    /// The computer sleeps at night.
    pub(crate) nights_off: bool,
    /// The share of polls that fail.
    pub(crate) dropped: f64,
    /// A span without polls.
    pub(crate) away: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// How long after a request its log line is read.
    pub(crate) told_after: TimeDelta,
    /// The window that the fault strikes, where it strikes one.
    pub(crate) meter: Option<Meter>,
}

fn decimal(value: f64) -> Decimal {
    Decimal::from_f64_retain(value).unwrap_or_default().round_dp(4)
}

/// A day out of four spans: summer time begins or ends in two of them.
fn first_day(dice: &mut Dice, new_plan: bool) -> DateTime<Utc> {
    let days: &[&str] = if new_plan {
        &["2026-09-20", "2026-10-14"]
    } else {
        &["2026-03-05", "2026-07-20", "2026-09-20", "2026-10-14"]
    };
    let day: NaiveDate = dice.pick(days).parse().unwrap_or_default();
    day.and_time(chrono::NaiveTime::MIN).and_utc() + TimeDelta::minutes((dice.unit() * 1440.0) as i64)
}

impl Month {
    /// The month of a seed.
    pub(crate) fn new(seed: u64, fault: Fault, sight: Sight) -> Self {
        let mut dice = Dice::new(seed);
        let platform = match fault {
            Fault::Impossible => true,
            Fault::Overdue | Fault::Early | Fault::Disagreement(_) | Fault::Together(_) => false,
            _ => dice.happens(0.3),
        };
        let plan =
            dice.pick(&[Plan::Moderato, Plan::Allegretto, Plan::Allegro, Plan::Plus, Plan::Pro, Plan::Max]);
        let begin = first_day(&mut dice, !platform && plan.is_new());
        let end = begin + TimeDelta::days(30);
        let region = dice.pick(&[Region::China, Region::Global]);
        let mut habits = habits(&mut dice, sight);
        if matches!(sight, Sight::Beside | Sight::Machines(_)) {
            habits.beside = Some(beside(seed, begin));
        }
        let unit = if region == Region::China { 7 } else { 1 };
        let mut spec = if platform {
            let mut spec =
                AccountSpec::platform("a", region, Decimal::from(130 * unit), Decimal::from(40), begin);
            spec.balance.top_up =
                Some(TopUpHabit { below: Decimal::from(20 * unit), amount: Decimal::from(80 * unit) });
            spec
        } else {
            let back = TimeDelta::minutes((dice.unit() * 6.0 * 1440.0) as i64 + 60);
            let generation = if plan.is_new() {
                Generation::D
            } else {
                dice.pick(&[Generation::A, Generation::B, Generation::B, Generation::C, Generation::D])
            };
            AccountSpec::kimi_code("a", region, plan, begin - back)
                .alive_from(begin)
                .with_generation(generation)
        };
        spec = spec.with_habits(habits).with_seed(seed);
        let meters: &[Meter] = match (platform, plan.is_new()) {
            (true, _) => &[],
            (false, true) => &[Meter::FiveHour, Meter::Month],
            (false, false) => &[Meter::FiveHour, Meter::Week],
        };
        spec = harmless(spec, &mut dice, begin, platform, plan);
        let when = begin + TimeDelta::minutes((dice.between(10.0, 27.0) * 1440.0) as i64);
        let meter = (!platform).then(|| dice.pick(meters));
        let long = meters.get(1).copied();
        spec = wrong(spec, &mut dice, &Wrong { fault, when, platform, meter, long, unit: f64::from(unit) });
        let every = TimeDelta::minutes(dice.pick(&[5, 5, 5, 5, 10, 15]));
        let away = dice.happens(0.2).then(|| {
            let from = begin + TimeDelta::minutes((dice.between(3.0, 9.0) * 1440.0) as i64);
            (from, from + TimeDelta::minutes((dice.between(3.0, 60.0) * 60.0) as i64))
        });
        let away = hidden(fault, seed, when).or(away);
        Self {
            spec,
            fault,
            sight,
            seed,
            begin,
            end,
            at: (fault != Fault::Nothing).then_some(when),
            every,
            nights_off: dice.happens(0.4),
            dropped: dice.pick(&[0.0, 0.0, 0.02, 0.1]),
            away,
            told_after: TimeDelta::minutes(dice.pick(&[0, 0, 0, 0, 0, 0, 0, 0, 3, 12])),
            meter: if matches!(
                fault,
                Fault::Disagreement(_) | Fault::Early | Fault::Clawback | Fault::Together(_)
            ) {
                long
            } else {
                meter
            },
        }
    }
}

/// The hours without polls in which a quota is emptied.
fn hidden(fault: Fault, seed: u64, when: DateTime<Utc>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let Fault::Hidden(hours) = fault else { return None };
    let minutes = |hours: f64| TimeDelta::minutes((hours * 60.0) as i64);
    let before = hours * Dice::new(seed ^ 0x6a_70).between(0.1, 0.9);
    Some((when - minutes(before), when + minutes(hours - before)))
}

/// How many points of the longer quota a point of the 5-hour quota is.
pub(crate) fn exchange(plan: Plan, generation: Generation) -> f64 {
    let (allowance, (week, five_hour)) = (plan.allowance(), plan.requests());
    match generation {
        Generation::A => five_hour as f64 / week.max(1) as f64,
        _ if plan.is_new() => allowance.five_hour as f64 / allowance.month.max(1) as f64,
        _ => allowance.five_hour as f64 / allowance.week.max(1) as f64,
    }
}

fn habits(dice: &mut Dice, sight: Sight) -> Habits {
    let zone =
        dice.pick(&[chrono_tz::Asia::Shanghai, chrono_tz::Europe::Berlin, chrono_tz::America::New_York]);
    let burst = dice.pick(&[0.0, 0.06, 0.1]);
    let burst_agents = dice.pick(&[4, 8, 40, 200]);
    let day = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
    Habits {
        zone,
        sessions: dice.between(1.0, 4.5),
        weekend_sessions: dice.between(0.0, 1.2),
        session_minutes: dice.between(15.0, 40.0),
        pace_seconds: dice.between(18.0, 45.0),
        burst: if burst_agents > 8 { burst * 0.2 } else { burst },
        burst_agents,
        other_machine: match sight {
            Sight::Logs | Sight::Beside | Sight::Machines(_) => 0.0,
            Sight::SomeLogs | Sight::NoLogs => dice.pick(&[0.15, 0.3, 0.5]),
        },
        models: vec![(Model::K27Code, 0.8), (Model::K3, 0.2)],
        holidays: if dice.happens(0.3) {
            vec![(day("2026-10-01"), day("2026-10-07")), (day("2026-04-03"), day("2026-04-06"))]
        } else {
            Vec::new()
        },
        ..Habits::default()
    }
}

/// Another user from the first day, or after weeks in which the logs had all usage.
fn beside(seed: u64, begin: DateTime<Utc>) -> Beside {
    let mut dice = Dice::new(seed ^ 0x00be_51de);
    let days = if dice.happens(0.4) { 0.0 } else { dice.between(4.0, 20.0) };
    Beside {
        since: (begin + TimeDelta::minutes((days * 1440.0) as i64)).date_naive(),
        busy: dice.pick(&[0.25, 0.5, 0.8]),
        session_minutes: dice.between(15.0, 60.0),
        pace_seconds: dice.between(18.0, 120.0),
    }
}

/// What resembles a fault and is none: answers that are wrong for a moment, vouchers, another plan.
fn harmless(
    mut spec: AccountSpec,
    dice: &mut Dice,
    begin: DateTime<Utc>,
    platform: bool,
    plan: Plan,
) -> AccountSpec {
    let someday = |dice: &mut Dice| begin + TimeDelta::minutes((dice.between(0.5, 29.0) * 1440.0) as i64);
    if dice.happens(0.3) {
        spec = spec.then(someday(dice), Event::ZeroedCounters { polls: 1 });
    }
    if platform {
        if dice.happens(0.3) {
            let amount = Decimal::from(10);
            let ends = dice.pick(&[2, 5, 10]) * 86_400;
            spec = spec.then(someday(dice), Event::Voucher { amount, ends_after_seconds: Some(ends) });
        }
        return spec;
    }
    if dice.happens(0.2) {
        spec = spec.then(someday(dice), Event::LyingRatio { polls: 1 });
    }
    if dice.happens(0.08) {
        let other = match plan {
            Plan::Moderato | Plan::Allegro => Plan::Allegretto,
            Plan::Allegretto => Plan::Allegro,
            Plan::Pro => Plan::Max,
            _ => Plan::Pro,
        };
        // Early, so that what goes wrong finds an account that is settled again.
        let at = begin + TimeDelta::minutes((dice.between(1.0, 6.0) * 1440.0) as i64);
        spec = spec.then(at, Event::ChangePlan { plan: other });
    }
    spec
}

struct Wrong {
    fault: Fault,
    when: DateTime<Utc>,
    platform: bool,
    meter: Option<Meter>,
    long: Option<Meter>,
    unit: f64,
}

fn wrong(spec: AccountSpec, dice: &mut Dice, wrong: &Wrong) -> AccountSpec {
    let &Wrong { fault, when, platform, meter, long, unit } = wrong;
    let before = when - TimeDelta::hours(6);
    match fault {
        // A disagreement is put into the answers themselves.
        Fault::Nothing | Fault::Disagreement(_) => spec,
        Fault::WipeOut | Fault::Hidden(_) => {
            of_code(meter).into_iter().fold(spec, |spec, meter| spec.then(when, Event::WipeOut { meter }))
        }
        Fault::Step(size) => {
            // A point is a hundredth of a usual balance. Not a round sum: a refund of exactly what was lost
            // could not be distinguished from a top-up of the same amount.
            let (points, amount) = if platform { (0.0, size * unit * 0.7937) } else { (size, 0.0) };
            let (points, amount) = (decimal(points), decimal(amount));
            let each = of_code(meter).into_iter();
            each.fold(spec, |spec, meter| spec.then(when, Event::WrongDeduction { meter, points, amount }))
        }
        Fault::Together(size) => {
            let rate = exchange(spec.plan, spec.generation);
            let each = of_code(long).into_iter().map(|meter| (meter, size * rate));
            each.chain([(Some(Meter::FiveHour), size)]).fold(spec, |spec, (meter, points)| {
                let (points, amount) = (decimal(points), Decimal::ZERO);
                spec.then(when, Event::WrongDeduction { meter, points, amount })
            })
        }
        Fault::Drain(size) => (0..size as i32).fold(spec, |spec, step| {
            let (points, amount) = if platform { (0.0, unit * 0.7937) } else { (1.0, 0.0) };
            let (points, amount) = (decimal(points), decimal(amount));
            let each = of_code(meter).into_iter();
            each.fold(spec, |spec, meter| {
                spec.then(when + STEP_EVERY * step, Event::WrongDeduction { meter, points, amount })
            })
        }),
        Fault::Accelerated(factor) => spec.then(when, Event::Accelerate { factor }),
        Fault::Impossible => {
            let amount = decimal(dice.between(1000.0, 3000.0) * unit);
            spec.then(when - TimeDelta::hours(20), Event::TopUp { amount: decimal(9000.0 * unit) })
                .then(when, Event::WrongDeduction { meter: None, points: Decimal::ZERO, amount })
        }
        Fault::Overdue => meter.map_or(spec.clone(), |meter| {
            spec.then(when, Event::WithholdReset { meter, seconds: dice.pick(&[3600, 7200, 18000]) })
        }),
        Fault::Early => spec.then(when, Event::EarlyReset { meter: long, move_end: dice.happens(0.5) }),
        Fault::Clawback if platform => spec
            .then(before, Event::Voucher { amount: Decimal::from(25), ends_after_seconds: None })
            .then(when, Event::Clawback { meter: None }),
        Fault::Clawback => spec
            .then(before, Event::EarlyReset { meter: long, move_end: true })
            .then(when, Event::Clawback { meter: long }),
    }
}

/// What is deducted wrongly of the month is deducted as Kimi Code's: what other products use is no fault.
fn of_code(meter: Option<Meter>) -> Vec<Option<Meter>> {
    match meter {
        Some(Meter::Month) => vec![meter, Some(Meter::MonthCode)],
        _ => vec![meter],
    }
}
