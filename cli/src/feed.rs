//! Following a board's feed in its JSON form: what to say, what an incoming message means. Pure; `commands/tail.rs` has
//! the socket.

use serde_json::{Map, Value, json};

/// The JSON feed.
pub const SUBPROTOCOL: &str = "heliograph.v1.json";
/// Stands before a token in the list of subprotocols.
pub const BEARER_PREFIX: &str = "bearer.";
/// The number of the only subscription.
const SUBSCRIPTION: u32 = 1;
/// Bytes after which the viewer acknowledges, so that the server does not take it for a slow one.
const ACK_BYTES: usize = 128 * 1024;

/// What to follow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// These keys; all when empty.
    pub keys: Vec<String>,
    /// `west, south, east, north` in degrees.
    pub bbox: Option<[f64; 4]>,
    /// At most one frame in so many milliseconds.
    pub every_millis: Option<u32>,
}

/// What a message asks of the follower.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing more.
    Nothing,
    /// Tell the user.
    Notice(String),
    /// The server is about to close and wants the client back.
    Reconnect,
    /// There is no sense in going on.
    Stop(String),
}

/// The follower's state: how far it is.
#[derive(Clone, Debug, Default)]
pub struct Follower {
    filter: Filter,
    cursor: Option<String>,
    unacknowledged: usize,
}

impl Follower {
    /// Follows this.
    pub fn new(filter: Filter) -> Self {
        Self { filter, ..Self::default() }
    }

    /// The message that begins or, after a lost connection, goes on.
    pub fn subscribe(&self) -> String {
        let mut message = Map::new();
        message.insert("action".to_owned(), json!("subscribe"));
        message.insert("id".to_owned(), json!(SUBSCRIPTION));
        message.insert("what".to_owned(), json!("items"));
        if !self.filter.keys.is_empty() {
            message.insert("keys".to_owned(), json!(self.filter.keys));
        }
        if let Some(bbox) = self.filter.bbox {
            message.insert("bbox".to_owned(), json!(bbox));
        }
        if let Some(every) = self.filter.every_millis {
            message.insert("every_ms".to_owned(), json!(every));
        }
        if let Some(cursor) = &self.cursor {
            message.insert("resume".to_owned(), json!(cursor));
        }
        Value::Object(message).to_string()
    }

    /// The message that hands over a fresh token.
    pub fn token(token: &str) -> String {
        json!({"action": "token", "token": token}).to_string()
    }

    /// The acknowledgement of what has arrived. With `is_late` it is due whenever anything has.
    pub fn acknowledgement(&mut self, is_late: bool) -> Option<String> {
        if self.unacknowledged == 0 || (!is_late && self.unacknowledged < ACK_BYTES) {
            return None;
        }
        let cursor = self.cursor.as_ref()?;
        self.unacknowledged = 0;
        Some(json!({"action": "ack", "cursor": cursor}).to_string())
    }

    /// Takes a message in; changes become lines.
    pub fn receive(&mut self, text: &str, lines: &mut Vec<String>) -> Effect {
        let Ok(Value::Object(mut message)) = serde_json::from_str(text) else {
            return Effect::Notice(format!("the server sent something that is no message: {}", start_of(text)));
        };
        let kind = message.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let part = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
        match kind.as_str() {
            "snapshot" | "delta" => {
                self.unacknowledged += text.len();
                // A snapshot in parts is complete with its last one; resuming from an earlier one would miss the rest.
                let is_whole = message.get("part").is_none_or(|part| part["last"] == true);
                if let Some(cursor) = message.get("cursor").and_then(Value::as_str).filter(|_| is_whole) {
                    self.cursor = Some(cursor.to_owned());
                }
                if let Some(Value::Array(items)) = message.remove("items") {
                    lines.extend(items.iter().map(Value::to_string));
                }
                if let Some(Value::Array(removed)) = message.remove("removed") {
                    lines.extend(removed.iter().map(|key| json!({"key": key, "removed": true}).to_string()));
                }
                Effect::Nothing
            }
            "gap" => Effect::Notice("changes were lost; the board's state follows".to_owned()),
            "error" => {
                let sentence = format!("{}: {}", part("code"), part("message"));
                if part("action") == "subscribe" { Effect::Stop(sentence) } else { Effect::Notice(sentence) }
            }
            "bye" => {
                if message.get("reconnect").and_then(Value::as_bool).unwrap_or(true) {
                    Effect::Reconnect
                } else {
                    Effect::Stop(format!("the server ended the feed: {}", part("reason")))
                }
            }
            // resumed, status, published, and whatever a later server may say.
            _ => Effect::Nothing,
        }
    }
}

/// Whether a close code means "connect again": 4500–4999 mean that it would end the same way.
pub fn should_reconnect(code: Option<u16>) -> bool {
    !code.is_some_and(|code| (4500..=4999).contains(&code))
}

fn start_of(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_and_deltas_become_lines_and_the_cursor_is_resumed() {
        let mut follower = Follower::new(Filter { keys: vec!["v1".to_owned()], ..Filter::default() });
        assert_eq!(
            serde_json::from_str::<Value>(&follower.subscribe()).unwrap(),
            json!({"action": "subscribe", "id": 1, "what": "items", "keys": ["v1"]})
        );
        let mut lines = Vec::new();
        let snapshot =
            r#"{"type":"snapshot","id":1,"cursor":"e1:5","items":[{"key":"v1","time":5,"seq":5,"fields":{"a":1}}]}"#;
        assert_eq!(follower.receive(snapshot, &mut lines), Effect::Nothing);
        let delta =
            r#"{"type":"delta","id":1,"cursor":"e1:7","items":[{"key":"v1","fields":{"a":2}}],"removed":["v2"]}"#;
        assert_eq!(follower.receive(delta, &mut lines), Effect::Nothing);
        assert_eq!(lines.len(), 3);
        assert_eq!(serde_json::from_str::<Value>(&lines[1]).unwrap(), json!({"key": "v1", "fields": {"a": 2}}));
        assert_eq!(serde_json::from_str::<Value>(&lines[2]).unwrap(), json!({"key": "v2", "removed": true}));
        assert_eq!(serde_json::from_str::<Value>(&follower.subscribe()).unwrap()["resume"], "e1:7");
    }

    #[test]
    fn a_snapshot_in_parts_is_resumed_only_when_whole() {
        let mut follower = Follower::new(Filter::default());
        let part = |first: bool, last: bool| {
            json!({"type": "snapshot", "cursor": "e1:5", "part": {"first": first, "last": last}, "items": []})
                .to_string()
        };
        follower.receive(&part(true, false), &mut Vec::new());
        assert!(!follower.subscribe().contains("resume"));
        follower.receive(&part(false, true), &mut Vec::new());
        assert!(follower.subscribe().contains("e1:5"));
    }

    #[test]
    fn acknowledgements_come_when_late_or_when_much_has_arrived() {
        let mut follower = Follower::new(Filter::default());
        assert_eq!(follower.acknowledgement(true), None);
        let long = format!(r#"{{"type":"delta","cursor":"e1:9","pad":"{}"}}"#, "x".repeat(ACK_BYTES));
        follower.receive(r#"{"type":"delta","cursor":"e1:8"}"#, &mut Vec::new());
        assert_eq!(follower.acknowledgement(false), None);
        assert!(follower.acknowledgement(true).unwrap().contains("e1:8"));
        follower.receive(&long, &mut Vec::new());
        assert!(follower.acknowledgement(false).unwrap().contains("e1:9"));
        assert_eq!(follower.acknowledgement(true), None);
    }

    #[test]
    fn errors_and_farewells_say_whether_to_go_on() {
        let mut follower = Follower::new(Filter::default());
        let mut receive = |text: &str| follower.receive(text, &mut Vec::new());
        assert_eq!(receive(r#"{"type":"status","time":1}"#), Effect::Nothing);
        assert_eq!(receive(r#"{"type":"later"}"#), Effect::Nothing);
        assert!(matches!(receive(r#"{"type":"gap"}"#), Effect::Notice(_)));
        assert!(matches!(
            receive(r#"{"type":"error","action":"token","code":"expired","message":"m"}"#),
            Effect::Notice(_)
        ));
        assert_eq!(
            receive(r#"{"type":"error","action":"subscribe","code":"forbidden","message":"m"}"#),
            Effect::Stop("forbidden: m".to_owned())
        );
        assert_eq!(receive(r#"{"type":"bye","code":4000,"reason":"going_away","reconnect":true}"#), Effect::Reconnect);
        assert!(matches!(
            receive(r#"{"type":"bye","code":4502,"reason":"board_deleted","reconnect":false}"#),
            Effect::Stop(_)
        ));
        assert!(matches!(receive("nonsense"), Effect::Notice(_)));
        assert!(should_reconnect(None) && should_reconnect(Some(4000)) && should_reconnect(Some(1006)));
        assert!(!should_reconnect(Some(4501)));
    }
}
