//! Scoreboards and sessions over REST. What is asked is checked by the board itself; here is only who asks.

use crate::auth;
use crate::body;
use crate::cache::{self, Served};
use crate::calls;
use crate::calls::board::Passed;
use crate::configs;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys;
use crate::reply;
use crate::routes::views::{View, check};
use heliograph_shared::audit::By;
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::ControlRequest;
use heliograph_shared::delay::not_kept;
use heliograph_shared::id::BoardName;
use heliograph_shared::revocation::{CredentialId, Mark};
use heliograph_shared::rights::Ask;
use heliograph_shared::routes::Route;
use heliograph_shared::scores::keeper::Correction;
use heliograph_shared::scores::query::ScoresQuery;
use heliograph_shared::scores::session::{Schedule, SessionAction};
use heliograph_shared::time::Millis;
use heliograph_shared::views::Format;
use serde::Deserialize;
use worker::{Context, Env, Request, Response};

/// Letters and digits of a join code: those that nobody takes for another.
const CODE_LETTERS: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
const CODE_LENGTH: usize = 6;

/// An object's answer as the answer.
pub fn pass(passed: Passed) -> Answer<Response> {
    Ok(reply::typed(passed.status, &passed.kind, passed.body)?)
}

/// Somebody who manages a board.
pub struct Manager {
    /// A name, for records and letters.
    pub name: String,
    /// Who it is, for the audit.
    pub by: By,
}

/// The caller of a request that manages an existing board.
pub async fn manager(req: &Request, env: &Env, board: &BoardName) -> Answer<Manager> {
    let caller = auth::manager(req, env, board).await?;
    configs::get(env, board).await?;
    Ok(Manager { name: caller.name(), by: caller.by() })
}

/// `GET …/scores`. Managers see a frozen scoreboard live.
pub async fn get(call: (&Request, &Env, &Context), board: BoardName) -> Answer<Served> {
    let view = View::of(call, board, Ask::Whole, Format::TABLES).await?;
    check(ScoresQuery::parse(view.pairs()))?;
    if view.asks_past() {
        view.require_whole_history()?;
    }
    let live = if view.sight.manager { "&live" } else { "" };
    view.get(BoardMethod::Scores, live, Vec::new()).await
}

/// `GET …/sessions`.
pub async fn sessions(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let caller = auth::caller(env, req.headers()).await?;
    let config = configs::find(env, &board).await?;
    let access = caller.access(&board, config.as_deref());
    if access.may(Ask::Board).is_err() {
        return Err(caller.lacks("reading", &board));
    }
    if config.is_none() {
        return Err(configs::unknown(&board));
    }
    if access.delay().is_some() && !access.manage {
        return Err(not_kept("sessions are told as they are now").into());
    }
    let query = if access.manage { "manager" } else { "" };
    pass(calls::board::pass(env, &board, BoardMethod::Sessions, query, &[]).await?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSession {
    id: Option<String>,
    title: String,
    opens_at: Option<Millis>,
    freezes_at: Option<Millis>,
    closes_at: Option<Millis>,
    /// Whether players join by a code.
    #[serde(default)]
    join: bool,
}

/// `POST …/sessions`: makes a session.
pub async fn create_session(req: Request, env: &Env, board: BoardName) -> Answer<Response> {
    let Manager { name, by } = manager(&req, env, &board).await?;
    let wish: NewSession = body::json(&req, Route::CreateSession).await?;
    let id = match wish.id {
        Some(id) => id,
        None => format!("s-{}", keys::random_hex::<4>()?),
    };
    // The code is kept first: one that leads to a session that could not be made helps nobody in.
    let code = if wish.join { Some(fresh_code(env, &board, &id).await?) } else { None };
    let schedule = Schedule { opens_at: wish.opens_at, freezes_at: wish.freezes_at, closes_at: wish.closes_at };
    ask(env, &board, &by, &ControlRequest::Create { id, title: wish.title, schedule, code, by: name }).await
}

async fn fresh_code(env: &Env, board: &BoardName, session: &str) -> Answer<String> {
    for _ in 0..10 {
        let mut code = String::with_capacity(CODE_LENGTH);
        while code.len() < CODE_LENGTH {
            // Of 32 numbers two have no letter: a remainder by 30 would make some letters likelier.
            if let Some(letter) = CODE_LETTERS.get(keys::random_u32()? as usize % 32) {
                code.push(char::from(*letter));
            }
        }
        if calls::registry::put_code(env, &code, board, session).await? {
            return Ok(code);
        }
    }
    Err(Fault::Internal("no free join code found".into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionWish {
    action: SessionAction,
    at: Option<Millis>,
    opens_at: Option<Millis>,
    freezes_at: Option<Millis>,
    closes_at: Option<Millis>,
}

/// `POST …/sessions/{id}`: does something to a session.
pub async fn act(req: Request, env: &Env, board: BoardName, id: &str) -> Answer<Response> {
    let Manager { name, by } = manager(&req, env, &board).await?;
    let wish: SessionWish = body::json(&req, Route::LeadSession).await?;
    let schedule = Schedule { opens_at: wish.opens_at, freezes_at: wish.freezes_at, closes_at: wish.closes_at };
    let (action, at) = (wish.action, wish.at);
    let ends = Mark::credential(&CredentialId::Join { board: board.clone(), session: id.to_owned() });
    if action == SessionAction::RevokeCode {
        // First what counts; that the session shows no code any more is said after.
        calls::registry::end(env, vec![ends]).await?;
        ended::refresh_now(env).await;
    }
    let request = ControlRequest::Act { id: id.to_owned(), action, schedule, at, by: name };
    let passed = calls::board::control(env, &board, &by, &request).await?;
    if action == SessionAction::Reopen && passed.status == 200 {
        // Its code ended with it.
        let session: serde_json::Value = serde_json::from_slice(&passed.body)?;
        if let Some(code) = session["code"].as_str() {
            calls::registry::put_code(env, code, &board, id).await?;
            ended::refresh_now(env).await;
        }
    }
    cache::written(&board);
    pass(passed)
}

/// `POST …/scores/actions`: corrects something.
pub async fn correct(req: Request, env: &Env, board: BoardName) -> Answer<Response> {
    let Manager { name, by } = manager(&req, env, &board).await?;
    let wish: Correction = body::json(&req, Route::Correct).await?;
    ask(env, &board, &by, &ControlRequest::Correct { wish, by: name }).await
}

/// Has the board do what a manager wants.
pub async fn ask(env: &Env, board: &BoardName, by: &By, request: &ControlRequest) -> Answer<Response> {
    let passed = calls::board::control(env, board, by, request).await?;
    cache::written(board);
    pass(passed)
}

/// `GET …/scores/audit`.
pub async fn audit(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    manager(req, env, &board).await?;
    pass(calls::board::pass(env, &board, BoardMethod::Audit, "", &[]).await?)
}

/// `GET …/scores/{key}/entries`.
pub async fn entries(req: &Request, env: &Env, board: BoardName, key: &str) -> Answer<Response> {
    manager(req, env, &board).await?;
    pass(calls::board::pass(env, &board, BoardMethod::Entries, "", key.as_bytes()).await?)
}
