//! A demo's feed: what it follows, and whose eyes it has.

use heliograph_shared::problem::Code;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use heliograph_shared::link::{LinkStatus, Token, TokenFailure};
use heliograph_shared::protocol::{Filter, SubId, Subscription};
use heliograph_shared::replica::Replica;
use heliograph_shared::scores::{ScoreReplica, ScoreWindow};
use heliograph_shared::time::Millis;

use super::join::{self, Player};
use crate::browser::clock;
use crate::client::feed::{Feed, News, Tokens};
use crate::client::http::Failure;
use crate::client::sessions;

/// Items that a demo follows.
pub const ITEMS: SubId = SubId(1);
/// The scoreboard.
pub const SCORES: SubId = SubId(2);

/// A token is renewed when it has less left, in milliseconds.
const RENEW_MS: i64 = 120_000;

/// A player whose token is renewed as it goes: a handle, cheap to clone.
#[derive(Clone)]
pub struct Ticket(Rc<RefCell<Player>>);

impl Ticket {
    /// For a player who joined.
    pub fn new(player: Player) -> Self {
        Self(Rc::new(RefCell::new(player)))
    }

    /// The player.
    pub fn player(&self) -> Player {
        self.0.borrow().clone()
    }

    /// A token that holds for a while.
    pub async fn token(&self) -> Result<(String, Millis), Failure> {
        let player = self.player();
        if player.joined.expires_at.since(clock::wall()) > RENEW_MS {
            return Ok((player.joined.token, player.joined.expires_at));
        }
        self.renew().await
    }

    /// Another token for the same player, where one ended before its time: with its session, which was opened again.
    async fn renew(&self) -> Result<(String, Millis), Failure> {
        let player = self.player();
        let fresh = sessions::renew(&player.code, &player.joined.token).await?;
        let mut player = self.0.borrow_mut();
        player.joined.token.clone_from(&fresh.token);
        player.joined.expires_at = fresh.expires_at;
        join::keep(&player.joined.board, &player);
        Ok((fresh.token, fresh.expires_at))
    }

    /// Publishes one event as this player.
    pub async fn publish(&self, event: &serde_json::Value) -> Result<sessions::IngestAnswer, Failure> {
        let (token, _) = self.token().await?;
        let board = self.0.borrow().joined.board.clone();
        match sessions::publish(&board, &token, event).await {
            Err(failure) if failure.code == Code::TokenInvalid => {
                let (token, _) = self.renew().await?;
                sessions::publish(&board, &token, event).await
            }
            answer => answer,
        }
    }
}

/// Whose eyes a feed has.
#[derive(Clone)]
pub enum Eyes {
    /// Anybody's.
    Guest,
    /// A player's.
    Player(Ticket),
    /// A manager's, with the key.
    Lead(String),
}

impl Eyes {
    /// A token for the feed. `anew`: the one that it had before may have ended before its time.
    async fn token(self, board: String, anew: bool) -> Result<Token, TokenFailure> {
        let minted = match &self {
            Self::Guest => sessions::guest_token(&board).await.map(|t| (t.token, t.expires_at)),
            Self::Lead(key) => sessions::lead_token(&board, key).await.map(|t| (t.token, t.expires_at)),
            Self::Player(ticket) => match if anew { ticket.renew().await } else { ticket.token().await } {
                // Nobody stays a player of a game that is over, but the result is for all to see.
                Err(failure) if matches!(Code::named(&failure.code), Some(Code::SessionClosed | Code::CodeUnknown)) => {
                    sessions::guest_token(&board).await.map(|t| (t.token, t.expires_at))
                }
                held => held,
            },
        };
        match minted {
            Ok((jwt, expires_at)) => Ok(Token { jwt, expires_at }),
            Err(failure) if failure.is_passing() => Err(TokenFailure::Unreachable),
            Err(failure) => Err(TokenFailure::Denied(failure.message)),
        }
    }
}

/// Follows some items, or all.
pub fn items(keys: Option<Vec<String>>) -> (SubId, Subscription) {
    let filter = keys.map_or(Filter::All, |mut keys| {
        keys.sort_unstable();
        Filter::Keys(keys)
    });
    (ITEMS, Subscription { filter, ..Subscription::default() })
}

/// Follows the scoreboard.
pub fn scores(window: ScoreWindow) -> (SubId, Subscription) {
    (SCORES, Subscription::scores(window))
}

/// A demo's feed.
#[derive(Clone)]
pub struct Live(Feed);

impl Live {
    /// Connects and follows.
    pub fn open(board: &str, eyes: Eyes, follows: Vec<(SubId, Subscription)>, notify: impl Fn(News) + 'static) -> Self {
        let name = board.to_owned();
        let asked = Cell::new(false);
        let tokens = Tokens::fetched(true, move || eyes.clone().token(name.clone(), asked.replace(true)));
        Self(Feed::open(board, tokens, follows, notify))
    }

    /// Reads the items.
    pub fn with_items<R>(&self, read: impl FnOnce(&Replica) -> R) -> Option<R> {
        self.0.with_replica(ITEMS, read)
    }

    /// Reads the scoreboard.
    pub fn with_scores<R>(&self, read: impl FnOnce(&ScoreReplica) -> R) -> Option<R> {
        self.0.with_scores(SCORES, read)
    }

    /// The state of the connection.
    pub fn status(&self) -> LinkStatus {
        self.0.status()
    }

    /// The server's time, as well as the connection knows it.
    pub fn server_time(&self) -> Millis {
        self.0.server_time()
    }

    /// Ends it.
    pub fn stop(&self) {
        self.0.stop();
    }
}
