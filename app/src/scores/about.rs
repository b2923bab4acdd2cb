//! What the server says about a scoreboard, read leniently: what is missing has a default.

pub use heliograph_shared::scores::session::Phase;
use serde::Deserialize as _;
use serde_json::Value;

use crate::client::labels::label_from_ascii;

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its name in rules and actions.
    pub name: String,
    /// For people, with the unit.
    pub label: String,
}

/// A session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// For people.
    pub title: String,
    /// Where it stands.
    pub phase: Phase,
    /// When it opens by itself.
    pub opens_at: Option<i64>,
    /// When it freezes by itself.
    pub freezes_at: Option<i64>,
    /// When it closes by itself.
    pub closes_at: Option<i64>,
    /// When it opened.
    pub opened_at: Option<i64>,
    /// Since when the public sees nothing new.
    pub frozen_at: Option<i64>,
    /// When it closed.
    pub closed_at: Option<i64>,
    /// The code players join with; only managers are told.
    pub code: Option<String>,
    /// How many keys it has.
    pub players: u64,
    /// How many events it has.
    pub events: u64,
}

/// A phase in words.
pub fn phase_label(phase: Phase) -> &'static str {
    match phase {
        Phase::Created => text!(scores.phase.created),
        Phase::Open => text!(scores.phase.open),
        Phase::Frozen => text!(scores.phase.frozen),
        Phase::Closed => text!(scores.phase.closed),
        Phase::Revealing => text!(scores.phase.revealing),
        Phase::Revealed => text!(scores.phase.final_standings),
    }
}

/// What is said about a scoreboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// In order.
    pub columns: Vec<Column>,
    /// Whether equal rows share a rank.
    pub shares_ranks: bool,
    /// Groupings with their groups.
    pub groups: Vec<(String, Vec<String>)>,
    /// The session that is shown.
    pub session: Option<Session>,
    /// All of them.
    pub sessions: Vec<Session>,
    /// Whether something is hidden from the public.
    pub frozen: bool,
    /// How far a recount is, in percent.
    pub rebuilding: Option<u8>,
    /// Whether each row has a cell for each task.
    pub has_tasks: bool,
    /// Whether these are the live standings, which only managers see during a freeze.
    pub live: bool,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Session {
    /// Reads a session.
    pub fn read(value: &Value) -> Option<Self> {
        let id = value["id"].as_str()?.to_owned();
        let title = Some(text(&value["title"])).filter(|title| !title.is_empty()).unwrap_or_else(|| id.clone());
        let time = |name: &str| value[name].as_i64();
        Some(Self {
            title,
            phase: Phase::deserialize(&value["phase"]).unwrap_or_default(),
            opens_at: time("opens_at"),
            freezes_at: time("freezes_at"),
            closes_at: time("closes_at"),
            opened_at: time("opened_at"),
            frozen_at: time("frozen_at"),
            closed_at: time("closed_at"),
            code: value["code"].as_str().map(str::to_owned),
            players: value["players"].as_u64().unwrap_or_default(),
            events: value["events"].as_u64().unwrap_or_default(),
            id,
        })
    }

    /// Reads a list of sessions.
    pub fn read_all(value: &Value) -> Vec<Self> {
        value.as_array().into_iter().flatten().filter_map(Self::read).collect()
    }
}

impl About {
    /// What the columns are called.
    pub fn labels(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.label.clone()).collect()
    }

    /// Reads it.
    pub fn read(value: &Value) -> Self {
        let columns = value["columns"].as_array().into_iter().flatten();
        let groups = value["groups"].as_object().into_iter().flatten();
        Self {
            columns: columns.map(column).collect(),
            shares_ranks: matches!(value["ties"].as_str(), Some("shared" | "dense")),
            groups: groups
                .map(|(field, names)| (field.clone(), names.as_array().into_iter().flatten().map(text).collect()))
                .collect(),
            session: Session::read(&value["session"]),
            sessions: Session::read_all(&value["sessions"]),
            frozen: value["frozen"] == true,
            has_tasks: value["tasks"].is_array(),
            rebuilding: value["rebuilding"].as_f64().map(|part| (part.clamp(0.0, 1.0) * 100.0) as u8),
            live: value["audience"] == "live",
        }
    }
}

fn column(value: &Value) -> Column {
    let name = text(&value["name"]);
    let label = match value["label"].as_str() {
        Some(label) if !label.is_empty() => label.to_owned(),
        _ => label_from_ascii(&name),
    };
    let label = match value["unit"].as_str() {
        Some(unit) if !unit.is_empty() => format!("{label} ({unit})"),
        _ => label,
    };
    Column { name, label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_and_nothing_is_needed() {
        let value = serde_json::json!({
            "columns": [{"name": "solved", "label": "Solved", "direction": "desc"}, {"name": "time_used", "unit": "min"}],
            "ties": "dense", "groups": {"country": ["DE", "FR"]}, "frozen": true, "rebuilding": 0.425, "audience": "live",
            "session": {"id": "s1", "title": "Round 1", "phase": "frozen", "frozen_at": 5, "players": 3, "events": 9},
            "sessions": [{"id": "s1"}, {"nothing": 1}],
        });
        let about = About::read(&value);
        assert_eq!(about.columns[1].label, "Time used (min)");
        assert_eq!(about.groups, [("country".to_owned(), vec!["DE".to_owned(), "FR".to_owned()])]);
        assert_eq!((about.shares_ranks, about.frozen, about.rebuilding, about.live), (true, true, Some(42), true));
        let session = about.session.unwrap();
        assert_eq!((session.phase, session.frozen_at, session.events), (Phase::Frozen, Some(5), 9));
        assert_eq!(about.sessions.len(), 1);
        assert_eq!(about.sessions[0].title, "s1");
        assert_eq!(About::read(&Value::Null), About::default());
    }
}
