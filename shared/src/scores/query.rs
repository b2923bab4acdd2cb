//! `…/scores`: a page of a ranking over REST.

use super::channel::Channel;
use super::keeper::Keeper;
use super::window::ScoreWindow;
use crate::cursor::Cursor;
use crate::past::At;
use crate::problem::{Code, FieldError, Problem};
use crate::views::query::{Wrong, read_pairs};
use crate::views::table::{Head, Kind, TableForm, head};
use crate::views::{Format, json};
use serde_json::{Value, json as object};

/// The query of `…/scores`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoresQuery {
    /// Which rows.
    pub window: ScoreWindow,
    /// As they were then.
    pub at: Option<At>,
    /// In which form.
    pub format: Format,
}

impl ScoresQuery {
    /// Reads name–value pairs; every error names the parameter.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut q = Self::default();
        read_pairs(pairs, |name, value| q.set(name, value))?;
        q.window.check().map_err(|(field, message)| {
            let error = FieldError::new(field, Code::InvalidParameter, message);
            Problem::about(400, error)
        })?;
        Ok(q)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        let number = || value.parse::<u32>().map_err(|_| "is a whole number from 0 on".to_owned());
        match name {
            "top" => self.window.top = number()?,
            "offset" => self.window.offset = number()?,
            "span" => self.window.span = number()?,
            "around" => self.window.around = Some(value.to_owned()),
            "group" => self.window.group = Some(value.to_owned()),
            "session" => self.window.session = Some(value.to_owned()),
            "cells" => self.window.cells = value.parse().map_err(|_| "is true or false".to_owned())?,
            "at" => self.at = Some(At::parse(value)?),
            "format" => self.format = Format::parse(value, Format::TABLES)?,
            _ => return Err(Wrong::Unknown("top, offset, around, span, group, session, cells, at and format")),
        }
        Ok(())
    }
}

impl Keeper {
    /// Answers a query, as managers (`live`) or the public see it. Standings as they were are those of [`Keeper::past`].
    pub fn scores(&self, q: &ScoresQuery, live: bool, cursor: Cursor) -> Result<Vec<u8>, Problem> {
        if self.timeline().rules.is_none() && self.settings().scores.is_none() {
            return Err(Problem::new(Code::NoScoreboard, "the board's config has no scores"));
        }
        // An unknown session or group is a fault of the caller's; one without a score is an empty page.
        self.scope(q.window.session.as_deref(), q.window.group.as_deref())?;
        let (session, group) = (q.window.session.clone(), q.window.group.clone());
        let channel = Channel { session, group, live, cells: q.window.cells };
        let ranked = self.ranked(&channel);
        let total = ranked.map_or(0, |r| r.ranking.len());
        let page = |from, count| ranked.map(|r| self.rows_json(r, (from, count), &channel)).unwrap_or_default();
        let rows = page(q.window.offset, q.window.top);
        let names: Vec<String> =
            self.board().map(|b| b.rules().columns.iter().map(|c| c.name.clone()).collect()).unwrap_or_default();
        match q.format {
            Format::Table(form) => return Ok(table(form, &names, &rows)),
            Format::NdJson => return Ok(json::lines(rows)),
            Format::Json | Format::GeoJson | Format::Gpx | Format::Kml => {}
        }
        let end = q.window.offset.saturating_add(q.window.top);
        let mut body = object!({
            "cursor": cursor,
            "columns": names,
            "rows": rows,
            "total": total,
            "next": if end < total { end.into() } else { Value::Null },
            "about": self.about(&channel, cursor),
        });
        if let Some(key) = &q.window.around {
            let around = ranked.and_then(|r| Some((r, r.ranking.around(key, q.window.span)?)));
            body["around"] = around.map(|(_, (from, n))| page(from, n)).unwrap_or_default().into();
            body["percentile"] = ranked.and_then(|r| r.ranking.percentile(key)).map_or(Value::Null, Into::into);
        }
        let mut bytes = Vec::new();
        json::push(&mut bytes, &body);
        Ok(bytes)
    }
}

/// Rows as a table.
fn table(form: TableForm, names: &[String], rows: &[Value]) -> Vec<u8> {
    let own = [head("rank", Kind::Whole), head("key", Kind::Text), head("name", Kind::Text)];
    let scores = names.iter().map(|name| head(name, Kind::Number));
    let heads: Vec<Head<'_>> = own.into_iter().chain(scores).chain([head("tied", Kind::Flag)]).collect();
    form.write(&heads, |sheet| {
        for row in rows {
            sheet.whole(row["rank"].as_i64().unwrap_or_default());
            sheet.text(row["key"].as_str().unwrap_or_default());
            sheet.text(row["name"].as_str().unwrap_or_default());
            for value in row["values"].as_array().into_iter().flatten() {
                sheet.number(value.as_f64());
            }
            sheet.flag(row["tied"] == true);
            sheet.end_row();
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_parameter() {
        let field = |pairs: &[(&str, &str)]| {
            ScoresQuery::parse(pairs.iter().copied()).map_err(|p| p.errors[0].field.clone()).map(|_| ())
        };
        assert_eq!(field(&[("top", "20"), ("group", "country:DE"), ("at", "e1:4"), ("format", "csv")]), Ok(()));
        for (name, value) in [
            ("top", "-1"),
            ("top", "10001"),
            ("span", "51"),
            ("group", "DE"),
            ("at", "e4"),
            ("cells", "1"),
            ("format", "xml"),
            ("page", "2"),
        ] {
            assert_eq!(field(&[(name, value)]), Err(name.to_owned()));
        }
    }
}
