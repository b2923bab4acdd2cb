//! Following the board: pushes, its state after a hole, and comparing cursors when nothing comes.

use super::{Core, Inner};
use crate::calls;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::trace::{self, InBackground};
use futures_util::future::{Either, select};
use heliograph_shared::board::crowd_pace;
use heliograph_shared::calls::board::{CompareAnswer, CompareAsk};
use heliograph_shared::cursor::{Cursor, Seq};
use heliograph_shared::limits;
use heliograph_shared::relay::idle::{After, Idle, Look};
use heliograph_shared::relay::state::State;
use heliograph_shared::relay::{PushAnswer, PushHead, Pushed, RewindCall};
use heliograph_shared::time::Millis;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use worker::Response;

/// Time that somebody who connects waits for the number of viewers elsewhere.
const GREETING_MILLIS: u64 = 1_000;

/// How the relay follows its board.
#[derive(Default)]
pub struct Following {
    idle: RefCell<Idle>,
    /// Whether the task runs that compares cursors and notes how far the viewers are.
    pub(super) settling: Cell<bool>,
    /// Of a relay of delayed viewers: where the board's log was when what readers see last changed at once.
    pub(super) switched: Cell<Seq>,
    /// Whether the board's state is being fetched.
    syncing: Cell<bool>,
    /// When the board last said how many viewers its other relays have.
    elsewhere_at: Cell<Option<Millis>>,
    /// What was noted last.
    noted: Cell<Option<Cursor>>,
}

impl Inner {
    /// The board's items as of now; registers this relay for what comes after.
    pub(super) async fn fetch_state(&self) -> Answer<State> {
        let board = self.board()?;
        if self.delay().is_some() {
            let state = calls::board::later_state(&self.env, board.as_str(), &self.later_ask(false)?).await?;
            self.following.switched.set(state.sights.switched());
            return Ok(state);
        }
        let state = calls::board::sync(&self.env, board.as_str(), &self.name()?).await?;
        self.following.elsewhere_at.set(Some(clock::now()));
        Ok(state)
    }

    /// Takes a push.
    pub(super) async fn push(self: &Rc<Self>, body: &[u8]) -> Answer<Response> {
        if self.core.borrow().is_none() && self.state.get_websockets().is_empty() {
            return Ok(Response::empty()?.with_status(204));
        }
        self.ready().await?;
        if self.viewers() == 0 {
            // Whoever comes next makes the relay register again.
            *self.core.borrow_mut() = None;
            return Ok(Response::empty()?.with_status(204));
        }
        if self.apply(body)? == Pushed::NeedSync {
            self.sync();
        }
        let (now, viewers) = (clock::now(), self.viewers());
        self.following.elsewhere_at.set(Some(now));
        self.following.idle.borrow_mut().pushed(now, viewers);
        self.settle();
        let answer = {
            let core = self.core.borrow();
            PushAnswer {
                cursor: core.as_ref().map(Core::cursor).unwrap_or_default(),
                pace: crowd_pace(core.as_ref().map_or(0, Core::last_sent)),
                viewers,
                syncing: self.following.syncing.get(),
                sent: self.sockets.borrow().sent(),
            }
        };
        Ok(Response::from_bytes(answer.encode())?)
    }

    pub(super) fn apply(self: &Rc<Self>, body: &[u8]) -> Answer<Pushed> {
        let (head, message) = PushHead::split(body)?;
        let mut result = Ok(Pushed::Applied);
        self.step(|core, net, out| {
            core.set_elsewhere(head.elsewhere);
            if head.standings_lost {
                core.scores_lost(out);
            }
            core.next_push_is_of(trace::sampled().map(|trace| trace.id));
            result = core.push(clock::now(), &message, net, out);
        })?;
        Ok(result.unwrap_or_else(|e| {
            // The same bytes would not do better: the board's state does.
            log_error!("push: {e}");
            Pushed::NeedSync
        }))
    }

    /// Something is missing: takes the board's items anew. What comes meanwhile the board keeps.
    pub(super) fn sync(self: &Rc<Self>) {
        if self.following.syncing.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            let done = match own.fetch_state().await {
                Ok(state) => own.step(|core, net, out| {
                    core.set_elsewhere(state.elsewhere);
                    let (here, there) = (core.cursor(), state.cursor);
                    if there.epoch != here.epoch || there.seq >= here.seq {
                        core.set_sights(state.sights);
                    }
                    core.load(clock::now(), state.items, state.cursor, net, out);
                }),
                Err(fault) => Err(fault),
            };
            own.following.syncing.set(false);
            if let Err(fault) = done {
                log_error!("relay sync: {fault:?}");
                own.following.idle.borrow_mut().failed(clock::now());
            }
            own.stir();
        });
    }

    /// Asks the board for what was.
    pub(super) fn rewind(self: &Rc<Self>, call: RewindCall) {
        let own = self.clone();
        self.state.wait_until(async move {
            let asked = match own.board() {
                Ok(board) => calls::board::rewind(&own.env, board.as_str(), &call.ask).await,
                Err(fault) => Err(fault),
            };
            let answer = asked.inspect_err(|fault| log_error!("a rewind: {fault:?}")).ok();
            let done = own.step(|core, net, out| core.rewound(clock::now(), &call, answer.as_ref(), net, out));
            if let Err(fault) = done {
                log_error!("a rewind: {fault:?}");
            }
            own.settle();
        });
    }

    fn viewers(&self) -> u32 {
        let awake = self.core.borrow().as_ref().map(Core::viewers);
        awake.unwrap_or_else(|| self.state.get_websockets().len()) as u32
    }

    /// Something happened after which it is worthwhile to compare.
    pub(super) fn stir(self: &Rc<Self>) {
        self.following.idle.borrow_mut().stir(clock::now());
        self.settle();
    }

    /// Once nothing has come for a while, compares cursors with the board; then, when every viewer has everything, notes
    /// how far they are. After that the relay may sleep.
    pub(super) fn settle(self: &Rc<Self>) {
        if self.delay().is_some() {
            return self.follow_later();
        }
        if self.following.settling.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            loop {
                match own.look() {
                    Look::Wait(millis) => clock::sleep(millis).await,
                    Look::Compare => own.compare().await,
                    Look::Sleep => break,
                }
            }
            own.following.settling.set(false);
            if let Err(fault) = own.note() {
                log_error!("relay settle: {fault:?}");
            }
        });
    }

    fn look(&self) -> Look {
        let settled = self.core.borrow().as_ref().is_none_or(Core::is_settled) && !self.following.syncing.get();
        self.following.idle.borrow().look(clock::now(), self.viewers(), settled)
    }

    fn note(&self) -> Answer<()> {
        let Some(cursor) = self.core.borrow().as_ref().map(Core::cursor) else { return Ok(()) };
        if self.following.noted.replace(Some(cursor)) != Some(cursor) {
            self.store()?.settle(cursor)?;
        }
        Ok(())
    }

    /// Compares cursors with the board, and tells it how many viewers there are.
    async fn compare(self: &Rc<Self>) {
        let viewers = self.viewers();
        let asked = match select(pin!(self.ask_board(viewers)), pin!(clock::sleep(limits::PUSH_DEADLINE_MILLIS))).await
        {
            Either::Left((asked, _)) => asked,
            Either::Right(_) => Err(Fault::Internal("the board does not answer".into())),
        };
        let (now, mut idle) = (clock::now(), self.following.idle.borrow_mut());
        let answer = match asked {
            Ok(answer) => answer,
            Err(fault) => {
                log_error!("comparing with the board: {fault:?}");
                return idle.failed(now);
            }
        };
        self.following.elsewhere_at.set(Some(now));
        let after = match self.core.borrow_mut().as_mut() {
            None => {
                idle.counted(now, viewers);
                After::Fine
            }
            Some(core) => {
                core.set_elsewhere(answer.elsewhere);
                idle.compared(now, viewers, core.cursor(), answer.cursor, answer.known)
            }
        };
        drop(idle);
        if after == After::Sync {
            self.sync();
        }
    }

    async fn ask_board(&self, viewers: u32) -> Answer<CompareAnswer> {
        let (relay, board) = (self.name()?, self.board()?);
        let cursor = self.core.borrow().as_ref().map(Core::cursor);
        calls::board::compare(&self.env, board.as_str(), &CompareAsk { relay, cursor, viewers }).await
    }

    /// Asks how many viewers there are elsewhere, before somebody is greeted with an old number.
    pub(super) async fn refresh_elsewhere(self: &Rc<Self>) {
        if self.delay().is_some() {
            return;
        }
        let now = clock::now();
        if Idle::is_stale(self.following.elsewhere_at.get(), now) {
            // Those who connect meanwhile do not wait.
            self.following.elsewhere_at.set(Some(now));
            select(pin!(self.compare()), pin!(clock::sleep(GREETING_MILLIS))).await;
        }
    }
}
