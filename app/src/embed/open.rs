//! Opening a board from within a frame: what everybody may read needs nothing; for the rest the page around has a token.

use std::cell::RefCell;
use std::rc::Rc;

use heliograph_shared::link::{Token, TokenFailure};
use heliograph_shared::problem::Code;
use serde_json::Value;

use super::ask::{Answer, ask};
use super::host::Host;
use super::shell::Notice;
use crate::browser::percent::encode;
use crate::client::feed::Tokens;

/// The token that was last brought, for questions beside the feed; none where none is needed.
pub type Latest = Rc<RefCell<Option<String>>>;

/// A board that was opened.
pub struct Opened {
    /// The part of its config that readers get.
    pub config: Value,
    /// Where the feed's tokens come from.
    pub tokens: Tokens,
    /// What they last were.
    pub latest: Latest,
}

impl Opened {
    /// Its title for people.
    pub fn title(&self) -> String {
        self.config["title"].as_str().unwrap_or_default().to_owned()
    }
}

/// Opens a board, or says why not.
pub async fn open(board: &str, host: &Host) -> Result<Opened, Notice> {
    let path = ["/v1/boards/", &encode(board)].concat();
    match ask(&path, None).await {
        Answer::Good(config) => {
            let none = || async { Err(TokenFailure::Unreachable) };
            Ok(Opened { config, tokens: Tokens::fetched(false, none), latest: Latest::default() })
        }
        Answer::Refused(401 | 403) => {
            let token = host.token("needed").await.map_err(no_token)?;
            match ask(&path, Some(&token.jwt)).await {
                Answer::Good(config) => {
                    let latest = Rc::new(RefCell::new(Some(token.jwt.clone())));
                    let tokens = renewed(token, host.clone(), Rc::clone(&latest));
                    Ok(Opened { config, tokens, latest })
                }
                Answer::Refused(status) => Err(notice(status)),
            }
        }
        Answer::Refused(status) => Err(notice(status)),
    }
}

/// This token first; when it is about to end, another one from the page around.
fn renewed(first: Token, host: Host, latest: Latest) -> Tokens {
    let first = Rc::new(RefCell::new(Some(first)));
    Tokens::fetched(true, move || {
        let (first, host, latest) = (first.take(), host.clone(), Rc::clone(&latest));
        async move {
            match first {
                Some(token) => Ok(token),
                None => {
                    let token = host.token("renewal").await?;
                    latest.replace(Some(token.jwt.clone()));
                    Ok(token)
                }
            }
        }
    })
}

fn no_token(failure: TokenFailure) -> Notice {
    let (code, text, can_retry) = match failure {
        TokenFailure::Denied(text) => ("token_needed", text, false),
        TokenFailure::Unreachable => ("token_unavailable", text!(embed.token.unavailable).to_owned(), true),
    };
    Notice { code, title: text!(embed.open.private).to_owned(), text, can_retry }
}

fn notice(status: u16) -> Notice {
    let (code, title, text, can_retry) = match status {
        401 | 403 => (Code::TokenRefused.name(), text!(embed.open.private), text!(embed.token.refused), false),
        404 => (Code::BoardNotFound.name(), text!(parts.open_board.none), text!(client.http.gone), false),
        _ => ("unavailable", text!(parts.open_board.failed), text!(client.http.unreachable), true),
    };
    Notice { code, title: title.to_owned(), text: text.to_owned(), can_retry }
}
