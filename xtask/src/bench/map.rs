//! `cargo xtask bench map`: items that each move once a second, drawn in Chromium by ours, deck.gl, MapLibre's own layers
//! and Leaflet.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::machine;
use crate::build;
use crate::error::{Explain, Failure, Outcome};
use crate::install;
use crate::profile::Profile;
use crate::steps::{self, say};
use crate::tools::{WASM_BINDGEN, WASM_TARGET};
use crate::workspace::{Workspace, make_folder};

const SCRIPT: &str = "bench/map/map.mjs";
const PROGRAM: &str = "heliograph-bench-map";
const WAYS: [&str; 6] = ["nothing", "heliograph", "deck", "setData", "updateData", "leaflet"];

/// How much longer than its seconds one measurement may take: loading, warming up, and seeing that an idle map rests.
const AROUND: u64 = 60;

/// What `bench map` can be told.
#[derive(Args)]
pub struct MapArguments {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// How many items, one measurement for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 50_000, 100_000])]
    items: Vec<u32>,
    /// Who draws them.
    #[arg(long, value_delimiter = ',', value_parser = WAYS, default_values_t = WAYS.map(str::to_owned))]
    ways: Vec<String>,
    /// How long each measurement takes.
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Draw with this machine's GPU instead of in software.
    #[arg(long)]
    gpu: bool,
    /// Measure what is built already.
    #[arg(long)]
    no_build: bool,
}

/// Measures, prints, and fails when ours has errors or misses what is asked of it.
pub fn map(workspace: &Workspace, arguments: &MapArguments) -> Outcome<ExitCode> {
    if arguments.json {
        steps::keep_stdout_clean();
    }
    let folder = workspace.state.join("bench-map");
    make_folder(&folder)?;
    if !arguments.no_build {
        build::for_pages(workspace)?;
        ours(workspace, &folder)?;
        peers(workspace, &folder)?;
    }
    let mut command = build::node(workspace)?;
    let items = arguments.items.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    command.arg(SCRIPT).arg(&folder).args(["--items", &items, "--ways", &arguments.ways.join(",")]);
    command.args(["--seconds", &arguments.seconds.to_string()]);
    if arguments.gpu {
        command.arg("--gpu");
    }
    let measurements = (arguments.items.len() * arguments.ways.len()) as u64;
    let limit = Duration::from_secs(measurements * (arguments.seconds + AROUND));
    let finished = steps::watch(workspace, "bench map", &mut command, limit)?;
    let lines: Vec<Value> = finished.output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if lines.is_empty() {
        return Err(Failure::new(steps::tail(&finished.output, 5)));
    }
    let machine = machine::describe(workspace);
    if arguments.json {
        println!("{}", json!({"machine": machine, "lines": lines}));
    } else {
        say(&machine.to_string());
        say(&table(&lines));
    }
    let misses = misses(&lines);
    for miss in &misses {
        say(&format!("  missed: {miss}"));
    }
    let is_good = finished.status.success() && misses.is_empty();
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Our map without its feed, in the profile that users get.
fn ours(workspace: &Workspace, folder: &Path) -> Outcome {
    let profile = Profile::Full.wasm();
    let mut cargo = workspace.cargo("build");
    cargo.args(["--package", "heliograph-app", "--bin", PROGRAM, "--features", "bench"]);
    cargo.args(["--profile", profile, "--target", WASM_TARGET]);
    steps::run(workspace, "map for the bench", &mut cargo)?;
    let mut bindgen = workspace.command(WASM_BINDGEN.path(workspace));
    bindgen
        .arg(workspace.target.join(WASM_TARGET).join(profile).join(format!("{PROGRAM}.wasm")))
        .args(["--target", "web", "--no-typescript", "--out-name", "bench", "--out-dir"])
        .arg(folder.join("ours"))
        .env("PATH", install::path_with_tools(workspace)?);
    steps::run(workspace, "bindings for the bench", &mut bindgen).map(drop)
}

/// The peers' packages, in the versions of `bench/map/package-lock.json`.
fn peers(workspace: &Workspace, folder: &Path) -> Outcome {
    for name in ["package.json", "package-lock.json"] {
        let from: PathBuf = workspace.root.join("bench/map").join(name);
        fs::copy(&from, folder.join(name)).explain(|| format!("can't copy {}", from.display()))?;
    }
    let mut npm = workspace.command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--prefix"]).arg(folder);
    steps::run(workspace, "packages of the peers", &mut npm).map(drop)
}

fn number(line: &Value, name: &str) -> f64 {
    line.get(name).and_then(Value::as_f64).unwrap_or_default()
}

fn of<'a>(lines: &'a [Value], way: &str, items: u64) -> Option<&'a Value> {
    lines.iter().find(|line| line["way"] == way && line["items"] == items)
}

fn table(lines: &[Value]) -> String {
    let mut text = String::from("items    way          frames/s  longest ms  main ms/s  heap MB\n");
    for line in lines {
        let way = line["way"].as_str().unwrap_or_default();
        let row = format!(
            "{:<8} {way:<12} {:>8.1} {:>11.0} {:>10.1} {:>8.1}  {}\n",
            line["items"],
            number(line, "frames_per_s"),
            number(line, "longest_frame_ms"),
            number(line, "main_ms_per_s"),
            number(line, "heap_mb"),
            line.get("errors").map(Value::to_string).unwrap_or_default(),
        );
        text.push_str(&row);
    }
    text
}

/// What is asked of ours and isn't so: frames and main-thread time beside the peers' of the same run.
fn misses(lines: &[Value]) -> Vec<String> {
    let mut missed = Vec::new();
    let mut ask = |what: &str, items: u64, of_ours: &str, peer: (&str, u64, &str), bound: f64, at_least: bool| {
        let (Some(ours), Some(theirs)) = (of(lines, "heliograph", items), of(lines, peer.0, peer.1)) else { return };
        let (have, limit) = (number(ours, of_ours), number(theirs, peer.2) * bound);
        if (at_least && have < limit) || (!at_least && have > limit) {
            missed.push(format!("{what}: {have:.1}, asked {limit:.1}"));
        }
    };
    let (frames, main) = ("frames_per_s", "main_ms_per_s");
    ask("frames of 1,000 items beside setData's", 1_000, frames, ("setData", 1_000, frames), 1.0, true);
    ask("frames of 10,000 items beside deck.gl's, 3 times", 10_000, frames, ("deck", 10_000, frames), 3.0, true);
    ask("frames of 10,000 items beside setData's, 2.5 times", 10_000, frames, ("setData", 10_000, frames), 2.5, true);
    ask("main thread of 10,000 items beside deck.gl's", 10_000, main, ("deck", 10_000, main), 1.0, false);
    ask("frames of 100,000 items beside deck.gl's of 10,000", 100_000, frames, ("deck", 10_000, frames), 1.0, true);
    for line in lines.iter().filter(|line| line["way"] == "heliograph") {
        if number(line, "idle_frames") > 0.0 {
            missed.push(format!("frames of an idle map of {} items: {}", line["items"], line["idle_frames"]));
        }
        if let Some(errors) = line.get("errors") {
            missed.push(format!("errors with {} items: {errors}", line["items"]));
        }
    }
    missed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_that_is_slower_than_asked_or_never_rests_is_named() {
        let line = |way: &str, items: u64, frames: f64, main: f64, idle: u64| json!({"way": way, "items": items, "frames_per_s": frames, "main_ms_per_s": main, "idle_frames": idle});
        let peers = [line("deck", 10_000, 6.0, 38.0, 0), line("setData", 10_000, 6.5, 435.0, 0)];
        let with = |ours: Value| [&peers[..], &[ours]].concat();
        assert_eq!(misses(&with(line("heliograph", 10_000, 19.0, 30.0, 0))), Vec::<String>::new());
        assert_eq!(misses(&with(line("heliograph", 10_000, 17.0, 40.0, 3))).len(), 3);
        assert_eq!(misses(&with(line("heliograph", 100_000, 5.0, 400.0, 0))).len(), 1);
    }
}
