//! Faults of the line between the service and its callers, on command: what is answered in place of the
//! truth, for how many requests or how long, and to whom.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::answer::Refusal;

/// A fault. In JSON `{"fault":"slow","milliseconds":1500}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// A refusal or an error of the service.
    Refuse(Refusal),
    /// The answer comes that much later. Goes together with any other fault.
    Slow {
        /// Real milliseconds.
        milliseconds: u64,
    },
    /// No answer ever; the connection stays open.
    Hang,
    /// The connection is cut after a part of the body.
    CutOff,
    /// The connection is cut before anything is answered.
    Reset,
    /// An HTML page with status 200.
    HtmlOk,
    /// The right answer, padded with white space until it is larger than `bytes`.
    Oversize {
        /// At least so many bytes.
        #[serde(default = "over_a_mebibyte")]
        bytes: usize,
    },
    /// The answer is compressed although the client did not ask for it.
    Gzip,
    /// The answer is not packed though it was asked for.
    NoGzip,
    /// A redirect (307) to somewhere else.
    Redirect {
        /// To where; to the same path on another port of this machine where it is left out.
        #[serde(default)]
        to: Option<String>,
    },
    /// A body that is not JSON, though it says so.
    NotJson,
    /// An empty body with status 200.
    Empty,
}

const fn over_a_mebibyte() -> usize {
    (1 << 20) + 1024
}

/// A fault with its bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultOrder {
    /// Whom it meets, by name; everybody where it is left out. The status page is met only by orders whose
    /// `path` is a part of its path.
    #[serde(default)]
    pub account: Option<String>,
    /// Which requests it meets: those whose path contains this. All where it is left out.
    #[serde(default)]
    pub path: Option<String>,
    /// The fault itself.
    #[serde(flatten)]
    pub fault: Fault,
    /// For how many requests. Without end where this and `seconds` are left out.
    #[serde(default)]
    pub times: Option<u32>,
    /// For how long, in seconds of the simulator's clock.
    #[serde(default)]
    pub seconds: Option<f64>,
}

impl FaultOrder {
    /// A fault for everybody, until it is cleared.
    #[must_use]
    pub const fn new(fault: Fault) -> Self {
        Self { account: None, path: None, fault, times: None, seconds: None }
    }

    /// A refusal for everybody, until it is cleared.
    #[must_use]
    pub const fn refuse(refusal: Refusal) -> Self {
        Self::new(Fault::Refuse(refusal))
    }

    /// The same for one account only.
    #[must_use]
    pub fn on(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }

    /// The same for paths that contain a text only.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// The same for so many requests only.
    #[must_use]
    pub const fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// The same for so many seconds of the simulator's clock only.
    #[must_use]
    pub const fn lasting(mut self, seconds: f64) -> Self {
        self.seconds = Some(seconds);
        self
    }
}

/// The number of an order, to clear it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(pub u64);

/// A fault that affects answers.
#[derive(Debug, Clone, Serialize)]
pub struct StandingFault {
    /// Its number, to take it out of force.
    pub id: FaultId,
    /// The fault, for whom and for how long.
    #[serde(flatten)]
    pub order: FaultOrder,
    /// When it ends, by the simulator's clock.
    pub until: Option<DateTime<Utc>>,
    /// How often it has had an effect.
    pub struck: u32,
}

/// The faults in force.
#[derive(Debug, Default)]
pub(crate) struct Board {
    last: u64,
    standing: Vec<StandingFault>,
}

impl Board {
    /// Puts a fault in force.
    pub(crate) fn order(&mut self, order: FaultOrder, now: DateTime<Utc>) -> FaultId {
        self.last += 1;
        let until = order.seconds.map(|seconds| now + TimeDelta::milliseconds((seconds * 1000.0) as i64));
        let id = FaultId(self.last);
        self.standing.push(StandingFault { id, order, until, struck: 0 });
        id
    }

    /// Takes a fault out of force; says whether it was in force.
    pub(crate) fn clear(&mut self, id: FaultId) -> bool {
        let before = self.standing.len();
        self.standing.retain(|fault| fault.id != id);
        self.standing.len() < before
    }

    /// Takes all faults out of force.
    pub(crate) fn clear_all(&mut self) {
        self.standing.clear();
    }

    /// The faults in force.
    #[must_use]
    pub(crate) fn standing(&self, now: DateTime<Utc>) -> Vec<StandingFault> {
        self.standing.iter().filter(|fault| fault.in_force(now)).cloned().collect()
    }

    /// The faults that strike a request, in the order in which they were ordered: every [`Fault::Slow`],
    /// and the first other one.
    pub(crate) fn strike(&mut self, account: Option<&str>, path: &str, now: DateTime<Utc>) -> Vec<Fault> {
        self.standing.retain(|fault| fault.in_force(now));
        let mut struck: Vec<Fault> = Vec::new();
        let mut main = false;
        for fault in &mut self.standing {
            let slow = matches!(fault.order.fault, Fault::Slow { .. });
            if fault.meets(account, path) && (slow || !main) {
                fault.struck += 1;
                main |= !slow;
                struck.push(fault.order.fault.clone());
            }
        }
        struck
    }
}

impl StandingFault {
    fn in_force(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now < until) && self.order.times.is_none_or(|times| self.struck < times)
    }

    fn meets(&self, account: Option<&str>, path: &str) -> bool {
        let account_met = match &self.order.account {
            Some(wanted) => account == Some(wanted),
            None => true,
        };
        let path_met = match &self.order.path {
            Some(part) => path.contains(part.as_str()),
            None => !path.starts_with("/api/v2/"),
        };
        account_met && path_met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-10-01T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_order_ends_by_count_and_by_time() {
        let mut board = Board::default();
        board.order(FaultOrder::new(Fault::Reset).times(2), now());
        board.order(FaultOrder::new(Fault::Hang).lasting(60.0), now());
        let path = "/china/coding/v1/usages";
        assert_eq!(board.strike(None, path, now()), [Fault::Reset]);
        assert_eq!(board.strike(None, path, now()), [Fault::Reset]);
        assert_eq!(board.strike(None, path, now()), [Fault::Hang]);
        assert_eq!(board.strike(None, path, now() + TimeDelta::seconds(60)), []);
    }

    #[test]
    fn an_order_meets_whom_it_names() {
        let mut board = Board::default();
        let id = board.order(FaultOrder::new(Fault::Reset).on("work").at("usages"), now());
        assert!(board.strike(Some("home"), "/china/coding/v1/usages", now()).is_empty());
        assert!(board.strike(Some("work"), "/china/coding/v1/me", now()).is_empty());
        assert_eq!(board.strike(Some("work"), "/china/coding/v1/usages", now()).len(), 1);
        assert!(board.clear(id) && !board.clear(id));
        board.order(FaultOrder::new(Fault::Reset), now());
        assert!(board.strike(None, "/api/v2/summary.json", now()).is_empty());
    }

    #[test]
    fn slowness_goes_together_with_the_first_other_fault() {
        let mut board = Board::default();
        let slow = Fault::Slow { milliseconds: 5 };
        for fault in [slow.clone(), Fault::HtmlOk, Fault::Reset] {
            board.order(FaultOrder::new(fault), now());
        }
        assert_eq!(board.strike(None, "/v1/models", now()), [slow, Fault::HtmlOk]);
    }

    #[test]
    fn orders_are_written_flat() {
        for (json, fault) in [
            (r#"{"fault":"slow","milliseconds":7,"times":3}"#, Fault::Slow { milliseconds: 7 }),
            (
                r#"{"fault":"refuse","refusal":"overloaded","retry_after":30,"account":"work"}"#,
                Fault::Refuse(Refusal::Overloaded { retry_after: 30 }),
            ),
            (
                r#"{"fault":"refuse","refusal":"window-exhausted","meter":"week"}"#,
                Fault::Refuse(Refusal::WindowExhausted { meter: tidemark_core::Meter::Week }),
            ),
        ] {
            let order: FaultOrder = serde_json::from_str(json).unwrap();
            assert_eq!(order.fault, fault);
            let again: FaultOrder = serde_json::from_str(&serde_json::to_string(&order).unwrap()).unwrap();
            assert_eq!(again, order);
        }
    }
}
