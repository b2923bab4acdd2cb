//! Minting tokens: an API key in, a short-lived JWT with just the rights asked for out.

use heliograph_shared::api::tokens::Minted;
use reqwest::Method;
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::error::CliError;
use crate::http::Api;

/// How long a token to read with is valid; it is replaced before it ends.
const READ_TTL_SECS: u32 = 600;
/// Key patterns that a credential may have.
const KEY_PATTERNS: usize = 32;

/// What a token shall allow.
#[derive(Clone, Debug)]
pub struct Grant<'a> {
    /// On which board.
    pub board: &'a str,
    /// `read`, `history`, `publish`, `manage`.
    pub operations: &'a [String],
    /// Patterns of keys.
    pub keys: &'a [String],
    /// How long, in seconds.
    pub ttl_secs: u32,
}

/// Mints a token and gives the server's answer.
pub async fn mint(api: &Api, grant: &Grant<'_>) -> Result<Value, CliError> {
    let mut one = json!({"board": grant.board, "operations": grant.operations});
    if let (Some(one), false) = (one.as_object_mut(), grant.keys.is_empty()) {
        one.insert("keys".to_owned(), json!(grant.keys));
    }
    api.call(Method::POST, &["v1", "tokens"], Some(&json!({"grants": [one], "ttl_s": grant.ttl_secs}))).await
}

/// Mints a token to read these keys with (all when empty). Without an API key a public board gives one to anybody.
pub async fn mint_to_read(api: &Api, board: &str, keys: &[String]) -> Result<Minted, CliError> {
    let answer = if api.has_key() {
        let operations = ["read".to_owned()];
        // A credential has few patterns; beyond it the token is for all keys and the subscription names them.
        let keys = if keys.len() <= KEY_PATTERNS { keys } else { &[] };
        mint(api, &Grant { board, operations: &operations, keys, ttl_secs: READ_TTL_SECS }).await?
    } else {
        let wish = json!({"board": board, "ttl_s": READ_TTL_SECS});
        api.call(Method::POST, &["v1", "tokens"], Some(&wish)).await?
    };
    Minted::deserialize(&answer)
        .map_err(|error| CliError::failed(format!("the server's token cannot be read: {error}")))
}
