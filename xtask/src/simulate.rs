//! `cargo xtask simulate`: the simulation of `testkit/` over many seeds.

use std::process::ExitCode;

use crate::error::{Explain, Outcome};
use crate::workspace::Workspace;

/// Runs it; its exit code is 1 when a seed fails.
pub fn simulate(workspace: &Workspace, seeds: u64, from: u64, json: bool) -> Outcome<ExitCode> {
    // As the tests are compiled, so that what is there is used.
    let mut cargo = workspace.cargo("run");
    cargo.args([
        "--quiet",
        "--profile",
        "test",
        "--package",
        "heliograph-testkit",
        "--bin",
        "heliograph-simulate",
        "--",
    ]);
    cargo.args(["--seeds", &seeds.to_string(), "--from", &from.to_string()]);
    if json {
        cargo.arg("--json");
    }
    let status = cargo.status().explain(|| "can't run cargo".to_owned())?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
