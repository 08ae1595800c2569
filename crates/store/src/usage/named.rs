//! Requests that have a name, and of which a later record can say more.

use std::cmp::Ordering;
use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};
use tidemark_core::request::{Dating, MessageKey, Precedence, RequestState, merge, merge_duplicates};

use super::imported::COPIES;
use super::stored::{Stored, parts, tokens};
use super::write::Writing;
use super::{UsageNamed, UsageStates};
use crate::error::StoreError;

/// A state of a named request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    row: Stored,
    named: bool,
    merged: UsageStates,
}

impl UsageStates {
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::First => 0,
            Self::Together => 1,
            Self::Growing => 2,
            Self::Latest => 3,
        }
    }

    pub(crate) const fn of(number: i64) -> Self {
        match number {
            0 => Self::First,
            2 => Self::Growing,
            3 => Self::Latest,
            _ => Self::Together,
        }
    }
}

impl Writing<'_> {
    /// Adds a state of a request that has a name, and recounts its message if that changes anything.
    pub(super) fn named(&mut self, file: i64, own: i64, named: &UsageNamed) -> Result<(), StoreError> {
        let origin = named.origin.map_or(own, |number| self.origin(number));
        let new = State {
            row: self.stored(&named.request, file, origin, 0),
            named: named.named,
            merged: named.states,
        };
        let message = named.message.cast_signed();
        let mut states = self.states(message)?;
        let before = self.merged(&states)?;
        let place = states.iter().position(|state| state.row.fingerprint == new.row.fingerprint);
        let state = match place {
            None => {
                states.push(new);
                new
            }
            Some(place) => {
                let merged = self.joined(&states[place], &new)?;
                if self.is_of_machine(file) && !self.is_of_machine(merged.row.file) {
                    // Of a disk that was copied, both machines hold it.
                    self.keep_copy(&Stored { file, copies: COPIES, ..merged.row })?;
                }
                if merged == states[place] {
                    return Ok(());
                }
                states[place] = merged;
                merged
            }
        };
        self.keep_state(message, &state)?;
        let after = self.merged(&states)?;
        self.recount(&before, &after)
    }

    /// Takes away what a file says of the states of requests, and recounts their messages.
    pub(super) fn forget_states(&mut self, file: i64) -> Result<(), StoreError> {
        let messages: Vec<i64> = self
            .store
            .db
            .prepare_cached("SELECT DISTINCT message FROM usage_state WHERE file = ?1")?
            .query_map([file], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for message in messages {
            let states = self.states(message)?;
            let before = self.merged(&states)?;
            let left: Vec<State> = states.into_iter().filter(|state| state.row.file != file).collect();
            let after = self.merged(&left)?;
            self.store
                .db
                .prepare_cached("DELETE FROM usage_state WHERE message = ?1 AND file = ?2")?
                .execute([message, file])?;
            self.recount(&before, &after)?;
        }
        Ok(())
    }

    /// Counts what the requests of a message are now, and no more what they were.
    fn recount(&mut self, before: &[Stored], after: &[Stored]) -> Result<(), StoreError> {
        // A request of which more is learned does not become known again.
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
                let was = match known.get(&row.fingerprint).copied() {
                    Some(was) => Some(was),
                    None => self.take_imported(row)?,
                };
                if self.insert(row, was.unwrap_or((self.batch.known, self.last + 1)))? {
                    self.last += i64::from(was.is_none());
                    let grew = before.iter().find(|before| before.fingerprint == row.fingerprint);
                    if let Some((before, (_, place))) = grew.zip(was) {
                        self.grew(before, row, place)?;
                    }
                } else if let Some(claimed) = self.request(row.at, row.fingerprint)? {
                    // Another version of the program, here or on another machine, took it for one that one record
                    // describes.
                    let was = self.take_out(&claimed)?;
                    self.insert(row, was)?;
                }
            }
            self.sums.count(row, 1);
        }
        Ok(())
    }

    fn states(&self, message: i64) -> Result<Vec<State>, StoreError> {
        let mut statement = self.store.db.prepare_cached(
            "SELECT fingerprint, named, merged, at, file, model, origin, provider, input, cache_read,
               cache_write, cache_write_1h, output, begun FROM usage_state WHERE message = ?1",
        )?;
        let states = statement.query_map([message], |row| {
            Ok(State {
                named: row.get(1)?,
                merged: UsageStates::of(row.get(2)?),
                row: Stored {
                    fingerprint: row.get(0)?,
                    at: row.get(3)?,
                    begun: row.get(13)?,
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

    fn keep_state(&mut self, message: i64, state: &State) -> Result<(), StoreError> {
        self.last += 1;
        let [input, cache_read, cache_write, cache_write_1h, output] = parts(&state.row.tokens);
        self.store
            .db
            .prepare_cached(
                "INSERT OR REPLACE INTO usage_state (message, fingerprint, named, merged, at, file, model,
                   origin, provider, input, cache_read, cache_write, cache_write_1h, output, begun, revision)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(params![
                message,
                state.row.fingerprint,
                state.named,
                state.merged.number(),
                state.row.at,
                state.row.file,
                state.row.model,
                state.row.origin,
                state.row.provider,
                input,
                cache_read,
                cache_write,
                cache_write_1h,
                output,
                state.row.begun,
                self.last
            ])?;
        Ok(())
    }

    /// Two states of one request together. Where states are not put together, the first of the file that comes
    /// first counts.
    fn joined(&mut self, one: &State, other: &State) -> Result<State, StoreError> {
        let (a, b) = (&one.row, &other.row);
        // Paths and origins are read only if they decide.
        let is_written_over = matches!(one.merged, UsageStates::Growing | UsageStates::Latest);
        let is_one_file = a.file == b.file;
        let (first, second) = if is_one_file && is_written_over && a.origin != b.origin {
            // A database holds many sessions, and copies of a request in several of them.
            (Some(self.origin_precedence(a.origin)?), Some(self.origin_precedence(b.origin)?))
        } else if is_one_file {
            (None, None)
        } else {
            (Some(self.precedence(a)?), Some(self.precedence(b)?))
        };
        if one.merged == UsageStates::First && is_one_file && self.is_of_machine(a.file) {
            // Its logs are not here to say which comes first; what comes again may have come in any order.
            let says_more = |row: &Stored| (row.tokens.output, row.tokens.total(), row.tokens, -row.at);
            return Ok(if says_more(b) > says_more(a) { *other } else { *one });
        }
        if one.merged == UsageStates::First {
            let row = if second < first { b } else { a };
            // A file that was moved is from elsewhere now, and so is all that it recorded first.
            let origin = if a.file == b.file { b.origin } else { row.origin };
            return Ok(State { row: Stored { origin, ..*row }, ..*one });
        }
        // Ids of models depend on the order in which they came; names do not.
        let models = if a.model == b.model {
            (None, None)
        } else {
            (Some(self.model(a.model)?), Some(self.model(b.model)?))
        };
        let dating = match one.merged {
            UsageStates::First | UsageStates::Together => Dating::First,
            UsageStates::Growing => Dating::Growing,
            UsageStates::Latest => Dating::Latest,
        };
        let state = |row: &Stored, model, order| RequestState {
            at: row.at,
            begun: row.begun,
            dating,
            tokens: row.tokens,
            model: (model, row.model),
            source: Source { order, file: row.file, origin: row.origin },
        };
        let RequestState { at, begun, tokens, model, source, .. } =
            merge(state(a, models.0, first), state(b, models.1, second));
        let provider = if (tokens, model.1) == (a.tokens, a.model) { a.provider } else { b.provider };
        let row = Stored {
            at,
            begun,
            tokens,
            model: model.1,
            provider,
            file: source.file,
            origin: source.origin,
            ..*a
        };
        Ok(State { row, ..*one })
    }

    /// Which of two origins in one file goes first: in the order of their sessions and folders, as a scan has it.
    fn origin_precedence(&self, origin: i64) -> Result<Precedence<(String, i64)>, StoreError> {
        let (session, project): (String, Option<String>) = self
            .store
            .db
            .prepare_cached("SELECT session, project FROM usage_origin WHERE id = ?1")?
            .query_row([origin], |row| Ok((row.get(0)?, row.get(1)?)))?;
        // Names have no control characters; what has no folder goes before what has one.
        let project = project.map(|project| format!("\u{1}{project}")).unwrap_or_default();
        Ok(Precedence::new(0, (format!("{session}\0{project}"), 0)))
    }

    /// The requests of a message.
    fn merged(&mut self, states: &[State]) -> Result<Vec<Stored>, StoreError> {
        let key = |state: &State| MessageKey {
            message: 0,
            named: state.named,
            fingerprint: state.row.fingerprint.cast_unsigned(),
        };
        let merged = merge_duplicates(states.to_vec(), key, |last, state| self.joined(last, state))?;
        Ok(merged.into_iter().map(|state| state.row).collect())
    }
}

/// Where a state is recorded: the file, and what it is from. Ordered by what decides between the two.
#[derive(Debug, Clone)]
struct Source {
    /// `None` where nothing does: both are in one file.
    order: Option<Precedence<(String, i64)>>,
    file: i64,
    origin: i64,
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Source {}

impl PartialOrd for Source {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Source {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order.cmp(&other.order)
    }
}
