//! Announcements of Kimi Code: `POST {base}/resource_configs` with `{"name":"client_banner"}`, without a key.
//!
//! No real answer has been seen. The names are those that Kimi Code's own programs read (2.1.0); whatever else is
//! there is passed over, and what is not understood of one announcement costs only that.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use tidemark_core::audience::Audience;
use tidemark_core::{Failure, FailureKind, text};

use super::fields::{Node, ParseWarnings, is_named};
use super::me::region_of;
use super::root;
use super::value::{self, Field};

/// The most announcements that are kept of one answer.
const MAX_ANNOUNCEMENTS: usize = 20;
/// The longest title that is kept, in characters.
const MAX_TITLE_CHARS: usize = 200;
/// The longest text that is kept, in characters: an announcement is a sentence or two.
const MAX_TEXT_CHARS: usize = 600;
/// The most levels of plans that an audience names.
const MAX_LEVELS: usize = 32;

/// The lists of announcements in an answer.
const LISTS: [&str; 3] = ["banner_tips", "banners", "tips"];

/// What a list of announcements may be wrapped in.
const WRAPPERS: [&str; 3] = ["config", "data", "result"];

/// An announcement. Its words are the service's, bounded and cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The service's id of it.
    pub id: String,
    /// Its title.
    pub title: Option<String>,
    /// What it says.
    pub text: Option<String>,
    /// What it says beneath.
    pub detail: Option<String>,
    /// From when on it holds.
    pub from: Option<DateTime<Utc>>,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
    /// Whom it concerns.
    pub audience: Audience,
}

/// Reads the answer with the announcements: those that are switched on, of any platform, for people who are signed in.
///
/// # Errors
/// [`FailureKind::NotUnderstood`] if the body is no JSON object, or has no list of announcements.
pub fn announcements(body: &[u8]) -> Result<Vec<Announcement>, Failure> {
    let parsed = root::Parsed::of(body);
    let root::Body { map, damaged } = root::object(&parsed, "config.banner_tips")?;
    let notes = ParseWarnings::of(damaged);
    let inner = config(map);
    let Some(inner) = inner.as_ref().or_else(|| holds_list(map).then_some(map)) else {
        return Err(Failure::new(
            FailureKind::NotUnderstood,
            "expected config.banner_tips, found nothing like it",
        ));
    };
    let list = Node::root(inner, &notes);
    let mut found: Vec<Announcement> = Vec::new();
    for node in list.objects(&LISTS) {
        if let Some(announcement) = announcement(&node)
            && found.iter().all(|known| known.id != announcement.id)
        {
            found.push(announcement);
        }
        if found.len() == MAX_ANNOUNCEMENTS {
            break;
        }
    }
    Ok(found)
}

fn holds_list(map: &Map<String, Value>) -> bool {
    let notes = ParseWarnings::default();
    Node::root(map, &notes).has(&LISTS)
}

/// The part of an answer that holds the list: `config`, as an object or as JSON in a text, in whatever wrapper.
fn config(map: &Map<String, Value>) -> Option<Map<String, Value>> {
    let wrappers = map.iter().filter(|(key, _)| WRAPPERS.iter().any(|name| is_named(key, name)));
    for (_, value) in wrappers {
        let inner = match value {
            Value::Object(inner) => inner.clone(),
            Value::String(text) => match serde_json::from_str(text) {
                Ok(Value::Object(inner)) => inner,
                _ => continue,
            },
            _ => continue,
        };
        if holds_list(&inner) {
            return Some(inner);
        }
        let config = inner.get("config").and_then(Value::as_object);
        if let Some(config) = config.filter(|config| holds_list(config)) {
            return Some(config.clone());
        }
    }
    None
}

fn announcement(node: &Node<'_>) -> Option<Announcement> {
    // Kimi Code's own programs show only what is switched on.
    if node.switch(&["banner_enabled", "enabled"]).known() != Some(true) {
        return None;
    }
    let words = |names: &'static [&'static str], longest| {
        let words = node.text(names).known()?.split_whitespace().collect::<Vec<_>>().join(" ");
        (!words.is_empty()).then(|| text::bounded(&words, longest))
    };
    let id = words(&["banner_id", "id"], text::MAX_NAME_CHARS)?;
    let title = words(&["banner_title", "title"], MAX_TITLE_CHARS);
    let said = words(&["banner_maintext", "main_text", "text"], MAX_TEXT_CHARS);
    if title.is_none() && said.is_none() {
        return None;
    }
    Some(Announcement {
        id,
        title,
        text: said,
        detail: words(&["banner_subtext", "sub_text"], MAX_TEXT_CHARS),
        from: time(node, &["banner_start_time", "start_time"]),
        until: time(node, &["banner_end_time", "end_time"]),
        audience: audience(node)?,
    })
}

/// A time. Kimi Code's own programs read one without a zone as UTC.
fn time<'a>(node: &Node<'a>, names: &'a [&'a str]) -> Option<DateTime<Utc>> {
    let (_, found) = node.raw(names)?;
    if let Field::Known(at) = value::instant(found) {
        return Some(at);
    }
    // Under the same bounds: a year that no calendar has is no time.
    value::instant(&Value::from(format!("{}Z", found.as_str()?.trim()))).known()
}

/// Whom an announcement concerns; `None` where that is no one with an account. What is not understood rules no one out.
fn audience(node: &Node<'_>) -> Option<Audience> {
    let Some(audience) = node.object_if_any(&["kfc_audience", "audience"]) else {
        return Some(Audience::default());
    };
    if audience.text(&["login"]).known().is_some_and(|login| login.trim().eq_ignore_ascii_case("anonymous")) {
        return None;
    }
    let levels = match audience.raw(&["tiers"]) {
        Some((_, Value::Array(levels))) => levels.iter().filter_map(Value::as_u64).take(MAX_LEVELS).collect(),
        _ => Vec::new(),
    };
    Some(Audience {
        region: audience.text(&["region"]).known().and_then(region_of),
        levels,
        goods_version: audience.positive_count(&["goods_version"]),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidemark_core::Region;

    use super::*;

    fn shown(body: &str) -> Vec<String> {
        let found = announcements(body.as_bytes()).unwrap();
        found
            .into_iter()
            .map(|one| {
                let part = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                let time = |at: Option<DateTime<Utc>>| part(at.map(|at| at.to_rfc3339()));
                format!(
                    "{} {} {} {} {} {}",
                    one.id,
                    part(one.title),
                    part(one.text),
                    part(one.detail),
                    time(one.from),
                    time(one.until)
                )
            })
            .collect()
    }

    fn one(members: &str) -> String {
        format!(r#"{{"config":{{"banner_tips":[{{"banner_id":"b1","banner_enabled":true,{members}}}]}}}}"#)
    }

    #[test]
    fn announcements_are_read_in_every_shape_that_is_likely() {
        for (name, body, expected) in [
            (
                "as Kimi Code's own programs read it",
                r#"{"name":"client_banner","config":{"banner_tips":[{"banner_id":"b7","banner_enabled":true,"banner_title":"Quota",
                    "banner_maintext":"All weekly quotas were restored","banner_subtext":"Thank you","banner_platform":"cli",
                    "banner_start_time":"2026-11-02T08:00:00","banner_end_time":"2026-11-05T08:00:00+08:00","banner_system":["mac"]}]}}"#,
                &[
                    "b7 Quota All weekly quotas were restored Thank you 2026-11-02T08:00:00+00:00 2026-11-05T00:00:00+00:00",
                ][..],
            ),
            (
                "camelCase",
                r#"{"config":{"bannerTips":[{"bannerId":"c","bannerEnabled":"true","bannerTitle":"T"}]}}"#,
                &["c T - - - -"],
            ),
            (
                "in a wrapper",
                r#"{"code":0,"data":{"config":{"banner_tips":[{"banner_id":"w","banner_enabled":true,"banner_maintext":"x"}]}}}"#,
                &["w - x - - -"],
            ),
            (
                "as JSON in a text",
                r#"{"config":"{\"banner_tips\":[{\"banner_id\":\"t\",\"banner_enabled\":true,\"banner_title\":\"x\"}]}"}"#,
                &["t x - - - -"],
            ),
            (
                "at the top",
                r#"{"banner_tips":[{"banner_id":"z","banner_enabled":true,"banner_title":"x"}]}"#,
                &["z x - - - -"],
            ),
            ("none", r#"{"config":{"banner_tips":[]}}"#, &[]),
            (
                "one bad among good ones",
                r#"{"config":{"banner_tips":[7,null,{"banner_id":5},{"banner_id":"g","banner_enabled":true,"banner_title":"x"}]}}"#,
                &["g x - - - -"],
            ),
            (
                "twice the same",
                r#"{"config":{"banner_tips":[{"banner_id":"g","banner_enabled":true,"banner_title":"x"},{"banner_id":"g","banner_enabled":true,"banner_title":"y"}]}}"#,
                &["g x - - - -"],
            ),
            (
                "switched off, or not said to be on",
                r#"{"config":{"banner_tips":[{"banner_id":"g","banner_enabled":false,"banner_title":"x"},{"banner_id":"h","banner_title":"x"}]}}"#,
                &[],
            ),
            (
                "without a word",
                r#"{"config":{"banner_tips":[{"banner_id":"g","banner_enabled":true,"banner_title":" ","banner_subtext":"x"}]}}"#,
                &[],
            ),
            (
                "times that are none",
                &one(r#""banner_title":"x","banner_start_time":"soon","banner_end_time":{"at":1}"#),
                &["b1 x - - - -"],
            ),
        ] {
            assert_eq!(shown(body), expected, "{name}");
        }
    }

    #[test]
    fn an_answer_of_another_kind_is_not_understood() {
        for body in [
            "",
            "[]",
            "{}",
            "<html></html>",
            r#"{"config":null}"#,
            r#"{"config":"none"}"#,
            r#"{"code":5,"error":"url.not_found"}"#,
        ] {
            assert_eq!(
                announcements(body.as_bytes()).unwrap_err().kind,
                FailureKind::NotUnderstood,
                "{body}"
            );
        }
    }

    #[test]
    fn a_time_without_a_zone_is_bounded_like_any_other() {
        for (text, expected) in [
            ("2026-11-02T08:00:00", Some("2026-11-02T08:00:00+00:00")),
            ("2026-11-02 08:00:00", Some("2026-11-02T08:00:00+00:00")),
            (" 2026-11-02T08:00:00.5 ", Some("2026-11-02T08:00:00.500+00:00")),
            ("2026-11-02T08:00:00+08:00", Some("2026-11-02T00:00:00+00:00")),
            ("+262142-12-31T23:59:59", None),
            ("+262142-12-31T23:59:59Z", None),
            ("-262143-01-01T00:00:00", None),
            ("+12026-11-02T08:00:00", None),
            ("-0001-11-02T08:00:00", None),
            ("0001-01-01T00:00:00", None),
            ("2026-02-30T00:00:00", None),
            ("", None),
        ] {
            let body = one(&format!(
                r#""banner_title":"x","banner_start_time":"{text}","banner_end_time":"{text}""#
            ));
            let found = announcements(body.as_bytes()).unwrap().pop().unwrap();
            let expected = expected.map(str::to_owned);
            assert_eq!(found.from.map(|at| at.to_rfc3339()), expected, "{text}");
            assert_eq!(found.until.map(|at| at.to_rfc3339()), expected, "{text}");
        }
    }

    #[test]
    fn an_audience_that_is_not_understood_is_everyone() {
        let everyone = Audience::default();
        for (audience, expected) in [
            ("null", Some(everyone.clone())),
            ("7", Some(everyone.clone())),
            ("{}", Some(everyone.clone())),
            (r#"{"login":"all","region":"all","tiers":null,"goods_version":null}"#, Some(everyone.clone())),
            (r#"{"login":"anonymous"}"#, None),
            (r#"{"region":"cn"}"#, Some(Audience { region: Some(Region::China), ..everyone.clone() })),
            (
                r#"{"region":"OVERSEA","login":"logged_in"}"#,
                Some(Audience { region: Some(Region::Global), ..everyone.clone() }),
            ),
            (r#"{"region":"moon","tiers":"25"}"#, Some(everyone.clone())),
            (r#"{"tiers":[25,"x",-3,30.5,30]}"#, Some(Audience { levels: vec![25, 30], ..everyone.clone() })),
            (r#"{"goods_version":2}"#, Some(Audience { goods_version: Some(2), ..everyone })),
        ] {
            let body = one(&format!(r#""banner_title":"x","kfc_audience":{audience}"#));
            let found = announcements(body.as_bytes()).unwrap().pop().map(|one| one.audience);
            assert_eq!(found, expected, "{audience}");
        }
    }

    #[test]
    fn words_are_bounded_and_clean_and_so_is_their_number() {
        let long = "w".repeat(5_000);
        let body = one(&format!(r#""banner_title":"a\u001b[31m\u202eb\nc","banner_maintext":"{long}""#));
        let found = announcements(body.as_bytes()).unwrap().pop().unwrap();
        assert!(text::is_clean(found.title.as_deref().unwrap()), "{:?}", found.title);
        assert!(found.text.unwrap().chars().count() <= MAX_TEXT_CHARS + 1);
        let many: Vec<String> = (0..1_000)
            .map(|n| format!(r#"{{"banner_id":"{n}","banner_enabled":true,"banner_title":"x"}}"#))
            .collect();
        let body = format!(r#"{{"config":{{"banner_tips":[{}]}}}}"#, many.join(","));
        assert_eq!(announcements(body.as_bytes()).unwrap().len(), MAX_ANNOUNCEMENTS);
    }

    proptest! {
        #[test]
        fn no_body_does_harm(body in r#"(\{|\[|"|banner_tips|config|banner_id|kfc_audience|:|,|true|\}|\]|[0-9]|.){0,60}"#) {
            let _ = announcements(body.as_bytes());
        }
    }
}
