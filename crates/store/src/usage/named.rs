//! Requests that have a name, and of which a later record can say more.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};

use super::UsageNamed;
use super::stored::{Stored, parts, tokens};
use super::write::Writing;
use crate::error::StoreError;

/// A state of a named request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    row: Stored,
    named: bool,
    merged: bool,
}

impl Writing<'_> {
    /// Takes in a state of a request that has a name, and counts its message anew where that changes anything.
    pub(super) fn named(&mut self, file: i64, own: i64, named: &UsageNamed) -> Result<(), StoreError> {
        let origin = named.origin.map_or(own, |number| self.origin(number));
        let new = State {
            row: self.stored(&named.request, file, origin, 0),
            named: named.named,
            merged: named.merged,
        };
        let message = named.message.cast_signed();
        let mut states = self.states(message)?;
        let before = self.settled(&states)?;
        let place = states.iter().position(|state| state.row.fingerprint == new.row.fingerprint);
        let state = match place {
            None => {
                states.push(new);
                new
            }
            Some(place) => {
                let merged = self.joined(&states[place], &new)?;
                if merged == states[place] {
                    return Ok(());
                }
                states[place] = merged;
                merged
            }
        };
        self.keep_state(message, &state)?;
        let after = self.settled(&states)?;
        // What is said anew of a request does not make it known again.
        let mut known: HashMap<i64, (i64, i64)> = HashMap::new();
        for row in before.iter().filter(|row| !after.contains(row)) {
            let was = self
                .store
                .db
                .prepare_cached(
                    "DELETE FROM usage_request WHERE at = ?1 AND fingerprint = ?2 RETURNING known, place",
                )?
                .query_row([row.at, row.fingerprint], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            known.extend(was.map(|was| (row.fingerprint, was)));
            self.sums.count(row, -1);
        }
        for row in after.iter().filter(|row| !before.contains(row)) {
            // Its name is its memory: an hour whose requests were pruned only takes the sum.
            if self.closed.knows(row.at, row.fingerprint)?.is_none() {
                let was = known.get(&row.fingerprint).copied();
                if self.insert(row, was.unwrap_or((self.batch.known, self.last + 1)))? && was.is_none() {
                    self.last += 1;
                }
            }
            self.sums.count(row, 1);
        }
        Ok(())
    }

    fn states(&self, message: i64) -> Result<Vec<State>, StoreError> {
        let mut statement = self.store.db.prepare_cached(
            "SELECT fingerprint, named, merged, at, file, model, origin, provider, input, cache_read,
               cache_write, output FROM usage_state WHERE message = ?1",
        )?;
        let states = statement.query_map([message], |row| {
            Ok(State {
                named: row.get(1)?,
                merged: row.get(2)?,
                row: Stored {
                    fingerprint: row.get(0)?,
                    at: row.get(3)?,
                    begun: None,
                    file: row.get(4)?,
                    copies: 0,
                    model: row.get(5)?,
                    origin: row.get(6)?,
                    provider: row.get(7)?,
                    tokens: tokens(row, 8)?,
                },
            })
        })?;
        Ok(states.collect::<Result<_, _>>()?)
    }

    fn keep_state(&self, message: i64, state: &State) -> Result<(), StoreError> {
        let [input, cache_read, cache_write, output] = parts(&state.row.tokens);
        self.store
            .db
            .prepare_cached(
                "INSERT OR REPLACE INTO usage_state (message, fingerprint, named, merged, at, file, model,
                   origin, provider, input, cache_read, cache_write, output)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                message,
                state.row.fingerprint,
                state.named,
                state.merged,
                state.row.at,
                state.row.file,
                state.row.model,
                state.row.origin,
                state.row.provider,
                input,
                cache_read,
                cache_write,
                output
            ])?;
        Ok(())
    }

    /// Two states of one request. Where states are put together: the one that says more, at the earlier time,
    /// from the file that comes first; in whatever order they come, the end is the same. Otherwise the first
    /// of the file that comes first.
    fn joined(&mut self, one: &State, other: &State) -> Result<State, StoreError> {
        let (a, b) = (&one.row, &other.row);
        let first = if a.file == b.file || self.before(a, b)? { a } else { b };
        // A file that was moved is from elsewhere now, and so is all that it told first.
        let origin = if a.file == b.file { b.origin } else { first.origin };
        if !one.merged {
            return Ok(State { row: Stored { origin, ..*first }, ..*one });
        }
        let weight = |row: &Stored| (row.tokens.output, row.tokens.total(), row.tokens, row.model);
        let more = if weight(a) >= weight(b) { a } else { b };
        Ok(State { row: Stored { at: a.at.min(b.at), file: first.file, origin, ..*more }, ..*one })
    }

    /// The requests of a message. A state that does not name its request belongs to that of its message; of
    /// several, to the one of the lowest number.
    fn settled(&mut self, states: &[State]) -> Result<Vec<Stored>, StoreError> {
        let mut states = states.to_vec();
        states.sort_unstable_by_key(|state| (!state.named, state.row.fingerprint as u64));
        let mut settled: Vec<State> = Vec::with_capacity(states.len());
        for state in states {
            match settled.last().copied() {
                Some(last) if !state.named => {
                    let joined = self.joined(&last, &state)?;
                    let fingerprint = last.row.fingerprint;
                    settled.pop();
                    settled.push(State { row: Stored { fingerprint, ..joined.row }, ..joined });
                }
                _ => settled.push(state),
            }
        }
        Ok(settled.into_iter().map(|state| state.row).collect())
    }
}
