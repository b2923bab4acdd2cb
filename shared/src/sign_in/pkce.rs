//! What binds an authorization code to the page that asked for it (RFC 7636), an ID token to who exchanges it, and where
//! the page goes afterwards.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use url::Url;

/// Before a nonce that is made from a secret.
const HASHED: &str = "s256.";

fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// Random bytes as a verifier, a state, or what a nonce is made from: base64url.
pub fn secret(random: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(random)
}

/// How a challenge is made of a verifier. The other method, `plain`, is the verifier itself: it is never sent.
pub const METHOD: &str = "S256";

/// The challenge of a verifier, by [`METHOD`].
pub fn challenge(verifier: &str) -> String {
    sha256(verifier)
}

/// The nonce of a secret that only its maker knows: whoever finds the token later does not find the secret in it.
pub fn nonce(secret: &str) -> String {
    format!("{HASHED}{}", sha256(secret))
}

/// Whether what was sent with a token is what its nonce was made from. A nonce of another kind is compared as it is, where
/// one was sent: libraries of others choose their own.
pub fn is_nonce(claim: Option<&str>, sent: Option<&str>) -> bool {
    match (claim, sent) {
        (Some(claim), sent) if claim.starts_with(HASHED) => {
            sent.is_some_and(|sent| nonce(sent).as_bytes().ct_eq(claim.as_bytes()).into())
        }
        (Some(claim), Some(sent)) => sent.as_bytes().ct_eq(claim.as_bytes()).into(),
        (None, Some(_)) => false,
        (_, None) => true,
    }
}

/// The path, query and fragment of an address of a page's own origin, to go back to; none of anything else.
pub fn own_path(origin: &str, address: &str) -> Option<String> {
    let own = Url::parse(origin).ok()?;
    let found = own.join(address).ok()?;
    let is_own = found.origin() == own.origin() && found.username().is_empty() && found.password().is_none();
    if !is_own || !matches!(found.scheme(), "https" | "http") {
        return None;
    }
    let text = found.as_str().get(found.origin().ascii_serialization().len()..)?;
    // `https://own//evil.example` has its own origin; its path alone is another's address.
    (text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/\\")).then(|| text.to_owned())
}
