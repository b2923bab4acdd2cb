//! `heliograph mint`: a short-lived token for somebody else.

use std::process::ExitCode;

use clap::Args;

use crate::error::CliError;
use crate::http::Api;
use crate::token::{Grant, mint};

/// Arguments of `mint`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    heliograph mint --board fleet --operations read\n  \
    heliograph mint --board fleet --operations read,publish --keys 'v*' --ttl 600\n  \
    TOKEN=$(heliograph mint --board fleet --operations publish | jq -r .token)")]
pub struct MintArgs {
    /// Board the token is for
    #[arg(long, short)]
    board: String,
    /// What it allows: read, history, publish, presence, manage
    #[arg(long, value_delimiter = ',', default_value = "read", value_name = "OP,…")]
    operations: Vec<String>,
    /// Patterns of the keys it is for, such as 'v*' (may be repeated) [default: all]
    #[arg(long, value_delimiter = ',', value_name = "PATTERN,…")]
    keys: Vec<String>,
    /// How long it is valid
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    ttl: u32,
}

/// Runs `mint`.
pub async fn run(api: &Api, args: &MintArgs) -> Result<ExitCode, CliError> {
    let grant = Grant { board: &args.board, operations: &args.operations, keys: &args.keys, ttl_secs: args.ttl };
    say!("{}", mint(api, &grant).await?);
    Ok(ExitCode::SUCCESS)
}
