//! Items end: by a manager's wish, or because nothing was heard of them for as long as the config says.

use super::{Inner, Loaded};
use crate::fault::Answer;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::time::Millis;
use serde_json::{Value, json};

/// Items that are due are looked for so often at most: each time is a row of the log.
const PACE_MILLIS: i64 = 1_000;

impl Inner {
    /// Ends one item.
    pub(super) fn end_item(&self, b: &mut Loaded, key: &str, by: String, now: Millis) -> Answer<Value> {
        if b.core.items().find(key).is_none() {
            return Err(Problem::new(Code::ItemNotFound, "the board has no such item").into());
        }
        let what = Action::EndItems { keys: vec![key.to_owned()] };
        let seq = self.log(b, &Control { at: now, by, what })?;
        Ok(json!({"cursor": b.core.cursor(), "key": key, "seq": seq}))
    }

    /// Ends items of which nothing was heard for too long.
    pub(super) fn end_silent(&self, b: &mut Loaded, now: Millis) -> Answer<()> {
        let Some(after) = b.keeper.settings().expire_after_s else { return Ok(()) };
        let seq = b.store.logged_by(now.plus(-i64::from(after) * 1_000))?;
        let silent = b.core.items().unheard_since(seq).take(limits::ITEMS_ENDED_AT_ONCE);
        let keys: Vec<String> = silent.map(|item| item.key().to_owned()).collect();
        if !keys.is_empty() {
            self.log(b, &Control { at: now, by: "expiry".to_owned(), what: Action::EndItems { keys } })?;
        }
        Ok(())
    }
}

impl Loaded {
    /// When the item that has been silent longest ends.
    pub(super) fn next_end(&self, now: Millis) -> Answer<Option<Millis>> {
        let Some(after) = self.keeper.settings().expire_after_s else { return Ok(None) };
        let Some(heard) = self.core.items().longest_unheard() else { return Ok(None) };
        let at = self.store.logged_at(heard)?.unwrap_or(now).plus(i64::from(after) * 1_000);
        Ok(Some(at.max(now.plus(PACE_MILLIS))))
    }
}
