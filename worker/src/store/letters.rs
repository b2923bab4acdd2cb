//! Dead letters: rows of some each, with what is counted of them, and what was mended of them.

use super::board::BoardStore;
use super::{Statement, integer};
use crate::fault::{Answer, Fault};
use heliograph_shared::board::{LettersChanged, Space, Write};
use heliograph_shared::letters::{Counted, LetterId, LetterRow, SeenLetters, counts};
use heliograph_shared::limits;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use std::collections::BTreeMap;
use worker::SqlStorageValue;

/// The settings under which letters that went and records that were repeated are counted. The third is the number of ends.
const DROPPED: &str = "SELECT data AS text FROM settings WHERE one = 5";
const REPEATED: &str = "SELECT data AS text FROM settings WHERE one = 4";

/// What is known of a row without its letters.
pub struct AboutRow {
    /// The row's number.
    pub id: u64,
    /// Their bytes.
    pub bytes: usize,
    /// What is counted of them.
    pub counted: Vec<Counted>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
struct About {
    id: f64,
    bytes: f64,
    about: String,
}

#[derive(Deserialize)]
struct Mended {
    nth: f64,
    data: String,
}

/// The statement of a write about letters.
pub(super) fn statement(write: &Write<'_>, at: Millis) -> Answer<Statement> {
    let row = |row: &LetterRow| -> [SqlStorageValue; 3] {
        [row.letters.as_str().into(), row.about.as_str().into(), SqlStorageValue::Blob(row.hashes.clone())]
    };
    Ok(match *write {
        Write::Letters(new) => {
            let values = [SqlStorageValue::try_from_i64(at.0)?].into_iter().chain(row(new)).collect();
            ("INSERT INTO dead_letter (at, letters, about, hashes) VALUES (?, ?, ?, ?)", values)
        }
        Write::ChangeLetters(id, now) => {
            let values = row(now).into_iter().chain([integer(id)?]).collect();
            ("UPDATE dead_letter SET letters = ?, about = ?, hashes = ? WHERE id = ?", values)
        }
        Write::DropLetterRow(id) => ("DELETE FROM dead_letter WHERE id = ?", vec![integer(id)?]),
        Write::DropMends(id) => ("DELETE FROM letter_mend WHERE id = ?", vec![integer(id)?]),
        Write::DropMend(LetterId { row, nth }) => {
            ("DELETE FROM letter_mend WHERE id = ? AND nth = ?", vec![integer(row)?, integer(nth as u64)?])
        }
        Write::CountDropped(up_to) => (
            "INSERT INTO settings (one, data) VALUES (5, (SELECT coalesce(sum(json_extract(value, '$[3]')), 0) \
             FROM dead_letter, json_each(dead_letter.about) WHERE dead_letter.id <= ?)) \
             ON CONFLICT (one) DO UPDATE SET data = data + excluded.data",
            vec![integer(up_to)?],
        ),
        Write::CountRepeated(n) => (
            "INSERT INTO settings (one, data) VALUES (4, CAST(? AS INTEGER)) \
             ON CONFLICT (one) DO UPDATE SET data = data + excluded.data",
            vec![integer(n)?],
        ),
        Write::DropLetters(up_to) => ("DELETE FROM dead_letter WHERE id <= ?", vec![integer(up_to)?]),
        Write::DropMendsUpTo(up_to) => ("DELETE FROM letter_mend WHERE id <= ?", vec![integer(up_to)?]),
        Write::Row(..)
        | Write::Request(..)
        | Write::RequestPiece(..)
        | Write::DropRequests(_)
        | Write::DropRequestPieces(_)
        | Write::Totals(_) => return Err(Fault::Internal("a write that is not about letters".into())),
    })
}

impl BoardStore {
    fn counter(&self, text: &str) -> Answer<u64> {
        let rows: Vec<Text> = self.sql().exec(text, None)?.to_array()?;
        Ok(rows.first().and_then(|row| row.text.parse().ok()).unwrap_or_default())
    }

    /// How many dead letters have made room for others, or were too old.
    pub fn letters_dropped(&self) -> Answer<u64> {
        self.counter(DROPPED)
    }

    /// How many refused records had a letter already.
    pub fn letters_repeated(&self) -> Answer<u64> {
        self.counter(REPEATED)
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

    /// The dead letters that are kept, by bytes; with what was mended of them.
    pub fn letter_space(&self) -> Answer<Space> {
        let text = "SELECT id, octet_length(letters) + octet_length(about) + coalesce(octet_length(hashes), 0) + \
                    (SELECT coalesce(sum(octet_length(data)), 0) FROM letter_mend WHERE letter_mend.id = dead_letter.id) \
                    AS bytes FROM dead_letter ORDER BY id";
        self.space(text, limits::DEAD_LETTERS, limits::DEAD_LETTERS_BYTES)
    }

    /// The bytes of one row of them.
    pub fn letter_bytes(&self, row: u64) -> Answer<u64> {
        #[derive(Deserialize)]
        struct Sum {
            bytes: f64,
        }
        let text = "SELECT octet_length(letters) + octet_length(about) + coalesce(octet_length(hashes), 0) + \
                    (SELECT coalesce(sum(octet_length(data)), 0) FROM letter_mend WHERE letter_mend.id = dead_letter.id) \
                    AS bytes FROM dead_letter WHERE id = ?";
        let rows: Vec<Sum> = self.sql().exec(text, vec![integer(row)?])?.to_array()?;
        Ok(rows.first().map_or(0, |row| row.bytes as u64))
    }

    /// The newest letters, by what they are known by.
    pub fn letters_seen(&self) -> Answer<SeenLetters> {
        #[derive(Deserialize)]
        struct Hashes {
            id: f64,
            #[serde(with = "serde_bytes")]
            hashes: Vec<u8>,
        }
        let (mut rows, mut letters) = (Vec::new(), 0);
        let text = "SELECT id, hashes FROM dead_letter WHERE hashes IS NOT NULL ORDER BY id DESC";
        for row in self.sql().exec(text, None)?.next::<Hashes>() {
            let Hashes { id, hashes } = row?;
            letters += hashes.len() / 8;
            rows.push((id as u64, hashes));
            if letters >= limits::DEAD_LETTERS_REMEMBERED {
                break;
            }
        }
        Ok(SeenLetters::of(rows))
    }

    /// The number of the last row of dead letters.
    pub fn last_letter(&self) -> Answer<u64> {
        self.last("SELECT coalesce(max(id), 0) AS id, 0 AS bytes FROM dead_letter")
    }

    /// The last row that is older than a time, if there is one.
    pub fn last_letter_before(&self, at: Millis) -> Answer<Option<u64>> {
        #[derive(Deserialize)]
        struct Last {
            id: Option<f64>,
        }
        let text = "SELECT max(id) AS id FROM dead_letter WHERE at < ?";
        let rows: Vec<Last> = self.sql().exec(text, vec![SqlStorageValue::try_from_i64(at.0)?])?.to_array()?;
        Ok(rows.first().and_then(|row| row.id).map(|id| id as u64))
    }

    /// Drops the rows up to one, which are counted.
    pub fn drop_letters(&self, up_to: u64) -> Answer<()> {
        let writes = [Write::CountDropped(up_to), Write::DropLetters(up_to), Write::DropMendsUpTo(up_to)];
        self.write_each(writes.iter().map(|write| statement(write, Millis(0))))
    }

    /// What is known of the rows from one on downwards, the newest first.
    pub fn letter_rows(&self, from: Option<u64>) -> Answer<Vec<AboutRow>> {
        let text = "SELECT id, about, octet_length(letters) AS bytes FROM dead_letter WHERE id <= ? ORDER BY id DESC";
        let rows: Vec<About> = self.sql().exec(text, vec![integer(from.unwrap_or(limits::SEQ_MAX))?])?.to_array()?;
        let row = |r: About| AboutRow { id: r.id as u64, bytes: r.bytes as usize, counted: counts(&r.about) };
        Ok(rows.into_iter().map(row).collect())
    }

    /// When a row came, and its letters.
    pub fn letters_of(&self, row: u64) -> Answer<Option<(Millis, String)>> {
        #[derive(Deserialize)]
        struct Letters {
            at: f64,
            letters: String,
        }
        let found: Vec<Letters> =
            self.sql().exec("SELECT at, letters FROM dead_letter WHERE id = ?", vec![integer(row)?])?.to_array()?;
        Ok(found.into_iter().next().map(|row| (Millis(row.at as i64), row.letters)))
    }

    /// What was mended of a row's letters, by place.
    pub fn mends_of(&self, row: u64) -> Answer<BTreeMap<usize, String>> {
        let rows: Vec<Mended> =
            self.sql().exec("SELECT nth, data FROM letter_mend WHERE id = ?", vec![integer(row)?])?.to_array()?;
        Ok(rows.into_iter().map(|row| (row.nth as usize, row.data)).collect())
    }

    /// Mends a letter, or takes that back.
    pub fn mend_letter(&self, id: LetterId, data: Option<String>) -> Answer<()> {
        let mut values = vec![integer(id.row)?, integer(id.nth as u64)?];
        let text = match data {
            None => "DELETE FROM letter_mend WHERE id = ? AND nth = ?",
            Some(data) => {
                values.push(data.into());
                "INSERT OR REPLACE INTO letter_mend (id, nth, data) VALUES (?, ?, ?)"
            }
        };
        self.sql().exec(text, values)?;
        Ok(())
    }

    /// Writes what becomes of rows of letters, all or nothing.
    pub fn change_letters(&self, changed: &[LettersChanged]) -> Answer<()> {
        let mut writes = Vec::new();
        changed.iter().for_each(|one| one.write(&mut writes));
        self.write_each(writes.iter().map(|write| statement(write, Millis(0))))
    }
}
