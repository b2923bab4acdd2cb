//! `cargo xtask bench scores --grid`: what a contest's grid of 1,000 teams and 13 problems costs a browser at 20 changes a
//! second, beside an empty page, and beside another build's page of the same rows.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::build;
use crate::error::{Failure, Outcome};
use crate::install;
use crate::steps::{self, say};
use crate::workspace::Workspace;

const SCRIPT: &str = "bench/contest/contest.mjs";
/// Pages that are measured: an empty one, the grid, the table, and the other build's.
const PAGES: u64 = 4;
/// How much longer than it measures a page may take: servers, boards, loading, settling.
const AROUND: u64 = 60;

/// Measures; `before` is the folder of another build's tree.
pub fn grid(workspace: &Workspace, before: Option<&Path>, seconds: u64) -> Outcome<Value> {
    let mut command = build::node(workspace)?;
    command.arg(SCRIPT).args(["--seconds", &seconds.to_string()]);
    command.env("HELIOGRAPH_CHROMIUM", install::chromium(workspace)?);
    if let Some(before) = before {
        command.arg("--before").arg(before);
    }
    let limit = Duration::from_secs(PAGES * (seconds + AROUND));
    let finished = steps::watch(workspace, "scores grid", &mut command, limit)?;
    let line = finished.output.lines().rev().find(|line| line.starts_with('{'));
    let result = line.and_then(|line| serde_json::from_str::<Value>(line).ok());
    let Some(result) = result.filter(|_| finished.status.success()) else {
        return Err(Failure::new(format!("scores grid: {}", steps::tail(&finished.output, 5))));
    };
    for page in ["empty", "before", "table", "grid"] {
        if let Some(measured) = result.get(page) {
            let of = |name: &str| measured[name].as_f64().unwrap_or_default();
            say(&format!("  {page:<8} main thread {:>8.1} ms a second, {:>5.1} frames", of("task_ms"), of("frames")));
        }
    }
    Ok(result)
}
