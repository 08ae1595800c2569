//! `tidemark hub`: a team's hub in a PostgreSQL database.

use std::io::{self, IsTerminal as _, Read as _};

use chrono::Utc;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tidemark_core::Credential;
use tidemark_hub::{
    AgentState, DatabaseUrl, DatabaseUrlError, Giving, Hub, HubFile, Invitation, Membership, NewHub,
    ProblemKind, Removed, new_password,
};
use tidemark_machines::identity::Host;
use tidemark_store::Store;
use tidemark_vault::{Place, Vault};

use super::context::{Context, runtime};
use super::hub_file::{self, vault};
use super::hub_problem::problem;
use super::own_records;
use super::read::secret_of_variable;
use super::{hub_agent, hub_findings, hub_owner, hub_usage, store_access};
use crate::arguments::{HubAction, HubInit, HubInvite, HubJoin, HubLeave, Whether};
use crate::exit::{CommandError, CommandOutcome, Exit};
use crate::output::table::{Cell, Table};
use crate::output::{Output, Style, clean};

/// The longest invitation that is read from standard input, in bytes.
const MAX_INVITATION_LEN: u64 = 8192;

/// Runs `tidemark hub`.
pub fn run(context: &Context, action: HubAction) -> Result<Exit, CommandOutcome> {
    let store = store_access::open(context)?;
    let settings = store_access::settings(store.as_ref())?;
    drop(store);
    let zone = context.zone(settings.as_ref().map(|settings| settings.timezone));
    let language = settings.as_ref().and_then(|settings| settings.language.as_deref());
    let mut output = context.output(language, Some(zone));
    let exit = match action {
        HubAction::Init(new) => init(context, &mut output, &new)?,
        HubAction::Invite(whom) => invite(context, &mut output, &whom)?,
        HubAction::Join(how) => join(context, &mut output, &how)?,
        HubAction::Sync => sync(context, &mut output)?,
        HubAction::Leave(how) => leave(context, &mut output, &how)?,
        HubAction::Findings => hub_findings::run(context, &mut output)?,
        HubAction::Members => hub_owner::members(context, &mut output)?,
        HubAction::Remove(whom) => hub_owner::remove(context, &mut output, &whom)?,
        HubAction::Revoke(which) => hub_owner::revoke(context, &mut output, &which)?,
        HubAction::Keep(how) => hub_owner::keep(context, &mut output, &how)?,
        HubAction::Status => status(context, &mut output)?,
        HubAction::Usage(usage) => hub_usage::run(context, &mut output, &usage)?,
    };
    output.flush()?;
    Ok(exit)
}

/// The address that a person typed. What is refused is not repeated: a password may stand in it.
fn database(text: &str) -> Result<DatabaseUrl, CommandError> {
    text.parse().map_err(|error| {
        let key = match error {
            DatabaseUrlError::NotAnAddress | DatabaseUrlError::Incomplete => "cli-hub-url",
            DatabaseUrlError::HoldsPassword => "cli-hub-url-password",
        };
        CommandError::said(Exit::Usage, "hub-url", key, &[])
    })
}

fn refuse_second(context: &Context, url: &DatabaseUrl) -> Result<Option<HubFile>, CommandError> {
    match hub_file::read(context)? {
        Some(file) if file.url == url.as_str() => Ok(Some(file)),
        // One that was never joined is forgotten for another.
        Some(file) if file.membership != Membership::Joining => {
            Err(CommandError::said(Exit::Failed, "hub-already-joined", "cli-hub-already-joined", &[]))
        }
        _ => Ok(None),
    }
}

fn init(context: &Context, output: &mut Output, new: &HubInit) -> Result<Exit, CommandOutcome> {
    let url = database(&new.url)?;
    let before = refuse_second(context, &url)?;
    let typed = match &new.password_env {
        Some(name) => Some(secret_of_variable(name, "password")?),
        None => typed_password(output)?,
    };
    let wanted = NewHub { owner: url.user(), zone: output.zone.name().to_owned() };
    let hub = runtime()?.block_on(async {
        let hub = tidemark_hub::init(&url, typed.as_ref(), &wanted).await.map_err(problem)?;
        let credential = match (&new.password_env, typed) {
            (Some(name), _) => Credential::Environment { name: name.clone() },
            (None, Some(password)) => keep(context, password).await?,
            (None, None) => Credential::None {},
        };
        let file = remember(&url, credential, Membership::Joined, new.share_machine_name);
        hub_file::write(context, &file)?;
        if let Some(before) = before {
            vault(context)?.remove(&before.credential).await?;
        }
        Ok::<_, CommandError>(hub)
    })?;
    write_joined(output, &hub, "cli-hub-made")
}

/// The password, typed into the terminal; `None` where nothing was typed, or there is no terminal: some servers need none.
fn typed_password(output: &Output) -> Result<Option<SecretString>, CommandError> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Ok(None);
    }
    let typed = rpassword::prompt_password(format!("{} ", output.words.text("cli-hub-password")))
        .map(SecretString::from)
        .map_err(|error| CommandError::new(Exit::Failed, "io", &error).quoting(error))?;
    Ok(Some(typed).filter(|typed| !typed.expose_secret().is_empty()))
}

/// Keeps a password in the keyring, under a handle of its own.
async fn keep(context: &Context, password: SecretString) -> Result<Credential, CommandError> {
    Ok(vault(context)?.put(Place::Keyring, &Vault::new_handle(), "hub", password).await?)
}

fn remember(url: &DatabaseUrl, credential: Credential, membership: Membership, shares: Whether) -> HubFile {
    HubFile {
        url: url.as_str().to_owned(),
        credential,
        membership,
        shares_name: shares == Whether::Yes,
        epoch: String::new(),
        place: 0,
    }
}

fn write_joined(output: &mut Output, hub: &Hub, key: &str) -> Result<Exit, CommandOutcome> {
    if output.json {
        output.document(&json!({
            "member": hub.member,
            "role": hub.role.as_str(),
            "timezone": hub.zone,
        }))?;
        return Ok(Exit::Done);
    }
    let role = output.words.text(&format!("cli-hub-role-{}", hub.role));
    let values = [("name", clean(&hub.member).into()), ("role", role.into())];
    let text = output.words.with(key, values);
    output.paragraph(Style::Plain, 0, &text)?;
    Ok(Exit::Done)
}

fn invite(context: &Context, output: &mut Output, whom: &HubInvite) -> Result<Exit, CommandOutcome> {
    let file = hub_file::joined(context)?;
    let invitation = runtime()?.block_on(async {
        let hub = hub_file::open(context, &file).await?;
        hub.invite(whom.role, whom.hours, Utc::now()).await.map_err(problem)
    })?;
    let text = invitation.to_text();
    if output.json {
        output.document(&json!({ "invitation": text.expose_secret() }))?;
        return Ok(Exit::Done);
    }
    output.line(text.expose_secret())?;
    let words = &output.words;
    let until = words.moment(invitation.expires_at, Utc::now(), output.zone);
    let role = words.text(&format!("cli-hub-role-{}", whom.role));
    let mut notes = vec![words.with("cli-hub-invited", [("role", role.into()), ("time", until.into())])];
    if invitation.url.is_local() {
        notes.push(words.text("cli-hub-invited-local"));
    }
    for note in notes {
        output.paragraph(Style::Faint, 0, &note)?;
    }
    Ok(Exit::Done)
}

fn join(context: &Context, output: &mut Output, how: &HubJoin) -> Result<Exit, CommandOutcome> {
    let mut text = how.invitation.clone();
    if text == "-" {
        text.clear();
        io::stdin().lock().take(MAX_INVITATION_LEN).read_to_string(&mut text)?;
    }
    let invitation: Invitation = text
        .parse()
        .map_err(|_| CommandError::said(Exit::Usage, "hub-invitation", "cli-hub-not-an-invitation", &[]))?;
    let begun = refuse_second(context, &invitation.url)?;
    let given = how.password_env.as_deref().map(|name| secret_of_variable(name, "password")).transpose()?;
    let name = how.name.clone().unwrap_or_else(|| Host::of_system().name);
    let hub = runtime()?.block_on(async {
        // The password is kept before the hub knows it: whatever happens in between, it is not lost.
        let file = match (begun, &how.password_env) {
            (_, Some(name)) => {
                let credential = Credential::Environment { name: name.clone() };
                remember(&invitation.url, credential, Membership::Joining, how.share_machine_name)
            }
            (Some(file), None) => file,
            (None, None) => {
                let credential = keep(context, new_password()).await?;
                remember(&invitation.url, credential, Membership::Joining, how.share_machine_name)
            }
        };
        hub_file::write(context, &file)?;
        let password = match given {
            Some(password) => password,
            None => hub_file::password(context, &file).await?.unwrap_or_else(new_password),
        };
        let hub = match tidemark_hub::join(&invitation, &name, &password, Utc::now()).await {
            Ok(hub) => hub,
            Err(refused) => {
                // The hub has said that it did not take it: nothing is left behind.
                let is_final =
                    matches!(refused.kind, ProblemKind::InvitationUsed | ProblemKind::InvitationDamaged);
                if is_final {
                    hub_file::forget(context, &file).await?;
                }
                return Err(problem(refused));
            }
        };
        hub_file::write(context, &HubFile { membership: Membership::Joined, ..file })?;
        Ok::<_, CommandError>(hub)
    })?;
    write_joined(output, &hub, "cli-hub-joined")
}

fn sync(context: &Context, output: &mut Output) -> Result<Exit, CommandOutcome> {
    let file = hub_file::joined(context)?;
    // The engine reads the logs, and says who this machine is.
    let begun = own_records::begin(context)?;
    let store = Store::open_read_only(&context.data_dir()?).map_err(CommandError::from)?;
    let giving = Giving {
        own: own_records::own_machine(&begun),
        shares_name: file.shares_name,
        projects: own_records::shared_projects(&begun),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        now: Utc::now(),
    };
    let given = runtime()?.block_on(async {
        let hub = hub_file::open(context, &file).await?;
        tidemark_hub::sync(&hub, &store, &giving).await.map_err(problem)
    })?;
    let known = HubFile { epoch: giving.own.epoch.clone(), place: given.place, ..file };
    hub_file::write(context, &known)?;
    let outbox = outbox(&store, &known)?;
    if output.json {
        output
            .document(&json!({ "requests": given.requests, "readings": given.readings, "outbox": outbox }))?;
    } else {
        output.line(output.words.with("cli-hub-given", [("count", given.requests.into())]))?;
    }
    Ok(Exit::Done)
}

/// How giving by the background agent goes; what it says of another hub does not count.
fn agent_state(store: &Store, file: &HubFile) -> AgentState {
    // One that cannot be read says nothing.
    let state: Option<AgentState> = store.setting(AgentState::KEY).unwrap_or_default();
    state.filter(|state| state.url == file.url).unwrap_or_default()
}

/// How many requests are still to be given; `None` where this machine has no id yet, and so has given nothing.
fn outbox(store: &Store, file: &HubFile) -> Result<Option<u64>, CommandError> {
    let Some(own) = store.own_machine()? else { return Ok(None) };
    // The agent gives, and so does `hub sync`: whichever came further is what the hub has.
    let agent = agent_state(store, file);
    let places = [(file.epoch.as_str(), file.place), (agent.epoch.as_str(), agent.place)];
    let furthest =
        places.into_iter().filter(|(epoch, _)| *epoch == own.epoch).max_by_key(|(_, place)| *place);
    Ok(Some(tidemark_hub::outbox(store, &own, furthest.unwrap_or_default()).map_err(problem)?))
}

fn leave(context: &Context, output: &mut Output, how: &HubLeave) -> Result<Exit, CommandOutcome> {
    let file = hub_file::joined(context)?;
    let removed = if how.remove_mine { Removed::Yes } else { Removed::No };
    runtime()?.block_on(async {
        let was_leaving = file.membership == Membership::Leaving;
        let left = match hub_file::open(context, &file).await {
            Ok(hub) => {
                hub_file::write(context, &HubFile { membership: Membership::Leaving, ..file.clone() })?;
                hub.leave(removed).await.map_err(problem)
            }
            // The hub has let it go before, and its answer was lost.
            Err(error) if was_leaving && matches!(&*error.kind, "hub-refused" | "hub-not-a-member") => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = left {
            if error.kind == ProblemKind::LastOwner.as_str() {
                hub_file::write(context, &file)?;
            }
            return Err(error);
        }
        hub_file::forget(context, &file).await
    })?;
    if output.json {
        output.document(&json!({ "left": true, "removed": how.remove_mine }))?;
    } else {
        let key = if how.remove_mine { "cli-hub-left-removed" } else { "cli-hub-left" };
        output.line(output.words.text(key))?;
    }
    Ok(Exit::Done)
}

fn status(context: &Context, output: &mut Output) -> Result<Exit, CommandOutcome> {
    let file = hub_file::read(context)?.filter(|file| file.membership != Membership::Joining);
    let Some(file) = file else {
        if output.json {
            output.document(&json!({ "connected": false, "joined": false, "outbox": null, "role": null,
                "machines": [], "members": null, "agent": null }))?;
        } else {
            output.line(output.words.text("cli-hub-status-none"))?;
        }
        return Ok(Exit::Done);
    };
    let store = store_access::open(context)?;
    let outbox = store.as_ref().map(|store| outbox(store, &file)).transpose()?.flatten();
    let agent = store.as_ref().map(|store| agent_state(store, &file)).unwrap_or_default();
    let own = store.as_ref().map(Store::own_machine).transpose().map_err(CommandError::from)?.flatten();
    let found = runtime()?.block_on(async {
        let hub = hub_file::open(context, &file).await?;
        hub.status().await.map_err(problem)
    });
    let mut found = match found {
        Ok(found) => found,
        Err(error) => return write_away(output, &file, (outbox, &agent), &error),
    };
    // Its own name is known here, whether it is shared or not.
    for machine in &mut found.machines {
        if let Some(own) = own.as_ref().filter(|own| own.id == machine.identity) {
            machine.name.clone_from(&own.name);
        }
    }
    if output.json {
        let machines: Vec<_> = found
            .machines
            .iter()
            .map(|one| json!({ "name": one.name, "member": one.member, "last_seen": tidemark_core::number::timestamp::format_rfc3339(one.last_seen) }))
            .collect();
        output.document(&json!({ "connected": true, "joined": true, "outbox": outbox,
            "role": found.role.as_str(), "member": found.member, "machines": machines,
            "members": found.members, "agent": hub_agent::document(&agent) }))?;
        return Ok(Exit::Done);
    }
    let words = &output.words;
    let role = words.text(&format!("cli-hub-role-{}", found.role));
    let text = words.with(
        "cli-hub-status",
        [
            ("url", clean(&file.url).into()),
            ("name", clean(&found.member).into()),
            ("role", role.into()),
            ("members", found.members.into()),
        ],
    );
    let waiting = outbox.map(|count| words.with("cli-hub-outbox", [("count", count.into())]));
    let heads = ["machine", "member", "seen"].map(|head| words.text(&format!("cli-hub-{head}")));
    let mut table = Table::default();
    table.head(heads.iter().map(String::as_str));
    let now = Utc::now();
    for machine in &found.machines {
        table.row([
            Cell::new(&machine.name),
            Cell::new(&machine.member),
            Cell::new(words.moment(machine.last_seen, now, output.zone)),
        ]);
    }
    let by_agent = hub_agent::line(output, &agent);
    for line in std::iter::once(text).chain(waiting).chain(by_agent) {
        output.paragraph(Style::Plain, 0, &line)?;
    }
    if !found.machines.is_empty() {
        table.write(output)?;
    }
    Ok(Exit::Done)
}

/// The hub is not reached, or lets no one in: what waits here is known all the same.
fn write_away(
    output: &mut Output,
    file: &HubFile,
    (outbox, agent): (Option<u64>, &AgentState),
    error: &CommandError,
) -> Result<Exit, CommandOutcome> {
    if output.json {
        output.document(&json!({ "connected": false, "joined": true, "outbox": outbox, "role": null,
            "machines": [], "members": null, "agent": hub_agent::document(agent),
            "problem": { "kind": error.kind, "message": error.message } }))?;
        return Ok(Exit::Done);
    }
    let words = &output.words;
    let (title, advice) =
        words.failure_title(&error.kind, None).unwrap_or_else(|| (clean(&error.message), None));
    let first = words.with("cli-hub-away", [("url", clean(&file.url).into()), ("why", title.into())]);
    let waiting = outbox.map(|count| words.with("cli-hub-outbox", [("count", count.into())]));
    let by_agent = hub_agent::line(output, agent);
    for line in [Some(first), advice, waiting, by_agent].into_iter().flatten() {
        output.paragraph(Style::Plain, 0, &line)?;
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        for text in ["postgres://lin:hunter2@db/team", "postgres://lin@db/team?password=hunter2", "hunter2"] {
            let error = database(text).unwrap_err();
            assert_eq!((error.exit, &*error.kind), (Exit::Usage, "hub-url"));
            assert!(!format!("{error:?}").contains("hunter2"));
        }
    }
}
