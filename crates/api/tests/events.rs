//! The stream of events: who falls behind hears of everything that may have changed, and who quits is not
//! confused with what merely ends.

#![allow(clippy::unwrap_used, reason = "in a test, what cannot be done ends the test")]

mod common;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use common::{NoServices, engine};
use futures_util::StreamExt as _;
use tidemark_api::server::router;
use tidemark_api::view::Event;
use tidemark_monitor::EngineEvent;
use tower::ServiceExt as _;

/// Begins to listen; gives the events as they come.
async fn listen(router: &Router) -> impl futures_util::Stream<Item = Event> + Unpin + use<> {
    let request = Request::get("/v1/events").body(Body::empty()).unwrap();
    let body = router.clone().oneshot(request).await.unwrap().into_body();
    Box::pin(body.into_data_stream().filter_map(async |frame| {
        let frame = String::from_utf8(frame.unwrap().to_vec()).unwrap();
        let data = frame.strip_prefix("data: ")?.trim_end().to_owned();
        Some(serde_json::from_str(&data).unwrap())
    }))
}

#[tokio::test]
async fn a_listener_that_fell_behind_is_sent_every_kind_of_change() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(folder.path());
    let mut events = listen(&router(engine.clone(), Arc::new(NoServices))).await;
    // More than the engine keeps for a listener; the last ones are all of one kind.
    for _ in 0..200 {
        engine.announce(EngineEvent::Usage);
    }
    engine.quit();
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        seen.push(event);
        if seen.last() == Some(&Event::Quit {}) {
            break;
        }
    }
    for kind in [Event::Overview {}, Event::Findings {}, Event::Settings {}, Event::Usage {}] {
        assert!(seen.contains(&kind), "{kind:?} is missing from {seen:?}");
    }
}

#[tokio::test]
async fn an_agent_that_ends_without_being_quit_closes_no_window() {
    for (quit, last) in [(false, Event::Ended {}), (true, Event::Quit {})] {
        let folder = tempfile::tempdir().unwrap();
        let engine = engine(folder.path());
        let mut events = listen(&router(engine.clone(), Arc::new(NoServices))).await;
        if quit {
            engine.quit();
        } else {
            engine.end();
        }
        let seen: Vec<Event> = events.by_ref().collect().await;
        assert_eq!(seen, [last]);
    }
}
