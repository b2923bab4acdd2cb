//! Dead letters and kept answers without what they say of an item.

use crate::board::LettersChanged;
use crate::letters::{Kept, LetterRow, parts};
use serde_json::Value;
use std::collections::BTreeMap;

/// Takes letters out of a row whose record, or what it was mended to, is of a key, under a field of this name; none when
/// there is none. A letter's place stays, so that the others keep their ids.
pub fn without(
    id: u64,
    row: &str,
    mends: &BTreeMap<usize, String>,
    key: &str,
    key_name: &str,
) -> Result<Option<LettersChanged>, serde_json::Error> {
    let mut gone = Vec::new();
    for (nth, letter) in parts(row)?.into_iter().enumerate() {
        let kept: Option<Kept<'_>> = serde_json::from_slice(letter.get().as_bytes())?;
        let Some(kept) = kept else { continue };
        let record: Value = serde_json::from_slice(kept.record.get().as_bytes())?;
        let mended: Value = match mends.get(&nth) {
            Some(mend) => serde_json::from_slice::<Value>(mend.as_bytes())?["record"].take(),
            None => Value::Null,
        };
        if is_of(&record, key, key_name) || is_of(&mended, key, key_name) || kept.of.key.as_deref() == Some(key) {
            gone.push(nth);
        }
    }
    if gone.is_empty() {
        return Ok(None);
    }
    let changes: Vec<(usize, Option<String>)> = gone.iter().map(|nth| (*nth, None)).collect();
    Ok(Some(LettersChanged { row: id, now: LetterRow::changed(row, &changes)?, gone }))
}

/// Whether a record is of a key. One that names its key says so; of one that does not, the key may be anywhere in it.
fn is_of(record: &Value, key: &str, key_name: &str) -> bool {
    if let Value::Object(members) = record {
        if let Some(text) = members.get("text").and_then(Value::as_str).filter(|_| members.len() == 1) {
            return names(text, key);
        }
        let own: Vec<&Value> = [key_name, "key"].iter().filter_map(|name| members.get(*name)).collect();
        if !own.is_empty() && own.iter().all(|v| v.is_string() || v.is_number()) {
            return own.into_iter().any(|v| is(v, key));
        }
    }
    anywhere(record, key)
}

fn is(value: &Value, key: &str) -> bool {
    match value {
        Value::String(text) => text == key,
        Value::Number(n) => n.to_string() == key,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

fn anywhere(value: &Value, key: &str) -> bool {
    match value {
        Value::Array(list) => list.iter().any(|v| anywhere(v, key)),
        Value::Object(members) => members.values().any(|v| anywhere(v, key)),
        Value::String(_) | Value::Number(_) | Value::Null | Value::Bool(_) => is(value, key),
    }
}

/// Whether a text has a key as a word of its own, as it is or as JSON writes it.
fn names(text: &str, key: &str) -> bool {
    let written = serde_json::to_string(key).unwrap_or_default();
    let written = written.get(1..written.len().saturating_sub(1)).unwrap_or(key);
    has_word(text, key) || has_word(text, written)
}

fn has_word(text: &str, word: &str) -> bool {
    if word.is_empty() {
        return false;
    }
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}

/// An answer as JSON without its messages, when it names a key; none when it does not.
pub fn answer_without(answer: &str, key: &str) -> Result<Option<String>, serde_json::Error> {
    if !names(answer, key) {
        return Ok(None);
    }
    let mut answer: Value = serde_json::from_slice(answer.as_bytes())?;
    let results = answer.get_mut("results").and_then(Value::as_array_mut);
    let mut changed = false;
    for result in results.into_iter().flatten().filter_map(Value::as_object_mut) {
        for name in ["message", "field"] {
            if let Some(text) = result.get_mut(name).filter(|v| v.as_str().is_some_and(|t| names(t, key))) {
                *text = Value::from("erased");
                changed = true;
            }
        }
    }
    if changed { serde_json::to_string(&answer).map(Some) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn left(records: &[Value], key: &str) -> (Vec<bool>, usize) {
        let row: Vec<Value> = records.iter().map(|r| json!({"code": "c", "record": r, "by": "me"})).collect();
        let row = serde_json::to_string(&row).unwrap();
        match without(1, &row, &BTreeMap::new(), key, "vehicleId").unwrap() {
            None => (vec![true; records.len()], 0),
            Some(LettersChanged { now: None, gone, .. }) => (vec![false; records.len()], gone.len()),
            Some(LettersChanged { now: Some(row), gone, .. }) => {
                let row: Vec<Value> = serde_json::from_str(&row.letters).unwrap();
                (row.iter().map(|l| !l.is_null()).collect(), gone.len())
            }
        }
    }

    #[test]
    fn letters_of_the_key_go_and_others_keep_their_places() {
        let records = [
            json!({"vehicleId": "7", "speed": "x"}),
            json!({"vehicleId": 7}),
            json!({"vehicleId": "8", "driver": "7"}),
            json!({"key": "7"}),
            json!({"driver": {"id": "7"}}),
            json!({"text": "{\"vehicleId\":\"7\",\"speed"}),
            json!({"text": "{\"vehicleId\":\"77\",\"speed"}),
            json!([["7", 1.5]]),
            json!({"vehicleId": {"no": "7"}}),
            json!(null),
        ];
        let (left, gone) = left(&records, "7");
        assert_eq!(left, [false, false, true, false, false, false, true, false, false, true]);
        assert_eq!(gone, 7);
    }

    #[test]
    fn a_row_without_letters_of_the_key_is_not_touched_and_one_of_its_letters_only_goes() {
        assert_eq!(left(&[json!({"key": "a"}), json!({"key": "b"})], "c"), (vec![true, true], 0));
        assert_eq!(left(&[json!({"key": "c"}), json!({"key": "c"})], "c"), (vec![false, false], 2));
    }

    #[test]
    fn a_letter_that_was_mended_to_the_key_goes_and_so_does_one_whose_envelope_named_it() {
        let row =
            r#"[{"code":"c","record":{"key":"a"},"by":"me"},{"code":"c","record":"x","by":"me","of":{"key":"b"}}]"#;
        let mends = BTreeMap::from([(0, r#"{"record":{"key":"c"},"at":1,"by":"me"}"#.to_owned())]);
        let gone = |key: &str| without(1, row, &mends, key, "key").unwrap().map(|changed| changed.gone);
        assert_eq!((gone("a"), gone("c"), gone("b"), gone("d")), (Some(vec![0]), Some(vec![0]), Some(vec![1]), None));
    }

    #[test]
    fn keys_that_json_escapes_are_found_in_cut_records() {
        assert_eq!(left(&[json!({"text": "{\"key\":\"a\\\"b\",\"x"})], "a\"b").1, 1);
    }

    #[test]
    fn answers_lose_messages_that_name_the_key() {
        let answer = r#"{"accepted":1,"cursor":"e1:7","results":[{"index":0,"message":"key v1 is not yours"},{"index":1,"message":"speed"}]}"#;
        let clean = answer_without(answer, "v1").unwrap().unwrap();
        assert!(!clean.contains("v1") && clean.contains("speed") && clean.contains("e1:7"), "{clean}");
        assert_eq!(answer_without(answer, "v2").unwrap(), None);
        // The word stands elsewhere than in a message.
        assert_eq!(answer_without(answer, "accepted").unwrap(), None);
    }
}
