//! A board's tables: the log (one row an ingest request), the checkpoint, and the relays that want pushes.

use super::{integer, migrate};
use crate::fault::{Answer, Fault};
use heliograph_shared::board::LogRow;
use heliograph_shared::cursor::{Cursor, Epoch, Seq};
use heliograph_shared::ingest::IngestAnswer;
use heliograph_shared::items::Items;
use heliograph_shared::limits;
use heliograph_shared::pusher::Stored as Relayed;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use wasm_bindgen::JsCast;
use worker::{SqlStorage, SqlStorageValue, State};

/// Only ever appended to.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE about (epoch INTEGER NOT NULL);
    CREATE TABLE log (
        last INTEGER PRIMARY KEY,
        first INTEGER NOT NULL,
        at INTEGER NOT NULL,
        batch BLOB NOT NULL,
        request TEXT,
        hash TEXT,
        answer TEXT
    );
    CREATE TABLE checkpoint (part INTEGER PRIMARY KEY, seq INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE relay (name TEXT PRIMARY KEY) WITHOUT ROWID;
",
    "
    ALTER TABLE log ADD COLUMN control INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX log_control ON log (last) WHERE control = 1;
    CREATE TABLE settings (one INTEGER PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE dead_letter (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, letters TEXT NOT NULL);
",
    "
    CREATE TABLE rollup (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE rollup_series (id INTEGER PRIMARY KEY, key TEXT, field TEXT NOT NULL);
    CREATE TABLE rollup_part (part INTEGER PRIMARY KEY, through INTEGER NOT NULL);
    CREATE TABLE rollup_floor (one INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
",
    "
    CREATE TABLE archive (name TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID;
",
    "
    CREATE TABLE ranking (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
",
    "
    ALTER TABLE relay ADD COLUMN confirmed INTEGER;
    ALTER TABLE relay ADD COLUMN confirmed_at INTEGER;
    ALTER TABLE relay ADD COLUMN viewers INTEGER NOT NULL DEFAULT 0;
",
    "
    CREATE TABLE sight (part INTEGER PRIMARY KEY, seq INTEGER NOT NULL, data BLOB NOT NULL);
",
];

/// The tables of one board.
pub struct BoardStore {
    sql: SqlStorage,
    storage: js_sys::Object,
}

/// What a board is rebuilt from.
pub struct Stored {
    /// Items as of the checkpoint.
    pub items: Items,
    /// Where the checkpoint is.
    pub cursor: Cursor,
}

/// A row of the log.
#[derive(Deserialize)]
pub struct Row {
    /// Sequence of its first event.
    pub first: f64,
    /// Sequence of its last event.
    pub last: f64,
    /// The batch, encoded.
    #[serde(with = "serde_bytes_js")]
    pub batch: Vec<u8>,
}

/// Blobs come back as byte arrays of JavaScript.
pub(super) mod serde_bytes_js {
    use serde::Deserializer;
    use serde::de::{Error, Visitor};
    use std::fmt;

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<u8>, D::Error> {
        struct V;
        impl Visitor<'_> for V {
            type Value = Vec<u8>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a blob")
            }
            fn visit_bytes<E: Error>(self, v: &[u8]) -> Result<Vec<u8>, E> {
                Ok(v.to_vec())
            }
            fn visit_byte_buf<E: Error>(self, v: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(v)
            }
        }
        d.deserialize_byte_buf(V)
    }
}

/// An answered request that had an idempotency key.
#[derive(Deserialize)]
struct Answered {
    request: String,
    hash: String,
    answer: String,
}

impl BoardStore {
    /// Opens the tables.
    pub fn open(state: &State) -> Answer<Self> {
        let sql = state.storage().sql();
        migrate(&sql, MIGRATIONS)?;
        let storage = state.as_raw().storage().map_err(|e| Fault::Internal(format!("storage: {e:?}")))?;
        Ok(Self { sql, storage: storage.unchecked_into() })
    }

    /// Writes all or nothing.
    pub(super) fn write_all(&self, writes: Vec<(&'static str, Vec<SqlStorageValue>)>) -> Answer<()> {
        super::write_all(&self.storage, &self.sql, writes)
    }

    /// The board's epoch; `fresh` becomes it when the board has none yet.
    pub fn epoch(&self, fresh: impl FnOnce() -> Answer<u32>) -> Answer<Epoch> {
        #[derive(Deserialize)]
        struct About {
            epoch: u32,
        }
        let rows: Vec<About> = self.sql.exec("SELECT epoch FROM about", None)?.to_array()?;
        if let Some(about) = rows.first() {
            return Ok(Epoch(about.epoch));
        }
        let epoch = fresh()?.max(1);
        self.sql.exec("INSERT INTO about (epoch) VALUES (?)", vec![integer(u64::from(epoch))?])?;
        Ok(Epoch(epoch))
    }

    /// Appends the rows of one request, all or none. They are committed together: nothing is awaited in between.
    pub fn append(&self, rows: &[LogRow], at: Millis, request: Option<(&str, u64, &IngestAnswer)>) -> Answer<()> {
        let done = self.insert(rows, at, request);
        if let (Err(_), Some(first)) = (&done, rows.first()) {
            self.sql.exec("DELETE FROM log WHERE last >= ?", vec![integer(first.first)?])?;
        }
        done
    }

    fn insert(&self, rows: &[LogRow], at: Millis, request: Option<(&str, u64, &IngestAnswer)>) -> Answer<()> {
        for (i, row) in rows.iter().enumerate() {
            let mut values = vec![
                integer(row.last)?,
                integer(row.first)?,
                SqlStorageValue::try_from_i64(at.0)?,
                SqlStorageValue::Blob(row.batch.clone()),
            ];
            match request.filter(|_| i + 1 == rows.len()) {
                None => {
                    self.sql.exec("INSERT INTO log (last, first, at, batch) VALUES (?, ?, ?, ?)", values)?;
                }
                Some((key, hash, answer)) => {
                    values.extend([key.into(), hash.to_string().into(), serde_json::to_string(answer)?.into()]);
                    let text =
                        "INSERT INTO log (last, first, at, batch, request, hash, answer) VALUES (?, ?, ?, ?, ?, ?, ?)";
                    self.sql.exec(text, values)?;
                }
            }
        }
        Ok(())
    }

    /// The last checkpoint.
    pub fn checkpoint(&self, epoch: Epoch) -> Answer<Stored> {
        #[derive(Deserialize)]
        struct Part {
            seq: f64,
            #[serde(with = "serde_bytes_js")]
            data: Vec<u8>,
        }
        let parts: Vec<Part> = self.sql.exec("SELECT seq, data FROM checkpoint ORDER BY part", None)?.to_array()?;
        let seq = parts.first().map_or(0, |p| p.seq as Seq);
        let items = Items::from_snapshot(parts.iter().map(|p| p.data.as_slice()))
            .map_err(|e| Fault::Internal(format!("checkpoint: {e}")))?;
        Ok(Stored { items, cursor: Cursor { epoch, seq } })
    }

    /// Replaces the checkpoint.
    pub fn write_checkpoint(&self, items: &Items, cursor: Cursor) -> Answer<()> {
        let parts = items.to_snapshot();
        self.sql.exec("DELETE FROM checkpoint WHERE part >= ?", vec![integer(parts.len() as u64)?])?;
        for (i, data) in parts.into_iter().enumerate() {
            let values = vec![integer(i as u64)?, integer(cursor.seq)?, SqlStorageValue::Blob(data)];
            self.sql.exec("INSERT OR REPLACE INTO checkpoint (part, seq, data) VALUES (?, ?, ?)", values)?;
        }
        Ok(())
    }

    /// Rows of the log after `seq`, in order, at most `limit`.
    pub fn rows_after(&self, seq: Seq, limit: u64) -> Answer<Vec<Row>> {
        let text = "SELECT first, last, batch FROM log WHERE last > ? ORDER BY last LIMIT ?";
        Ok(self.sql.exec(text, vec![integer(seq)?, integer(limit)?])?.to_array()?)
    }

    /// Answered requests, the newest last.
    pub fn answered(&self) -> Answer<Vec<(String, u64, IngestAnswer)>> {
        let text = "SELECT request, hash, answer FROM log WHERE request IS NOT NULL AND last > \
                    (SELECT coalesce(max(last), 0) FROM log) - ? ORDER BY last DESC LIMIT ?";
        // The window is counted in events too, so that the search does not walk the whole log.
        let window = limits::RECENT_REQUESTS as u64 * 100;
        let mut rows: Vec<Answered> =
            self.sql.exec(text, vec![integer(window)?, integer(limits::RECENT_REQUESTS as u64)?])?.to_array()?;
        rows.reverse();
        rows.into_iter()
            .map(|r| {
                let hash = r.hash.parse().map_err(|_| Fault::Internal("stored hash".into()))?;
                Ok((r.request, hash, serde_json::from_slice(r.answer.as_bytes())?))
            })
            .collect()
    }

    /// The newest rows for the memory of recent ids, in order.
    pub fn recent_rows(&self) -> Answer<Vec<Row>> {
        let text = "SELECT first, last, batch FROM log WHERE control = 0 AND last > (SELECT coalesce(max(last), 0) FROM log) - ? ORDER BY last DESC LIMIT ?";
        let values = vec![integer(limits::RECENT_IDS as u64)?, integer(limits::RECENT_ROWS as u64)?];
        let mut rows: Vec<Row> = self.sql.exec(text, values)?.to_array()?;
        rows.reverse();
        Ok(rows)
    }

    /// Deletes log rows that are older than the retention and part of the checkpoint; how many.
    pub fn prune(&self, checkpoint: Seq, before: Millis) -> Answer<usize> {
        let values = vec![integer(checkpoint)?, SqlStorageValue::try_from_i64(before.0)?];
        // At most so many at a time: a long delete would hold up ingest.
        let text =
            "DELETE FROM log WHERE last IN (SELECT last FROM log WHERE last <= ? AND at < ? ORDER BY last LIMIT 1000)";
        Ok(self.sql.exec(text, values)?.rows_written())
    }

    /// The relays that want pushes, and how far each had confirmed.
    pub fn relays(&self) -> Answer<Vec<Relayed>> {
        #[derive(Deserialize)]
        struct Relay {
            name: String,
            confirmed: Option<f64>,
            viewers: f64,
        }
        let rows: Vec<Relay> = self.sql.exec("SELECT name, confirmed, viewers FROM relay", None)?.to_array()?;
        let stored = |r: Relay| Relayed {
            name: r.name,
            confirmed: r.confirmed.map(|seq| seq as Seq),
            viewers: r.viewers as u32,
        };
        Ok(rows.into_iter().map(stored).collect())
    }

    /// Relays have confirmed that they have everything up to an event.
    pub fn confirm_relays(&self, relays: &[Relayed], at: Millis) -> Answer<()> {
        for relay in relays {
            let Some(confirmed) = relay.confirmed else { continue };
            let values = vec![
                integer(confirmed)?,
                SqlStorageValue::try_from_i64(at.0)?,
                integer(u64::from(relay.viewers))?,
                relay.name.as_str().into(),
            ];
            self.sql.exec("UPDATE relay SET confirmed = ?, confirmed_at = ?, viewers = ? WHERE name = ?", values)?;
        }
        Ok(())
    }

    /// A relay wants pushes.
    pub fn add_relay(&self, name: &str) -> Answer<()> {
        self.sql.exec("INSERT OR IGNORE INTO relay (name) VALUES (?)", vec![name.into()])?;
        Ok(())
    }

    /// A relay has no viewers any more.
    pub fn remove_relay(&self, name: &str) -> Answer<()> {
        self.sql.exec("DELETE FROM relay WHERE name = ?", vec![name.into()])?;
        Ok(())
    }

    /// Forgets everything, the epoch too: what is written later is another life.
    pub fn erase(&self) -> Answer<()> {
        let tables = ["log", "checkpoint", "relay", "about", "settings", "dead_letter", "archive", "ranking", "sight"];
        let rollups = ["rollup", "rollup_series", "rollup_part", "rollup_floor"];
        for table in tables.into_iter().chain(rollups) {
            self.sql.exec(&format!("DELETE FROM {table}"), None)?;
        }
        Ok(())
    }

    /// The database.
    pub(super) const fn sql(&self) -> &SqlStorage {
        &self.sql
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> usize {
        self.sql.database_size()
    }
}
