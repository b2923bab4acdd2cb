//! A poller's table: what is remembered of its address.

use super::open;
use crate::fault::Answer;
use heliograph_shared::source::poll::PollState;
use serde::Deserialize;
use worker::{SqlStorage, State};

/// Only ever appended to.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE state (only INTEGER PRIMARY KEY CHECK (only = 0), about TEXT NOT NULL);
"];

/// The table of one poller.
pub struct PollerStore {
    sql: SqlStorage,
}

impl PollerStore {
    /// Opens it.
    pub fn open(state: &State) -> Answer<Self> {
        let (sql, _) = open(state, MIGRATIONS)?;
        Ok(Self { sql })
    }

    /// What is remembered.
    pub fn state(&self) -> Answer<PollState> {
        #[derive(Deserialize)]
        struct Row {
            about: String,
        }
        let rows: Vec<Row> = self.sql.exec("SELECT about FROM state", None)?.to_array()?;
        Ok(rows.first().map(|r| serde_json::from_slice(r.about.as_bytes())).transpose()?.unwrap_or_default())
    }

    /// Remembers it.
    pub fn put(&self, state: &PollState) -> Answer<()> {
        let about = serde_json::to_string(state)?;
        self.sql.exec("INSERT OR REPLACE INTO state (only, about) VALUES (0, ?)", vec![about.into()])?;
        Ok(())
    }
}
