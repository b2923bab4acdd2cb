//! Links that share a part of a board: whoever has a link's code gets tokens that read what the link says, until it ends.
//!
//! A code is the link's id and a proof. The proof is derived from a secret of the deployment and the id, so that no code is
//! stored, a guess is refused without asking anybody, and managers can be shown the code again.

pub use crate::share_id::{NotAnId, ShareId};

use crate::id::BoardName;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::revocation::CredentialId;
use crate::rights::{Conditions, Grant, Operation, Rights, check_grants};
use crate::share_id::{DIGITS, ID_DIGITS, digits};
use crate::source::aws::key::RootId;
use crate::time::Millis;
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Digits of a proof: 60 bits. With [`limits::GUESSES_PER_ADDRESS`] nobody finds one.
const PROOF_DIGITS: usize = 12;
/// Bytes that a proof is made from.
const PROOF_BYTES: usize = 8;

/// A link's code, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShareCode {
    /// The link's id.
    pub id: ShareId,
    proof: String,
}

impl ShareCode {
    /// The code of a link, derived from a secret of the deployment.
    pub fn of(id: &ShareId, root: &[u8]) -> Option<Self> {
        let mut bytes = [0_u8; PROOF_BYTES];
        // The id has always the same length: nothing can be taken for another part.
        let about: [&[u8]; 2] = [b"heliograph share\n", id.as_str().as_bytes()];
        Hkdf::<Sha256>::new(None, root).expand_multi_info(&about, &mut bytes).ok()?;
        Some(Self { id: id.clone(), proof: digits(&bytes, PROOF_DIGITS) })
    }

    /// Reads one as somebody typed it; nothing when it can't be one.
    pub fn parse(text: &str) -> Option<Self> {
        let read = |c: char| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        let text: String = text.trim().chars().filter(|c| *c != '-').take(64).map(read).collect();
        let is_one = text.len() == ID_DIGITS + PROOF_DIGITS && text.bytes().all(|b| DIGITS.contains(&b));
        let (id, proof) = text.split_at_checked(ID_DIGITS).filter(|_| is_one)?;
        Some(Self { id: ShareId::try_from(id.to_owned()).ok()?, proof: proof.to_owned() })
    }

    /// Whether it was derived from this secret. In constant time.
    pub fn is_of(&self, root: &[u8]) -> bool {
        Self::of(&self.id, root).is_some_and(|own| own.proof.as_bytes().ct_eq(self.proof.as_bytes()).into())
    }

    /// As it is sent.
    pub fn text(&self) -> String {
        format!("{}{}", self.id.as_str(), self.proof)
    }
}

/// A wish for a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ShareWish {
    /// What it is for, for whoever looks at the list.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::SHARE_LABEL_BYTES)))]
    pub label: String,
    /// What is shared: a key, a beginning followed by `*` (`bus-*`), or `*`. Everything when absent.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::KEY_PATTERNS)))]
    pub keys: Option<Vec<String>>,
    /// `read`, or `read` and `history`: both when absent.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 2)))]
    pub operations: Option<Vec<Operation>>,
    /// What narrows it further, as in a grant.
    #[serde(skip_serializing_if = "Conditions::is_none")]
    pub conditions: Conditions,
    /// When it ends: RFC 3339 or epoch milliseconds. A week from now when absent.
    pub expires_at: Option<Millis>,
    /// How many may open it. Without it, as many as come.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = limits::SHARE_COUNT_MAX)))]
    pub count: Option<u32>,
}

/// A link, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Its id.
    pub id: ShareId,
    /// Of which of the deployment's secrets its code is derived.
    pub root: RootId,
    /// The board.
    pub board: BoardName,
    /// What it is for.
    pub label: String,
    /// What it allows.
    pub grant: Grant,
    /// When it was made.
    pub made: Millis,
    /// From when on it is over.
    pub expires_at: Millis,
    /// How many may open it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// How many have.
    pub uses: u32,
    /// When one of them last did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<Millis>,
}

/// Whether a link opens anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ShareState {
    /// It does.
    Open,
    /// It is over.
    Expired,
    /// As many have opened it as may. They go on.
    UsedUp,
    /// The key that its code was derived from was taken out of the deployment's secret.
    KeyGone,
}

impl ShareWish {
    /// The link; and the rights that it gives, which whoever makes it must have. An error names the field.
    pub fn make(self, id: ShareId, root: RootId, board: BoardName, now: Millis) -> Result<(Share, Rights), FieldError> {
        let wrong = |field: &str, code, message: String| Err(FieldError::new(field, code, message));
        if self.label.len() > limits::SHARE_LABEL_BYTES || self.label.chars().any(char::is_control) {
            let message = format!("label is at most {} bytes of text", limits::SHARE_LABEL_BYTES);
            return wrong("label", Code::Invalid, message);
        }
        let operations = self.operations.unwrap_or_else(|| vec![Operation::Read, Operation::History]);
        let is_reading = operations.iter().all(|o| matches!(o, Operation::Read | Operation::History));
        if !is_reading || !operations.contains(&Operation::Read) {
            let message = "operations of a link are read, or read and history".to_owned();
            return wrong("operations", Code::NotAllowed, message);
        }
        let expires_at = self.expires_at.unwrap_or_else(|| now.plus(limits::SHARE_MILLIS));
        if expires_at <= now || expires_at > now.plus(limits::SHARE_MILLIS_MAX) {
            let days = limits::SHARE_MILLIS_MAX / 86_400_000;
            let message = format!("expires_at is a time to come, in at most {days} days");
            return wrong("expires_at", Code::OutOfRange, message);
        }
        if self.count.is_some_and(|count| !(1..=limits::SHARE_COUNT_MAX).contains(&count)) {
            let message = format!("count is 1 to {}; leave it out for as many as come", limits::SHARE_COUNT_MAX);
            return wrong("count", Code::OutOfRange, message);
        }
        let keys = self.keys.unwrap_or_else(|| vec!["*".to_owned()]);
        let grant = Grant { board: board.as_str().to_owned(), operations, keys, conditions: self.conditions };
        // A link says what it shares by itself: its fields are the grant's.
        let rights = check_grants(std::slice::from_ref(&grant)).map_err(|e| {
            let bare = |text: &str| text.replace("grants[0].", "");
            FieldError::new(bare(&e.field), e.code, bare(&e.message))
        })?;
        let label = self.label.trim().to_owned();
        let share =
            Share { id, root, board, label, grant, made: now, expires_at, count: self.count, uses: 0, used: None };
        Ok((share, rights))
    }
}

impl Share {
    /// Its id among those of all credentials.
    pub fn credential(&self) -> CredentialId {
        CredentialId::Share { board: self.board.clone(), id: self.id.clone() }
    }

    /// Whether it opens anything, for somebody who comes for the first time.
    pub fn state(&self, now: Millis) -> ShareState {
        match self.count {
            _ if self.expires_at <= now => ShareState::Expired,
            Some(count) if self.uses >= count => ShareState::UsedUp,
            Some(_) | None => ShareState::Open,
        }
    }

    /// Somebody opens it: for the first time, or `again`, which is not counted. False when it opens nothing; nothing has
    /// changed then.
    pub fn open(&mut self, again: bool, now: Millis) -> bool {
        match self.state(now) {
            ShareState::Open if !again => {
                self.uses = self.uses.saturating_add(1);
                self.used = Some(now);
                true
            }
            ShareState::Open | ShareState::UsedUp => again,
            ShareState::Expired | ShareState::KeyGone => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const ROOT: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn id() -> ShareId {
        ShareId::of([1, 2, 3, 4, 5])
    }

    fn made(wish: serde_json::Value) -> Result<(Share, Rights), FieldError> {
        let wish: ShareWish = serde_json::from_value(wish).unwrap();
        wish.make(id(), *b"abcd", BoardName::try_from("fleet").unwrap(), Millis(1_000))
    }

    #[test]
    fn a_code_is_short_has_its_id_before_it_and_is_good_for_one_deployment() {
        let code = ShareCode::of(&id(), ROOT).unwrap();
        assert_eq!((code.text().len(), &code.text()[..8]), (20, id().as_str()));
        assert_eq!(id().as_str(), "04106105");
        assert!(code.is_of(ROOT) && !code.is_of(b"another"));
        // The same whenever it is shown again.
        assert_eq!(ShareCode::of(&id(), ROOT), Some(code.clone()));
        let other = ShareCode::of(&ShareId::of([1, 2, 3, 4, 6]), ROOT).unwrap();
        assert_ne!(other.proof, code.proof);
        let swapped = ShareCode { id: other.id, proof: code.proof };
        assert!(!swapped.is_of(ROOT));
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = ShareCode::of(&id(), ROOT).unwrap();
        let text = code.text();
        let spoken = format!(" {}-{} ", text[..8].to_uppercase().replace('0', "O").replace('1', "I"), &text[8..]);
        for written in [text.clone(), spoken] {
            assert_eq!(ShareCode::parse(&written), Some(code.clone()), "{written}");
        }
        for nothing in ["", "04106105", "u41060g5041061050410", &format!("{text}0"), "ä41060g5041061050410"] {
            assert_eq!(ShareCode::parse(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_link_shares_everything_for_a_week_unless_it_says_less() {
        let (share, rights) = made(json!({})).unwrap();
        assert_eq!((share.grant.keys.as_slice(), share.count), (["*".to_owned()].as_slice(), None));
        assert_eq!(share.expires_at, Millis(1_000 + 7 * 86_400_000));
        let access = rights.on(&share.board, None);
        assert!(access.read.is_all() && access.history.is_all() && access.publish.is_nothing() && !access.manage);
        let (some, rights) = made(json!({"keys": ["bus-*"], "operations": ["read"], "count": 3})).unwrap();
        let access = rights.on(&some.board, None);
        assert!(access.read.allows("bus-1") && !access.read.allows("van") && access.history.is_nothing());
        assert!(rights.on(&BoardName::try_from("other").unwrap(), None).read.is_nothing());
    }

    #[test]
    fn a_wish_that_says_too_much_is_refused_at_its_field() {
        let cases = [
            (json!({"operations": ["read", "publish"]}), "operations"),
            (json!({"operations": ["manage", "read"]}), "operations"),
            (json!({"operations": []}), "operations"),
            (json!({"operations": ["history"]}), "operations"),
            (json!({"keys": []}), "keys"),
            (json!({"keys": ["a*b"]}), "keys"),
            (json!({"count": 0}), "count"),
            (json!({"expires_at": 1_000}), "expires_at"),
            (json!({"expires_at": 1_001 + limits::SHARE_MILLIS_MAX}), "expires_at"),
            (json!({"label": "a\nb"}), "label"),
        ];
        for (wish, field) in cases {
            assert_eq!(made(wish.clone()).unwrap_err().field, field, "{wish}");
        }
    }

    #[test]
    fn no_more_open_a_link_than_may_and_who_did_comes_again() {
        let (mut share, _) = made(json!({"count": 2, "expires_at": 5_000})).unwrap();
        assert!(share.open(false, Millis(1_000)) && share.open(false, Millis(1_001)));
        let before = share.clone();
        assert!(!share.open(false, Millis(1_002)) && share.open(true, Millis(4_999)));
        assert_eq!((&share, share.state(Millis(1_002)), share.uses), (&before, ShareState::UsedUp, 2));
        assert!(!share.open(true, Millis(5_000)));
        assert_eq!(share.state(Millis(5_000)), ShareState::Expired);
    }

    #[test]
    fn what_is_stored_of_a_link_has_no_code() {
        let (share, _) = made(json!({"label": "press"})).unwrap();
        let stored = serde_json::to_string(&share).unwrap();
        assert!(!stored.contains(&ShareCode::of(&id(), ROOT).unwrap().proof));
        assert_eq!(serde_json::from_str::<Share>(&stored).unwrap(), share);
    }

    proptest! {
        #[test]
        fn whatever_is_sent_as_a_code_is_read_or_refused(text in "\\PC{0,40}") {
            if let Some(code) = ShareCode::parse(&text) {
                prop_assert_eq!(ShareCode::parse(&code.text()), Some(code));
            }
        }
    }
}
