//! `cargo xtask deploy`: both scripts to Cloudflare, in the order in which they are bound.
//!
//! Nothing is built before every secret is known to be there, and nothing uploaded before everything is built. Wrangler
//! does the uploading, in the version of `package.json`; where this machine's Node.js is too old for it, one from npm runs it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use serde_json::Value;

use crate::build;
use crate::error::{Explain, Failure, Outcome};
use crate::install;
use crate::steps;
use crate::workspace::Workspace;

/// The scripts' configurations, each after what it is bound to.
const SCRIPTS: [&str; 2] = ["transform/wrangler.toml", "wrangler.toml"];
/// The worker's name on the platform.
const WORKER: &str = "heliograph";
/// Without these the worker serves nothing.
const SECRETS: [&str; 2] = ["HELIOGRAPH_ADMIN_KEY", "HELIOGRAPH_SIGNING_KEY"];

/// Set for wrangler, which runs the build command of the scripts' configurations: this command has built all of it by then.
const BUILT: &str = "HELIOGRAPH_BUILT_BY_DEPLOY";

/// What is known of the worker's secrets.
enum Secrets {
    /// All of them are there or will be.
    Complete,
    /// These are not.
    Missing(Vec<&'static str>),
    /// The platform did not say.
    Unknown(String),
}

/// Whether this process was started by wrangler, which was started by [`deploy`].
pub fn has_built() -> bool {
    std::env::var_os(BUILT).is_some()
}

/// Builds and deploys; a dry run does all but the upload.
pub fn deploy(workspace: &Workspace, secrets: Option<&Path>, dry_run: bool) -> Outcome<ExitCode> {
    // What would be refused after minutes of building is refused before.
    install::require_basics()?;
    install::npm_packages(workspace)?;
    let node = install::node_for_wrangler(workspace)?;
    let given = secrets.map(names).transpose()?.unwrap_or_default();
    match look_up(workspace, &node, &given) {
        Secrets::Complete => steps::say(&format!("  secrets of {WORKER:<13} complete")),
        Secrets::Missing(missing) => return Err(refusal(&missing)),
        Secrets::Unknown(why) if dry_run => {
            steps::say(&format!("  secrets of {WORKER:<13} not looked up: {why}"));
            steps::say(&format!("                           a deployment needs {}", SECRETS.join(" and ")));
        }
        Secrets::Unknown(why) => return Err(Failure::new(format!("the secrets can't be looked up: {why}"))),
    }
    build::for_deployment(workspace, dry_run)?;
    for config in SCRIPTS {
        let mut command = wrangler(workspace, &node);
        command.args(["deploy", "-c", config]);
        if dry_run {
            let bundle = workspace.state.join("deploy").join(config.replace('/', "-"));
            // Wrangler leaves what an earlier run put there.
            let _ = fs::remove_dir_all(&bundle);
            command.args(["--dry-run", "--outdir"]).arg(bundle);
        }
        if let (Some(file), true) = (secrets, config == "wrangler.toml") {
            command.arg("--secrets-file").arg(file);
        }
        let output = steps::run(workspace, &format!("deploy {config}"), &mut command)?;
        for line in output.lines().filter(|line| line.contains("Total Upload") || line.contains(".workers.dev")) {
            steps::say(&format!("  {config:<24} {}", line.trim()));
        }
    }
    steps::say(if dry_run { "dry run: nothing was uploaded" } else { "deployed" });
    Ok(ExitCode::SUCCESS)
}

fn refusal(missing: &[&str]) -> Failure {
    Failure::new(format!(
        "{WORKER} has no {}: set it with `npx wrangler secret put NAME`, or give a JSON file of names and values with --secrets FILE",
        missing.join(" and no ")
    ))
}

fn wrangler(workspace: &Workspace, node: &Path) -> Command {
    let mut command = workspace.command(node);
    command
        .arg(workspace.npm("wrangler/bin/wrangler.js"))
        .env("WRANGLER_SEND_METRICS", "false")
        .env(BUILT, "1")
        // It neither asks nor opens a browser.
        .env("CI", "1");
    command
}

/// The names in a file of secrets; the values stay where they are.
fn names(path: &Path) -> Outcome<BTreeSet<String>> {
    let shown = path.display();
    let text = fs::read_to_string(path).explain(|| format!("can't read {shown}"))?;
    let value: Value = serde_json::from_str(&text).explain(|| format!("{shown} is no JSON"))?;
    let map =
        value.as_object().ok_or_else(|| Failure::new(format!("{shown} is no JSON object of names and values")))?;
    let is_set = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    Ok(map.iter().filter(|(_, value)| is_set(value)).map(|(name, _)| name.clone()).collect())
}

fn look_up(workspace: &Workspace, node: &Path, given: &BTreeSet<String>) -> Secrets {
    if missing(given).is_empty() {
        return Secrets::Complete;
    }
    let mut command = wrangler(workspace, node);
    command.args(["secret", "list", "--name", WORKER, "--format", "json"]);
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => return Secrets::Unknown(format!("wrangler can't be run: {error}")),
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let listed = text.find('[').and_then(|start| serde_json::from_str::<Vec<Value>>(text.get(start..)?).ok());
    match listed {
        Some(list) if output.status.success() => {
            let there = list.iter().filter_map(|secret| secret["name"].as_str()).map(str::to_owned);
            let missing = missing(&given.iter().cloned().chain(there).collect());
            if missing.is_empty() { Secrets::Complete } else { Secrets::Missing(missing) }
        }
        // Before the first deployment there is no such worker, and so no secret.
        Some(_) | None if told(&output).contains("10007") => Secrets::Missing(missing(given)),
        Some(_) | None if !given.is_empty() => Secrets::Missing(missing(given)),
        Some(_) | None => Secrets::Unknown(reason(&told(&output))),
    }
}

fn missing(there: &BTreeSet<String>) -> Vec<&'static str> {
    SECRETS.into_iter().filter(|name| !there.contains(*name)).collect()
}

fn told(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Wrangler's first sentence about what went wrong.
fn reason(text: &str) -> String {
    if text.contains("CLOUDFLARE_API_TOKEN") {
        return "CLOUDFLARE_API_TOKEN is not set".to_owned();
    }
    let line = text.lines().find(|line| line.contains("ERROR")).unwrap_or("wrangler gave no reason");
    line.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn file(name: &str, text: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("xtask-deploy-{}-{name}", std::process::id()));
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn only_secrets_with_a_value_count() {
        let path = file("some.json", r#"{"HELIOGRAPH_ADMIN_KEY":"k","HELIOGRAPH_SIGNING_KEY":" "}"#);
        let names = names(&path).unwrap();
        assert_eq!(missing(&names), ["HELIOGRAPH_SIGNING_KEY"]);
        assert!(refusal(&missing(&names)).to_string().contains("HELIOGRAPH_SIGNING_KEY"));
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_file_that_is_no_object_is_refused() {
        let path = file("list.json", "[]");
        assert!(names(&path).unwrap_err().to_string().contains("no JSON object"));
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn what_is_bound_comes_after_what_it_is_bound_to() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut known = BTreeSet::new();
        for config in SCRIPTS {
            let table: toml::Table = fs::read_to_string(root.join(config)).unwrap().parse().unwrap();
            for service in table.get("services").and_then(toml::Value::as_array).into_iter().flatten() {
                assert!(known.contains(service["service"].as_str().unwrap()), "{config}");
            }
            known.insert(table["name"].as_str().unwrap().to_owned());
        }
        assert!(known.contains(WORKER));
    }
}
