//! What is in the tables before the first change.

use pgwire_replication::PgWireError;
use xxhash_rust::xxh3::Xxh3;

use super::catalog::{self, Table, identifier, literal};
use super::row::{self, Cell};
use super::stream::Shape;
use super::{Fault, Message, Place, Queue, Session, fault, text};
use crate::bridge::reader::{Record, Work};

/// Rows that are read at once.
const ROWS: usize = 500;

/// The first rows under way.
pub struct Snapshot<'s> {
    session: &'s mut Session,
    queue: &'s Queue,
}

impl<'s> Snapshot<'s> {
    /// A snapshot that is not begun yet.
    pub fn new(session: &'s mut Session, queue: &'s Queue) -> Self {
        Self { session, queue }
    }

    async fn ask(&mut self, sql: &str) -> Result<Vec<Vec<Option<bytes::Bytes>>>, Fault> {
        self.session.client.simple_query(sql).await.map_err(|error: PgWireError| fault(&error))
    }

    /// Hands on all rows, waits until the server has answered for them, and gives the slot its name. `false` when nobody wants
    /// them any more.
    ///
    /// Where there is a slot of a snapshot that was not finished, its changes come after these rows, though the rows have seen
    /// some of them: so that also a row is gone in the end that was deleted in between.
    pub async fn run(mut self, has_slot: bool) -> Result<bool, Fault> {
        let unfinished = self.session.options.unfinished();
        self.ask("BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ").await?;
        if !has_slot {
            let slot = identifier(&unfinished);
            self.ask(&format!("CREATE_REPLICATION_SLOT {slot} LOGICAL pgoutput USE_SNAPSHOT")).await?;
        }
        let now = self.ask("SELECT (extract(epoch FROM now()) * 1000)::bigint").await?;
        let now = now.first().and_then(|row| text(row.first()?.as_ref()?).parse().ok());
        let tables = catalog::checked(&mut self.session.client, &self.session.options.clone()).await?;
        for table in tables.values() {
            if !self.table(table, now).await? {
                return Ok(false);
            }
        }
        self.session.tables = tables;
        self.ask("COMMIT").await?;
        let last = Message { position: Place::Snapshot, work: Work::Pass };
        if self.queue.send(Ok(last)).await.is_err() {
            return Ok(false);
        }
        if self.session.seen.wait_for(|done| done.snapshot).await.is_err() {
            return Ok(false);
        }
        let (from, to) = (literal(&unfinished), literal(&self.session.options.slot));
        self.ask(&format!("SELECT pg_copy_logical_replication_slot({from}, {to})")).await?;
        self.ask(&format!("SELECT pg_drop_replication_slot({from})")).await?;
        Ok(true)
    }

    async fn table(&mut self, table: &Table, now: Option<i64>) -> Result<bool, Fault> {
        let options = self.session.options.clone();
        let Some(shape) = Shape::of_table(table, &options) else { return Ok(true) };
        let columns: Vec<String> = table.columns.iter().map(|column| identifier(&column.name)).collect();
        // The rows of tables that inherit from this one are published by themselves; those of partitions are its own.
        let only = if table.is_partitioned { "" } else { "ONLY " };
        let filter = table.filter.as_ref().map(|filter| format!(" WHERE {filter}")).unwrap_or_default();
        self.ask(&format!(
            "DECLARE heliograph NO SCROLL CURSOR FOR SELECT xmin::text, {} FROM {only}{}.{}{filter}",
            columns.join(", "),
            identifier(&table.schema),
            identifier(&table.name)
        ))
        .await?;
        loop {
            let rows = self.ask(&format!("FETCH {ROWS} FROM heliograph")).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let id = self.id(table, &row);
                let cells: Vec<Cell> =
                    row.into_iter().skip(1).map(|cell| cell.map_or(Cell::Null, Cell::Text)).collect();
                let payload = serde_json::Value::Object(row::object(shape.cells(&cells))).to_string();
                let record = Record {
                    id: Some(id),
                    key: shape.key(&cells, &[]),
                    time: shape.time(&cells).or(now),
                    is_row: true,
                    payload: payload.into(),
                    ..Record::default()
                };
                let message = Message { position: Place::Within, work: Work::Event(record) };
                if self.queue.send(Ok(message)).await.is_err() {
                    return Ok(false);
                }
            }
        }
        self.ask("CLOSE heliograph").await?;
        Ok(true)
    }

    /// The name of a row as it is, and as which transaction made it: the same whenever it is read, until it is changed.
    fn id(&self, table: &Table, row: &[Option<bytes::Bytes>]) -> String {
        let mut hash = Xxh3::new();
        for part in [&table.schema, &table.name] {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
        for cell in row {
            match cell {
                None => hash.update(&[1]),
                Some(bytes) => {
                    hash.update(bytes);
                    hash.update(&[0]);
                }
            }
        }
        format!("{}{:016X}/{:032x}", self.session.prefix, 0, hash.digest128())
    }
}
