//! Series as tables: one row a bucket.

use super::answer::{BoardSeries, ItemSeries, Point};
use crate::views::Format;
use crate::views::csv::Csv;
use crate::views::json;
use serde::Serialize;

const NUMBERS: [&str; 6] = ["sum", "min", "max", "first", "last", "average"];

/// A bucket with whose it is.
#[derive(Serialize)]
struct Line<'p> {
    group: Option<&'p str>,
    point: &'p Point,
}

fn header<'n>(first: &'n str, has_numbers: bool, quantiles: &'n [String]) -> Csv {
    let numbers = if has_numbers { NUMBERS.as_slice() } else { &[] };
    let names = [first, "time", "count"].into_iter().chain(numbers.iter().copied());
    Csv::new(names.chain(["rate"]).chain(quantiles.iter().map(String::as_str)))
}

fn row(csv: &mut Csv, whose: &str, p: &Point, has_numbers: bool) {
    if whose.is_empty() {
        csv.empty();
    } else {
        csv.text(whose);
    }
    csv.whole(p.time.0);
    csv.whole(p.count as i64);
    if has_numbers {
        for n in [p.sum, p.min, p.max, p.first, p.last, p.average] {
            csv.number(n.map(|n| n.0));
        }
    }
    csv.number(p.rate.0);
    for q in &p.quantiles {
        csv.number(q.map(|n| n.0));
    }
    csv.end_row();
}

/// What quantiles are called as columns: `p50`, `p99.9`.
fn quantile_names(quantiles: &[f64]) -> Vec<String> {
    quantiles.iter().map(|q| format!("p{}", (q * 1e6).round() / 1e4)).collect()
}

impl ItemSeries {
    /// The series in a form.
    pub fn write(&self, format: Format, quantiles: &[f64]) -> Vec<u8> {
        match format {
            Format::NdJson => json::lines(&self.points),
            Format::Csv => {
                let mut csv = header("key", self.field.is_some(), &quantile_names(quantiles));
                self.points.iter().for_each(|p| row(&mut csv, &self.key, p, self.field.is_some()));
                csv.finish()
            }
            Format::Json | Format::GeoJson => {
                let mut out = Vec::new();
                json::push(&mut out, self);
                out
            }
        }
    }
}

impl BoardSeries {
    /// The series in a form.
    pub fn write(&self, format: Format, quantiles: &[f64]) -> Vec<u8> {
        let points = || self.groups.iter().flat_map(|g| g.points.iter().map(move |p| (g.group.as_deref(), p)));
        match format {
            Format::NdJson => json::lines(points().map(|(group, point)| Line { group, point })),
            Format::Csv => {
                let mut csv = header("group", self.field.is_some(), &quantile_names(quantiles));
                points().for_each(|(group, p)| row(&mut csv, group.unwrap_or_default(), p, self.field.is_some()));
                csv.finish()
            }
            Format::Json | Format::GeoJson => {
                let mut out = Vec::new();
                json::push(&mut out, self);
                out
            }
        }
    }
}
