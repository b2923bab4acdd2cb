//! What a board has to compare: its items, their number fields and their text fields.

use std::collections::{BTreeMap, BTreeSet};

use heliograph_shared::api::items::ItemsPage;
use heliograph_shared::value::Value;

use crate::chart::measure::{Measure, position_values};
use crate::parts::natural::compare_natural;

/// Items that are read to learn what there is.
pub const SAMPLE: usize = 1_000;

/// What a board has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Keys, in order.
    pub keys: Vec<String>,
    /// Whether there are more items than that.
    pub has_more: bool,
    /// Number fields, in order, and the events.
    pub measures: Vec<Measure>,
    /// Text fields.
    pub texts: Vec<String>,
    /// Their values, in order, as far as they were seen.
    pub values: BTreeMap<String, Vec<String>>,
    /// The newest event time of any item.
    pub newest: Option<i64>,
}

impl Catalog {
    /// From a page of `…/items`.
    pub fn read(page: ItemsPage) -> Self {
        let mut catalog = Self { has_more: page.next.is_some(), ..Self::default() };
        let mut kinds: BTreeMap<String, (bool, bool)> = BTreeMap::new();
        let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for item in page.items {
            catalog.newest = catalog.newest.max(Some(item.time.0));
            for (name, _) in item.position.iter().flat_map(position_values) {
                kinds.entry(name.to_owned()).or_default().0 = true;
            }
            for (name, value) in item.fields {
                let kind = kinds.entry(name.clone()).or_default();
                match value {
                    Value::Number(_) => kind.0 = true,
                    Value::Bool(_) => {}
                    Value::Text(text) => {
                        kind.1 = true;
                        if !text.is_empty() {
                            values.entry(name).or_default().insert(text);
                        }
                    }
                }
            }
            catalog.keys.push(item.key);
        }
        catalog.keys.sort_by(|a, b| compare_natural(a, b));
        catalog.values = values
            .into_iter()
            .map(|(name, values)| {
                let mut values: Vec<String> = values.into_iter().collect();
                values.sort_by(|a, b| compare_natural(a, b));
                (name, values)
            })
            .collect();
        catalog.texts = kinds.iter().filter(|(_, kind)| kind.1).map(|(name, _)| name.clone()).collect();
        let numbers = kinds.into_iter().filter(|(_, kind)| kind.0).map(|(name, _)| Measure::Field(name));
        catalog.measures = numbers.chain(std::iter::once(Measure::Events)).collect();
        catalog
    }

    /// The keys in which every typed word is found, without those that are chosen already.
    pub fn search(&self, typed: &str, chosen: &[String], most: usize) -> Vec<String> {
        found_in(&self.keys, typed, chosen, most)
    }

    /// The same of a text field's values.
    pub fn values_of(&self, field: &str, typed: &str, chosen: &[String], most: usize) -> Vec<String> {
        found_in(self.values.get(field).map(Vec::as_slice).unwrap_or_default(), typed, chosen, most)
    }
}

fn found_in(texts: &[String], typed: &str, chosen: &[String], most: usize) -> Vec<String> {
    let words: Vec<String> = typed.split_whitespace().map(str::to_lowercase).collect();
    let matches = |text: &&String| {
        let lower = text.to_lowercase();
        words.iter().all(|word| lower.contains(word.as_str())) && !chosen.contains(text)
    };
    texts.iter().filter(matches).take(most).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_items_tells_what_can_be_compared() {
        let page = serde_json::json!({"cursor": "e1:9", "items": [
            {"key": "d10", "seq": 1, "time": 5, "fields": {"temp": 20.5, "site": "roof", "light": true}},
            {"key": "d9", "seq": 2, "time": 9, "position": {"lat": 1, "lon": 2, "speed": 3}, "fields": {"site": 4}},
        ], "next": "2"});
        let catalog = Catalog::read(serde_json::from_value(page).unwrap());
        assert_eq!(catalog.keys, ["d9", "d10"]);
        assert!(catalog.has_more);
        assert_eq!(catalog.newest, Some(9));
        let names: Vec<String> = catalog.measures.iter().map(Measure::code).collect();
        assert_eq!(names, ["position.speed", "site", "temp", "events"]);
        assert_eq!(catalog.texts, ["site"]);
        assert_eq!(catalog.values_of("site", "RO", &[], 9), ["roof"]);
        assert!(catalog.values_of("site", "", &["roof".to_owned()], 9).is_empty());
        let nothing = serde_json::from_value(serde_json::json!({"cursor": "e1:0", "items": [], "next": null}));
        assert_eq!(Catalog::read(nothing.unwrap()).measures, [Measure::Events]);
    }

    #[test]
    fn search_finds_words_in_any_case_and_offers_nothing_twice() {
        let catalog = Catalog { keys: vec!["Bus 7".into(), "bus 17".into(), "tram 7".into()], ..Catalog::default() };
        assert_eq!(catalog.search("7 BUS", &[], 9), ["Bus 7", "bus 17"]);
        assert_eq!(catalog.search("7", &["Bus 7".to_owned()], 1), ["bus 17"]);
        assert_eq!(catalog.search("", &[], 2).len(), 2);
    }
}
