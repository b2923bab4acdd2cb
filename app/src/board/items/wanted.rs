//! Which items a viewer wants to see: those that match the search, and look as a chosen line of the legend says. Pure.

use heliograph_shared::replica::ReplicaItem;

use super::rows::Query;
use crate::board::marks::Marks;

/// What is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    query: Query,
    /// Lines of the legend; all when none is chosen.
    lines: Vec<usize>,
}

impl Wanted {
    /// What was typed, and which lines were chosen.
    pub fn new(text: &str, lines: &[usize]) -> Self {
        Self { query: Query::new(text), lines: lines.to_vec() }
    }

    /// Whether every item is.
    pub fn is_everything(&self) -> bool {
        self.query.is_empty() && self.lines.is_empty()
    }

    /// Whether an item is.
    pub fn has(&self, marks: &Marks, item: &ReplicaItem) -> bool {
        let line = || marks.number_of(item).unwrap_or(marks.rules().count());
        (self.lines.is_empty() || self.lines.contains(&line())) && self.query.matches(item)
    }
}

#[cfg(test)]
mod tests {
    use heliograph_shared::time::Millis;

    use super::*;

    fn item(key: &str) -> ReplicaItem {
        ReplicaItem {
            key: key.into(),
            time: Millis(0),
            seq: 1,
            position: None,
            fields: std::collections::BTreeMap::default(),
        }
    }

    #[test]
    fn an_item_is_wanted_by_the_search_and_by_its_line_of_the_legend() {
        let rules = r#"[{"label":"Bus","where":["key:starts:bus"]},{"label":"Tram","where":["key:starts:tram"]}]"#;
        let marks = Marks::new(&serde_json::from_str::<Vec<_>>(rules).unwrap());
        let keys = ["bus-1", "bus-2", "tram-1", "ferry-1"];
        let wanted = |text: &str, lines: &[usize]| {
            let wanted = Wanted::new(text, lines);
            keys.into_iter().filter(|key| wanted.has(&marks, &item(key))).collect::<Vec<_>>()
        };
        assert_eq!(wanted("", &[]), keys);
        assert_eq!(wanted("", &[0]), ["bus-1", "bus-2"]);
        assert_eq!(wanted("1", &[0, 2]), ["bus-1", "ferry-1"]);
        assert!(Wanted::new(" ", &[]).is_everything() && !Wanted::new("", &[1]).is_everything());
    }
}
