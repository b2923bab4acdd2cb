//! Whatever a notification of S3 names is refused or lies where the source may read, and whatever is in an object becomes events
//! or refusals.
#![no_main]

use heliograph_shared::rules::Rules;
use heliograph_shared::source::s3::{Object, notices};
use heliograph_shared::source::{Arrived, EnvelopeName, check};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

const RECEIVED: Millis = Millis(1_772_366_400_000);

fuzz_target!(|input: (&[u8], &str, &[u8])| {
    let (body, key, content) = input;
    let record = serde_json::json!({"Records": [{"eventSource": "aws:s3", "eventVersion": "2.1", "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "b"}, "object": {"key": key, "eTag": "e"}}}]});
    let record = record.to_string();
    for body in [body, record.as_bytes()] {
        let arrived = Arrived { headers: &[], query: "", body, key_name: "vehicleId", received: RECEIVED };
        for name in [
            EnvelopeName::S3,
            EnvelopeName::Sns,
            EnvelopeName::Eventbridge,
            EnvelopeName::Pipes,
            EnvelopeName::Cloudevents,
        ] {
            for notice in notices(name, &arrived).ok().flatten().unwrap_or_default() {
                let Some(object) = notice.object else { continue };
                if object.check("b", "in/fleet/", &["2026/".to_owned()]).is_ok() {
                    assert!(object.key.starts_with("in/fleet/2026/") && !object.key.contains("/../"));
                }
            }
        }
    }
    for key in ["a.csv", "a.json", key] {
        let object =
            Object { bucket: "b".to_owned(), key: key.to_owned(), version: "v".to_owned(), tag: None, size: None };
        let arrived = Arrived { headers: &[], query: "", body: b"", key_name: "vehicleId", received: RECEIVED };
        let Ok((name, slices)) = object.records(content.to_vec(), &arrived) else { continue };
        let checked =
            check(name.envelope(), &slices, "vehicleId", &Rules::default(), RECEIVED).expect("within the bounds");
        assert!(checked.events.len() + checked.refused.len() <= slices.len());
    }
});
