//! What managers and administrators ask and tell the server. Refusals keep the fields that they name.

use gloo_net::http::Method;
pub use heliograph_shared::api::archive::Archive;
pub use heliograph_shared::api::audit_log::{AuditLog, AuditLogEntry};
pub use heliograph_shared::api::boards::Boards;
use heliograph_shared::api::connections::{Connections, EndedConnections};
use heliograph_shared::api::letters::LettersDropped;
pub use heliograph_shared::api::letters::{DeadLetter, DeadLetters, Replay};
pub use heliograph_shared::api::pipeline::Pipeline;
use heliograph_shared::api::shares::Shares;
pub use heliograph_shared::api::shares::ShownShare;
use heliograph_shared::api::sources::Sources;
pub use heliograph_shared::api::sources::{DeviceAddress, SampleTried, SecretSource, ShownSource};
pub use heliograph_shared::api::status::{SourceStatus, Status};
use heliograph_shared::ingest::IngestAnswer;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::http::{self, Failure};
use crate::browser::percent::encode;

/// How many dead letters a page has.
const LETTERS: usize = 50;
/// How many entries a page of the audit has, and the most that can be asked for.
const AUDIT: usize = 50;
const AUDIT_ALL: usize = heliograph_shared::limits::AUDIT_ROWS_MAX;

/// What is wrong with one field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct FieldProblem {
    /// Its path, such as `rules.bounds`; empty when it is about all of it.
    pub field: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// As of any request.
    pub failure: Failure,
    /// The fields that are wrong.
    pub fields: Vec<FieldProblem>,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { failure, fields: Vec::new() }
    }
}

/// The members of a problem (RFC 9457) that are read here.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    code: String,
    detail: String,
    errors: Vec<FieldProblem>,
}

/// Tells the server something; null where it answers nothing.
pub(super) async fn tell(method: Method, path: &str, key: &str, body: &Value) -> Result<Value, Refusal> {
    let request = http::request(method, path, Some(key)).header("content-type", "application/json");
    let response = http::fetch(request.body(body.to_string())).await?;
    let (status, is_ok) = (response.status(), response.ok());
    let text = response.text().await.map_err(|_| Failure::unreachable())?;
    if is_ok {
        return Ok(serde_json::from_str(&text).unwrap_or_default());
    }
    Err(refusal(status, &text))
}

fn refusal(status: u16, text: &str) -> Refusal {
    let Problem { code, detail, errors } = serde_json::from_str(text).unwrap_or_default();
    let message = if detail.is_empty() { text!(client.http.answered, status = status) } else { detail };
    Refusal { failure: Failure { status, code, message }, fields: errors }
}

pub(super) async fn get<T: DeserializeOwned>(path: &str, key: &str) -> Result<T, Failure> {
    http::send(Method::GET, path, Some(key), None).await
}

pub(super) fn board_path(name: &str) -> String {
    format!("/v1/boards/{}", encode(name))
}

/// The boards that this key may see.
pub async fn boards(key: &str) -> Result<Boards, Failure> {
    get("/v1/boards", key).await
}

/// Something that several people may change, and its version.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    /// It.
    pub value: Value,
    /// The entity tag of its version.
    pub tag: Option<String>,
}

/// What something is put in the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over<'t> {
    /// Whatever there is.
    Any,
    /// Nothing: it is new.
    Nothing,
    /// This version.
    Version(&'t str),
}

async fn get_tagged(path: &str, key: &str) -> Result<Tagged, Failure> {
    let response = http::fetch(http::request(Method::GET, path, Some(key)).build()).await?;
    let tag = response.headers().get("etag");
    Ok(Tagged { value: http::read(&http::taken(response).await?)?, tag })
}

/// Puts something, unless somebody else changed it.
async fn put_tagged(path: &str, key: &str, value: &Value, over: Over<'_>) -> Result<Tagged, Refusal> {
    let request = http::request(Method::PUT, path, Some(key)).header("content-type", "application/json");
    let request = match over {
        Over::Any => request,
        Over::Nothing => request.header("if-none-match", "*"),
        Over::Version(tag) => request.header("if-match", tag),
    };
    let response = http::fetch(request.body(value.to_string())).await?;
    let (status, is_ok, tag) = (response.status(), response.ok(), response.headers().get("etag"));
    let text = response.text().await.map_err(|_| Failure::unreachable())?;
    if !is_ok {
        return Err(refusal(status, &text));
    }
    Ok(Tagged { value: http::read(&(status, text))?, tag })
}

/// A board's whole config.
pub async fn config(name: &str, key: &str) -> Result<Tagged, Failure> {
    get_tagged(&board_path(name), key).await
}

/// Makes a board or changes it; brings the config as it is kept.
pub async fn put_config(name: &str, key: &str, config: &Value, over: Over<'_>) -> Result<Tagged, Refusal> {
    put_tagged(&board_path(name), key, config, over).await
}

/// Deletes a board with all that it has.
pub async fn delete_board(name: &str, key: &str) -> Result<(), Failure> {
    http::send_for_text(Method::DELETE, &board_path(name), Some(key), None).await.map(drop)
}

/// Sends one event, as JSON. What the board refuses of it is a failure, in its words.
pub async fn send_event(name: &str, key: &str, event: &str) -> Result<(), Failure> {
    let request = http::request(Method::POST, &format!("{}/events", board_path(name)), Some(key));
    let response = http::fetch(request.header("content-type", "application/json").body(event.to_owned())).await?;
    let (status, text) = http::taken(response).await?;
    accepted(&http::read(&(status, text))?)
}

/// Whether what was sent was taken.
fn accepted(answer: &IngestAnswer) -> Result<(), Failure> {
    match answer.refusals().next() {
        None => Ok(()),
        Some(refused) => Err(Failure {
            status: 422,
            code: refused.code.clone().unwrap_or_default(),
            message: refused.message.clone().unwrap_or_default(),
        }),
    }
}

/// How a board is.
pub async fn status(name: &str, key: &str) -> Result<Status, Failure> {
    get(&format!("{}/status", board_path(name)), key).await
}

/// How far delivery is.
pub async fn archive(name: &str, key: &str) -> Result<Archive, Failure> {
    get(&format!("{}/archive", board_path(name)), key).await
}

/// What the pipeline has done.
pub async fn pipeline(name: &str, key: &str) -> Result<Pipeline, Failure> {
    get(&format!("{}/pipeline", board_path(name)), key).await
}

/// What a pipeline would make of some events; without `steps` the board's own.
pub async fn try_pipeline(name: &str, key: &str, wish: &Value) -> Result<Value, Refusal> {
    tell(Method::POST, &format!("{}/pipeline/try", board_path(name)), key, wish).await
}

/// A query for letters of a code, or of all.
fn of_code(code: &str) -> String {
    if code.is_empty() { String::new() } else { format!("&code={}", encode(code)) }
}

/// A page of dead letters of a code, or of all, the newest first; with a text, those in which it is.
pub async fn letters(
    name: &str,
    key: &str,
    code: &str,
    text: &str,
    after: Option<&str>,
) -> Result<DeadLetters, Failure> {
    let after = after.map(|after| format!("&after={}", encode(after))).unwrap_or_default();
    let text = if text.is_empty() { String::new() } else { format!("&text={}", encode(text)) };
    get(&format!("{}/dead-letters?limit={LETTERS}{}{text}{after}", board_path(name), of_code(code)), key).await
}

/// Puts another record in the place of a letter's.
pub async fn mend_letter(name: &str, key: &str, id: &str, record: &Value) -> Result<DeadLetter, Failure> {
    let path = format!("{}/dead-letters/{}", board_path(name), encode(id));
    http::send(Method::PATCH, &path, Some(key), Some(&json!({ "record": record }))).await
}

/// Sends a letter on its way again, or says what would come of it.
pub async fn replay_letter(name: &str, key: &str, id: &str, dry_run: bool) -> Result<Replay, Failure> {
    let path = format!("{}/dead-letters/{}/replay?dry_run={dry_run}", board_path(name), encode(id));
    http::send(Method::POST, &path, Some(key), Some(&json!({}))).await
}

/// The same for the letters of a code, or for all.
pub async fn replay_letters(name: &str, key: &str, code: &str, dry_run: bool) -> Result<Replay, Failure> {
    let path = format!("{}/dead-letters/replay?dry_run={dry_run}", board_path(name));
    let body = if code.is_empty() { json!({}) } else { json!({ "code": code }) };
    http::send(Method::POST, &path, Some(key), Some(&body)).await
}

/// Drops the letters of a code, or all; how many.
pub async fn drop_letters(name: &str, key: &str, code: &str) -> Result<u64, Failure> {
    let all = if code.is_empty() { "all=true".to_owned() } else { of_code(code).split_off(1) };
    let path = format!("{}/dead-letters?{all}", board_path(name));
    let LettersDropped { dropped, .. } = http::send(Method::DELETE, &path, Some(key), None).await?;
    Ok(dropped)
}

/// The records of the letters of a code, or of all, a line each.
pub async fn export_letters(name: &str, key: &str, code: &str) -> Result<String, Failure> {
    let path = format!("{}/dead-letters/export?format=records{}", board_path(name), of_code(code));
    http::send_for_text(Method::GET, &path, Some(key), None).await.map(|(_, text)| text)
}

/// Drops a dead letter.
pub async fn drop_letter(name: &str, key: &str, id: &str) -> Result<(), Failure> {
    let path = format!("{}/dead-letters/{}", board_path(name), encode(id));
    http::send_for_text(Method::DELETE, &path, Some(key), None).await.map(drop)
}

/// A page of who changed what, of a kind or of all.
pub async fn audit(board: &str, key: &str, kind: &str, after: Option<&str>) -> Result<AuditLog, Failure> {
    get(&format!("{}/audit?limit={AUDIT}{}", board_path(board), audit_query(kind, after)), key).await
}

/// All of it, as a text in some form.
pub async fn export_audit(board: &str, key: &str, kind: &str, format: &str) -> Result<String, Failure> {
    let path = format!("{}/audit?limit={AUDIT_ALL}&format={format}{}", board_path(board), audit_query(kind, None));
    http::send_for_text(Method::GET, &path, Some(key), None).await.map(|(_, text)| text)
}

fn audit_query(kind: &str, after: Option<&str>) -> String {
    let kind = if kind.is_empty() { String::new() } else { format!("&kind={kind}") };
    after.map_or(kind.clone(), |after| format!("{kind}&after={}", encode(after)))
}

/// A board's links, the newest first.
pub async fn shares(board: &str, key: &str) -> Result<Vec<ShownShare>, Failure> {
    let Shares { mut shares } = get(&format!("{}/shares", board_path(board)), key).await?;
    shares.reverse();
    Ok(shares)
}

/// Makes a link.
pub async fn make_share(board: &str, key: &str, wish: &Value) -> Result<ShownShare, Refusal> {
    told(tell(Method::POST, &format!("{}/shares", board_path(board)), key, wish).await?)
}

/// Revokes a link.
pub async fn delete_share(board: &str, key: &str, id: &str) -> Result<(), Failure> {
    let path = format!("{}/shares/{}", board_path(board), encode(id));
    http::send_for_text(Method::DELETE, &path, Some(key), None).await.map(drop)
}

/// A page of who is connected.
pub async fn connections(board: &str, key: &str, after: Option<&str>) -> Result<Connections, Failure> {
    let after = after.map(|after| format!("?after={}", encode(after))).unwrap_or_default();
    get(&format!("{}/connections{after}", board_path(board)), key).await
}

/// Ends a connection.
pub async fn end_connection(board: &str, key: &str, id: &str) -> Result<(), Failure> {
    let path = format!("{}/connections/{}", board_path(board), encode(id));
    http::send_for_text(Method::DELETE, &path, Some(key), None).await.map(drop)
}

/// Ends all connections of a credential; how many.
pub async fn end_connections_of(board: &str, key: &str, credential: &str) -> Result<u32, Failure> {
    let path = format!("{}/connections?credential={}", board_path(board), encode(credential));
    let answer: EndedConnections = http::send(Method::DELETE, &path, Some(key), None).await?;
    Ok(answer.ended)
}

fn source_path(board: &str, name: &str) -> String {
    format!("{}/sources/{}", board_path(board), encode(name))
}

/// A good answer to what was told.
pub(super) fn told<T: DeserializeOwned>(answer: Value) -> Result<T, Refusal> {
    serde_json::from_value(answer).map_err(|error| Failure::senseless(200, &error).into())
}

/// A board's sources, by name.
pub async fn sources(board: &str, key: &str) -> Result<Vec<ShownSource>, Failure> {
    let Sources { sources } = get(&format!("{}/sources", board_path(board)), key).await?;
    Ok(sources)
}

/// Makes a source; brings it with its secret.
pub async fn make_source(board: &str, key: &str, wish: &Value) -> Result<SecretSource, Refusal> {
    told(tell(Method::POST, &format!("{}/sources", board_path(board)), key, wish).await?)
}

/// Changes a source.
pub async fn change_source(board: &str, key: &str, name: &str, wish: &Value) -> Result<ShownSource, Refusal> {
    told(tell(Method::PATCH, &source_path(board, name), key, wish).await?)
}

/// Gives a source another secret.
pub async fn rotate_source(board: &str, key: &str, name: &str) -> Result<SecretSource, Failure> {
    let path = format!("{}/rotate", source_path(board, name));
    http::send(Method::POST, &path, Some(key), Some(&json!({}))).await
}

/// A device's own address at a source.
pub async fn device_address(board: &str, key: &str, name: &str, wish: &Value) -> Result<DeviceAddress, Refusal> {
    told(tell(Method::POST, &format!("{}/devices", source_path(board, name)), key, wish).await?)
}

/// Deletes a source.
pub async fn delete_source(board: &str, key: &str, name: &str) -> Result<(), Failure> {
    http::send_for_text(Method::DELETE, &source_path(board, name), Some(key), None).await.map(drop)
}

/// What a source would make of a sample.
pub async fn try_source(board: &str, key: &str, name: &str, sample: &Value) -> Result<SampleTried, Refusal> {
    told(tell(Method::POST, &format!("{}/dry-run", source_path(board, name)), key, sample).await?)
}

const IDENTITY: &str = "/v1/settings/identity";

/// What the administrator says about sign-in.
pub async fn identity(key: &str) -> Result<Tagged, Failure> {
    get_tagged(IDENTITY, key).await
}

/// Changes it, unless somebody else has.
pub async fn put_identity(key: &str, settings: &Value, tag: Option<&str>) -> Result<Tagged, Refusal> {
    put_tagged(IDENTITY, key, settings, Over::Version(tag.unwrap_or("*"))).await
}

/// An API key without the key itself. Grants of long ago may be of any shape.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct KeyRow {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub label: String,
    /// What it allows.
    pub grants: Value,
    /// Whose event ids its requests have.
    pub owner: String,
    /// When it was made.
    pub created: Millis,
    /// When it was last used, to some minutes.
    pub used: Option<Millis>,
    /// Until when the secret before is still good.
    pub previous_until: Option<Millis>,
    /// Whether it allows nothing any more.
    pub needs_renewal: bool,
}

#[derive(Deserialize)]
struct KeyRows {
    keys: Vec<KeyRow>,
}

/// All API keys, the newest first.
pub async fn keys(key: &str) -> Result<Vec<KeyRow>, Failure> {
    let KeyRows { mut keys } = get("/v1/keys", key).await?;
    keys.sort_by_key(|key| std::cmp::Reverse(key.created));
    Ok(keys)
}

/// Makes an API key; brings it with its secret.
pub async fn make_key(key: &str, wish: &Value) -> Result<Value, Refusal> {
    tell(Method::POST, "/v1/keys", key, wish).await
}

/// Gives an API key another secret; brings it with that.
pub async fn rotate_key(key: &str, id: &str) -> Result<Value, Failure> {
    http::send(Method::POST, &format!("/v1/keys/{}/rotate", encode(id)), Some(key), Some(&json!({}))).await
}

/// Deletes an API key.
pub async fn delete_key(key: &str, id: &str) -> Result<(), Failure> {
    http::send_for_text(Method::DELETE, &format!("/v1/keys/{}", encode(id)), Some(key), None).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_keeps_every_field_that_it_names() {
        let refusal = refusal(
            422,
            r#"{"code":"invalid_config","detail":"title is required","errors":[{"field":"title","code":"missing","message":"title is required"},{"field":"keep_days","message":"keep_days is 1 to 3,650 days"}]}"#,
        );
        assert_eq!((refusal.failure.status, refusal.failure.code.as_str()), (422, "invalid_config"));
        let fields: Vec<&str> = refusal.fields.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["title", "keep_days"]);
        assert_eq!(super::refusal(502, "oh").failure.message, "The server answered 502.");
    }
}
