//! Items of other boards that pipelines look into, kept for seconds in the isolate.

use crate::clock;
use crate::fault::Answer;
use crate::objects::call;
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
type Found = (Millis, Option<Rc<Known>>);

thread_local! {
    static CACHE: RefCell<HashMap<BoardName, HashMap<String, Found>>> = RefCell::new(HashMap::new());
}

/// Items by key; one call for all that are not remembered.
pub async fn find(env: &Env, board: &BoardName, keys: Vec<String>) -> Answer<HashMap<String, Rc<Known>>> {
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
    if wanted.is_empty() {
        return Ok(found);
    }
    let mut items = call::board_lookup(env, board, &wanted).await?;
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
    Ok(found)
}
