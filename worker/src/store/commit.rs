//! What a request writes, in one transaction; and what is kept of requests: keys with their answers.

use super::board::BoardStore;
use super::{Statement, execute, integer, letters};
use crate::fault::{Answer, Fault};
use heliograph_shared::board::{Commit, RequestKey, Space, Write};
use heliograph_shared::limits;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use worker::SqlStorageValue;

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
        Write::Letters(_)
        | Write::ChangeLetters(..)
        | Write::DropLetterRow(_)
        | Write::DropMends(_)
        | Write::DropMendsUpTo(_)
        | Write::DropMend(_)
        | Write::CountDropped(_)
        | Write::CountRepeated(_)
        | Write::DropLetters(_) => letters::statement(write, at)?,
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

    pub(super) fn space(&self, text: &str, most_rows: usize, most_bytes: u64) -> Answer<Space> {
        let rows: Vec<Size> = self.sql().exec(text, None)?.to_array()?;
        Ok(Space::new(most_rows, most_bytes, rows.into_iter().map(|r| (r.id as u64, r.bytes as u64))))
    }

    /// The number of the last request with a key.
    pub fn last_request(&self) -> Answer<u64> {
        self.last("SELECT coalesce(max(id), 0) AS id, 0 AS bytes FROM request")
    }

    pub(super) fn last(&self, text: &str) -> Answer<u64> {
        let rows: Vec<Size> = self.sql().exec(text, None)?.to_array()?;
        Ok(rows.first().map_or(0, |r| r.id as u64))
    }
}
