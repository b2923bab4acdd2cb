//! One run as lines of JSON, for the tests of a client in another language.
//!
//! Each line has the `seed` and the number of the `viewer`, and one of: `opened`, `closed` with a code, `said` (what the
//! client sends, with the numbers of its subscriptions), `told` (a message of the server, as text), and `holds`: what
//! the client must have now, by subscription and key. Lines come in the order in which the client meets them.

use serde_json::{Map, Value, json};

use crate::simulation::{self, Weather};
use crate::viewer::Client;
use crate::world::World;

/// Runs a seed and returns its lines, or why it fails.
pub fn record(seed: u64, weather: Weather, steps: usize) -> Result<Vec<Value>, String> {
    let mut lines = Vec::new();
    simulation::run_seed(seed, weather, steps, |world| lines.extend(settled(seed, world)))?;
    Ok(lines)
}

/// What the viewers of the JSON feed met since the last time, and what they have.
fn settled(seed: u64, world: &mut World) -> Vec<Value> {
    let mut lines = Vec::new();
    for (number, viewer) in world.viewers.iter_mut().enumerate() {
        let met = std::mem::take(&mut viewer.met);
        let Client::Json(client) = &viewer.client else { continue };
        let copies: Map<String, Value> =
            client.copies.iter().map(|(id, copy)| (id.to_string(), json!(copy.items))).collect();
        for mut line in met.into_iter().chain([json!({ "holds": copies })]) {
            line["seed"] = seed.into();
            line["viewer"] = number.into();
            lines.push(line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json_client::JsonClient;
    use std::collections::BTreeMap;

    /// A second client, which knows nothing but the lines. Returns how many items it was compared by.
    fn follow(lines: &[Value]) -> usize {
        let mut clients: BTreeMap<(u64, u64), JsonClient> = BTreeMap::new();
        let mut checked = 0;
        for line in lines {
            let client = clients.entry((line["seed"].as_u64().unwrap(), line["viewer"].as_u64().unwrap())).or_default();
            if let Some(said) = line.get("said") {
                let said: Value = serde_json::from_str(said.as_str().unwrap()).unwrap();
                let id = said["id"].as_u64().unwrap() as u32;
                if said["action"] == "subscribe" {
                    client.copies.entry(id).or_default();
                } else {
                    client.copies.remove(&id);
                }
            } else if let Some(told) = line.get("told") {
                client.text(told.as_str().unwrap());
            } else if let Some(holds) = line.get("holds") {
                for (id, items) in holds.as_object().unwrap() {
                    assert_eq!(&json!(client.copies[&id.parse::<u32>().unwrap()].items), items);
                    checked += items.as_object().unwrap().len();
                }
            }
        }
        checked
    }

    #[test]
    fn a_client_that_follows_the_lines_has_what_they_say() {
        let checked = follow(&record(3, Weather::of(3), 200).unwrap());
        assert!(checked > 20, "{checked}");
    }

    #[test]
    fn the_lines_that_other_clients_are_tested_by_are_followed_too() {
        let text = include_str!("../cases/feed.ndjson");
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let checked = follow(&lines);
        assert!(checked > 20, "{checked}");
    }
}
