//! The simulator's clock: the machine's own, a fast one, or one moved by hand.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// A clock for simulated life. Clones share it.
#[derive(Debug, Clone)]
pub struct SimClock(Arc<Mutex<Hands>>);

#[derive(Debug, Clone, Copy)]
enum Hands {
    /// Follows the machine's clock.
    Real,
    /// Runs `speed` times as fast as real time, from `sim` at `real`.
    Running { sim: DateTime<Utc>, real: Instant, speed: f64 },
    /// Stands until it is moved.
    Stepped(DateTime<Utc>),
}

impl SimClock {
    /// The machine's own clock.
    #[must_use]
    pub fn real() -> Self {
        Self(Arc::new(Mutex::new(Hands::Real)))
    }

    /// A clock that begins at `start` now and runs `speed` times as fast as real time.
    #[must_use]
    pub fn fast(start: DateTime<Utc>, speed: f64) -> Self {
        Self(Arc::new(Mutex::new(Hands::Running {
            sim: start,
            real: Instant::now(),
            speed: speed.clamp(0.0, 1e7),
        })))
    }

    /// A clock that stands at `start` until it is set or advanced.
    #[must_use]
    pub fn stepped(start: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(Hands::Stepped(start))))
    }

    /// The simulated time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        Self::read(&self.hands())
    }

    fn read(hands: &Hands) -> DateTime<Utc> {
        match *hands {
            Hands::Real => Utc::now(),
            Hands::Running { sim, real, speed } => {
                let nanos = real.elapsed().as_nanos() as f64 * speed;
                sim + TimeDelta::nanoseconds(nanos as i64)
            }
            Hands::Stepped(at) => at,
        }
    }

    /// Sets the time. A stepped clock stands there, a running one runs on from there; the machine's clock
    /// becomes one that runs on from there at its own speed.
    pub fn set(&self, to: DateTime<Utc>) {
        let mut hands = self.hands();
        *hands = match *hands {
            Hands::Real => Hands::Running { sim: to, real: Instant::now(), speed: 1.0 },
            Hands::Running { speed, .. } => Hands::Running { sim: to, real: Instant::now(), speed },
            Hands::Stepped(_) => Hands::Stepped(to),
        };
    }

    /// Moves the time on (or back, with a negative step) and returns it.
    pub fn advance(&self, by: TimeDelta) -> DateTime<Utc> {
        let to = self.now() + by;
        self.set(to);
        to
    }

    /// Runs on from the present simulated time at another speed; 0 makes it a stepped clock.
    pub fn set_speed(&self, speed: f64) {
        let mut hands = self.hands();
        let sim = Self::read(&hands);
        *hands = if speed > 0.0 {
            Hands::Running { sim, real: Instant::now(), speed: speed.min(1e7) }
        } else {
            Hands::Stepped(sim)
        };
    }

    fn hands(&self) -> std::sync::MutexGuard<'_, Hands> {
        // The value is plain data and valid after any panic elsewhere.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        "2026-03-01T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_stepped_clock_moves_by_hand_only() {
        let clock = SimClock::stepped(start());
        let twin = clock.clone();
        assert_eq!(clock.now(), start());
        assert_eq!(twin.advance(TimeDelta::hours(5)), start() + TimeDelta::hours(5));
        assert_eq!(clock.now(), start() + TimeDelta::hours(5));
        clock.set(start());
        assert_eq!(twin.now(), start());
    }

    #[test]
    fn a_fast_clock_never_runs_back() {
        let clock = SimClock::fast(start(), 1e6);
        let first = clock.now();
        let second = clock.now();
        assert!(first >= start() && second >= first);
        clock.set_speed(0.0);
        let stood = clock.now();
        assert!(stood >= second);
        assert_eq!(clock.now(), stood);
    }
}
