//! `cargo xtask test`: every suite on a machine that may be fresh, and one closing line.

use std::process::ExitCode;

use crate::build;
use crate::clock::Stopwatch;
use crate::error::Outcome;
use crate::install;
use crate::steps::{self, say};
use crate::suites::{Report, Suite};
use crate::summary::Counts;
use crate::workspace::Workspace;

/// More than this of a failing suite's output is in its log only.
const SHOWN_LINES: usize = 1500;

/// Runs the suites, all of them even when one fails.
pub fn test(workspace: &Workspace, only: Option<Suite>) -> Outcome<ExitCode> {
    let watch = Stopwatch::start();
    let suites: Vec<Suite> = Suite::ALL.into_iter().filter(|suite| only.is_none_or(|only| only == *suite)).collect();
    let set_up = set_up(workspace, &suites);
    let mut all = Counts::default();
    let chromium = match set_up {
        Ok(chromium) => chromium,
        // What needs no build is tested all the same.
        Err(failure) => {
            crate::process::check_stopped()?;
            eprintln!("error: {failure}");
            for suite in suites.iter().filter(|suite| suite.needs_build()) {
                line(*suite, Counts::one(false), 0.0, "not run: the set-up failed");
                all += Counts::one(false);
            }
            let rest: Vec<Suite> = suites.into_iter().filter(|suite| !suite.needs_build()).collect();
            run(workspace, &rest, None, &mut all)?;
            return Ok(close(all, watch));
        }
    };
    run(workspace, &suites, chromium.as_deref(), &mut all)?;
    Ok(close(all, watch))
}

fn set_up(workspace: &Workspace, suites: &[Suite]) -> Outcome<Option<std::path::PathBuf>> {
    if suites.iter().any(|suite| suite.needs_build()) {
        build::set_up(workspace)?;
    } else {
        install::wasm_target(workspace)?;
    }
    if suites.contains(&Suite::Live) {
        install::schemathesis(workspace)?;
        install::column_readers(workspace)?;
        install::source_clients(workspace)?;
        install::aws_template(workspace)?;
        install::client(workspace)?;
        install::brokers(workspace)?;
    }
    if suites.contains(&Suite::Browser) {
        return install::chromium(workspace).map(Some);
    }
    Ok(None)
}

fn run(workspace: &Workspace, suites: &[Suite], chromium: Option<&std::path::Path>, all: &mut Counts) -> Outcome {
    for suite in suites {
        let watch = Stopwatch::start();
        let Report { counts, output } = suite.run(workspace, chromium)?;
        if counts.failed > 0 {
            say(&format!("---- {} ----", suite.name()));
            say(&steps::tail(&without_progress(&output), SHOWN_LINES));
            say(&format!("---- end of {} ----", suite.name()));
        }
        line(*suite, counts, watch.seconds(), "");
        *all += counts;
    }
    Ok(())
}

/// What cargo says while it compiles explains no failure.
fn without_progress(output: &str) -> String {
    const PROGRESS: [&str; 6] = ["Compiling ", "Checking ", "Downloading ", "Downloaded ", "Updating ", "Locking "];
    let tells = |line: &&str| PROGRESS.iter().all(|word| !line.trim_start().starts_with(word));
    output.lines().filter(tells).collect::<Vec<_>>().join("\n")
}

fn line(suite: Suite, counts: Counts, seconds: f64, note: &str) {
    let name = format!("test {}", suite.name());
    let verdict = if counts.failed == 0 { "ok" } else { "FAILED" };
    let Counts { passed, failed, skipped } = counts;
    let skipped = if skipped > 0 { format!(" ({skipped} skipped)") } else { String::new() };
    let text = format!("  {name:<24} {verdict:<12} {seconds:>7.1} s  {passed} of {}{skipped} {note}", passed + failed);
    say(text.trim_end());
}

fn close(all: Counts, watch: Stopwatch) -> ExitCode {
    say(&format!("  all suites in {:.0} s", watch.seconds()));
    say(&format!("{} passed, {} failed", all.passed, all.failed));
    if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
