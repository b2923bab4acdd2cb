//! An item's key and fields in one piece of memory, since a board may have 200,000 of them.
//!
//! The length of the key and the key; then each field: when it last changed and its number in eight bytes, its kind, its
//! value. Numbers and values as long as before are changed in place.

use super::{FieldId, FieldState};
use crate::codec::Cell;
use crate::cursor::Seq;
use crate::limits;

// A key's length and a field's number take a byte each, a sequence seven, a text's length two.
const _: () = assert!(limits::KEY_BYTES < 1 << 8 && limits::FIELDS_PER_BOARD <= 1 << 8);
const _: () = assert!(limits::SEQ_MAX < 1 << 56 && limits::TEXT_VALUE_BYTES < 1 << 16);

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const NUMBER: u8 = 3;
const TEXT: u8 = 4;

/// The bytes before a field's value: when and which, and the kind.
const HEAD: usize = 9;

/// A key and fields, packed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Packed(Box<[u8]>);

impl Packed {
    /// A key without fields.
    pub fn new(key: &str) -> Self {
        let mut bytes = Vec::with_capacity(1 + key.len());
        push_key(&mut bytes, key.as_bytes());
        Self(bytes.into())
    }

    /// A key with fields.
    pub fn with_fields<'f>(key: &[u8], fields: impl Iterator<Item = FieldState<'f>>, scratch: &mut Vec<u8>) -> Self {
        scratch.clear();
        push_key(scratch, key);
        fields.for_each(|f| push(scratch, f));
        Self(scratch.as_slice().into())
    }

    /// The key's bytes.
    pub fn key(&self) -> &[u8] {
        self.0.split_first().and_then(|(len, rest)| rest.get(..usize::from(*len))).unwrap_or_default()
    }

    /// The fields in the order in which they came to this item.
    pub fn fields(&self) -> Fields<'_> {
        Fields(self.0.get(self.first()..).unwrap_or_default())
    }

    /// How many bytes.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Where the first field is.
    fn first(&self) -> usize {
        1 + usize::from(self.0.first().copied().unwrap_or_default())
    }

    /// Changes fields to what `new` says of each, as far as that needs no other length; whether it was enough.
    /// [`Cell::Absent`] leaves a field as it is.
    pub fn set_in_place<'f>(&mut self, seq: Seq, mut new: impl FnMut(FieldId) -> Cell<'f>) -> bool {
        let mut at = self.first();
        let mut done = true;
        while let Some((field, size)) = self.0.get(at..).and_then(read) {
            let id = field.id;
            let value = new(id);
            if !matches!(value, Cell::Absent) && value != field.value {
                let slot = self.0.get_mut(at..at + size).filter(|_| size_of(value) == size);
                done &= slot.is_some();
                if let Some(slot) = slot {
                    write(slot, FieldState { id, seq, value });
                }
            }
            at += size;
        }
        done
    }
}

/// Fields of an item.
#[derive(Clone, Debug)]
pub struct Fields<'p>(&'p [u8]);

impl<'p> Iterator for Fields<'p> {
    type Item = FieldState<'p>;

    fn next(&mut self) -> Option<FieldState<'p>> {
        let (field, size) = read(self.0)?;
        self.0 = self.0.get(size..)?;
        Some(field)
    }
}

fn push_key(bytes: &mut Vec<u8>, key: &[u8]) {
    // Keys are checked at the border.
    let key = key.get(..key.len().min(limits::KEY_BYTES)).unwrap_or_default();
    bytes.push(key.len() as u8);
    bytes.extend_from_slice(key);
}

/// What a field takes.
pub(super) const fn size_of(cell: Cell<'_>) -> usize {
    HEAD + match cell {
        Cell::Absent | Cell::Null | Cell::Bool(_) => 0,
        Cell::Number(_) => 8,
        Cell::Text(t) => 2 + t.len(),
    }
}

fn push(bytes: &mut Vec<u8>, field: FieldState<'_>) {
    let at = bytes.len();
    bytes.resize(at + size_of(field.value), 0);
    if let Some(slot) = bytes.get_mut(at..) {
        write(slot, field);
    }
}

/// Writes a field into as many bytes as it needs.
fn write(slot: &mut [u8], field: FieldState<'_>) {
    let Some((head, rest)) = slot.split_first_chunk_mut::<8>() else { return };
    *head = (field.seq << 8 | u64::from(field.id.0 & 0xff)).to_le_bytes();
    let Some((kind, value)) = rest.split_first_mut() else { return };
    match field.value {
        Cell::Absent | Cell::Null => *kind = NULL,
        Cell::Bool(b) => *kind = if b { TRUE } else { FALSE },
        Cell::Number(n) => {
            *kind = NUMBER;
            value.copy_from_slice(&n.to_le_bytes());
        }
        Cell::Text(t) => {
            *kind = TEXT;
            let Some((len, letters)) = value.split_first_chunk_mut::<2>() else { return };
            *len = (t.len() as u16).to_le_bytes();
            letters.copy_from_slice(t.as_bytes());
        }
    }
}

/// The first field and its size.
fn read(bytes: &[u8]) -> Option<(FieldState<'_>, usize)> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    let head = u64::from_le_bytes(*head);
    let (kind, rest) = rest.split_first()?;
    let (value, size) = match *kind {
        FALSE => (Cell::Bool(false), 0),
        TRUE => (Cell::Bool(true), 0),
        NUMBER => (Cell::Number(f64::from_le_bytes(*rest.first_chunk()?)), 8),
        TEXT => {
            let (len, letters) = rest.split_first_chunk::<2>()?;
            let len = usize::from(u16::from_le_bytes(*len));
            (Cell::Text(std::str::from_utf8(letters.get(..len)?).unwrap_or_default()), 2 + len)
        }
        _ => (Cell::Null, 0),
    };
    let id = FieldId((head & 0xff) as u16);
    Some((FieldState { id, seq: head >> 8, value }, HEAD + size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_as_they_were_put() {
        let long = "é".repeat(512);
        let fields = [
            FieldState { id: FieldId(0), seq: 1, value: Cell::Number(-0.1) },
            FieldState { id: FieldId(255), seq: limits::SEQ_MAX, value: Cell::Text(&long) },
            FieldState { id: FieldId(7), seq: 0, value: Cell::Null },
            FieldState { id: FieldId(8), seq: 5, value: Cell::Bool(true) },
            FieldState { id: FieldId(9), seq: 6, value: Cell::Bool(false) },
            FieldState { id: FieldId(10), seq: 7, value: Cell::Text("") },
        ];
        let key = "k".repeat(limits::KEY_BYTES);
        let packed = Packed::with_fields(key.as_bytes(), fields.into_iter(), &mut Vec::new());
        assert_eq!(packed.key(), key.as_bytes());
        assert_eq!(packed.fields().collect::<Vec<_>>(), fields);
        assert_eq!(
            (Packed::new("").key(), Packed::default().key(), Packed::default().fields().count()),
            (&[][..], &[][..], 0)
        );
    }

    #[test]
    fn what_has_the_same_length_changes_in_place() {
        let (number, text) = (Cell::Number(1.0), Cell::Text("ab"));
        let fields =
            [(0, number), (1, text), (2, Cell::Null)].map(|(i, value)| FieldState { id: FieldId(i), seq: 1, value });
        let mut packed = Packed::with_fields(b"a", fields.into_iter(), &mut Vec::new());
        let of = |p: &Packed| p.fields().map(|f| (f.seq, format!("{:?}", f.value))).collect::<Vec<_>>();
        assert!(packed.set_in_place(2, |id| if id.0 == 0 { Cell::Number(2.0) } else { Cell::Absent }));
        assert!(packed.set_in_place(3, |id| if id.0 == 1 { Cell::Text("cd") } else { Cell::Absent }));
        assert!(packed.set_in_place(4, |id| if id.0 == 2 { Cell::Bool(true) } else { Cell::Absent }));
        assert!(packed.set_in_place(5, |id| if id.0 == 1 { Cell::Text("cd") } else { Cell::Absent }));
        let as_now = [(2, "Number(2.0)".to_owned()), (3, "Text(\"cd\")".to_owned()), (4, "Bool(true)".to_owned())];
        assert_eq!(of(&packed), as_now);
        assert!(!packed.set_in_place(6, |id| if id.0 == 1 { Cell::Text("longer") } else { Cell::Absent }));
        assert_eq!(of(&packed), as_now);
    }
}
