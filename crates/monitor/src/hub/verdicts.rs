//! What the team's audit found, for the accounts that are here too.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use tidemark_core::alert::{Alert, AlertKind, AlertRules};
use tidemark_core::finding::Anomaly;
use tidemark_core::number::timestamp::format_rfc3339;
use tidemark_core::{AccountId, Finding, FindingKind, Reading, Series};
use tidemark_hub::Verdicts;
use tidemark_store::{ALERT_LIFE, Store, TeamAlert};

use crate::due_alerts::TEAM_KEY;
use crate::engine::Engine;
use crate::error::EngineError;

/// The team's audit is behind by less than this, or this machine's own has the word again.
const CURRENT: TimeDelta = TimeDelta::minutes(30);

/// Any class that an anomaly can have had.
const CLASSES: [Anomaly; 7] = [
    Anomaly::WipeOut,
    Anomaly::Accelerated,
    Anomaly::Unexplained,
    Anomaly::Impossible,
    Anomaly::Disagreement,
    Anomaly::OverdueReset,
    Anomaly::Clawback,
];

/// What is taken over of the team's audit.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Taken {
    /// What is to be notified.
    pub(super) alerts: Vec<TeamAlert>,
    /// The accounts here that it audits.
    pub(super) audited: BTreeSet<AccountId>,
}

impl Engine {
    /// Takes over what the team's audit found of accounts that are here.
    pub(super) async fn take_verdicts(
        &self,
        verdicts: &Verdicts,
        now: DateTime<Utc>,
    ) -> Result<Taken, EngineError> {
        let readings = self.read(Store::last_readings).await?;
        let readings: Vec<(AccountId, Reading)> =
            readings.into_iter().map(|(account, _, reading)| (account, reading)).collect();
        Ok(taken(verdicts, &readings, &self.settings().alert_rules(), now))
    }
}

fn taken(
    verdicts: &Verdicts,
    accounts: &[(AccountId, Reading)],
    rules: &AlertRules,
    now: DateTime<Utc>,
) -> Taken {
    // The hub's account is notified once, also where it is here under two names.
    let here = |number: i64| {
        let account = verdicts.accounts.get(&number)?;
        let is_it = |reading: &Reading| account.is_of(reading.source, reading.region, &reading.user);
        accounts.iter().filter(|(_, reading)| is_it(reading)).map(|(id, _)| *id).min()
    };
    let audited = verdicts
        .accounts
        .iter()
        .filter(|(_, account)| account.audited_until.is_some_and(|until| now - until < CURRENT));
    let audited = audited.flat_map(|(_, account)| {
        let is_it = |reading: &Reading| account.is_of(reading.source, reading.region, &reading.user);
        accounts.iter().filter(move |(_, reading)| is_it(reading)).map(|(id, _)| *id)
    });
    let alerts = verdicts.found.iter().filter(|_| rules.anomalies).flat_map(|verdict| {
        let is_news = now - verdict.finding.detected_at < ALERT_LIFE;
        let account = here(verdict.account).filter(|_| is_news);
        account.map(|account| alerts(account, &verdict.finding)).unwrap_or_default()
    });
    Taken { alerts: alerts.collect(), audited: audited.collect() }
}

fn key(class: Anomaly, series: Option<Series>, at: DateTime<Utc>) -> String {
    let series = series.map_or_else(|| "account".to_owned(), |series| series.to_string());
    format!("{TEAM_KEY}anomaly:{}:{series}:{}", class.as_str(), format_rfc3339(at))
}

/// What is notified of a finding; of one that is withdrawn, for each class that it may have had, since only what was
/// notified is taken back.
fn alerts(account: AccountId, finding: &Finding) -> Vec<TeamAlert> {
    let (series, at) = (finding.series, finding.detected_at);
    match finding.kind {
        FindingKind::Anomaly(class) => vec![TeamAlert {
            account,
            alert: Alert {
                key: key(class, series, at),
                at,
                kind: AlertKind::Anomaly {
                    class,
                    series,
                    observed: finding.observed,
                    expected: finding.expected_low.zip(finding.expected_high),
                    factor: finding.factor(),
                    incident: None,
                },
                announcement: None,
            },
            takes_back: None,
        }],
        FindingKind::Withdrawn { of } => CLASSES
            .into_iter()
            .map(|class| TeamAlert {
                account,
                alert: Alert {
                    key: key(class, series, of).replacen("anomaly", "withdrawn", 1),
                    at,
                    kind: AlertKind::Withdrawn { class, series, of },
                    announcement: None,
                },
                takes_back: Some(key(class, series, of)),
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use tidemark_core::message::Messages;
    use tidemark_core::{Meter, Region, Source};
    use tidemark_hub::{HubAccount, HubVerdict};

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minute)
    }

    fn finding(kind: FindingKind, minute: i64) -> Finding {
        Finding {
            kind,
            series: Some(Series::Meter(Meter::Week)),
            from: at(minute - 5),
            to: at(minute),
            detected_at: at(minute),
            observed: Some(70.0),
            expected_low: None,
            expected_high: Some(4.0),
            confidence: 0.99,
            explanation: String::new(),
            evidence: Vec::new(),
            messages: Messages::default(),
        }
    }

    fn reading(user: &str) -> Reading {
        let mut reading = Reading::new(at(0), Source::KimiCode, Region::China);
        reading.user.quota = Some(user.to_owned());
        reading
    }

    #[test]
    fn what_the_team_found_is_notified_to_those_who_have_the_account() {
        let account = HubAccount {
            service: Some(Source::KimiCode),
            region: Some(Region::China),
            users: vec![("quota".to_owned(), "lin".to_owned())],
            audited_until: Some(at(10)),
        };
        let of = at(10);
        let found = vec![
            HubVerdict { account: 7, finding: finding(FindingKind::Anomaly(Anomaly::WipeOut), 10) },
            HubVerdict { account: 7, finding: finding(FindingKind::Withdrawn { of }, 30) },
            HubVerdict { account: 8, finding: finding(FindingKind::Anomaly(Anomaly::WipeOut), 10) },
        ];
        let verdicts = Verdicts { found, accounts: BTreeMap::from([(7, account)]), turn: 3 };
        let here = [(AccountId(5), reading("lin")), (AccountId(4), reading("other"))];
        let rules = AlertRules::default();
        let all = taken(&verdicts, &here, &rules, at(35));
        assert_eq!(all.audited, BTreeSet::from([AccountId(5)]));
        let keys: Vec<_> = all.alerts.iter().map(|one| one.alert.key.as_str()).collect();
        let anomaly = format!("team:anomaly:wipe-out:week:{}", format_rfc3339(of));
        assert_eq!(keys[0], anomaly);
        let back: Vec<_> =
            all.alerts.iter().filter(|one| one.takes_back.as_ref() == Some(&anomaly)).collect();
        assert_eq!((back.len(), back[0].account), (1, AccountId(5)));
        assert!(keys.iter().collect::<BTreeSet<_>>().len() == keys.len(), "{keys:?}");
        let later = taken(&verdicts, &here, &rules, at(50));
        assert_eq!(later.audited, BTreeSet::new(), "no one audits any more");
        let silent = AlertRules { anomalies: false, ..rules.clone() };
        assert_eq!(taken(&verdicts, &here, &silent, at(35)).alerts, []);
        assert_eq!(taken(&verdicts, &here, &rules, at(35) + TimeDelta::days(2)).alerts, [], "old news");
        assert_eq!(taken(&verdicts, &here[1..], &rules, at(35)), Taken::default());
    }
}
