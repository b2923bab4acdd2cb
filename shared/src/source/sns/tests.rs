use super::super::EnvelopeName;
use super::super::tests::Sent;
use super::*;
use serde_json::{Value, json};

const ARN: &str = "arn:aws:sns:us-east-1:111122223333:orders";
const CERT: &str = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-ab12.pem";
const CONFIRM: &str = "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:111122223333:orders&Token=2336";

fn from(raw: bool) -> Senders {
    Senders { topics: vec![ARN.to_owned()], raw, ..Senders::default() }
}

fn notification() -> Value {
    json!({"Type": "Notification", "MessageId": "22b80b92", "TopicArn": ARN, "Subject": "s", "Message": "{\"vehicleId\":\"v1\",\"n\":1}",
        "Timestamp": "2026-03-01T12:00:00.000Z", "SignatureVersion": "2", "Signature": "c2ln", "SigningCertURL": CERT,
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe"})
}

fn judged(body: &Value) -> Result<Asked, Problem> {
    judge(&Sent::new(&[], "", body.to_string()).arrived(), &from(false))
}

fn signed(body: &Value) -> Signed {
    match judged(body).unwrap() {
        Asked::Signed(signed) => *signed,
        Asked::Raw => panic!("it is signed"),
    }
}

#[test]
fn the_signed_text_of_a_notification_has_its_lines_in_their_order_and_its_subject_only_when_it_has_one() {
    let mut body = notification();
    let with = signed(&body);
    let text = "Message\n{\"vehicleId\":\"v1\",\"n\":1}\nMessageId\n22b80b92\nSubject\ns\nTimestamp\n2026-03-01T12:00:00.000Z\nTopicArn\narn:aws:sns:us-east-1:111122223333:orders\nType\nNotification\n";
    assert_eq!((with.text.as_str(), with.hash, with.signature.as_slice()), (text, Hash::Sha256, &b"sig"[..]));
    assert_eq!((with.purpose, with.certificate.url(None).as_str()), (Purpose::Records, CERT));
    body.as_object_mut().unwrap().remove("Subject");
    body["SignatureVersion"] = json!("1");
    let without = signed(&body);
    assert_eq!((without.text, without.hash), (text.replace("Subject\ns\n", ""), Hash::Sha1));
}

#[test]
fn a_confirmation_is_signed_with_its_address_and_its_token_and_an_end_is_visited_by_nobody() {
    let mut body = notification();
    body["Type"] = json!("SubscriptionConfirmation");
    body["Message"] = json!("m");
    body["Token"] = json!("2336");
    body["SubscribeURL"] = json!(CONFIRM);
    let text = format!(
        "Message\nm\nMessageId\n22b80b92\nSubscribeURL\n{CONFIRM}\nTimestamp\n2026-03-01T12:00:00.000Z\nToken\n2336\nTopicArn\n{ARN}\nType\nSubscriptionConfirmation\n"
    );
    let asked = signed(&body);
    assert_eq!(asked.text, text);
    assert!(
        matches!(asked.purpose, Purpose::Confirm { topic, address } if topic == ARN && address.url(None) == CONFIRM)
    );
    for elsewhere in [
        "https://evil.example/?Action=ConfirmSubscription&TopicArn=a",
        "http://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=a",
        "https://sns.us-east-1.amazonaws.com/?Action=DeleteTopic&TopicArn=a",
    ] {
        body["SubscribeURL"] = json!(elsewhere);
        assert_eq!(judged(&body).unwrap_err().code, Code::SignatureInvalid, "{elsewhere}");
    }
    body["Type"] = json!("UnsubscribeConfirmation");
    assert_eq!(signed(&body).purpose, Purpose::Ended { topic: ARN.to_owned() });
    assert!(Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto).0.is_empty());
}

#[test]
fn other_topics_other_places_and_other_times_are_refused_before_anything_is_fetched() {
    let with = |name: &str, value: &str| {
        let mut body = notification();
        body[name] = json!(value);
        judged(&body).map(|_| ()).map_err(|p| (p.code, p.status))
    };
    assert_eq!(with("TopicArn", "arn:aws:sns:us-east-1:111122223333:other"), Err((Code::SenderNotListed, 403)));
    let forged = Err((Code::SignatureInvalid, 403));
    for certificate in [
        "https://evil.example/SimpleNotificationService-ab12.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/SimpleNotificationService-ab12.pem",
        "https://sns.us-east-1.amazonaws.com/other.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-ab12.pem?x=.pem",
        "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-ab12.pem",
    ] {
        assert_eq!(with("SigningCertURL", certificate), forged, "{certificate}");
    }
    // Two hours before, and a quarter of an hour ahead.
    assert_eq!(with("Timestamp", "2026-03-01T10:00:00.000Z"), Ok(()));
    assert_eq!(with("Timestamp", "2026-03-01T09:59:59.999Z"), forged);
    assert_eq!(with("Timestamp", "2026-03-01T12:15:00.001Z"), forged);
    assert_eq!(with("Timestamp", "noon"), Err((Code::InvalidJson, 400)));
    assert_eq!(with("SignatureVersion", "3"), forged);
    assert_eq!(with("Signature", "%%"), forged);
    assert_eq!(with("Type", "Advertisement"), Err((Code::InvalidJson, 400)));
    assert_eq!(judged(&json!({"Type": "Notification"})).unwrap_err().code, Code::InvalidJson);
}

#[test]
fn a_raw_delivery_is_taken_only_where_the_source_says_so() {
    let headers = [(RAW, "true"), (TOPIC, ARN), (MESSAGE_ID, "22b8"), ("x-amz-sns-message-type", "Notification")];
    let sent = Sent::new(&headers, "", r#"{"vehicleId":"v1","n":1}"#);
    assert_eq!(judge(&sent.arrived(), &from(true)), Ok(Asked::Raw));
    assert_eq!(judge(&sent.arrived(), &from(false)).unwrap_err().code, Code::SignatureInvalid);
    assert_eq!(
        judge(&sent.arrived(), &Senders { raw: true, ..Senders::default() }).unwrap_err().code,
        Code::SenderNotListed
    );
    let (events, refused) = sent.events(EnvelopeName::Auto);
    assert_eq!((&events[0]["id"], &events[0]["key"], refused.len()), (&json!("22b8"), &json!("v1"), 0));
}

#[test]
fn a_message_is_one_record_or_several_with_its_id_and_its_time() {
    let mut body = notification();
    let (events, refused) = Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto);
    let expected = json!({"id": "22b80b92", "key": "v1", "time": 1_772_366_400_000_i64, "fields": {"n": 1}});
    assert_eq!((events, refused), (vec![expected], vec![]));
    body["Message"] = json!("[{\"key\":\"a\"},{\"key\":\"b\"}]");
    let (events, _) = Sent::new(&[], "", body.to_string()).events(EnvelopeName::Sns);
    assert_eq!(events.iter().map(|e| e["id"].as_str().unwrap()).collect::<Vec<_>>(), ["22b80b92", "22b80b92.1"]);
    body["Message"] = json!("hello");
    assert_eq!(Sent::new(&[], "", body.to_string()).events(EnvelopeName::Sns).1, ["invalid_json "]);
}

#[test]
fn a_sender_to_whom_a_4xx_is_the_end_is_told_503_of_what_will_pass() {
    let sent = Sent::new(&[("x-amz-sns-message-type", "Notification")], "", notification().to_string());
    let told = [
        Code::TooManyRequests,
        Code::StorageFull,
        Code::SenderUnreachable,
        Code::SignatureInvalid,
        Code::CredentialMissing,
    ]
    .map(|code| sent.refused(code).status);
    assert_eq!(told, [503, 503, 503, 403, 401]);
}

/// Made by openssl 3: RSA of 1,024 bits, from 2026-11-29 02:07:28 on.
const PEM: &str = "\
-----BEGIN CERTIFICATE-----
MIIB8TCCAVqgAwIBAgIBATANBgkqhkiG9w0BAQsFADATMREwDwYDVQQDDAhzbnMu
dGVzdDAgFw0yNjExMjkwMjA3MjhaGA8yMTI2MTEwNTAyMDcyOFowEzERMA8GA1UE
AwwIc25zLnRlc3QwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBANWctCrtm+Lm
COSGNApIsUZ6tDC6DnJzHByK7QNsOnNjEjgymjvbRiahxvQ2EOmB1ja8qDvT2OGN
iVc0Cg2qaN/2rfP1DknIJTfmMfssK2SNMiYg+lygu5RcOVV1fjmAlg1oOSu+tAUW
eDc1/JeCMmxc2Osj5nnAC09nM9uMDobxAgMBAAGjUzBRMB0GA1UdDgQWBBR8JxaE
Itw+Qa7O7BTjzcGeAFPvCTAfBgNVHSMEGDAWgBR8JxaEItw+Qa7O7BTjzcGeAFPv
CTAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4GBAGFbMNRarKT2EVZg
7uFNxOBj+LXZ/R5kiP2vPIGVoyN0uN9J7SStYuSNccGB8vnc2Fnns7voxTmevsbj
aIL1Jfm773ZuHmXn2hNE/c8qOTWVhGJuyk3mDplYGFGYFQga+2lNjCz04mDR2+9L
ZgbbGbv2MKe9z18+nZ3G0LZd0UYD
-----END CERTIFICATE-----
";

#[test]
fn a_certificates_key_is_what_openssl_calls_it_and_counts_in_its_time() {
    let certificate = Certificate::parse(format!("a note\n{PEM}").as_bytes()).unwrap();
    let key = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDVnLQq7Zvi5gjkhjQKSLFGerQwug5ycxwciu0DbDpzYxI4Mpo720Ymocb0NhDpgdY2vKg709jhjYlXNAoNqmjf9q3z9Q5JyCU35jH7LCtkjTImIPpcoLuUXDlVdX45gJYNaDkrvrQFFng3NfyXgjJsXNjrI+Z5wAtPZzPbjA6G8QIDAQAB";
    assert_eq!(STANDARD.encode(&certificate.public_key), key);
    let at = |text: &str| certificate.counts_at(Millis::parse(text).unwrap());
    assert!(at("2026-11-29T02:07:28Z") && at("2126-11-05T02:07:28Z"));
    assert!(!at("2026-11-29T02:07:27Z") && !at("2126-11-05T02:07:29Z"));
    assert_eq!(Certificate::parse(b"nope"), Err(BadCertificate::NotPem));
    let cut = PEM.replacen("MII", "AII", 1);
    assert_eq!(Certificate::parse(cut.as_bytes()), Err(BadCertificate::NotACertificate));
}
