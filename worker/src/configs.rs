//! Board configs, read through a cache from the boards, which own them: a change is known within two seconds, and a board or
//! a registry that is away for minutes harms nobody who has read a config before.

use crate::calls;
use crate::clock;
use crate::ended;
use crate::fault::{Answer, Fault};
use heliograph_shared::calls::board::Config;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::memo::Memo;
use heliograph_shared::problem::Code;
use heliograph_shared::revocation::Change;
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use worker::Env;

/// Boards remembered by one isolate.
const MOST: usize = 1_000;

/// A config that this isolate knows.
#[derive(Clone)]
pub struct Known {
    /// The config.
    pub config: Rc<BoardConfig>,
    /// The board's number for it: the same in every isolate for the same config.
    pub version: u64,
}

/// What was read of a board.
struct Read {
    at: Millis,
    /// When it was last asked for anew; that may still go on, or have failed.
    asked: Option<Millis>,
    /// The registry's last change that was known before it was read.
    change: Change,
    known: Known,
}

type Cache = HashMap<BoardName, Read>;

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::new(HashMap::new());
    /// Boards that are not there, with the change as of which: apart, so that asking for many pushes out none that is.
    static UNKNOWN: RefCell<Memo<BoardName, Change>> =
        RefCell::new(Memo::new(limits::UNKNOWN_BYTES, limits::CONFIG_FRESH_MILLIS));
}

/// A board's name as it stands in a path.
pub fn board_name(text: &str) -> Answer<BoardName> {
    BoardName::try_from(text)
        .map_err(|e| Fault::problem(Code::BoardNotFound, format!("{text:?} is no board's name: it {e}")))
}

/// A board's config, if there is such a board.
pub async fn find(env: &Env, board: &BoardName) -> Answer<Option<Rc<BoardConfig>>> {
    Ok(known(env, board).await?.map(|known| known.config))
}

/// Reads what this isolate has read lately: a board's config, or none where there is no such board.
fn lately<T>(board: &BoardName, f: impl FnOnce(Option<&Known>) -> T) -> Option<T> {
    let now = clock::now();
    let is_good =
        |read: &&Read| now.since(read.at) < limits::CONFIG_FRESH_MILLIS && !ended::has_changed(board, read.change);
    CACHE.with_borrow(|c| match c.get(board).filter(is_good) {
        Some(read) => Some(f(Some(&read.known))),
        None => {
            let change = UNKNOWN.with_borrow_mut(|u| u.get(now, board).copied())?;
            (!ended::has_changed(board, change)).then(|| f(None))
        }
    })
}

/// Whether it need not be asked for whether there is such a board.
pub fn remembers(board: &BoardName) -> bool {
    lately(board, |_| ()).is_some()
}

/// What a request does about a config that it does not know by itself.
enum Next {
    /// Another asks, or asking has just failed: this is the last known.
    Go(Known),
    /// It asks; this is the last known, if there is one that may serve.
    Ask(Option<Known>),
}

/// The last that was read of a board's config serves for as long as the board may be away, unless it is known to have
/// changed: who was shut out by a change stays out.
fn next(board: &BoardName) -> Next {
    let now = clock::now();
    CACHE.with_borrow_mut(|cache| {
        let is_good = |read: &&mut Read| {
            now.since(read.at) < limits::ENDED_STALE_MILLIS && !ended::has_changed(board, read.change)
        };
        let Some(read) = cache.get_mut(board).filter(is_good) else { return Next::Ask(None) };
        if read.asked.is_some_and(|at| (0..limits::CONFIG_RETRY_MILLIS).contains(&now.since(at))) {
            return Next::Go(read.known.clone());
        }
        read.asked = Some(now);
        Next::Ask(Some(read.known.clone()))
    })
}

/// A board's config, if it need not be asked for.
pub fn at_hand(board: &BoardName) -> Option<Rc<BoardConfig>> {
    lately(board, |known| known.map(|k| k.config.clone())).flatten()
}

/// A board's config with its version, if there is such a board.
pub async fn known(env: &Env, board: &BoardName) -> Answer<Option<Known>> {
    if let Some(known) = lately(board, |k| k.map(|k| Known { config: k.config.clone(), version: k.version })) {
        return Ok(known);
    }
    let last = match next(board) {
        Next::Go(known) => return Ok(Some(known)),
        Next::Ask(last) => last,
    };
    let (at, change) = (clock::now(), ended::known());
    // Names that nobody has wake no boards. While the registry can't say it, the board does.
    if last.is_none() && !ended::is_away() && matches!(calls::registry::board(env, board).await, Ok(None)) {
        put(board, at, change, None);
        return Ok(None);
    }
    let found = match calls::board::config(env, board).await {
        Ok(found) => found,
        Err(fault) => return last.map(Some).ok_or(fault),
    };
    let known = match found {
        None => None,
        Some(Config { version, text }) => {
            let config = serde_json::from_slice::<BoardConfig>(text.as_bytes())
                .map_err(|e| Fault::Internal(format!("stored config of {board}: {e}")))?;
            Some(Known { config: Rc::new(config), version })
        }
    };
    put(board, at, change, known.clone());
    Ok(known)
}

/// A board's config; a problem when there is no such board.
pub async fn get(env: &Env, board: &BoardName) -> Answer<Rc<BoardConfig>> {
    find(env, board).await?.ok_or_else(|| unknown(board))
}

/// What is said about a board that is not there.
pub fn unknown(board: &BoardName) -> Fault {
    Fault::no_board(board)
}

/// Remembers a config that this isolate has just written.
pub fn changed(board: &BoardName, config: BoardConfig, version: u64) {
    put(board, clock::now(), ended::known(), Some(Known { config: Rc::new(config), version }));
}

/// Remembers that a board is gone.
pub fn gone(board: &BoardName) {
    put(board, clock::now(), ended::known(), None);
}

fn put(board: &BoardName, at: Millis, change: Change, known: Option<Known>) {
    CACHE.with_borrow_mut(|cache| match known {
        Some(known) => {
            UNKNOWN.with_borrow_mut(|u| u.remove(board));
            if cache.len() >= MOST {
                cache.clear();
            }
            cache.insert(board.clone(), Read { at, asked: None, change, known });
        }
        None => {
            cache.remove(board);
            UNKNOWN.with_borrow_mut(|u| u.put(at, board.clone(), change, board.as_str().len()));
        }
    });
}
