//! Board configs, read through a short cache from the registry.

use crate::clock;
use crate::fault::{Answer, Fault};
use crate::objects::call;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::id::BoardName;
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use worker::Env;

/// How long another isolate's change may go unnoticed.
const FRESH_MILLIS: i64 = 5_000;
/// Boards remembered by one isolate.
const MOST: usize = 1_000;

type Cache = HashMap<BoardName, (Millis, Option<Rc<BoardConfig>>)>;

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::new(HashMap::new());
}

/// A board's name as it stands in a path.
pub fn board_name(text: &str) -> Answer<BoardName> {
    BoardName::try_from(text)
        .map_err(|e| Fault::problem(404, "board_not_found", format!("{text:?} is no board's name: it {e}")))
}

/// A board's config, if there is such a board.
pub async fn find(env: &Env, board: &BoardName) -> Answer<Option<Rc<BoardConfig>>> {
    let now = clock::now();
    let cached =
        CACHE.with(|c| c.borrow().get(board).filter(|(at, _)| now.since(*at) < FRESH_MILLIS).map(|(_, v)| v.clone()));
    if let Some(config) = cached {
        return Ok(config);
    }
    let text = call::registry_board(env, board).await?;
    let config = match text {
        None => None,
        Some(text) => Some(Rc::new(
            serde_json::from_slice::<BoardConfig>(&text)
                .map_err(|e| Fault::Internal(format!("stored config of {board}: {e}")))?,
        )),
    };
    put(board, config.clone());
    Ok(config)
}

/// A board's config; a problem when there is no such board.
pub async fn get(env: &Env, board: &BoardName) -> Answer<Rc<BoardConfig>> {
    find(env, board).await?.ok_or_else(|| unknown(board))
}

/// What is said about a board that is not there.
pub fn unknown(board: &BoardName) -> Fault {
    Fault::problem(404, "board_not_found", format!("there is no board {board}; PUT /v1/boards/{board} makes it"))
}

/// Remembers what this isolate has just written or read.
pub fn put(board: &BoardName, config: Option<Rc<BoardConfig>>) {
    CACHE.with(|c| {
        let mut cache = c.borrow_mut();
        if cache.len() >= MOST {
            cache.clear();
        }
        cache.insert(board.clone(), (clock::now(), config));
    });
}
