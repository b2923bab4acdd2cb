//! Tells webhooks what happens to alarms: adapter around [`heliograph_shared::webhooks`].
//!
//! Each webhook is told by a task of its own, one message after another, so that none waits for another. What is to be told
//! follows from the log, which numbers it the same after a restart: a message that comes again has the same id.

use super::{Inner, Loaded};
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::{self, random_u32, secret};
use crate::outbound::{self, Reply};
use crate::store::webhooks::StoredWebhook;
use crate::trace::InBackground;
use heliograph_shared::alarms::AlarmEvent;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::problem::excerpt;
use heliograph_shared::source::poll::{Address, Credential};
use heliograph_shared::time::Millis;
use heliograph_shared::webhooks::{
    Action, FailedMessage, Keys, Message, Outcome, Webhook, WebhookId, WebhookWish, content, headers, message_id,
};
use js_sys::Uint8Array;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use worker::Env;

/// Before a webhook is told again that could not be told at all.
const PAUSE_MILLIS: i64 = 1_000;

/// Webhooks that are being told.
pub(super) type Telling = RefCell<BTreeSet<WebhookId>>;

/// The board's webhooks, in memory.
pub(super) type Webhooks = BTreeMap<WebhookId, StoredWebhook>;

/// A message on its way.
struct Sending {
    address: Address,
    headers: Vec<(String, String)>,
    body: String,
}

impl Loaded {
    /// The webhooks, read when they are first needed.
    pub(super) fn webhooks(&mut self) -> Answer<&mut Webhooks> {
        if self.webhooks.is_none() {
            let stored = self.store.webhooks()?;
            self.webhooks = Some(stored.into_iter().map(|webhook| (webhook.id.clone(), webhook)).collect());
        }
        self.webhooks.as_mut().ok_or_else(|| Fault::Internal("no webhooks".into()))
    }

    /// Whether nothing ever happened to an alarm: then nobody is told of anything.
    pub(super) fn is_quiet(&self) -> bool {
        self.watch.alarms.log().last() == 0
    }

    /// When each webhook is told next, if it is.
    fn tellings(&mut self) -> Answer<Vec<(WebhookId, Millis)>> {
        if self.is_quiet() {
            return Ok(Vec::new());
        }
        self.webhooks()?;
        let alarms = &self.watch.alarms;
        let due = |webhook: &StoredWebhook| {
            let again = (webhook.again > 0).then_some(Millis(0));
            Some((webhook.id.clone(), webhook.delivery.due(alarms).into_iter().chain(again).min()?))
        };
        Ok(self.webhooks.iter().flat_map(BTreeMap::values).filter_map(due).collect())
    }

    /// The next message to a webhook, and whether it was given up before.
    fn next_message(&mut self, id: &WebhookId, now: Millis) -> Answer<Option<(Webhook, AlarmEvent, bool)>> {
        self.webhooks()?;
        let (alarms, store) = (&self.watch.alarms, &self.store);
        let Some(hook) = self.webhooks.as_mut().and_then(|all| all.get_mut(id)) else { return Ok(None) };
        if hook.again > 0 {
            if let Some(failed) = store.next_again(id)? {
                return Ok(Some((hook.webhook.clone(), failed.event, true)));
            }
            hook.again = 0;
        }
        match hook.delivery.next(&hook.webhook, alarms, now) {
            Action::Idle | Action::Wait(_) => Ok(None),
            Action::Send(event) => Ok(Some((hook.webhook.clone(), *event, false))),
        }
    }

    /// A message was sent. Of one that was given up it is written whether it was taken now; all or nothing.
    fn message_sent(&mut self, id: &WebhookId, (event, again): (AlarmEvent, bool), outcome: &Outcome) -> Answer<()> {
        self.webhooks()?;
        let (now, chance) = (clock::now(), random_u32()?);
        let store = &self.store;
        // Somebody may have deleted it meanwhile.
        let Some(hook) = self.webhooks.as_mut().and_then(|all| all.get_mut(id)) else { return Ok(()) };
        let failed = |event| match outcome {
            Outcome::Taken => None,
            Outcome::Failed(_, why, _) => Some(FailedMessage { event, at: now, why: why.clone(), again: false }),
        };
        let (number, mut delivery) = (event.id, hook.delivery.clone());
        let kept = if again {
            match outcome {
                Outcome::Taken => {
                    delivery.taken += 1;
                    delivery.taken_at = Some(now);
                    delivery.given_up = delivery.given_up.saturating_sub(1);
                }
                Outcome::Failed(_, why, _) => delivery.failure = Some((now, why.clone())),
            }
            failed(event)
        } else if delivery.sent(number, outcome, now, chance) {
            failed(event)
        } else {
            None
        };
        store.whole().of(|| {
            match &kept {
                Some(message) => store.keep_failed(id, message)?,
                None if again => store.drop_failed(id, number)?,
                None => {}
            }
            store.put_delivery(id, &delivery)
        })?;
        hook.delivery = delivery;
        if again {
            hook.again = hook.again.saturating_sub(1);
        }
        Ok(())
    }
}

impl Inner {
    /// Tells webhooks what is due, in the background.
    pub(super) fn tell_webhooks(self: &Rc<Self>) {
        let now = clock::now();
        let due = self.with(Loaded::tellings).unwrap_or_else(|fault| {
            log_error!("webhooks: {fault:?}");
            Vec::new()
        });
        for (id, _) in due.into_iter().filter(|(_, at)| *at <= now) {
            if !self.telling.borrow_mut().insert(id.clone()) {
                continue;
            }
            let own = self.clone();
            self.state.in_background(async move {
                while let Ok(Some((webhook, event, again))) = own.with(|b| b.next_message(&id, clock::now())) {
                    let outcome = own.send(&id, &webhook, &event).await;
                    if let Err(fault) = own.with(|b| b.message_sent(&id, (event, again), &outcome)) {
                        log_error!("webhook {id}: {fault:?}");
                        break;
                    }
                }
                own.telling.borrow_mut().remove(&id);
                own.set_alarm();
            });
        }
    }

    /// When webhooks are told next. One that is being told looks after itself; should it not, it is looked at again.
    pub(super) fn next_telling(&self, b: &mut Loaded, now: Millis) -> Answer<Option<Millis>> {
        let guard = now.plus(2 * i64::from(limits::WEBHOOK_MILLIS));
        let telling = self.telling.borrow();
        let tellings = b.tellings()?.into_iter();
        // What is due is being told already, or it failed here: not again at once.
        let soon = now.plus(PAUSE_MILLIS);
        Ok(tellings.map(|(id, at)| if telling.contains(&id) { guard } else { at.max(soon) }).min())
    }

    /// Sends a message.
    pub(super) async fn send(&self, id: &WebhookId, webhook: &Webhook, event: &AlarmEvent) -> Outcome {
        let sending = match self.sending(id, webhook, event) {
            Ok(sending) => sending,
            Err(why) => return Outcome::Failed(None, why, None),
        };
        let headers: Vec<(&str, String)> =
            sending.headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let (url, body) = (sending.address.as_str(), Uint8Array::from(sending.body.as_bytes()));
        match outbound::send("POST", url, &headers, &body, limits::WEBHOOK_MILLIS).await {
            Ok(Reply { status: 200..=299, .. }) => Outcome::Taken,
            Ok(Reply { status, reason, retry_after }) => {
                let reason = excerpt(reason.trim()).into_owned();
                let why = if reason.is_empty() {
                    format!("answered {status}")
                } else {
                    format!("answered {status}: {reason}")
                };
                Outcome::Failed(Some(status), why, retry_after.and_then(|s| s.trim().parse().ok()))
            }
            Err(why) => Outcome::Failed(None, why, None),
        }
    }

    /// A message as it is sent now. The error is for people.
    fn sending(&self, id: &WebhookId, webhook: &Webhook, event: &AlarmEvent) -> Result<Sending, String> {
        let now = clock::now();
        let board = self.name().map_err(|fault| format!("{fault:?}"))?;
        let epoch = self.with(|b| Ok(b.core.cursor().epoch)).map_err(|fault| format!("{fault:?}"))?;
        let address = webhook.address().ok_or("has no address")?;
        outbound::check_address(&self.env, &address).map_err(|why| format!("its address {why}"))?;
        let credential = credential(&self.env, &webhook.wish, &board, &address)?;
        let ring = keys::keys(&self.env).map_err(|fault| format!("{fault:?}"))?;
        let signing = Keys::of(webhook, (&board, id), |name| ring.root(name), now);
        let signing = signing.ok_or("the deployment no longer has the key that its secret was made with: rotate it")?;
        let body = content(&webhook.wish, Message { board: &board, event });
        let message = if event.id == 0 {
            // Somebody tries it: each time it is another message.
            format!("{board}-test-{}", now.0)
        } else {
            message_id(&board, epoch, event.id)
        };
        let own = headers(&signing, &message, &body, now).into_iter().map(|(name, value)| (name.to_owned(), value));
        let more = credential.as_ref().and_then(|c| c.header(&address));
        let headers = own.chain(more.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect();
        let address = credential.as_ref().map_or_else(|| address.clone(), |c| c.addressed(&address));
        Ok(Sending { address, headers, body })
    }
}

/// The credential that the operator declared, if the webhook names one.
pub(super) fn credential(
    env: &Env,
    wish: &WebhookWish,
    board: &BoardName,
    address: &Address,
) -> Result<Option<Credential>, String> {
    let Some(name) = &wish.credential else { return Ok(None) };
    let declared = secret(env, &name.secret());
    Credential::resolve(name, declared.as_deref(), board, address).map(Some).map_err(|why| why.to_string())
}
