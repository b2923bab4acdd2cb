//! The leader's book of a sitting: who answered what, who has been given what points, and what is left to send.
//!
//! The first answer that is seen counts. Grades carry an id made from the student and the question, so a grade that is
//! sent again, after a reload or a lost connection, counts once.

use std::collections::{BTreeMap, BTreeSet};

use heliograph_shared::value::Value;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::pace::Pace;
use super::question::{Asked, QUESTIONS_MAX, Question, option_of};
use super::wire::{Room, SHEET_KEY, Sheet, field, text};

/// A sitting as the leader's browser keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sitting {
    /// The board; sittings of earlier versions have none.
    #[serde(default)]
    pub board: String,
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
    /// How it goes.
    #[serde(default)]
    pub pace: Pace,
    /// How many questions students see.
    pub shown: usize,
    /// When each question was shown first, by the server's clock.
    #[serde(default)]
    pub opened: BTreeMap<usize, i64>,
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
        if text(get("sitting")) != Some(&self.session) || key == SHEET_KEY {
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
            let is_in_time = self.pace.is_in_time(self.opened.get(&i).copied(), time);
            if let Some(choice) = choice.filter(|_| is_in_time) {
                student.answers.insert(i, Answer { choice, at: time, graded: false });
                news = true;
            }
        }
        news
    }

    /// Looks at the sheet, which another device of the leader may have written; whether it brought anything new.
    pub fn see_sheet<'a>(&mut self, time: i64, get: impl Fn(&str) -> Option<&'a Value>) -> bool {
        if text(get("sitting")) != Some(&self.session) {
            return false;
        }
        let before = (self.shown, self.solved.len(), self.opened.len());
        for i in 0..self.questions.len().min(QUESTIONS_MAX) {
            let asked = text(get(&field(i))).and_then(|text| serde_json::from_str::<Asked>(text).ok());
            let Some(asked) = asked else { continue };
            self.shown = self.shown.max(i + 1);
            self.opened.entry(i).or_insert(time);
            if asked.right.is_some() {
                self.solved.insert(i);
            }
        }
        before != (self.shown, self.solved.len(), self.opened.len())
    }

    /// Goes through what happened, an event after the other, in the order in which it arrived.
    pub fn replay<'a>(&mut self, key: &str, time: i64, get: impl Fn(&str) -> Option<&'a Value>) {
        if key == SHEET_KEY {
            self.see_sheet(time, get);
        } else if get("graded").is_some() {
            let question = text(get("question")).and_then(|name| name.strip_prefix('q')?.parse::<usize>().ok());
            let question = question.and_then(|number| number.checked_sub(1));
            let answer = question.and_then(|q| self.students.get_mut(key)?.answers.get_mut(&q));
            if let Some(answer) = answer {
                answer.graded = true;
            }
        } else {
            self.see(key, time, get);
        }
    }

    /// Whether a question's grades may go out.
    fn may_grade(&self, question: usize) -> bool {
        let is_told = self.pace.grades_early() || self.solved.contains(&question);
        is_told && (!self.pace.is_for_speed() || self.opened.contains_key(&question))
    }

    /// What an answer is worth.
    fn worth(&self, question: usize, answer: &Answer) -> u32 {
        let Some(asked) = self.questions.get(question).filter(|asked| asked.right == answer.choice) else { return 0 };
        self.pace.points(asked.points, self.opened.get(&question).copied(), answer.at)
    }

    /// The question whose time is over, by the server's clock, though it is not closed.
    pub fn overdue(&self, server_now: i64) -> Option<usize> {
        let at = self.shown.checked_sub(1).filter(|at| !self.solved.contains(at))?;
        let ends_at = self.opened.get(&at)? + self.pace.limit()?;
        (server_now >= ends_at).then_some(at)
    }

    /// Where the room is. `now` is the server's time, for a question that is only just being shown.
    pub fn room(&self, now: i64) -> Room {
        let at = if self.pace.at_once { None } else { self.shown.checked_sub(1) };
        let joined = self.students.len();
        let Some(at) = at else {
            let answered = self.students.values().filter(|s| self.shown > 0 && s.answers.len() == self.shown).count();
            return Room { joined, answered, ..Room::default() };
        };
        let count = self.count(at);
        let is_solved = self.solved.contains(&at);
        let opened = self.opened.get(&at).copied().unwrap_or(now);
        Room {
            at: Some(at),
            ends_at: self.pace.limit().filter(|_| !is_solved).map(|limit| opened + limit),
            limit_s: if self.pace.limit().is_some() { self.pace.limit_s } else { 0 },
            joined,
            answered: count.answers,
            chosen: if is_solved { count.options } else { Vec::new() },
        }
    }

    /// Grades that are not on the board yet, at most so many.
    pub fn ungraded(&self, most: usize) -> Vec<Grade> {
        let all = self.students.iter().flat_map(|(key, s)| s.answers.iter().map(move |(q, a)| (key, s, *q, a)));
        all.filter(|(_, _, question, answer)| !answer.graded && self.may_grade(*question))
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
                        "points": self.worth(q, answer), "right": u32::from(is_right),
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
        let answers = self.students.get(key).into_iter().flat_map(|student| &student.answers);
        answers.map(|(question, answer)| self.worth(*question, answer)).sum()
    }

    /// What students see.
    pub fn sheet(&self, now: i64) -> Sheet {
        let shown = self.questions.iter().enumerate().take(self.shown);
        Sheet {
            sitting: self.session.clone(),
            title: self.title.clone(),
            count: self.questions.len(),
            asked: shown.map(|(i, q)| Asked::new(q, self.solved.contains(&i))).collect(),
            room: self.room(now),
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
        let sheet = s.sheet(0);
        assert_eq!((sheet.asked.len(), sheet.count), (2, 5));
        assert_eq!((sheet.asked[0].right, sheet.asked[1].right), (Some(1), None));
    }

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, Value> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), Value::Text((*v).to_owned()))).collect()
    }

    #[test]
    fn while_all_see_the_standings_a_grade_waits_until_its_question_is_closed() {
        let mut s = Sitting { pace: Pace { hidden: false, ..Pace::default() }, ..sitting() };
        see(&mut s, "p-1", &[("sitting", "s1"), ("q1", "B")]);
        assert!(s.ungraded(10).is_empty(), "a point for Ann would tell what is right");
        s.solved.insert(0);
        assert_eq!(s.ungraded(10).len(), 1);
    }

    #[test]
    fn a_later_answer_is_worth_less_where_speed_counts_and_none_counts_after_the_end() {
        let pace = Pace { limit_s: 10, least: 50, ..Pace::default() };
        let mut s = Sitting { pace, opened: [(0, 0), (1, 0)].into(), ..sitting() };
        see(&mut s, "p-1", &[("sitting", "s1"), ("q1", "B")]);
        s.students.get_mut("p-1").unwrap().answers.get_mut(&0).unwrap().at = 10_000;
        assert_eq!(s.ungraded(10)[0].2["fields"]["points"], 5);
        let late = fields(&[("sitting", "s1"), ("q2", "B")]);
        assert!(!s.see("p-1", 12_001, |name| late.get(name)));
        assert_eq!((s.overdue(9_999), s.overdue(10_000)), (None, Some(1)));
    }

    #[test]
    fn another_device_finds_the_same_book_in_what_happened() {
        let mut first = sitting();
        first.solved.insert(0);
        let sheet = |s: &Sitting| {
            let event = s.sheet(0).event(0);
            let list = event["fields"].as_object().unwrap().clone();
            list.into_iter().map(|(k, v)| (k, serde_json::from_value(v).unwrap())).collect::<BTreeMap<String, Value>>()
        };
        let open = sheet(&Sitting { solved: BTreeSet::new(), shown: 1, ..first.clone() });
        let solved = sheet(&first);
        let answer = |choice| fields(&[("sitting", "s1"), ("name", "Ann"), ("question", "q1"), ("q1", choice)]);
        let grade = fields(&[("question", "q1"), ("graded", "1")]);
        let log = [
            (SHEET_KEY, 10, open),
            ("p-1", 20, answer("B")),
            ("p-1", 21, answer("A")),
            ("p-1", 22, grade),
            (SHEET_KEY, 30, solved),
            ("p-2", 29, answer("B")),
        ];
        let mut second = Sitting { shown: 0, ..sitting() };
        for (key, time, fields) in &log {
            second.replay(key, *time, |name| fields.get(name));
        }
        assert_eq!((second.shown, second.solved.contains(&0), second.opened.get(&0)), (2, true, Some(&10)));
        assert_eq!(second.students["p-1"].answers[&0], Answer { choice: 1, at: 20, graded: true }, "the first, once");
        assert!(second.students["p-2"].answers.is_empty(), "whoever answers after the answer was shown is too late");
    }

    #[test]
    fn the_room_is_told_how_many_chose_what_only_once_a_question_is_closed() {
        let mut s = Sitting { pace: Pace { limit_s: 10, ..Pace::default() }, opened: [(1, 500)].into(), ..sitting() };
        see(&mut s, "p-1", &[("sitting", "s1"), ("q2", "B")]);
        let room = s.room(0);
        assert_eq!((room.at, room.joined, room.answered, room.ends_at), (Some(1), 1, 1, Some(10_500)));
        assert!(room.chosen.is_empty());
        s.solved.insert(1);
        assert_eq!((s.room(0).chosen, s.room(0).ends_at), (vec![0, 1, 0], None));
    }
}
