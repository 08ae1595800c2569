//! The TypeScript types that the window uses are those of `view`: generated here, checked in, and compared.
//! `TIDEMARK_WRITE_TYPES=1 cargo test -p tidemark-api --test types` writes them again.

#![allow(clippy::unwrap_used, clippy::wildcard_imports, reason = "a test of all the types there are")]

use std::fmt::Write as _;
use std::path::Path;

use tidemark_api::server::settings_limits;
use tidemark_api::view::*;
use ts_rs::{Config, TS};

fn types() -> String {
    let config = Config::new().with_large_int("number");
    let mut text = String::from(
        "// Made from crates/api/src/view.rs; do not edit. TIDEMARK_WRITE_TYPES=1 cargo test -p tidemark-api --test types\n",
    );
    macro_rules! write_all {
        ($($type:ty),+ $(,)?) => { $(
            text.push_str("\nexport ");
            text.push_str(&<$type as TS>::decl(&config));
            text.push('\n');
        )+ };
    }
    write_all!(
        Overview,
        AgentState,
        EngineProblem,
        TrayState,
        NotificationState,
        KeyringState,
        AccountCard,
        SourceWord,
        RegionWord,
        CardState,
        FailureView,
        MeterView,
        ForecastView,
        MomentSpan,
        CountView,
        MoneyView,
        BalanceView,
        WalletView,
        LimitsView,
        ServiceStatus,
        IncidentView,
        History,
        BucketView,
        SeriesView,
        PointView,
        Levels,
        Cycles,
        Cycle,
        Sessions,
        SessionUse,
        RequestUse,
        Usage,
        UseView,
        NamedUse,
        AccountUse,
        MachineUse,
        PlanWorth,
        RatesView,
        RateView,
        HourUse,
        NamedCount,
        MachineCount,
        ScanView,
        HomeView,
        Findings,
        UnexplainedSum,
        Claim,
        Hindsight,
        PastForecast,
        FindingView,
        MessagesView,
        MessageView,
        ArgView,
        QuantityView,
        Interval,
        Severity,
        TriageState,
        TriageChange,
        IncidentRow,
        AnnouncementRow,
        KnownUse,
        Withdrawal,
        OpenAnomalies,
        FailureRow,
        Case,
        CasePoint,
        VerdictView,
        VerdictWord,
        BandPoint,
        HistoryMark,
        ExplainedView,
        AccountView,
        NewAccount,
        NewKey,
        KeyTest,
        AccountChange,
        AccountOrder,
        Removed,
        Welcome,
        LoginView,
        FileState,
        Passphrase,
        Settings,
        QuietHours,
        Channels,
        ChannelView,
        ChannelQuiet,
        ChannelResult,
        ChannelRules,
        NewChannel,
        ChannelChange,
        ChannelTest,
        GuardRule,
        GuardLimit,
        Budget,
        BudgetAmount,
        BudgetState,
        Budgets,
        Pause,
        SettingsLimits,
        Refreshed,
        Skipped,
        Polled,
        PollFailure,
        SkippedPoll,
        NotStored,
        VaultState,
        Machines,
        OwnMachine,
        Machine,
        LogCoverage,
        Exchange,
        ExchangeKind,
        ExchangeProblem,
        NewMachine,
        ForgottenMachine,
        MachineChange,
        MachineSync,
        MachinesSynced,
        ExchangeSynced,
        Intake,
        IntakeOtlp,
        IntakeLiteLlm,
        IntakeProblem,
        IntakeTally,
        IntakeChange,
        IntakeOtlpChange,
        IntakeLiteLlmChange,
        AgentInfo,
        Update,
        UpdateAction,
        UpdateOrder,
        UpdateOrderWord,
        ApiError,
        Event,
    );
    let limits = serde_json::to_string_pretty(&settings_limits()).unwrap();
    writeln!(text, "\n/** What of the settings is valid, as the engine has it. */").unwrap();
    writeln!(text, "export const SETTINGS_LIMITS: SettingsLimits = {limits};").unwrap();
    text
}

#[test]
fn the_window_has_the_types_of_the_engine() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/api/types.ts");
    let made = types();
    if std::env::var_os("TIDEMARK_WRITE_TYPES").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == made,
        "ui/src/api/types.ts does not match view.rs; write it again as its first line says"
    );
}
