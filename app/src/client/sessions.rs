//! Sessions, joining and publishing over the public HTTP API.

use gloo_net::http::Method;
use heliograph_shared::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::boards::Minted;
use super::http::{Failure, send};
use crate::browser::percent::encode;

/// A player's place in a session, as the server gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The token: reads the board, publishes under the key.
    pub token: String,
    /// When it ends.
    pub expires_at: Millis,
    /// The board.
    pub board: String,
    /// The session.
    pub session: String,
    /// The player's key.
    pub key: String,
    /// The name that was given; none when the token was renewed.
    #[serde(default)]
    pub name: Option<String>,
}

/// A session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// For people.
    pub title: String,
    /// Where it is in its life.
    pub phase: String,
    /// The join code; only managers are told.
    pub code: Option<String>,
    /// When it froze, while something is hidden.
    pub frozen_at: Option<Millis>,
}

impl Session {
    /// Whether events count.
    pub fn is_running(&self) -> bool {
        matches!(self.phase.as_str(), "open" | "frozen")
    }
}

/// The answer to events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Published {
    /// How many are new.
    pub accepted: u32,
    /// How many were there already.
    pub duplicate: u32,
    /// What was not accepted.
    pub results: Vec<Refusal>,
}

/// One event that was not accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// Its place in the request.
    pub index: usize,
    /// `refused` or `duplicate`.
    pub status: String,
    /// The stable code.
    pub code: String,
    /// For people.
    pub message: String,
}

impl Published {
    /// The events that were refused.
    pub fn refusals(&self) -> impl Iterator<Item = &Refusal> {
        self.results.iter().filter(|result| result.status == "refused")
    }
}

/// Joins a session by its code.
pub async fn join(code: &str, name: &str) -> Result<Joined, Failure> {
    send(Method::POST, "/v1/tokens", None, Some(&json!({"code": code, "name": name}))).await
}

/// Prolongs a player's stay.
pub async fn renew(code: &str, token: &str) -> Result<Joined, Failure> {
    send(Method::POST, "/v1/tokens", None, Some(&json!({"code": code, "token": token}))).await
}

/// A token for the feed of a board that anybody may read.
pub async fn guest_token(board: &str) -> Result<Minted, Failure> {
    send(Method::POST, "/v1/tokens", None, Some(&json!({"board": board}))).await
}

/// A token for whoever leads a board; refused when the key may not.
pub async fn lead_token(board: &str, key: &str) -> Result<Minted, Failure> {
    let grant = json!({"board": board, "operations": ["read", "publish", "manage"], "keys": ["*"]});
    send(Method::POST, "/v1/tokens", Some(key), Some(&json!({"grants": [grant]}))).await
}

/// Whether there is such a board.
pub async fn has_board(board: &str, key: &str) -> Result<bool, Failure> {
    let path = format!("/v1/boards/{}", encode(board));
    match send::<Value>(Method::GET, &path, Some(key), None).await {
        Ok(_) => Ok(true),
        Err(failure) if failure.status == 404 => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Makes a board from its config.
pub async fn make_board(board: &str, key: &str, config: &Value) -> Result<(), Failure> {
    let path = format!("/v1/boards/{}", encode(board));
    send::<Value>(Method::PUT, &path, Some(key), Some(config)).await.map(drop)
}

#[derive(Deserialize)]
struct Sessions {
    sessions: Vec<Session>,
}

/// All sessions of a board.
pub async fn sessions(board: &str, key: &str) -> Result<Vec<Session>, Failure> {
    let path = format!("/v1/boards/{}/sessions", encode(board));
    send::<Sessions>(Method::GET, &path, Some(key), None).await.map(|list| list.sessions)
}

/// Makes a session that players join by code.
pub async fn create_session(board: &str, key: &str, title: &str) -> Result<Session, Failure> {
    let path = format!("/v1/boards/{}/sessions", encode(board));
    send(Method::POST, &path, Some(key), Some(&json!({"title": title, "join": true}))).await
}

/// Does something to a session.
pub async fn act(board: &str, key: &str, session: &str, action: &str) -> Result<Session, Failure> {
    let path = format!("/v1/boards/{}/sessions/{}", encode(board), encode(session));
    send(Method::POST, &path, Some(key), Some(&json!({"action": action}))).await
}

/// Publishes events.
pub async fn publish(board: &str, credential: &str, events: &Value) -> Result<Published, Failure> {
    let path = format!("/v1/boards/{}/events", encode(board));
    send(Method::POST, &path, Some(credential), Some(events)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_the_contract_has_them() {
        let joined: Joined = serde_json::from_str(
            r#"{"token":"t","expires_at":1772367000000,"board":"quiz","session":"s-1","key":"p-3f9a","name":null}"#,
        )
        .unwrap();
        assert_eq!((joined.key.as_str(), joined.name), ("p-3f9a", None));
        let session: Session =
            serde_json::from_str(r#"{"id":"s1","phase":"frozen","code":"K7Q2MX","players":3,"opens_at":null}"#)
                .unwrap();
        assert!(session.is_running() && session.code.as_deref() == Some("K7Q2MX"));
        let published: Published = serde_json::from_str(
            r#"{"accepted":1,"duplicate":1,"refused":1,"results":[{"index":0,"status":"duplicate"},{"index":2,"status":"refused","code":"too_fast","field":"key","message":"m"}]}"#,
        )
        .unwrap();
        assert_eq!(published.refusals().map(|r| (r.index, r.code.as_str())).collect::<Vec<_>>(), [(2, "too_fast")]);
    }
}
