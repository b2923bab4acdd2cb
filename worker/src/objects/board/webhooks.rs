//! Tells webhooks what happens to alarms: adapter around [`heliograph_shared::webhooks`].
//!
//! Each webhook is told by a task of its own, one message after another, so that none waits for another. What is to be told
//! follows from the log, which numbers it the same after a restart: a message that comes again has the same id.

use super::{Inner, Loaded};
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::{self, random_hex, random_u32, secret};
use crate::outbound::{self, Reply};
use crate::reply;
use crate::store::webhooks::StoredWebhook;
use heliograph_shared::alarms::AlarmEvent;
use heliograph_shared::audit::{Act, By, Kind, Noted};
use heliograph_shared::calls::board::WebhookAsk;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::meters::Alarming;
use heliograph_shared::problem::{Code, FieldError, Problem, excerpt};
use heliograph_shared::source::poll::{Address, Credential};
use heliograph_shared::time::Millis;
use heliograph_shared::webhooks::{
    Action, Delivery, FailedMessage, FailedMessages, Keys, MadeWebhook, Message, Outcome, Redelivered, ShownWebhook,
    Tested, Webhook, WebhookId, WebhookList, WebhookWish, content, headers, message_id, test_message,
};
use js_sys::Uint8Array;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use worker::{Env, Response, console_error};

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

fn unknown(id: &str) -> Fault {
    Problem::new(Code::NotFound, format!("the board has no webhook {id:?}")).into()
}

fn wanted(id: &str) -> Answer<WebhookId> {
    WebhookId::parse(id).map_err(|_| unknown(id))
}

impl Loaded {
    /// The webhooks, read when they are first needed.
    fn webhooks(&mut self) -> Answer<&mut Webhooks> {
        if self.webhooks.is_none() {
            let stored = self.store.webhooks()?;
            self.webhooks = Some(stored.into_iter().map(|webhook| (webhook.id.clone(), webhook)).collect());
        }
        self.webhooks.as_mut().ok_or_else(|| Fault::Internal("no webhooks".into()))
    }

    /// Whether nothing ever happened to an alarm: then nobody is told of anything.
    fn is_quiet(&self) -> bool {
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

    /// How alarms and webhooks stand, where there ever was an alarm.
    pub(super) fn alarming(&mut self) -> Answer<Option<Alarming>> {
        if self.is_quiet() {
            return Ok(None);
        }
        let (standing, not_raised) = self.watch.alarms.counts();
        let mut all = Alarming { standing: standing as u64, not_raised, ..Alarming::default() };
        for StoredWebhook { delivery, .. } in self.webhooks()?.values() {
            all.failing += u64::from(delivery.tries > 0 || delivery.gone);
            all.taken += delivery.taken;
            all.given_up += delivery.given_up;
            all.missed += delivery.missed;
        }
        Ok(Some(all))
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

    fn shown_webhook(&mut self, id: &WebhookId) -> Answer<ShownWebhook> {
        let last = self.watch.alarms.log().last();
        let hook = self.webhooks()?.get(id).ok_or_else(|| unknown(id.as_str()))?;
        Ok(ShownWebhook::of(id, &hook.webhook, &hook.delivery, last))
    }

    /// Writes a webhook with what was done to it, all or nothing.
    fn store_webhook(&mut self, by: By, act: Act, id: &WebhookId, webhook: Webhook, delivery: Delivery) -> Answer<()> {
        let store = &self.store;
        store.whole().of(|| {
            store.note(&Noted { by, act, boards: Vec::new() }, clock::now())?;
            store.put_webhook(id, &webhook, &delivery)
        })?;
        let all = self.webhooks()?;
        let again = all.get(id).map_or(0, |hook| hook.again);
        all.insert(id.clone(), StoredWebhook { id: id.clone(), webhook, delivery, again });
        Ok(())
    }
}

impl Inner {
    /// Tells webhooks what is due, in the background.
    pub(super) fn tell_webhooks(self: &Rc<Self>) {
        let now = clock::now();
        let due = self.with(Loaded::tellings).unwrap_or_else(|fault| {
            console_error!("webhooks: {fault:?}");
            Vec::new()
        });
        for (id, _) in due.into_iter().filter(|(_, at)| *at <= now) {
            if !self.telling.borrow_mut().insert(id.clone()) {
                continue;
            }
            let own = self.clone();
            self.state.wait_until(async move {
                while let Ok(Some((webhook, event, again))) = own.with(|b| b.next_message(&id, clock::now())) {
                    let outcome = own.send(&id, &webhook, &event).await;
                    if let Err(fault) = own.with(|b| b.message_sent(&id, (event, again), &outcome)) {
                        console_error!("webhook {id}: {fault:?}");
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
    async fn send(&self, id: &WebhookId, webhook: &Webhook, event: &AlarmEvent) -> Outcome {
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

    /// `…/webhooks`.
    pub(super) fn webhooks(&self) -> Answer<Response> {
        self.with(|b| {
            let ids: Vec<WebhookId> = b.webhooks()?.keys().cloned().collect();
            let webhooks = ids.iter().map(|id| b.shown_webhook(id)).collect::<Answer<_>>()?;
            Ok(reply::object(200, &WebhookList { webhooks })?)
        })
    }

    /// A webhook.
    pub(super) fn webhook(&self, id: &str) -> Answer<Response> {
        let wanted = wanted(id)?;
        self.with(|b| Ok(reply::object(200, &b.shown_webhook(&wanted)?)?))
    }

    /// Makes a webhook, or changes one.
    pub(super) fn put_webhook(self: &Rc<Self>, by: By, body: &[u8]) -> Answer<Response> {
        let WebhookAsk { id, mut wish } = serde_json::from_slice(body)?;
        let (board, now, ring) = (self.name()?, clock::now(), keys::keys(&self.env)?);
        let response = self.with(|b| {
            b.has_room(body.len())?;
            let count = b.webhooks()?.len();
            let before = b.webhooks()?.get(&id).map(|hook| (hook.webhook.clone(), hook.delivery.clone()));
            let url = wish.url.take().or_else(|| before.as_ref().and_then(|(webhook, _)| webhook.wish.url.clone()));
            wish.url = url;
            self.check(&board, &wish)?;
            if before.is_none() && count >= limits::WEBHOOKS {
                let message =
                    format!("a board has at most {} webhooks; delete one that is not needed", limits::WEBHOOKS);
                return Err(Problem::about(422, FieldError::new("id", Code::TooMany, message)).into());
            }
            let is_new = before.is_none();
            let (webhook, delivery) = match before {
                Some((webhook, delivery)) => {
                    // What was not taken may be taken as it is now.
                    let delivery = Delivery { tries: 0, since: None, next: None, gone: false, ..delivery };
                    (Webhook { wish, changed_at: now, ..webhook }, delivery)
                }
                None => {
                    let (salt, root) = (random_hex::<16>()?, ring.newest_root());
                    let webhook = Webhook { wish, salt, root, generation: 1, before: None, changed_at: now };
                    (webhook, Delivery::begin(&b.watch.alarms))
                }
            };
            let secret = is_new.then(|| Keys::of(&webhook, (&board, &id), |name| ring.root(name), now)).flatten();
            let action = if is_new { "webhook_made" } else { "webhook_changed" };
            b.store_webhook(by, Act::new(Kind::Alarms, action).on(id.as_str()), &id, webhook, delivery)?;
            let made = MadeWebhook { webhook: b.shown_webhook(&id)?, secret: secret.map(|keys| keys.text()) };
            Ok(reply::object(if is_new { 201 } else { 200 }, &made)?)
        })?;
        self.tell_webhooks();
        Ok(response)
    }

    /// Whether messages may go there.
    fn check(&self, board: &BoardName, wish: &WebhookWish) -> Answer<()> {
        let refused = |field: &str, code, message: String| {
            Fault::from(Problem::about(422, FieldError::new(field, code, format!("{field} {message}"))))
        };
        let Some(url) = &wish.url else {
            let message = "is required: where messages go, such as https://ops.example/alarms";
            return Err(refused("url", Code::Missing, message.to_owned()));
        };
        let address = Address::parse(url).map_err(|why| refused("url", Code::Invalid, why.to_string()))?;
        outbound::check_address(&self.env, &address)
            .map_err(|why| refused("url", Code::NotAllowed, why.to_string()))?;
        credential(&self.env, wish, board, &address).map_err(|why| refused("credential", Code::NotAllowed, why))?;
        Ok(())
    }

    /// Deletes a webhook.
    pub(super) fn drop_webhook(&self, by: By, id: &str) -> Answer<Response> {
        let wanted = wanted(id)?;
        self.with(|b| {
            if b.webhooks()?.remove(&wanted).is_none() {
                return Err(unknown(id));
            }
            let (store, act) = (&b.store, Act::new(Kind::Alarms, "webhook_deleted").on(id));
            store.whole().of(|| {
                store.note(&Noted { by, act, boards: Vec::new() }, clock::now())?;
                store.drop_webhook(&wanted)
            })?;
            Ok(reply::empty(204)?)
        })
    }

    /// Gives a webhook another secret; messages are signed with the one before as well for a day.
    pub(super) fn rotate_webhook(&self, by: By, id: &str) -> Answer<Response> {
        let wanted = wanted(id)?;
        let (board, now, ring) = (self.name()?, clock::now(), keys::keys(&self.env)?);
        self.with(|b| {
            let hook = b.webhooks()?.get(&wanted).ok_or_else(|| unknown(id))?;
            let (mut webhook, delivery) = (hook.webhook.clone(), hook.delivery.clone());
            webhook.before = Some((webhook.root, now.plus(limits::WEBHOOK_OVERLAP_SECONDS * 1_000)));
            (webhook.root, webhook.generation) = (ring.newest_root(), webhook.generation + 1);
            let secret = Keys::of(&webhook, (&board, &wanted), |name| ring.root(name), now).map(|keys| keys.text());
            let act = Act::new(Kind::Alarms, "webhook_rotated").on(id);
            b.store_webhook(by, act, &wanted, webhook, delivery)?;
            Ok(reply::object(200, &MadeWebhook { webhook: b.shown_webhook(&wanted)?, secret })?)
        })
    }

    /// Sends a message that says nothing, and says what came of it.
    pub(super) async fn test_webhook(&self, id: &str) -> Answer<Response> {
        let wanted = wanted(id)?;
        let webhook =
            self.with(|b| b.webhooks()?.get(&wanted).map(|hook| hook.webhook.clone()).ok_or_else(|| unknown(id)))?;
        let tested = match self.send(&wanted, &webhook, &test_message(clock::now())).await {
            Outcome::Taken => Tested { taken: true, status: None, why: None },
            Outcome::Failed(status, why, _) => Tested { taken: false, status, why: Some(why) },
        };
        Ok(reply::object(200, &tested)?)
    }

    /// Messages that were given up.
    pub(super) fn failed_messages(&self, id: &str) -> Answer<Response> {
        let wanted = wanted(id)?;
        self.with(|b| {
            b.webhooks()?.get(&wanted).ok_or_else(|| unknown(id))?;
            Ok(reply::object(200, &FailedMessages { failed: b.store.failed(&wanted)? })?)
        })
    }

    /// Sends them again.
    pub(super) fn redeliver_messages(self: &Rc<Self>, by: By, id: &str) -> Answer<Response> {
        let wanted = wanted(id)?;
        let response = self.with(|b| {
            b.webhooks()?.get(&wanted).ok_or_else(|| unknown(id))?;
            let store = &b.store;
            let again = store.whole().of(|| {
                let again = store.again(&wanted)?;
                let act = Act::new(Kind::Alarms, "messages_sent_again").on(id).to(again.to_string());
                store.note(&Noted { by, act, boards: Vec::new() }, clock::now())?;
                Ok(again)
            })?;
            if let Some(hook) = b.webhooks()?.get_mut(&wanted) {
                hook.again = again;
            }
            Ok(reply::object(200, &Redelivered { again })?)
        })?;
        self.tell_webhooks();
        Ok(response)
    }
}

/// The credential that the operator declared, if the webhook names one.
fn credential(
    env: &Env,
    wish: &WebhookWish,
    board: &BoardName,
    address: &Address,
) -> Result<Option<Credential>, String> {
    let Some(name) = &wish.credential else { return Ok(None) };
    let declared = secret(env, &name.secret());
    Credential::resolve(name, declared.as_deref(), board, address).map(Some).map_err(|why| why.to_string())
}
