//! What delivery to object storage needs of a board's tables: how far it is, its plan, and the rows that wait.

use super::Statement;
use super::board::BoardStore;
use super::integer;
use super::pieces::put;
use crate::fault::Answer;
use heliograph_shared::archive::config::ArchiveSettings;
use heliograph_shared::archive::delivery::{Delivered, Waiting};
use heliograph_shared::archive::export::DELIVERED;
use heliograph_shared::cursor::Seq;
use heliograph_shared::projection::{Piece, Table};
use heliograph_shared::time::Millis;
use serde::Deserialize;
use worker::SqlStorageValue;

impl BoardStore {
    /// What the config says about delivery.
    pub fn archive_settings(&self) -> Answer<Option<ArchiveSettings>> {
        #[derive(Deserialize)]
        struct Settings {
            #[serde(with = "serde_bytes")]
            data: Vec<u8>,
        }
        let rows: Vec<Settings> =
            self.sql().exec("SELECT data FROM archive WHERE name = 'settings'", None)?.to_array()?;
        Ok(rows.first().map(|r| serde_json::from_slice(&r.data)).transpose()?)
    }

    /// The statement that keeps it.
    pub(super) fn archive_settings_write(settings: &ArchiveSettings) -> Answer<Statement> {
        let data = SqlStorageValue::Blob(serde_json::to_vec(settings)?);
        Ok(("INSERT OR REPLACE INTO archive (name, data) VALUES ('settings', ?)", vec![data]))
    }

    /// What was delivered last.
    pub fn delivered(&self) -> Answer<Option<Delivered>> {
        Ok(self.piece(Table::Delivery, DELIVERED)?.map(|p| Delivered::decode(&p.data)).transpose()?)
    }

    /// The statement that keeps from where on is delivered.
    pub(super) fn delivered_write(delivered: &Delivered) -> Answer<Statement> {
        put(Piece { table: Table::Delivery, id: DELIVERED, seq: 0, data: delivered.encode() })
    }

    /// A number that a query answers, if it answers one.
    fn number(&self, text: &str, after: Seq) -> Answer<Option<f64>> {
        #[derive(Deserialize)]
        struct Number {
            n: f64,
        }
        let rows: Vec<Number> = self.sql().exec(text, vec![integer(after)?])?.to_array()?;
        Ok(rows.first().map(|r| r.n))
    }

    /// The first sequence number from which on the log is whole up to `newest`. Rows of control outlive the events around
    /// them: those right before the first event count, those before a hole do not.
    pub fn whole_from(&self, newest: Seq) -> Answer<Seq> {
        let mut from = self.first_kept()?.unwrap_or(newest + 1);
        let before = "SELECT first AS n FROM log WHERE last = ? AND control <> 0";
        while from > 1
            && let Some(first) = self.number(before, from - 1)?
        {
            from = first as Seq;
        }
        Ok(from)
    }

    /// The first sequence number of an event that the log has.
    pub fn first_kept(&self) -> Answer<Option<Seq>> {
        let first =
            self.number("SELECT first AS n FROM log WHERE last > ? AND control = 0 ORDER BY last LIMIT 1", 0)?;
        Ok(first.map(|n| n as Seq))
    }

    /// What the log has after `seq`.
    pub fn waiting(&self, seq: Seq) -> Answer<Waiting> {
        let bytes = self.number("SELECT coalesce(sum(length(batch)), 0) AS n FROM log WHERE last > ?", seq)?;
        Ok(Waiting { bytes: bytes.map_or(0, |n| n as u64), since: self.accepted_after(seq)? })
    }

    /// When the first row after `seq` was accepted.
    pub fn accepted_after(&self, seq: Seq) -> Answer<Option<Millis>> {
        let at = self.number("SELECT at AS n FROM log WHERE last > ? ORDER BY last LIMIT 1", seq)?;
        Ok(at.map(|n| Millis(n as i64)))
    }
}
