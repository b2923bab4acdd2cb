//! Boards as backups: exported, imported.

use super::{JSON, binary, grouped};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::backup::ImportProgress;
use heliograph_shared::backup::Head;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::json;

const MANAGE: Right = Right::Credential("the right `manage`");
const ADMIN: Right = Right::Credential("the administrator's key");
const BYTES: &str = "application/octet-stream";

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    vec![export(s), import(s)]
}

fn export(s: &mut Schemas) -> Operation {
    let seq = || json!({"type": "integer", "minimum": 0, "maximum": limits::SEQ_MAX});
    Operation::new("get", "/v1/boards/{board}/export", "exportBoard", "Boards", MANAGE)
        .summary("Export a board: its config and its log")
        .description(format!(
            "Without `after` what a backup begins with; with it rows of the log that begin behind that number, as a backup has \
             them, about {} bytes of them. None are left where the answer is empty. `heliograph board export` writes a file of \
             it, and backup.md says how that is made. The log must be whole: a board drops its beginning after `keep_days`.",
            grouped(limits::BACKUP_PAGE_BYTES)
        ))
        .query("after", "Rows behind this number.", seq())
        .query("upto", "No row whose last number is greater.", seq())
        .answers(200, "The beginning, or rows.", JSON, s.sent::<Head>())
        .answers(200, "The beginning, or rows.", BYTES, binary())
        .problem(Code::InvalidParameter)
        .problem(Code::UnknownParameter)
        .problem(Code::LogPruned)
        .problem(Code::Overloaded)
        .example(
            Example::new(
                "what it begins with",
                200,
                json!({
                    "format": 1, "board": "fleet", "cursor": "e2718281828:0", "time": 1_772_366_400_000_i64,
                    "config": {"title": "Fleet", "visibility": "public"},
                }),
            )
            .with("board", "fleet"),
        )
        .example(
            Example::text("rows of its log", BYTES, "(rows, as backup.md has them)")
                .with("board", "fleet")
                .with("after", "0"),
        )
}

fn import(s: &mut Schemas) -> Operation {
    Operation::new("post", "/v1/boards/{board}/import", "importBoard", "Boards", ADMIN)
        .summary("Import a board: take one frame of a backup")
        .description(format!(
            "The first frame, then those with rows, then the end, one a request, of at most {} bytes; backup.md says how they \
             are made. Each is written with how far the import is, and one that is sent again is answered the same. Who is cut \
             off sends the first frame again: the answer says which one was the last. Until the end there is no board of this \
             name; DELETE of the board gives the import up.",
            grouped(limits::BACKUP_FRAME_BYTES)
        ))
        .takes(BYTES, binary())
        .answers(200, "How far it is.", JSON, s.sent::<ImportProgress>())
        .problem(Code::BackupDamaged)
        .problem(Code::BackupFormat)
        .problem(Code::BodyBroken)
        .problem(Code::BodyTooLarge)
        .problem(Code::ImportUnfinished)
        .problem(Code::InvalidConfig)
        .problem(Code::Overloaded)
        .problem(Code::StorageFull)
        .problem_as(409, Code::BoardExists)
        .example(
            Example::new(
                "the first frame",
                200,
                json!({
                    "cursor": "e2718281828:0", "rows": 0, "done": false,
                    "digest": "6c1b1f3f1f0b5a64d7c1ee0f9dbb3f5f4f2b4a3c2d1e0f9a8b7c6d5e4f3a2b1c",
                }),
            )
            .with("board", "fleet-2")
            .body_of(BYTES, "(a frame, as backup.md has it)".into()),
        )
}
