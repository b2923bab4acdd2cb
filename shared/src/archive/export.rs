//! Delivery as a projection of the log: it reads the log when an object is to be made, and what must outlive the shell's
//! memory are its pieces.

use super::columns::Columns;
use super::config::ArchiveConfig;
use super::delivery::{Action, Delivered, Delivery, Plan, Waiting, beginning};
use super::object::{Builder, Object};
use crate::codec::DecodeError;
use crate::cursor::{Epoch, Seq};
use crate::projection::{ALL, Change, Changes, Entry, Need, Piece, Projection, Range, Table};
use crate::time::Millis;
use parquet::errors::ParquetError;

/// The piece that says what was delivered last.
pub const DELIVERED: u64 = 1;
/// The piece that says which range's delivery has begun.
pub const PLAN: u64 = 2;
/// The piece with the columns that fields have.
pub const COLUMNS: u64 = 3;

/// What there is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unsaved {
    Nothing,
    Plan,
    Delivered,
}

/// Why an object can't be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// There is nothing to deliver.
    #[error("the log has no rows for the archive")]
    NoRows,
    /// The range whose delivery has begun is not there any more.
    #[error("the log does not have all of {first} to {last} any more")]
    Gone {
        /// The first sequence number.
        first: Seq,
        /// The last one.
        last: Seq,
    },
}

/// The delivery of a board with the object in the making.
pub struct Export {
    epoch: Epoch,
    config: ArchiveConfig,
    delivery: Delivery,
    delivered: Option<Delivered>,
    plan: Option<Plan>,
    columns: Columns,
    builder: Option<Builder>,
    /// Whether the object in the making has all of its range.
    whole: bool,
    object: Option<Object>,
    unsaved: Unsaved,
}

impl Export {
    /// One that is to be restored.
    pub fn new(config: ArchiveConfig, epoch: Epoch) -> Self {
        Self {
            epoch,
            delivery: Delivery::new(&config, beginning(0), None, 0, Waiting::default()),
            config,
            delivered: None,
            plan: None,
            columns: Columns::default(),
            builder: None,
            whole: false,
            object: None,
            unsaved: Unsaved::Nothing,
        }
    }

    /// What the log has, now that it was restored.
    pub fn waits(&mut self, head: Seq, waiting: Waiting) {
        let last = self.delivery.last().clone();
        self.delivery = Delivery::new(&self.config, last, self.delivery.plan().cloned(), head, waiting);
    }

    /// What to do now, and how far delivery is.
    pub const fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    /// The columns that fields have.
    pub const fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Rows were logged.
    pub fn appended(&mut self, head: Seq, bytes: u64, at: Millis) {
        self.delivery.appended(head, bytes, at);
    }

    /// The object is to be made: it waits for rows of the log from now on.
    pub fn begin(&mut self) {
        self.builder.get_or_insert_with(|| Builder::new(self.epoch, self.delivery.format()));
    }

    /// Whether the object in the making lacks something of its range.
    pub fn is_reading(&self) -> bool {
        self.reads_after().is_some()
    }

    /// Writes a part of the object, for what can be written only when all rows are known; whether that was the last.
    pub fn write_some(&mut self) -> Result<bool, ParquetError> {
        self.builder.as_mut().map_or(Ok(true), Builder::write_some)
    }

    /// The object has all that it will have. The plan is to be written before it is sent.
    pub fn finish(&mut self, prefix: &str, board: &str) -> Result<(), ExportError> {
        self.whole = false;
        let object = self.builder.take().and_then(Builder::finish).ok_or(ExportError::NoRows)?;
        let plan = match self.delivery.plan() {
            Some(plan) if plan.first == object.first && plan.last == object.last => plan.clone(),
            Some(plan) => return Err(ExportError::Gone { first: plan.first, last: plan.last }),
            None => Plan::new(&object, prefix, board, self.epoch),
        };
        self.delivery.built(plan, &object);
        self.object = Some(object);
        self.unsaved = Unsaved::Plan;
        Ok(())
    }

    /// The object, to be sent.
    pub const fn take_object(&mut self) -> Option<Object> {
        self.object.take()
    }

    /// The object is in the store.
    pub fn object_is_stored(&mut self) {
        self.delivery.stored();
    }

    /// The manifest is in the store, and `next` is when the first row after the range was accepted.
    pub fn manifest_is_stored(&mut self, now: Millis, next: Option<Millis>) {
        if self.delivery.delivered(now, next).is_some() {
            self.unsaved = Unsaved::Delivered;
        }
    }

    /// A try failed. `chance` is any number.
    pub fn failed(&mut self, message: String, now: Millis, chance: u32) {
        (self.builder, self.object, self.whole) = (None, None, false);
        self.delivery.failed(message, now, chance);
    }

    /// Whether there is something to do now.
    pub fn is_due(&self, now: Millis) -> bool {
        !matches!(self.delivery.next(now), Action::Idle | Action::Wait(_))
    }
}

impl Projection for Export {
    fn reads_after(&self) -> Option<Seq> {
        let builder = self.builder.as_ref().filter(|builder| !self.whole && !builder.is_closed())?;
        Some(builder.last().unwrap_or(self.delivery.last().seq))
    }

    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError> {
        let Some(builder) = &mut self.builder else { return Ok(()) };
        builder.push(entry, &mut self.columns);
        self.whole = match self.delivery.plan() {
            Some(plan) => entry.last >= plan.last,
            None => builder.is_full(self.delivery.buffer_bytes()),
        };
        Ok(())
    }

    /// What is not delivered stays, however old it is.
    fn floor(&self) -> Seq {
        self.delivery.last().seq
    }

    fn checkpoint(&mut self, _need: Need) -> Changes<'_> {
        let put = |id, data| Change::Put(Piece { table: Table::Delivery, id, seq: 0, data });
        let changes = match self.unsaved {
            Unsaved::Nothing => Vec::new(),
            Unsaved::Plan => {
                let columns = self.columns.take_changed().then(|| put(COLUMNS, self.columns.encode()));
                self.delivery.plan().map(|p| put(PLAN, p.encode())).into_iter().chain(columns).collect()
            }
            Unsaved::Delivered => {
                let done = Change::Drop((Table::Delivery, PLAN..=PLAN));
                vec![put(DELIVERED, self.delivery.last().encode()), done]
            }
        };
        self.unsaved = Unsaved::Nothing;
        Box::new(changes.into_iter())
    }

    fn has_more(&self) -> bool {
        self.unsaved != Unsaved::Nothing
    }

    fn pieces(&self) -> Vec<Range> {
        vec![(Table::Delivery, ALL)]
    }

    fn restore(&mut self, piece: Piece) -> Result<(), DecodeError> {
        match piece.id {
            DELIVERED => self.delivered = Some(Delivered::decode(&piece.data)?),
            PLAN => self.plan = Some(Plan::decode(&piece.data)?),
            COLUMNS => self.columns = Columns::decode(&piece.data)?,
            _ => {}
        }
        Ok(())
    }

    fn restored(&mut self) -> Result<(), DecodeError> {
        let delivered = self.delivered.take().unwrap_or_else(|| beginning(0));
        self.delivery = Delivery::new(&self.config, delivered, self.plan.take(), 0, Waiting::default());
        Ok(())
    }
}
