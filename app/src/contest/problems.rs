//! What the server says about a contest's problems and awards, read leniently.

use std::sync::Arc;

use heliograph_shared::logos::Logos;
use serde_json::Value;

use super::award::Awards;

/// A problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Its letter.
    pub label: String,
    /// Its name for people.
    pub title: Option<String>,
    /// Its colour, as `#rrggbb`.
    pub color: Option<String>,
    /// The key that solved it first.
    pub first: Option<String>,
}

/// The problems, the awards, and whose row was revealed last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    /// In order.
    pub list: Vec<Problem>,
    /// Whose row was revealed last.
    pub resolving: Option<String>,
    /// What is given to whom.
    pub awards: Awards,
    /// Where teams' logos lie.
    pub logos: Arc<Logos>,
}

impl Problems {
    /// Reads what the API calls `about`.
    pub fn read(about: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let problem = |task: &Value| Problem {
            label: text(&task["label"]).unwrap_or_default(),
            title: text(&task["title"]),
            color: text(&task["color"]).filter(|color| is_color(color)),
            first: text(&task["first"]),
        };
        let list = about["tasks"].as_array().into_iter().flatten().map(problem).collect();
        Self { list, resolving: text(&about["resolving"]), awards: Awards::read(about), logos: Arc::default() }
    }

    /// The same with logos.
    #[must_use]
    pub fn with_logos(self, logos: &Arc<Logos>) -> Self {
        Self { logos: Arc::clone(logos), ..self }
    }

    /// Their letters.
    pub fn labels(&self) -> Vec<String> {
        self.list.iter().map(|problem| problem.label.clone()).collect()
    }
}

/// It goes into a style.
fn is_color(text: &str) -> bool {
    text.len() == 7 && text.starts_with('#') && text.bytes().skip(1).all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_read_leniently_and_colours_strictly() {
        let about = serde_json::json!({"resolving": "t7", "tasks": [
            {"id": "A", "label": "A", "title": "Riddle", "color": "#1a7f37", "first": "t1"},
            {"label": "B", "color": "red;background:url(x)"}, {},
        ]});
        let problems = Problems::read(&about);
        assert_eq!(problems.labels(), ["A", "B", ""]);
        assert_eq!(problems.list[0].color.as_deref(), Some("#1a7f37"));
        assert_eq!(problems.list[1].color, None);
        assert_eq!(problems.resolving.as_deref(), Some("t7"));
        assert_eq!(Problems::read(&Value::Null), Problems::default());
    }
}
