//! A question as its writer has it, with the right answer.

use serde::{Deserialize, Serialize};

/// Students scroll no further, and an item has room for no more fields.
pub const QUESTIONS_MAX: usize = 40;
/// What fits on a phone without scrolling.
pub const OPTIONS_MAX: usize = 6;
/// A text value of an event has at most 1,024 bytes; the options need room beside the question.
pub const TEXT_CHARS_MAX: usize = 300;
/// As above.
pub const OPTION_CHARS_MAX: usize = 80;
/// What one question may be worth.
pub const POINTS_MAX: u32 = 100;
/// The text value in which a question travels.
const WIRE_BYTES_MAX: usize = 1_024;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked.
    #[serde(rename = "question")]
    pub text: String,
    /// What can be chosen.
    pub options: Vec<String>,
    /// Which option is right, from 0.
    pub right: usize,
    /// What the right answer is worth.
    pub points: u32,
}

impl Default for Question {
    fn default() -> Self {
        Self { text: String::new(), options: vec![String::new(), String::new()], right: 0, points: 10 }
    }
}

/// What is wrong with a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// In which part: `question`, `options`, `right` or `points`.
    pub part: &'static str,
    /// What, and how to mend it.
    pub message: String,
}

impl Question {
    /// Everything that is wrong with it.
    pub fn wrong(&self) -> Vec<Wrong> {
        let mut found = Vec::new();
        let mut check = |ok: bool, part: &'static str, message: String| {
            if !ok {
                found.push(Wrong { part, message });
            }
        };
        let chars = self.text.chars().count();
        check(!self.text.trim().is_empty(), "question", text!(demos.quiz.wrong.no_text).to_owned());
        check(
            chars <= TEXT_CHARS_MAX,
            "question",
            text!(demos.quiz.wrong.long_text, chars = chars, most = TEXT_CHARS_MAX),
        );
        let options = self.options.len();
        check(
            (2..=OPTIONS_MAX).contains(&options),
            "options",
            text!(demos.quiz.wrong.options, options = options, most = OPTIONS_MAX),
        );
        for (i, option) in self.options.iter().enumerate() {
            let chars = option.chars().count();
            let name = letter(i);
            check(!option.trim().is_empty(), "options", text!(demos.quiz.wrong.empty, name = name));
            check(
                chars <= OPTION_CHARS_MAX,
                "options",
                text!(demos.quiz.wrong.long_option, name = name, chars = chars, most = OPTION_CHARS_MAX),
            );
            let earlier = self.options.iter().take(i).any(|other| other.trim() == option.trim());
            check(option.trim().is_empty() || !earlier, "options", text!(demos.quiz.wrong.twice, name = name));
        }
        check(self.right < options.max(1), "right", text!(demos.quiz.wrong.no_right).to_owned());
        check((1..=POINTS_MAX).contains(&self.points), "points", text!(demos.quiz.wrong.points, most = POINTS_MAX));
        if found.is_empty() && Asked::new(self, true).to_text().len() > WIRE_BYTES_MAX {
            found.push(Wrong { part: "question", message: text!(demos.quiz.wrong.too_long).to_owned() });
        }
        found
    }
}

/// A question as students see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What is asked.
    pub text: String,
    /// What can be chosen.
    pub options: Vec<String>,
    /// What the right answer is worth.
    pub points: u32,
    /// Which option is right, once the question is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<usize>,
}

impl Asked {
    /// What of a question may be shown.
    pub fn new(question: &Question, is_solved: bool) -> Self {
        Self {
            text: question.text.clone(),
            options: question.options.clone(),
            points: question.points,
            right: is_solved.then_some(question.right),
        }
    }

    /// As a field's value.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// An option's name: A, B, C…
pub fn letter(option: usize) -> char {
    u8::try_from(option).ok().filter(|i| *i < 26).map_or('?', |i| char::from(b'A' + i))
}

/// The option with this name.
pub fn option_of(name: &str) -> Option<usize> {
    let mut chars = name.chars();
    match (chars.next()?.to_ascii_uppercase(), chars.next()) {
        (c @ 'A'..='Z', None) => Some(usize::from(c as u8 - b'A')),
        _ => None,
    }
}

/// Some questions to begin with.
pub fn examples() -> Vec<Question> {
    let question = |text: &str, options: &[&str], right, points| Question {
        text: text.to_owned(),
        options: options.iter().map(|o| (*o).to_owned()).collect(),
        right,
        points,
    };
    vec![
        question(
            text!(demos.quiz.examples.heliograph),
            &[
                text!(demos.quiz.examples.smoke),
                text!(demos.quiz.examples.sunlight),
                text!(demos.quiz.examples.flags),
                text!(demos.quiz.examples.drums),
            ],
            1,
            10,
        ),
        question(
            text!(demos.quiz.examples.earth),
            &[
                text!(demos.quiz.examples.minute),
                text!(demos.quiz.examples.minutes8),
                text!(demos.quiz.examples.minutes60),
            ],
            1,
            10,
        ),
        question(
            text!(demos.quiz.examples.year),
            &[
                text!(demos.quiz.examples.venus),
                text!(demos.quiz.examples.mars),
                text!(demos.quiz.examples.mercury),
                text!(demos.quiz.examples.jupiter),
            ],
            2,
            10,
        ),
        question(text!(demos.quiz.examples.product), &["54", "56", "58", "64"], 1, 5),
        question(text!(demos.quiz.examples.prime), &["51", "57", "59", "63"], 2, 20),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_are_right() {
        assert!(examples().iter().all(|q| q.wrong().is_empty()));
    }

    #[test]
    fn every_wrong_part_is_named() {
        let bad = Question { text: " ".into(), options: vec!["x".into(), "x".into()], right: 2, points: 0 };
        let parts: Vec<_> = bad.wrong().into_iter().map(|w| w.part).collect();
        assert_eq!(parts, ["question", "options", "right", "points"]);
    }

    #[test]
    fn a_question_that_would_not_travel_is_refused() {
        // Within the limits by characters, beyond them by bytes.
        let wide = |n| "猫".repeat(n);
        let options = (0..6).map(|i| format!("{i}{}", wide(79))).collect();
        let bad = Question { text: wide(300), options, right: 0, points: 1 };
        assert_eq!(bad.wrong().first().map(|w| w.part), Some("question"));
    }

    #[test]
    fn letters_name_options() {
        assert_eq!((letter(0), letter(5)), ('A', 'F'));
        assert_eq!((option_of("b"), option_of("F"), option_of("AB"), option_of("")), (Some(1), Some(5), None, None));
    }
}
