//! The movements of a look, weighed one by one.

use chrono::{DateTime, Utc};

use crate::audit::detect::classify::{self, Classification, Confirmation, Context, CrossWindowBound};
use crate::audit::explain;
use crate::audit::model::candidate::{Candidate, Reason};
use crate::audit::model::delta::{Delta, Expected};
use crate::audit::model::series::SeriesModel;
use crate::audit::thresholds;
use crate::audit::{Auditor, Explained, LONG, Prices, SERIES, Verdict, all_meters, is_exhausted};
use crate::finding::{Anomaly, Finding};
use crate::meter::Meter;
use crate::reading::Reading;
use crate::series::Series;

impl Auditor {
    pub(crate) fn weigh(
        &mut self,
        reading: &Reading,
        all: &[Option<Delta>; SERIES],
        failures: u32,
        prices: &dyn Prices,
        findings: &mut Vec<Finding>,
        verdicts: &mut Vec<Verdict>,
    ) {
        let mut unusual = [false; SERIES];
        let mut elsewhere = [0.0; SERIES];
        let mut shifts = [None; SERIES];
        let exhausted = is_exhausted(reading, all_meters(all));
        let dearest = prices.dearest(reading.at);
        let limits = self.limits.learn(reading.limits);
        let dearer = self
            .accelerated
            .filter(|known| reading.at - known.at <= thresholds::ACCELERATION)
            .map_or(1.0, |known| known.factor.max(1.0));
        for place in 0..SERIES {
            let Some(seen) = all[place] else { continue };
            if let Some(gauge) = self.gauges[place].as_deref_mut()
                && gauge.rests(&seen)
            {
                gauge.rest(seen.at);
                continue;
            }
            let allowed = self.allowed(place, all);
            let Some(gauge) = self.gauges[place].as_deref() else { continue };
            let expect = gauge.expect(&seen, dearer);
            if !gauge.pending.is_empty() {
                self.settle_pending(place, &seen, allowed, dearer, findings);
            }
            let going = self.gauges[place].as_ref().map_or(0.0, |gauge| gauge.going);
            let around = Context {
                hours: &self.hours,
                memory: &self.memory,
                limits,
                dearest,
                failures,
                exhausted,
                has_meters: !reading.meters.is_empty(),
            };
            let Some(gauge) = self.gauges[place].as_deref() else { continue };
            let judgement = match classify::judge(gauge, &seen, expect, allowed, &around) {
                // One more of a row that is not a single wrong step.
                Classification::Doubtful(candidate, None)
                    if candidate.class == Anomaly::Unexplained
                        && let Some(row) = gauge.row(&candidate, &seen, going) =>
                {
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        gauge.going = row;
                    }
                    Classification::Usual
                }
                // The last of such a row fills the window. It may be somebody's use; but a wipe-out is told.
                Classification::Certain(mut candidate, None)
                    if candidate.class == Anomaly::WipeOut
                        && !seen.is_money()
                        && candidate.is_beside_use()
                        && candidate.excess() <= 1.2 * going =>
                {
                    candidate.confidence = candidate.confidence.min(0.5);
                    Classification::Certain(candidate, None)
                }
                judgement => {
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        gauge.going = 0.0;
                        if judgement == Classification::Usual {
                            gauge.note_trickle(&seen, expect);
                        }
                    }
                    judgement
                }
            };
            let Some(gauge) = self.gauges[place].as_deref() else { continue };
            if seen.deducted > 0.0 {
                verdicts.push(verdict(gauge, &seen, expect, &judgement));
            }
            // The Code share is a part of the month: what befalls both is told of the month.
            let of_month = place == 3 && unusual[2];
            let complete = gauge.is_complete(seen.series);
            let explained = expect.high.min(seen.deducted);
            let known = seen.at - gauge.since >= thresholds::DAYS_KNOWN && gauge.is_long_complete();
            let stints = if complete && known { 1 } else { thresholds::STINTS };
            match judgement {
                Classification::Usual => {
                    let other = match (place, &all[3], allowed) {
                        (2, Some(code), _) => code.deducted,
                        (2, None, Some(allowed)) => allowed.moved,
                        _ => 0.0,
                    };
                    self.hasten(place, &seen, findings);
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        let before = gauge.booked_elsewhere();
                        shifts[place] = gauge.settle(&seen, other, stints);
                        elsewhere[place] = (gauge.booked_elsewhere() - before).max(0.0);
                    }
                }
                Classification::Glitch(came) => {
                    unusual[place] = true;
                    self.memory.forget_came(&came);
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        shifts[place] = gauge.settle_unusual(&seen, 0.0, stints);
                    }
                }
                Classification::Certain(..) | Classification::Doubtful(..) if of_month => {
                    unusual[place] = true;
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        shifts[place] = gauge.settle_unusual(&seen, explained, stints);
                    }
                }
                Classification::Certain(candidate, came) => {
                    unusual[place] = true;
                    if let Some(came) = came {
                        self.memory.forget_came(&came);
                    }
                    self.tell(seen.series, &candidate, seen.at, findings);
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        shifts[place] = gauge.settle_unusual(&seen, explained, stints);
                    }
                }
                Classification::Doubtful(candidate, _) => {
                    unusual[place] = true;
                    if seen.is_money() {
                        // A dearer price stands out as well, look by look.
                        self.hasten(place, &seen, findings);
                    }
                    // Another step that still waits is not forgotten over this one.
                    let oldest = self.gauges[place].as_deref_mut().and_then(|gauge| {
                        (gauge.pending.len() >= thresholds::IN_DOUBT).then(|| gauge.pending.remove(0))
                    });
                    if let Some(oldest) = oldest {
                        self.stands(&oldest, &seen, findings);
                    }
                    if let Some(gauge) = self.gauges[place].as_deref_mut() {
                        shifts[place] = gauge.settle_unusual(&seen, explained, stints);
                        gauge.pending.push(candidate);
                    }
                }
            }
        }
        self.drains(reading, all, unusual, elsewhere, findings);
        self.accelerations(reading.at, &shifts, findings);
        self.exchange(reading, all, unusual, findings);
    }

    /// What the next look says of a movement that was in doubt.
    pub(crate) fn settle_pending(
        &mut self,
        place: usize,
        seen: &Delta,
        allowed: Option<CrossWindowBound>,
        dearer: f64,
        findings: &mut Vec<Finding>,
    ) {
        let Some(gauge) = self.gauges[place].as_deref_mut() else { return };
        let expect = gauge.expect(seen, dearer);
        let mut stand = Vec::new();
        for mut candidate in std::mem::take(&mut gauge.pending) {
            candidate.late += gauge.late(seen);
            match classify::confirm(&candidate, gauge, seen, expect, allowed) {
                Confirmation::Wait => {
                    candidate.waited += 1;
                    gauge.pending.push(candidate);
                }
                Confirmation::Faint => {
                    candidate.waited += 1;
                    candidate.faint += 1;
                    gauge.pending.push(candidate);
                }
                Confirmation::Stands => {
                    gauge.drop_look(candidate.to);
                    stand.push(candidate);
                }
                Confirmation::Dropped => {}
                Confirmation::Elsewhere => {
                    gauge.going = candidate.excess().max(seen.floor());
                    // A price that went up takes more for the same use; that is not somebody else's use.
                    if candidate.worked <= 0.0 {
                        let span = candidate.to - candidate.from;
                        gauge.learn_elsewhere(candidate.excess(), span, candidate.to);
                    }
                }
            }
        }
        for candidate in stand {
            self.stands(&candidate, seen, findings);
        }
    }

    /// A movement that was in doubt is a finding.
    pub(crate) fn stands(&mut self, candidate: &Candidate, seen: &Delta, findings: &mut Vec<Finding>) {
        if let Reason::TakenBack { at, .. } = candidate.reason {
            self.memory.forget_came_at(seen.series, at);
        }
        match (candidate.ended, candidate.class, seen.series.currency()) {
            (true, Anomaly::Unexplained, Some(currency)) => {
                findings.push(explain::ended(seen.series, currency, candidate, seen.at));
            }
            _ => self.tell(seen.series, candidate, seen.at, findings),
        }
    }

    pub(crate) fn tell(
        &mut self,
        series: Series,
        candidate: &Candidate,
        at: DateTime<Utc>,
        findings: &mut Vec<Finding>,
    ) {
        let finding = explain::candidate(series, candidate, at);
        let low = (candidate.observed - candidate.slack - candidate.high).max(0.0);
        let high = candidate.observed + candidate.slack - candidate.low;
        self.note_taken(&finding, low, high);
        findings.push(finding);
    }

    /// How fine a series' figure is.
    pub(crate) fn step(&self, place: usize) -> f64 {
        self.gauges[place].as_ref().map_or(1.0, |gauge| gauge.step)
    }

    /// What the other windows allow a meter to have moved by.
    pub(crate) fn allowed(&self, place: usize, all: &[Option<Delta>; SERIES]) -> Option<CrossWindowBound> {
        let told = |most: f64, meter: usize, moved: f64| CrossWindowBound {
            most,
            meter: meter as u8,
            moved,
            code_alone: false,
        };
        // What a window tells, where it tells of all the time of which another does.
        let covering = |one: usize, other: usize| {
            let (one, other) = (all[one].as_ref()?, all[other].as_ref()?);
            one.covers(other).then_some(one)
        };
        match place {
            0 => LONG
                .iter()
                .filter_map(|long| {
                    let other = covering(*long, 0)?;
                    let most = self.exchanges[*long - 1].short_at_most(
                        Meter::ALL[*long],
                        other,
                        self.step(*long),
                    )?;
                    Some(told(most, *long, other.deducted))
                })
                .min_by(|a, b| a.most.total_cmp(&b.most)),
            // The month holds its Code share, point for point.
            2 if all[3].is_some() => {
                let (month, code) = (all[2].as_ref()?, all[3].as_ref()?);
                if (month.deducted - code.deducted).abs() <= month.slack.max(code.slack) {
                    let allowed = self.allowed(3, all);
                    if let Some(allowed) = allowed {
                        return Some(CrossWindowBound { code_alone: true, ..allowed });
                    }
                }
                Some(told(code.high(), 3, code.deducted))
            }
            1..=3 => {
                let short = covering(0, place)?;
                let most = self.exchanges[place - 1].long_at_most(Meter::ALL[place], short, self.step(place));
                Some(told(most, 0, short.deducted))
            }
            _ => None,
        }
    }
}

/// How far a deduction is explained. It is called unexplained only where it can be: where logs tell of all
/// use by now, or where it is held against the service anyway. What another machine may have used cannot be
/// told.
fn verdict(gauge: &SeriesModel, seen: &Delta, expect: Expected, judgement: &Classification) -> Verdict {
    let worked = gauge.is_at_work(seen);
    let complete = gauge.is_complete(seen.series);
    let certain = matches!(judgement, Classification::Certain(..));
    // Use that is told of late is not missing yet.
    let all_told = complete && !gauge.waits_for_logs(seen);
    let accused =
        certain || (matches!(judgement, Classification::Doubtful(..)) && !gauge.waits_for_logs(seen));
    // A figure that was wrong for a moment and is right again is nobody's use.
    let back = matches!(judgement, Classification::Glitch(_));
    let word = if back {
        Explained::CannotTell
    } else if !certain && (!expect.known || (!worked && !complete)) {
        if seen.deducted <= seen.slack { Explained::Fully } else { Explained::CannotTell }
    } else if seen.low() <= expect.high && expect.known {
        Explained::Fully
    } else if expect.known && expect.high >= 0.3 * seen.deducted {
        Explained::Partly
    } else if all_told || accused {
        Explained::Not
    } else {
        Explained::CannotTell
    };
    let explained = expect.known.then(|| (expect.low.min(seen.deducted), expect.high.min(seen.deducted)));
    Verdict { series: seen.series, at: seen.at, word, deducted: seen.deducted, explained }
}
