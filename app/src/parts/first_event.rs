//! What puts a first event on a board: the lines for a terminal, and what they send.

/// The line that keeps the key; `…` stands for it.
pub const KEY_LINE: &str = "export HELIOGRAPH_KEY=…";

/// What tells curl to send the key.
pub const CREDENTIAL: &str = "-H \"Authorization: Bearer $HELIOGRAPH_KEY\"";

/// The event: somebody in the middle of Vienna.
pub const EVENT: &str = r#"{"key": "me", "position": {"lat": 48.21, "lon": 16.37}}"#;

/// The line that sends an event to a board.
pub fn line(origin: &str, board: &str, event: &str) -> String {
    format!("curl {origin}/v1/boards/{board}/events {CREDENTIAL} -d '{event}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_sends_the_event_and_the_event_is_one() {
        let line = line("https://example.org", "mine", EVENT);
        assert!(
            line.starts_with("curl https://example.org/v1/boards/mine/events -H \"Authorization: Bearer $"),
            "{line}"
        );
        assert!(line.ends_with(&format!("'{EVENT}'")), "{line}");
        let event: serde_json::Value = serde_json::from_str(EVENT).unwrap();
        assert_eq!((&event["key"], &event["position"]["lat"]), (&"me".into(), &48.21.into()));
    }
}
