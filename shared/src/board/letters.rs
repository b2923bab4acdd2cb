//! Dead letters: what was refused of a request, as the rows in which a board keeps it. A letter keeps its record whole up
//! to [`limits::DEAD_LETTER_BYTES`]; a longer one, or one beyond what a request may leave behind, says `truncated`.

use crate::event::Event;
use crate::ingest::RecordResult;
use crate::letters::{LetterRow, Of, hash, nth};
use crate::limits;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::HashMap;

/// A record in a letter.
#[derive(Serialize)]
#[serde(untagged)]
enum Record<'r> {
    /// The JSON that it is.
    Json(&'r RawValue),
    /// What is no JSON, or was cut.
    Text {
        /// It, or its beginning.
        text: &'r str,
    },
}

/// A letter as [`crate::letters::Kept`] reads it.
#[derive(Serialize)]
struct Letter<'l> {
    code: Option<&'l str>,
    field: Option<&'l str>,
    message: Option<&'l str>,
    record: Record<'l>,
    by: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'l str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'l str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    as_text: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    owner: &'l str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    player: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    made: bool,
    #[serde(skip_serializing_if = "Of::is_empty")]
    of: &'l Of,
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
}

/// Who sent what is refused.
#[derive(Clone, Debug, Default)]
pub struct LettersFrom {
    /// By which source, where it came by one.
    pub source: Option<String>,
    /// Whose ids its events have; empty: the board's.
    pub owner: String,
    /// Whether it is a player.
    pub player: bool,
}

/// The letters of one request: JSON objects.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    from: LettersFrom,
    letters: Vec<String>,
    bytes: usize,
    /// How often a record came in this request.
    same: HashMap<u64, u32>,
}

/// The letters of a request that are new, as rows, and how many were there already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The rows.
    pub rows: Vec<LetterRow>,
    /// Letters of records that have one.
    pub repeated: u64,
}

/// The beginning of a text, of at most so many bytes.
fn beginning(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// What a refused record is.
struct Refused<'r> {
    raw: &'r str,
    /// Whether `raw` is all of it.
    whole: bool,
    of: &'r Of,
    made: bool,
    /// By what it is known again, where that is not what it says.
    id: Option<&'r str>,
}

impl Letters {
    /// None yet, of records that somebody sent.
    pub fn from(from: LettersFrom) -> Self {
        Self { from, ..Self::default() }
    }

    /// Adds a refused record as it came.
    pub fn push(&mut self, why: &RecordResult, raw: &str, by: &str) {
        self.push_of(why, raw, &Of::default(), by);
    }

    /// Adds a refused record as it came, with what its envelope said of it.
    pub fn push_of(&mut self, why: &RecordResult, raw: &str, of: &Of, by: &str) {
        self.put(why, &Refused { raw, whole: true, of, made: false, id: None }, by);
    }

    /// Adds a record of which only the beginning is there.
    pub fn push_beginning(&mut self, why: &RecordResult, raw: &str, of: &Of, by: &str) {
        self.put(why, &Refused { raw, whole: false, of, made: false, id: None }, by);
    }

    /// Adds an event that the board itself refused, as a producer would send it.
    pub fn push_event(&mut self, why: &RecordResult, event: &Event, by: &str) {
        let record = serde_json::to_string(event).unwrap_or_default();
        // Its time may be that of its arrival, which is another each time.
        let id = event.id.as_deref();
        self.put(why, &Refused { raw: &record, whole: true, of: &Of::default(), made: true, id }, by);
    }

    fn put(&mut self, why: &RecordResult, refused: &Refused<'_>, by: &str) {
        let Refused { raw, whole, of, made, id: known_by } = *refused;
        // Once a request has left so much behind, of further records a glimpse is enough.
        let most = match limits::DEAD_LETTERS_PER_REQUEST_BYTES.checked_sub(self.bytes) {
            Some(left) => left.min(limits::DEAD_LETTER_BYTES),
            None => limits::DEAD_LETTER_SPARE_BYTES,
        };
        let raw = raw.trim();
        let LettersFrom { source, owner, player } = &self.from;
        let (source, id) = (source.as_deref(), of.id.as_deref());
        let whole = whole && raw.len() <= most;
        // Of a record that is cut, what is left says which it is; with its length.
        let told = if let Some(id) = known_by {
            id
        } else if whole {
            raw
        } else {
            beginning(raw, limits::DEAD_LETTER_CUT_BYTES)
        };
        // What a source sends again is the same delivery. Who sends to the API says so with an `Idempotency-Key`.
        let known = source.map(|source| {
            let known = hash(owner, source, id, told, if known_by.is_some() { 0 } else { raw.len() });
            let same = self.same.entry(known).or_default();
            *same += 1;
            nth(known, *same - 1)
        });
        let json = if whole { serde_json::from_slice::<&RawValue>(raw.as_bytes()).ok() } else { None };
        let cut = most.min(limits::DEAD_LETTER_CUT_BYTES);
        let record = match json {
            Some(json) => Record::Json(json),
            None if whole => Record::Text { text: raw },
            None => Record::Text { text: beginning(raw, cut) },
        };
        let letter = Letter {
            code: why.code.as_deref(),
            field: why.field.as_deref().map(|f| beginning(f, limits::DEAD_LETTER_REASON_BYTES)),
            message: why.message.as_deref().map(|m| beginning(m, limits::DEAD_LETTER_REASON_BYTES)),
            as_text: json.is_none(),
            record,
            by,
            source,
            step: why.step.as_deref(),
            truncated: !whole,
            owner,
            player: *player,
            made,
            of,
            hash: known.map(|known| format!("{known:016x}")),
        };
        // What holds texts and numbers only can always be written.
        let letter = serde_json::to_string(&letter).unwrap_or_default();
        self.bytes += letter.len();
        self.letters.push(letter);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// As one text: a JSON array, or nothing when there is none.
    pub fn into_text(self) -> String {
        if self.letters.is_empty() { String::new() } else { format!("[{}]", self.letters.join(",")) }
    }

    /// The rows in which a board keeps these letters after those of the edge, which come as [`Letters::into_text`] made
    /// them; without those of records that have a letter, which `has` knows by their hash. Each row is a JSON array far
    /// below the largest value that the platform stores.
    pub fn rows(self, edge: &str, has: &dyn Fn(u64) -> bool) -> Result<Rows, serde_json::Error> {
        #[derive(Deserialize)]
        struct Known<'k> {
            #[serde(borrow, default)]
            hash: Option<&'k str>,
        }
        let edge: Vec<&RawValue> = if edge.is_empty() { Vec::new() } else { serde_json::from_slice(edge.as_bytes())? };
        let all = edge.into_iter().map(RawValue::get).chain(self.letters.iter().map(String::as_str));
        let (mut fresh, mut done) = (Vec::new(), Rows::default());
        for letter in all {
            let known: Known<'_> = serde_json::from_slice(letter.as_bytes())?;
            if known.hash.and_then(|hash| u64::from_str_radix(hash, 16).ok()).is_some_and(has) {
                done.repeated += 1;
            } else {
                fresh.push(letter);
            }
        }
        let mut rest = fresh.as_slice();
        while !rest.is_empty() {
            let mut bytes = 0;
            let fit = rest.iter().take(limits::DEAD_LETTERS_PER_ROW).take_while(|letter| {
                bytes += letter.len();
                bytes <= limits::DEAD_LETTER_ROW_BYTES
            });
            // One letter always fits: its record is bounded.
            let (row, after) = rest.split_at(fit.count().max(1));
            done.rows.push(LetterRow::of(row)?);
            rest = after;
        }
        Ok(done)
    }
}
