//! A board, two relays and their viewers, on a network that loses, repeats, delays and cuts.

use crate::dice::Dice;
use crate::json_client::JsonClient;
use crate::viewer::{Client, Down, SimViewer, Up, Wishes};
use heliograph_shared::board::{Board, IngestRequest, LogRow, Memory, RecentIds, Verdict, beginning};
use heliograph_shared::codec::{Batch, SentBy};
use heliograph_shared::cursor::{Cursor, Epoch, Seq};
use heliograph_shared::event::Event;
use heliograph_shared::identity::Identity;
use heliograph_shared::items::{ItemId, Items};
use heliograph_shared::link::Input;
use heliograph_shared::projection::Entry;
use heliograph_shared::protocol::{ClientMessage, Filter, ServerMessage, SubId, Subscription};
use heliograph_shared::relay::{Frame, Mode, Output, PushMessage, PushRow, Pushed, Relay, Session, Sockets, ViewerId};
use heliograph_shared::rights::Ask;
use heliograph_shared::time::Millis;
use std::collections::{BTreeMap, HashSet};

/// What waits for each viewer in its socket.
#[derive(Default)]
pub struct Net {
    waiting: BTreeMap<ViewerId, u32>,
}

impl Sockets for Net {
    fn waiting(&self, viewer: ViewerId) -> u32 {
        self.waiting.get(&viewer).copied().unwrap_or(0)
    }
}

/// A relay with its place on the network.
pub struct RelayNode {
    /// The relay.
    pub relay: Relay,
    /// When it wants to be called.
    pub wake: Option<Millis>,
    /// What was not delivered to it yet: the first row in the log.
    sent: usize,
}

/// All of it.
pub struct World {
    /// What decides everything that is left to chance.
    pub dice: Dice,
    /// The time.
    pub now: Millis,
    /// The board.
    pub board: Board,
    log: Vec<LogRow>,
    checkpoint: (Vec<Vec<u8>>, Cursor, usize),
    accepted_ids: HashSet<String>,
    /// Its relays.
    pub relays: Vec<RelayNode>,
    /// Their viewers: four binary ones, two of the JSON feed, two plain ones.
    pub viewers: Vec<SimViewer>,
    next_viewer: u32,
}

fn items_of(board: &Board) -> Items {
    let parts = board.items().to_snapshot();
    Items::from_snapshot(parts.iter().map(Vec::as_slice)).unwrap()
}

fn encoded(events: &[Event]) -> Vec<u8> {
    Batch::from_events(events).encode()
}

impl World {
    /// A world that is the same for the same seed.
    pub fn new(seed: u64) -> Self {
        let start = beginning(Epoch(1));
        let relay = || RelayNode { relay: Relay::new(Items::default(), start), wake: None, sent: 0 };
        let mut world = Self {
            dice: Dice::new(seed),
            now: Millis(1_772_366_400_000),
            board: Board::new(Items::default(), start),
            log: Vec::new(),
            checkpoint: (Items::default().to_snapshot(), start, 0),
            accepted_ids: HashSet::new(),
            relays: vec![relay(), relay()],
            viewers: Vec::new(),
            next_viewer: 1,
        };
        for _ in 0..4 {
            let access = world.dice.access();
            world.viewers.push(SimViewer::binary(access));
        }
        for _ in 0..2 {
            let access = world.dice.access();
            world.viewers.push(SimViewer::new(Client::Json(JsonClient::default()), access));
        }
        for _ in 0..2 {
            let (access, key) = (world.dice.access(), world.dice.key());
            world.viewers.push(SimViewer::new(Client::Plain { key, last: None }, access));
        }
        for v in 0..world.viewers.len() {
            let wishes = world.viewers[v].link(world.now, &mut world.dice, Input::Start);
            world.grant(v, &wishes);
            world.change(v);
        }
        world
    }

    /// A viewer follows something else.
    pub fn change(&mut self, v: usize) {
        let wishes = self.viewers[v].change(self.now, &mut self.dice);
        self.grant(v, &wishes);
    }

    /// The producer sends a batch; some of its ids came before.
    pub fn ingest(&mut self, fields: usize) {
        let n = 1 + self.dice.below(8);
        let events: Vec<Event> = (0..n).map(|_| self.dice.event(self.now, fields)).collect();
        let batch = encoded(&events);
        let request = IngestRequest { batch: &batch, identity: Identity::Id, owner: "", sent_by: SentBy::Unknown };
        if self.board.needs_memory(&request) == Memory::Rows {
            let mut recent = RecentIds::new(self.board.cursor().epoch);
            self.log.iter().for_each(|r| recent.remember(&r.batch, Identity::Id, "").unwrap());
            self.board.remember(recent);
        }
        let before = self.board.cursor().seq;
        let verdict = self.board.ingest(&request).unwrap();
        let duplicates =
            events.iter().filter(|e| e.id.as_ref().is_some_and(|id| !self.accepted_ids.insert(id.clone()))).count();
        let answer = match verdict {
            Verdict::Append { rows, answer } => {
                assert_eq!(rows.last().unwrap().last, self.board.cursor().seq);
                self.log.extend(rows);
                answer
            }
            Verdict::Answer(answer) => answer,
        };
        assert_eq!((answer.accepted as usize, answer.duplicate as usize), (n - duplicates, duplicates));
        assert_eq!(self.board.cursor().seq - before, u64::from(answer.accepted));
    }

    /// The board's object dies and starts again from its checkpoint and the log's tail.
    pub fn restart_board(&mut self) {
        let (parts, cursor, rows) = &self.checkpoint;
        let items = Items::from_snapshot(parts.iter().map(Vec::as_slice)).unwrap();
        let mut board = Board::new(items, *cursor);
        for row in &self.log[*rows..] {
            board.replay(&Entry::read(row.logged(self.now)).unwrap()).unwrap();
        }
        assert_eq!(board.cursor(), self.board.cursor());
        same_items(board.items(), self.board.items());
        self.board = board;
    }

    /// The board writes a checkpoint.
    pub fn checkpoint(&mut self) {
        self.checkpoint = (self.board.items().to_snapshot(), self.board.cursor(), self.log.len());
    }

    /// The board is deleted and made again: another life.
    pub fn rebirth(&mut self) {
        let start = beginning(Epoch(self.board.cursor().epoch.0 + 1));
        self.board = Board::new(Items::default(), start);
        self.log.clear();
        self.accepted_ids.clear();
        self.relays.iter_mut().for_each(|r| r.sent = 0);
        self.checkpoint();
    }

    /// The board pushes to a relay what it has not sent yet; the push may get lost.
    pub fn push(&mut self, r: usize, lost: bool) {
        let sent = self.relays[r].sent.min(self.log.len());
        self.relays[r].sent = self.log.len();
        if sent == self.log.len() || lost {
            return;
        }
        let rows = &self.log[sent..];
        let epoch = self.board.cursor().epoch;
        let push = PushMessage {
            previous: Cursor { epoch, seq: rows[0].first - 1 },
            to: self.log.last().unwrap().last,
            accepted_at: self.now,
            rows: rows.iter().map(|row| PushRow { first: row.first, batch: &row.batch }).collect(),
            scores_life: 0,
            scores: Vec::new(),
        };
        let (bytes, to) = (push.encode(), push.to);
        let twice = 1 + usize::from(self.dice.chance(5));
        for _ in 0..twice {
            let mut pushed = None;
            self.relay_call(r, false, |relay, now, net, out| {
                pushed = Some(relay.push(now, &PushMessage::decode(&bytes).unwrap(), net, out).unwrap());
            });
            if pushed == Some(Pushed::NeedSync) {
                self.load(r);
            } else {
                assert_eq!(self.relays[r].relay.cursor().seq, to);
            }
        }
    }

    /// A relay is given all of the board.
    pub fn load(&mut self, r: usize) {
        let (items, cursor) = (items_of(&self.board), self.board.cursor());
        let gap = self.relays[r].relay.cursor().epoch != cursor.epoch;
        self.relay_call(r, gap, |relay, now, net, out| relay.load(now, items, cursor, net, out));
    }

    /// The relay loses its memory; the sockets and what is kept with them stay.
    pub fn forget(&mut self, r: usize) {
        // A shell knows how far everybody was only when the relay was settled; less is always true.
        let here = self.relays[r].relay.cursor();
        let known = self.relays[r].relay.is_settled() && here.epoch == self.board.cursor().epoch;
        let seq: Seq = if known && self.dice.chance(80) { here.seq >> self.dice.below(2) } else { 0 };
        let kept: Vec<(ViewerId, String)> = self
            .viewers
            .iter()
            .filter_map(|v| v.socket.filter(|s| s.0 == r))
            .map(|(_, id)| {
                let session = self.relays[r].relay.session(id).unwrap();
                (id, serde_json::to_string(session).unwrap())
            })
            .collect();
        let cursor = self.board.cursor();
        self.relays[r].relay = Relay::new(items_of(&self.board), cursor);
        self.relays[r].wake = None;
        for (id, session) in kept {
            let session: Session = serde_json::from_str(&session).unwrap();
            self.relay_call(r, seq == 0, |relay, now, net, out| relay.restore(now, id, session, seq, net, out));
        }
    }

    /// A viewer comes with a new token.
    pub fn new_access(&mut self, v: usize) {
        let Some((r, id)) = self.viewers[v].socket else { return };
        if matches!(self.viewers[v].client, Client::Plain { .. }) {
            return;
        }
        let access = self.dice.access();
        self.viewers[v].access = access.clone();
        let ends = self.now.plus(86_400_000);
        self.relay_call(r, false, |relay, now, net, out| relay.token_checked(now, id, Ok((access, ends)), net, out));
    }

    /// Calls a relay, checks what it says to whom, and puts it on the wire. `gap`: whether it may declare data lost.
    pub fn relay_call(&mut self, r: usize, gap: bool, f: impl FnOnce(&mut Relay, Millis, &Net, &mut Vec<Output>)) {
        let mut net = Net::default();
        for v in &self.viewers {
            if let Some((_, id)) = v.socket {
                net.waiting.insert(id, if v.slow_until > self.now { 300_000 } else { 0 });
            }
        }
        let mut out = Vec::new();
        f(&mut self.relays[r].relay, self.now, &net, &mut out);
        for output in out {
            match output {
                Output::Send { viewers, frame } => {
                    for id in viewers {
                        self.check(r, id, &frame, gap);
                        let v = self.viewer_of(r, id);
                        self.viewers[v].down.push_back(Down::Frame(frame.clone()));
                    }
                }
                Output::Close { viewer, code } => {
                    let v = self.viewer_of(r, viewer);
                    assert!(matches!(self.viewers[v].client, Client::Plain { .. }), "closed: {code:?}");
                    self.viewers[v].socket = None;
                    self.viewers[v].down.push_back(Down::Closed(code as u16));
                }
                Output::WakeAt(t) => {
                    assert!(t > self.now, "wakes at once");
                    self.relays[r].wake = Some(t);
                }
                Output::Keep(_) => {}
                Output::FollowScores(_)
                | Output::ReportPresence
                | Output::Rewind(_)
                | Output::Publish { .. }
                | Output::CheckToken { .. } => {
                    panic!("{output:?}")
                }
            }
        }
    }

    fn viewer_of(&self, r: usize, id: ViewerId) -> usize {
        self.viewers.iter().position(|v| v.socket == Some((r, id))).expect("a frame for nobody")
    }

    /// Nobody is told of a key outside of its grant and its filter.
    fn check(&self, r: usize, id: ViewerId, frame: &Frame, gap: bool) {
        let session = self.relays[r].relay.session(id).expect("a frame for a viewer without a session");
        let items = self.relays[r].relay.items();
        let may = |key: &str, sub: u32, there: bool| {
            assert!(session.access.read.allows(key), "{key} is outside of the grant");
            let item = items.get(items.find(key).unwrap()).unwrap();
            match &session.subscriptions[&SubId(sub)].filter {
                Filter::All => {}
                Filter::Keys(keys) => assert!(keys.iter().any(|k| k == key), "{key} was not asked for"),
                Filter::Scores(_) | Filter::Presence => panic!("the simulation follows items"),
                Filter::Bbox(b) => {
                    let inside = item.position().is_some_and(|p| b.contains(&p));
                    assert_eq!(inside, there, "{key} is outside of the box");
                }
            }
        };
        match frame {
            Frame::Binary(bytes) => match ServerMessage::from_binary(bytes).unwrap() {
                ServerMessage::Snapshot { sub, rows, .. } => {
                    rows.keys.iter().for_each(|k| may(k.unwrap(), sub.0, true));
                }
                ServerMessage::Delta { sub, rows, removed, .. } => {
                    let key = |id: &ItemId| items.get(*id).unwrap().key();
                    rows.ids.iter().for_each(|id| may(key(id), sub.0, true));
                    removed.iter().for_each(|id| may(key(id), sub.0, false));
                }
                ServerMessage::Gap { .. } => assert!(gap, "a gap without a reason"),
                _ => {}
            },
            Frame::Text(text) => {
                let m: serde_json::Value = serde_json::from_str(text).unwrap();
                let Some(kind) = m.get("type") else {
                    assert!(session.access.read.allows(m["key"].as_str().unwrap()));
                    return;
                };
                assert!(kind != "gap" || gap, "a gap without a reason");
                let sub = m["id"].as_u64().unwrap_or(0) as u32;
                for item in m.get("items").and_then(|i| i.as_array()).into_iter().flatten() {
                    may(item["key"].as_str().unwrap(), sub, true);
                }
                for key in m.get("removed").and_then(|i| i.as_array()).into_iter().flatten() {
                    may(key.as_str().unwrap(), sub, false);
                }
            }
        }
    }

    /// Does what a client wishes of its socket.
    pub fn grant(&mut self, v: usize, wishes: &Wishes) {
        if wishes.hang_up {
            self.cut(v, None);
        }
        if wishes.dial {
            self.connect(v);
        }
    }

    /// A viewer connects to one of the relays.
    pub fn connect(&mut self, v: usize) {
        assert!(self.viewers[v].socket.is_none());
        let r = self.dice.below(self.relays.len());
        let id = ViewerId(self.next_viewer);
        self.next_viewer += 1;
        let viewer = &mut self.viewers[v];
        let mode = match &viewer.client {
            Client::Binary { .. } => Mode::Binary,
            Client::Json(_) => Mode::Json,
            Client::Plain { key, .. } => Mode::Plain { keys: vec![key.clone()], wheres: Vec::new() },
        };
        if let Mode::Plain { keys, .. } = &mode
            && keys.iter().any(|key| !viewer.access.read.allows(key))
        {
            // The route refuses it.
            return;
        }
        viewer.socket = Some((r, id));
        viewer.down.clear();
        viewer.up.clear();
        viewer.down.push_back(Down::Opened);
        viewer.since = self.relays[r].relay.cursor().seq;
        let session = Session::new(mode, viewer.access.clone(), None);
        self.relay_call(r, false, |relay, now, _, out| relay.connect(now, id, session, out));
    }

    /// The connection breaks: at the client with a code, or because the client wants it (no code).
    pub fn cut(&mut self, v: usize, code: Option<u16>) {
        let viewer = &mut self.viewers[v];
        let Some((r, id)) = viewer.socket.take() else { return };
        viewer.up.clear();
        self.relays[r].relay.disconnect(id);
        // Some of what is on its way arrives.
        let kept = self.dice.below(viewer.down.len() + 1);
        viewer.down.truncate(if code.is_some() { kept } else { 0 });
        if let Some(code) = code {
            viewer.down.push_back(Down::Closed(code));
        }
    }

    /// A client takes one thing from the wire.
    pub fn take(&mut self, v: usize) {
        let wishes = self.viewers[v].take(self.now, &mut self.dice);
        self.grant(v, &wishes);
    }

    /// The server hears one message of a viewer.
    pub fn hear(&mut self, v: usize) {
        let said = self.viewers[v].up.pop_front();
        let Some((r, id)) = self.viewers[v].socket else { return };
        let message = match said {
            None => return,
            Some(Up::Binary(bytes)) => ClientMessage::from_binary(&bytes),
            Some(Up::Text(text)) => ClientMessage::from_json(&text),
        };
        let here = self.relays[r].relay.cursor();
        let mine = self.viewers[v].access.may(Ask::Present).unwrap().fingerprint();
        let gap = matches!(&message, Ok(ClientMessage::Subscribe { resume: Some(c), rights, .. })
            if c.epoch != here.epoch || c.seq > here.seq || *rights != Some(mine));
        assert!(message.is_ok(), "{message:?}");
        self.relay_call(r, gap, |relay, now, net, out| relay.message(now, id, message, net, out));
    }

    /// The items that a viewer must have of a subscription.
    pub fn subscription_set(&self, v: usize, s: &Subscription) -> Vec<ItemId> {
        let access = &self.viewers[v].access;
        let wanted = |item: &heliograph_shared::items::Item| match &s.filter {
            Filter::All => true,
            Filter::Keys(keys) => keys.iter().any(|k| k.as_str() == item.key()),
            Filter::Bbox(b) => item.position().is_some_and(|p| b.contains(&p)),
            Filter::Scores(_) | Filter::Presence => false,
        };
        let items = self.board.items();
        items.iter().filter(|(_, i)| access.read.allows(i.key()) && wanted(i)).map(|(id, _)| id).collect()
    }
}

/// Two boards have the same items with the same numbers.
pub fn same_items(a: &Items, b: &Items) {
    assert_eq!(a.len(), b.len());
    assert_eq!(a.field_count(), b.field_count());
    for ((id, x), (_, y)) in a.iter().zip(b.iter()) {
        assert_eq!(a.to_json(x, None), b.to_json(y, None), "{id:?}");
        assert_eq!(x.created, y.created);
    }
    assert!(a.changed_since(0).eq(b.changed_since(0)));
}
