//! Players end with their session: the registry is told when its grace is over.

use super::{Inner, Loaded};
use crate::calls;
use crate::clock;
use crate::fault::Answer;
use crate::trace::InBackground;
use heliograph_shared::limits;
use heliograph_shared::revocation::{CredentialId, Mark};
use heliograph_shared::time::Millis;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

/// After a registry that could not be told.
const RETRY_MILLIS: i64 = 500;

/// What the registry was told of sessions that ended. After a restart it is told again: it does no harm.
#[derive(Default)]
pub struct Ends {
    told: RefCell<HashSet<(String, Millis)>>,
    telling: Cell<bool>,
}

impl Ends {
    /// Sessions that ended and of which the registry was not told, with the end of their grace. Of those that ended long
    /// ago no token is left.
    fn untold(&self, b: &Loaded, now: Millis) -> Vec<(String, Millis)> {
        let rules = b.keeper.settings().sessions.as_ref().filter(|s| s.required);
        let grace_s = rules.map_or(0, |s| s.grace_s);
        let told = self.told.borrow();
        let ends = b.keeper.timeline().sessions.iter().filter_map(|s| Some((s.id.clone(), s.players_end(grace_s)?)));
        ends.filter(|end| now.since(end.1) < limits::ENDED_KEPT_MILLIS && !told.contains(end)).collect()
    }

    /// When the registry is to be told next.
    pub(super) fn next(&self, b: &Loaded, now: Millis) -> Option<Millis> {
        self.untold(b, now).iter().map(|(_, at)| (*at).max(now.plus(RETRY_MILLIS))).min()
    }
}

impl Inner {
    /// Tells the registry of sessions whose grace is over, in the background.
    pub(super) fn end_players(self: &Rc<Self>) {
        let now = clock::now();
        let due = self.with(|b| Ok(self.ends.untold(b, now)));
        let due: Vec<(String, Millis)> = due.unwrap_or_default().into_iter().filter(|end| end.1 <= now).collect();
        if due.is_empty() || self.ends.telling.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            let told = own.tell_ends(&due).await;
            own.ends.telling.set(false);
            match told {
                Ok(()) => own.ends.told.borrow_mut().extend(due),
                Err(fault) => log_error!("the registry is not told of sessions that ended: {fault:?}"),
            }
            own.set_alarm();
        });
    }

    async fn tell_ends(&self, due: &[(String, Millis)]) -> Answer<()> {
        let board = self.name()?;
        let mark =
            |session: &String| Mark::credential(&CredentialId::Join { board: board.clone(), session: session.clone() });
        calls::registry::end(&self.env, due.iter().map(|(session, _)| mark(session)).collect()).await
    }
}
