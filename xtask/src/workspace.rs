//! Where things are: the repository, the build directory, the tools' cache and our own state.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Explain, Failure, Outcome};

/// The folders every command works with.
pub struct Workspace {
    /// The repository's root.
    pub root: PathBuf,
    /// Cargo's build directory.
    pub target: PathBuf,
    /// Installed tools, shared between checkouts: `$HELIOGRAPH_TOOLS` or `~/.cache/heliograph/tools`.
    pub tools: PathBuf,
    /// Stamps and logs of this checkout.
    pub state: PathBuf,
}

impl Workspace {
    /// Finds the folders and makes the ones that are ours.
    pub fn find() -> Outcome<Self> {
        let manifest =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().ok_or_else(|| Failure::new("xtask must lie inside the repository"))?.to_path_buf();
        let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
        let tools = match env::var_os("HELIOGRAPH_TOOLS") {
            Some(folder) => env::current_dir().explain(|| "can't tell the current folder".into())?.join(folder),
            None => cache_folder()?.join("heliograph/tools"),
        };
        let state = root.join(".heliograph");
        let workspace = Self { root, target, tools, state };
        for folder in [workspace.tools.clone(), workspace.stamps(), workspace.logs()] {
            make_folder(&folder)?;
        }
        Ok(workspace)
    }

    /// Where fingerprints of finished builds are kept.
    pub fn stamps(&self) -> PathBuf {
        self.state.join("stamps")
    }

    /// Where the full output of each step is kept.
    pub fn logs(&self) -> PathBuf {
        self.state.join("log")
    }

    /// A path inside `node_modules`.
    pub fn npm(&self, path: &str) -> PathBuf {
        self.root.join("node_modules").join(path)
    }

    /// The `heliograph` program that every build leaves.
    pub fn heliograph(&self) -> PathBuf {
        self.target.join("release/heliograph")
    }

    /// A path as people would type it from the root.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// A command that runs in the root, without the variables `cargo run` sets for this program: build scripts
    /// that watch them would rebuild half the tree.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_")
                || text.starts_with("CARGO_MANIFEST_")
                || matches!(&*text, "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE")
            {
                command.env_remove(&name);
            }
        }
        command
    }

    /// A cargo command in the root. CI refuses a lock file that is out of date.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(subcommand);
        if env::var_os("CI").is_some() && subcommand != "fmt" {
            command.arg("--locked");
        }
        command
    }
}

/// Makes a folder and its parents.
pub fn make_folder(folder: &Path) -> Outcome {
    fs::create_dir_all(folder).explain(|| format!("can't make the folder {}", folder.display()))
}

fn cache_folder() -> Outcome<PathBuf> {
    if let Some(folder) = env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
        return Ok(folder.into());
    }
    env::var_os("HOME")
        .map(|home| PathBuf::from(home).join(".cache"))
        .ok_or_else(|| Failure::new("HOME is not set; set HELIOGRAPH_TOOLS to the folder to keep tools in"))
}
