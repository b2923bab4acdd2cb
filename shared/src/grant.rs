//! What a token allows. The signature is checked elsewhere; this is what the claims mean.

use crate::id::BoardName;
use crate::limits;
use crate::problem::FieldError;
use crate::revocation::{Change, CredentialId, Origin};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use std::sync::Arc;

/// Who issues our tokens.
pub const ISSUER: &str = "heliograph";
/// For whom they are.
pub const AUDIENCE: &str = "heliograph";

/// Something that a grant allows on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// See the live state.
    Read,
    /// See what was.
    History,
    /// Send events.
    Publish,
    /// Change the config, mend records, lead sessions.
    Manage,
}

/// Operations on one board, or on the boards that a pattern names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// A board's name; `*` stands for any run of characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::BOARD_NAME_CHARS)))]
    pub board: String,
    /// What is allowed there.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub operations: Vec<Operation>,
    /// Which keys; patterns with `*`. All keys when absent.
    #[serde(default = "all_keys")]
    pub keys: Vec<String>,
}

fn all_keys() -> Vec<String> {
    vec!["*".to_owned()]
}

/// The claims of a token (RFC 7519 names; times in seconds since 1970).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// For whom it was made.
    pub sub: String,
    /// Audience.
    pub aud: String,
    /// Not valid from this second on.
    pub exp: u64,
    /// Made at.
    pub iat: u64,
    /// Names this token.
    pub jti: String,
    /// The credential that it comes from, however many tokens are between. None in tokens of before there were ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cid: Option<CredentialId>,
    /// The registry's last change that was known when it was made from that credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rev: Option<Change>,
    /// What it allows.
    pub grants: Vec<Grant>,
    /// The player's name, of who joined by a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Claims {
    /// What its rights come from. A token of before there were changes counts from the second in which it was made.
    pub fn origin(&self) -> Origin {
        let known = self.rev.unwrap_or_else(|| self.iat.saturating_mul(1_000));
        Origin { id: self.cid.clone(), known, is_public: false }
    }

    /// When the token ends.
    pub const fn expires_at(&self) -> Millis {
        Millis((self.exp as i64).saturating_mul(1_000))
    }

    /// What the token allows on a board.
    pub fn access(&self, board: &BoardName) -> Access {
        Access::from_grants(&self.grants, board)
    }
}

/// What somebody asks for when minting a token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MintRequest {
    /// A public board, for a token without a key.
    pub board: Option<BoardName>,
    /// What the token shall allow.
    #[cfg_attr(feature = "schema", schemars(length(max = limits::GRANTS_PER_TOKEN)))]
    pub grants: Vec<Grant>,
    /// For whom.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::KEY_BYTES)))]
    pub sub: Option<String>,
    /// Seconds until it ends.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = limits::TOKEN_TTL_SECONDS_MAX)))]
    pub ttl_s: Option<u32>,
    /// A session's join code, for a player's token.
    pub code: Option<String>,
    /// The player's name.
    pub name: Option<String>,
    /// The player's own token, to renew it.
    pub token: Option<String>,
}

impl MintRequest {
    /// Checks sizes. What the caller may pass on is checked with [`Access::covers`].
    pub fn check(&self) -> Result<u32, FieldError> {
        let ttl = self.ttl_s.unwrap_or(limits::TOKEN_TTL_SECONDS);
        if !(1..=limits::TOKEN_TTL_SECONDS_MAX).contains(&ttl) {
            let message = format!(
                "ttl_s is 1 to {} seconds; refresh a token instead of making it long",
                limits::TOKEN_TTL_SECONDS_MAX
            );
            return Err(FieldError::new("ttl_s", "out_of_range", message));
        }
        if self.grants.len() > limits::GRANTS_PER_TOKEN {
            let message = format!("a token has at most {} grants", limits::GRANTS_PER_TOKEN);
            return Err(FieldError::new("grants", "too_many", message));
        }
        if self.sub.as_ref().is_some_and(|s| s.is_empty() || s.len() > limits::KEY_BYTES) {
            return Err(FieldError::new("sub", "invalid", "sub is 1 to 128 bytes"));
        }
        for (i, g) in self.grants.iter().enumerate() {
            if g.keys.len() > limits::PATTERNS_PER_GRANT {
                let message = format!("a grant has at most {} key patterns", limits::PATTERNS_PER_GRANT);
                return Err(FieldError::new(format!("grants[{i}].keys"), "too_many", message));
            }
            if g.keys.iter().any(|k| k.is_empty() || k.len() > limits::KEY_BYTES) {
                return Err(FieldError::new(format!("grants[{i}].keys"), "invalid", "a key pattern is 1 to 128 bytes"));
            }
            if g.board.is_empty() || g.board.len() > limits::BOARD_NAME_CHARS {
                return Err(FieldError::new(
                    format!("grants[{i}].board"),
                    "invalid",
                    "board is a name or a pattern with *",
                ));
            }
            if g.operations.is_empty() {
                let message = "operations names at least one of read, history, publish, manage";
                return Err(FieldError::new(format!("grants[{i}].operations"), "missing", message));
            }
        }
        Ok(ttl)
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any run of characters.
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, mut rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(head) else { return false };
    while let Some((middle, tail)) = rest.split_once('*') {
        let Some(at) = text.find(middle) else { return false };
        text = text.get(at + middle.len()..).unwrap_or_default();
        rest = tail;
    }
    text.ends_with(rest)
}

/// Which keys somebody may see or write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyFilter {
    /// No key.
    #[default]
    Nothing,
    /// Every key.
    All,
    /// Keys that match one of the patterns.
    Patterns(Arc<[String]>),
}

impl KeyFilter {
    /// Whether the key is allowed.
    pub fn allows(&self, key: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Patterns(p) => p.iter().any(|p| matches(p, key)),
        }
    }

    /// A number that is the same for the same filter, so that a viewer can say under which rights its copy was made.
    pub fn fingerprint(&self) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::All => 1,
            Self::Patterns(p) => {
                let mut h = SipHasher13::new();
                for pattern in p.iter() {
                    h.write(pattern.as_bytes());
                    h.write_u8(0);
                }
                (h.finish() as u32).max(2)
            }
        }
    }

    fn and_also(self, keys: &[String]) -> Self {
        match self {
            Self::All => Self::All,
            _ if keys.iter().any(|k| k == "*") => Self::All,
            Self::Nothing => Self::Patterns(keys.into()),
            Self::Patterns(mine) => Self::Patterns(mine.iter().chain(keys).cloned().collect()),
        }
    }

    /// Whether everything that `pattern` matches is allowed here (a pattern covers itself and what it matches literally).
    fn covers(&self, pattern: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Patterns(mine) => {
                mine.iter().any(|m| m == pattern || (matches(m, pattern) && covers_stars(m, pattern)))
            }
        }
    }
}

/// A prefix pattern `ab*` covers `abc*`; anything more clever is refused.
fn covers_stars(mine: &str, wanted: &str) -> bool {
    !wanted.contains('*') || (mine.ends_with('*') && mine.matches('*').count() == 1)
}

/// What somebody may do on one board.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Keys whose live state may be seen.
    pub read: KeyFilter,
    /// Keys whose history may be seen.
    pub history: KeyFilter,
    /// Keys under which events may be sent.
    pub publish: KeyFilter,
    /// Whether the board may be managed.
    pub manage: bool,
}

impl Access {
    /// Everything, as an administrator has it.
    pub const fn everything() -> Self {
        Self { read: KeyFilter::All, history: KeyFilter::All, publish: KeyFilter::All, manage: true }
    }

    /// What anyone may do on a public board.
    pub const fn public() -> Self {
        Self { read: KeyFilter::All, history: KeyFilter::All, publish: KeyFilter::Nothing, manage: false }
    }

    /// The sum of the grants that name the board.
    pub fn from_grants(grants: &[Grant], board: &BoardName) -> Self {
        let mut access = Self::default();
        for g in grants.iter().filter(|g| matches(&g.board, board.as_str())) {
            for op in &g.operations {
                match op {
                    Operation::Read => access.read = std::mem::take(&mut access.read).and_also(&g.keys),
                    Operation::History => access.history = std::mem::take(&mut access.history).and_also(&g.keys),
                    Operation::Publish => access.publish = std::mem::take(&mut access.publish).and_also(&g.keys),
                    Operation::Manage => access.manage = true,
                }
            }
        }
        access
    }

    /// Whether somebody with this access may pass on `grant`: never more than they have.
    pub fn covers(&self, grant: &Grant) -> bool {
        grant.operations.iter().all(|op| {
            let keys = |f: &KeyFilter| grant.keys.iter().all(|k| f.covers(k));
            match op {
                Operation::Read => keys(&self.read),
                Operation::History => keys(&self.history),
                Operation::Publish => keys(&self.publish),
                Operation::Manage => self.manage,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(board: &str, operations: &[Operation], keys: &[&str]) -> Grant {
        Grant {
            board: board.into(),
            operations: operations.into(),
            keys: keys.iter().map(|k| (*k).to_owned()).collect(),
        }
    }

    #[test]
    fn patterns_match_runs_of_characters() {
        for (p, t) in [("*", ""), ("v*", "v1"), ("*-7", "team-7"), ("a*b*c", "axxbyyc"), ("v1", "v1"), ("a**", "a")] {
            assert!(matches(p, t), "{p} {t}");
        }
        for (p, t) in [("v*", "w1"), ("v1", "v10"), ("a*b", "ab1"), ("a*bc*d", "abd"), ("", "x")] {
            assert!(!matches(p, t), "{p} {t}");
        }
    }

    #[test]
    fn grants_of_a_board_add_up_and_others_do_not_count() {
        let fleet = BoardName::try_from("fleet").unwrap();
        let grants = [
            grant("fleet", &[Operation::Read], &["v1"]),
            grant("fle*", &[Operation::Read, Operation::Publish], &["w*"]),
            grant("other", &[Operation::Manage], &["*"]),
        ];
        let a = Access::from_grants(&grants, &fleet);
        assert!(a.read.allows("v1") && a.read.allows("w9") && !a.read.allows("v2"));
        assert!(a.publish.allows("w9") && !a.publish.allows("v1"));
        assert!(!a.manage && a.history == KeyFilter::Nothing);
    }

    #[test]
    fn nobody_passes_on_more_than_they_have() {
        let fleet = BoardName::try_from("fleet").unwrap();
        let a = Access::from_grants(&[grant("fleet", &[Operation::Read], &["v*"])], &fleet);
        assert!(a.covers(&grant("fleet", &[Operation::Read], &["v1", "v2*"])));
        assert!(!a.covers(&grant("fleet", &[Operation::Read], &["*"])));
        assert!(!a.covers(&grant("fleet", &[Operation::Read], &["w1"])));
        assert!(!a.covers(&grant("fleet", &[Operation::Publish], &["v1"])));
        let odd = Access::from_grants(&[grant("fleet", &[Operation::Read], &["v*x"])], &fleet);
        assert!(!odd.covers(&grant("fleet", &[Operation::Read], &["v*yx"])));
    }
}
