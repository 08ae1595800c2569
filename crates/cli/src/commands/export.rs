//! `tidemark export`: the recorded history.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};
use tidemark_api::export::Sheet;
use tidemark_store::ExportQuery;

use super::context::Context;
use super::{store_access, time_range};
use crate::arguments::Export;
use crate::exit::{CommandOutcome, Exit};

/// Runs `tidemark export`.
pub fn run(context: &Context, export: &Export) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?;
    let zone = context.zone(settings.as_ref().map(|s| s.timezone));
    let mut output = context.output(None, Some(zone));
    let (from, to) = time_range::bounds(&export.time_range, zone)?;
    let account =
        export.account.as_deref().map(|name| store_access::account(store.as_ref(), name)).transpose()?;
    let hidden = settings.map(|settings| settings.hidden()).unwrap_or_default();
    let mut sheet = Sheet::new(export.format, hidden);
    sheet.begin(output.out())?;
    if let Some(store) = &store {
        let query = ExportQuery {
            account: account.map(|a| a.id),
            from: from.unwrap_or(DateTime::UNIX_EPOCH),
            to: to.unwrap_or_else(|| Utc::now() + chrono::TimeDelta::days(1)),
        };
        let mut broken = None;
        store.for_each_line(&query, |line| match sheet.line(output.out(), line) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                broken = Some(error);
                ControlFlow::Break(())
            }
        })?;
        if let Some(error) = broken {
            return Err(error.into());
        }
    }
    sheet.end(output.out())?;
    output.flush()?;
    Ok(Exit::Done)
}
