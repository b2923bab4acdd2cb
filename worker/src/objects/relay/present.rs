//! Who is there, between relay and board: adapter around the core's `presence_…`.

use super::Inner;
use crate::calls;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::trace::InBackground;
use heliograph_shared::calls::board::PresenceAsk;
use heliograph_shared::presence::{Report, Told};
use std::rc::Rc;
use worker::Response;

impl Inner {
    /// The board tells who is there elsewhere; who is there.
    pub(super) async fn present(self: &Rc<Self>, body: &[u8]) -> Answer<Response> {
        // One that has nothing in memory fetches the board's state with its next viewer, and is asked then.
        if self.core.borrow().is_none() && !self.has_sockets() {
            return Ok(Response::empty()?.with_status(204));
        }
        let told: Told = serde_json::from_slice(body)?;
        self.ready().await?;
        let mut report = None;
        self.step(|core, net, out| report = Some(core.presence_called(clock::now(), told, net, out)))?;
        match report {
            Some(report) => Ok(Response::from_json(&report)?),
            None => Ok(Response::empty()?.with_status(204)),
        }
    }

    fn presence_now(&self) -> Option<Report> {
        self.core.borrow_mut().as_mut().map(|core| core.presence_report(clock::now()))
    }

    /// Tells the board who is there, in the background.
    pub(super) fn report_presence(self: &Rc<Self>) {
        let own = self.clone();
        self.state.in_background(async move {
            let told = match own.tell_presence().await {
                Ok(told) => Some(told),
                Err(fault) => {
                    log_error!("presence: {fault:?}");
                    None
                }
            };
            let done = own.step(|core, net, out| core.presence_reported(clock::now(), told, net, out));
            if let Err(fault) = done {
                log_error!("presence: {fault:?}");
            }
        });
    }

    async fn tell_presence(&self) -> Answer<Told> {
        let (relay, board) = (self.name()?, self.board()?);
        let report = self.presence_now().ok_or_else(|| Fault::Internal("the relay has nothing in memory".into()))?;
        calls::board::presence(&self.env, board.as_str(), &PresenceAsk { relay, report }).await
    }
}
