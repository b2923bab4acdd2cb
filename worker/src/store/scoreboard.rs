//! What a scoreboard needs of a board's tables: controls in the log, the settings, and dead letters.

use super::board::{BoardStore, Row};
use super::integer;
use crate::fault::{Answer, Fault};
use heliograph_shared::board::LogRow;
use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::Seq;
use heliograph_shared::event::Event;
use heliograph_shared::limits;
use heliograph_shared::pipeline::Totals;
use heliograph_shared::scores::control::Control;
use heliograph_shared::scores::keeper::{PieceChange, Settings};
use heliograph_shared::time::Millis;
use serde::Deserialize;
use serde_json::Value;
use worker::SqlStorageValue;

#[derive(Deserialize)]
struct Text {
    data: String,
}

/// A row of dead letters: those of one request.
#[derive(Deserialize)]
pub struct LetterRow {
    /// The row's number.
    pub id: f64,
    /// When they came, epoch milliseconds.
    pub at: f64,
    /// The letters, a JSON array.
    pub letters: String,
}

impl BoardStore {
    /// The parts of the config that the board must know by itself.
    pub fn settings(&self) -> Answer<Settings> {
        let rows: Vec<Text> = self.sql().exec("SELECT data FROM settings WHERE one = 1", None)?.to_array()?;
        Ok(rows.first().map(|r| serde_json::from_slice(r.data.as_bytes())).transpose()?.unwrap_or_default())
    }

    /// Keeps them.
    pub fn put_settings(&self, settings: &Settings) -> Answer<()> {
        let data = serde_json::to_string(settings)?;
        self.sql().exec("INSERT OR REPLACE INTO settings (one, data) VALUES (1, ?)", vec![data.into()])?;
        Ok(())
    }

    /// What the pipeline has done.
    pub fn pipeline_totals(&self) -> Answer<Totals> {
        let rows: Vec<Text> = self.sql().exec("SELECT data FROM settings WHERE one = 2", None)?.to_array()?;
        Ok(rows.first().map(|r| serde_json::from_slice(r.data.as_bytes())).transpose()?.unwrap_or_default())
    }

    /// Keeps it.
    pub fn put_pipeline_totals(&self, totals: &Totals) -> Answer<()> {
        let data = serde_json::to_string(totals)?;
        self.sql().exec("INSERT OR REPLACE INTO settings (one, data) VALUES (2, ?)", vec![data.into()])?;
        Ok(())
    }

    /// What others than managers see, in parts, and how far it is; none when nothing of its own is stored.
    pub fn sights(&self) -> Answer<Option<(Seq, Vec<Vec<u8>>)>> {
        #[derive(Deserialize)]
        struct Part {
            seq: f64,
            #[serde(with = "super::board::serde_bytes_js")]
            data: Vec<u8>,
        }
        let rows: Vec<Part> = self.sql().exec("SELECT seq, data FROM sight ORDER BY part", None)?.to_array()?;
        let seq = rows.first().map(|p| p.seq as Seq);
        Ok(seq.map(|seq| (seq, rows.into_iter().map(|p| p.data).collect())))
    }

    /// Stores it, all or nothing.
    pub fn put_sights(&self, seq: Seq, parts: Vec<Vec<u8>>) -> Answer<()> {
        let mut writes = vec![("DELETE FROM sight WHERE part >= ?", vec![integer(parts.len() as u64)?])];
        for (i, data) in parts.into_iter().enumerate() {
            let values = vec![integer(i as u64)?, integer(seq)?, SqlStorageValue::Blob(data)];
            writes.push(("INSERT OR REPLACE INTO sight (part, seq, data) VALUES (?, ?, ?)", values));
        }
        self.write_all(writes)
    }

    /// The pieces of the ranking's checkpoint, in the order of their numbers.
    pub fn ranking(&self) -> Answer<Vec<(u64, Vec<u8>)>> {
        #[derive(Deserialize)]
        struct Piece {
            id: f64,
            #[serde(with = "super::board::serde_bytes_js")]
            data: Vec<u8>,
        }
        let rows: Vec<Piece> = self.sql().exec("SELECT id, data FROM ranking ORDER BY id", None)?.to_array()?;
        Ok(rows.into_iter().map(|p| (p.id as u64, p.data)).collect())
    }

    /// Writes pieces of the ranking's checkpoint, all or none.
    pub fn write_ranking(&self, changes: Vec<PieceChange>) -> Answer<()> {
        let write = |change| {
            Ok::<_, Fault>(match change {
                PieceChange::Put(id, data) => {
                    let values = vec![integer(id)?, SqlStorageValue::Blob(data)];
                    ("INSERT OR REPLACE INTO ranking (id, data) VALUES (?, ?)", values)
                }
                PieceChange::Drop(first, last) => {
                    ("DELETE FROM ranking WHERE id BETWEEN ? AND ?", vec![integer(first)?, integer(last)?])
                }
            })
        };
        self.write_all(changes.into_iter().map(write).collect::<Answer<_>>()?)
    }

    /// Appends a control.
    pub fn append_control(&self, row: &LogRow, at: Millis) -> Answer<()> {
        let values = vec![
            integer(row.last)?,
            integer(row.first)?,
            SqlStorageValue::try_from_i64(at.0)?,
            SqlStorageValue::Blob(row.batch.clone()),
        ];
        self.sql().exec("INSERT INTO log (last, first, at, batch, control) VALUES (?, ?, ?, ?, 1)", values)?;
        Ok(())
    }

    /// All controls, in order.
    pub fn controls(&self) -> Answer<Vec<(Seq, Control)>> {
        let rows: Vec<Row> =
            self.sql().exec("SELECT first, last, batch FROM log WHERE control = 1 ORDER BY last", None)?.to_array()?;
        rows.into_iter()
            .map(|r| {
                let control = Control::decode(&r.batch).ok_or_else(|| Fault::Internal("stored control".into()))?;
                Ok((r.first as Seq, control))
            })
            .collect()
    }

    /// Rows with events before `seq`, the newest first, at most `limit`.
    pub fn rows_before(&self, seq: Seq, limit: u64) -> Answer<Vec<Row>> {
        let text = "SELECT first, last, batch FROM log WHERE last < ? AND control = 0 ORDER BY last DESC LIMIT ?";
        Ok(self.sql().exec(text, vec![integer(seq)?, integer(limit)?])?.to_array()?)
    }

    /// One event of the log by its sequence, and its key.
    pub fn event(&self, seq: Seq) -> Answer<Option<(String, Event)>> {
        let text = "SELECT first, last, batch FROM log WHERE last >= ? AND control = 0 ORDER BY last LIMIT 1";
        let rows: Vec<Row> = self.sql().exec(text, vec![integer(seq)?])?.to_array()?;
        let Some(row) = rows.first() else { return Ok(None) };
        let Some(at) = seq.checked_sub(row.first as Seq) else { return Ok(None) };
        let batch = Batch::decode(&row.batch)?;
        let there = (at as usize) < batch.len();
        Ok(there.then(|| (batch.key(at as usize).to_owned(), batch.event(at as usize))))
    }

    /// Keeps refused records; the oldest make room.
    pub fn bury(&self, letters: &[Value], at: Millis) -> Answer<()> {
        if letters.is_empty() {
            return Ok(());
        }
        let mut parts = letters.chunks(limits::DEAD_LETTERS_PER_ROW);
        parts.try_for_each(|part| {
            let values = vec![SqlStorageValue::try_from_i64(at.0)?, serde_json::to_string(part)?.into()];
            self.sql().exec("INSERT INTO dead_letter (at, letters) VALUES (?, ?)", values)?;
            Ok::<_, Fault>(())
        })?;
        let text = "DELETE FROM dead_letter WHERE id <= (SELECT max(id) FROM dead_letter) - ?";
        self.sql().exec(text, vec![integer(limits::DEAD_LETTERS as u64)?])?;
        Ok(())
    }

    /// Rows of dead letters before a number, the newest first.
    pub fn dead_letters(&self, before: Option<u64>, limit: u64) -> Answer<Vec<LetterRow>> {
        let text = "SELECT id, at, letters FROM dead_letter WHERE id < ? ORDER BY id DESC LIMIT ?";
        let before = before.unwrap_or(1 << 52);
        Ok(self.sql().exec(text, vec![integer(before)?, integer(limit)?])?.to_array()?)
    }

    /// Drops one dead letter; false when it is not there.
    pub fn drop_letter(&self, row: u64, index: usize) -> Answer<bool> {
        let found: Vec<LetterRow> =
            self.sql().exec("SELECT id, at, letters FROM dead_letter WHERE id = ?", vec![integer(row)?])?.to_array()?;
        let Some(found) = found.first() else { return Ok(false) };
        let mut letters: Vec<Value> = serde_json::from_slice(found.letters.as_bytes())?;
        // Its place stays, so that the others keep their ids.
        match letters.get_mut(index) {
            Some(letter) if !letter.is_null() => *letter = Value::Null,
            _ => return Ok(false),
        }
        if letters.iter().all(Value::is_null) {
            self.sql().exec("DELETE FROM dead_letter WHERE id = ?", vec![integer(row)?])?;
        } else {
            let values = vec![serde_json::to_string(&letters)?.into(), integer(row)?];
            self.sql().exec("UPDATE dead_letter SET letters = ? WHERE id = ?", values)?;
        }
        Ok(true)
    }
}
