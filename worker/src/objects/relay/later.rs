//! Following the board some time later: adapter around [`heliograph_shared::relay::later`]. Such a relay is pushed nothing. As
//! long as it has viewers it stays awake and asks the board for what has become old enough.

use super::{Core, Inner};
use crate::calls;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::trace::InBackground;
use heliograph_shared::delay::Delay;
use heliograph_shared::limits;
use heliograph_shared::protocol::CloseCode;
use heliograph_shared::relay::Pushed;
use heliograph_shared::relay::later::{Later, LaterAsk};
use std::rc::Rc;

impl Inner {
    /// How much later this relay's viewers see everything.
    pub(super) fn delay(&self) -> Option<Delay> {
        self.number().ok().and_then(Delay::of_relay)
    }

    /// What this relay asks its board.
    pub(super) fn later_ask(&self, leaves: bool) -> Answer<LaterAsk> {
        let cursor = self.core.borrow().as_ref().map(Core::cursor);
        Ok(LaterAsk { relay: self.number()?, cursor, leaves })
    }

    fn has_viewers(&self) -> bool {
        self.core.borrow().as_ref().is_some_and(|core| core.viewers() > 0)
    }

    /// Asks the board for what has become old enough, again and again, until the last viewer has gone.
    pub(super) fn follow_later(self: &Rc<Self>) {
        if self.following.settling.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            while own.has_viewers() {
                let wait = own.ask_later().await;
                clock::sleep(u64::from(wait)).await;
            }
            own.following.settling.set(false);
            let leaving = own.later_ask(true);
            // Whoever comes next makes the relay ask for the state anew.
            *own.core.borrow_mut() = None;
            if let (Ok(board), Ok(ask)) = (own.board(), leaving)
                && let Err(fault) = calls::board::later(&own.env, board.as_str(), &ask).await
            {
                log_info!("a relay leaves without a word: {fault:?}");
            }
        });
    }

    /// Asks once; after how many milliseconds to ask again.
    async fn ask_later(self: &Rc<Self>) -> u32 {
        let asking = async {
            let (board, ask) = (self.board()?, self.later_ask(false)?);
            calls::board::later(&self.env, board.as_str(), &ask).await
        };
        let late = || Err(Fault::Internal("the board does not answer".into()));
        let asked = clock::within(limits::PUSH_DEADLINE_MILLIS, asking).await.unwrap_or_else(late);
        let failed = match asked {
            Ok(later) => {
                let wait = later.wait_millis;
                match self.take_later(&later) {
                    Ok(()) => return wait,
                    Err(fault) => fault,
                }
            }
            Err(Fault::Problem(problem)) if problem.status < 500 => {
                // What it shows is not kept any more, or the board is gone: those who come back are told why.
                log_info!("viewers with a delay are closed: {}", problem.detail);
                match self.close_all(CloseCode::GoingAway).await {
                    Ok(()) => return limits::LATER_PAUSE_MILLIS,
                    Err(fault) => fault,
                }
            }
            Err(fault) => fault,
        };
        log_error!("asking the board for what is old enough: {failed:?}");
        limits::LATER_WAIT_MILLIS
    }

    fn take_later(self: &Rc<Self>, later: &Later) -> Answer<()> {
        // Where readers are not shown where items are may have changed: that holds at once.
        let is_other = later.switched != self.following.switched.get();
        if is_other || !later.push.is_empty() && self.apply(&later.push)? == Pushed::NeedSync {
            self.sync();
        }
        Ok(())
    }
}
