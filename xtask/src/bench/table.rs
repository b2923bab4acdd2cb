//! The figures as Markdown, to be pasted into `docs/benchmarks.md` as they are.

use std::fmt::Write as _;

use serde_json::Value;

use super::targets::Target;

/// One line while the measurement runs.
pub fn short(result: &Value) -> String {
    let mut line = format!(
        "{}/s, {} cores, p99 {} ms, {}",
        figure(&result["records_per_s"], 0),
        figure(&result["server_cores"], 2),
        figure(&result["latency_ms"]["p99"], 0),
        if result["converged"] == true { "converged" } else { "NOT CONVERGED" },
    );
    for problem in result["problems"].as_array().into_iter().flatten() {
        let _ = write!(line, "\n      {}", problem.as_str().unwrap_or_default());
    }
    line
}

/// Machine, figures, targets.
pub fn markdown(machine: &Value, results: &[Value], targets: &[Target]) -> String {
    let mut out = machine_line(machine);
    out.push_str(
        "| scenario | server | records/s | server CPU, cores | CPU µs a record | delivered states/s \
         | CPU µs a delivered state | p50 ms | p99 ms | bytes a state | frames a viewer and s | converged |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for result in results {
        let has_viewers = result["viewers"].as_u64().unwrap_or(0) > 0;
        let seconds = result["seconds"].as_f64().unwrap_or(1.0).max(0.001);
        let delivered = result["delivered_states"].as_f64().unwrap_or(0.0) / seconds;
        let viewed = |value: String| if has_viewers { value } else { "–".to_owned() };
        let converged = if result["converged"] == true { "yes" } else { "**no**" };
        let _ = writeln!(
            out,
            "| {} | {} | {}{} | {} | {} | {} | {} | {} | {} | {} | {} | {converged} |",
            result["scenario"].as_str().unwrap_or_default(),
            result["server"].as_str().unwrap_or_default(),
            figure(&result["records_per_s"], 0),
            fell_short(result),
            figure(&result["server_cores"], 2),
            figure(&result["cpu_us_per_record"], 1),
            viewed(grouped(delivered)),
            viewed(figure(&result["cpu_us_per_state"], 3)),
            viewed(figure(&result["latency_ms"]["p50"], 1)),
            viewed(figure(&result["latency_ms"]["p99"], 1)),
            viewed(figure(&result["bytes_per_state"], 1)),
            viewed(figure(&result["frames_per_viewer_s"], 1)),
        );
    }
    out.push_str(&targets_table(targets));
    for result in results.iter().filter(|result| result["stored"].is_object()) {
        let stored = &result["stored"];
        let _ = write!(
            out,
            "\n{}: {} requests with {} records became {} log rows and {} checkpoint rows, {} bytes a record.",
            result["scenario"].as_str().unwrap_or_default(),
            figure(&result["requests_ever"], 0),
            figure(&result["records_ever"], 0),
            figure(&stored["log_rows"], 0),
            figure(&stored["checkpoint_rows"], 0),
            figure(&stored["bytes_per_event"], 1),
        );
    }
    out
}

/// The machine in a line.
pub fn machine_line(machine: &Value) -> String {
    let word = |name: &str| machine[name].as_str().unwrap_or("unknown").to_owned();
    format!(
        "Measured {} on {} ({} cores), {}, node {}, workerd {}, fsync {} ms, load before the end {}.\n\n",
        word("date"),
        word("cpu"),
        machine["cores"],
        word("system"),
        word("node"),
        word("workerd"),
        figure(&machine["fsync_ms"], 2),
        word("load"),
    )
}

/// The targets and whether they are met.
pub fn targets_table(targets: &[Target]) -> String {
    let mut out = String::from("\n| target | limit | reached | |\n|---|--:|--:|---|\n");
    for target in targets {
        let sign = if target.at_least { '≥' } else { '≤' };
        let met = if target.is_met { "met" } else { "**missed**" };
        let _ =
            writeln!(out, "| {} | {sign} {} | {} | {met} |", target.name, number(target.limit), number(target.reached));
    }
    out
}

/// A server that could not take what was to be sent says so.
pub fn fell_short(result: &Value) -> String {
    let rate = result["records_per_s"].as_f64().unwrap_or(0.0);
    match result["target_per_s"].as_f64() {
        Some(target) if rate < target * 0.98 => format!(" of {}", grouped(target)),
        _ => String::new(),
    }
}

/// A number for a cell.
pub fn figure(value: &Value, digits: usize) -> String {
    match value.as_f64() {
        None => "–".to_owned(),
        Some(value) if value >= 1_000.0 => grouped(value),
        Some(value) => format!("{value:.digits$}"),
    }
}

fn number(value: f64) -> String {
    if value >= 1_000.0 {
        return grouped(value);
    }
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// 1234567 as 1,234,567.
pub fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(1_234_567.4), "1,234,567");
        assert_eq!(grouped(0.0), "0");
        assert_eq!(number(0.25), "0.25");
        assert_eq!(number(250.0), "250");
        assert_eq!(figure(&Value::Null, 1), "–");
    }

    #[test]
    fn a_row_has_a_cell_for_each_column() {
        let result =
            json!({"scenario": "quiet", "server": "ws", "viewers": 5, "records_per_s": 4.0, "target_per_s": 5});
        let text = markdown(&json!({}), &[result], &[]);
        let table: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(table[0].matches('|').count(), table[2].matches('|').count());
        assert!(table[2].contains("4 of 5"));
    }
}
