//! `tidemark man-pages`: a manual page for each command, from the grammar itself. It is for packages, so it is hidden.

use std::fs;
use std::io;

use clap::Command;
use clap_mangen::Man;

use super::context::Context;
use crate::arguments::ManPages;
use crate::exit::{CommandOutcome, Exit};
use crate::help;
use crate::i18n::Catalog;

/// Runs `tidemark man-pages`.
pub fn run(context: &Context, pages: &ManPages) -> Result<Exit, CommandOutcome> {
    fs::create_dir_all(&pages.folder)?;
    for (name, page) in all(&context.words(None))? {
        fs::write(pages.folder.join(name), page)?;
    }
    Ok(Exit::Done)
}

/// Every page with the name of its file: `tidemark.1`, `tidemark-account-add.1`.
fn all(words: &Catalog) -> io::Result<Vec<(String, String)>> {
    // The synopsis brings its own brackets. The grammar wants the text to last; this runs once for a process.
    let placeholder = words.text("cli-usage-command").trim_matches(['<', '>']).to_owned().leak();
    let mut root = with_placeholders(help::grammar(words), placeholder);
    root.build();
    let mut waiting = vec![root];
    let mut pages = Vec::new();
    while let Some(command) = waiting.pop() {
        waiting.extend(command.get_subcommands().filter(|sub| !sub.is_hide_set()).cloned());
        let source = concat!("Tidemark ", env!("CARGO_PKG_VERSION"));
        let man = Man::new(command.clone()).source(source).manual(words.text("man-manual"));
        pages.push((man.get_filename(), page(&command, &man, words)?));
    }
    pages.sort();
    Ok(pages)
}

/// What stands for a subcommand in a synopsis.
fn with_placeholders(command: Command, placeholder: &'static str) -> Command {
    let command = command.subcommand_value_name(placeholder);
    command.mut_subcommands(|sub| with_placeholders(sub, placeholder))
}

fn page(command: &Command, man: &Man, words: &Catalog) -> io::Result<String> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    let mut page = without(&page, |_| false);
    page.push_str(&headed(&words.text("man-name"), |out| man.render_name_section(out))?);
    page.push_str(&headed(&words.text("man-synopsis"), |out| man.render_synopsis_section(out))?);
    // Its headings are the grammar's, which are in the language already.
    let mut options = Vec::new();
    man.render_options_section(&mut options)?;
    page.push_str(&without(&options, is_preamble));
    if command.get_subcommands().any(|sub| !sub.is_hide_set()) {
        let heading = words.text("help-commands").to_uppercase();
        page.push_str(&headed(&heading, |out| man.render_subcommands_section(out))?);
    }
    if command.get_after_help().is_some() {
        page.push_str(&headed(&words.text("man-notes"), |out| man.render_extra_section(out))?);
    }
    Ok(page)
}

/// A section under a heading in the language: the library knows only English ones.
fn headed(heading: &str, render: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<String> {
    let mut section = Vec::new();
    render(&mut section)?;
    let body = without(&section, |line| line.starts_with(".SH ") || is_preamble(line));
    Ok(format!(".SH {heading}\n{body}"))
}

/// What defines the apostrophe; once for a page is enough.
fn is_preamble(line: &str) -> bool {
    line.starts_with(".ie \\n(.g") || line.starts_with(".el .ds Aq")
}

/// A section without some of its lines.
fn without(section: &[u8], is_left_out: impl Fn(&str) -> bool) -> String {
    let section = String::from_utf8_lossy(section);
    let mut kept: Vec<&str> = section.lines().filter(|line| !is_left_out(line)).collect();
    kept.push("");
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn there_is_a_page_for_each_command_and_none_for_hidden_ones() {
        let pages = all(&Catalog::new(Language::English)).unwrap();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for name in ["tidemark.1", "tidemark-status.1", "tidemark-account-add.1"] {
            assert!(names.contains(&name), "{names:?}");
        }
        assert!(!names.contains(&"tidemark-man-pages.1"), "{names:?}");
    }

    #[test]
    fn pages_in_both_languages() {
        for (language, tag) in [(Language::English, "en"), (Language::Chinese, "zh")] {
            let pages = all(&Catalog::new(language)).unwrap();
            for name in ["tidemark.1", "tidemark-account-add.1"] {
                let (_, page) = pages.iter().find(|(file, _)| file == name).unwrap();
                // The version is another one with each release.
                let page = page.replace(env!("CARGO_PKG_VERSION"), "VERSION");
                insta::assert_snapshot!(format!("man-{tag}-{name}"), page);
            }
        }
    }
}
