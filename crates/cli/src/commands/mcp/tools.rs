//! The tools: their names, what each is asked with, and what answers it.

use std::sync::Arc;

use rmcp::model::{Tool as Described, ToolAnnotations};
use serde_json::{Map, Value, json};

use super::asked::{Argument, Asked, Kind, may};
use super::json::object;
use super::scene::Scene;
use super::{error_answer, quota_answer, usage_answer};
use crate::exit::CommandOutcome;
use crate::i18n::Catalog;

/// A tool. Its texts are in the catalogue, under `mcp-` and its name.
pub(super) struct Tool {
    pub(super) name: &'static str,
    pub(super) arguments: &'static [Argument],
    pub(super) answer: fn(&Scene, &Asked) -> Result<Value, CommandOutcome>,
}

const ACCOUNT: Argument = may("account", Kind::Text(200));
const QUOTA: Argument = may("quota", Kind::Word(&["5h", "week", "month"]));
const FROM: Argument = may("from", Kind::Text(40));
const TO: Argument = may("to", Kind::Text(40));

/// Errors are a few hundred characters; what is pasted around them may be more.
const MAX_ERROR_LEN: usize = 20_000;

/// All tools, in the order in which they are listed.
pub(super) const TOOLS: &[Tool] = &[
    Tool { name: "get_quota", arguments: &[ACCOUNT], answer: quota_answer::get_quota },
    Tool { name: "will_it_last", arguments: &[ACCOUNT, QUOTA], answer: quota_answer::will_it_last },
    Tool {
        name: "get_usage",
        arguments: &[
            may("by", Kind::Word(&["day", "month", "model", "project", "session", "client"])),
            FROM,
            TO,
            may("limit", Kind::Number(1, usage_answer::MAX_ROWS)),
        ],
        answer: usage_answer::get_usage,
    },
    Tool {
        name: "get_history",
        arguments: &[
            ACCOUNT,
            may("by", Kind::Word(&["hour", "day", "month"])),
            FROM,
            TO,
            may("limit", Kind::Number(1, usage_answer::MAX_ROWS)),
        ],
        answer: usage_answer::get_history,
    },
    Tool {
        name: "get_findings",
        arguments: &[
            ACCOUNT,
            may("kind", Kind::Text(40)),
            FROM,
            TO,
            may("limit", Kind::Number(1, usage_answer::MAX_FINDINGS)),
        ],
        answer: usage_answer::get_findings,
    },
    Tool {
        name: "explain_error",
        arguments: &[
            Argument { name: "text", kind: Kind::Text(MAX_ERROR_LEN), required: true },
            may("status", Kind::Number(100, 599)),
            may("retry_after", Kind::Text(100)),
            may("source", Kind::Word(&["kimi-code", "platform"])),
        ],
        answer: error_answer::explain_error,
    },
];

impl Tool {
    /// The key of its text in the catalogue.
    fn key(&self) -> String {
        format!("mcp-{}", self.name.replace('_', "-"))
    }

    /// As a host and its model are to know it.
    pub(super) fn described(&self, words: &Catalog) -> Described {
        let text = |argument: &Argument| {
            let name = argument.name.replace('_', "-");
            let own = words.maybe(&format!("{}.{name}", self.key()));
            own.unwrap_or_else(|| words.text(&format!("mcp-argument.{name}")))
        };
        let properties: Map<String, Value> = self
            .arguments
            .iter()
            .map(|argument| (argument.name.to_owned(), argument.kind.schema(&text(argument))))
            .collect();
        let required: Vec<&str> = self
            .arguments
            .iter()
            .filter(|argument| argument.required)
            .map(|argument| argument.name)
            .collect();
        let mut schema = object(json!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        }));
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        Described::new(self.name, words.text(&self.key()), Arc::new(schema))
            .with_annotations(ToolAnnotations::new().read_only(true).idempotent(true).open_world(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn tool(name: &str) -> &'static Tool {
        TOOLS.iter().find(|tool| tool.name == name).unwrap()
    }

    #[test]
    fn a_tool_takes_what_its_schema_says_and_nothing_else() {
        let table = [
            ("get_quota", json!({}), None),
            ("get_quota", json!({"account": null}), None),
            ("get_quota", json!({"account": "Work"}), None),
            ("get_quota", json!({"account": 7}), Some("account")),
            ("get_quota", json!({"account": "x".repeat(201)}), Some("account")),
            ("get_quota", json!({"acount": "Work"}), Some("acount")),
            ("get_usage", json!({"by": "model", "limit": 5}), None),
            ("get_usage", json!({"by": "galaxy"}), Some("by")),
            ("get_usage", json!({"limit": 0}), Some("limit")),
            ("get_usage", json!({"limit": 2.5}), Some("limit")),
            ("get_usage", json!({"limit": 1_000_000}), Some("limit")),
            ("explain_error", json!({}), Some("text")),
            ("explain_error", json!({"text": ""}), Some("text")),
            ("explain_error", json!({"text": "429"}), None),
            ("explain_error", json!({"text": "429", "status": 42}), Some("status")),
        ];
        for (name, given, wrong) in table {
            let asked = Asked::of(tool(name).arguments, object(given.clone()));
            assert_eq!(asked.err().map(|wrong| wrong.name().to_owned()).as_deref(), wrong, "{name} {given}");
        }
    }

    #[test]
    fn every_tool_and_argument_is_described_in_both_languages_and_changes_nothing() {
        for language in [Language::English, Language::Chinese] {
            let words = Catalog::new(language);
            for tool in TOOLS {
                let described = serde_json::to_value(tool.described(&words)).unwrap();
                assert_eq!(described["annotations"]["readOnlyHint"], true, "{described}");
                assert_eq!(described["annotations"]["openWorldHint"], false, "{described}");
                let texts = described["inputSchema"]["properties"].as_object().unwrap().values();
                for text in texts.chain([&described]).map(|one| one["description"].as_str().unwrap()) {
                    assert!(text.chars().count() > 5 && !text.contains("mcp-"), "{}: {text}", tool.name);
                }
            }
        }
    }
}
