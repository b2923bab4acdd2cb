//! Where senders put a source's secret.

use super::Arrived;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;

/// Before a secret in an address. Ours have nothing in them that is percent-encoded.
const IN_QUERY: &str = "secret=";

fn pairs(query: &str) -> impl Iterator<Item = &str> {
    query.split('&')
}

/// A query without its secret, which is no part of a record.
pub fn without_secret(query: &str) -> Cow<'_, str> {
    if !pairs(query).any(|pair| pair.starts_with(IN_QUERY)) {
        return query.into();
    }
    pairs(query).filter(|pair| !pair.starts_with(IN_QUERY)).collect::<Vec<_>>().join("&").into()
}

/// Whether a request has its secret in its address alone, which only sources take that say so.
pub fn is_in_address(arrived: &Arrived<'_>) -> bool {
    arrived.header("x-amz-firehose-access-key").or_else(|| arrived.header("authorization")).is_none()
}

/// The secret that a request comes with: as a bearer token, as the password of whatever user, as Firehose says it, or, of
/// devices that can be told an address and nothing else, as `secret` in that.
pub fn presented<'a>(arrived: &Arrived<'a>) -> Option<Cow<'a, str>> {
    if let Some(key) = arrived.header("x-amz-firehose-access-key") {
        return Some(key.into());
    }
    let Some(authorization) = arrived.header("authorization") else {
        return pairs(arrived.query).find_map(|pair| pair.strip_prefix(IN_QUERY)).map(Cow::from);
    };
    let (scheme, text) = authorization.split_once(' ')?;
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

    #[test]
    fn a_secret_in_an_address_is_found_where_there_is_no_other_and_is_no_part_of_a_record() {
        let found = |query: &str, headers: &[(String, String)]| {
            let arrived = Arrived { headers, query, body: b"", key_name: "key", received: Millis(0) };
            presented(&arrived).map(Cow::into_owned)
        };
        assert_eq!(found("id=1&secret=s&lat=2", &[]), Some("s".into()));
        assert_eq!(found("id=1&my_secret=s", &[]), None);
        let bearer = [("authorization".to_owned(), "Bearer b".to_owned())];
        assert_eq!(found("secret=s", &bearer), Some("b".into()));
        let arrived = |headers| Arrived { headers, query: "secret=s", body: b"", key_name: "key", received: Millis(0) };
        assert!(is_in_address(&arrived(&[])) && !is_in_address(&arrived(&bearer)));
        assert_eq!(without_secret("id=1&secret=s&lat=2&secret=t"), "id=1&lat=2");
        assert_eq!(without_secret("id=1"), "id=1");
    }
}
