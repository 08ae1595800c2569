//! The help in the user's language: the grammar's texts replaced by the catalogue's.
//!
//! A command's text is the message `help-read`, `help-account-add`; its arguments' are the attributes of
//! that message, or of `help-common` where several commands share one.

use clap::{Arg, ArgAction, Command, CommandFactory as _};

use crate::arguments::Arguments;
use crate::i18n::Catalog;

/// The grammar with its texts in a language.
#[must_use]
pub fn grammar(words: &Catalog) -> Command {
    let root = Arguments::command()
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(Arg::new("help").short('h').long("help").global(true).action(ArgAction::Help))
        .arg(Arg::new("version").short('V').long("version").action(ArgAction::Version))
        .after_help(words.text("help-after"));
    let root = match words.maybe("help-tidemark") {
        Some(about) => root.about(about),
        None => root,
    };
    // The grammar wants these to last. They are a few short texts, made once for a process.
    let lasting = |text: String| -> &'static str { text.leak() };
    let headings = Headings {
        commands: lasting(words.text("help-commands")),
        arguments: lasting(words.text("help-arguments")),
        options: lasting(words.text("help-options")),
    };
    translate(root, "", words, &headings)
}

/// A help text with its headings' colons in the language: the library behind the grammar knows only its own.
#[must_use]
pub fn with_colons(text: &str, words: &Catalog) -> String {
    let colon = words.with("cli-said", [("what", "".into()), ("message", "".into())]);
    let colon = colon.trim();
    let text = placeholders(text, words);
    ["help-commands", "help-arguments", "help-options"].iter().fold(text, |text, key| {
        let heading = words.text(key);
        text.lines()
            .map(|line| match line.split_once(&format!("{heading}:")) {
                // A heading stands alone on its line, but for the codes that set it off.
                Some((before, after)) if !before.contains(' ') && !after.contains(' ') => {
                    format!("{before}{heading}{colon}{after}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect()
    })
}

/// A usage line with its placeholders in the language.
#[must_use]
pub fn placeholders(text: &str, words: &Catalog) -> String {
    text.replace("[OPTIONS]", &words.text("cli-usage-options"))
        .replace("<COMMAND>", &words.text("cli-usage-command"))
}

/// What stands before the usage: a full-width colon brings its own space.
#[must_use]
pub fn usage_head(words: &Catalog) -> String {
    let head = words.text("help-usage");
    if head.ends_with('：') { head } else { head + " " }
}

/// How `tidemark mcp` is entered in the files of coding agents.
const MCP_ENTRY: &str = r#"{"mcpServers": {"tidemark": {"command": "tidemark", "args": ["mcp"]}}}"#;

/// Behind every argument of a command's own.
const COMMON_ORDER: usize = 900;

struct Headings {
    commands: &'static str,
    arguments: &'static str,
    options: &'static str,
}

fn translate(command: Command, path: &str, words: &Catalog, headings: &Headings) -> Command {
    let mut command = command
        .help_template(format!(
            "{{about-with-newline}}\n{}{{usage}}\n\n{{all-args}}{{after-help}}",
            usage_head(words)
        ))
        .subcommand_help_heading(headings.commands);
    let arguments: Vec<String> = command.get_arguments().map(|arg| arg.get_id().to_string()).collect();
    for id in arguments {
        let name = id.replace('_', "-");
        let own = (!path.is_empty()).then(|| words.maybe(&format!("help-{path}.{name}"))).flatten();
        let text = own.or_else(|| words.maybe(&format!("help-common.{name}")));
        command = command.mut_arg(&id, |arg| {
            let heading = if arg.is_positional() { headings.arguments } else { headings.options };
            // What every command understands comes after what is its own.
            let common = arg.is_global_set() || name == "version";
            let arg = arg.help_heading(heading);
            // The texts name values, defaults and variables in the user's language.
            let arg = if arg.get_action().takes_values() {
                arg.hide_possible_values(true).hide_default_value(true).hide_env(true)
            } else {
                arg
            };
            let arg = if common { arg.display_order(COMMON_ORDER) } else { arg };
            match text {
                Some(text) => arg.help(text),
                None => arg,
            }
        });
    }
    let subcommands: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in subcommands {
        let path = if path.is_empty() { name.clone() } else { format!("{path}-{name}") };
        command = command.mut_subcommand(&name, |sub| {
            let sub = match words.maybe(&format!("help-{path}")) {
                Some(about) => sub.about(about),
                None => sub,
            };
            let sub = if path == "mcp" {
                sub.after_help(words.with("help-mcp-after", [("entry", MCP_ENTRY.into())]))
            } else {
                sub
            };
            translate(sub, &path, words, headings)
        });
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    fn missing(command: &Command, path: &str, words: &Catalog, found: &mut Vec<String>) {
        // What is hidden is for other programs, and has no text.
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let name = arg.get_id().as_str().replace('_', "-");
            let own = words.maybe(&format!("help-{path}.{name}"));
            if own.or_else(|| words.maybe(&format!("help-common.{name}"))).is_none() {
                found.push(format!("help-{path}.{name}"));
            }
        }
        for sub in command.get_subcommands() {
            let name = sub.get_name();
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}-{name}") };
            if words.maybe(&format!("help-{path}")).is_none() {
                found.push(format!("help-{path}"));
            }
            missing(sub, &path, words, found);
        }
    }

    #[test]
    fn every_command_and_argument_has_its_text() {
        // That the other language has the same keys is tested with the catalogue.
        let words = Catalog::new(Language::English);
        let mut found = Vec::new();
        missing(&grammar(&words), "", &words, &mut found);
        assert!(found.is_empty(), "{found:?}");
    }

    #[test]
    fn the_translated_grammar_holds_together() {
        for language in [Language::English, Language::Chinese] {
            grammar(&Catalog::new(language)).debug_assert();
        }
    }

    fn help_of(language: Language, names: &[&str]) -> String {
        let mut command = grammar(&Catalog::new(language)).term_width(100);
        command.build();
        let mut found = &mut command;
        for name in names {
            found = found.find_subcommand_mut(name).unwrap();
        }
        with_colons(&found.render_help().to_string(), &Catalog::new(language))
    }

    #[test]
    fn help_in_both_languages() {
        for (language, tag) in [(Language::English, "en"), (Language::Chinese, "zh")] {
            for names in
                [&[][..], &["read"], &["explain"], &["account", "add"], &["agent"], &["history"], &["mcp"]]
            {
                let name =
                    format!("help-{tag}-{}", if names.is_empty() { "root".into() } else { names.join("-") });
                insta::assert_snapshot!(name, help_of(language, names));
            }
        }
    }
}
