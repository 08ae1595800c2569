//! Calls that may block indefinitely, isolated from everything else.
//!
//! Each call runs on a thread of its own, not on the runtime's blocking pool: a runtime waits for its
//! blocking threads when it ends, and a call that waits for a password may never return. One call runs at a
//! time. A call that exceeds its caller's timeout is left running, and no other is started until it returns:
//! other callers get an error at once. When it returns, because the user typed the password after all, the
//! next caller is served as usual.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, timeout_at};

/// Runs one blocking call at a time, and lets no caller wait for one that hangs. Clones share the turn.
#[derive(Clone)]
pub(crate) struct SerializedCalls(watch::Sender<Turn>);

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// No call is running.
    Free,
    /// A call is out; its caller waits for it until then.
    Taken { patience: Instant },
    /// A call is out, and a window asks the user.
    Asking,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotAnswered {
    /// A window asks the user, and the user has not answered.
    Asking,
    /// The call, or an earlier one, has not come back.
    InTime,
    /// The thread could not be started, or ended without an answer.
    Broken(String),
}

/// What a call may report and ask while it runs.
pub(crate) struct Call {
    turn: watch::Sender<Turn>,
    left: Arc<AtomicBool>,
}

impl Call {
    /// Says that a window asks the user from now on.
    pub(crate) fn asking(&self) {
        self.turn.send_replace(Turn::Asking);
    }

    /// Whether the caller has gone, so that nothing more may be done in its name.
    pub(crate) fn is_left(&self) -> bool {
        self.left.load(Ordering::SeqCst)
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.turn.send_replace(Turn::Free);
    }
}

/// Marks the call as left when its caller returns or is dropped.
struct Leaving(Arc<AtomicBool>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl SerializedCalls {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Turn::Free))
    }

    /// Runs a call that may block, and waits for it until `limit` has passed, the wait for the turn
    /// included.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        limit: Duration,
        call: impl FnOnce(&Call) -> T + Send + 'static,
    ) -> Result<T, NotAnswered> {
        let deadline = Instant::now() + limit;
        self.wait_for_turn(deadline).await?;

        let left = Arc::new(AtomicBool::new(false));
        let _leaving = Leaving(Arc::clone(&left));
        let mine = Call { turn: self.0.clone(), left };
        let (sender, receiver) = oneshot::channel();
        std::thread::Builder::new()
            .name("tidemark-keyring".to_owned())
            .spawn(move || {
                let answer = call(&mine);
                drop(mine); // the turn is free before the answer is known
                let _ = sender.send(answer);
            })
            .map_err(|error| NotAnswered::Broken(error.to_string()))?;

        match timeout_at(deadline, receiver).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(NotAnswered::Broken("the call broke off".to_owned())),
            Err(_) if *self.0.borrow() == Turn::Asking => Err(NotAnswered::Asking),
            Err(_) => Err(NotAnswered::InTime),
        }
    }

    /// Waits until no call is out.
    #[cfg(test)]
    pub(crate) async fn until_free(&self) {
        self.0.subscribe().wait_for(|turn| *turn == Turn::Free).await.unwrap();
    }

    /// Takes the turn, waiting for a call that is still within its caller's patience.
    async fn wait_for_turn(&self, deadline: Instant) -> Result<(), NotAnswered> {
        let mut changes = self.0.subscribe();
        loop {
            let mut taken = false;
            self.0.send_if_modified(|turn| {
                taken = *turn == Turn::Free;
                if taken {
                    *turn = Turn::Taken { patience: deadline };
                }
                taken
            });
            if taken {
                return Ok(());
            }
            let turn = *changes.borrow_and_update();
            let until = match turn {
                Turn::Free => continue,
                Turn::Asking => return Err(NotAnswered::Asking),
                Turn::Taken { patience } => patience.min(deadline),
            };
            // The sender lives in `self`, so that `changed` cannot fail; only the time can run out.
            if timeout_at(until, changes.changed()).await.is_err() {
                return Err(NotAnswered::InTime);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const SHORT: Duration = Duration::from_millis(100);
    const LONG: Duration = Duration::from_hours(1);

    /// A call that blocks until the sender is used or dropped.
    fn blocked() -> (mpsc::Sender<()>, impl FnOnce(&Call) -> &'static str + Send + 'static) {
        let (sender, receiver) = mpsc::channel();
        let call = move |_: &Call| {
            let _ = receiver.recv();
            "late"
        };
        (sender, call)
    }

    #[tokio::test]
    async fn a_call_answers() {
        let turns = SerializedCalls::new();
        assert_eq!(turns.run(LONG, |_| 1).await, Ok(1));
        assert_eq!(turns.run(LONG, |_| 2).await, Ok(2));
    }

    #[tokio::test]
    async fn a_blocked_call_is_left_behind_and_nothing_is_started_beside_it() {
        let turns = SerializedCalls::new();
        let (release, call) = blocked();
        assert_eq!(turns.run(SHORT, call).await, Err(NotAnswered::InTime));

        // It fails at once, whatever its timeout, and its call never runs.
        let (ran, runs) = mpsc::channel();
        let started = std::time::Instant::now();
        let answer = turns.run(LONG, move |_| ran.send(())).await;
        assert_eq!(answer.map(drop), Err(NotAnswered::InTime));
        assert!(started.elapsed() < Duration::from_mins(1));
        assert!(runs.recv().is_err(), "the call was dropped without having run");

        // The blocked call comes back, and the next is served.
        release.send(()).unwrap();
        turns.until_free().await;
        assert_eq!(turns.run(LONG, |_| "served").await, Ok("served"));
    }

    #[tokio::test]
    async fn while_a_window_asks_others_are_told_at_once() {
        let turns = SerializedCalls::new();
        let (release, answered) = mpsc::channel::<()>();
        let asking = tokio::spawn({
            let turns = turns.clone();
            async move {
                turns
                    .run(LONG, move |call| {
                        call.asking();
                        let _ = answered.recv();
                        "answered"
                    })
                    .await
            }
        });
        turns.0.subscribe().wait_for(|turn| *turn == Turn::Asking).await.unwrap();
        assert_eq!(turns.run(LONG, |_| ()).await, Err(NotAnswered::Asking));
        release.send(()).unwrap();
        assert_eq!(asking.await.unwrap(), Ok("answered"));
        assert_eq!(turns.run(LONG, |_| "served").await, Ok("served"));
    }

    #[tokio::test]
    async fn those_who_wait_for_a_quick_call_are_served_after_it() {
        let turns = SerializedCalls::new();
        let running = Arc::new(AtomicBool::new(false));
        let calls: Vec<_> = (0..20)
            .map(|n| {
                let (turns, running) = (turns.clone(), Arc::clone(&running));
                tokio::spawn(async move {
                    turns
                        .run(LONG, move |_| {
                            assert!(!running.swap(true, Ordering::SeqCst), "two at a time");
                            std::thread::yield_now();
                            running.store(false, Ordering::SeqCst);
                            n
                        })
                        .await
                })
            })
            .collect();
        for (n, call) in calls.into_iter().enumerate() {
            assert_eq!(call.await.unwrap(), Ok(n));
        }
    }

    #[tokio::test]
    async fn a_call_knows_that_its_caller_has_gone() {
        let turns = SerializedCalls::new();
        let (release, released) = mpsc::channel::<()>();
        let (tell, told) = oneshot::channel();
        let call = move |call: &Call| {
            let before = call.is_left();
            let _ = released.recv();
            let _ = tell.send((before, call.is_left()));
        };
        assert_eq!(turns.run(SHORT, call).await, Err(NotAnswered::InTime));
        release.send(()).unwrap();
        assert_eq!(told.await.unwrap(), (false, true));
    }

    #[tokio::test]
    async fn a_caller_that_is_dropped_leaves_the_turn_in_order() {
        let turns = SerializedCalls::new();
        let (release, call) = blocked();
        let caller = tokio::spawn({
            let turns = turns.clone();
            async move { turns.run(SHORT, call).await }
        });
        turns.0.subscribe().wait_for(|turn| *turn != Turn::Free).await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        // Others wait as long as the dropped caller would have, and no longer.
        assert_eq!(turns.run(LONG, |_| ()).await, Err(NotAnswered::InTime));
        release.send(()).unwrap();
        turns.until_free().await;
        assert_eq!(turns.run(LONG, |_| "served").await, Ok("served"));
    }

    #[tokio::test]
    async fn a_call_that_panics_frees_the_turn() {
        let turns = SerializedCalls::new();
        let answer: Result<(), _> = turns.run(LONG, |_| panic!("on purpose")).await;
        assert!(matches!(answer, Err(NotAnswered::Broken(_))), "{answer:?}");
        assert_eq!(turns.run(LONG, |_| 1).await, Ok(1));
    }
}
