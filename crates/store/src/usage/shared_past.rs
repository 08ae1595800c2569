//! The past that this machine shares with another one: a disk was copied, and this machine has another id since. What both
//! machines' logs hold counts for the machine that kept the id, here and wherever else it is counted.

use std::collections::HashMap;

use rusqlite::params;
use tidemark_core::Tokens;

use super::stored::tokens;
use super::sums::QUARTER;
use super::usage_query::UsageQuery;
use crate::error::StoreError;
use crate::machines::MachineId;
use crate::store::Store;

/// Which row of the sums.
pub(super) type SumRow = (i64, i64, i64, i64);

/// What of a sum counts for another machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SharedPart {
    pub(super) machine: MachineId,
    pub(super) requests: u64,
    pub(super) tokens: Tokens,
}

impl Store {
    /// What of the sums of this machine counts for machines that have an id that it had, by start, model, origin and
    /// provider. Of hours whose single requests were pruned nothing does.
    pub(super) fn shared_past(
        &self,
        query: &UsageQuery,
    ) -> Result<HashMap<SumRow, Vec<SharedPart>>, StoreError> {
        let mut parts: HashMap<SumRow, Vec<SharedPart>> = HashMap::new();
        for former in self.former_ids()? {
            let mut statement = self.db.prepare_cached(
                "SELECT machine.id,
                   (SELECT max(start) FROM usage_sum AS sum
                    WHERE sum.start > request.at - ?4 AND sum.start <= request.at AND sum.model = request.model
                      AND sum.origin = request.origin AND sum.provider = request.provider),
                   request.model, request.origin, request.provider,
                   input, cache_read, cache_write, cache_write_1h, output
                 FROM machine
                 JOIN usage_copy AS copy ON copy.file = machine.file
                 JOIN usage_request AS request
                   ON request.at = copy.at AND request.fingerprint = copy.fingerprint AND request.file <> copy.file
                 JOIN usage_origin AS origin ON origin.id = request.origin AND origin.machine IS NULL
                 WHERE machine.identity = ?1 AND machine.ignored <> 1 AND copy.at >= ?2 AND copy.at < ?3",
            )?;
            let (from, to) = (query.from.timestamp_millis(), query.to.timestamp_millis());
            let mut rows = statement.query(params![former, from, to, QUARTER])?;
            while let Some(row) = rows.next()? {
                let Some(start) = row.get::<_, Option<i64>>(1)? else { continue };
                let machine = MachineId(row.get(0)?);
                let of_sum = parts.entry((start, row.get(2)?, row.get(3)?, row.get(4)?)).or_default();
                let tokens = tokens(row, 5)?;
                match of_sum.iter_mut().find(|part| part.machine == machine) {
                    Some(part) => {
                        part.requests += 1;
                        part.tokens += tokens;
                    }
                    None => of_sum.push(SharedPart { machine, requests: 1, tokens }),
                }
            }
        }
        Ok(parts)
    }
}
