//! How a refusal is described.

use heliograph_shared::problem::Code;
use serde_json::{Value, json};

/// The answer for a status with these codes.
pub fn response(status: u16, codes: &[Code]) -> Value {
    let meanings: Vec<String> = codes.iter().map(|code| format!("`{code}`: {}", code.meaning())).collect();
    let schema = json!({
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"properties": {"code": {"enum": codes}, "status": {"const": status}}},
        ]
    });
    let mut response = json!({
        "description": meanings.join(" "),
        "content": {"application/problem+json": {"schema": schema}},
    });
    if status == 503 {
        let text = "Seconds to wait before trying again, when that helps.";
        response["headers"] = json!({"Retry-After": {"description": text, "schema": {"type": "integer"}}});
    }
    if status == 401 {
        response["headers"] = json!({"WWW-Authenticate": {"description": "`Bearer`", "schema": {"type": "string"}}});
    }
    response
}
