//! Board configs, read through a short cache from the registry.

use crate::cache;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::objects::call;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::id::BoardName;
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::rc::Rc;
use worker::Env;

/// How long another isolate's change may go unnoticed.
const FRESH_MILLIS: i64 = 5_000;
/// Boards remembered by one isolate.
const MOST: usize = 1_000;

/// A config that this isolate knows.
#[derive(Clone)]
pub struct Known {
    /// The config.
    pub config: Rc<BoardConfig>,
    /// The same in every isolate for the same config.
    pub version: u64,
}

type Cache = HashMap<BoardName, (Millis, Option<Known>)>;

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
    Ok(known(env, board).await?.map(|known| known.config))
}

/// Reads what this isolate has read lately: a board's config, or none where there is no such board.
fn lately<T>(board: &BoardName, f: impl FnOnce(&Option<Known>) -> T) -> Option<T> {
    let now = clock::now();
    CACHE.with(|c| c.borrow().get(board).filter(|(at, _)| now.since(*at) < FRESH_MILLIS).map(|(_, known)| f(known)))
}

/// A board's config, if it need not be asked for.
pub fn at_hand(board: &BoardName) -> Option<Rc<BoardConfig>> {
    lately(board, |known| known.as_ref().map(|k| k.config.clone())).flatten()
}

/// A board's config with its version, if there is such a board.
pub async fn known(env: &Env, board: &BoardName) -> Answer<Option<Known>> {
    if let Some(known) = lately(board, Clone::clone) {
        return Ok(known);
    }
    let text = call::registry_board(env, board).await?;
    let known = match text {
        None => None,
        Some(text) => {
            let config = serde_json::from_slice::<BoardConfig>(&text)
                .map_err(|e| Fault::Internal(format!("stored config of {board}: {e}")))?;
            Some(Known { config: Rc::new(config), version: version(&text) })
        }
    };
    put(board, known.clone());
    Ok(known)
}

fn version(text: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text);
    hasher.finish()
}

/// A board's config; a problem when there is no such board.
pub async fn get(env: &Env, board: &BoardName) -> Answer<Rc<BoardConfig>> {
    find(env, board).await?.ok_or_else(|| unknown(board))
}

/// What is said about a board that is not there.
pub fn unknown(board: &BoardName) -> Fault {
    Fault::problem(404, "board_not_found", format!("there is no board {board}; PUT /v1/boards/{board} makes it"))
}

/// Remembers a config that this isolate has just written, by its text.
pub fn changed(board: &BoardName, config: BoardConfig, text: &[u8]) {
    put(board, Some(Known { config: Rc::new(config), version: version(text) }));
    cache::purge(board);
}

/// Remembers that a board is gone.
pub fn gone(board: &BoardName) {
    put(board, None);
    cache::purge(board);
}

fn put(board: &BoardName, known: Option<Known>) {
    CACHE.with(|c| {
        let mut cache = c.borrow_mut();
        if cache.len() >= MOST {
            cache.clear();
        }
        cache.insert(board.clone(), (clock::now(), known));
    });
}
