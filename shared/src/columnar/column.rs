//! The values of one column.

use crate::kind::{Kind, Kinds};
use crate::value::number_json;
use std::ops::Range;

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    name: String,
    values: Values,
    /// Which rows have a value; rows beyond the end have none.
    present: Vec<bool>,
}

/// Values of one type, without gaps.
#[derive(Clone, Debug)]
pub enum Values {
    /// There are none, so that nothing is known of their type.
    Unknown,
    /// Text.
    Text(Texts),
    /// Numbers.
    Number(Vec<f64>),
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Milliseconds since 1970.
    Time(Vec<i64>),
    /// True or false.
    Flag(Vec<bool>),
}

/// Texts one behind the other.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn start(&self, at: usize) -> usize {
        at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0)
    }

    /// Some of them in one, and where each of them is in that.
    pub fn slice(&self, range: Range<usize>) -> (&str, impl Iterator<Item = Range<usize>>) {
        let first = self.start(range.start);
        let ends = self.ends.get(range.clone()).unwrap_or_default();
        let all = self.text.get(first..ends.last().copied().unwrap_or(first)).unwrap_or_default();
        let starts = std::iter::once(0).chain(ends.iter().map(move |end| end - first));
        (all, starts.zip(ends).map(move |(start, end)| start..end - first))
    }
}

impl Column {
    /// An empty one. What is told by values is of the only kind that was seen, and text when there were several.
    pub(super) fn new(name: String, kind: Kind) -> Self {
        let known = match kind {
            Kind::Values(Kinds { number: false, flag: false, text: false }) => None,
            Kind::Values(Kinds { number: true, flag: false, text: false }) => Some(Kind::Number),
            Kind::Values(Kinds { number: false, flag: true, text: false }) => Some(Kind::Flag),
            Kind::Values(_) => Some(Kind::Text),
            Kind::Text | Kind::Number | Kind::Whole | Kind::Time | Kind::Flag => Some(kind),
        };
        let values = match known {
            None => Values::Unknown,
            Some(Kind::Number) => Values::Number(Vec::new()),
            Some(Kind::Whole) => Values::Whole(Vec::new()),
            Some(Kind::Time) => Values::Time(Vec::new()),
            Some(Kind::Flag) => Values::Flag(Vec::new()),
            Some(Kind::Text | Kind::Values(_)) => Values::Text(Texts::default()),
        };
        Self { name, values, present: Vec::new() }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its values.
    pub const fn values(&self) -> &Values {
        &self.values
    }

    /// Whether a row has a value.
    pub fn has(&self, row: usize) -> bool {
        self.present.get(row).copied().unwrap_or(false)
    }

    /// How many of the rows have a value.
    pub(super) fn count(&self, rows: Range<usize>) -> usize {
        let rows = rows.start.min(self.present.len())..rows.end.min(self.present.len());
        self.present.get(rows).unwrap_or_default().iter().filter(|has| **has).count()
    }

    /// About how many bytes of memory it takes.
    pub(super) fn bytes(&self) -> usize {
        let values = match &self.values {
            Values::Unknown => 0,
            Values::Text(texts) => texts.text.len() + texts.ends.len() * size_of::<usize>(),
            Values::Number(numbers) => numbers.len() * size_of::<f64>(),
            Values::Whole(numbers) | Values::Time(numbers) => numbers.len() * size_of::<i64>(),
            Values::Flag(flags) => flags.len(),
        };
        values + self.present.len()
    }

    fn mark(&mut self, row: usize) {
        self.present.resize(row, false);
        self.present.push(true);
    }

    /// A value of another type than those before makes all of them text: numbers and truths as JSON writes them.
    fn texts(&mut self) -> Option<&mut Texts> {
        let mut texts = Texts::default();
        match &self.values {
            Values::Text(_) => {}
            Values::Unknown => self.values = Values::Text(texts),
            Values::Number(numbers) => {
                numbers.iter().for_each(|n| texts.push(&number_json(*n).to_string()));
                self.values = Values::Text(texts);
            }
            Values::Whole(numbers) | Values::Time(numbers) => {
                numbers.iter().for_each(|n| texts.push(&n.to_string()));
                self.values = Values::Text(texts);
            }
            Values::Flag(flags) => {
                flags.iter().for_each(|f| texts.push(if *f { "true" } else { "false" }));
                self.values = Values::Text(texts);
            }
        }
        let Values::Text(texts) = &mut self.values else { return None };
        Some(texts)
    }

    /// A row has a text.
    pub fn text(&mut self, row: usize, text: &str) {
        self.mark(row);
        if let Some(texts) = self.texts() {
            texts.push(text);
        }
    }

    /// A row has a number.
    pub fn number(&mut self, row: usize, number: f64) {
        match &mut self.values {
            Values::Number(numbers) => numbers.push(number),
            Values::Unknown => self.values = Values::Number(vec![number]),
            Values::Text(_) | Values::Whole(_) | Values::Time(_) | Values::Flag(_) => {
                return self.text(row, &number_json(number).to_string());
            }
        }
        self.mark(row);
    }

    /// A row has a whole number, or a time.
    pub fn whole(&mut self, row: usize, number: i64) {
        match &mut self.values {
            Values::Whole(numbers) | Values::Time(numbers) => numbers.push(number),
            Values::Unknown => self.values = Values::Whole(vec![number]),
            Values::Text(_) | Values::Number(_) | Values::Flag(_) => return self.text(row, &number.to_string()),
        }
        self.mark(row);
    }

    /// A row has true or false.
    pub fn flag(&mut self, row: usize, flag: bool) {
        match &mut self.values {
            Values::Flag(flags) => flags.push(flag),
            Values::Unknown => self.values = Values::Flag(vec![flag]),
            Values::Text(_) | Values::Number(_) | Values::Whole(_) | Values::Time(_) => {
                return self.text(row, if flag { "true" } else { "false" });
            }
        }
        self.mark(row);
    }
}
