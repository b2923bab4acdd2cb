//! Builds the pages of the site side by side into one folder.
//!
//! All pages' programs come from one crate: Cargo builds them in one go, so that they share their dependencies. Trunk
//! makes one page at a time and empties its folder first: each page gets a folder of its own and moves from there.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::build;
use crate::error::{Explain, Outcome};
use crate::inline;
use crate::install;
use crate::minify;
use crate::pages::Table;
use crate::profile::Profile;
use crate::steps;
use crate::tools::{TRUNK, WASM_TARGET};
use crate::workspace::Workspace;

/// Builds all pages into the folder, which holds nothing else afterwards.
pub fn build(workspace: &Workspace, profile: Profile, folder: &Path) -> Outcome {
    steps::run(workspace, "site programs", &mut programs(workspace, profile))?;
    let table = Table::read()?;
    let sources = table.write(workspace, profile)?;
    let pages = table.programs();
    let staged: Vec<_> =
        pages.iter().map(|page| (workspace.state.join("site").join(&page.name), page.file(), &page.program)).collect();
    for (made, file, program) in &staged {
        let mut trunk = workspace.command(TRUNK.path(workspace));
        trunk
            .args(["build", "--release=true", "--offline", "--skip-version-check", "--html-output", file, "--dist"])
            .arg(made)
            .arg(sources.join(file))
            .env("PATH", install::path_with_tools(workspace)?)
            // Trunk takes the common NO_COLOR=1 for a broken option.
            .env_remove("NO_COLOR");
        profile.prepare(workspace, &mut trunk);
        steps::run(workspace, &format!("site {file}"), &mut trunk)?;
        minify::program(workspace, &made.join(file), program)?;
        inline::move_scripts(&made.join(file))?;
    }
    empty(folder)?;
    for (made, ..) in &staged {
        move_all(made, folder)?;
    }
    Ok(())
}

/// The command that compiles the programs of all pages.
pub fn programs(workspace: &Workspace, profile: Profile) -> Command {
    let mut cargo = workspace.cargo("build");
    cargo.args(["--package", "heliograph-app", "--bins", "--profile", profile.wasm(), "--target", WASM_TARGET]);
    profile.prepare(workspace, &mut cargo);
    cargo
}

/// Makes the folder for a static host of what was built, for pages that find the server at `api`, or at their own address.
pub fn pack(workspace: &Workspace, folder: &Path, api: &str) -> Outcome {
    // What was typed is meant from where it was typed.
    let folder = std::path::absolute(folder).explain(|| format!("can't tell where {} is", folder.display()))?;
    let mut command = build::node(workspace)?;
    command.arg("app/pack/pack.mjs").args(["--from", "dist", "--to"]).arg(&folder).arg(format!("--api={api}"));
    let said = steps::run(workspace, "static site", &mut command)?;
    steps::say(&format!("  static site in {}: {}", folder.display(), said.trim()));
    Ok(())
}

/// The folder itself stays: a server may be looking at it.
fn empty(folder: &Path) -> Outcome {
    fs::create_dir_all(folder).explain(|| format!("can't make {}", folder.display()))?;
    for path in entries(folder)? {
        let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        gone.explain(|| format!("can't remove {}", path.display()))?;
    }
    Ok(())
}

/// Files that pages share have the same name, which holds their hash, and the same content.
fn move_all(from: &Path, to: &Path) -> Outcome {
    for path in entries(from)? {
        let Some(name) = path.file_name() else { continue };
        let target = to.join(name);
        if path.is_dir() && target.is_dir() {
            move_all(&path, &target)?;
            continue;
        }
        fs::rename(&path, &target).explain(|| format!("can't move {} to {}", path.display(), target.display()))?;
    }
    Ok(())
}

fn entries(folder: &Path) -> Outcome<Vec<std::path::PathBuf>> {
    let entries = fs::read_dir(folder).explain(|| format!("can't list {}", folder.display()))?;
    Ok(entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_files_meet_and_old_ones_go() {
        let root = std::env::temp_dir().join(format!("xtask-site-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let [one, two, all] = ["one", "two", "all"].map(|name| root.join(name));
        for (folder, page) in [(&one, "a.html"), (&two, "b.html"), (&all, "old.html")] {
            fs::create_dir_all(folder.join("vendor")).unwrap();
            fs::write(folder.join(page), page).unwrap();
            fs::write(folder.join("base-1.css"), "p {}").unwrap();
            fs::write(folder.join("vendor").join(format!("{page}.js")), "").unwrap();
        }
        empty(&all).unwrap();
        move_all(&one, &all).unwrap();
        move_all(&two, &all).unwrap();
        let mut names: Vec<_> =
            entries(&all).unwrap().into_iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        names.sort();
        assert_eq!(names, ["a.html", "b.html", "base-1.css", "vendor"]);
        assert_eq!(entries(&all.join("vendor")).unwrap().len(), 2);
        fs::remove_dir_all(&root).unwrap();
    }
}
