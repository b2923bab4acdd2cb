//! The query of a track.

use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::rollups::query::time;
use crate::time::Millis;
use crate::views::Format;
use crate::views::query::{Wrong, read_pairs, refuse};
use std::ops::Range;

const DAY_MILLIS: i64 = 86_400_000;
/// Two fixes that are further apart than this are not joined by a line, where nothing else is said.
const GAP_SECONDS: u32 = 300;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrackQuery {
    /// The beginning; a day before the end when absent.
    pub from: Option<Millis>,
    /// The end, which does not belong to it; behind the newest fix when absent.
    pub to: Option<Millis>,
    /// The most points of the answer.
    pub max_points: usize,
    /// Seconds between two fixes beyond which there is a gap between them.
    pub gap_s: u32,
    /// In which form.
    pub format: Format,
}

impl Default for TrackQuery {
    fn default() -> Self {
        Self { from: None, to: None, max_points: limits::TRACK_POINTS, gap_s: GAP_SECONDS, format: Format::Json }
    }
}

pub(super) fn number<T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy>(
    value: &str,
    least: T,
    most: T,
) -> Result<T, String> {
    let refusal = format!("is a whole number from {least} to {most}");
    value.parse().ok().filter(|n| *n >= least && *n <= most).ok_or(refusal)
}

impl TrackQuery {
    /// Reads name–value pairs; every error names the parameter.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut q = Self::default();
        read_pairs(pairs, |name, value| {
            match name {
                "from" => q.from = Some(time(value)?),
                "to" => q.to = Some(time(value)?),
                "max_points" => q.max_points = number(value, 2, limits::TRACK_POINTS_MAX)?,
                "gap_s" => q.gap_s = number(value, 1, 86_400)?,
                "format" => q.format = Format::parse(value, Format::TRACKS)?,
                _ => return Err(Wrong::Unknown("from, to, max_points, gap_s and format")),
            }
            Ok(())
        })?;
        q.check()?;
        Ok(q)
    }

    /// Refuses a span that ends before it begins.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.from.zip(self.to).is_some_and(|(from, to)| from >= to) {
            let message = "to is after from; they may have been exchanged";
            refuse(vec![FieldError::new("to", Code::InvalidParameter, message)])?;
        }
        Ok(())
    }

    /// Settles what was left open, for a track whose newest fix is at this time or before it.
    pub fn span(&self, newest: Option<Millis>) -> Range<Millis> {
        let newest = newest.unwrap_or(Millis(limits::TIME_MIN_MILLIS));
        let to = self.to.unwrap_or_else(|| match self.from {
            Some(from) if from > newest => from.plus(DAY_MILLIS),
            _ => newest.plus(1),
        });
        self.from.unwrap_or_else(|| to.plus(-DAY_MILLIS))..to
    }
}
