//! What messages are signed with, and how: Standard Webhooks, version 1.
//!
//! A webhook's secret is derived from a secret of the deployment and what is random of the webhook, so that none is stored.

use super::{Webhook, WebhookId};
use crate::id::BoardName;
use crate::source::aws::key::RootId;
use crate::time::Millis;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Bytes of a secret: Standard Webhooks asks for 24 to 64.
const SECRET_BYTES: usize = 32;

/// The secrets of a webhook that are good now: the newest first.
pub struct Keys(Vec<[u8; SECRET_BYTES]>);

impl Keys {
    /// Those of a webhook. `root` has the deployment's secrets by their names. None where the deployment no longer has the one
    /// that the newest was derived from: it is to be rotated.
    pub fn of<'r>(
        webhook: &Webhook,
        (board, id): (&BoardName, &WebhookId),
        root: impl Fn(RootId) -> Option<&'r [u8]>,
        now: Millis,
    ) -> Option<Self> {
        let derive = |name: RootId, generation: u32| {
            let mut bytes = [0_u8; SECRET_BYTES];
            let generation = generation.to_be_bytes();
            // Of all that varies in length, none can be taken for a part of another: no name has a line's end.
            let about: [&[u8]; 7] = [
                b"heliograph webhook\n",
                &generation,
                webhook.salt.as_bytes(),
                b"\n",
                board.as_str().as_bytes(),
                b"\n",
                id.as_str().as_bytes(),
            ];
            Hkdf::<Sha256>::new(None, root(name)?).expand_multi_info(&about, &mut bytes).ok()?;
            Some(bytes)
        };
        let mut keys = vec![derive(webhook.root, webhook.generation)?];
        let before = webhook.before.filter(|(_, until)| now < *until);
        keys.extend(before.and_then(|(name, _)| derive(name, webhook.generation.checked_sub(1)?)));
        Some(Self(keys))
    }

    /// The newest, as whoever checks signatures is given it.
    pub fn text(&self) -> String {
        self.0.first().map(|key| format!("whsec_{}", STANDARD.encode(key))).unwrap_or_default()
    }

    /// The signatures of a message, with a blank between them.
    fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let one = |key: &[u8; SECRET_BYTES]| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
            mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
            Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        };
        self.0.iter().filter_map(one).collect::<Vec<_>>().join(" ")
    }
}

/// The headers of a message that is sent now.
pub fn headers(keys: &Keys, id: &str, body: &str, now: Millis) -> Vec<(&'static str, String)> {
    let timestamp = now.0.div_euclid(1_000);
    vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "Heliograph".to_owned()),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", keys.sign(id, timestamp, body)),
    ]
}
