//! Holds the tables of the languages to the English one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

const ENGLISH: &str = include_str!("../../locales/en.json");
const OTHERS: [(&str, &str); 3] = [
    ("de", include_str!("../../locales/de.json")),
    ("es", include_str!("../../locales/es.json")),
    ("ar", include_str!("../../locales/ar.json")),
];

/// The forms that a text about a number may have.
const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// Of so many texts one may still be English.
const ONE_MISSING_OF: usize = 20;

/// A table's texts by their keys; a text with forms has all of them.
fn texts(table: &Value, at: &str, found: &mut BTreeMap<String, Vec<(String, String)>>) {
    let inner = table.as_object().expect("texts, and tables of them");
    if inner.contains_key("other") && inner.keys().all(|form| FORMS.contains(&form.as_str())) {
        let form = |(form, text): (&String, &Value)| (form.clone(), text.as_str().unwrap_or_default().to_owned());
        found.insert(at.to_owned(), inner.iter().map(form).collect());
        return;
    }
    for (name, value) in inner {
        let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        match value.as_str() {
            Some(text) => {
                found.insert(path, vec![(String::new(), text.to_owned())]);
            }
            None => texts(value, &path, found),
        }
    }
}

fn read(table: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let mut found = BTreeMap::new();
    texts(&serde_json::from_str(table).unwrap(), "", &mut found);
    found
}

/// English, without what stands in a page before its program knows the language.
fn english() -> BTreeMap<String, Vec<(String, String)>> {
    let mut english = read(ENGLISH);
    english.retain(|key, _| !key.starts_with("site."));
    assert!(english.len() > 1_000);
    english
}

fn variables(text: &str) -> BTreeSet<&str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()).map(str::trim).collect()
}

#[test]
fn every_language_has_the_texts_of_english_and_no_others() {
    let english = english();
    for (language, table) in OTHERS {
        let table = read(table);
        let unknown: Vec<&String> = table.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(unknown.is_empty(), "{language} has texts that English has not: {unknown:#?}");
        let missing: Vec<&String> = english.keys().filter(|key| !table.contains_key(*key)).collect();
        assert!(missing.len() * ONE_MISSING_OF <= english.len(), "{language} lacks too many texts: {missing:#?}");
    }
}

#[test]
fn texts_name_the_same_variables_in_every_language() {
    let english = english();
    for (language, table) in OTHERS {
        for (key, forms) in read(table) {
            let original = &english[&key];
            let named: BTreeSet<&str> = original.iter().flat_map(|(_, text)| variables(text)).collect();
            for (form, text) in forms {
                let mut own = variables(&text);
                // `one thing` and `two things` say their number in words where a language does.
                if matches!(form.as_str(), "zero" | "one" | "two") && named.contains("count") {
                    own.insert("count");
                }
                assert_eq!(own, named, "{language} {key} {form}: {text:?}");
            }
        }
    }
}

#[test]
fn every_text_has_words_where_the_english_one_has() {
    let english = english();
    for (language, table) in OTHERS {
        for (key, forms) in read(table) {
            for (form, text) in &forms {
                assert!(!text.trim().is_empty(), "{language} {key} {form}");
                // Spaces at the ends are between a text and what follows it.
                let (_, original) = &english[&key][0];
                assert_eq!(text.starts_with(' '), original.starts_with(' '), "{language} {key}: {text:?}");
                assert_eq!(text.ends_with(' '), original.ends_with(' '), "{language} {key}: {text:?}");
            }
        }
    }
}

#[test]
fn texts_about_numbers_have_the_forms_of_their_language() {
    let english = english();
    let counted: BTreeSet<&String> = english.iter().filter(|(_, forms)| forms.len() > 1).map(|(key, _)| key).collect();
    assert!(counted.len() > 30);
    for (language, table) in OTHERS {
        let expected: &[&str] = match language {
            "ar" => &["few", "many", "one", "other", "two"],
            _ => &["one", "other"],
        };
        for (key, forms) in read(table) {
            if counted.contains(&key) {
                let mut own: Vec<&str> =
                    forms.iter().map(|(form, _)| form.as_str()).filter(|form| *form != "zero").collect();
                own.sort_unstable();
                assert_eq!(own, expected, "{language} {key}");
            } else {
                assert_eq!(forms.len(), 1, "{language} {key}");
            }
        }
    }
}
