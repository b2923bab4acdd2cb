//! Who sits at the console: the key, and what it may do.

use heliograph_shared::id::BoardName;
use heliograph_shared::rights::{Ask, Grant, Operation, Rights};
use leptos::prelude::*;

use crate::client::boards;
use crate::client::credential;
use crate::client::http::Failure;
use crate::client::manage;
use crate::client::renewal;
use crate::client::sign_in;
use crate::parts::open_board::Board;

/// What a board's console needs to see and to do.
pub const OPERATIONS: &[&str] = &["read", "manage"];

/// Under this name the key of the server's own console is kept; no board has it.
const SERVER: &str = "";

/// Whoever sits here. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Seat {
    key: StoredValue<String>,
    /// Whether this is the administrator.
    pub is_administrator: bool,
}

impl Seat {
    /// With a key that was tried.
    pub fn new(key: &str, is_administrator: bool) -> Self {
        Self { key: StoredValue::new(key.to_owned()), is_administrator }
    }

    /// Whether it may manage a board, as far as the key says; what a key does not say, the server does.
    pub fn may_manage(self, board: &BoardName) -> bool {
        self.may(|rights| rights.on(board, None).may(Ask::Manage).is_ok())
    }

    /// Whether it may make some board; likewise.
    pub fn may_make(self) -> bool {
        self.key.with_value(|key| renewal::grants(key)).is_none_or(|grants| makes_boards(&grants))
    }

    fn may(self, what: impl FnOnce(&Rights) -> bool) -> bool {
        let grants = self.key.with_value(|key| renewal::grants(key));
        grants.is_none_or(|grants| Rights::of_grants(&grants).is_ok_and(|rights| what(&rights)))
    }

    /// The key.
    pub fn key(self) -> String {
        self.key.get_value()
    }
}

/// Whether grants are for boards that need not be there yet.
fn makes_boards(grants: &[Grant]) -> bool {
    grants.iter().any(|grant| grant.board.ends_with('*') && grant.operations.contains(&Operation::Manage))
}

/// What was opened.
#[derive(Clone)]
pub struct Opened {
    /// By whom.
    pub seat: Seat,
    /// The board, if it is one's console.
    pub board: Option<Board>,
}

/// The name under which a console's key is kept.
pub fn scope(board: Option<&str>) -> &str {
    board.unwrap_or(SERVER)
}

/// Opens the server's console, or a board's, for a key that may manage something.
pub async fn open(board: Option<&str>, key: &str) -> Result<Opened, Failure> {
    let Some(name) = board else {
        // Whoever is known may see the list; the keys are the administrator's.
        manage::boards(key).await?;
        let is_administrator = match manage::keys(key).await {
            Ok(_) => true,
            Err(failure) if failure.status == 403 => false,
            Err(failure) => return Err(failure),
        };
        return Ok(Opened { seat: Seat::new(key, is_administrator), board: None });
    };
    // Minting fails for keys that may not manage, before the page shows anything.
    let minted = boards::token(name, Some(key), OPERATIONS).await?;
    let info = boards::board(name, Some(key)).await?;
    let board = Board::new(name, Some(key.to_owned()), info);
    Ok(Opened { seat: Seat::new(key, is_of_administrator(key, &minted.token)), board: Some(board) })
}

/// Whether a token that was made with a key says that the key is the administrator's: a token's own maker may have been the
/// administrator, too, without lending all rights.
fn is_of_administrator(key: &str, token: &str) -> bool {
    let is_token = key.split('.').count() == 3;
    let claims = token.split('.').nth(1).unwrap_or_default().replace('-', "+").replace('_', "/");
    let claims = web_sys::window().and_then(|window| window.atob(&claims).ok()).unwrap_or_default();
    let claims: serde_json::Value = serde_json::from_str(&claims).unwrap_or_default();
    !is_token && claims["cid"] == "admin"
}

/// Forgets the key, ends the sign-in that it may be of, and shows the page anew, or goes on to the provider's.
pub fn sign_out(board: Option<&str>) {
    // A board without a key of its own was opened by the latest.
    let key = credential::get(scope(board)).or_else(credential::latest);
    credential::forget(scope(board));
    leptos::task::spawn_local(async move {
        let mut elsewhere = None;
        if let Some(key) = key {
            elsewhere = sign_in::out(&key).await;
        }
        let Some(location) = web_sys::window().map(|window| window.location()) else { return };
        // A page that is shown can be left, and loaded again.
        let _ = match elsewhere {
            Some(address) => location.assign(&address),
            None => location.reload(),
        };
    });
}
