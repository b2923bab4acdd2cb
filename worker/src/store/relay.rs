//! A relay's tables: sessions too large for their socket, and how far its viewers were when it fell asleep.

use super::{integer, open};
use crate::fault::Answer;
use heliograph_shared::cursor::Cursor;
use heliograph_shared::relay::{Session, ViewerId};
use serde::Deserialize;
use worker::{SqlStorage, State};

/// Only ever appended to.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE session (viewer INTEGER PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE settled (only INTEGER PRIMARY KEY CHECK (only = 0), cursor TEXT NOT NULL);
"];

/// The tables of one relay.
pub struct RelayStore {
    sql: SqlStorage,
}

impl RelayStore {
    /// Opens the tables.
    pub fn open(state: &State) -> Answer<Self> {
        let (sql, _) = open(state, MIGRATIONS)?;
        Ok(Self { sql })
    }

    /// Keeps a session that is too large for its socket.
    pub fn put_session(&self, viewer: ViewerId, json: &str) -> Answer<()> {
        let values = vec![integer(u64::from(viewer.0))?, json.into()];
        self.sql.exec("INSERT OR REPLACE INTO session (viewer, data) VALUES (?, ?)", values)?;
        Ok(())
    }

    /// A session that was kept.
    pub fn session(&self, viewer: ViewerId) -> Answer<Option<Session>> {
        #[derive(Deserialize)]
        struct Row {
            data: String,
        }
        let rows: Vec<Row> = self
            .sql
            .exec("SELECT data FROM session WHERE viewer = ?", vec![integer(u64::from(viewer.0))?])?
            .to_array()?;
        Ok(rows.first().map(|r| serde_json::from_slice(r.data.as_bytes())).transpose()?)
    }

    /// Forgets a session.
    pub fn delete_session(&self, viewer: ViewerId) -> Answer<()> {
        self.sql.exec("DELETE FROM session WHERE viewer = ?", vec![integer(u64::from(viewer.0))?])?;
        Ok(())
    }

    /// Forgets all sessions: no socket is left.
    pub fn delete_sessions(&self) -> Answer<()> {
        self.sql.exec("DELETE FROM session", None)?;
        Ok(())
    }

    /// Every viewer has everything up to here.
    pub fn settle(&self, cursor: Cursor) -> Answer<()> {
        self.sql
            .exec("INSERT OR REPLACE INTO settled (only, cursor) VALUES (0, ?)", vec![cursor.to_string().into()])?;
        Ok(())
    }

    /// Up to where every viewer had everything when the relay fell asleep.
    pub fn settled(&self) -> Answer<Option<Cursor>> {
        #[derive(Deserialize)]
        struct Row {
            cursor: String,
        }
        let rows: Vec<Row> = self.sql.exec("SELECT cursor FROM settled", None)?.to_array()?;
        Ok(rows.first().and_then(|r| r.cursor.parse().ok()))
    }
}
