//! What owners do with a hub: members, invitations, and how long requests are kept.

use chrono::Utc;
use serde_json::json;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_hub::Removed;

use super::context::{Context, runtime};
use super::hub_file;
use super::hub_problem::problem;
use crate::arguments::{HubKeep, HubRemove, HubRevoke};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::table::{Cell, Table};
use crate::output::{Output, Style, clean};

/// `tidemark hub members`
pub(super) fn members(context: &Context, output: &mut Output) -> Result<Exit, CommandOutcome> {
    let file = hub_file::joined(context)?;
    let (members, invitations) = runtime()?.block_on(async {
        let hub = hub_file::open(context, &file).await?;
        let members = hub.members().await.map_err(problem)?;
        Ok::<_, CommandError>((members, hub.invitations().await.map_err(problem)?))
    })?;
    if output.json {
        let members: Vec<_> = members
            .iter()
            .map(|one| {
                json!({ "name": one.name, "role": one.role.as_str(), "joined_at": format_rfc3339(one.joined_at),
                    "left_at": one.left_at.map(format_rfc3339), "machines": one.machines,
                    "last_seen": one.last_seen.map(format_rfc3339) })
            })
            .collect();
        let invitations: Vec<_> = invitations
            .iter()
            .map(|one| {
                json!({ "id": one.id, "role": one.role.as_str(), "made_at": format_rfc3339(one.made_at),
                    "expires_at": format_rfc3339(one.expires_at) })
            })
            .collect();
        output.document(&json!({ "members": members, "invitations": invitations }))?;
        return Ok(Exit::Done);
    }
    let words = &output.words;
    let now = Utc::now();
    let role = |role| words.text(&format!("cli-hub-role-{role}"));
    let time = |at| words.moment(at, now, output.zone);
    let mut table = Table::default();
    let heads = ["member", "role", "machines", "seen"].map(|head| words.text(&format!("cli-hub-{head}")));
    table.head(heads.iter().map(String::as_str));
    for one in &members {
        let name = if one.left_at.is_some() {
            words.with("cli-hub-former", [("name", clean(&one.name).into())])
        } else {
            clean(&one.name)
        };
        table.row([
            Cell::new(name),
            Cell::new(role(one.role)),
            Cell::new(one.machines.to_string()).right(),
            Cell::new(one.last_seen.map(time).unwrap_or_default()),
        ]);
    }
    let open: Vec<String> = invitations
        .iter()
        .map(|one| {
            let values = [("id", one.id.clone()), ("role", role(one.role)), ("time", time(one.expires_at))];
            words.with("cli-hub-invitation", values.map(|(name, value)| (name, value.into())))
        })
        .collect();
    table.write(output)?;
    for line in open {
        output.paragraph(Style::Plain, 0, &line)?;
    }
    Ok(Exit::Done)
}

/// `tidemark hub remove`
pub(super) fn remove(
    context: &Context,
    output: &mut Output,
    whom: &HubRemove,
) -> Result<Exit, CommandOutcome> {
    let file = hub_file::joined(context)?;
    let removed = if whom.keep_usage { Removed::No } else { Removed::Yes };
    runtime()?.block_on(async {
        let hub = hub_file::open(context, &file).await?;
        hub.remove_member(&whom.member, removed).await.map_err(problem)
    })?;
    if output.json {
        output.document(&json!({ "removed": whom.member, "kept_usage": whom.keep_usage }))?;
    } else {
        let key = if whom.keep_usage { "cli-hub-removed-kept" } else { "cli-hub-removed" };
        let text = output.words.with(key, [("name", clean(&whom.member).into())]);
        output.line(text)?;
    }
    Ok(Exit::Done)
}

/// `tidemark hub revoke`
pub(super) fn revoke(
    context: &Context,
    output: &mut Output,
    which: &HubRevoke,
) -> Result<Exit, CommandOutcome> {
    let file = hub_file::joined(context)?;
    let revoked = runtime()?.block_on(async {
        let hub = hub_file::open(context, &file).await?;
        hub.revoke(which.invitation.as_deref()).await.map_err(problem)
    })?;
    if output.json {
        output.document(&json!({ "revoked": revoked }))?;
    } else {
        let text = output.words.with("cli-hub-revoked", [("count", revoked.into())]);
        output.line(text)?;
    }
    Ok(Exit::Done)
}

/// `tidemark hub keep`
pub(super) fn keep(context: &Context, output: &mut Output, how: &HubKeep) -> Result<Exit, CommandOutcome> {
    let file = hub_file::joined(context)?;
    let months = runtime()?.block_on(async {
        let hub = hub_file::open(context, &file).await?;
        if how.months.is_some() || how.all {
            hub.keep(how.months).await.map_err(problem)?;
        }
        hub.keep_months().await.map_err(problem)
    })?;
    if output.json {
        output.document(&json!({ "months": months }))?;
        return Ok(Exit::Done);
    }
    let text = match months {
        Some(months) => output.words.with("cli-hub-keeps", [("count", months.into())]),
        None => output.words.text("cli-hub-keeps-all"),
    };
    output.paragraph(Style::Plain, 0, &text)?;
    Ok(Exit::Done)
}
