//! Waiting for something to become true, with a deadline and a message that says what was waited for.

use std::time::{Duration, Instant};

/// How long a part of the desktop may take to come up. Generous: the machine may be building something.
pub const COMES_UP: Duration = Duration::from_secs(20);

/// How long the program may take to show what it was just told.
pub const FOLLOWS: Duration = Duration::from_secs(15);

/// Asks `look` again and again until it answers `Some`, and returns that.
///
/// # Panics
/// When `deadline` has passed, with `what` in the message.
pub fn wait_for<T>(what: &str, deadline: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < deadline, "waited {:.1} s in vain for {what}", deadline.as_secs_f64());
        std::thread::sleep(pause);
        pause = (pause * 3 / 2).min(Duration::from_millis(200));
    }
}

/// Asks `look` again and again until it is true.
///
/// # Panics
/// When `deadline` has passed, with `what` in the message.
pub fn wait_until(what: &str, deadline: Duration, mut look: impl FnMut() -> bool) {
    wait_for(what, deadline, || look().then_some(()));
}

/// Like [`wait_for`], where each look says what it saw: the last one stands in the panic's message.
///
/// # Panics
/// When `deadline` has passed.
pub fn wait_to_see<T>(what: &str, deadline: Duration, mut look: impl FnMut() -> Result<T, String>) -> T {
    let started = Instant::now();
    let mut pause = Duration::from_millis(10);
    loop {
        match look() {
            Ok(seen) => return seen,
            Err(instead) => assert!(
                started.elapsed() < deadline,
                "waited {:.1} s in vain for {what}; instead: {instead}",
                deadline.as_secs_f64()
            ),
        }
        std::thread::sleep(pause);
        pause = (pause * 3 / 2).min(Duration::from_millis(200));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_as_soon_as_it_is_true() {
        let mut looks = 0;
        let seen = wait_for("the third look", COMES_UP, || {
            looks += 1;
            (looks == 3).then_some(looks)
        });
        assert_eq!(seen, 3);
    }

    #[test]
    #[should_panic(expected = "waited 0.0 s in vain for nothing; instead: silence")]
    fn says_what_was_waited_for() {
        wait_to_see("nothing", Duration::ZERO, || Err::<(), _>("silence".to_owned()));
    }
}
