//! `transform/build/`: the second worker script's wasm: jq with a counter of its own steps built in, and what draws pictures.
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

/// The libraries, as the compiler names them.
const LIBRARIES: [&str; 2] = ["heliograph_transform", "heliograph_picture"];

/// How it is built.
pub fn definition(workspace: &Workspace) -> Build<'_> {
    let folder = workspace.root.join("transform/build");
    let outputs = ["transform.wasm", "picture.wasm"].map(|name| folder.join(name));
    Build {
        name: "transform",
        seconds: |_| 90,
        paths: vec!["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "transform", "picture"],
        words: vec![format!("binaryen {BINARYEN}"), include_str!("transform.rs").to_owned()],
        dep_info: Box::new(|profile| LIBRARIES.map(|name| dep_info(workspace, profile, name)).into()),
        made: Box::new(move || outputs.iter().all(|output| output.is_file())),
        work: Box::new(move |profile| build(workspace, profile, &folder)),
    }
}

fn build(workspace: &Workspace, profile: Profile, folder: &Path) -> Outcome {
    make_folder(folder)?;
    let mut cargo = workspace.cargo("build");
    cargo.args(["--package", "heliograph-transform", "--package", "heliograph-picture"]);
    cargo.args(["--profile", profile.wasm(), "--target", WASM_TARGET]);
    steps::run(workspace, "transform", &mut cargo)?;
    let [plain, picture] =
        LIBRARIES.map(|name| workspace.target.join(WASM_TARGET).join(profile.wasm()).join(name).with_extension("wasm"));
    let mut draws = workspace.command(tools::wasm_opt(workspace));
    draws
        .args(FEATURES)
        .args([MULTIVALUE, "--strip-producers"])
        .arg(&picture)
        .arg("-o")
        .arg(folder.join("picture.wasm"));
    steps::run(workspace, "transform picture", &mut draws)?;
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
