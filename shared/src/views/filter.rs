//! Conditions on columns: `where=route:eq:801`, `where=fuel:lt:0.3`, `where=route:in:801,803`, `where=driver:missing`.

use super::columns::{Column, OWN, POSITION, Shown, Visible};
use crate::codec::Cell;
use crate::items::{Item, Items};
use crate::limits;
use crate::problem::{Code, FieldError, Problem, excerpt};
use crate::time::Millis;
use std::cmp::Ordering;

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    Starts,
    Exists,
    Missing,
}

const OPERATORS: [(&str, Operator); 10] = [
    ("eq", Operator::Eq),
    ("ne", Operator::Ne),
    ("lt", Operator::Lt),
    ("le", Operator::Le),
    ("gt", Operator::Gt),
    ("ge", Operator::Ge),
    ("in", Operator::In),
    ("starts", Operator::Starts),
    ("exists", Operator::Exists),
    ("missing", Operator::Missing),
];

/// A column by its name, before a board is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// The item's key.
    Key,
    /// The time of its last event.
    Time,
    /// Its last change.
    Seq,
    /// A part of the position: its place in [`POSITION`].
    Position(usize),
    /// A field.
    Field(String),
}

impl Name {
    /// Reads a column's name; the error is the rest of a sentence that begins with the parameter's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(part) = POSITION.iter().position(|p| *p == text) {
            return Ok(Self::Position(part));
        }
        match text {
            "key" => Ok(Self::Key),
            "time" => Ok(Self::Time),
            "seq" => Ok(Self::Seq),
            "" => Err(format!("names no column: there are {}, {} and fields", OWN.join(", "), POSITION.join(", "))),
            _ if text == "position" || text.starts_with("position.") => {
                Err(format!("names {:?}: parts of a position are {}", excerpt(text), POSITION.join(", ")))
            }
            _ => Ok(Self::Field(text.strip_prefix("fields.").unwrap_or(text).to_owned())),
        }
    }

    /// The column on a board. A field that nobody has of those whom the reader may see is refused, unless there is
    /// nothing at all to see yet.
    pub fn resolve(&self, parameter: &str, visible: &Visible<'_>) -> Result<Option<Column>, Problem> {
        match self {
            Self::Key | Self::Time | Self::Seq => Ok(None),
            Self::Position(part) => Ok(Some(Column::Position(*part))),
            Self::Field(name) => {
                let (items, visible) = (visible.items, visible.fields());
                if let Some(id) = items.find_field(name).filter(|id| visible.contains(id)) {
                    return Ok(Some(Column::Field(id)));
                }
                if visible.is_empty() {
                    return Ok(None);
                }
                let known: Vec<&str> = visible.iter().take(20).map(|id| items.field_name(*id)).collect();
                let more = if visible.len() > known.len() { " and more" } else { "" };
                let message = format!(
                    "{parameter} names the field {:?}, which no item has; there are {}{more}",
                    excerpt(name),
                    known.join(", ")
                );
                let error = FieldError::new(parameter, Code::UnknownField, message.clone());
                Err(Problem::new(Code::UnknownField, message).with_errors(vec![error]))
            }
        }
    }
}

/// Something to compare with.
#[derive(Clone, Debug, PartialEq)]
struct Operand {
    text: String,
    number: Option<f64>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    name: Name,
    operator: Operator,
    operands: Vec<Operand>,
}

impl Condition {
    /// Reads `column:operator:value`; the error is the rest of a sentence that begins with the parameter's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shown = excerpt(text);
        // A column's name may have colons, and so may a value: the first operator between two decides.
        let found = text.match_indices(':').find_map(|(at, _)| {
            let (column, rest) = (text.get(..at)?, text.get(at + 1..)?);
            let (word, value) = rest.split_once(':').map_or((rest, None), |(w, v)| (w, Some(v)));
            OPERATORS.iter().find(|(name, _)| *name == word).map(|(_, op)| (column, *op, value))
        });
        let Some((column, operator, value)) = found else {
            let names = OPERATORS.map(|(name, _)| name).join(", ");
            return Err(format!("{shown:?} is not column:operator:value; operators are {names}"));
        };
        let name = Name::parse(column)?;
        let texts: Vec<&str> = match (operator, value) {
            (Operator::Exists | Operator::Missing, None) => Vec::new(),
            (Operator::Exists | Operator::Missing, Some(_)) => {
                return Err(format!("{shown:?}: exists and missing take no value"));
            }
            (_, None) => return Err(format!("{shown:?} has no value after the operator")),
            (Operator::In, Some(list)) => list.split(',').collect(),
            (_, Some(value)) => vec![value],
        };
        if texts.len() > limits::WHERE_VALUES {
            return Err(format!("{shown:?}: in has at most {} values", limits::WHERE_VALUES));
        }
        let ordered = matches!(operator, Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge);
        let operands = texts.into_iter().map(|text| {
            let number = match name {
                Name::Time => text.parse().ok().or_else(|| Millis::parse(text).map(|t| t.0 as f64)),
                Name::Key | Name::Seq | Name::Position(_) | Name::Field(_) => text.parse().ok(),
            };
            let number = number.filter(|n: &f64| n.is_finite());
            match name {
                Name::Time if number.is_none() => Err(format!("{shown:?}: a time is RFC 3339 or epoch milliseconds")),
                Name::Seq | Name::Position(_) if number.is_none() => {
                    Err(format!("{shown:?}: the column holds numbers"))
                }
                Name::Key | Name::Time | Name::Seq | Name::Position(_) | Name::Field(_) => {
                    Ok(Operand { text: text.to_owned(), number })
                }
            }
        });
        let operands = operands.collect::<Result<_, _>>()?;
        if operator == Operator::Starts && !matches!(name, Name::Key | Name::Field(_)) || ordered && name == Name::Key {
            return Err(format!("{shown:?}: the column can't be compared like this"));
        }
        Ok(Self { name, operator, operands })
    }

    /// The condition that a field has a value: `field:value`.
    pub fn group(text: &str) -> Result<Self, String> {
        let (field, value) = text.split_once(':').filter(|(f, _)| !f.is_empty()).ok_or("is field:value")?;
        let operands = vec![Operand { text: value.to_owned(), number: value.parse().ok() }];
        Ok(Self { name: Name::parse(field)?, operator: Operator::Eq, operands })
    }

    /// The column that it reads.
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// Whether an item meets it. A field that no item has is one that this one does not have.
    pub fn holds(&self, items: &Items, item: &Item) -> bool {
        let column = match &self.name {
            Name::Key | Name::Time | Name::Seq => None,
            Name::Position(part) => Some(Column::Position(*part)),
            Name::Field(name) => items.find_field(name).map(Column::Field),
        };
        Bound { condition: self, column }.holds(item)
    }

    /// The condition on a board.
    pub fn on(&self, parameter: &str, visible: &Visible<'_>) -> Result<Bound<'_>, Problem> {
        Ok(Bound { condition: self, column: self.name.resolve(parameter, visible)? })
    }
}

/// A condition on a board, whose column is known.
pub struct Bound<'c> {
    condition: &'c Condition,
    column: Option<Column>,
}

impl Bound<'_> {
    /// Whether an item meets it. A comparison with a value that the item does not have fails, whichever it is.
    pub fn holds(&self, item: &Item) -> bool {
        let own = |n: f64| Some(Seen::Number(n));
        let seen = match self.condition.name {
            Name::Key => Some(Seen::Text(item.key())),
            Name::Time => own(item.time.0 as f64),
            Name::Seq => own(item.seq as f64),
            Name::Position(_) | Name::Field(_) => {
                self.column.as_ref().and_then(|c| c.of(item)).and_then(|shown| match shown {
                    Shown::Number(n) | Shown::Value(Cell::Number(n)) => own(n),
                    Shown::Value(Cell::Bool(b)) => Some(Seen::Text(if b { "true" } else { "false" })),
                    Shown::Value(Cell::Text(t)) => Some(Seen::Text(t)),
                    Shown::Value(Cell::Absent | Cell::Null) => None,
                })
            }
        };
        self.condition.is_met_by(seen)
    }
}

/// A value to be compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen<'v> {
    /// A number; times are epoch milliseconds.
    Number(f64),
    /// A text, or a truth value as `true` or `false`.
    Text(&'v str),
}

impl Condition {
    /// Whether it is met by what is in its column. A comparison with a value that is not there fails, whichever it is.
    pub fn is_met_by(&self, seen: Option<Seen<'_>>) -> bool {
        let Some(seen) = seen else { return self.operator == Operator::Missing };
        let first = || self.operands.first();
        let compared = || match (seen, first()?) {
            // "0.1" as text is not below 0.3: it would be by its letters.
            (Seen::Text(_), Operand { number: Some(_), .. }) => None,
            (_, operand) => seen.compare(operand),
        };
        match self.operator {
            Operator::Exists => true,
            Operator::Missing => false,
            Operator::In => self.operands.iter().any(|operand| seen.equals(operand)),
            Operator::Eq => first().is_some_and(|operand| seen.equals(operand)),
            Operator::Ne => first().is_some_and(|operand| !seen.equals(operand)),
            Operator::Lt => compared() == Some(Ordering::Less),
            Operator::Le => compared().is_some_and(Ordering::is_le),
            Operator::Gt => compared() == Some(Ordering::Greater),
            Operator::Ge => compared().is_some_and(Ordering::is_ge),
            Operator::Starts => first().is_some_and(|operand| match seen {
                Seen::Text(text) => text.starts_with(&operand.text),
                Seen::Number(_) => false,
            }),
        }
    }
}

impl Seen<'_> {
    fn equals(self, operand: &Operand) -> bool {
        self.compare(operand) == Some(Ordering::Equal)
    }

    /// Numbers compare with numbers and texts with texts.
    fn compare(self, operand: &Operand) -> Option<Ordering> {
        match self {
            Self::Number(n) => n.partial_cmp(&operand.number?),
            Self::Text(text) => Some(text.cmp(&operand.text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_is_wrong_says_which_part() {
        for (text, part) in [
            ("fuel", "column:operator:value"),
            ("fuel:below:3", "operators are eq, ne"),
            ("fuel:lt", "no value"),
            ("fuel:exists:1", "take no value"),
            (":eq:1", "names no column"),
            ("position.up:gt:1", "parts of a position"),
            ("position.lat:gt:north", "holds numbers"),
            ("time:ge:yesterday", "RFC 3339"),
            ("time:starts:2026-03-01T00:00:00Z", "can't be compared"),
            ("key:lt:v5", "can't be compared"),
        ] {
            let message = Condition::parse(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
        let many = format!("route:in:{}", vec!["1"; limits::WHERE_VALUES + 1].join(","));
        assert!(Condition::parse(&many).unwrap_err().contains("at most"));
    }

    #[test]
    fn colons_may_stand_in_names_and_values() {
        let c = Condition::parse("urn:x:eq:a:lt:b").unwrap();
        assert_eq!(
            (c.name, c.operator, c.operands[0].text.as_str()),
            (Name::Field("urn:x".into()), Operator::Eq, "a:lt:b")
        );
        assert_eq!(Condition::parse("time:ge:1970-01-01T00:00:01Z").unwrap().operands[0].number, Some(1_000.0));
        assert_eq!(Condition::parse("fields.time:eq:1").unwrap().name, Name::Field("time".into()));
        assert_eq!(Condition::parse("a:eq:").unwrap().operands[0].text, "");
    }
}
