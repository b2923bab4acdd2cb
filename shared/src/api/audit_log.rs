//! Who changed what on a board, as it is asked for and answered.

use crate::audit::{Act, AuditAsk, By, Entry, Kind, Noted, Place};
use crate::limits;
use crate::problem::Problem;
use crate::time::Millis;
use crate::views::csv::Csv;
use crate::views::query::{Wrong, read_pairs};
use crate::views::sheet::Sheet;
use serde::{Deserialize, Serialize};

/// Something that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditLogEntry {
    /// Its id, for `after`.
    pub id: String,
    /// When.
    pub time: Millis,
    /// What kind of thing.
    pub kind: Kind,
    /// What was done: `made`, `changed`, `deleted`, `rotated`, `revoked`, `ended`, `erased`, `mended`, `dropped`, a session's
    /// or a correction's action.
    pub action: String,
    /// Which one: an id, a name, a key.
    pub target: Option<String>,
    /// Who.
    pub by: By,
    /// What was there before, in short.
    pub before: Option<String>,
    /// What is there now, in short.
    pub after: Option<String>,
}

/// What was changed on a board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditLog {
    /// The newest first.
    pub entries: Vec<AuditLogEntry>,
    /// Goes into `after` for the next page; null on the last.
    pub next: Option<String>,
}

impl AuditLog {
    /// A page of entries.
    pub fn of(entries: Vec<Entry>, next: Option<Place>) -> Self {
        let shown = |Entry { place, noted: Noted { by, act, .. } }| {
            let Act { kind, action, target, before, after } = act;
            AuditLogEntry { id: place.to_string(), time: place.at, kind, action, target, by, before, after }
        };
        Self { entries: entries.into_iter().map(shown).collect(), next: next.map(|next| next.to_string()) }
    }
}

/// Entries as a table.
pub fn csv(entries: &[AuditLogEntry]) -> Vec<u8> {
    let header = ["id", "time", "kind", "action", "target", "credential", "subject", "before", "after"];
    let mut csv = Csv::new(header);
    for AuditLogEntry { id, time, kind, action, target, by, before, after } in entries {
        csv.text(id);
        csv.time(*time);
        csv.text(kind.name());
        csv.text(action);
        csv.maybe_text(target.as_deref());
        csv.text(&by.credential);
        for text in [&by.subject, before, after] {
            csv.maybe_text(text.as_deref());
        }
        csv.end_row();
    }
    csv.finish()
}

/// In which form the audit is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuditForm {
    /// One JSON object.
    #[default]
    Json,
    /// A table.
    Csv,
    /// One JSON object a line.
    NdJson,
}

/// What somebody asks of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditQuery {
    /// Of its keepers.
    pub ask: AuditAsk,
    /// In which form.
    pub form: AuditForm,
}

impl AuditQuery {
    /// Reads a query.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let ask = AuditAsk { kind: None, after: None, limit: limits::AUDIT_ROWS };
        let mut query = Self { ask, form: AuditForm::Json };
        read_pairs(pairs, |name, value| {
            match name {
                "kind" => query.ask.kind = Some(Kind::named(value).ok_or_else(kinds)?),
                "after" => query.ask.after = Some(Place::try_from(value.to_owned()).map_err(after)?),
                "limit" => {
                    let limit = value.parse().ok().filter(|n| (1..=limits::AUDIT_ROWS_MAX).contains(n));
                    query.ask.limit = limit.ok_or_else(|| format!("is 1 to {}", limits::AUDIT_ROWS_MAX))?;
                }
                "format" => {
                    query.form = match value {
                        "json" => AuditForm::Json,
                        "csv" => AuditForm::Csv,
                        "ndjson" => AuditForm::NdJson,
                        _ => return Err("is json, csv or ndjson".to_owned().into()),
                    }
                }
                _ => return Err(Wrong::Unknown("kind, after, limit and format")),
            }
            Ok(())
        })?;
        Ok(query)
    }
}

fn kinds() -> Wrong {
    let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    Wrong::Value(format!("is one of {}", names.join(", ")))
}

fn after(_: &'static str) -> Wrong {
    Wrong::Value("is the id of an entry, as next has it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Keeper;

    fn parse(query: &[(&str, &str)]) -> Result<AuditQuery, Problem> {
        AuditQuery::parse(query.iter().copied())
    }

    #[test]
    fn a_query_that_is_wrong_is_refused_at_its_parameter() {
        let full = parse(&[("kind", "links"), ("after", "5.r.7"), ("limit", "10000"), ("format", "csv")]).unwrap();
        assert_eq!((full.ask.kind, full.form, full.ask.limit), (Some(Kind::Links), AuditForm::Csv, 10_000));
        assert_eq!(full.ask.after, Some(Place { at: Millis(5), keeper: Keeper::Registry, number: 7 }));
        for wrong in
            [("kind", "moon"), ("after", "7"), ("limit", "0"), ("limit", "10001"), ("format", "xml"), ("x", "")]
        {
            let problem = parse(&[wrong]).unwrap_err();
            assert_eq!((problem.status, problem.errors[0].field.as_str()), (400, wrong.0));
        }
    }

    #[test]
    fn a_table_of_entries_is_safe_for_spreadsheets() {
        let by = By { credential: "key:ab".into(), subject: Some("=1+1".into()) };
        let act = Act::new(Kind::Config, "changed").from("{}").to("{\"title\":\"a\"}");
        let place = Place { at: Millis(5), keeper: Keeper::Board, number: 1 };
        let noted = Noted { by, act, boards: vec!["secret-*".into()] };
        let log = AuditLog::of(vec![Entry { place, noted }], Some(place));
        let table = String::from_utf8(csv(&log.entries)).unwrap();
        let row = table.lines().nth(1).unwrap();
        assert!(row.contains("\"'=1+1\"") && row.contains("\"{\"\"title\"\":\"\"a\"\"}\""), "{row}");
        // Which other boards a key reaches is not told.
        assert!(!serde_json::to_string(&log).unwrap().contains("secret-"));
        assert_eq!(log.next.as_deref(), Some("5.b.1"));
    }
}
