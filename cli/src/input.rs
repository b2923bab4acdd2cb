//! What a command is given in a file, or on standard input where the file is called `-`.

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::error::CliError;

/// The text of a file.
pub fn text(file: &Path) -> Result<String, CliError> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).map(drop)
    } else {
        std::fs::read_to_string(file).map(|read| text = read)
    };
    read.map_err(|error| CliError::failed(format!("cannot read {}: {error}", file.display())))?;
    Ok(text)
}

/// The JSON of a file; editors may have put a byte-order mark before it.
pub fn json(file: &Path) -> Result<Value, CliError> {
    serde_json::from_str(text(file)?.trim_start_matches('\u{feff}'))
        .map_err(|error| CliError::failed(format!("{} is no JSON: {error}", file.display())))
}

/// An answer of the server as what is put again: without what the server alone says.
pub fn without(mut shown: Value, told: &[&str]) -> Value {
    if let Some(members) = shown.as_object_mut() {
        members.retain(|name, _| !told.contains(&name.as_str()));
    }
    shown
}
