//! Carries a run's points to the board, piece by piece.

use heliograph_shared::problem::Code;
use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::reporter::{Card, Outcome, Reporter};
use crate::browser::clock;
use crate::browser::storage;
use crate::client::http::Failure;
use crate::client::sessions::{self, IngestAnswer};
use crate::demos::live::Ticket;

/// How the stream is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamState {
    /// Points of this run that are on the board.
    pub confirmed: u32,
    /// All of them.
    pub settled: bool,
    /// Why points do not count any more.
    pub refused: Option<String>,
}

/// One run's stream: a handle, cheap to clone.
#[derive(Clone)]
pub struct Stream {
    ticket: Ticket,
    reporter: Rc<RefCell<Reporter>>,
    state: RwSignal<StreamState>,
}

impl Stream {
    /// For a new run of a player.
    pub fn new(ticket: Ticket, state: RwSignal<StreamState>) -> Self {
        state.set(StreamState { settled: true, ..StreamState::default() });
        Self { ticket, reporter: Rc::new(RefCell::new(Reporter::new(storage::nonce()))), state }
    }

    /// Points were won, or a life was lost.
    pub fn report(&self, points: u32) {
        let mut reporter = self.reporter.borrow_mut();
        if points > 0 { reporter.gain(points) } else { reporter.touch() }
    }

    /// Sends the next piece, if it is time for one. To be called often.
    pub fn pump(&self, lives: u8, run: u32) {
        if self.state.with_untracked(|state| state.refused.is_some()) {
            return;
        }
        let player = self.ticket.player();
        let card = Card { key: player.joined.key, name: player.name, lives, run };
        let event = self.reporter.borrow_mut().poll(clock::steady(), &card);
        let Some(event) = event else { return self.tell(None) };
        let this = self.clone();
        spawn_local(async move {
            let (outcome, why) = outcome(this.ticket.publish(&event).await);
            this.reporter.borrow_mut().done(clock::steady(), &outcome);
            this.tell(why);
        });
    }

    /// Whether everything is on the board, or never will be.
    pub fn is_settled(&self) -> bool {
        self.reporter.borrow().is_settled() || self.state.with_untracked(|state| state.refused.is_some())
    }

    fn tell(&self, refused: Option<String>) {
        let (confirmed, settled) = {
            let reporter = self.reporter.borrow();
            (reporter.confirmed(), reporter.is_settled())
        };
        let Some(old) = self.state.try_get_untracked() else { return };
        let fresh = StreamState { confirmed, settled, refused: refused.or_else(|| old.refused.clone()) };
        if fresh != old {
            self.state.set(fresh);
        }
    }
}

fn outcome(result: Result<IngestAnswer, Failure>) -> (Outcome, Option<String>) {
    match result {
        Ok(published) => match published.refusals().next() {
            None => (Outcome::Accepted, None),
            Some(refusal) => match sessions::code(refusal) {
                Some(Code::TooFast) => (Outcome::TooFast, None),
                Some(Code::SessionClosed) => (Outcome::Refused, Some(text!(demos.arena.was_closed).to_owned())),
                _ => (Outcome::Refused, Some(sessions::reason(refusal))),
            },
        },
        Err(failure) if failure.is_passing() => (Outcome::Unknown, None),
        Err(failure) => (Outcome::Refused, Some(failure.message)),
    }
}
