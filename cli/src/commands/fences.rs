//! `heliograph fences`: a board's fences, and what happened at them.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::error::CliError;
use crate::http::Api;
use crate::input;

/// The members of a fence that a GeoJSON feature has among its properties.
const PROPERTIES: [&str; 6] = ["name", "radius_m", "width_m", "dwell_s", "exit_band_m", "confirmations"];

/// Arguments of `fences`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    heliograph fences list fleet --geojson > fences.geojson\n  \
    heliograph fences import fleet fences.geojson\n  \
    heliograph fences events fleet --fence depot --kind exit")]
pub struct FencesArgs {
    #[command(subcommand)]
    action: FencesAction,
}

#[derive(Debug, Subcommand)]
enum FencesAction {
    /// Print a board's fences
    List {
        /// Name of the board
        board: String,
        /// Only fences that this item is in
        #[arg(long)]
        key: Option<String>,
        /// As a FeatureCollection, which `import` takes
        #[arg(long)]
        geojson: bool,
    },
    /// Print one fence, with who is inside
    Show {
        /// Name of the board
        board: String,
        /// Its id
        id: String,
    },
    /// Make or change one fence
    Put {
        /// Name of the board
        board: String,
        /// Its id
        id: String,
        /// A file with the fence as JSON; `-` reads standard input
        file: PathBuf,
    },
    /// Make or change every fence of a GeoJSON file: features with an `id`, and `radius_m` or `width_m` among their properties
    Import {
        /// Name of the board
        board: String,
        /// A FeatureCollection; `-` reads standard input
        file: PathBuf,
    },
    /// Delete one fence
    Delete {
        /// Name of the board
        board: String,
        /// Its id
        id: String,
    },
    /// Print what happened, the newest first, a line of JSON each
    Events {
        /// Name of the board
        board: String,
        /// Only of this fence
        #[arg(long)]
        fence: Option<String>,
        /// Only of this item
        #[arg(long)]
        key: Option<String>,
        /// enter, exit or dwell
        #[arg(long)]
        kind: Option<String>,
        /// From this time on: RFC 3339 or epoch milliseconds
        #[arg(long)]
        from: Option<String>,
        /// Before this time
        #[arg(long)]
        to: Option<String>,
        /// At most so many
        #[arg(long, default_value = "100")]
        limit: u32,
    },
}

/// Runs `fences`.
pub async fn run(api: &Api, args: FencesArgs) -> Result<ExitCode, CliError> {
    match args.action {
        FencesAction::List { board, key, geojson } => {
            let mut query: Vec<(&str, &str)> = key.iter().map(|key| ("key", key.as_str())).collect();
            if geojson {
                query.push(("format", "geojson"));
            }
            say!("{}", api.get(&["v1", "boards", &board, "fences"], &query).await?);
        }
        FencesAction::Show { board, id } => {
            say!("{}", api.call(Method::GET, &["v1", "boards", &board, "fences", &id], None).await?);
        }
        FencesAction::Put { board, id, file } => {
            let fence = input::json(&file)?;
            say!("{}", api.call(Method::PUT, &["v1", "boards", &board, "fences", &id], Some(&fence)).await?);
        }
        FencesAction::Import { board, file } => return import(api, &board, &input::json(&file)?).await,
        FencesAction::Delete { board, id } => {
            api.delete(&["v1", "boards", &board, "fences", &id], &[]).await?;
        }
        FencesAction::Events { board, fence, key, kind, from, to, limit } => {
            let limit = limit.to_string();
            let wishes = [("fence", fence), ("key", key), ("kind", kind), ("from", from), ("to", to)];
            let mut query: Vec<(&str, &str)> = vec![("limit", &limit)];
            query.extend(wishes.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
            let answer = api.get(&["v1", "boards", &board, "fences", "events"], &query).await?;
            for event in answer["events"].as_array().into_iter().flatten() {
                say!("{event}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Puts one fence after the other. One that is refused stops none of the others, and is told at the end of its line.
async fn import(api: &Api, board: &str, collection: &Value) -> Result<ExitCode, CliError> {
    let fences = fences_of(collection).map_err(CliError::failed)?;
    let mut refused = 0;
    for (id, fence) in &fences {
        match api.call(Method::PUT, &["v1", "boards", board, "fences", id], Some(fence)).await {
            Ok(_) => say!("{id}"),
            Err(error) if error.is_temporary() => return Err(error),
            Err(error) => {
                refused += 1;
                eprintln!("{id}: {error}");
            }
        }
    }
    eprintln!("{} fences put, {refused} refused", fences.len() - refused);
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The fences of a FeatureCollection, with their ids. None of them is put when one has no id or no geometry.
fn fences_of(collection: &Value) -> Result<Vec<(String, Value)>, String> {
    let features = collection["features"].as_array().ok_or("the file is no FeatureCollection of GeoJSON")?;
    let fence = |(n, feature): (usize, &Value)| {
        let properties = &feature["properties"];
        let id = match [&feature["id"], &properties["id"]].into_iter().find(|id| !id.is_null()) {
            Some(Value::String(id)) => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => {
                return Err(format!("features[{n}] has no id: give it one of letters, digits, _, . and -"));
            }
        };
        if !feature["geometry"].is_object() {
            return Err(format!("features[{n}] ({id}) has no geometry"));
        }
        let known = PROPERTIES.into_iter().filter_map(|name| Some((name.to_owned(), properties.get(name)?.clone())));
        let mut fence: Map<String, Value> = known.filter(|(_, value)| !value.is_null()).collect();
        fence.insert(
            "shape".to_owned(),
            json!({"type": feature["geometry"]["type"], "coordinates": feature["geometry"]["coordinates"]}),
        );
        Ok((id, fence.into()))
    };
    features.iter().enumerate().map(fence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_board_tells_as_geojson_is_what_import_puts() {
        let told = json!({"type": "FeatureCollection", "cursor": "e1:3", "features": [
            {"type": "Feature", "id": "depot", "geometry": {"type": "Point", "coordinates": [-97.74, 30.26]},
             "properties": {"name": "Depot", "radius_m": 150.0, "exit_band_m": 30.0, "confirmations": 2, "changed_at": 5, "inside_count": 7}},
            {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]], "bbox": [1, 2, 3, 4]},
             "properties": {"id": 12, "width_m": 20, "name": null}},
        ]});
        let fences = fences_of(&told).unwrap();
        assert_eq!(fences[0].0, "depot");
        let expected = json!({"name": "Depot", "radius_m": 150.0, "exit_band_m": 30.0, "confirmations": 2,
            "shape": {"type": "Point", "coordinates": [-97.74, 30.26]}});
        assert_eq!(fences[0].1, expected);
        assert_eq!(fences[1].0, "12");
        assert_eq!(
            fences[1].1,
            json!({"width_m": 20, "shape": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}})
        );
    }

    #[test]
    fn a_file_that_is_wrong_is_refused_as_a_whole() {
        assert!(fences_of(&json!([])).unwrap_err().contains("FeatureCollection"));
        let no_id = json!({"features": [{"id": "a", "geometry": {}}, {"geometry": {}}]});
        assert!(fences_of(&no_id).unwrap_err().contains("features[1] has no id"));
        let no_shape = json!({"features": [{"id": "a", "geometry": null}]});
        assert!(fences_of(&no_shape).unwrap_err().contains("features[0] (a) has no geometry"));
    }
}
