//! What is told to a caller whose request was refused: a stable code, the field, a sentence with the fix.

pub mod code;

pub use code::Code;

use crate::trace::TraceId;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One thing wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldError {
    /// Where: a path such as `position.lat` or `rules.bounds`.
    pub field: String,
    /// The stable code.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub code: Code,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl FieldError {
    /// An error at `field`.
    pub fn new(field: impl Into<String>, code: Code, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}

/// Reads JSON; an error is a field's path (with the name of a field that is missing or not known added) and a sentence.
///
/// The path is found only when there is an error, by walking the text up to the place that serde names. A deserialiser
/// that keeps it all the while exists twice for every type, and made a fifteenth of the worker's script.
pub fn read_json<T: DeserializeOwned>(text: &[u8]) -> Result<T, (String, String)> {
    serde_json::from_slice(text).map_err(|e| {
        let message = e.to_string();
        let unknown = message.starts_with("unknown field");
        let path = path_at(head::<T>(text, &e), unknown);
        let name = ["unknown field `", "missing field `"]
            .iter()
            .find_map(|head| message.strip_prefix(head)?.split('`').next());
        let field = match name {
            Some(name) if path.is_empty() => name.to_owned(),
            Some(name) if path != name && !path.ends_with(&format!(".{name}")) => format!("{path}.{name}"),
            _ => path,
        };
        (field, message)
    })
}

/// The text up to the place of an error.
fn head<'t, T: DeserializeOwned>(text: &'t [u8], e: &serde_json::Error) -> &'t [u8] {
    let up_to = |text: &[u8], e: &serde_json::Error| {
        let lines = text.split_inclusive(|b| *b == b'\n').take(e.line().saturating_sub(1));
        lines.map(<[u8]>::len).sum::<usize>() + e.column()
    };
    let sentence = |e: &serde_json::Error| e.to_string().split(" at line ").next().map(str::to_owned);
    let end = up_to(text, e).min(text.len());
    let (head, rest) = text.split_at(end);
    // A value that was read, but is not right, is blamed behind the end of its object when it is the last one there.
    // With a comma before that end it is blamed where it stands, or it was not the last one, and the comma is wrong.
    if let Some((b'}', before)) = head.split_last() {
        let probe = [before, b",}", rest].concat();
        let again = serde_json::from_slice::<T>(&probe).err().filter(|again| sentence(again) == sentence(e));
        if again.is_some_and(|again| up_to(&probe, &again) < end) {
            return before;
        }
    }
    head
}

/// Where in its structure the beginning of a JSON text ends: the path of the value there, or of the last one before it;
/// or, where it ends with a name, of the object that has the name.
fn path_at(head: &[u8], with_name: bool) -> String {
    enum Level {
        Object { key: String },
        Array { index: usize },
    }
    let mut levels: Vec<Level> = Vec::new();
    // The text that was read last, until it turns out to be a name.
    let mut text = String::new();
    let mut rest = head;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'{' => levels.push(Level::Object { key: String::new() }),
            b'[' => levels.push(Level::Array { index: 0 }),
            b'}' | b']' => drop(levels.pop()),
            b',' => {
                if let Some(Level::Array { index }) = levels.last_mut() {
                    *index += 1;
                }
            }
            b':' => {
                if let Some(Level::Object { key }) = levels.last_mut() {
                    *key = std::mem::take(&mut text);
                }
            }
            b'"' => {
                let mut escaped = false;
                let end = rest.iter().position(|b| {
                    let quote = *b == b'"' && !escaped;
                    escaped = *b == b'\\' && !escaped;
                    quote
                });
                let (inner, after) = rest.split_at(end.unwrap_or(rest.len()));
                text = String::from_utf8_lossy(inner).into_owned();
                rest = after.get(1..).unwrap_or_default();
            }
            _ => {}
        }
    }
    if let Some(Level::Object { key }) = levels.last_mut().filter(|_| with_name) {
        // It is the name of the field before.
        key.clear();
    }
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Object { key } if key.is_empty() => {}
            Level::Object { key } if path.is_empty() => path = key,
            Level::Object { key } => path = format!("{path}.{key}"),
            Level::Array { index } => path = format!("{path}[{index}]"),
        }
    }
    path
}

/// Something that a caller sent, for a message: at most 64 characters of it.
pub fn excerpt(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(64) {
        None => text.into(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
    }
}

/// RFC 9457 problem details, with a stable `code`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Problem {
    /// A URI reference that names the kind: the code's entry in the documentation.
    #[serde(rename = "type")]
    pub kind: String,
    /// The status' name.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub code: Code,
    /// What happened and how to mend it.
    pub detail: String,
    /// The fields that are wrong, where it is about fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait before trying again, sent as `Retry-After` too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// The trace of the request, by which the operator's log has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub trace: Option<TraceId>,
}

impl Problem {
    /// A problem with a code, whose status it has, and a sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self::with_status(code.status(), code, detail)
    }

    /// A problem whose status is not its code's usual one.
    pub fn with_status(status: u16, code: Code, detail: impl Into<String>) -> Self {
        let kind = format!("/docs/errors#{code}");
        let title = code::title(status);
        Self { kind, title, status, code, detail: detail.into(), errors: Vec::new(), retry_after_s: None, trace: None }
    }

    /// A problem with one field: its code and its sentence are those of the whole.
    pub fn about(status: u16, error: FieldError) -> Self {
        Self::with_status(status, error.code, error.message.clone()).with_errors(vec![error])
    }

    /// The same with the fields that are wrong.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// The same for a request of a trace.
    #[must_use]
    pub const fn of_trace(mut self, trace: Option<TraceId>) -> Self {
        self.trace = trace;
        self
    }

    /// The same with a time to wait.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        n: u8,
    }

    /// A value that is read first and checked then.
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "Vec<u8>")]
    struct Few;

    impl TryFrom<Vec<u8>> for Few {
        type Error = &'static str;

        fn try_from(list: Vec<u8>) -> Result<Self, Self::Error> {
            if list.len() > 2 { Err("these are too many") } else { Ok(Self) }
        }
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read")]
    struct Checked {
        few: Few,
        n: Option<u8>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        list: Vec<Inner>,
        one: Option<Inner>,
        word: Option<String>,
        checked: Option<Checked>,
    }

    #[test]
    fn an_error_in_json_names_the_field() {
        let field = |text: &str| read_json::<Outer>(text.as_bytes()).unwrap_err().0;
        assert_eq!(field(r#"{"list":[{"n":1},{"n":"x"}]}"#), "list[1].n");
        assert_eq!(field(r#"{"list":[{"n":1},{}]}"#), "list[1].n");
        assert_eq!(field(r#"{"list":[{"n":1,"m":2}]}"#), "list[0].m");
        assert_eq!(field(r#"{"list":5}"#), "list");
        assert_eq!(field("{\n  \"list\": [],\n  \"one\": {\"n\": 300}}"), "one.n");
        assert_eq!(field(r#"{"list":[],"one":{"n":1},"more":1}"#), "more");
        assert_eq!(field(r#"{"word":"a \"b\": c","one":{"n":1}}"#), "list");
        assert_eq!(field(r#"{"list":[],"word":7}"#), "word");
        assert_eq!(field(r#"{"list":[],"checked":{"few":[1,2,3],"n":1}}"#), "checked.few");
        assert_eq!(field(r#"{"list":[],"checked":{"n":1,"few":[1,2,3]}}"#), "checked.few");
        assert_eq!(field(r#"{"checked":{"n":1,"few":[1,2,3] },"list":[]}"#), "checked.few");
        assert_eq!(field(r#"{"list":[],"checked":{"n":1}}"#), "checked.few");
    }
}
