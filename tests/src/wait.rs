//! Waiting for something to become true: with a deadline, and with a message that says what was waited for and
//! what was seen last.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long a part of the desktop may take to come up. Generous: the machine may be building something, and a
/// wait ends with its condition.
pub const COMES_UP: Duration = Duration::from_mins(1);

/// How long the program may take to show a change.
pub const FOLLOWS: Duration = Duration::from_mins(1);

/// How long sample data may take: months of it are made, by programs that are built for tests.
pub const SAMPLE_DATA: Duration = Duration::from_mins(4);

/// Probes again and again until what is seen `holds`, and returns that.
///
/// ```
/// use tidemark_journeys::{FOLLOWS, wait_for};
/// let mut count = 0;
/// let seen = wait_for("three", FOLLOWS, || { count += 1; count }, |count| *count == 3);
/// assert_eq!(seen, 3);
/// ```
///
/// # Panics
/// When it does not within `deadline`; the message has `what`, and what the last probe saw.
pub fn wait_for<S: Debug>(
    what: &str,
    deadline: Duration,
    probe: impl FnMut() -> S,
    holds: impl FnMut(&S) -> bool,
) -> S {
    poll(deadline, probe, holds).unwrap_or_else(|seen| {
        // A page's text is easier to read in its own lines.
        let seen = format!("{seen:?}").replace("\\n", "\n");
        panic!("waited {:.1} s for {what}; last seen: {seen}", deadline.as_secs_f64())
    })
}

/// As [`wait_for`], where there is something left to do when it does not come: the last probe is the error.
pub(crate) fn poll<S>(
    deadline: Duration,
    mut probe: impl FnMut() -> S,
    mut holds: impl FnMut(&S) -> bool,
) -> Result<S, S> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        // Asked before the probe: on a busy machine much time may pass between the two, and what is true when it
        // is probed last is true.
        let is_late = started.elapsed() >= deadline;
        let seen = probe();
        if holds(&seen) {
            return Ok(seen);
        }
        if is_late {
            return Err(seen);
        }
        std::thread::sleep(pause);
        pause = (pause * 3 / 2).min(Duration::from_millis(200));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_as_soon_as_its_condition_holds() {
        let mut probes = 0;
        let probe = || {
            probes += 1;
            probes
        };
        assert_eq!(wait_for("the third probe", COMES_UP, probe, |probes| *probes == 3), 3);
    }

    #[test]
    #[should_panic(expected = "waited 0.0 s for two windows; last seen: [\"one window\"]")]
    fn a_wait_that_times_out_says_what_it_waited_for_and_what_it_saw_last() {
        wait_for("two windows", Duration::ZERO, || ["one window"], |windows| windows.len() == 2);
    }

    #[test]
    fn what_comes_true_between_the_last_probe_and_the_deadline_is_seen() {
        let started = Instant::now();
        let deadline = Duration::from_millis(30);
        assert!(poll(deadline, || started.elapsed(), |elapsed| *elapsed >= deadline).is_ok());
    }
}
