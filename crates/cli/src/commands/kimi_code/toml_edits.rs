//! Our entries in Kimi Code's TOML files. All else in them stays as it is, comments included.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::ours::{EditError, Hooks, is_guard, is_status_line};

/// Seconds that Kimi Code waits for a hook; ours needs a few milliseconds.
const HOOK_TIMEOUT: i64 = 5;

/// The status line's command that is entered; `None` where Kimi Code shows its own.
pub fn status_line(text: &str) -> Result<Option<String>, EditError> {
    let document = parse(text)?;
    let command = document.get("status_line").and_then(|table| table.get("command")?.as_str());
    Ok(command.map(str::trim).filter(|command| !command.is_empty()).map(str::to_owned))
}

/// The text with a command as the status line.
pub fn with_status_line(text: &str, command: &str) -> Result<String, EditError> {
    let mut document = parse(text)?;
    let table = document.entry("status_line").or_insert_with(|| Item::Table(Table::new()));
    let table = table.as_table_like_mut().ok_or(EditError::OtherShape)?;
    table.insert("command", value(command));
    Ok(document.to_string())
}

/// The text without our status line. A table that is empty then goes too.
pub fn without_status_line(text: &str) -> Result<String, EditError> {
    let mut document = parse(text)?;
    let Some(table) = document.get_mut("status_line").and_then(Item::as_table_like_mut) else {
        return Ok(text.to_owned());
    };
    if !table.get("command").and_then(Item::as_str).is_some_and(is_status_line) {
        return Ok(text.to_owned());
    }
    table.remove("command");
    if table.is_empty() {
        document.remove("status_line");
    }
    Ok(document.to_string())
}

/// The hooks of ours that are entered.
pub fn hooks(text: &str) -> Result<Hooks, EditError> {
    let document = parse(text)?;
    let word = |hook: &dyn toml_edit::TableLike, key: &str| Some(hook.get(key)?.as_str()?.to_owned());
    let pair = |hook: &dyn toml_edit::TableLike| Some((word(hook, "event")?, word(hook, "command")?));
    let all: Vec<_> = match document.get("hooks") {
        Some(Item::ArrayOfTables(tables)) => tables.iter().filter_map(|table| pair(table)).collect(),
        Some(Item::Value(Value::Array(array))) => {
            array.iter().filter_map(|hook| pair(hook.as_inline_table()?)).collect()
        }
        _ => Vec::new(),
    };
    Ok(all.into_iter().filter(|(_, command)| is_guard(command)).collect())
}

/// The text with a command as a hook of these events, in the place of what was ours.
pub fn with_hooks(text: &str, events: &[&str], command: &str) -> Result<String, EditError> {
    let mut document = parse(&without_hooks(text)?)?;
    match document.entry("hooks").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new())) {
        Item::ArrayOfTables(tables) => {
            for event in events {
                let mut hook = Table::new();
                hook.insert("event", value(*event));
                hook.insert("command", value(command));
                hook.insert("timeout", value(HOOK_TIMEOUT));
                tables.push(hook);
            }
        }
        Item::Value(Value::Array(array)) => push_inline(array, events, command),
        _ => return Err(EditError::OtherShape),
    }
    Ok(document.to_string())
}

fn push_inline(array: &mut Array, events: &[&str], command: &str) {
    for event in events {
        let mut hook = InlineTable::new();
        hook.insert("event", (*event).into());
        hook.insert("command", command.into());
        hook.insert("timeout", HOOK_TIMEOUT.into());
        array.push(hook);
    }
}

/// The text without our hooks.
pub fn without_hooks(text: &str) -> Result<String, EditError> {
    if hooks(text)?.is_empty() {
        return Ok(text.to_owned());
    }
    let mut document = parse(text)?;
    let is_ours = |command: Option<&str>| command.is_some_and(is_guard);
    let is_empty = match document.get_mut("hooks") {
        Some(Item::ArrayOfTables(tables)) => {
            tables.retain(|hook| !is_ours(hook.get("command").and_then(Item::as_str)));
            tables.is_empty()
        }
        Some(Item::Value(Value::Array(array))) => {
            array.retain(|hook| {
                let command = hook.as_inline_table().and_then(|hook| hook.get("command")?.as_str());
                !is_ours(command)
            });
            array.is_empty()
        }
        _ => false,
    };
    if is_empty {
        document.remove("hooks");
    }
    Ok(document.to_string())
}

fn parse(text: &str) -> Result<DocumentMut, EditError> {
    text.parse().map_err(|_| EditError::NotUnderstood)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    const EVENTS: [&str; 2] = ["UserPromptSubmit", "PreToolUse"];
    const GUARD: &str = "tidemark guard";
    const LINE: &str = "tidemark status --format kimi-code";

    #[test]
    fn what_is_entered_is_found_and_the_rest_stays() {
        let before = "# mine\ntheme = \"dark\" # keep\n\n[status_line]\nitems = [\"model\"]\n\n[editor]\ncommand = \"vi\"\n";
        let with = with_status_line(before, LINE).unwrap();
        assert_eq!(status_line(&with).unwrap().as_deref(), Some(LINE));
        assert_eq!(
            with,
            "# mine\ntheme = \"dark\" # keep\n\n[status_line]\nitems = [\"model\"]\ncommand = \"tidemark status --format kimi-code\"\n\n[editor]\ncommand = \"vi\"\n"
        );
        assert_eq!(without_status_line(&with).unwrap(), before);
        // A command of another program is not ours to take out.
        let other = "[status_line]\ncommand = \"~/line.sh\"\n";
        assert_eq!(without_status_line(other).unwrap(), other);
    }

    #[test]
    fn hooks_go_beside_those_that_are_there_in_either_form() {
        let tables = "[[hooks]]\nevent = \"Stop\" # bell\ncommand = \"bell\"\n";
        let inline = "hooks = [{ event = \"Stop\", command = \"bell\" }]\n";
        for before in ["", "model = \"k2\"\n", tables, inline] {
            let with = with_hooks(before, &EVENTS, GUARD).unwrap();
            let entered: Vec<_> = hooks(&with).unwrap().into_iter().map(|(event, _)| event).collect();
            assert_eq!(entered, EVENTS, "{with}");
            assert_eq!(with_hooks(&with, &EVENTS, GUARD).unwrap(), with, "twice is once");
            let without = without_hooks(&with).unwrap();
            assert_eq!(without.trim_end(), before.trim_end());
            assert_eq!(without.contains("bell"), before.contains("bell"));
        }
    }

    #[test]
    fn what_is_no_toml_is_left_alone() {
        for text in ["= 1", "[a", "a = [", "hooks = [", "\u{0}"] {
            assert!(matches!(with_hooks(text, &EVENTS, GUARD), Err(EditError::NotUnderstood)), "{text}");
            assert!(matches!(with_status_line(text, LINE), Err(EditError::NotUnderstood)), "{text}");
        }
        for text in ["hooks = 7\n", "status_line = true\n"] {
            let (hooked, lined) = (with_hooks(text, &EVENTS, GUARD), with_status_line(text, LINE));
            assert!(hooked.is_err() || lined.is_err(), "{text}");
        }
    }

    proptest! {
        /// Whatever stands in a file stays in it, word for word, when ours is entered and taken out.
        #[test]
        fn taking_out_undoes_entering(
            keys in proptest::collection::vec(("[a-z]{1,8}", "[ -~&&[^\"\\\\]]{0,20}", "[ -~]{0,12}"), 0..6),
        ) {
            let mut seen = std::collections::HashSet::new();
            let mut text = String::new();
            for (key, value, comment) in &keys {
                if !["hooks", "status"].contains(&key.as_str()) && seen.insert(key.clone()) {
                    writeln!(text, "{key} = \"{value}\" # {comment}").unwrap();
                }
            }
            let with = with_hooks(&with_status_line(&text, LINE).unwrap(), &EVENTS, GUARD).unwrap();
            prop_assert!(with.starts_with(&text));
            let without = without_status_line(&without_hooks(&with).unwrap()).unwrap();
            prop_assert_eq!(without.trim_end(), text.trim_end());
        }
    }
}
