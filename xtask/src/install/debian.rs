//! Programs that Debian packages, for tests and measurements.

use std::env;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Failure, Outcome};
use crate::process;
use crate::steps::{self, Done};
use crate::workspace::Workspace;

/// Whether this run has asked for the list of packages.
static UPDATED: AtomicBool = AtomicBool::new(false);

/// A Chromium for the browser tests: one that is there, or Debian's.
pub fn chromium(workspace: &Workspace) -> Outcome<PathBuf> {
    debian(workspace, "chromium", "or set HELIOGRAPH_CHROMIUM to its path", find_chromium)
}

/// A Redis to be measured beside: one that is there, or Debian's.
pub fn redis_server(workspace: &Workspace) -> Outcome<PathBuf> {
    debian(workspace, "redis-server", "or put it on PATH", || find_program("redis-server"))
}

/// Debian's packages of the brokers that the bridge is tested with, and of what else sources read, and the program of each.
const BROKERS: [(&str, &str); 8] = [
    ("mosquitto", "/usr/sbin/mosquitto"),
    ("mosquitto-clients", "/usr/bin/mosquitto_pub"),
    ("nats-server", "/usr/sbin/nats-server"),
    ("redis-server", "/usr/bin/redis-server"),
    ("redis-tools", "/usr/bin/redis-cli"),
    ("gpsd-clients", "/usr/bin/gpsdecode"),
    ("postgresql", "/usr/bin/pg_ctlcluster"),
    ("prometheus", "/usr/bin/prometheus"),
];

/// Installs them where that can be done. Where it can't, their tests fail and say what to install.
pub fn brokers(workspace: &Workspace) -> Outcome {
    for (package, path) in BROKERS {
        let program = PathBuf::from(path);
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let find = || find_program(&name).or_else(|| program.is_file().then(|| program.clone()));
        let installed = debian(workspace, package, "or put it on PATH", find);
        process::check_stopped()?;
        if let Err(failure) = installed {
            steps::say(&format!("  {package:<23} {failure}"));
        }
    }
    Ok(())
}

/// An nginx to be measured beside: one that is there, or Debian's.
pub fn nginx(workspace: &Workspace) -> Outcome<PathBuf> {
    debian(workspace, "nginx", "or put it on PATH", || {
        let sbin = PathBuf::from("/usr/sbin/nginx");
        find_program("nginx").or_else(|| sbin.is_file().then_some(sbin))
    })
}

/// A program that Debian has as a package of the same name.
fn debian(
    workspace: &Workspace,
    package: &str,
    otherwise: &str,
    find: impl Fn() -> Option<PathBuf>,
) -> Outcome<PathBuf> {
    let mut found = find();
    steps::step(package, || {
        if found.is_some() {
            return Ok(Done::Fresh);
        }
        if find_program("apt-get").is_none() {
            return Err(Failure::new(format!("{package} is missing and there is no apt-get: install it, {otherwise}")));
        }
        if !rustix::process::geteuid().is_root() {
            return Err(Failure::new(format!(
                "{package} is missing: run `sudo apt-get install {package}`, {otherwise}"
            )));
        }
        // Once is enough for all packages.
        if !UPDATED.swap(true, Ordering::Relaxed) {
            let mut command = workspace.command("apt-get");
            command.arg("update").env("DEBIAN_FRONTEND", "noninteractive");
            steps::run(workspace, "apt-get update", &mut command)?;
        }
        let mut command = workspace.command("apt-get");
        command.args(["install", "-y", "--no-install-recommends", package]).env("DEBIAN_FRONTEND", "noninteractive");
        steps::run(workspace, &format!("apt-get {package}"), &mut command)?;
        found = find();
        Ok(Done::Did("installed"))
    })?;
    found.ok_or_else(|| Failure::new(format!("apt-get installed {package} but it is not on PATH")))
}

fn find_chromium() -> Option<PathBuf> {
    env::var_os("HELIOGRAPH_CHROMIUM")
        .map(PathBuf::from)
        .filter(|path| path.is_file())
        .or_else(|| ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| find_program(name)))
}

fn find_program(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}
