//! A client of the JSON feed as somebody would write it from docs/protocol.md: it merges what it is told.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What it has of one subscription.
#[derive(Default)]
pub struct Copy {
    /// How far it is.
    pub cursor: Option<String>,
    /// The rights that it was told with.
    pub rights: Option<u64>,
    /// The items by key.
    pub items: BTreeMap<String, Map<String, Value>>,
    complete: bool,
}

/// Its copies by the number of the subscription. A changed subscription gets a new number (rule S6).
#[derive(Default)]
pub struct JsonClient {
    /// The copies.
    pub copies: BTreeMap<u32, Copy>,
    /// How often the server said that it ends the connection.
    pub byes: u32,
}

fn seq(cursor: &str) -> (String, u64) {
    let (epoch, seq) = cursor.split_once(':').unwrap();
    (epoch.to_owned(), seq.parse().unwrap())
}

impl JsonClient {
    /// What a subscription says to go on where it was.
    pub fn resume(&self, id: u32) -> Option<(String, u64)> {
        self.copies.get(&id).filter(|c| c.complete).and_then(|c| Some((c.cursor.clone()?, c.rights?)))
    }

    /// Takes a message of the server.
    pub fn text(&mut self, text: &str) {
        let m: Value = serde_json::from_str(text).unwrap();
        let id = m["id"].as_u64().unwrap_or(0) as u32;
        match m["type"].as_str().unwrap() {
            "snapshot" => {
                let Some(copy) = self.copies.get_mut(&id) else { return };
                let part = |name: &str| m.get("part").is_none_or(|p| p[name].as_bool().unwrap());
                if part("first") {
                    *copy = Copy::default();
                }
                for item in m["items"].as_array().unwrap() {
                    merge(&mut copy.items, item);
                }
                copy.complete = part("last");
                copy.rights = m["rights"].as_u64();
                copy.cursor = Some(m["cursor"].as_str().unwrap().to_owned());
            }
            "delta" => {
                let Some(copy) = self.copies.get_mut(&id) else { return };
                assert!(copy.complete, "a delta before the snapshot");
                let (mine, from) = (seq(copy.cursor.as_ref().unwrap()), seq(m["from"].as_str().unwrap()));
                let to = seq(m["cursor"].as_str().unwrap());
                assert_eq!(mine.0, from.0, "a delta of another life");
                assert!(from.1 <= mine.1, "frames are missing: have {mine:?}, delta from {from:?}");
                if to.1 < mine.1 {
                    return;
                }
                for item in m["items"].as_array().unwrap() {
                    merge(&mut copy.items, item);
                }
                for key in m.get("removed").and_then(Value::as_array).into_iter().flatten() {
                    copy.items.remove(key.as_str().unwrap());
                }
                copy.cursor = Some(m["cursor"].as_str().unwrap().to_owned());
            }
            "bye" => self.byes += 1,
            "resumed" | "gap" | "status" => {}
            other => panic!("unexpected {other}: {text}"),
        }
    }
}

fn merge(items: &mut BTreeMap<String, Map<String, Value>>, told: &Value) {
    let item = items.entry(told["key"].as_str().unwrap().to_owned()).or_default();
    for (name, value) in told.as_object().unwrap() {
        if name != "fields" {
            item.insert(name.clone(), value.clone());
        }
    }
    let fields = item.entry("fields").or_insert_with(|| json!({})).as_object_mut().unwrap();
    for (name, value) in told.get("fields").and_then(Value::as_object).into_iter().flatten() {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
}
