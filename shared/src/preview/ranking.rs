//! The top of a ranking.

use super::{Anchor, MARGIN, PANEL, Place, WIDTH, text};
use crate::api::scores::{ScoreColumn, ScoresPage};
use std::fmt::Write as _;

/// Rows that fit.
pub const ROWS: usize = 5;
/// Columns that fit.
const COLUMNS: usize = 3;
/// Pixels that a column takes.
const COLUMN: f64 = 210.0;
const ROW: f64 = 60.0;
const HEAD: f64 = 48.0;

pub(super) fn draw(svg: &mut String, page: &ScoresPage) {
    let (left, right) = (MARGIN, f64::from(WIDTH) - MARGIN);
    let (top, bottom) = PANEL;
    // Writing to a string can't fail.
    let _ = write!(
        svg,
        "<rect x=\"{left}\" y=\"{top}\" width=\"{}\" height=\"{}\" rx=\"16\" fill=\"#ffffff\" stroke=\"#d9e1e8\" stroke-width=\"2\"/>",
        right - left,
        bottom - top
    );
    let columns = page.about.columns.iter().take(COLUMNS);
    let ends: Vec<(f64, &ScoreColumn)> = columns
        .clone()
        .enumerate()
        .map(|(i, column)| (right - 28.0 - COLUMN * (columns.len() - 1 - i) as f64, column))
        .collect();
    let small = Place { y: top + 36.0, size: 24.0, width: COLUMN - 16.0, fill: "#4f5d69", ..Place::DARK };
    for (x, column) in &ends {
        text(svg, &column.label, Place { x: *x, anchor: Anchor::End, ..small });
    }
    let names = right - left - 140.0 - COLUMN * ends.len() as f64;
    for (i, row) in page.rows.iter().take(ROWS).enumerate() {
        let line = top + HEAD + ROW * i as f64;
        let _ = write!(svg, "<path d=\"M{left} {line}H{right}\" stroke=\"#e6ecf1\" stroke-width=\"2\"/>");
        let big = Place { y: line + 42.0, size: 34.0, width: COLUMN - 16.0, ..Place::DARK };
        text(
            svg,
            &row.rank.to_string(),
            Place { x: left + 84.0, width: 100.0, fill: "#4f5d69", anchor: Anchor::End, ..big },
        );
        text(svg, &row.name, Place { x: left + 112.0, width: names, ..big });
        for ((x, column), value) in ends.iter().zip(&row.values) {
            let said = match (value, &column.unit) {
                (None, _) => "–".to_owned(),
                (Some(value), Some(unit)) => format!("{} {unit}", number(*value)),
                (Some(value), None) => number(*value),
            };
            text(svg, &said, Place { x: *x, anchor: Anchor::End, ..big });
        }
    }
    if page.rows.is_empty() {
        text(svg, "Nobody has scored yet", Place { x: left + 28.0, y: top + 110.0, size: 34.0, width: 800.0, ..small });
    }
}

/// A value with at most two decimals.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(rows: &serde_json::Value) -> ScoresPage {
        serde_json::from_value(json!({
            "cursor": "e1:5", "columns": ["points", "time"], "rows": rows, "total": 9, "next": null,
            "about": {
                "columns": [
                    {"name": "points", "label": "Points", "unit": null, "direction": "desc"},
                    {"name": "time", "label": "Time", "unit": "min", "direction": "asc"},
                ],
                "ties": "shared", "window": null, "groups": {}, "session": null, "sessions": [], "frozen": false,
                "rebuilding": null, "audience": "public", "scope": "all",
            },
        }))
        .unwrap()
    }

    fn row(rank: u32, name: &str, values: [Option<f64>; 2]) -> serde_json::Value {
        json!({"rank": rank, "position": rank, "key": name, "name": name, "values": values, "tied": false, "reached": null, "groups": []})
    }

    #[test]
    fn ranks_names_and_values_stand_in_their_columns() {
        let rows: Vec<_> = (1..9).map(|n| row(n, &format!("Team {n}"), [Some(f64::from(n) + 0.5), None])).collect();
        let mut svg = String::new();
        draw(&mut svg, &page(&json!(rows)));
        for part in [">Points</text>", ">Time</text>", ">1.5</text>", ">Team 5</text>", ">–</text>"] {
            assert!(svg.contains(part), "{part} in {svg}");
        }
        assert!(!svg.contains("Team 6"), "five rows fit");
    }

    #[test]
    fn values_have_their_unit_and_at_most_two_decimals() {
        assert_eq!([0.0, -0.001, 2.0, 1.005, 12.3456, 1e6].map(number), ["0", "0", "2", "1", "12.35", "1000000"]);
        let mut svg = String::new();
        draw(&mut svg, &page(&json!([row(1, "Ann", [Some(3.0), Some(4.25)])])));
        assert!(svg.contains(">4.25 min</text>"));
    }

    #[test]
    fn a_ranking_of_nobody_says_so() {
        let mut svg = String::new();
        draw(&mut svg, &page(&json!([])));
        assert!(svg.contains("Nobody has scored yet"));
    }
}
