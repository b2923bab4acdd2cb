//! One line of a feed, in any version of the format.
//!
//! Since 2022-07 a line is `{"type","id","data"}`: an object is there or changed, `null` says that it is gone, and an
//! array without an `id` is a whole collection. Before, it was `{"type","id","op","data"}`, where `id` is the event's
//! own and `op` is `create`, `update` or `delete`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::model::text;

/// What a line is about, as far as standings need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The contest itself.
    Contest,
    /// When it started, froze and ended.
    State,
    /// What verdicts mean.
    JudgementTypes,
    /// The problems.
    Problems,
    /// Groups of teams.
    Groups,
    /// Universities and the like.
    Organizations,
    /// The teams.
    Teams,
    /// What teams handed in.
    Submissions,
    /// What became of it.
    Judgements,
    /// What is given to whom.
    Awards,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "contest" | "contests" => Self::Contest,
            "state" => Self::State,
            "judgement-types" => Self::JudgementTypes,
            "problems" => Self::Problems,
            "groups" => Self::Groups,
            "organizations" => Self::Organizations,
            "teams" => Self::Teams,
            "submissions" => Self::Submissions,
            "judgements" => Self::Judgements,
            "awards" => Self::Awards,
            _ => return None,
        })
    }

    /// There is only one; it has no id to go by.
    fn is_single(self) -> bool {
        matches!(self, Self::Contest | Self::State)
    }
}

/// What a line says about a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// This object is now like this.
    Put(String, T),
    /// The object with this id is gone.
    Delete(String),
    /// These are all there are.
    Replace(Vec<(String, T)>),
}

/// Why a line cannot be used: a code and a sentence.
pub type Refusal = (&'static str, String);

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    id: Value,
    #[serde(default)]
    op: Option<String>,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

/// Whether a line is one of a feed, and if so, whether its type is one of the known.
pub fn looks_like_one(line: &[u8]) -> Option<bool> {
    let line: Value = serde_json::from_slice(line).ok()?;
    let kind = line.get("type")?.as_str()?;
    let shaped = line.get("data").is_some_and(|data| data.is_object() || data.is_array() || data.is_null());
    shaped.then(|| Kind::named(kind).is_some())
}

/// Reads a line; `None` when it is about something that standings do not need.
pub fn parse(line: &[u8]) -> Result<Option<(Kind, Change<Value>)>, Refusal> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| {
        if error.is_data() {
            ("not_a_feed_line", format!("the line is no object with a type: {error}"))
        } else {
            ("bad_json", format!("the line is not JSON: {error}"))
        }
    })?;
    let Some(kind) = Kind::named(&line.kind) else { return Ok(None) };
    let data: Value = match line.data {
        Some(raw) => {
            serde_json::from_str(raw.get()).map_err(|error| ("bad_json", format!("data is not JSON: {error}")))?
        }
        None => Value::Null,
    };
    let own_id = text(&data, "id");
    let line_id = text(&serde_json::json!({ "id": line.id }), "id");
    let nameless = || ("no_id", format!("the line of type {} has no id and no data", line.kind));
    if line.op.as_deref() == Some("delete") {
        let id = own_id.or(line_id).ok_or_else(nameless)?;
        return Ok((!kind.is_single()).then_some((kind, Change::Delete(id))));
    }
    let change = match data {
        Value::Object(_) if kind.is_single() => Change::Put(String::new(), data),
        // The list of contests: a feed is about one.
        Value::Array(list) if kind.is_single() => match list.into_iter().next() {
            Some(one) => Change::Put(String::new(), one),
            None => return Ok(None),
        },
        Value::Null if kind.is_single() => return Ok(None),
        // Of two ids the object's own is meant: the line's was the event's in older versions.
        Value::Object(_) => Change::Put(own_id.or(line_id).ok_or_else(nameless)?, data),
        Value::Array(list) => {
            let named = list.into_iter().map(|object| (text(&object, "id"), object));
            Change::Replace(named.filter_map(|(id, object)| id.map(|id| (id, object))).collect())
        }
        Value::Null => Change::Delete(line_id.ok_or_else(nameless)?),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(("not_a_feed_line", "data is neither an object nor an array nor null".to_owned()));
        }
    };
    Ok(Some((kind, change)))
}

impl<T> Change<T> {
    /// Turns every object into something else. What cannot be turned is left out, and the first reason told.
    pub fn convert<U>(self, read: impl Fn(&T) -> Result<U, String>) -> (Option<Change<U>>, Option<String>) {
        match self {
            Self::Delete(id) => (Some(Change::Delete(id)), None),
            Self::Put(id, object) => match read(&object) {
                Ok(object) => (Some(Change::Put(id, object)), None),
                Err(reason) => (None, Some(format!("{id}: {reason}"))),
            },
            Self::Replace(list) => {
                let mut trouble = None;
                let mut kept = Vec::with_capacity(list.len());
                for (id, object) in list {
                    match read(&object) {
                        Ok(object) => kept.push((id, object)),
                        Err(reason) => {
                            trouble.get_or_insert(format!("{id}: {reason}"));
                        }
                    }
                }
                (Some(Change::Replace(kept)), trouble)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn change(line: &str) -> (Kind, Change<Value>) {
        parse(line.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn lines_since_2022_put_delete_and_replace() {
        let team = json!({"id": "7", "name": "x"});
        let put = change(r#"{"type":"teams","id":"7","data":{"id":"7","name":"x"},"token":"a"}"#);
        assert_eq!(put, (Kind::Teams, Change::Put("7".to_owned(), team.clone())));
        let gone = change(r#"{"type":"teams","id":"7","data":null}"#);
        assert_eq!(gone, (Kind::Teams, Change::Delete("7".to_owned())));
        for whole in [
            r#"{"type":"teams","id":null,"data":[{"id":"7","name":"x"}]}"#,
            r#"{"type":"teams","data":[{"id":"7","name":"x"}]}"#,
        ] {
            assert_eq!(change(whole), (Kind::Teams, Change::Replace(vec![("7".to_owned(), team.clone())])));
        }
    }

    #[test]
    fn lines_with_op_name_the_object_in_their_data() {
        let put = change(r#"{"type":"judgements","id":"k-1","op":"create","data":{"id":"3"}}"#);
        assert_eq!(put, (Kind::Judgements, Change::Put("3".to_owned(), json!({"id": "3"}))));
        let again = change(r#"{"type":"judgements","id":"k-2","op":"update","data":{"id":3}}"#);
        assert_eq!(again, (Kind::Judgements, Change::Put("3".to_owned(), json!({"id": 3}))));
        let gone = change(r#"{"type":"judgements","id":"k-3","op":"delete","data":{"id":"3"}}"#);
        assert_eq!(gone, (Kind::Judgements, Change::Delete("3".to_owned())));
    }

    #[test]
    fn contest_and_state_need_no_id_and_other_types_are_passed_over() {
        for line in [
            r#"{"type":"contest","id":null,"data":{"name":"c"}}"#,
            r#"{"type":"contests","id":"e1","op":"create","data":{"name":"c"}}"#,
        ] {
            assert_eq!(change(line), (Kind::Contest, Change::Put(String::new(), json!({"name": "c"}))));
        }
        for line in [r#"{"type":"runs","id":"1","data":{"id":"1"}}"#, r#"{"type":"contest","id":"c","data":null}"#] {
            assert_eq!(parse(line.as_bytes()), Ok(None), "{line}");
        }
    }

    #[test]
    fn what_is_no_line_of_a_feed_is_refused_with_a_reason() {
        for (line, code) in [
            ("{\"type\":\"teams\",\"da", "bad_json"),
            ("[1]", "not_a_feed_line"),
            (r#"{"id":"1","data":{}}"#, "not_a_feed_line"),
            (r#"{"type":"teams","id":"1","data":5}"#, "not_a_feed_line"),
            (r#"{"type":"teams","data":null}"#, "no_id"),
            (r#"{"type":"teams","data":{"name":"x"}}"#, "no_id"),
        ] {
            assert_eq!(parse(line.as_bytes()).unwrap_err().0, code, "{line}");
        }
    }

    #[test]
    fn a_feed_is_told_by_its_lines() {
        assert_eq!(looks_like_one(br#"{"type":"state","data":{},"token":"cd<0"}"#), Some(true));
        assert_eq!(looks_like_one(br#"{"type":"map-info","data":{}}"#), Some(false));
        for line in [&br#"{"type":"teams","lat":1}"#[..], br#"{"data":{"temp":1},"device_id":"a"}"#, b"[]", b"{"] {
            assert_eq!(looks_like_one(line), None);
        }
    }
}
