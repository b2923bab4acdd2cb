//! A poller's tables: what is remembered of its address, and of the contest that it follows.

use super::open;
use crate::fault::Answer;
use heliograph_shared::contest::Follow;
use heliograph_shared::limits;
use heliograph_shared::source::poll::PollState;
use serde::Deserialize;
use worker::{SqlStorage, SqlStorageValue, State};

/// Only ever appended to.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE state (only INTEGER PRIMARY KEY CHECK (only = 0), about TEXT NOT NULL);
",
    "
    CREATE TABLE contest (part INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
",
];

/// The tables of one poller.
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

    /// What is known of its contest.
    pub fn contest(&self) -> Answer<Follow> {
        #[derive(Deserialize)]
        struct Row {
            #[serde(with = "serde_bytes")]
            bytes: Vec<u8>,
        }
        let parts: Vec<Row> = self.sql.exec("SELECT bytes FROM contest ORDER BY part", None)?.to_array()?;
        let all: Vec<u8> = parts.into_iter().flat_map(|part| part.bytes).collect();
        Ok(if all.is_empty() { Follow::default() } else { Follow::unpacked(&all) })
    }

    /// Keeps it, packed.
    pub fn put_contest(&self, packed: &[u8]) -> Answer<()> {
        self.sql.exec("DELETE FROM contest", None)?;
        for (part, bytes) in packed.chunks(limits::CONTEST_PART_BYTES).enumerate() {
            let values = vec![SqlStorageValue::try_from_i64(part as i64)?, SqlStorageValue::Blob(bytes.to_vec())];
            self.sql.exec("INSERT INTO contest (part, bytes) VALUES (?, ?)", values)?;
        }
        Ok(())
    }

    /// Remembers it.
    pub fn put(&self, state: &PollState) -> Answer<()> {
        let about = serde_json::to_string(state)?;
        self.sql.exec("INSERT OR REPLACE INTO state (only, about) VALUES (0, ?)", vec![about.into()])?;
        Ok(())
    }
}
