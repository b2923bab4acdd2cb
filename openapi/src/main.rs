//! `heliograph-openapi FOLDER` writes the API's description and its pages into a folder.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: heliograph-openapi FOLDER");
        return ExitCode::FAILURE;
    };
    let document = heliograph_openapi::document();
    let files = [
        ("openapi.json", format!("{document}\n")),
        ("docs.html", heliograph_openapi::page::operations(&document)),
        ("errors.html", heliograph_openapi::page::errors()),
    ];
    for (name, content) in files {
        let path = folder.join(name);
        if let Err(error) = std::fs::write(&path, content) {
            eprintln!("error: can't write {}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
