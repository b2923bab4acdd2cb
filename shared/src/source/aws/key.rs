//! Keys of a source for AWS SDKs: an id that leads to the source, and a secret that is made anew whenever it is needed.
//!
//! The secret is derived from a secret of the deployment and from the hash of the source's own secret, which is random and
//! another in each generation: a source that is made anew under an old name has none of the old keys.

use crate::source::{Secret, Source, SourceName};
use crate::time::Millis;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::Sha256;

/// What every id begins with.
const PREFIX: &str = "HGAK";
/// Bytes of a secret before they are text: as long as those of AWS.
const SECRET_BYTES: usize = 30;

/// Names a secret of the deployment that others are derived from.
pub type RootId = [u8; 4];

/// What an access key id says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// Of which of the deployment's secrets its own is derived.
    pub root: RootId,
    /// Of which generation it is.
    pub generation: u32,
    /// Whose it is.
    pub source: SourceName,
}

impl AccessKey {
    /// As text.
    pub fn id(&self) -> String {
        let mut bytes = self.root.to_vec();
        bytes.extend(self.generation.to_be_bytes());
        bytes.extend(self.source.as_str().bytes());
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads one; nothing when it is none of ours.
    pub fn parse(id: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(id.strip_prefix(PREFIX)?).ok()?;
        let (root, rest) = bytes.split_first_chunk::<4>()?;
        let (generation, name) = rest.split_first_chunk::<4>()?;
        let source = SourceName::try_from(String::from_utf8(name.to_vec()).ok()?).ok()?;
        Some(Self { root: *root, generation: u32::from_be_bytes(*generation), source })
    }

    /// Its secret, if the source has this generation and it is good at this time. `root` is the deployment's secret of that
    /// name.
    pub fn secret(&self, source: &Source, root: &[u8], now: Millis) -> Option<String> {
        let is_good =
            |secret: &&Secret| secret.generation == self.generation && secret.until.is_none_or(|until| now < until);
        let hash = &source.secrets.iter().find(is_good).filter(|_| source.name == self.source)?.hash;
        let mut bytes = [0_u8; SECRET_BYTES];
        let generation = self.generation.to_be_bytes();
        // The hash has always the same length: what follows can't be taken for a part of it.
        let about: [&[u8]; 4] =
            [b"heliograph aws key\n", &generation, hash.as_bytes(), self.source.as_str().as_bytes()];
        Hkdf::<Sha256>::new(None, root).expand_multi_info(&about, &mut bytes).ok()?;
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BoardName;
    use crate::source::{NewSource, Rotation};
    use proptest::prelude::*;
    use serde_json::json;

    const ROOT: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn source(name: &str, hash: &str) -> Source {
        let wish: NewSource = serde_json::from_value(json!({"name": name})).unwrap();
        Source::new(wish, BoardName::try_from("fleet").unwrap(), hash.into(), Millis(1_000)).unwrap()
    }

    fn key(name: &str, generation: u32) -> AccessKey {
        AccessKey { root: *b"abcd", generation, source: SourceName::try_from(name.to_owned()).unwrap() }
    }

    #[test]
    fn an_id_leads_to_its_source_and_is_no_longer_than_those_of_aws_may_be() {
        let longest = key(&"x".repeat(64), u32::MAX);
        assert_eq!(longest.id().len(), 100);
        for key in [longest, key("buses", 1), key("A_b.c-1", 7)] {
            assert_eq!(AccessKey::parse(&key.id()), Some(key));
        }
        for nothing in ["", "HGAK", "AKIAIOSFODNN7EXAMPLE", "HGAKYWJjZAAAAAEvLw", "HGAK%%"] {
            assert_eq!(AccessKey::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn the_secret_before_is_good_for_the_overlap() {
        let one = source("buses", "h1");
        let first = key("buses", 1).secret(&one, ROOT, Millis(1_000)).unwrap();
        assert_eq!(first.len(), 40);
        let two = one.rotate(Rotation { overlap_s: Some(10) }, "h2".into(), Millis(2_000)).unwrap();
        assert_eq!(key("buses", 1).secret(&two, ROOT, Millis(11_999)), Some(first.clone()));
        assert_eq!(key("buses", 1).secret(&two, ROOT, Millis(12_000)), None);
        assert_ne!(key("buses", 2).secret(&two, ROOT, Millis(12_000)).unwrap(), first);
        assert_eq!(key("buses", 3).secret(&two, ROOT, Millis(2_000)), None);
    }

    #[test]
    fn a_source_made_anew_under_an_old_name_and_one_of_another_name_or_deployment_have_other_secrets() {
        let of =
            |name: &str, hash: &str, root: &[u8]| key(name, 1).secret(&source(name, hash), root, Millis(0)).unwrap();
        let all = [of("a", "h1", ROOT), of("a", "h2", ROOT), of("b", "h1", ROOT), of("a", "h1", b"another")];
        for (i, one) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|other| other != one));
        }
        assert_eq!(key("b", 1).secret(&source("a", "h1"), ROOT, Millis(0)), None);
    }

    proptest! {
        #[test]
        fn whatever_is_sent_as_an_id_is_read_or_refused(id in "(HGAK)?[A-Za-z0-9_%/=-]{0,140}") {
            if let Some(key) = AccessKey::parse(&id) {
                prop_assert_eq!(AccessKey::parse(&key.id()), Some(key));
            }
        }
    }
}
