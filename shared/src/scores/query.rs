//! `…/scores`: a page of a ranking over REST.

use super::channel::Channel;
use super::keeper::Keeper;
use super::window::ScoreWindow;
use crate::cursor::Cursor;
use crate::problem::{FieldError, Problem};
use serde_json::{Value, json};

/// In which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScoresFormat {
    /// JSON.
    #[default]
    Json,
    /// CSV with a header, for spreadsheets.
    Csv,
}

/// The query of `…/scores`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoresQuery {
    /// Which rows.
    pub window: ScoreWindow,
    /// Answer only as of this cursor.
    pub at: Option<Cursor>,
    /// In which form.
    pub format: ScoresFormat,
}

impl ScoresQuery {
    /// Reads name–value pairs; every error names the parameter.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut q = Self::default();
        let mut errors = Vec::new();
        for (name, value) in pairs {
            if let Err((code, message)) = q.set(name, value) {
                errors.push(FieldError::new(name, code, message));
            }
        }
        if let Err((field, message)) = q.window.check() {
            errors.push(FieldError::new(field, "invalid_parameter", message));
        }
        match errors.first() {
            None => Ok(q),
            Some(first) => {
                let (code, detail) = (first.code, first.message.clone());
                Err(Problem::new(400, code, detail).with_errors(errors))
            }
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), (&'static str, String)> {
        let number =
            || value.parse::<u32>().map_err(|_| ("invalid_parameter", format!("{name} is a whole number from 0 on")));
        match name {
            "top" => self.window.top = number()?,
            "offset" => self.window.offset = number()?,
            "span" => self.window.span = number()?,
            "around" => self.window.around = Some(value.to_owned()),
            "group" => self.window.group = Some(value.to_owned()),
            "session" => self.window.session = Some(value.to_owned()),
            "at" => self.at = Some(value.parse().map_err(|e| ("invalid_parameter", format!("at is wrong: {e}")))?),
            "format" => {
                self.format = match value {
                    "json" => ScoresFormat::Json,
                    "csv" => ScoresFormat::Csv,
                    _ => return Err(("invalid_parameter", "format is json or csv".to_owned())),
                };
            }
            _ => {
                let known = "top, offset, around, span, group, session, at and format";
                return Err(("unknown_parameter", format!("{name} is not known; there are {known}")));
            }
        }
        Ok(())
    }
}

impl Keeper {
    /// Answers a query, as managers (`live`) or the public see it: the body and its media type.
    pub fn scores(&self, q: &ScoresQuery, live: bool, cursor: Cursor) -> Result<(Vec<u8>, &'static str), Problem> {
        if self.timeline().rules.is_none() && self.settings().scores.is_none() {
            return Err(Problem::new(404, "no_scoreboard", "the board's config has no scores"));
        }
        if q.at.is_some_and(|at| at != cursor) {
            let detail = format!("the scoreboard is at {cursor} now; only the present one is kept");
            return Err(Problem::new(410, "cursor_gone", detail));
        }
        // An unknown session or group is a fault of the caller's; one without a score is an empty page.
        self.scope(q.window.session.as_deref(), q.window.group.as_deref())?;
        let channel = Channel { session: q.window.session.clone(), group: q.window.group.clone(), live };
        let ranked = self.ranked(&channel);
        let total = ranked.map_or(0, |r| r.ranking.len());
        let page = |from, count| ranked.map(|r| self.rows_json(r, from, count)).unwrap_or_default();
        let rows = page(q.window.offset, q.window.top);
        let names: Vec<String> =
            self.board().map(|b| b.rules().columns.iter().map(|c| c.name.clone()).collect()).unwrap_or_default();
        if q.format == ScoresFormat::Csv {
            return Ok((csv(&names, &rows), "text/csv; charset=utf-8"));
        }
        let end = q.window.offset.saturating_add(q.window.top);
        let mut body = json!({
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
        let bytes = serde_json::to_vec(&body).map_err(|e| Problem::new(500, "internal", e.to_string()))?;
        Ok((bytes, "application/json"))
    }
}

/// Rows as CSV (RFC 4180). Text that a spreadsheet would take for a formula begins with an apostrophe.
fn csv(names: &[String], rows: &[Value]) -> Vec<u8> {
    let mut out = String::from("rank,key,name");
    for name in names {
        out.push(',');
        out.push_str(name);
    }
    out.push_str(",tied\r\n");
    for row in rows {
        out.push_str(&row["rank"].to_string());
        for field in ["key", "name"] {
            out.push(',');
            out.push_str(&cell(row[field].as_str().unwrap_or_default()));
        }
        for value in row["values"].as_array().into_iter().flatten() {
            out.push(',');
            out.push_str(&value.to_string());
        }
        out.push(',');
        out.push_str(&row["tied"].to_string());
        out.push_str("\r\n");
    }
    out.into_bytes()
}

/// Text as a cell of CSV.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_a_spreadsheet_would_execute_is_neutralised() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(cell("-2,5"), "\"'-2,5\"");
        assert_eq!(cell("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!(cell("Ann"), "Ann");
    }

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
            ("at", "4"),
            ("format", "xml"),
            ("page", "2"),
        ] {
            assert_eq!(field(&[(name, value)]), Err(name.to_owned()));
        }
    }
}
