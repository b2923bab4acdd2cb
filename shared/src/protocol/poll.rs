//! The feed by long polling, for those whose proxies let neither sockets nor streams through: one subscription in the address as
//! with server-sent events, what was told last in `after`, and the JSON feed's messages in the answer.
//!
//! What came after a place stays true, so an answer with news may be kept and shared by caches: who gets an old one is told the
//! rest by the next question.

use super::sse::{Events, subscribe};
use crate::limits;
use crate::problem::{Code, FieldError};
use serde::Deserialize;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poll {
    /// What the feed is asked.
    pub ask: String,
    /// Where the reader is.
    pub after: Option<String>,
    /// How long it waits for news once the feed has found the reader's place, in milliseconds.
    pub wait_millis: u64,
}

impl Poll {
    /// Reads the query of an address.
    ///
    /// # Errors
    /// What is wrong with a parameter, by its name.
    pub fn parse(query: &str) -> Result<Self, FieldError> {
        let (mut after, mut wait_s, mut rest) = (None, limits::POLL_WAIT_S, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("after", text)) => {
                    let text = percent_encoding::percent_decode_str(text).decode_utf8();
                    let text = text.map_err(|_| FieldError::new("after", Code::Invalid, "after is not UTF-8"))?;
                    after = Some(text.into_owned()).filter(|text| !text.is_empty());
                }
                Some(("wait_s", text)) => {
                    let most = limits::POLL_WAIT_S;
                    let message = format!("wait_s is a whole number of seconds, 0 to {most}");
                    wait_s = text
                        .parse()
                        .ok()
                        .filter(|wait| *wait <= most)
                        .ok_or_else(|| FieldError::new("wait_s", Code::Invalid, message))?;
                }
                _ => rest.push(pair),
            }
        }
        let ask = subscribe(&rest.join("&"), after.as_deref())?;
        Ok(Self { ask, after, wait_millis: u64::from(wait_s) * 1_000 })
    }
}

/// How far an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The feed has not come to the reader's place yet: nothing is known.
    Searching,
    /// The reader has everything up to now: news may be waited for.
    Current,
    /// This is what there is to tell.
    Complete,
    /// It is more than one answer holds ([`limits::POLL_ANSWER_BYTES`]).
    TooLarge,
}

/// What came so far.
#[derive(Debug)]
pub struct Gathered {
    events: Events,
    after: Option<String>,
    id: Option<String>,
    messages: Vec<String>,
    bytes: usize,
    progress: Progress,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
}

impl Gathered {
    /// Nothing yet.
    pub fn new(after: Option<String>) -> Self {
        let events = Events::after(after.as_deref());
        Self { events, after, id: None, messages: Vec::new(), bytes: 0, progress: Progress::Searching }
    }

    /// Takes a message of the feed, and says how far that is.
    pub fn take(&mut self, message: &str) -> Progress {
        let Ok(Head { kind }) = serde_json::from_str(message) else { return self.progress };
        let Some(place) = self.events.place(message) else { return self.progress };
        let reached = match kind.as_str() {
            "status" => return self.progress,
            // What the reader has already.
            "resumed" => Progress::Current,
            "scores" | "presence" if place.is_some() && place == self.after => Progress::Current,
            "delta" | "snapshot" | "scores" | "presence" => {
                self.id = place.or(self.id.take());
                self.keep(message);
                if self.id.is_some() { Progress::Complete } else { self.progress }
            }
            // A snapshot follows.
            "gap" | "rewind" => {
                self.keep(message);
                self.progress
            }
            // An error, or the end of the feed: what was cut off by it is no part of an answer.
            _ => {
                self.messages.clear();
                self.keep(message);
                Progress::Complete
            }
        };
        self.progress = if self.bytes > limits::POLL_ANSWER_BYTES { Progress::TooLarge } else { reached };
        self.progress
    }

    fn keep(&mut self, message: &str) {
        self.bytes += message.len();
        self.messages.push(message.to_owned());
    }

    /// Whether it is news up to a place, which stays true whoever asks.
    pub fn is_news(&self) -> bool {
        self.progress == Progress::Complete && self.id.is_some()
    }

    /// The answer: `{"id":…,"messages":[…]}`. Without news, the reader's own place and no messages.
    pub fn answer(&self) -> String {
        let id = self.id.as_ref().filter(|_| self.is_news()).or(self.after.as_ref());
        let id = id.map_or_else(|| "null".to_owned(), |id| serde_json::Value::from(id.as_str()).to_string());
        let messages = if self.progress == Progress::Complete { self.messages.join(",") } else { String::new() };
        format!("{{\"id\":{id},\"messages\":[{messages}]}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn answer(gathered: &Gathered) -> Value {
        serde_json::from_str(&gathered.answer()).unwrap()
    }

    #[test]
    fn an_address_has_a_subscription_a_place_and_a_time() {
        let poll = Poll::parse("keys=a,b&after=e1%3A5%2F9&wait_s=3").unwrap();
        assert_eq!((poll.after.as_deref(), poll.wait_millis), (Some("e1:5/9"), 3_000));
        let ask: Value = serde_json::from_str(&poll.ask).unwrap();
        assert_eq!((&ask["resume"], &ask["rights"], &ask["keys"]), (&json!("e1:5"), &json!(9), &json!(["a", "b"])));
        assert_eq!(Poll::parse("after=").unwrap().after, None);
        for (query, field) in
            [("wait_s=x", "wait_s"), ("wait_s=3600", "wait_s"), ("moon=1", "moon"), ("after=%FF", "after")]
        {
            assert_eq!(Poll::parse(query).unwrap_err().field, field);
        }
    }

    #[test]
    fn a_first_question_is_answered_with_all_of_a_snapshot() {
        let mut gathered = Gathered::new(None);
        assert_eq!(gathered.take(r#"{"type":"status","cursor":"e1:4","viewers":1}"#), Progress::Searching);
        let first = r#"{"type":"snapshot","id":1,"cursor":"e1:5","rights":9,"part":{"first":true,"last":false}}"#;
        assert_eq!(gathered.take(first), Progress::Searching);
        assert!(!gathered.is_news());
        assert_eq!(answer(&gathered), json!({"id": null, "messages": []}), "a part of a snapshot is no answer");
        let last = r#"{"type":"snapshot","id":1,"cursor":"e1:5","part":{"first":false,"last":true}}"#;
        assert_eq!(gathered.take(last), Progress::Complete);
        assert!(gathered.is_news());
        assert_eq!(answer(&gathered)["id"], "e1:5/9");
        assert_eq!(answer(&gathered)["messages"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_later_question_waits_for_what_the_reader_does_not_have() {
        let mut gathered = Gathered::new(Some("e1:5/9".to_owned()));
        assert_eq!(gathered.take(r#"{"type":"resumed","id":1,"cursor":"e1:5"}"#), Progress::Current);
        assert!(!gathered.is_news());
        assert_eq!(answer(&gathered), json!({"id": "e1:5/9", "messages": []}), "nothing yet");
        let delta = r#"{"type":"delta","id":1,"from":"e1:5","cursor":"e1:6","items":[]}"#;
        assert_eq!(gathered.take(delta), Progress::Complete);
        assert_eq!(answer(&gathered)["id"], "e1:6/9");
    }

    #[test]
    fn a_ranking_is_told_again_when_it_is_another() {
        let scores = |cursor: &str| format!(r#"{{"type":"scores","id":1,"cursor":"{cursor}","total":1}}"#);
        let mut gathered = Gathered::new(Some("e1:6".to_owned()));
        assert_eq!(gathered.take(&scores("e1:6")), Progress::Current);
        assert_eq!(gathered.take(&scores("e1:7")), Progress::Complete);
        assert_eq!(answer(&gathered)["id"], "e1:7");
    }

    #[test]
    fn who_is_there_is_told_again_when_it_is_another_state() {
        let presence =
            |state: &str, count: u32| format!(r#"{{"type":"presence","id":1,"state":"{state}","count":{count}}}"#);
        let mut gathered = Gathered::new(None);
        assert_eq!(gathered.take(&presence("0a", 2)), Progress::Complete);
        assert_eq!(answer(&gathered)["id"], "0a");
        let mut gathered = Gathered::new(Some("0a".to_owned()));
        assert_eq!(gathered.take(&presence("0a", 2)), Progress::Current);
        assert_eq!(gathered.take(&presence("0b", 3)), Progress::Complete);
        assert_eq!((&answer(&gathered)["id"], &answer(&gathered)["messages"][0]["count"]), (&json!("0b"), &json!(3)));
        assert_eq!(Poll::parse("what=presence&after=0a").unwrap().after.as_deref(), Some("0a"));
    }

    #[test]
    fn a_gap_is_told_with_the_snapshot_behind_it_and_an_error_at_once() {
        let mut gathered = Gathered::new(Some("e0:5".to_owned()));
        assert_eq!(gathered.take(r#"{"type":"gap","id":1,"cursor":"e1:6"}"#), Progress::Searching);
        assert_eq!(gathered.take(r#"{"type":"snapshot","id":1,"cursor":"e1:6","items":[]}"#), Progress::Complete);
        assert_eq!(answer(&gathered)["messages"][0]["type"], "gap");
        let mut gathered = Gathered::new(None);
        let rewind = r#"{"type":"rewind","id":1,"from":"e1:3","cursor":"e1:6","events":[]}"#;
        assert_eq!(gathered.take(rewind), Progress::Searching);
        assert_eq!(gathered.take(r#"{"type":"snapshot","id":1,"cursor":"e1:6","items":[]}"#), Progress::Complete);
        assert_eq!(answer(&gathered)["messages"][0]["type"], "rewind");
        let mut gathered = Gathered::new(None);
        gathered.take(r#"{"type":"snapshot","id":1,"cursor":"e1:5","part":{"first":true,"last":false}}"#);
        assert_eq!(gathered.take(r#"{"type":"bye","code":4401}"#), Progress::Complete);
        assert!(!gathered.is_news());
        assert_eq!(answer(&gathered), json!({"id": null, "messages": [{"type": "bye", "code": 4401}]}));
    }

    #[test]
    fn what_is_more_than_one_answer_holds_is_told_as_that() {
        let filler = "x".repeat(limits::POLL_ANSWER_BYTES / 2);
        let part = format!(r#"{{"type":"snapshot","cursor":"e1:5","part":{{"last":false}},"items":["{filler}"]}}"#);
        let mut gathered = Gathered::new(None);
        assert_eq!(gathered.take(&part), Progress::Searching);
        assert_eq!(gathered.take(&part), Progress::TooLarge);
        assert_eq!(answer(&gathered)["messages"], json!([]));
    }
}
