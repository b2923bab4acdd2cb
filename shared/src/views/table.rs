//! Tables: rows are written once, cell by cell, whatever the table becomes.

use super::csv::Csv;
pub use super::sheet::Sheet;
#[cfg(feature = "columnar")]
use crate::columnar::{Table, arrow, parquet};
pub use crate::kind::{Kind, Kinds};
use std::borrow::Cow;

/// What a table is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableForm {
    /// For spreadsheets (RFC 4180).
    Csv,
    /// A stream of Arrow's record batches.
    #[cfg(feature = "columnar")]
    Arrow,
    /// A Parquet file.
    #[cfg(feature = "columnar")]
    Parquet,
}

/// A column's name and kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head<'n> {
    /// What it is called.
    pub name: Cow<'n, str>,
    /// What it holds.
    pub kind: Kind,
}

/// A column.
pub fn head<'n>(name: impl Into<Cow<'n, str>>, kind: Kind) -> Head<'n> {
    Head { name: name.into(), kind }
}

impl TableForm {
    /// The name in `format=`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            #[cfg(feature = "columnar")]
            Self::Arrow => "arrow",
            #[cfg(feature = "columnar")]
            Self::Parquet => "parquet",
        }
    }

    /// The media type of an answer.
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            #[cfg(feature = "columnar")]
            Self::Arrow => "application/vnd.apache.arrow.stream",
            #[cfg(feature = "columnar")]
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// The types in `Accept` that mean it.
    pub(super) const fn accepted_as(self) -> &'static [&'static str] {
        match self {
            Self::Csv => &["text/csv"],
            #[cfg(feature = "columnar")]
            Self::Arrow => &["application/vnd.apache.arrow.stream"],
            #[cfg(feature = "columnar")]
            Self::Parquet => &["application/vnd.apache.parquet"],
        }
    }

    /// Whether columns have types, for which it is worth to look at values that are not in the table.
    pub const fn is_typed(self) -> bool {
        !matches!(self, Self::Csv)
    }

    /// A table with these columns and the rows that `fill` writes.
    pub fn write(self, heads: &[Head<'_>], fill: impl FnOnce(&mut dyn Sheet)) -> Vec<u8> {
        match self {
            Self::Csv => {
                let mut csv = Csv::new(heads.iter().map(|h| &*h.name));
                fill(&mut csv);
                csv.finish()
            }
            #[cfg(feature = "columnar")]
            Self::Arrow | Self::Parquet => {
                let mut table = Table::new(heads);
                fill(&mut table);
                // Writing to memory does not fail, and the types of columns are those of their values.
                let bytes = if self == Self::Arrow { arrow::write(&table).ok() } else { parquet::write(&table).ok() };
                bytes.unwrap_or_default()
            }
        }
    }
}
