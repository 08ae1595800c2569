use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fluent_bundle::{FluentBundle, FluentResource};

use super::*;

fn environment<'a>(set: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| set.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
}

#[test]
fn the_environment_chooses_as_gettext_does() {
    type Variables<'a> = &'a [(&'a str, &'a str)];
    let table: &[(Variables<'_>, Option<Language>)] = &[
        (&[], None),
        (&[("LANG", "C")], Some(Language::English)),
        (&[("LANG", "C.UTF-8"), ("LANGUAGE", "zh_CN")], Some(Language::English)),
        (&[("LANG", "zh_CN.UTF-8")], Some(Language::Chinese)),
        (&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "en_US.UTF-8")], Some(Language::English)),
        (&[("LANG", "en_US.UTF-8"), ("LC_MESSAGES", "zh_TW")], Some(Language::Chinese)),
        (&[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "de:zh:en")], Some(Language::Chinese)),
        (&[("LANG", "de_DE.UTF-8")], None),
        (&[("LC_ALL", ""), ("LANG", "zh")], Some(Language::Chinese)),
    ];
    for (set, language) in table {
        assert_eq!(Language::of_environment(environment(set)), *language, "{set:?}");
    }
}

#[test]
fn what_was_asked_for_comes_before_the_settings() {
    assert_eq!(Language::choose(Some("en"), Some("zh-CN")), Language::English);
    assert_eq!(Language::choose(None, Some("zh-CN")), Language::Chinese);
}

#[test]
fn both_catalogues_parse() {
    for language in [Language::English, Language::Chinese] {
        if let Err((_, errors)) = FluentResource::try_new(language.catalogue().to_owned()) {
            panic!("{}: {errors:?}", language.tag());
        }
    }
}

/// The texts of a message that was parsed alone are those of the message among all others: none refers to another.
#[test]
fn each_message_alone_reads_as_in_the_whole_catalogue() {
    for language in [Language::English, Language::Chinese] {
        let resource = FluentResource::try_new(language.catalogue().to_owned()).unwrap();
        let mut whole = FluentBundle::new(vec![language.tag().parse().unwrap()]);
        whole.set_use_isolating(false);
        whole.add_resource(resource).unwrap();
        let catalog = Catalog::new(language);
        let keys = keys(language);
        assert!(keys.len() > 1_000, "{}", keys.len());
        for (key, variables) in keys {
            let args: FluentArgs<'_> =
                variables.iter().map(|name| (name.as_str(), FluentValue::from(3))).collect();
            let (id, attribute) = key.split_once('.').map_or((key.as_str(), None), |(id, a)| (id, Some(a)));
            let message = whole.get_message(id).unwrap_or_else(|| panic!("{key}"));
            let pattern = match attribute {
                Some(name) => message.get_attribute(name).map(|attribute| attribute.value()),
                None => message.value(),
            };
            let mut errors = Vec::new();
            let expected =
                pattern.map(|pattern| whole.format_pattern(pattern, Some(&args), &mut errors).into_owned());
            assert!(errors.is_empty(), "{key}: {errors:?}");
            assert_eq!(catalog.texts.format(&key, &args), expected, "{key}");
        }
    }
}

/// The keys of a catalogue, attributes as `message.attribute`, each with the variables that its text uses.
fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    let mut message = String::new();
    let mut key = String::new();
    for line in language.catalogue().lines() {
        if line.starts_with(['#', '\n']) {
            continue;
        }
        let name_of = |text: &str| text.split('=').next().unwrap_or_default().trim().to_owned();
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            message = name_of(line);
            key.clone_from(&message);
            all.insert(key.clone(), BTreeSet::new());
        } else if let Some(attribute) = line.trim_start().strip_prefix('.') {
            key = format!("{message}.{}", name_of(attribute));
            all.insert(key.clone(), BTreeSet::new());
        }
        for part in line.split('$').skip(1) {
            let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
            let variable = part[..end.unwrap_or(part.len())].to_owned();
            all.entry(key.clone()).or_default().insert(variable);
        }
    }
    all
}

#[test]
fn both_catalogues_have_the_same_keys_with_the_same_variables() {
    let english = keys(Language::English);
    let chinese = keys(Language::Chinese);
    let missing: Vec<_> = english.keys().filter(|key| !chinese.contains_key(*key)).collect();
    assert!(missing.is_empty(), "missing in Chinese: {missing:?}");
    let extra: Vec<_> = chinese.keys().filter(|key| !english.contains_key(*key)).collect();
    assert!(extra.is_empty(), "missing in English: {extra:?}");
    for (key, variables) in &english {
        let other = &chinese[key];
        assert!(other.is_subset(variables), "{key}: Chinese uses {other:?}, English gives {variables:?}");
    }
}

/// Every quoted key handed to `text`, `with` or `maybe` anywhere in this crate.
fn keys_in_code(dir: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            keys_in_code(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("i18n/tests.rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            for call in [".text(", ".with(", ".maybe("] {
                for part in source.split(call).skip(1) {
                    if let Some(rest) = part.trim_start().strip_prefix('"') {
                        found.insert(rest.split('"').next().unwrap().to_owned());
                    }
                }
            }
        }
    }
}

#[test]
fn every_key_in_the_code_is_in_the_catalogue() {
    let mut used = BTreeSet::new();
    keys_in_code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut used);
    assert!(used.len() > 40, "the search found only {}: has the way of calling changed?", used.len());
    let known = keys(Language::English);
    let missing: Vec<_> = used.iter().filter(|key| !known.contains_key(*key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_word_of_the_domain_has_a_text() {
    use tidemark_core::Meter;
    let known = keys(Language::English);
    for meter in Meter::ALL {
        assert!(known.contains_key(&format!("meter-{meter}.short")));
    }
    for kind in [
        "rate-limited",
        "overloaded",
        "out-of-balance",
        "window-exhausted",
        "membership-lapsed",
        "unauthorized",
        "forbidden",
        "not-found",
        "server-error",
        "gateway-timeout",
        "content-filtered",
        "bad-request",
        "network",
        "timeout",
        "not-understood",
        "key-unavailable",
        "server-not-running",
        "server-token-refused",
        "unknown",
    ] {
        assert!(kind.parse::<tidemark_core::FailureKind>().is_ok());
        assert!(known.contains_key(&format!("failure-{kind}")), "{kind}");
        assert!(known.contains_key(&format!("failure-{kind}.advice")), "{kind}");
    }
}

#[test]
fn every_advice_is_in_the_catalogue_as_json_has_it() {
    use tidemark_core::failure::{Denied, Limit, LimitScope};
    use tidemark_core::failure_cause::FailureCause;
    use tidemark_core::{Failure, FailureKind as Kind, Meter};

    let english = Catalog::new(Language::English);
    let known = keys(Language::Chinese);
    let of = |kind| Failure::new(kind, "");
    let mut failures: Vec<Failure> = [
        Kind::RateLimited,
        Kind::Overloaded,
        Kind::OutOfBalance,
        Kind::WindowExhausted,
        Kind::MembershipLapsed,
        Kind::Unauthorized,
        Kind::Forbidden,
        Kind::NotFound,
        Kind::ServerError,
        Kind::GatewayTimeout,
        Kind::ContentFiltered,
        Kind::BadRequest,
        Kind::Network,
        Kind::Timeout,
        Kind::NotUnderstood,
        Kind::KeyUnavailable,
        Kind::ServerNotRunning,
        Kind::ServerTokenRefused,
        Kind::Unknown,
    ]
    .map(of)
    .into();
    failures.push(Failure { status: Some(499), ..of(Kind::Unknown) });
    failures.extend(Meter::ALL.map(|meter| Failure { meter: Some(meter), ..of(Kind::WindowExhausted) }));
    for denied in [Denied::Model, Denied::Client, Denied::Account] {
        failures.push(Failure { denied: Some(denied), ..of(Kind::Forbidden) });
    }
    failures.push(Failure { whose: Some(LimitScope::Service), ..of(Kind::RateLimited) });
    failures.push(of(Kind::NotFound).with_cause(FailureCause::ServerWithoutUsage { status: 404 }));
    failures.push(of(Kind::ServerError).with_cause(FailureCause::ServerFailed { status: 500, said: None }));
    failures.push(of(Kind::Unauthorized).with_cause(FailureCause::ServerLoginRefused { said: None }));
    for limit in [Limit::Concurrency, Limit::RequestsPerMinute, Limit::TokensPerMinute, Limit::TokensPerDay] {
        for whose in [LimitScope::Account, LimitScope::Project] {
            let (limit, whose) = (Some(limit), Some(whose));
            failures.push(Failure { limit, whose, ..of(Kind::RateLimited) });
        }
    }
    let mut used = BTreeSet::new();
    for failure in &failures {
        let key = format!("advice-{}", tidemark_kimi::advice_word(failure));
        assert_eq!(english.text(&key), tidemark_kimi::advice(failure).replace('\'', "\u{2019}"), "{key}");
        assert!(known.contains_key(&key), "{key}");
        used.insert(key);
    }
    let dead: Vec<_> =
        known.keys().filter(|key| key.starts_with("advice-") && !used.contains(*key)).collect();
    assert!(dead.is_empty(), "{dead:?}");
}

#[test]
fn a_key_without_a_text_is_shown_as_it_is() {
    let words = Catalog::new(Language::Chinese);
    assert_eq!(words.text("no-such-key"), "no-such-key");
    assert_eq!(words.maybe("no-such-key"), None);
}
