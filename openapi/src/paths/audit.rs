//! Who changed what.

use super::{CSV, JSON, LINES, integer, lines};
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use heliograph_shared::api::audit_log::AuditLog;
use heliograph_shared::audit::Kind;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use serde_json::{Value, json};

const MANAGE: Right = Right::Credential("the right `manage`");

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    let entry = json!({
        "id": "1772366400000.b.12", "time": 1_772_366_400_000_i64, "kind": "config", "action": "changed", "target": null,
        "by": {"credential": "key:5f0c8a3b9d2e4f61", "subject": "ann"}, "before": "{\"title\":\"Fleet\"}",
        "after": "{\"title\":\"Buses\"}",
    });
    let kinds: Vec<Value> = Kind::ALL.iter().map(|kind| kind.name().into()).collect();
    let log = Operation::new("get", "/v1/boards/{board}/audit", "getAudit", "Boards", MANAGE)
        .summary("See who changed what")
        .description(
            "The newest first. No secret, code or record is in it. In lines of JSON and as a table the next page is in the \
             header `Link`.",
        )
        .query("kind", "Only of this kind.", json!({"type": "string", "enum": kinds}))
        .query("after", "Where the page before ended: its `next`.", json!({"type": "string", "pattern": r"^\d{1,16}\.[br]\.\d{1,16}$"}))
        .query("limit", "At most so many.", integer(1, limits::AUDIT_ROWS_MAX as u64, Some(limits::AUDIT_ROWS as u64)))
        .query("format", "In which form.", json!({"type": "string", "enum": ["json", "csv", "ndjson"], "default": "json"}))
        .answers(200, "A page.", JSON, s.sent::<AuditLog>())
        .answers(200, "A page.", CSV, lines())
        .answers(200, "A page.", LINES, lines())
        .problem(Code::InvalidParameter)
        .problem(Code::UnknownParameter)
        .example(Example::new("one", 200, json!({"entries": [entry], "next": null})).with("board", "fleet"));
    vec![log]
}
