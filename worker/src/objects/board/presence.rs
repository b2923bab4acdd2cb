//! Who is there, over all relays: adapter around [`heliograph_shared::presence::Gather`]. Nothing of it is stored.

use super::Inner;
use crate::calls;
use crate::clock;
use crate::fault::Answer;
use crate::trace::InBackground;
use heliograph_shared::calls::board::PresenceAsk;
use heliograph_shared::limits;
use heliograph_shared::presence::{Call, Gather, Who};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use worker::Response;

/// What the board knows of who is there.
#[derive(Default)]
pub struct Present {
    gather: RefCell<Gather>,
    /// Whether the task runs that calls relays.
    calling: Cell<bool>,
}

impl Present {
    /// The board is erased.
    pub fn forget(&self) {
        *self.gather.borrow_mut() = Gather::default();
    }
}

impl Inner {
    /// A relay tells who is there.
    pub(super) fn take_presence(self: &Rc<Self>, body: &[u8]) -> Answer<Response> {
        let PresenceAsk { relay, report } = serde_json::from_slice(body)?;
        let who = self.presence_told()?;
        let relays = self.pusher.names().into_iter();
        let told = self.presence.gather.borrow_mut().report(clock::now(), &relay, report, who, relays);
        self.call_relays();
        Ok(Response::from_bytes(serde_json::to_vec(&told)?)?)
    }

    /// What the config lets be told.
    fn presence_told(&self) -> Answer<Option<Who>> {
        self.with(|b| Ok(b.keeper.settings().presence))
    }

    /// A relay has fetched the board's state: what was known of its viewers is of before.
    pub(super) fn relay_began(self: &Rc<Self>, relay: &str) {
        let asks = self.presence.gather.borrow_mut().registered(relay);
        if asks {
            self.call_relays();
        }
    }

    /// Calls the relays that are to be asked or told something, as long as there are any.
    pub(super) fn call_relays(self: &Rc<Self>) {
        // A board that is erased is not to be loaded for it.
        if self.presence.gather.borrow().is_empty() || self.presence.calling.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            while !own.presence.gather.borrow().is_empty() {
                let who = own.presence_told().unwrap_or_else(|fault| {
                    log_error!("presence: {fault:?}");
                    None
                });
                let (calls, next) = own.presence.gather.borrow_mut().due(clock::now(), who);
                // One that hangs keeps the others from nothing.
                for call in calls {
                    let own = own.clone();
                    own.clone().state.in_background(async move {
                        own.call_relay(&call).await;
                        own.call_relays();
                    });
                }
                let Some(at) = next else { break };
                // Others may become due meanwhile.
                clock::sleep(at.since(clock::now()).clamp(1, limits::PRESENCE_MILLIS).unsigned_abs()).await;
            }
            own.presence.calling.set(false);
        });
    }

    async fn call_relay(&self, call: &Call) {
        let asking = calls::relay::presence(&self.env, &call.relay, &call.told);
        let answer = clock::within(limits::PRESENCE_CALL_MILLIS, asking).await;
        let (now, mut gather) = (clock::now(), self.presence.gather.borrow_mut());
        match answer {
            Some(Ok(Some(report))) => gather.answered(now, &call.relay, report),
            Some(Ok(None)) => gather.gone(&call.relay),
            Some(Err(fault)) => {
                log_error!("presence at {}: {fault:?}", call.relay);
                gather.failed(now, &call.relay);
            }
            None => {
                log_error!("presence at {}: no answer in {} ms", call.relay, limits::PRESENCE_CALL_MILLIS);
                gather.failed(now, &call.relay);
            }
        }
    }
}
