//! Compiles the tables of texts, `locales/*.json`, into the module that `src/texts.rs` includes.

use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::{env, fs};

use leptos_i18n_parser::parse_locales::options::parser::{Parser, Seed, SerdeError, Value};
use leptos_i18n_parser::parse_locales::options::{Config, ParseOptions};
use leptos_i18n_parser::parse_locales::parse_locales;
use serde::de::DeserializeSeed;

include!("texts_in_place.rs");

/// The languages; the first one is the one that others are measured by.
const LANGUAGES: [&str; 4] = ["en", "de", "es", "ar"];

/// Forms for numbers that English has none of, in the order in which `src/texts/forms.rs` finds them.
const MORE_FORMS: [&str; 4] = ["zero", "two", "few", "many"];
/// What is between them there.
const BETWEEN_FORMS: &str = "\u{1f}";

/// Reads a table. All languages must have the same keys, and English has the forms `one` and `other`: a language with more
/// has them within `other`.
struct Table;

impl Parser for Table {
    fn deserialize(&self, reader: &mut dyn Read, _: &Path, seed: Seed) -> Result<Value, SerdeError> {
        let mut table = serde_json::from_reader(reader).map_err(SerdeError::custom)?;
        join_forms(&mut table);
        seed.deserialize(table).map_err(SerdeError::custom)
    }

    fn file_extensions(&self) -> &'static [&'static str] {
        &["json"]
    }
}

fn join_forms(table: &mut serde_json::Value) {
    let Some(table) = table.as_object_mut() else { return };
    let more = MORE_FORMS.map(|form| table.remove(form));
    if more.iter().any(Option::is_some) {
        let other = table.get("other").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let mut forms: Vec<&str> =
            more.iter().map(|form| form.as_ref().and_then(serde_json::Value::as_str).unwrap_or(&other)).collect();
        forms.push(&other);
        let joined = forms.join(BETWEEN_FORMS);
        table.insert("other".to_owned(), joined.into());
    }
    table.values_mut().for_each(join_forms);
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = ParseOptions::new()
        .with_custom_parser(Table)
        // A text that a language has not got yet is English; `src/texts/tests.rs` says how many may be.
        .suppress_key_warnings(true)
        // Texts with variables become strings, not only views.
        .interpolate_display(true);
    let config = Config::new(LANGUAGES[0])?.add_locales(&LANGUAGES[1..])?.parse_options(options);
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let locales = parse_locales(Some(folder), config)?;
    for file in locales.tracked_files.iter().flatten() {
        println!("cargo::rerun-if-changed={file}");
    }
    for file in ["build.rs", "texts_in_place.rs"] {
        println!("cargo::rerun-if-changed={file}");
    }
    for error in locales.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    for warning in locales.diag.warnings().iter() {
        println!("cargo::warning={warning}");
    }
    let code = leptos_i18n_codegen::gen_code(&locales, None, false, None, false)?;
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("texts.rs"), in_place(&code.to_string())?)?;
    Ok(())
}
