//! Messages as JSON and in English.

use super::*;

fn at(minute: i64) -> DateTime<Utc> {
    "2026-09-23T02:00:00Z".parse::<DateTime<Utc>>().unwrap() + chrono::TimeDelta::minutes(minute)
}

const WEEK: Series = Series::Meter(Meter::Week);

#[test]
fn every_message_comes_back_from_json_as_it_was() {
    for message in Message::examples() {
        let text = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<Message>(&text).unwrap(), message, "{text}");
    }
}

#[test]
fn a_message_is_its_id_with_its_arguments() {
    let span = Span { from: at(0), to: at(5) };
    assert_eq!(
        serde_json::to_value(Message::Lost { series: WEEK, amount: 7.0, span }).unwrap(),
        serde_json::json!({
            "id": "lost", "series": "week", "amount": 7.0,
            "from": "2026-09-23T02:00:00Z", "to": "2026-09-23T02:05:00Z",
        })
    );
}

#[test]
fn every_message_has_its_english() {
    let lines: Vec<String> = Message::examples()
        .into_iter()
        .map(|message| {
            let sentence = Messages { explanation: vec![message.clone()], evidence: Vec::new() }.english();
            let fact = Messages { explanation: Vec::new(), evidence: vec![message] }.english_evidence();
            if fact[0] == sentence { sentence } else { format!("{sentence} | {}", fact[0]) }
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn an_explanation_is_its_sentences_in_order() {
    let span = Span { from: at(0), to: at(5) };
    let explanation = vec![
        Message::Lost { series: WEEK, amount: 7.0, span },
        Message::NoUsage,
        Message::Incident { title: Some("Elevated 502s".into()), impact: None, since: at(-9) },
    ];
    assert_eq!(
        Messages { explanation, evidence: Vec::new() }.english(),
        "Between 2026-09-23 02:00 UTC and 2026-09-23 02:05 UTC, the weekly quota lost 7 points. \
         There was no usage on this machine in that time. \
         The status page has reported “Elevated 502s” since 2026-09-23 01:51 UTC."
    );
}

#[test]
fn every_argument_has_its_kind() {
    for message in Message::examples() {
        let fields = serde_json::to_value(&message).unwrap();
        let fields = fields.as_object().unwrap();
        // No slack is no argument.
        let fields = fields.len() - usize::from(fields.get("slack") == Some(&serde_json::json!(0.0)));
        // Whether it is nothing, which a language may say otherwise, follows from the amount.
        let says_nothing =
            matches!(message, Message::OtherQuotaAllows { .. } | Message::DeductedExpected { .. });
        let added = usize::from(says_nothing);
        assert_eq!(message.args().len(), fields - 1 + added, "{message:?}: {:?}", message.args());
    }
    let span = Span { from: at(0), to: at(5) };
    let lost = Message::Lost { series: WEEK, amount: 7.0, span };
    assert_eq!(lost.id(), "lost");
    assert_eq!(
        lost.args().into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        [
            ("amount".to_owned(), Arg::Amount(WEEK, 7.0)),
            ("from".to_owned(), Arg::Time(at(0))),
            ("series".to_owned(), Arg::Series(WEEK)),
            ("to".to_owned(), Arg::Time(at(5))),
        ]
        .into()
    );
}

#[test]
fn a_quota_that_did_not_move_is_not_said_to_have_moved_by_nothing() {
    let allows = |points, at_most| Message::OtherQuotaAllows {
        other: Meter::FiveHour,
        points,
        series: Series::Meter(Meter::Month),
        at_most,
    };
    let moved = |message: &Message| message.args().into_iter().find(|(name, _)| name == "moved").unwrap().1;
    let english = |message: Message| Messages { explanation: vec![message], evidence: Vec::new() }.english();
    assert_eq!(moved(&allows(0.0, 0.0007)), Arg::Text("no".to_owned()));
    assert_eq!(moved(&allows(2.0, 0.4)), Arg::Text("yes".to_owned()));
    // Within its rounding it allows something.
    assert_eq!(moved(&allows(0.0, 0.5)), Arg::Text("yes".to_owned()));
    assert!(english(allows(0.0, 0.0007)).ends_with("did not change, so nothing should have been deducted."));
    assert!(english(allows(2.0, 0.4)).contains("moved by 2 points"));
}
