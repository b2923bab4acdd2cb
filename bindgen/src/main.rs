//! `wasm-bindgen` as Trunk and `cargo xtask` call it: makes the JavaScript side of a wasm module.
//!
//! The released program is a thin shell of the same library, but is compiled together with a web server and an HTTP
//! client for running tests. A first run would pay for them in minutes.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use wasm_bindgen_cli_support::Bindgen;

/// Makes the JavaScript side of a wasm module.
#[derive(Parser)]
#[command(name = "wasm-bindgen", version)]
struct Arguments {
    /// The module.
    input: PathBuf,
    /// How the module is loaded.
    #[arg(long)]
    target: Target,
    /// Where the files go.
    #[arg(long, value_name = "DIR")]
    out_dir: PathBuf,
    /// Their name without its ending.
    #[arg(long, value_name = "NAME")]
    out_name: Option<String>,
    /// Leave out the types for TypeScript.
    #[arg(long)]
    no_typescript: bool,
    /// Export a function that starts the module anew.
    #[arg(long)]
    experimental_reset_state_function: bool,
    /// Note when the module aborts, also where a panic ends it.
    #[arg(long)]
    force_enable_abort_handler: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Target {
    /// By a script of a page.
    Web,
    /// As a module of a worker.
    Module,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut bindgen = Bindgen::new();
    let target = match arguments.target {
        Target::Web => bindgen.web(true),
        Target::Module => bindgen.module(true),
    };
    let made = target.and_then(|bindgen| {
        if let Some(name) = &arguments.out_name {
            bindgen.out_name(name);
        }
        bindgen
            .input_path(&arguments.input)
            .typescript(!arguments.no_typescript)
            .reset_state_function(arguments.experimental_reset_state_function)
            .force_enable_abort_handler(arguments.force_enable_abort_handler)
            // A page may leave it to the script where the module is.
            .omit_default_module_path(false)
            .generate(&arguments.out_dir)
    });
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}
