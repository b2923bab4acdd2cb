//! The leader's book of a sitting: who answered what, who has been given what points, and what is left to send.
//!
//! The first answer that is seen counts. Grades carry an id made from the student and the question, so a grade that is
//! sent again, after a reload or a lost connection, counts once.

use std::collections::{BTreeMap, BTreeSet};

use heliograph_shared::value::Value;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::question::{Asked, Question, option_of};
use super::wire::{Sheet, field, text};

/// A sitting as the leader's browser keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sitting {
    /// The session's id.
    pub session: String,
    /// For people.
    pub title: String,
    /// With this code students join.
    pub code: String,
    /// In all ids of grades, so that nobody can use them up.
    pub nonce: String,
    /// With the right answers.
    pub questions: Vec<Question>,
    /// How many questions students see.
    pub shown: usize,
    /// Questions that are closed, with the right answer shown.
    pub solved: BTreeSet<usize>,
    /// By key.
    pub students: BTreeMap<String, Student>,
}

/// What is known of a student.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Student {
    /// As the student gave it.
    pub name: String,
    /// By question.
    pub answers: BTreeMap<usize, Answer>,
}

/// An answer that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The option.
    pub choice: usize,
    /// When it came, by the server's clock.
    pub at: i64,
    /// Whether its grade is on the board.
    pub graded: bool,
}

/// How a question was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// How many chose each option.
    pub options: Vec<usize>,
    /// How many were right.
    pub right: usize,
    /// How many answered.
    pub answers: usize,
}

/// A grade to send: whose, for which question, and the event.
pub type Grade = (String, usize, serde_json::Value);

impl Sitting {
    /// Looks at an item; whether it brought anything new.
    pub fn see<'a>(&mut self, key: &str, time: i64, get: impl Fn(&str) -> Option<&'a Value>) -> bool {
        if text(get("sitting")) != Some(&self.session) || key == crate::demos::quiz::wire::SHEET_KEY {
            return false;
        }
        let is_new = !self.students.contains_key(key);
        let student = self.students.entry(key.to_owned()).or_default();
        let name = text(get("name")).map(str::trim).filter(|name| !name.is_empty()).unwrap_or(key);
        let mut news = is_new || student.name != name;
        if news {
            name.clone_into(&mut student.name);
        }
        for (i, question) in self.questions.iter().enumerate().take(self.shown) {
            if self.solved.contains(&i) || student.answers.contains_key(&i) {
                continue;
            }
            let choice = text(get(&field(i))).and_then(option_of).filter(|choice| *choice < question.options.len());
            if let Some(choice) = choice {
                student.answers.insert(i, Answer { choice, at: time, graded: false });
                news = true;
            }
        }
        news
    }

    /// Grades that are not on the board yet, at most so many.
    pub fn ungraded(&self, most: usize) -> Vec<Grade> {
        let all = self.students.iter().flat_map(|(key, s)| s.answers.iter().map(move |(q, a)| (key, s, *q, a)));
        all.filter(|(.., answer)| !answer.graded)
            .take(most)
            .filter_map(|(key, student, q, answer)| {
                let question = self.questions.get(q)?;
                let is_right = answer.choice == question.right;
                let event = json!({
                    "id": format!("g:{}:{key}:{}", self.nonce, field(q)),
                    "key": key,
                    // A tie goes to whoever answered first, not to whoever was graded first.
                    "time": answer.at,
                    "fields": {
                        "name": student.name, "sitting": self.session, "question": field(q), "graded": 1,
                        "points": if is_right { question.points } else { 0 }, "right": u32::from(is_right),
                    },
                });
                Some((key.clone(), q, event))
            })
            .collect()
    }

    /// These grades are on the board.
    pub fn mark_graded<'a>(&mut self, grades: impl IntoIterator<Item = &'a Grade>) {
        for (key, question, _) in grades {
            if let Some(answer) = self.students.get_mut(key).and_then(|s| s.answers.get_mut(question)) {
                answer.graded = true;
            }
        }
    }

    /// How a question was answered.
    pub fn count(&self, question: usize) -> Count {
        let Some(asked) = self.questions.get(question) else { return Count::default() };
        let mut count = Count { options: vec![0; asked.options.len()], ..Count::default() };
        for answer in self.students.values().filter_map(|s| s.answers.get(&question)) {
            count.answers += 1;
            count.right += usize::from(answer.choice == asked.right);
            if let Some(option) = count.options.get_mut(answer.choice) {
                *option += 1;
            }
        }
        count
    }

    /// A student's answer to a question; none when there is none, else whether it is right.
    pub fn is_right(&self, key: &str, question: usize) -> Option<bool> {
        let answer = self.students.get(key)?.answers.get(&question)?;
        Some(answer.choice == self.questions.get(question)?.right)
    }

    /// A student's points by this book: what the board says once every grade is there.
    pub fn points(&self, key: &str) -> u32 {
        let right = self.questions.iter().enumerate().filter(|(i, _)| self.is_right(key, *i) == Some(true));
        right.map(|(_, question)| question.points).sum()
    }

    /// What students see.
    pub fn sheet(&self) -> Sheet {
        let shown = self.questions.iter().enumerate().take(self.shown);
        Sheet {
            sitting: self.session.clone(),
            title: self.title.clone(),
            count: self.questions.len(),
            asked: shown.map(|(i, q)| Asked::new(q, self.solved.contains(&i))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demos::quiz::question::examples;

    fn sitting() -> Sitting {
        let questions = examples();
        Sitting { session: "s1".into(), nonce: "n".into(), shown: 2, questions, ..Sitting::default() }
    }

    fn see(sitting: &mut Sitting, key: &str, fields: &[(&str, &str)]) -> bool {
        let fields: BTreeMap<_, _> =
            fields.iter().map(|(k, v)| ((*k).to_owned(), Value::Text((*v).to_owned()))).collect();
        sitting.see(key, 5, |name| fields.get(name))
    }

    #[test]
    fn the_first_answer_counts_and_is_graded_once() {
        let mut s = sitting();
        assert!(see(&mut s, "p-1", &[("sitting", "s1"), ("name", "Ann")]));
        assert!(see(&mut s, "p-1", &[("sitting", "s1"), ("name", "Ann"), ("q1", "B")]));
        assert!(!see(&mut s, "p-1", &[("sitting", "s1"), ("name", "Ann"), ("q1", "C")]));
        let grades = s.ungraded(10);
        assert_eq!(grades.len(), 1);
        assert_eq!(grades[0].2["id"], "g:n:p-1:q1");
        assert_eq!(grades[0].2["fields"]["points"], 10);
        assert_eq!(grades[0].2["time"], 5);
        s.mark_graded(&grades);
        assert!(s.ungraded(10).is_empty());
        assert_eq!((s.points("p-1"), s.is_right("p-1", 0), s.is_right("p-1", 1)), (10, Some(true), None));
    }

    #[test]
    fn a_wrong_answer_is_graded_with_nothing() {
        let mut s = sitting();
        see(&mut s, "p-1", &[("sitting", "s1"), ("q2", "A")]);
        assert_eq!(s.ungraded(1)[0].2["fields"]["points"], 0);
        assert_eq!(s.students["p-1"].name, "p-1");
    }

    #[test]
    fn what_is_not_asked_not_open_or_not_an_option_does_not_count() {
        let mut s = sitting();
        s.solved.insert(0);
        see(&mut s, "p-1", &[("sitting", "s1"), ("q1", "B"), ("q2", "Z"), ("q3", "C")]);
        assert!(s.ungraded(10).is_empty());
        assert!(!see(&mut s, "p-2", &[("sitting", "s0"), ("q2", "B")]), "another sitting");
        assert!(!see(&mut s, "_quiz", &[("sitting", "s1")]), "the sheet is no student");
        assert_eq!(s.students.len(), 1);
    }

    #[test]
    fn counts_say_who_chose_what() {
        let mut s = sitting();
        for (i, choice) in ["A", "B", "B", "D"].into_iter().enumerate() {
            see(&mut s, &format!("p-{i}"), &[("sitting", "s1"), ("q1", choice)]);
        }
        assert_eq!(s.count(0), Count { options: vec![1, 2, 0, 1], right: 2, answers: 4 });
        assert_eq!(s.count(1), Count { options: vec![0; 3], right: 0, answers: 0 });
        assert_eq!(s.count(99), Count::default());
    }

    #[test]
    fn the_sheet_shows_only_what_is_shown() {
        let mut s = sitting();
        s.solved.insert(0);
        let sheet = s.sheet();
        assert_eq!((sheet.asked.len(), sheet.count), (2, 5));
        assert_eq!((sheet.asked[0].right, sheet.asked[1].right), (Some(1), None));
    }
}
