//! `heliograph item`: end an item, and erase its history.

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::error::CliError;
use crate::http::Api;

/// Between two looks at how far an erase is.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

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
    #[command(after_help = "Examples:\n  heliograph item delete fleet v1\n  heliograph item delete fleet v1 --erase")]
    Delete {
        /// Name of the board
        board: String,
        /// The item's key
        key: String,
        /// Erase the item's history too, and wait until that is done: prints what was erased and what remains
        #[arg(long)]
        erase: bool,
    },
}

/// Runs `item`.
pub async fn run(api: &Api, args: ItemArgs) -> Result<ExitCode, CliError> {
    match args.action {
        ItemAction::Delete { board, key, erase } => {
            let segments = ["v1", "boards", &board, "items", &key];
            let query: &[(&str, &str)] = if erase { &[("erase", "true")] } else { &[] };
            let mut answer = api.delete(&segments, query).await?;
            // Asked again, the server tells how far it is.
            while answer.get("state").and_then(Value::as_str) == Some("under_way") {
                tokio::time::sleep(LOOK_AGAIN).await;
                answer = api.delete(&segments, query).await?;
            }
            say!("{answer}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
