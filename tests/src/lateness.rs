//! How late this machine is: bounds on real time are kept by a program only as well as the machine lets it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What is slept for each measurement.
const NAP: Duration = Duration::from_millis(20);

/// A request and its answer wake this many threads, one after the other: the agent's timer, its connection, the
/// service's listener and handler, and the answer's way back through the agent. Each may be as late as the nap.
const WAKES: u32 = 8;

/// Measures, as long as it lives, how much later than asked for a sleeping thread is woken.
#[derive(Debug)]
pub struct Lateness {
    worst: Arc<AtomicU64>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Lateness {
    /// Begins to measure.
    pub fn measure() -> Lateness {
        let (worst, ends) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (of_thread, until) = (Arc::clone(&worst), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            while !until.load(Ordering::Relaxed) {
                let started = Instant::now();
                std::thread::sleep(NAP);
                let late = started.elapsed().saturating_sub(NAP).as_micros();
                of_thread.fetch_max(u64::try_from(late).unwrap_or(u64::MAX), Ordering::Relaxed);
            }
        });
        Lateness { worst, ends, thread: Some(thread) }
    }

    /// How late a thread was woken at worst.
    pub fn worst(&self) -> Duration {
        Duration::from_micros(self.worst.load(Ordering::Relaxed))
    }

    /// What a request and its answer may take on this machine: a second, and more where threads were woken late.
    pub fn of_a_request(&self) -> Duration {
        Duration::from_secs(1) + self.worst() * WAKES
    }
}

impl Drop for Lateness {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // it cannot panic
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_wakes_threads_late_gets_more_time_for_a_request() {
        let lateness = Lateness { worst: Arc::default(), ends: Arc::default(), thread: None };
        assert_eq!(lateness.of_a_request(), Duration::from_secs(1));
        lateness.worst.store(250_000, Ordering::Relaxed);
        assert_eq!(lateness.of_a_request(), Duration::from_secs(3));
    }

    #[test]
    fn the_worst_of_all_naps_is_kept() {
        let lateness = Lateness::measure();
        let first =
            crate::wait_for("a late nap", crate::FOLLOWS, || lateness.worst(), |late| !late.is_zero());
        assert!(lateness.worst() >= first);
    }
}
