//! What is known of newer versions, as it is shown.

use std::collections::BTreeMap;

use tidemark_core::text;
use tidemark_monitor::{UpdateSnapshot, UpdateWork};

use crate::view::{ArgView, MessageView, Update, UpdateAction};

/// The word for what is going on.
pub(super) const fn work_word(work: UpdateWork) -> &'static str {
    match work {
        UpdateWork::Checking => "checking",
        UpdateWork::Downloading { .. } => "downloading",
        UpdateWork::Installing => "installing",
    }
}

/// The view of it.
pub(super) fn update_view(known: &UpdateSnapshot) -> Update {
    let release = known.newer.as_ref().map(|offered| &offered.release);
    let failed = known.outcome.as_ref().and_then(|outcome| outcome.code.clone());
    let updated = known
        .outcome
        .as_ref()
        .filter(|outcome| outcome.code.is_none() && outcome.version.as_ref() == Some(&known.own));
    Update {
        version: known.own.to_string(),
        installed_by: known.installed_by.as_str().to_owned(),
        replaces_itself: known.replaces_itself,
        can_check: known.has_key,
        command: known.installed_by.command().map(str::to_owned),
        page: known.page.clone(),
        consent: known.consent,
        checked_at: known.checked_at,
        newer: release.map(|release| release.version.to_string()),
        newer_date: release.map(|release| release.date.to_string()),
        work: known.work.map(|work| work_word(work).to_owned()),
        updated: updated.map(|_| known.own.to_string()),
        failure: known.failure.as_ref().map(|error| error.code().to_owned()),
        failed_installation: failed,
        lines: lines(known),
        actions: actions(known),
    }
}

fn actions(known: &UpdateSnapshot) -> Vec<UpdateAction> {
    let mut actions = Vec::new();
    if known.work.is_some() || !known.has_key {
        return actions;
    }
    if known.newer.is_some() && known.replaces_itself {
        actions.push(UpdateAction::Install);
    }
    actions.push(UpdateAction::Check);
    actions
}

fn lines(known: &UpdateSnapshot) -> Vec<MessageView> {
    if !known.has_key {
        return vec![line("no-key", [])];
    }
    let mut lines = Vec::new();
    match known.work {
        Some(UpdateWork::Downloading { received, size }) if size > 0 => {
            let percent = ArgView::Number((received.saturating_mul(100) / size) as f64);
            return vec![line("downloading", [("percent", percent)])];
        }
        Some(work) => return vec![line(work_word(work), [])],
        None => {}
    }
    let text = |text: &str| ArgView::Text(text::sentence(text));
    match (&known.failure, &known.outcome) {
        (Some(error), _) => {
            let values = error.values();
            lines.push(line(
                &format!("failed-{}", error.code()),
                values.iter().map(|(name, value)| (*name, text(value))),
            ));
        }
        (None, Some(outcome)) => match &outcome.code {
            Some(code) => lines.push(line(
                &format!("failed-{}", text::sentence(code)),
                outcome.values.iter().map(|(name, value)| (name.as_str(), text(value))),
            )),
            None if outcome.version.as_ref() == Some(&known.own) => {
                lines.push(line("updated", [("version", text(&known.own.to_string()))]));
            }
            None => {}
        },
        (None, None) => {}
    }
    match (&known.newer, known.checked_at) {
        (Some(offered), _) => {
            let version = offered.release.version.to_string();
            lines.push(line("newer", [("version", text(&version))]));
            if !known.replaces_itself {
                let by = match (known.installed_by.command(), known.installed_by.as_str()) {
                    (Some(_), _) => "by-command",
                    (None, "deb") => "by-deb",
                    (None, "rpm") => "by-rpm",
                    (None, "system-package") => "by-system-package",
                    (None, _) => "by-hand",
                };
                let command = known.installed_by.command().unwrap_or_default();
                lines.push(line(by, [("command", text(command)), ("page", text(&known.page))]));
            }
        }
        (None, Some(at)) => lines.push(line("current", [("at", ArgView::Time(at))])),
        (None, None) if known.consent.is_some_and(|agreed| !agreed) => lines.push(line("off", [])),
        (None, None) => lines.push(line("unchecked", [])),
    }
    lines
}

fn line<'a>(id: &str, args: impl IntoIterator<Item = (&'a str, ArgView)>) -> MessageView {
    let args: BTreeMap<String, ArgView> =
        args.into_iter().map(|(name, arg)| (name.to_owned(), arg)).collect();
    MessageView { id: id.to_owned(), args }
}
