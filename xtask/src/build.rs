//! Builds the worker, the site and the command-line program, each only when its inputs changed.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::{Explain, Failure, Outcome};
use crate::fingerprint::{Inputs, Stamp};
use crate::install;
use crate::pages::{Page, Table};
use crate::process;
use crate::site;
use crate::steps::{self, Done};
use crate::tools::{self, BINARYEN, ESBUILD, TRUNK, WASM_BINDGEN, WASM_TARGET, WORKER_BUILD};
use crate::transform;
use crate::workspace::Workspace;

/// Files that take part in every build of Rust code.
const RUST: [&str; 4] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "shared"];

/// Installs what is missing and builds everything.
pub fn set_up(workspace: &Workspace) -> Outcome {
    install::require_basics()?;
    let _lock = only_one(workspace)?;
    install::wasm_target(workspace)?;
    install::cargo_tools(workspace)?;
    install::npm_packages(workspace)?;
    basemap(workspace)?;
    worker(workspace)?;
    transform::build(workspace)?;
    site(workspace)?;
    description(workspace)?;
    program(workspace)
}

/// Installs what is missing and builds what a measurement needs: the worker and the command-line program.
pub fn servers(workspace: &Workspace) -> Outcome {
    install::require_basics()?;
    let _lock = only_one(workspace)?;
    install::wasm_target(workspace)?;
    install::cargo_tools(workspace)?;
    install::npm_packages(workspace)?;
    worker(workspace)?;
    transform::build(workspace)?;
    program(workspace)
}

/// Keeps two commands in the same checkout from building over each other.
fn only_one(workspace: &Workspace) -> Outcome<File> {
    let path = workspace.state.join("setup.lock");
    let file = File::create(&path).explain(|| format!("can't write {}", path.display()))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                if !told {
                    steps::say("  waiting for another `cargo xtask` in this checkout to finish building");
                    told = true;
                }
                process::pause(Duration::from_millis(200))?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(Failure::new(format!("can't lock {}: {error}", path.display())));
            }
        }
    }
}

/// The world map that comes with npm's `world-atlas`, made into what the app reads.
fn basemap(workspace: &Workspace) -> Outcome {
    const SCRIPT: &str = "app/basemap.mjs";
    if !workspace.root.join(SCRIPT).exists() {
        return Ok(());
    }
    let made = || {
        let folder = workspace.root.join("public/basemap");
        fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
    };
    let build =
        Build { name: "basemap", paths: &[SCRIPT, "package-lock.json"], words: &[], dep_info: Vec::new(), made: &made };
    build.run(workspace, || {
        let mut command = workspace.command("node");
        command.arg(SCRIPT);
        steps::run(workspace, "basemap", &mut command).map(|_| ())
    })
}

/// `worker/build/`: the worker's script and its wasm.
fn worker(workspace: &Workspace) -> Outcome {
    let mut paths = RUST.to_vec();
    paths.extend(["worker/src", "worker/Cargo.toml"]);
    let folder = workspace.root.join("worker/build");
    let build = Build {
        name: "worker",
        paths: &paths,
        words: &[
            format!("wasm-bindgen {}", WASM_BINDGEN.version),
            format!("worker-build {}", WORKER_BUILD.version),
            format!("binaryen {BINARYEN} esbuild {ESBUILD}"),
        ],
        dep_info: vec![dep_info(workspace, "edge", "heliograph_worker")],
        made: &|| folder.join("index.js").is_file() && folder.join("index_bg.wasm").is_file(),
    };
    build.run(workspace, || {
        let mut command = workspace.command(WORKER_BUILD.path(workspace));
        command
            .args(["--profile", "edge", "--out-dir", "build", "."])
            .current_dir(workspace.root.join("worker"))
            .env("PATH", install::path_with_tools(workspace)?)
            // Without these three it downloads its own.
            .env("WASM_BINDGEN_BIN", WASM_BINDGEN.path(workspace))
            .env("WASM_OPT_BIN", tools::wasm_opt(workspace))
            .env("ESBUILD_BIN", tools::esbuild(workspace)?);
        steps::run(workspace, "worker", &mut command).map(drop)
    })
}

/// `dist/`: the site.
fn site(workspace: &Workspace) -> Outcome {
    let mut paths = RUST.to_vec();
    let programs = Table::read()?.programs();
    let pages: Vec<_> = programs.iter().map(Page::file).collect();
    paths.extend(["app", "public", "Trunk.toml", "package-lock.json"]);
    let folder = workspace.root.join("dist");
    let build = Build {
        name: "site",
        paths: &paths,
        words: &[
            format!("wasm-bindgen {}", WASM_BINDGEN.version),
            format!("trunk {}", TRUNK.version),
            format!("binaryen {BINARYEN}"),
            include_str!("inline.rs").to_owned(),
            include_str!("site.rs").to_owned(),
            include_str!("pages.rs").to_owned(),
        ],
        dep_info: programs.iter().map(|page| dep_info(workspace, site::PROFILE, &page.program)).collect(),
        made: &|| pages.iter().all(|page| folder.join(page).is_file()),
    };
    build.run(workspace, || site::build(workspace, &folder))
}

/// The API's description beside the site in `dist/`: the document, its pages, and TypeScript types made from it.
fn description(workspace: &Workspace) -> Outcome {
    const FILES: [&str; 4] = ["openapi.json", "docs.html", "errors.html", "openapi.d.ts"];
    let mut paths = RUST.to_vec();
    paths.extend(["openapi", "package-lock.json"]);
    let folder = workspace.root.join("dist");
    let build = Build {
        name: "description",
        paths: &paths,
        words: &[],
        dep_info: Vec::new(),
        // The site's own build empties the folder.
        made: &|| FILES.iter().all(|file| folder.join(file).is_file()),
    };
    build.run(workspace, || {
        let mut cargo = workspace.cargo("run");
        cargo.args(["--package", "heliograph-openapi", "--"]).arg(&folder);
        steps::run(workspace, "description", &mut cargo)?;
        let mut types = node(workspace)?;
        types
            .arg(workspace.npm("openapi-typescript/bin/cli.js"))
            .arg(folder.join("openapi.json"))
            // What has a default may be left out of a request.
            .arg("--default-non-nullable=false")
            .arg("--output")
            .arg(folder.join("openapi.d.ts"));
        steps::run(workspace, "description types", &mut types).map(|_| ())
    })
}

/// `target/release/heliograph`. Cargo itself knows best, and fast, whether there is anything to do.
fn program(workspace: &Workspace) -> Outcome {
    steps::step("heliograph", || {
        let path = workspace.heliograph();
        let modified = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
        let before = modified(&path);
        let mut command = workspace.cargo("build");
        command.args(["--release", "--package", "heliograph"]);
        steps::run(workspace, "heliograph", &mut command)?;
        Ok(if before.is_some() && before == modified(&path) { Done::Fresh } else { Done::Did("built") })
    })
}

/// Cargo's list of the files a wasm artefact was made from.
pub fn dep_info(workspace: &Workspace, profile: &str, artefact: &str) -> PathBuf {
    workspace.target.join(WASM_TARGET).join(profile).join(format!("{artefact}.d"))
}

/// One build with its inputs and a test for its outputs.
pub struct Build<'a> {
    /// Its name in what is printed.
    pub name: &'static str,
    /// Files and folders it is made from.
    pub paths: &'a [&'a str],
    /// Versions and options.
    pub words: &'a [String],
    /// Cargo's lists of what it read.
    pub dep_info: Vec<PathBuf>,
    /// Whether its outputs are there.
    pub made: &'a dyn Fn() -> bool,
}

impl Build<'_> {
    /// Does the work when an input changed since it was done last.
    pub fn run(self, workspace: &Workspace, work: impl FnOnce() -> Outcome) -> Outcome {
        steps::step(self.name, || {
            let all = Inputs { paths: self.paths, words: self.words, dep_info: self.dep_info };
            let declared = Inputs { dep_info: Vec::new(), ..all };
            let stamp = Stamp::of(workspace, self.name);
            if (self.made)() && stamp.is(&all.fingerprint(workspace)?) {
                return Ok(Done::Fresh);
            }
            stamp.clear();
            let before = declared.fingerprint(workspace)?;
            work()?;
            if !(self.made)() {
                return Err(Failure::new(format!(
                    "{} was built but left nothing where it should; see {}",
                    self.name,
                    workspace.shown(&workspace.logs().join(format!("{}.log", self.name)))
                )));
            }
            // A file saved while the build ran may or may not be in it: then the next run builds again.
            if before == declared.fingerprint(workspace)? {
                stamp.set(&all.fingerprint(workspace)?)?;
            }
            Ok(Done::Did("built"))
        })
    }
}

/// A node command with our tools first on its PATH.
pub fn node(workspace: &Workspace) -> Outcome<Command> {
    let mut command = workspace.command("node");
    command.env("PATH", install::path_with_tools(workspace)?);
    Ok(command)
}
