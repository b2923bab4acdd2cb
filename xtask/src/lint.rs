//! Lints what is compiled for the tests while it is compiled. `cargo clippy` would go through all of it, and all that it is made
//! from, once more.

use std::process::Command;

use crate::workspace::Workspace;

/// Has the workspace's own crates compiled by clippy's driver: the same compiler, which also says what it finds. What is compiled
/// so is not used where this is not said, so every command that shares what was built says it.
pub fn while_compiling(workspace: &Workspace, command: &mut Command) {
    command.env("RUSTC_WORKSPACE_WRAPPER", workspace.root.join("xtask/lint-driver.sh"));
}

/// Whether nothing was found. Cargo repeats what was found in crates that it does not compile again.
pub fn is_clean(output: &str) -> bool {
    !output.lines().any(|line| line.starts_with("warning") || line.starts_with("error"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lint_makes_a_build_that_succeeds_fail() {
        assert!(is_clean("   Compiling heliograph-shared v0.1.0\n    Finished `test` profile in 3 s"));
        let found = "   Compiling a v0.1.0\nwarning: useless use of `vec!`\n --> a/src/lib.rs:1:1\n    Finished";
        assert!(!is_clean(found));
        assert!(!is_clean("error: aborting due to 1 previous error"));
    }
}
