//! Where senders put a source's secret.

use super::Arrived;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// The secret that a request comes with: as a bearer token, as the password of whatever user, or as Firehose says it.
pub fn presented<'a>(arrived: &Arrived<'a>) -> Option<Cow<'a, str>> {
    if let Some(key) = arrived.header("x-amz-firehose-access-key") {
        return Some(key.into());
    }
    let (scheme, text) = arrived.header("authorization")?.split_once(' ')?;
    let text = text.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(text.into());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    pair.split_once(':').map(|(_, secret)| secret.to_owned().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;

    #[test]
    fn a_secret_is_found_wherever_senders_put_it_and_nowhere_else() {
        let found = |name: &str, value: &str| {
            let headers = [(name.to_owned(), value.to_owned())];
            let arrived = Arrived { headers: &headers, query: "", body: b"", key_name: "key", received: Millis(0) };
            presented(&arrived).map(Cow::into_owned)
        };
        assert_eq!(found("authorization", "Bearer s"), Some("s".into()));
        assert_eq!(found("authorization", "bearer  s "), Some("s".into()));
        // "jane:s:1" and "jane".
        assert_eq!(found("authorization", "Basic amFuZTpzOjE="), Some("s:1".into()));
        assert_eq!(found("authorization", "Basic amFuZQ=="), None);
        assert_eq!(found("authorization", "Basic %%"), None);
        assert_eq!(found("authorization", "Digest s"), None);
        assert_eq!(found("x-amz-firehose-access-key", "s"), Some("s".into()));
        assert_eq!(found("cookie", "Bearer s"), None);
    }
}
