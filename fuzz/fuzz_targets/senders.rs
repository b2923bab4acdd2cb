//! Whatever says that SNS or IoT sent it: what is visited for it is at AWS, and a certificate that can be read has a key.
#![no_main]

use heliograph_shared::source::Arrived;
use heliograph_shared::source::iot::{self, Confirmation};
use heliograph_shared::source::senders::Senders;
use heliograph_shared::source::sns::{Asked, Certificate, Purpose, judge};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

const RECEIVED: Millis = Millis(1_772_366_400_000);
const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:buses";

/// A message whose parts are the input's, since no chance finds all of its members.
fn message(parts: &[&str; 5]) -> String {
    let [kind, message, certificate, visit, signature] = parts;
    serde_json::json!({
        "Type": kind, "MessageId": "m", "TopicArn": TOPIC, "Message": message, "Timestamp": "2026-03-01T12:00:00.000Z",
        "SignatureVersion": "2", "Signature": signature, "SigningCertURL": certificate, "SubscribeURL": visit, "Token": "t",
    })
    .to_string()
}

fuzz_target!(|input: (&[u8], [&str; 5], &str, &[u8])| {
    let (body, parts, arn, pem) = input;
    if let Ok(certificate) = Certificate::parse(pem) {
        assert!(!certificate.public_key.is_empty());
    }
    let from =
        Senders { topics: vec![TOPIC.to_owned()], accounts: vec!["111122223333".to_owned()], ..Senders::default() };
    let said = message(&parts);
    for body in [body, said.as_bytes()] {
        let arrived = Arrived { headers: &[], query: "", body, key_name: "vehicleId", received: RECEIVED };
        let Ok(Asked::Signed(signed)) = judge(&arrived, &from) else { continue };
        assert!(signed.certificate.url(None).starts_with("https://sns."));
        if let Purpose::Confirm { topic, address } = signed.purpose {
            assert_eq!(topic, TOPIC);
            assert!(address.url(None).starts_with("https://sns."));
        }
    }
    let asked = serde_json::json!({"arn": arn, "confirmationToken": "t", "enableUrl": parts[3]}).to_string();
    for body in [body, asked.as_bytes()] {
        let arrived = Arrived { headers: &[], query: "", body, key_name: "vehicleId", received: RECEIVED };
        if let Ok(Confirmation::Visit { address, .. }) = iot::confirmation(&arrived, &from) {
            assert!(address.url(None).starts_with("https://iot."));
        }
    }
});
