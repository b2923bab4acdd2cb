//! Dead letters: what was refused of a request, as the rows in which a board keeps it. A letter keeps its record whole up
//! to [`limits::DEAD_LETTER_BYTES`]; a longer one, or one beyond what a request may leave behind, says `truncated`.

use crate::event::Event;
use crate::ingest::RecordResult;
use crate::limits;
use serde::Serialize;
use serde_json::value::RawValue;

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
}

/// The letters of one request: JSON objects.
#[derive(Clone, Debug, Default)]
pub struct Letters {
    /// The source that the records came by, where they came by one.
    source: Option<String>,
    letters: Vec<String>,
    bytes: usize,
}

/// The beginning of a text, of at most so many bytes.
fn beginning(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

impl Letters {
    /// None yet, of records that come by a source, or by none.
    pub fn by_source(source: Option<&str>) -> Self {
        Self { source: source.map(str::to_owned), ..Self::default() }
    }

    /// Adds a refused record as it came.
    pub fn push(&mut self, why: &RecordResult, raw: &str, by: &str) {
        // Once a request has left so much behind, of further records a glimpse is enough.
        let most = match limits::DEAD_LETTERS_PER_REQUEST_BYTES.checked_sub(self.bytes) {
            Some(left) => left.min(limits::DEAD_LETTER_BYTES),
            None => limits::DEAD_LETTER_SPARE_BYTES,
        };
        let raw = raw.trim();
        let whole = raw.len() <= most;
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
            record,
            by,
            source: self.source.as_deref(),
            step: why.step.as_deref(),
            truncated: !whole,
        };
        // What holds texts and numbers only can always be written.
        let letter = serde_json::to_string(&letter).unwrap_or_default();
        self.bytes += letter.len();
        self.letters.push(letter);
    }

    /// Adds an event that the board itself refused, as a producer would send it.
    pub fn push_event(&mut self, why: &RecordResult, event: &Event, by: &str) {
        let record = serde_json::to_string(event).unwrap_or_default();
        self.push(why, &record, by);
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// As one text: a JSON array, or nothing when there is none.
    pub fn into_text(self) -> String {
        if self.letters.is_empty() { String::new() } else { array(&self.letters) }
    }

    /// The rows in which a board keeps these letters after those of the edge, which come as [`Letters::into_text`] made
    /// them. Each row is a JSON array far below the largest value that the platform stores.
    pub fn rows(self, edge: &str) -> Result<Vec<String>, serde_json::Error> {
        let edge: Vec<&RawValue> = if edge.is_empty() { Vec::new() } else { serde_json::from_slice(edge.as_bytes())? };
        let all: Vec<&str> =
            edge.into_iter().map(RawValue::get).chain(self.letters.iter().map(String::as_str)).collect();
        let mut rows = Vec::new();
        let mut rest = all.as_slice();
        while !rest.is_empty() {
            let mut bytes = 0;
            let fit = rest.iter().take(limits::DEAD_LETTERS_PER_ROW).take_while(|letter| {
                bytes += letter.len();
                bytes <= limits::DEAD_LETTER_ROW_BYTES
            });
            // One letter always fits: its record is bounded.
            let (row, after) = rest.split_at(fit.count().max(1));
            rows.push(array(row));
            rest = after;
        }
        Ok(rows)
    }
}

fn array<T: AsRef<str>>(letters: &[T]) -> String {
    let mut text = String::with_capacity(letters.iter().map(|l| l.as_ref().len() + 1).sum::<usize>() + 1);
    let mut before = '[';
    for letter in letters {
        text.push(before);
        text.push_str(letter.as_ref());
        before = ',';
    }
    text.push(']');
    text
}
