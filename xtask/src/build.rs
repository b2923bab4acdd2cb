//! Builds the worker, the site and the command-line program, each only when its inputs changed.

use std::fs::{File, TryLockError};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::client;
use crate::error::{Explain, Failure, Outcome};
use crate::fingerprint::{Inputs, Stamp};
use crate::install;
use crate::native;
use crate::pages::{Page, Table};
use crate::plan::{self, Planned};
use crate::process;
use crate::profile::Profile;
use crate::site;
use crate::steps::{self, Done};
use crate::tools::{BINARYEN, ESBUILD, TOOLS, TRUNK, WASM_BINDGEN, WASM_TARGET};
use crate::transform;
use crate::worker;
use crate::workspace::{Workspace, make_folder};

/// Files that take part in every build of Rust code.
const RUST: [&str; 4] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "shared"];

/// Installs what is missing and builds everything.
pub fn set_up(workspace: &Workspace) -> Outcome {
    in_full(workspace, Profile::Full, Some(Profile::Full))
}

/// As [`set_up`], with the site as it is built for this machine and the program as the Rust tests compile it: optimising the
/// site's programs one by one takes longer than all that is tested with them.
pub fn for_tests(workspace: &Workspace) -> Outcome {
    in_full(workspace, Profile::Tests, Some(Profile::Tests))
}

/// As [`set_up`], without the program. What is not uploaded takes the site as it is built for this machine.
pub fn for_deployment(workspace: &Workspace, dry_run: bool) -> Outcome {
    in_full(workspace, if dry_run { Profile::Quick } else { Profile::Full }, None)
}

fn in_full(workspace: &Workspace, of_site: Profile, of_program: Option<Profile>) -> Outcome {
    make(workspace, |workspace| {
        let mut builds = all(workspace, Profile::Full, of_site, of_program)?;
        // The site's own build empties the folder.
        builds.push((description(workspace, of_program == Some(Profile::Tests)), Profile::Full));
        builds.push((client::definition(workspace), Profile::Full));
        Ok(builds)
    })
}

/// Installs what is missing and builds what a measurement needs: the worker and the command-line program.
pub fn servers(workspace: &Workspace) -> Outcome {
    make(workspace, |workspace| {
        let builds = [worker(workspace), transform::definition(workspace), program(workspace)];
        Ok(builds.into_iter().map(|build| (build, Profile::Full)).collect())
    })
}

/// Installs what is missing and builds what a measurement in a browser needs besides its own program: the basemap.
pub fn for_pages(workspace: &Workspace) -> Outcome {
    make(workspace, |workspace| Ok(vec![(basemap(workspace), Profile::Full)]))
}

/// Installs what is missing and builds what runs here, unless it is there in full.
pub fn for_this_machine(workspace: &Workspace) -> Outcome {
    make(workspace, |workspace| all(workspace, Profile::Quick, Profile::Quick, Some(Profile::Core)))
}

/// Builds what nobody looks at first: the whole program, and the pages that describe the API. Says nothing when they are there.
pub fn leisurely(workspace: &Workspace) -> Outcome {
    let _lock = only_one(workspace)?;
    for (build, profile) in [(description(workspace, false), Profile::Full), (program(workspace), Profile::Quick)] {
        if !build.is_fresh(workspace, profile)? {
            build.run(workspace, profile)?;
        }
    }
    Ok(())
}

type Builds<'a> = Vec<(Build<'a>, Profile)>;

/// What a server with its site and the program needs. The interpreter is always built in full: its fuel is measured in its own
/// functions and loops.
fn all(
    workspace: &Workspace,
    of_worker: Profile,
    of_site: Profile,
    of_program: Option<Profile>,
) -> Outcome<Builds<'_>> {
    let mut builds = vec![
        (basemap(workspace), Profile::Full),
        (worker(workspace), of_worker),
        (transform::definition(workspace), Profile::Full),
        (site(workspace)?, of_site),
    ];
    builds.extend(of_program.map(|profile| (program(workspace), profile)));
    Ok(builds)
}

fn make(workspace: &Workspace, builds: impl FnOnce(&Workspace) -> Outcome<Builds<'_>>) -> Outcome {
    install::require_basics()?;
    let _lock = only_one(workspace)?;
    let builds = builds(workspace)?;
    plan::start(to_do(workspace, &builds)?);
    install::wasm_target(workspace)?;
    install::tools(workspace)?;
    install::npm_packages(workspace)?;
    for (build, profile) in &builds {
        build.run(workspace, *profile)?;
    }
    Ok(())
}

/// What is missing, and how long each takes.
fn to_do(workspace: &Workspace, builds: &Builds<'_>) -> Outcome<Vec<Planned>> {
    let mut steps = Vec::new();
    for tool in TOOLS {
        if !install::is_installed(workspace, tool) {
            steps.push(Planned { name: install::tool_step(tool), seconds: tool.seconds });
        }
    }
    if !install::has_npm_packages(workspace)? {
        steps.push(Planned { name: install::NPM_PACKAGES.to_owned(), seconds: 25 });
    }
    for (build, profile) in builds {
        if !build.is_fresh(workspace, *profile)? {
            steps.push(Planned { name: build.name.to_owned(), seconds: (build.seconds)(*profile) });
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
        seconds: |_| 2,
        paths: vec![SCRIPT, "package-lock.json"],
        words: Vec::new(),
        dep_info: Box::new(|_| Vec::new()),
        made: Box::new(|| {
            let folder = workspace.root.join("public/basemap");
            ["world.json", "labels.json", "land.svg"].iter().all(|file| folder.join(file).is_file())
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
        seconds: |profile| if profile == Profile::Full { 250 } else { 160 },
        paths: [&RUST[..], &["worker/src", "worker/Cargo.toml"]].concat(),
        words: vec![
            format!("wasm-bindgen {}", WASM_BINDGEN.version),
            format!("binaryen {BINARYEN} esbuild {ESBUILD}"),
            include_str!("worker.rs").to_owned(),
        ],
        dep_info: Box::new(|profile| vec![dep_info(workspace, profile, "heliograph_worker")]),
        made: Box::new(move || outputs.iter().all(|file| file.is_file())),
        work: Box::new(move |profile| worker::build(workspace, profile, &folder)),
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
        seconds: |profile| if profile == Profile::Full { 330 } else { 130 },
        paths: [&RUST[..], &["app", "public", "Trunk.toml", "package-lock.json"]].concat(),
        words: vec![
            format!("wasm-bindgen {}", WASM_BINDGEN.version),
            format!("trunk {}", TRUNK.version),
            format!("binaryen {BINARYEN}"),
            include_str!("inline.rs").to_owned(),
            include_str!("site.rs").to_owned(),
            include_str!("pages.rs").to_owned(),
        ],
        dep_info: Box::new(move |profile| {
            programs.iter().map(|page| dep_info(workspace, profile, &page.program)).collect()
        }),
        made: Box::new(move || outputs.iter().all(|page| page.is_file())),
        work: Box::new(move |profile| site::build(workspace, profile, &folder)),
    })
}

/// The API's description beside the site in `dist/`: the document, its pages, and TypeScript types made from it. Its program is
/// there already after the Rust tests' were compiled.
fn description(workspace: &Workspace, compiled: bool) -> Build<'_> {
    const FILES: [&str; 4] = ["openapi.json", "docs.html", "errors.html", "openapi.d.ts"];
    let folder = workspace.root.join("dist");
    let outputs = FILES.map(|file| folder.join(file));
    Build {
        name: "description",
        seconds: |_| 30,
        paths: [&RUST[..], &["openapi", "package-lock.json"]].concat(),
        words: Vec::new(),
        dep_info: Box::new(|_| Vec::new()),
        // The site's own build empties the folder.
        made: Box::new(move || outputs.iter().all(|file| file.is_file())),
        work: Box::new(move |_| {
            let mut write = if compiled {
                workspace.command(workspace.target.join("debug/heliograph-openapi"))
            } else {
                let mut cargo = workspace.cargo("run");
                cargo.args(["--package", "heliograph-openapi", "--"]);
                cargo
            };
            steps::run(workspace, "description", write.arg(&folder))?;
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

/// The command-line program: `target/release/heliograph`.
fn program(workspace: &Workspace) -> Build<'_> {
    Build {
        name: "heliograph",
        seconds: |profile| if profile == Profile::Full { 180 } else { 70 },
        paths: [&RUST[..], &["cli"]].concat(),
        words: Vec::new(),
        dep_info: Box::new(|profile| vec![workspace.target.join(profile.native()).join("heliograph.d")]),
        made: Box::new(|| workspace.heliograph().is_file()),
        work: Box::new(|profile| {
            steps::run(workspace, "heliograph", &mut compile_program(workspace, profile))?;
            let (built, kept) = (workspace.target.join(profile.native()).join("heliograph"), workspace.heliograph());
            if built == kept {
                return Ok(());
            }
            make_folder(&workspace.target.join("release"))?;
            // One that runs can't be written over.
            let _ = std::fs::remove_file(&kept);
            std::fs::copy(&built, &kept).explain(|| format!("can't write {}", kept.display())).map(drop)
        }),
    }
}

fn compile_program(workspace: &Workspace, profile: Profile) -> Command {
    if profile == Profile::Tests {
        // The same command as the suite's: what is compiled for one of them is there for the other.
        return native::test(workspace, true);
    }
    let mut command = workspace.cargo("build");
    command.args(["--package", "heliograph", "--profile", profile.native()]);
    if profile == Profile::Core {
        // Neither brokers nor Parquet.
        command.arg("--no-default-features");
    }
    command
}

/// Cargo's list of the files a wasm artefact was made from.
pub fn dep_info(workspace: &Workspace, profile: Profile, artefact: &str) -> PathBuf {
    workspace.target.join(WASM_TARGET).join(profile.wasm()).join(format!("{artefact}.d"))
}

/// One build with its inputs and a test for its outputs.
pub struct Build<'a> {
    /// Its name in what is printed.
    pub name: &'static str,
    /// How long it takes on two cores everything it needs included.
    pub seconds: fn(Profile) -> u32,
    /// Files and folders it is made from.
    pub paths: Vec<&'static str>,
    /// Versions and options.
    pub words: Vec<String>,
    /// Cargo's lists of what it read.
    pub dep_info: Box<dyn Fn(Profile) -> Vec<PathBuf> + 'a>,
    /// Whether its outputs are there.
    pub made: Box<dyn Fn() -> bool + 'a>,
    /// Makes them.
    pub work: Box<dyn Fn(Profile) -> Outcome + 'a>,
}

impl Build<'_> {
    /// Whether the outputs are there, are of the present inputs, and are at least as good.
    fn is_fresh(&self, workspace: &Workspace, profile: Profile) -> Outcome<bool> {
        if !(self.made)() {
            return Ok(false);
        }
        let stamp = Stamp::of(workspace, self.name);
        for profile in profile.or_better() {
            if stamp.is(&self.fingerprint(workspace, *profile, (self.dep_info)(*profile))?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn fingerprint(&self, workspace: &Workspace, profile: Profile, dep_info: Vec<PathBuf>) -> Outcome<String> {
        let words = [&[format!("{profile:?}")], &self.words[..]].concat();
        Inputs { paths: &self.paths, words: &words, dep_info }.fingerprint(workspace)
    }

    /// Does the work when an input changed since it was done last.
    pub fn run(&self, workspace: &Workspace, profile: Profile) -> Outcome {
        steps::step(self.name, || {
            if self.is_fresh(workspace, profile)? {
                return Ok(Done::Fresh);
            }
            let stamp = Stamp::of(workspace, self.name);
            stamp.clear();
            let before = self.fingerprint(workspace, profile, Vec::new())?;
            (self.work)(profile)?;
            if !(self.made)() {
                return Err(Failure::new(format!(
                    "{} was built but left nothing where it should; see {}",
                    self.name,
                    workspace.shown(&workspace.logs().join(format!("{}.log", self.name)))
                )));
            }
            // A file saved while the build ran may or may not be in it: then the next run builds again.
            if before == self.fingerprint(workspace, profile, Vec::new())? {
                stamp.set(&self.fingerprint(workspace, profile, (self.dep_info)(profile))?)?;
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
