//! What changes from one config to another, field by field.

use serde_json::Value;

/// A field that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path.
    pub path: String,
    /// What it was; nothing where there was none.
    pub before: Option<Value>,
    /// What it will be.
    pub after: Option<Value>,
}

/// The changes, by path. Objects are looked into, lists are taken whole. A field that is null is one that is not there.
pub fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    compare("", Some(before), Some(after), &mut found);
    found
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Change>) {
    let (before, after) = (before.filter(|value| !value.is_null()), after.filter(|value| !value.is_null()));
    if before == after {
        return;
    }
    if let (Some(Value::Object(old)), Some(Value::Object(new))) = (before, after) {
        let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for name in names {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            compare(&path, old.get(name), new.get(name), found);
        }
        return;
    }
    found.push(Change { path: path.to_owned(), before: before.cloned(), after: after.cloned() });
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_differs_is_named_with_its_path() {
        let before = json!({"title": "A", "map": {"zoom": 3, "style": null}, "views": {"x": 1}, "list": [1, 2]});
        let after = json!({"title": "B", "map": {"zoom": 3}, "views": {}, "list": [1, 3], "top": {"field": "n"}});
        let paths: Vec<(String, bool, bool)> =
            changes(&before, &after).into_iter().map(|c| (c.path, c.before.is_some(), c.after.is_some())).collect();
        let expected = [("list", true, true), ("title", true, true), ("top", false, true), ("views.x", true, false)];
        assert_eq!(paths, expected.map(|(path, was, is)| (path.to_owned(), was, is)));
        assert_eq!(changes(&before, &before), []);
    }
}
