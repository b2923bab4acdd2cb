//! The changes of the tables.

use std::collections::BTreeMap;

use pg_walstream::{ColumnData, LogicalReplicationMessage as Change, LogicalReplicationParser, TupleData};
use pgwire_replication::{Lsn, ReplicationEvent};

use super::catalog::{self, Table};
use super::row::{self, Cell};
use super::{Fault, Message, Options, Place, Queue, Session, fault};
use crate::bridge::reader::{End, Record, Work};

/// 1970 to 2000, in milliseconds.
const EPOCH_MS: i64 = 946_684_800_000;

/// How the rows of a table come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    name: String,
    columns: Vec<(String, u32)>,
    /// Which columns name the item.
    key: Vec<usize>,
    /// What comes before the key.
    prefix: String,
    /// Which column says when it was.
    time: Option<usize>,
}

impl Shape {
    /// The shape of a table as the catalog has it.
    pub fn of_table(table: &Table, options: &Options) -> Option<Self> {
        let columns = table.columns.iter().map(|column| (column.name.clone(), column.kind)).collect();
        Self::new(table, columns, options)
    }

    /// The shape of rows with these columns; `None` if what names an item is not among them.
    fn new(table: &Table, columns: Vec<(String, u32)>, options: &Options) -> Option<Self> {
        let find = |wanted: &str| columns.iter().position(|(name, _)| name == wanted);
        let key = table.key_columns(&options.key_columns).into_iter().map(find).collect::<Option<Vec<_>>>()?;
        let time = options.time_column.as_deref().and_then(find);
        let prefix = if options.table_in_key { format!("{}/", table.name) } else { String::new() };
        Some(Self { name: table.name.clone(), columns, key, prefix, time })
    }

    /// The cells with the names and types of their columns.
    pub fn cells<'c>(&'c self, cells: &'c [Cell]) -> impl Iterator<Item = (&'c str, u32, &'c Cell)> {
        self.columns.iter().zip(cells).map(|((name, kind), cell)| (name.as_str(), *kind, cell))
    }

    /// The key of a row's item; where the row does not repeat it, it is as it was. `None` if a part of it is nothing.
    pub fn key(&self, cells: &[Cell], before: &[Cell]) -> Option<String> {
        let part = |place: &usize| match (cells.get(*place), before.get(*place)) {
            (Some(Cell::Text(bytes)), _) | (Some(Cell::Unchanged), Some(Cell::Text(bytes))) => Some(super::text(bytes)),
            (_, _) => None,
        };
        let parts = self.key.iter().map(part).collect::<Option<Vec<_>>>()?;
        Some(format!("{}{}", self.prefix, parts.join("/")))
    }

    /// When a row says that it was.
    pub fn time(&self, cells: &[Cell]) -> Option<i64> {
        let place = self.time?;
        row::time(self.columns.get(place)?.1, cells.get(place)?)
    }
}

/// A transaction under way.
#[derive(Clone, Copy, Debug, Default)]
struct Transaction {
    at: u64,
    time: i64,
    changes: u32,
}

/// The changes under way.
pub struct Stream<'s> {
    session: &'s mut Session,
    parser: LogicalReplicationParser,
    shapes: BTreeMap<u32, Shape>,
    transaction: Option<Transaction>,
    passed: u64,
}

impl<'s> Stream<'s> {
    /// Changes of which none has come yet.
    pub fn new(session: &'s mut Session) -> Self {
        Self {
            session,
            parser: LogicalReplicationParser::with_protocol_version(1),
            shapes: BTreeMap::new(),
            transaction: None,
            passed: 0,
        }
    }

    /// Hands on changes until something is wrong or nobody wants any more.
    pub async fn run(mut self, queue: &Queue) -> Result<(), Fault> {
        loop {
            let event = tokio::select! {
                biased;
                told = self.session.seen.changed() => {
                    if told.is_err() {
                        return Ok(());
                    }
                    let end = self.session.seen.borrow_and_update().log;
                    self.session.client.update_applied_lsn(Lsn::from_u64(end));
                    continue;
                }
                event = self.session.client.recv() => event.map_err(|error| fault(&error))?,
            };
            let Some(event) = event else { return Err(Fault::Lost("the connection ended".to_owned())) };
            for message in self.take(event).await? {
                if queue.send(Ok(message)).await.is_err() {
                    return Ok(());
                }
            }
        }
    }

    async fn take(&mut self, event: ReplicationEvent) -> Result<Vec<Message<Place>>, Fault> {
        let pass = |end: u64| vec![Message { position: Place::Log(end), work: Work::Pass }];
        Ok(match event {
            ReplicationEvent::Begin { final_lsn, commit_time_micros, .. } => {
                let time = commit_time_micros.div_euclid(1_000) + EPOCH_MS;
                self.transaction = Some(Transaction { at: final_lsn.as_u64(), time, changes: 0 });
                Vec::new()
            }
            ReplicationEvent::Commit { end_lsn, .. } => {
                self.transaction = None;
                self.passed = self.passed.max(end_lsn.as_u64());
                pass(end_lsn.as_u64())
            }
            // Others write too: their part of the log need not be kept for us.
            ReplicationEvent::KeepAlive { wal_end, .. }
                if self.transaction.is_none() && wal_end.as_u64() > self.passed =>
            {
                self.passed = wal_end.as_u64();
                pass(self.passed)
            }
            ReplicationEvent::XLogData { data, .. } => {
                let change = self
                    .parser
                    .parse_wal_message_bytes(data)
                    .map_err(|error| Fault::Fatal(format!("a change cannot be read: {error}")))?;
                let work = self.change(change.message).await?;
                work.into_iter().map(|work| Message { position: Place::Within, work }).collect()
            }
            ReplicationEvent::KeepAlive { .. }
            | ReplicationEvent::Message { .. }
            | ReplicationEvent::StoppedAt { .. } => Vec::new(),
        })
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest is of transactions, types, and versions not asked for"
    )]
    async fn change(&mut self, change: Change) -> Result<Vec<Work>, Fault> {
        match change {
            Change::Relation { relation_id, columns, .. } => {
                let columns = columns.iter().map(|column| (column.name.to_string(), column.type_id)).collect();
                let shape = self.shape(relation_id, columns).await?;
                self.shapes.insert(relation_id, shape);
                return Ok(Vec::new());
            }
            Change::Truncate { relation_ids, .. } => {
                for shape in relation_ids.iter().filter_map(|number| self.shapes.get(number)) {
                    eprintln!(
                        "heliograph: all rows of `{}` were removed at once (TRUNCATE), which does not say which: their items stay. \
                         End them with `heliograph item delete`, or give the board an expire_after_s",
                        shape.name
                    );
                }
                return Ok(Vec::new());
            }
            Change::Insert { relation_id, tuple } => self.row(relation_id, &[], cells(&tuple), false),
            Change::Update { relation_id, old_tuple, new_tuple, key_type } => {
                let old = old_tuple.as_ref().map(cells).unwrap_or_default();
                self.row(relation_id, &old, cells(&new_tuple), key_type == Some('O'))
            }
            Change::Delete { relation_id, old_tuple, .. } => self.gone(relation_id, &cells(&old_tuple)),
            _ => return Ok(Vec::new()),
        }
        .ok_or_else(|| Fault::Lost("a change came of a table that was not described".to_owned()))
    }

    /// How the rows of a table come from now on. What names its rows is asked for again when the table is a new one, or its key
    /// has another name.
    async fn shape(&mut self, number: u32, columns: Vec<(String, u32)>) -> Result<Shape, Fault> {
        let options = self.session.options.clone();
        let known = |tables: &catalog::Tables| {
            tables.get(&number).and_then(|table| Shape::new(table, columns.clone(), &options))
        };
        if let Some(shape) = known(&self.session.tables) {
            return Ok(shape);
        }
        let mut client = options.connect().await?;
        self.session.tables = catalog::checked(&mut client, &options).await?;
        known(&self.session.tables).ok_or_else(|| {
            Fault::Fatal(
                "a table's key had another name when a row was changed than it has now: say with --key-column which"
                    .to_owned(),
            )
        })
    }

    /// A row as it is from now on.
    fn row(&mut self, table: u32, old: &[Cell], new: Vec<Cell>, is_whole: bool) -> Option<Vec<Work>> {
        let (shape, transaction) = (self.shapes.get(&table)?, self.transaction.as_mut()?);
        transaction.changes += 1;
        let (id, is_new) = (name(&self.session.prefix, transaction), transaction.at > self.session.end);
        let key = shape.key(&new, old);
        let mut work = Vec::new();
        let before = if old.is_empty() { None } else { shape.key(old, &[]) };
        let has_moved = before.is_some() && before != key;
        if let Some(key) = before.filter(|_| has_moved && !self.session.options.keep_deleted) {
            work.push(Work::End(End { key, id: id.clone(), is_new }));
        }
        // Where the whole row that was is known, so is what did not change.
        let whole: Vec<Cell> = new
            .into_iter()
            .enumerate()
            .map(|(place, cell)| match old.get(place) {
                Some(before) if is_whole && cell == Cell::Unchanged => before.clone(),
                Some(_) | None => cell,
            })
            .collect();
        let payload = serde_json::Value::Object(row::object(shape.cells(&whole))).to_string();
        work.push(Work::Event(Record {
            id: Some(id),
            key,
            time: shape.time(&whole).or(Some(transaction.time)),
            is_row: true,
            payload: payload.into(),
            ..Record::default()
        }));
        Some(work)
    }

    /// A row that is no more.
    fn gone(&mut self, table: u32, old: &[Cell]) -> Option<Vec<Work>> {
        let (shape, transaction) = (self.shapes.get(&table)?, self.transaction.as_mut()?);
        transaction.changes += 1;
        let (id, is_new) = (name(&self.session.prefix, transaction), transaction.at > self.session.end);
        let key = shape.key(old, &[]).filter(|_| !self.session.options.keep_deleted);
        Some(key.map(|key| Work::End(End { key, id, is_new })).into_iter().collect())
    }
}

/// The name of a change: it is the same whenever it comes, and what comes later has a greater one.
fn name(prefix: &str, transaction: &Transaction) -> String {
    format!("{prefix}{:016X}/{:08x}", transaction.at, transaction.changes)
}

fn cells(tuple: &TupleData) -> Vec<Cell> {
    let cell = |column: &ColumnData| {
        if column.is_unchanged() {
            Cell::Unchanged
        } else if column.is_null() {
            Cell::Null
        } else {
            Cell::Text(column.raw_bytes())
        }
    };
    tuple.columns.iter().map(cell).collect()
}
