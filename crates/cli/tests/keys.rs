//! Keys as people give them: pasted with what stands around them, or in the place of a variable's name.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Ended, Home, Service, kind, place_arguments};

/// A key that was given where something else belongs.
const MISPLACED: &str = "sk-kimi-Zr7Qm2Xw9Lp4Vt6Nb8Kc3Jd5";

fn assert_nowhere(home: &Home, ended: &Ended, secret: &str) {
    assert!(!ended.out.contains(secret) && !ended.err.contains(secret), "{} {}", ended.out, ended.err);
    if let Ok(files) = std::fs::read_dir(home.data_dir()) {
        for file in files.filter_map(Result::ok).filter(|file| file.path().is_file()) {
            let stored = std::fs::read(file.path()).unwrap();
            let found = stored.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{} holds the key", file.path().display());
        }
    }
}

#[test]
fn a_key_in_the_place_of_a_name_is_stored_and_printed_nowhere() {
    let place = ["--source", "kimi-code", "--region", "china", "--base-url", "http://127.0.0.1:9/v1"];
    let add = ["account", "add", "z"];
    let cases: [Vec<&str>; 8] = [
        [&add[..], &place, &["--key-env", MISPLACED]].concat(),
        [&add[..], &place, &["--key-stdin", MISPLACED]].concat(),
        [&add[..], &place, &["--key-env", "K", "--passphrase-env", MISPLACED, "--keep", MISPLACED]].concat(),
        [&["read"][..], &place, &["--key-env", MISPLACED]].concat(),
        [&["read"][..], &place, &["--key-env=K", MISPLACED]].concat(),
        vec!["explain", "--status", "429", "--header", MISPLACED],
        vec!["status", "--key-env", MISPLACED],
        vec![MISPLACED],
    ];
    for arguments in &cases {
        for language in ["en", "zh-CN"] {
            for json in [&[][..], &["--json"]] {
                let home = Home::new();
                let arguments = [&["--lang", language][..], json, arguments].concat();
                let ended = home.run(&arguments);
                assert_eq!(ended.status, 2, "{arguments:?} {} {}", ended.out, ended.err);
                assert_nowhere(&home, &ended, &MISPLACED[8..]);
            }
        }
    }
}

#[test]
fn a_passphrase_in_the_place_of_a_name_is_not_repeated() {
    let home = Home::new();
    let place = ["--source", "kimi-code", "--region", "china", "--key-stdin", "--keep", "encrypted-file"];
    let name = ["account", "add", "z", "--passphrase-env", "correct horse battery"];
    let ended = home.run_with(&[&name[..], &place].concat(), b"sk-kimi-abcdef123456");
    assert_eq!(ended.status, 2, "{}", ended.err);
    assert_nowhere(&home, &ended, "horse");
}

#[test]
fn only_names_of_variables_are_taken() {
    for (name, status) in [("WORK_KEY", 0), ("_2", 0), ("2K", 2), ("A-B", 2), ("", 2), ("A B", 2), ("A=B", 2)]
    {
        let home = Home::new();
        let place = ["--source", "kimi-code", "--region", "china"];
        let ended = home.run(&[&["account", "add", "z"][..], &place, &["--key-env", name]].concat());
        assert_eq!(ended.status, status, "{name} {}", ended.err);
    }
}

#[test]
fn what_was_pasted_along_with_a_key_is_not_sent() {
    let service = Service::code();
    let key = service.running().key("work").unwrap();
    for pasted in [
        format!("\u{feff}{key}\r\n"),
        format!(" \"{key}\" "),
        format!("Bearer {key}"),
        format!("export KIMI_API_KEY='{key}'"),
    ] {
        let home = Home::new().with("A_KEY", &pasted);
        let mut arguments = vec!["read".to_owned(), "--json".to_owned()];
        arguments.extend(place_arguments(&service, "work"));
        let ended = home.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(ended.status, 0, "{pasted:?} {}", ended.out);
    }
    for request in service.running().requests() {
        assert!(!format!("{request:?}").contains("Bearer Bearer"));
    }
}

#[test]
fn what_no_key_contains_is_named_and_nothing_is_sent() {
    let service = Service::code();
    for (pasted, word, says) in [
        ("sk-\u{200b}kimi-abcdef", "key-odd-character", "U+200B"),
        ("sk-kimi-\u{430}bcdef", "key-odd-character", "U+0430"),
        ("sk-kimi-abc sk-kimi-def", "key-several-words", "white space"),
        ("\u{feff}\"\"", "key-empty", "empty"),
    ] {
        let home = Home::new().with("A_KEY", pasted);
        let mut arguments = vec!["read".to_owned(), "--json".to_owned()];
        arguments.extend(place_arguments(&service, "work"));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let of_variable = home.run(&arguments);
        let place = ["--source", "kimi-code", "--region", "china", "--key-stdin", "--json"];
        let of_input = home.run_with(&[&["account", "add", "z"][..], &place].concat(), pasted.as_bytes());
        for ended in [of_variable, of_input] {
            assert_eq!((ended.status, kind(&ended).as_str()), (2, word), "{}", ended.out);
            assert!(ended.out.contains(says), "{}", ended.out);
        }
    }
    assert!(service.running().requests().is_empty());
}

#[test]
fn adding_says_that_the_variable_is_not_set_here() {
    let place = ["--source", "kimi-code", "--region", "china", "--key-env", "LATER_KEY"];
    let arguments = [&["account", "add", "z"][..], &place].concat();
    for (home, says) in [
        (Home::new(), true),
        (Home::new().with("LATER_KEY", ""), true),
        (Home::new().with("LATER_KEY", "sk-kimi-abcdef123456"), false),
    ] {
        let ended = home.run(&arguments);
        assert_eq!((ended.status, ended.out.contains("LATER_KEY is not set")), (0, says), "{}", ended.out);
    }
}

#[test]
fn an_empty_variable_counts_as_unset() {
    for name in [
        "TIDEMARK_DATA_DIR",
        "TZ",
        "LANG",
        "LANGUAGE",
        "LC_ALL",
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
        "NO_COLOR",
        "COLUMNS",
        "TERM",
        "KIMI_CODE_HOME",
        "KIMI_SHARE_DIR",
        "CLAUDE_CONFIG_DIR",
        "TIDEMARK_STAND_IN",
        "TIDEMARK_CLOCK",
        "HTTPS_PROXY",
        "NO_PROXY",
    ] {
        let home = Home::new().with(name, "");
        for command in [&["account", "list"][..], &["status"], &["logs"], &["poll"]] {
            let ended = home.run(command);
            assert_eq!((ended.status, ended.err.as_str()), (0, ""), "{name} {command:?} {}", ended.out);
        }
    }
}

#[test]
fn a_key_in_the_place_of_a_name_or_in_an_address_is_stored_and_printed_nowhere() {
    let service = Service::code();
    let home = common::home(&service, "work");
    assert_eq!(common::add(&home, &service, "work", "work").status, 0);
    let address = format!("http://127.0.0.1:9/{MISPLACED}/v1");
    let place = ["--source", "kimi-code", "--region", "china", "--base-url", &address, "--key-env", "K"];
    let file = format!("/{MISPLACED}/x");
    let cases: [Vec<&str>; 8] = [
        vec!["account", "rename", "work", MISPLACED],
        [&["account", "add", "z"][..], &place].concat(),
        [&["read"][..], &place].concat(),
        vec!["account", "test", MISPLACED],
        vec!["status", "--account", MISPLACED],
        vec!["replay", &file],
        vec!["logs", "--home", &file],
        vec!["history", "--from", MISPLACED],
    ];
    for arguments in &cases {
        for language in ["en", "zh-CN"] {
            for json in [&[][..], &["--json"]] {
                let ended = home.run(&[&["--lang", language], &arguments[..], json].concat());
                assert_ne!(ended.status, 0, "{arguments:?}");
                assert_nowhere(&home, &ended, MISPLACED);
            }
        }
    }
    let named: Vec<String> = common::add_arguments(&service, "work", MISPLACED);
    let ended = home.run(&named.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((ended.status, kind(&ended)), (2, "name-not-usable".to_owned()), "{}", ended.err);
    assert_nowhere(&home, &ended, MISPLACED);
}
