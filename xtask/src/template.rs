//! Files of `packaging` with gaps: `@VERSION@` stands for what only a build knows.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

/// What is put into the gaps, by their names.
pub(crate) type Values = BTreeMap<&'static str, String>;

/// The names of all gaps, in order.
pub(crate) fn gaps(template: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(start) = rest.find('@') {
        rest = &rest[start + 1..];
        let Some(end) = rest.find('@') else { break };
        let name = &rest[..end];
        let is_name = name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        if is_name {
            found.push(name);
            rest = &rest[end + 1..];
        }
    }
    found
}

/// The template with its gaps filled.
///
/// # Errors
/// Names every gap that has no value.
pub(crate) fn fill(template: &str, values: &Values) -> Result<String> {
    let missing: Vec<&str> = gaps(template).into_iter().filter(|gap| !values.contains_key(gap)).collect();
    if !missing.is_empty() {
        bail!("no value for {}", missing.join(", "));
    }
    Ok(values
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("@{name}@"), value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_and_other_signs_stay() {
        let values = Values::from([("A", "1".to_owned()), ("A_2", "2".to_owned())]);
        assert_eq!(fill("a@b.c @A@@A_2@ @ @x@ ${@}", &values).unwrap(), "a@b.c 12 @ @x@ ${@}");
    }

    #[test]
    fn a_gap_without_a_value_is_named() {
        let error = fill("@A@ @B@", &Values::from([("A", String::new())])).unwrap_err();
        assert_eq!(error.to_string(), "no value for B");
    }
}
