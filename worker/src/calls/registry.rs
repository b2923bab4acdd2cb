//! What is asked of the registry.

use super::{answered, ask, binding, expect_bytes, optional, stub};
use crate::deadline::{soon, within};
use crate::fault::Answer;
use heliograph_shared::audit::{Act, AuditAsk, By, Entry};
use heliograph_shared::calls::RegistryCall;
use heliograph_shared::calls::registry::{KeyRotation, StoredKey, StoredSettings, WatchAsk};
use heliograph_shared::id::BoardName;
use heliograph_shared::index::{Collected, Listed, Said};
use heliograph_shared::limits;
use heliograph_shared::meters::edge::Edge;
use heliograph_shared::revocation::{Change, Changes, Mark};
use heliograph_shared::share::{Share, ShareId};
use heliograph_shared::source::{Source, SourceName};
use js_sys::Uint8Array;
use serde_json::Value;
use worker::Env;

async fn call(env: &Env, what: &RegistryCall) -> Answer<web_sys::Response> {
    let stub = stub(env, binding::REGISTRY, "registry")?.into_rpc::<js_sys::Object>();
    answered(ask(&stub, "registry", &Uint8Array::from(what.encode()?.as_slice()))?, "registry").await
}

/// Where nothing but 200 is an answer.
async fn expect(env: &Env, what: RegistryCall) -> Answer<Vec<u8>> {
    expect_bytes(call(env, &what).await?, "registry").await
}

/// What is not there is none.
async fn find(env: &Env, what: RegistryCall) -> Answer<Option<Vec<u8>>> {
    optional(call(env, &what).await?, "registry").await
}

/// The board and session of a join code, and the registry's last change.
pub async fn code(env: &Env, code: &str) -> Answer<Option<(BoardName, String, Change)>> {
    let found = soon("code", find(env, RegistryCall::Code(code.to_owned()))).await?;
    Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// Keeps a join code; false when it is taken.
pub async fn put_code(env: &Env, code: &str, board: &BoardName, session: &str) -> Answer<bool> {
    let what = RegistryCall::PutCode(code.to_owned(), board.clone(), session.to_owned());
    Ok(find(env, what).await?.is_some())
}

/// What is stored of an API key, by its SHA-256 in hex.
pub async fn key(env: &Env, hash: &str) -> Answer<Option<StoredKey>> {
    let found = soon("key", find(env, RegistryCall::Key(hash.to_owned()))).await?;
    Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// The same, done by somebody: it is noted.
fn noted(by: By, what: RegistryCall) -> RegistryCall {
    RegistryCall::Noted(by, Box::new(what))
}

/// Notes something that was done to a board.
pub async fn note(env: &Env, board: &BoardName, by: By, act: Act) -> Answer<()> {
    expect(env, RegistryCall::Note(board.clone(), by, act)).await.map(drop)
}

/// What was noted of a board here.
pub async fn audit(env: &Env, board: &BoardName, ask: &AuditAsk) -> Answer<Vec<Entry>> {
    Ok(serde_json::from_slice(&expect(env, RegistryCall::Audit(board.clone(), ask.clone())).await?)?)
}

/// Stores an API key's hash, label and grants.
pub async fn put_key(env: &Env, by: By, hash: &str, about: Value) -> Answer<()> {
    expect(env, noted(by, RegistryCall::PutKey(hash.to_owned(), about))).await.map(drop)
}

/// Gives an API key another secret; what is stored of it, if there is one.
pub async fn rotate_key(env: &Env, by: By, rotation: KeyRotation) -> Answer<Option<Value>> {
    let found = find(env, noted(by, RegistryCall::RotateKey(rotation))).await?;
    Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// All API keys without the keys, as JSON.
pub async fn keys(env: &Env) -> Answer<Vec<u8>> {
    expect(env, RegistryCall::Keys).await
}

/// Forgets an API key, by its id.
pub async fn delete_key(env: &Env, by: By, id: &str) -> Answer<bool> {
    Ok(find(env, noted(by, RegistryCall::DeleteKey(id.to_owned()))).await?.is_some())
}

/// Settings of the deployment.
pub async fn settings(env: &Env, name: &str) -> Answer<StoredSettings> {
    let what = RegistryCall::Settings(name.to_owned());
    Ok(serde_json::from_slice(&soon("settings", expect(env, what)).await?)?)
}

/// Keeps settings in place of a version; false when there is another by now.
pub async fn put_settings(env: &Env, name: &str, value: Value, before: u64) -> Answer<bool> {
    Ok(find(env, RegistryCall::PutSettings(name.to_owned(), value, before)).await?.is_some())
}

/// A source, by its name.
pub async fn source(env: &Env, name: &SourceName) -> Answer<Option<Source>> {
    let found = soon("source", find(env, RegistryCall::Source(name.clone()))).await?;
    Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// The sources of a board.
pub async fn sources(env: &Env, board: &BoardName) -> Answer<Vec<Source>> {
    Ok(serde_json::from_slice(&expect(env, RegistryCall::Sources(board.clone())).await?)?)
}

/// Keeps a source in place of the version before it; false when there is another by now.
pub async fn put_source(env: &Env, by: By, source: &Source, before: u64) -> Answer<bool> {
    Ok(find(env, noted(by, RegistryCall::PutSource(Box::new(source.clone()), before))).await?.is_some())
}

/// Forgets a board's source.
pub async fn delete_source(env: &Env, by: By, board: &BoardName, name: &SourceName) -> Answer<bool> {
    Ok(find(env, noted(by, RegistryCall::DeleteSource(board.clone(), name.clone()))).await?.is_some())
}

/// The links of a board.
pub async fn shares(env: &Env, board: &BoardName) -> Answer<Vec<Share>> {
    Ok(serde_json::from_slice(&expect(env, RegistryCall::Shares(board.clone())).await?)?)
}

/// Keeps a new link; false when its id is taken.
pub async fn put_share(env: &Env, by: By, share: &Share) -> Answer<bool> {
    Ok(find(env, noted(by, RegistryCall::PutShare(Box::new(share.clone())))).await?.is_some())
}

/// Somebody opens a link, for the first time or again: the link, and the registry's last change.
pub async fn open_share(env: &Env, id: &ShareId, again: bool) -> Answer<Option<(Share, Change)>> {
    let found = soon("share", find(env, RegistryCall::OpenShare(id.clone(), again))).await?;
    Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

/// Revokes a board's link.
pub async fn delete_share(env: &Env, by: By, board: &BoardName, id: &ShareId) -> Answer<bool> {
    Ok(find(env, noted(by, RegistryCall::DeleteShare(board.clone(), id.clone()))).await?.is_some())
}

/// What has changed in the registry after a change; it is told what was counted here.
pub async fn changes(env: &Env, after: Change, counted: Option<&Edge>) -> Answer<Changes> {
    let what = match counted {
        Some(counted) => RegistryCall::Report(after, counted.clone()),
        None => RegistryCall::Changes(after),
    };
    Ok(serde_json::from_slice(&expect(env, what).await?)?)
}

/// Has a relay be told of what ends; what has changed since it knew last.
pub async fn watch(env: &Env, ask: WatchAsk) -> Answer<Changes> {
    Ok(serde_json::from_slice(&expect(env, RegistryCall::Watch(ask)).await?)?)
}

/// Something has ended.
pub async fn end(env: &Env, marks: Vec<Mark>) -> Answer<()> {
    expect(env, RegistryCall::End(marks)).await.map(drop)
}

/// The config that the registry has of a board of before: empty where the board has it itself, none where the registry
/// knows no such board.
pub async fn board(env: &Env, board: &BoardName) -> Answer<Option<Vec<u8>>> {
    soon("board", find(env, RegistryCall::Board(board.clone()))).await
}

/// The list of boards.
pub async fn boards(env: &Env) -> Answer<Vec<Listed>> {
    Ok(serde_json::from_slice(&soon("boards", expect(env, RegistryCall::Boards)).await?)?)
}

/// What is measured of all boards, and at the edge.
pub async fn meters(env: &Env) -> Answer<Collected> {
    Ok(serde_json::from_slice(&soon("meters", expect(env, RegistryCall::Meters)).await?)?)
}

/// Makes sure that the registry answers.
pub async fn ping(env: &Env) -> Answer<()> {
    soon("ping", expect(env, RegistryCall::Settings("readiness".to_owned()))).await.map(drop)
}

/// Tells the registry what a board says of itself.
pub async fn say(env: &Env, board: &BoardName, said: &Said) -> Answer<()> {
    let what = RegistryCall::Say(board.clone(), Box::new(said.clone()));
    within(limits::INDEX_ASK_MILLIS, "index", expect(env, what)).await.map(drop)
}

/// Has the registry forget a board that has ended, as of a version.
pub async fn delete_board(env: &Env, board: &BoardName, version: u64) -> Answer<()> {
    let what = RegistryCall::DeleteBoard(board.clone(), version);
    within(limits::INDEX_ASK_MILLIS, "delete board", expect(env, what)).await.map(drop)
}
