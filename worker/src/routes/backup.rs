//! Boards as backups over REST: exported by who manages them, imported by the administrator, since a log is believed as it is.

use super::boards::checked;
use super::scores::{manager, pass};
use crate::auth;
use crate::body;
use crate::cache;
use crate::calls;
use crate::calls::board::asks;
use crate::ended;
use crate::fault::{Answer, Fault};
use heliograph_shared::backup::{Digest, ExportAsk, Frame, FrameHead, FrameKind, Head, ImportAsk};
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::Problem;
use heliograph_shared::routes::Route;
use serde::Deserialize;
use serde_json::Value;
use worker::{Env, Request, Response};

/// `GET …/export`.
pub async fn export(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let by = manager(req, env, &board).await?.by;
    let url = req.url()?;
    let pairs: Vec<_> = url.query_pairs().collect();
    let ask = ExportAsk::parse(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())))?;
    let ask = serde_json::to_vec(&ask)?;
    pass(calls::board::pass(env, &board, BoardMethod::Export, &asks(&by)?, &ask).await?)
}

/// `POST …/import`: one frame of a backup.
pub async fn import(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let by = auth::administrator(req, env, "imports").await?;
    let body = body::read(req, Route::ImportBoard).await?;
    let head = body.bytes.first_chunk().and_then(|head| FrameHead::read(*head).ok());
    let is = |kind: FrameKind| head.is_some_and(|head| head.kind == kind);
    let config = if is(FrameKind::Head) { config_of(req, env, &board, &body.bytes).await? } else { Vec::new() };
    let ask = ImportAsk { config: &config, frame: &body.bytes }.encode();
    let done = calls::board::pass(env, &board, BoardMethod::Import, &asks(&by)?, &ask).await;
    if is(FrameKind::End) {
        // Somebody may have asked for a board that was not there yet.
        cache::purge(&board);
        ended::refresh_now(env).await;
    }
    let done = done?;
    if is(FrameKind::End) && done.status == 200 {
        keep_codes(env, &board).await?;
    }
    pass(done)
}

/// Lets players in by the codes of the board's sessions. One that is another board's stays that one's.
async fn keep_codes(env: &Env, board: &BoardName) -> Answer<()> {
    #[derive(Deserialize)]
    struct Session {
        id: String,
        code: Option<String>,
    }
    #[derive(Deserialize)]
    struct Sessions {
        sessions: Vec<Session>,
    }
    let answer = calls::board::pass(env, board, BoardMethod::Sessions, "manager", &[]).await?;
    let Sessions { sessions } = serde_json::from_slice(&answer.body)?;
    for Session { id, code } in sessions {
        if let Some(code) = code {
            calls::registry::put_code(env, &code, board, &id).await?;
        }
    }
    Ok(())
}

/// The config that the board gets, checked as one that is put. Delivery is left out: two boards would deliver the same
/// events, perhaps to the same place.
async fn config_of(req: &Request, env: &Env, board: &BoardName, bytes: &[u8]) -> Answer<Vec<u8>> {
    let read = Frame::read(bytes, Digest::start()).and_then(|frame| Head::read(frame.payload));
    let mut head = read.map_err(|wrong| Fault::from(Problem::from(wrong)))?;
    if let Some(config) = head.config.as_object_mut() {
        config.remove("archive");
        // Where it does not say whose ids are, they are the board's: only of a new board would they be their sender's.
        let scope = config.entry("identity_scope").or_insert(Value::Null);
        if scope.is_null() {
            *scope = "board".into();
        }
    }
    let caller = auth::manager(req, env, board).await?;
    let config = checked(env, &caller, board, &serde_json::to_vec(&head.config)?, None).await?;
    Ok(serde_json::to_vec(&config)?)
}
