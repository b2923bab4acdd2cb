//! `worker/build/`: the worker's wasm with its JavaScript, as one module.

use std::fs;
use std::path::Path;

use crate::error::{Explain, Outcome};
use crate::install;
use crate::profile::Profile;
use crate::steps;
use crate::tools::{self, WASM_BINDGEN, WASM_TARGET};
use crate::workspace::{Workspace, make_folder};

/// What every record passes through, and is small, is compiled for speed. Our own part of that is compiled for size, but with
/// inlining and loops unrolled (`s`, not `z`): for speed the script would weigh more than the free plan takes. The site keeps
/// the small ones, so this stands here and not in Cargo.toml (docs/benchmarks.md).
const LEVELS: [(&str, &str); 5] =
    [("heliograph-shared", "\"s\""), ("serde_json", "3"), ("base64", "3"), ("sha2", "3"), ("prost", "3")];

/// A function with one caller goes into that only up to this size: else the whole program ends up in a few functions, and a
/// busy one of 228 KB costs the platform more memory to optimise than a board of 200,000 items (`e2e/live/program.test.mjs`).
const SMALL_FUNCTIONS: [&str; 1] = ["--one-caller-inline-max-function-size=100"];
/// What the compiler emits and the platform runs; newer encodings that wasm-opt knows might not be served yet.
const FEATURES: [&str; 7] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-reference-types",
    "--enable-exception-handling",
];

/// Builds both files into the folder.
pub fn build(workspace: &Workspace, profile: Profile, folder: &Path) -> Outcome {
    let mut cargo = workspace.cargo("build");
    cargo.args(["--package", "heliograph-worker", "--profile", profile.wasm(), "--target", WASM_TARGET]);
    profile.prepare(workspace, &mut cargo);
    if profile == Profile::Full {
        for (package, level) in LEVELS {
            cargo.arg("--config").arg(format!("profile.{}.package.{package}.opt-level={level}", profile.wasm()));
        }
    }
    steps::run(workspace, "worker", &mut cargo)?;

    let staged = workspace.state.join("worker");
    let _ = fs::remove_dir_all(&staged);
    make_folder(&staged)?;
    let mut bindgen = workspace.command(WASM_BINDGEN.path(workspace));
    bindgen
        .arg(workspace.target.join(WASM_TARGET).join(profile.wasm()).join("heliograph_worker.wasm"))
        .args(["--target", "module", "--no-typescript", "--out-name", "index", "--out-dir"])
        .arg(&staged)
        // A program that crashed is started anew (worker/entry/runtime.js).
        .args(["--experimental-reset-state-function", "--force-enable-abort-handler"])
        .env("PATH", install::path_with_tools(workspace)?);
    steps::run(workspace, "worker bindings", &mut bindgen)?;

    let wasm = staged.join("index_bg.wasm");
    if profile == Profile::Full {
        let mut optimise = workspace.command(tools::wasm_opt(workspace));
        optimise.arg(&wasm).arg("-o").arg(&wasm).arg("-O").args(SMALL_FUNCTIONS).args(FEATURES);
        steps::run(workspace, "worker size", &mut optimise)?;
    }

    let mut bundle = workspace.command(tools::esbuild(workspace)?);
    bundle
        .arg(staged.join("index.js"))
        .args(["--bundle", "--minify", "--format=esm", "--external:./index_bg.wasm", "--external:cloudflare:*"])
        .arg(format!("--outfile={}", staged.join("bundle.js").display()));
    steps::run(workspace, "worker script", &mut bundle)?;
    let script = fs::read_to_string(staged.join("bundle.js")).explain(|| "esbuild left no script".to_owned())?;

    let _ = fs::remove_dir_all(folder);
    make_folder(folder)?;
    let kept = folder.join("index.js");
    // The platform imports a compiled module without being asked for its source.
    fs::write(&kept, script.replace("import source ", "import "))
        .explain(|| format!("can't write {}", kept.display()))?;
    let kept = folder.join("index_bg.wasm");
    fs::rename(&wasm, &kept).explain(|| format!("can't move the worker's wasm to {}", kept.display()))
}
