//! `cargo xtask bench start`: the processor time from the start of the runtime to the first answer, less that of a runtime
//! with an empty script.

use std::fs;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::servers::{Kind, Server};
use crate::build;
use crate::error::{Explain, Failure, Outcome};
use crate::steps;
use crate::workspace::Workspace;

/// The most that the script's start may take, in milliseconds of processor time.
const LIMIT_MS: f64 = 400.0;
/// A tick of `/proc/PID/stat`, which Linux fixes for programs.
const MS_PER_TICK: f64 = 10.0;
/// The compiler of the runtime may go on behind the first answer.
const SETTLE: Duration = Duration::from_millis(300);

/// What `bench start` can be told.
#[derive(Args)]
pub struct StartArguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Pairs of a start of ours and an empty one.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=99))]
    pairs: u64,
    /// Measure what is built already.
    #[arg(long)]
    no_build: bool,
}

/// Measures, prints, and fails when the middle of the differences is above the limit.
pub fn start(workspace: &Workspace, arguments: &StartArguments) -> Outcome<ExitCode> {
    if arguments.json {
        steps::keep_stdout_clean();
    }
    if !arguments.no_build {
        build::servers(workspace)?;
    }
    let (mut ours, mut empty, mut differences) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..arguments.pairs {
        let nothing = used(Server::start_empty(workspace)?)?;
        let all = used(Server::start(workspace, Kind::Heliograph)?)?;
        ours.push(all);
        empty.push(nothing);
        differences.push(all - nothing);
    }
    let reached = middle(differences);
    let (ours, empty) = (middle(ours), middle(empty));
    let fits = reached <= LIMIT_MS;
    if arguments.json {
        println!(
            "{}",
            json!({"start_ms": reached, "limit": LIMIT_MS, "ours_ms": ours, "empty_ms": empty, "pairs": arguments.pairs, "fits": fits})
        );
    } else {
        println!("start of the script, CPU ms {reached:>6.0}  limit {LIMIT_MS:.0}");
        println!(
            "  ours until the first answer {ours:.0}, an empty script {empty:.0}; middle of {} pairs",
            arguments.pairs
        );
    }
    if fits { Ok(ExitCode::SUCCESS) } else { Err(Failure::new("the script starts too slowly")) }
}

/// Milliseconds of processor time of a server that has just answered for the first time.
fn used(mut server: Server) -> Outcome<f64> {
    thread::sleep(SETTLE);
    let path = format!("/proc/{}/stat", server.pid());
    let stat = fs::read_to_string(&path).explain(|| format!("can't read {path} (this needs Linux)"))?;
    server.stop();
    ticks(&stat).map(|ticks| ticks * MS_PER_TICK).ok_or_else(|| Failure::new(format!("{path} is not as it should be")))
}

/// User and system time; the name before them may have spaces and parentheses.
fn ticks(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_times_of_a_process_count() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 10 20 30 40 7 5 0 0 20 0 9 0 100 0 0";
        assert_eq!(ticks(stat), Some(12.0));
        assert_eq!(ticks("garbage"), None);
    }

    #[test]
    fn one_slow_start_does_not_count() {
        assert!((middle(vec![900.0, 100.0, 110.0]) - 110.0).abs() < 1e-9);
        assert!(middle(Vec::new()).is_nan());
    }
}
