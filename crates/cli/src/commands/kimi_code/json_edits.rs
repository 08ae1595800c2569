//! Our entries in Claude Code's `settings.json`. All else in it keeps its order and its form, comments included.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstRootNode};

use super::ours::{EditError, Hooks, is_guard, is_status_line};

/// Seconds that Claude Code waits for a hook; ours needs a few milliseconds.
const HOOK_TIMEOUT: u32 = 5;

/// The status line's command that is entered.
pub fn status_line(text: &str) -> Result<Option<String>, EditError> {
    let root = parse(text)?;
    Ok(root.object_value().and_then(|settings| string(&settings.object_value("statusLine")?, "command")))
}

/// The text with a command as the status line.
pub fn with_status_line(text: &str, command: &str) -> Result<String, EditError> {
    let root = parse(text)?;
    let settings = settings(&root)?;
    let value = object(vec![("type", string_value("command")), ("command", string_value(command))]);
    match settings.get("statusLine") {
        Some(line) => line.set_value(value),
        None => drop(settings.append("statusLine", value)),
    }
    Ok(root.to_string())
}

/// The text without our status line.
pub fn without_status_line(text: &str) -> Result<String, EditError> {
    let root = parse(text)?;
    let line = root.object_value().and_then(|settings| settings.get("statusLine"));
    let is_ours = |line: &CstObject| string(line, "command").as_deref().is_some_and(is_status_line);
    match line {
        Some(line) if line.object_value().as_ref().is_some_and(is_ours) => line.remove(),
        _ => return Ok(text.to_owned()),
    }
    Ok(root.to_string())
}

/// The hooks of ours that are entered.
pub fn hooks(text: &str) -> Result<Hooks, EditError> {
    let root = parse(text)?;
    let hooks = root.object_value().and_then(|settings| settings.object_value("hooks"));
    let mut all = Vec::new();
    for event in hooks.iter().flat_map(CstObject::properties) {
        let Some(name) = event.name().and_then(|name| name.decoded_value().ok()) else { continue };
        let commands = event.array_value().into_iter().flat_map(|array| commands(&array));
        all.extend(
            commands.filter(|(_, command)| is_guard(command)).map(|(_, command)| (name.clone(), command)),
        );
    }
    Ok(all)
}

/// The text with a command as a hook of these events, in the place of what was ours.
pub fn with_hooks(text: &str, events: &[&str], command: &str) -> Result<String, EditError> {
    let text = without_hooks(text)?;
    let root = parse(&text)?;
    let hooks = settings(&root)?.object_value_or_create("hooks").ok_or(EditError::OtherShape)?;
    for event in events {
        let groups = hooks.array_value_or_create(event).ok_or(EditError::OtherShape)?;
        let hook = object(vec![
            ("type", string_value("command")),
            ("command", string_value(command)),
            ("timeout", CstInputValue::Number(HOOK_TIMEOUT.to_string())),
        ]);
        groups.append(object(vec![("hooks", CstInputValue::Array(vec![hook]))]));
    }
    Ok(root.to_string())
}

/// The text without our hooks. What is empty then goes too.
pub fn without_hooks(text: &str) -> Result<String, EditError> {
    if hooks(text)?.is_empty() {
        return Ok(text.to_owned());
    }
    let root = parse(text)?;
    let Some(hooks) = root.object_value().and_then(|settings| settings.object_value("hooks")) else {
        return Ok(text.to_owned());
    };
    for event in hooks.properties() {
        let Some(groups) = event.array_value() else { continue };
        let ours: Vec<CstNode> =
            commands(&groups).filter(|(_, command)| is_guard(command)).map(|(hook, _)| hook).collect();
        if ours.is_empty() {
            continue;
        }
        for hook in ours {
            hook.remove();
        }
        for group in groups.elements() {
            let left = group.as_object().and_then(|group| group.array_value("hooks"));
            if left.is_some_and(|hooks| hooks.elements().is_empty()) {
                group.remove();
            }
        }
        if groups.elements().is_empty() {
            event.remove();
        }
    }
    if hooks.properties().is_empty()
        && let Some(all) = root.object_value().and_then(|settings| settings.get("hooks"))
    {
        all.remove();
    }
    Ok(root.to_string())
}

/// The hooks of an event's groups, with their commands.
fn commands(groups: &CstArray) -> impl Iterator<Item = (CstNode, String)> + use<> {
    let hooks = groups.elements().into_iter().filter_map(|group| group.as_object()?.array_value("hooks"));
    hooks
        .flat_map(|hooks| hooks.elements())
        .filter_map(|hook| string(&hook.as_object()?, "command").map(|command| (hook, command)))
}

fn settings(root: &CstRootNode) -> Result<CstObject, EditError> {
    root.object_value_or_create().ok_or(EditError::OtherShape)
}

fn string(object: &CstObject, name: &str) -> Option<String> {
    object.get(name)?.value()?.as_string_lit()?.decoded_value().ok()
}

fn string_value(text: &str) -> CstInputValue {
    CstInputValue::String(text.to_owned())
}

fn object(properties: Vec<(&str, CstInputValue)>) -> CstInputValue {
    CstInputValue::Object(properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn parse(text: &str) -> Result<CstRootNode, EditError> {
    CstRootNode::parse(text, &ParseOptions::default()).map_err(|_| EditError::NotUnderstood)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: [&str; 3] = ["SessionStart", "UserPromptSubmit", "PreToolUse"];
    const GUARD: &str = "tidemark guard";
    const LINE: &str = "tidemark status --format kimi-code";

    const BEFORE: &str = r#"{
  // my own
  "model": "kimi-for-coding",
  "hooks": {
    "Stop": [{ "hooks": [{ "type": "command", "command": "bell" }] }],
    "PreToolUse": [
      { "matcher": "Bash", "hooks": [{ "type": "command", "command": "look" }] }
    ]
  },
  "env": { "ANTHROPIC_BASE_URL": "https://api.kimi.com/coding/" }
}
"#;

    #[test]
    fn what_is_entered_is_found_and_the_rest_keeps_its_form() {
        let with = with_status_line(&with_hooks(BEFORE, &EVENTS, GUARD).unwrap(), LINE).unwrap();
        insta::assert_snapshot!(with);
        assert_eq!(status_line(&with).unwrap().as_deref(), Some(LINE));
        let mut entered: Vec<_> = hooks(&with).unwrap().into_iter().map(|(event, _)| event).collect();
        entered.sort();
        assert_eq!(entered, ["PreToolUse", "SessionStart", "UserPromptSubmit"]);
        let without = without_status_line(&without_hooks(&with).unwrap()).unwrap();
        let parsed = |text: &str| -> serde_json::Value {
            serde_json::from_str(&text.replace("  // my own\n", "")).unwrap()
        };
        assert_eq!(parsed(&without), parsed(BEFORE));
        assert!(without.contains("// my own"));
    }

    #[test]
    fn an_empty_file_becomes_one_and_another_status_line_stays() {
        for empty in ["", "{}", "{}\n"] {
            let with = with_hooks(empty, &EVENTS, GUARD).unwrap();
            assert_eq!(hooks(&with).unwrap().len(), 3, "{with}");
            assert_eq!(with_hooks(&with, &EVENTS, GUARD).unwrap(), with, "twice is once");
        }
        let other = r#"{"statusLine":{"type":"command","command":"~/line.sh"}}"#;
        assert_eq!(without_status_line(other).unwrap(), other);
    }

    #[test]
    fn what_is_no_json_or_has_another_shape_is_left_alone() {
        for text in ["{", "[1", "\"a", "{\"a\":}"] {
            assert!(matches!(with_hooks(text, &EVENTS, GUARD), Err(EditError::NotUnderstood)), "{text}");
        }
        for text in ["[]", "7", "{\"hooks\":[]}", "{\"hooks\":{\"PreToolUse\":{}}}"] {
            assert!(matches!(with_hooks(text, &EVENTS, GUARD), Err(EditError::OtherShape)), "{text}");
        }
    }
}
