//! Metrics: what an empty history gives, and that code, documentation and what is packed for others know the same names.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use tidemark_api::server::router;
use tower::ServiceExt as _;

#[tokio::test]
async fn what_is_not_known_has_no_series() {
    let home = tempfile::tempdir().unwrap();
    let routes = router(common::engine(home.path()), Arc::new(common::NoServices));
    for (accept, end) in [("*/*", ""), ("application/openmetrics-text;version=1.0.0", "# EOF\n")] {
        let asked = Request::get("/metrics").header("accept", accept).body(Body::empty()).unwrap();
        let answer = routes.clone().oneshot(asked).await.unwrap();
        assert_eq!(answer.status(), 200);
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        let named: BTreeSet<&str> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split(['{', ' ']).next())
            .collect();
        assert_eq!(
            named.into_iter().collect::<Vec<_>>(),
            ["tidemark_build_info", "tidemark_polling_paused", "tidemark_series_folded"]
        );
        assert!(text.ends_with(end));
    }
}

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of metrics in a text. A name with a colon is a rule's.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
    text.split(|c: char| !is_part(c))
        .filter(|word| word.starts_with("tidemark_") && !word.contains(':'))
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn names_are_documented_and_nothing_else_is_used() {
    let code = names(include_str!("../src/server/metrics/families.rs"));
    assert!(code.len() > 25, "{code:?}");
    let documented: BTreeSet<String> = read("docs/metrics.md")
        .lines()
        .filter_map(|line| {
            line.strip_prefix("| `tidemark_")?.split('`').next().map(|name| format!("tidemark_{name}"))
        })
        .collect();
    assert_eq!(documented, code);
    for file in ["overview", "account", "team"] {
        let dashboard = read(&format!("packaging/grafana/{file}.json"));
        let parsed: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
        assert!(parsed["panels"].as_array().is_some_and(|panels| panels.len() > 5), "{file}");
        let used = names(&dashboard);
        assert!(!used.is_empty());
        assert!(used.is_subset(&code), "{file}: {:?}", used.difference(&code).collect::<Vec<_>>());
    }
    let rules = names(&read("packaging/prometheus/tidemark.rules.yml"));
    assert!(rules.len() > 5 && rules.is_subset(&code), "{:?}", rules.difference(&code).collect::<Vec<_>>());
}
