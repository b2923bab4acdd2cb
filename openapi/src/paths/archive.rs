//! Delivery to object storage.

use super::JSON;
use crate::answers::Archive;
use crate::operation::{Example, Operation, Right};
use crate::schemas::Schemas;
use serde_json::json;

pub fn all(s: &mut Schemas) -> Vec<Operation> {
    let manage = Right::Credential("the right `manage`");
    vec![
        Operation::new("get", "/v1/boards/{board}/archive", "getArchive", "Archive", manage)
            .summary("How far delivery to object storage is")
            .description(
                "What waits, what was delivered last, what went wrong last, and the columns that fields have in the \
                 delivered lines. Where and how often is in the board's config, under `archive`.",
            )
            .answers(200, "The state of delivery.", JSON, s.sent::<Archive>())
            .example(
                Example::new(
                    "a board that delivers nothing",
                    200,
                    json!({
                        "state": "off", "cursor": "e7:1042", "delivered": null,
                        "backlog": {"records": 0, "bytes": 0, "oldest": null},
                        "lag_ms": 0, "last": null, "in_flight": null, "error": null, "next_try": null, "columns": [],
                    }),
                )
                .with("board", "fleet"),
            ),
    ]
}
