//! Compiles the table of texts, `locales/*.json`, into the module that `src/texts.rs` includes.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use leptos_i18n_parser::parse_locales::options::{Config, ParseOptions};
use leptos_i18n_parser::parse_locales::parse_locales;

/// The languages; the first one is the one that others are measured by.
const LANGUAGES: [&str; 1] = ["en"];

fn main() -> Result<(), Box<dyn Error>> {
    let config = Config::new(LANGUAGES[0])?
        .add_locales(&LANGUAGES[1..])?
        // Texts with variables become strings, not only views.
        .parse_options(ParseOptions::new().interpolate_display(true));
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let locales = parse_locales(Some(folder), config)?;
    for file in locales.tracked_files.iter().flatten() {
        println!("cargo::rerun-if-changed={file}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    for error in locales.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    for warning in locales.diag.warnings().iter() {
        println!("cargo::warning={warning}");
    }
    let code = leptos_i18n_codegen::gen_code(&locales, None, false, None, false)?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("texts.rs"), code.to_string())?;
    Ok(())
}
