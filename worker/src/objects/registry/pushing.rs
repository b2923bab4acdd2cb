//! Pushes what is measured to the operator's receiver: adapter around [`heliograph_shared::metrics::otlp`].
//!
//! The registry's alarm does it each minute. What can't be pushed is said anew by the next push, as counts are since their
//! beginning. The operator has set the address, so it may be one of a private network.

use super::Inner;
use super::waking::EARLY_MILLIS;
use crate::clock;
use crate::fault::Fault;
use crate::keys::secret;
use crate::outbound;
use crate::trace::InBackground;
use heliograph_shared::limits;
use heliograph_shared::meters::edge::Pushed;
use heliograph_shared::metrics::{Deployment, otlp};
use heliograph_shared::problem::excerpt;
use heliograph_shared::time::Millis;
use js_sys::Uint8Array;
use otlp::Receiver;
use std::cell::Cell;
use std::rc::Rc;
use worker::Env;

/// Where to: the address of a receiver of OTLP over HTTP.
const ENDPOINT: &str = "HELIOGRAPH_OTLP_ENDPOINT";
/// With which headers, since one of them mostly is a credential.
const HEADERS: &str = "HELIOGRAPH_OTLP_HEADERS";

/// How pushing goes, since this memory began.
#[derive(Default)]
pub(super) struct Pushing {
    /// When the next is due; none before the first call.
    at: Cell<Option<Millis>>,
    /// Whether one goes on.
    is_on: Cell<bool>,
    pushed: Cell<Pushed>,
}

/// Where the operator has measurements pushed; none where not, or wrongly.
fn receiver(env: &Env) -> Option<Receiver> {
    let endpoint = secret(env, ENDPOINT).filter(|endpoint| !endpoint.is_empty())?;
    let headers = secret(env, HEADERS).unwrap_or_default();
    Receiver::parse(&endpoint, &headers).inspect_err(|why| log_error!("nothing is pushed: {why}")).ok()
}

impl Inner {
    /// How pushing goes, where the operator has measurements pushed.
    pub(super) fn pushed(&self) -> Option<Pushed> {
        self.pushing.at.get().map(|_| self.pushing.pushed.get())
    }

    /// How long it is until the next push.
    pub(super) fn until_push(&self) -> Option<i64> {
        self.pushing.at.get().map(|at| at.since(clock::now()).max(1))
    }

    /// Somebody has called: from now on the alarm pushes, if it is to.
    pub(super) fn begin_pushing(self: &Rc<Self>) {
        let is_set = secret(&self.env, ENDPOINT).is_some_and(|endpoint| !endpoint.is_empty());
        if !is_set || self.pushing.at.get().is_some() {
            return;
        }
        self.pushing.at.set(Some(clock::now().plus(limits::OTLP_FIRST_MILLIS)));
        let own = self.clone();
        self.state.in_background(async move {
            if let Err(fault) = own.wake().await {
                log_error!("pushing measurements: {fault:?}");
            }
        });
    }

    /// The alarm: where to a push is due. From here on the next one is.
    pub(super) fn due_push(&self) -> Option<Receiver> {
        let receiver = receiver(&self.env);
        if receiver.is_none() {
            self.pushing.at.set(None);
        }
        let now = clock::now();
        // After its memory began anew nothing is known: then it is due.
        let is_due = self.pushing.at.get().is_none_or(|at| at <= now.plus(EARLY_MILLIS));
        let receiver = receiver.filter(|_| is_due)?;
        self.pushing.at.set(Some(now.plus(limits::OTLP_EVERY_MILLIS)));
        Some(receiver)
    }

    /// Pushes, in the background.
    pub(super) fn begin_push(self: &Rc<Self>, receiver: Receiver) {
        if self.pushing.is_on.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            let Pushed { taken, failed } = own.pushing.pushed.get();
            let done = own.push(&receiver).await;
            let counts = match done {
                Ok(requests) => Pushed { taken: taken + requests, failed },
                Err((requests, why)) => {
                    log_error!("measurements are not pushed to {}: {why}", receiver.address.shown());
                    Pushed { taken: taken + requests, failed: failed + 1 }
                }
            };
            own.pushing.pushed.set(counts);
            own.pushing.is_on.set(false);
        });
    }

    /// Pushes all, request by request; how many there were. The first that fails ends it: how many were taken, and why.
    async fn push(&self, receiver: &Receiver) -> Result<u64, (u64, String)> {
        let untold = |fault: Fault| (0, format!("{fault:?}"));
        let collected = self.store().and_then(|store| self.collected(&store)).map_err(untold)?;
        let deployment = Deployment { version: env!("CARGO_PKG_VERSION").to_owned(), collected };
        let mut taken = 0;
        let headers: Vec<(&str, String)> = [("content-type", "application/json".to_owned())]
            .into_iter()
            .chain(receiver.headers.iter().map(|(name, value)| (name.as_str(), value.clone())))
            .collect();
        for body in otlp::bodies(deployment, self.since, clock::now()) {
            let body = Uint8Array::from(body.as_bytes());
            let sent =
                outbound::send("POST", receiver.address.as_str(), &headers, &body, limits::OTLP_ANSWER_MILLIS).await;
            let reply = sent.map_err(|why| (taken, why))?;
            if !(200..300).contains(&reply.status) {
                return Err((taken, format!("answered {}: {}", reply.status, excerpt(&reply.reason))));
            }
            taken += 1;
        }
        Ok(taken)
    }
}
