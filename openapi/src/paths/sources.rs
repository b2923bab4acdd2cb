//! Sources, and what is sent to them.

use super::{JSON, grouped};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::sources::{DeviceAddress, Sample, SampleTried, SecretSource, ShownSource, Sources};
use heliograph_shared::ingest::IngestAnswer;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::source::device::DeviceWish;
use heliograph_shared::source::{NewSource, Rotation, SourceChange};
use serde_json::{Value, json};

const MANAGE: Right = Right::Credential("the right `manage`");
const SECRET: Right = Right::Credential(
    "the source's secret: as bearer token, as the password of Basic, in `X-Amz-Firehose-Access-Key`, or as `secret` in the query",
);
const DEVICE: Right = Right::Credential("the device's secret in the path");
const SECRET_OF_DEVICE: &str = "hgd_YWJjZAAAAAHq0x9cV3n8t1kYp5Qm2rWbZ7sLf4hJdUt2MQ";
pub(super) const SIGNED: Right =
    Right::Credential("a signature (AWS Signature Version 4) with the `aws` keys of a source");
const AWS_JSON: &str = "application/x-amz-json-1.1";
const SQS_JSON: &str = "application/x-amz-json-1.0";
pub(super) const TAG: &str = "Sources";
const ALL: &str = "/v1/boards/{board}/sources";
const ONE: &str = "/v1/boards/{board}/sources/{name}";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    let made = [list(s), make(s), get(s), change(s), rotate(s), device(s), dry_run(s), ingest(s), ingest_query(s)];
    let sent = [ingest_device(s), ingest_device_query(s), ingest_metrics()];
    made.into_iter().chain(sent).chain([aws(), aws_queue(), delete()]).collect()
}

/// A source as examples show it.
fn shown(name: &str, generation: u32) -> Value {
    json!({
        "name": name, "board": "fleet", "envelope": "auto", "transform": null,
        "limits": {"body_bytes": limits::INGEST_BODY_BYTES}, "ingest": format!("/v1/ingest/{name}"),
        "generation": generation, "previous_until": null, "created": 1_772_366_400_000_i64,
    })
}

fn with_secret(mut source: Value) -> Value {
    source["secret"] = "hgs_0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071".into();
    source["aws"] = json!({
        "endpoint": "/aws", "region": "us-east-1", "access_key_id": "HGAK1_8QIAAAAAFidXNlcw",
        "secret_access_key": "pQ1vX0c2mJ7dYk3sZ8wEr5tUa9bNf4hLg6oCiV-_",
    });
    source
}

fn named(operation: Operation) -> Operation {
    let schema = json!({"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"});
    operation.path("name", "The source's name.", schema).problem(Code::SourceNotFound)
}

fn list(s: &mut Schemas) -> Operation {
    Operation::new("get", ALL, "listSources", TAG, MANAGE)
        .summary("List the board's sources")
        .answers(200, "By name, without their secrets.", JSON, s.sent::<Sources>())
        .example(Example::new("one", 200, json!({"sources": [shown("buses", 1)]})).with("board", "fleet"))
}

fn make(s: &mut Schemas) -> Operation {
    Operation::new("post", ALL, "makeSource", TAG, MANAGE)
        .summary("Make a source")
        .description(
            "Its secret is shown this once. Names are unique in a deployment. With `poll` it asks an address by itself: \
             `GET` of the source then has `polled`, how that goes.",
        )
        .takes(JSON, s.taken::<NewSource>())
        .answers(201, "The source with its secret.", JSON, s.sent::<SecretSource>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::Invalid)
        .problem(Code::OutOfRange)
        .problem(Code::JqInvalid)
        .problem(Code::TooMany)
        .problem(Code::TargetUnknown)
        .problem(Code::SourceExists)
        .problem(Code::TransformUnavailable)
        .example(
            Example::new("any envelope", 201, with_secret(shown("buses", 1)))
                .with("board", "fleet")
                .body(json!({"name": "buses", "envelope": "auto"})),
        )
        .problem(Code::NotAllowed)
}

fn get(s: &mut Schemas) -> Operation {
    named(Operation::new("get", ONE, "getSource", TAG, MANAGE))
        .summary("Get a source")
        .answers(200, "The source, without its secret.", JSON, s.sent::<ShownSource>())
        .example(Example::new("one", 200, shown("buses", 1)).with("board", "fleet").with("name", "buses"))
}

fn change(s: &mut Schemas) -> Operation {
    named(Operation::new("patch", ONE, "changeSource", TAG, MANAGE))
        .summary("Change a source")
        .description(
            "What is left out stays. `\"transform\": null` takes its program away, `\"poll\": null` ends its asking.",
        )
        .problem(Code::NotAllowed)
        .takes(JSON, s.taken::<SourceChange>())
        .answers(200, "The source.", JSON, s.sent::<ShownSource>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::Invalid)
        .problem(Code::OutOfRange)
        .problem(Code::JqInvalid)
        .problem(Code::TooMany)
        .problem(Code::TargetUnknown)
        .problem(Code::SourceChanged)
        .problem(Code::TransformUnavailable)
        .example(
            Example::new("its envelope", 200, shown("buses", 1))
                .with("board", "fleet")
                .with("name", "buses")
                .body(json!({"envelope": "auto"})),
        )
}

fn rotate(s: &mut Schemas) -> Operation {
    named(Operation::new("post", "/v1/boards/{board}/sources/{name}/rotate", "rotateSource", TAG, MANAGE))
        .summary("Give a source another secret")
        .description(
            "The secret before is good for `overlap_s` seconds more, a day when nothing is said; 0 ends it at once.",
        )
        .takes(JSON, s.taken::<Rotation>())
        .answers(200, "The source with its new secret.", JSON, s.sent::<SecretSource>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::OutOfRange)
        .problem(Code::SourceChanged)
        .example(
            Example::new("at once", 200, with_secret(shown("buses", 2)))
                .with("board", "fleet")
                .with("name", "buses")
                .body(json!({"overlap_s": 0})),
        )
}

fn device(s: &mut Schemas) -> Operation {
    named(Operation::new("post", "/v1/boards/{board}/sources/{name}/devices", "addressOfDevice", TAG, MANAGE))
        .summary("Get a device its own address")
        .description(
            "An address with a secret in it that is good for one key, for devices that can be told nothing else. It is \
             derived and the same each time, until `rotate` makes another; the one before is then good for `overlap_s` \
             seconds more, a day when nothing is said. The source has to say `from.device_secrets`.",
        )
        .takes(JSON, s.taken::<DeviceWish>())
        .answers(200, "The address.", JSON, s.sent::<DeviceAddress>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::Invalid)
        .problem(Code::NotAllowed)
        .problem(Code::OutOfRange)
        .problem(Code::TooMany)
        .problem(Code::SourceChanged)
        .example(
            Example::new(
                "of v1",
                200,
                json!({
                    "key": "v1", "secret": SECRET_OF_DEVICE, "ingest": format!("/v1/ingest/buses/{SECRET_OF_DEVICE}"),
                    "generation": 1, "previous_until": null,
                }),
            )
            .with("board", "fleet")
            .with("name", "buses")
            .body(json!({"key": "v1"})),
        )
}

fn dry_run(s: &mut Schemas) -> Operation {
    named(Operation::new("post", "/v1/boards/{board}/sources/{name}/dry-run", "tryOutSource", TAG, MANAGE))
        .summary("Try a sample on a source")
        .description(format!(
            "What the source would make of what a sender sends: of each of its first {} records what the program was given, \
             what it yielded, and the events or the refusal. With `envelope` and `jq` others than the source's are tried. \
             Nothing is kept.",
            limits::PIPELINE_TRY_EVENTS
        ))
        .takes(JSON, s.taken::<Sample>())
        .answers(200, "What would become of it.", JSON, s.sent::<SampleTried>())
        .problem(Code::InvalidJson)
        .problem(Code::InvalidUtf8)
        .problem(Code::BodyTooLarge)
        .problem(Code::Invalid)
        .problem(Code::JqInvalid)
        .problem(Code::TooManyEvents)
        .problem(Code::PipelineBroken)
        .problem(Code::TransformUnavailable)
        .example(
            Example::new(
                "a program of its own",
                200,
                json!({
                    "envelope": "json",
                    "records": [{
                        "input": "{\"id\":\"v1\",\"n\":3}", "yielded": [{"key": "v1", "fields": {"n": 3}}],
                        "events": [{"key": "v1", "time": 1_772_366_400_000_i64, "fields": {"n": 3}}],
                    }],
                    "more": 0,
                }),
            )
            .with("board", "fleet")
            .with("name", "buses")
            .body(json!({"body": {"id": "v1", "n": 3}, "jq": "{key: .id, fields: {n}}"})),
        )
}

fn delete() -> Operation {
    named(Operation::new("delete", ONE, "deleteSource", TAG, MANAGE))
        .summary("Delete a source")
        .description("Within two seconds nothing that is sent to it is taken any more.")
        .answers_empty(204, "It is gone.")
        .example(Example::empty("one", 204).with("board", "fleet").with("name", "buses"))
}

fn sent(operation: Operation) -> Operation {
    let schema = json!({"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"});
    operation
        .path("source", "The source's name.", schema)
        .problem(Code::BoardNotFound)
        .problem(Code::SenderNotListed)
        .problem(Code::SenderUnreachable)
        .problem(Code::SignatureInvalid)
        .problem(Code::TargetUnknown)
        .problem(Code::Invalid)
        .problem(Code::Missing)
        .problem(Code::InvalidJson)
        .problem(Code::InvalidUtf8)
        .problem(Code::Overloaded)
        .problem(Code::PipelineBroken)
        .problem(Code::TransformUnavailable)
        .problem(Code::StorageFull)
}

fn taken() -> Value {
    json!({"accepted": 1, "duplicate": 0, "refused": 0, "cursor": "e1:1042", "results": []})
}

fn ingest(s: &mut Schemas) -> Operation {
    sent(Operation::new("post", "/v1/ingest/{source}", "sendToSource", TAG, SECRET))
        .summary("Send to a source")
        .description(format!(
            "What the sender sends, in its own envelope, gzip allowed, at most {} bytes unpacked. The answer is the \
             envelope's; this is that of plain events. docs/sources.md has each of them.",
            grouped(limits::INGEST_BODY_BYTES)
        ))
        .takes(JSON, json!({"description": "Events, or what the source's envelope wraps around them."}))
        .answers(200, "What became of each record.", JSON, s.sent::<IngestAnswer>())
        .problem(Code::BodyTooLarge)
        .problem(Code::TooManyEvents)
        .problem(Code::InvalidGzip)
        .problem(Code::UnsupportedEncoding)
        .problem(Code::BodyBroken)
        .example(
            Example::new("an event", 200, taken())
                .with("source", "buses")
                .body(json!({"key": "v1", "time": "2026-03-01T12:00:00Z"})),
        )
}

fn ingest_query(s: &mut Schemas) -> Operation {
    sent(Operation::new("get", "/v1/ingest/{source}", "sendToSourceByAddress", TAG, SECRET))
        .summary("Send to a source in an address")
        .description("For devices that put everything into the query, as OsmAnd does.")
        .answers_empty(200, "It is taken.")
        .answers(200, "It is taken.", JSON, s.sent::<IngestAnswer>())
        .example(Example::empty("an empty query of a device", 200).with("source", "buses"))
}

/// What stands in the path of a device's own address.
fn by_device(operation: Operation) -> Operation {
    let schema = json!({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,300}$"});
    operation.path("device", "The device's secret.", schema)
}

fn ingest_device(s: &mut Schemas) -> Operation {
    by_device(sent(Operation::new("post", "/v1/ingest/{source}/{device}", "sendFromDevice", TAG, DEVICE)))
        .summary("Send from a device to its own address")
        .description(
            "What devices send that can be told an address and nothing else. Events are of the device's key: one that names \
             none gets it, one that names another is refused. It is taken where the source says `from.device_secrets`.",
        )
        .takes(JSON, json!({"description": "Events, or what the source's envelope wraps around them."}))
        .answers(200, "What became of each record.", JSON, s.sent::<IngestAnswer>())
        .problem(Code::BodyTooLarge)
        .problem(Code::TooManyEvents)
        .problem(Code::InvalidGzip)
        .problem(Code::UnsupportedEncoding)
        .problem(Code::BodyBroken)
        .example(
            Example::new("an event", 200, taken())
                .with("source", "buses")
                .with("device", SECRET_OF_DEVICE)
                .body(json!({"key": "v1", "time": "2026-03-01T12:00:00Z"})),
        )
}

fn ingest_device_query(s: &mut Schemas) -> Operation {
    by_device(sent(Operation::new("get", "/v1/ingest/{source}/{device}", "sendFromDeviceByAddress", TAG, DEVICE)))
        .summary("Send from a device in its own address")
        .description("For devices that put everything into the query, as OsmAnd does.")
        .answers_empty(200, "It is taken.")
        .answers(200, "It is taken.", JSON, s.sent::<IngestAnswer>())
        .example(Example::empty("an empty query", 200).with("source", "buses").with("device", SECRET_OF_DEVICE))
}

fn ingest_metrics() -> Operation {
    sent(Operation::new("post", "/v1/ingest/{source}/v1/metrics", "sendMetricsToSource", TAG, SECRET))
        .summary("Send metrics to a source")
        .description("The same as the source's address, where exporters of OTLP send that are told that alone.")
        .takes(JSON, json!({"type": "object", "description": "OTLP's `ExportMetricsServiceRequest`."}))
        .answers(200, "OTLP's `ExportMetricsServiceResponse`.", JSON, json!({"type": "object"}))
        .problem(Code::BodyTooLarge)
        .problem(Code::TooManyEvents)
        .problem(Code::InvalidGzip)
        .problem(Code::UnsupportedEncoding)
        .problem(Code::BodyBroken)
        .example(
            Example::new("nothing to tell", 200, json!({}))
                .with("source", "buses")
                .body(json!({"resourceMetrics": []})),
        )
}

fn aws() -> Operation {
    let call = json!({"type": "object", "description": "A call as its service describes it."});
    let example = Example::of(
        "Firehose, PutRecord",
        AWS_JSON,
        json!({
            "RecordId": "b4f0a1c2-3d4e-5f60-7182-93a4b5c6d7e8", "Encrypted": false,
        }),
    );
    Operation::new("post", "/aws", "callAsAws", TAG, SIGNED)
        .summary("Send by an AWS SDK")
        .description(
            "What SDKs send whose endpoint this is: Firehose, Kinesis, SQS, EventBridge, SNS, DynamoDB. `X-Amz-Target` says \
             what is called; SNS is a form, and is answered with XML. What is signed is answered as AWS answers, refusals \
             included; docs/sources/aws-sdk.md has the calls and what of them is taken.",
        )
        .takes(AWS_JSON, call.clone())
        .answers(200, "The service's own answer.", AWS_JSON, call)
        .example(example.body_of(
            AWS_JSON,
            json!({"DeliveryStreamName": "buses", "Record": {"Data": "eyJrZXkiOiJ2MSJ9"}}),
        ))
}

fn aws_queue() -> Operation {
    let call = json!({"type": "object", "description": "A call as SQS describes it."});
    let text = |of: &str| json!({"type": "string", "description": of});
    let example = Example::of(
        "SQS, SendMessage",
        SQS_JSON,
        json!({
            "MessageId": "b4f0a1c2-3d4e-5f60-7182-93a4b5c6d7e8", "MD5OfMessageBody": "0123456789abcdef0123456789abcdef",
        }),
    );
    Operation::new("post", "/aws/{account}/{queue}", "callQueueAsAws", TAG, SIGNED)
        .summary("Send to a queue's address by an AWS SDK")
        .description("The same for clients of SQS that send to the address of the queue.")
        .path("account", "Any.", text("What an AWS account's number is elsewhere."))
        .path("queue", "The source's name.", text("It is read from the body."))
        .takes(SQS_JSON, call.clone())
        .answers(200, "The service's own answer.", SQS_JSON, call)
        .example(example.with("account", "000000000000").with("queue", "buses").body_of(
            SQS_JSON,
            json!({"QueueUrl": "https://example.com/aws/000000000000/buses", "MessageBody": "{\"key\":\"v1\"}"}),
        ))
}
