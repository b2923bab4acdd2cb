//! What differs between two states of a thing, in short.

use serde_json::{Map, Value};

/// The parts of two states that differ, as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// As they were.
    pub before: String,
    /// As they are.
    pub after: String,
}

/// The parts that differ, as deep as objects go. Where there was nothing, all of what there is.
pub fn diff(before: &Value, after: &Value) -> Diff {
    let (before, after) = differing(before, after).unwrap_or_default();
    Diff { before: before.to_string(), after: after.to_string() }
}

/// Both sides of what differs; nothing where nothing does.
fn differing(before: &Value, after: &Value) -> Option<(Value, Value)> {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return (before != after).then(|| (before.clone(), after.clone()));
    };
    let (mut was, mut is) = (Map::new(), Map::new());
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    for name in names {
        match (old.get(name), new.get(name)) {
            (Some(a), Some(b)) => {
                if let Some((a, b)) = differing(a, b) {
                    was.insert(name.clone(), a);
                    is.insert(name.clone(), b);
                }
            }
            (Some(a), None) => drop(was.insert(name.clone(), a.clone())),
            (None, Some(b)) => drop(is.insert(name.clone(), b.clone())),
            (None, None) => {}
        }
    }
    let differs = !was.is_empty() || !is.is_empty();
    differs.then(|| (was.into(), is.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({"title": "A", "keep_days": 30, "rules": {"strict": false, "max_speed": 60}, "top": 1});
        let after = json!({"title": "A", "keep_days": 7, "rules": {"strict": true, "max_speed": 60}, "map": 2});
        let Diff { before, after } = diff(&before, &after);
        assert_eq!(before, r#"{"keep_days":30,"rules":{"strict":false},"top":1}"#);
        assert_eq!(after, r#"{"keep_days":7,"map":2,"rules":{"strict":true}}"#);
        let same = diff(&json!({"a": 1}), &json!({"a": 1}));
        assert_eq!((same.before.as_str(), same.after.as_str()), ("null", "null"));
    }
}
