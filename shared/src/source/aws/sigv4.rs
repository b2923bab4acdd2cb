//! AWS Signature Version 4, verified: what a request says of its signature, and whether the signature is that of its key.
//!
//! Headers mean something only when they are signed, so that what is verified is all that can be asked for.

use crate::time::Millis;
use hmac::{Hmac, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;

/// What is encoded in a path and in a query before they are signed.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The one algorithm.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far a client's clock may be from ours.
const SKEW_MILLIS: i64 = 15 * 60 * 1_000;
/// Signed headers of a request: clients have a dozen.
const SIGNED_MAX: usize = 64;
/// A client says so instead of a hash where it trusts TLS.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Nothing is signed.
    Unsigned,
    /// What it says of its signature is not whole; in words.
    Incomplete(String),
    /// There is no such key, or not any more.
    UnknownKey,
    /// The signature is not the one that this key makes of this request.
    WrongSignature,
    /// The key is right, and the client's clock was behind ours or ahead of it when it signed.
    Skewed {
        /// What the client said the time was.
        said: String,
        /// What it is.
        now: String,
        /// Whether it was behind.
        behind: bool,
    },
}

/// A body with its SHA-256.
#[derive(Clone, Copy, Debug)]
pub struct Hashed<'a> {
    body: &'a [u8],
    hash: [u8; 32],
}

impl<'a> Hashed<'a> {
    /// Hashes a body here.
    #[must_use]
    pub fn of(body: &'a [u8]) -> Self {
        Self { body, hash: Sha256::digest(body).into() }
    }

    /// A body that the platform has hashed, which is faster at long ones.
    #[must_use]
    pub const fn by_platform(body: &'a [u8], hash: [u8; 32]) -> Self {
        Self { body, hash }
    }
}

/// A request, as far as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as it was sent.
    pub path: &'a str,
    /// What stands behind the question mark.
    pub query: &'a str,
    /// Names in lower case, with their values.
    pub headers: &'a [(String, String)],
    /// The host with its port, as the address has it.
    pub authority: &'a str,
    /// Whether it came by TLS.
    pub secure: bool,
    /// The body as it was sent.
    pub body: Hashed<'a>,
}

/// What a request says of its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// Which key.
    pub access_key_id: &'a str,
    day: &'a str,
    region: &'a str,
    /// Which service it is for.
    pub service: &'a str,
    names: Vec<&'a str>,
    signature: [u8; 32],
}

/// A request whose signature is right.
#[derive(Clone, Debug)]
pub struct Verified<'a> {
    /// The service that it is signed for.
    pub service: &'a str,
    /// The region.
    pub region: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// The same for all tries of one call: the client's own id of it, or else the signature.
    pub call: String,
    headers: &'a [(String, String)],
    names: Vec<&'a str>,
}

impl<'a> Verified<'a> {
    /// A request that nobody has signed, so that fuzzing gets behind the signature.
    #[cfg(fuzzing)]
    pub fn trusted(service: &'a str, headers: &'a [(String, String)], body: &'a [u8]) -> Self {
        let names = headers.iter().map(|(name, _)| name.as_str()).collect();
        Self { service, region: "us-east-1", body, call: "fuzzed-call".to_owned(), headers, names }
    }

    /// A header, if it is signed.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.names.contains(&name).then(|| find(self.headers, name)).flatten()
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

impl<'a> Signed<'a> {
    /// Reads `Authorization`.
    pub fn of(headers: &'a [(String, String)]) -> Result<Self, Refused> {
        let incomplete = |what: &str| Refused::Incomplete(format!("Authorization header: {what}"));
        let text = find(headers, "authorization").ok_or(Refused::Unsigned)?;
        let rest = text.trim().strip_prefix(ALGORITHM).ok_or(Refused::Unsigned)?;
        let part = |name: &str| {
            let parts = rest.split(',').map(str::trim).filter_map(|part| part.split_once('='));
            let mut found = parts.filter(|(n, _)| *n == name).map(|(_, value)| value);
            found.next().filter(|_| found.next().is_none()).ok_or_else(|| incomplete(&format!("requires one '{name}'")))
        };
        let scope: Vec<&str> = part("Credential")?.split('/').collect();
        let [access_key_id, day, region, service, "aws4_request"] = *scope.as_slice() else {
            return Err(incomplete("Credential is KEY/YYYYMMDD/REGION/SERVICE/aws4_request"));
        };
        let names: Vec<&str> = part("SignedHeaders")?.split(';').take(SIGNED_MAX).collect();
        if !names.iter().any(|name| matches!(*name, "host" | ":authority")) || !names.contains(&"x-amz-date") {
            return Err(incomplete("SignedHeaders has host and x-amz-date"));
        }
        let signature =
            unhex(part("Signature")?).ok_or_else(|| incomplete("Signature is 64 lower-case hexadecimal digits"))?;
        Ok(Self { access_key_id, day, region, service, names, signature })
    }

    /// Verifies it with the key's secret.
    pub fn verify(self, request: &Request<'a>, secret: &str, now: Millis) -> Result<Verified<'a>, Refused> {
        let said = find(request.headers, "x-amz-date").unwrap_or_default();
        let Some(at) = stamp(said).filter(|_| said.get(..8) == Some(self.day)) else {
            let what = "x-amz-date is YYYYMMDDTHHMMSSZ, of the day that Credential names";
            return Err(Refused::Incomplete(what.to_owned()));
        };
        let hash = hex(&request.body.hash);
        let hash = match find(request.headers, "x-amz-content-sha256")
            .filter(|_| self.names.contains(&"x-amz-content-sha256"))
        {
            // What is sent in the clear is not taken on trust.
            Some(UNSIGNED_PAYLOAD) if request.secure => UNSIGNED_PAYLOAD.to_owned(),
            Some(said) if said != hash => return Err(Refused::WrongSignature),
            _ => hash,
        };
        let scope = format!("{}/{}/{}/aws4_request", self.day, self.region, self.service);
        let first = format!("AWS4{secret}").into_bytes();
        let parts = [self.day, self.region, self.service, "aws4_request"];
        let key = parts.iter().try_fold(first, |key, part| Some(mac(&key, part)?.finalize().into_bytes().to_vec()));
        let is_of = |authority: &str| -> Option<bool> {
            let canonical = self.canonical(request, authority, &hash)?;
            let text = format!("{ALGORITHM}\n{said}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
            // Compares in constant time.
            Some(mac(key.as_deref()?, &text)?.verify_slice(&self.signature).is_ok())
        };
        if !authorities(request).iter().any(|authority| is_of(authority) == Some(true)) {
            return Err(Refused::WrongSignature);
        }
        // Only now: who has no key is told nothing of clocks.
        let late = now.since(at);
        if late.abs() > SKEW_MILLIS {
            let now = now.to_rfc3339();
            return Err(Refused::Skewed { said: said.to_owned(), now, behind: late > 0 });
        }
        let call = find(request.headers, "amz-sdk-invocation-id").filter(|id| (8..=64).contains(&id.len()));
        let call = call.map_or_else(|| hex(self.signature.first_chunk::<16>().unwrap_or(&[0; 16])), str::to_owned);
        let Self { region, service, names, .. } = self;
        Ok(Verified { service, region, body: request.body.body, call, headers: request.headers, names })
    }

    /// The request as it is signed; nothing when a header that is said to be signed is not there.
    fn canonical(&self, request: &Request<'_>, authority: &str, hash: &str) -> Option<String> {
        let mut text = format!("{}\n{}\n{}\n", request.method, path(request.path), query(request.query));
        for name in &self.names {
            let values: Vec<String> = match *name {
                "host" | ":authority" => vec![authority.to_owned()],
                name => request.headers.iter().filter(|(n, _)| n == name).map(|(_, value)| plain(value)).collect(),
            };
            if values.is_empty() {
                return None;
            }
            text.extend([name, ":", &values.join(","), "\n"]);
        }
        text.extend(["\n", &self.names.join(";"), "\n", hash]);
        Some(text)
    }
}

/// What a client may have called us: as it says in `host`, and as the address has it, with and without the usual port.
fn authorities<'a>(request: &Request<'a>) -> Vec<Cow<'a, str>> {
    let mut all: Vec<Cow<'a, str>> = Vec::new();
    let port = if request.secure { ":443" } else { ":80" };
    for name in find(request.headers, "host").into_iter().chain([request.authority]) {
        let bare = name.strip_suffix(port).unwrap_or(name);
        let has_other_port = bare.rsplit(']').next().is_some_and(|end| end.contains(':'));
        let whole = if has_other_port { name.into() } else { Cow::from(format!("{bare}{port}")) };
        for one in [Cow::from(name), bare.into(), whole] {
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all
}

/// A path without what leads nowhere, and encoded once more than it was sent.
fn path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    let is_folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    let end = if is_folder && !parts.is_empty() { "/" } else { "" };
    let parts: Vec<String> = parts.iter().map(|part| utf8_percent_encode(part, RESERVED).to_string()).collect();
    format!("/{}{end}", parts.join("/"))
}

/// A query's pairs, encoded and in order.
fn query(query: &str) -> String {
    let encoded = |text: &str| {
        let bytes: Vec<u8> = percent_decode_str(text).collect();
        percent_encoding::percent_encode(&bytes, RESERVED).to_string()
    };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encoded(name), encoded(value)))
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A header's value with single blanks.
fn plain(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// `20260301T120000Z`.
fn stamp(text: &str) -> Option<Millis> {
    let is_digits = |(at, b): (usize, u8)| match at {
        8 => b == b'T',
        15 => b == b'Z',
        _ => b.is_ascii_digit(),
    };
    if text.len() != 16 || !text.bytes().enumerate().all(is_digits) {
        return None;
    }
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let (day, time) = ((part(0, 4), part(4, 6), part(6, 8)), (part(9, 11), part(11, 13), part(13, 15)));
    Millis::parse(&format!("{}-{}-{}T{}:{}:{}Z", day.0, day.1, day.2, time.0, time.1, time.2))
}

fn mac(key: &[u8], text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |d: u8| char::from_digit(u32::from(d), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    if text.len() != 64 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
pub(super) mod tests;
