//! The query of a series: which number, when, and in which steps.

use super::Rollups;
use super::rules::RollupRules;
use super::sketch;
use super::step::{Bucket, Step};
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::rights::Sight;
use crate::sights::lens::Lens;
use crate::time::Millis;
use crate::views::Format;
use crate::views::filter::Name;
use crate::views::query::{Wrong, read_pairs};
use std::ops::Range;

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesQuery {
    /// The number; none: every event counts.
    pub field: Option<String>,
    /// The beginning; a day before the end when absent.
    pub from: Option<Millis>,
    /// The end, which does not belong to it; the end of the bucket with the newest event when absent.
    pub to: Option<Millis>,
    /// The step; the finest that is still kept and makes at most 500 points when absent.
    pub step: Option<Step>,
    /// `key`, or a text field: a series for each value.
    pub group_by: Option<String>,
    /// Only these items.
    pub keys: Option<Vec<String>>,
    /// Quantiles, from 0 to 1.
    pub quantiles: Vec<f64>,
    /// In which form.
    pub format: Format,
}

/// What is asked, with nothing left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The step.
    pub step: Step,
    /// The buckets.
    pub buckets: Range<Bucket>,
}

impl Span {
    /// When it begins.
    pub const fn from(&self) -> Millis {
        self.step.start(self.buckets.start)
    }

    /// When it ends.
    pub const fn to(&self) -> Millis {
        self.step.start(self.buckets.end)
    }

    /// How many buckets.
    pub const fn points(&self) -> i64 {
        self.buckets.end.0 - self.buckets.start.0
    }
}

fn wrong(field: &str, message: impl Into<String>) -> Problem {
    let e = FieldError::new(field, Code::InvalidParameter, message);
    Problem::about(400, e)
}

/// A point in time of a query: RFC 3339, or epoch milliseconds; the error is the rest of a sentence that begins with the
/// parameter's name.
pub fn time(value: &str) -> Result<Millis, String> {
    let time = value.parse().ok().map(Millis).or_else(|| Millis::parse(value));
    let kept = Millis(limits::TIME_MIN_MILLIS)..=Millis(limits::TIME_MAX_MILLIS);
    match time {
        Some(time) if kept.contains(&time) => Ok(time),
        Some(_) => Err("is from the year 2000 to 2200; were seconds sent for milliseconds?".to_owned()),
        None => Err("is a time: RFC 3339 such as 2026-03-01T12:00:00Z, or epoch milliseconds".to_owned()),
    }
}

impl SeriesQuery {
    /// Reads name–value pairs; every error names the parameter. `of_item`: the item is in the path.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>, of_item: bool) -> Result<Self, Problem> {
        let mut q = Self::default();
        read_pairs(pairs, |name, value| q.set(name, value, of_item))?;
        if q.from.zip(q.to).is_some_and(|(from, to)| from >= to) {
            return Err(wrong("to", "to is after from; they may have been exchanged"));
        }
        Ok(q)
    }

    fn set(&mut self, name: &str, value: &str, of_item: bool) -> Result<(), Wrong> {
        match name {
            "field" => self.field = Some(value.to_owned()),
            "from" => self.from = Some(time(value)?),
            "to" => self.to = Some(time(value)?),
            "step" => {
                let steps = || format!("is one of {}", Step::ALL.map(Step::name).join(", "));
                self.step = Some(Step::parse(value).ok_or_else(steps)?);
            }
            "quantiles" => {
                let quantiles: Vec<f64> = value.split(',').map(|q| q.trim().parse().unwrap_or(f64::NAN)).collect();
                if quantiles.len() > limits::QUANTILES || !quantiles.iter().all(|q| (0.0..=1.0).contains(q)) {
                    return Err(
                        format!("are at most {} numbers from 0 to 1, such as 0.5,0.95", limits::QUANTILES).into()
                    );
                }
                self.quantiles = quantiles;
            }
            "format" => self.format = Format::parse(value, Format::TABLES)?,
            "group_by" if !of_item => self.group_by = Some(value.to_owned()),
            "keys" if !of_item => {
                let keys: Vec<String> = value.split(',').filter(|k| !k.is_empty()).map(str::to_owned).collect();
                if keys.len() > limits::KEYS_PER_SUBSCRIPTION {
                    return Err(format!("has at most {} keys", limits::KEYS_PER_SUBSCRIPTION).into());
                }
                self.keys = Some(keys);
            }
            _ if of_item => return Err(Wrong::Unknown("field, from, to, step, quantiles and format")),
            _ => return Err(Wrong::Unknown("field, group_by, keys, from, to, step, quantiles and format")),
        }
        Ok(())
    }

    /// Refuses numbers and groups of fields that a credential hides.
    pub fn check_for(&self, sight: &Sight) -> Result<(), Problem> {
        let Some(narrowed) = &sight.narrowed else { return Ok(()) };
        let named = |name: Option<&str>| name.map(|n| Name::Field(n.to_owned()));
        let group = self.group_by.as_deref().filter(|by| *by != "key");
        for (parameter, name) in [("field", named(self.field.as_deref())), ("group_by", named(group))] {
            let refused = name.map_or(Ok(()), |name| narrowed.refuse(parameter, &name));
            refused.map_err(|e| Problem::about(Code::HiddenField.status(), e))?;
        }
        Ok(())
    }

    /// Refuses numbers of positions where zones hide some of them: they were rolled up with all others.
    pub fn check_through(&self, lens: Option<&Lens>) -> Result<(), Problem> {
        let hidden = self.field.as_ref().filter(|field| lens.is_some_and(|lens| lens.zones_hide(field)));
        hidden.map_or(Ok(()), |field| {
            let message = format!("field names {field}, which only managers are shown on a board with privacy_zones");
            Err(Problem::about(Code::HiddenField.status(), FieldError::new("field", Code::HiddenField, message)))
        })
    }

    fn check_quantiles(&self, step: Step, rules: &RollupRules) -> Result<(), Problem> {
        if self.quantiles.is_empty() {
            return Ok(());
        }
        if !sketch::STEPS.contains(&step) {
            let steps = sketch::STEPS.map(Step::name).join(", ");
            return Err(wrong("step", format!("quantiles are kept in steps {steps}, not in {step}")));
        }
        if !rules.quantiles.iter().any(|q| Some(q) == self.field.as_ref()) {
            let there = if rules.quantiles.is_empty() { "none".to_owned() } else { rules.quantiles.join(", ") };
            let message =
                format!("quantiles are kept of the fields that the board's config names in rollups.quantiles: {there}");
            return Err(wrong("quantiles", message));
        }
        Ok(())
    }

    /// Settles what was left open. Depends on the board's events alone, never on a clock: the same cursor has the same answer.
    pub fn settle(&self, rollups: &Rollups, rules: &RollupRules) -> Result<Span, Problem> {
        // A board without events has no time of its own: any will do, there are no points.
        let newest = rollups.newest().unwrap_or(Millis(limits::TIME_MIN_MILLIS));
        let to = self.to.unwrap_or_else(|| match self.from {
            Some(from) if from > newest => from.plus(Step::Day.millis()),
            _ => newest.plus(1),
        });
        let from = self.from.unwrap_or_else(|| to.plus(-Step::Day.millis()));
        let span = |step: Step| Span { step, buckets: step.buckets(&(from..to)) };
        let step = self.step.unwrap_or_else(|| {
            let kept = |s: &Step| newest.since(from) <= i64::from(rules.kept_days(*s)) * Step::Day.millis();
            let sketched = |s: &Step| self.quantiles.is_empty() || sketch::STEPS.contains(s);
            let fits = |s: &Step| span(*s).points() <= limits::SERIES_POINTS_BY_DEFAULT && kept(s) && sketched(s);
            Step::ALL.into_iter().find(fits).unwrap_or(Step::Day)
        });
        let span = span(step);
        self.check_quantiles(step, rules)?;
        if span.points() > limits::SERIES_POINTS {
            let (points, most) = (span.points(), limits::SERIES_POINTS);
            let message = format!(
                "step {step} makes {points} points of this range; at most {most}: take a longer step, or less between from and to"
            );
            return Err(wrong("step", message));
        }
        Ok(span)
    }
}
