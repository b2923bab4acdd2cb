//! Opening a sitting: on which board, as which session, and what of it is kept.

use std::collections::{BTreeMap, BTreeSet};

use heliograph_shared::problem::Code;

use super::shelf::{self, Quiz};
use super::sitting::Sitting;
use super::{BOARD, CONFIG};
use crate::browser::{clock, storage};
use crate::client::http::Failure;
use crate::client::sessions::{self, Session};

/// What a leader's key may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Lead the board that all share.
    pub shared: bool,
    /// Make boards of its own, and keep quizzes on the server.
    pub own: bool,
}

/// Finds out what a key may do.
pub async fn reach(key: &str) -> Reach {
    let shared = sessions::lead_token(BOARD, key).await.is_ok();
    let own = shelf::open(key).await.unwrap_or_default();
    Reach { shared, own }
}

/// A session that is in the way of the next one: it runs, or what it hides is not revealed.
fn in_the_way(sessions: &[Session]) -> Option<&Session> {
    sessions.iter().find(|session| session.phase.is_running() || session.frozen_at.is_some())
}

/// Opens a sitting of a quiz. A saved quiz has a board of its own; another one takes the shared board while that is free.
pub async fn open(key: &str, reach: Reach, quiz: &Quiz) -> Result<(Sitting, Session), Failure> {
    let mut quiz = quiz.clone();
    if quiz.id.is_empty() && reach.own {
        let is_free = reach.shared && in_the_way(&sessions::sessions(BOARD, key).await?).is_none();
        if !is_free {
            quiz.id = fresh_id();
            shelf::save(key, &quiz).await?;
        }
    }
    let board = if quiz.id.is_empty() { BOARD.to_owned() } else { quiz.board() };
    if !quiz.id.is_empty() && !sessions::has_board(&board, key).await? {
        let mut config: serde_json::Value = serde_json::from_str(CONFIG).unwrap_or_default();
        config["title"] = serde_json::json!(quiz.title);
        sessions::make_board(&board, key, &config).await?;
    }
    let list = sessions::sessions(&board, key).await?;
    if let Some(other) = in_the_way(&list) {
        let message = if other.phase.is_running() {
            text!(demos.quiz.desk.still_open, title = other.title.clone())
        } else {
            text!(demos.quiz.desk.not_revealed, title = other.title.clone())
        };
        return Err(Failure { status: 409, code: Code::SessionPhase.to_string(), message });
    }
    let made = sessions::create_session(&board, key, &quiz.title).await?;
    let sitting = sitting(&board, &made, &quiz);
    match begin(key, reach, &sitting).await {
        Ok(session) => Ok((sitting, session)),
        Err(failure) => {
            // No code is left by which somebody could join what did not begin, and nothing stays open.
            for action in ["close", "reveal", "revoke_code"] {
                let _ = sessions::act(&board, key, &made.id, action).await;
            }
            let _ = shelf::end(key, &board).await;
            Err(failure)
        }
    }
}

/// A name for a quiz that no other has.
pub fn fresh_id() -> String {
    storage::nonce().chars().take(8).collect()
}

fn sitting(board: &str, made: &Session, quiz: &Quiz) -> Sitting {
    Sitting {
        board: board.to_owned(),
        session: made.id.clone(),
        title: quiz.title.clone(),
        code: made.code.clone().unwrap_or_default(),
        nonce: storage::nonce(),
        pace: quiz.pace,
        shown: if quiz.pace.at_once { quiz.questions.len() } else { 0 },
        questions: quiz.questions.clone(),
        ..Sitting::default()
    }
}

/// Other devices find it first; then it is open, and its first look is there.
async fn begin(key: &str, reach: Reach, sitting: &Sitting) -> Result<Session, Failure> {
    if reach.own {
        shelf::begin(key, sitting).await?;
    }
    let mut session = sessions::act(&sitting.board, key, &sitting.session, "open").await?;
    if sitting.pace.hidden {
        session = sessions::act(&sitting.board, key, &sitting.session, "freeze").await?;
    }
    publish_sheet(key, sitting, clock::wall().0, super::question::QUESTIONS_MAX).await?;
    Ok(session)
}

/// Publishes what students see. What an earlier, longer quiz left behind is removed up to `clear` questions.
pub async fn publish_sheet(key: &str, sitting: &Sitting, now: i64, clear: usize) -> Result<(), Failure> {
    let published = sessions::publish(&sitting.board, key, &sitting.sheet(now).event(clear)).await?;
    match published.refusals().next() {
        None => Ok(()),
        Some(refusal) => Err(Failure {
            status: 422,
            code: refusal.code.clone().unwrap_or_default(),
            message: sessions::reason(refusal),
        }),
    }
}

/// Brings a book up to date with what happened since its session was opened.
pub async fn catch_up(key: &str, book: Sitting) -> Result<Sitting, Failure> {
    /// What a player says of the time may be so much before.
    const BEFORE: i64 = 10_000;
    let list = sessions::sessions(&book.board, key).await?;
    let opened = list.iter().find(|session| session.id == book.session).and_then(|session| session.opened_at);
    let since = opened.map_or(0, |opened| opened.0 - BEFORE);
    // From the beginning: the order in which things arrived decides what counts.
    let book =
        Sitting { shown: 0, solved: BTreeSet::new(), opened: BTreeMap::new(), students: BTreeMap::new(), ..book };
    shelf::catch_up(key, book, since).await
}
