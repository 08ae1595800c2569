//! Announcements: what the service says to all users of Kimi Code.
//!
//! They explain nothing by themselves: the words are the service's, and a finding in whose time one lies names it.

use chrono::TimeDelta;

use crate::account::{Region, Source};
use crate::audience::PlanLevel;
use crate::finding::{Finding, FindingKind, Schedule};
use crate::message::Message;
use crate::wire::AnnouncementRecord;

/// As many announcements are kept; older ones concern nothing any more.
pub const MAX_ANNOUNCEMENTS: usize = 12;

/// How long before and after an announcement holds what it is about may happen: it is often made after the fact, and
/// where no end is given it is read as one of that day.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// A finding that begins longer than this after an announcement began to hold is not what it is about: what is shown for
/// months is an advertisement, or a standing rule. As long as the longest quota that is reset in between.
const MAX_LAG: TimeDelta = TimeDelta::days(7);

/// As many announcements are named by one finding.
const MAX_NAMED: usize = 3;

/// The latest announcements that may concern an account.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Announcements(Vec<AnnouncementRecord>);

impl Announcements {
    /// Takes an announcement, or what is new about one.
    pub(crate) fn note(&mut self, line: &AnnouncementRecord) {
        if let Some(known) = self.0.iter_mut().find(|known| known.id == line.id) {
            // It holds since it was first made known.
            *known = AnnouncementRecord { at: known.at.min(line.at), ..line.clone() };
            return;
        }
        if self.0.len() >= MAX_ANNOUNCEMENTS {
            self.0.remove(0);
        }
        self.0.push(line.clone());
    }

    /// Has a finding name the announcements that lie in its time, where it is one that an announcement may be about:
    /// those that began nearest to it first. The finding stands: whether the words explain it is for people to judge.
    pub(crate) fn name_in(&self, finding: &mut Finding, source: Source, region: Region) {
        for message in near(&self.0, finding, source, region) {
            finding.add(message.clone());
            finding.add_evidence(message);
        }
    }
}

/// The announcements in whose time a finding lies, where it is one that an announcement may be about: those that began
/// nearest to it first. A finding names those that were known when it was made; others may become known later.
#[must_use]
pub fn near(lines: &[AnnouncementRecord], finding: &Finding, source: Source, region: Region) -> Vec<Message> {
    let may_be_announced = match &finding.kind {
        FindingKind::Anomaly(_)
        | FindingKind::Credit { .. }
        | FindingKind::LimitChange { .. }
        | FindingKind::PlanChange { .. } => true,
        FindingKind::Reset { schedule, announced, .. } => *schedule == Schedule::Early || announced.is_none(),
        _ => false,
    };
    if !may_be_announced {
        return Vec::new();
    }
    let mut found: Vec<&AnnouncementRecord> = lines
        .iter()
        .filter(|line| line.audience.may_concern(source, region, PlanLevel::default()))
        .filter(|line| lies_near(line, finding))
        .collect();
    found.sort_by_key(|line| (line.begins() - finding.from).abs());
    let message =
        |line: &AnnouncementRecord| Message::Announcement { text: line.words(), since: line.begins() };
    found.into_iter().take(MAX_NAMED).map(message).collect()
}

/// Whether an announcement holds in the time of a finding, give or take a day, and began not long before it. Compared by
/// differences, which no time can take out of range.
fn lies_near(line: &AnnouncementRecord, finding: &Finding) -> bool {
    line.begins() - finding.to <= MARGIN
        && finding.from - line.ends() <= MARGIN
        && finding.from - line.begins() <= MAX_LAG
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::audience::Audience;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn line(id: &str, from: Option<i64>, until: Option<i64>) -> AnnouncementRecord {
        AnnouncementRecord {
            at: at(0),
            id: id.to_owned(),
            title: Some("Notice".to_owned()),
            text: Some(format!("All quotas were reset ({id})")),
            detail: None,
            from: from.map(at),
            until: until.map(at),
            audience: Audience::default(),
        }
    }

    fn reset(schedule: Schedule, hour: i64) -> Finding {
        let kind = FindingKind::Reset {
            schedule,
            announced: Some(at(500)),
            used_before: 40.into(),
            used_after: 0.into(),
        };
        Finding::new(kind, None, (at(hour), at(hour)), at(hour))
    }

    #[test]
    fn a_finding_names_the_announcement_in_whose_time_it_lies() {
        for (from, until, schedule, hour, named) in [
            (Some(100), Some(120), Schedule::Early, 110, true),
            // Announced afterwards, within a day.
            (Some(100), Some(120), Schedule::Early, 77, true),
            (Some(100), Some(120), Schedule::Early, 143, true),
            (Some(100), Some(120), Schedule::Early, 75, false),
            (Some(100), Some(120), Schedule::Early, 145, false),
            // Without an end it is of its day, without a beginning since it was read.
            (Some(100), None, Schedule::Early, 123, true),
            (Some(100), None, Schedule::Early, 125, false),
            (None, None, Schedule::Early, 20, true),
            (None, None, Schedule::Early, 60, false),
            // One that is shown for months explains nothing that happens meanwhile.
            (Some(100), Some(3_000), Schedule::Early, 268, true),
            (Some(100), Some(3_000), Schedule::Early, 269, false),
            // What came when it was due needs no announcement.
            (Some(100), Some(120), Schedule::OnTime, 110, false),
            (Some(100), Some(120), Schedule::Late, 110, false),
        ] {
            let mut announcements = Announcements::default();
            announcements.note(&line("a", from, until));
            let mut finding = reset(schedule, hour);
            announcements.name_in(&mut finding, Source::KimiCode, Region::China);
            assert_eq!(
                finding.messages.explanation.len() == 1 && finding.messages.evidence.len() == 1,
                named,
                "{from:?} {until:?} {schedule:?} {hour}"
            );
            let mut of_the_platform = reset(schedule, hour);
            announcements.name_in(&mut of_the_platform, Source::Platform, Region::China);
            assert!(of_the_platform.messages.explanation.is_empty());
        }
    }

    #[test]
    fn every_announcement_that_may_be_meant_is_named_the_nearest_first() {
        let mut announcements = Announcements::default();
        for (id, from) in
            [("standing", 1), ("reset", 290), ("advertisement", 303), ("late", 310), ("far", 400)]
        {
            announcements.note(&line(id, Some(from), Some(900)));
        }
        let mut finding = reset(Schedule::Early, 300);
        announcements.name_in(&mut finding, Source::KimiCode, Region::China);
        let named = |messages: &[Message]| -> Vec<String> {
            messages
                .iter()
                .filter_map(|message| match message {
                    Message::Announcement { text, .. } => Some(text.clone()),
                    _ => None,
                })
                .collect()
        };
        let explained = named(&finding.messages.explanation);
        assert_eq!(explained.len(), MAX_NAMED);
        for (text, id) in explained.iter().zip(["(advertisement)", "(reset)", "(late)"]) {
            assert!(text.ends_with(id), "{explained:?}");
        }
        assert_eq!(named(&finding.messages.evidence), explained);
    }

    #[test]
    fn no_time_of_an_announcement_is_out_of_reach() {
        let times = [None, Some(DateTime::<Utc>::MIN_UTC), Some(at(100)), Some(DateTime::<Utc>::MAX_UTC)];
        for from in times {
            for until in times {
                let mut announcements = Announcements::default();
                announcements.note(&AnnouncementRecord { from, until, ..line("a", None, None) });
                let mut finding = reset(Schedule::Early, 100);
                announcements.name_in(&mut finding, Source::KimiCode, Region::China);
                let named = !finding.messages.explanation.is_empty();
                // Without a beginning it holds since it was read.
                let expected = from == Some(at(100)) || from.is_none() && until >= Some(at(100));
                assert_eq!(named, expected, "{from:?} {until:?}");
            }
        }
    }

    #[test]
    fn the_latest_of_several_is_named_and_only_so_many_are_kept() {
        let mut announcements = Announcements::default();
        for number in 0..30 {
            announcements.note(&line(&format!("n{number}"), Some(number), Some(40)));
        }
        assert_eq!(announcements.0.len(), MAX_ANNOUNCEMENTS);
        let mut finding = reset(Schedule::Early, 30);
        announcements.name_in(&mut finding, Source::KimiCode, Region::Global);
        assert!(finding.explanation.contains("(n29)"), "{}", finding.explanation);
        // New words of the same announcement replace the old ones.
        announcements
            .note(&AnnouncementRecord { text: Some("mended".into()), ..line("n29", Some(29), Some(40)) });
        assert_eq!(announcements.0.len(), MAX_ANNOUNCEMENTS);
    }
}
