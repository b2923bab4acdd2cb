//! `heliograph board`: apply a config file, list the boards, show one; keep one as a file, and make one of it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;

use crate::backup::file::{self, Upto};
use crate::backup::{export, import};
use crate::error::CliError;
use crate::http::Api;

/// Arguments of `board`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    heliograph board apply boards/fleet.json\n  \
    heliograph board apply fleet-test.json --name fleet\n  \
    heliograph board list\n  \
    heliograph board get fleet\n  \
    heliograph board export fleet -o fleet.hgb\n  \
    heliograph board import fleet.hgb --name fleet-2")]
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
    /// Write a board's config and log into a file
    #[command(after_help = "Example:\n  heliograph board export fleet -o fleet.hgb")]
    Export {
        /// Name of the board
        board: String,
        /// The file
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// No more than the board had at this cursor
        #[arg(long, value_name = "CURSOR")]
        upto: Option<String>,
        /// Go on with a file that was begun
        #[arg(long, conflicts_with_all = ["force", "upto"])]
        resume: bool,
        /// Overwrite a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Make a board from such a file; what was begun is gone on with
    #[command(after_help = "Examples:\n  \
        heliograph board import fleet.hgb\n  \
        heliograph board import fleet.hgb --name fleet-then --upto 2026-03-01T12:00:00Z")]
    Import {
        /// The file
        file: PathBuf,
        /// Name of the board, when it is not the one that was exported
        #[arg(long)]
        name: Option<String>,
        /// The board as it was at this cursor, or at this time
        #[arg(long, value_name = "CURSOR|TIME")]
        upto: Option<String>,
        /// Have no cursor of before lead into this board: where others may have seen more of it than the file has
        #[arg(long)]
        new_cursors: bool,
        /// Give up an import that was begun under this name
        #[arg(long)]
        restart: bool,
    },
    /// Check that such a file is whole, and that nothing of it was changed
    #[command(after_help = "Example:\n  heliograph board verify fleet.hgb")]
    Verify {
        /// The file
        file: PathBuf,
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
        BoardAction::Export { board, output, upto, resume, force } => {
            let upto = match upto.as_deref().map(Upto::parse).transpose()? {
                None => None,
                Some(Upto::Seq(seq)) => Some(seq),
                Some(Upto::Time(_) | Upto::End) => {
                    return Err(CliError::usage("an export goes up to a cursor; a time is for `board import --upto`"));
                }
            };
            export::run(api, &export::Wish { board, file: output, upto, resume, force }).await?;
        }
        BoardAction::Import { file, name, upto, new_cursors, restart } => {
            let upto = upto.as_deref().map_or(Ok(Upto::End), Upto::parse)?;
            let wish = import::Wish { file, name, upto, new_cursors, restart };
            if !import::run(api, &wish).await? {
                return Ok(ExitCode::FAILURE);
            }
        }
        BoardAction::Verify { file: path } => {
            let checked = file::check(&path, Upto::End)?;
            say!("{} is whole: {checked}", path.display());
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
