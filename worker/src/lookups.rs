//! Items of other boards that pipelines look into, kept for seconds in the isolate.

use crate::calls;
use crate::clock;
use crate::fault::Answer;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits::LOOKUP_FRESH_MILLIS;
use heliograph_shared::pipeline::Known;
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use worker::Env;

/// Items remembered by one isolate, of all boards.
const MOST: usize = 20_000;

/// When it was read, and what is known; nothing when the board has no such item.
type Read = (Millis, Option<Rc<Known>>);

thread_local! {
    static CACHE: RefCell<HashMap<BoardName, HashMap<String, Read>>> = RefCell::new(HashMap::new());
}

/// Items by key; one call for all that are not remembered.
pub async fn find(env: &Env, board: &BoardName, keys: Vec<String>) -> Answer<HashMap<String, Rc<Known>>> {
    let (mut found, wanted) = remembered(board, keys);
    if !wanted.is_empty() {
        let items = calls::board::lookup(env, board, &wanted).await?;
        found.extend(remember(board, wanted, serde_json::from_slice(&items)?));
    }
    Ok(found)
}

/// Items that are remembered, and the keys of which nothing is.
fn remembered(board: &BoardName, keys: Vec<String>) -> (HashMap<String, Rc<Known>>, Vec<String>) {
    let now = clock::now();
    let mut found = HashMap::with_capacity(keys.len());
    let mut wanted = Vec::new();
    CACHE.with_borrow(|cache| {
        let known = cache.get(board);
        for key in keys {
            match known.and_then(|k| k.get(&key)).filter(|(at, _)| now.since(*at) < LOOKUP_FRESH_MILLIS) {
                Some((_, Some(item))) => drop(found.insert(key, item.clone())),
                Some((_, None)) => {}
                None => wanted.push(key),
            }
        }
    });
    (found, wanted)
}

/// Remembers what a board has under the keys that were wanted.
fn remember(board: &BoardName, wanted: Vec<String>, mut items: HashMap<String, Known>) -> HashMap<String, Rc<Known>> {
    let now = clock::now();
    let mut found = HashMap::with_capacity(items.len());
    CACHE.with_borrow_mut(|cache| {
        if cache.values().map(HashMap::len).sum::<usize>() + wanted.len() > MOST {
            cache.clear();
        }
        let known = cache.entry(board.clone()).or_default();
        for key in wanted {
            let item = items.remove(&key).map(Rc::new);
            if let Some(item) = &item {
                found.insert(key.clone(), item.clone());
            }
            known.insert(key, (now, item));
        }
    });
    found
}
