//! What stands around a board's log: layers, fences and rules go with it, what has a secret is only named.

use heliograph_shared::backup::{Part, PartKind};
use heliograph_shared::id::BoardName;
use heliograph_shared::rights::Boards;
use reqwest::Method;
use serde_json::Value;

use super::patient;
use crate::error::CliError;
use crate::http::Api;

/// What an answer about a fence has that is no part of it.
const OF_FENCES: [&str; 4] = ["id", "changed_at", "inside_count", "inside"];
/// What an answer about a rule has that is no part of it.
const OF_RULES: [&str; 3] = ["id", "changed_at", "standing"];

/// The things of a list, each by the member that names it.
fn listed(kind: PartKind, list: &Value, name: &str, without: &[&str]) -> Vec<Part> {
    let things = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let part = |thing: &Value| {
        let id = thing.get(name)?.as_str()?.to_owned();
        let mut value = thing.clone();
        if let Some(map) = value.as_object_mut() {
            map.retain(|member, _| !without.contains(&member.as_str()));
        }
        Some(Part { kind, id, value })
    };
    things.iter().filter_map(part).collect()
}

/// Whether a key's grants reach a board.
fn reaches(key: &Value, board: &BoardName) -> bool {
    let grants = key.get("grants").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let patterns = grants.iter().filter_map(|grant| grant.get("board").and_then(Value::as_str));
    patterns.map(Boards::parse).any(|boards| boards.is_ok_and(|boards| boards.names(board)))
}

/// Reads all of a board that is not in its log.
pub async fn gather(api: &Api, board: &BoardName) -> Result<Vec<Part>, CliError> {
    let of = |what: &'static str| ["v1", "boards", board.as_str(), what];
    let mut parts = Vec::new();
    let layers = patient::get(api, &of("layers"), &[]).await?.json()?;
    for mut layer in listed(PartKind::Layer, &layers["layers"], "id", &[]) {
        let path = ["v1", "boards", board.as_str(), "layers", layer.id.as_str()];
        layer.value = patient::get(api, &path, &[]).await?.json()?;
        parts.push(layer);
    }
    let fences = patient::get(api, &of("fences"), &[]).await?.json()?;
    parts.extend(listed(PartKind::Fence, &fences["fences"], "id", &OF_FENCES));
    let rules = patient::get(api, &["v1", "boards", board.as_str(), "alarms", "rules"], &[]).await?.json()?;
    parts.extend(listed(PartKind::AlarmRule, &rules["rules"], "id", &OF_RULES));
    let sources = patient::get(api, &of("sources"), &[]).await?.json()?;
    parts.extend(listed(PartKind::Source, &sources["sources"], "name", &[]));
    let webhooks = patient::get(api, &of("webhooks"), &[]).await?.json()?;
    parts.extend(listed(PartKind::Webhook, &webhooks["webhooks"], "id", &[]));
    // The administrator alone is told of keys.
    match patient::get(api, &["v1", "keys"], &[]).await {
        Ok(keys) => {
            let mut keys = listed(PartKind::Key, &keys.json()?["keys"], "id", &[]);
            keys.retain(|key| reaches(&key.value, board));
            parts.extend(keys);
        }
        Err(error) if error.is_temporary() => return Err(error),
        Err(_) => eprintln!("only the administrator is told of API keys: the backup names none"),
    }
    Ok(parts)
}

/// Puts what goes with a board; how many parts were refused. What has a secret is named.
pub async fn put(api: &Api, board: &str, parts: &[Part]) -> Result<usize, CliError> {
    let (mut refused, mut anew) = (0, Vec::new());
    // A rule may be about a fence, which comes first.
    for kind in [PartKind::Layer, PartKind::Fence, PartKind::AlarmRule] {
        for part in parts.iter().filter(|part| part.kind == kind) {
            let path: &[&str] = match kind {
                PartKind::Layer => &["v1", "boards", board, "layers", part.id.as_str()],
                PartKind::Fence => &["v1", "boards", board, "fences", part.id.as_str()],
                PartKind::AlarmRule => &["v1", "boards", board, "alarms", "rules", part.id.as_str()],
                PartKind::Source | PartKind::Webhook | PartKind::Key => continue,
            };
            match api.call(Method::PUT, path, Some(&part.value)).await {
                Ok(_) => {}
                Err(error) if error.is_temporary() => return Err(error),
                Err(error) => {
                    refused += 1;
                    eprintln!("{} {}: {error}", name(kind), part.id);
                }
            }
        }
    }
    for kind in [PartKind::Source, PartKind::Webhook, PartKind::Key] {
        for part in parts.iter().filter(|part| part.kind == kind) {
            let label = part.value.get("label").and_then(Value::as_str).filter(|label| !label.is_empty());
            anew.push(format!("  {} {}", name(kind), label.unwrap_or(&part.id)));
        }
    }
    if !anew.is_empty() {
        say!("these have secrets, which no backup has; make them anew:\n{}", anew.join("\n"));
    }
    Ok(refused)
}

const fn name(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Layer => "layer",
        PartKind::Fence => "fence",
        PartKind::AlarmRule => "rule",
        PartKind::Source => "source",
        PartKind::Webhook => "webhook",
        PartKind::Key => "key",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_fence_is_kept_as_it_is_put() {
        let list = json!([{
            "id": "depot", "shape": {"type": "Point", "coordinates": [7, 50]}, "radius_m": 5, "changed_at": 1, "inside_count": 2,
        }]);
        let parts = listed(PartKind::Fence, &list, "id", &OF_FENCES);
        let value = json!({"shape": {"type": "Point", "coordinates": [7, 50]}, "radius_m": 5});
        assert_eq!(parts, [Part { kind: PartKind::Fence, id: "depot".into(), value }]);
    }

    #[test]
    fn keys_of_other_boards_stay_out() {
        let board = BoardName::try_from("fleet").unwrap();
        let key = |pattern: &str| json!({"id": "ab", "grants": [{"board": pattern, "operations": ["read"]}]});
        for (pattern, is_in) in [("fleet", true), ("*", true), ("fle*", true), ("other", false), ("fleet-2", false)] {
            assert_eq!(reaches(&key(pattern), &board), is_in, "{pattern}");
        }
        assert!(!reaches(&json!({"id": "ab"}), &board));
    }
}
