//! Which items an embed shows, which of their columns, and in which units: the part of an address that a table and a value read.

use crate::board::address::{Column, Sort};
use crate::browser::percent::parameter;

/// Columns beside the key at most.
const MOST_COLUMNS: usize = 12;

/// In which units speeds are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Units {
    /// Kilometres per hour.
    #[default]
    Metric,
    /// Miles per hour.
    Imperial,
    /// Knots.
    Nautical,
}

/// What is picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picks {
    /// Words that items have to match.
    pub query: String,
    /// Their order.
    pub sort: Sort,
    /// Columns beside the key; the board's own choice when none is named.
    pub columns: Vec<Column>,
    /// The one value of a value.
    pub field: Option<Column>,
    /// In which units speeds are.
    pub units: Units,
}

impl Picks {
    /// Reads `location.search`.
    pub fn parse(search: &str) -> Self {
        let columns = parameter(search, "columns").unwrap_or_default();
        let named = columns.split(',').filter(|code| !code.is_empty() && *code != "key");
        Self {
            query: parameter(search, "q").unwrap_or_default(),
            sort: parameter(search, "sort").map(|code| Sort::from_code(&code)).unwrap_or_default(),
            columns: named.take(MOST_COLUMNS).map(Column::from_code).collect(),
            field: parameter(search, "field").map(|code| Column::from_code(&code)),
            units: match parameter(search, "units").as_deref() {
                Some("imperial") => Units::Imperial,
                Some("nautical") => Units::Nautical,
                _ => Units::Metric,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_picked_as_on_the_board_s_page() {
        let picks = Picks::parse("?q=bus+80&sort=-fuel&columns=fuel,key,speed,seen&field=.seen&units=imperial");
        assert_eq!((picks.query.as_str(), picks.units), ("bus 80", Units::Imperial));
        assert_eq!(picks.sort, Sort { column: Column::Field("fuel".into()), descending: true });
        assert_eq!(picks.columns, [Column::Field("fuel".into()), Column::Speed, Column::Seen]);
        assert_eq!(picks.field, Some(Column::Field("seen".into())));
    }

    #[test]
    fn what_is_not_named_has_its_default() {
        let picks = Picks::parse("?units=parsecs&columns=");
        assert_eq!((picks.sort, picks.columns, picks.field), (Sort::default(), vec![], None));
        assert_eq!(picks.units, Units::Metric);
        assert_eq!(Picks::parse(&format!("?columns={}", "a,".repeat(40))).columns.len(), 12);
    }
}
