//! Builds the worker, the site and the command-line program, each only when its inputs changed.

use std::fs::{self, File, TryLockError};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::error::{Explain, Failure, Outcome};
use crate::fingerprint::{Inputs, Stamp};
use crate::install;
use crate::pages::{Page, Table};
use crate::plan::{self, Planned};
use crate::process;
use crate::site;
use crate::steps::{self, Done};
use crate::tools::{BINARYEN, ESBUILD, TOOLS, TRUNK, WASM_BINDGEN, WASM_TARGET};
use crate::transform;
use crate::worker;
use crate::workspace::{Workspace, make_folder};

/// Files that take part in every build of Rust code.
const RUST: [&str; 4] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "shared"];

/// How much the compiler is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// What runs on this machine for its developer: built in minutes, and larger and slower than what is shipped.
    Quick,
    /// What is shipped, measured and tested.
    Full,
}

impl Effort {
    /// The Cargo profile of wasm, which is its folder below `target/wasm32-unknown-unknown`.
    pub fn wasm_profile(self) -> &'static str {
        match self {
            Self::Quick => "local",
            Self::Full => "wasm",
        }
    }

    fn word(self) -> String {
        match self {
            Self::Quick => "quick".to_owned(),
            Self::Full => "full".to_owned(),
        }
    }
}

/// Installs what is missing and builds everything.
pub fn set_up(workspace: &Workspace) -> Outcome {
    make(workspace, Effort::Full, |workspace| {
        Ok(vec![
            basemap(workspace),
            worker(workspace),
            transform::definition(workspace),
            site(workspace)?,
            description(workspace),
            program(workspace),
        ])
    })
}

/// Installs what is missing and builds what a measurement needs: the worker and the command-line program.
pub fn servers(workspace: &Workspace) -> Outcome {
    make(workspace, Effort::Full, |workspace| {
        Ok(vec![worker(workspace), transform::definition(workspace), program(workspace)])
    })
}

/// Installs what is missing and builds, quickly, what runs here.
pub fn for_this_machine(workspace: &Workspace) -> Outcome {
    make(workspace, Effort::Quick, |workspace| {
        Ok(vec![
            basemap(workspace),
            worker(workspace),
            transform::definition(workspace),
            site(workspace)?,
            program(workspace),
        ])
    })
}

/// Builds what nobody looks at first: the pages that describe the API. Says nothing when they are there.
pub fn leisurely(workspace: &Workspace) -> Outcome {
    let _lock = only_one(workspace)?;
    let description = description(workspace);
    if description.made_with(workspace, Effort::Quick)?.is_some() {
        return Ok(());
    }
    description.run(workspace, Effort::Quick)
}

fn make(workspace: &Workspace, effort: Effort, builds: impl FnOnce(&Workspace) -> Outcome<Vec<Build<'_>>>) -> Outcome {
    install::require_basics()?;
    let _lock = only_one(workspace)?;
    let builds = builds(workspace)?;
    plan::start(to_do(workspace, effort, &builds)?);
    install::wasm_target(workspace)?;
    install::tools(workspace)?;
    install::npm_packages(workspace)?;
    for build in &builds {
        build.run(workspace, effort)?;
    }
    Ok(())
}

/// What is missing, and how long each takes.
fn to_do(workspace: &Workspace, effort: Effort, builds: &[Build<'_>]) -> Outcome<Vec<Planned>> {
    let mut steps = Vec::new();
    for tool in TOOLS {
        if !install::is_installed(workspace, tool) {
            steps.push(Planned { name: install::tool_step(tool), seconds: tool.seconds });
        }
    }
    if !install::has_npm_packages(workspace)? {
        steps.push(Planned { name: install::NPM_PACKAGES.to_owned(), seconds: 25 });
    }
    for build in builds {
        if build.made_with(workspace, effort)?.is_none() {
            let (quick, full) = build.seconds;
            let seconds = if effort == Effort::Quick { quick } else { full };
            steps.push(Planned { name: build.name.to_owned(), seconds });
        }
    }
    Ok(steps)
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
fn basemap(workspace: &Workspace) -> Build<'_> {
    const SCRIPT: &str = "app/basemap.mjs";
    Build {
        name: "basemap",
        seconds: (2, 2),
        paths: vec![SCRIPT, "package-lock.json"],
        words: Vec::new(),
        dep_info: Box::new(|_| Vec::new()),
        made: Box::new(|_| {
            let folder = workspace.root.join("public/basemap");
            fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
        }),
        work: Box::new(|_| {
            let mut command = workspace.command("node");
            command.arg(SCRIPT);
            steps::run(workspace, "basemap", &mut command).map(drop)
        }),
    }
}

/// `worker/build/`: the worker's script and its wasm.
fn worker(workspace: &Workspace) -> Build<'_> {
    let folder = workspace.root.join("worker/build");
    let outputs = ["index.js", "index_bg.wasm"].map(|file| folder.join(file));
    Build {
        name: "worker",
        seconds: (40, 120),
        paths: [&RUST[..], &["worker/src", "worker/Cargo.toml"]].concat(),
        words: vec![
            format!("wasm-bindgen {}", WASM_BINDGEN.version),
            format!("binaryen {BINARYEN} esbuild {ESBUILD}"),
            include_str!("worker.rs").to_owned(),
        ],
        dep_info: Box::new(|effort| vec![dep_info(workspace, effort, "heliograph_worker")]),
        made: Box::new(move |_| outputs.iter().all(|file| file.is_file())),
        work: Box::new(move |effort| worker::build(workspace, effort, &folder)),
    }
}

/// `dist/`: the site.
fn site(workspace: &Workspace) -> Outcome<Build<'_>> {
    let programs = Table::read()?.programs();
    let pages: Vec<_> = programs.iter().map(Page::file).collect();
    let folder = workspace.root.join("dist");
    let outputs: Vec<_> = pages.iter().map(|page| folder.join(page)).collect();
    Ok(Build {
        name: "site",
        seconds: (100, 240),
        paths: [&RUST[..], &["app", "public", "Trunk.toml", "package-lock.json"]].concat(),
        words: vec![
            format!("wasm-bindgen {}", WASM_BINDGEN.version),
            format!("trunk {}", TRUNK.version),
            format!("binaryen {BINARYEN}"),
            include_str!("inline.rs").to_owned(),
            include_str!("site.rs").to_owned(),
            include_str!("pages.rs").to_owned(),
        ],
        dep_info: Box::new(move |effort| {
            programs.iter().map(|page| dep_info(workspace, effort, &page.program)).collect()
        }),
        made: Box::new(move |_| outputs.iter().all(|page| page.is_file())),
        work: Box::new(move |effort| site::build(workspace, effort, &folder)),
    })
}

/// The API's description beside the site in `dist/`: the document, its pages, and TypeScript types made from it.
fn description(workspace: &Workspace) -> Build<'_> {
    const FILES: [&str; 4] = ["openapi.json", "docs.html", "errors.html", "openapi.d.ts"];
    let folder = workspace.root.join("dist");
    let outputs = FILES.map(|file| folder.join(file));
    Build {
        name: "description",
        seconds: (30, 30),
        paths: [&RUST[..], &["openapi", "package-lock.json"]].concat(),
        words: Vec::new(),
        dep_info: Box::new(|_| Vec::new()),
        // The site's own build empties the folder.
        made: Box::new(move |_| outputs.iter().all(|file| file.is_file())),
        work: Box::new(move |_| {
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
            steps::run(workspace, "description types", &mut types).map(drop)
        }),
    }
}

/// The command-line program: `target/release/heliograph`, whatever the effort, so that it has one name.
fn program(workspace: &Workspace) -> Build<'_> {
    Build {
        name: "heliograph",
        seconds: (50, 150),
        paths: [&RUST[..], &["cli"]].concat(),
        words: Vec::new(),
        dep_info: Box::new(|effort| {
            let folder = if effort == Effort::Full { "release" } else { "debug" };
            vec![workspace.target.join(folder).join("heliograph.d")]
        }),
        made: Box::new(|_| workspace.heliograph().is_file()),
        work: Box::new(|effort| {
            let mut command = workspace.cargo("build");
            command.args(["--package", "heliograph"]);
            if effort == Effort::Full {
                command.arg("--release");
                return steps::run(workspace, "heliograph", &mut command).map(drop);
            }
            steps::run(workspace, "heliograph", &mut command)?;
            let (made, kept) = (workspace.target.join("debug/heliograph"), workspace.heliograph());
            make_folder(&workspace.target.join("release"))?;
            // Never into the file: Cargo keeps the same one under another name.
            let _ = fs::remove_file(&kept);
            fs::copy(&made, &kept).map(drop).explain(|| format!("can't copy {} to {}", made.display(), kept.display()))
        }),
    }
}

/// Cargo's list of the files a wasm artefact was made from.
pub fn dep_info(workspace: &Workspace, effort: Effort, artefact: &str) -> PathBuf {
    workspace.target.join(WASM_TARGET).join(effort.wasm_profile()).join(format!("{artefact}.d"))
}

/// One build with its inputs and a test for its outputs.
pub struct Build<'a> {
    /// Its name in what is printed.
    pub name: &'static str,
    /// How long it takes on two cores with quick and with full effort, everything it needs included.
    pub seconds: (u32, u32),
    /// Files and folders it is made from.
    pub paths: Vec<&'static str>,
    /// Versions and options.
    pub words: Vec<String>,
    /// Cargo's lists of what it read.
    pub dep_info: Box<dyn Fn(Effort) -> Vec<PathBuf> + 'a>,
    /// Whether its outputs are there.
    pub made: Box<dyn Fn(Effort) -> bool + 'a>,
    /// Makes them.
    pub work: Box<dyn Fn(Effort) -> Outcome + 'a>,
}

impl Build<'_> {
    /// The effort that the outputs were made with, if they are there, are of the present inputs, and are enough.
    fn made_with(&self, workspace: &Workspace, effort: Effort) -> Outcome<Option<Effort>> {
        let stamp = Stamp::of(workspace, self.name);
        for made in [Effort::Full, effort] {
            if (self.made)(made) && stamp.is(&self.fingerprint(workspace, made, (self.dep_info)(made))?) {
                return Ok(Some(made));
            }
        }
        Ok(None)
    }

    fn fingerprint(&self, workspace: &Workspace, effort: Effort, dep_info: Vec<PathBuf>) -> Outcome<String> {
        let words: Vec<String> = self.words.iter().cloned().chain([effort.word()]).collect();
        Inputs { paths: &self.paths, words: &words, dep_info }.fingerprint(workspace)
    }

    /// Does the work when an input changed since it was done last.
    pub fn run(&self, workspace: &Workspace, effort: Effort) -> Outcome {
        steps::step(self.name, || {
            if self.made_with(workspace, effort)?.is_some() {
                return Ok(Done::Fresh);
            }
            let stamp = Stamp::of(workspace, self.name);
            stamp.clear();
            let before = self.fingerprint(workspace, effort, Vec::new())?;
            (self.work)(effort)?;
            if !(self.made)(effort) {
                return Err(Failure::new(format!(
                    "{} was built but left nothing where it should; see {}",
                    self.name,
                    workspace.shown(&workspace.logs().join(format!("{}.log", self.name)))
                )));
            }
            // A file saved while the build ran may or may not be in it: then the next run builds again.
            if before == self.fingerprint(workspace, effort, Vec::new())? {
                stamp.set(&self.fingerprint(workspace, effort, (self.dep_info)(effort))?)?;
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
