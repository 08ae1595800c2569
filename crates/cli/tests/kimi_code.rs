//! `tidemark kimi-code`: entries in another program's configuration, shown, made, found and taken out without a trace.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use std::fs;
use std::path::PathBuf;

use common::{Home, kind};

/// A home whose programs have their configuration in one folder.
fn configured() -> (tempfile::TempDir, Home) {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let home = Home::new().with("KIMI_CODE_HOME", &path("kimi")).with("CLAUDE_CONFIG_DIR", &path("claude"));
    (dir, home)
}

fn files(dir: &tempfile::TempDir) -> [PathBuf; 3] {
    ["kimi/tui.toml", "kimi/config.toml", "claude/settings.json"].map(|file| dir.path().join(file))
}

#[test]
fn what_is_entered_is_taken_out_again_to_the_last_byte() {
    let (dir, home) = configured();
    let [tui, config, claude] = files(&dir);
    let texts = [
        "# ~/.kimi-code/tui.toml\ntheme = \"dark\"   # mine\n\n# [status_line]\n# command = \"x\"\n",
        "default_model = \"k2\"\r\n\r\n[providers.a]\r\napi_key = \"sk-kimi-AAAABBBBCCCCDDDD\"\r\n",
        "{\n    \"model\": \"kimi\",\n    \"permissions\": {\"allow\": [\"Bash\"]}\n}",
    ];
    for (file, text) in [&tui, &config, &claude].into_iter().zip(texts) {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    for program in ["kimi-code", "claude-code"] {
        let shown = home.run(&["kimi-code", "install", "--program", program, "--dry-run"]);
        assert_eq!(shown.status, 0, "{}", shown.err);
        assert!(shown.out.contains("+ ") && shown.out.contains("nothing was changed"), "{}", shown.out);
        assert!(!shown.out.contains("AAAABBBB"), "a key is not shown");
        for (file, text) in [&tui, &config, &claude].into_iter().zip(texts) {
            assert!(program == "claude-code" || fs::read_to_string(file).unwrap() == text);
        }
        let made = home.run(&["kimi-code", "install", "--program", program, "--json"]);
        assert_eq!((made.status, made.json()["made"].as_bool()), (0, Some(true)), "{}", made.err);
        let again = home.run(&["kimi-code", "install", "--program", program, "--json"]);
        assert_eq!(again.json()["made"].as_bool(), Some(false), "{}", again.out);
    }
    let status = home.run(&["kimi-code", "status", "--json"]).json();
    for program in status["programs"].as_array().unwrap() {
        let state = (program["status_line"].as_bool(), program["guard"].as_str());
        assert_eq!(state, (Some(true), Some("on")), "{program}");
    }
    assert!(fs::read_to_string(&config).unwrap().contains("[[hooks]]\r\n"));
    let record = fs::read_to_string(home.data_dir().join("coding-agents.json")).unwrap();
    assert!(!record.contains("AAAABBBB"), "a key is copied nowhere");
    for program in ["kimi-code", "claude-code"] {
        let out = home.run(&["kimi-code", "uninstall", "--program", program]);
        assert_eq!(out.status, 0, "{}", out.err);
    }
    for (file, text) in [&tui, &config, &claude].into_iter().zip(texts) {
        assert_eq!(fs::read_to_string(file).unwrap(), text, "{}", file.display());
    }
}

#[test]
fn files_that_were_made_for_it_go_with_it() {
    let (dir, home) = configured();
    let [tui, config, claude] = files(&dir);
    assert_eq!(home.run(&["kimi-code", "install", "--guard"]).status, 0);
    assert!(config.exists() && !tui.exists(), "only what was asked for");
    assert_eq!(home.run(&["kimi-code", "install", "--status-line"]).status, 0);
    assert!(tui.exists() && !claude.exists());
    assert_eq!(home.run(&["kimi-code", "uninstall"]).status, 0);
    assert!(!config.exists() && !tui.exists());
    let nothing = home.run(&["kimi-code", "uninstall", "--json"]);
    assert_eq!((nothing.status, nothing.json()["made"].as_bool()), (0, Some(false)));
}

#[test]
fn what_was_changed_since_keeps_that_change() {
    let (dir, home) = configured();
    let [_, config, claude] = files(&dir);
    assert_eq!(home.run(&["kimi-code", "install"]).status, 0);
    assert_eq!(home.run(&["kimi-code", "install", "--program", "claude-code"]).status, 0);
    let later = fs::read_to_string(&config).unwrap() + "\n[[hooks]]\nevent = \"Stop\"\ncommand = \"bell\"\n";
    fs::write(&config, later).unwrap();
    let text = fs::read_to_string(&claude).unwrap();
    fs::write(&claude, text.replacen('{', "{\n  \"model\": \"kimi\",", 1)).unwrap();
    for program in ["kimi-code", "claude-code"] {
        assert_eq!(home.run(&["kimi-code", "uninstall", "--program", program]).status, 0);
    }
    let left = fs::read_to_string(&config).unwrap();
    assert!(left.contains("bell") && !left.contains("tidemark"), "{left}");
    let left = fs::read_to_string(&claude).unwrap();
    assert!(left.contains("\"model\"") && !left.contains("tidemark") && !left.contains("hooks"), "{left}");
}

#[test]
fn what_cannot_be_edited_safely_is_left_alone_and_said() {
    let (dir, home) = configured();
    let [tui, config, _] = files(&dir);
    fs::create_dir_all(tui.parent().unwrap()).unwrap();
    fs::write(&tui, "[status_line]\ncommand = \"~/line.sh\"\n").unwrap();
    fs::write(&config, "this is = no TOML =").unwrap();
    let taken = home.run(&["kimi-code", "install", "--status-line", "--json"]);
    assert_eq!((taken.status, kind(&taken).as_str()), (1, "taken"));
    let broken = home.run(&["kimi-code", "install", "--guard", "--json"]);
    assert_eq!((broken.status, kind(&broken).as_str()), (1, "config"));
    assert_eq!(fs::read_to_string(&tui).unwrap(), "[status_line]\ncommand = \"~/line.sh\"\n");
    assert_eq!(fs::read_to_string(&config).unwrap(), "this is = no TOML =");
    // The status line is another's; of hooks that cannot be read it is not known.
    let status = home.run(&["kimi-code", "status", "--json"]).json();
    let kimi = &status["programs"][0];
    assert_eq!((kimi["status_line"].as_bool(), kimi["guard"].as_str()), (Some(false), None), "{status}");
    let account = home.run(&["kimi-code", "install", "--account", "nobody", "--json"]);
    assert_eq!(kind(&account), "no-such-account");
}

#[test]
#[cfg(unix)]
fn a_link_is_followed_and_rights_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, home) = configured();
    let [_, config, _] = files(&dir);
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    let real = dir.path().join("dotfiles.toml");
    fs::write(&real, "a = 1\n").unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink(&real, &config).unwrap();
    assert_eq!(home.run(&["kimi-code", "install", "--guard"]).status, 0);
    assert!(config.is_symlink() && fs::read_to_string(&real).unwrap().contains(" guard"));
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
}
