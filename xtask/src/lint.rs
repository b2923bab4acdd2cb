//! Lints what is compiled for the tests while it is compiled. `cargo clippy` would go through all of it, and all that it is made
//! from, once more.

use std::process::Command;

/// Has the workspace's own crates compiled by clippy's driver: the same compiler, which also says what it finds. Crates that are
/// compiled in one way can't be used in the other, so every command that shares what was built says this.
pub fn while_compiling(command: &mut Command) -> &mut Command {
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver")
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
