//! `heliograph item`: end an item.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use reqwest::Method;

use crate::error::CliError;
use crate::http::Api;

/// Arguments of `item`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  heliograph item delete fleet v1")]
pub struct ItemArgs {
    #[command(subcommand)]
    action: ItemAction,
}

#[derive(Debug, Subcommand)]
enum ItemAction {
    /// End an item: it goes from views, rankings and the feed; its events stay in the log
    #[command(after_help = "Example:\n  heliograph item delete fleet v1")]
    Delete {
        /// Name of the board
        board: String,
        /// The item's key
        key: String,
    },
}

/// Runs `item`.
pub async fn run(api: &Api, args: ItemArgs) -> Result<ExitCode, CliError> {
    match args.action {
        ItemAction::Delete { board, key } => {
            let answer = api.call(Method::DELETE, &["v1", "boards", &board, "items", &key], None).await?;
            say!("{answer}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
