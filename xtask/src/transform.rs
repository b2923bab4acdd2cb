//! `transform/build/`: the second worker script's wasm, with a counter of its own steps built in.
//!
//! jq programs come from people, and the interpreter has no bound of its own. So a call of `meter.wat`'s counter is put
//! into every function and every loop, and then inlined: that costs hardly any time, and no program outlasts its fuel.

use std::path::Path;

use crate::build::{Build, dep_info};
use crate::error::Outcome;
use crate::profile::Profile;
use crate::steps;
use crate::tools::{self, BINARYEN, WASM_TARGET};
use crate::workspace::{Workspace, make_folder};

/// What the Rust compiler emits.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
];
/// With the multiple values that the compiler may emit, too, the tools take each other's output.
const MULTIVALUE: &str = "--enable-multivalue";
/// The counter has 11 instructions; functions of up to so many are inlined.
const INLINED: &str = "-aimfs=12";

/// How it is built.
pub fn definition(workspace: &Workspace) -> Build<'_> {
    let folder = workspace.root.join("transform/build");
    let output = folder.join("transform.wasm");
    Build {
        name: "transform",
        seconds: |_| 50,
        paths: vec!["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "transform"],
        words: vec![format!("binaryen {BINARYEN}"), include_str!("transform.rs").to_owned()],
        dep_info: Box::new(|profile| vec![dep_info(workspace, profile, "heliograph_transform")]),
        made: Box::new(move || output.is_file()),
        work: Box::new(move |profile| build(workspace, profile, &folder)),
    }
}

fn build(workspace: &Workspace, profile: Profile, folder: &Path) -> Outcome {
    make_folder(folder)?;
    let mut cargo = workspace.cargo("build");
    cargo.args(["--package", "heliograph-transform", "--profile", profile.wasm(), "--target", WASM_TARGET]);
    steps::run(workspace, "transform", &mut cargo)?;
    let plain = workspace.target.join(WASM_TARGET).join(profile.wasm()).join("heliograph_transform.wasm");
    let (logged, merged) = (folder.join("logged.wasm"), folder.join("merged.wasm"));

    let mut calls = workspace.command(tools::wasm_opt(workspace));
    calls.args(FEATURES).args([MULTIVALUE, "--log-execution"]).arg(&plain).arg("-o").arg(&logged);
    steps::run(workspace, "transform calls", &mut calls)?;

    let mut merge = workspace.command(workspace.npm(".bin/wasm-merge"));
    merge.args(FEATURES).arg(MULTIVALUE).arg(&logged).args(["transform", "transform/meter.wat", "env"]);
    steps::run(workspace, "transform meter", merge.arg("-o").arg(&merged))?;

    let mut inline = workspace.command(tools::wasm_opt(workspace));
    inline.args(FEATURES).args([MULTIVALUE, "--dae", "--inlining", INLINED, "--strip-producers"]);
    steps::run(workspace, "transform inline", inline.arg(&merged).arg("-o").arg(folder.join("transform.wasm")))?;
    // Only what is served stays.
    for part in [logged, merged] {
        let _ = std::fs::remove_file(part);
    }
    Ok(())
}
