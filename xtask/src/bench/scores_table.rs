//! The scoreboard's figures as Markdown, to be pasted into `docs/benchmarks.md` as they are.

use std::fmt::Write as _;

use serde_json::Value;

use super::table::{fell_short, figure, grouped, machine_line, targets_table};
use super::targets::Target;

/// One line while the measurement runs.
pub fn short(result: &Value) -> String {
    let stretch = &result["stretches"][0];
    let mut line = format!(
        "{}/s, {} cores, screen p95 {} ms, viewers p95 {} ms, {}",
        figure(&stretch["records_per_s"], 0),
        figure(&stretch["server_cores"], 2),
        figure(&stretch["screen_ms"]["p95"], 0),
        figure(&stretch["viewer_ms"]["p95"], 0),
        if result["converged"] == true { "converged" } else { "NOT CONVERGED" },
    );
    for problem in result["problems"].as_array().into_iter().flatten() {
        let _ = write!(line, "\n      {}", problem.as_str().unwrap_or_default());
    }
    line
}

/// Machine, latencies, costs, bytes, targets.
pub fn markdown(machine: &Value, results: &[Value], targets: &[Target]) -> String {
    let mut out = machine_line(machine);
    let stretches = || {
        results.iter().flat_map(|result| {
            result["stretches"].as_array().into_iter().flatten().map(move |stretch| (result, stretch))
        })
    };
    let who = |result: &Value, stretch: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        format!("{} | {}", text(&result["server"]), text(&stretch["stretch"]))
    };
    out.push_str("| server | stretch | latency, ms | p50 | p90 | p95 | p99 | max | answers seen |\n");
    out.push_str("|---|---|---|--:|--:|--:|--:|--:|--:|\n");
    for (result, stretch) in stretches() {
        let paths = [
            ("screen_ms", "POST to the screen in Chromium"),
            ("viewer_ms", "POST to a viewer"),
            ("accepted_to_viewer_ms", "accepted to a viewer"),
            ("answer_ms", "POST to its answer"),
        ];
        for (path, name) in paths {
            let latency = &stretch[path];
            if latency.is_null() {
                continue;
            }
            let _ = write!(out, "| {} | {name} ", who(result, stretch));
            for part in ["p50", "p90", "p95", "p99", "max"] {
                let _ = write!(out, "| {} ", figure(&latency[part], 1));
            }
            let _ = writeln!(out, "| {} |", grouped(latency["samples"].as_f64().unwrap_or_default()));
        }
    }
    out.push_str(
        "\n| server | stretch | answers/s | server CPU, cores | CPU µs an answer | rows delivered \
         | frames a viewer and s | bytes a viewer and s | converged |\n|---|---|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for (result, stretch) in stretches() {
        let _ = writeln!(
            out,
            "| {} | {}{} | {} | {} | {} | {} | {} | {} |",
            who(result, stretch),
            figure(&stretch["records_per_s"], 0),
            fell_short(stretch),
            figure(&stretch["server_cores"], 2),
            figure(&stretch["cpu_us_per_record"], 0),
            figure(&stretch["rows"], 0),
            figure(&stretch["frames_per_viewer_s"], 1),
            figure(&stretch["bytes_per_viewer_s"], 0),
            if result["converged"] == true { "yes" } else { "**no**" },
        );
    }
    for (result, stretch) in stretches().filter(|(_, stretch)| stretch["whole"].is_object()) {
        let moves = stretch["bytes_per_viewer_s"].as_f64().unwrap_or_default();
        let whole = |name: &str| stretch["whole"][name].as_f64().unwrap_or_default();
        let (json, binary) = (whole("json_bytes_per_viewer_s"), whole("binary_bytes_per_viewer_s"));
        let _ = write!(
            out,
            "\n{}, {}: {} bytes of rank moves a viewer and second; the top {} whole in the same frames would be {} as \
             JSON ({:.1} times as much) and {} in our binary form ({:.1} times).",
            result["server"].as_str().unwrap_or_default(),
            stretch["stretch"].as_str().unwrap_or_default(),
            grouped(moves),
            result["top"],
            grouped(json),
            json / moves.max(1.0),
            grouped(binary),
            binary / moves.max(1.0),
        );
    }
    for result in results {
        if let Some(page) = result["page"].as_str() {
            let _ = write!(out, "\n{}: the screen is {page}.", result["server"].as_str().unwrap_or_default());
        }
    }
    out.push('\n');
    out.push_str(&targets_table(targets));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tables_have_a_cell_for_each_column_and_say_how_much_moves_save() {
        let latency = json!({"p50": 1.0, "p90": 2.0, "p95": 3.0, "p99": 4.0, "max": 5.0, "samples": 1_200});
        let stretch = json!({"stretch": "batched", "records_per_s": 1_000, "target_per_s": 2_000, "screen_ms": latency,
            "bytes_per_viewer_s": 100.0,
            "whole": {"json_bytes_per_viewer_s": 1_050.0, "binary_bytes_per_viewer_s": 400.0}});
        let result = json!({"server": "heliograph", "top": 20, "stretches": [stretch], "converged": true});
        let text = markdown(&json!({}), &[result], &[]);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        let cells = |row: &str| row.matches('|').count();
        assert_eq!(cells(rows[0]), cells(rows[2]));
        assert_eq!(cells(rows[3]), cells(rows[5]));
        assert!(text.contains("1,000 of 2,000") && text.contains("10.5 times") && text.contains("4.0 times"), "{text}");
    }
}
