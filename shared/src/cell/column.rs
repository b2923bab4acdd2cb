//! A column of cells: whether it holds numbers or names made of digits. A cell's type stays its own; the column only
//! decides what is unclear in one cell alone.

use super::{Shape, meant_number, plain_number, value_of};
use crate::value::Value;

/// A column holds names when one in so many of its cells is a name.
const ONE_IN: u64 = 20;

/// What devices and spreadsheets write where they have no value, without case.
const ABSENT: [&str; 19] = [
    "unavailable",
    "unknown",
    "nan",
    "null",
    "nil",
    "none",
    "n/a",
    "na",
    "#n/a",
    "absent",
    "missing",
    "error",
    "-",
    "--",
    "?",
    "inf",
    "-inf",
    "infinity",
    "undefined",
];

/// How the cells of a column are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// There are none.
    #[default]
    Empty,
    /// All as text.
    Text,
    /// Numbers; what is none stays the text of its own row.
    Number,
    /// Each as what it is alone.
    Own,
}

impl Reading {
    /// The name of a reading that can be asked for.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "number" => Some(Self::Number),
            "own" => Some(Self::Own),
            _ => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Text => "text",
            Self::Number => "number",
            Self::Own => "own",
        }
    }

    /// A cell that is not empty as a value.
    pub fn value(self, cell: &str) -> Value {
        match self {
            Self::Empty | Self::Text => Value::Text(cell.to_owned()),
            Self::Own => value_of(cell),
            Self::Number => meant_number(cell).map_or_else(|| value_of(cell), Value::Number),
        }
    }

    /// Whether a cell is of another type than its column.
    pub fn misfits(self, cell: &str) -> bool {
        self == Self::Number && meant_number(cell).is_none()
    }
}

/// What has been seen of a column's cells.
#[derive(Clone, Debug, Default)]
pub struct Column {
    plain: u64,
    /// Numbers that are written otherwise: `20.50`, `.5`, `1.0E-5`.
    loose: u64,
    bools: u64,
    words: u64,
    absent: u64,
    names: u64,
    first_number: Option<String>,
    varies: bool,
    /// How many digits numbers have behind the point.
    decimals: Option<usize>,
    /// Numbers have differently many, and some end in a 0 that another writer would leave out.
    uneven: bool,
    padded: bool,
}

impl Column {
    /// Looks at a cell.
    pub fn see(&mut self, cell: &str) {
        if cell.is_empty() {
            return;
        }
        if let Some(shape) = Shape::of(cell).filter(|shape| !shape.is_name() && meant_number(cell).is_some()) {
            if plain_number(cell).is_some() {
                self.plain += 1;
            } else {
                self.loose += 1;
            }
            if let Some(fraction) = shape.fraction {
                let even = *self.decimals.get_or_insert(fraction.len()) == fraction.len();
                self.uneven |= !even;
                self.padded |= fraction.len() > 1 && fraction.ends_with('0');
            }
            match &self.first_number {
                None => self.first_number = Some(cell.to_owned()),
                Some(first) => self.varies |= first != cell,
            }
        } else if cell == "true" || cell == "false" {
            self.bools += 1;
        } else if ABSENT.contains(&cell.to_ascii_lowercase().as_str()) {
            self.absent += 1;
        } else if cell.bytes().any(|b| b.is_ascii_digit()) {
            self.names += 1;
        } else {
            self.words += 1;
        }
    }

    /// How its cells are to be read.
    pub fn reading(&self) -> Reading {
        let numbers = self.plain + self.loose;
        let all = numbers + self.bools + self.words + self.names;
        let are_names = self.names > 0 && self.names * ONE_IN >= all;
        let are_words = self.words > 0 && numbers * ONE_IN < self.words;
        // 1.9 and 1.10 are versions; 20.50 and 21.25 were written with two digits.
        let are_versions = self.uneven && self.padded;
        if all + self.absent == 0 {
            Reading::Empty
        } else if are_names || are_words || are_versions {
            Reading::Text
        } else if numbers > 0 && self.bools == 0 && (self.loose == 0 || self.varies) {
            Reading::Number
        } else {
            Reading::Own
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(cells: &[&str]) -> Reading {
        let mut column = Column::default();
        cells.iter().for_each(|cell| column.see(cell));
        column.reading()
    }

    fn values(cells: &[&str]) -> Vec<String> {
        let reading = column(cells);
        cells.iter().map(|cell| reading.value(cell).to_json().to_string()).collect()
    }

    #[test]
    fn a_word_among_numbers_is_its_own_rows_word() {
        assert_eq!(values(&["20.5", "unavailable", "21.5"]), ["20.5", "\"unavailable\"", "21.5"]);
        assert_eq!(values(&["10", "7", "absent", "5"]), ["10", "7", "\"absent\"", "5"]);
        assert_eq!(values(&["NaN", "null", "N/A", "3"]), ["\"NaN\"", "\"null\"", "\"N/A\"", "3"]);
        assert_eq!(values(&["7", "excused"]), ["7", "\"excused\""]);
        assert!(Reading::Number.misfits("absent") && !Reading::Number.misfits("7"));
    }

    #[test]
    fn names_made_of_digits_lose_nothing_and_make_the_column_theirs() {
        assert_eq!(values(&["3e0012", "484506", "4ca7b5"]), ["\"3e0012\"", "\"484506\"", "\"4ca7b5\""]);
        assert_eq!(values(&["241408E4"]), ["\"241408E4\""]);
        assert_eq!(values(&["007", "12"]), ["\"007\"", "\"12\""]);
        assert_eq!(values(&["801", "20A", "7"]), ["\"801\"", "\"20A\"", "\"7\""]);
        assert_eq!(values(&["1.9", "1.10"]), ["\"1.9\"", "\"1.10\""]);
        assert_eq!(values(&["1.10", "1.10"]), ["\"1.10\"", "\"1.10\""]);
        assert_eq!(values(&["9007199254740993", "1"]), ["\"9007199254740993\"", "\"1\""]);
        assert_eq!(values(&["2026-01-01", "5"]), ["\"2026-01-01\"", "\"5\""]);
        let mut many = vec!["21.5"; 99];
        many.push("12 C");
        assert_eq!(column(&many), Reading::Number);
    }

    #[test]
    fn measurements_with_fixed_decimals_are_numbers() {
        assert_eq!(values(&["20.50", "21.25"]), ["20.5", "21.25"]);
        assert_eq!(values(&["10.0", "7.0", "5.5"]), ["10", "7", "5.5"]);
        assert_eq!(values(&["0", "1.5", "1.0E-5", ".5"])[0], "0");
        assert_eq!(column(&["0.5", "-0.0", "1e-05"]), Reading::Number);
    }

    #[test]
    fn words_and_truths_are_what_they_are() {
        assert_eq!(values(&["true", "false"]), ["true", "false"]);
        assert_eq!(values(&["1", "true"]), ["1", "true"]);
        assert_eq!(values(&["", "x", "y"])[1..], ["\"x\"", "\"y\""]);
        let mut words = vec!["good"; 40];
        words.push("5");
        assert_eq!(column(&words), Reading::Text);
        assert_eq!(column(&["", ""]), Reading::Empty);
        for reading in [Reading::Text, Reading::Number, Reading::Own] {
            assert_eq!(Reading::named(reading.name()), Some(reading));
        }
    }

    proptest! {
        #[test]
        fn a_word_never_changes_what_the_numbers_around_it_are(
            numbers in prop::collection::vec(-1_000_i32..1_000, 1..50), at in 0..50_usize, word in "[a-z]{1,8}"
        ) {
            prop_assume!(word != "true" && word != "false" && word != "e");
            let mut cells: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            let at = at.min(cells.len());
            cells.insert(at, word.clone());
            let mut column = Column::default();
            cells.iter().for_each(|cell| column.see(cell));
            for (i, cell) in cells.iter().enumerate() {
                let expected = if i == at { Value::Text(word.clone()) } else { Value::Number(cell.parse().unwrap()) };
                prop_assert_eq!(column.reading().value(cell), expected);
            }
        }
    }
}
