//! `heliograph tail`: follow a board's feed.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use futures_util::{SinkExt as _, StreamExt as _};
use heliograph_shared::api::tokens::Minted;
use tokio::net::TcpStream;
use tokio::time::MissedTickBehavior;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use crate::clock;
use crate::error::CliError;
use crate::feed::{BEARER_PREFIX, Effect, Filter, Follower, SUBPROTOCOL, should_reconnect};
use crate::http::{Api, cause, problem_text, tls_config};
use crate::interrupt::Interrupt;
use crate::output;
use crate::send::retry::{Backoff, Verdict, verdict};
use crate::token::mint_to_read;

/// A token is replaced when it has less than this left.
const REFRESH_BEFORE_MILLIS: i64 = 60_000;
/// How often acknowledgements, pings and the token's age are looked at.
const CHORES_EVERY: Duration = Duration::from_secs(5);
/// How long opening the feed may take, from the first packet to the server's consent.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// Without a sign of life for so long the connection is taken for dead.
const SILENCE: Duration = Duration::from_secs(45);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Arguments of `tail`.
#[derive(Debug, Args)]
#[command(
    allow_negative_numbers = true,
    after_help = "First come the items as they are, then what changes of them, one JSON object a line. A key that no longer belongs \
    to what is followed is {\"key\":…,\"removed\":true}. A lost connection is resumed where it was.\n\n\
    Examples:\n  \
    heliograph tail --board fleet\n  \
    heliograph tail --board fleet --key 5022 --key 5001\n  \
    heliograph tail --board fleet --bbox -97.76,30.25,-97.72,30.29 --every 1000 | jq -c .key\n  \
    heliograph tail --board fleet --key 5022 --plain"
)]
pub struct TailArgs {
    /// Board to follow
    #[arg(long, short)]
    board: String,
    /// Only this key (may be repeated)
    #[arg(long, value_name = "K")]
    key: Vec<String>,
    /// Only what lies in this box, in degrees
    #[arg(long, value_name = "W,S,E,N", conflicts_with = "key", value_parser = parse_bbox, allow_hyphen_values = true)]
    bbox: Option<[f64; 4]>,
    /// At most one frame in so many milliseconds
    #[arg(long, value_name = "MILLIS", conflicts_with = "plain")]
    every: Option<u32>,
    /// Use the feed's plain mode, as a simple WebSocket client would; takes exactly one --key
    #[arg(long, conflicts_with = "bbox")]
    plain: bool,
    /// End after so many lines
    #[arg(long, short = 'n', value_name = "N")]
    lines: Option<u64>,
}

fn parse_bbox(text: &str) -> Result<[f64; 4], String> {
    let degrees: Vec<f64> = text.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    match <[f64; 4]>::try_from(degrees) {
        Ok(bbox) if text.split(',').count() == 4 => Ok(bbox),
        _ => Err("give four numbers: west,south,east,north".to_owned()),
    }
}

/// Runs `tail`.
pub async fn run(api: &Api, args: TailArgs) -> Result<ExitCode, CliError> {
    if args.plain && args.key.len() != 1 {
        return Err(CliError::usage("--plain follows one item: give exactly one --key"));
    }
    let filter = Filter { keys: args.key.clone(), bbox: args.bbox, every_millis: args.every };
    let mut tail = Tail { api, follower: Follower::new(filter), left: args.lines.unwrap_or(u64::MAX), args: &args };
    let mut interrupt = Interrupt::listen();
    tokio::select! {
        result = tail.follow() => result.map(|()| ExitCode::SUCCESS),
        () = interrupt.wait() => Ok(ExitCode::SUCCESS),
    }
}

/// How a connection ended.
enum Ended {
    /// The output is closed or the wanted lines are printed.
    Done,
    /// Lost; worth another try.
    Lost(String),
    /// Not worth one.
    Stopped(CliError),
}

struct Tail<'a> {
    api: &'a Api,
    args: &'a TailArgs,
    follower: Follower,
    left: u64,
}

impl Tail<'_> {
    async fn follow(&mut self) -> Result<(), CliError> {
        let mut backoff = Backoff::default();
        let mut has_connected = false;
        loop {
            let reason = match self.connect().await {
                Ok((socket, token)) => {
                    if has_connected {
                        eprintln!("connected again");
                    }
                    has_connected = true;
                    let opened = clock::monotonic();
                    let ended = self.read(socket, token).await;
                    if opened.elapsed() > CHORES_EVERY {
                        backoff.reset();
                    }
                    match ended {
                        Ended::Done => return Ok(()),
                        Ended::Lost(reason) => reason,
                        Ended::Stopped(error) => return Err(error),
                    }
                }
                Err(Ended::Done) => return Ok(()),
                Err(Ended::Stopped(error)) => return Err(error),
                Err(Ended::Lost(reason)) if has_connected => reason,
                // Nothing was ever there: most likely the address is wrong.
                Err(Ended::Lost(reason)) => return Err(self.api.unreachable(&reason)),
            };
            let wait = backoff.next(fastrand::f64());
            eprintln!("connection lost ({reason}); trying again in {:.1} s", wait.as_secs_f64());
            tokio::time::sleep(wait).await;
        }
    }

    async fn connect(&self) -> Result<(Socket, Minted), Ended> {
        let token = self.mint().await?;
        let mut url = self.api.address(&["v1", "boards", &self.args.board, "feed"]);
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        let stopped = |reason: &str| Ended::Stopped(CliError::failed(reason));
        url.set_scheme(scheme).map_err(|()| stopped("the address cannot be used for the feed"))?;
        if let (true, Some(key)) = (self.args.plain, self.args.key.first()) {
            url.query_pairs_mut().append_pair("realTimeItemKey", key);
        }
        let mut request = url.as_str().into_client_request().map_err(|error| stopped(&error.to_string()))?;
        let bearer = format!("{BEARER_PREFIX}{}", token.token);
        let protocols = if self.args.plain { bearer } else { format!("{SUBPROTOCOL}, {bearer}") };
        let mut protocols =
            HeaderValue::from_str(&protocols).map_err(|_| stopped("the token cannot be sent in a header"))?;
        protocols.set_sensitive(true);
        request.headers_mut().insert("Sec-WebSocket-Protocol", protocols);
        let connector = Connector::Rustls(std::sync::Arc::new(tls_config()));
        let opening = connect_async_tls_with_config(request, None, true, Some(connector));
        let Ok(opened) = tokio::time::timeout(CONNECT_TIMEOUT, opening).await else {
            return Err(Ended::Lost(format!("no answer within {} s", CONNECT_TIMEOUT.as_secs())));
        };
        match opened {
            Ok((socket, _)) => Ok((socket, token)),
            Err(SocketError::Http(response)) => {
                let status = response.status().as_u16();
                let text = problem_text(status, response.body().as_deref().unwrap_or_default());
                match verdict(status, None) {
                    Verdict::Retry { .. } => Err(Ended::Lost(text)),
                    Verdict::Done | Verdict::Stop => Err(stopped(&text)),
                }
            }
            Err(error) => Err(Ended::Lost(cause(&error))),
        }
    }

    /// A token to read with. While the server is away this fails the way a connection does.
    async fn mint(&self) -> Result<Minted, Ended> {
        match mint_to_read(self.api, &self.args.board, &self.args.key).await {
            Ok(token) => Ok(token),
            Err(error) if error.is_temporary() => Err(Ended::Lost(error.to_string())),
            Err(error) => Err(Ended::Stopped(error)),
        }
    }

    async fn read(&mut self, mut socket: Socket, mut token: Minted) -> Ended {
        if !self.args.plain
            && let Err(error) = socket.send(Message::text(self.follower.subscribe())).await
        {
            return Ended::Lost(cause(&error));
        }
        let mut chores = tokio::time::interval(CHORES_EVERY);
        chores.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = clock::monotonic();
        loop {
            let answer = tokio::select! {
                message = socket.next() => {
                    heard = clock::monotonic();
                    match message {
                        Some(Ok(Message::Text(text))) => match self.take(&text) {
                            Ok(answer) => answer,
                            Err(ended) => return ended,
                        },
                        Some(Ok(Message::Close(frame))) => {
                            let code = frame.as_ref().map(|frame| u16::from(frame.code));
                            let reason = frame.map(|frame| frame.reason.to_string()).unwrap_or_default();
                            let sentence = format!("closed with {} {reason}", code.map_or("no code".to_owned(), |code| code.to_string()));
                            if should_reconnect(code) {
                                return Ended::Lost(sentence);
                            }
                            return Ended::Stopped(CliError::failed(format!("the server {sentence}")));
                        }
                        Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => None,
                        Some(Err(error)) => return Ended::Lost(cause(&error)),
                        None => return Ended::Lost("closed".to_owned()),
                    }
                }
                _ = chores.tick() => {
                    if heard.elapsed() > SILENCE {
                        return Ended::Lost("no sign of life".to_owned());
                    }
                    if let Err(error) = socket.send(Message::Ping(Vec::new().into())).await {
                        return Ended::Lost(cause(&error));
                    }
                    self.chores(&mut socket, &mut token).await
                }
            };
            if let Some(answer) = answer
                && let Err(error) = socket.send(Message::text(answer)).await
            {
                return Ended::Lost(cause(&error));
            }
        }
    }

    /// Prints what a message brought; gives what to answer.
    fn take(&mut self, text: &str) -> Result<Option<String>, Ended> {
        let mut lines = Vec::new();
        let effect = if self.args.plain {
            lines.push(text.to_owned());
            Effect::Nothing
        } else {
            self.follower.receive(text, &mut lines)
        };
        for line in lines {
            if output::line(format_args!("{line}")).is_err() {
                return Err(Ended::Done);
            }
            self.left -= 1;
            if self.left == 0 {
                return Err(Ended::Done);
            }
        }
        match effect {
            Effect::Nothing => {}
            Effect::Notice(notice) => eprintln!("{notice}"),
            Effect::Reconnect => return Err(Ended::Lost("the server asked to connect again".to_owned())),
            Effect::Stop(reason) => return Err(Ended::Stopped(CliError::failed(reason))),
        }
        Ok(if self.args.plain { None } else { self.follower.acknowledgement(false) })
    }

    async fn chores(&mut self, socket: &mut Socket, token: &mut Minted) -> Option<String> {
        if self.args.plain {
            return None;
        }
        if token.expires_at.0 - clock::now_millis() < REFRESH_BEFORE_MILLIS {
            // Without a new one the server closes when the old one ends, and the connection is made anew.
            if let Ok(fresh) = self.mint().await {
                let message = Follower::token(&fresh.token);
                *token = fresh;
                if socket.send(Message::text(message)).await.is_err() {
                    return None;
                }
            }
        }
        self.follower.acknowledgement(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_four_numbers() {
        assert_eq!(parse_bbox("-98,30,-97,31"), Ok([-98.0, 30.0, -97.0, 31.0]));
        for text in ["", "1,2,3", "1,2,3,x", "1,2,3,4,5", "1,2,,3,4"] {
            assert!(parse_bbox(text).is_err(), "{text}");
        }
    }
}
