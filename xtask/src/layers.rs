//! Holds the crates to their layout: arrows between folders go down only, and no files use each other in a circle.
//! It reads `use` lines and inline paths, not types, and leaves out what stands behind `#[cfg(test)]`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The folders of the front end, from the ground up; folders of one floor don't know each other.
const APP: &[&[&str]] = &[
    &["texts"],
    &["browser"],
    &["client"],
    &["parts"],
    &["chart"],
    &["boards", "board", "scores", "explore"],
    &["console", "contest", "demos", "embed"],
];

/// The same of the worker: what the platform gives, what is said to objects, what an isolate knows, and who asks.
const WORKER: &[&[&str]] = &[
    &[
        "buffers", "clock", "fault", "reply", "asked", "body", "outbound", "zones", "keys", "deadline", "trace", "log",
        "counts",
    ],
    &["targets", "hashing"],
    &["calls", "store"],
    &["ended", "lookups", "transform"],
    &["configs"],
    &["paces"],
    &["auth", "cache", "sources"],
    &["publishing", "senders", "sign_in"],
    &["objects", "routes"],
    &["router"],
];

/// The arrows between the folders of `shared` that are left of a tangle: without them the others go down only. None may come,
/// and one that is gone is taken out here.
const TANGLE_OF_SHARED: &[(&str, &str)] = &[
    ("items", "scores"),
    ("items", "sights"),
    ("projection", "scores"),
    ("protocol", "scores"),
    ("rights", "config"),
    ("rights", "views"),
    ("rollups", "rights"),
    ("rollups", "sights"),
    ("rollups", "views"),
    ("sights", "scores"),
    ("sights", "views"),
    ("views", "scores"),
];

type Module = Vec<String>;

/// Every module of a crate with the modules of the crate that it names.
fn modules(source: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let mut texts = BTreeMap::new();
    read(source, &mut Vec::new(), &mut texts);
    let known: BTreeSet<Module> = texts.keys().cloned().collect();
    texts.iter().map(|(module, text)| (module.clone(), named(module, text, &known))).collect()
}

fn read(folder: &Path, at: &mut Module, texts: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if name != "bin" {
                at.push(name);
                read(&path, at, texts);
                at.pop();
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") && name != "tests" {
            let text = fs::read_to_string(&path).unwrap();
            let mut module = at.clone();
            if name != "lib" && name != "main" {
                module.push(name);
            }
            texts.insert(module, text.split("#[cfg(test)]").next().unwrap().to_owned());
        }
    }
}

/// The modules that a text names; the deepest known one for each path.
fn named(module: &[String], text: &str, known: &BTreeSet<Module>) -> BTreeSet<Module> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for path in paths(&code) {
        let Some(mut absolute) = absolute(module, &path) else { continue };
        while !absolute.is_empty() && !known.contains(&absolute) {
            absolute.pop();
        }
        if !absolute.is_empty() && absolute != module {
            found.insert(absolute);
        }
    }
    found
}

fn absolute(module: &[String], path: &[String]) -> Option<Module> {
    let mut base = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "self" | "super" => module.to_vec(),
        _ => return None,
    };
    for segment in path {
        match segment.as_str() {
            "crate" | "self" => {}
            "super" => drop(base.pop()),
            name => base.push(name.to_owned()),
        }
    }
    Some(base)
}

/// Every path that begins at the crate or at a neighbour, with groups taken apart.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(root) {
            let before = code.get(..at).and_then(|text| text.chars().next_back());
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
                continue;
            }
            spread(code.get(at..).unwrap_or_default(), &mut Vec::new(), &mut all);
        }
    }
    all
}

/// Reads one path or tree at the start of the text; returns how much it read.
fn spread(text: &str, prefix: &mut Vec<String>, all: &mut Vec<Vec<String>>) -> usize {
    let depth = prefix.len();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let word = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        at += word.len();
        if !word.is_empty() {
            prefix.push(word);
        }
        if text.get(at..).is_some_and(|rest| rest.starts_with("::")) {
            at += 2;
            if text.get(at..).is_some_and(|rest| rest.starts_with('{')) {
                at += 1;
                while let Some(rest) = text.get(at..) {
                    let gap = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',').len();
                    at += gap;
                    if text.get(at..).is_none_or(|rest| rest.is_empty() || rest.starts_with('}')) {
                        at += 1;
                        break;
                    }
                    let read = spread(text.get(at..).unwrap_or_default(), prefix, all);
                    at += read.max(1);
                }
                prefix.truncate(depth);
                return at;
            }
        } else {
            break;
        }
    }
    all.push(prefix.clone());
    prefix.truncate(depth);
    at
}

/// The arrows between files, without those between a folder's own file and what is in the folder.
fn arrows(modules: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeMap<String, BTreeSet<String>> {
    let named = |module: &Module| module.join("::");
    modules
        .iter()
        .map(|(from, to)| {
            let apart = to.iter().filter(|to| !to.starts_with(from) && !from.starts_with(to));
            (named(from), apart.map(named).collect())
        })
        .collect()
}

/// The arrows between the folders of a crate, each with its own file, without those of tests.
fn between_folders(modules: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeMap<String, BTreeSet<String>> {
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in modules.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to))) {
        let (Some(above), Some(below)) = (from.first(), to.first()) else { continue };
        if above != below && !from.iter().any(|part| part == "tests") {
            arrows.entry(above.clone()).or_default().insert(below.clone());
        }
    }
    arrows
}

/// One circle, if there is any.
fn circle(arrows: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        at: &str,
        arrows: &BTreeMap<String, BTreeSet<String>>,
        path: &mut Vec<String>,
        done: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        if let Some(start) = path.iter().position(|name| name == at) {
            return Some(path.iter().skip(start).cloned().collect());
        }
        if !done.insert(at.to_owned()) {
            return None;
        }
        path.push(at.to_owned());
        let found = arrows.get(at).into_iter().flatten().find_map(|next| walk(next, arrows, path, done));
        path.pop();
        found
    }
    arrows.keys().find_map(|start| walk(start, arrows, &mut Vec::new(), &mut BTreeSet::new()))
}

fn source(of: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(of).join("src")
}

/// The arrows of a crate that don't go down from floor to floor; files of one folder are free to use each other.
fn upwards(of: &str, floors: &[&[&str]], on_one_floor: bool) -> Vec<String> {
    let floor = |folder: &String| floors.iter().position(|floor| floor.contains(&folder.as_str()));
    let modules = modules(&source(of));
    let mut wrong = Vec::new();
    for (from, to) in modules.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to))) {
        let (Some(a), Some(b)) = (from.first(), to.first()) else { continue };
        let (Some(above), Some(below)) = (floor(a), floor(b)) else {
            wrong.push(format!("{a} or {b} is on no floor"));
            continue;
        };
        if a != b && (above < below || (above == below && !on_one_floor)) {
            wrong.push(format!("{} uses {}", from.join("::"), to.join("::")));
        }
    }
    wrong
}

#[test]
fn the_front_end_s_arrows_go_down_only() {
    assert_eq!(upwards("app", APP, false), [""; 0]);
}

#[test]
fn the_worker_s_arrows_go_down_only() {
    // Small files lie side by side on one floor; that they make no circle is held below.
    assert_eq!(upwards("worker", WORKER, true), [""; 0]);
}

#[test]
fn the_edge_and_the_objects_know_each_other_by_their_calls_only() {
    let modules = modules(&source("worker"));
    let between = |from: &str, to: &str| -> Vec<String> {
        let named = |module: &Module, name: &str| module.first().is_some_and(|first| first == name);
        let of = modules.iter().filter(|(module, _)| named(module, from));
        of.filter(|(_, uses)| uses.iter().any(|used| named(used, to))).map(|(module, _)| module.join("::")).collect()
    };
    assert_eq!(between("routes", "objects"), [""; 0]);
    assert_eq!(between("objects", "routes"), [""; 0]);
    assert_eq!(between("publishing", "objects"), [""; 0]);
}

#[test]
fn no_files_of_a_crate_use_each_other_in_a_circle() {
    for (of, least) in [("app", 100), ("worker", 60), ("shared", 150)] {
        let modules = modules(&source(of));
        assert!(modules.len() > least, "{of}");
        assert_eq!(circle(&arrows(&modules)), None, "{of}");
    }
}

#[test]
fn the_arrows_between_folders_of_shared_go_down_but_for_the_tangle_that_is_known() {
    let mut arrows = between_folders(&modules(&source("shared")));
    assert!(arrows.len() > 50, "{arrows:?}");
    for (above, below) in TANGLE_OF_SHARED {
        let was_there = arrows.get_mut(*above).is_some_and(|to| to.remove(*below));
        assert!(was_there, "{above} does not use {below} any more: take it out of the list");
    }
    assert_eq!(circle(&arrows), None);
}

#[test]
fn arrows_between_folders_leave_out_tests_and_what_is_of_one_folder() {
    let module = |path: &str| path.split("::").map(str::to_owned).collect::<Module>();
    let uses = [("a::b", "c::d"), ("a::b", "a::e"), ("a::tests::f", "g"), ("c", "h")];
    let mut modules: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
    for (from, to) in uses {
        modules.entry(module(from)).or_default().insert(module(to));
    }
    let found: Vec<(String, Vec<String>)> =
        between_folders(&modules).into_iter().map(|(from, to)| (from, to.into_iter().collect())).collect();
    assert_eq!(found, [("a".to_owned(), vec!["c".to_owned()]), ("c".to_owned(), vec!["h".to_owned()])]);
}

/// A file has one idea, and is split before about 400 lines. What is longer has a reason, and
/// nothing is longer than this.
const MOST_LINES: usize = 600;

#[test]
fn no_file_is_long_but_the_table_of_limits() {
    for of in ["app", "cli", "openapi", "shared", "testkit", "worker", "xtask"] {
        let mut texts = BTreeMap::new();
        read(&source(of), &mut Vec::new(), &mut texts);
        let long = texts.iter().filter(|(_, text)| text.lines().count() > MOST_LINES);
        let long: Vec<String> = long.map(|(module, _)| module.join("::")).collect();
        let known: &[&str] = if of == "shared" { &["limits"] } else { &[] };
        assert_eq!(long, known, "{of}");
    }
}

/// The files of the front end, from its own folder, whose code has one of these words.
fn files_with(words: &[&str]) -> Vec<String> {
    let mut texts = BTreeMap::new();
    read(&source("app"), &mut Vec::new(), &mut texts);
    let found = texts.iter().filter(|(_, text)| words.iter().any(|word| text.contains(*word)));
    found.map(|(module, _)| module.join("::")).collect()
}

#[test]
fn the_front_end_asks_the_server_in_one_place() {
    // Frames in other sites are short of bytes, so they have a question of their own.
    assert_eq!(files_with(&[".send().await", "fetch_with_"]), ["client::http", "embed::ask"]);
    assert_eq!(files_with(&["WebSocket::new"]), ["client::feed"]);
}

#[test]
fn paths_are_read_from_groups_and_code() {
    let code = "use crate::a::{self, b::{C, d}, E};\nlet x = super::f::G::new(crate::h());\nother_crate::no();";
    let found: BTreeSet<String> = paths(code).iter().map(|path| path.join("::")).collect();
    for path in ["crate::a::self", "crate::a::b::C", "crate::a::b::d", "crate::a::E", "super::f::G::new", "crate::h"] {
        assert!(found.contains(path), "{path} in {found:?}");
    }
    assert_eq!(found.len(), 6);
}

#[test]
fn a_circle_is_found() {
    let arrows = [("a", "b"), ("b", "c"), ("c", "b")];
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in arrows {
        graph.entry(from.into()).or_default().insert(to.into());
    }
    assert_eq!(circle(&graph).unwrap(), ["b", "c"]);
    graph.remove("c");
    assert_eq!(circle(&graph), None);
}
