//! `/me`, `/users/me`, and the status page.

use tidemark_core::wire::IncidentState;
use tidemark_core::{RateLimits, Source};
use tidemark_kimi::{Indicator, Profile, parse};

use crate::{at, usages};

fn me(body: &str) -> Profile {
    parse::me(body.as_bytes(), at()).unwrap()
}

#[test]
fn the_plans_name_and_nothing_personal_is_kept_of_me() {
    let profile = me(
        r#"{"user_id":"u-31337","nickname":"Otter","email":"otter@example.org","phone":{"number":"13800001111"},
        "user_level":25,"user_level_name":"Pro","goods_version":2}"#,
    );
    assert_eq!(profile.plan.as_deref(), Some("Pro"));
    let identity = profile.identity.clone().unwrap();
    assert_eq!(identity.len(), 16);
    let all = format!("{profile:?}");
    for private in ["31337", "Otter", "otter", "1380"] {
        assert!(!all.contains(private), "{all}");
    }
    assert_eq!(me(r#"{"user_id":"u-31337"}"#).identity, Some(identity));
    assert_ne!(me(r#"{"user_id":"u-31338"}"#).identity, profile.identity);
    assert_eq!(me(r#"{"code":0,"data":{"userId":"x","userLevelName":"Max"}}"#).plan.as_deref(), Some("Max"));
    assert_eq!(me(r#"{"user_level_name":""}"#), Profile::default());
    assert_eq!(me(r#"{"user_level_name":5}"#).not_understood, ["user_level_name"]);
    assert!(parse::me(br#"{"error":{"message":"no"}}"#, at()).is_err());
}

#[test]
fn a_profile_of_a_new_plan_takes_the_left_over_week_out_of_a_reading() {
    let week = r#"{"usage":{"limit":"100","used":"100"},"usages":{"limit_5h":{"used_ratio":0.1}}}"#;
    for (body, meters) in [
        (r#"{"user_id":"u","user_level_name":"Pro","goods_version":2}"#, 1),
        (
            r#"{"code":0,"data":{"kind":"ok","userInfo":{"userId":"u","userLevelName":"Pro","goodsVersion":2}}}"#,
            1,
        ),
        (r#"{"user_id":"u","user_level_name":"Pro","goods_version":"GOODS_VERSION_V2"}"#, 1),
        (r#"{"user_id":"u","user_level_name":"Pro","goodsVersion":"V2"}"#, 1),
        (r#"{"user_id":"u","user_level_name":"Pro","version":2}"#, 1),
        (r#"{"user_id":"u","user_level_name":"Pro","version":"GOODS_VERSION_V3"}"#, 1),
        (r#"{"user_id":"u","user_level_name":"Pro","goods_version":1}"#, 2),
        (r#"{"user_id":"u","user_level_name":"Pro","version":"V1"}"#, 2),
        (r#"{"user_id":"u","user_level_name":"Pro"}"#, 2),
    ] {
        let mut reading = usages(week).unwrap();
        let profile = me(body);
        assert!(profile.identity.is_some(), "{body}");
        profile.fill(&mut reading);
        assert_eq!((reading.meters.len(), reading.plan.as_deref()), (meters, Some("Pro")), "{body}");
    }
}

#[test]
fn a_profile_of_a_new_plan_takes_the_old_plan_s_name_out_of_a_reading() {
    let old = r#"{"user":{"membership":{"level":"LEVEL_INTERMEDIATE"}},"usage":{"limit":"100","used":"3"}}"#;
    for (body, plan) in [
        (r#"{"user_id":"u","goods_version":"V2"}"#, None),
        (r#"{"user_id":"u","user_level_name":"Allegretto","version":"V2"}"#, None),
        (r#"{"user_id":"u","user_level_name":"Max","version":"V2"}"#, Some("Max")),
        (r#"{"user_id":"u","version":"V1"}"#, Some("Allegretto")),
        (r#"{"user_id":"u"}"#, Some("Allegretto")),
    ] {
        let mut reading = usages(old).unwrap();
        me(body).fill(&mut reading);
        assert_eq!(reading.plan.as_deref(), plan, "{body}");
    }
}

#[test]
fn a_user_of_two_organizations_has_two_balances() {
    let read = |user: &str, organization: &str| {
        let body = format!(
            r#"{{"code":0,"data":{{"organization":{{"id":"{organization}","max_concurrency":5}},"user":{{"id":"{user}"}}}}}}"#
        );
        let mut reading = usages("{}").unwrap();
        parse::users_me(body.as_bytes(), at()).unwrap().fill(&mut reading);
        assert!(!format!("{:?}", reading.user).contains(organization), "no id is kept");
        reading.user
    };
    let first = read("u9", "org-77");
    assert_eq!(first.is_same(&read("u9", "org-77")), Some(true));
    assert_eq!(first.is_same(&read("u9", "org-78")), Some(false));
    assert_eq!(first.is_same(&read("u8", "org-77")), Some(false));
    // An answer without it says nothing against it.
    let mut nameless = first.clone();
    nameless.organization = None;
    assert_eq!(first.is_same(&nameless), Some(true));
    // The same letters are another id as a user's.
    assert_ne!(read("same", "same").profile, read("same", "same").organization);
}

#[test]
fn limits_of_users_me() {
    let read = |body: &str| parse::users_me(body.as_bytes(), at()).unwrap();
    let profile = read(
        r#"{"code":0,"data":{"access_key":{"id":"ak-0"},"organization":{"id":"org-0","max_concurrency":15,"max_request_per_minute":"100",
        "max_token_per_minute":2000000,"max_token_quota":0},"user":{"id":"u9"}},"status":true}"#,
    );
    assert_eq!(
        profile.limits,
        RateLimits {
            concurrency: Some(15),
            requests_per_minute: Some(100),
            tokens_per_minute: Some(2_000_000),
            tokens_per_day: None
        }
    );
    assert!(profile.identity.is_some() && profile.plan.is_none());
    let profile = read(
        r#"{"data":{"organization":{"maxConcurrency":-1,"maxRequestPerMinute":"lots","maxTokenQuota":1500000}}}"#,
    );
    assert_eq!(profile.limits, RateLimits { tokens_per_day: Some(1_500_000), ..RateLimits::default() });
    assert_eq!(profile.not_understood, ["data.organization.maxRequestPerMinute"]);
    assert!(parse::users_me(br#"{"code":401,"status":false}"#, at()).is_err());
}

#[test]
fn a_profile_fills_a_reading() {
    let mut reading = usages(
        r#"{"user":{"membership":{"level":"LEVEL_BASIC"}},"parallel":{"limit":"20"},"usage":{"limit":"x"}}"#,
    )
    .unwrap();
    let limits = RateLimits { concurrency: Some(5), requests_per_minute: Some(7), ..RateLimits::default() };
    let profile = Profile {
        plan: Some("Plus".into()),
        limits,
        not_understood: vec!["usage.limit".into(), "user_level_name".into()],
        ..Profile::default()
    };
    profile.fill(&mut reading);
    assert_eq!(reading.plan.as_deref(), Some("Plus"));
    assert_eq!((reading.limits.concurrency, reading.limits.requests_per_minute), (Some(20), Some(7)));
    assert_eq!(reading.not_understood, ["usage.limit", "user_level_name"]);
    Profile::default().fill(&mut reading);
    assert_eq!(reading.plan.as_deref(), Some("Plus"));
}

#[test]
fn the_status_page() {
    let page = parse::status(
        br#"{"page":{"id":"p1","name":"Moonshot","url":"https://status.example.org","updated_at":"2026-11-20T09:00:00.000+08:00"},
            "status":{"indicator":"major","description":"Partial System Outage"},
            "components":[{"id":"c1","name":"Open API","status":"major_outage"},{"id":"c2","name":"Kimi Code","status":"operational"}],
            "incidents":[{"id":"i1","name":"Elevated errors","status":"investigating","impact":"major","created_at":"2026-11-20T00:30:00Z",
                          "updated_at":"2026-11-20T00:45:00Z","shortlink":"https://stspg.io/i1","incident_updates":[]},
                         {"id":"i0","name":"Old","status":"resolved","impact":"minor","created_at":"soon"},
                         {"name":"nameless"}],
            "scheduled_maintenances":[{"id":"m1","name":"Work","status":"in_progress","impact":"maintenance","scheduled_for":"2026-11-20T01:00:00Z"},
                                      {"id":"m2","name":"Later","status":"scheduled"}]}"#,
    )
    .unwrap();
    assert_eq!((page.indicator, page.indicator.as_str()), (Indicator::Major, "major"));
    assert_eq!(page.description, "Partial System Outage");
    assert_eq!(page.updated_at, Some("2026-11-20T01:00:00Z".parse().unwrap()));
    assert_eq!(page.components.len(), 2);
    let ids: Vec<_> = page.incidents.iter().map(|i| (i.id.as_str(), i.state)).collect();
    assert_eq!(
        ids,
        [("i1", IncidentState::Open), ("i0", IncidentState::Resolved), ("m1", IncidentState::Open)]
    );
    assert_eq!(page.incidents[0].since, Some("2026-11-20T00:30:00Z".parse().unwrap()));
    assert_eq!(page.incidents[0].url.as_deref(), Some("https://stspg.io/i1"));
    assert_eq!(page.incidents[2].since, Some("2026-11-20T01:00:00Z".parse().unwrap()));
    assert_eq!(page.not_understood, ["incidents[1].created_at", "incidents[2]"]);

    let page =
        parse::status(br#"{"status":{"indicator":"purple"},"page":{"url":"javascript:alert(1)"}}"#).unwrap();
    assert_eq!((page.indicator, page.url), (Indicator::Unknown, None));
    assert_eq!(page.not_understood, ["status.indicator"]);
    assert!(parse::status(b"{}").is_err());
}

#[test]
fn an_incident_concerns_the_accounts_of_the_components_that_it_names() {
    use Source::{KimiCode, Platform};
    for (parts, concerned) in [
        // A machine's alarm: nothing is named.
        (r#""components":[]"#, &[][..]),
        (r#""components":[],"incident_updates":[{"affected_components":null}]"#, &[]),
        (r#""components":[{"id":"zz","name":"Search"}]"#, &[]),
        (r#""components":[{"id":"zz","name":"SMS login"},{"name":"Deep research"}]"#, &[]),
        (r#""components":[{"id":"8psr5dfdld0s","name":"Open API"}]"#, &[Platform]),
        (r#""components":[{"name":"Search"},{"name":"Open API"}]"#, &[Platform]),
        (r#""components":[{"id":"x0zsqgy57b75","name":"Model"}]"#, &[KimiCode, Platform]),
        (r#""components":[{"id":"q","name":"Kimi Code"}]"#, &[KimiCode]),
        (r#""components":[{"name":"Kimi Code API"}]"#, &[KimiCode]),
        (r#""components":[{"name":"Coding endpoint"}]"#, &[KimiCode]),
        (r#""components":[{"name":"API"}]"#, &[KimiCode, Platform]),
        (r#""components":[{"name":"Kimi API Service (CN)"}]"#, &[KimiCode, Platform]),
        (r#""components":[{"name":"API 服务"}]"#, &[KimiCode, Platform]),
        (r#""components":[{"name":"模型推理"}]"#, &[KimiCode, Platform]),
        (r#""components":[{"name":"开放平台"}]"#, &[Platform]),
        // Another thing's interface or model.
        (r#""components":[{"name":"Search API"}]"#, &[]),
        (r#""components":[{"name":"SMS API service"}]"#, &[]),
        (r#""components":[{"name":"Payment API"}]"#, &[]),
        (r#""components":[{"name":"搜索 API"}]"#, &[]),
        (r#""components":[{"name":"Speech model"}]"#, &[]),
        // Parts of other words.
        (r#""components":[{"name":"Rapid response"}]"#, &[]),
        (r#""components":[{"name":"Remodeling"}]"#, &[]),
        (r#""components":[{"name":"Encoding"}]"#, &[]),
        (r#""components":[{"id":"rf64wcbxt3r2x","name":"Sheets"}]"#, &[]),
        (r#""components":[{"id":"rf64wcbxt3r2"}]"#, &[KimiCode, Platform]),
        (
            r#""components":[],"incident_updates":[{"affected_components":[{"code":"x","name":"Open API"}]}]"#,
            &[Platform],
        ),
        // The page does not say.
        (r#""impact":"major""#, &[KimiCode, Platform]),
    ] {
        let body = format!(
            r#"{{"status":{{"indicator":"critical"}},"incidents":[{{"id":"i","name":"Agentic alarm","status":"investigating",{parts}}}]}}"#
        );
        let page = parse::status(body.as_bytes()).unwrap();
        assert_eq!(page.incidents[0].concerns, concerned, "{parts}");
    }
}
