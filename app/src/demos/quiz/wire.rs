//! What travels: the sheet of questions as one item, answers and grades as events. Right answers travel only once a
//! question is solved.

pub use heliograph_shared::running_question::SHEET_KEY;
use heliograph_shared::value::Value;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

use super::question::{Asked, QUESTIONS_MAX, letter};

/// What students see of a sitting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The session.
    pub sitting: String,
    /// The quiz's name.
    pub title: String,
    /// How many questions there will be.
    pub count: usize,
    /// Those shown so far, in order.
    pub asked: Vec<Asked>,
    /// Where the room is.
    pub room: Room,
}

/// What the big screen and the phones show beside the questions. All of it may be known to all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Room {
    /// The question in front, from 0.
    pub at: Option<usize>,
    /// When its time is over, by the server's clock.
    pub ends_at: Option<i64>,
    /// How long it may take, in seconds.
    pub limit_s: u32,
    /// How many have joined.
    pub joined: usize,
    /// How many have answered it.
    pub answered: usize,
    /// How many chose each option, once it is closed.
    pub chosen: Vec<usize>,
}

impl Room {
    /// As a field's value.
    fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The event that publishes it alone.
    pub fn event(&self, sitting: &str) -> serde_json::Value {
        json!({"key": SHEET_KEY, "fields": {"sitting": sitting, "room": self.to_text()}})
    }
}

/// The name of the field of a question, from 0.
pub fn field(question: usize) -> String {
    format!("q{}", question + 1)
}

impl Sheet {
    /// The event that publishes it. What an earlier, longer quiz left behind is removed up to `clear` questions.
    pub fn event(&self, clear: usize) -> serde_json::Value {
        let mut fields = Map::new();
        fields.insert("sitting".to_owned(), json!(self.sitting));
        fields.insert("title".to_owned(), json!(self.title));
        fields.insert("count".to_owned(), json!(self.count));
        fields.insert("room".to_owned(), json!(self.room.to_text()));
        for i in 0..clear.max(self.asked.len()) {
            fields.insert(field(i), self.asked.get(i).map_or(serde_json::Value::Null, |a| json!(a.to_text())));
        }
        json!({"key": SHEET_KEY, "fields": fields})
    }

    /// Reads it from an item's fields.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a Value>) -> Option<Self> {
        let asked = (0..QUESTIONS_MAX).map_while(|i| serde_json::from_str(text(get(&field(i)))?).ok()).collect();
        Some(Self {
            sitting: text(get("sitting"))?.to_owned(),
            title: text(get("title")).unwrap_or_default().to_owned(),
            count: get("count").and_then(Value::as_number).unwrap_or(0.0) as usize,
            asked,
            room: text(get("room")).and_then(|room| serde_json::from_str(room).ok()).unwrap_or_default(),
        })
    }
}

/// The text, if the value is one.
pub fn text(value: Option<&Value>) -> Option<&str> {
    match value? {
        Value::Text(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => None,
    }
}

/// A student says hello, so that the leader sees who is there before the first answer.
pub fn hello(me: &Me) -> serde_json::Value {
    json!({"id": format!("h:{}", me.nonce), "key": me.key, "fields": {"name": me.name, "sitting": me.sitting}})
}

/// A student's answer. One id for one question: sent twice, it counts once.
pub fn answer(me: &Me, question: usize, choice: usize) -> serde_json::Value {
    let name = field(question);
    let choice = letter(choice).to_string();
    let mut fields = Map::new();
    for (field, value) in [("name", &me.name), ("sitting", &me.sitting), ("question", &name), ("answer", &choice)] {
        fields.insert(field.to_owned(), json!(value));
    }
    // The answer once more in a field of its own, which stays in the item beside the others.
    fields.insert(name.clone(), json!(choice));
    json!({"id": format!("a:{}:{name}", me.nonce), "key": me.key, "fields": fields})
}

/// A student in a sitting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Me {
    /// The key the server gave.
    pub key: String,
    /// The name the student gave.
    pub name: String,
    /// The session.
    pub sitting: String,
    /// In all of the student's ids, so that nobody else can use them up.
    pub nonce: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demos::quiz::question::examples;
    use std::collections::BTreeMap;

    fn fields_of(event: &serde_json::Value) -> BTreeMap<String, Value> {
        let fields = event["fields"].as_object().unwrap().iter();
        fields
            .filter(|(_, v)| !v.is_null())
            .map(|(k, v)| (k.clone(), serde_json::from_value(v.clone()).unwrap()))
            .collect()
    }

    #[test]
    fn a_sheet_comes_back_from_its_fields_and_hides_what_is_right() {
        let questions = examples();
        let asked = vec![Asked::new(&questions[0], true), Asked::new(&questions[1], false)];
        let room = Room { at: Some(1), ends_at: Some(9), limit_s: 20, joined: 3, answered: 1, chosen: vec![1, 0] };
        let sheet = Sheet { sitting: "s3".into(), title: "Light".into(), count: 5, asked, room };
        let event = sheet.event(40);
        assert_eq!(event["key"], SHEET_KEY);
        assert!(!event["fields"]["q2"].as_str().unwrap().contains("right"));
        assert!(event["fields"]["q3"].is_null() && event["fields"].as_object().unwrap().len() == 44);
        let fields = fields_of(&event);
        assert_eq!(Sheet::read(|name| fields.get(name)), Some(sheet));
    }

    #[test]
    fn an_answer_says_what_was_chosen_and_nothing_of_points() {
        let me = Me { key: "p-1".into(), name: "Ann".into(), sitting: "s3".into(), nonce: "n".into() };
        let event = answer(&me, 2, 1);
        assert_eq!(event["id"], "a:n:q3");
        assert_eq!(event["fields"], json!({"name":"Ann","sitting":"s3","question":"q3","answer":"B","q3":"B"}));
    }
}
