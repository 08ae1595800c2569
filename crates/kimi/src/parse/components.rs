//! Which accounts an incident on the status page concerns, by the components that it names.
//!
//! Most incidents on the page are about search, or are alarms of machines that name no component at all and end after
//! minutes. Beside a deduction they would only mislead.

use tidemark_core::Source;

use super::fields::Node;

/// What a component's id or name says, in lower case; the first row that fits counts. The ids are those of 2026. The
/// page has no component for Kimi Code: whatever runs the models serves it too.
const COMPONENTS: [(&[&str], &[Source]); 4] = [
    (&["kimi code", "kimi-code", "kimicode", "coding", "编程"], &[Source::KimiCode]),
    (&["x0zsqgy57b75", "model", "模型", "inference", "推理"], &[Source::KimiCode, Source::Platform]),
    (&["8psr5dfdld0s", "open api", "openapi", "open platform", "开放平台"], &[Source::Platform]),
    (&["rf64wcbxt3r2", "api"], &[Source::KimiCode, Source::Platform]),
];

/// The products that an incident concerns: those of the components that it names, and none where it names none. Where
/// the page leaves its components out that is unknown, and all may be concerned.
pub(super) fn concerned(incident: &Node<'_>) -> Vec<Source> {
    let named = [incident.clone()]
        .into_iter()
        .chain(incident.objects(&["incident_updates"]))
        .flat_map(|node| lists(&node))
        .collect::<Vec<_>>();
    if named.is_empty() {
        return vec![Source::KimiCode, Source::Platform];
    }
    let texts: Vec<String> = named
        .iter()
        .flatten()
        .flat_map(|component| {
            let word = |name: &'static [&'static str]| component.text(name).known().map(str::to_lowercase);
            [word(&["id"]), word(&["code"]), word(&["name"])]
        })
        .flatten()
        .collect();
    let concerns = |source: &Source| texts.iter().any(|text| of(text).contains(source));
    [Source::KimiCode, Source::Platform].into_iter().filter(concerns).collect()
}

/// The lists of components of an incident or of one of its updates.
fn lists<'a>(node: &Node<'a>) -> Vec<Vec<Node<'a>>> {
    [&["components"][..], &["affected_components"]]
        .into_iter()
        .filter(|names| node.has(names))
        .map(|names| node.objects(names))
        .collect()
}

/// The products that a component's id or name stands for.
fn of(text: &str) -> &'static [Source] {
    let row = COMPONENTS.iter().find(|(words, _)| words.iter().any(|word| text.contains(word)));
    row.map_or(&[], |(_, sources)| sources)
}
