//! Answers of the HTTP API, once: the worker writes these types, the description is made from them, and the front end and
//! the command line read them. A reader knows of fields that come later by ignoring them.
//!
//! Answers to events are in [`crate::ingest`], series in [`crate::rollups::answer`], configs in [`crate::config`],
//! refusals in [`crate::problem`]: they are what those modules work with.

pub mod archive;
pub mod audit;
pub mod audit_log;
pub mod backup;
pub mod boards;
pub mod connections;
pub mod items;
pub mod keys;
pub mod layers;
pub mod letters;
pub mod pipeline;
pub mod scores;
pub mod sessions;
pub mod shares;
pub mod sign_in;
pub mod sources;
pub mod status;
pub mod system;
pub mod tokens;
pub mod views;

/// Holds JSON that is written piece by piece to the type that describes it: nothing more in it, and nothing less but for
/// parts that are null or empty.
#[cfg(test)]
pub(crate) fn assert_holds<T: serde::Serialize + serde::de::DeserializeOwned>(written: &serde_json::Value) {
    use serde_json::Value;
    fn plain(value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let empty = |v: &Value| v.is_null() || v.as_object().is_some_and(serde_json::Map::is_empty);
                map.iter().filter(|(_, v)| !empty(v)).map(|(name, v)| (name.clone(), plain(v))).collect()
            }
            Value::Array(list) => list.iter().map(plain).collect(),
            Value::Number(n) => n.as_f64().into(),
            Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
        }
    }
    let read: T = serde_json::from_value(written.clone()).unwrap_or_else(|e| panic!("{e}: {written}"));
    assert_eq!(plain(&serde_json::to_value(read).unwrap()), plain(written));
}
