//! Plans: the name of a membership level.

use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;
use tidemark_core::text;

use super::fields::Node;
use super::value::{self, Field};
use crate::generation::Generation;
use crate::redact;

/// The levels of the plans of before September 2026, by the service's own list of goods. Other lists are
/// about (`BASIC` as Adagio, `STANDARD` as Moderato); this one agrees with the concurrency limits in real
/// bodies.
const LEVELS: [(&str, &str); 6] = [
    ("FREE", "Adagio"),
    ("TRIAL", "Andante"),
    ("BASIC", "Moderato"),
    ("INTERMEDIATE", "Allegretto"),
    ("ADVANCED", "Allegro"),
    ("STANDARD", "Vivace"),
];

/// The generation of plans that a body states: as a number or a word, in either of its fields.
pub(super) fn generation(node: &Node<'_>) -> Option<Generation> {
    let stated = |names: &'static [&'static str]| node.raw(names).and_then(|(_, value)| of_version(value));
    // `version` may be anything: other programs put their own there.
    stated(&["goods_version"]).or_else(|| stated(&["version"]))
}

/// The generation of `2`, `"2"`, `"V2"`, `"GOODS_VERSION_V2"`, `"goods-v2"`; none of `"1.4"`.
fn of_version(value: &Value) -> Option<Generation> {
    /// Larger numbers are versions of something else, or dates.
    const MOST: u64 = 99;

    let number = match value {
        Value::String(word) => {
            let word = word.trim().to_ascii_uppercase();
            let start = word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            let (prefix, digits) = word.split_at(start);
            // A figure of its own, after a prefix in words.
            let fits = prefix.is_empty()
                || prefix.ends_with(['V', '_', '-', ' '])
                    && !prefix.contains(|c: char| c.is_ascii_digit() || c == '.');
            if !fits {
                return None;
            }
            digits.parse().ok()?
        }
        Value::Number(_) => match value::number(value) {
            Field::Known(number) if number.fract().is_zero() => number.to_u64()?,
            _ => return None,
        },
        _ => return None,
    };
    (number <= MOST).then(|| Generation::of_number(number)).flatten()
}

/// The plan by `user.membership.level`.
pub(super) fn of_level(quota: &Node<'_>, generation: Option<Generation>) -> Option<String> {
    let user = quota.object(&["user"]);
    let membership = user.as_ref().unwrap_or(quota).object(&["membership"])?;
    match membership.text(&["level"]) {
        Field::Known(level) => name_of(level, generation),
        Field::Missing | Field::Unreadable => None,
    }
}

/// The name of a level; of an unknown one its own words, `LEVEL_FOO_BAR` as `Foo Bar`.
///
/// The levels name the plans of the first generation. On a later one they are a left-over that names no plan, and
/// neither do their words; a plan's own name stands.
pub(crate) fn name_of(level: &str, generation: Option<Generation>) -> Option<String> {
    let newer = matches!(generation, Some(Generation::V2 | Generation::Later));
    let upper = level.trim().to_ascii_uppercase();
    let Some(word) = upper.strip_prefix("LEVEL_") else {
        let bucket = LEVELS.iter().find(|(word, _)| *word == level.trim());
        if newer && (bucket.is_some() || LEVELS.iter().any(|(_, old)| old.eq_ignore_ascii_case(level.trim())))
        {
            return None;
        }
        return bucket.map(|(_, name)| (*name).to_owned()).or_else(|| Some(named(level.trim())));
    };
    if newer {
        return None;
    }
    if let Some((_, name)) = LEVELS.iter().find(|(known, _)| *known == word) {
        return Some((*name).to_owned());
    }
    let words: Vec<String> = word.split('_').filter(|word| !word.is_empty()).map(capitalised).collect();
    (!words.is_empty() && word != "UNSPECIFIED").then(|| named(&words.join(" ")))
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect()
    })
}

/// A plan's name is a word or two; whatever is longer is cut, and a service that sends a key back as one shows none.
pub(super) fn named(name: &str) -> String {
    text::bounded(&redact::text(name), 60)
}

/// A word of the service; whatever is longer is cut.
pub(super) fn clipped(name: &str) -> String {
    text::bounded(name, 60)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Generation, name_of, of_version};

    #[test]
    fn a_generation_is_a_number_or_a_word_with_any_prefix() {
        use Generation::{Later, V1, V2};
        for (value, generation) in [
            (json!(2), Some(V2)),
            (json!(2.0), Some(V2)),
            (json!("2"), Some(V2)),
            (json!("V2"), Some(V2)),
            (json!("v2"), Some(V2)),
            (json!(" GOODS_VERSION_V2 "), Some(V2)),
            (json!("GOODS_VERSION_2"), Some(V2)),
            (json!("goods-v2"), Some(V2)),
            (json!("PLAN_GENERATION_V1"), Some(V1)),
            (json!(1), Some(V1)),
            (json!(3), Some(Later)),
            (json!("GOODS_VERSION_V3"), Some(Later)),
            (json!(0), None),
            (json!("GOODS_VERSION_UNSPECIFIED"), None),
            (json!("1.4"), None),
            (json!("v1.2"), None),
            (json!("2.1.0"), None),
            (json!(1.4), None),
            (json!(-2), None),
            (json!(20_261_101), None),
            (json!("2026-09-17"), None),
            (json!("k2"), None),
            (json!(""), None),
            (json!(true), None),
            (json!({"v": 2}), None),
        ] {
            assert_eq!(of_version(&value), generation, "{value}");
        }
    }

    #[test]
    fn levels_have_names() {
        for (level, name) in [
            ("LEVEL_FREE", Some("Adagio")),
            ("LEVEL_TRIAL", Some("Andante")),
            ("LEVEL_BASIC", Some("Moderato")),
            ("LEVEL_INTERMEDIATE", Some("Allegretto")),
            ("LEVEL_ADVANCED", Some("Allegro")),
            ("LEVEL_STANDARD", Some("Vivace")),
            ("level_standard", Some("Vivace")),
            ("STANDARD", Some("Vivace")),
            ("LEVEL_FOO_BAR", Some("Foo Bar")),
            ("LEVEL__X_", Some("X")),
            ("LEVEL_UNSPECIFIED", None),
            ("LEVEL_", None),
            ("Pro", Some("Pro")),
            ("sk-kimi-Aa0123456789bcdef", Some("sk-…")),
        ] {
            assert_eq!(name_of(level, None).as_deref(), name, "{level}");
            assert_eq!(name_of(level, Some(Generation::V1)).as_deref(), name, "{level}");
        }
    }

    #[test]
    fn an_old_level_names_no_new_plan() {
        for generation in [Generation::V2, Generation::Later] {
            for level in ["LEVEL_ADVANCED", "level_basic", "STANDARD", "LEVEL_FOO", "Allegro", "vivace"] {
                assert_eq!(name_of(level, Some(generation)), None, "{level}");
            }
            assert_eq!(name_of("Plus", Some(generation)).as_deref(), Some("Plus"));
        }
    }
}
