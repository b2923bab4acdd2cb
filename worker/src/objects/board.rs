//! The single writer of a board: adapter around [`heliograph_shared::board`].

pub mod archive;
mod letters;
mod pipeline;
mod players;
mod pusher;
mod rollups;
mod scoreboard;
mod sights;
mod views;

use super::call::{IngestBody, relay_close};
use crate::asked::Asked;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::random_u32;
use crate::reply;
use crate::store::board::BoardStore;
use crate::zones::Zones;
use archive::Archive;
use heliograph_shared::board::{Board as Core, IngestRequest, Memory, Verdict};
use heliograph_shared::codec::{Batch, SentBy};
use heliograph_shared::cursor::Seq;
use heliograph_shared::limits;
use heliograph_shared::pipeline::{Report, Totals};
use heliograph_shared::relay::{PushHead, PushMessage, PushRow};
use heliograph_shared::scores::gate::{Gate, Paces};
use heliograph_shared::scores::keeper::Keeper;
use heliograph_shared::sights::Sights;
use heliograph_shared::time::Millis;
use players::Ends;
use pusher::Pusher;
use rollups::Kept;
use serde_json::json;
use sights::anyone;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{
    DurableObject, Env, Method, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, console_error,
    durable_object,
};

/// Log rows after the checkpoint before a new one is written: what a restart replays at most.
const CHECKPOINT_ROWS: u32 = 1_000;
/// The same in bytes.
const CHECKPOINT_BYTES: usize = 8 * 1024 * 1024;
/// Rows read from the log at a time.
const READ_ROWS: u64 = 200;
const DAY_MILLIS: i64 = 86_400_000;

/// The object.
#[durable_object]
pub struct Board {
    inner: Rc<Inner>,
}

/// What the object and its background work share.
struct Inner {
    state: State,
    env: Env,
    loaded: RefCell<Option<Loaded>>,
    in_flight: Cell<usize>,
    pusher: Pusher,
    paces: RefCell<Paces>,
    /// When the platform is asked to wake the board.
    alarm_at: Cell<Option<Millis>>,
    /// Whether a rebuild goes on in the background.
    rebuilding: Cell<bool>,
    /// Whether a delivery goes on in the background.
    delivering: Cell<bool>,
    /// What the registry was told of sessions that ended.
    ends: Ends,
}

/// A board in memory with its tables.
struct Loaded {
    core: Core,
    store: BoardStore,
    keeper: Keeper,
    kept: Kept,
    /// What whoever may not manage the board sees.
    sights: Sights,
    /// What the pipeline has done; read when it is needed.
    totals: Option<Totals>,
    archive: Option<Archive>,
    tail_rows: u32,
    tail_bytes: usize,
}

/// The way of a batch, which `entry/index.js` takes with plain calls: a future for each would cost more than a batch.
#[wasm_bindgen]
impl Board {
    /// Makes room for a batch; false when there are too many on their way.
    pub fn enter(&self) -> bool {
        let in_flight = self.inner.in_flight.get();
        let has_room = in_flight < limits::INGEST_IN_FLIGHT;
        if has_room {
            self.inner.in_flight.set(in_flight + 1);
        }
        has_room
    }

    /// Takes a batch as the edge encodes it; the response.
    pub fn ingest(&self, body: &[u8]) -> Result<web_sys::Response> {
        let answer = self.inner.ingest(body);
        self.inner.finish_rebuild();
        match answer {
            Ok(response) => Ok(response),
            Err(fault) => Ok(fault.into_response()?.into()),
        }
    }

    /// The batch is done with.
    pub fn leave(&self) {
        self.inner.in_flight.set(self.inner.in_flight.get().saturating_sub(1));
    }
}

impl DurableObject for Board {
    fn new(state: State, env: Env) -> Self {
        let inner = Inner {
            state,
            env,
            loaded: RefCell::new(None),
            in_flight: Cell::new(0),
            pusher: Pusher::default(),
            paces: RefCell::new(Paces::default()),
            alarm_at: Cell::new(None),
            rebuilding: Cell::new(false),
            delivering: Cell::new(false),
            ends: Ends::default(),
        };
        Self { inner: Rc::new(inner) }
    }

    async fn fetch(&self, req: Request) -> Result<Response> {
        let answer = self.inner.clone().answer(req).await;
        self.inner.finish_rebuild();
        // Loading may have shown that relays miss something.
        pusher::wake_up(&self.inner);
        self.inner.check_later();
        match answer {
            Ok(response) => Ok(response),
            Err(fault) => fault.into_response(),
        }
    }

    async fn alarm(&self) -> Result<Response> {
        if let Err(fault) = self.inner.look() {
            console_error!("board alarm: {fault:?}");
        }
        Response::empty()
    }

    async fn websocket_message(&self, _ws: WebSocket, _message: WebSocketIncomingMessage) -> Result<()> {
        Ok(())
    }

    async fn websocket_close(&self, _ws: WebSocket, _code: usize, _reason: String, _clean: bool) -> Result<()> {
        Ok(())
    }

    async fn websocket_error(&self, _ws: WebSocket, _error: worker::Error) -> Result<()> {
        Ok(())
    }
}

impl Inner {
    async fn answer(self: Rc<Self>, mut req: Request) -> Answer<Response> {
        let (method, asked) = (req.method(), Asked::of(&req));
        match (method, asked.path()) {
            (Method::Post, "/items") => self.items(&asked, &req.bytes().await?),
            (Method::Post, "/item") => self.item(&asked, &req.bytes().await?),
            (Method::Post, "/series") => self.series(&asked, &req.bytes().await?),
            (Method::Post, "/summary") => self.summary(&req.bytes().await?),
            (Method::Post, "/events") => self.events(&asked, &req.bytes().await?),
            (Method::Get, "/about") => self.with(|b| {
                // The start page is for everybody.
                let seen = b.sights.items(b.sights.base(&anyone()), b.core.items());
                let newest = seen.iter().map(|(_, i)| i.time).max();
                let body =
                    json!({"items": seen.len(), "newest": newest, "cursor": b.core.cursor(), "bytes": b.store.bytes()});
                Ok(reply::json(200, serde_json::to_vec(&body)?)?)
            }),
            (Method::Post, "/lookup") => self.lookup(&req.bytes().await?),
            (Method::Get, "/pipeline") => self.pipeline_totals(),
            (Method::Post, "/pipeline") => self.pipeline_broken(&req.bytes().await?),
            (Method::Post, "/sync") => {
                let relay = String::from_utf8(req.bytes().await?).map_err(|_| Fault::Internal("relay name".into()))?;
                self.sync(&relay)
            }
            (Method::Post, "/compare") => self.compare(&req.bytes().await?),
            (Method::Put, "/settings") => {
                let body = req.bytes().await?;
                let others = self.configure(&body)?;
                // Viewers see other items than before: they come back to a relay that knows.
                if others { self.close_viewers(false).await } else { Ok(Response::empty()?) }
            }
            (Method::Put, "/archive") => self.configure_archive(&req.bytes().await?),
            (Method::Get, "/archive") => self.archive(),
            (Method::Get, "/scores") => self.scores(&asked),
            (Method::Post, "/follow") => self.follow(&req.bytes().await?),
            (Method::Post, "/control") => self.control(&req.bytes().await?),
            (Method::Get, "/sessions") => self.sessions(asked.query() == "manager"),
            (Method::Get, "/audit") => self.audit(),
            (Method::Post, "/entries") => self.entries(&String::from_utf8_lossy(&req.bytes().await?)),
            (Method::Get, "/dead-letters") => self.dead_letters(&asked),
            (Method::Post, "/drop-letter") => self.drop_letter(&String::from_utf8_lossy(&req.bytes().await?)),
            (Method::Delete, "/all") => {
                let response = self.close_viewers(true).await?;
                self.with(|b| b.store.erase())?;
                *self.loaded.borrow_mut() = None;
                self.pusher.forget();
                Ok(response)
            }
            (_, path) => Err(Fault::Internal(format!("board: no {path}"))),
        }
    }

    /// Does something with the board, loaded from its tables if need be. Nothing is awaited in between.
    fn with<T>(&self, f: impl FnOnce(&mut Loaded) -> Answer<T>) -> Answer<T> {
        let mut slot = self.loaded.borrow_mut();
        if slot.is_none() {
            *slot = Some(self.load()?);
        }
        match slot.as_mut() {
            Some(loaded) => f(loaded),
            None => Err(Fault::Internal("the board did not load".into())),
        }
    }

    fn load(&self) -> Answer<Loaded> {
        let store = BoardStore::open(&self.state)?;
        let epoch = store.epoch(random_u32)?;
        let stored = store.checkpoint(epoch)?;
        let checkpoint = stored.cursor.seq;
        let newest = stored.items.iter().map(|(_, i)| i.time).max();
        let mut core = Core::new(stored.items, stored.cursor);
        let settings = store.settings()?;
        let (rollups, floor) = store.rollups(checkpoint, newest)?;
        let mut kept = Kept::new(rollups, &settings.rollups);
        let (mut tail_rows, mut tail_bytes) = (0, 0);
        let mut seen = checkpoint.min(floor);
        loop {
            let rows = store.rows_after(seen, READ_ROWS)?;
            for row in &rows {
                let first = row.first as Seq;
                if first > checkpoint {
                    core.replay(first, &row.batch)?;
                    tail_bytes += row.batch.len();
                    tail_rows += 1;
                }
                rollups::replay(&mut kept, floor, first, &row.batch)?;
                seen = row.last as Seq;
            }
            if (rows.len() as u64) < READ_ROWS {
                break;
            }
        }
        for (key, hash, answer) in store.answered()? {
            core.remember_request(&key, hash, answer);
        }
        let keeper = Keeper::new(settings, store.controls()?, random_u32()?.max(1));
        let archive = Archive::load(&store, &self.env, core.cursor().seq)?;
        let sights = sights::load(&store, &keeper, &core)?;
        let mut loaded = Loaded { core, store, keeper, kept, sights, totals: None, archive, tail_rows, tail_bytes };
        self.pusher.begin(&loaded)?;
        if loaded.keeper.wants_rebuild() {
            self.restore_ranking(&mut loaded)?;
        }
        Ok(loaded)
    }

    fn ingest(self: &Rc<Self>, body: &[u8]) -> Answer<web_sys::Response> {
        let body = IngestBody::decode(body)?;
        let report = body.report.map(Report::decode).transpose()?;
        let now = clock::now();
        let answer = self.with(|b| {
            let sent_by = match (&b.keeper.settings().players, body.player) {
                (None, _) => SentBy::Unknown,
                (Some(_), false) => SentBy::Manager,
                (Some(_), true) => SentBy::Player { at: now },
            };
            let request =
                IngestRequest { batch: body.batch, identity: body.identity, idempotency: body.request, sent_by };
            if scoreboard::is_due(&b.keeper, now) {
                self.keep_time(b)?;
            }
            if b.core.needs_memory(&request) == Memory::Rows {
                let rows = b.store.recent_rows()?;
                b.core.remember(rows.iter().map(|r| r.batch.as_slice()), body.identity)?;
            }
            let settings = b.keeper.settings();
            let mut paces = self.paces.borrow_mut();
            let players = settings.players.as_ref().filter(|_| body.player);
            let mut gate = Gate {
                now,
                sessions: settings
                    .sessions
                    .as_ref()
                    .filter(|s| s.required)
                    .map(|s| (&b.keeper.timeline().sessions, s.grace_s)),
                grace_s: settings.sessions.clone().unwrap_or_default().grace_s,
                player: players.map(|p| (p, &mut *paces)),
            };
            let (core, kept, sights) = (&mut b.core, &mut b.kept, &mut b.sights);
            match core.ingest_through(&request, |batch, row| gate.check(batch, row), &mut |batch, first| {
                kept.take(batch, first);
                sights.apply(batch, first, |_, _, _| {});
            })? {
                Verdict::KeyReused => Ok(None),
                Verdict::Again(answer) => Ok(Some(answer)),
                Verdict::Answer(answer) => {
                    letters::bury(&b.store, &body, &answer, now)?;
                    b.count(report.as_ref(), now)?;
                    Ok(Some(pipeline::whole(report.as_ref(), answer)))
                }
                Verdict::Append { rows, answer } => {
                    // With a pipeline the edge's part of the answer is kept as well: a retry may go another way there.
                    let told = report.as_ref().map(|r| r.merge(answer.clone()));
                    if let (Some(told), Some((key, hash))) = (&told, body.request) {
                        b.core.remember_request(key, hash, told.clone());
                    }
                    let kept = body.request.map(|(key, hash)| (key, hash, told.as_ref().unwrap_or(&answer)));
                    b.store.append(&rows, now, kept)?;
                    b.count(report.as_ref(), now)?;
                    b.tail_rows += rows.len() as u32;
                    b.tail_bytes += rows.iter().map(|r| r.batch.len()).sum::<usize>();
                    if b.tail_rows >= CHECKPOINT_ROWS || b.tail_bytes >= CHECKPOINT_BYTES {
                        b.store.write_checkpoint(b.core.items(), b.core.cursor())?;
                        b.keep_sights()?;
                        let settled = b.settled()?;
                        let settled = b.archive.as_mut().map_or(settled, |a| a.settled(settled));
                        // A ranking is made from the log: it is kept whole.
                        if b.keeper.settings().scores.is_none() {
                            b.store.prune(settled, now.plus(-i64::from(body.keep_days) * DAY_MILLIS))?;
                        }
                        (b.tail_rows, b.tail_bytes) = (0, 0);
                    }
                    letters::bury(&b.store, &body, &answer, now)?;
                    if b.keeper.board().is_some() {
                        b.keeper.advance(now, &Zones);
                        for row in &rows {
                            b.keeper.events(&Batch::decode(&row.batch)?, row.first, &Zones);
                        }
                    }
                    b.keep_rollups(now)?;
                    b.keep_ranking();
                    if let Some(archive) = &mut b.archive {
                        archive.appended(b.core.cursor().seq, rows.iter().map(|r| r.batch.len()).sum(), now);
                    }
                    self.pusher.add(rows, b.core.cursor(), now);
                    Ok(Some(told.unwrap_or(answer)))
                }
            }
        });
        if answer.is_err() {
            // Memory may be ahead of the log: start over from what is durable, at once, since relays may miss some of it.
            *self.loaded.borrow_mut() = None;
            self.go_on();
        }
        let answer = answer?;
        pusher::wake(self, body.tick_ms);
        self.check_later();
        self.deliver();
        // The platform holds this back until the rows are durable.
        match answer {
            None => Ok(Response::empty()?.with_status(409).into()),
            // In the shape in which the edge passes it on.
            Some(answer) => Ok(reply::json_ok(&serde_json::to_vec(&answer)?)?),
        }
    }

    /// Registers a relay and gives it the items as of now.
    fn sync(&self, relay: &str) -> Answer<Response> {
        self.with(|b| {
            b.store.add_relay(relay)?;
            self.pusher.register(relay);
            let (parts, sights) = (b.core.items().to_snapshot(), b.sights.to_parts());
            // The snapshot travels in the form of a push: what comes before it is nothing. What others than managers see
            // comes after it, told apart by its number.
            let rows = parts.iter().map(|p| PushRow { first: 0, batch: p });
            let rows = rows.chain(sights.iter().map(|p| PushRow { first: 1, batch: p })).collect();
            let cursor = b.core.cursor();
            let (accepted_at, scores_life, scores) = (clock::now(), 0, Vec::new());
            let message = PushMessage { previous: cursor, to: cursor.seq, accepted_at, rows, scores_life, scores };
            let head = PushHead { elsewhere: self.pusher.viewers_elsewhere(relay), standings_lost: false };
            Ok(Response::from_bytes(head.with(&message))?)
        })
    }

    async fn close_viewers(&self, all: bool) -> Answer<Response> {
        let relays = self.with(|b| b.store.relays())?;
        for relay in relays {
            relay_close(&self.env, &relay.name, all).await?;
        }
        Ok(Response::empty()?)
    }
}
