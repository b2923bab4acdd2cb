//! A viewer of the simulation: a real [`Link`], a JSON client or a plain one, and the wire to its relay.

use crate::dice::Dice;
use crate::json_client::{Copy, JsonClient};
use heliograph_shared::link::{Input, Link, LinkConfig, LinkStatus, Output};
use heliograph_shared::protocol::{ServerMessage, SubId, Subscription};
use heliograph_shared::relay::{Frame, ViewerId};
use heliograph_shared::rights::Access;
use heliograph_shared::time::Millis;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// A client of one of the three modes.
pub enum Client {
    /// The core of the front end and of the command line.
    Binary {
        /// Its link.
        link: Box<Link>,
        /// What it says of itself.
        status: Option<LinkStatus>,
        /// When it wants to be called.
        wake: Option<Millis>,
        /// Gaps that it was told of.
        gaps: u32,
    },
    /// Of the JSON feed.
    Json(JsonClient),
    /// Of the plain feed of one key.
    Plain {
        /// Its key.
        key: String,
        /// What it was told last.
        last: Option<String>,
    },
}

/// What travels to the client.
pub enum Down {
    /// The connection stands.
    Opened,
    /// A message.
    Frame(Frame),
    /// The connection ended with a code.
    Closed(u16),
}

/// What travels to the server.
pub enum Up {
    /// In bytes.
    Binary(Vec<u8>),
    /// In JSON.
    Text(String),
}

/// What the client asks of the world.
#[derive(Default)]
pub struct Wishes {
    /// A new connection.
    pub dial: bool,
    /// An end of the one it has.
    pub hang_up: bool,
}

/// A viewer with its wire.
pub struct SimViewer {
    /// The client.
    pub client: Client,
    /// What it may see.
    pub access: Access,
    /// What it follows now, by number.
    pub follows: BTreeMap<u32, Subscription>,
    /// The relay and its number there, while it is connected.
    pub socket: Option<(usize, ViewerId)>,
    /// On its way to the client.
    pub down: VecDeque<Down>,
    /// On its way to the server.
    pub up: VecDeque<Up>,
    /// Until then it takes nothing.
    pub slow_until: Millis,
    /// The board's sequence when a plain viewer connected last.
    pub since: u64,
    /// What a JSON client met, for `scenario`.
    pub met: Vec<Value>,
    next_sub: u32,
}

impl SimViewer {
    /// A viewer that is not connected.
    pub fn new(client: Client, access: Access) -> Self {
        Self {
            client,
            access,
            follows: BTreeMap::new(),
            socket: None,
            down: VecDeque::new(),
            up: VecDeque::new(),
            slow_until: Millis(0),
            since: 0,
            met: Vec::new(),
            next_sub: 1,
        }
    }

    /// A viewer with a link.
    pub fn binary(access: Access) -> Self {
        let link = Box::new(Link::new(LinkConfig::default()));
        Self::new(Client::Binary { link, status: None, wake: None, gaps: 0 }, access)
    }

    /// Gives an input to the link and does what it says.
    pub fn link(&mut self, now: Millis, dice: &mut Dice, input: Input) -> Wishes {
        let mut wishes = Wishes::default();
        let Client::Binary { link, status, wake, .. } = &mut self.client else { return wishes };
        let mut out = Vec::new();
        link.handle(now, dice.unit(), input, &mut out);
        for o in out {
            match o {
                Output::OpenSocket { .. } => wishes.dial = true,
                Output::CloseSocket => {
                    wishes.hang_up = true;
                    wishes.dial = false;
                    self.up.clear();
                }
                Output::Send(bytes) => self.up.push_back(Up::Binary(bytes)),
                Output::WakeAt(t) => *wake = Some(t),
                Output::Status(s) => *status = Some(s),
                Output::Refused { code, message, .. } => panic!("refused: {code} {message}"),
                Output::SendText(_) | Output::Changed { .. } | Output::Scores { .. } | Output::FetchToken => {}
            }
        }
        wishes
    }

    /// Follows something else, or one thing less.
    pub fn change(&mut self, now: Millis, dice: &mut Dice) -> Wishes {
        let subscription = dice.subscription();
        let drop_one = dice.chance(25);
        let sub = dice.below(3) as u32;
        let open = self.socket.is_some();
        match &mut self.client {
            Client::Binary { .. } => {
                if drop_one {
                    self.follows.remove(&sub);
                    return self.link(now, dice, Input::Unsubscribe(SubId(sub)));
                }
                self.follows.insert(sub, subscription.clone());
                return self.link(now, dice, Input::Subscribe(SubId(sub), subscription));
            }
            Client::Json(client) => {
                if let Some((&old, _)) = self.follows.iter().next().filter(|_| drop_one || self.follows.len() > 2) {
                    self.follows.remove(&old);
                    client.copies.remove(&old);
                    if open {
                        say(&mut self.up, &mut self.met, json!({"action": "unsubscribe", "id": old}).to_string());
                    }
                }
                self.next_sub += 1;
                self.follows.insert(self.next_sub, subscription.clone());
                client.copies.insert(self.next_sub, Copy::default());
                if open {
                    say(&mut self.up, &mut self.met, subscribe_json(self.next_sub, &subscription, None));
                }
            }
            Client::Plain { .. } => {}
        }
        Wishes::default()
    }

    /// The socket of a JSON client is open: it subscribes to everything again.
    pub fn json_opened(&mut self) {
        if let Client::Json(client) = &self.client {
            for (id, s) in &self.follows {
                say(&mut self.up, &mut self.met, subscribe_json(*id, s, client.resume(*id)));
            }
        }
    }

    /// Takes one thing from the wire.
    pub fn take(&mut self, now: Millis, dice: &mut Dice) -> Wishes {
        let Some(down) = self.down.pop_front() else { return Wishes::default() };
        if let Client::Binary { gaps, .. } = &mut self.client {
            let input = match down {
                Down::Opened => Input::SocketOpened,
                Down::Closed(code) => Input::SocketClosed { code },
                Down::Frame(Frame::Binary(bytes)) => {
                    let counted = matches!(ServerMessage::from_binary(&bytes).unwrap(), ServerMessage::Gap { .. });
                    *gaps += u32::from(counted);
                    Input::Binary(bytes.to_vec())
                }
                Down::Frame(Frame::Text(text)) => panic!("text to a binary viewer: {text}"),
            };
            let wishes = self.link(now, dice, input);
            if let Client::Binary { link, gaps, .. } = &self.client {
                assert_eq!(link.gaps(), *gaps, "a copy broke that the relay had not declared lost");
            }
            return wishes;
        }
        match (&mut self.client, down) {
            (_, Down::Opened) => {
                self.met.push(json!({ "opened": true }));
                self.json_opened();
            }
            (_, Down::Closed(code)) => self.met.push(json!({ "closed": code })),
            (Client::Json(client), Down::Frame(Frame::Text(text))) => {
                self.met.push(json!({ "told": &*text }));
                client.text(&text);
            }
            (Client::Plain { key, last }, Down::Frame(Frame::Text(text))) => {
                assert!(text.contains(&format!("\"key\":\"{key}\"")), "another key's item: {text}");
                *last = Some(text.to_string());
            }
            (_, Down::Frame(Frame::Binary(_) | Frame::Text(_))) => panic!("a frame of the wrong kind"),
        }
        Wishes::default()
    }
}

fn say(up: &mut VecDeque<Up>, met: &mut Vec<Value>, text: String) {
    met.push(json!({ "said": text }));
    up.push_back(Up::Text(text));
}

fn subscribe_json(id: u32, s: &Subscription, resume: Option<(String, u64)>) -> String {
    use heliograph_shared::protocol::Filter;
    let mut m = json!({"action": "subscribe", "id": id, "what": "items", "every_ms": s.every_ms});
    match &s.filter {
        Filter::All => {}
        Filter::Keys(keys) => m["keys"] = json!(keys),
        Filter::Bbox(b) => m["bbox"] = json!(b.degrees()),
        Filter::Scores(_) | Filter::Presence => panic!("the simulation follows items"),
    }
    if let Some((cursor, rights)) = resume {
        m["resume"] = cursor.into();
        m["rights"] = rights.into();
    }
    m.to_string()
}
