//! `cargo xtask bench size`: what a visitor downloads and what the platform loads.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::baseline::{BaselineArguments, Figure};
use crate::build;
use crate::error::{Explain, Failure, Outcome};
use crate::steps;
use crate::workspace::Workspace;

/// A scoreboard-only page after Brotli, in bytes.
const PAGE_LIMIT: u64 = 200_000;
/// A scoreboard in a frame of another site after Brotli, in bytes. 100,000 is what it is to come to; half of what there is
/// is the feed's link and what it is built on.
const EMBED_LIMIT: u64 = 120_000;
/// The element for other sites after gzip, in bytes.
const ELEMENT_LIMIT: u64 = 4_096;
/// The worker's script with its wasm after gzip, in bytes. The platform takes 3 MB on its free plan.
const SCRIPT_LIMIT: u64 = 2_900_000;

/// A file may grow by so much unnoticed: names and texts change.
const SLACK: f64 = 0.01;

/// Node measures: it has both codecs, so this program needs neither.
const SCRIPT: &str = "const z=require('node:zlib'),fs=require('node:fs');\
    console.log(JSON.stringify(process.argv.slice(1).map(f=>{const b=fs.readFileSync(f);\
    return [b.length,z.gzipSync(b,{level:9}).length,z.brotliCompressSync(b).length]})))";

struct File {
    path: PathBuf,
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Builds, measures, and fails when something weighs more than it may.
pub fn size(workspace: &Workspace, as_json: bool, baseline: BaselineArguments) -> Outcome<ExitCode> {
    if as_json {
        steps::keep_stdout_clean();
    }
    build::set_up(workspace)?;
    let site = workspace.root.join("dist");
    let page = measure(workspace, page_files(&site, "scores.html")?)?;
    let console = measure(workspace, page_files(&site, "console.html")?)?;
    let play = measure(workspace, page_files(&site, "play.html")?)?;
    let mut explore = measure(workspace, page_files(&site, "explore.html")?)?;
    explore.extend(measure(workspace, files_of(&site, &["uPlot"], &explore)?)?);
    let mut map = measure(workspace, page_files(&site, "index.html")?)?;
    map.extend(measure(workspace, files_of(&site, &["maplibre", "basemap"], &map)?)?);
    let embed = measure(workspace, page_files(&site, "embed-scores.html")?)?;
    let items = measure(workspace, page_files(&site, "embed-items.html")?)?;
    let element = measure(workspace, vec![site.join("embed.js")])?;
    let folder = workspace.root.join("worker");
    let files = ["entry/index.js", "entry/queue.js", "entry/runtime.js", "build/index.js", "build/index_bg.wasm"];
    let worker = measure(workspace, files.map(|file| folder.join(file)).to_vec())?;
    let transform = workspace.root.join("transform");
    let transform = ["index.js", "build/transform.wasm", "build/picture.wasm"].map(|name| transform.join(name));
    let transform = measure(workspace, transform.into())?;
    let page_size: u64 = page.iter().map(|file| file.brotli).sum();
    let map_size: u64 = map.iter().map(|file| file.brotli).sum();
    let console_size: u64 = console.iter().map(|file| file.brotli).sum();
    let play_size: u64 = play.iter().map(|file| file.brotli).sum();
    let explore_size: u64 = explore.iter().map(|file| file.brotli).sum();
    let embed_size: u64 = embed.iter().map(|file| file.brotli).sum();
    let items_size: u64 = items.iter().map(|file| file.brotli).sum();
    let element_size: u64 = element.iter().map(|file| file.gzip).sum();
    let worker_size: u64 = worker.iter().map(|file| file.gzip).sum();
    let transform_size: u64 = transform.iter().map(|file| file.gzip).sum();
    let fits = page_size <= PAGE_LIMIT
        && embed_size <= EMBED_LIMIT
        && element_size <= ELEMENT_LIMIT
        && worker_size <= SCRIPT_LIMIT;
    if as_json {
        println!(
            "{}",
            json!({
                "page": { "brotli": page_size, "limit": PAGE_LIMIT, "files": list(workspace, &page) },
                "console": { "brotli": console_size, "files": list(workspace, &console) },
                "play": { "brotli": play_size, "files": list(workspace, &play) },
                "explore": { "brotli": explore_size, "files": list(workspace, &explore) },
                "map": { "brotli": map_size, "files": list(workspace, &map) },
                "embed": { "brotli": embed_size, "limit": EMBED_LIMIT, "files": list(workspace, &embed) },
                "embed_items": { "brotli": items_size, "files": list(workspace, &items) },
                "element": { "gzip": element_size, "limit": ELEMENT_LIMIT, "files": list(workspace, &element) },
                "worker": { "gzip": worker_size, "limit": SCRIPT_LIMIT, "files": list(workspace, &worker) },
                "transform": { "gzip": transform_size, "files": list(workspace, &transform) },
                "fits": fits,
            })
        );
    } else {
        print(workspace, "a scoreboard", &page);
        print(workspace, "a console", &console);
        print(workspace, "the demos", &play);
        print(workspace, "comparing items", &explore);
        print(workspace, "a board with its map", &map);
        print(workspace, "a scoreboard in a frame", &embed);
        print(workspace, "items in a frame", &items);
        print(workspace, "the element for other sites", &element);
        print(workspace, "the worker", &worker);
        print(workspace, "the script for jq", &transform);
        println!("scoreboard-only page, Brotli {page_size:>8}  limit {PAGE_LIMIT}");
        println!("console page, Brotli        {console_size:>9}");
        println!("demos' page, Brotli         {play_size:>9}");
        println!("explore page, Brotli        {explore_size:>9}");
        println!("page with a map, Brotli     {map_size:>9}");
        println!("scoreboard in a frame, Brotli {embed_size:>7}  limit {EMBED_LIMIT}");
        println!("items in a frame, Brotli    {items_size:>9}");
        println!("element for sites, gzip     {element_size:>9}  limit {ELEMENT_LIMIT}");
        println!("worker, gzip                {worker_size:>9}  limit {SCRIPT_LIMIT}");
        println!("script for jq, gzip         {transform_size:>9}");
    }
    let figures: Vec<Figure> = [
        ("scoreboard-only page, Brotli", page_size),
        ("console page, Brotli", console_size),
        ("demos' page, Brotli", play_size),
        ("explore page, Brotli", explore_size),
        ("page with a map, Brotli", map_size),
        ("scoreboard in a frame, Brotli", embed_size),
        ("items in a frame, Brotli", items_size),
        ("element for sites, gzip", element_size),
        ("worker, gzip", worker_size),
        ("script for jq, gzip", transform_size),
    ]
    .into_iter()
    .map(|(name, bytes)| Figure { name: name.to_owned(), value: bytes as f64, more_is_better: false })
    .collect();
    let as_small = baseline.apply(workspace, "size", &figures, SLACK)?;
    if !fits {
        return Err(Failure::new("something weighs more than its limit"));
    }
    Ok(if as_small { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(workspace: &Workspace, title: &str, files: &[File]) {
    println!("{title}");
    for file in files {
        println!(
            "  {:<52} {:>9} raw {:>9} gzip {:>9} brotli",
            workspace.shown(&file.path),
            file.raw,
            file.gzip,
            file.brotli
        );
    }
}

fn list(workspace: &Workspace, files: &[File]) -> Vec<Value> {
    files
        .iter()
        .map(|file| {
            json!({
                "file": workspace.shown(&file.path),
                "raw": file.raw, "gzip": file.gzip, "brotli": file.brotli,
            })
        })
        .collect()
}

fn measure(workspace: &Workspace, paths: Vec<PathBuf>) -> Outcome<Vec<File>> {
    let output =
        build::node(workspace)?.args(["-e", SCRIPT]).args(&paths).output().explain(|| "can't run node".to_owned())?;
    let sizes: Vec<[u64; 3]> = serde_json::from_slice(&output.stdout)
        .map_err(|_| Failure::new(format!("can't measure: {}", String::from_utf8_lossy(&output.stderr))))?;
    Ok(paths.into_iter().zip(sizes).map(|(path, [raw, gzip, brotli])| File { path, raw, gzip, brotli }).collect())
}

/// A page and all it names, directly or through the script that starts its program.
fn page_files(site: &Path, page: &str) -> Outcome<Vec<PathBuf>> {
    let index = site.join(page);
    let mut found = BTreeSet::from([index.clone()]);
    let mut unread = vec![index];
    while let Some(path) = unread.pop() {
        let is_text = path.extension().is_some_and(|end| end == "html" || end == "js");
        // The app's own script names files it may load later; only what starts it is followed.
        let starts = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("start-"));
        if !is_text || !(starts || found.len() == 1) {
            continue;
        }
        let text = fs::read_to_string(&path).explain(|| format!("can't read {}", path.display()))?;
        for name in names(&text) {
            let file = site.join(name);
            if file.is_file() && found.insert(file.clone()) {
                unread.push(file);
            }
        }
    }
    Ok(found.into_iter().collect())
}

/// Paths from the site's root, quoted or, as a page that was made small has them, not.
fn names(text: &str) -> Vec<&str> {
    text.split(['"', '\'', '=', '>', ' ', '\n'])
        .filter_map(|part| part.strip_prefix('/').or_else(|| part.strip_prefix("./")))
        .filter(|part| !part.is_empty())
        .collect()
}

/// What a page loads when it needs it, by parts of names: the map library and the basemap, the chart library.
fn files_of(site: &Path, parts: &[&str], page: &[File]) -> Outcome<Vec<PathBuf>> {
    let mut folders = vec![site.to_path_buf()];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).explain(|| format!("can't list {}", folder.display()))?;
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let shown = path.strip_prefix(site).unwrap_or(&path).to_string_lossy();
            let is_one = parts.iter().any(|part| shown.contains(part));
            if is_one && !shown.ends_with(".map") && page.iter().all(|file| file.path != path) {
                found.insert(path);
            }
        }
    }
    Ok(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_in_pages_and_scripts() {
        let page = "<link href=\"/app-1.css\"><script src='/start-1.js'></script>";
        assert_eq!(names(page), ["app-1.css", "start-1.js"]);
        let small = "<link href=/base-1.css rel=stylesheet><script src=/theme.js></script>";
        assert_eq!(names(small), ["base-1.css", "theme.js"]);
        assert_eq!(names("init({ module_or_path: './a_bg.wasm' })"), ["a_bg.wasm"]);
    }
}
