//! The codes of problems: what each one means to a caller.

use serde_json::{Value, json};

/// Every code of a problem, by its name.
pub const CODES: &[(&str, &str)] = &[
    ("authorization_invalid", "The Authorization header is not `Bearer` with something behind it."),
    ("board_not_found", "There is no such board, or its name can't be one."),
    ("body_broken", "The body ended, or failed, before all of it was there."),
    ("body_too_large", "The body has more bytes than are taken; nothing of it was."),
    ("code_unknown", "Nobody can join by this code: there is none, or its session is over or gone."),
    ("credential_missing", "Nothing was sent that says who calls, and this is not for everybody."),
    ("cursor_gone", "The cursor is of another life of the board, or ahead of it: begin anew without it."),
    ("disqualified_already", "The key is disqualified."),
    ("empty", "A value that is required is empty."),
    ("event_not_found", "There is no event of this number in the log."),
    ("events_gone", "Events so far back are no longer kept."),
    ("forbidden", "The credential does not allow this."),
    ("idempotency_key_invalid", "The Idempotency-Key is empty or too long."),
    ("idempotency_key_reused", "The Idempotency-Key came with another body before."),
    ("internal", "Something went wrong here, and is logged. Trying again may help."),
    ("invalid", "A value is not what the field takes."),
    ("invalid_config", "The config is wrong; `errors` lists every field."),
    ("invalid_gzip", "The body says that it is gzip and is not."),
    ("invalid_json", "The body is no JSON, or not of this shape; `errors` names the place."),
    ("invalid_key", "The key in the query is empty, too long or has control characters."),
    ("invalid_parameter", "A parameter's value is not taken; `errors` names it and says what is."),
    ("invalid_path", "The path is not UTF-8."),
    ("invalid_schedule", "Opening, freezing and closing are not in this order."),
    ("invalid_session_id", "The session's id has other characters than a–z, 0–9 and -, is too long, or is `all`."),
    ("invalid_utf8", "The body is not UTF-8."),
    ("item_not_found", "The board has no such item, or the caller may not see it."),
    ("jq_failed", "The jq program failed."),
    ("key_invalid", "The API key is not known here."),
    ("key_not_found", "The key has no score on this board."),
    ("method_not_allowed", "The path does not take this method; the header Allow has those that it takes."),
    ("missing", "A value that is required is not there."),
    ("missing_parameter", "A named view needs a parameter that was not given."),
    ("no_join_code", "The session has no join code, or not any more."),
    ("no_relay", "The board has as many viewers as it can take."),
    ("no_rollups", "The board keeps no series."),
    ("no_scoreboard", "The board's config has no scores."),
    ("not_acceptable", "The header Accept allows nothing that there is."),
    ("not_disqualified", "The key is not disqualified."),
    ("not_found", "There is nothing of this name here."),
    ("not_supported", "This can't be done yet; nothing was."),
    ("out_of_range", "A number is too small or too large; the sentence has the limits."),
    ("overloaded", "The board has more requests than it can take; nothing of this one was written."),
    ("pipeline_broken", "A step of the board's pipeline can't be run; nothing was taken."),
    (
        "registry_unreachable",
        "The registry does not answer, and without it this can't be told or done for all; try again.",
    ),
    ("secrets_invalid", "The deployment's signing key is not the PEM of a P-256 private key."),
    ("secrets_missing", "The deployment serves nothing until its secrets are set."),
    ("secrets_weak", "The deployment's administrator key is too short."),
    ("session_closed", "The session of this join code is over."),
    ("session_exists", "There is a session of this id."),
    ("session_not_found", "There is no session of this id."),
    ("session_phase", "The session's phase does not allow this."),
    ("site_missing", "The deployment has no front end."),
    ("storage_full", "The board has no room to store the request; nothing of it was written."),
    ("time_in_future", "The time is of the future."),
    ("token_in_url", "A token does not belong in a URL, where logs keep it."),
    ("token_invalid", "The token is not one of ours, is damaged, or has expired."),
    ("token_too_large", "The token would be too large to travel in a header."),
    ("too_long", "A text is longer than it may be."),
    ("too_many", "A list has more entries than it may have."),
    ("too_many_boards", "There are as many boards with this beginning as the credential may make."),
    ("too_many_events", "The request has more events than one may have; nothing of it was taken."),
    ("too_many_requests", "The address or the credential has asked too often; `Retry-After` says when to come back."),
    ("too_many_sessions", "The board has as many sessions as it may have."),
    ("transform_unavailable", "What runs jq programs does not answer."),
    ("undone_already", "The event was undone before."),
    ("unknown_field", "No item has the field that a parameter names."),
    ("unknown_parameter", "The query has a parameter that is not known."),
    ("unknown_subprotocol", "None of the WebSocket subprotocols that are offered is known."),
    ("unsupported_encoding", "The Content-Encoding is neither gzip nor identity."),
    ("unsupported_media_type", "The Content-Type is not taken."),
    ("upgrade_required", "The feed is a WebSocket."),
    ("upstream_failed", "The service behind a view did not answer as it should, and nothing was kept of it."),
    ("view_not_found", "The board's config has no view of this name."),
];

/// What a code means.
pub fn meaning(code: &str) -> Option<&'static str> {
    CODES.iter().find(|(name, _)| *name == code).map(|(_, meaning)| *meaning)
}

/// The answer for a status with these codes.
pub fn response(status: u16, codes: &[&str]) -> Value {
    let meanings: Vec<String> =
        codes.iter().map(|code| format!("`{code}`: {}", meaning(code).unwrap_or_default())).collect();
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
