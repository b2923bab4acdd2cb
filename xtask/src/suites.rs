//! The test suites: what each one runs and needs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use clap::ValueEnum;

use crate::build;
use crate::error::{Explain, Failure, Outcome};
use crate::install;
use crate::lint;
use crate::native;
use crate::process;
use crate::profile::Profile;
use crate::site;
use crate::steps;
use crate::summary::{self, Counts};
use crate::tools::WASM_TARGET;
use crate::workspace::{Workspace, make_folder};

/// A file that starts with such a line is run when no other is: it measures time, memory or CPU.
const ALONE: &str = "// Runs alone";

/// A suite that hangs must not hang everything.
const LIMIT: Duration = Duration::from_hours(1);

/// One test suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Suite {
    /// `cargo fmt --check`.
    Fmt,
    /// Clippy on what the Rust tests are made of but the app, as they are compiled.
    Clippy,
    /// Clippy on the app as its site is compiled for the tests, and on the worker.
    ClippyWasm,
    /// Rust tests.
    Native,
    /// Tests against a real worker on workerd.
    Live,
    /// Tests in Chromium.
    Browser,
}

/// How a suite went.
pub struct Report {
    /// Its counts.
    pub counts: Counts,
    /// All it printed.
    pub output: String,
}

impl Suite {
    /// Every suite, the quick ones first.
    pub const ALL: [Self; 6] = [Self::Fmt, Self::Clippy, Self::ClippyWasm, Self::Native, Self::Live, Self::Browser];

    /// The name `--only` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::ClippyWasm => "clippy-wasm",
            Self::Native => "native",
            Self::Live => "live",
            Self::Browser => "browser",
        }
    }

    /// Whether it runs what `cargo xtask up` builds.
    pub fn needs_build(self) -> bool {
        match self {
            Self::Fmt | Self::Clippy | Self::ClippyWasm | Self::Native => false,
            Self::Live | Self::Browser => true,
        }
    }

    /// Runs it to its end.
    pub fn run(self, workspace: &Workspace, chromium: Option<&Path>) -> Outcome<Report> {
        match self {
            Self::Fmt => self.check(workspace, &["fmt", "--all", "--check", "--", "--color", "never"]),
            Self::Clippy => self.lint(workspace, &mut native::test(workspace, true)),
            Self::ClippyWasm => self.clippy_wasm(workspace),
            Self::Native => self.native(workspace),
            Self::Live | Self::Browser => self.node(workspace, chromium),
        }
    }

    /// A command that counts as one test.
    fn check(self, workspace: &Workspace, arguments: &[&str]) -> Outcome<Report> {
        let finished = self.watch(workspace, arguments)?;
        Ok(Report { counts: Counts::one(finished.status.success()), output: finished.output })
    }

    /// A build that counts as one test, passed when nothing was found.
    fn lint(self, workspace: &Workspace, build: &mut Command) -> Outcome<Report> {
        let finished = steps::watch(workspace, &self.log(), build, LIMIT)?;
        let passed = finished.status.success() && lint::is_clean(&finished.output);
        Ok(Report { counts: Counts::one(passed), output: finished.output })
    }

    fn clippy_wasm(self, workspace: &Workspace) -> Outcome<Report> {
        let mut report = self.lint(workspace, &mut site::programs(workspace, Profile::Tests))?;
        // What is deployed, and measured, is compiled by the compiler alone.
        let of_worker = self.check(
            workspace,
            &["clippy", "--package", "heliograph-worker", "--target", WASM_TARGET, "--", "-D", "warnings"],
        )?;
        report.counts += of_worker.counts;
        report.output.push_str(&of_worker.output);
        Ok(report)
    }

    fn native(self, workspace: &Workspace) -> Outcome<Report> {
        if !native::can_build_kafka() {
            steps::say(
                "the bridge from Kafka is not tested: apt-get install g++ make pkg-config libssl-dev zlib1g-dev",
            );
        }
        let finished = steps::watch(workspace, &self.log(), &mut native::test(workspace, false), LIMIT)?;
        let counts = summary::cargo_test(&finished.output);
        Ok(Report { counts: Counts::of_runner(counts, finished.status.success()), output: finished.output })
    }

    fn watch(self, workspace: &Workspace, arguments: &[&str]) -> Outcome<steps::Finished> {
        let (subcommand, rest) =
            arguments.split_first().ok_or_else(|| Failure::new("a cargo command without a name"))?;
        let mut command = workspace.cargo(subcommand);
        command.args(rest);
        steps::watch(workspace, &self.log(), &mut command, LIMIT)
    }

    /// The suite's tests under `e2e/`: those that can share the machine some at a time, then the others.
    fn node(self, workspace: &Workspace, chromium: Option<&Path>) -> Outcome<Report> {
        let files = test_files(&workspace.root.join("e2e").join(self.name()))?;
        if files.is_empty() {
            return Ok(Report {
                counts: Counts::one(false),
                output: format!("there is no e2e/{}/*.test.mjs", self.name()),
            });
        }
        let (alone, together): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| Self::runs_alone(file));
        let mut report = Report { counts: Counts::default(), output: String::new() };
        for (files, at_once, name) in
            [(together, self.at_once(), self.name().to_owned()), (alone, 1, format!("{}-alone", self.name()))]
        {
            if files.is_empty() {
                continue;
            }
            let Report { counts, output } = self.node_files(workspace, chromium, files, at_once, &name)?;
            report.counts += counts;
            report.output.push_str(&output);
        }
        Ok(report)
    }

    /// How many files run side by side. Most of the time they wait: for a server to start, for a second to pass, for a page to be
    /// still. Browsers draw as fast as they can.
    fn at_once(self) -> u32 {
        match self {
            Self::Browser => 2,
            Self::Fmt | Self::Clippy | Self::ClippyWasm | Self::Native | Self::Live => 3,
        }
    }

    /// Files say in their first lines that they measure.
    fn runs_alone(file: &Path) -> bool {
        fs::read_to_string(file).is_ok_and(|text| text.lines().take(6).any(|line| line.starts_with(ALONE)))
    }

    /// Some files by node's own test runner.
    fn node_files(
        self,
        workspace: &Workspace,
        chromium: Option<&Path>,
        files: Vec<PathBuf>,
        at_once: u32,
        name: &str,
    ) -> Outcome<Report> {
        let results = workspace.root.join("e2e/results");
        make_folder(&results)?;
        let tap = results.join(format!("{name}.tap"));
        let _ = fs::remove_file(&tap);
        let mut command = build::node(workspace)?;
        command
            // For a test, and for a file of many: on a slow machine the journeys of one take more than five minutes together.
            .args(["--test", "--test-timeout=900000"])
            .arg(format!("--test-concurrency={at_once}"))
            // One report for people, one to count.
            .args(["--test-reporter=spec", "--test-reporter-destination=stdout"])
            .arg("--test-reporter=tap")
            .arg(format!("--test-reporter-destination={}", tap.display()))
            .args(files)
            .env("HELIOGRAPH_BIN", workspace.heliograph())
            .env("HELIOGRAPH_ROOT", &workspace.root)
            .env("HELIOGRAPH_RESULTS", &results)
            .env("HELIOGRAPH_SHARED", workspace.root.join("../shared"))
            .env_remove("HELIOGRAPH_URL")
            .env_remove("HELIOGRAPH_KEY");
        if let Ok(xtask) = std::env::current_exe() {
            command.env("HELIOGRAPH_XTASK", xtask);
        }
        if self == Self::Live {
            command.env("HELIOGRAPH_WRANGLER_NODE", install::node_for_wrangler(workspace)?);
        }
        let schemathesis = install::schemathesis_program(workspace);
        if self == Self::Live && schemathesis.is_file() {
            command.env("HELIOGRAPH_SCHEMATHESIS", schemathesis);
        }
        if let Some(python) = install::column_readers_python(workspace).filter(|_| self == Self::Live) {
            command.env("HELIOGRAPH_COLUMN_READERS", python);
        }
        if let Some(python) = install::source_clients_python(workspace).filter(|_| self == Self::Live) {
            command.env("HELIOGRAPH_SOURCE_CLIENTS", python);
        }
        if let Some(python) = install::aws_template_python(workspace).filter(|_| self == Self::Live) {
            command.env("HELIOGRAPH_AWS_TEMPLATE", python);
        }
        if let Some(python) = install::client_python(workspace).filter(|_| self == Self::Live) {
            command.env("HELIOGRAPH_PYTHON_CLIENT", python);
        }
        if let Some(chromium) = chromium {
            command.env("HELIOGRAPH_CHROMIUM", chromium);
        }
        let finished = steps::watch(workspace, &self.log(), &mut command, LIMIT)?;
        process::check_stopped()?;
        let counts = fs::read_to_string(&tap)
            .ok()
            .and_then(|text| summary::node_test(&text))
            .or_else(|| summary::node_test(&finished.output));
        let mut output = finished.output;
        if finished.timed_out {
            output.push_str("the suite was ended because it took too long\n");
        }
        Ok(Report { counts: Counts::of_runner(counts, finished.status.success()), output })
    }

    fn log(self) -> String {
        format!("test {}", self.name())
    }
}

/// Test files by name: node's own search differs between its versions.
fn test_files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .explain(|| format!("can't list {}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    Ok(files)
}
