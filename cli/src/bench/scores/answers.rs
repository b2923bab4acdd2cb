//! What is sent: answers of students, each question of which is worth 0 to 10 points, and a ledger of all of them.

use std::collections::HashMap;
use std::io::Write as _;

use serde_json::{Value, json};

/// Students of the quiz.
pub const STUDENTS: usize = 1_500;
const QUESTIONS: u32 = 40;
const MOST_POINTS: u32 = 10;

/// Number of a student, from 0.
pub type Student = usize;

/// A student's key.
pub fn key_name(student: Student) -> String {
    format!("s{student:04}")
}

/// The student that a key is of.
pub fn student_of(key: &str) -> Option<Student> {
    key.strip_prefix('s')?.parse().ok().filter(|student| *student < STUDENTS)
}

/// The board: points, then how many answers; so a row tells which of the student's answers it includes.
pub fn board() -> Value {
    json!({
        "title": "Quiz",
        "visibility": "public",
        "key_name": "student",
        "scores": {
            "columns": [
                {"name": "points", "op": "sum", "field": "points"},
                {"name": "answers", "op": "count"},
            ],
            "filter": [{"field": "graded", "equals": true}],
        },
    })
}

/// An answer that was sent.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// Whose.
    pub student: Student,
    /// What it is worth.
    pub points: u32,
    /// When its request was to be sent, in microseconds since 1970.
    pub due: i64,
    /// When the server's yes was read.
    pub accepted: i64,
}

/// The students of one connection: the order of a student's answers is the order of sending.
pub struct Class {
    name: usize,
    students: Vec<Student>,
    sent: u64,
    random: fastrand::Rng,
}

impl Class {
    /// Every `stride`th student, from `first` on.
    pub fn new(first: usize, stride: usize) -> Self {
        let students = (first..STUDENTS).step_by(stride).collect();
        Self { name: first, students, sent: 0, random: fastrand::Rng::with_seed(first as u64 + 1) }
    }

    /// All students of the class.
    pub fn students(&self) -> &[Student] {
        &self.students
    }

    /// Somebody of the class.
    pub fn somebody(&mut self) -> Student {
        let at = self.random.usize(..self.students.len().max(1));
        self.students.get(at).copied().unwrap_or_default()
    }

    /// Writes one answer as an event; its points.
    pub fn write(&mut self, student: Student, out: &mut Vec<u8>) -> u32 {
        self.sent += 1;
        let (question, points) = (self.random.u32(..QUESTIONS), self.random.u32(..=MOST_POINTS));
        // Writing to memory can't fail.
        let _ = write!(
            out,
            r#"{{"key":"{}","id":"{}-{}","fields":{{"question":"q{question:02}","points":{points},"graded":true}}}}"#,
            key_name(student),
            self.name,
            self.sent
        );
        points
    }
}

/// All answers by student, in the order of sending.
#[derive(Default)]
pub struct Ledger {
    answers: HashMap<Student, Vec<Answer>>,
}

impl Ledger {
    /// Adds what one connection sent.
    pub fn add(&mut self, answers: Vec<Answer>) {
        for answer in answers {
            self.answers.entry(answer.student).or_default().push(answer);
        }
    }

    /// The student's `number`th answer, from 1.
    pub fn get(&self, student: Student, number: u32) -> Option<&Answer> {
        self.answers.get(&student)?.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// Points and number of answers of each student, the most points first.
    pub fn recount(&self) -> Vec<(Student, u64, u32)> {
        let mut rows: Vec<_> = self
            .answers
            .iter()
            .map(|(student, own)| (*student, own.iter().map(|a| u64::from(a.points)).sum(), own.len() as u32))
            .collect();
        rows.sort_by_key(|(student, points, _): &(Student, u64, u32)| (std::cmp::Reverse(*points), *student));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_the_ledger_recounts() {
        let mut class = Class::new(1, 700);
        assert_eq!(class.students(), [1, 701, 1_401]);
        let mut ledger = Ledger::default();
        let mut total = 0;
        for student in [1, 701, 701] {
            let mut out = Vec::new();
            let points = class.write(student, &mut out);
            let event: Value = serde_json::from_slice(&out).unwrap();
            assert_eq!(event["fields"]["points"], points);
            assert_eq!(student_of(event["key"].as_str().unwrap()), Some(student));
            total += u64::from(points);
            ledger.add(vec![Answer { student, points, due: 0, accepted: 1 }]);
        }
        let rows = ledger.recount();
        assert_eq!((rows.len(), rows.iter().map(|r| r.1).sum::<u64>()), (2, total));
        assert_eq!(ledger.get(701, 2).unwrap().student, 701);
        assert!(ledger.get(701, 3).is_none() && ledger.get(701, 0).is_none());
        assert_eq!(student_of("s9999"), None);
    }
}
