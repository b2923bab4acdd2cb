use super::super::tests::Sent;
use super::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write as _;

fn classic(name: &str, key: &str) -> Value {
    json!({"Records": [{"eventVersion": "2.4", "eventSource": "aws:s3", "awsRegion": "us-east-1", "eventTime": "2026-03-01T12:00:00.000Z",
        "eventName": name, "s3": {"s3SchemaVersion": "1.0", "configurationId": "c", "bucket": {"name": "inbox", "arn": "arn:aws:s3:::inbox"},
            "object": {"key": key, "size": 42, "eTag": "e7a9", "sequencer": "0055AED6DCD90281E5"}}}]})
}

fn bridged(kind: &str, key: &str) -> Value {
    json!({"version": "0", "id": "17793124", "detail-type": kind, "source": "aws.s3", "account": "1", "time": "2026-03-01T12:00:00Z",
        "region": "us-east-1", "resources": ["arn:aws:s3:::inbox"], "detail": {"version": "0", "bucket": {"name": "inbox"},
            "object": {"key": key, "size": 42, "etag": "e7a9", "version-id": "IYV3", "sequencer": "617f"}, "reason": "PutObject"}})
}

fn told(body: &Value) -> Vec<Notice> {
    let sent = Sent::new(&[], "", body.to_string());
    let arrived = sent.arrived();
    let name = EnvelopeName::Auto.told_by(&arrived);
    assert_eq!(name, EnvelopeName::S3, "{body}");
    notices(name, &arrived).unwrap().unwrap()
}

fn object(key: &str, version: &str) -> Object {
    Object {
        bucket: "inbox".into(),
        key: key.into(),
        version: version.into(),
        tag: Some("e7a9".into()),
        size: Some(42),
    }
}

#[test]
fn a_key_is_decoded_as_a_form_in_the_classic_shape_and_stays_as_it_is_in_eventbridges() {
    let found = |body: &Value| told(body).remove(0).object.unwrap();
    assert_eq!(found(&classic("ObjectCreated:Put", "in/a+b%2Bc%C3%BC.csv")), object("in/a b+cü.csv", "e7a9"));
    assert_eq!(found(&bridged("Object Created", "in/a+b.csv")), object("in/a+b.csv", "IYV3"));
}

#[test]
fn what_is_no_new_object_is_passed_over_and_what_can_not_be_followed_is_refused() {
    assert!(told(&classic("ObjectRemoved:Delete", "a")).is_empty());
    assert!(told(&bridged("Object Deleted", "a")).is_empty());
    assert!(told(&json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "inbox"})).is_empty());
    let mut body = classic("ObjectCreated:Put", "a");
    body["Records"][0]["eventVersion"] = json!("3.0");
    assert_eq!(told(&body)[0].slice.refused.as_ref().unwrap().field, "eventVersion");
    assert_eq!(told(&classic("ObjectCreated:Put", "%ff"))[0].slice.refused.as_ref().unwrap().field, "s3.object.key");
    let sent = Sent::new(&[], "", r#"{"key":"a"}"#);
    assert_eq!(notices(EnvelopeName::S3, &sent.arrived()), Ok(None));
}

#[test]
fn only_objects_of_the_targets_bucket_and_prefix_are_fetched() {
    let code = |object: &Object, chosen: &[&str]| {
        let chosen: Vec<String> = chosen.iter().map(|c| (*c).to_owned()).collect();
        object.check("inbox", "in/fleet/", &chosen).err().map(|e| e.code)
    };
    assert_eq!(code(&object("in/fleet/a.csv", ""), &[]), None);
    assert_eq!(code(&object("in/fleet/2026/a.csv", ""), &["2025/", "2026/"]), None);
    for key in ["in/fleet2/a", "a", "in/fleet", "", "xin/fleet/a"] {
        assert_eq!(code(&object(key, ""), &[]), Some(Code::SenderNotListed), "{key}");
    }
    assert_eq!(code(&object("in/fleet/a.csv", ""), &["2026/"]), Some(Code::SenderNotListed));
    assert_eq!(code(&object("in/fleet/../other/a.csv", ""), &[]), Some(Code::Invalid));
    assert_eq!(code(&Object { bucket: "other".into(), ..object("in/fleet/a", "") }, &[]), Some(Code::SenderNotListed));
    assert_eq!(code(&Object { size: Some(1 << 40), ..object("in/fleet/a", "") }, &[]), Some(Code::BodyTooLarge));
}

#[test]
fn tables_lines_arrays_and_gzip_of_them_are_records_with_ids_of_their_object_and_row() {
    let sent = Sent::new(&[], "", "");
    let arrived = sent.arrived();
    let lines = b"{\"key\":\"a\"}\n{\"key\":\"b\"}\n".to_vec();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&lines).unwrap();
    for (key, content, name) in [
        ("in/a.ndjson", lines, EnvelopeName::S3),
        ("in/a.ndjson.gz", gzip.finish().unwrap(), EnvelopeName::S3),
        ("in/a", b"[{\"key\":\"a\"},{\"key\":\"b\"}]".to_vec(), EnvelopeName::S3),
        ("in/a.CSV", b"key,n\r\na,1\r\nb,2\r\n".to_vec(), EnvelopeName::Csv),
    ] {
        let (told, slices) = object(key, "e7").records(content, &arrived).unwrap();
        assert_eq!(told, name, "{key}");
        let ids: Vec<_> = slices.iter().map(|s| s.id.clone().unwrap()).collect();
        assert_eq!(ids, [format!("inbox/{key}/e7#0"), format!("inbox/{key}/e7#1")]);
        let checked =
            crate::source::check(name.envelope(), &slices, "key", &crate::rules::Rules::default(), arrived.received)
                .unwrap();
        assert_eq!(checked.events.iter().map(|e| e.key.as_str()).collect::<Vec<_>>(), ["a", "b"], "{key}");
    }
    let long = object(&"x".repeat(1_000), "v");
    let (_, slices) = long.records(b"{}".to_vec(), &arrived).unwrap();
    let id = slices[0].id.clone().unwrap();
    assert!(id.len() <= limits::EVENT_ID_BYTES && id.starts_with("inbox/"), "{id}");
    let mut bomb = GzEncoder::new(Vec::new(), Compression::default());
    bomb.write_all(&vec![b' '; limits::OBJECT_BYTES + 1]).unwrap();
    assert_eq!(long.records(bomb.finish().unwrap(), &arrived).unwrap_err().code, Code::BodyTooLarge);
}

#[test]
fn parquet_is_refused_with_what_can_be_done() {
    let sent = Sent::new(&[], "", "");
    let refused = object("in/a.parquet", "e7").records(b"PAR1\x15\x04".to_vec(), &sent.arrived()).unwrap_err();
    assert_eq!(refused.code, Code::UnsupportedMediaType);
    assert!(refused.detail.contains("heliograph replay") && refused.detail.contains("CSV"), "{}", refused.detail);
}

#[test]
fn objects_of_r2_are_named_by_messages_of_a_queue_and_other_messages_are_records() {
    let event =
        |data: &Value| json!({"specversion": "1.0", "id": "m", "source": "queue/q", "type": "message", "data": data});
    let r2 = |action: &str, object: &Value| {
        json!({"account": "3f4b7e3dcab231cbfdaa90a6a28bd548", "action": action, "bucket": "inbox", "object": object,
            "eventTime": "2026-05-24T19:36:44.379Z"})
    };
    let put = json!({"key": "in/a b.csv", "size": 42, "eTag": "e7a9"});
    let kind = [("content-type", "application/cloudevents-batch+json")];
    let told = |data: &[Value]| {
        let body: Vec<Value> = data.iter().map(event).collect();
        let sent = Sent::new(&kind, "", Value::from(body).to_string());
        let arrived = sent.arrived();
        notices(EnvelopeName::Auto.told_by(&arrived), &arrived).unwrap()
    };
    let found =
        told(&[r2("PutObject", &put), r2("DeleteObject", &json!({"key": "in/b"})), r2("CopyObject", &Value::Null)]);
    let found = found.unwrap();
    assert_eq!(found[0].object, Some(object("in/a b.csv", "e7a9")));
    assert_eq!((found.len(), found[1].slice.refused.as_ref().unwrap().field.as_str()), (2, "object"));
    assert_eq!(told(&[r2("PutObject", &put), json!({"key": "a"})]), None);
    assert_eq!(told(&[]), None);
}

#[test]
fn objects_are_named_by_messages_of_a_queue_that_a_pipe_reads_and_other_messages_are_records() {
    let told = |bodies: &[Value]| {
        let message = |body: &Value| json!({"messageId": "m", "eventSource": "aws:sqs", "body": body.to_string(), "attributes": {}});
        let all: Vec<Value> = bodies.iter().map(message).collect();
        let sent = Sent::new(&[], "", Value::from(all).to_string());
        let arrived = sent.arrived();
        let name = EnvelopeName::Auto.told_by(&arrived);
        assert_eq!(name, EnvelopeName::Pipes);
        notices(name, &arrived).unwrap()
    };
    let found = told(&[classic("ObjectCreated:Put", "in/a.csv"), bridged("Object Created", "in/b.csv")]).unwrap();
    let keys: Vec<_> = found.iter().map(|notice| notice.object.as_ref().unwrap().key.as_str()).collect();
    assert_eq!(keys, ["in/a.csv", "in/b.csv"]);
    assert_eq!(told(&[classic("ObjectCreated:Put", "in/a.csv"), json!({"key": "a"})]), None);
    let set_up = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "inbox"});
    assert_eq!(told(&[set_up]), Some(Vec::new()));
}
