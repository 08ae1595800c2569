//! The step *style*: words that docs/style.md rules out, and messages that one language lacks or code names in vain.
//!
//! The page itself is the list: this reads its fenced blocks `avoid everywhere`, `avoid for people` and
//! `avoid in Chinese`. `xtask/style-baseline.json` says how many hits the doc comments of each crate may have at most;
//! that number may only go down.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use crate::step::root;

/// The page with the lists; the only one that may use the words.
const PAGE: &str = "docs/style.md";
const BASELINE: &str = "xtask/style-baseline.json";
const CATALOGUES: [&str; 2] = ["locales/en.ftl", "locales/zh-CN.ftl"];

/// Fails with every hit by file and line.
pub(crate) fn check() -> Result<()> {
    let rules = Rules::of_page(&read(&root().join(PAGE))?)?;
    let mut hits = String::new();
    for name in CATALOGUES {
        report(&mut hits, name, &rules.hits(&spoken(&read(&root().join(name))?), Kind::People));
    }
    let [english, other] = CATALOGUES.map(|name| read(&root().join(name)));
    let (english, other) = (english?, other?);
    for difference in differences(&english, &other)? {
        let _ = writeln!(hits, "{difference}");
    }
    let known = messages(&english)?;
    for path in files("crates/cli/src", &["rs"])? {
        for (line, id) in unknown_ids(&read(&path)?, &known) {
            let _ = writeln!(hits, "{}:{line}: no catalogue has `{id}`", shown(&path));
        }
    }
    for path in files("", &["md"])?.into_iter().chain(files("docs", &["md"])?) {
        let name = shown(&path);
        if name != PAGE {
            report(&mut hits, &name, &rules.hits(&prose(&read(&path)?), Kind::People));
        }
    }
    for path in files("ui/src", &["svelte", "ts"])? {
        let name = shown(&path);
        if !name.starts_with("ui/src/test/") {
            report(&mut hits, &name, &rules.hits(&window_texts(&read(&path)?), Kind::People));
        }
    }
    doc_comments(&rules, &mut hits)?;
    if !hits.is_empty() {
        bail!("words that {PAGE} rules out, or messages that differ:\n{hits}");
    }
    Ok(())
}

/// Checks the doc comments of each crate against its number in the baseline.
fn doc_comments(rules: &Rules, hits: &mut String) -> Result<()> {
    let allowed: BTreeMap<String, usize> = serde_json::from_str(&read(&root().join(BASELINE))?)
        .with_context(|| format!("cannot read {BASELINE}"))?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for folder in ["crates", "src-tauri", "tests", "xtask"] {
        for path in files(folder, &["rs"])? {
            let name = shown(&path);
            for (line, rule) in rules.hits(&doc_lines(&read(&path)?), Kind::Code) {
                found.entry(crate_of(&name)).or_default().push(format!("{name}:{line}: {rule}"));
            }
        }
    }
    for (name, there) in &found {
        let most = allowed.get(name).copied().unwrap_or(0);
        if there.len() > most {
            let _ = writeln!(hits, "{name}: {} hits in doc comments, at most {most} allowed:", there.len());
            for hit in there {
                let _ = writeln!(hits, "  {hit}");
            }
        }
    }
    for (name, most) in &allowed {
        let now = found.get(name).map_or(0, Vec::len);
        if now < *most {
            eprintln!("{name}: {now} hits in doc comments; lower its number in {BASELINE} from {most}");
        }
    }
    Ok(())
}

fn report(hits: &mut String, name: &str, found: &[(usize, String)]) {
    for (line, rule) in found {
        let _ = writeln!(hits, "{name}:{line}: {rule}");
    }
}

/// Whom a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    People,
    Code,
}

/// What to avoid, each with what to write instead.
#[derive(Debug, Default)]
struct Rules {
    everywhere: Vec<(String, String)>,
    people: Vec<(String, String)>,
    chinese: Vec<(String, String)>,
}

impl Rules {
    fn of_page(page: &str) -> Result<Self> {
        let block = |name: &str| -> Result<Vec<(String, String)>> {
            let start = format!("```avoid {name}\n");
            let (_, rest) =
                page.split_once(&start).with_context(|| format!("{PAGE} has no block `{name}`"))?;
            let (block, _) =
                rest.split_once("\n```").with_context(|| format!("block `{name}` has no end"))?;
            block
                .lines()
                .map(|line| {
                    let (word, instead) =
                        line.split_once(" → ").with_context(|| format!("no arrow in `{line}`"))?;
                    Ok((word.to_lowercase(), instead.to_owned()))
                })
                .collect()
        };
        Ok(Self {
            everywhere: block("everywhere")?,
            people: block("for people")?,
            chinese: block("in Chinese")?,
        })
    }

    /// The lines with words to avoid, each with its rule.
    fn hits(&self, text: &str, kind: Kind) -> Vec<(usize, String)> {
        let text: Vec<char> = text.to_lowercase().chars().collect();
        let mut all = Vec::new();
        let mut find = |rules: &[(String, String)], whole: bool| {
            for (word, instead) in rules {
                for at in places(&text, word, whole) {
                    let line = 1 + text[..at].iter().filter(|c| **c == '\n').count();
                    all.push((line, format!("“{word}” → {instead}")));
                }
            }
        };
        find(&self.everywhere, true);
        if kind == Kind::People {
            find(&self.people, true);
            find(&self.chinese, false);
        }
        all.sort();
        all
    }
}

/// Where a word or phrase stands in a lower-case text. A space in it matches any white space.
fn places(text: &[char], word: &str, whole: bool) -> Vec<usize> {
    let word: Vec<char> = word.chars().collect();
    let part_of_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let ends_at = |start: usize| -> Option<usize> {
        let mut at = start;
        for wanted in &word {
            if *wanted == ' ' {
                let spaces = text[at..].iter().take_while(|c| c.is_whitespace()).count();
                at += (spaces > 0).then_some(spaces)?;
            } else {
                at += (text.get(at)? == wanted).then_some(1)?;
            }
        }
        Some(at)
    };
    (0..text.len())
        .filter(|start| {
            ends_at(*start).is_some_and(|end| {
                !whole
                    || !(part_of_word(start.checked_sub(1).map(|at| &text[at]))
                        || part_of_word(text.get(end)))
            })
        })
        .collect()
}

/// What a catalogue says: without comments, the messages' names, and their variables and variants.
fn spoken(catalogue: &str) -> String {
    catalogue.lines().map(said_in).fold(String::new(), |all, line| in_lines(all, &line))
}

fn said_in(line: &str) -> String {
    if line.starts_with('#') {
        return String::new();
    }
    let is_name = |text: &str| {
        let name = text.trim().trim_start_matches('.');
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    let text = match line.split_once('=') {
        Some((name, text)) if is_name(name) => text,
        _ => line,
    };
    let text = text.trim_start().trim_start_matches('*');
    let text = if text.starts_with('[') { text.split_once(']').map_or(text, |(_, text)| text) } else { text };
    let mut said = String::new();
    for (place, part) in text.split('{').enumerate() {
        // After a brace stands a variable, up to the brace that closes it, or to the end of the line.
        said.push_str(if place == 0 { part } else { part.split_once('}').map_or("", |(_, text)| text) });
    }
    said
}

fn in_lines(mut all: String, line: &str) -> String {
    all.push_str(line);
    all.push('\n');
    all
}

/// Markdown without code: blocks between fences, and what stands between backticks.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let mut all = String::new();
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        if !fenced && !fence {
            for (place, part) in line.split('`').enumerate() {
                all.push_str(if place % 2 == 0 { part } else { " " });
            }
        }
        fenced ^= fence;
        all.push('\n');
    }
    all
}

/// The doc comments of a Rust file, each on its line; code in backticks is left out.
fn doc_lines(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.trim_start();
        line.strip_prefix("///").or_else(|| line.strip_prefix("//!")).unwrap_or_default()
    });
    let docs = lines.fold(String::new(), in_lines);
    prose(&docs)
}

/// What a file of the window says by itself: strings that have a space in them, and text between tags.
fn window_texts(text: &str) -> String {
    let mut all = String::new();
    let mut styles = false;
    let mut script = !text.contains("<script");
    for line in text.lines() {
        let code = line.trim_start();
        if code.starts_with("<script") {
            script = true;
        } else if code.starts_with("</script") {
            script = false;
        } else if code.starts_with("<style") {
            styles = true;
        } else if !styles && !is_comment(code) {
            for quote in ['\'', '"', '`'] {
                for piece in line.split(quote).skip(1).step_by(2).filter(|piece| piece.contains(' ')) {
                    all.push_str(piece);
                    all.push(' ');
                }
            }
            let sentence = code.contains(' ') && !code.contains(['<', '>', '{', '}', '=', '(', ')', ';']);
            if !script && sentence {
                all.push_str(line);
            }
        }
        all.push('\n');
    }
    all
}

fn is_comment(line: &str) -> bool {
    ["//", "/*", "*", "<!--"].iter().any(|mark| line.starts_with(mark))
}

/// The messages of a catalogue, attributes as `message.attribute`, each with the variables that it uses.
fn messages(source: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let resource = fluent_syntax::parser::parse(source)
        .map_err(|(_, errors)| anyhow::anyhow!("a catalogue does not parse: {errors:?}"))?;
    let mut all = BTreeMap::new();
    for entry in resource.body {
        let Entry::Message(message) = entry else { continue };
        let id = message.id.name;
        if let Some(value) = &message.value {
            all.insert(id.to_owned(), variables(value));
        }
        for attribute in &message.attributes {
            all.insert(format!("{id}.{}", attribute.id.name), variables(&attribute.value));
        }
    }
    Ok(all)
}

fn variables(pattern: &Pattern<&str>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let (inline, variants) = match expression {
            Expression::Inline(inline) => (inline, [].as_slice()),
            Expression::Select { selector, variants } => (selector, variants.as_slice()),
        };
        if let InlineExpression::VariableReference { id } = inline {
            all.insert(id.name.to_owned());
        }
        for variant in variants {
            all.extend(variables(&variant.value));
        }
    }
    all
}

/// What one catalogue has and the other lacks, and messages that use other variables.
fn differences(english: &str, other: &str) -> Result<Vec<String>> {
    let (english, other) = (messages(english)?, messages(other)?);
    let [first, second] = CATALOGUES;
    let mut all = Vec::new();
    for (id, variables) in &english {
        match other.get(id) {
            None => all.push(format!("{second} lacks `{id}`")),
            Some(there) if there != variables => {
                all.push(format!("`{id}` uses {variables:?} in {first} and {there:?} in {second}"));
            }
            Some(_) => {}
        }
    }
    all.extend(
        other.keys().filter(|id| !english.contains_key(*id)).map(|id| format!("{first} lacks `{id}`")),
    );
    Ok(all)
}

/// The messages of the command line that code names and no catalogue has. An id that is put together when the program
/// runs ends with a hyphen and is passed over.
fn unknown_ids<'a>(code: &'a str, known: &BTreeMap<String, BTreeSet<String>>) -> Vec<(usize, &'a str)> {
    let mut all = Vec::new();
    for (number, line) in code.lines().enumerate() {
        for (at, _) in line.match_indices("\"cli-") {
            let rest = &line[at + 1..];
            let id = &rest[..rest.find('"').unwrap_or(rest.len())];
            if !id.ends_with('-') && !id.contains('{') && !known.contains_key(id) {
                all.push((number + 1, id));
            }
        }
    }
    all
}

/// The folder of a crate: `crates/core`, `tests`.
fn crate_of(name: &str) -> String {
    let depth = if name.starts_with("crates/") { 2 } else { 1 };
    name.split('/').take(depth).collect::<Vec<_>>().join("/")
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The files below a folder of the project with one of these extensions; of the project's own folder only its files.
fn files(folder: &str, extensions: &[&str]) -> Result<Vec<PathBuf>> {
    let mut waiting = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(folder_now) = waiting.pop() {
        let entries = std::fs::read_dir(&folder_now)
            .with_context(|| format!("cannot read {}", folder_now.display()))?;
        for entry in entries {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                if !folder.is_empty() && !["target", "node_modules"].contains(&name) {
                    waiting.push(path);
                }
            } else if path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e)) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTS: &str = "# Style\n\n```avoid everywhere\ntold → said\nleft alone → skipped\n```\n\n\
        ```avoid for people\npurse → balance\n```\n\n```avoid in Chinese\n封印 → 校验码\n```\n";

    fn rules() -> Rules {
        Rules::of_page(LISTS).unwrap()
    }

    fn lines(found: &[(usize, String)]) -> Vec<usize> {
        found.iter().map(|(line, _)| *line).collect()
    }

    #[test]
    fn words_are_found_whole_in_any_case_and_across_lines() {
        let text = "Told once.\nRetold, or told_of: not these.\nIt was left\nalone.\n";
        assert_eq!(lines(&rules().hits(text, Kind::Code)), [1, 3]);
        assert_eq!(rules().hits("told", Kind::Code), [(1, "“told” → said".to_owned())]);
    }

    #[test]
    fn comments_for_engineers_may_use_what_texts_for_people_may_not() {
        assert!(rules().hits("A purse.\n封印\n", Kind::Code).is_empty());
        assert_eq!(lines(&rules().hits("A purse.\n报告的封印\n", Kind::People)), [1, 2]);
    }

    #[test]
    fn a_message_that_code_names_and_no_catalogue_has_is_found() {
        let known = messages("cli-here = Here.\n    .advice = Do.\n").unwrap();
        let code = "text(\"cli-here\");\ntext(\"cli-here.advice\"); text(\"cli-he_re\")\n(\"cli-kind-\", \"cli-{kind}\")\n";
        assert_eq!(unknown_ids(code, &known), [(2, "cli-he_re")]);
    }

    #[test]
    fn a_list_that_is_missing_or_broken_is_an_error() {
        assert!(Rules::of_page("# Style\n").is_err());
        assert!(Rules::of_page(&LISTS.replace("told →", "told")).is_err());
    }

    #[test]
    fn only_what_a_catalogue_says_counts() {
        let catalogue = "# told\ntold-a = { $told } said\n    .told = { $told ->\n    [told] said\n   *[other] was told\n} more told\n";
        assert_eq!(lines(&rules().hits(&spoken(catalogue), Kind::People)), [5, 6]);
    }

    #[test]
    fn code_in_markdown_is_skipped() {
        let text = "Use `told` here.\n```sh\ntold\n```\ntold\n";
        assert_eq!(lines(&rules().hits(&prose(text), Kind::People)), [5]);
    }

    #[test]
    fn only_doc_comments_of_rust_count() {
        let text = "//! told\nfn told() {} // told\n    /// `told` and told\n// told\n";
        assert_eq!(lines(&rules().hits(&doc_lines(text), Kind::Code)), [1, 3]);
    }

    #[test]
    fn texts_of_the_window_are_strings_and_what_stands_between_tags() {
        let svelte = "<script lang=\"ts\">\n  // told of it\n  let told = 'told';\n  const a = 'was told so';\n</script>\n\n\
            <p class={told}>\n  You were told\n</p>\n\n<style>\n  .told {\n  }\n</style>\n";
        assert_eq!(lines(&rules().hits(&window_texts(svelte), Kind::People)), [4, 8]);
        assert_eq!(lines(&rules().hits(&window_texts("const told = `you told us`;\n"), Kind::People)), [1]);
    }

    #[test]
    fn messages_that_differ_between_languages_are_named() {
        let english = "a = { $x } and { $y ->\n    [one] { $z }\n   *[other] b\n}\nb = B\n    .about = C\n";
        let other = "a = { $x }\nb = B\nc = C\n";
        assert_eq!(
            differences(english, other).unwrap(),
            [
                "`a` uses {\"x\", \"y\", \"z\"} in locales/en.ftl and {\"x\"} in locales/zh-CN.ftl",
                "locales/zh-CN.ftl lacks `b.about`",
                "locales/en.ftl lacks `c`",
            ]
        );
        assert_eq!(differences(english, english).unwrap(), Vec::<String>::new());
        assert!(differences("a = { $\n", "").is_err());
    }

    #[test]
    fn crates_are_named_by_their_folder() {
        assert_eq!(crate_of("crates/core/src/lib.rs"), "crates/core");
        assert_eq!(crate_of("tests/tests/tray.rs"), "tests");
    }
}
