//! What a leader keeps on the server: saved quizzes, and which sittings run, with their right answers. All of it is on a
//! private board, so that any device of the leader finds it and nobody else does.

use gloo_net::http::Method;
use heliograph_shared::views::events::EventsPage;
use serde_json::{Map, json};

use super::pace::Pace;
use super::question::{Asked, QUESTIONS_MAX, Question};
use super::sitting::Sitting;
use super::wire::field;
use crate::browser::percent::encode;
use crate::client::http::{self, Failure};
use crate::client::sessions;

/// The private board.
pub const BOARD: &str = "quiz-desk";
/// Its config.
const CONFIG: &str = include_str!("../../../../boards/quiz-desk.json");
/// As many quizzes can be saved: each may have a board, and a leader makes a hundred of them.
pub const SAVED_MAX: usize = 90;
/// Events in one answer of the log.
const PAGE: usize = 1_000;
/// A sitting has fewer pages of events.
const PAGES_MAX: usize = 500;

/// A saved quiz.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quiz {
    /// Tells it from others.
    pub id: String,
    /// For people.
    pub title: String,
    /// How its sittings go.
    pub pace: Pace,
    /// With the right answers.
    pub questions: Vec<Question>,
}

impl Quiz {
    /// The board on which its sittings run.
    pub fn board(&self) -> String {
        format!("quiz-{}", self.id)
    }
}

/// What is on the shelf.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shelf {
    /// Saved quizzes, by title.
    pub quizzes: Vec<Quiz>,
    /// Sittings that were opened and not put away.
    pub sittings: Vec<Sitting>,
}

/// Makes the board if it is not there. A key that may not lead it keeps its quizzes in the browser: `false`.
pub async fn open(key: &str) -> Result<bool, Failure> {
    let result = async {
        if !sessions::has_board(BOARD, key).await? {
            sessions::make_board(BOARD, key, &json_of(CONFIG)).await?;
        }
        sessions::lead_token(BOARD, key).await.map(drop)
    };
    match result.await {
        Ok(()) => Ok(true),
        Err(failure) if matches!(failure.status, 401 | 403) => Ok(false),
        Err(failure) => Err(failure),
    }
}

fn json_of(config: &str) -> serde_json::Value {
    serde_json::from_str(config).unwrap_or_default()
}

/// Everything on the shelf.
pub async fn list(key: &str) -> Result<Shelf, Failure> {
    let path = format!("/v1/boards/{BOARD}/items?limit=1000");
    let answer: serde_json::Value = http::send(Method::GET, &path, Some(key), None).await?;
    let mut shelf = Shelf::default();
    for item in answer["items"].as_array().into_iter().flatten() {
        let name = item["key"].as_str().unwrap_or_default();
        if let Some(id) = name.strip_prefix("quiz-") {
            shelf.quizzes.push(quiz(id, &item["fields"]));
        } else if let Some(board) = name.strip_prefix("sitting-") {
            shelf.sittings.push(sitting(board, &item["fields"]));
        }
    }
    shelf.quizzes.sort_by_key(|quiz| quiz.title.to_lowercase());
    Ok(shelf)
}

/// Keeps a quiz.
pub async fn save(key: &str, quiz: &Quiz) -> Result<(), Failure> {
    let mut fields = content(&quiz.title, quiz.pace, &quiz.questions);
    fields.insert("kind".to_owned(), json!("quiz"));
    put(key, &format!("quiz-{}", quiz.id), fields).await
}

/// Keeps that a sitting runs.
pub async fn begin(key: &str, sitting: &Sitting) -> Result<(), Failure> {
    let mut fields = content(&sitting.title, sitting.pace, &sitting.questions);
    fields.insert("kind".to_owned(), json!("sitting"));
    for (name, value) in [("session", &sitting.session), ("code", &sitting.code), ("nonce", &sitting.nonce)] {
        fields.insert(name.to_owned(), json!(value));
    }
    put(key, &format!("sitting-{}", sitting.board), fields).await
}

/// Takes a quiz off the shelf, with what it was before.
pub async fn remove(key: &str, quiz: &Quiz) -> Result<(), Failure> {
    erase(key, &format!("quiz-{}", quiz.id)).await
}

/// A sitting is put away.
pub async fn end(key: &str, board: &str) -> Result<(), Failure> {
    erase(key, &format!("sitting-{board}")).await
}

async fn erase(key: &str, item: &str) -> Result<(), Failure> {
    let path = format!("/v1/boards/{BOARD}/items/{}?erase=true", encode(item));
    match http::send_for_text(Method::DELETE, &path, Some(key), None).await {
        Err(failure) if failure.status != 404 => Err(failure),
        _ => Ok(()),
    }
}

async fn put(key: &str, item: &str, fields: Map<String, serde_json::Value>) -> Result<(), Failure> {
    let answer = sessions::publish(BOARD, key, &json!({"key": item, "fields": fields})).await?;
    match answer.refusals().next() {
        None => Ok(()),
        Some(refusal) => Err(Failure {
            status: 422,
            code: refusal.code.clone().unwrap_or_default(),
            message: sessions::reason(refusal),
        }),
    }
}

fn content(title: &str, pace: Pace, questions: &[Question]) -> Map<String, serde_json::Value> {
    let mut fields = Map::new();
    fields.insert("title".to_owned(), json!(title));
    fields.insert("pace".to_owned(), json!(serde_json::to_string(&pace).unwrap_or_default()));
    for i in 0..QUESTIONS_MAX {
        let text = questions.get(i).map(|question| Asked::new(question, true).to_text());
        fields.insert(field(i), json!(text));
    }
    fields
}

fn quiz(id: &str, fields: &serde_json::Value) -> Quiz {
    let (title, pace, questions) = read(fields);
    Quiz { id: id.to_owned(), title, pace, questions }
}

fn sitting(board: &str, fields: &serde_json::Value) -> Sitting {
    let (title, pace, questions) = read(fields);
    let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
    let (session, code, nonce) = (text("session"), text("code"), text("nonce"));
    Sitting { board: board.to_owned(), session, title, code, nonce, pace, questions, ..Sitting::default() }
}

fn read(fields: &serde_json::Value) -> (String, Pace, Vec<Question>) {
    let text = |name: &str| fields[name].as_str().unwrap_or_default();
    let questions = (0..QUESTIONS_MAX).map_while(|i| {
        let asked: Asked = serde_json::from_str(text(&field(i))).ok()?;
        Some(Question { text: asked.text, options: asked.options, right: asked.right?, points: asked.points })
    });
    (text("title").to_owned(), serde_json::from_str(text("pace")).unwrap_or_default(), questions.collect())
}

/// Brings a book up to date with what happened in its session, event by event as they arrived.
pub async fn catch_up(key: &str, mut book: Sitting, since: i64) -> Result<Sitting, Failure> {
    let mut after: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let mut path = format!("/v1/boards/{}/events?limit={PAGE}&from={since}", encode(&book.board));
        if let Some(after) = &after {
            path = format!("{path}&after={}", encode(after));
        }
        let page: EventsPage = http::send(Method::GET, &path, Some(key), None).await?;
        for event in &page.events {
            book.replay(&event.key, event.time.0, |name| event.fields.get(name)?.as_ref());
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(book)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demos::quiz::question::examples;

    #[test]
    fn a_quiz_comes_back_from_its_fields_as_it_was_saved() {
        let pace = Pace { limit_s: 20, least: 50, ..Pace::default() };
        let fields = serde_json::Value::Object(content("Light", pace, &examples()));
        let back = quiz("7b", &fields);
        assert_eq!(back, Quiz { id: "7b".into(), title: "Light".into(), pace, questions: examples() });
        assert_eq!(back.board(), "quiz-7b");
    }

    #[test]
    fn a_shorter_quiz_takes_away_what_a_longer_one_left() {
        let fields = content("Light", Pace::default(), &examples()[..1]);
        assert!(fields["q2"].is_null() && fields["q40"].is_null() && fields["q1"].is_string());
        assert!(fields.len() + 4 <= 64, "an event has room for 64 fields");
    }

    #[test]
    fn the_longest_question_fits_into_a_field() {
        let mut question = examples().remove(0);
        question.text = "x".repeat(300);
        question.options = (0..6).map(|i| format!("{i}{}", "y".repeat(79))).collect();
        assert!(question.wrong().is_empty() && Asked::new(&question, true).to_text().len() <= 1_024);
    }
}
