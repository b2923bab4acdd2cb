//! Where the server and the site's files are. That is the page's own origin, unless the page's head says otherwise: a site that
//! was made for another host than the server's (`cargo xtask dist --site`) names the server, and its files have their hash in
//! their name.

use std::collections::HashMap;

use serde::Deserialize;

/// The server's origin.
const SERVER: &str = "heliograph-api";
/// The files that have another name than the programs know, as JSON.
const FILES: &str = "heliograph-files";
/// Below it the server answers; other paths are files of the site.
const API: &str = "/v1/";

/// A file of the site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct File {
    /// Its path.
    pub path: String,
    /// What it must hold (subresource integrity); empty where nobody says.
    #[serde(default)]
    pub integrity: String,
}

fn said(name: &str) -> Option<String> {
    let document = web_sys::window()?.document()?;
    let meta = document.query_selector(&["meta[name=", name, "]"].concat()).ok()??;
    meta.get_attribute("content").filter(|content| !content.is_empty())
}

/// The server's scheme, host and port.
pub fn server() -> String {
    said(SERVER).unwrap_or_else(crate::browser::dom::origin)
}

/// The address of a path of the server or of a file of the site, by the name that programs know.
pub fn address(path: &str) -> String {
    if path.starts_with(API) {
        return said(SERVER).unwrap_or_default() + path;
    }
    file(path).path
}

/// A file of the site by the name that programs know.
pub fn file(path: &str) -> File {
    let found = said(FILES).and_then(|table| named(&table, path));
    found.unwrap_or_else(|| File { path: path.to_owned(), integrity: String::new() })
}

fn named(table: &str, path: &str) -> Option<File> {
    serde_json::from_str::<HashMap<String, File>>(table).ok()?.remove(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_the_name_that_programs_know() {
        let table =
            r#"{"/vendor/a.mjs":{"path":"/vendor/a-1.mjs","integrity":"sha384-x"},"/b.svg":{"path":"/b-2.svg"}}"#;
        let file = named(table, "/vendor/a.mjs").unwrap();
        assert_eq!((file.path.as_str(), file.integrity.as_str()), ("/vendor/a-1.mjs", "sha384-x"));
        assert_eq!(named(table, "/b.svg").unwrap().integrity, "");
        assert_eq!((named(table, "/c"), named("no table", "/b.svg")), (None, None));
    }
}
