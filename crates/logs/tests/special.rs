//! What is no file where one is expected, and names of any length.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot build its home is to end")]

use std::path::Path;
use std::process::Command;

use tidemark_core::text::MAX_NAME_CHARS;
use tidemark_logs::{Options, Roots, scan};

fn pipe(path: &Path) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn record(model: &str) -> String {
    let record = serde_json::json!({
        "type": "usage.record", "model": model, "usageScope": "turn", "time": 1_785_056_461_000_i64,
        "usage": {"inputOther": 70, "output": 5, "inputCacheRead": 0, "inputCacheCreation": 0},
    });
    format!("{record}\n")
}

fn log(home: &Path, session: &str, text: &str) {
    let log = home.join(format!(".kimi-code/sessions/wd_x_0123456789ab/{session}/agents/main/wire.jsonl"));
    std::fs::create_dir_all(log.parent().unwrap()).unwrap();
    std::fs::write(log, text).unwrap();
}

#[test]
fn pipes_and_devices_are_passed_over_and_counted() {
    let home = tempfile::tempdir().unwrap();
    log(home.path(), "s1", &record("k3"));
    pipe(&home.path().join(".kimi-code/sessions/wd_x_0123456789ab/s2/agents/main/wire.jsonl"));
    pipe(&home.path().join(".kimi-code/config.toml"));
    std::os::unix::fs::symlink("/dev/zero", home.path().join(".kimi-code/session_index.jsonl")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", home.path().join(".kimi-code/workspaces.json")).unwrap();
    pipe(&home.path().join(".claude/settings.json"));
    pipe(&home.path().join(".claude/projects/p/log.jsonl"));
    pipe(&home.path().join(".kimi/kimi.json"));
    let found = scan(&Roots::in_home(home.path(), &[]), &Options::default());
    assert_eq!(found.rows().map(|row| row.tally.requests).sum::<u64>(), 1);
    assert_eq!(found.files_unreadable(), 7);
}

#[test]
fn one_line_cannot_fill_what_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let long = |letter: &str| format!("kimi-{}", letter.repeat(3_000_000));
    log(home.path(), "s1", &format!("{}{}", record(&long("a")), record(&long("\u{202e}"))));
    let found = scan(&Roots::in_home(home.path(), &[]), &Options::default());
    let names: Vec<&str> = found.rows().map(|row| row.model).collect();
    assert_eq!(names.len(), 2);
    for name in names {
        assert!(name.chars().count() <= MAX_NAME_CHARS && tidemark_core::text::is_clean(name));
    }
}
