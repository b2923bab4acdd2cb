//! Holds the documentation to the repository: every link leads somewhere, and no page is forgotten.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn pages_in(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    pages.sort();
    pages
}

/// The text without blocks of code.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        lines.push(if is_code || is_fence { "" } else { line });
    }
    lines.join("\n")
}

/// Where the text links to: `[words](target)`.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).collect()
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in prose(text).lines().filter(|line| line.starts_with('#')) {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let again = (1..).map(|n| format!("{anchor}-{n}"));
        let free = std::iter::once(anchor.clone()).chain(again).find(|name| !found.contains(name)).unwrap();
        found.insert(free);
    }
    found
}

#[test]
fn every_link_of_the_documentation_leads_to_a_file_and_a_heading() {
    let mut pages = pages_in(".");
    for folder in ["docs", "docs/sources", "fuzz"] {
        pages.extend(pages_in(folder));
    }
    let mut checked = 0;
    let mut broken = Vec::new();
    for page in &pages {
        let text = fs::read_to_string(page).unwrap();
        for link in links(&text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            checked += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let leads = if anchor.is_empty() {
                target.exists()
            } else {
                fs::read_to_string(&target).is_ok_and(|text| anchors(&text).contains(anchor))
            };
            if !leads {
                broken.push(format!("{}: {link}", page.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
    assert!(checked > 50, "only {checked} links were found");
}

#[test]
fn the_index_names_every_page() {
    let index = fs::read_to_string(root().join("docs/README.md")).unwrap();
    let linked: BTreeSet<String> = links(&index).into_iter().collect();
    for page in pages_in("docs") {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        assert!(name == "README.md" || linked.contains(&name), "docs/README.md does not name {name}");
    }
}

/// The most words of a sentence that a newcomer reads first.
const WORDS: usize = 25;

/// The sentences of a page's first paragraph, and of what stands between their colons.
fn opening(page: &str) -> Vec<String> {
    let paragraph = page.split("\n\n").nth(1).unwrap_or_default().replace('\n', " ");
    let ends = ['?', '!', ':', ';'];
    let even = ends.iter().fold(paragraph, |text, end| text.replace(&format!("{end} "), ". "));
    even.split(". ").map(str::to_owned).collect()
}

#[test]
fn a_page_begins_with_who_it_is_for_in_short_sentences() {
    let pages = pages_in("docs").into_iter().chain(pages_in("docs/sources"));
    let mut wrong = Vec::new();
    // The index says it of every page.
    for page in pages.filter(|page| !page.ends_with("docs/README.md")) {
        let name = page.strip_prefix(root()).unwrap().display().to_string();
        let sentences = opening(&fs::read_to_string(&page).unwrap());
        if !sentences.iter().any(|text| text.contains("for you if") || text.contains("Read this if")) {
            wrong.push(format!("{name} does not begin with who it is for"));
        }
        let long = sentences.iter().filter(|text| text.split_whitespace().count() > WORDS);
        wrong.extend(long.map(|text| format!("{name} begins with a long sentence: {text}")));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_page_s_opening_is_its_first_paragraph_by_sentences() {
    let page = "# Title\n\nOne: two\nthree. Four?\nFive `a.b`.\n\nSix.\n";
    assert_eq!(opening(page), ["One", "two three", "Four", "Five `a.b`."]);
}

#[test]
fn the_readme_is_short_and_has_a_picture_and_two_commands() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(text.lines().count() <= 60, "{} lines", text.lines().count());
    assert!(text.contains("](docs/screenshot.png)"));
    let block = text.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let commands: Vec<&str> = block.lines().filter_map(|line| line.split('#').next()).map(str::trim).collect();
    assert_eq!(commands, ["cargo xtask up", "cargo xtask test"]);
}

/// The rows of the table below a heading: the cells, without the marks of code.
fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let section = page.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    rows.skip(2).map(cells).collect()
}

#[test]
fn a_behaviour_is_found_in_two_steps_where_the_architecture_says() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let rows = table(&page, "Where to look");
    assert!(rows.len() >= 10, "{rows:?}");
    for row in rows {
        let [question, folder, file, item] = row.try_into().unwrap();
        let path = root().join(&folder).join(&file);
        let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{question}: there is no {folder}{file}"));
        assert!(text.contains(&item), "{question}: {folder}{file} has no {item}");
        if path.extension().is_some_and(|end| end == "rs") {
            let folder = root().join(folder);
            let own = if folder.ends_with("src") { folder.join("lib.rs") } else { folder.with_extension("rs") };
            for read in [own, path] {
                let text = fs::read_to_string(&read).unwrap();
                assert!(text.starts_with("//!"), "{} does not say what it is about", read.display());
            }
        }
    }
}

/// What a file says of itself first.
fn first_lines(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|_| panic!("there is no {}", path.display()));
    text.lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_folder_of_the_front_end_says_in_which_file_a_behaviour_is() {
    let entries = fs::read_dir(root().join("app/src")).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<PathBuf> = entries.filter(|path| path.is_dir() && !path.ends_with("bin")).collect();
    assert!(folders.len() > 10, "{folders:?}");
    let mut unnamed = Vec::new();
    for folder in folders {
        let said = first_lines(&folder.with_extension("rs"));
        assert!(said.contains("|---|"), "{} has no table", folder.display());
        for file in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            let is_code = file.extension().is_some_and(|end| end == "rs") && name != "tests";
            if is_code && !said.contains(&format!("`{name}`")) {
                unnamed.push(file);
            }
        }
    }
    assert_eq!(unnamed, Vec::<PathBuf>::new());
}

#[test]
fn the_front_end_says_in_which_folder_an_address_is() {
    let said = first_lines(&root().join("app/src/lib.rs"));
    let pages = fs::read_to_string(root().join("app/site/pages.json")).unwrap();
    let pages: serde_json::Value = serde_json::from_str(&pages).unwrap();
    for page in pages["pages"].as_array().unwrap() {
        let Some(program) = page["program"].as_str() else { continue };
        let row = said.lines().find(|line| line.contains(&format!("`{program}`")));
        let folder = row.and_then(|row| row.split('|').nth(2)).unwrap_or_else(|| panic!("no row has {program}"));
        let folder = folder.trim().trim_matches('`');
        assert!(root().join("app/src").join(folder).is_dir(), "{program} is in no folder {folder}");
        let routes = page["routes"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
        for route in routes.filter(|route| !route.contains("{*")) {
            assert!(said.contains(&format!("`{route}`")), "no row has {route}");
        }
    }
}

#[test]
fn headings_become_anchors_as_on_github() {
    let found = anchors("# The feed's protocol\n## F. What a viewer may rely on\n## A\n## A\n```\n# no heading\n```\n");
    let expected = ["a", "a-1", "f-what-a-viewer-may-rely-on", "the-feeds-protocol"];
    assert_eq!(found, expected.map(str::to_owned).into());
}
