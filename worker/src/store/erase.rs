//! What erasing needs of a board's tables: the erases themselves, and what they rewrite.

use super::board::BoardStore;
use super::{Statement, integer};
use crate::fault::{Answer, Fault};
use heliograph_shared::board::{LettersChanged, LogRow};
use heliograph_shared::cursor::Seq;
use heliograph_shared::erase::{Erase, Mask, Rewriting, letters};
use heliograph_shared::limits;
use heliograph_shared::projection::{Change, Table};
use heliograph_shared::rollups::{BlockId, ErasedSeries, erase_names};
use heliograph_shared::time::Millis;
use heliograph_shared::tracks::ErasedTracks;
use serde::Deserialize;
use worker::SqlStorageValue;

#[derive(Deserialize)]
struct Data {
    id: f64,
    #[serde(with = "serde_bytes")]
    data: Vec<u8>,
}

#[derive(Deserialize)]
struct Text {
    id: f64,
    text: String,
}

/// All that the beginning of an erase writes, beside the items as they are then.
pub struct Begun<'b> {
    /// The row of the log that ends the item.
    pub row: &'b LogRow,
    /// Which of the board's ends it is.
    pub number: u64,
    /// When.
    pub at: Millis,
    /// The erase.
    pub erase: &'b Erase,
}

fn put(erase: &Erase) -> Answer<Statement> {
    let text = "INSERT INTO erase (key, done, data) VALUES (?, ?, ?) \
                ON CONFLICT (key) DO UPDATE SET done = excluded.done, data = excluded.data";
    let done = integer(u64::from(erase.is_done()))?;
    Ok((text, vec![erase.key.as_str().into(), done, serde_json::to_string(erase)?.into()]))
}

fn puts(erases: &[Erase]) -> impl Iterator<Item = Answer<Statement>> {
    erases.iter().map(put)
}

impl BoardStore {
    /// Erases that go on, the oldest first. From here on what they hide is hidden from whoever reads.
    pub fn erases(&self) -> Answer<Vec<Erase>> {
        let text = "SELECT id, data AS text FROM erase WHERE done = 0 ORDER BY id";
        let rows: Vec<Text> = self.sql().exec(text, None)?.to_array()?;
        let erases: Vec<Erase> =
            rows.iter().map(|r| serde_json::from_slice(r.text.as_bytes())).collect::<Result<_, _>>()?;
        self.hide(&erases);
        Ok(erases)
    }

    /// Hides what these erases hide from whoever reads.
    pub fn hide(&self, erases: &[Erase]) {
        *self.mask().borrow_mut() = Mask::of(erases);
    }

    /// What is known of erasing a key.
    pub fn erase_of(&self, key: &str) -> Answer<Option<Erase>> {
        let text = "SELECT id, data AS text FROM erase WHERE key = ?";
        let rows: Vec<Text> = self.sql().exec(text, vec![key.into()])?.to_array()?;
        Ok(rows.first().map(|r| serde_json::from_slice(r.text.as_bytes())).transpose()?)
    }

    /// The statements that store names of series without those of an item.
    fn names_writes(&self, erase: &Erase) -> Answer<Vec<Statement>> {
        // Rows of before there were packed ones have a name each.
        let text = "UPDATE rollup_series SET key = char(1) WHERE key = ?";
        let mut writes: Vec<Statement> = vec![(text, vec![erase.key.as_str().into()])];
        let mut last = None;
        for number in erase.series.numbers() {
            let text = "SELECT first AS id, data FROM rollup_names WHERE first <= ? ORDER BY first DESC LIMIT 1";
            let rows: Vec<Data> = self.sql().exec(text, vec![integer(u64::from(number))?])?.to_array()?;
            let Some(row) = rows.first().filter(|r| last != Some(r.id as u64)) else { continue };
            last = Some(row.id as u64);
            if let Some(names) = erase_names(&row.data, &erase.key)? {
                let values = vec![SqlStorageValue::Blob(names), integer(row.id as u64)?];
                writes.push(("UPDATE rollup_names SET data = ? WHERE first = ?", values));
            }
        }
        Ok(writes)
    }

    /// Writes that an erase begins: that the item ended, what is to be erased, and the items as they are then, in one
    /// transaction.
    pub fn begin_erase(&self, begun: &Begun<'_>, changes: impl Iterator<Item = Change>) -> Answer<()> {
        let mut writes = Self::end_writes(begun.row, begun.number, begun.at)?;
        writes.push(put(begun.erase)?);
        writes.extend(self.names_writes(begun.erase)?);
        writes.push(Self::failed_messages_erased(&begun.erase.key));
        self.change_with(writes, changes)
    }

    /// Rewrites a slice of the log, as it is stored.
    pub fn rewrite_log(&self, erases: &mut [Erase], bytes: usize) -> Answer<usize> {
        let Some(mut rewriting) = Rewriting::new(erases, bytes) else { return Ok(0) };
        let more = self.read_stored(rewriting.from(), |row| Ok(rewriting.row(row)?))?;
        let (rows, spent) = rewriting.finish(more);
        let rows = rows.into_iter().flat_map(|(last, rows)| rows.into_iter().map(move |row| (last, row)));
        let writes = rows.map(|(last, row)| {
            let batch = SqlStorageValue::Blob(row.batch);
            Ok(if row.last == last {
                ("UPDATE log SET first = ?, batch = ? WHERE last = ?", vec![integer(row.first)?, batch, integer(last)?])
            } else {
                let text = "INSERT INTO log (last, first, at, batch, control, owner) \
                            SELECT ?, ?, at, ?, control, owner FROM log WHERE last = ?";
                (text, vec![integer(row.last)?, integer(row.first)?, batch, integer(last)?])
            })
        });
        self.write_each(writes.chain(puts(erases)))?;
        Ok(spent)
    }

    /// Takes the cells of erased series out of some rows of these numbers; the last row that was looked at, if there may
    /// be more.
    pub fn rewrite_series(&self, (first, last): (u64, u64), series: &ErasedSeries) -> Answer<(Option<u64>, usize)> {
        let text = "SELECT id, data FROM rollup WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?";
        let values = vec![integer(first)?, integer(last)?, integer(limits::ERASE_ROWS as u64)?];
        let (mut writes, mut bytes, mut rows, mut at) = (Vec::new(), 0, 0, first);
        for row in self.sql().exec(text, values)?.next::<Data>() {
            let Data { id, data } = row?;
            (at, rows) = (id as u64, rows + 1);
            bytes += data.len();
            let Some(block) = BlockId::from_number(at) else { continue };
            if let Some(left) = series.without(block, &data)? {
                writes.push(if left.is_empty() {
                    ("DELETE FROM rollup WHERE id = ?", vec![integer(at)?])
                } else {
                    ("UPDATE rollup SET data = ? WHERE id = ?", vec![SqlStorageValue::Blob(left), integer(at)?])
                });
            }
            if bytes >= limits::ERASE_BYTES {
                break;
            }
        }
        self.write_all(writes)?;
        let more = rows >= limits::ERASE_ROWS || bytes >= limits::ERASE_BYTES;
        Ok((more.then_some(at), bytes))
    }

    /// Takes the fixes of erased tracks out of some pages of these numbers; the last page that was looked at, if there may be
    /// more.
    pub fn rewrite_tracks(&self, (first, last): (u64, u64), tracks: &ErasedTracks) -> Answer<(Option<u64>, usize)> {
        let (mut writes, mut bytes, mut more) = (Vec::new(), 0, None);
        for piece in self.pieces(&(Table::Tracks, first..=last))? {
            let piece = piece?;
            bytes += piece.data.len();
            if let Some(left) = tracks.without(piece.id, &piece.data)? {
                writes.push(if left.is_empty() {
                    ("DELETE FROM track WHERE id = ?", vec![integer(piece.id)?])
                } else {
                    ("UPDATE track SET data = ? WHERE id = ?", vec![SqlStorageValue::Blob(left), integer(piece.id)?])
                });
            }
            if bytes >= limits::ERASE_BYTES {
                more = Some(piece.id);
                break;
            }
        }
        self.write_all(writes)?;
        Ok((more, bytes))
    }

    /// Takes an item's letters out of some rows after one; the last row that was looked at, if there may be more, and what
    /// became of each row that changed: its bytes.
    pub fn rewrite_letters(&self, erase: &mut Erase, after: u64, key_name: &str) -> Answer<LettersRewritten> {
        let text = "SELECT id, letters AS text FROM dead_letter WHERE id > ? AND id <= ? ORDER BY id";
        let mut done = LettersRewritten::default();
        for row in self.sql().exec(text, vec![integer(after)?, integer(erase.letters)?])?.next::<Text>() {
            let Text { id, text } = row?;
            let id = id as u64;
            done.bytes += text.len();
            if let Some(clean) = letters::without(id, &text, &self.mends_of(id)?, &erase.key, key_name)? {
                erase.erased.dead_letters += clean.gone.len() as u64;
                done.changed.push(clean);
            }
            if done.bytes >= limits::ERASE_BYTES {
                done.more = Some(id);
                break;
            }
        }
        self.change_letters(&done.changed)?;
        Ok(done)
    }

    /// Takes messages that name an item out of some kept answers after one.
    pub fn rewrite_answers(&self, erase: &mut Erase, after: u64) -> Answer<Rewritten> {
        #[derive(Deserialize)]
        struct Request {
            id: f64,
            bytes: f64,
        }
        let (mut writes, mut done) = (Vec::new(), Rewritten::default());
        let text = "SELECT id, bytes FROM request WHERE id > ? AND id <= ? ORDER BY id LIMIT ?";
        let values = vec![integer(after)?, integer(erase.answers)?, integer(limits::ERASE_ROWS as u64)?];
        let rows: Vec<Request> = self.sql().exec(text, values)?.to_array()?;
        for (n, Request { id, bytes }) in rows.iter().enumerate() {
            let id = *id as u64;
            done.bytes += *bytes as usize;
            // What lists nothing is short.
            if *bytes as usize > limits::ERASE_ANSWER_BYTES
                && let Some(clean) = letters::answer_without(&self.answer(id)?, &erase.key)?
            {
                erase.erased.answers += 1;
                done.changed.push((id, clean.len() as u64));
                writes.extend(answer_writes(id, &clean)?);
            }
            if done.bytes >= limits::ERASE_BYTES || n + 1 >= limits::ERASE_ROWS {
                done.more = Some(id);
                break;
            }
        }
        self.write_all(writes)?;
        Ok(done)
    }

    fn answer(&self, id: u64) -> Answer<String> {
        let text = "SELECT 0 AS id, answer AS text FROM request WHERE id = ?1 \
                    UNION ALL SELECT piece, answer FROM request_piece WHERE id = ?1 ORDER BY 1";
        let rows: Vec<Text> = self.sql().exec(text, vec![integer(id)?])?.to_array()?;
        Ok(rows.into_iter().map(|r| r.text).collect())
    }

    /// Keeps how far erases are. Of those that are done the newest are remembered.
    pub fn put_erases(&self, erases: &[Erase]) -> Answer<()> {
        let forget = "DELETE FROM erase WHERE done = 1 AND id <= \
                      (SELECT id FROM erase WHERE done = 1 ORDER BY id DESC LIMIT 1 OFFSET ?)";
        let forget = Ok((forget, vec![integer(limits::ERASES as u64)?]));
        let any_done = erases.iter().any(Erase::is_done);
        self.write_each(puts(erases).chain(any_done.then_some(forget)))
    }
}

/// What became of rows in a slice.
#[derive(Default)]
pub struct Rewritten {
    /// The last row that was looked at, if there may be more.
    pub more: Option<u64>,
    /// Bytes that were looked at.
    pub bytes: usize,
    /// Rows that changed, with their bytes now.
    pub changed: Vec<(u64, u64)>,
}

/// What became of rows of letters in a slice.
#[derive(Default)]
pub struct LettersRewritten {
    /// The last row that was looked at, if there may be more.
    pub more: Option<u64>,
    /// Bytes that were looked at.
    pub bytes: usize,
    /// Rows that changed.
    pub changed: Vec<LettersChanged>,
}

/// The statements that store another answer.
fn answer_writes(id: u64, answer: &str) -> Answer<Vec<Statement>> {
    let mut pieces = heliograph_shared::board::pieces(answer);
    let first = pieces.next().unwrap_or_default();
    let values = vec![first.into(), integer(answer.len() as u64)?, integer(id)?];
    let mut writes: Vec<Statement> = vec![
        ("UPDATE request SET answer = ?, bytes = ? WHERE id = ?", values),
        ("DELETE FROM request_piece WHERE id = ?", vec![integer(id)?]),
    ];
    for (number, piece) in (1_u64..).zip(pieces) {
        let values = vec![integer(id)?, integer(number)?, piece.into()];
        writes.push(("INSERT INTO request_piece (id, piece, answer) VALUES (?, ?, ?)", values));
    }
    Ok(writes)
}

impl BoardStore {
    /// Where the log begins to be hidden, a row without what is.
    pub(super) fn masked(&self, first: Seq, row: &[u8]) -> Answer<Option<Vec<u8>>> {
        self.mask().borrow().row(first, row).map_err(Fault::from)
    }
}
