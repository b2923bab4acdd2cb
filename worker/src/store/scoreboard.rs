//! What a scoreboard needs of a board's tables: controls in the log, and the settings.

use super::board::BoardStore;
use super::{Statement, integer};
use crate::fault::{Answer, Fault};
use heliograph_shared::board::LogRow;
use heliograph_shared::cursor::Seq;
use heliograph_shared::pipeline::Totals;
use heliograph_shared::scores::control::Control;
use heliograph_shared::scores::keeper::Settings;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use worker::SqlStorageValue;

#[derive(Deserialize)]
struct Text {
    data: String,
}

impl BoardStore {
    /// The parts of the config that the board must know by itself.
    pub fn settings(&self) -> Answer<Settings> {
        let rows: Vec<Text> = self.sql().exec("SELECT data FROM settings WHERE one = 1", None)?.to_array()?;
        Ok(rows.first().map(|r| serde_json::from_slice(r.data.as_bytes())).transpose()?.unwrap_or_default())
    }

    /// Keeps them.
    pub fn put_settings(&self, settings: &Settings) -> Answer<()> {
        let (text, values) = Self::settings_write(settings)?;
        self.sql().exec(text, values)?;
        Ok(())
    }

    /// The statement that keeps them.
    pub(super) fn settings_write(settings: &Settings) -> Answer<Statement> {
        let data = serde_json::to_string(settings)?;
        Ok(("INSERT OR REPLACE INTO settings (one, data) VALUES (1, ?)", vec![data.into()]))
    }

    /// What the pipeline has done.
    pub fn pipeline_totals(&self) -> Answer<Totals> {
        let rows: Vec<Text> = self.sql().exec("SELECT data FROM settings WHERE one = 2", None)?.to_array()?;
        Ok(rows.first().map(|r| serde_json::from_slice(r.data.as_bytes())).transpose()?.unwrap_or_default())
    }

    /// Keeps it.
    pub fn put_pipeline_totals(&self, totals: &str) -> Answer<()> {
        self.sql().exec("INSERT OR REPLACE INTO settings (one, data) VALUES (2, ?)", vec![totals.into()])?;
        Ok(())
    }

    /// How many rows of the log ended items. They go with the log, so their number is kept beside it.
    pub fn ends(&self) -> Answer<u64> {
        let rows: Vec<Text> = self.sql().exec("SELECT data FROM settings WHERE one = 3", None)?.to_array()?;
        rows.first().map_or(Ok(0), |r| r.data.parse().map_err(|_| Fault::Internal("stored number of ends".into())))
    }

    /// Appends a control that ended items, the `number`-th of the board.
    pub fn append_end(&self, row: &LogRow, number: u64, at: Millis) -> Answer<()> {
        self.write_all(Self::end_writes(row, number, at)?)
    }

    /// The statements that append it.
    pub(super) fn end_writes(row: &LogRow, number: u64, at: Millis) -> Answer<Vec<Statement>> {
        let values = vec![
            integer(row.last)?,
            integer(row.first)?,
            SqlStorageValue::try_from_i64(at.0)?,
            SqlStorageValue::Blob(row.batch.clone()),
        ];
        Ok(vec![
            ("INSERT INTO log (last, first, at, batch, control) VALUES (?, ?, ?, ?, 2)", values),
            ("INSERT OR REPLACE INTO settings (one, data) VALUES (3, ?)", vec![number.to_string().into()]),
        ])
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

    /// How many rows of the log after `seq` are controls.
    pub fn controls_after(&self, seq: Seq) -> Answer<u64> {
        #[derive(Deserialize)]
        struct Count {
            count: f64,
        }
        let text = "SELECT count(*) AS count FROM log WHERE last > ? AND control <> 0";
        let rows: Vec<Count> = self.sql().exec(text, vec![integer(seq)?])?.to_array()?;
        Ok(rows.first().map_or(0, |r| r.count as u64))
    }

    /// All controls, in order.
    pub fn controls(&self) -> Answer<Vec<(Seq, Control)>> {
        #[derive(Deserialize)]
        struct Row {
            first: f64,
            #[serde(with = "serde_bytes")]
            batch: Vec<u8>,
        }
        let rows: Vec<Row> =
            self.sql().exec("SELECT first, batch FROM log WHERE control = 1 ORDER BY last", None)?.to_array()?;
        rows.into_iter()
            .map(|r| {
                let control = Control::decode(&r.batch).ok_or_else(|| Fault::Internal("stored control".into()))?;
                Ok((r.first as Seq, control))
            })
            .collect()
    }
}
