//! `cargo xtask test`: every suite on a machine that may be fresh, and one closing line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use crate::build;
use crate::clock::Stopwatch;
use crate::error::{Failure, Outcome};
use crate::install;
use crate::steps::{self, say};
use crate::suites::{Report, Suite};
use crate::summary::Counts;
use crate::workspace::Workspace;

/// More than this of a failing suite's output is in its log only.
const SHOWN_LINES: usize = 1500;

/// Runs the suites, all of them even when one fails. Those that need no build go on beside what the others wait for: the
/// compiler puts the largest programs together on one core.
pub fn test(workspace: &Workspace, only: Option<Suite>) -> Outcome<ExitCode> {
    let watch = Stopwatch::start();
    let chosen = Suite::ALL.into_iter().filter(|suite| only.is_none_or(|only| only == *suite));
    let (built, plain): (Vec<_>, Vec<_>) = chosen.partition(|suite| suite.needs_build());
    // Both use it.
    install::wasm_target(workspace)?;
    let (set_up, counts) = thread::scope(|scope| {
        let beside = scope.spawn(|| run(workspace, &plain, None));
        let set_up = set_up(workspace, &built);
        let counts = beside.join().unwrap_or_else(|_| Err(Failure::new("a suite ended in a panic")));
        (set_up, counts)
    });
    let mut all = counts?;
    match set_up {
        Ok(chromium) => all += run(workspace, &built, chromium.as_deref())?,
        Err(failure) => {
            crate::process::check_stopped()?;
            eprintln!("error: {failure}");
            for suite in built {
                line(suite, Counts::one(false), 0.0, "not run: the set-up failed");
                all += Counts::one(false);
            }
        }
    }
    Ok(close(all, watch))
}

/// What the suites need, and where the browser is.
fn set_up(workspace: &Workspace, suites: &[Suite]) -> Outcome<Option<PathBuf>> {
    if suites.is_empty() {
        return Ok(None);
    }
    build::for_tests(workspace)?;
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

fn run(workspace: &Workspace, suites: &[Suite], chromium: Option<&Path>) -> Outcome<Counts> {
    let mut all = Counts::default();
    for suite in suites {
        let watch = Stopwatch::start();
        let Report { counts, output } = suite.run(workspace, chromium)?;
        if counts.failed > 0 {
            say(&format!("---- {} ----", suite.name()));
            say(&steps::tail(&without_progress(&output), SHOWN_LINES));
            say(&format!("---- end of {} ----", suite.name()));
        }
        line(*suite, counts, watch.seconds(), "");
        all += counts;
    }
    Ok(all)
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
