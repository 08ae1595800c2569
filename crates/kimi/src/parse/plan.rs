//! Plans: the name of a membership level.

use super::fields::Node;
use super::value::Field;

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

/// The plan's name from `user.membership.level`.
pub(super) fn of_level(quota: &Node<'_>) -> Option<String> {
    let user = quota.object(&["user"]);
    let membership = user.as_ref().unwrap_or(quota).object(&["membership"])?;
    match membership.text(&["level"]) {
        Field::Known(level) => name_of(level),
        Field::Missing | Field::Unreadable => None,
    }
}

/// The name of a level; of an unknown one its own words, `LEVEL_FOO_BAR` as `Foo Bar`.
pub(super) fn name_of(level: &str) -> Option<String> {
    let upper = level.trim().to_ascii_uppercase();
    let Some(word) = upper.strip_prefix("LEVEL_") else {
        return LEVELS
            .iter()
            .find(|(word, _)| *word == level.trim())
            .map(|(_, name)| (*name).to_owned())
            .or_else(|| Some(clipped(level.trim())));
    };
    if let Some((_, name)) = LEVELS.iter().find(|(known, _)| *known == word) {
        return Some((*name).to_owned());
    }
    let words: Vec<String> = word.split('_').filter(|word| !word.is_empty()).map(capitalised).collect();
    (!words.is_empty() && word != "UNSPECIFIED").then(|| clipped(&words.join(" ")))
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars.flat_map(char::to_lowercase)).collect()
    })
}

/// A plan's name is a word or two; whatever is longer is cut.
pub(super) fn clipped(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::name_of;

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
        ] {
            assert_eq!(name_of(level).as_deref(), name, "{level}");
        }
    }
}
