//! Names of models: one name for one model, whatever a log calls it, and whose model it is.

use serde::Serialize;
use tidemark_core::text;

/// Who runs a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// Kimi: its tokens count against quota or balance.
    Kimi,
    /// Somebody else, through the same command line. Counted as such, and never as Kimi's.
    Third,
}

/// What stands for a model in a log and names none: `__secondary__` and its like.
pub(crate) fn is_sentinel(name: &str) -> bool {
    name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}

/// One name for a model: lower case, without the prefix of a provider (`kimi-code/k3`,
/// `moonshotai/kimi-k2.6`), without the mark of a context size (`kimi-k3[1m]`), and with the platform's
/// `kimi-` in front of a bare `k3`. A log can hold any text there: it is bounded and clean.
#[must_use]
pub fn canonical(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    let name = name.rsplit('/').next().unwrap_or_default();
    let name = name.split('[').next().unwrap_or_default().trim();
    let mut letters = name.chars();
    if letters.next() == Some('k') && letters.next().is_some_and(|c| c.is_ascii_digit()) {
        return text::name(&format!("kimi-{name}"));
    }
    text::name(name)
}

/// Whether a name is one of Kimi's: `kimi-k3`, `k3[1m]`, `kimi-for-coding`, `moonshot-v1-8k`.
#[must_use]
pub fn is_kimi(name: &str) -> bool {
    let name = canonical(name);
    name.starts_with("kimi") || name.starts_with("moonshot")
}

/// Families of other providers' models. Only used if no configuration names the provider.
const OTHERS: [&str; 21] = [
    "claude", "gpt", "chatgpt", "o1", "o3", "o4", "codex", "gemini", "gemma", "deepseek", "qwen", "qwq",
    "glm", "minimax", "mimo", "llama", "mistral", "grok", "doubao", "hunyuan", "ernie",
];

/// Whose a model is by its name alone. A name that says nothing counts as Kimi's, since these are Kimi's
/// command lines and their own models come under many names.
#[must_use]
pub fn party_by_name(name: &str) -> Party {
    let name = canonical(name);
    let other = OTHERS.iter().any(|family| {
        name.strip_prefix(family)
            .is_some_and(|rest| rest.chars().next().is_none_or(|c| !c.is_ascii_alphabetic()))
    });
    if other { Party::Third } else { Party::Kimi }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_for_one_model() {
        for (written, name, kimi) in [
            ("kimi-k3", "kimi-k3", true),
            ("k3", "kimi-k3", true),
            ("kimi-code/k3", "kimi-k3", true),
            ("kimi-k3[1m]", "kimi-k3", true),
            ("K2.6", "kimi-k2.6", true),
            ("moonshotai/Kimi-K2.6", "kimi-k2.6", true),
            ("kimi-code/kimi-for-coding", "kimi-for-coding", true),
            ("kimi-for-coding-highspeed", "kimi-for-coding-highspeed", true),
            ("moonshot-v1-8k", "moonshot-v1-8k", true),
            ("claude-opus-4-1", "claude-opus-4-1", false),
            ("mock-model", "mock-model", false),
            ("kappa", "kappa", false),
            ("", "", false),
        ] {
            assert_eq!(canonical(written), name, "{written}");
            assert_eq!(is_kimi(written), kimi, "{written}");
        }
    }

    #[test]
    fn a_name_of_a_model_is_bounded_and_clean() {
        let long = canonical(&format!("kimi-{}", "x".repeat(5_000_000)));
        assert_eq!(long.chars().count(), text::MAX_NAME_CHARS);
        assert!(long.ends_with('…'));
        assert_eq!(canonical("k3\u{1b}]0;title\u{7}"), "kimi-k3\u{fffd}]0;title\u{fffd}");
        assert_eq!(canonical("kimi\u{202e}3k"), "kimi\u{fffd}3k");
    }

    #[test]
    fn whose_by_name() {
        for (name, party) in [
            ("deepseek-v4-pro", Party::Third),
            ("openrouter/qwen3-coder", Party::Third),
            ("gpt-5.5", Party::Third),
            ("o3", Party::Third),
            ("kimi-k3", Party::Kimi),
            ("mock-model", Party::Kimi),
            ("o3rion", Party::Kimi),
        ] {
            assert_eq!(party_by_name(name), party, "{name}");
        }
    }

    #[test]
    fn sentinels() {
        for (name, is) in
            [("__secondary__", true), ("__x__", true), ("____", false), ("__half", false), ("k3", false)]
        {
            assert_eq!(is_sentinel(name), is, "{name}");
        }
    }
}
