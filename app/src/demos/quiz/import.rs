//! Questions from a file: CSV or JSON. Every error says where.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::question::{QUESTIONS_MAX, Question, option_of};

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportError {
    /// From 1.
    pub line: u64,
    /// From 1, with its name if it has one, such as `3 (right)`.
    pub column: String,
    /// What, and how to mend it.
    pub message: String,
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&text!(demos.quiz.import.place, line = self.line, column = &self.column, message = &self.message))
    }
}

/// Reads questions. JSON begins with `[`, everything else is CSV.
pub fn questions(text: &str) -> Result<Vec<Question>, Vec<ImportError>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let read = if text.trim_start().starts_with(['[', '{']) { from_json(text) } else { from_csv(text) }?;
    let error = |line, message: String| Err(vec![ImportError { line, column: "1".to_owned(), message }]);
    if read.is_empty() {
        return error(1, text!(demos.quiz.import.none).to_owned());
    }
    if let Some((line, _)) = read.get(QUESTIONS_MAX) {
        return error(*line, text!(demos.quiz.import.over_limit, most = QUESTIONS_MAX));
    }
    Ok(read.into_iter().map(|(_, question)| question).collect())
}

type Numbered = Vec<(u64, Question)>;

/// The right answer: an option's text, its letter, or its number from 1.
fn right_of(answer: &str, options: &[String]) -> Result<usize, String> {
    let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
    let by_text = options.iter().position(|o| o == answer).or_else(|| options.iter().position(|o| same(o, answer)));
    let by_name = || option_of(answer).or_else(|| answer.parse::<usize>().ok()?.checked_sub(1));
    by_text
        .or_else(by_name)
        .filter(|i| *i < options.len())
        .ok_or_else(|| text!(demos.quiz.import.no_option, answer = answer))
}

struct Columns {
    question: usize,
    options: Vec<usize>,
    right: usize,
    points: Option<usize>,
    names: Vec<String>,
}

impl Columns {
    fn read(header: &csv::StringRecord) -> Result<Self, String> {
        let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        let find = |wanted: &[&str]| names.iter().position(|name| wanted.contains(&name.as_str()));
        let missing = |name: &str| text!(demos.quiz.import.no_column, name = name);
        let options: Vec<usize> =
            names.iter().enumerate().filter(|(_, n)| n.starts_with("option")).map(|(i, _)| i).collect();
        if options.is_empty() {
            return Err(missing("options"));
        }
        Ok(Self {
            question: find(&["question", "text"]).ok_or_else(|| missing("question"))?,
            right: find(&["right", "right answer", "answer", "correct"]).ok_or_else(|| missing("right"))?,
            points: find(&["points"]),
            options,
            names,
        })
    }

    fn label(&self, column: usize) -> String {
        format!("{} ({})", column + 1, self.names.get(column).map_or("", String::as_str))
    }

    fn of(&self, part: &str) -> usize {
        match part {
            "options" => self.options.first().copied().unwrap_or(0),
            "right" => self.right,
            "points" => self.points.unwrap_or(0),
            _ => self.question,
        }
    }

    fn question(&self, row: &csv::StringRecord) -> Result<Question, Vec<(usize, String)>> {
        let cell = |column: usize| row.get(column).unwrap_or("").trim();
        let options: Vec<String> = match self.options.as_slice() {
            [one] => cell(*one).split('|').map(|option| option.trim().to_owned()).collect(),
            several => several.iter().map(|c| cell(*c).to_owned()).filter(|option| !option.is_empty()).collect(),
        };
        let mut errors = Vec::new();
        let right = right_of(cell(self.right), &options).unwrap_or_else(|message| {
            errors.push((self.right, message));
            0
        });
        let points = match self.points.map(|column| (column, cell(column))) {
            None | Some((_, "")) => Question::default().points,
            Some((column, text)) => text.parse().unwrap_or_else(|_| {
                errors.push((column, text!(demos.quiz.import.not_whole, text = text)));
                1
            }),
        };
        let question = Question { text: cell(self.question).to_owned(), options, right, points };
        errors.extend(question.wrong().into_iter().map(|wrong| (self.of(wrong.part), wrong.message)));
        if errors.is_empty() { Ok(question) } else { Err(errors) }
    }
}

/// Spreadsheets write what their country uses: the separator is the one that the first line has most of.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or("");
    let count = |mark: char| first.matches(mark).count();
    let best = [',', ';', '\t'].into_iter().rev().max_by_key(|mark| count(*mark)).unwrap_or(',');
    best as u8
}

fn from_csv(text: &str) -> Result<Numbered, Vec<ImportError>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(separator(text)).from_reader(text.as_bytes());
    let at_start = |message: String| vec![ImportError { line: 1, column: "1".to_owned(), message }];
    let header = reader.headers().map_err(|error| at_start(error.to_string()))?;
    let columns = Columns::read(header).map_err(at_start)?;
    let (mut read, mut errors) = (Vec::new(), Vec::new());
    for row in reader.records() {
        match row {
            Err(error) => {
                let line = error.position().map_or(1, csv::Position::line);
                errors.push(ImportError { line, column: "1".to_owned(), message: error.to_string() });
            }
            Ok(row) if row.iter().all(|cell| cell.trim().is_empty()) => {}
            Ok(row) => {
                let line = row.position().map_or(1, csv::Position::line);
                match columns.question(&row) {
                    Ok(question) => read.push((line, question)),
                    Err(found) => errors.extend(found.into_iter().map(|(column, message)| ImportError {
                        line,
                        column: columns.label(column),
                        message,
                    })),
                }
            }
        }
    }
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Right {
    Number(usize),
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    question: String,
    options: Vec<String>,
    right: Right,
    points: Option<u32>,
}

#[derive(Deserialize)]
struct Wrapped<'a> {
    #[serde(borrow)]
    questions: Vec<&'a RawValue>,
}

fn from_json(text: &str) -> Result<Numbered, Vec<ImportError>> {
    let syntax = |error: &serde_json::Error| {
        vec![ImportError { line: error.line() as u64, column: error.column().to_string(), message: plain(error) }]
    };
    let entries = if text.trim_start().starts_with('{') {
        serde_json::from_str::<Wrapped<'_>>(text).map(|wrapped| wrapped.questions)
    } else {
        serde_json::from_str::<Vec<&RawValue>>(text)
    }
    .map_err(|error| syntax(&error))?;
    let (mut read, mut errors) = (Vec::new(), Vec::new());
    for (i, raw) in entries.iter().enumerate() {
        // The raw value borrows from the text, so its address there says where it stands.
        let offset = raw.get().as_ptr() as usize - text.as_ptr() as usize;
        let (line, column) = place(text, offset);
        let mut wrong = |line: u64, column: usize, message: String| {
            let message = text!(demos.quiz.import.in_question, number = i + 1, message = message);
            errors.push(ImportError { line, column: column.to_string(), message });
        };
        match serde_json::from_str::<Entry>(raw.get()) {
            Err(error) => {
                let (down, right) = (error.line() as u64, error.column());
                let column = if down <= 1 { column + right.saturating_sub(1) } else { right };
                wrong(line + down.saturating_sub(1), column, plain(&error));
            }
            Ok(entry) => match entry.question() {
                Ok(question) => read.push((line, question)),
                Err(messages) => messages.into_iter().for_each(|message| wrong(line, column, message)),
            },
        }
    }
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

impl Entry {
    fn question(self) -> Result<Question, Vec<String>> {
        let right = match &self.right {
            // A number counts from 1, as it does for people; text may be an option such as "7".
            Right::Number(n) => n
                .checked_sub(1)
                .filter(|i| *i < self.options.len())
                .ok_or_else(|| text!(demos.quiz.import.right_number, number = n, options = self.options.len())),
            Right::Text(text) => {
                right_of(text, &self.options).map_err(|message| text!(demos.quiz.import.right_text, message = message))
            }
        };
        let points = self.points.unwrap_or(Question::default().points);
        let (index, mut errors) = match right {
            Ok(index) => (index, Vec::new()),
            Err(message) => (0, vec![message]),
        };
        let question = Question { text: self.question, options: self.options, right: index, points };
        errors.extend(question.wrong().into_iter().map(|wrong| wrong.message));
        if errors.is_empty() { Ok(question) } else { Err(errors) }
    }
}

/// An error without the place, which is said apart.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(message, _)| message.to_owned())
}

/// Line and column, from 1, of a byte.
fn place(text: &str, offset: usize) -> (u64, usize) {
    let before = text.get(..offset).unwrap_or("");
    let line = before.matches('\n').count() as u64 + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// The questions as a file that [`questions`] reads. `right` counts from 1 there.
pub fn to_json(questions: &[Question]) -> String {
    let list: Vec<_> = questions
        .iter()
        .map(
            |q| serde_json::json!({"question": q.text, "options": q.options, "right": q.right + 1, "points": q.points}),
        )
        .collect();
    serde_json::to_string_pretty(&list).unwrap_or_default()
}

#[cfg(test)]
mod tests;
