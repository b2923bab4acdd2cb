//! The board's scoreboard: adapter around [`heliograph_shared::scores::keeper`].

use super::views::view;
use super::{Inner, Loaded, pusher};
use crate::asked::Asked;
use crate::clock;
use crate::fault::Answer;
use crate::reply;
use crate::trace::InBackground;
use crate::zones::Zones;
use heliograph_shared::api::audit::{Corrected, Entries, Entry};
use heliograph_shared::audit::By;
use heliograph_shared::calls::board::ControlRequest;
use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::Seq;
use heliograph_shared::past::At;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::projection::{Change, Slice, Table};
use heliograph_shared::scores::channel::Channel;
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::scores::keeper::{Keep, Keeper};
use heliograph_shared::scores::query::ScoresQuery;
use heliograph_shared::scores::session::SessionAction;
use heliograph_shared::time::Millis;
use heliograph_shared::views::version;
use serde_json::{Value, json};
use std::rc::Rc;
use worker::Response;

/// Events that a rebuild counts while others wait; more are counted in the background. The clock stands still while code
/// runs, so events and bytes stand for time: some 50 ms.
const AT_ONCE_EVENTS: u64 = 50_000;
/// Events that are counted between two looks at what else is to do.
const SLICE_EVENTS: u64 = 20_000;
/// Bytes of the log that a slice reads at most.
const SLICE_BYTES: usize = 4 * 1024 * 1024;

impl Loaded {
    /// The log's beginning may be gone: a ranking that was begun goes on from the base, where there is one.
    fn begin_from_base(&mut self) -> Answer<()> {
        let Some((first, last)) = self.keeper.base_pieces() else { return Ok(()) };
        let pieces = self.store.pieces(&(Table::Ranking, first..=last))?;
        let pieces: Vec<_> = pieces.map(|piece| piece.map(|p| (p.id, p.data))).collect::<Answer<_>>()?;
        if !self.keeper.begin_from_base(&pieces) {
            log_error!("the base of the ranking can't be read: it is made from what the log has");
        }
        Ok(())
    }

    /// Moves the place before which the ranking needs no log: what is older than `before` need not be kept, or whatever
    /// there is when too much is stored. Whether it moved.
    pub(super) fn move_base(&mut self, before: Millis, keep: Keep) -> Answer<bool> {
        let stored = self.store.bytes() as u64;
        let changes = match self.keeper.candidate() {
            Some(floor) if self.store.accepted_upto(floor)?.is_none_or(|at| at < before) => {
                self.keeper.promote_candidate()
            }
            Some(_) if !self.keeper.candidate_is_old(stored, keep) => Vec::new(),
            Some(_) | None => self.keeper.take_candidate(stored),
        };
        self.store.change(changes.into_iter().map(Change::from))
    }
}

impl Inner {
    /// Starts making the ranking, and makes it at once when the log is short.
    pub(super) fn begin_rebuild(&self, b: &mut Loaded) -> Answer<()> {
        self.begin(b)?;
        self.read_on(b, AT_ONCE_EVENTS)
    }

    fn begin(&self, b: &mut Loaded) -> Answer<()> {
        match b.keeper.begin_rebuild(clock::now(), &Zones) {
            Some(control) => self.log(b, &control).map(drop),
            None => b.begin_from_base(),
        }
    }

    /// Makes the ranking of a board that was loaded: from its checkpoint, where there is one that fits.
    pub(super) fn bring_up_ranking(&self, b: &mut Loaded) -> Answer<()> {
        b.restore_ranking()?;
        if b.keeper.rebuilt_upto().is_none() {
            self.begin(b)?;
        }
        self.read_on(b, AT_ONCE_EVENTS)
    }

    /// Gives the ranking in the making some events; lets it take over when it has seen all.
    fn read_on(&self, b: &mut Loaded, events: u64) -> Answer<()> {
        while b.keeper.rebuilt_upto().is_some() {
            let more = b.read_on_for_ranking(Slice { events, bytes: SLICE_BYTES })?;
            if b.keeper.rebuilt_upto().is_none() {
                // Something of the past was changed after the checkpoint: the whole log tells what it is now.
                self.begin(b)?;
                continue;
            }
            if !more {
                if let Some(control) = b.keeper.finish_rebuild(clock::now()) {
                    self.log(b, &control)?;
                }
                b.write_ranking()?;
                self.pusher.nudge();
            }
            break;
        }
        Ok(())
    }

    /// Goes on in the background with whatever is to do: a rebuild, pushes, the alarm.
    pub(super) fn go_on(self: &Rc<Self>) {
        self.catch_up_tracks();
        let tick = self.with(|b| Ok((b.keeper.settings().tick_ms, b.keeper.rebuilt_upto().is_some())));
        let Ok((tick_ms, rebuilding)) = tick else { return };
        pusher::wake(self, tick_ms);
        self.end_players();
        self.set_alarm();
        self.deliver();
        if !rebuilding || self.rebuilding.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            loop {
                clock::sleep(1).await;
                let left = own.with(|b| {
                    own.read_on(b, SLICE_EVENTS)?;
                    Ok(b.keeper.rebuilt_upto().is_some())
                });
                // Viewers see how far it is.
                own.pusher.nudge();
                pusher::wake(&own, tick_ms);
                match left {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(fault) => {
                        // The memory starts over; the alarm loads it, and the rebuild begins again.
                        log_error!("rebuild: {fault:?}");
                        own.retry();
                        break;
                    }
                }
            }
            own.rebuilding.set(false);
        });
    }

    /// Goes on with a rebuild that was begun when the board was loaded.
    pub(super) fn finish_rebuild(self: &Rc<Self>) {
        let begun = self.loaded.borrow().as_ref().is_some_and(|b| b.keeper.rebuilt_upto().is_some());
        if begun && !self.rebuilding.get() {
            self.go_on();
        }
        self.catch_up_tracks();
    }

    /// Logs a control and does what it says.
    pub(super) fn log(&self, b: &mut Loaded, control: &Control) -> Answer<Seq> {
        let now = clock::now();
        let row = b.core.control(control);
        if matches!(control.what, Action::EndItems { .. }) {
            b.store.append_end(&row, b.keeper.timeline().ends() + 1, now)?;
        } else {
            b.store.append_control(&row, now)?;
        }
        let seq = row.last;
        b.rollups.control(seq, control);
        b.tracks.pass(seq);
        b.watch.control(seq, control, now);
        b.past.control(seq, control, row.batch.len(), now);
        b.sights.control(seq, control, b.core.items(), b.core.events());
        let store = &b.store;
        let key_of = |seq: Seq| store.event(seq).ok().flatten().map(|(key, _)| key);
        let again = b.keeper.logged(seq, control, &Zones, key_of);
        if let Some(archive) = &mut b.archive {
            archive.appended(seq, row.batch.len(), now);
        }
        self.pusher.add(vec![row], b.core.cursor(), now);
        if again && b.keeper.rebuilt_upto().is_none() {
            self.begin_rebuild(b)?;
        }
        Ok(seq)
    }

    /// Does what sessions should have done by themselves, and moves windows on.
    pub(super) fn keep_time(&self, b: &mut Loaded) -> Answer<()> {
        let now = clock::now();
        while let Some(control) = b.keeper.due(now) {
            self.log(b, &control)?;
        }
        b.keeper.advance(now, &Zones);
        Ok(())
    }

    /// `…/scores`.
    #[inline(never)]
    pub(super) fn scores(&self, asked: &Asked) -> Answer<Response> {
        let pairs = asked.pairs();
        let live = pairs.iter().any(|(n, _)| n == "live");
        let query =
            ScoresQuery::parse(pairs.iter().filter(|(n, _)| n != "live").map(|(n, v)| (n.as_str(), v.as_str())))?;
        self.with(|b| {
            self.keep_time(b)?;
            let cursor = b.core.cursor();
            if let Some(at) = query.at.filter(|at| *at != At::Cursor(cursor)) {
                let then = b.standings(at, live)?;
                let body = then.keeper.scores(&query, live, then.cursor)?;
                return view(&version::of_content(cursor, &body), query.format, body, then.work);
            }
            let body = b.keeper.scores(&query, live, cursor)?;
            view(&version::of_content(cursor, &body), query.format, body, 0)
        })
    }

    /// A relay follows standings.
    pub(super) fn follow(self: &Rc<Self>, body: &[u8]) -> Answer<Response> {
        let channel: Channel = serde_json::from_slice(body)?;
        let bytes = self.with(|b| {
            self.keep_time(b)?;
            let cursor = b.core.cursor();
            Ok(b.keeper.follow(&channel, cursor))
        })?;
        self.set_alarm();
        Ok(Response::from_bytes(bytes)?)
    }

    /// `…/sessions`.
    pub(super) fn sessions(&self, manager: bool) -> Answer<Response> {
        self.with(|b| {
            self.keep_time(b)?;
            let body = json!({"cursor": b.core.cursor(), "sessions": b.keeper.sessions_json(manager)});
            Ok(reply::object(200, &body)?)
        })
    }

    /// What a manager asks for, checked, logged and done.
    #[inline(never)]
    pub(super) fn control(self: &Rc<Self>, who: By, body: &[u8]) -> Answer<Response> {
        let request: ControlRequest = serde_json::from_slice(body)?;
        let now = clock::now();
        let answer = self.with(|b| {
            self.keep_time(b)?;
            let act = b.act_of(&request)?;
            b.store.whole().of(|| {
                act.map_or(Ok(()), |act| b.note(who, act))?;
                self.do_control(b, request, now)
            })
        });
        let (status, body) = answer?;
        self.go_on();
        self.note_news();
        Ok(reply::object(status, &body)?)
    }

    /// Does it; nothing is written where it is refused.
    fn do_control(&self, b: &mut Loaded, request: ControlRequest, now: Millis) -> Answer<(u16, Value)> {
        match request {
            ControlRequest::Create { id, title, schedule, code, by } => {
                let control = b.keeper.create_session(id.clone(), title, schedule, code, &by, now)?;
                self.log(b, &control)?;
                // Its own schedule may be of the past.
                self.keep_time(b)?;
                Ok((201, session(&b.keeper, &id)))
            }
            ControlRequest::Act { id, action, schedule, at, by } => {
                let at = at.unwrap_or(now);
                if at > now.plus(1_000) && action != SessionAction::Schedule {
                    let detail = "at is of the future; use the action schedule for that";
                    return Err(Problem::new(Code::TimeInFuture, detail).into());
                }
                let control = b.keeper.session_action(&id, action, schedule, &by, at)?;
                self.log(b, &control)?;
                self.keep_time(b)?;
                Ok((200, session(&b.keeper, &id)))
            }
            ControlRequest::EndItem { key, by } => Ok((200, self.end_item(b, &key, by, now)?)),
            ControlRequest::EraseItem { key, by } => self.erase_item(b, key, by, now),
            ControlRequest::Correct { wish, by } => {
                let control = b.keeper.correction(wish, &by, now, b.core.cursor())?;
                if let Action::Undo { seq, .. } = &control.what
                    && (b.keeper.base() >= Some(*seq) || b.store.event(*seq)?.is_none())
                {
                    let detail = format!("there is no event {seq} in what the board keeps of its log");
                    return Err(Problem::new(Code::EventNotFound, detail).into());
                }
                let seq = self.log(b, &control)?;
                Ok((200, serde_json::to_value(Corrected { cursor: b.core.cursor(), seq })?))
            }
        }
    }

    /// `…/scores/audit`.
    pub(super) fn audit(&self) -> Answer<Response> {
        self.with(|b| {
            let actions: Vec<Value> = b.keeper.timeline().trail.iter().map(|(seq, c)| c.to_json(*seq)).collect();
            Ok(reply::object(200, &json!({"cursor": b.core.cursor(), "actions": actions}))?)
        })
    }

    /// `…/scores/{key}/entries`: the events of one key, the newest first.
    #[inline(never)]
    pub(super) fn entries(&self, key: &str) -> Answer<Response> {
        const MOST: usize = 1_000;
        self.with(|b| {
            let mut entries = Vec::new();
            b.store.read_back(b.core.cursor().seq + 1, |row| {
                let first = row.first;
                let batch = Batch::decode(row.bytes)?;
                if !batch.keys.contains(&key) {
                    return Ok(true);
                }
                for i in (0..batch.len()).rev().filter(|i| batch.key(*i) == key) {
                    let (seq, event) = (first + i as u64, batch.event(i));
                    let sessions = &b.keeper.timeline().sessions;
                    let session = sessions.at(event.time).and_then(|s| sessions.get(s)).map(|s| s.id.clone());
                    entries.push(Entry {
                        seq,
                        time: event.time,
                        id: event.id,
                        fields: event.fields.into_iter().collect(),
                        undone: b.keeper.timeline().is_undone(seq),
                        session,
                    });
                    if entries.len() >= MOST {
                        return Ok(false);
                    }
                }
                Ok(true)
            })?;
            Ok(reply::object(200, &Entries { cursor: b.core.cursor(), entries })?)
        })
    }
}

pub(super) fn session(keeper: &Keeper, id: &str) -> Value {
    keeper.timeline().sessions.find(id).map_or(Value::Null, |i| keeper.session_json(i, true))
}

/// When the ranking may have moved on by itself.
pub(super) fn is_due(keeper: &Keeper, now: Millis) -> bool {
    keeper.timeline().sessions.next_due().is_some_and(|at| at <= now)
}
