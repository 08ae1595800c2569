//! The grammar of the command line. Its help texts come from the catalogue, see [`crate::help`]; the
//! comments here are for readers of the code and stand in where the catalogue has no text.

use std::path::PathBuf;

use chrono_tz::Tz;
use clap::{Args, Parser, Subcommand, ValueEnum};
use tidemark_api::export::Format;
use tidemark_core::account::{Region, Source};
use tidemark_core::calendar::Span;
use tidemark_core::{Currency, Meter};
use tidemark_hub::{Role, UsageBy};
use tidemark_logs::By;
use tidemark_machines::Cursor;

use crate::i18n::Language;
use crate::output::bar::BarProgram;

/// See how much of your Kimi quota and balance is used, and how much is left.
#[derive(Debug, Parser)]
#[command(
    name = "tidemark",
    bin_name = "tidemark",
    version,
    propagate_version = true,
    disable_help_subcommand = true
)]
pub struct Arguments {
    /// The options that every command has.
    #[command(flatten)]
    pub common: Common,
    /// The command itself.
    #[command(subcommand)]
    pub command: Command,
}

/// The options that every command has.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Folder of the history and settings.
    // The variable is read where the folder is looked for: the grammar takes an empty one for a mistake.
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Time zone in which days and months are counted.
    #[arg(long, global = true, value_name = "ZONE", value_parser = zone)]
    pub timezone: Option<Tz>,
    /// The language of the output.
    #[arg(long, global = true, value_name = "LANGUAGE", value_parser = language)]
    pub lang: Option<String>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Poll an account once, without saving the result.
    Read(Read),
    /// Explain an API error response.
    Explain(Explain),
    /// Add, list, remove, rename and test accounts.
    Account(AccountCommand),
    /// Share usage with your other machines.
    Machine(MachineCommand),
    /// Share usage with your team, in a PostgreSQL database.
    Hub(HubCommand),
    /// Poll every account once and save the results.
    Poll(Poll),
    /// Run the agent, with tray and notifications, until it is stopped.
    Agent(Agent),
    /// Show the latest readings.
    Status(Status),
    /// Say by the exit status whether enough is left.
    Check(Check),
    /// Show deductions by hour, day or month.
    History(History),
    /// Show events: resets, credits, anomalies, changes.
    Findings(Findings),
    /// Export the recorded history.
    Export(Export),
    /// Write an evidence report, or check one.
    Report(Report),
    /// Show token usage from local session logs.
    Logs(Logs),
    /// Re-run the analysis on an exported history.
    Replay(Replay),
    /// Save a copy of the whole history and settings, without keys.
    Backup(Backup),
    /// Put a backup in the place of the history and settings.
    Restore(Restore),
    /// Make exports part of the history.
    Import(Import),
    /// Take in what your own programs say of their usage.
    Intake(IntakeCommand),
    /// Check for a newer version, and install it.
    Update(Update),
    /// Print the completions of a shell.
    Completions(Completions),
    /// Write the manual pages of all commands; for packages.
    #[command(hide = true)]
    ManPages(ManPages),
}

impl Command {
    /// Whether its own options ask for JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        matches!(self, Self::Status(status) if status.format == Some(StatusFormat::Json))
    }
}

/// Which service and where.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Product that the key belongs to.
    #[arg(long, value_name = "SOURCE", value_parser = word::<Source>(&["kimi-code", "platform"]))]
    pub source: Source,
    /// Region of the service.
    #[arg(long, value_name = "REGION", value_parser = word::<Region>(&["china", "global"]))]
    pub region: Region,
    /// Base URL to use instead of the official one: https, or http on this machine.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
}

/// `tidemark read`
#[derive(Debug, Args)]
pub struct Read {
    /// The service to poll.
    #[command(flatten)]
    pub place: Place,
    /// Where the key comes from.
    #[command(flatten)]
    pub key: ReadKey,
    /// A name to put into the output.
    #[arg(long, value_name = "ACCOUNT")]
    pub name: Option<String>,
}

/// Where the key for one reading comes from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ReadKey {
    /// The environment variable that holds the key.
    #[arg(long, value_name = "NAME")]
    pub key_env: Option<String>,
    /// Ask the server that Kimi Code runs on this machine.
    #[arg(long, conflicts_with = "base_url")]
    pub local_server: bool,
}

/// `tidemark explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// HTTP status of the response.
    #[arg(long, value_name = "CODE", value_parser = clap::value_parser!(u16).range(100..=999))]
    pub status: u16,
    /// Header of the response; can be repeated.
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    pub header: Vec<(String, String)>,
    /// Product that responded.
    #[arg(long, value_name = "SOURCE", value_parser = word::<Source>(&["kimi-code", "platform"]))]
    pub source: Option<Source>,
}

/// `tidemark account`
#[derive(Debug, Args)]
pub struct AccountCommand {
    /// What to do with accounts.
    #[command(subcommand)]
    pub action: AccountAction,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum AccountAction {
    /// Add an account.
    Add(AccountAdd),
    /// List the accounts.
    List,
    /// Remove an account and its history.
    Remove(AccountRemove),
    /// Rename an account.
    Rename(AccountRename),
    /// Poll an account now with its stored key.
    Test(AccountTest),
    /// Give an account another key.
    SetKey(AccountSetKey),
}

/// `tidemark account add`
#[derive(Debug, Args)]
pub struct AccountAdd {
    /// A name of your choice.
    pub name: String,
    /// The service that the account belongs to.
    #[command(flatten)]
    pub place: Place,
    /// Where its key comes from.
    #[command(flatten)]
    pub key: KeySource,
    /// Where to store a key from standard input.
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["key_env", "local_server"])]
    pub keep: Option<Keep>,
    /// The passphrase of the encrypted file.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// Where a key is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Keep {
    /// In the system keyring.
    Keyring,
    /// In a file protected by a passphrase.
    EncryptedFile,
}

/// Where the passphrase of the encrypted key file comes from: a variable, else the terminal.
#[derive(Debug, Clone, Args)]
pub struct Passphrase {
    /// The environment variable that holds the passphrase of the encrypted key file.
    #[arg(long, value_name = "NAME")]
    pub passphrase_env: Option<String>,
}

/// Where a key comes from: never the command line itself.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct KeySource {
    /// Read the key from standard input and store it in the system keyring.
    #[arg(long)]
    pub key_stdin: bool,
    /// Store the name of an environment variable that holds the key.
    #[arg(long, value_name = "NAME")]
    pub key_env: Option<String>,
    /// Ask the server that Kimi Code runs on this machine; nothing is stored.
    #[arg(long, conflicts_with = "base_url")]
    pub local_server: bool,
}

/// `tidemark account remove`
#[derive(Debug, Args)]
pub struct AccountRemove {
    /// The account's name.
    #[arg(required_unless_present = "all")]
    pub name: Option<String>,
    /// Every account: for an uninstaller that leaves nothing.
    #[arg(long, hide = true, conflicts_with = "name")]
    pub all: bool,
    /// The passphrase of the encrypted file.
    #[command(flatten)]
    pub passphrase: Passphrase,
    /// Remove the account even if its key cannot be removed; the key stays in its storage.
    #[arg(long)]
    pub keep_key: bool,
}

/// `tidemark account test`
#[derive(Debug, Args)]
pub struct AccountTest {
    /// The account's name.
    pub name: String,
    /// The passphrase of the encrypted file.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// `tidemark account set-key`
#[derive(Debug, Args)]
pub struct AccountSetKey {
    /// The account's name.
    pub name: String,
    /// Where its key comes from.
    #[command(flatten)]
    pub key: NewKeySource,
    /// The account's own base URL, to confirm that a variable's key may go there.
    #[arg(long, value_name = "URL", requires = "key_env")]
    pub base_url: Option<String>,
    /// Where to store a key from standard input.
    #[arg(long, value_name = "PLACE", conflicts_with_all = ["key_env", "local_server"])]
    pub keep: Option<Keep>,
    /// The passphrase of the encrypted file.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// Where another key of an account comes from. Unlike a new account's it brings no address.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct NewKeySource {
    /// Read the key from standard input and store it in the system keyring.
    #[arg(long)]
    pub key_stdin: bool,
    /// Store the name of an environment variable that holds the key.
    #[arg(long, value_name = "NAME")]
    pub key_env: Option<String>,
    /// Ask the server that Kimi Code runs on this machine; nothing is stored.
    #[arg(long)]
    pub local_server: bool,
}

/// `tidemark account rename`
#[derive(Debug, Args)]
pub struct AccountRename {
    /// The account's name.
    pub name: String,
    /// The new name.
    pub new_name: String,
}

/// `tidemark machine`
#[derive(Debug, Args)]
pub struct MachineCommand {
    /// What to do with machines.
    #[command(subcommand)]
    pub action: MachineAction,
}

/// What to do with machines.
#[derive(Debug, Subcommand)]
pub enum MachineAction {
    /// Show this machine, the others, and how their records come.
    List,
    /// Add another machine, or a folder that several share.
    Add(MachineAdd),
    /// Remove a machine or a folder.
    Remove(MachineRemove),
    /// Rename a machine or a folder.
    Rename(MachineRename),
    /// Remove a machine with its usage, and ignore it.
    Forget(MachineForget),
    /// Exchange records now.
    Sync(MachineSync),
    /// Show or change what other machines know of this one.
    This(MachineThis),
    /// Print this machine's records for another one.
    Export(MachineExport),
}

/// `tidemark machine add`
#[derive(Debug, Args)]
pub struct MachineAdd {
    /// A name of your choice.
    pub name: String,
    /// Where the records come from.
    #[command(flatten)]
    pub way: MachineWay,
    /// Path of tidemark on the host.
    #[arg(long, value_name = "PATH", requires = "ssh")]
    pub command: Option<String>,
    /// The variable that holds the folder's passphrase.
    #[arg(long, value_name = "NAME", requires = "folder")]
    pub passphrase_env: Option<String>,
    /// Where to store the folder's passphrase.
    #[arg(long, value_name = "PLACE", requires = "folder", conflicts_with = "passphrase_env")]
    pub keep: Option<Keep>,
}

/// Where the records of another machine come from.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct MachineWay {
    /// A host that is asked over SSH.
    #[arg(long, value_name = "HOST")]
    pub ssh: Option<String>,
    /// A folder that several machines share.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// `tidemark machine remove`
#[derive(Debug, Args)]
pub struct MachineRemove {
    /// Name of the machine or folder.
    pub name: String,
    /// What becomes of its usage.
    #[command(flatten)]
    pub usage: MachineUsage,
}

/// What becomes of the usage of a machine that is removed.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct MachineUsage {
    /// Keep the usage that came from it.
    #[arg(long)]
    pub keep_use: bool,
    /// Remove the usage that came from it, too.
    #[arg(long)]
    pub drop_use: bool,
}

/// `tidemark machine rename`
#[derive(Debug, Args)]
pub struct MachineRename {
    /// Name of the machine or folder.
    pub name: String,
    /// The new name.
    pub new_name: String,
}

/// `tidemark machine forget`
#[derive(Debug, Args)]
pub struct MachineForget {
    /// Name of the machine.
    pub name: String,
}

/// `tidemark machine sync`
#[derive(Debug, Args)]
pub struct MachineSync {
    /// Name of the machine or folder.
    pub name: Option<String>,
}

/// `tidemark machine this`
#[derive(Debug, Args)]
pub struct MachineThis {
    /// What this machine is called.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Whether other machines are given the names of projects.
    #[arg(long, value_name = "WHETHER")]
    pub share_projects: Option<Whether>,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Whether {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// `tidemark machine export`
#[derive(Debug, Args)]
pub struct MachineExport {
    /// Only what is new since a cursor.
    #[arg(long, value_name = "CURSOR")]
    pub since: Option<Cursor>,
}

/// `tidemark hub`
#[derive(Debug, Args)]
pub struct HubCommand {
    /// What to do with the hub.
    #[command(subcommand)]
    pub action: HubAction,
}

/// What to do with the hub.
#[derive(Debug, Subcommand)]
pub enum HubAction {
    /// Make a hub in a database, and join it as its owner.
    Init(HubInit),
    /// Invite someone.
    Invite(HubInvite),
    /// Join a hub.
    Join(HubJoin),
    /// Give the hub all that is new.
    Sync,
    /// Leave the hub.
    Leave(HubLeave),
    /// Show how the hub stands.
    Status,
    /// Show the usage that this member may see.
    Usage(HubUsage),
}

/// `tidemark hub init`
#[derive(Debug, Args)]
pub struct HubInit {
    /// Address of the database, without a password.
    #[arg(value_name = "URL")]
    pub url: String,
    /// The variable that holds the database user's password.
    #[arg(long, value_name = "NAME")]
    pub password_env: Option<String>,
    /// Whether others are given the name of this machine.
    #[arg(long, value_name = "WHETHER", default_value = "no")]
    pub share_machine_name: Whether,
}

/// `tidemark hub invite`
#[derive(Debug, Args)]
pub struct HubInvite {
    /// What the new member may do.
    #[arg(long, value_name = "ROLE", default_value = "member", value_parser = word::<Role>(&["member", "auditor", "owner"]))]
    pub role: Role,
    /// For how many hours it is good.
    #[arg(long, value_name = "HOURS", default_value_t = tidemark_hub::DEFAULT_HOURS,
          value_parser = clap::value_parser!(u16).range(1..=8760))]
    pub hours: u16,
}

/// `tidemark hub join`
#[derive(Debug, Args)]
pub struct HubJoin {
    /// The invitation; `-` reads it from standard input.
    #[arg(value_name = "INVITATION")]
    pub invitation: String,
    /// What others call this member.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The variable that holds the password to be used from now on.
    #[arg(long, value_name = "NAME")]
    pub password_env: Option<String>,
    /// Whether others are given the name of this machine.
    #[arg(long, value_name = "WHETHER", default_value = "no")]
    pub share_machine_name: Whether,
}

/// `tidemark hub leave`
#[derive(Debug, Args)]
pub struct HubLeave {
    /// Remove all that this member has given.
    #[arg(long)]
    pub remove_mine: bool,
}

/// `tidemark hub usage`
#[derive(Debug, Args)]
pub struct HubUsage {
    /// What to group by.
    #[arg(long, value_name = "WHAT", default_value = "day",
          value_parser = word::<UsageBy>(&["member", "machine", "client", "model", "project", "day", "month"]))]
    pub by: UsageBy,
    /// From this day.
    #[arg(long, value_name = "DAY")]
    pub from: Option<String>,
    /// Up to and including this day.
    #[arg(long, value_name = "DAY")]
    pub to: Option<String>,
    /// Currency of the open-platform prices.
    #[arg(long, value_name = "CURRENCY", default_value = "USD", value_parser = word::<Currency>(&["USD", "CNY"]))]
    pub currency: Currency,
}

/// `tidemark intake`
#[derive(Debug, Args)]
pub struct IntakeCommand {
    /// What to do.
    #[command(subcommand)]
    pub action: IntakeAction,
}

/// What to do about other programs' usage.
#[derive(Debug, Subcommand)]
pub enum IntakeAction {
    /// Show what is turned on, and how it goes.
    List,
    /// Receive OTLP metrics, or no more.
    Otlp(IntakeOtlp),
    /// Read the spend logs of a LiteLLM proxy, or no more.
    Litellm(IntakeLitellm),
}

/// `tidemark intake otlp`
#[derive(Debug, Args)]
pub struct IntakeOtlp {
    /// What to do.
    #[command(subcommand)]
    pub action: OtlpAction,
}

/// Whether metrics are received.
#[derive(Debug, Subcommand)]
pub enum OtlpAction {
    /// Receive metrics from now on.
    On(OtlpOn),
    /// Receive none.
    Off,
}

/// `tidemark intake otlp on`
#[derive(Debug, Args)]
pub struct OtlpOn {
    /// The loopback address to listen on.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = tidemark_intake::receiver::DEFAULT_LISTEN)]
    pub listen: String,
}

/// `tidemark intake litellm`
#[derive(Debug, Args)]
pub struct IntakeLitellm {
    /// What to do.
    #[command(subcommand)]
    pub action: LitellmAction,
}

/// Whether spend logs are read.
#[derive(Debug, Subcommand)]
pub enum LitellmAction {
    /// Read them from now on.
    On(LitellmOn),
    /// Read none.
    Off,
}

/// `tidemark intake litellm on`
#[derive(Debug, Args)]
pub struct LitellmOn {
    /// The address of LiteLLM's database, without a password.
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// The environment variable of the agent that holds the password.
    #[arg(long, value_name = "NAME")]
    pub password_env: Option<String>,
}

/// `tidemark poll`
#[derive(Debug, Args)]
pub struct Poll {
    /// The passphrase of the encrypted file.
    #[command(flatten)]
    pub passphrase: Passphrase,
}

/// `tidemark agent`
#[derive(Debug, Args)]
pub struct Agent {
    /// Show no tray icon.
    #[arg(long)]
    pub no_tray: bool,
    /// Run on sample data: needs no account and no network, and leaves the user's data untouched.
    #[arg(long)]
    pub demo: bool,
    /// End when standard input ends: whoever started this holds the other end of it.
    #[arg(long, hide = true)]
    pub while_stdin: bool,
    /// Ask the agent that runs to end, and wait until it has: for installers.
    #[arg(long, hide = true)]
    pub end: bool,
    /// As `end`, and its window to close.
    #[arg(long, hide = true)]
    pub quit: bool,
    /// Also serve the interface on a loopback address, protected by a token.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<std::net::SocketAddr>,
    /// Folder of web files to serve with --listen.
    #[arg(long, value_name = "DIR", requires = "listen")]
    pub ui: Option<PathBuf>,
}

/// `tidemark status`
#[derive(Debug, Args)]
pub struct Status {
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// One short line, for a status bar.
    #[arg(long, conflicts_with = "format")]
    pub line: bool,
    /// How to print it.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<StatusFormat>,
    /// Columns that a line may have.
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(1..))]
    pub width: Option<u16>,
    /// Also estimate whether each quota lasts until its reset.
    #[arg(long, conflicts_with = "line")]
    pub forecast: bool,
}

/// How the status is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// Tables for people.
    Text,
    /// One short line.
    Line,
    /// JSON, as with `--json`.
    Json,
    /// For Waybar.
    Waybar,
    /// For i3status-rust.
    I3status,
    /// For polybar.
    Polybar,
    /// For tmux.
    Tmux,
    /// For Starship.
    Starship,
    /// For SwiftBar.
    Swiftbar,
}

impl StatusFormat {
    /// The status bar that it is for.
    #[must_use]
    pub const fn bar(self) -> Option<BarProgram> {
        Some(match self {
            Self::Text | Self::Line | Self::Json => return None,
            Self::Waybar => BarProgram::Waybar,
            Self::I3status => BarProgram::I3Status,
            Self::Polybar => BarProgram::Polybar,
            Self::Tmux => BarProgram::Tmux,
            Self::Starship => BarProgram::Starship,
            Self::Swiftbar => BarProgram::SwiftBar,
        })
    }
}

/// `tidemark check`
#[derive(Debug, Args)]
pub struct Check {
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// Which quota, or the balance.
    #[arg(long, value_name = "METER", default_value = "any", hide_default_value = true)]
    pub meter: CheckedMeter,
    /// How much has to be left: percent of a quota, or an amount of money.
    #[arg(long, value_name = "AMOUNT", allow_hyphen_values = true)]
    pub left: Option<String>,
    /// How old a reading may be.
    #[arg(long, value_name = "MINUTES")]
    pub max_age: Option<u32>,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CheckedMeter {
    /// The quota of five hours.
    #[value(name = "5h")]
    FiveHour,
    /// The quota of a week.
    Week,
    /// The quota of a month.
    Month,
    /// The balance of the open platform.
    Balance,
    /// Every quota.
    Any,
}

impl CheckedMeter {
    /// The quota, where it is one.
    #[must_use]
    pub const fn quota(self) -> Option<Meter> {
        match self {
            Self::FiveHour => Some(Meter::FiveHour),
            Self::Week => Some(Meter::Week),
            Self::Month => Some(Meter::Month),
            Self::Balance | Self::Any => None,
        }
    }
}

/// A time_range of time: days in the zone, or instants.
#[derive(Debug, Clone, Args)]
pub struct TimeRange {
    /// From this day or time.
    #[arg(long, value_name = "WHEN")]
    pub from: Option<String>,
    /// Up to and including this day, or up to this time.
    #[arg(long, value_name = "WHEN")]
    pub to: Option<String>,
}

/// `tidemark history`
#[derive(Debug, Args)]
pub struct History {
    /// The size of a bucket.
    #[arg(long, value_name = "SPAN", value_parser = word::<Span>(&["hour", "day", "month"]))]
    pub by: Span,
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The span to show.
    #[command(flatten)]
    pub time_range: TimeRange,
    /// Print CSV.
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// `tidemark findings`
#[derive(Debug, Args)]
pub struct Findings {
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The span to show.
    #[command(flatten)]
    pub time_range: TimeRange,
}

/// `tidemark replay`
#[derive(Debug, Args)]
pub struct Replay {
    /// JSON Lines files; standard input if none is given.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `tidemark export`
#[derive(Debug, Args)]
pub struct Export {
    /// How to write it.
    #[arg(long, value_name = "FORMAT", value_parser = word::<Format>(&["csv", "json", "jsonl"]))]
    pub format: Format,
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The span to export.
    #[command(flatten)]
    pub time_range: TimeRange,
}

/// `tidemark backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace the file if it exists.
    #[arg(long)]
    pub force: bool,
}

/// `tidemark restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// `tidemark import`
#[derive(Debug, Args)]
pub struct Import {
    /// The exports; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

/// `tidemark update`
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Update {
    /// Ask for the newest version now.
    #[arg(long)]
    pub check: bool,
    /// Download the newest version and put it in the place of this one.
    #[arg(long)]
    pub install: bool,
    /// Check once a day from now on.
    #[arg(long)]
    pub on: bool,
    /// Check no more.
    #[arg(long)]
    pub off: bool,
    /// Install what an agent has downloaded.
    #[arg(long, hide = true)]
    pub apply: bool,
}

/// `tidemark report`
#[derive(Debug, Args)]
pub struct Report {
    /// Only this account.
    #[arg(long, value_name = "NAME")]
    pub account: Option<String>,
    /// The span of the report.
    #[command(flatten)]
    pub time_range: TimeRange,
    /// Form of the report: a page by default, JSON if standard output is JSON.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ReportFormat>,
    /// The language of the page.
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    pub language: Option<String>,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Verify a report instead.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["account", "from", "to", "output", "language"])]
    pub check: Option<PathBuf>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// A page that prints well.
    Html,
    /// JSON.
    Json,
}

/// `tidemark logs`
#[derive(Debug, Args)]
pub struct Logs {
    /// Read logs in this folder only, instead of the user's home.
    #[arg(long, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// What to group by.
    #[arg(long, value_name = "WHAT", default_value = "day",
          value_parser = word::<By>(&["day", "month", "model", "project", "session", "client"]))]
    pub by: By,
    /// The span to sum up.
    #[command(flatten)]
    pub time_range: TimeRange,
    /// Currency of the open-platform prices.
    #[arg(long, value_name = "CURRENCY", default_value = "USD", value_parser = word::<Currency>(&["USD", "CNY"]))]
    pub currency: Currency,
    /// Usage of this machine in the recorded history: a name, all or this.
    #[arg(long, value_name = "MACHINE", conflicts_with = "home")]
    pub machine: Option<String>,
}

/// `tidemark completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `tidemark man-pages`
#[derive(Debug, Args)]
pub struct ManPages {
    /// Folder to write them into.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| format!("`{text}` is not an IANA zone; expected something like Europe/Berlin"))
}

/// The tag of the catalogue that a language's name means: `zh`, `zh_CN` and `zh-Hans` are one.
fn language(text: &str) -> Result<String, String> {
    let found = Language::of_locale(text).ok_or_else(|| "expected en or zh-CN".to_owned())?;
    Ok(found.tag().to_owned())
}

fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err(format!("expected `Name: value`, found `{text}`")),
    }
}

/// A parser for one of a domain type's words, which also lists them in the help.
fn word<T>(words: &'static [&'static str]) -> impl clap::builder::TypedValueParser<Value = T>
where
    T: std::str::FromStr + Clone + Send + Sync + 'static,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    PossibleValuesParser::new(words).try_map(|text| text.parse::<T>())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_grammar_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn headers_are_cut_at_the_first_colon() {
        assert_eq!(header("Retry-After: 3"), Ok(("Retry-After".into(), "3".into())));
        assert_eq!(header("Date: a:b"), Ok(("Date".into(), "a:b".into())));
        assert_eq!(header("x:"), Ok(("x".into(), String::new())));
        assert!(header("no colon").is_err());
        assert!(header(": v").is_err());
    }
}
