//! `clients/js/dist/`: the npm package `@heliograph/client`, ready to be packed.

use crate::build::{self, Build};
use crate::steps;
use crate::tools::ESBUILD;
use crate::workspace::Workspace;

/// How it is built.
pub fn definition(workspace: &Workspace) -> Build<'_> {
    const SCRIPT: &str = "clients/js/build.mjs";
    let folder = workspace.root.join("clients/js/dist");
    let outputs = ["index.js", "index.d.ts", "react.js", "vue.js"].map(|file| folder.join(file));
    Build {
        name: "client",
        seconds: |_| 8,
        paths: vec![
            "clients/js/src",
            "clients/js/package.json",
            "clients/js/peers.d.ts",
            "clients/js/tsconfig.json",
            SCRIPT,
            "package-lock.json",
        ],
        words: vec![format!("esbuild {ESBUILD}")],
        dep_info: Box::new(|_| Vec::new()),
        made: Box::new(move || outputs.iter().all(|file| file.is_file())),
        work: Box::new(|_| {
            let mut command = build::node(workspace)?;
            command.arg(SCRIPT);
            steps::run(workspace, "client", &mut command).map(drop)
        }),
    }
}
