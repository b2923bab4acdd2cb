//! Viewers whose rights end before their time.
//!
//! The registry tells a relay what ends of its board and of its viewers' keys. The route that let a viewer in may have
//! known less than the registry did, by a second: so after every viewer that comes, the relay asks once more.

use super::{Inner, WatchAsk, calls, clock, ended};
use crate::fault::Answer;
use crate::trace::InBackground;
use heliograph_shared::id::BoardName;
use heliograph_shared::protocol::CloseCode;
use heliograph_shared::revocation::{Changes, Mark, Origin, watched};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

/// Between two questions while viewers come.
const PAUSE_MILLIS: u64 = 50;
/// After a registry that gave no answer.
const RETRY_MILLIS: u64 = 500;

/// What a relay wants to be told of.
#[derive(Default)]
pub struct Watch {
    /// What the registry knows of.
    known: RefCell<HashSet<Mark>>,
    /// What it does not yet.
    wanted: RefCell<HashSet<Mark>>,
    asking: Cell<bool>,
    /// Whether a viewer has come since it was last asked.
    again: Cell<bool>,
}

impl Watch {
    /// A viewer comes with these rights.
    pub fn want(&self, origin: &Origin, board: &BoardName) {
        let known = self.known.borrow();
        self.wanted.borrow_mut().extend(watched(origin, board).filter(|mark| !known.contains(mark)));
    }
}

impl Inner {
    /// Asks the registry what has ended, in the background, and to be told from here on.
    pub(super) fn look_after(self: &Rc<Self>) {
        self.watch.again.set(true);
        if self.watch.asking.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            while own.watch.again.replace(false) {
                let pause = match own.ask_what_ended().await {
                    Ok(()) => PAUSE_MILLIS,
                    Err(fault) => {
                        log_error!("what has ended is not known: {fault:?}");
                        own.watch.again.set(own.sockets.borrow().len() > 0);
                        RETRY_MILLIS
                    }
                };
                if own.watch.again.get() {
                    clock::sleep(pause).await;
                }
            }
            own.watch.asking.set(false);
        });
    }

    async fn ask_what_ended(self: &Rc<Self>) -> Answer<()> {
        let marks: Vec<Mark> = self.watch.wanted.borrow().iter().cloned().collect();
        let (asked, after) = (clock::now(), ended::known());
        let ask = WatchAsk { relay: self.name()?, marks: marks.clone(), after };
        ended::learn(asked, calls::registry::watch(&self.env, ask).await?);
        let mut wanted = self.watch.wanted.borrow_mut();
        for mark in marks {
            wanted.remove(&mark);
            self.watch.known.borrow_mut().insert(mark);
        }
        drop(wanted);
        self.close_ended()
    }

    fn close_ended(self: &Rc<Self>) -> Answer<()> {
        let board = self.board()?;
        ended::with(|list| self.step(|core, _, out| core.end(&board, list, out)))
    }

    /// The registry tells what has ended.
    pub(super) async fn told(self: &Rc<Self>, changes: Changes) -> Answer<()> {
        ended::hear(changes.marks);
        if self.state.get_websockets().is_empty() {
            return Ok(());
        }
        if let Err(fault) = self.ready().await {
            // Without a board nothing is known of its viewers: all of them come back, or do not get in.
            log_error!("viewers are sent away: {fault:?}");
            for ws in self.state.get_websockets() {
                let _ = ws.close(Some(CloseCode::GoingAway as u16), Some(CloseCode::GoingAway.reason()));
            }
            return Ok(());
        }
        self.close_ended()
    }
}
