//! The one place for the versions of the tools we build with, and where each one lies.
//!
//! `Cargo.lock`, `package.json`, `Trunk.toml`, `workerd.capnp` and `wrangler.toml` repeat some of them because
//! their formats demand it; the tests in `agreement.rs` hold them to this file.

use std::path::PathBuf;

use crate::error::{Failure, Outcome};
use crate::workspace::Workspace;

/// A program that is compiled once, into a folder named by its version.
pub struct Tool {
    /// The program's name, which also names its folder.
    pub program: &'static str,
    /// The exact version.
    pub version: &'static str,
    /// What it is compiled from.
    pub source: Source,
    /// How long that takes on two cores, in seconds.
    pub seconds: u32,
}

/// What a tool is compiled from.
pub enum Source {
    /// A package of this workspace.
    Workspace(&'static str),
    /// A package of the registry, with its own lock file and without its default features.
    Registry(&'static str),
}

/// Makes the JavaScript side of a wasm module. Must equal the crate's version in `Cargo.lock`.
pub const WASM_BINDGEN: Tool =
    Tool { program: "wasm-bindgen", version: "0.2.130", source: Source::Workspace("heliograph-bindgen"), seconds: 30 };

/// Builds the site. The features left out are for downloading tools and news of itself, and for a server with TLS.
pub const TRUNK: Tool = Tool { program: "trunk", version: "0.21.14", source: Source::Registry("trunk"), seconds: 130 };

/// Every program that is compiled.
pub const TOOLS: [&Tool; 2] = [&WASM_BINDGEN, &TRUNK];

/// npm package with the workers' runtime. `package.json` overrides its programs for macOS and Windows with an earlier
/// release, because the registry may not serve theirs of this one yet; the compatibility date suits both.
pub const WORKERD: &str = "1.20261117.1";
/// npm package that bundles the worker's script.
pub const ESBUILD: &str = "0.28.2";
/// npm package with `wasm-opt`.
pub const BINARYEN: &str = "132.0.0";
/// PyPI package that sends made-up requests by the API's description.
pub const SCHEMATHESIS: &str = "4.32.5";
/// PyPI packages that read our Arrow and Parquet in the tests.
pub const COLUMN_READERS: [&str; 4] = ["pandas==3.1.1", "polars==2.1.0", "pyarrow==26.0.1", "duckdb==2.0.1"];
/// PyPI packages that write what sources take, senders' own libraries, and the one that reads `/metrics`.
pub const SOURCE_CLIENTS: [&str; 7] = [
    "gtfs-realtime-bindings==3.0.0",
    "opentelemetry-exporter-otlp-proto-http==1.45.2",
    "pyais==3.3.1",
    "gpxpy==1.6.2",
    "pytak==7.6.1",
    "cloudevents==2.2.0",
    "prometheus-client==0.26.0",
];
/// PyPI packages that check the template in `infra/` and stand in for AWS where it is deployed.
pub const AWS_TEMPLATE: [&str; 3] = ["cfn-lint==1.58.0", "moto[server]==5.2.5", "awscli==1.46.3"];
/// PyPI packages that our Python client and its tests are made of.
pub const PYTHON_CLIENT: [&str; 7] = [
    "websockets==17.4",
    "httpx==0.28.1",
    "pandas==3.1.1",
    "pyarrow==26.0.1",
    "pytest==9.2.0",
    "ipykernel==7.4.0",
    "hatchling==1.33.0",
];
/// The runtime's behaviour we are built for.
#[cfg(test)]
pub const COMPATIBILITY_DATE: &str = "2026-10-20";
/// What the app and the worker compile to.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// The oldest Node.js that has everything the tests use.
pub const NODE_AT_LEAST: (u32, u32) = (20, 11);

/// npm package with the Node.js that runs wrangler where the machine's own is too old for it.
pub const NODE: &str = "22.23.3";
/// The oldest Node.js that runs wrangler.
pub const NODE_FOR_WRANGLER: (u32, u32) = (22, 12);

impl Tool {
    /// The folder this version is installed to.
    pub fn folder(&self, workspace: &Workspace) -> PathBuf {
        workspace.tools.join(format!("{}-{}", self.program, self.version))
    }

    /// The folder of its program, for PATH.
    pub fn bin_folder(&self, workspace: &Workspace) -> PathBuf {
        self.folder(workspace).join("bin")
    }

    /// The program: ours if we have it, else the one on PATH, which `install::tools` has looked at.
    pub fn path(&self, workspace: &Workspace) -> PathBuf {
        let ours = self.bin_folder(workspace).join(self.program);
        if ours.is_file() { ours } else { PathBuf::from(self.program) }
    }
}

/// The `workerd` program of this platform.
pub fn workerd(workspace: &Workspace) -> Outcome<PathBuf> {
    let platform = platform(("darwin", "linux"), ("64", "arm64"))?;
    Ok(workspace.npm("@cloudflare").join(format!("workerd-{platform}/bin/workerd")))
}

/// The `esbuild` program of this platform. Not the wrapper in `.bin`: packages' install scripts never run here.
pub fn esbuild(workspace: &Workspace) -> Outcome<PathBuf> {
    let platform = platform(("darwin", "linux"), ("x64", "arm64"))?;
    Ok(workspace.npm("@esbuild").join(format!("{platform}/bin/esbuild")))
}

/// The npm package with Node.js for this platform.
pub fn node_package() -> Outcome<String> {
    Ok(format!("node-{}", platform(("darwin", "linux"), ("x64", "arm64"))?))
}

/// The `wasm-opt` program.
pub fn wasm_opt(workspace: &Workspace) -> PathBuf {
    workspace.npm(".bin/wasm-opt")
}

fn platform((macos, linux): (&str, &str), (x86_64, aarch64): (&str, &str)) -> Outcome<String> {
    let system = match std::env::consts::OS {
        "macos" => macos,
        "linux" => linux,
        other => {
            return Err(Failure::new(format!("{other} is not supported; use Linux or macOS (on Windows: WSL)")));
        }
    };
    let processor = match std::env::consts::ARCH {
        "x86_64" => x86_64,
        "aarch64" => aarch64,
        other => {
            return Err(Failure::new(format!("there is no workerd for {other}; use x86_64 or aarch64")));
        }
    };
    Ok(format!("{system}-{processor}"))
}
