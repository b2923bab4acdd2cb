//! Joining a session by its code: a token for one player.

use crate::auth;
use crate::calls;
use crate::clock;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys::{self, keys};
use crate::paces::{self, Counted};
use crate::reply;
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::memo::Memo;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::revocation::{Change, CredentialId, Origin};
use heliograph_shared::rights::{AUDIENCE, Claims, Grant, ISSUER, MintRequest, Operation, PLAYER_PREFIX, Standing};
use heliograph_shared::scores::name::check_name;
use heliograph_shared::throttle::Who;
use serde_json::{Value, json};
use std::cell::RefCell;
use worker::{Env, Response};

/// How long a code that nobody has is not asked for again.
const UNKNOWN_MILLIS: i64 = 10_000;

thread_local! {
    /// With the registry's last change by then: any later one may have given it to a session.
    static UNKNOWN_CODES: RefCell<Memo<String, Change>> =
        RefCell::new(Memo::new(limits::UNKNOWN_BYTES, UNKNOWN_MILLIS));
}

/// Mints a token that reads the board and publishes under one key.
pub async fn join(env: &Env, address: Who, code: &str, wish: &MintRequest) -> Answer<Response> {
    let code = code.trim().to_ascii_uppercase();
    if code.is_empty() || code.len() > 16 || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(unknown());
    }
    let Lead { board, session, known, is_open } = find(env, address, &code).await?.ok_or_else(unknown)?;
    if !is_open {
        // Who has a player's token of this board knows the code from when it was good.
        let token = wish.token.as_deref().ok_or_else(unknown)?;
        player_key(env, token, &board).map_err(|_| unknown())?;
        return Err(Fault::problem(Code::SessionClosed, "the session of this code is over"));
    }
    let (key, name) = match &wish.token {
        // The name stays the one from the door.
        Some(token) => (player_key(env, token, &board)?, auth::signed(env, token)?.claims.name.clone()),
        None => {
            let name = check_name(wish.name.as_deref().unwrap_or_default()).map_err(|e| Problem::about(422, e))?;
            (format!("{PLAYER_PREFIX}{}", keys::random_hex::<8>()?), Some(name))
        }
    };
    let grant = |operation, key: &str| {
        let board = board.clone().into();
        Grant { board, operations: vec![operation], keys: vec![key.to_owned()], ..Grant::default() }
    };
    let iat = (clock::now().0 / 1_000).unsigned_abs();
    let exp = iat + u64::from(limits::TOKEN_TTL_SECONDS_MAX);
    let claims = Claims {
        iss: ISSUER.into(),
        sub: format!("player {key}"),
        aud: AUDIENCE.into(),
        exp,
        iat,
        jti: keys::random_hex::<16>()?,
        cid: Some(CredentialId::Join { board: board.clone(), session: session.clone() }),
        rev: Some(known),
        grants: vec![grant(Operation::Read, "*"), grant(Operation::Publish, &key)],
        name: name.clone(),
        standing: Standing::Player(key.clone()),
        own: None,
        sign_in: None,
    };
    let token = keys(env)?.sign(&claims)?;
    Ok(reply::object(
        200,
        &json!({"token": token, "expires_at": exp * 1_000, "board": board, "session": session, "key": key, "name": name}),
    )?)
}

/// What is said of every code that nobody can join by, whether there never was one, or its session or board is gone or
/// over: a guess is told nothing.
fn unknown() -> Fault {
    Fault::problem(Code::CodeUnknown, "nobody can join by this code now; ask who leads the session")
}

/// Where a code leads.
struct Lead {
    board: BoardName,
    session: String,
    known: Change,
    is_open: bool,
}

/// Where a code leads. Codes that lead nowhere are counted by the address that tries
/// them, and the registry is asked for each of them once in a while.
async fn find(env: &Env, address: Who, code: &str) -> Answer<Option<Lead>> {
    paces::take(Counted::Guess, address)?;
    if UNKNOWN_CODES.with_borrow_mut(|u| u.get(clock::now(), code).is_some_and(|known| *known == ended::known())) {
        return Ok(None);
    }
    let untold = || Fault::registry_away("where the code leads can't be told at the moment; try again");
    let asked = if ended::is_away() { Err(untold()) } else { calls::registry::code(env, code).await };
    let Some((board, session, known)) = asked.map_err(|fault| {
        log_error!("a join code is not looked up: {fault:?}");
        untold()
    })?
    else {
        UNKNOWN_CODES.with_borrow_mut(|u| u.put(clock::now(), code.to_owned(), ended::known(), code.len()));
        return Ok(None);
    };
    let is_open = is_open(env, &board, &session, code).await?;
    if is_open {
        paces::give_back(Counted::Guess, address);
    }
    Ok(Some(Lead { board, session, known, is_open }))
}

/// The key of a player whose token is renewed.
fn player_key(env: &Env, token: &str, board: &BoardName) -> Answer<String> {
    // The code says that it is still let in; the token only, whose it is. One that ended with its session and comes back
    // when that was opened again is the same player; one of a board that was deleted is nobody.
    let token = auth::signed(env, token)?;
    if ended::with(|list| list.end_of(&Origin { id: None, ..token.origin() }, Some(board))).is_some() {
        return Err(Fault::problem(Code::TokenInvalid, "the board of the token was deleted"));
    }
    let foreign = || Fault::problem(Code::Forbidden, "token is not a player's of this board");
    let publish = token.access(board).publish;
    publish.only().filter(|key| key.starts_with(PLAYER_PREFIX)).map(str::to_owned).ok_or_else(foreign)
}

/// Nobody joins a session that is over, or by a code that it does not have any more.
async fn is_open(env: &Env, board: &BoardName, session: &str, code: &str) -> Answer<bool> {
    let passed = calls::board::pass(env, board, BoardMethod::Sessions, "manager", &[]).await?;
    let list: Value = serde_json::from_slice(&passed.body)?;
    let found = list["sessions"].as_array().into_iter().flatten().find(|s| s["id"] == session && s["code"] == code);
    Ok(matches!(found.and_then(|s| s["phase"].as_str()), Some("created" | "open" | "frozen")))
}
