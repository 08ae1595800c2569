//! What this machine says of itself where it gives records away: to another machine, and to a hub.

use chrono::Utc;
use tidemark_api::view::ExportBegun;
use tidemark_core::project_filter::HiddenProjects;
use tidemark_machines::ShareProjects;
use tidemark_store::OwnMachine;

use super::context::{Context, runtime};
use super::transport::connect;
use crate::exit::{CommandError, CommandOutcome};

/// Lets the engine read the logs, and say who this machine is and what it may give away.
pub fn begin(context: &Context) -> Result<ExportBegun, CommandOutcome> {
    Ok(runtime()?.block_on(async {
        let client = connect(context).await?;
        Ok::<_, CommandError>(client.begin_export().await?)
    })?)
}

/// This machine, as far as its records say.
pub fn own_machine(begun: &ExportBegun) -> OwnMachine {
    OwnMachine {
        id: begun.id.clone(),
        name: begun.name.clone(),
        epoch: begun.epoch.clone(),
        // Records say nothing of it.
        host: String::new(),
        made_at: Utc::now(),
        renewed: None,
    }
}

/// Which names of projects are given away.
pub fn shared_projects(begun: &ExportBegun) -> ShareProjects {
    let hidden = begun.hidden_projects.as_deref();
    hidden.map_or(ShareProjects::No, |hidden| ShareProjects::But(HiddenProjects::by(hidden)))
}
