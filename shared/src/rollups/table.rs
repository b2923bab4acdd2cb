//! Series as tables: one row a bucket.

use super::answer::{BoardSeries, ItemSeries, Point};
use crate::views::Format;
use crate::views::json;
use crate::views::table::{Head, Kind, Sheet, head};
use serde::Serialize;
use std::borrow::Cow;

const NUMBERS: [&str; 6] = ["sum", "min", "max", "first", "last", "average"];

/// A bucket with whose it is.
#[derive(Serialize)]
struct Line<'p> {
    group: Option<&'p str>,
    point: &'p Point,
}

fn heads<'n>(first: &'n str, has_numbers: bool, quantiles: &'n [f64]) -> Vec<Head<'n>> {
    let numbers = if has_numbers { NUMBERS.as_slice() } else { &[] };
    let names =
        numbers.iter().chain(&["rate"]).map(|name| Cow::from(*name)).chain(quantiles.iter().map(|q| quantile_name(*q)));
    let own = [head(first, Kind::Text), head("time", Kind::Time), head("count", Kind::Whole)];
    own.into_iter().chain(names.map(|name| head(name, Kind::Number))).collect()
}

fn row(sheet: &mut dyn Sheet, whose: Option<&str>, p: &Point, has_numbers: bool) {
    sheet.maybe_text(whose);
    sheet.time(p.time);
    sheet.whole(p.count as i64);
    if has_numbers {
        for n in [p.sum, p.min, p.max, p.first, p.last, p.average] {
            sheet.number(n.map(|n| n.0));
        }
    }
    sheet.number(Some(p.rate.0));
    for q in &p.quantiles {
        sheet.number(q.map(|n| n.0));
    }
    sheet.end_row();
}

/// What a quantile is called as a column: `p50`, `p99.9`.
fn quantile_name(quantile: f64) -> Cow<'static, str> {
    format!("p{}", (quantile * 1e6).round() / 1e4).into()
}

impl ItemSeries {
    /// The series in a form.
    pub fn write(&self, format: Format, quantiles: &[f64]) -> Vec<u8> {
        match format {
            Format::NdJson => json::lines(&self.points),
            Format::Table(form) => form.write(&heads("key", self.field.is_some(), quantiles), |sheet| {
                self.points.iter().for_each(|p| row(sheet, Some(&self.key), p, self.field.is_some()));
            }),
            Format::Json | Format::GeoJson | Format::Gpx | Format::Kml => {
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
            Format::Table(form) => form.write(&heads("group", self.field.is_some(), quantiles), |sheet| {
                points().for_each(|(group, p)| row(sheet, group, p, self.field.is_some()));
            }),
            Format::Json | Format::GeoJson | Format::Gpx | Format::Kml => {
                let mut out = Vec::new();
                json::push(&mut out, self);
                out
            }
        }
    }
}
