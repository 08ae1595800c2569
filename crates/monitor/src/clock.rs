//! The engine's clock. All of the engine's waiting and telling of time goes through here, so that a test,
//! a demonstration or a benchmark can let a day pass in a minute.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

/// A future that resolves when a wait ends.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What gives the time and lets it pass.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock. It may jump: the user sets it, a laptop wakes.
    fn now(&self) -> DateTime<Utc>;
    /// A steady time since some fixed moment; it stands still while the machine sleeps.
    fn steady(&self) -> Duration;
    /// Resolves after that much of [`Clock::steady`].
    fn sleep(&self, time: Duration) -> Wait;
}

/// A clock that is shared.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// The machine's clock, for all parts of an engine.
    #[must_use]
    pub fn shared() -> SharedClock {
        Arc::new(Self { started: Instant::now() })
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn steady(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, time: Duration) -> Wait {
        Box::pin(tokio::time::sleep(time))
    }
}

/// A clock that begins at a moment and runs a number of times as fast as the machine's.
#[derive(Debug)]
pub struct FastClock {
    start: DateTime<Utc>,
    started: Instant,
    speed: f64,
}

impl FastClock {
    /// A clock that shows `start` now and runs `speed` times as fast (at least once, at most 100 000 times).
    #[must_use]
    pub fn shared(start: DateTime<Utc>, speed: f64) -> SharedClock {
        let speed = if speed.is_finite() { speed.clamp(1.0, 100_000.0) } else { 1.0 };
        Arc::new(Self { start, started: Instant::now(), speed })
    }
}

impl Clock for FastClock {
    fn now(&self) -> DateTime<Utc> {
        self.start + TimeDelta::from_std(self.steady()).unwrap_or(TimeDelta::MAX)
    }

    fn steady(&self) -> Duration {
        self.started.elapsed().mul_f64(self.speed)
    }

    fn sleep(&self, time: Duration) -> Wait {
        Box::pin(tokio::time::sleep(time.div_f64(self.speed)))
    }
}
