//! `heliograph board`: apply a config file, list the boards, show one.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;

use crate::error::CliError;
use crate::http::Api;

/// Arguments of `board`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    heliograph board apply boards/fleet.json\n  \
    heliograph board apply fleet-test.json --name fleet\n  \
    heliograph board list\n  \
    heliograph board get fleet")]
pub struct BoardArgs {
    #[command(subcommand)]
    action: BoardAction,
}

#[derive(Debug, Subcommand)]
enum BoardAction {
    /// Create or change boards from config files; a board is called like its file
    #[command(after_help = "Example:\n  heliograph board apply boards/*.json")]
    Apply {
        /// Config files (JSON)
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Name of the board, when it is not the file's
        #[arg(long)]
        name: Option<String>,
    },
    /// List the boards that the key may see
    #[command(after_help = "Example:\n  heliograph board list --json")]
    List {
        /// Print the server's answer as it is
        #[arg(long)]
        json: bool,
    },
    /// Print a board's config as JSON
    #[command(after_help = "Example:\n  heliograph board get fleet > fleet.json")]
    Get {
        /// Name of the board
        board: String,
    },
}

/// Runs `board`.
pub async fn run(api: &Api, args: BoardArgs) -> Result<ExitCode, CliError> {
    match args.action {
        BoardAction::Apply { files, name } => {
            if name.is_some() && files.len() != 1 {
                return Err(CliError::usage("--name goes with one file"));
            }
            for file in &files {
                apply(api, file, name.as_deref()).await?;
            }
        }
        BoardAction::List { json } => {
            let answer = api.call(Method::GET, &["v1", "boards"], None).await?;
            if json { say!("{answer}") } else { print_list(&answer) }
        }
        BoardAction::Get { board } => {
            let config = api.call(Method::GET, &["v1", "boards", &board], None).await?;
            say!("{config:#}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn apply(api: &Api, file: &Path, name: Option<&str>) -> Result<(), CliError> {
    let shown = file.display();
    let text =
        std::fs::read_to_string(file).map_err(|error| CliError::failed(format!("cannot read {shown}: {error}")))?;
    let config: Value =
        serde_json::from_str(&text).map_err(|error| CliError::failed(format!("{shown} is not JSON: {error}")))?;
    let name = name
        .or_else(|| file.file_stem().and_then(|stem| stem.to_str()))
        .ok_or_else(|| CliError::usage(format!("{shown}: name the board with --name")))?;
    api.call(Method::PUT, &["v1", "boards", name], Some(&config))
        .await
        .map_err(|error| CliError::failed(format!("{shown}: {error}")))?;
    say!("board {name} applied from {shown}");
    Ok(())
}

fn print_list(answer: &Value) {
    let boards = answer.get("boards").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if boards.is_empty() {
        say!("no boards yet; `heliograph board apply FILE` makes one");
    }
    for board in boards {
        let part = |name: &str| board.get(name).and_then(Value::as_str).unwrap_or("-");
        say!("{:<24} {:<8} {}", part("board"), part("visibility"), part("title"));
    }
}
