use super::sigv4::tests::{SECRET, sign};
use super::sigv4::{Hashed, Request, Signed};
use super::*;
use crate::problem::Code;
use crate::rules::Rules;
use crate::source::{Arrived, EnvelopeName, check};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: Millis = Millis(1_772_366_400_000);
const AT: &str = "20260301T120000Z";

/// A call with the key of the source `buses`: what it asks for is looked at by `look`.
fn called<T>(
    target: Option<&str>,
    service: &str,
    body: &[u8],
    look: impl FnOnce(Service, Result<Ask<'_>, Failure>) -> T,
) -> T {
    let mut headers =
        vec![("x-amz-date".to_owned(), AT.to_owned()), ("amz-sdk-invocation-id".into(), "call-0001".into())];
    headers.extend(target.map(|target| (TARGET.to_owned(), target.to_owned())));
    let names = if target.is_some() { "host;x-amz-date;x-amz-target" } else { "host;x-amz-date" };
    let sent = Hashed::of(body);
    let bare =
        Request { method: "POST", path: "/aws", query: "", headers: &[], authority: "h", secure: true, body: sent };
    let signature = sign(&Request { headers: &headers, ..bare }, names, service, AT);
    let scope = format!("20260301/us-east-1/{service}/aws4_request");
    let text = format!("AWS4-HMAC-SHA256 Credential=K/{scope}, SignedHeaders={names}, Signature={signature}");
    headers.push(("authorization".to_owned(), text));
    let verified = Signed::of(&headers).unwrap().verify(&Request { headers: &headers, ..bare }, SECRET, NOW).unwrap();
    let service = Service::of(&headers).unwrap();
    let call = Call { service, verified: &verified, source: "buses", endpoint: "https://h/aws", received: NOW };
    look(service, call.open())
}

fn read(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| String::from_utf8_lossy(&answer.body).into_owned().into())
}

/// The events of a call by id, and the status and body of its answer.
fn taken(target: Option<&str>, service: &str, body: &[u8]) -> (Vec<Value>, u16, Value) {
    called(target, service, body, |service, ask| {
        let put = match ask {
            Ok(Ask::Put(put)) => put,
            Ok(Ask::Told(answer)) => return (Vec::new(), answer.status, read(&answer)),
            Err(failure) => {
                let answer = failure.answer(service);
                return (Vec::new(), answer.status, read(&answer));
            }
        };
        let arrived = Arrived { headers: &[], query: "", body: b"", key_name: "vehicleId", received: NOW };
        let envelope = EnvelopeName::Firehose.of(&arrived);
        let checked = check(envelope, &put.slices, "vehicleId", &Rules::default(), NOW).unwrap();
        let answer = IngestAnswer { results: checked.refused, ..IngestAnswer::default() };
        let answer = put.answer(Ok(&answer));
        let events = checked.events.iter().map(|e| serde_json::to_value(e).unwrap()).collect();
        (events, answer.status, read(&answer))
    })
}

fn json_call(target: &str, service: &str, body: &Value) -> (Vec<Value>, u16, Value) {
    taken(Some(target), service, body.to_string().as_bytes())
}

fn ids(events: &[Value]) -> Vec<String> {
    let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    events.iter().map(|event| format!("{} {}", text(event, "key"), text(event, "id"))).collect()
}

/// Base64.
fn b(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn firehose_answers_each_record_in_its_place() {
    let batch = |records: &[&str]| {
        let records: Vec<Value> = records.iter().map(|r| json!({"Data": b(r)})).collect();
        json!({"DeliveryStreamName": "buses", "Records": records})
    };
    let body = batch(&[r#"{"key":"a"}"#, "nope", "{\"key\":\"b\"}\n{\"key\":\"c\"}\nnope", ""]);
    let (events, status, answer) = json_call("Firehose_20150804.PutRecordBatch", "firehose", &body);
    assert_eq!(ids(&events), ["a call-0001/0", "b call-0001/2", "c call-0001/2.1"]);
    assert_eq!((status, &answer["FailedPutCount"]), (200, &json!(1)));
    let failed: Vec<bool> =
        answer["RequestResponses"].as_array().unwrap().iter().map(|r| r["RecordId"].is_null()).collect();
    // The third has records that were taken: sent again, they would be there twice.
    assert_eq!(failed, [false, true, false, false]);
    assert_eq!(answer["RequestResponses"][1]["ErrorCode"], "InvalidArgumentException");

    let one = |data: &str| {
        let body = json!({"DeliveryStreamName": "buses", "Record": {"Data": data}});
        json_call("Firehose_20150804.PutRecord", "firehose", &body)
    };
    let (events, status, answer) = one(&b(r#"{"vehicleId":"v","lat":1.5,"lon":2.5}"#));
    assert_eq!((ids(&events), status), (vec!["v call-0001/0".to_owned()], 200));
    assert_eq!(answer["RecordId"].as_str().unwrap().len(), 36);
    let (_, status, answer) = one("%%");
    assert_eq!((status, &answer["__type"]), (400, &json!("InvalidArgumentException")));
    assert_eq!(json_call("Firehose_20150804.PutRecordBatch", "firehose", &batch(&[])).1, 400);
    assert_eq!(json_call("Firehose_20150804.PutRecordBatch", "firehose", &batch(&["{}"; 501])).1, 400);
}

#[test]
fn kinesis_takes_records_with_and_without_a_partition_key_and_those_that_were_put_together() {
    let two = include_bytes!("kpl_two.bin");
    let aggregated = {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(two)
    };
    let body = json!({"StreamARN": "arn:aws:kinesis:eu-west-1:1:stream/buses", "Records": [
        {"Data": b(r#"{"key":"x"}"#)}, {"Data": aggregated, "PartitionKey": "k", "ExplicitHashKey": "1"}, {"Data": b("[]")},
    ]});
    let (events, status, answer) = json_call("Kinesis_20131202.PutRecords", "kinesis", &body);
    assert_eq!(ids(&events), ["x call-0001/0", "a call-0001/1", "b call-0001/1.1"]);
    assert_eq!((status, &answer["FailedRecordCount"]), (200, &json!(1)));
    assert_eq!(answer["Records"][0]["ShardId"], "shardId-000000000000");
    assert_ne!(answer["Records"][0]["SequenceNumber"], answer["Records"][1]["SequenceNumber"]);

    let one = json!({"StreamName": "buses", "StreamId": "s", "Data": b(r#"{"key":"x"}"#), "DryRun": true});
    let (events, status, answer) = json_call("Kinesis_20131202.PutRecord", "kinesis", &one);
    assert_eq!((events.len(), status, &answer["__type"]), (0, 400, &json!("DryRunOperationException")));
    let name = json!({"StreamName": "buses"});
    let (_, _, shards) = json_call("Kinesis_20131202.ListShards", "kinesis", &name);
    assert_eq!(shards["Shards"].as_array().unwrap().len(), 1);
    let (_, _, summary) = json_call("Kinesis_20131202.DescribeStreamSummary", "kinesis", &name);
    assert_eq!(summary["StreamDescriptionSummary"]["StreamStatus"], "ACTIVE");
}

/// The checksums are those that botocore and the Java SDK expect of this message.
#[test]
fn sqs_answers_the_checksums_that_clients_verify() {
    let body = json!({"QueueUrl": "https://h/aws/000000000000/buses", "MessageBody": r#"{"key":"q"}"#,
        "MessageAttributes": {"a": {"DataType": "String", "StringValue": "x"}, "b": {"DataType": "Binary", "BinaryValue": b("y")}},
        "MessageDeduplicationId": "own-1"});
    let (events, status, answer) = json_call("AmazonSQS.SendMessage", "sqs", &body);
    assert_eq!((ids(&events), status), (vec!["q own-1".to_owned()], 200));
    assert_eq!(answer["MD5OfMessageBody"], "65e1877c465a7073a4a6e4c8e21903c6");
    assert_eq!(answer["MD5OfMessageAttributes"], "5cae7fe49a722810934b3eeb7f599d87");

    let entry = |id: &str, body: &str| json!({"Id": id, "MessageBody": body});
    let batch = |entries: Value| {
        json_call("AmazonSQS.SendMessageBatch", "sqs", &json!({"QueueUrl": "buses", "Entries": entries}))
    };
    let (events, _, answer) = batch(json!([entry("1", r#"{"key":"q"}"#), entry("2", "nope")]));
    assert_eq!(ids(&events), ["q call-0001/0"]);
    assert_eq!((&answer["Successful"][0]["Id"], &answer["Failed"][0]["Id"]), (&json!("1"), &json!("2")));
    assert_eq!(answer["Failed"][0]["SenderFault"], true);
    assert_eq!(batch(json!([entry("1", "{}"), entry("1", "{}")])).1, 400);
    let (_, _, url) = json_call("AmazonSQS.GetQueueUrl", "sqs", &json!({"QueueName": "buses"}));
    assert_eq!(url["QueueUrl"], "https://h/aws/000000000000/buses");
}

#[test]
fn the_detail_of_an_event_is_the_record_and_its_time_a_decimal() {
    let event = |detail: Value, more: Value| {
        let mut event = json!({"Source": "s", "DetailType": "moved", "Detail": detail});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let body = json!({"Entries": [
        event(json!(r#"{"key":"e"}"#), json!({"Time": 1_772_366_400.123_456})),
        event(json!("{"), json!({"EventBusName": "default"})),
        event(Value::Null, json!({"EventBusName": "arn:aws:events:us-east-1:1:event-bus/buses"})),
    ]});
    let (events, status, answer) = json_call("AWSEvents.PutEvents", "events", &body);
    assert_eq!((ids(&events), status), (vec!["e call-0001/0".to_owned()], 200));
    assert_eq!(events[0]["time"], 1_772_366_400_123_i64);
    assert_eq!(answer["FailedEntryCount"], 2);
    assert_eq!(answer["Entries"][1]["ErrorCode"], "MalformedDetail");
    assert_eq!(answer["Entries"][2]["ErrorCode"], "InvalidArgument");
}

#[test]
fn sns_is_answered_in_xml_where_nothing_of_the_sender_is_markup() {
    let publish = |form: &str| taken(None, "sns", form.as_bytes());
    let topic = "Action=Publish&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A000000000000%3Abuses";
    let (events, status, answer) = publish(&format!("{topic}&Message=%7B%22key%22%3A%22s%22%7D"));
    assert_eq!((ids(&events), status), (vec!["s call-0001/0".to_owned()], 200));
    assert!(answer.as_str().unwrap().contains("<MessageId>"), "{answer}");
    let several = "&MessageStructure=json&Message=%7B%22default%22%3A%22%7B%5C%22key%5C%22%3A%5C%22d%5C%22%7D%22%7D";
    assert_eq!(ids(&publish(&format!("{topic}{several}")).0), ["d call-0001/0"]);
    let (_, status, answer) = publish(&format!("{topic}&Message=%7B%22%3Cb%3E%22%3A1%7D"));
    assert_eq!(status, 400);
    let text = answer.as_str().unwrap();
    assert!(text.contains("<Code>InvalidParameter</Code>") && !text.contains("<b>"), "{text}");
    assert_eq!(publish("Action=Subscribe").1, 400);
    assert_eq!(publish("Action=Publish&TopicArn=a:other&Message=x").1, 404);
}

#[test]
fn rows_of_a_table_are_flat_objects_without_types() {
    let item = json!({"vehicleId": {"S": "v1"}, "lat": {"N": "30.5"}, "lon": {"N": "-97.5"}, "on": {"BOOL": true}});
    let (events, status, answer) =
        json_call("DynamoDB_20120810.PutItem", "dynamodb", &json!({"TableName": "buses", "Item": item}));
    assert_eq!((ids(&events), status, answer), (vec!["v1 call-0001/0".to_owned()], 200, json!({})));
    assert_eq!((&events[0]["position"]["lat"], &events[0]["fields"]["on"]), (&json!(30.5), &json!(true)));

    let update = |expression: &str| {
        let body = json!({"TableName": "buses", "Key": {"realTimeItemKey": {"S": "3"}}, "UpdateExpression": expression,
            "ExpressionAttributeNames": {"#v": "value"}, "ExpressionAttributeValues": {":v": {"N": "7"}}});
        json_call("DynamoDB_20120810.UpdateItem", "dynamodb", &body)
    };
    let (events, _, _) = update("SET #v = :v, n=:v");
    assert_eq!((ids(&events), &events[0]["fields"]["value"]), (vec!["3 call-0001/0".to_owned()], &json!(7)));
    for refused in ["SET n = n + :v", "REMOVE n", "SET n = if_not_exists(n, :v)", "SET #x = :v", "SET n = :w"] {
        let (events, status, answer) = update(refused);
        assert_eq!((events.len(), status, &answer["__type"]), (0, 400, &json!("ValidationException")), "{refused}");
    }
    let write = |requests: Value| {
        json_call("DynamoDB_20120810.BatchWriteItem", "dynamodb", &json!({"RequestItems": {"buses": requests}}))
    };
    let (events, _, answer) = write(json!([{"PutRequest": {"Item": item}}, {"PutRequest": {"Item": {}}}]));
    assert_eq!((events.len(), answer), (1, json!({"UnprocessedItems": {}})));
    assert_eq!(write(json!([{"PutRequest": {"Item": {}}}])).1, 400);
    let (events, _, _) = write(json!([{"DeleteRequest": {"Key": {"realTimeItemKey": {"S": "3"}}}}]));
    assert_eq!(ids(&events), ["3 call-0001/0"]);
    assert_eq!(write(json!([{"DeleteRequest": {"Key": {}}}])).1, 400);
    assert_eq!(write(json!([{"PutRequest": {"Item": item}, "DeleteRequest": {"Key": {}}}])).1, 400);
    let conditional = json!({"TableName": "buses", "Item": item, "ConditionExpression": "attribute_not_exists(a)"});
    assert_eq!(json_call("DynamoDB_20120810.PutItem", "dynamodb", &conditional).1, 400);
}

#[test]
fn a_key_reaches_nothing_of_another_name_and_no_other_service() {
    let calls = [
        ("Firehose_20150804.PutRecord", "firehose", json!({"DeliveryStreamName": "trams", "Record": {"Data": ""}})),
        ("Kinesis_20131202.PutRecord", "kinesis", json!({"StreamName": "trams", "Data": ""})),
        ("AmazonSQS.SendMessage", "sqs", json!({"QueueUrl": "https://h/aws/0/trams", "MessageBody": ""})),
        ("AWSEvents.PutEvents", "events", json!({"Entries": [{"EventBusName": "trams"}]})),
        ("DynamoDB_20120810.PutItem", "dynamodb", json!({"TableName": "trams", "Item": {}})),
    ];
    for (target, service, body) in calls {
        let (_, status, answer) = json_call(target, service, &body);
        let kind = answer["__type"].as_str().unwrap();
        assert_eq!(
            (status, kind.ends_with("NotFoundException") || kind.ends_with("QueueDoesNotExist")),
            (400, true),
            "{kind}"
        );
        assert!(json_call(target, "s3", &body).2["__type"].as_str().unwrap().contains("Signature"));
        let (_, _, answer) = taken(Some(target), service, b"{");
        assert!(answer["__type"].as_str().unwrap().ends_with("SerializationException"), "{answer}");
    }
    let (_, _, answer) = json_call("Firehose_20150804.CreateDeliveryStream", "firehose", &json!({}));
    assert_eq!(answer["__type"], "UnknownOperationException");
    let (_, _, answer) = json_call("Lambda.Invoke", "firehose", &json!({}));
    assert_eq!(answer["__type"], "UnknownOperationException");
}

#[test]
fn overload_is_told_by_the_name_on_which_clients_wait() {
    let failed = |service: Service, code: Code| Failure::from(&Problem::new(code, "no")).answer(service);
    for (service, name) in [
        (Service::Firehose, "ThrottlingException"),
        (Service::Kinesis, "ProvisionedThroughputExceededException"),
        (Service::Sqs, "RequestThrottled"),
        (Service::Events, "ThrottlingException"),
        (Service::Sns, "Throttling"),
        (Service::Dynamodb, "ProvisionedThroughputExceededException"),
    ] {
        for code in [Code::TooManyRequests, Code::Overloaded, Code::StorageFull] {
            let answer = failed(service, code);
            assert_eq!(answer.status, 400);
            let header = |name: &str| answer.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_str());
            assert_eq!(header("x-amzn-errortype"), Some(name));
            // SDKs read the second, in milliseconds; never 0, which some take for at once.
            assert_eq!((header("retry-after"), header("x-amz-retry-after")), (Some("1"), Some("1000")));
        }
        assert_eq!(failed(service, Code::Internal).status, 500);
    }
}

proptest! {
    /// The fuzz target does the same with bytes that it has learned from.
    #[test]
    fn whatever_a_call_has_in_its_body_is_taken_or_refused(
        target in 0_usize..5,
        body in r#"[{]("(Record|Records|Entries|Item|Data|Detail|QueueUrl|StreamName|TableName|UpdateExpression)":("buses"|"84maw[A-Za-z0-9+/]{0,40}"|"SET [a-z#:=, ]{0,12}"|\[[{}, ]{0,6}\]|[{][}]|null|-?[0-9.e]{1,9}),?){0,5}[}]"#,
    ) {
        let calls = [
            ("Firehose_20150804.PutRecord", "firehose"),
            ("Kinesis_20131202.PutRecord", "kinesis"),
            ("AmazonSQS.SendMessageBatch", "sqs"),
            ("AWSEvents.PutEvents", "events"),
            ("DynamoDB_20120810.UpdateItem", "dynamodb"),
        ];
        let (name, service) = calls[target];
        let (events, status, answer) = taken(Some(name), service, body.as_bytes());
        prop_assert!(answer.is_object() && (status == 200 || (events.is_empty() && status == 400)), "{status} {answer}");
    }
}
