//! Sites, by their origins, and what a browser is told of them.

use crate::limits;
use serde::{Deserialize, Serialize};
use url::Url;

/// Every site.
pub const ANY: &str = "*";

/// A list of sites, as it was pasted or reduced to origins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Sites(Vec<String>);

/// Why a text names no site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSite {
    /// Longer than an address may be.
    #[error("is longer than {} bytes", limits::EMBED_SITE_BYTES)]
    TooLong,
    /// A star within an address.
    #[error("has a star: name each site, or take `*` alone for every site")]
    Star,
    /// A star beside others.
    #[error("is `*`, which allows every site: leave the others out")]
    NotAlone,
    /// Neither http nor https.
    #[error("is no address of a site: it begins with https:// (or http://), such as https://partner.example")]
    Scheme,
    /// A name with letters beyond ASCII.
    #[error("has letters beyond ASCII: write the name as browsers send it, such as https://xn--bcher-kva.example")]
    NotAscii,
    /// An address of IPv6, which policies of browsers have no form for.
    #[error("is an IPv6 address, which browsers take in no list of sites: use a name")]
    Ipv6,
    /// No host, or one that a browser would not understand in a list.
    #[error("is no address of a site, such as https://partner.example")]
    Host,
}

/// The origin of any address of a site: scheme, host, and a port that is not the scheme's own. Without a scheme it is https.
pub fn origin_of(pasted: &str) -> Result<String, BadSite> {
    let pasted = pasted.trim();
    if pasted.len() > limits::EMBED_SITE_BYTES {
        return Err(BadSite::TooLong);
    }
    let is_host = |part: &&str| !part.is_empty();
    let host = pasted.split_once("://").map_or(pasted, |(_, rest)| rest).split(['/', '?', '#']).find(is_host);
    if !host.unwrap_or_default().is_ascii() {
        return Err(BadSite::NotAscii);
    }
    let address = if pasted.contains("://") { pasted.to_owned() } else { format!("https://{pasted}") };
    let url = Url::parse(&address).map_err(|_| BadSite::Host)?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(BadSite::Scheme);
    }
    let host = url.host_str().ok_or(BadSite::Host)?;
    if host.starts_with('[') {
        return Err(BadSite::Ipv6);
    }
    if host.contains('*') {
        return Err(BadSite::Star);
    }
    // Addresses may have hosts with a semicolon, a comma or a quote in them, each of which would end the list in a header.
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    if host.len() > limits::HOST_BYTES || !host.bytes().all(plain) {
        return Err(BadSite::Host);
    }
    Ok(url.origin().ascii_serialization())
}

impl Sites {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is no site, with its place in the list.
    pub fn errors(&self) -> impl Iterator<Item = (usize, BadSite)> {
        let alone = self.len() == 1;
        self.0.iter().enumerate().filter_map(move |(at, site)| match site.trim() {
            ANY if alone => None,
            ANY => Some((at, BadSite::NotAlone)),
            site => origin_of(site).err().map(|bad| (at, bad)),
        })
    }

    /// Each site as its origin, once, in the same order.
    #[must_use]
    pub fn reduced(&self) -> Self {
        let mut origins: Vec<String> = Vec::with_capacity(self.len());
        for site in &self.0 {
            let origin = if site.trim() == ANY { Some(ANY.to_owned()) } else { origin_of(site).ok() };
            origins.extend(origin.filter(|origin| !origins.contains(origin)));
        }
        Self(origins)
    }

    /// Reads what [`Self::listed`] wrote: origins, which are compared and not parsed.
    pub fn from_listed(text: &str) -> Self {
        Self(text.split(',').filter(|site| !matches!(*site, NOBODY | "")).map(str::to_owned).collect())
    }

    /// On one line, for a page's own script: with commas, and never empty, so that it needs no quotes in HTML.
    pub fn listed(&self) -> String {
        if self.is_empty() { NOBODY.to_owned() } else { self.0.join(",") }
    }

    /// The value of the directive `frame-ancestors`, of sites that were reduced. Where any site may, our own console may show
    /// what they show.
    pub fn frame_ancestors(&self) -> String {
        match self.0.as_slice() {
            [] => "'none'".to_owned(),
            [any] if any == ANY => ANY.to_owned(),
            sites => format!("'self' {}", sites.join(" ")),
        }
    }

    /// Whether a page of this origin may show the board, of sites that were reduced. A page without an origin of its own
    /// (`null`) only where every site may.
    pub fn allow(&self, origin: &str) -> bool {
        self.0.iter().any(|site| site == ANY || site == origin)
    }
}

/// Stands for no site where something must stand.
const NOBODY: &str = "none";

impl<S: Into<String>> FromIterator<S> for Sites {
    fn from_iter<I: IntoIterator<Item = S>>(sites: I) -> Self {
        Self(sites.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_addresses_are_reduced_to_origins() {
        for (pasted, origin) in [
            ("https://partner.example", "https://partner.example"),
            (" https://Partner.Example/live/?page=1#top ", "https://partner.example"),
            ("partner.example/live", "https://partner.example"),
            ("localhost:3000", "https://localhost:3000"),
            ("http://localhost:3000/", "http://localhost:3000"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://partner.example:443/", "https://partner.example"),
            ("https://user:secret@partner.example/", "https://partner.example"),
            ("https://xn--bcher-kva.example/ä", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(origin_of(pasted).as_deref(), Ok(origin), "{pasted}");
        }
    }

    #[test]
    fn what_is_no_site_is_refused_with_the_reason() {
        for (pasted, bad) in [
            ("", BadSite::Host),
            ("https://", BadSite::Host),
            ("ftp://partner.example", BadSite::Scheme),
            ("javascript://partner.example/%0aalert(1)", BadSite::Scheme),
            ("file:///etc/passwd", BadSite::Scheme),
            ("https://*.partner.example", BadSite::Star),
            ("https://[2001:db8::1]:8080", BadSite::Ipv6),
            ("https://bücher.example/", BadSite::NotAscii),
            ("bücher.example", BadSite::NotAscii),
            ("https://my_host.example", BadSite::Host),
            ("'self'", BadSite::Host),
            ("https://a b", BadSite::Host),
        ] {
            assert_eq!(origin_of(pasted), Err(bad), "{pasted}");
        }
        assert_eq!(origin_of(&format!("https://a.example/{}", "x".repeat(3_000))), Err(BadSite::TooLong));
    }

    #[test]
    fn no_site_can_add_to_the_policy() {
        for pasted in ["https://a.example;script-src", "https://a,b", "https://a.example'", "https://a.example\r\nx: y"]
        {
            let sites = Sites::from_iter([pasted]).reduced();
            assert!(!sites.frame_ancestors().contains([';', ',', '\n', ' ']), "{pasted}: {sites:?}");
        }
        assert_eq!(Sites::from_iter(["https://a.example;script-src"]).errors().next(), Some((0, BadSite::Host)));
    }

    #[test]
    fn a_browser_is_told_who_may_and_nobody_else_may() {
        let sites = Sites::from_iter(["https://a.example/x", "https://a.example/y", "http://b.example:81"]).reduced();
        assert_eq!(sites.frame_ancestors(), "'self' https://a.example http://b.example:81");
        assert!(sites.allow("https://a.example") && sites.allow("http://b.example:81"));
        for origin in ["http://a.example", "https://a.example.evil.example", "http://b.example", "null", "", "*"] {
            assert!(!sites.allow(origin), "{origin}");
        }
        assert_eq!(Sites::default().frame_ancestors(), "'none'");
        assert!(!Sites::default().allow("https://a.example"));
        let any = Sites::from_iter(["*"]).reduced();
        assert_eq!((any.frame_ancestors().as_str(), any.allow("https://a.example")), ("*", true));
    }

    #[test]
    fn a_page_reads_the_list_that_it_was_given() {
        for sites in [&["https://a.example", "http://b.example:81"][..], &["*"], &[]] {
            let sites: Sites = sites.iter().copied().collect();
            assert_eq!(Sites::from_listed(&sites.listed()), sites);
            // An attribute without quotes holds it.
            assert!(!sites.listed().contains([' ', '"', '\'', '<', '>', '=', '`']) && !sites.listed().is_empty());
        }
    }
}
