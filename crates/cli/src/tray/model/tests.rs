use std::fmt::Write as _;

use tidemark_api::view::{
    AgentState, BalanceView, KeyringState, LimitsView, MoneyView, NotificationState, RegionWord, SourceWord,
    TrayState,
};

use super::*;
use crate::i18n::Language;

fn now() -> DateTime<Utc> {
    "2026-10-05T02:00:00Z".parse().unwrap()
}

fn meter(word: &str, used_percent: f64, resets_in_minutes: Option<i64>) -> MeterView {
    MeterView {
        meter: word.into(),
        used_percent,
        count: None,
        resets_at: resets_in_minutes.map(|minutes| now() + TimeDelta::minutes(minutes)),
        conflict: false,
        was_reset: false,
        unconfirmed: false,
        trend: vec![],
        forecast: None,
    }
}

fn card(id: i64, name: &str, state: CardState, meters: Vec<MeterView>) -> AccountCard {
    AccountCard {
        id,
        name: name.into(),
        source: SourceWord::KimiCode,
        region: RegionWord::China,
        plan: None,
        state,
        failure: None,
        read_at: Some(now() - TimeDelta::minutes(2)),
        next_poll_at: None,
        polling: false,
        meters,
        balance: None,
        wallet: None,
        limits: LimitsView::default(),
        not_understood: vec![],
        unseen_findings: 0,
        anomalies: tidemark_api::view::OpenAnomalies::default(),
        known_use: Vec::new(),
    }
}

fn overview(accounts: Vec<AccountCard>) -> Overview {
    Overview {
        now: now(),
        accounts,
        agent: AgentState {
            version: "0.1.0".into(),
            demo: false,
            paused_until: None,
            tray: TrayState::Shown,
            notifications: NotificationState::Working,
            keyring: KeyringState::Ready,
            timezone: "Asia/Shanghai".into(),
            trouble: None,
            update: None,
        },
        service: vec![],
    }
}

fn model(overview: &Overview, language: Language) -> TrayModel {
    TrayModel::of(overview, &Catalog::new(language), chrono_tz::Asia::Shanghai, now())
}

fn busy() -> Overview {
    let mut money = card(3, "Play", CardState::Live, vec![]);
    money.source = SourceWord::Platform;
    let usd = |amount: &str| MoneyView { amount: amount.into(), currency: "USD".into() };
    money.balance = Some(BalanceView {
        available: Some(usd("18.4242")),
        cash: None,
        voucher: None,
        debt: None,
        spent_today: None,
        spent_month: None,
    });
    let mut cut_off = card(2, "Heim\u{7}netz", CardState::Unreachable, vec![meter("week", 30.0, Some(-3))]);
    cut_off.read_at = Some(now() - TimeDelta::hours(2));
    let mut fresh = card(4, "Neu", CardState::Waiting, vec![]);
    fresh.read_at = None;
    overview(vec![
        card(
            1,
            "Work",
            CardState::Live,
            vec![
                meter("5h", 78.4, Some(72)),
                meter("week", 12.6, Some(3000)),
                meter("month-code", 99.0, None),
            ],
        ),
        cut_off,
        money,
        fresh,
    ])
}

fn written(model: &TrayModel) -> String {
    let mut text = format!("{:?}\n{}\n---\n{}\n---\n", model.level, model.title, model.tooltip);
    for row in &model.rows {
        match row {
            Row::Choice { text: label, action } => writeln!(text, "{label}   -> {action:?}"),
            Row::Note(label) => writeln!(text, "({label})"),
            Row::Separator => writeln!(text, "----"),
        }
        .unwrap();
    }
    text
}

#[test]
fn the_tray_in_both_languages() {
    insta::assert_snapshot!("tray-en", written(&model(&busy(), Language::English)));
    insta::assert_snapshot!("tray-zh", written(&model(&busy(), Language::Chinese)));
}

#[test]
fn the_title_names_the_tightest_meter() {
    assert_eq!(model(&busy(), Language::English).title, "Work · 5-hour 78% · resets in 1 h 12 min");
}

#[test]
fn without_accounts_or_readings_nothing_is_made_up() {
    let none = model(&overview(vec![]), Language::English);
    assert_eq!(none.level, Level { percent: None, mood: Severity::Unknown, paused: false });
    assert_eq!(none.title, "No accounts yet");
    let mut waiting = card(1, "Work", CardState::Waiting, vec![]);
    waiting.read_at = None;
    let waiting = model(&overview(vec![waiting]), Language::English);
    assert_eq!(waiting.level, Level { percent: None, mood: Severity::Unknown, paused: false });
    assert_eq!(waiting.title, "Work · No reading yet");
}

#[test]
fn what_is_old_is_grey_and_says_so() {
    let mut old = card(1, "Work", CardState::Stale, vec![meter("5h", 95.0, None)]);
    old.read_at = Some(now() - TimeDelta::hours(3));
    let shown = model(&overview(vec![old]), Language::English);
    assert_eq!(shown.level.mood, Severity::Unknown);
    assert!(shown.tooltip.contains("3 h old"), "{}", shown.tooltip);
}

#[test]
fn a_refused_key_is_seen_at_once() {
    let refused = card(1, "Work", CardState::Refused, vec![meter("5h", 5.0, None)]);
    assert_eq!(model(&overview(vec![refused]), Language::English).level.mood, Severity::Over);
}

#[test]
fn a_pause_can_be_ended_and_an_ended_one_is_none() {
    let mut paused = busy();
    paused.agent.paused_until = Some(now() + TimeDelta::hours(1));
    let shown = model(&paused, Language::English);
    assert!(shown.level.paused);
    let actions = |model: &TrayModel| -> Vec<Action> {
        model
            .rows
            .iter()
            .filter_map(|row| match row {
                Row::Choice { action, .. } => Some(action.clone()),
                _ => None,
            })
            .collect()
    };
    assert!(actions(&shown).contains(&Action::Resume));
    assert!(!actions(&shown).contains(&Action::PauseHour));
    paused.agent.paused_until = Some(now() - TimeDelta::hours(1));
    let shown = model(&paused, Language::English);
    assert!(!shown.level.paused);
    assert!(actions(&shown).contains(&Action::PauseUntilTomorrow));
}
