//! The figures by which the audit separates a finding from what rounding, delay and other devices explain.
//!
//! They were chosen on simulated months whose seeds are used for nothing else.

use chrono::TimeDelta;

/// The least excess, in points of a quota, that is worth a finding: what remains after rounding and the
/// upper end of what use explains.
pub(crate) const MIN_POINTS: f64 = 2.5;

/// The same for money, as a share of the balance before.
pub(crate) const MIN_SHARE: f64 = 0.02;

/// Of a large balance, a share is much: so many times the least of a small one is always worth a finding.
pub(crate) const MAX_OF_MUCH: f64 = 12.0;

/// The same for money, in each currency's main unit.
pub(crate) const MIN_USD: f64 = 0.25;
/// As [`MIN_USD`], in renminbi.
pub(crate) const MIN_CNY: f64 = 1.5;

/// Percent used from which a meter counts as emptied, or nearly.
pub(crate) const EMPTIED: f64 = 95.0;

/// The share of a balance that may be left where it counts as emptied, or nearly.
pub(crate) const EMPTIED_LEFT: f64 = 0.05;

/// The least excess, in points, for an emptied meter to be a wipe-out and not merely unexplained.
pub(crate) const WIPE_OUT_POINTS: f64 = 10.0;

/// So many points beyond usage empty a quota in a gap of any length, where the logs hold all usage.
pub(crate) const WIPED_IN_A_GAP: f64 = 40.0;

/// In a gap of hours, an emptied quota must have lost so many points where logs do not hold all usage.
pub(crate) const EMPTIED_IN_A_GAP: f64 = 25.0;

/// As much was spent before, where it was no less than the part of now that this multiple leaves.
pub(crate) const AS_MUCH: f64 = 1.25;

/// How long use may wait to be deducted from a quota.
pub(crate) const QUOTA_DELAY: TimeDelta = TimeDelta::minutes(10);

/// How long use may wait to be deducted from a balance: the service speaks of about ten minutes.
pub(crate) const BALANCE_DELAY: TimeDelta = TimeDelta::minutes(45);

/// How long after it use is posted to a balance, as a rule.
pub(crate) const POSTED: TimeDelta = TimeDelta::minutes(10);

/// A pause of this length ends a session on a balance: all of it has been posted.
pub(crate) const SETTLED: TimeDelta = TimeDelta::minutes(25);

/// How late usage may become known and still count.
pub(crate) const LATE_USAGE: TimeDelta = TimeDelta::hours(1);

/// From this share on, logs are taken to be all of an account's use.
pub(crate) const COMPLETE: f64 = 0.97;

/// From this share on, and after long, they are known to be.
pub(crate) const SURE: f64 = 0.985;

/// How many polls must have shown a deduction beside logged usage for that.
pub(crate) const LONG_COMPLETE: u32 = 40;

/// Beyond use by so many points, a deduction is a finding after a shorter time too.
pub(crate) const LARGE_POINTS: f64 = 12.0;

/// How much must have come back when it was due for its loss to be its return: small figures meet by chance.
pub(crate) const DUE_CLAWBACK_POINTS: f64 = 15.0;

/// How long before it was seen a voucher may have been granted.
pub(crate) const GRANT_MARGIN: TimeDelta = TimeDelta::minutes(16);

/// From how much history on a drift is believed that shows in a single session.
pub(crate) const DAYS_KNOWN: TimeDelta = TimeDelta::days(3);

/// How many steps may be in doubt at once.
pub(crate) const IN_DOUBT: usize = 4;

/// How many confirmed steps may wait for another machine's logs at once.
pub(crate) const UNREPORTED: usize = 8;

/// What another machine used longer before the last reading was deducted before it.
pub(crate) const REPORTED_LATE: TimeDelta = TimeDelta::minutes(30);

/// No larger a share of all usage is taken for known while the logs of a machine that uses the account are missing.
pub(crate) const SHARE_WITHOUT: f64 = 0.85;

/// By how much a finding that rests on missing usage is less certain while the logs of a known machine are missing.
pub(crate) const LOG_MISSING: f64 = 0.7;

/// Percent used with which a new cycle may begin.
pub(crate) const BEGINS: f64 = 10.0;

/// Points that a dollar's tokens can take of a window whose plan is not known: of one worth a fifth of a dollar.
pub(crate) const POINTS_A_DOLLAR: f64 = 500.0;

/// The same for a request, where requests are counted.
pub(crate) const POINTS_A_REQUEST: f64 = 5.0;

/// How late logs become known at most, as far as it is learned.
pub(crate) const LATEST: TimeDelta = TimeDelta::minutes(30);

/// How long the largest steps are remembered.
pub(crate) const PEAKS_KEPT: TimeDelta = TimeDelta::days(45);

/// How many times the largest step so far a step must be, to stand out where logs are incomplete.
pub(crate) const OUTSTANDING: f64 = 3.0;

/// From how much history on a step can stand out from it.
pub(crate) const HISTORY: TimeDelta = TimeDelta::days(3);

/// How long after its due time a reset is overdue.
pub(crate) const OVERDUE: TimeDelta = TimeDelta::minutes(15);

/// For how long a contradiction between two figures of one window must last.
pub(crate) const CONFLICT_POLLS: u32 = 3;

/// How long after a reset or a credit it can be taken back.
pub(crate) const CLAWBACK_WITHIN: TimeDelta = TimeDelta::days(3);

/// The same for a reset that was due: figures meet by chance.
pub(crate) const DUE_CLAWBACK_WITHIN: TimeDelta = TimeDelta::hours(4);

/// How many samples a cost ratio needs before a change of it can be found.
pub(crate) const SAMPLES: usize = 6;

/// For how many polls a deduction beside usage is watched: one wrong step, or a price that went up.
pub(crate) const WATCHED: u8 = 3;

/// Over how many sessions a change must show where logs do not hold all usage.
pub(crate) const MIN_SESSIONS: usize = 4;

/// How long an acceleration that was reported lasts, at least, as an explanation.
pub(crate) const ACCELERATION: TimeDelta = TimeDelta::days(30);

/// How long after an anomaly it can be given back.
pub(crate) const RECOVERY_WITHIN: TimeDelta = TimeDelta::days(30);

/// A return within this time to a figure seen before a fall is the end of a faulty answer.
pub(crate) const GLITCH: TimeDelta = TimeDelta::minutes(50);

/// A reset whose figure stands is one that did not come only where it is seen within this: later, use since then
/// can have brought the short window back to where it was.
pub(crate) const AT_ONCE: TimeDelta = TimeDelta::minutes(20);

/// So many points more than three times what use explains must stand in a new cycle where all use is known, for
/// its reset not to have come.
pub(crate) const WITHHELD_POINTS: f64 = 8.0;

/// Over a longer gap another device may have used the new cycle as far as the old one by chance.
pub(crate) const WITHHELD_GAP: TimeDelta = TimeDelta::hours(12);

/// What was reported within this time is known.
pub(crate) const REPORTED_RECENTLY: TimeDelta = TimeDelta::days(12);

/// A poll further from the one before says nothing of how fast usage was.
pub(crate) const TEMPO_GAP: TimeDelta = TimeDelta::minutes(40);

/// By how much later than another quota's last poll one may be that is compared with it: a poll or two that were
/// not believed.
pub(crate) const COVERED: TimeDelta = TimeDelta::minutes(40);

/// How far a poll may be from the one before for quotas to be compared with each other.
pub(crate) const COMPARABLE: TimeDelta = TimeDelta::hours(3);

/// Tokens a minute, where the account's own limit is not known: that of the highest tier.
pub(crate) const TOKENS_PER_MINUTE: f64 = 5_000_000.0;

/// Requests at the same time, where the account's own limit is not known: that of the highest tier.
pub(crate) const CONCURRENCY: f64 = 1000.0;

/// Tokens that one request can receive in a second, generously.
pub(crate) const STREAM_SPEED: f64 = 300.0;
