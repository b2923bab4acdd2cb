//! How the Rust tests are compiled: the suite and the program that other suites run share it.

use std::process::Command;

use crate::lint;
use crate::workspace::Workspace;

/// The app's pure parts (map mathematics, formats) are tested natively; the worker's are in `shared`.
const NOT_TESTED: &str = "heliograph-worker";

/// A feature that is off by default, since it builds a library in C.
const KAFKA: [&str; 2] = ["--features", "heliograph/kafka"];

/// The command that compiles the tests, and runs them unless they are only to be compiled.
pub fn test(workspace: &Workspace, compile_only: bool) -> Command {
    let mut command = workspace.cargo("test");
    command.arg(if compile_only { "--no-run" } else { "--no-fail-fast" }).args(packages());
    lint::while_compiling(workspace, &mut command);
    command
}

/// Which packages are tested, with which features.
fn packages() -> Vec<&'static str> {
    let mut packages = vec!["--workspace", "--exclude", NOT_TESTED];
    if can_build_kafka() {
        packages.extend(KAFKA);
    }
    packages
}

/// Whether this machine has what librdkafka is built with.
pub fn can_build_kafka() -> bool {
    let works = |name: &str, arguments: &[&str]| {
        let done = Command::new(name).args(arguments).output();
        done.is_ok_and(|output| output.status.success())
    };
    works("c++", &["--version"])
        && works("make", &["--version"])
        && works("pkg-config", &["--exists", "openssl", "zlib"])
}
