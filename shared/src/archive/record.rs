//! Events as lines of JSON.

use super::columns::Columns;
pub use super::fixed::{FIXED, Fixed, FixedKind, REMOVED};
use crate::codec::{Batch, Cell};
use crate::cursor::{Epoch, Seq};
use crate::time::Millis;
use crate::value::Number;
use serde::Serialize;

/// A row of the log as lines.
pub struct Lines<'a> {
    batch: &'a Batch<'a>,
    /// For each field of the batch, `,"column":`.
    names: Vec<Vec<u8>>,
    epoch: Epoch,
    first: Seq,
    accepted_at: Millis,
}

impl<'a> Lines<'a> {
    /// Lines of a row. Columns are made for fields that have none yet, whether or not an event of the row has them.
    pub fn new(batch: &'a Batch<'a>, epoch: Epoch, first: Seq, accepted_at: Millis, columns: &mut Columns) -> Self {
        let names = batch
            .fields
            .iter()
            .map(|f| {
                let place = columns.place(f.name);
                for cell in &f.cells {
                    columns.saw(place, *cell);
                }
                let mut name = vec![b','];
                json(&mut name, columns.name(place));
                name.push(b':');
                name
            })
            .collect();
        Self { batch, names, epoch, first, accepted_at }
    }

    /// Writes one event with the end of its line. What an event does not have is left out; a removed field is `null`.
    pub fn write(&self, row: usize, out: &mut Vec<u8>) {
        let batch = self.batch;
        out.extend_from_slice(b"{\"epoch\":");
        json(out, &self.epoch.0);
        out.extend_from_slice(b",\"seq\":");
        json(out, &(self.first + row as u64));
        if let Some(id) = batch.id(row) {
            out.extend_from_slice(b",\"id\":");
            json(out, id);
        }
        out.extend_from_slice(b",\"key\":");
        json(out, batch.key(row));
        out.extend_from_slice(b",\"time\":");
        json(out, &batch.times.get(row).copied().unwrap_or_default().0);
        out.extend_from_slice(b",\"accepted_at\":");
        json(out, &self.accepted_at.0);
        if let Some(p) = batch.positions.get(row).copied().flatten() {
            let parts = [
                (&b",\"lat\":"[..], Some(p.lat())),
                (b",\"lon\":", Some(p.lon())),
                (b",\"heading\":", p.heading()),
                (b",\"speed\":", p.speed()),
                (b",\"altitude\":", p.altitude()),
                (b",\"accuracy\":", p.accuracy()),
            ];
            for (name, value) in parts {
                if let Some(value) = value {
                    out.extend_from_slice(name);
                    json(out, &Number(value));
                }
            }
        }
        for (field, name) in batch.fields.iter().zip(&self.names) {
            let cell = field.cells.get(row).copied().unwrap_or(Cell::Absent);
            if cell == Cell::Absent {
                continue;
            }
            out.extend_from_slice(name);
            match cell {
                Cell::Absent | Cell::Null => out.extend_from_slice(b"null"),
                Cell::Bool(true) => out.extend_from_slice(b"true"),
                Cell::Bool(false) => out.extend_from_slice(b"false"),
                Cell::Number(n) => json(out, &Number(n)),
                Cell::Text(t) => json(out, t),
            }
        }
        out.extend_from_slice(b"}\n");
    }
}

/// Text, whole numbers and finite numbers are written without fail.
fn json(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.extend_from_slice(b"null");
    }
}
