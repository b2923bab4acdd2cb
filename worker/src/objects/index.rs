//! Calls about boards as such: to a board about its config, which is its own, and to the registry about the list of boards.
//! None of them waits long: who asks goes on with what was known.

use super::binding;
use super::call::{expect_bytes, optional, registry, send, stub};
use crate::cache;
use crate::deadline::{soon, within};
use crate::fault::{Answer, Fault};
use heliograph_shared::id::BoardName;
use heliograph_shared::index::{Listed, Said};
use heliograph_shared::limits;
use serde::{Deserialize, Serialize};
use worker::Env;

/// A board's config with its version.
#[derive(Serialize, Deserialize)]
pub struct Config {
    /// It grows with every change.
    pub version: u64,
    /// As JSON.
    pub text: String,
}

/// What a board says to a change of its config, or to its end.
#[derive(Serialize, Deserialize)]
pub struct Done {
    /// The config's version.
    pub version: u64,
    /// Whether there was no such board.
    pub is_new: bool,
    /// Whether the registry knows: if not, it will be told.
    pub is_told: bool,
}

/// A board's config; none where there is no such board.
pub async fn board_config(env: &Env, board: &BoardName) -> Answer<Option<Config>> {
    within(limits::CONFIG_ASK_MILLIS, "config", async {
        let response = send(stub(env, binding::BOARD, board.as_str())?, "GET", "config", None).await?;
        let found = optional(response, "config").await?;
        Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
    })
    .await
}

/// Gives a board a config that was checked.
pub async fn board_put_config(env: &Env, board: &BoardName, config: &[u8]) -> Answer<Done> {
    let response = send(stub(env, binding::BOARD, board.as_str())?, "PUT", "config", Some(config)).await?;
    cache::written(board);
    if response.status() == 503 {
        return Err(Fault::registry_away("whether there was such a board can't be told at the moment; try again"));
    }
    Ok(serde_json::from_slice(&expect_bytes(response, "put config").await?)?)
}

/// Deletes a board and everything that it has, and says goodbye to its viewers.
pub async fn board_delete(env: &Env, board: &BoardName) -> Answer<Done> {
    let response = send(stub(env, binding::BOARD, board.as_str())?, "DELETE", "all", None).await?;
    cache::purge(board);
    Ok(serde_json::from_slice(&expect_bytes(response, "delete").await?)?)
}

/// The config that the registry has of a board of before: empty where the board has it itself, none where the registry
/// knows no such board.
pub async fn registry_board(env: &Env, board: &BoardName) -> Answer<Option<Vec<u8>>> {
    soon("board", async {
        optional(send(registry(env)?, "GET", &format!("boards/{board}"), None).await?, "board").await
    })
    .await
}

/// The list of boards.
pub async fn registry_boards(env: &Env) -> Answer<Vec<Listed>> {
    soon("boards", async {
        let response = send(registry(env)?, "GET", "boards", None).await?;
        Ok(serde_json::from_slice(&expect_bytes(response, "boards").await?)?)
    })
    .await
}

/// Tells the registry what a board says of itself.
pub async fn registry_say(env: &Env, board: &BoardName, said: &Said) -> Answer<()> {
    let body = serde_json::to_vec(said)?;
    within(limits::INDEX_ASK_MILLIS, "index", async {
        let response = send(registry(env)?, "PUT", &format!("boards/{board}"), Some(&body)).await?;
        expect_bytes(response, "index").await.map(drop)
    })
    .await
}

/// Has the registry forget a board that has ended, as of a version.
pub async fn registry_delete_board(env: &Env, board: &BoardName, version: u64) -> Answer<()> {
    let body = serde_json::to_vec(&version)?;
    within(limits::INDEX_ASK_MILLIS, "delete board", async {
        let response = send(registry(env)?, "DELETE", &format!("boards/{board}"), Some(&body)).await?;
        expect_bytes(response, "delete board").await.map(drop)
    })
    .await
}
