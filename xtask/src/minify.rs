//! Writes the JavaScript of the site's programs in few letters. Trunk's own minifier gives up on a module that knows its
//! address, as wasm-bindgen writes it, and leaves it as long as it is.

use std::fs;
use std::path::Path;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha384};

use crate::error::{Explain, Outcome};
use crate::steps;
use crate::tools;
use crate::workspace::Workspace;

/// Minifies a program's module beside its built page, and writes the module's new integrity into the page.
pub fn program(workspace: &Workspace, page: &Path, program: &str) -> Outcome {
    let folder = page.parent().unwrap_or(page);
    let read = |path: &Path| fs::read_to_string(path).explain(|| format!("can't read {}", path.display()));
    for entry in fs::read_dir(folder).explain(|| format!("can't list {}", folder.display()))? {
        let path = entry.explain(|| format!("can't list {}", folder.display()))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !is_module(name, program) {
            continue;
        }
        let before = read(&path)?;
        let mut esbuild = workspace.command(tools::esbuild(workspace)?);
        esbuild.arg(&path).args(["--minify", "--format=esm", "--allow-overwrite", "--log-level=warning"]);
        esbuild.arg(format!("--outfile={}", path.display()));
        steps::run(workspace, &format!("letters of {program}"), &mut esbuild)?;
        let text = with_integrity(&read(page)?, &before, &read(&path)?);
        fs::write(page, text).explain(|| format!("can't write {}", page.display()))?;
    }
    Ok(())
}

/// Whether a file is the module of a program, as Trunk names it: with a hash.
fn is_module(name: &str, program: &str) -> bool {
    name.strip_prefix(program)
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|rest| rest.strip_suffix(".js"))
        .is_some()
}

/// The page with the integrity of a file's text of now in place of the one of before.
fn with_integrity(page: &str, before: &str, now: &str) -> String {
    let integrity = |text: &str| format!("sha384-{}", Base64::encode_string(&Sha384::digest(text.as_bytes())));
    page.replace(&integrity(before), &integrity(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_programs_own_module_is_one() {
        assert!(is_module("heliograph-app-0a1b.js", "heliograph-app"));
        for other in ["heliograph-app-0a1b_bg.wasm", "heliograph-scores-1.js", "start-1.js", "heliograph-app.js"] {
            assert!(!is_module(other, "heliograph-app"), "{other}");
        }
    }

    #[test]
    fn the_page_asks_for_what_the_module_is_now() {
        let integrity = |text: &str| format!("sha384-{}", Base64::encode_string(&Sha384::digest(text.as_bytes())));
        let page = |text: &str| format!("<link integrity={} href=/a.js rel=modulepreload>", integrity(text));
        assert_eq!(with_integrity(&page("let a = 1;"), "let a = 1;", "let a=1"), page("let a=1"));
        assert_eq!(with_integrity(&page("other"), "let a = 1;", "let a=1"), page("other"));
    }
}
