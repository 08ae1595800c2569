//! `cargo xtask fuzz`: hostile inputs for as long as there is time, tried by an optimised program that notices mistakes.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;

use crate::arguments::Fuzz;
use crate::step::{cargo, command, run, target};

/// For how many minutes inputs are tried if nothing else is asked for.
const DEFAULT_MINUTES: f64 = 5.0;

/// Builds the program and tries inputs. It says what it found, and how to repeat it.
pub(crate) fn fuzz(options: &Fuzz) -> Result<()> {
    run(cargo().args(["build", "--locked", "--profile", "fuzz", "--package", "tidemark-hostile"]))?;
    // A fresh one each time: other inputs than ever before. The program says which it was.
    let drawn = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
    let mut program = command(target().join("fuzz/tidemark-hostile"));
    program.args(&options.target).args(["--seed", &options.seed.unwrap_or_else(drawn).to_string()]);
    program.arg("--out").arg(target().join("fuzz/found"));
    match (options.inputs, options.index, &options.file) {
        (Some(inputs), ..) => {
            program.args(["--inputs", &inputs.to_string()]);
        }
        (_, Some(index), _) => {
            program.args(["--index", &index.to_string()]);
        }
        (.., Some(file)) => {
            program.arg("--file").arg(file);
        }
        _ => {
            program.args(["--minutes", &options.minutes.unwrap_or(DEFAULT_MINUTES).to_string()]);
        }
    }
    run(&mut program)
}
