//! `heliograph item`: end an item and erase its history, and print the way that it came.

use std::io::Write as _;
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
#[command(after_help = "Examples:\n  \
    heliograph item delete fleet v1\n  \
    heliograph item track fleet v1 --format gpx > v1.gpx")]
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
    /// Print the way that an item came
    Track {
        /// Name of the board
        board: String,
        /// The item's key
        key: String,
        /// From this time on, RFC 3339 or epoch milliseconds; a day before the end when absent
        #[arg(long)]
        from: Option<String>,
        /// Before this time; the item's newest event when absent
        #[arg(long)]
        to: Option<String>,
        /// json, geojson, gpx, kml, csv, arrow or parquet
        #[arg(long, default_value = "json")]
        format: String,
        /// Leave out fixes that tell least, down to so many
        #[arg(long, value_name = "N")]
        max_points: Option<u32>,
        /// Two fixes that are further apart, in seconds, have a gap between them
        #[arg(long, value_name = "SECONDS")]
        gap: Option<u32>,
    },
    /// Print when an item went and when it stood
    Trips {
        /// Name of the board
        board: String,
        /// The item's key
        key: String,
        /// From this time on, RFC 3339 or epoch milliseconds; a day before the end when absent
        #[arg(long)]
        from: Option<String>,
        /// Before this time; the item's newest event when absent
        #[arg(long)]
        to: Option<String>,
        /// A stop is no wider, in metres
        #[arg(long, value_name = "METRES")]
        stop_m: Option<u32>,
        /// A stop lasts so long
        #[arg(long, value_name = "SECONDS")]
        stop_s: Option<u32>,
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
        ItemAction::Track { board, key, from, to, format, max_points, gap } => {
            let (max_points, gap) = (max_points.map(|n| n.to_string()), gap.map(|n| n.to_string()));
            let wishes = [("from", from), ("to", to), ("max_points", max_points), ("gap_s", gap)];
            let mut query = vec![("format", format.as_str())];
            query.extend(wishes.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
            print(api, &["v1", "boards", &board, "items", &key, "track"], &query).await?;
        }
        ItemAction::Trips { board, key, from, to, stop_m, stop_s } => {
            let (stop_m, stop_s) = (stop_m.map(|n| n.to_string()), stop_s.map(|n| n.to_string()));
            let wishes = [("from", from), ("to", to), ("stop_m", stop_m), ("stop_s", stop_s)];
            let query: Vec<_> = wishes.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
            print(api, &["v1", "boards", &board, "items", &key, "trips"], &query).await?;
            say!("");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints what the server answers, as it is.
async fn print(api: &Api, segments: &[&str], query: &[(&str, &str)]) -> Result<(), CliError> {
    let answer = api.look(segments, query).await?;
    if !answer.is_success() {
        return Err(api.refusal(&answer));
    }
    let written = std::io::stdout().write_all(&answer.body);
    written.map_err(|error| CliError::failed(format!("cannot write: {error}")))
}
