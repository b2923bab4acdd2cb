//! A board's log as a backup has it, and what is stored of an import.

use super::board::BoardStore;
use super::{Statement, integer};
use crate::fault::{Answer, Fault};
use heliograph_shared::backup::{BackupRow, Import, RowKind};
use heliograph_shared::cursor::{Epoch, Seq};
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::scores::keeper::Settings;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use worker::SqlStorageValue;

/// The one row of the table of imports.
const PUT: &str = "INSERT OR REPLACE INTO import (one, data) VALUES (1, ?)";

impl BoardStore {
    /// The last number of the last row that ends with `seq` or before; 0 where there is none.
    pub fn row_end(&self, seq: Seq) -> Answer<Seq> {
        #[derive(Deserialize)]
        struct Last {
            last: Option<f64>,
        }
        let text = "SELECT max(last) AS last FROM log WHERE last <= ?";
        let rows: Vec<Last> = self.sql().exec(text, vec![integer(seq)?])?.to_array()?;
        Ok(rows.first().and_then(|r| r.last).map_or(0, |last| last as Seq))
    }

    /// Shows the rows after `after` and up to `upto` in order, without what is being erased, until `each` has enough.
    pub fn read_for_backup(
        &self,
        after: Seq,
        upto: Seq,
        mut each: impl FnMut(&BackupRow<'_>) -> Answer<bool>,
    ) -> Answer<()> {
        #[derive(Deserialize)]
        struct Row {
            first: f64,
            last: f64,
            at: f64,
            owner: String,
            #[serde(with = "serde_bytes")]
            batch: Vec<u8>,
        }
        let text = "SELECT first, last, at, owner, batch FROM log WHERE last > ? AND last <= ? ORDER BY last";
        for row in self.sql().exec(text, vec![integer(after)?, integer(upto)?])?.next::<Row>() {
            let Row { first, last, at, owner, batch } = row?;
            let (first, last, at) = (first as Seq, last as Seq, Millis(at as i64));
            let masked = self.masked(first, &batch)?;
            let bytes = masked.as_deref().unwrap_or(&batch);
            if bytes.len() > limits::BACKUP_ROW_BYTES {
                // Holes may make a row longer. It becomes several when it is written without what is erased.
                let detail = "an item is being erased from the log at the moment; try again";
                return Err(Problem::new(Code::Overloaded, detail).retry_after(2).into());
            }
            if !each(&BackupRow { first, last, at, owner: &owner, bytes })? {
                break;
            }
        }
        Ok(())
    }

    /// The import that this board is made by, or was.
    pub fn import(&self) -> Answer<Option<Import>> {
        #[derive(Deserialize)]
        struct Data {
            data: String,
        }
        let rows: Vec<Data> = self.sql().exec("SELECT data FROM import WHERE one = 1", None)?.to_array()?;
        Ok(rows.first().map(|r| serde_json::from_str(&r.data)).transpose()?)
    }

    /// Keeps how far it is.
    pub fn put_import(&self, import: &Import) -> Answer<()> {
        self.write_all(vec![import_write(import)?])
    }

    /// Begins a board that an import makes: with its life, and with what its items are made by.
    pub fn begin_import(&self, import: &Import, settings: &Settings) -> Answer<()> {
        let epoch = Epoch(import.epoch);
        self.whole().of(|| {
            if self.epoch(|| Ok(import.epoch))? != epoch {
                return Err(Fault::Internal("an import began on a board that has a life".into()));
            }
            self.put_settings(settings)?;
            self.put_import(import)
        })
    }

    /// Writes rows with how far the import is by them, all or nothing.
    pub fn take_rows(&self, rows: &[(BackupRow<'_>, RowKind)], import: &Import) -> Answer<()> {
        let ends = import.taken.ends.to_string();
        let ends = ("INSERT OR REPLACE INTO settings (one, data) VALUES (3, ?)", vec![ends.into()]);
        let last = [Ok(ends), import_write(import)];
        self.write_each(rows.iter().map(|(row, kind)| row_write(row, *kind)).chain(last))
    }
}

fn import_write(import: &Import) -> Answer<Statement> {
    Ok((PUT, vec![serde_json::to_string(import)?.into()]))
}

fn row_write(row: &BackupRow<'_>, kind: RowKind) -> Answer<Statement> {
    let control = match kind {
        RowKind::Events => 0,
        RowKind::Control => 1,
        RowKind::Ends => 2,
    };
    let values = vec![
        integer(row.last)?,
        integer(row.first)?,
        SqlStorageValue::try_from_i64(row.at.0)?,
        SqlStorageValue::Blob(row.bytes.to_vec()),
        integer(control)?,
        row.owner.into(),
    ];
    Ok(("INSERT INTO log (last, first, at, batch, control, owner) VALUES (?, ?, ?, ?, ?, ?)", values))
}
