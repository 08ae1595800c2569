//! Figures in messages: which limit, whose, how much of it, how long to wait.
//!
//! All texts here are in lower case.

use std::time::Duration;

use tidemark_core::failure::{Limit, LimitScope};

use super::{phrase, retry_after::of_seconds};

/// Words for the limits, old and new. The first that is found counts.
const LIMITS: [(&str, Limit); 29] = [
    ("tpd", Limit::TokensPerDay),
    ("tokens per day", Limit::TokensPerDay),
    ("token per day", Limit::TokensPerDay),
    ("tokens-per-day", Limit::TokensPerDay),
    ("daily token", Limit::TokensPerDay),
    ("tpm", Limit::TokensPerMinute),
    ("tokens per minute", Limit::TokensPerMinute),
    ("token per minute", Limit::TokensPerMinute),
    ("tokens-per-minute", Limit::TokensPerMinute),
    ("rpm", Limit::RequestsPerMinute),
    ("requests per minute", Limit::RequestsPerMinute),
    ("request per minute", Limit::RequestsPerMinute),
    ("requests-per-minute", Limit::RequestsPerMinute),
    ("max request:", Limit::RequestsPerMinute),
    ("max requests:", Limit::RequestsPerMinute),
    ("concurrency", Limit::Concurrency),
    ("concurrent", Limit::Concurrency),
    ("parallel", Limit::Concurrency),
    ("每日 token", Limit::TokensPerDay),
    ("每天 token", Limit::TokensPerDay),
    ("每日token", Limit::TokensPerDay),
    ("每天token", Limit::TokensPerDay),
    ("每分钟 token", Limit::TokensPerMinute),
    ("每分钟token", Limit::TokensPerMinute),
    ("每分钟请求", Limit::RequestsPerMinute),
    ("请求频率", Limit::RequestsPerMinute),
    ("请求过于频繁", Limit::RequestsPerMinute),
    ("并发", Limit::Concurrency),
    ("同时请求", Limit::Concurrency),
];

/// Words for the owners of limits. `user+model` is the account's limit for one model.
const OWNERS: [(&str, LimitScope); 13] = [
    ("project", LimitScope::Project),
    ("organization", LimitScope::Account),
    ("organisation", LimitScope::Account),
    ("user+model", LimitScope::Account),
    ("user", LimitScope::Account),
    ("account", LimitScope::Account),
    ("your", LimitScope::Account),
    ("you've", LimitScope::Account),
    ("项目", LimitScope::Project),
    ("组织", LimitScope::Account),
    ("账号", LimitScope::Account),
    ("账户", LimitScope::Account),
    ("您", LimitScope::Account),
];

/// What the message is about, after the account's own numbers have been named.
fn tail(text: &str) -> &str {
    text.split_once("reached ").map_or(text, |(_, tail)| tail)
}

/// Which limit a message names.
pub(super) fn limit(text: &str) -> Option<Limit> {
    [tail(text), text].into_iter().find_map(|part| {
        LIMITS.iter().find(|(word, _)| phrase::find(part, word).is_some()).map(|(_, limit)| *limit)
    })
}

/// Who the limit in a message applies to, if the message says so.
pub(super) fn whose(text: &str) -> Option<LimitScope> {
    [tail(text), text].into_iter().find_map(|part| {
        OWNERS.iter().find(|(word, _)| phrase::find(part, word).is_some()).map(|(_, whose)| *whose)
    })
}

/// The figures of a limit: how much is in use, how much there is.
///
/// `current: 1518025, limit: 1500000`, `current:1410,limit:100`, `max RPM: 20`, `max concurrency: 3`.
pub(super) fn reached(text: &str) -> (Option<u64>, Option<u64>) {
    let tail = tail(text);
    let current = number_after(tail, "current");
    let limit = number_after(tail, "limit").or_else(|| {
        let (_, after) = tail.split_once("max")?;
        let (name, value) = after.split_once(':')?;
        // Only the name of the limit may stand between.
        (name.len() <= 40 && !name.contains([',', '.', ';'])).then(|| leading_number(value)).flatten()
    });
    (current, limit)
}

/// How long a message asks to wait: `please try again after 1 seconds`.
pub(super) fn wait(text: &str) -> Option<Duration> {
    let after = ["again after ", "retry after ", "again in ", "retry in ", "wait "]
        .iter()
        .find_map(|words| text.split_once(words).map(|(_, after)| after.trim_start()));
    let Some(after) = after else { return wait_in_chinese(text) };
    let end = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
    let number = of_seconds(after[..end].trim_end_matches('.'))?;
    let unit = after[end..].trim_start();
    let factor = match unit {
        unit if unit.starts_with("ms") || unit.starts_with("milli") => return Some(number / 1_000),
        unit if unit.starts_with("min") => 60,
        unit if unit.starts_with('h') => 3_600,
        unit if unit.starts_with('s') => 1,
        _ => return None,
    };
    number.checked_mul(factor)
}

/// `请在 3 秒后重试`, `请于5分钟后再试`, `请等待 1 小时`.
fn wait_in_chinese(text: &str) -> Option<Duration> {
    const UNITS: [(&str, u32); 5] = [("秒", 1), ("分钟", 60), ("分", 60), ("小时", 3_600), ("个小时", 3_600)];

    let after_digits = |part: &str| -> Option<Duration> {
        let unit = part.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '));
        let number = of_seconds(part[..part.len() - unit.len()].trim())?;
        let (word, factor) = UNITS.iter().find(|(word, _)| unit.starts_with(word))?;
        // A length that nothing is asked for, such as that of a quota, is no wait.
        let waits = unit[word.len()..].starts_with('后') || text.contains("等待");
        waits.then(|| number.checked_mul(*factor)).flatten()
    };
    text.char_indices()
        .filter(|(start, c)| {
            c.is_ascii_digit() && !text[..*start].ends_with(|c: char| c.is_ascii_digit() || c == '.')
        })
        .find_map(|(start, _)| after_digits(&text[start..]))
}

/// The number after a word, with nothing but a colon, an equals sign and blanks between them.
fn number_after(text: &str, word: &str) -> Option<u64> {
    text.match_indices(word).find_map(|(start, found)| leading_number(&text[start + found.len()..]))
}

/// A whole number at the beginning of a text. `1.5` and `2e6` are none.
fn leading_number(text: &str) -> Option<u64> {
    let text = text.trim_start_matches([' ', ':', '=']);
    let mut digits = String::new();
    let mut rest = text;
    loop {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        digits.push_str(&rest[..end]);
        rest = &rest[end..];
        // 1,518,025: a comma with exactly three digits behind it groups, another one separates.
        match rest.strip_prefix(',') {
            Some(group)
                if group.len() - group.trim_start_matches(|c: char| c.is_ascii_digit()).len() == 3 =>
            {
                rest = group;
            }
            _ => break,
        }
    }
    let goes_on = match rest.strip_prefix('.') {
        Some(decimals) => decimals.starts_with(|c: char| c.is_ascii_digit()),
        None => rest.strip_prefix('e').is_some_and(|power| !power.starts_with(char::is_alphabetic)),
    };
    if goes_on { None } else { digits.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read() {
        for (text, current, limit) in [
            (
                "reached organization tpd rate limit, current: 1518025, limit: 1500000",
                Some(1_518_025),
                Some(1_500_000),
            ),
            ("reached tpm rate limit, current:1410, limit:100", Some(1410), Some(100)),
            ("reached tpm rate limit, current:1410,limit:100", Some(1410), Some(100)),
            ("reached tpd rate limit,current: 1,518,025, limit: 1,500,000", Some(1_518_025), Some(1_500_000)),
            ("reached organization max rpm: 20, please try again after 1 seconds", None, Some(20)),
            (
                "your account organization concurrency: 7, request reached max organization concurrency: 3",
                None,
                Some(3),
            ),
            ("reached max request: 3, please try again after 1 seconds", None, Some(3)),
            ("organization-level tpd limit reached", None, None),
            ("current state: suspended", None, None),
            ("reached tpm rate limit, current: 1.5, limit: 2e6", None, None),
            ("reached tpm rate limit, current: 15e, limit: 20.", None, Some(20)),
            ("the maximum is 5", None, None),
            ("", None, None),
        ] {
            assert_eq!(reached(text), (current, limit), "{text}");
        }
    }

    #[test]
    fn waits_are_read() {
        for (text, wait_seconds) in [
            ("please try again after 1 seconds", Some(1.0)),
            ("please try again after 0 seconds", Some(0.0)),
            ("please try again after 1.5s.", Some(1.5)),
            ("try again in 20 minutes", Some(1200.0)),
            ("retry after 250ms", Some(0.25)),
            ("please wait a moment and try again.", None),
            ("please try again later", None),
            ("try again after 3", None),
            ("请求过于频繁，请在 3 秒后重试", Some(3.0)),
            ("请于5分钟后再试", Some(300.0)),
            ("请等待 1.5 小时", Some(5400.0)),
            ("您的5小时额度已用完", None),
            ("请稍后重试", None),
        ] {
            assert_eq!(wait(text), wait_seconds.map(Duration::from_secs_f64), "{text}");
        }
    }

    #[test]
    fn owners_and_limits_are_read_from_the_tail() {
        let text = "your account org-1 / proj-2 <ak-3> request reached organization tpm rate limit";
        assert_eq!((whose(text), limit(text)), (Some(LimitScope::Account), Some(Limit::TokensPerMinute)));
        let text = "your account x request reached project rpm rate limit";
        assert_eq!((whose(text), limit(text)), (Some(LimitScope::Project), Some(Limit::RequestsPerMinute)));
        assert_eq!(limit("https of httpd and carpm"), None);
    }
}
