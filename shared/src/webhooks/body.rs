//! What a message says.

use super::config::{Format, WebhookWish};
use super::places::{PLACES, places};
use crate::alarms::{AlarmEvent, Reason, Severity, What};
use crate::cursor::Epoch;
use crate::id::BoardName;
use crate::time::Millis;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What is told: something that happened to an alarm of a board.
#[derive(Clone, Copy, Debug)]
pub struct Message<'m> {
    /// On this board.
    pub board: &'m BoardName,
    /// This.
    pub event: &'m AlarmEvent,
}

/// What a message is known by: the same each time it is sent.
pub fn message_id(board: &BoardName, epoch: Epoch, event: u64) -> String {
    format!("{board}-e{}-{event}", epoch.0)
}

/// An event that nothing made, for whoever tries a webhook.
pub fn test_message(now: Millis) -> AlarmEvent {
    AlarmEvent {
        id: 0,
        kind: What::Raise,
        alarm: 0,
        rule: "test".to_owned(),
        name: "Test".to_owned(),
        severity: Severity::Info,
        key: "test".to_owned(),
        time: now,
        received_at: now,
        seen: "nothing happened: somebody tries this webhook".to_owned(),
        reason: Reason::Person,
        muted: false,
        by: None,
    }
}

/// The body of a message, JSON.
pub fn content(wish: &WebhookWish, message: Message<'_>) -> String {
    let line = line(message);
    let body = match wish.format {
        Format::Standard => standard(message),
        Format::Slack => json!({ "text": for_slack(&line) }),
        // A key must not call a room together: no mention is taken.
        Format::Discord => json!({ "content": cut(&line, 2_000), "allowed_mentions": { "parse": [] } }),
        Format::Teams => teams(&line),
        Format::Template => {
            wish.template.as_ref().map_or(Value::Null, |template| filled(template, &|name| place(name, message, &line)))
        }
    };
    body.to_string()
}

/// Type, time and data, as Standard Webhooks recommends.
fn standard(Message { board, event }: Message<'_>) -> Value {
    #[derive(Serialize)]
    struct Data<'d> {
        board: &'d str,
        #[serde(flatten)]
        event: &'d AlarmEvent,
    }
    let data = Data { board: board.as_str(), event };
    json!({
        "type": if event.id == 0 { "alarm.test".to_owned() } else { format!("alarm.{}", event.kind.name()) },
        "timestamp": event.received_at.to_rfc3339(),
        "data": data,
    })
}

fn teams(line: &str) -> Value {
    let text = json!({ "type": "TextBlock", "text": line, "wrap": true });
    let card = json!({ "type": "AdaptiveCard", "version": "1.4", "body": [text] });
    json!({
        "type": "message",
        "attachments": [{ "contentType": "application/vnd.microsoft.card.adaptive", "content": card }],
    })
}

/// One line for people.
fn line(Message { board, event }: Message<'_>) -> String {
    let word = match (event.kind, event.severity) {
        (What::Clear, _) => "cleared",
        (What::Acknowledge, _) => "seen",
        (What::Raise, Severity::Critical) => "critical",
        (What::Raise, Severity::Warning) => "warning",
        (What::Raise, Severity::Info) => "info",
    };
    let seen = if event.seen.is_empty() { String::new() } else { format!(" ({})", event.seen) };
    let by = event.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    format!("[{word}{by}] {}: {}{seen} on {board}", event.name, event.key)
}

/// Slack takes `<…>` for links and mentions.
fn for_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// What stands for a name in a template.
fn place(name: &str, Message { board, event }: Message<'_>, line: &str) -> Option<String> {
    let reason = || serde_json::to_value(event.reason).ok().and_then(|v| v.as_str().map(str::to_owned));
    Some(match PLACES.iter().position(|known| *known == name)? {
        0 => event.key.clone(),
        1 => event.rule.clone(),
        2 => event.name.clone(),
        3 => event.severity.name().to_owned(),
        4 => event.kind.name().to_owned(),
        5 => event.seen.clone(),
        6 => event.time.to_rfc3339(),
        7 => board.to_string(),
        8 => reason().unwrap_or_default(),
        9 => event.alarm.to_string(),
        10 => event.id.to_string(),
        _ => line.to_owned(),
    })
}

/// A template with everything filled in. What is filled in is not looked at again.
fn filled(template: &Value, of: &impl Fn(&str) -> Option<String>) -> Value {
    match template {
        Value::String(text) => {
            let (mut made, mut rest) = (String::with_capacity(text.len()), 0);
            for (from, name, to) in places(text) {
                if let (Some(value), Some(between)) = (of(name), text.get(rest..from)) {
                    made.push_str(between);
                    made.push_str(&value);
                    rest = to;
                }
            }
            made.push_str(text.get(rest..).unwrap_or_default());
            Value::String(made)
        }
        Value::Array(values) => values.iter().map(|value| filled(value, of)).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), filled(value, of))).collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
    }
}
