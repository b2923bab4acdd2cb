//! Webhooks: who is told of alarms, and what was not taken.

use super::JSON;
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::webhooks::{
    FailedMessages, MadeWebhook, Redelivered, ShownWebhook, Tested, WebhookList, WebhookWish,
};
use serde_json::{Value, json};

const MANAGE: Right = Right::Credential("the right `manage`");
const TAG: &str = "Alarms";
const ALL: &str = "/v1/boards/{board}/webhooks";
const ONE: &str = "/v1/boards/{board}/webhooks/{id}";
const ROTATE: &str = "/v1/boards/{board}/webhooks/{id}/rotate";
const TEST: &str = "/v1/boards/{board}/webhooks/{id}/test";
const FAILED: &str = "/v1/boards/{board}/webhooks/{id}/failed";
const AGAIN: &str = "/v1/boards/{board}/webhooks/{id}/redeliver";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), get(s), put(s), delete(), rotate(s), test(s), failed(s), redeliver(s)]
}

fn with_id(operation: Operation) -> Operation {
    let id = json!({
        "type": "string", "minLength": 1, "maxLength": limits::ALARM_RULE_ID_BYTES, "pattern": "^[A-Za-z0-9_.-]+$",
    });
    operation.path("id", "The webhook's id: letters, digits, `_`, `.` and `-`.", id)
}

fn shown() -> Value {
    json!({
        "id": "ops", "host": "https://ops.example", "format": "standard", "changed_at": 1_772_366_400_000_i64, "waiting": 0,
        "tries": 0, "taken": 0, "given_up": 0, "missed": 0, "gone": false,
    })
}

fn made() -> Value {
    let mut made = shown();
    (made["id"], made["severity"]) = ("ops-2".into(), "critical".into());
    made["secret"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into();
    made
}

fn list(s: &mut Schemas) -> Operation {
    Operation::new("get", ALL, "listWebhooks", TAG, MANAGE)
        .summary("List who is told of alarms")
        .description(
            "In the order of their ids, with how far each is told. Addresses are never shown, only their hosts.",
        )
        .answers(200, "They.", JSON, s.sent::<WebhookList>())
        .example(Example::new("one", 200, json!({"webhooks": [shown()]})).with("board", "fleet"))
}

fn get(s: &mut Schemas) -> Operation {
    with_id(Operation::new("get", ONE, "getWebhook", TAG, MANAGE))
        .summary("Get a webhook")
        .description("Without its address and its secret.")
        .answers(200, "It.", JSON, s.sent::<ShownWebhook>())
        .problem(Code::NotFound)
        .example(Example::new("one", 200, shown()).with("board", "fleet").with("id", "ops"))
}

fn put(s: &mut Schemas) -> Operation {
    with_id(Operation::new("put", ONE, "putWebhook", TAG, MANAGE))
        .summary("Make a webhook, or change it")
        .description(
            "It is told of what happens from then on, one message after another, each signed as Standard Webhooks says. Where \
             one is changed and `url` is left out, it stays. `secret` is shown once, when the webhook is new.",
        )
        .takes(JSON, s.taken::<WebhookWish>())
        .answers(201, "The webhook is new.", JSON, s.sent::<MadeWebhook>())
        .answers(200, "It was there.", JSON, s.sent::<MadeWebhook>())
        .problem(Code::BodyTooLarge)
        .problem(Code::Missing)
        .problem(Code::Invalid)
        .problem(Code::NotAllowed)
        .problem(Code::TooLong)
        .problem(Code::TooMany)
        .problem_as(422, Code::UnknownField)
        .problem(Code::StorageFull)
        .example(
            Example::new("a receiver", 201, made())
                .with("board", "fleet")
                .with("id", "ops-2")
                .body(json!({"url": "https://ops.example/alarms", "severity": "critical"})),
        )
}

fn delete() -> Operation {
    with_id(Operation::new("delete", ONE, "deleteWebhook", TAG, MANAGE))
        .summary("Delete a webhook")
        .description("With the messages that it did not take.")
        .answers_empty(204, "It is gone.")
        .problem(Code::NotFound)
        .example(Example::empty("one", 204).with("board", "fleet").with("id", "ops"))
}

fn rotate(s: &mut Schemas) -> Operation {
    with_id(Operation::new("post", ROTATE, "rotateWebhook", TAG, MANAGE))
        .summary("Give a webhook another secret")
        .description("Messages are signed with the one before as well for a day.")
        .answers(200, "It, with its secret.", JSON, s.sent::<MadeWebhook>())
        .problem(Code::NotFound)
        .example({
            let mut rotated = shown();
            rotated["secret"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into();
            Example::new("one", 200, rotated).with("board", "fleet").with("id", "ops")
        })
}

fn test(s: &mut Schemas) -> Operation {
    with_id(Operation::new("post", TEST, "testWebhook", TAG, MANAGE))
        .summary("Send a message that says nothing")
        .description("Its type is `alarm.test`. The answer says what came of it.")
        .answers(200, "What came of it.", JSON, s.sent::<Tested>())
        .problem(Code::NotFound)
        .example(
            Example::new("not taken", 200, json!({"taken": false, "status": 503, "why": "answered 503: not now"}))
                .with("board", "fleet")
                .with("id", "ops"),
        )
}

fn failed(s: &mut Schemas) -> Operation {
    with_id(Operation::new("get", FAILED, "listFailedMessages", TAG, MANAGE))
        .summary("List messages that were given up, the newest first")
        .description(format!("The newest {} are kept.", super::grouped(limits::WEBHOOK_FAILED)))
        .answers(200, "They.", JSON, s.sent::<FailedMessages>())
        .problem(Code::NotFound)
        .example(Example::new("none", 200, json!({"failed": []})).with("board", "fleet").with("id", "ops"))
}

fn redeliver(s: &mut Schemas) -> Operation {
    with_id(Operation::new("post", AGAIN, "redeliverMessages", TAG, MANAGE))
        .summary("Send messages that were given up again")
        .description("All of them, the oldest first. One that is not taken is kept.")
        .answers(200, "How many.", JSON, s.sent::<Redelivered>())
        .problem(Code::NotFound)
        .example(Example::new("none", 200, json!({"again": 0})).with("board", "fleet").with("id", "ops"))
}
