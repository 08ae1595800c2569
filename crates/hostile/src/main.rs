//! Hostile inputs for every part of Tidemark that reads something from outside, made from a seed, and the laws that must
//! hold for each. The check of every day tries 10,000 with a fixed seed; `cargo xtask fuzz` as many as there is time for.
//!
//! The program starts workers of itself, so that an input that ends a process or never ends is found out, too. They
//! have no network but a port that refuses, no keyring and no home folder.

#![allow(clippy::print_stdout, reason = "its table is what it is for")]

mod bytes;
mod campaign;
mod fragments;
mod json;
mod law;
mod minimise;
mod plan;
mod random;
mod shapes;
mod supervisor;
mod target;
mod targets;
mod worker;

use std::process::ExitCode;

use campaign::Campaign;
use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    campaign: Campaign,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// What the program starts itself as.
    Worker {
        #[command(flatten)]
        campaign: Campaign,
        /// Which of the workers it is.
        #[arg(long)]
        part: usize,
        /// The first input.
        #[arg(long)]
        first: u64,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(name) = &arguments.campaign.target
        && !targets::TARGETS.iter().any(|entry| entry.name == name)
    {
        let names: Vec<&str> = targets::TARGETS.iter().map(|entry| entry.name).collect();
        eprintln!("no target is called {name:?}; there are: {}", names.join(", "));
        return ExitCode::from(2);
    }
    match arguments.role {
        Some(Role::Worker { campaign, part, first }) => worker::work(&campaign, part, first),
        None => match supervisor::run(&arguments.campaign) {
            Ok(0) => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        },
    }
}
