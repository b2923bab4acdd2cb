//! Holds the screens to the table of texts: no words between quotes in the front end's code, none in the pages' frame, and
//! no text in the table that nobody uses. It reads tokens, not types, and leaves out tests, attributes and what is no text
//! at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What reads like a text and is none: names that code compares, classes, styles and samples of code.
const NO_TEXTS: &[&str] = &[
    // The product, and where the built-in world comes from.
    "Heliograph",
    "Heliograph world",
    "Natural Earth, world-atlas",
    // Languages, each as it calls itself.
    "English",
    "Deutsch",
    "Español",
    "العربية",
    // Keys of the keyboard.
    "A",
    "Backspace",
    "D",
    "End",
    "Enter",
    "Esc",
    "Escape",
    "F",
    "Home",
    "L",
    "N",
    "P",
    "R",
    // Classes.
    "label area",
    "label cluster",
    "label here",
    "label meridian",
    "label name",
    "label name flipped",
    "label parallel",
    "label place",
    "label place large",
    "label place small",
    "labels areas",
    "labels grid",
    "labels groups",
    "labels marks",
    "labels names",
    "labels places",
    "mark chosen",
    "mark hollow",
    "mark-label selected flipped",
    "mark-label tooltip flipped",
    "value more",
    // Code, and what code compares.
    " at line ",
    "/b/BOARD/scores",
    "Bearer {credential}",
    "Bearer {token}",
    "C",
    "Feature",
    "Map",
    "Point",
    "Polygon",
    "heliograph board apply boards/arena.json",
    "cargo xtask up",
    r"question,options,right,points\nWhat is 7 × 8?,54 | 56 | 58,56,5\nWhich is prime?,57 | 59,B,10",
    "quiz",
    "right answer",
    "scores",
];

/// Attributes of elements whose words a person sees or hears.
const SEEN: &[&str] = &[
    "action",
    "aria-description",
    "aria-label",
    "aria-valuetext",
    "alt",
    "label",
    "placeholder",
    "text",
    "title",
    "unit",
];

/// Words that stand in the code of one file.
#[derive(Default)]
struct Found {
    literals: Vec<String>,
    keys: BTreeSet<String>,
}

/// Where a token stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Code,
    /// Between the tags of `view!`.
    Markup,
}

impl Found {
    fn walk(&mut self, tokens: TokenStream, place: Place) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
            match token {
                TokenTree::Group(group) => {
                    let name = before(2).filter(|_| is_punct(before(1), '!')).map(ToString::to_string);
                    match name.as_deref() {
                        Some("text") => self.keys.extend(key(group.stream())),
                        Some("counted") => self.keys.extend(key(after_comma(group.stream()))),
                        _ => {}
                    }
                    let is_inner = is_punct(before(1), '!') && is_punct(before(2), '#');
                    let is_attribute =
                        group.delimiter() == Delimiter::Bracket && (is_inner || is_punct(before(1), '#'));
                    if !is_attribute {
                        let inner = if name.as_deref() == Some("view") { Place::Markup } else { Place::Code };
                        self.walk(group.stream(), inner);
                    }
                }
                TokenTree::Literal(literal) => {
                    let Some(text) = string(&literal.to_string()) else { continue };
                    let is_text = match place {
                        Place::Markup if is_punct(before(1), '=') => {
                            SEEN.contains(&attribute(&tokens, at).as_str()) && has_word(&text)
                        }
                        Place::Markup if is_between_tags(&tokens, at) => has_word(&text),
                        Place::Code | Place::Markup => reads_like_text(&text),
                    };
                    if is_text && !NO_TEXTS.contains(&text.as_str()) {
                        self.literals.push(text);
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

fn is_punct(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

/// Whether a string stands between tags, and not within an attribute's expression.
fn is_between_tags(tokens: &[TokenTree], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
    match before(1) {
        None | Some(TokenTree::Literal(_)) => true,
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        Some(TokenTree::Punct(mark)) => mark.as_char() == '>' && !is_punct(before(2), '=') && !is_punct(before(2), '-'),
        Some(TokenTree::Ident(_)) => false,
    }
}

/// The name before the `=` that stands before a value.
fn attribute(tokens: &[TokenTree], value: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    for token in tokens.iter().take(value.saturating_sub(1)).rev() {
        match (token, parts.last().map(String::as_str)) {
            (TokenTree::Ident(name), None | Some("-")) => parts.push(name.to_string()),
            (TokenTree::Punct(mark), Some(last)) if mark.as_char() == '-' && last != "-" => parts.push("-".to_owned()),
            _ => break,
        }
    }
    parts.reverse();
    parts.concat()
}

/// The dotted key at the start of a macro's input.
fn key(tokens: TokenStream) -> Option<String> {
    let parts: Vec<String> = tokens
        .into_iter()
        .take_while(|token| matches!(token, TokenTree::Ident(_)) || is_punct(Some(token), '.'))
        .map(|token| token.to_string())
        .collect();
    (!parts.is_empty()).then(|| parts.concat())
}

fn after_comma(tokens: TokenStream) -> TokenStream {
    tokens.into_iter().skip_while(|token| !is_punct(Some(token), ',')).skip(1).collect()
}

/// What stands between the quotes of a string; nothing for other literals.
fn string(literal: &str) -> Option<String> {
    let is_string = literal.starts_with('"') || literal.starts_with("r\"") || literal.starts_with("r#");
    let (from, to) = (literal.find('"')? + 1, literal.rfind('"')?);
    is_string.then(|| literal.get(from..to).unwrap_or_default().to_owned())
}

/// The text without what `format!` fills in.
fn without_holes(text: &str) -> String {
    let mut depth = 0_u32;
    let kept = text.chars().filter(|c| {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    kept.collect()
}

fn has_word(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// In code, a text has several words, or begins like a sentence: `Open`, but not `open`, `ArrowUp` or `Map.Title`.
fn reads_like_text(text: &str) -> bool {
    let text = without_holes(text);
    let is_word = |word: &str| {
        let word = word.trim_end_matches(['.', ',', ':', ';', '?', '!', '…']);
        let mut rest = word.chars();
        rest.next().is_some_and(char::is_alphabetic) && rest.all(|c| c.is_lowercase() || c == '\'')
    };
    let words = text.split_whitespace().filter(|word| is_word(word)).count();
    let is_sentence = text.trim_start().starts_with(char::is_uppercase) && words == text.split_whitespace().count();
    words > 1 || is_sentence
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("app")
}

fn read(code: &str) -> Found {
    let mut found = Found::default();
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    found.walk(TokenStream::from_str(code).unwrap(), Place::Code);
    found
}

fn front_end() -> BTreeMap<String, Found> {
    let mut paths = Vec::new();
    files(&root().join("src"), &mut paths);
    paths
        .into_iter()
        // Tests, and programs for the GPU.
        .filter(|path| path.file_stem().is_some_and(|name| name != "tests" && name != "shaders"))
        .map(|path| {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            (name, read(&fs::read_to_string(&path).unwrap()))
        })
        .collect()
}

/// What a person sees or hears of a page before its program runs: what stands between tags, and in attributes that are
/// read aloud or shown by search engines.
fn seen_of_html(html: &str) -> Vec<String> {
    let mut seen = Vec::new();
    for (at, part) in html.split('<').enumerate() {
        let (tag, between) = if at == 0 { ("", part) } else { part.split_once('>').unwrap_or((part, "")) };
        seen.push(between.to_owned());
        let is_description = tag.starts_with("meta name=\"description\"");
        let is_seen = |name: &str| SEEN.contains(&name) || is_description && name == "content";
        let values = tag.split("=\"").zip(tag.split("=\"").skip(1));
        let name = |before: &str| before.rsplit([' ', '"']).next().unwrap_or_default().to_owned();
        let value = |after: &str| after.split('"').next().unwrap_or_default().to_owned();
        seen.extend(values.filter(|(before, _)| is_seen(&name(before))).map(|(_, after)| value(after)));
    }
    seen
}

/// What the frame has places for.
fn places(frame: &str) -> BTreeSet<&str> {
    frame.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()).collect()
}

fn texts_of_json(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => found.push(text.clone()),
        serde_json::Value::Array(list) => list.iter().for_each(|value| texts_of_json(value, found)),
        serde_json::Value::Object(map) => map.values().for_each(|value| texts_of_json(value, found)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

fn site(file: &str) -> String {
    fs::read_to_string(root().join("site").join(file)).unwrap()
}

/// The texts that the frame uses on the pages with a program.
fn used_by_pages() -> BTreeSet<String> {
    let table: serde_json::Value = serde_json::from_str(&site("pages.json")).unwrap();
    let programs: Vec<&str> = table["pages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|page| page["program"].is_string())
        .map(|page| page["name"].as_str().unwrap())
        .collect();
    let mut used = BTreeSet::new();
    for place in places(&site("frame.html")) {
        match place.split_once('.') {
            Some(("page", name)) => used.extend(programs.iter().map(|page| format!("site.pages.{page}.{name}"))),
            Some(_) => used.extend([format!("site.{place}")]),
            None => {}
        }
    }
    used
}

/// The keys of a table; a text with forms for one and for many is one text.
fn keys(table: &serde_json::Value, at: &str, found: &mut BTreeSet<String>) {
    let Some(inner) = table.as_object().filter(|inner| !inner.contains_key("one")) else {
        found.insert(at.to_owned());
        return;
    };
    for (name, value) in inner {
        let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        keys(value, &path, found);
    }
}

#[test]
fn no_words_of_a_screen_stand_in_the_code() {
    let found = front_end();
    assert!(found.len() > 100);
    let literals: Vec<String> = found
        .iter()
        .flat_map(|(file, found)| found.literals.iter().map(move |text| format!("{file}: {text:?}")))
        .collect();
    assert!(literals.is_empty(), "put them into app/locales/en.json, as CONTRIBUTING.md says: {literals:#?}");
}

#[test]
fn no_words_of_a_page_stand_in_its_frame_or_its_row() {
    let frame = site("frame.html");
    let words = |text: &String| has_word(&without_holes(text)) && text != "/v1/boards";
    let in_frame: Vec<String> = seen_of_html(&frame).into_iter().filter(words).collect();
    assert!(in_frame.is_empty(), "put them into app/locales/en.json, under site: {in_frame:#?}");
    let mut rows = Vec::new();
    texts_of_json(&serde_json::from_str(&site("pages.json")).unwrap(), &mut rows);
    assert!(rows.len() > 30);
    rows.retain(|text| reads_like_text(text) || text.contains(' '));
    assert!(rows.is_empty(), "put them into app/locales/en.json, under site: {rows:#?}");
}

#[test]
fn what_people_see_of_a_page_is_found() {
    let html = "<title>One</title><meta name=\"description\" content=\"Two\"/><meta name=\"x\" content=\"no\"/>\
        <p class=\"no\" aria-label=\"Three\">{{ four }}<b>Five</b></p>";
    let seen: Vec<String> = seen_of_html(html).into_iter().filter(|text| has_word(&without_holes(text))).collect();
    assert_eq!(seen, ["One", "Two", "Three", "Five"]);
}

#[test]
fn every_text_of_the_table_is_used() {
    let mut used: BTreeSet<String> = front_end().into_values().flat_map(|found| found.keys).collect();
    used.extend(used_by_pages());
    let table = fs::read_to_string(root().join("locales/en.json")).unwrap();
    let mut there = BTreeSet::new();
    keys(&serde_json::from_str(&table).unwrap(), "", &mut there);
    let unused: Vec<&String> = there.difference(&used).collect();
    assert!(unused.is_empty(), "{unused:#?}");
    assert!(there.len() > 100);
}

#[test]
fn words_are_found_where_people_see_them() {
    let code = r#"//! Not this one.
        /// Not this one.
        #[doc = "Nor this one"]
        fn a() -> &'static str { b("open", "Arrow-Up", "{x} {y}"); "Open" }
        fn c() { view! { <p class="big card" title="Help" aria-label=move || "ok">"Hello" " · " {d("two words.")} {"x"}</p> } }
        fn e() { format!("Nobody is called {name}."); text!(a.b, c = "x"); counted!(n(1, 2), d.e); text!(f) }
    "#;
    let found = read(code);
    assert_eq!(found.literals, ["Open", "Help", "Hello", "two words.", "Nobody is called {name}."]);
    assert_eq!(found.keys.into_iter().collect::<Vec<_>>(), ["a.b", "d.e", "f"]);
}
