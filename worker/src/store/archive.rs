//! What delivery to object storage needs of a board's tables: how far it is, its plan, and the rows that wait.

use super::board::{BoardStore, serde_bytes_js};
use super::integer;
use crate::fault::Answer;
use heliograph_shared::archive::columns::Column;
use heliograph_shared::archive::config::ArchiveConfig;
use heliograph_shared::archive::delivery::{Delivered, Plan, Waiting};
use heliograph_shared::archive::object::LoggedRow;
use heliograph_shared::cursor::Seq;
use heliograph_shared::id::BoardName;
use heliograph_shared::time::Millis;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use worker::SqlStorageValue;

/// What the board must know of its config by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArchiveSettings {
    /// Its own name, which stands in the names of objects.
    pub board: BoardName,
    /// Where and how often; none while nothing is delivered.
    pub archive: Option<ArchiveConfig>,
    /// Days that the log is kept.
    pub keep_days: u32,
}

const SETTINGS: &str = "settings";
const DELIVERED: &str = "delivered";
const PLAN: &str = "plan";
const COLUMNS: &str = "columns";

const PUT: &str = "INSERT OR REPLACE INTO archive (name, data) VALUES (?, ?)";
const DROP: &str = "DELETE FROM archive WHERE name = ?";

type Write = (&'static str, Vec<SqlStorageValue>);

fn put(name: &str, value: &impl Serialize) -> Answer<Write> {
    Ok((PUT, vec![name.into(), serde_json::to_string(value)?.into()]))
}

impl BoardStore {
    fn archive_part<T: DeserializeOwned>(&self, name: &str) -> Answer<Option<T>> {
        #[derive(Deserialize)]
        struct Part {
            data: String,
        }
        let text = "SELECT data FROM archive WHERE name = ?";
        let rows: Vec<Part> = self.sql().exec(text, vec![name.into()])?.to_array()?;
        Ok(rows.first().map(|r| serde_json::from_slice(r.data.as_bytes())).transpose()?)
    }

    /// What the config says about delivery.
    pub fn archive_settings(&self) -> Answer<Option<ArchiveSettings>> {
        self.archive_part(SETTINGS)
    }

    /// Keeps it.
    pub fn put_archive_settings(&self, settings: &ArchiveSettings) -> Answer<()> {
        self.write_all(vec![put(SETTINGS, settings)?])
    }

    /// What was delivered last.
    pub fn delivered(&self) -> Answer<Option<Delivered>> {
        self.archive_part(DELIVERED)
    }

    /// The range whose delivery has begun.
    pub fn plan(&self) -> Answer<Option<Plan>> {
        self.archive_part(PLAN)
    }

    /// The columns that fields have.
    pub fn columns(&self) -> Answer<Vec<Column>> {
        Ok(self.archive_part(COLUMNS)?.unwrap_or_default())
    }

    /// Keeps the columns, where they changed, and the plan.
    pub fn put_plan(&self, plan: &Plan, columns: Option<&[Column]>) -> Answer<()> {
        let mut writes = vec![put(PLAN, plan)?];
        if let Some(columns) = columns {
            writes.push(put(COLUMNS, &columns)?);
        }
        self.write_all(writes)
    }

    /// Keeps how far delivery is; the plan is done with.
    pub fn put_delivered(&self, delivered: &Delivered) -> Answer<()> {
        self.write_all(vec![put(DELIVERED, delivered)?, (DROP, vec![PLAN.into()])])
    }

    /// The first sequence number that the log has.
    pub fn first_kept(&self) -> Answer<Option<Seq>> {
        #[derive(Deserialize)]
        struct First {
            first: f64,
        }
        let rows: Vec<First> = self.sql().exec("SELECT first FROM log ORDER BY last LIMIT 1", None)?.to_array()?;
        Ok(rows.first().map(|r| r.first as Seq))
    }

    /// What the log has after `seq`.
    pub fn waiting(&self, seq: Seq) -> Answer<Waiting> {
        #[derive(Deserialize)]
        struct Sum {
            bytes: f64,
        }
        let text = "SELECT coalesce(sum(length(batch)), 0) AS bytes FROM log WHERE last > ?";
        let rows: Vec<Sum> = self.sql().exec(text, vec![integer(seq)?])?.to_array()?;
        Ok(Waiting { bytes: rows.first().map_or(0, |r| r.bytes as u64), since: self.accepted_after(seq)? })
    }

    /// When the first row after `seq` was accepted.
    pub fn accepted_after(&self, seq: Seq) -> Answer<Option<Millis>> {
        #[derive(Deserialize)]
        struct At {
            at: f64,
        }
        let text = "SELECT at FROM log WHERE last > ? ORDER BY last LIMIT 1";
        let rows: Vec<At> = self.sql().exec(text, vec![integer(seq)?])?.to_array()?;
        Ok(rows.first().map(|r| Millis(r.at as i64)))
    }

    /// Shows the rows after `seq` in order, one at a time, until `each` has enough or there are no more; whether there
    /// may be more.
    pub fn read_log(&self, seq: Seq, mut each: impl FnMut(LoggedRow<'_>) -> Answer<bool>) -> Answer<bool> {
        #[derive(Deserialize)]
        struct Logged {
            first: f64,
            last: f64,
            at: f64,
            #[serde(with = "serde_bytes_js")]
            batch: Vec<u8>,
        }
        let text = "SELECT first, last, at, batch FROM log WHERE last > ? ORDER BY last";
        // Rows are taken from the cursor one by one: a thousand may be more than fits into memory.
        for row in self.sql().exec(text, vec![integer(seq)?])?.next::<Logged>() {
            let Logged { first, last, at, batch } = row?;
            let row = LoggedRow { first: first as Seq, last: last as Seq, at: Millis(at as i64), bytes: &batch };
            if !each(row)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
