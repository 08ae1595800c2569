//! `tidemark digest`: yesterday or the last week, from the store alone.

use chrono::Utc;
use tidemark_channels::DigestPeriod;
use tidemark_store::StoreError;

use super::context::Context;
use super::store_access;
use crate::arguments::{Digest, Period};
use crate::digest::{gather, lines, title};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::Style;

/// Runs `tidemark digest`.
pub fn run(context: &Context, asked: &Digest) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?.unwrap_or_default();
    let zone = context.zone(store.is_some().then_some(settings.timezone));
    let mut output = context.output(settings.language.as_deref(), Some(zone));
    let Some(store) = store else {
        return Err(CommandError::from(StoreError::NotThere(context.data_dir()?)).into());
    };
    let now = Utc::now();
    let period = match asked.period {
        Period::Day => DigestPeriod::Day,
        Period::Week => DigestPeriod::Week,
    };
    let days = period.before(now, zone);
    let digest = gather(&store, &settings, zone, period.as_str(), days, now)?;
    if output.json {
        output.document(&digest)?;
    } else {
        let head = title(&digest, &output.words, now, zone);
        let head = output.heading(&head);
        output.line(head)?;
        for line in lines(&digest, &output.words, now, zone) {
            output.paragraph(Style::Plain, 0, &line)?;
        }
        context.say_zone(&mut output, now)?;
    }
    output.flush()?;
    Ok(Exit::Done)
}
