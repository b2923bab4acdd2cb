//! AWS Signature Version 4 for two kinds of requests: putting an object, and getting one.
//!
//! Signed in headers, not in the address, which logs and proxies keep. The content's hash is part of what is signed, so
//! the store refuses an object that was damaged or cut short on its way.

use super::place::{Place, Reach};
use crate::outbound::Origin;
use crate::time::Millis;
use hmac::{Hmac, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

/// What S3 encodes in a path before it is signed: slashes stay.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The keys of a target. They are never shown: there is no `Debug`.
pub struct Credentials {
    /// Names the key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: String,
    /// Goes with keys that are lent for a while.
    pub session_token: Option<String>,
}

/// A request that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Its address.
    pub url: String,
    /// Its headers besides `host`.
    pub headers: Vec<(&'static str, String)>,
}

/// Signs the request that puts `key` to a place of kind `s3`; none when it is another, or its endpoint is no address.
/// `content_sha256` is the content's hash in lower-case hex.
pub fn put(place: &Place, key: &str, content_sha256: &str, keys: &Credentials, now: Millis) -> Option<Signed> {
    signed("PUT", place, key, content_sha256, keys, now)
}

/// Signs the request that gets `key` from such a place.
pub fn get(place: &Place, key: &str, keys: &Credentials, now: Millis) -> Option<Signed> {
    signed("GET", place, key, &content_sha256(b""), keys, now)
}

fn signed(
    method: &str,
    place: &Place,
    key: &str,
    content_sha256: &str,
    keys: &Credentials,
    now: Millis,
) -> Option<Signed> {
    let Reach::S3 { endpoint, region, path_style } = &place.reach else { return None };
    Origin::parse(endpoint).ok()?;
    let (scheme, authority) = endpoint.trim_end_matches('/').split_once("://")?;
    // A standard port is not part of the host in a request.
    let standard = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.strip_suffix(standard).unwrap_or(authority).to_ascii_lowercase();
    let key = utf8_percent_encode(key, RESERVED);
    let (host, path) = if *path_style {
        (authority, format!("/{}/{key}", utf8_percent_encode(&place.bucket, RESERVED)))
    } else {
        (format!("{}.{authority}", place.bucket), format!("/{key}"))
    };

    let stamp: String = now.to_rfc3339().split('.').next()?.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let stamp = format!("{stamp}Z");
    let day = stamp.get(..8)?;
    let mut signed = vec![("host", host.clone()), ("x-amz-content-sha256", content_sha256.to_owned())];
    signed.push(("x-amz-date", stamp.clone()));
    if let Some(token) = &keys.session_token {
        signed.push(("x-amz-security-token", token.clone()));
    }
    let names = signed.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(";");
    let lines: String = signed.iter().flat_map(|(n, v)| [*n, ":", v.trim(), "\n"]).collect();
    let canonical = format!("{method}\n{path}\n\n{lines}\n{names}\n{content_sha256}");
    let scope = format!("{day}/{region}/s3/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let first = format!("AWS4{}", keys.secret_access_key).into_bytes();
    let key =
        [day, region.as_str(), "s3", "aws4_request"].iter().try_fold(first, |key, part| mac(&key, part.as_bytes()))?;
    let signature = hex(&mac(&key, text.as_bytes())?);
    let id = &keys.access_key_id;
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={names}, Signature={signature}");
    let headers = signed.into_iter().skip(1).chain([("authorization", authorization)]).collect();
    Some(Signed { url: format!("{scheme}://{host}{path}"), headers })
}

/// SHA-256 in lower-case hex.
pub fn content_sha256(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

fn mac(key: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text);
    Some(mac.finalize().into_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |d: u8| char::from_digit(u32::from(d), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::target::TargetName;

    fn place(endpoint: &str, region: &str, bucket: &str, path_style: bool) -> Place {
        Place {
            name: TargetName::default(),
            bucket: bucket.to_owned(),
            prefix: String::new(),
            reach: Reach::S3 { endpoint: endpoint.to_owned(), region: region.to_owned(), path_style },
        }
    }

    fn target(endpoint: &str, bucket: &str, path_style: bool) -> Place {
        place(endpoint, "us-east-1", bucket, path_style)
    }

    fn keys(session_token: Option<&str>) -> Credentials {
        Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
            session_token: session_token.map(str::to_owned),
        }
    }

    const AT: Millis = Millis(1_369_353_600_000);

    #[test]
    fn the_address_has_the_bucket_in_the_host_or_in_the_path() {
        let hash = content_sha256(b"");
        let url = |t: &Place, key: &str| put(t, key, &hash, &keys(None), AT).unwrap().url;
        let t = target("https://s3.amazonaws.com", "events", false);
        assert_eq!(url(&t, "a/b!(c).gz"), "https://events.s3.amazonaws.com/a/b%21%28c%29.gz");
        let t = target("http://127.0.0.1:9000/", "events", true);
        assert_eq!(url(&t, "y=1/b"), "http://127.0.0.1:9000/events/y%3D1/b");
        let t = target("https://S3.example.com:443", "events", false);
        assert_eq!(url(&t, "b"), "https://events.s3.example.com/b");
        assert_eq!(put(&target("https://a/b", "events", true), "k", &hash, &keys(None), AT), None);
    }

    /// The signatures are botocore's (`S3SigV4Auth`) for the same requests.
    #[test]
    fn signatures_are_those_of_another_program() {
        let signature = |t: &Place, key: &str, content: &[u8], token: Option<&str>| {
            let put = put(t, key, &content_sha256(content), &keys(token), AT).unwrap();
            put.headers.last().unwrap().1.rsplit_once('=').unwrap().1.to_owned()
        };
        let t = target("https://s3.amazonaws.com", "examplebucket", false);
        assert_eq!(
            signature(&t, "test$file.text", b"Welcome to Amazon S3.", None),
            "1e15d288c066d54cc20d8f664ade3fa96e6744b2861304671f6eb633045a2d4a"
        );
        let t = place("https://s3.eu-central-1.amazonaws.com", "eu-central-1", "events", false);
        let key = "fleet/2026/03/01/12/fleet-e1-1-2.ndjson.gz";
        assert_eq!(
            signature(&t, key, b"", Some("token/of+a=session")),
            "7f5669249d2e47e5f7da26e6761edd1ebee69b6143d8714c8d9e7fa8e071bc0e"
        );
        let t = place("http://127.0.0.1:9000", "auto", "events", true);
        assert_eq!(
            signature(&t, "y=1/a!'()*b", b"{}", None),
            "476a6ac91be54166c529d727637780b07750b9ab6a3154c294156f1c3c07293b"
        );
    }

    #[test]
    fn the_secret_is_in_nothing_that_is_sent_and_the_address_has_no_signature() {
        let put = put(&target("https://s3.amazonaws.com", "events", false), "k", "00", &keys(Some("t")), AT).unwrap();
        assert!(!format!("{put:?}").contains("wJalr"));
        assert_eq!(put.url, "https://events.s3.amazonaws.com/k");
        let names: Vec<_> = put.headers.iter().map(|(n, _)| *n).collect();
        assert_eq!(names, ["x-amz-content-sha256", "x-amz-date", "x-amz-security-token", "authorization"]);
        let authorization = &put.headers[3].1;
        assert!(authorization.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,"));
    }
}
