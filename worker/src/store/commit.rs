//! What a request writes, in one transaction; and what is kept of requests: keys with their answers, dead letters.

use super::board::BoardStore;
use super::{Statement, execute, integer};
use crate::fault::{Answer, Fault};
use heliograph_shared::board::{Commit, RequestKey, Space, Write};
use heliograph_shared::limits;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use serde_json::Value;
use worker::SqlStorageValue;

/// A row of dead letters: those of one request, or some of them.
#[derive(Deserialize)]
pub struct LetterRow {
    /// The row's number.
    pub id: f64,
    /// When they came, epoch milliseconds.
    pub at: f64,
    /// The letters, a JSON array.
    pub letters: String,
}

#[derive(Deserialize)]
struct Size {
    id: f64,
    bytes: f64,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

fn statement(write: &Write<'_>, at: Millis) -> Answer<Statement> {
    Ok(match *write {
        Write::Row(row, owner) => {
            let mut values = vec![
                integer(row.last)?,
                integer(row.first)?,
                SqlStorageValue::try_from_i64(at.0)?,
                SqlStorageValue::Blob(row.batch.clone()),
            ];
            if owner.is_empty() {
                ("INSERT INTO log (last, first, at, batch) VALUES (?, ?, ?, ?)", values)
            } else {
                values.push(owner.into());
                ("INSERT INTO log (last, first, at, batch, owner) VALUES (?, ?, ?, ?, ?)", values)
            }
        }
        Write::Request(key, answer, bytes) => (
            "INSERT INTO request (owner, name, hash, bytes, answer) VALUES (?, ?, ?, ?, ?)",
            vec![key.owner.into(), key.name.into(), key.hash.to_string().into(), integer(bytes as u64)?, answer.into()],
        ),
        Write::RequestPiece(number, piece) => (
            "INSERT INTO request_piece (id, piece, answer) SELECT max(id), ?, ? FROM request",
            vec![integer(u64::from(number))?, piece.into()],
        ),
        Write::DropRequests(up_to) => ("DELETE FROM request WHERE id <= ?", vec![integer(up_to)?]),
        Write::DropRequestPieces(up_to) => ("DELETE FROM request_piece WHERE id <= ?", vec![integer(up_to)?]),
        Write::Letters(row) => (
            "INSERT INTO dead_letter (at, letters) VALUES (?, ?)",
            vec![SqlStorageValue::try_from_i64(at.0)?, row.into()],
        ),
        Write::CountDropped(up_to) => (
            "INSERT INTO settings (one, data) VALUES (3, (SELECT count(*) FROM dead_letter, json_each(dead_letter.letters) \
             WHERE dead_letter.id <= ? AND json_each.type <> 'null')) \
             ON CONFLICT (one) DO UPDATE SET data = data + excluded.data",
            vec![integer(up_to)?],
        ),
        Write::DropLetters(up_to) => ("DELETE FROM dead_letter WHERE id <= ?", vec![integer(up_to)?]),
        Write::Totals(totals) => ("INSERT OR REPLACE INTO settings (one, data) VALUES (2, ?)", vec![totals.into()]),
    })
}

impl BoardStore {
    /// Writes everything that a request writes, or nothing.
    pub fn commit(&self, commit: &Commit<'_>, at: Millis) -> Answer<()> {
        match commit.writes().as_slice() {
            [] => Ok(()),
            // One statement is all or nothing by itself, and most requests have one.
            [write] => execute(self.sql(), statement(write, at)?),
            // Each is made when it is its turn: together they have as many bytes as the request.
            writes => self.write_each(writes.iter().map(|write| statement(write, at))),
        }
    }

    /// How many dead letters have made room for others.
    pub fn letters_dropped(&self) -> Answer<u64> {
        let rows: Vec<Text> = self.sql().exec("SELECT data AS text FROM settings WHERE one = 3", None)?.to_array()?;
        Ok(rows.first().and_then(|row| row.text.parse().ok()).unwrap_or_default())
    }

    /// Bytes of the dead letters that are kept.
    pub fn letters_bytes(&self) -> Answer<u64> {
        #[derive(Deserialize)]
        struct Sum {
            bytes: f64,
        }
        let text = "SELECT coalesce(sum(octet_length(letters)), 0) AS bytes FROM dead_letter";
        let rows: Vec<Sum> = self.sql().exec(text, None)?.to_array()?;
        Ok(rows.first().map_or(0, |row| row.bytes as u64))
    }

    /// The hash of the request that came with a key before.
    pub fn request_hash(&self, key: &RequestKey<'_>) -> Answer<Option<u64>> {
        let text = "SELECT hash AS text FROM request WHERE owner = ? AND name = ?";
        let rows: Vec<Text> = self.sql().exec(text, vec![key.owner.into(), key.name.into()])?.to_array()?;
        let hash = rows.first().map(|r| r.text.parse().map_err(|_| Fault::Internal("stored hash".into())));
        hash.transpose()
    }

    /// The answer to that request, as JSON.
    pub fn request_answer(&self, key: &RequestKey<'_>) -> Answer<String> {
        let text = "SELECT answer AS text FROM (SELECT 0 AS piece, answer FROM request WHERE owner = ?1 AND name = ?2 \
                    UNION ALL SELECT piece, answer FROM request_piece WHERE id = \
                    (SELECT id FROM request WHERE owner = ?1 AND name = ?2)) ORDER BY piece";
        let rows: Vec<Text> = self.sql().exec(text, vec![key.owner.into(), key.name.into()])?.to_array()?;
        Ok(rows.into_iter().map(|r| r.text).collect())
    }

    /// The keys that are kept, by bytes of their answers.
    pub fn request_space(&self) -> Answer<Space> {
        self.space("SELECT id, bytes FROM request ORDER BY id", limits::RECENT_REQUESTS, limits::RECENT_REQUESTS_BYTES)
    }

    /// The dead letters that are kept, by bytes.
    pub fn letter_space(&self) -> Answer<Space> {
        let text = "SELECT id, octet_length(letters) AS bytes FROM dead_letter ORDER BY id";
        self.space(text, limits::DEAD_LETTERS, limits::DEAD_LETTERS_BYTES)
    }

    fn space(&self, text: &str, most_rows: usize, most_bytes: u64) -> Answer<Space> {
        let rows: Vec<Size> = self.sql().exec(text, None)?.to_array()?;
        Ok(Space::new(most_rows, most_bytes, rows.into_iter().map(|r| (r.id as u64, r.bytes as u64))))
    }

    /// The number of the last row of dead letters.
    pub fn last_letter(&self) -> Answer<u64> {
        self.last("SELECT coalesce(max(id), 0) AS id, 0 AS bytes FROM dead_letter")
    }

    /// The number of the last request with a key.
    pub fn last_request(&self) -> Answer<u64> {
        self.last("SELECT coalesce(max(id), 0) AS id, 0 AS bytes FROM request")
    }

    fn last(&self, text: &str) -> Answer<u64> {
        let rows: Vec<Size> = self.sql().exec(text, None)?.to_array()?;
        Ok(rows.first().map_or(0, |r| r.id as u64))
    }

    /// Shows rows of dead letters from a number on downwards, the newest first, one at a time, until `each` has enough.
    pub fn dead_letters(&self, from: Option<u64>, mut each: impl FnMut(LetterRow) -> Answer<bool>) -> Answer<()> {
        let text = "SELECT id, at, letters FROM dead_letter WHERE id <= ? ORDER BY id DESC";
        let from = from.unwrap_or(limits::SEQ_MAX);
        for row in self.sql().exec(text, vec![integer(from)?])?.next::<LetterRow>() {
            if !each(row?)? {
                break;
            }
        }
        Ok(())
    }

    /// Drops one dead letter; the bytes that its row has left, or none when it is not there.
    pub fn drop_letter(&self, row: u64, index: usize) -> Answer<Option<u64>> {
        let found: Vec<LetterRow> =
            self.sql().exec("SELECT id, at, letters FROM dead_letter WHERE id = ?", vec![integer(row)?])?.to_array()?;
        let Some(found) = found.first() else { return Ok(None) };
        let mut letters: Vec<Value> = serde_json::from_slice(found.letters.as_bytes())?;
        // Its place stays, so that the others keep their ids.
        match letters.get_mut(index) {
            Some(letter) if !letter.is_null() => *letter = Value::Null,
            _ => return Ok(None),
        }
        if letters.iter().all(Value::is_null) {
            self.sql().exec("DELETE FROM dead_letter WHERE id = ?", vec![integer(row)?])?;
            return Ok(Some(0));
        }
        let text = serde_json::to_string(&letters)?;
        let bytes = text.len() as u64;
        self.sql().exec("UPDATE dead_letter SET letters = ? WHERE id = ?", vec![text.into(), integer(row)?])?;
        Ok(Some(bytes))
    }
}
