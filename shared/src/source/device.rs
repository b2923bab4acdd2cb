//! Secrets of single devices, which stand in the path of an address: for devices that can be told an address and nothing
//! else. Each is good for one key of one source.
//!
//! A secret is derived from a secret of the deployment and from what it is for, so that none is stored: what is stored is how
//! often a device's was replaced.

use crate::id::check_key;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::source::aws::key::RootId;
use crate::source::{Rotation, Source};
use crate::time::Millis;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// What every secret begins with.
const PREFIX: &str = "hgd_";
/// Bytes that prove a secret.
const PROOF_BYTES: usize = 24;

/// How often the secrets of devices were replaced; those that are not here never were.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Devices(BTreeMap<String, Replaced>);

/// How often a device's secret was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Replaced {
    generation: u32,
    /// Until when the one before is still good.
    until: Millis,
}

/// A wish for a device's secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceWish {
    /// The key that the device publishes under, and no other.
    pub key: String,
    /// Whether it is to be another secret than before.
    #[serde(default)]
    pub rotate: bool,
    /// How long the one before is still good then, in seconds; a day, when nothing is said.
    #[serde(default)]
    pub overlap_s: Option<u32>,
}

/// A secret of a device, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceSecret {
    /// Of which of the deployment's secrets it is derived.
    pub root: RootId,
    /// Of which generation it is.
    pub generation: u32,
    /// The device's key.
    pub key: String,
    proof: Vec<u8>,
}

impl Devices {
    /// Whether none was ever replaced.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// About how many bytes they take.
    pub fn bytes(&self) -> usize {
        self.0.keys().map(|key| key.len() + 64).sum()
    }

    /// The generation of a device's secret, and until when the one before is still good.
    pub fn of(&self, key: &str, now: Millis) -> (u32, Option<Millis>) {
        match self.0.get(key) {
            None => (1, None),
            Some(replaced) => (replaced.generation, Some(replaced.until).filter(|until| now < *until)),
        }
    }

    fn allows(&self, key: &str, generation: u32, now: Millis) -> bool {
        let (newest, until) = self.of(key, now);
        generation == newest || until.is_some() && generation.checked_add(1) == Some(newest)
    }
}

impl Source {
    /// The same with another secret for a device.
    pub fn rotate_device(mut self, wish: &DeviceWish, now: Millis) -> Result<Self, FieldError> {
        let overlap_s = Rotation { overlap_s: wish.overlap_s }.seconds()?;
        let (generation, _) = self.devices.of(&wish.key, now);
        let is_new = !self.devices.0.contains_key(&wish.key);
        if is_new && self.devices.0.len() >= limits::DEVICES_ROTATED {
            let message = format!(
                "the secrets of {} devices of this source were replaced already; make another source",
                limits::DEVICES_ROTATED
            );
            return Err(FieldError::new("key", Code::TooMany, message));
        }
        let until = now.plus(i64::from(overlap_s) * 1_000);
        self.devices.0.insert(wish.key.clone(), Replaced { generation: generation.saturating_add(1), until });
        self.version += 1;
        Ok(self)
    }

    /// A device's secret of its newest generation, derived from the deployment's secret of this name.
    pub fn device_secret(&self, key: &str, (name, root): (RootId, &[u8]), now: Millis) -> Option<String> {
        let (generation, _) = self.devices.of(key, now);
        let proof = self.proof(key, generation, root)?;
        let mut bytes = name.to_vec();
        bytes.extend(generation.to_be_bytes());
        bytes.extend(proof);
        bytes.extend(key.bytes());
        Some(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Whether a secret is good for its key. `root` is the deployment's secret of its name.
    pub fn allows_device(&self, secret: &DeviceSecret, root: &[u8], now: Millis) -> bool {
        let Some(proof) = self.proof(&secret.key, secret.generation, root) else { return false };
        let is_good = bool::from(proof.as_slice().ct_eq(&secret.proof));
        is_good && self.devices.allows(&secret.key, secret.generation, now)
    }

    /// When the source was made stands in it: one that is made anew under an old name has none of the old secrets.
    fn proof(&self, key: &str, generation: u32, root: &[u8]) -> Option<[u8; PROOF_BYTES]> {
        let mut bytes = [0_u8; PROOF_BYTES];
        let (made, generation) = (self.created.0.to_be_bytes(), generation.to_be_bytes());
        let name = self.name.as_str().as_bytes();
        let length = [u8::try_from(name.len()).ok()?];
        // Each part has a length that is known before it.
        let about: [&[u8]; 6] = [b"heliograph device\n", &made, &generation, &length, name, key.as_bytes()];
        Hkdf::<Sha256>::new(None, root).expand_multi_info(&about, &mut bytes).ok()?;
        Some(bytes)
    }
}

impl DeviceSecret {
    /// Reads one; nothing when it is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (root, rest) = bytes.split_first_chunk::<4>()?;
        let (generation, rest) = rest.split_first_chunk::<4>()?;
        let (proof, key) = rest.split_at_checked(PROOF_BYTES)?;
        let key = String::from_utf8(key.to_vec()).ok()?;
        check_key(&key).ok()?;
        Some(Self { root: *root, generation: u32::from_be_bytes(*generation), key, proof: proof.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BoardName;
    use proptest::prelude::*;

    const ROOT: (RootId, &[u8]) = (*b"abcd", b"0123456789abcdef0123456789abcdef");

    fn source(name: &str, created: i64) -> Source {
        let wish = serde_json::from_value(serde_json::json!({"name": name})).unwrap();
        Source::new(wish, BoardName::try_from("fleet").unwrap(), "hash".into(), Millis(created)).unwrap()
    }

    fn secret(of: &Source, key: &str) -> DeviceSecret {
        DeviceSecret::parse(&of.device_secret(key, ROOT, Millis(0)).unwrap()).unwrap()
    }

    fn wish(key: &str, overlap_s: Option<u32>) -> DeviceWish {
        DeviceWish { key: key.to_owned(), rotate: true, overlap_s }
    }

    #[test]
    fn a_secret_is_good_for_its_key_of_its_source_and_for_nothing_else() {
        let phones = source("phones", 1);
        let own = secret(&phones, "v1");
        assert!(phones.allows_device(&own, ROOT.1, Millis(0)));
        assert!(!phones.allows_device(&DeviceSecret { key: "v2".into(), ..own.clone() }, ROOT.1, Millis(0)));
        assert!(!phones.allows_device(&own, b"another secret of the deployment", Millis(0)));
        for other in [source("phone", 1), source("phones", 2)] {
            assert!(!other.allows_device(&own, ROOT.1, Millis(0)), "{}", other.name);
        }
        for (a, b) in [(("ab", "c"), ("a", "bc")), (("a", "1"), ("a1", ""))] {
            let of = |(name, key): (&str, &str)| source(name, 1).device_secret(key, ROOT, Millis(0)).unwrap();
            assert_ne!(of(a), of(b));
        }
    }

    #[test]
    fn one_device_gets_another_secret_and_the_one_before_is_good_for_the_overlap() {
        let before = source("phones", 1);
        let (first, others) = (secret(&before, "v1"), secret(&before, "v2"));
        let after = before.rotate_device(&wish("v1", Some(10)), Millis(1_000)).unwrap();
        let second = secret(&after, "v1");
        assert_eq!((second.generation, after.version), (2, 2));
        assert!(
            after.allows_device(&second, ROOT.1, Millis(1_000)) && after.allows_device(&others, ROOT.1, Millis(1_000))
        );
        assert!(after.allows_device(&first, ROOT.1, Millis(10_999)));
        assert!(!after.allows_device(&first, ROOT.1, Millis(11_000)));
        let again = after.rotate_device(&wish("v1", Some(0)), Millis(2_000)).unwrap();
        assert!(!again.allows_device(&second, ROOT.1, Millis(2_000)));
        assert_eq!(again.devices.of("v1", Millis(2_000)), (3, None));
        let text = serde_json::to_string(&again.devices).unwrap();
        assert_eq!(serde_json::from_str::<Devices>(&text).unwrap(), again.devices);
        assert_eq!(again.rotate_device(&wish("v1", Some(u32::MAX)), Millis(0)).unwrap_err().field, "overlap_s");
    }

    #[test]
    fn so_many_devices_can_have_another_secret_and_no_more() {
        let mut phones = source("phones", 1);
        for i in 0..limits::DEVICES_ROTATED {
            phones = phones.rotate_device(&wish(&format!("v{i}"), None), Millis(0)).unwrap();
        }
        assert_eq!(phones.clone().rotate_device(&wish("more", None), Millis(0)).unwrap_err().field, "key");
        assert!(phones.rotate_device(&wish("v7", None), Millis(0)).is_ok());
    }

    proptest! {
        #[test]
        fn whatever_stands_in_an_address_is_read_or_refused(text in "(hgd_)?[A-Za-z0-9_%/=-]{0,300}") {
            if let Some(secret) = DeviceSecret::parse(&text) {
                prop_assert!(!source("phones", 1).allows_device(&secret, ROOT.1, Millis(0)));
            }
        }

        #[test]
        fn every_key_has_an_address_of_letters_that_need_no_encoding(key in "\\PC{1,40}") {
            prop_assume!(check_key(&key).is_ok());
            let text = source("phones", 1).device_secret(&key, ROOT, Millis(0)).unwrap();
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
            prop_assert_eq!(DeviceSecret::parse(&text).unwrap().key, key);
        }
    }
}
