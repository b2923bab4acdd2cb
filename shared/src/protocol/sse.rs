//! The feed as server-sent events (WHATWG HTML, 9.2): one subscription in the address, and the JSON feed's messages as they are.

use super::client::{ClientMessage, MessageError};
use crate::problem::{Code, FieldError};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The media type.
pub const EVENT_STREAM: &str = "text/event-stream";
/// The number of the subscription.
const ID: u32 = 1;
/// After so long a browser comes back that was cut off.
const RETRY_MILLIS: u32 = 2_000;
/// What keeps a quiet stream from being taken for a dead one on its way.
pub const PING: &str = ":\n\n";

/// What a parameter is.
enum Kind {
    Text,
    Number,
    Flag,
    List,
    /// A text that may stand several times.
    Texts,
    Numbers,
}

/// Parameters, as the JSON feed's `subscribe` calls them.
const PARAMETERS: &[(&str, Kind)] = &[
    ("what", Kind::Text),
    ("keys", Kind::List),
    ("bbox", Kind::Numbers),
    ("where", Kind::Texts),
    ("every_ms", Kind::Number),
    ("rewind", Kind::Number),
    ("rewind_s", Kind::Number),
    ("top", Kind::Number),
    ("offset", Kind::Number),
    ("around", Kind::Text),
    ("span", Kind::Number),
    ("group", Kind::Text),
    ("session", Kind::Text),
    ("cells", Kind::Flag),
];

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn invalid(name: &str, message: impl Into<String>) -> FieldError {
    FieldError::new(name, Code::Invalid, message)
}

/// A parameter's value as `subscribe` has it. Commas part lists before anything is decoded, so that `%2C` is part of a key.
fn value(name: &str, kind: &Kind, raw: &str) -> Result<Value, FieldError> {
    let text = || decoded(raw).ok_or_else(|| invalid(name, format!("{name} is not UTF-8 when it is decoded")));
    Ok(match kind {
        Kind::Text => text()?.into(),
        Kind::Texts => vec![Value::from(text()?)].into(),
        Kind::Number => {
            let n: u32 = text()?.parse().map_err(|_| invalid(name, format!("{name} is a whole number")))?;
            n.into()
        }
        Kind::Flag => match text()?.as_str() {
            "true" | "1" | "" => true.into(),
            "false" | "0" => false.into(),
            _ => return Err(invalid(name, format!("{name} is true or false"))),
        },
        Kind::List => {
            let all: Option<Vec<Value>> = raw.split(',').map(|one| decoded(one).map(Value::from)).collect();
            all.ok_or_else(|| invalid(name, format!("{name} is not UTF-8 when it is decoded")))?.into()
        }
        Kind::Numbers => {
            let text = text()?;
            let all: Result<Vec<f64>, _> = text.split(',').map(|one| one.trim().parse::<f64>()).collect();
            let all = all.map_err(|_| invalid(name, format!("{name} is four numbers: west,south,east,north")))?;
            json!(all)
        }
    })
}

/// What a stream follows, as the JSON feed's message. `last` is the `Last-Event-ID` with which a client comes back; one that is
/// none of ours is as good as none.
///
/// # Errors
/// What is wrong with a parameter, by its name.
pub fn subscribe(query: &str, last: Option<&str>) -> Result<String, FieldError> {
    let mut message = Map::new();
    message.insert("action".to_owned(), "subscribe".into());
    message.insert("id".to_owned(), ID.into());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, raw) = pair.split_once('=').unwrap_or((pair, ""));
        let Some((name, kind)) = PARAMETERS.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = PARAMETERS.iter().map(|(name, _)| *name).collect();
            let message = format!("there is no parameter {name}; a stream of events takes {}", known.join(", "));
            return Err(FieldError::new(name, Code::UnknownParameter, message));
        };
        let value = value(name, kind, raw)?;
        match (message.get_mut(*name), value) {
            (Some(Value::Array(before)), Value::Array(more)) if matches!(*name, "keys" | "where") => {
                before.extend(more);
            }
            (Some(_), _) => return Err(invalid(name, format!("{name} stands twice"))),
            (None, value) => drop(message.insert((*name).to_owned(), value)),
        }
    }
    let back = match (message.remove("rewind"), message.remove("rewind_s")) {
        (Some(_), Some(_)) => return Err(invalid("rewind_s", "rewind and rewind_s exclude each other")),
        (Some(events), None) => Some(json!({"events": events})),
        (None, seconds) => seconds.map(|seconds| json!({"seconds": seconds})),
    };
    message.extend(back.map(|back| ("rewind".to_owned(), back)));
    // A ranking is told whole each time.
    let is_items = message.get("what").is_none_or(|what| what == "items");
    if let Some((cursor, rights)) = last.and_then(Place::parse).filter(|_| is_items).map(|p| (p.cursor, p.rights)) {
        // Who comes back has been told what was.
        message.remove("rewind");
        message.insert("resume".to_owned(), cursor.into());
        message.extend(rights.map(|rights| ("rights".to_owned(), rights.into())));
    }
    let text = Value::Object(message).to_string();
    match ClientMessage::from_json(&text) {
        Ok(_) => Ok(text),
        Err(MessageError { code, message, .. }) => Err(FieldError::new("", code, message)),
    }
}

/// The id of an event: where a client goes on, and under which rights it has its copy.
struct Place {
    cursor: String,
    rights: Option<u32>,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let (cursor, rights) = match text.split_once('/') {
            Some((cursor, rights)) => (cursor, Some(rights.parse().ok()?)),
            None => (text, None),
        };
        cursor.parse::<crate::cursor::Cursor>().ok()?;
        Some(Self { cursor: cursor.to_owned(), rights })
    }
}

/// Makes events of the feed's messages.
#[derive(Debug, Default)]
pub struct Events {
    rights: Option<u32>,
}

/// A message as an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framed {
    /// What is written.
    pub text: String,
    /// What is acknowledged to the feed, once it is written.
    pub ack: Option<String>,
    /// What tells this state from others, where that is not the place in the log.
    pub state: Option<String>,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
    cursor: Option<String>,
    rights: Option<u32>,
    part: Option<Part>,
    /// Which state of those who are there it is: that has no place in the log.
    state: Option<String>,
}

#[derive(Deserialize)]
struct Part {
    last: bool,
}

impl Events {
    /// For a client that comes back with this id.
    pub fn after(last: Option<&str>) -> Self {
        Self { rights: last.and_then(Place::parse).and_then(|place| place.rights) }
    }

    /// What is written before anything else.
    pub fn opening() -> String {
        format!("retry: {RETRY_MILLIS}\n\n")
    }

    /// From where a client can go on once it has this message too, if from there it can; none of what is no message. A
    /// ranking's place says which one it is, and that of who is there likewise.
    pub fn place(&mut self, message: &str) -> Option<Option<String>> {
        let Framed { text, ack, state } = self.event(message)?;
        let id = text.lines().find_map(|line| line.strip_prefix("id: ")).map(str::to_owned);
        Some(state.or(id).or(ack))
    }

    /// A message of the feed; none of what is none.
    pub fn event(&mut self, message: &str) -> Option<Framed> {
        let Head { kind, cursor, rights, part, state } = serde_json::from_str(message).ok()?;
        self.rights = rights.or(self.rights);
        let is_whole = part.is_none_or(|part| part.last);
        // From here on a client can go on: it has everything up to the cursor.
        let is_place = matches!(kind.as_str(), "delta" | "resumed") || kind == "snapshot" && is_whole;
        let place = cursor.as_ref().filter(|_| is_place).map(|cursor| match self.rights {
            Some(rights) => format!("id: {cursor}/{rights}\n"),
            None => format!("id: {cursor}\n"),
        });
        let ack = cursor.filter(|_| is_place || matches!(kind.as_str(), "scores" | "presence"));
        let text = format!("event: {kind}\n{}data: {message}\n\n", place.unwrap_or_default());
        Some(Framed { text, ack, state })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(query: &str, last: Option<&str>) -> Value {
        serde_json::from_str(&subscribe(query, last).unwrap()).unwrap()
    }

    #[test]
    fn the_address_says_what_a_subscription_says() {
        assert_eq!(asked("", None), json!({"action": "subscribe", "id": 1}));
        assert_eq!(
            asked("what=items&keys=a,b%2Cc&keys=d+e&every_ms=500", None),
            json!({"action": "subscribe", "id": 1, "what": "items", "keys": ["a", "b,c", "d e"], "every_ms": 500})
        );
        assert_eq!(asked("bbox=-98,30,-97,31", None)["bbox"], json!([-98.0, 30.0, -97.0, 31.0]));
        assert_eq!(asked("where=a:eq:1&where=b:in:2%2C3", None)["where"], json!(["a:eq:1", "b:in:2,3"]));
        assert_eq!(asked("rewind=100", None)["rewind"], json!({"events": 100}));
        assert_eq!(asked("rewind_s=60", None)["rewind"], json!({"seconds": 60}));
        assert_eq!(
            asked("what=scores&top=3&around=team%207&cells", None),
            json!({"action": "subscribe", "id": 1, "what": "scores", "top": 3, "around": "team 7", "cells": true})
        );
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |query: &str| subscribe(query, None).map_err(|e| (e.code, e.field)).unwrap_err();
        assert_eq!(wrong("key=a"), (Code::UnknownParameter, "key".to_owned()));
        assert_eq!(wrong("what=scores&top=many"), (Code::Invalid, "top".to_owned()));
        assert_eq!(wrong("bbox=1,2,x,4"), (Code::Invalid, "bbox".to_owned()));
        assert_eq!(wrong("what=items&what=items"), (Code::Invalid, "what".to_owned()));
        assert_eq!(wrong("keys=%FF").0, Code::Invalid);
        assert_eq!(wrong("bbox=1,2,3").0, Code::InvalidMessage);
        assert_eq!(wrong("keys=a&bbox=0,0,1,1").0, Code::InvalidFilter);
        assert_eq!(wrong("where=fuel").0, Code::InvalidFilter);
        assert_eq!(wrong("what=weather").0, Code::InvalidWhat);
        assert_eq!(wrong("rewind=1&rewind_s=1"), (Code::Invalid, "rewind_s".to_owned()));
        assert_eq!(wrong("rewind=0").0, Code::OutOfRange);
        assert_eq!(wrong("rewind_s=3601").0, Code::OutOfRange);
        assert_eq!(wrong("what=scores&rewind=5").0, Code::InvalidFilter);
    }

    #[test]
    fn a_client_that_comes_back_goes_on_where_it_was() {
        let back = asked("keys=a", Some("e1:42/7"));
        assert_eq!((&back["resume"], &back["rights"]), (&json!("e1:42"), &json!(7)));
        assert_eq!(asked("", Some("e1:42"))["rights"], Value::Null);
        for other in ["", "42", "e1:42/x", "x/7"] {
            assert_eq!(asked("", Some(other))["resume"], Value::Null, "{other}");
        }
        assert_eq!(asked("what=scores", Some("e1:42"))["resume"], Value::Null);
        let back = asked("rewind=100", Some("e1:42/7"));
        assert_eq!((&back["resume"], &back["rewind"]), (&json!("e1:42"), &Value::Null), "it was told before");
        assert_eq!(asked("rewind=100", Some("?"))["rewind"], json!({"events": 100}));
    }

    #[test]
    fn an_event_has_an_id_once_everything_up_to_it_was_told() {
        let mut events = Events::default();
        let mut id = |message: &str| {
            let Framed { text, ack, .. } = events.event(message).unwrap();
            let id = text.lines().find_map(|line| line.strip_prefix("id: ")).map(str::to_owned);
            assert!(text.ends_with(&format!("data: {message}\n\n")));
            (id, ack)
        };
        assert_eq!(id(r#"{"type":"status","cursor":"e1:4","viewers":1}"#), (None, None));
        assert_eq!(
            id(r#"{"type":"snapshot","id":1,"cursor":"e1:5","rights":9,"part":{"first":true,"last":false}}"#),
            (None, None)
        );
        let whole = id(r#"{"type":"snapshot","id":1,"cursor":"e1:5","part":{"first":false,"last":true}}"#);
        assert_eq!(whole, (Some("e1:5/9".to_owned()), Some("e1:5".to_owned())));
        assert_eq!(
            id(r#"{"type":"delta","id":1,"from":"e1:5","cursor":"e1:6","items":[]}"#).0.as_deref(),
            Some("e1:6/9")
        );
        assert_eq!(id(r#"{"type":"gap","id":1,"cursor":"e1:6"}"#), (None, None));
        assert_eq!(id(r#"{"type":"scores","id":1,"cursor":"e1:6","total":1}"#), (None, Some("e1:6".to_owned())));
        let presence = r#"{"type":"presence","id":1,"cursor":"e1:6","state":"00ff","count":2}"#;
        assert_eq!(id(presence), (None, Some("e1:6".to_owned())));
        assert_eq!(events.place(presence), Some(Some("00ff".to_owned())));
        assert_eq!(events.event("pong"), None);
        let back = Events::after(Some("e1:6/9")).event(r#"{"type":"resumed","id":1,"cursor":"e1:6"}"#).unwrap();
        assert!(back.text.contains("id: e1:6/9\n"));
    }

    proptest! {
        #[test]
        fn whatever_stands_in_an_address_is_a_message_that_the_feed_takes_or_is_refused(
            query in "((what|keys|bbox|top|around|cells|rewind|rewind_s|x)=?[a-z0-9,.%+-]{0,8}&?){0,4}",
            last in prop::option::of("[e0-9:/]{0,8}"),
        ) {
            if let Ok(text) = subscribe(&query, last.as_deref()) {
                prop_assert!(ClientMessage::from_json(&text).is_ok());
            }
        }
    }
}
