//! A board's tables: the log (one row an ingest request), the checkpoint, and the relays that want pushes.

use super::{Statement, Transactions, Whole, integer, open};
use crate::fault::Answer;
use heliograph_shared::audit::{AuditAsk, Entry, Keeper, Noted};
use heliograph_shared::cursor::{Epoch, Seq};
use heliograph_shared::erase::Mask;
use heliograph_shared::pusher::Stored as Relayed;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use std::cell::RefCell;
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
    // Keys of requests were columns of the log, where an answer shared its row's 2 MB with the batch, and where they went
    // with the row. `request`, `hash` and `answer` of `log` are no longer written.
    "
    CREATE TABLE request (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        hash TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        answer TEXT NOT NULL
    );
    CREATE UNIQUE INDEX request_name ON request (owner, name);
    CREATE TABLE request_piece (
        id INTEGER NOT NULL,
        piece INTEGER NOT NULL,
        answer TEXT NOT NULL,
        PRIMARY KEY (id, piece)
    ) WITHOUT ROWID;
    INSERT OR REPLACE INTO request (owner, name, hash, bytes, answer)
        SELECT '', request, hash, octet_length(answer), answer FROM (
            SELECT last, request, hash, answer FROM log
            WHERE request IS NOT NULL AND last > (SELECT coalesce(max(last), 0) FROM log) - 1000000
            ORDER BY last DESC LIMIT 10000
        ) ORDER BY last;
    ALTER TABLE log ADD COLUMN owner TEXT NOT NULL DEFAULT '';
",
    // Names of series were a row each. Those in `rollup_series` come before these, and no more are written there.
    "
    CREATE TABLE rollup_names (first INTEGER PRIMARY KEY, data BLOB NOT NULL);
",
    // A board of before has its config at the registry: that is version 0, to be taken over.
    "
    CREATE TABLE config (one INTEGER PRIMARY KEY, version INTEGER NOT NULL, data TEXT, told INTEGER NOT NULL);
    INSERT INTO config (one, version, data, told) SELECT 1, 0, NULL, 0 FROM about;
",
    "
    CREATE TABLE erase (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        done INTEGER NOT NULL,
        data TEXT NOT NULL
    );
",
    // What is counted of a row of letters, and by what they are known, stands beside it; a mended record has its own row.
    "
    ALTER TABLE dead_letter ADD COLUMN about TEXT NOT NULL DEFAULT '[]';
    ALTER TABLE dead_letter ADD COLUMN hashes BLOB;
    CREATE TABLE letter_mend (
        id INTEGER NOT NULL,
        nth INTEGER NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (id, nth)
    ) WITHOUT ROWID;
    UPDATE dead_letter SET about = (
        SELECT json_group_array(json_array(code, source, step, n)) FROM (
            SELECT json_extract(value, '$.code') AS code, json_extract(value, '$.source') AS source,
                json_extract(value, '$.step') AS step, count(*) AS n
            FROM json_each(dead_letter.letters) WHERE type <> 'null' GROUP BY 1, 2, 3
        )
    );
",
    super::audit::TABLE,
    "
    CREATE TABLE track_state (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE track (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE fence (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, data BLOB NOT NULL);
",
    "
    CREATE TABLE alarm (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE webhook (id TEXT PRIMARY KEY, webhook TEXT NOT NULL, delivery TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE webhook_failed (
        webhook TEXT NOT NULL,
        event INTEGER NOT NULL,
        again INTEGER NOT NULL,
        key TEXT NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (webhook, event)
    ) WITHOUT ROWID;
",
    "
    CREATE TABLE layer (id TEXT PRIMARY KEY, about TEXT NOT NULL, data BLOB NOT NULL);
",
    "
    CREATE TABLE past (id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE import (one INTEGER PRIMARY KEY, data TEXT NOT NULL);
",
];

/// Under which board a board's own entries stand.
const OWN: &str = "";

/// The tables of one board.
pub struct BoardStore {
    sql: SqlStorage,
    storage: Transactions,
    /// What is being erased: nobody reads it.
    mask: RefCell<Mask>,
}

impl BoardStore {
    /// What does several things of which all is written or nothing.
    pub fn whole(&self) -> Whole {
        Whole(self.storage.clone())
    }

    /// Opens the tables.
    pub fn open(state: &State) -> Answer<Self> {
        let (sql, storage) = open(state, MIGRATIONS)?;
        Ok(Self { sql, storage, mask: RefCell::default() })
    }

    /// Writes all or nothing.
    pub(super) fn write_all(&self, writes: Vec<Statement>) -> Answer<()> {
        self.write_each(writes.into_iter().map(Ok))
    }

    /// Writes all or nothing; each statement is made when it is its turn.
    pub(super) fn write_each(&self, writes: impl Iterator<Item = Answer<Statement>>) -> Answer<()> {
        super::write_each(&self.storage, &self.sql, writes)
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

    /// Notes what is done.
    pub fn note(&self, noted: &Noted, now: Millis) -> Answer<()> {
        super::audit::note(&self.sql, OWN, noted, now)
    }

    /// What was noted, the newest first.
    pub fn audit(&self, ask: &AuditAsk) -> Answer<Vec<Entry>> {
        super::audit::entries(&self.sql, Keeper::Board, OWN, ask, |_| true)
    }

    /// What is being erased.
    pub(super) const fn mask(&self) -> &RefCell<Mask> {
        &self.mask
    }

    /// The database.
    pub(super) const fn sql(&self) -> &SqlStorage {
        &self.sql
    }

    /// Rows that were written, deleted ones and alarms that were set among them, since the database was opened. The platform
    /// bills these, and one more for each entry of an index.
    pub fn rows_written(&self) -> Answer<u64> {
        #[derive(Deserialize)]
        struct Row {
            written: f64,
        }
        let rows: Vec<Row> = self.sql.exec("SELECT total_changes() AS written", None)?.to_array()?;
        Ok(rows.first().map_or(0, |row| row.written as u64))
    }

    /// Bytes on disk.
    pub fn bytes(&self) -> usize {
        self.sql.database_size()
    }
}
