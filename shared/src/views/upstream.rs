//! Views of other services: what a board's config says of one.

use crate::limits;
use crate::outbound::{Origin, Refused};
use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};

/// What secrets for upstream views are called: no other secret is ever sent anywhere.
pub const CREDENTIAL_PREFIX: &str = "UPSTREAM_";

/// A REST service whose answer is the view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// Its address: `https`, and no host of a private network.
    pub url: String,
    /// The name of the secret that is sent, `UPSTREAM_…`; the secret itself is in no config.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// The header that the secret goes into; `Authorization: Bearer` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// How long its answer may take.
    #[serde(default = "timeout")]
    pub timeout_ms: u32,
    /// How large its answer may be.
    #[serde(default = "bytes")]
    pub max_bytes: u32,
}

const fn timeout() -> u32 {
    5_000
}

const fn bytes() -> u32 {
    1024 * 1024
}

impl Upstream {
    /// The beginning of the address, which says who is called.
    pub fn origin(&self) -> &str {
        let path = self.url.find("://").map_or(0, |at| at + 3);
        let end =
            self.url.get(path..).and_then(|rest| rest.find(['/', '?', '#', '\\'])).map_or(self.url.len(), |e| path + e);
        self.url.get(..end).unwrap_or_default()
    }

    /// Adds what is wrong with it as the view at `at`.
    pub(super) fn errors(&self, at: &str, errors: &mut Vec<FieldError>) {
        let mut check = |ok: bool, field: &str, message: String| {
            if !ok {
                let field = format!("{at}.upstream.{field}");
                errors.push(FieldError::new(field.clone(), Code::Invalid, format!("{field} {message}")));
            }
        };
        // Whether a private host is allowed is the operator's to say, where it is called.
        let origin = Origin::parse(self.origin());
        let message = origin.as_ref().err().map_or_else(String::new, Refused::to_string);
        check(origin.is_ok(), "url", message);
        let plain = self.url.len() <= 2_000 && self.url.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        check(plain, "url", "has at most 2,000 characters, percent-encoded".to_owned());
        let word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let credential = self.credential.as_ref();
        let named = credential.is_none_or(|c| c.starts_with(CREDENTIAL_PREFIX) && c.len() <= 64 && c.chars().all(word));
        check(named, "credential", format!("is the name of a secret that begins with {CREDENTIAL_PREFIX}"));
        let token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let header = self.header.as_ref().is_none_or(|h| !h.is_empty() && h.len() <= 64 && h.chars().all(token));
        check(header, "header", "is the name of a header".to_owned());
        let most = limits::UPSTREAM_MILLIS_MAX;
        check((100..=most).contains(&self.timeout_ms), "timeout_ms", format!("is 100 to {most} milliseconds"));
        let most = limits::UPSTREAM_BYTES_MAX;
        check((1..=most).contains(&self.max_bytes), "max_bytes", format!("is 1 to {most} bytes"));
    }
}
