//! Moves inline scripts of a built page into files named by their hash.
//!
//! Trunk starts the app with an inline module script, and our pages are served with a content security policy that
//! allows none. The moved file is loaded with the same attributes plus its integrity. Trunk also writes an integrity
//! that browsers don't heed (on a preload of wasm) and complain about: it goes, and so do preloads of modules that the
//! page never imports. Other tags stay as they are.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha384};

use crate::error::{Explain, Failure, Outcome};
use crate::fingerprint::hex;

/// A page without inline scripts, and the files it now loads.
#[derive(Debug, PartialEq, Eq)]
pub struct Moved {
    /// The page.
    pub page: String,
    /// File names and contents.
    pub files: Vec<(String, String)>,
}

/// Rewrites a built page; the files lie beside it.
pub fn move_scripts(path: &Path) -> Outcome {
    let page = fs::read_to_string(path).explain(|| format!("can't read {}", path.display()))?;
    let moved = extract(&page)?;
    for (name, content) in &moved.files {
        let path = path.with_file_name(name);
        fs::write(&path, content).explain(|| format!("can't write {}", path.display()))?;
    }
    let page = without_idle_integrity(&moved.page);
    let page =
        without_idle_preloads(&page, |name| fs::read_to_string(path.with_file_name(name.trim_matches('/'))).ok());
    fs::write(path, page).explain(|| format!("can't write {}", path.display()))
}

/// Takes the inline scripts out of a page.
pub fn extract(page: &str) -> Outcome<Moved> {
    let mut rest = page;
    let mut moved = Moved { page: String::with_capacity(page.len()), files: Vec::new() };
    while let Some(start) = find_tag(rest) {
        let (before, from_tag) = rest.split_at(start);
        moved.page.push_str(before);
        let broken = || Failure::new("the page has a <script> that is not closed");
        let (attributes, after) =
            from_tag.strip_prefix("<script").and_then(|text| text.split_once('>')).ok_or_else(broken)?;
        let (content, after) = after.split_once("</script>").ok_or_else(broken)?;
        rest = after;
        match kind(attributes) {
            Kind::External | Kind::Data => {
                let _ = write!(moved.page, "<script{attributes}>{content}</script>");
            }
            Kind::ImportMap => {
                return Err(Failure::new(
                    "the page has an inline import map, which the content security policy forbids; import by full path",
                ));
            }
            Kind::Inline => {
                let content = content.trim();
                let digest = Sha384::digest(content.as_bytes());
                let name: String = hex(&digest).chars().take(16).collect();
                let name = format!("start-{name}.js");
                let integrity = Base64::encode_string(&digest);
                let _ = write!(
                    moved.page,
                    "<script{attributes} src=\"/{name}\" integrity=\"sha384-{integrity}\"></script>"
                );
                moved.files.push((name, content.to_owned()));
            }
        }
    }
    moved.page.push_str(rest);
    Ok(moved)
}

/// Takes `integrity` off links that preload something to be fetched by a script.
fn without_idle_integrity(page: &str) -> String {
    each_link(page, |tag, attributes| {
        if attribute(attributes, "as").as_deref() != Some("fetch") {
            return tag.to_owned();
        }
        let Some(value) = attribute(attributes, "integrity") else { return tag.to_owned() };
        let quoted = tag.replace(&format!(" integrity=\"{value}\""), "");
        quoted.replace(&format!(" integrity={value}"), "")
    })
}

/// Takes away the links that preload a module which no script of the page imports: Trunk preloads on every page what any
/// of the crate's programs imports. `script` has the text of a script of the site.
fn without_idle_preloads(page: &str, script: impl Fn(&str) -> Option<String>) -> String {
    const SNIPPETS: &str = "/snippets/";
    let module = |attributes: &str| {
        let href = attribute(attributes, "href")?;
        (attribute(attributes, "rel").as_deref() == Some("modulepreload")).then_some(href)
    };
    let programs = std::cell::RefCell::new(String::new());
    each_link(page, |_, attributes| {
        let href = module(attributes).filter(|href| !href.starts_with(SNIPPETS));
        programs.borrow_mut().extend(href.and_then(|href| script(&href)));
        String::new()
    });
    let programs = programs.into_inner();
    each_link(page, |tag, attributes| match module(attributes) {
        Some(href) if href.starts_with(SNIPPETS) && !programs.contains(&href) => String::new(),
        _ => tag.to_owned(),
    })
}

/// The page with each `<link …>` as `change` makes it of the tag and its attributes.
fn each_link(page: &str, change: impl Fn(&str, &str) -> String) -> String {
    let mut rest = page;
    let mut result = String::with_capacity(page.len());
    while let Some(start) = rest.find("<link ") {
        let (before, tag) = rest.split_at(start);
        let (tag, after) = tag.split_at(tag.find('>').map_or(tag.len(), |end| end + 1));
        result.push_str(before);
        result.push_str(&change(tag, tag.trim_start_matches("<link ").trim_end_matches('>')));
        rest = after;
    }
    result.push_str(rest);
    result
}

enum Kind {
    /// It has a `src`.
    External,
    /// Data for scripts, which a browser doesn't run.
    Data,
    /// Tells the browser where modules are.
    ImportMap,
    /// To be moved.
    Inline,
}

/// Where the next `<script` tag begins, skipping comments.
fn find_tag(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let script = rest.find("<script")?;
        match rest.find("<!--") {
            Some(comment) if comment < script => {
                from += comment + rest.get(comment..)?.find("-->").map(|end| end + 3)?;
            }
            _ => return Some(from + script),
        }
    }
}

fn kind(attributes: &str) -> Kind {
    if attribute(attributes, "src").is_some() {
        return Kind::External;
    }
    match attribute(attributes, "type").as_deref() {
        None | Some("" | "module" | "text/javascript" | "application/javascript") => Kind::Inline,
        Some("importmap") => Kind::ImportMap,
        Some(_) => Kind::Data,
    }
}

/// An attribute's value; empty for one without a value.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|letter: char| letter.is_whitespace() || letter == '=').unwrap_or(rest.len());
        let (found, after) = rest.split_at(end);
        let after = after.trim_start();
        let value;
        if let Some(after) = after.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|letter| matches!(letter, '"' | '\''));
            let split = match quote {
                Some(quote) => after.get(1..)?.split_once(quote),
                None => after.split_once(char::is_whitespace),
            };
            (value, rest) = split.unwrap_or((after, ""));
        } else {
            (value, rest) = ("", after);
        }
        if found.eq_ignore_ascii_case(name) {
            return Some(value.to_owned());
        }
        rest = rest.trim_start();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUNK: &str = "<head><link rel=\"modulepreload\" href=\"/app-1.js\" integrity=\"sha384-x\">\n\
        <script type=\"module\">\nimport init from '/app-1.js';\nawait init();\n\n</script></head><body></body>";

    #[test]
    fn trunks_script_moves_into_a_file_named_by_its_hash() {
        let moved = extract(TRUNK).unwrap();
        assert_eq!(moved.files.len(), 1);
        let (name, content) = &moved.files[0];
        assert_eq!(content, "import init from '/app-1.js';\nawait init();");
        assert!(name.starts_with("start-"));
        assert_eq!(Path::new(name).extension().unwrap(), "js");
        assert!(moved.page.contains(&format!("<script type=\"module\" src=\"/{name}\" integrity=\"sha384-")));
        assert!(moved.page.contains("</script></head><body></body>"));
        assert!(moved.page.contains("href=\"/app-1.js\" integrity=\"sha384-x\""));
        assert!(!moved.page.contains("await init"));
        // A page that was rewritten stays as it is.
        assert_eq!(extract(&moved.page).unwrap().page, moved.page);
    }

    #[test]
    fn a_module_that_the_page_does_not_import_is_not_preloaded() {
        let page = "<link crossorigin href=/app-1.js rel=modulepreload><link href=/snippets/a/plot.js rel=modulepreload>\
            <link rel=\"modulepreload\" href=\"/snippets/a/load.js\"><link href=/snippets/a/x.css rel=stylesheet>";
        let script = |name: &str| (name == "/app-1.js").then(|| "import{x}from'./snippets/a/load.js';".to_owned());
        assert_eq!(
            without_idle_preloads(page, script),
            "<link crossorigin href=/app-1.js rel=modulepreload>\
            <link rel=\"modulepreload\" href=\"/snippets/a/load.js\"><link href=/snippets/a/x.css rel=stylesheet>"
        );
    }

    #[test]
    fn files_data_and_comments_stay() {
        let page = "<!-- <script>no</script> --><script src=/a.js></script>\
            <script type=\"application/ld+json\">{}</script>";
        let moved = extract(page).unwrap();
        assert_eq!(moved.page, page);
        assert!(moved.files.is_empty());
    }

    #[test]
    fn what_the_policy_would_break_is_an_error() {
        assert!(extract("<script type=\"importmap\">{}</script>").is_err());
        assert!(extract("<script>let a").is_err());
    }

    #[test]
    fn only_the_idle_integrity_goes() {
        let script = "<link rel=modulepreload href=/a.js integrity=sha384-a/b=>";
        for wasm in [
            "<link as=fetch integrity=sha384-c== rel=preload>",
            "<link as=\"fetch\" integrity=\"sha384-c==\" rel=preload>",
        ] {
            let page = without_idle_integrity(&format!("<p>{script}{wasm}<p>"));
            assert!(page.starts_with(&format!("<p>{script}<link as=")) && page.ends_with(" rel=preload><p>"), "{page}");
            assert!(!page.contains("sha384-c"), "{page}");
        }
    }

    #[test]
    fn attributes_are_read_in_every_spelling() {
        assert_eq!(attribute(" defer SRC = 'x y' b=c", "src").unwrap(), "x y");
        assert_eq!(attribute(" defer src=x b=c", "b").unwrap(), "c");
        assert_eq!(attribute(" defer", "defer").unwrap(), "");
        assert!(attribute(" data-src=\"x\"", "src").is_none());
    }
}
