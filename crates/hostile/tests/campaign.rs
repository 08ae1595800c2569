//! Ten thousand hostile inputs with a fixed seed, and those that once broke a law: nothing panics, hangs, grows without
//! bound, shows a key, or takes what is missing for zero.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

use std::path::Path;
use std::process::Command;

#[test]
fn ten_thousand_hostile_inputs_break_nothing() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile");
    let ended = Command::new(env!("CARGO_BIN_EXE_tidemark-hostile"))
        .args(["--seed", "20261130", "--inputs", "10000", "--out"])
        .arg(&out)
        .output()
        .unwrap();
    let (table, broken) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{broken}\n{table}");
    let tried: u64 = table
        .lines()
        .find_map(|line| line.strip_prefix("all"))
        .and_then(|sums| sums.split_whitespace().next()?.parse().ok())
        .unwrap();
    assert!(tried >= 10_000, "{table}");
}
