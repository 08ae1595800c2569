//! How long single requests and readings are kept. Sums by hour and day stay.

use crate::connection::{Hub, within};
use crate::problem::{Problem, ProblemKind};
use crate::schema;

/// Rows that are deleted in one transaction.
const ROWS: i32 = 5000;
/// Transactions of one turn: what is left then is the next agent's.
const STEPS: u32 = 50;

impl Hub {
    /// Says for how many whole months, besides the current one, requests and readings are kept; `None`: as long as there is
    /// room. What is given later of before that time is not taken.
    ///
    /// # Errors
    /// [`Problem`], by kind; [`ProblemKind::NotAllowed`] if this member is no owner.
    pub async fn keep(&self, months: Option<u16>) -> Result<(), Problem> {
        let months = months.map(i32::from);
        within(self.client().execute("SELECT tidemark.keep($1)", &[&months])).await?;
        Ok(())
    }

    /// For how many months requests and readings are kept; `None`: as long as there is room.
    ///
    /// # Errors
    /// [`Problem`], by kind.
    pub async fn keep_months(&self) -> Result<Option<u16>, Problem> {
        let row = within(self.client().query_one("SELECT keep_months FROM tidemark.hub", &[])).await?;
        let months: Option<i32> = row.try_get(0)?;
        Ok(months.and_then(|months| months.try_into().ok()))
    }

    /// Deletes what is older than is kept, if it is time and no other agent does so now. How many steps it took.
    ///
    /// # Errors
    /// [`Problem`], by kind. What was deleted before is gone; the next agent goes on.
    pub async fn prune(&self) -> Result<u32, Problem> {
        if self.schema < schema::KEEPING {
            return Ok(0);
        }
        let is_due: bool =
            within(self.client().query_one("SELECT tidemark.is_pruning_due()", &[])).await?.try_get(0)?;
        let mut steps = 0;
        while is_due && steps < STEPS {
            match within(self.client().query_one("SELECT tidemark.prune($1)", &[&ROWS])).await {
                Ok(row) if row.try_get::<_, Option<bool>>(0)? == Some(true) => steps += 1,
                Ok(_) => break,
                // A month is in use for longer than it may hold up others: the next agent tries again.
                Err(problem) if problem.kind == ProblemKind::TimeOut => break,
                Err(problem) => return Err(problem),
            }
        }
        Ok(steps)
    }
}
