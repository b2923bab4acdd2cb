//! How each server is spoken to.

use clap::ValueEnum;
use heliograph_shared::protocol::{ClientMessage, SUBPROTOCOL_BIN, SubId, Subscription};

use super::traffic;
use crate::error::CliError;

/// The servers that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Server {
    /// Ours.
    Heliograph,
    /// Plain node with npm `ws`.
    Ws,
    /// A JavaScript Durable Object with npm `partyserver`.
    Partyserver,
}

/// The board of our server and the room of the others.
const BOARD: &str = "bench";
/// The number of a viewer's only subscription.
pub const SUBSCRIPTION: SubId = SubId(1);

impl Server {
    /// The name on the command line.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Where events are posted.
    pub fn events_path(self) -> String {
        match self {
            Self::Heliograph => format!("/v1/boards/{BOARD}/events"),
            Self::Ws => "/events".to_owned(),
            Self::Partyserver => format!("/parties/board/{BOARD}"),
        }
    }

    /// Where the latest items are read.
    pub fn items_path(self) -> String {
        match self {
            Self::Heliograph => format!("/v1/boards/{BOARD}/items?limit=10000"),
            Self::Ws => "/items".to_owned(),
            Self::Partyserver => format!("/parties/board/{BOARD}"),
        }
    }

    /// The path and body that make the board, where one has to be made.
    pub fn setup(self) -> Option<(String, &'static str)> {
        (self == Self::Heliograph).then(|| {
            let config = r#"{"title":"Bench","visibility":"public","key_name":"vehicleId"}"#;
            (format!("/v1/boards/{BOARD}"), config)
        })
    }

    /// Where a viewer connects; the peers take the key in the query.
    pub fn feed_path(self, key: Option<usize>) -> String {
        let query = key.map_or_else(String::new, |key| format!("?key={}", traffic::key_name(key)));
        match self {
            Self::Heliograph => format!("/v1/boards/{BOARD}/feed"),
            Self::Ws => format!("/feed{query}"),
            Self::Partyserver => format!("/parties/board/{BOARD}{query}"),
        }
    }

    /// The subprotocol a viewer offers.
    pub const fn subprotocol(self) -> Option<&'static str> {
        match self {
            Self::Heliograph => Some(SUBPROTOCOL_BIN),
            Self::Ws | Self::Partyserver => None,
        }
    }

    /// What a viewer says first.
    pub fn greeting(self, key: Option<usize>) -> Option<Vec<u8>> {
        let subscription = match key {
            None => Subscription::items_all(),
            Some(key) => Subscription::items_keys(vec![traffic::key_name(key)]),
        };
        (self == Self::Heliograph).then(|| {
            ClientMessage::Subscribe { id: SUBSCRIPTION, subscription, resume: None, rights: None, rewind: None }
                .to_binary()
        })
    }
}

/// Host and port of a plain `http://` address: the benchmark speaks to servers of this machine only.
pub fn address(url: &str) -> Result<String, CliError> {
    let host = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    match host.filter(|host| host.contains(':') && !host.contains('/')) {
        Some(host) => Ok(host.to_owned()),
        None => Err(CliError::usage(format!("bench needs an address like http://127.0.0.1:8787, not `{url}`"))),
    }
}
