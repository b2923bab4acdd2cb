//! Brings a fresh machine to where it can build: the wasm target, tools, npm packages, Chromium for tests.
//!
//! Needs rustup, Node.js with npm and, for Chromium, apt. Everything goes to folders named by version, so an update
//! of a tool never meets the remains of its predecessor.

mod debian;
mod python;

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

pub use debian::{brokers, chromium, nginx, redis_server};
pub use python::{
    aws_template, aws_template_python, client, client_python, column_readers, column_readers_python, schemathesis,
    schemathesis_program, source_clients, source_clients_python,
};

use crate::error::{Explain, Failure, Outcome};
use crate::fingerprint::{Inputs, Stamp};
use crate::steps::{self, Done};
use crate::tools::{self, NODE_AT_LEAST, Source, TOOLS, Tool, WASM_TARGET};
use crate::workspace::{Workspace, make_folder};

/// Checks that what we can't install ourselves is there.
pub fn require_basics() -> Outcome {
    let node = version_of("node").ok_or_else(|| {
        Failure::new(format!(
            "node is missing: install Node.js {}.{} or newer (nodejs.org or your package manager)",
            NODE_AT_LEAST.0, NODE_AT_LEAST.1
        ))
    })?;
    if node_version(&node).is_none_or(|version| version < NODE_AT_LEAST) {
        return Err(Failure::new(format!(
            "node {node} is too old: install Node.js {}.{} or newer",
            NODE_AT_LEAST.0, NODE_AT_LEAST.1
        )));
    }
    version_of("npm")
        .ok_or_else(|| Failure::new("npm is missing: it comes with Node.js (on Debian: apt-get install npm)"))?;
    Ok(())
}

fn version_of(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim_start_matches('v').split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// The standard library for wasm.
pub fn wasm_target(workspace: &Workspace) -> Outcome {
    steps::step("rust target wasm32", || {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = workspace
            .command(rustc)
            .args(["--print", "target-libdir", "--target", WASM_TARGET])
            .output()
            .explain(|| "can't run rustc".to_owned())?;
        let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        if output.status.success() && folder.is_dir() {
            return Ok(Done::Fresh);
        }
        if version_of("rustup").is_none() {
            return Err(Failure::new(format!(
                "rustup is missing and so is Rust's {WASM_TARGET} target: install rustup (rustup.rs)"
            )));
        }
        let mut command = workspace.command("rustup");
        command.args(["target", "add", WASM_TARGET]);
        steps::run(workspace, "rust target", &mut command)?;
        Ok(Done::Did("installed"))
    })
}

/// wasm-bindgen and Trunk, in exactly our versions: released ones that are on PATH, or compiled once.
pub fn tools(workspace: &Workspace) -> Outcome {
    for tool in TOOLS {
        steps::step(&tool_step(tool), || {
            if is_installed(workspace, tool) {
                return Ok(Done::Fresh);
            }
            match tool.source {
                Source::Workspace(package) => compile_ours(workspace, tool, package)?,
                Source::Registry(package) => {
                    steps::run(workspace, &tool_step(tool), &mut installation(workspace, tool, package))?;
                }
            }
            if is_installed(workspace, tool) {
                Ok(Done::Did("installed"))
            } else {
                Err(Failure::new(format!(
                    "{} was installed but doesn't run; remove {} and try again",
                    tool.path(workspace).display(),
                    tool.folder(workspace).display()
                )))
            }
        })?;
    }
    // Intermediate files that nothing needs again.
    let _ = fs::remove_dir_all(workspace.tools.join("build"));
    Ok(())
}

/// What the step of a tool is called.
pub fn tool_step(tool: &Tool) -> String {
    format!("{} {}", tool.program, tool.version)
}

/// Whether a tool is there in the right version.
pub fn is_installed(workspace: &Workspace, tool: &Tool) -> bool {
    has_version(&mut Command::new(tool.path(workspace)), tool)
}

fn has_version(program: &mut Command, tool: &Tool) -> bool {
    program
        .arg("--version")
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).split_whitespace().any(|word| word == tool.version))
}

/// Compiles a tool of this workspace with what is compiled here anyway, and keeps it with the others for all checkouts.
fn compile_ours(workspace: &Workspace, tool: &Tool, package: &str) -> Outcome {
    let mut cargo = workspace.cargo("build");
    cargo.args(["--package", package]);
    steps::run(workspace, &tool_step(tool), &mut cargo)?;
    let folder = tool.bin_folder(workspace);
    make_folder(&folder)?;
    let (made, kept) = (workspace.target.join("debug").join(tool.program), folder.join(tool.program));
    // A half of a copy must not look like a tool.
    let part = folder.join(format!("{}.part", tool.program));
    fs::copy(&made, &part)
        .and_then(|_| fs::rename(&part, &kept))
        .explain(|| format!("can't copy {} to {}", made.display(), kept.display()))
}

fn installation(workspace: &Workspace, tool: &Tool, package: &str) -> Command {
    let mut command = workspace.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .args(["install", package, "--version", tool.version, "--locked", "--no-default-features", "--root"])
        .arg(tool.folder(workspace))
        .env("CARGO_TARGET_DIR", workspace.tools.join("build"))
        // A tool that runs for seconds need not be compiled for minutes.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    command
}

/// What the step that installs the npm packages is called.
pub const NPM_PACKAGES: &str = "npm packages";

/// The npm packages of the lock file. Their install scripts are never run.
pub fn npm_packages(workspace: &Workspace) -> Outcome {
    steps::step(NPM_PACKAGES, || {
        if has_npm_packages(workspace)? {
            return Ok(Done::Fresh);
        }
        let stamp = npm_stamp(workspace);
        stamp.clear();
        let mut command = workspace.command("npm");
        command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        steps::run(workspace, NPM_PACKAGES, &mut command)?;
        for program in [tools::workerd(workspace)?, tools::esbuild(workspace)?] {
            if !program.is_file() {
                return Err(Failure::new(format!(
                    "npm left no {}: is `omit=optional` set in its configuration?",
                    workspace.shown(&program)
                )));
            }
        }
        stamp.set(&npm_fingerprint(workspace)?)?;
        Ok(Done::Did("installed"))
    })
}

/// Whether the npm packages are those of the lock file.
pub fn has_npm_packages(workspace: &Workspace) -> Outcome<bool> {
    Ok(npm_stamp(workspace).is(&npm_fingerprint(workspace)?) && tools::workerd(workspace)?.is_file())
}

fn npm_stamp(workspace: &Workspace) -> Stamp {
    Stamp::at(workspace.npm(".heliograph-lock"))
}

fn npm_fingerprint(workspace: &Workspace) -> Outcome<String> {
    let inputs = Inputs {
        paths: &["package.json", "package-lock.json", ".npmrc"],
        words: &[env::consts::OS.to_owned(), env::consts::ARCH.to_owned()],
        dep_info: Vec::new(),
    };
    inputs.fingerprint(workspace)
}

/// A Node.js that runs wrangler: the one that is there, or one from npm beside the other tools.
pub fn node_for_wrangler(workspace: &Workspace) -> Outcome<PathBuf> {
    let is_enough = |version: &str| node_version(version).is_some_and(|version| version >= tools::NODE_FOR_WRANGLER);
    if version_of("node").is_some_and(|version| is_enough(&version)) {
        return Ok(PathBuf::from("node"));
    }
    let package = tools::node_package()?;
    let folder = workspace.tools.join(format!("node-{}", tools::NODE));
    let program = folder.join("node_modules").join(&package).join("bin/node");
    steps::step(&format!("node {}", tools::NODE), || {
        if program.is_file() {
            return Ok(Done::Fresh);
        }
        make_folder(&folder)?;
        let mut command = workspace.command("npm");
        command.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--prefix"]);
        command.arg(&folder).arg(format!("{package}@{}", tools::NODE));
        steps::run(workspace, "node for wrangler", &mut command)?;
        if program.is_file() {
            Ok(Done::Did("installed"))
        } else {
            Err(Failure::new(format!("npm left no {}", program.display())))
        }
    })?;
    Ok(program)
}

/// A PATH on which our own tools come first.
pub fn path_with_tools(workspace: &Workspace) -> Outcome<std::ffi::OsString> {
    make_folder(&workspace.tools)?;
    let ours = TOOLS.iter().map(|tool| tool.bin_folder(workspace)).chain([workspace.npm(".bin")]);
    let theirs = env::var_os("PATH").unwrap_or_default();
    env::join_paths(ours.chain(env::split_paths(&theirs)))
        .explain(|| "a folder with a colon in its name can't be on PATH".to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn node_versions_are_compared_as_numbers() {
        assert_eq!(node_version("v20.20.2"), Some((20, 20)));
        assert!(node_version("v9.11.2").is_some_and(|version| version < NODE_AT_LEAST));
        assert_eq!(node_version("nightly"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_released_tool_on_path_is_used_in_the_right_version_only() {
        use std::os::unix::fs::PermissionsExt as _;

        let root = env::temp_dir().join(format!("xtask-path-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let released = root.join("released");
        let [target, tools, state] = ["target", "tools", "state"].map(|name| root.join(name));
        let workspace = Workspace { root: root.clone(), target, tools, state };
        let tool = &tools::TRUNK;
        // Nothing of ours is there, so the name alone is looked up.
        assert_eq!(tool.path(&workspace), Path::new(tool.program));
        let place = |folder: &Path, version: &str| {
            fs::create_dir_all(folder).unwrap();
            let file = folder.join(tool.program);
            fs::write(&file, format!("#!/bin/sh\necho {} {version}\n", tool.program)).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        };
        let on_path = || has_version(Command::new(tool.path(&workspace)).env("PATH", &released), tool);
        assert!(!on_path());
        place(&released, "0.1.0");
        assert!(!on_path());
        place(&released, tool.version);
        assert!(on_path());
        // One that we compiled comes first.
        place(&tool.bin_folder(&workspace), tool.version);
        assert_eq!(tool.path(&workspace), tool.bin_folder(&workspace).join(tool.program));
        fs::remove_dir_all(&root).unwrap();
    }
}
