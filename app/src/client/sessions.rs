//! Sessions, joining and publishing over the public HTTP API.

use gloo_net::http::Method;
pub use heliograph_shared::api::sessions::Session;
use heliograph_shared::api::sessions::Sessions;
pub use heliograph_shared::ingest::{IngestAnswer, RecordResult};
use heliograph_shared::problem::Code;
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

impl Joined {
    /// What a player was given, when all of it is there.
    fn of(minted: Minted) -> Option<Self> {
        let Minted { token, expires_at, board, session, key, name, until: _ } = minted;
        Some(Self { token, expires_at, board: board?.into(), session: session?, key: key?, name })
    }
}

/// Why an event was refused, for people.
pub fn reason(refusal: &RecordResult) -> String {
    refusal.message.clone().or_else(|| refusal.code.clone()).unwrap_or_default()
}

/// The stable code of a refusal, where it is one that we know.
pub fn code(refusal: &RecordResult) -> Option<Code> {
    Code::named(refusal.code.as_deref()?)
}

/// Joins a session by its code.
pub async fn join(code: &str, name: &str) -> Result<Joined, Failure> {
    play(&json!({"code": code, "name": name})).await
}

/// Prolongs a player's stay.
pub async fn renew(code: &str, token: &str) -> Result<Joined, Failure> {
    play(&json!({"code": code, "token": token})).await
}

async fn play(wish: &Value) -> Result<Joined, Failure> {
    let minted = send(Method::POST, "/v1/tokens", None, Some(wish)).await?;
    Joined::of(minted).ok_or_else(|| Failure { code: "bad_answer".to_owned(), ..Failure::unreachable() })
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
pub async fn publish(board: &str, credential: &str, events: &Value) -> Result<IngestAnswer, Failure> {
    let path = format!("/v1/boards/{}/events", encode(board));
    send(Method::POST, &path, Some(credential), Some(events)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_the_contract_has_them() {
        let minted = serde_json::from_str(
            r#"{"token":"t","expires_at":1772367000000,"board":"quiz","session":"s-1","key":"p-3f9a","name":null}"#,
        );
        let joined = Joined::of(minted.unwrap()).unwrap();
        assert_eq!((joined.board.as_str(), joined.key.as_str(), joined.name), ("quiz", "p-3f9a", None));
        let guest = serde_json::from_str(r#"{"token":"t","expires_at":1772367000000}"#);
        assert_eq!(Joined::of(guest.unwrap()), None);
        let session: Session = serde_json::from_str(
            r#"{"id":"s1","title":"","phase":"frozen","code":"K7Q2MX","players":3,"opens_at":null}"#,
        )
        .unwrap();
        assert!(session.phase.is_running() && session.code.as_deref() == Some("K7Q2MX"));
    }
}
