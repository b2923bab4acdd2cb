//! `heliograph layers`: what lies under the items of a board's map.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bytes::Bytes;
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::Value;

use crate::error::CliError;
use crate::http::{Api, Body};

/// Arguments of `layers`.
#[derive(Debug, Args)]
#[command(
    after_help = "A layer is on the map once the board's config names it: \"map\":{\"layers\":[{\"id\":\"routes\",\"name\":\"Routes\"}]}\n\n\
    Examples:\n  \
    heliograph layers put fleet routes routes.geojson\n  \
    heliograph layers list fleet\n  \
    heliograph layers show fleet routes > routes.geojson"
)]
pub struct LayersArgs {
    #[command(subcommand)]
    action: LayersAction,
}

#[derive(Debug, Subcommand)]
enum LayersAction {
    /// Print a board's layers, without their GeoJSON
    List {
        /// Name of the board
        board: String,
    },
    /// Print a layer's GeoJSON, as it was put
    Show {
        /// Name of the board
        board: String,
        /// Its id
        id: String,
    },
    /// Make or change one layer
    Put {
        /// Name of the board
        board: String,
        /// Its id
        id: String,
        /// A GeoJSON file; `-` reads standard input
        file: PathBuf,
    },
    /// Delete one layer
    Delete {
        /// Name of the board
        board: String,
        /// Its id
        id: String,
    },
}

/// Runs `layers`.
pub async fn run(api: &Api, args: LayersArgs) -> Result<ExitCode, CliError> {
    match args.action {
        LayersAction::List { board } => {
            say!("{}", api.call(Method::GET, &["v1", "boards", &board, "layers"], None).await?);
        }
        LayersAction::Show { board, id } => {
            let answer = api.look(&["v1", "boards", &board, "layers", &id], &[]).await?;
            if !answer.is_success() {
                return Err(api.refusal(&answer));
            }
            say!("{}", String::from_utf8_lossy(&answer.body).trim_end());
        }
        LayersAction::Put { board, id, file } => {
            let row = put(api, &board, &id, read(&file)?.into()).await?;
            say!("{row}");
            if row["name"].is_null() {
                eprintln!(
                    "the map shows it once map.layers of the board's config has {}",
                    serde_json::json!({"id": id, "name": "…"})
                );
            }
        }
        LayersAction::Delete { board, id } => {
            api.delete(&["v1", "boards", &board, "layers", &id], &[]).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts a layer; what the board says of it.
pub async fn put(api: &Api, board: &str, id: &str, geojson: Bytes) -> Result<Value, CliError> {
    let body = Body { content_type: "application/geo+json", content: geojson };
    let segments = ["v1", "boards", board, "layers", id];
    let answer = api.send_once(Method::PUT, &segments, &[], &[], Some(body)).await;
    let answer = answer.map_err(|reason| api.unreachable(&reason))?;
    if answer.is_success() { answer.json() } else { Err(api.refusal(&answer)) }
}

/// The file as it is, but for the mark that some editors put in front.
fn read(file: &Path) -> Result<Vec<u8>, CliError> {
    let read = if file.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    let bytes = read.map_err(|error| CliError::failed(format!("cannot read {}: {error}", file.display())))?;
    Ok(bytes.strip_prefix(b"\xEF\xBB\xBF").map(<[u8]>::to_vec).unwrap_or(bytes))
}
