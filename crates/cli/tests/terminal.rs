//! What people see in a terminal, narrow ones too, and the forms of the status line.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test")]

mod common;

use common::{Home, Service, add, home};
use tidemark_core::Meter;
use unicode_width::UnicodeWidthStr;

/// A home with three accounts of one service, the last of them the tightest.
fn used(service: &Service) -> Home {
    let home = home(service, "work");
    for name in ["早班", "an account with a name of some length", "late"] {
        assert_eq!(add(&home, service, "work", name).status, 0);
    }
    service.running().spend("work", Meter::FiveHour, 10.into()).unwrap();
    assert_eq!(home.run_ago(service, 30, &["poll", "--json"]).status, 0);
    service.running().spend("work", Meter::FiveHour, 25.into()).unwrap();
    assert_eq!(home.run(&["poll", "--json"]).status, 0);
    home
}

fn widest(text: &str) -> usize {
    text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let service = Service::code();
    let home = used(&service);
    for columns in [60_usize, 80] {
        let home_of = |command: &[&str]| {
            let mut command = home.command(command);
            command.env("COLUMNS", columns.to_string());
            common::Ended::of(command.output().unwrap())
        };
        for language in ["en", "zh-CN"] {
            for command in [
                &["status"][..],
                &["history", "--by", "hour"],
                &["history", "--by", "day"],
                &["findings"],
                &["account", "list"],
                &["logs"],
                &["poll"],
            ] {
                let ended = home_of(&[&["--lang", language][..], command].concat());
                assert_eq!(ended.status, 0, "{command:?} {}", ended.err);
                assert!(widest(&ended.out) <= columns, "{command:?} {columns}\n{}", ended.out);
            }
        }
    }
}

#[test]
fn what_is_broken_is_not_lost() {
    let service = Service::code();
    let home = used(&service);
    let all = |columns: &str| {
        let mut command = home.command(&["account", "list"]);
        command.env("COLUMNS", columns);
        let out = common::Ended::of(command.output().unwrap()).out;
        let mut words: Vec<char> = out.chars().filter(|c| !c.is_whitespace()).collect();
        words.sort_unstable();
        words
    };
    assert_eq!(all("70"), all("500"));
}

#[test]
fn the_status_line_keeps_to_its_width() {
    let service = Service::code();
    let home = used(&service);
    let full = home.run(&["status", "--line"]).out;
    for language in ["en", "zh-CN"] {
        for width in [1_usize, 5, 12, 20, 40, 80, 400] {
            let columns = width.to_string();
            let arguments = ["status", "--format", "line", "--width", &columns, "--lang", language];
            let ended = home.run(&arguments);
            assert_eq!((ended.status, ended.out.lines().count()), (0, 1), "{}", ended.err);
            assert!(widest(&ended.out) <= width, "{width}: {}", ended.out);
        }
    }
    assert_eq!(home.run(&["status", "--format", "line", "--width", "160"]).out, full);
    assert_eq!(home.run(&["status", "--width", "0"]).status, 2);
}

#[test]
fn the_forms_of_the_status() {
    let service = Service::code();
    let home = used(&service);
    let accounts = |arguments: &[&str]| home.run(arguments).json()["accounts"].as_array().unwrap().len();
    assert_eq!(accounts(&["status", "--format", "json"]), 3);
    assert_eq!(accounts(&["status", "--json"]), 3);
    assert_eq!(accounts(&["status", "--json", "--line"]), 3, "JSON was asked for");
    assert_eq!(home.run(&["status", "--format", "text"]).status, 0);
    for (bar, begins) in [
        ("waybar", "{"),
        ("i3status", "{"),
        ("polybar", ""),
        ("tmux", ""),
        ("starship", ""),
        ("swiftbar", ""),
    ] {
        let ended = home.run(&["status", "--format", bar, "--width", "60"]);
        assert_eq!((ended.status, ended.err.as_str()), (0, ""), "{bar}");
        assert!(ended.out.starts_with(begins) && ended.out.contains('%'), "{bar}: {}", ended.out);
        let lines = ended.out.lines().count();
        assert_eq!(lines, if bar == "swiftbar" { 5 } else { 1 }, "{bar}: {}", ended.out);
    }
    assert_eq!(home.run(&["status", "--format", "xml"]).status, 2);
}

#[test]
fn a_language_has_several_names_and_help_is_a_word() {
    let home = Home::new();
    for (language, says) in
        [("zh", "用法"), ("zh_CN", "用法"), ("zh-Hans", "用法"), ("zh_CN.UTF-8", "用法"), ("en_GB", "Usage")]
    {
        let ended = home.run(&["--lang", language, "help", "history"]);
        assert!(ended.status == 0 && ended.out.contains(says), "{language} {}", ended.out);
    }
    let unknown = home.run(&["--lang", "tlh", "status"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.err.contains("zh-CN"), "{}", unknown.err);
    assert!(home.run(&["help"]).out.contains("history"));
}

#[test]
fn wrong_usage_in_chinese_has_no_english_but_names() {
    let home = Home::new().with("LANG", "zh_CN.UTF-8");
    for arguments in [
        &["frobnicate"][..],
        &["status", "--width", "many"],
        &["status", "--format", "xml"],
        &["history", "--by"],
        &["explain", "--status", "abc"],
        &["--lang", "tlh", "status"],
        &["--timezone", "Nowhere", "status"],
        &["read"],
        &["agent", "--listen", "x"],
    ] {
        let ended = home.run(arguments);
        assert_eq!(ended.status, 2, "{arguments:?}");
        for english in
            ["error:", "Usage", "possible values", "invalid", "required", "For more", "[env", "tip:"]
        {
            assert!(!ended.err.contains(english), "{arguments:?} {english}: {}", ended.err);
        }
    }
}

#[test]
fn usage_does_not_ask_for_what_a_variable_gives() {
    let ended = Home::new().run(&["history"]);
    assert!(ended.status == 2 && !ended.err.contains("--data-dir"), "{}", ended.err);
}

#[test]
fn an_export_that_is_no_json_lines_is_refused_once() {
    let home = Home::new();
    let text = b"[{\"type\":\"usage\"},\n{\"type\":\"usage\"},\n{\"type\":\"usage\"}]\n";
    for (language, says) in [("en", "standard input: this is one JSON document"), ("zh-CN", "标准输入")] {
        let ended = home.run_with(&["--lang", language, "replay"], text);
        assert_eq!((ended.status, ended.err.lines().count()), (6, 1), "{}", ended.err);
        assert!(ended.err.contains(says) && ended.err.contains("--format jsonl"), "{}", ended.err);
    }
}

#[test]
fn times_in_another_zone_than_the_reader_s_name_it() {
    let service = Service::code();
    let home = used(&service);
    let there = |zone: &str| {
        let mut command = home.command(&["status"]);
        command.env("TZ", zone);
        common::Ended::of(command.output().unwrap()).out
    };
    assert!(there("Asia/Seoul").contains("Times are in"), "{}", there("Asia/Seoul"));
    assert!(!there("UTC").contains("Times are in"), "{}", there("UTC"));
}

#[test]
fn hours_without_data_are_counted_and_not_shown() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "work").status, 0);
    assert_eq!(home.run_ago(&service, 40 * 3600, &["poll", "--json"]).status, 0);
    assert_eq!(home.run(&["poll", "--json"]).status, 0);
    let table = home.run(&["history", "--by", "hour"]).out;
    assert!(table.contains("without data"), "{table}");
    assert!(table.lines().count() < 40, "{table}");
    let rows = home.run(&["history", "--by", "hour", "--json"]).json();
    assert!(rows["rows"].as_array().unwrap().len() > 40, "the document keeps them");
}

#[test]
fn a_poll_whose_key_is_missing_says_so_in_the_reader_s_language() {
    let service = Service::code();
    let home = home(&service, "work");
    assert_eq!(add(&home, &service, "work", "work").status, 0);
    let mut command = home.command(&["poll", "--lang", "zh-CN"]);
    command.env_remove("A_KEY");
    let ended = common::Ended::of(command.output().unwrap());
    assert!(ended.out.contains("环境变量未设置") && !ended.out.contains("start Tidemark"), "{}", ended.out);
}
