//! The board's webhooks as managers make, change and look at them; `telling.rs` tells them.

use super::telling::credential;
use super::{Inner, Loaded};
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::{self, random_hex};
use crate::outbound;
use crate::reply;
use crate::store::webhooks::StoredWebhook;
use heliograph_shared::audit::{Act, By, Kind, Noted};
use heliograph_shared::calls::board::WebhookAsk;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::meters::Alarming;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::source::poll::Address;
use heliograph_shared::webhooks::{
    Delivery, FailedMessages, Keys, MadeWebhook, Outcome, Redelivered, ShownWebhook, Tested, Webhook, WebhookId,
    WebhookList, WebhookWish, test_message,
};
use std::rc::Rc;
use worker::Response;

fn unknown(id: &str) -> Fault {
    Problem::new(Code::NotFound, format!("the board has no webhook {id:?}")).into()
}

fn wanted(id: &str) -> Answer<WebhookId> {
    WebhookId::parse(id).map_err(|_| unknown(id))
}

impl Loaded {
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
