//! Scoreboards at the relay: copies of the standings that viewers follow, and who follows which rows.
//!
//! Viewers with the same window share each frame. A window is small, so a viewer that could not take a frame is sent
//! the window whole when it can: nothing is remembered for it but that.
//!
//! The board's answer to a question and its pushes come on different ways, in any order: what is pushed while an answer
//! is awaited waits for it.

use super::group::Encoding;
use super::{Frame, Output, Relay, Sockets, ViewerId};
use crate::codec::DecodeError;
use crate::limits;
use crate::problem::Code;
use crate::protocol::{Filter, MessageError, SubId, Subscription};
use crate::rights::Ask;
use crate::scores::ScoreWindow;
use crate::scores::channel::{Channel, ChannelMessage, Standings, Taken};
use crate::scores::frame::ScoresUpdate;
use crate::scores::moves::ChangedRows;
use crate::scores::shown::Shown;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// What makes score frames the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct WindowKey {
    channel: Channel,
    encoding: bool,
    sub: SubId,
    top: u32,
    offset: u32,
    around: Option<String>,
    span: u32,
    every_ms: u32,
}

/// A question to the board: all of a channel's standings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoresAsk {
    /// Which standings.
    pub channel: Channel,
    /// Tells the answer from that to another question: one that comes late may be older than the copy.
    number: u32,
}

struct WindowGroup {
    window: ScoreWindow,
    /// Who has what `shown` says.
    viewers: BTreeSet<ViewerId>,
    /// Who is to be sent the window whole, as soon as nothing waits for its time.
    behind: BTreeSet<ViewerId>,
    /// Who subscribed and has had no answer: it does not wait for the pace of others.
    unanswered: BTreeSet<ViewerId>,
    shown: Shown,
    /// What changed since the last frame.
    changed: ChangedRows,
    about: bool,
    dirty: bool,
    /// When the next frame may leave.
    due: Millis,
}

/// A copy of one channel.
#[derive(Default)]
struct Copy {
    standings: Option<Standings>,
    /// The number of the question that the board has been asked for it, and has not answered.
    asked: Option<u32>,
    /// How often in a row it could not be asked, and when it is asked again.
    failures: u32,
    retry_at: Option<Millis>,
    /// What was pushed meanwhile.
    waiting: Vec<Vec<u8>>,
    /// The life of the board's memory that was pushed last meanwhile.
    pushed: Option<u32>,
    /// The life because of which the board was asked last.
    because: Option<u32>,
}

impl Copy {
    /// Asks the board for everything, unless it has been asked.
    fn ask(&mut self, channel: &Channel, asks: &mut u32, out: &mut Vec<Output>) {
        if self.asked.is_none() {
            *asks = asks.wrapping_add(1);
            self.asked = Some(*asks);
            self.waiting.clear();
            self.pushed = None;
            self.retry_at = None;
            out.push(Output::FollowScores(ScoresAsk { channel: channel.clone(), number: *asks }));
        }
    }

    /// Keeps a message until the board has answered. False: there is no room.
    fn wait(&mut self, bytes: &[u8]) -> bool {
        let room = self.waiting.iter().map(Vec::len).sum::<usize>() + bytes.len() <= limits::PUSH_BYTES;
        if room {
            self.waiting.push(bytes.to_vec());
        }
        room
    }
}

impl WindowGroup {
    /// Notes what changed of the channel.
    fn note(&mut self, rows: &ChangedRows, about: bool) {
        self.changed.extend(rows);
        self.about |= about;
        self.dirty = true;
    }

    fn is_empty(&self) -> bool {
        self.viewers.is_empty() && self.behind.is_empty() && self.unanswered.is_empty()
    }
}

/// The scoreboards of one relay.
#[derive(Default)]
pub(super) struct ScoreFeeds {
    copies: BTreeMap<Channel, Copy>,
    groups: BTreeMap<WindowKey, WindowGroup>,
    places: BTreeMap<(ViewerId, SubId), WindowKey>,
    /// How many questions were asked.
    asks: u32,
}

impl ScoreFeeds {
    /// Whether every viewer has everything.
    pub fn is_settled(&self) -> bool {
        self.copies.values().all(|c| c.asked.is_none() && c.retry_at.is_none())
            && self.groups.values().all(|g| g.behind.is_empty() && g.unanswered.is_empty() && !g.dirty)
    }

    /// Whether somebody is behind although the standings are there, and nothing is due later that it will get.
    pub fn lags(&self) -> bool {
        let lags = |g: &WindowGroup| !g.unanswered.is_empty() || (!g.behind.is_empty() && !g.dirty);
        self.groups.iter().any(|(k, g)| lags(g) && self.is_loaded(&k.channel))
    }

    fn is_loaded(&self, channel: &Channel) -> bool {
        self.copies.get(channel).is_some_and(|c| c.standings.is_some())
    }

    /// When the first frame that waits for its time may leave, or the board is to be asked again.
    pub fn next_due(&self) -> Option<Millis> {
        let frames = self.groups.values().filter(|g| g.dirty).map(|g| g.due);
        frames.chain(self.copies.values().filter_map(|c| c.retry_at)).min()
    }

    /// Takes a viewer out of one subscription.
    pub fn leave(&mut self, viewer: ViewerId, sub: SubId) {
        let Some(key) = self.places.remove(&(viewer, sub)) else { return };
        let Some(group) = self.groups.get_mut(&key) else { return };
        group.viewers.remove(&viewer);
        group.behind.remove(&viewer);
        group.unanswered.remove(&viewer);
        if group.is_empty() {
            self.groups.remove(&key);
            if !self.groups.keys().any(|k| k.channel == key.channel) {
                self.copies.remove(&key.channel);
            }
        }
    }

    /// How many groups, places and copies are held.
    pub fn held(&self) -> [usize; 3] {
        [self.groups.len(), self.places.len(), self.copies.len()]
    }
}

fn frame(encoding: bool, sub: SubId, update: &ScoresUpdate<'_>) -> Frame {
    if encoding { Frame::Binary(update.binary(sub).into()) } else { Frame::text(&update.json(sub)) }
}

impl Relay {
    /// Whether a subscription is one for scores, and then what is wrong with it for this viewer.
    pub(super) fn refuse_scores(&self, viewer: ViewerId, id: SubId, what: &Subscription) -> Option<MessageError> {
        let Filter::Scores(_) = what.filter else { return None };
        let whole = self.viewers.get(&viewer).is_some_and(|v| v.session.access.may(Ask::Whole).is_ok());
        let message = "scores are shown to those who may read the whole board".to_owned();
        (!whole).then(|| MessageError {
            id: Some(id.0),
            action: Some("subscribe".into()),
            code: Code::Forbidden,
            message,
        })
    }

    /// Follows rows of a scoreboard: a snapshot comes as soon as the standings are there.
    pub(super) fn follow_scores(
        &mut self,
        viewer: ViewerId,
        encoding: Encoding,
        sub: SubId,
        what: &Subscription,
        out: &mut Vec<Output>,
    ) {
        let Filter::Scores(window) = &what.filter else { return };
        let live = self.viewers.get(&viewer).is_some_and(|v| v.session.access.manage);
        let (session, group) = (window.session.clone(), window.group.clone());
        let channel = Channel { session, group, live, cells: window.cells };
        let key = WindowKey {
            channel: channel.clone(),
            encoding: encoding == Encoding::Binary,
            sub,
            top: window.top,
            offset: window.offset,
            around: window.around.clone(),
            span: window.span,
            every_ms: what.every_ms,
        };
        self.scores.leave(viewer, sub);
        self.scores.places.insert((viewer, sub), key.clone());
        let group = self.scores.groups.entry(key).or_insert_with(|| WindowGroup {
            window: window.clone(),
            viewers: BTreeSet::new(),
            behind: BTreeSet::new(),
            unanswered: BTreeSet::new(),
            shown: Shown::default(),
            changed: ChangedRows::default(),
            about: false,
            dirty: false,
            due: Millis(i64::MIN),
        });
        group.unanswered.insert(viewer);
        let copy = self.scores.copies.entry(channel.clone()).or_default();
        if copy.standings.is_none() {
            copy.ask(&channel, &mut self.scores.asks, out);
        }
    }

    /// The board has sent standings whole, as asked by [`Output::FollowScores`].
    pub fn scores_loaded(
        &mut self,
        now: Millis,
        ask: &ScoresAsk,
        bytes: &[u8],
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) -> Result<(), DecodeError> {
        let message = ChannelMessage::decode(bytes)?;
        let Some(copy) = self.scores.copies.get_mut(&ask.channel) else { return Ok(()) };
        if copy.asked != Some(ask.number) {
            return Ok(());
        }
        let mut standings = Standings::new(&message);
        let mut missing = copy.pushed.take().is_some_and(|life| life != 0 && life != message.life);
        for bytes in std::mem::take(&mut copy.waiting) {
            missing |= standings.take(&ChannelMessage::decode(&bytes)?) == Taken::Missing;
        }
        (copy.asked, copy.failures) = (None, 0);
        copy.standings = Some(standings);
        if missing {
            copy.ask(&message.channel, &mut self.scores.asks, out);
        }
        for (_, group) in self.scores.groups.iter_mut().filter(|(k, _)| k.channel == message.channel) {
            // Rows have other numbers now: everybody begins anew.
            let viewers = std::mem::take(&mut group.viewers);
            group.behind.extend(viewers);
            group.shown = Shown::default();
            group.changed = ChangedRows::default();
            group.about = false;
            group.dirty = false;
        }
        self.scores_catch_up(now, net, out);
        self.schedule(now, out);
        Ok(())
    }

    /// Changes are lost: every copy is asked for anew. What was asked before may be answered without them.
    pub fn scores_lost(&mut self, out: &mut Vec<Output>) {
        for (channel, copy) in &mut self.scores.copies {
            copy.asked = None;
            copy.ask(channel, &mut self.scores.asks, out);
        }
    }

    /// The board could not be asked: it is asked again after a pause, since a copy may lack what was pushed meanwhile,
    /// and on a quiet board no push would tell.
    pub fn scores_failed(&mut self, now: Millis, ask: &ScoresAsk, out: &mut Vec<Output>) {
        let Some(copy) = self.scores.copies.get_mut(&ask.channel) else { return };
        if copy.asked != Some(ask.number) {
            return;
        }
        copy.asked = None;
        copy.because = None;
        let pause = limits::PUSH_RETRY_MILLIS << copy.failures.min(16);
        copy.retry_at = Some(now.plus(pause.min(limits::PUSH_RETRY_MILLIS_MAX)));
        copy.failures = copy.failures.saturating_add(1);
        self.schedule(now, out);
    }

    /// Asks the board again where it could not be asked, and it is time.
    pub(super) fn scores_retry(&mut self, now: Millis, out: &mut Vec<Output>) {
        for (channel, copy) in &mut self.scores.copies {
            if copy.retry_at.is_some_and(|t| t <= now) {
                copy.ask(channel, &mut self.scores.asks, out);
            }
        }
    }

    /// The board has sent what changed of standings; `life` is that of its memory.
    pub fn scores_pushed(
        &mut self,
        now: Millis,
        life: u32,
        messages: &[&[u8]],
        net: &impl Sockets,
        out: &mut Vec<Output>,
    ) -> Result<(), DecodeError> {
        for bytes in messages {
            let message = ChannelMessage::decode(bytes)?;
            let Some(copy) = self.scores.copies.get_mut(&message.channel) else { continue };
            if copy.asked.is_some() && copy.wait(bytes) {
                continue;
            }
            match copy.standings.as_mut().map_or(Taken::Missing, |s| s.take(&message)) {
                Taken::Known => {}
                Taken::Missing => copy.ask(&message.channel, &mut self.scores.asks, out),
                Taken::Changed(rows, about) => {
                    for (_, group) in self.scores.groups.iter_mut().filter(|(k, _)| k.channel == message.channel) {
                        group.note(&rows, about);
                    }
                }
            }
        }
        for (channel, copy) in &mut self.scores.copies {
            if copy.asked.is_some() {
                copy.pushed = Some(life);
            } else if copy.standings.as_ref().is_none_or(|s| s.life() != life) && copy.because != Some(life) {
                // A copy of another life of the board's memory would never hear of a change.
                copy.because = Some(life);
                copy.ask(channel, &mut self.scores.asks, out);
            }
        }
        self.scores_retry(now, out);
        self.scores_flush(now, net, out);
        self.scores_catch_up(now, net, out);
        self.schedule(now, out);
        Ok(())
    }

    /// Sends moves to those whose time has come.
    pub(super) fn scores_flush(&mut self, now: Millis, net: &impl Sockets, out: &mut Vec<Output>) {
        for (key, group) in self.scores.groups.iter_mut().filter(|(_, g)| g.dirty && g.due <= now) {
            let Some(standings) = self.scores.copies.get(&key.channel).and_then(|c| c.standings.as_ref()) else {
                continue;
            };
            group.dirty = false;
            let shown = Shown::of(&group.window, standings);
            let about = std::mem::take(&mut group.about);
            let changed = std::mem::take(&mut group.changed);
            let update = ScoresUpdate::moves(standings, (&group.shown, &shown), &changed, about);
            let Some(update) = update else {
                group.shown = shown;
                continue;
            };
            group.due = now.plus(i64::from(key.every_ms));
            if !group.viewers.is_empty() {
                let frame = frame(key.encoding, key.sub, &update);
                let viewers: Vec<ViewerId> = group.viewers.iter().copied().collect();
                let to = standings.cursor.seq;
                for viewer in super::flush::send(&viewers, &frame, to, now, &mut self.viewers, net, out) {
                    group.viewers.remove(&viewer);
                    group.behind.insert(viewer);
                }
            }
            group.shown = shown;
        }
    }

    /// Sends the window whole to those who do not have it.
    pub(super) fn scores_catch_up(&mut self, now: Millis, net: &impl Sockets, out: &mut Vec<Output>) {
        let waits = |g: &WindowGroup| !g.unanswered.is_empty() || (!g.behind.is_empty() && !g.dirty);
        for (key, group) in self.scores.groups.iter_mut().filter(|(_, g)| waits(g)) {
            let Some(standings) = self.scores.copies.get(&key.channel).and_then(|c| c.standings.as_ref()) else {
                continue;
            };
            let mut viewers = std::mem::take(&mut group.unanswered);
            if !group.dirty {
                viewers.append(&mut group.behind);
            }
            let shown = Shown::of(&group.window, standings);
            let nothing = Shown::default();
            let update = ScoresUpdate::snapshot(&group.window, standings, &shown, &nothing);
            let frame = frame(key.encoding, key.sub, &update);
            let to = standings.cursor.seq;
            let list: Vec<ViewerId> = viewers.iter().copied().collect();
            let blocked = super::flush::send(&list, &frame, to, now, &mut self.viewers, net, out);
            if group.dirty {
                // They are ahead of the others: when the others' time has come, they get the window whole again.
                group.behind.append(&mut viewers);
                continue;
            }
            group.shown = shown;
            viewers.retain(|v| !blocked.contains(v));
            group.behind.extend(blocked);
            group.viewers.append(&mut viewers);
        }
    }
}
