//! `tidemark-simulator`: the simulator as a program.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Parser;
use tidemark_simulator::{HELP, Scenario, SimClock, Simulator};

/// A Kimi service that misbehaves on request.
///
/// Serves Kimi Code (/china/coding/v1, /global/coding/v1), the open platform (/china/v1, /global/v1) and the
/// status page (/api/v2/summary.json) on a loopback address, with simulated accounts. Prints one line of JSON
/// with the base URLs and the fake keys of its accounts, then runs until it is stopped.
#[derive(Debug, Parser)]
#[command(version, after_help = HELP)]
struct Options {
    /// Where to listen; loopback addresses only, port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    addr: SocketAddr,
    /// The seed: the same one gives the same lives.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many times as fast as real time the simulated clock runs; 0 makes it stand until it is moved.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// demo | one-code | one-platform | fleet:N | a JSON file {"seed":1,"accounts":[…]}.
    #[arg(long, default_value = "demo")]
    scenario: String,
    /// The simulated time at the start; the present where it is left out.
    #[arg(long, value_name = "RFC3339")]
    start: Option<DateTime<Utc>>,
    /// Write matching session logs under this home folder.
    #[arg(long, value_name = "DIR")]
    logs: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidemark-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let start = options.start.unwrap_or_else(Utc::now);
    let scenario = Scenario::named(&options.scenario, start, options.seed)?;
    let clock = if options.speed <= 0.0 {
        SimClock::stepped(start)
    } else if options.start.is_none() && (options.speed - 1.0).abs() < f64::EPSILON {
        SimClock::real()
    } else {
        SimClock::fast(start, options.speed)
    };
    let running = Simulator::start(scenario, clock, options.addr).await?;
    if let Some(home) = &options.logs {
        running.write_logs(home)?;
    }
    let announcement = serde_json::json!({
        "url": running.url(),
        "status_page": format!("{}/api/v2/summary.json", running.url()),
        "control": format!("{}/_sim/", running.url()),
        "accounts": running.accounts(),
    });
    #[expect(clippy::print_stdout, reason = "the line is what the program is started for")]
    {
        println!("{announcement}");
    }
    stopped().await?;
    running.shutdown().await;
    Ok(())
}

/// Returns when the program is asked to end.
#[cfg(unix)]
async fn stopped() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}

/// Returns when the program is asked to end.
#[cfg(not(unix))]
async fn stopped() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
