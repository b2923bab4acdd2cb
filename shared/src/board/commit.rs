//! Everything that a request writes, as one list: the shell writes all of it in one transaction, or nothing.
//!
//! The order of a request's steps is this:
//!
//! 1. What can be refused is refused: overload, full storage, a key that came with another request.
//! 2. [`super::Board::ingest_through`] changes the memory and says which rows to log.
//! 3. [`Commit::new`] adds the letters, the answer of an `Idempotency-Key` and the pipeline's counts.
//! 4. The shell writes [`Commit::writes`]. When it can't, or when an error came since step 2, it forgets the board's memory
//!    and loads it from the log, which has nothing of this request.
//! 5. From here on the request is durable and its answer stands. What is still to do can't fail, or its failure concerns
//!    nobody: the shell loads the memory again, and tries again later what was due.

use super::letters::Rows;
use super::space::Space;
use super::{LogRow, limits};
use crate::ingest::IngestAnswer;
use crate::letters::{LetterId, LetterRow, SeenLetters};

/// An `Idempotency-Key` with what came with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestKey<'a> {
    /// Whose key it is; empty: the board's.
    pub owner: &'a str,
    /// The key.
    pub name: &'a str,
    /// A hash of the request.
    pub hash: u64,
}

/// What became of a key before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It is new.
    New,
    /// It came with the same request: it is answered as then.
    Same,
    /// It came with another request.
    Other,
}

impl RequestKey<'_> {
    /// What is known of the key, given the hash of the request that came with it before.
    pub const fn known(&self, before: Option<u64>) -> Known {
        match before {
            None => Known::New,
            Some(hash) if hash == self.hash => Known::Same,
            Some(_) => Known::Other,
        }
    }
}

/// One write of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write<'c> {
    /// A row of the log, from this owner.
    Row(&'c LogRow, &'c str),
    /// The request's key with the beginning of its answer, and the bytes of the whole.
    Request(RequestKey<'c>, &'c str, usize),
    /// A further piece of the answer of the request that was just written.
    RequestPiece(u32, &'c str),
    /// Requests up to this number go.
    DropRequests(u64),
    /// And the further pieces of their answers.
    DropRequestPieces(u64),
    /// A row of dead letters.
    Letters(&'c LetterRow),
    /// A row of dead letters is another now.
    ChangeLetters(u64, &'c LetterRow),
    /// A row of dead letters goes, with all that was mended of it.
    DropLetterRow(u64),
    /// The same of what was mended.
    DropMends(u64),
    /// What was mended of a letter goes with it.
    DropMend(LetterId),
    /// So many refused records had a letter already.
    CountRepeated(u64),
    /// Letters in the rows up to this number are counted: they make room for others.
    CountDropped(u64),
    /// Dead letters up to this number go.
    DropLetters(u64),
    /// And what was mended of them.
    DropMendsUpTo(u64),
    /// What the pipeline has done, as JSON.
    Totals(&'c str),
}

/// Everything that a request writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit<'a> {
    rows: Vec<LogRow>,
    owner: &'a str,
    request: Option<RequestKey<'a>>,
    answer: String,
    letters: Rows,
    changed: Vec<LettersChanged>,
    totals: Option<String>,
    drop_requests: Option<u64>,
    drop_letters: Option<u64>,
}

impl<'a> Commit<'a> {
    /// What a request writes: its rows, from their owner.
    pub const fn new(rows: Vec<LogRow>, owner: &'a str) -> Self {
        Self {
            rows,
            owner,
            request: None,
            answer: String::new(),
            letters: Rows { rows: Vec::new(), repeated: 0 },
            changed: Vec::new(),
            totals: None,
            drop_requests: None,
            drop_letters: None,
        }
    }

    /// And its answer; under its key, where it has one.
    pub fn answer(
        mut self,
        answer: &IngestAnswer,
        request: Option<RequestKey<'a>>,
        kept: Option<&Space>,
    ) -> Result<Self, serde_json::Error> {
        self.answer = serde_json::to_string(answer)?;
        self.request = request;
        self.drop_requests = kept.filter(|_| request.is_some()).and_then(|k| k.make_room(&[self.answer.len()]));
        Ok(self)
    }

    /// And its dead letters, after those of the edge, without those that are there already.
    #[must_use]
    pub fn letters(mut self, rows: Rows, kept: Option<&Space>) -> Self {
        self.letters = rows;
        if !self.letters.rows.is_empty() {
            let sizes: Vec<usize> = self.letters.rows.iter().map(LetterRow::bytes).collect();
            self.drop_letters = kept.and_then(|k| k.make_room(&sizes));
        }
        self
    }

    /// And what becomes of letters that were there.
    #[must_use]
    pub fn changed_letters(mut self, changed: Vec<LettersChanged>) -> Self {
        self.changed = changed;
        self
    }

    /// And what the pipeline has done until then.
    #[must_use]
    pub fn totals(mut self, totals: Option<String>) -> Self {
        self.totals = totals;
        self
    }

    /// The writes, in their order.
    pub fn writes(&self) -> Vec<Write<'_>> {
        let mut writes: Vec<Write<'_>> = self.rows.iter().map(|row| Write::Row(row, self.owner)).collect();
        if let Some(key) = self.request {
            writes.extend(self.drop_requests.map(Write::DropRequests));
            writes.extend(self.drop_requests.map(Write::DropRequestPieces));
            let mut pieces = pieces(&self.answer);
            writes.push(Write::Request(key, pieces.next().unwrap_or_default(), self.answer.len()));
            writes.extend((1..).zip(pieces).map(|(number, piece)| Write::RequestPiece(number, piece)));
        }
        writes.extend(self.drop_letters.map(Write::CountDropped));
        writes.extend(self.drop_letters.map(Write::DropLetters));
        writes.extend(self.drop_letters.map(Write::DropMendsUpTo));
        writes.extend(self.letters.rows.iter().map(Write::Letters));
        if self.letters.repeated > 0 {
            writes.push(Write::CountRepeated(self.letters.repeated));
        }
        self.changed.iter().for_each(|changed| changed.write(&mut writes));
        writes.extend(self.totals.as_deref().map(Write::Totals));
        writes
    }

    /// Whether older letters make room for these.
    pub const fn drops_letters(&self) -> bool {
        self.drop_letters.is_some()
    }

    /// The letters are durable, the last of their rows under this number.
    pub fn letters_are_stored(&self, kept: &mut Option<Space>, last: u64) {
        let Some(kept) = kept else { return };
        self.drop_letters.into_iter().for_each(|up_to| kept.dropped(up_to));
        let first = (last + 1).saturating_sub(self.letters.rows.len() as u64);
        (first..).zip(&self.letters.rows).for_each(|(id, row)| kept.put(id, row.bytes() as u64));
    }

    /// The key is durable, under this number.
    pub fn request_is_stored(&self, kept: &mut Option<Space>, number: u64) {
        let Some(kept) = kept else { return };
        self.drop_requests.into_iter().for_each(|up_to| kept.dropped(up_to));
        kept.put(number, self.answer.len() as u64);
    }

    /// The rows of the log.
    pub fn rows(&self) -> &[LogRow] {
        &self.rows
    }

    /// Whether there are dead letters.
    pub fn has_letters(&self) -> bool {
        !self.letters.rows.is_empty()
    }

    /// The letters are durable, the last of their rows under this number: they are known again.
    pub fn letters_are_seen(&self, seen: &mut SeenLetters, last: u64) {
        self.drop_letters.into_iter().for_each(|up_to| seen.gone(up_to));
        let first = (last + 1).saturating_sub(self.letters.rows.len() as u64);
        (first..).zip(&self.letters.rows).for_each(|(id, row)| seen.put(id, &row.hashes));
    }

    /// Whether it has a key.
    pub const fn has_request(&self) -> bool {
        self.request.is_some()
    }

    /// The answer as JSON, and the rows for those who are told of them.
    pub fn into_parts(self) -> (String, Vec<LogRow>) {
        (self.answer, self.rows)
    }
}

/// What becomes of a row of letters: another, or none when no letter is left; and the letters of it that went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LettersChanged {
    /// The row's number.
    pub row: u64,
    /// What it is now.
    pub now: Option<LetterRow>,
    /// The places of letters that are gone.
    pub gone: Vec<usize>,
}

impl LettersChanged {
    /// What is written of it.
    pub fn write<'c>(&'c self, writes: &mut Vec<Write<'c>>) {
        match &self.now {
            None => writes.extend([Write::DropLetterRow(self.row), Write::DropMends(self.row)]),
            Some(now) => {
                writes.push(Write::ChangeLetters(self.row, now));
                let id = |nth: &usize| LetterId { row: self.row, nth: *nth };
                writes.extend(self.gone.iter().map(|nth| Write::DropMend(id(nth))));
            }
        }
    }
}

/// A text in pieces that a stored value may have.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len().min(limits::ANSWER_PIECE_BYTES);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}
