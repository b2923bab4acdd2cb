//! Records that were refused: found, mended, replayed, dropped, taken out.

use super::{JSON, LINES, grouped, integer, key, lines, page_rows, text};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::letters::{DeadLetter, DeadLetters, LettersDropped, Mending, Replay};
use heliograph_shared::letters::LetterWish;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::{Value, json};

const MANAGE: Right = Right::Credential("the right `manage`");
const TAG: &str = "Dead letters";
const ALL: &str = "/v1/boards/{board}/dead-letters";
const ONE: &str = "/v1/boards/{board}/dead-letters/{id}";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![list(s), get(s), mend(s), replay_one(s), replay_some(s), export(), drop_some(s), drop_one()]
}

fn letter() -> Value {
    json!({
        "id": "17.0", "time": 1_772_366_400_000_i64, "code": Code::PositionOutOfRange,
        "field": "position.lat", "message": "position.lat must be -90 to 90 degrees",
        "record": {"key": "v3", "position": {"lat": 95, "lon": 0}}, "by": "API key",
    })
}

/// The parameters that say which letters.
fn filtered(operation: Operation) -> Operation {
    operation
        .query("source", "Only those that came by this source.", text(limits::SOURCE_NAME_BYTES))
        .query("code", "Only those that were refused for this reason.", text(64))
        .query("step", "Only those that this step of the pipeline refused.", text(128))
        .query("key", "Only those of this key, as the record names it or its envelope.", key())
        .query(
            "text",
            "Only those in which this text is: in the record, in what it was mended to, or in the reason. Case makes no difference.",
            text(limits::LETTER_SEARCH_BYTES),
        )
}

fn paged(operation: Operation) -> Operation {
    operation.query("after", "The `next` of the answer before.", text(40)).problem(Code::InvalidParameter)
}

fn with_id(operation: Operation) -> Operation {
    operation.path("id", "The dead letter's id.", text(40)).problem(Code::NotFound)
}

fn dry(operation: Operation) -> Operation {
    let about = "Says of each letter what would come of it, and does nothing.";
    operation.query("dry_run", about, json!({"type": "boolean", "default": false}))
}

fn list(s: &mut Schemas) -> Operation {
    paged(filtered(Operation::new("get", ALL, "listDeadLetters", TAG, MANAGE)))
        .summary("List refused records, the newest first")
        .description(format!(
            "Kept with the code, the field, the sentence, the sender and the record itself; one above {} bytes says \
             `truncated` and has its beginning. `by_code` counts the letters of the filter's source and step. A page that \
             looked through much and found little is short, and has a `next`. A letter is kept for {} days.",
            grouped(limits::DEAD_LETTER_BYTES),
            limits::DEAD_LETTER_DAYS,
        ))
        .query("limit", "Rows of a page.", page_rows())
        .answers(200, "A page of them.", JSON, s.sent::<DeadLetters>())
        .example(
            Example::new(
                "the latest",
                200,
                json!({
                    "dead_letters": [letter()], "next": null, "by_code": {(Code::PositionOutOfRange.name()): 1}, "dropped": 0,
                    "repeated": 0,
                }),
            )
            .with("board", "fleet")
            .with("limit", "100"),
        )
}

fn get(s: &mut Schemas) -> Operation {
    with_id(Operation::new("get", ONE, "getDeadLetter", TAG, MANAGE))
        .summary("Get a refused record")
        .answers(200, "It, with its reason.", JSON, s.sent::<DeadLetter>())
        .example(Example::new("one", 200, letter()).with("board", "fleet").with("id", "17.0"))
}

fn mend(s: &mut Schemas) -> Operation {
    let mut mended = letter();
    mended["original"] = mended["record"].take();
    mended["record"] = json!({"key": "v3", "position": {"lat": 9.5, "lon": 0}});
    mended["mended_at"] = 1_772_366_500_000_i64.into();
    mended["mended_by"] = "API key".into();
    with_id(Operation::new("patch", ONE, "mendDeadLetter", TAG, MANAGE))
        .summary("Mend a refused record")
        .description(
            "The letter keeps the record as it came, as `original`. It is not sent anywhere before it is replayed. Where the \
             record was no JSON, `{\"text\": …}` is another text in its place. The original again takes the mending back.",
        )
        .takes(JSON, s.taken::<Mending>())
        .answers(200, "The letter with both records.", JSON, s.sent::<DeadLetter>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::TooLong)
        .example(
            Example::new("another latitude", 200, mended)
                .with("board", "fleet")
                .with("id", "17.0")
                .body(json!({"record": {"key": "v3", "position": {"lat": 9.5, "lon": 0}}})),
        )
}

/// What became of one letter.
fn replayed(dry_run: bool, one: &Value) -> Value {
    let accepted = u32::from(one["status"] == "accepted");
    json!({
        "dry_run": dry_run, "accepted": accepted, "duplicate": 0, "filtered": 0, "refused": 1 - accepted,
        "results": [one], "next": null,
    })
}

fn ways_to_fail(operation: Operation) -> Operation {
    operation
        .problem(Code::InvalidParameter)
        .problem(Code::LetterChanged)
        .problem(Code::Overloaded)
        .problem(Code::PipelineBroken)
        .problem(Code::TransformUnavailable)
        .problem(Code::StorageFull)
}

fn replay_one(s: &mut Schemas) -> Operation {
    let refused = json!({
        "id": "17.0", "status": "refused", "code": Code::PositionOutOfRange, "field": "position.lat",
        "message": "position.lat must be -90 to 90 degrees",
    });
    let path = "/v1/boards/{board}/dead-letters/{id}/replay";
    ways_to_fail(dry(with_id(Operation::new("post", path, "replayDeadLetter", TAG, MANAGE))))
        .summary("Replay a refused record")
        .description(
            "It takes the way that it took at first: its source's envelope and program, and the board's pipeline. An event \
             without a time has the time at which the record came. With the event's write the letter is gone; a letter that \
             is refused again stays, with the new reason and a count of its tries.",
        )
        .answers(200, "What became of it.", JSON, s.sent::<Replay>())
        .example(
            Example::new("what would come", 200, replayed(true, &refused))
                .with("board", "fleet")
                .with("id", "17.0")
                .with("dry_run", "true"),
        )
}

fn replay_some(s: &mut Schemas) -> Operation {
    let path = "/v1/boards/{board}/dead-letters/replay";
    ways_to_fail(dry(Operation::new("post", path, "replayDeadLetters", TAG, MANAGE)))
        .summary("Replay refused records")
        .description(format!(
            "Those that the filter finds, the newest first; without a filter all. At most `limit` of them, {} when nothing is \
             said; where there are more, `next` says where to go on.",
            grouped(limits::PAGE_ROWS)
        ))
        .takes(JSON, s.taken::<LetterWish>())
        .answers(200, "What became of them.", JSON, s.sent::<Replay>())
        .problem(Code::InvalidJson)
        .problem(Code::BodyTooLarge)
        .problem(Code::Invalid)
        .example(
            Example::new(
                "those of one reason, to see what would come",
                200,
                replayed(true, &json!({"id": "17.0", "status": "accepted", "events": [{"key": "v3", "time": 1_772_366_400_000_i64}]})),
            )
            .with("board", "fleet")
            .with("dry_run", "true")
            .body(json!({"code": Code::PositionOutOfRange, "limit": 100})),
        )
}

fn export() -> Operation {
    let path = "/v1/boards/{board}/dead-letters/export";
    let forms = json!({"enum": ["records", "letters"], "default": "records"});
    paged(filtered(Operation::new("get", path, "exportDeadLetters", TAG, MANAGE)))
        .summary("Take refused records out")
        .description(
            "A line each, as `POST …/events` takes lines: the record, mended where it was mended. With `format=letters` each \
             line is the letter with its reason.",
        )
        .query("format", "Records alone, or letters.", forms)
        .query("limit", "How many lines at most; all of them when nothing is said.", integer(1, limits::PAGE_ROWS_MAX as u64, None))
        .answers(200, "The lines.", LINES, lines())
        .example(
            Example::text("all", LINES, "{\"key\":\"v3\",\"position\":{\"lat\":95,\"lon\":0}}\n").with("board", "fleet"),
        )
}

fn drop_some(s: &mut Schemas) -> Operation {
    let all = "That no filter means all letters: without it, a request without a filter is refused.";
    paged(filtered(Operation::new("delete", ALL, "dropDeadLetters", TAG, MANAGE)))
        .summary("Drop refused records")
        .query(
            "limit",
            "How many at most; all of them when nothing is said.",
            integer(1, limits::PAGE_ROWS_MAX as u64, None),
        )
        .query("all", all, json!({"type": "boolean", "default": false}))
        .answers(200, "How many are gone.", JSON, s.sent::<LettersDropped>())
        .problem(Code::MissingParameter)
        .example(
            Example::new("those of one reason", 200, json!({"dropped": 3, "next": null}))
                .with("board", "fleet")
                .with("code", Code::PositionOutOfRange.name()),
        )
}

fn drop_one() -> Operation {
    with_id(Operation::new("delete", ONE, "dropDeadLetter", TAG, MANAGE))
        .summary("Drop a refused record")
        .answers_empty(204, "It is gone.")
        .example(Example::empty("one", 204).with("board", "fleet").with("id", "17.0"))
}
