//! A line of the operator's log: JSON that a program can search, without credentials, and no longer than somebody reads.

use crate::trace::TraceId;
use serde::Serialize;

/// Characters of a message that are kept.
const MESSAGE: usize = 2_000;

/// What our credentials, and those of others, begin with.
const BEGINNINGS: [&str; 5] = ["hg_", "hgs_", "hgd_", "eyJ", "AKIA"];

/// Characters from which on what begins like one is one.
const SHORTEST: usize = 16;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something failed.
    Error,
    /// Something that an operator may want to change.
    Warn,
    /// Something happened that is as it should be.
    Info,
}

/// A line.
#[derive(Debug, Serialize)]
struct Line<'a> {
    level: Level,
    message: String,
    /// The trace of the request that it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<TraceId>,
    /// What says it: `edge`, or an object as `board fleet`.
    from: &'a str,
}

/// The line's text.
#[must_use]
pub fn line(level: Level, from: &str, trace: Option<TraceId>, message: &str) -> String {
    let line = Line { level, message: kept(message), trace, from };
    serde_json::to_string(&line).unwrap_or_default()
}

/// A message without what looks like a credential, and its beginning only where it is long.
fn kept(message: &str) -> String {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '~' | '+' | '/');
    let mut kept = String::with_capacity(message.len().min(MESSAGE));
    let mut rest = message;
    let mut after_bearer = false;
    while let Some(first) = rest.chars().next() {
        let length = if is_of_word(first) {
            rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len())
        } else {
            rest.find(is_of_word).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(length);
        if is_of_word(first) {
            // A path's parts are words, too.
            let parts: Vec<&str> =
                word.split('/').map(|part| if hides(part, after_bearer) { "…" } else { part }).collect();
            kept.push_str(&parts.join("/"));
            after_bearer = word.eq_ignore_ascii_case("bearer");
        } else {
            kept.push_str(word);
            after_bearer &= word.chars().all(char::is_whitespace);
        }
        rest = after;
    }
    match kept.char_indices().nth(MESSAGE) {
        None => kept,
        Some((end, _)) => format!("{}…", kept.get(..end).unwrap_or_default()),
    }
}

fn hides(word: &str, after_bearer: bool) -> bool {
    after_bearer || (word.len() >= SHORTEST && BEGINNINGS.iter().any(|beginning| word.starts_with(beginning)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn read(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_line_is_json_and_names_its_request() {
        let id = Trace::begun([1; 16]).id;
        let text = line(Level::Error, "board fleet", Some(id), "push to \"fleet/0\":\nno answer");
        assert!(!text.contains('\n'), "{text}");
        let expected = json!({
            "level": "error", "from": "board fleet", "trace": "01".repeat(16), "message": "push to \"fleet/0\":\nno answer"
        });
        assert_eq!(read(&text), expected);
        assert_eq!(
            read(&line(Level::Warn, "edge", None, "x")),
            json!({"level": "warn", "from": "edge", "message": "x"})
        );
    }

    #[test]
    fn credentials_are_left_out_wherever_they_stand() {
        let jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl";
        for (message, expected) in [
            ("the key hg_0123456789abcdef is not known", "the key … is not known"),
            (&format!("Authorization: Bearer {jwt}"), "Authorization: Bearer …"),
            ("authorization: bearer s3cret, refused", "authorization: bearer …, refused"),
            (&format!("token={jwt}&x=1"), "token=…&x=1"),
            ("GET /v1/ingest/buses/hgs_0123456789abcdef?key=a", "GET /v1/ingest/buses/…?key=a"),
            ("AKIAIOSFODNN7EXAMPLE signs it", "… signs it"),
            ("a bearer of news", "a bearer … news"),
            ("the header hg_1 is short, eyJ too", "the header hg_1 is short, eyJ too"),
        ] {
            assert_eq!(kept(message), expected, "{message}");
        }
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let text = kept(&"é".repeat(MESSAGE + 1));
        assert_eq!(text.chars().count(), MESSAGE + 1);
        assert!(text.ends_with('…'));
    }

    proptest! {
        #[test]
        fn no_message_makes_it_fail_and_none_shows_a_key(before in "\\PC{0,40}", secret in "[a-f0-9]{32}", after in "[ ,;:\"'()\n]{1,10}") {
            let text = line(Level::Error, "edge", None, &format!("{before} hg_{secret}{after}"));
            prop_assert!(!text.contains(&secret));
            read(&text);
        }
    }
}
