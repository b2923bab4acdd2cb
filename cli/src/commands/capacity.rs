//! `heliograph capacity`: what a load takes, on the platform and on one machine.

use std::process::ExitCode;

use clap::Args;
use heliograph_shared::capacity::{self, Capacity, Load, prices};

/// Arguments of `capacity`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    heliograph capacity --events-per-s 100 --items 500 --viewers 50\n  \
    heliograph capacity --events-per-s 5000 --batch 100 --items 20000 --viewers 2000 --history-days 90 --json")]
pub struct CapacityArgs {
    /// Events a second, over all boards, in the mean of a day
    #[arg(long, value_name = "N")]
    events_per_s: f64,
    /// Events in a request, in the mean
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    batch: f64,
    /// Items over all boards: vehicles, sensors, players
    #[arg(long, value_name = "N")]
    items: u64,
    /// Number fields of an item
    #[arg(long, value_name = "N", default_value_t = 3)]
    fields: u32,
    /// Viewers at a time, in the mean of a day
    #[arg(long, value_name = "N", default_value_t = 0)]
    viewers: u64,
    /// Days that the log is kept
    #[arg(long, value_name = "N", default_value_t = 30.0)]
    history_days: f64,
    /// Bytes of an event in the log: 14 for a position in batches of 100, 32 for one alone, more with fields and ids
    #[arg(long, value_name = "N", default_value_t = 32.0)]
    bytes_per_event: f64,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Prints what it takes.
pub fn run(args: &CapacityArgs) -> ExitCode {
    let capacity = capacity::of(&Load {
        events_per_second: args.events_per_s,
        events_per_request: args.batch,
        items: args.items,
        fields: args.fields,
        viewers: args.viewers,
        history_days: args.history_days,
        bytes_per_event: args.bytes_per_event,
    });
    if args.json {
        say!("{}", serde_json::json!(capacity));
    } else {
        for line in lines(&capacity) {
            say!("{line}");
        }
    }
    ExitCode::SUCCESS
}

/// It as lines of a label and a value.
fn lines(capacity: &Capacity) -> Vec<String> {
    let Capacity { platform, machine, .. } = capacity;
    let line = |label: &str, value: String| format!("{label:<28} {value:>14}");
    let dollars = |label: &str, amount: f64| line(label, format!("{amount:.2} $"));
    vec![
        line("boards", capacity.boards.to_string()),
        line("relays", capacity.relays.to_string()),
        line("requests a second", format!("{:.1}", capacity.requests_per_second)),
        line("frames a second", format!("{:.0}", capacity.frames_per_second)),
        line("rows written a day", format!("{:.0}", capacity.rows_per_day)),
        line("stored", bytes(capacity.bytes_stored)),
        line("processor, cores", format!("{:.2}", capacity.cores)),
        String::new(),
        format!("Cloudflare, a month (prices of {}):", prices::READ_ON),
        dollars("  the plan", platform.plan),
        dollars("  requests", platform.requests),
        dollars("  processor time", platform.cpu),
        dollars("  requests to objects", platform.object_requests),
        dollars("  time of objects", platform.duration),
        dollars("  rows written", platform.rows),
        dollars("  storage", platform.storage),
        dollars("  together", platform.total),
        String::new(),
        "One machine of your own:".to_owned(),
        line("  cores", machine.cores.to_string()),
        line("  processes of workerd", machine.processes.to_string()),
        line("  memory", bytes(machine.memory_bytes)),
        line("  disk", bytes(machine.disk_bytes)),
    ]
}

/// Bytes as people say them.
fn bytes(count: f64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    let mut rest = count / 1e3;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while rest >= 1e3 {
        let Some(next) = units.next() else { break };
        unit = Some(next);
        rest /= 1e3;
    }
    format!("{rest:.1} {}", unit.unwrap_or(&"kB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_said_in_the_unit_that_fits() {
        assert_eq!([0.0, 999.0, 1e6, 2.5e9, 3e15].map(bytes), ["0.0 kB", "1.0 kB", "1.0 MB", "2.5 GB", "3000.0 TB"]);
    }

    #[test]
    fn what_is_printed_names_the_parts_and_their_sum() {
        let load = Load {
            events_per_second: 100.0,
            events_per_request: 1.0,
            items: 500,
            fields: 3,
            viewers: 50,
            history_days: 30.0,
            bytes_per_event: 32.0,
        };
        let text = lines(&capacity::of(&load)).join("\n");
        for part in ["boards", "rows written a day", "  together", "  memory", prices::READ_ON] {
            assert!(text.contains(part), "{text}");
        }
    }
}
