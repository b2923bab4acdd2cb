//! Alarms: their rules, those that stand, and what happened.

use super::{JSON, key, page_rows, text};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::alarms::{
    AlarmEvents, AlarmList, AlarmRule, MuteList, MuteWish, RuleList, ShownRule, StandingAlarm,
};
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::{Value, json};

const MANAGE: Right = Right::Credential("the right `manage`");
const TAG: &str = "Alarms";
const ALL: &str = "/v1/boards/{board}/alarms";
const EVENTS: &str = "/v1/boards/{board}/alarms/events";
const MUTE: &str = "/v1/boards/{board}/alarms/mute";
const SEEN: &str = "/v1/boards/{board}/alarms/{id}/acknowledge";
const RULES: &str = "/v1/boards/{board}/alarms/rules";
const RULE: &str = "/v1/boards/{board}/alarms/rules/{id}";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), events(s), acknowledge(s), mute(s), rules(s), get(s), put(s), delete()]
}

fn wish() -> Value {
    json!({
        "name": "Low on fuel", "severity": "critical", "where": ["fuel:lt:0.2"], "for_s": 30, "clear_where": ["fuel:ge:0.25"],
    })
}

fn shown() -> Value {
    named("fuel")
}

fn named(id: &str) -> Value {
    let mut shown = wish();
    (shown["id"], shown["changed_at"], shown["standing"]) = (id.into(), 1_772_366_400_000_i64.into(), 0.into());
    shown
}

fn with_id(operation: Operation) -> Operation {
    let id = json!({
        "type": "string", "minLength": 1, "maxLength": limits::ALARM_RULE_ID_BYTES, "pattern": "^[A-Za-z0-9_.-]+$",
    });
    operation.path("id", "The rule's id: letters, digits, `_`, `.` and `-`.", id)
}

fn number() -> Value {
    json!({"type": "integer", "minimum": 0})
}

fn standing() -> Value {
    json!({
        "id": 17, "rule": "fuel", "name": "Low on fuel", "severity": "critical", "key": "v1", "since": 1_772_366_900_000_i64,
        "raised_at": 1_772_366_901_000_i64, "seen": "fuel=0.15",
    })
}

fn list(s: &mut Schemas) -> Operation {
    let page = json!({
        "cursor": "e1:1042", "alarms": [standing()], "count": 1, "not_raised": 0, "muted": [], "next": null,
    });
    Operation::new("get", ALL, "listAlarms", TAG, MANAGE)
        .summary("List the alarms that stand, the newest first")
        .description(format!(
            "`seen` is what the item has now in the columns of the rule. At most {} stand at a time; `not_raised` counts how \
             often one more could not be raised.",
            super::grouped(limits::ALARMS_STANDING),
        ))
        .query("rule", "Only by this rule.", text(limits::ALARM_RULE_ID_BYTES))
        .query("key", "Only of this item.", key())
        .query(
            "severity",
            "Only as grave as this, or graver.",
            json!({"type": "string", "enum": ["info", "warning", "critical"]}),
        )
        .query("acknowledged", "Only those that somebody has seen, or nobody.", json!({"type": "boolean"}))
        .query("limit", "Rows of a page.", page_rows())
        .query("after", "The `next` of the page before.", number())
        .answers(200, "A page of them.", JSON, s.sent::<AlarmList>())
        .problem(Code::InvalidParameter)
        .problem(Code::UnknownParameter)
        .example(Example::new("one", 200, page).with("board", "fleet"))
}

fn events(s: &mut Schemas) -> Operation {
    let event = json!({
        "id": 17, "kind": "raise", "alarm": 17, "rule": "fuel", "name": "Low on fuel", "severity": "critical", "key": "v1",
        "time": 1_772_366_900_000_i64, "received_at": 1_772_366_901_000_i64, "seen": "fuel=0.15", "reason": "rule",
    });
    let when = || json!({"type": "string"});
    Operation::new("get", EVENTS, "listAlarmEvents", TAG, MANAGE)
        .summary("List what happened to alarms, the newest first")
        .description(format!(
            "`alarm` is the number of the event that raised it. The board keeps the newest {} for as many days as its log \
             (`keep_days`).",
            super::grouped(limits::ALARM_EVENTS),
        ))
        .query("from", "Only what happened then or later: RFC 3339 or epoch milliseconds.", when())
        .query("to", "Only what happened before.", when())
        .query("key", "Only of this item.", key())
        .query("rule", "Only by this rule.", text(limits::ALARM_RULE_ID_BYTES))
        .query("kind", "Only this.", json!({"type": "string", "enum": ["raise", "clear", "acknowledge"]}))
        .query("limit", "Rows of a page.", page_rows())
        .query("after", "The `next` of the page before.", number())
        .answers(200, "A page of them.", JSON, s.sent::<AlarmEvents>())
        .problem(Code::InvalidParameter)
        .problem(Code::UnknownParameter)
        .example(
            Example::new("one", 200, json!({"cursor": "e1:1042", "events": [event], "next": null}))
                .with("board", "fleet")
                .with("kind", "raise"),
        )
}

fn acknowledge(s: &mut Schemas) -> Operation {
    Operation::new("post", SEEN, "acknowledgeAlarm", TAG, MANAGE)
        .path("id", "The number of the event that raised it.", number())
        .summary("Say that somebody has seen an alarm")
        .description("It stands on, with who has seen it and when. Once more changes nothing.")
        .answers(200, "The alarm.", JSON, s.sent::<StandingAlarm>())
        .problem(Code::NotFound)
        .example({
            let mut seen = standing();
            seen["acknowledged"] = json!({"at": 1_772_366_960_000_i64, "by": "ann"});
            Example::new("one", 200, seen).with("board", "fleet").with("id", "17")
        })
}

fn mute(s: &mut Schemas) -> Operation {
    Operation::new("post", MUTE, "muteAlarms", TAG, MANAGE)
        .summary("Tell nobody of a rule, of an item, or of an item by a rule, for a while")
        .description(
            "Alarms are raised and cleared as before; no webhook is told of one that was raised while it was muted, nor of \
             its end. `for_s` 0 ends it.",
        )
        .takes(JSON, s.taken::<MuteWish>())
        .answers(200, "What is muted now.", JSON, s.sent::<MuteList>())
        .problem(Code::NotFound)
        .problem(Code::Missing)
        .problem(Code::Invalid)
        .problem(Code::OutOfRange)
        .problem(Code::TooMany)
        .problem_as(422, Code::UnknownField)
        .example(
            Example::new("an item", 200, json!({"muted": [{"key": "v1", "until": 1_772_370_500_000_i64}]}))
                .with("board", "fleet")
                .body(json!({"key": "v1", "for_s": 3_600})),
        )
}

fn rules(s: &mut Schemas) -> Operation {
    Operation::new("get", RULES, "listAlarmRules", TAG, MANAGE)
        .summary("List the rules of alarms")
        .description("In the order of their ids, with how many alarms of each stand.")
        .answers(200, "They.", JSON, s.sent::<RuleList>())
        .example(Example::new("one", 200, json!({"rules": [shown()]})).with("board", "fleet"))
}

fn get(s: &mut Schemas) -> Operation {
    with_id(Operation::new("get", RULE, "getAlarmRule", TAG, MANAGE))
        .summary("Get a rule")
        .description("As it was put, with how many of its alarms stand.")
        .answers(200, "It.", JSON, s.sent::<ShownRule>())
        .problem(Code::NotFound)
        .example(Example::new("one", 200, shown()).with("board", "fleet").with("id", "fuel"))
}

fn put(s: &mut Schemas) -> Operation {
    with_id(Operation::new("put", RULE, "putAlarmRule", TAG, MANAGE))
        .summary("Make a rule, or change it")
        .description(
            "All that it says must hold of an item at the same time. It is looked at with every event of an item, in the \
             order of event times, and when time alone makes it hold. Items that the board has are looked at at once.",
        )
        .takes(JSON, s.taken::<AlarmRule>())
        .answers(201, "The rule is new.", JSON, s.sent::<ShownRule>())
        .answers(200, "It was there.", JSON, s.sent::<ShownRule>())
        .problem(Code::BodyTooLarge)
        .problem(Code::Missing)
        .problem(Code::Invalid)
        .problem(Code::OutOfRange)
        .problem(Code::TooLong)
        .problem(Code::TooMany)
        .problem_as(422, Code::NotFound)
        .problem_as(422, Code::UnknownField)
        .problem(Code::StorageFull)
        .example(
            Example::new("low on fuel", 201, named("fuel-2"))
                .with("board", "fleet")
                .with("id", "fuel-2")
                .body(wish()),
        )
}

fn delete() -> Operation {
    with_id(Operation::new("delete", RULE, "deleteAlarmRule", TAG, MANAGE))
        .summary("Delete a rule")
        .description("Its alarms are cleared, with the reason `rule_deleted`. What happened stays.")
        .answers_empty(204, "It is gone.")
        .problem(Code::NotFound)
        .example(Example::empty("one", 204).with("board", "fleet").with("id", "fuel"))
}
