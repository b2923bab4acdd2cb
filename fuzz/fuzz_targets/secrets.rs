//! Wherever a sender puts its secret: it is found or not, is cut out of the query, and keys that can be read are written the same.
#![no_main]

use heliograph_shared::routes::Method;
use heliograph_shared::source::Arrived;
use heliograph_shared::source::aws::connections;
use heliograph_shared::source::aws::key::AccessKey;
use heliograph_shared::source::credential::{presented, without_secret};
use heliograph_shared::source::device::DeviceSecret;
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str, &[u8])| {
    let (text, query, body) = input;
    for name in ["authorization", "x-amz-firehose-access-key", "other"] {
        let headers = [(name.to_owned(), text.to_owned())];
        let arrived = Arrived { headers: &headers, query, body: b"", key_name: "key", received: Millis(0) };
        let _ = presented(&arrived);
    }
    assert!(!without_secret(query).split('&').any(|pair| pair.starts_with("secret=")));
    if let Some(key) = AccessKey::parse(text) {
        assert_eq!(AccessKey::parse(&key.id()), Some(key));
    }
    if let Some(secret) = DeviceSecret::parse(text) {
        assert!(!secret.key.is_empty());
    }
    for method in [Method::Get, Method::Post, Method::Delete] {
        let _ = connections::open(method, text, body);
    }
});
