//! Whatever a call of an AWS SDK has in its body is refused or becomes records, and is answered; whatever it says of its
//! signature is refused.
#![no_main]

use heliograph_shared::ingest::IngestAnswer;
use heliograph_shared::rules::Rules;
use heliograph_shared::source::aws::sigv4::{Hashed, Request, Signed, Verified};
use heliograph_shared::source::aws::{Ask, Call, Service};
use heliograph_shared::source::{Arrived, EnvelopeName, check};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

const RECEIVED: Millis = Millis(1_772_366_400_000);
const TARGETS: [(&str, &str); 11] = [
    ("firehose", "Firehose_20150804.PutRecord"),
    ("firehose", "Firehose_20150804.PutRecordBatch"),
    ("kinesis", "Kinesis_20131202.PutRecord"),
    ("kinesis", "Kinesis_20131202.PutRecords"),
    ("sqs", "AmazonSQS.SendMessage"),
    ("sqs", "AmazonSQS.SendMessageBatch"),
    ("events", "AWSEvents.PutEvents"),
    ("dynamodb", "DynamoDB_20120810.PutItem"),
    ("dynamodb", "DynamoDB_20120810.UpdateItem"),
    ("dynamodb", "DynamoDB_20120810.BatchWriteItem"),
    ("sns", ""),
];

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fuzz_target!(|input: (&str, &str, &str, &[u8])| {
    let (authorization, date, path, body) = input;
    let headers = [header("authorization", authorization), header("x-amz-date", date), header("host", "h")];
    if let Ok(signed) = Signed::of(&headers) {
        let sent = Hashed::of(body);
        let request =
            Request { method: "POST", path, query: date, headers: &headers, authority: "h", secure: true, body: sent };
        assert!(signed.verify(&request, "secret", RECEIVED).is_err());
    }
    for (scope, target) in TARGETS {
        let mut headers = vec![header("authorization", "AWS4-HMAC-SHA256")];
        if !target.is_empty() {
            headers.push(header("x-amz-target", target));
        }
        let Some(service) = Service::of(&headers) else { continue };
        let verified = Verified::trusted(scope, &headers, body);
        let call =
            Call { service, verified: &verified, source: "buses", endpoint: "https://h/aws", received: RECEIVED };
        match call.open() {
            Ok(Ask::Put(put)) => {
                let arrived = Arrived { headers: &[], query: "", body: b"", key_name: "vehicleId", received: RECEIVED };
                let envelope = EnvelopeName::Firehose.of(&arrived);
                let checked =
                    check(envelope, &put.slices, "vehicleId", &Rules::default(), RECEIVED).expect("within the bounds");
                assert_eq!(checked.events.len() + checked.refused.len(), put.slices.len());
                let answer = IngestAnswer { results: checked.refused, ..IngestAnswer::default() };
                assert!(!put.answer(Ok(&answer)).body.is_empty());
            }
            Ok(Ask::Told(answer)) => assert!(!answer.body.is_empty()),
            Err(failure) => assert!(failure.answer(service).status >= 400),
        }
    }
});
