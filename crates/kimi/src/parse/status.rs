//! The status page's `GET /api/v2/summary.json`: the standard shape of Atlassian's Statuspage.

use chrono::{DateTime, Utc};
use tidemark_core::text;
use tidemark_core::wire::IncidentState;
use tidemark_core::{Failure, Source};

use super::fields::{Node, ParseWarnings};
use super::{components, plan, root};

/// What the status page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusPage {
    /// How it stands with the whole service.
    pub indicator: Indicator,
    /// The page's own sentence, such as `All Systems Operational`.
    pub description: String,
    /// The incidents that it lists, maintenance in progress among them.
    pub incidents: Vec<Incident>,
    /// The parts of the service.
    pub components: Vec<Component>,
    /// When the page last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// The page's address, for people.
    pub url: Option<String>,
    /// Paths of what could not be read.
    pub not_understood: Vec<String>,
}

/// How it stands with the service, in the page's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indicator {
    /// No fault.
    None,
    /// A minor fault.
    Minor,
    /// A major fault.
    Major,
    /// Everything is down.
    Critical,
    /// Scheduled maintenance.
    Maintenance,
    /// The page did not say, or a word that is not known.
    Unknown,
}

const INDICATORS: [(&str, Indicator); 5] = [
    ("none", Indicator::None),
    ("minor", Indicator::Minor),
    ("major", Indicator::Major),
    ("critical", Indicator::Critical),
    ("maintenance", Indicator::Maintenance),
];

impl Indicator {
    /// Its word: the page's own, or `unknown`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        INDICATORS.iter().find(|(_, known)| *known == self).map_or("unknown", |(word, _)| word)
    }

    fn of(word: &str) -> Option<Self> {
        INDICATORS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, known)| *known)
    }
}

/// An incident on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// The page's id of it.
    pub id: String,
    /// The incident's title, in the page's words.
    pub title: String,
    /// The page's word for how bad it is: `none`, `minor`, `major`, `critical`, `maintenance`.
    pub impact: String,
    /// The page's word for how far it is: `investigating`, `identified`, `monitoring`, `resolved`, ….
    pub status: String,
    /// Whether it is open or resolved.
    pub state: IncidentState,
    /// When it began.
    pub since: Option<DateTime<Utc>>,
    /// When it was resolved; `None` while it is open.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When the page last said something about it.
    pub updated_at: Option<DateTime<Utc>>,
    /// The address of the incident's own page.
    pub url: Option<String>,
    /// The products whose accounts it concerns; none, for an alarm that names no part of the service.
    pub concerns: Vec<Source>,
}

/// A part of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its name, such as `Open API`.
    pub name: String,
    /// The page's word: `operational`, `degraded_performance`, `partial_outage`, `major_outage`,
    /// `under_maintenance`.
    pub status: String,
}

/// Reads the body of `GET {page}/api/v2/summary.json` (or of `incidents.json`, which holds the resolved
/// ones too).
///
/// # Errors
/// [`FailureKind::NotUnderstood`](tidemark_core::FailureKind::NotUnderstood) if the body is not a JSON
/// object, or has neither a status nor incidents, components or a page.
pub fn status(body: &[u8]) -> Result<StatusPage, Failure> {
    /// Everything of a page that the program keeps is short; what is not is cut off.
    const MOST: usize = 50;
    const EXPECTED: &str = "status.indicator";

    let parsed = root::Parsed::of(body);
    let root::Body { map, damaged } = root::object(&parsed, EXPECTED)?;
    let notes = ParseWarnings::of(damaged);
    let root = Node::root(map, &notes);
    if !root.has(&["status", "incidents", "components", "page"]) {
        return Err(Failure::new(
            tidemark_core::FailureKind::NotUnderstood,
            format!("expected a JSON object with {EXPECTED}, found an object without it"),
        ));
    }
    let page = root.object(&["page"]);
    let overall = root.object(&["status"]);
    let indicator = overall.as_ref().and_then(|overall| {
        let word = overall.text(&["indicator"]).known()?;
        let known = Indicator::of(word);
        if known.is_none() {
            overall.note("indicator");
        }
        known
    });
    let mut incidents: Vec<Incident> = root
        .objects(&["incidents"])
        .iter()
        .take(MOST)
        .filter_map(|node| incident(node, "created_at"))
        .collect();
    incidents.extend(
        root.objects(&["scheduled_maintenances"])
            .iter()
            .take(MOST)
            .filter(|node| {
                node.text(&["status"]).known().is_some_and(|s| s == "in_progress" || s == "verifying")
            })
            .filter_map(|node| incident(node, "scheduled_for")),
    );
    let components = root
        .objects(&["components"])
        .iter()
        .take(MOST)
        .filter_map(|node| {
            Some(Component {
                name: plan::clipped(node.text(&["name"]).known()?),
                status: plan::clipped(node.text(&["status"]).known()?),
            })
        })
        .collect();
    let description = overall.as_ref().and_then(|overall| overall.text(&["description"]).known());
    let updated_at = page.as_ref().and_then(|page| page.instant(&["updated_at"]).known());
    let url = page.as_ref().and_then(|page| page.text(&["url"]).known()).and_then(address);
    Ok(StatusPage {
        indicator: indicator.unwrap_or(Indicator::Unknown),
        description: sentence(description.unwrap_or_default()),
        incidents,
        components,
        updated_at,
        url,
        not_understood: notes.into_paths(),
    })
}

fn incident(node: &Node<'_>, began: &'static str) -> Option<Incident> {
    let Some(id) = node.text(&["id"]).known() else {
        // Without an id it could not be distinguished from the next one.
        node.note_self();
        return None;
    };
    let status = node.text(&["status"]).known().unwrap_or("unknown");
    let began: &'static [&'static str] =
        if began == "created_at" { &["started_at", "created_at"] } else { &["scheduled_for", "created_at"] };
    let resolved_at = node.instant(&["resolved_at"]).known();
    let over = resolved_at.is_some() || matches!(status, "resolved" | "postmortem" | "completed");
    Some(Incident {
        id: plan::clipped(id),
        title: sentence(node.text(&["name", "title"]).known().unwrap_or_default()),
        impact: plan::clipped(node.text(&["impact"]).known().unwrap_or("none")),
        status: plan::clipped(status),
        state: if over { IncidentState::Resolved } else { IncidentState::Open },
        since: node.instant(began).known(),
        resolved_at,
        updated_at: node.instant(&["updated_at"]).known(),
        url: node.text(&["shortlink"]).known().and_then(address),
        concerns: components::concerned(node),
    })
}

/// A sentence of the page, fit to be shown.
fn sentence(text: &str) -> String {
    text::bounded(text, 300)
}

/// An address that may be opened: of the web, and of sane length.
fn address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    (matches!(url.scheme(), "https" | "http") && text.len() <= 500).then(|| url.into())
}
