//! What became of letters, in words; and their records as people read and write them.

use heliograph_shared::api::letters::{Replay, ReplayStatus, Replayed};
use leptos::prelude::*;
use serde_json::{Value, json};

/// Refusals that are listed one by one.
const LISTED: usize = 20;

/// A code as people read it: `position_out_of_range` is `Position out of range`.
pub fn reason(code: Option<&str>) -> String {
    match code.filter(|code| !code.is_empty()) {
        None => text!(console.letters.no_reason).to_owned(),
        Some(code) => crate::client::labels::label_from_name(code),
    }
}

/// The key that a record names, if it names one.
pub fn key_of(record: &Value) -> Option<String> {
    match &record["key"] {
        Value::String(key) => Some(key.clone()),
        Value::Number(key) => Some(key.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The text of a record that is no JSON.
fn inner_text(record: &Value) -> Option<&str> {
    record.as_object().filter(|map| map.len() == 1).and_then(|map| map.get("text")?.as_str())
}

/// A record as it is read and edited.
pub fn written(record: &Value) -> String {
    match inner_text(record) {
        Some(text) => text.to_owned(),
        None => serde_json::to_string_pretty(record).unwrap_or_default(),
    }
}

/// What was written as a record: JSON, or another text where the record was none.
pub fn read(text: &str, original: &Value) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        Err(_) if inner_text(original).is_some() => Ok(json!({ "text": text })),
        Err(error) => Err(text!(console.config.no_json, error = error)),
    }
}

/// What became of one letter, or would.
pub fn sentence(one: &Replayed, dry_run: bool) -> String {
    let why = || one.message.clone().unwrap_or_else(|| reason(one.code.as_deref()));
    match (one.status, dry_run) {
        (ReplayStatus::Accepted, true) => counted!(one.events.len(), console.letters.would_be),
        (ReplayStatus::Accepted, false) => text!(console.letters.is_sent).to_owned(),
        (ReplayStatus::Duplicate, _) => text!(console.letters.is_there).to_owned(),
        (ReplayStatus::Filtered, true) => text!(console.letters.would_be_filtered).to_owned(),
        (ReplayStatus::Filtered, false) => text!(console.letters.is_filtered).to_owned(),
        (ReplayStatus::Refused | ReplayStatus::Truncated, true) => text!(console.letters.would_be_refused, why = why()),
        (ReplayStatus::Refused | ReplayStatus::Truncated, false) => text!(console.letters.is_refused, why = why()),
    }
}

/// What became of many letters, or would.
#[component]
pub fn Sum(
    /// It.
    replay: Replay,
) -> impl IntoView {
    let Replay { dry_run, accepted, duplicate, filtered, refused: stays, results, next } = replay;
    let taken = accepted + duplicate + filtered;
    let head = if dry_run {
        text!(console.letters.sum_try, taken = taken, refused = stays)
    } else {
        text!(console.letters.sum, taken = taken, refused = stays)
    };
    let is_refused = |one: &&Replayed| matches!(one.status, ReplayStatus::Refused | ReplayStatus::Truncated);
    let refused: Vec<Replayed> = results.iter().filter(is_refused).take(LISTED).cloned().collect();
    view! {
        <p><strong>{head}</strong>{next.is_some().then(|| view! { " " {text!(console.letters.more_left)} })}</p>
        {(!refused.is_empty()).then(|| view! {
            <ul class="refusals">
                {refused.iter().map(|one| view! { <li><code>{one.id.clone()}</code> " " {sentence(one, dry_run)}</li> }).collect_view()}
            </ul>
        })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_written_as_it_was_sent_and_read_back() {
        let text = json!({"text": "!AIVDM,1"});
        assert_eq!(written(&text), "!AIVDM,1");
        assert_eq!(read("!AIVDM,2", &text), Ok(json!({"text": "!AIVDM,2"})));
        assert_eq!(read("{\"key\":1}", &text), Ok(json!({"key": 1})));
        let event = json!({"key": "a", "text": "b"});
        assert_eq!(read(&written(&event), &event), Ok(event.clone()));
        assert!(read("{", &event).is_err());
    }

    #[test]
    fn a_record_that_is_no_event_has_no_key() {
        assert_eq!(key_of(&json!({"text": "{broken"})), None);
        assert_eq!(key_of(&json!({"key": 7})).as_deref(), Some("7"));
        assert_eq!(key_of(&json!([1])), None);
        assert_eq!(reason(Some("position_out_of_range")), "Position out of range");
    }

    #[test]
    fn what_became_of_a_letter_is_a_sentence_with_the_reason() {
        let one = |status: &str| -> Replayed {
            serde_json::from_value(json!({"id": "1.0", "status": status, "message": "lat is wrong", "events": [{}]}))
                .unwrap()
        };
        assert!(sentence(&one("refused"), true).contains("lat is wrong"));
        assert!(sentence(&one("truncated"), false).contains("lat is wrong"));
        assert_ne!(sentence(&one("accepted"), true), sentence(&one("accepted"), false));
    }
}
