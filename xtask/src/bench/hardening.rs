//! `cargo xtask bench hardening`: what the build before the hardening cost, side by side with today's.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::Args;

use super::machine;
use crate::build;
use crate::error::{Failure, Outcome};
use crate::steps::{self, say};
use crate::workspace::Workspace;

const SCRIPT: &str = "bench/hardening/hardening.mjs";
/// The commit before.
const BEFORE: &str = "bb19004";
/// How long the old commit may take to build on a slow machine.
const BUILD: Duration = Duration::from_hours(1);
/// How long the measurements may take.
const PATIENCE: Duration = Duration::from_hours(1);

/// What `bench hardening` can be told.
#[derive(Args)]
pub struct HardeningArguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Only these: restart, memory, newest, patterns, slow, feed.
    #[arg(long, value_name = "MEASURE", value_delimiter = ',')]
    only: Vec<String>,
    /// Events of the scoreboard that starts anew.
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    events: u64,
    /// Items whose memory is measured.
    #[arg(long, value_name = "N", default_value_t = 200_000)]
    items: u64,
    /// Alternating pairs for what a record costs.
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=9))]
    pairs: u64,
    /// A checkout of the old commit that is built already; without it one is made and built in a folder that is kept.
    #[arg(long, value_name = "DIR")]
    old: Option<PathBuf>,
    /// Measure what is built already.
    #[arg(long)]
    no_build: bool,
}

/// Measures, prints, and fails when a bound does not hold.
pub fn hardening(workspace: &Workspace, arguments: &HardeningArguments) -> Outcome<ExitCode> {
    if arguments.json {
        steps::keep_stdout_clean();
    }
    if !arguments.no_build {
        build::servers(workspace)?;
    }
    let old = match &arguments.old {
        Some(folder) => folder.clone(),
        None => before(workspace)?,
    };
    let mut command = build::node(workspace)?;
    command
        .arg(SCRIPT)
        .arg("--old")
        .arg(&old)
        .args(["--events", &arguments.events.to_string(), "--items", &arguments.items.to_string()])
        .args(["--pairs", &arguments.pairs.to_string()])
        .env("HELIOGRAPH_ROOT", &workspace.root)
        .env("HELIOGRAPH_BIN", workspace.heliograph());
    if !arguments.only.is_empty() {
        command.arg("--only").arg(arguments.only.join(","));
    }
    if arguments.json {
        command.arg("--json");
    }
    let finished = steps::watch(workspace, "bench hardening", &mut command, PATIENCE)?;
    let machine = machine::describe(workspace);
    if arguments.json {
        let line = finished.output.lines().rev().find(|line| line.starts_with('{'));
        let result = line.and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let mut result = result.ok_or_else(|| Failure::new(steps::tail(&finished.output, 5)))?;
        result["machine"] = machine;
        println!("{result}");
    } else {
        say(&machine.to_string());
        say(&finished.output);
    }
    Ok(if finished.status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A checkout of the old commit with its build, by its own `xtask`. Made once; what is there is used again.
fn before(workspace: &Workspace) -> Outcome<PathBuf> {
    let folder = std::env::temp_dir().join(format!("heliograph-{BEFORE}"));
    let is_built = |folder: &Path| folder.join("worker/build/objects/index_bg.wasm").is_file();
    if is_built(&folder) {
        return Ok(folder);
    }
    if !folder.join("Cargo.toml").is_file() {
        let mut git = workspace.command("git");
        git.args(["worktree", "add", "--force", "--detach"]).arg(&folder).arg(BEFORE);
        steps::run(workspace, "old checkout", &mut git)?;
    }
    let mut cargo = Command::new("cargo");
    cargo.args(["xtask", "dist"]).current_dir(&folder).env_remove("CARGO_TARGET_DIR").env_remove("CARGO_MANIFEST_DIR");
    let finished = steps::watch(workspace, "old build", &mut cargo, BUILD)?;
    if is_built(&folder) { Ok(folder) } else { Err(Failure::new(steps::tail(&finished.output, 20))) }
}
