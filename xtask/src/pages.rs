//! The site's pages: rows of one table (`app/site/pages.json`), made from one frame (`app/site/frame.html`; for the frames of
//! other sites `app/site/embed.html`) with words from the table of texts (`app/locales/en.json`, under `site`).
//!
//! The worker reads the first table too, for the addresses.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Explain, Outcome};
use crate::profile::Profile;
use crate::workspace::Workspace;

const TABLE: &str = include_str!("../../app/site/pages.json");
const FRAME: &str = include_str!("../../app/site/frame.html");
const EMBED: &str = include_str!("../../app/site/embed.html");
const TEXTS: &str = include_str!("../../app/locales/en.json");

/// The folder of the pages that Trunk takes, below the repository's root; it reads no absolute paths.
const FOLDER: &str = ".heliograph/pages";
/// The way back from there.
const ROOT: &str = "../..";

/// What wasm-opt may use: all browsers of the last years have it.
const WASM_FEATURES: &str = "--enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
    --enable-mutable-globals --enable-reference-types --enable-multivalue";

/// The program of the map.
const MAP_PROGRAM: &str = "heliograph-app";
/// How wasm-opt leaves functions where they are.
const FUNCTIONS_APART: &str = " --one-caller-inline-max-function-size=10 --always-inline-max-function-size=0";

/// All pages, and the style sheets that they load.
#[derive(Deserialize)]
pub struct Table {
    /// A sheet's name with the files in `app/style` that it is made of, in this order.
    styles: BTreeMap<String, Vec<String>>,
    pages: Vec<Row>,
    #[serde(skip)]
    words: Words,
}

/// The table of texts, as far as pages have words before their program runs.
#[derive(Deserialize)]
struct Texts {
    site: Words,
}

/// Texts by their names.
type Named = BTreeMap<String, String>;

/// The words of the frame, and of each page.
#[derive(Default, Deserialize)]
struct Words {
    frame: Named,
    pages: BTreeMap<String, Named>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    #[cfg(test)]
    #[serde(default)]
    routes: Vec<String>,
    #[serde(flatten)]
    program: Option<Page>,
}

/// What a page is made from.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Frame {
    /// A page of its own.
    #[default]
    Page,
    /// One that other sites show.
    Embed,
}

/// A page with a program; pages without one come from the API's description.
#[derive(Clone, Deserialize)]
pub struct Page {
    /// Its name, without the ending.
    #[serde(default)]
    pub name: String,
    /// The program it starts.
    pub program: String,
    /// Its words and the frame's, by the names that the frame has for them.
    #[serde(skip)]
    words: Named,
    #[serde(default)]
    frame: Frame,
    styles: Vec<String>,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    vendor: Vec<String>,
}

impl Table {
    /// The table in the repository.
    pub fn read() -> Outcome<Self> {
        let table: Self =
            serde_json::from_str(TABLE).explain(|| "app/site/pages.json is not as it should be".to_owned())?;
        let texts: Texts =
            serde_json::from_str(TEXTS).explain(|| "app/locales/en.json is not as it should be".to_owned())?;
        Ok(Self { words: texts.site, ..table })
    }

    /// The pages with a program.
    pub fn programs(&self) -> Vec<Page> {
        let named = |row: &Row| {
            let words = self.words.of(&row.name);
            row.program.clone().map(|page| Page { name: row.name.clone(), words, ..page })
        };
        self.pages.iter().filter_map(named).collect()
    }

    /// Writes each page for Trunk and the sheets beside them, for programs of this profile, and says where.
    pub fn write(&self, workspace: &Workspace, profile: Profile) -> Outcome<PathBuf> {
        let folder = workspace.root.join(FOLDER);
        fs::create_dir_all(&folder).explain(|| format!("can't make {}", folder.display()))?;
        for (name, parts) in &self.styles {
            let mut sheet = String::new();
            for part in parts {
                let path = workspace.root.join("app/style").join(part);
                sheet.push_str(&fs::read_to_string(&path).explain(|| format!("can't read {}", path.display()))?);
                sheet.push('\n');
            }
            write(&folder.join(format!("{name}.css")), &sheet)?;
        }
        for page in self.programs() {
            write(&folder.join(page.file()), &page.html(profile))?;
        }
        Ok(folder)
    }
}

impl Words {
    /// What the frame's places are filled with on a page.
    fn of(&self, page: &str) -> Named {
        let named = |part: &str, words: &Named| -> Named {
            words.iter().map(|(name, text)| (format!("{part}.{name}"), text.clone())).collect()
        };
        let own = self.pages.get(page).map(|words| named("page", words)).unwrap_or_default();
        named("frame", &self.frame).into_iter().chain(own).collect()
    }
}

impl Page {
    /// Its file in the site.
    pub fn file(&self) -> String {
        format!("{}.html", self.name)
    }

    /// The page as Trunk takes it.
    fn html(&self, profile: Profile) -> String {
        let mut links = Vec::new();
        let mut link = |rel: &str, path: &str, more: &str| {
            links.push(format!("<link data-trunk rel=\"{rel}\" href=\"{path}\"{more} />"));
        };
        // A frame may have no origin of its own: what is checked by its hash has to be asked for as from elsewhere.
        let asked = if self.frame == Frame::Embed { " crossorigin=\"anonymous\"" } else { "" };
        for style in &self.styles {
            link("css", &format!("{style}.css"), asked);
        }
        // The map draws at every frame; the others are short of bytes, and functions that stay apart compress better.
        let apart = if self.program == MAP_PROGRAM { "" } else { FUNCTIONS_APART };
        let optimise = match profile {
            Profile::Full => {
                format!("data-wasm-opt=\"z\" data-wasm-opt-params=\"{WASM_FEATURES}{apart}\"")
            }
            Profile::Quick | Profile::Core | Profile::Tests => "data-wasm-opt=\"0\"".to_owned(),
        };
        let program = format!(" data-bin=\"{}\" data-cargo-profile=\"{}\" {optimise}", self.program, profile.wasm());
        link("rust", &format!("{ROOT}/app/Cargo.toml"), &program);
        for file in &self.files {
            let rel = if file.ends_with('/') { "copy-dir" } else { "copy-file" };
            link(rel, &format!("{ROOT}/{}", file.trim_end_matches('/')), "");
        }
        for file in &self.vendor {
            link("copy-file", &format!("{ROOT}/node_modules/{file}"), " data-target-path=\"vendor\"");
        }
        let frame = match self.frame {
            Frame::Page => FRAME,
            Frame::Embed => EMBED,
        };
        let mut html = frame.to_owned();
        for (name, text) in &self.words {
            html = html.replace(&format!("{{{{{name}}}}}"), &escaped(text));
        }
        html.replace("{{links}}", &links.join("\n    "))
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '<' | '>' | '"' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

fn write(path: &Path, text: &str) -> Outcome {
    // An unchanged file keeps its time.
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text).explain(|| format!("can't write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_s_frame_is_filled_and_names_files_that_exist() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let table = Table::read().unwrap();
        assert_eq!(table.programs().len(), 10);
        for page in table.programs() {
            let html = page.html(Profile::Full);
            assert!(!html.contains("{{"), "{html}");
            assert!(page.styles.iter().all(|style| table.styles.contains_key(style)), "{}", page.name);
            assert!(root.join("app/src/bin").join(format!("{}.rs", page.program)).is_file());
            for file in &page.files {
                assert!(root.join(file).exists() || file.starts_with("public/basemap"), "{file}");
            }
        }
        for part in table.styles.values().flatten() {
            assert!(root.join("app/style").join(part).is_file(), "{part}");
        }
        let routes: std::collections::BTreeSet<&String> = table.pages.iter().flat_map(|row| &row.routes).collect();
        assert_eq!(routes.len(), table.pages.iter().map(|row| row.routes.len()).sum::<usize>());
    }
}
