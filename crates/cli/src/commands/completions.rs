//! `tidemark completions`: what a shell offers after `tidemark`, from the grammar itself.

use super::context::Context;
use crate::arguments::Completions;
use crate::exit::{CommandOutcome, Exit};
use crate::help;

/// Runs `tidemark completions`.
pub fn run(context: &Context, completions: &Completions) -> Result<Exit, CommandOutcome> {
    let mut output = context.output(None, None);
    let mut grammar = help::grammar(&output.words);
    let mut script = Vec::new();
    clap_complete::generate(completions.shell, &mut grammar, "tidemark", &mut script);
    output.raw(&script)?;
    output.flush()?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;
    use clap_complete::Shell;

    use crate::help;
    use crate::i18n::{Catalog, Language};

    #[test]
    fn every_shell_completes_commands_options_and_their_values() {
        for shell in Shell::value_variants() {
            let mut script = Vec::new();
            let mut grammar = help::grammar(&Catalog::new(Language::English));
            clap_complete::generate(*shell, &mut grammar, "tidemark", &mut script);
            let script = String::from_utf8(script).unwrap();
            for word in ["history", "no-tray", "completions"] {
                assert!(script.contains(word), "{shell} lacks {word}");
            }
            // Elvish and PowerShell complete no values.
            if matches!(shell, Shell::Bash | Shell::Zsh | Shell::Fish) {
                assert!(script.contains("kimi-code"), "{shell} lacks the values of --source");
            }
        }
    }
}
