//! What goes wrong between the program and the service: said on the card in the window, asked about no more
//! often than is polite, and over by itself when it is over.
//!
//! The simulated clock runs fast, so an answer that takes some real milliseconds takes simulated seconds.
//! Every wait is counted from after the answer; so a pause that is measured between two requests at the
//! simulator may be longer than the one promised, never shorter: the lower bounds are exact, and the upper
//! ones leave a real second for a request, and more where the machine is so busy that it wakes threads late.

#![cfg(unix)]
#![allow(clippy::expect_used, reason = "a test ends where what it stands on is not so")]

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tidemark_journeys::{
    Agent, COMES_UP, Desktop, FOLLOWS, Keyring, Lateness, Launch, Options, Service, Window, wait_for,
};
use tidemark_simulator::{Event, Fault, FaultOrder, Refusal, Scenario};

/// The account's key is in the agent's environment under this name, so that a restart still has it.
const VARIABLE: &str = "JOURNEY_KEY";
/// The regular pace, in simulated seconds.
const CALM: f64 = 300.0;
/// Waits are made up to a tenth shorter or longer, so that many users do not ask in the same second.
const SHORTEST: f64 = 0.9;
const LONGEST: f64 = 1.1;

/// One account that is polled, and a window that shows it.
struct Scene {
    // Dropped in order: the window before the agent it talks to, the session last.
    window: Window,
    agent: Option<Agent>,
    service: Service,
    speed: f64,
    lateness: Lateness,
    desktop: Desktop,
}

impl Scene {
    fn start(speed: f64) -> Scene {
        let lateness = Lateness::measure();
        let desktop = Desktop::start(&Options {
            keyring: Keyring::None,
            notifications: false,
            tray: false,
            ..Options::default()
        });
        // A Wednesday morning; the month of the account ends long after.
        let start: DateTime<Utc> = "2026-11-18T09:20:00Z".parse().expect("a time");
        let service = Service::start(Scenario::one_code(start), start, speed);
        let agent = start_agent(&desktop, &service);
        let account = json!({
            "name": "work", "source": "kimi-code", "region": "china", "base_url": null, "untested": false,
            "key": { "kind": "environment", "name": VARIABLE },
        });
        agent.request("POST", "/v1/accounts", Some(&account));
        let window = desktop.open_window(&Launch::default());
        let scene = Scene { window, agent: Some(agent), service, speed, lateness, desktop };
        scene.shows(&["work"], COMES_UP);
        scene.window.wait_for_a_live_card(COMES_UP);
        scene
    }

    fn agent(&self) -> &Agent {
        self.agent.as_ref().expect("an agent runs")
    }

    fn restart_agent(&mut self) {
        if let Some(agent) = self.agent.take() {
            agent.kill();
        }
        self.agent = Some(start_agent(&self.desktop, &self.service));
    }

    /// Waits until the account's card shows all of these texts.
    fn shows(&self, texts: &[&str], deadline: Duration) -> String {
        let card = || self.window.texts("article.card").concat();
        let what = format!("{texts:?} on the card");
        wait_for(&what, deadline, card, |card| texts.iter().all(|text| card.contains(text)))
    }

    /// So long as this much of the simulated time takes, and what a busy machine takes in addition.
    fn real(&self, simulated_seconds: f64) -> Duration {
        Duration::from_secs_f64(simulated_seconds / self.speed) + FOLLOWS
    }

    /// What a request and its answer may take on this machine, in simulated seconds.
    fn a_request(&self) -> f64 {
        self.lateness.of_a_request().as_secs_f64() * self.speed
    }

    /// Lets this much simulated time pass.
    fn pass(&self, simulated_seconds: f64) {
        let end = self.service.now() + seconds(simulated_seconds);
        self.pass_until(end, simulated_seconds);
    }

    /// Lets simulated time pass up to a moment that is no more than this far away.
    fn pass_until(&self, end: DateTime<Utc>, simulated_seconds: f64) {
        let now = || self.service.now();
        wait_for("simulated time to pass", self.real(simulated_seconds), now, |now| *now >= end);
    }

    /// The simulated times of the polls since then.
    fn looks_since(&self, since: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let looks = self.service.looks();
        looks.iter().map(|look| look.simulated_at).filter(|at| *at >= since).collect()
    }

    /// Waits until the account is live again within this simulated time, also in the window, and until it is
    /// polled at its regular interval again. Nothing was restarted and nothing was clicked.
    fn recovers_within(&self, simulated_seconds: f64) {
        self.recovers_after(self.service.now(), simulated_seconds);
    }

    /// The same, where all is well since then.
    fn recovers_after(&self, since: DateTime<Utc>, simulated_seconds: f64) {
        self.window.wait_for_a_live_card(self.real(simulated_seconds));
        let card = self.window.texts("article.card").concat();
        assert!(!card.contains("Try again"), "the failure is off the card: {card}");
        let first = self.looks_since(since).first().copied().expect("a look that found all well");
        let took = in_seconds(first - since);
        assert!(took <= simulated_seconds + self.a_request(), "the first poll came after {took} s");
        // Of a burst at the end of a failure the service would suffer just when it has recovered.
        self.pass(CALM * 2.5);
        let gaps = gaps(&self.looks_since(first));
        assert!(!gaps.is_empty() && gaps.iter().all(|gap| *gap >= CALM * SHORTEST), "{gaps:?}");
        assert_eq!(self.card()["state"], "live");
        assert_eq!(self.card()["failure"], Value::Null);
    }

    fn card(&self) -> Value {
        self.agent().get("/v1/overview")["accounts"][0].clone()
    }
}

fn start_agent(desktop: &Desktop, service: &Service) -> Agent {
    let mut env = service.env();
    env.push((VARIABLE.to_owned(), service.key("work")));
    desktop.start_agent_with(&desktop.data_dir(), &["--no-tray"], &env)
}

fn seconds(seconds: f64) -> TimeDelta {
    TimeDelta::from_std(Duration::from_secs_f64(seconds)).expect("a span of time")
}

fn in_seconds(span: TimeDelta) -> f64 {
    span.as_seconds_f64()
}

/// Between each request and the next, in simulated seconds.
fn gaps(times: &[DateTime<Utc>]) -> Vec<f64> {
    times.windows(2).map(|two| in_seconds(two[1] - two[0])).collect()
}

/// A failure of the service or of the line to it: tried again soon, then less and less often, up to the
/// regular pace.
fn assert_backs_off(scene: &Scene, times: &[DateTime<Utc>], simulated_seconds: f64) {
    let gaps = gaps(times);
    let request = scene.a_request();
    let mut wait = 1.0_f64;
    let mut least = 0.0;
    let mut most_requests = 1;
    for (index, gap) in gaps.iter().enumerate() {
        assert!(*gap >= wait * SHORTEST - 0.01, "pause {index} is shorter than {wait} s: {gaps:?}");
        assert!(*gap <= wait * LONGEST + request, "pause {index} is much longer than {wait} s: {gaps:?}");
        wait = (wait * 2.0).min(CALM);
    }
    // No more than the shortest pauses allow.
    let mut wait = 1.0_f64;
    while least + wait * SHORTEST <= simulated_seconds {
        least += wait * SHORTEST;
        wait = (wait * 2.0).min(CALM);
        most_requests += 1;
    }
    assert!(times.len() <= most_requests, "{} requests in {simulated_seconds} s: {gaps:?}", times.len());
    // And it does go on: with every pause at its longest, and a slow request for each.
    let mut most = 0.0;
    let mut wait = 1.0_f64;
    let mut least_requests = 1;
    while most + wait * LONGEST + request <= simulated_seconds {
        most += wait * LONGEST + request;
        wait = (wait * 2.0).min(CALM);
        least_requests += 1;
    }
    assert!(times.len() >= least_requests, "{} requests in {simulated_seconds} s: {gaps:?}", times.len());
}

#[test]
fn a_revoked_key_is_said_is_tried_rarely_and_is_taken_when_it_is_good_again() {
    let scene = Scene::start(240.0);
    scene.service.event("work", &Event::RevokeKey);
    let since = scene.service.now();
    let card = scene.shows(&["Key invalid", "401", "Replace key"], scene.real(CALM));
    // The last numbers are still there: what was read does not become unknown.
    assert!(card.contains("5-hour quota"), "{card}");
    assert_eq!(scene.card()["failure"]["kind"], "unauthorized");

    let watched = 40.0 * 60.0;
    scene.pass(watched);
    let times = scene.looks_since(since);
    let gaps = gaps(&times);
    let mut wait = 60.0;
    for gap in &gaps {
        assert!(*gap >= wait * SHORTEST - 0.01, "a refused key is tried too often: {gaps:?}");
        wait = f64::min(wait * 2.0, 30.0 * 60.0);
    }
    assert!((3..=7).contains(&times.len()), "{} tries with a refused key: {gaps:?}", times.len());

    scene.service.event("work", &Event::RestoreKey);
    scene.recovers_within(30.0 * 60.0 * LONGEST);
}

#[test]
fn retry_after_is_kept_through_clicks_and_restarts() {
    let asked: u64 = 3600;
    let mut scene = Scene::start(240.0);
    let refusal = Refusal::TooManyRequests { retry_after: Some(asked) };
    scene.service.fault(FaultOrder::refuse(refusal).at("/usages").times(1));
    let since = scene.service.now();
    let card = scene.shows(&["Limited", "Rate limited", "429"], scene.real(CALM * LONGEST));
    assert!(card.contains("next try in"), "the card says when it goes on: {card}");
    assert_eq!(scene.card()["failure"]["kind"], "rate-limited");
    let refused = scene.looks_since(since);
    assert_eq!(refused.len(), 1, "{refused:?}");

    // Whoever asks inside of the time renews the ban: neither the user's clicks nor a restart do.
    for _ in 0..3 {
        scene.window.click("article.card .failure .actions button.button");
        scene.pass(60.0);
    }
    scene.restart_agent();
    scene.shows(&["Limited"], COMES_UP);
    let inside = scene.looks_since(since);
    assert!(
        scene.service.now() < refused[0] + seconds(3600.0),
        "the restart took longer than the service asked to wait: nothing is proved"
    );
    assert_eq!(inside, refused, "a request inside of Retry-After");

    let looks = || scene.looks_since(refused[0] + seconds(1.0));
    let next = wait_for("the first poll after it", scene.real(3600.0), looks, |looks| !looks.is_empty())[0];
    let waited = in_seconds(next - refused[0]);
    assert!(waited >= 3600.0, "asked again after {waited} s of {asked}");
    // Up to three seconds are added at random.
    assert!(waited <= 3603.0 + scene.a_request() * 2.0, "asked again only after {waited} s of {asked}");
    scene.recovers_after(next, CALM * LONGEST);
}

#[test]
fn a_storm_of_bad_gateways_is_sat_out() {
    let scene = Scene::start(60.0);
    scene.service.fault(FaultOrder::refuse(Refusal::BadGateway));
    let since = scene.service.now();
    scene.shows(&["Unreachable", "Service error", "502"], scene.real(CALM * LONGEST));
    assert_eq!(scene.card()["failure"]["kind"], "server-error");
    let begun = scene.looks_since(since)[0];
    let watched = 15.0 * 60.0;
    scene.pass_until(begun + seconds(watched), watched);
    let times = scene.looks_since(since);
    let watched = in_seconds(scene.service.now() - begun);
    assert_backs_off(&scene, &times, watched);
    scene.shows(&["Unreachable", "Service error"], FOLLOWS);

    scene.service.running().clear_faults();
    scene.recovers_within(CALM * LONGEST);
}

#[test]
fn a_page_in_place_of_numbers_is_not_taken_for_numbers() {
    let scene = Scene::start(60.0);
    let numbers = scene.card()["meters"].clone();
    scene.service.fault(FaultOrder::new(Fault::HtmlOk));
    let since = scene.service.now();
    let card = scene.shows(&["Not understood", "Answer not understood"], scene.real(CALM * LONGEST));
    assert!(card.contains("sign-in page"), "the card says what it may be: {card}");
    assert!(!card.contains("<html"), "{card}");
    assert_eq!(scene.card()["failure"]["kind"], "not-understood");
    let begun = scene.looks_since(since)[0];
    let watched = 8.0 * 60.0;
    scene.pass_until(begun + seconds(watched), watched);
    let times = scene.looks_since(since);
    assert_backs_off(&scene, &times, in_seconds(scene.service.now() - begun));
    for (before, after) in numbers.as_array().into_iter().flatten().zip(0..) {
        assert_eq!(scene.card()["meters"][after]["used_percent"], before["used_percent"]);
    }

    scene.service.running().clear_faults();
    scene.recovers_within(CALM * LONGEST);
}

#[test]
fn a_network_that_goes_and_comes_back_is_noticed_both_ways() {
    let scene = Scene::start(60.0);
    scene.service.network_down();
    scene.shows(&["Unreachable", "Connection failed"], scene.real(CALM * LONGEST));
    assert_eq!(scene.card()["failure"]["kind"], "network");
    // The service is not there to count requests, so the program's own record of them is read.
    let tries = || {
        let findings = scene.agent().get("/v1/findings");
        findings["failures"][0]["count"].as_u64().unwrap_or_else(|| panic!("{findings}"))
    };
    scene.pass(10.0 * 60.0);
    let count = tries();
    // 1, 2, 4 … 256 s: the tenth try comes after 511 s, or 460 where all pauses are shortest.
    assert!((4..=12).contains(&count), "{count} tries in ten minutes without a network");
    scene.shows(&["Unreachable", "Connection failed"], FOLLOWS);

    scene.service.network_up();
    scene.recovers_within(CALM * LONGEST);
}
