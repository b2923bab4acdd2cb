//! The way of a batch into the board: adapter around [`heliograph_shared::board`], where the order of the steps is told.

use super::pipeline::whole;
use super::{Inner, Loaded, pusher, scoreboard};
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use crate::trace;
use crate::zones::Zones;
use heliograph_shared::board::ends;
use heliograph_shared::board::{
    Commit, IngestRequest, Known, Letters, LettersFrom, LogRow, Memory, Rows, Space, Verdict,
};
use heliograph_shared::calls::ingest::IngestBody;
use heliograph_shared::codec::{Batch, SentBy};
use heliograph_shared::event::Event;
use heliograph_shared::ingest::{IngestAnswer, RecordStatus};
use heliograph_shared::meters::Counted;
use heliograph_shared::pipeline::Report;
use heliograph_shared::received::Received;
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::scores::gate::{Gate, Paces};
use heliograph_shared::scores::keeper::Keeper;
use heliograph_shared::time::Millis;
use std::collections::HashSet;
use std::rc::Rc;
use worker::Response;

/// What is said to a batch.
enum Told {
    /// This, as JSON.
    Answer(String),
    /// That its key came with another request.
    KeyReused,
}

impl Inner {
    pub(super) fn ingest(self: &Rc<Self>, body: &[u8]) -> Answer<web_sys::Response> {
        let bytes = body.len();
        self.ingested.borrow_mut().came(bytes);
        let body = IngestBody::decode(body)?;
        let report = body.report.map(Report::decode).transpose()?;
        let now = clock::now();
        let told = self.with(|b| {
            b.has_room(bytes)?;
            if body.ends.is_empty() {
                self.take(b, &body, report.as_ref(), now)
            } else {
                self.take_ending(b, &body, now)
            }
        });
        if matches!(told, Err(Fault::Internal(_))) {
            // The board starts over from the log, at once, since relays may miss some of it.
            self.go_on();
        }
        let told = told?;
        // What the request wrote is durable: nothing from here on changes its answer.
        self.keep_up(now, Some(body.keep));
        pusher::wake(self, body.tick_ms);
        self.check_later();
        self.deliver();
        self.tell_webhooks();
        self.note_news();
        let sooner = self.with(|b| Ok(b.next_alarm(now))).ok().flatten();
        if self.alarm_at.get().is_none_or(|set| sooner.is_some_and(|at| at < set)) {
            self.set_alarm();
        }
        // The platform holds this back until the rows are durable.
        match told {
            Told::KeyReused => Ok(Response::empty()?.with_status(409).into()),
            // In the shape in which the edge passes it on.
            Told::Answer(answer) => Ok(reply::json_ok(answer.as_bytes())?),
        }
    }

    /// Takes a batch up to the commit. An error before it makes the board start over from the log.
    fn take(&self, b: &mut Loaded, body: &IngestBody<'_>, report: Option<&Report>, now: Millis) -> Answer<Told> {
        if let Some(key) = &body.request {
            match key.known(b.store.request_hash(key)?) {
                Known::New => {}
                Known::Same => return Ok(Told::Answer(b.store.request_answer(key)?)),
                Known::Other => return Ok(Told::KeyReused),
            }
        }
        if scoreboard::is_due(&b.keeper, now) {
            self.keep_time(b)?;
        }
        let request = request_of(b, body, now)?;
        let mut received = body.source.map(|_| Received::default());
        let (rows, answer) = self.number(b, &request, body.player, now, received.as_mut())?;
        let letters = refused(body, &answer)?;
        let noted = received.map(|received| (received, answer.clone()));
        let counted = Counted::of(&answer, body.letters);
        let told = whole(report, answer);
        let totals = b.counted(report, now)?;
        let letters = b.new_letters(body.letters, letters)?;
        let letter_space = if letters.rows.is_empty() { None } else { Some(b.letter_space()?) };
        let commit = Commit::new(rows, body.owner).letters(letters, letter_space).totals(totals);
        let request_space = if body.request.is_some() { Some(b.request_space()?) } else { None };
        let commit = commit.answer(&told, body.request, request_space)?;
        b.store.commit(&commit, now)?;
        b.note_spaces(&commit);
        self.ingested.borrow_mut().note(counted);
        if let (Some(name), Some((received, answer))) = (body.source, noted) {
            self.sources.borrow_mut().note(name, received, &answer, (body.letters, body.trails), now);
        }
        if let Err(fault) = b.follow(commit.rows(), now) {
            log_error!("after a commit: {fault:?}");
            self.stale.set(true);
        }
        let cursor = b.core.cursor();
        let (answer, rows) = commit.into_parts();
        if !rows.is_empty() {
            self.accepted.set(Some(now));
            if let Some(trace) = trace::sampled() {
                self.sampled.set(Some((cursor.seq, trace)));
            }
            self.pusher.add(rows, cursor, now);
        }
        Ok(Told::Answer(answer))
    }

    /// Takes a batch of which some events end their items: run by run, each with the ends that follow it, and all of it or
    /// nothing. What comes again is a duplicate, and so ends nothing that has begun anew since.
    fn take_ending(&self, b: &mut Loaded, body: &IngestBody<'_>, now: Millis) -> Answer<Told> {
        let batch = Batch::decode(body.batch)?;
        let events: Vec<Event> = (0..batch.len()).map(|i| batch.event(i)).collect();
        b.store.whole().of(|| {
            let mut all = IngestAnswer::default();
            for run in ends::runs(&events, &body.ends) {
                let first = run.start;
                let Some(events) = events.get(run.clone()) else { continue };
                let batch = Batch::from_events(events).encode();
                let (letters, trails) = if first == 0 { (body.letters, body.trails) } else { ("", "") };
                let part = IngestBody { batch: &batch, letters, trails, ends: Vec::new(), ..*body };
                let Told::Answer(answer) = self.take(b, &part, None, now)? else { continue };
                let answer: IngestAnswer = serde_json::from_slice(answer.as_bytes())?;
                let stopped: HashSet<usize> = answer.results.iter().map(|r| first + r.index as usize).collect();
                let ended = run.filter(|at| body.ends.binary_search(&(*at as u32)).is_ok() && !stopped.contains(at));
                let keys: Vec<String> = ended.filter_map(|at| Some(events.get(at - first)?.key.clone())).collect();
                if !keys.is_empty() {
                    let what = Action::EndItems { keys };
                    self.log(b, &Control { at: now, by: body.by.to_owned(), what })?;
                }
                all.append(answer, first as u32);
            }
            all.cursor = b.core.cursor().to_string();
            Ok(Told::Answer(serde_json::to_string(&all)?))
        })
    }

    /// Has the core number the events that are new and may pass.
    pub(super) fn number(
        &self,
        b: &mut Loaded,
        request: &IngestRequest<'_>,
        player: bool,
        now: Millis,
        mut received: Option<&mut Received>,
    ) -> Answer<(Vec<LogRow>, IngestAnswer)> {
        let mut paces = self.paces.borrow_mut();
        let mut gate = gate(&b.keeper, player.then_some(&mut *paces), now);
        let (core, rollups, sights) = (&mut b.core, &mut b.rollups, &mut b.sights);
        let (tracks, watch, past) = (&mut b.tracks, &mut b.watch, &mut b.past);
        let verdict = core.ingest_through(request, |batch, row| gate.check(batch, row), &mut |batch, first| {
            rollups.apply(batch, first);
            tracks.follow(batch, first);
            watch.apply(batch, first, now);
            past.events(batch, first, 0, now);
            sights.apply(batch, first, |_, _, _| {});
            if let Some(received) = &mut received {
                received.take(batch, now);
            }
        })?;
        Ok(match verdict {
            Verdict::Append { rows, answer } => {
                past.weigh(rows.iter().map(|row| row.batch.len()).sum());
                (rows, answer)
            }
            Verdict::Answer(answer) => (Vec::new(), answer),
        })
    }
}

/// What the core is asked of a batch, once it has the memory of duplicates that it needs for that.
pub(super) fn request_of<'a>(b: &mut Loaded, body: &IngestBody<'a>, now: Millis) -> Answer<IngestRequest<'a>> {
    let sent_by = match (&b.keeper.settings().players, body.player) {
        (None, _) => SentBy::Unknown,
        (Some(_), false) => SentBy::Manager,
        (Some(_), true) => SentBy::Player { at: now },
    };
    let request = IngestRequest { batch: body.batch, identity: body.identity, owner: body.owner, sent_by };
    if b.core.needs_memory(&request) == Memory::Rows {
        let recent = b.store.recent_ids(b.core.cursor().epoch, body.identity)?;
        b.core.remember(recent);
    }
    Ok(request)
}

/// What the core would say to events that a manager sends.
pub(super) fn foretell(b: &Loaded, request: &IngestRequest<'_>, now: Millis) -> Answer<IngestAnswer> {
    let mut gate = gate(&b.keeper, None, now);
    Ok(b.core.foretell(request, |batch, row| gate.check(batch, row))?)
}

/// What events must pass; `paces` are those of players, where one sends them.
fn gate<'g>(keeper: &'g Keeper, paces: Option<&'g mut Paces>, now: Millis) -> Gate<'g> {
    let settings = keeper.settings();
    let required = settings.sessions.as_ref().filter(|s| s.required);
    Gate {
        now,
        sessions: required.map(|s| (&keeper.timeline().sessions, s.grace_s)),
        grace_s: settings.sessions.clone().unwrap_or_default().grace_s,
        player: settings.players.as_ref().zip(paces),
    }
}

/// What the board itself refused, as dead letters.
fn refused(body: &IngestBody<'_>, answer: &IngestAnswer) -> Answer<Letters> {
    let source = body.source.map(str::to_owned);
    let from = LettersFrom { source, owner: body.owner.to_owned(), player: body.player };
    let mut letters = Letters::from(from);
    if answer.refused > 0 {
        let batch = Batch::decode(body.batch)?;
        for r in answer.results.iter().filter(|r| r.status == RecordStatus::Refused) {
            letters.push_event(r, &batch.event(r.index as usize), body.by);
        }
    }
    Ok(letters)
}

impl Loaded {
    /// Refuses what the board has no room to store, before anything of it is written.
    pub(super) fn has_room(&mut self, bytes: usize) -> Answer<()> {
        self.storage.refuse(bytes as u64, || self.store.bytes() as u64).map_err(Fault::Problem)
    }

    /// Letters of records that have none yet.
    fn new_letters(&mut self, edge: &str, own: Letters) -> Answer<Rows> {
        if own.is_empty() && edge.is_empty() {
            return Ok(Rows::default());
        }
        if self.letters_seen.is_none() {
            self.letters_seen = Some(self.store.letters_seen()?);
        }
        Ok(own.rows(edge, &|hash| self.letters_seen.as_ref().is_some_and(|seen| seen.has(hash)))?)
    }

    fn letter_space(&mut self) -> Answer<&Space> {
        if self.letter_space.is_none() {
            self.letter_space = Some(self.store.letter_space()?);
        }
        self.letter_space.as_ref().ok_or_else(|| Fault::Internal("no space".into()))
    }

    fn request_space(&mut self) -> Answer<&Space> {
        if self.request_space.is_none() {
            self.request_space = Some(self.store.request_space()?);
        }
        self.request_space.as_ref().ok_or_else(|| Fault::Internal("no space".into()))
    }

    /// Notes what is kept now. Where that can't be told it is counted anew when it is needed.
    fn note_spaces(&mut self, commit: &Commit<'_>) {
        if commit.drops_letters() && !self.letter_space.as_ref().is_some_and(Space::is_full) {
            log_warn!("there is no room for more dead letters: the oldest make room; …/dead-letters counts them");
        }
        if commit.has_letters() {
            match self.store.last_letter() {
                Ok(last) => {
                    commit.letters_are_stored(&mut self.letter_space, last);
                    if let Some(seen) = &mut self.letters_seen {
                        commit.letters_are_seen(seen, last);
                    }
                }
                Err(_) => {
                    self.letter_space = None;
                    self.letters_seen = None;
                }
            }
        }
        if commit.has_request() {
            match self.store.last_request() {
                Ok(last) => commit.request_is_stored(&mut self.request_space, last),
                Err(_) => self.request_space = None,
            }
        }
    }

    /// Tells those who follow the log of its new rows.
    pub(super) fn follow(&mut self, rows: &[LogRow], now: Millis) -> Answer<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let bytes: usize = rows.iter().map(|r| r.batch.len()).sum();
        self.oldest.get_or_insert(now);
        if self.keeper.board().is_some() {
            self.keeper.advance(now, &Zones);
            for row in rows {
                self.keeper.events(&Batch::decode(&row.batch)?, row.first, &Zones);
            }
            self.rank_for_alarms(now)?;
        }
        if let Some(archive) = &mut self.archive {
            archive.appended(self.core.cursor().seq, bytes, now);
        }
        Ok(())
    }
}
