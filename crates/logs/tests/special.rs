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
fn links_that_lead_nowhere_are_counted() {
    let home = tempfile::tempdir().unwrap();
    for folder in [".kimi-code", ".kimi/sessions", ".claude/projects/p"] {
        std::fs::create_dir_all(home.path().join(folder)).unwrap();
    }
    let links = [
        ".kimi-code/sessions",
        ".kimi/imported_sessions",
        ".kimi/sessions/project",
        ".claude/projects/p/s.jsonl",
    ];
    for (number, link) in links.into_iter().enumerate() {
        std::os::unix::fs::symlink("/nonexistent/disk", home.path().join(link)).unwrap();
        let found = scan(&Roots::in_home(home.path(), &[]), &Options::default());
        assert_eq!(found.links_not_followed(), number as u64 + 1, "{link}");
        assert_eq!(found.files_unreadable(), 0, "{link}");
    }
    // A whole home on a disk that is not there.
    std::os::unix::fs::symlink("/nonexistent/disk", home.path().join(".kimi-code-work")).unwrap();
    std::os::unix::fs::symlink("/nonexistent/disk", home.path().join(".kimi-code-work.txt")).unwrap();
    let found = scan(&Roots::in_home(home.path(), &[]), &Options::default());
    assert_eq!(found.links_not_followed(), links.len() as u64 + 2);
}

#[test]
fn what_stands_in_the_place_of_a_folder_of_logs_is_counted() {
    let home = tempfile::tempdir().unwrap();
    pipe(&home.path().join(".kimi-code/sessions"));
    std::fs::create_dir_all(home.path().join(".kimi")).unwrap();
    std::fs::write(home.path().join(".kimi/sessions"), "a file").unwrap();
    pipe(&home.path().join("pipe"));
    std::os::unix::fs::symlink(home.path().join("pipe"), home.path().join(".kimi/imported_sessions"))
        .unwrap();
    pipe(&home.path().join(".claude"));
    let found = scan(&Roots::in_home(home.path(), &[]), &Options::default());
    assert_eq!((found.files_unreadable(), found.links_not_followed()), (4, 0));
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
