//! The machine, so that figures can be compared with others'.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::Command;

use serde_json::{Value, json};

use crate::clock::Stopwatch;
use crate::tools::WORKERD;
use crate::workspace::Workspace;

/// Writes of which the middle one's time is told.
const SYNCS: usize = 51;

/// Processor, cores, system, versions, the time a durable write takes on this disk, and the date.
pub fn describe(workspace: &Workspace) -> Value {
    let cpu = fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("model name"))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    });
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    json!({
        "date": said(Command::new("date").args(["-u", "+%Y-%m-%d"])),
        "cpu": cpu,
        "cores": cores,
        "system": said(Command::new("uname").args(["-sr"])),
        "node": said(workspace.command("node").arg("--version")),
        "workerd": WORKERD,
        "fsync_ms": fsync_millis(workspace),
        "load": fs::read_to_string("/proc/loadavg").ok().and_then(|text| text.split(' ').next().map(str::to_owned)),
    })
}

fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|text| !text.is_empty())
}

fn fsync_millis(workspace: &Workspace) -> Option<f64> {
    let path = workspace.state.join("bench/fsync");
    let mut file = File::create(&path).ok()?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        file.write_all(&[0; 4_096]).ok()?;
        let watch = Stopwatch::start();
        file.sync_data().ok()?;
        times.push(watch.seconds() * 1_000.0);
    }
    // A file left behind is overwritten next time.
    let _ = fs::remove_file(&path);
    times.sort_by(f64::total_cmp);
    times.get(SYNCS / 2).map(|millis| (millis * 100.0).round() / 100.0)
}
