//! `tidemark intake`.

use clap::{Args, Subcommand};

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
