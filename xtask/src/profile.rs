//! How much work the compiler puts into what it builds.

use std::process::Command;

use crate::lint;
use crate::workspace::Workspace;

/// Of what is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// For users and measurements: small and fast, after minutes.
    Full,
    /// For whoever looks at it on this machine: soon. The same code, larger and somewhat slower.
    Quick,
    /// As [`Self::Quick`], without what can be built while one looks around.
    Core,
    /// What the tests run: the program as the Rust tests compile it anyway, the site as [`Self::Quick`], both linted meanwhile.
    Tests,
}

impl Profile {
    /// The Cargo profile of wasm, which is its folder below `target/wasm32-unknown-unknown`.
    pub const fn wasm(self) -> &'static str {
        match self {
            Self::Full => "wasm",
            Self::Quick | Self::Core | Self::Tests => "quick",
        }
    }

    /// The Cargo profile of programs for this machine, which is their folder below `target`.
    pub const fn native(self) -> &'static str {
        match self {
            Self::Full => "release",
            Self::Quick | Self::Core => "quick",
            // Cargo's folder of its profiles `dev` and `test`.
            Self::Tests => "debug",
        }
    }

    /// Tells a command that compiles for wasm what is not in Cargo's profile.
    pub fn prepare(self, workspace: &Workspace, command: &mut Command) {
        match self {
            Self::Full => return,
            Self::Quick | Self::Core => {}
            Self::Tests => lint::while_compiling(workspace, command),
        }
        // Views with their types erased compile in a fifth of the time, and are somewhat larger and slower.
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "--cfg erase_components");
    }

    /// Those that are as good as this one or better, this one first.
    pub const fn or_better(self) -> &'static [Self] {
        match self {
            Self::Full => &[Self::Full],
            Self::Tests => &[Self::Tests, Self::Full],
            Self::Quick => &[Self::Quick, Self::Tests, Self::Full],
            Self::Core => &[Self::Core, Self::Quick, Self::Tests, Self::Full],
        }
    }
}
