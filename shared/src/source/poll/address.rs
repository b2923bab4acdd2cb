//! Addresses that a source may ask.

use crate::limits;
use crate::outbound::{Origin, Refused};
use url::Url;

/// An address: a host, a path and a query, without a password and without a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Url);

/// Why a text is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// It can't be understood.
    #[error("is an address such as https://transit.example/vehicles.pb")]
    Unreadable,
    /// It has a name or a password in it.
    #[error("has a name or a password before its host: that is a credential of the operator's")]
    Password,
    /// It is too long.
    #[error("has at most {} bytes", limits::POLL_URL_BYTES)]
    TooLong,
}

impl Address {
    /// Reads one, as clients read addresses (WHATWG).
    pub fn parse(text: &str) -> Result<Self, NoAddress> {
        if text.len() > limits::POLL_URL_BYTES {
            return Err(NoAddress::TooLong);
        }
        Self::checked(Url::parse(text).map_err(|_| NoAddress::Unreadable)?)
    }

    fn checked(mut url: Url) -> Result<Self, NoAddress> {
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
            return Err(NoAddress::Unreadable);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NoAddress::Password);
        }
        url.set_fragment(None);
        if url.as_str().len() > limits::POLL_URL_BYTES { Err(NoAddress::TooLong) } else { Ok(Self(url)) }
    }

    /// Where an answer of this address sends on to.
    pub fn redirected(&self, location: &str) -> Result<Self, NoAddress> {
        if location.len() > limits::POLL_URL_BYTES {
            return Err(NoAddress::TooLong);
        }
        Self::checked(self.0.join(location).map_err(|_| NoAddress::Unreadable)?)
    }

    /// Whether the worker may call it, by its host's name or number in whatever spelling. `private_too` is for development.
    pub fn check(&self, private_too: bool) -> Result<(), Refused> {
        let host = self.0.host_str().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
        Origin { secure: self.0.scheme() == "https", host }.check(private_too)
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> url::Origin {
        self.0.origin()
    }

    /// The address with a parameter more.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut url = self.0.clone();
        url.query_pairs_mut().append_pair(name, value);
        Self(url)
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What may be told of it: without its query, which may have a key in it.
    pub fn shown(&self) -> String {
        let mut url = self.0.clone();
        url.set_query(None);
        url.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Option<Result<(), Refused>> {
        Address::parse(text).ok().map(|address| address.check(false))
    }

    #[test]
    fn hosts_of_the_inside_are_refused_by_name_and_by_number_in_every_spelling() {
        for text in [
            "https://localhost/a",
            "https://LOCALHOST:9000/",
            "https://db/",
            "https://a.internal/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://224.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://[fe80::1]/",
            "https://[ff02::1]/",
            "https://127。0。0。1/",
        ] {
            assert_ne!(verdict(text), Some(Ok(())), "{text}");
        }
        assert_eq!(verdict("http://transit.example/"), Some(Err(Refused::NotSecure)));
        for text in ["https://transit.example/a?b=c#d", "https://8.8.8.8:8443/", "https://[2606:4700::1111]/"] {
            assert_eq!(verdict(text), Some(Ok(())), "{text}");
        }
        assert_eq!(Address::parse("http://127.0.0.1:1/").unwrap().check(true), Ok(()));
    }

    #[test]
    fn a_redirect_is_resolved_and_judged_like_an_address() {
        let from = Address::parse("https://transit.example/a/b?key=1").unwrap();
        let to = |location: &str| from.redirected(location).map(|to| (to.as_str().to_owned(), to.check(false)));
        assert_eq!(to("c").unwrap(), ("https://transit.example/a/c".into(), Ok(())));
        assert_eq!(to("/c?d").unwrap(), ("https://transit.example/c?d".into(), Ok(())));
        assert_eq!(to("//10.0.0.1/x").unwrap().1, Err(Refused::Private));
        assert_eq!(to("http://other.example/").unwrap().1, Err(Refused::NotSecure));
        assert_eq!(to("https://me:hush@other.example/"), Err(NoAddress::Password));
        assert_eq!(to("file:///etc/passwd"), Err(NoAddress::Unreadable));
        assert_eq!(from.shown(), "https://transit.example/a/b");
        assert_eq!(from.with("appid", "a b&c").as_str(), "https://transit.example/a/b?key=1&appid=a+b%26c");
    }
}
