//! The single writer of a board: adapter around [`heliograph_shared::board`].

pub mod alarms;
mod archive;
mod audit;
mod backup;
mod config;
mod ends;
mod erase;
mod fences;
mod ingest;
mod later;
mod layers;
mod letters;
mod past;
mod pipeline;
mod players;
mod presence;
mod projections;
mod pusher;
mod replay;
mod rollups;
mod scoreboard;
mod sights;
mod status;
mod telling;
mod tracks;
mod upkeep;
mod views;
mod watch;
mod webhooks;

use self::audit::{by_of, manager_of, place_of};
use crate::asked::Asked;
use crate::calls;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::{random_u32, secret};
use crate::reply;
use crate::store::board::BoardStore;
use crate::trace::{self, Span};
use archive::Archive;
use config::Own;
use futures_util::FutureExt;
use futures_util::future::join_all;
use heliograph_shared::board::{Board as Core, Space, Storage};
use heliograph_shared::calls::{BoardMethod, opened};
use heliograph_shared::cursor::Seq;
use heliograph_shared::delay::AtWork;
use heliograph_shared::erase::Erase;
use heliograph_shared::letters::SeenLetters;
use heliograph_shared::limits;
use heliograph_shared::meters::{Ingested, Loads};
use heliograph_shared::past::Past;
use heliograph_shared::pipeline::Totals;
use heliograph_shared::received::SourceCounts;
use heliograph_shared::relay::{PushHead, state};
use heliograph_shared::rollups::Rollups;
use heliograph_shared::scores::gate::Paces;
use heliograph_shared::scores::keeper::Keeper;
use heliograph_shared::sights::Sights;
use heliograph_shared::time::Millis;
use heliograph_shared::trace::Trace;
use heliograph_shared::tracks::Tracks;
use heliograph_shared::watch::Watch;
use past::KeptPast;
use players::Ends;
use presence::Present as Presence;
use projections::Present;
use pusher::Pusher;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use telling::{Telling, Webhooks};
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{
    DurableObject, Env, Request, Response, Result, State, WebSocket, WebSocketIncomingMessage, durable_object,
};

/// How long a relay may take to close its viewers.
const CLOSE_MILLIS: u64 = 1_500;
const DAY_MILLIS: i64 = 86_400_000;
/// The variable that gives boards less storage than the platform does, in MiB: for tests.
const STORAGE_MIB: &str = "HELIOGRAPH_STORAGE_MIB";

/// The object.
#[durable_object]
pub struct Board {
    inner: Rc<Inner>,
}

/// What the object and its background work share.
struct Inner {
    state: State,
    env: Env,
    /// What the log calls it.
    label: Rc<str>,
    loaded: RefCell<Option<Loaded>>,
    in_flight: Cell<usize>,
    pusher: Pusher,
    presence: Presence,
    paces: RefCell<Paces>,
    /// Relays whose viewers see everything some time later.
    at_work: RefCell<AtWork>,
    /// What came by sources.
    sources: RefCell<SourceCounts>,
    /// What came in, and since when that is counted.
    ingested: RefCell<Ingested>,
    since: Millis,
    /// When the latest row was accepted, since then.
    accepted: Cell<Option<Millis>>,
    /// How the board came into memory.
    loads: Cell<Loads>,
    /// The last event of a request of a trace that somebody records: pushes carry it.
    sampled: Cell<Option<(Seq, Trace)>>,
    /// When the platform is asked to wake the board.
    alarm_at: Cell<Option<Millis>>,
    /// Whether a rebuild goes on in the background.
    rebuilding: Cell<bool>,
    /// Whether tracks are made from the log in the background.
    catching_up: Cell<bool>,
    /// Whether a delivery goes on in the background.
    delivering: Cell<bool>,
    /// Webhooks that are being told.
    telling: Telling,
    /// What the registry was told of sessions that ended.
    ends: Ends,
    /// The config, and what the registry was told of the board.
    own: Own,
    /// Whether the memory may differ from the log: it is loaded anew before it is used again.
    stale: Cell<bool>,
    /// How often checkpoints and pruning failed in a row, and when they are tried again.
    upkeep_failures: Cell<u32>,
    upkeep_at: Cell<Millis>,
    /// How often the alarm failed in a row, and whether one is set only to be sure.
    alarm_failures: Cell<u32>,
    guarded: Cell<bool>,
}

/// A board in memory with its tables.
struct Loaded {
    core: Core,
    store: BoardStore,
    keeper: Keeper,
    rollups: Rollups,
    tracks: Tracks,
    /// Fences and alarms.
    watch: Watch,
    /// What is known of how the board was, and the items that were asked for last.
    past: Past,
    kept_past: Option<KeptPast>,
    /// Who is told of alarms; read when it is needed.
    webhooks: Option<Webhooks>,
    /// When the ranking was last looked at for alarms, and whether it changed since.
    ranked_at: Millis,
    ranks_wait: bool,
    /// What whoever may not manage the board sees.
    sights: Sights,
    /// What the pipeline has done; read when it is needed.
    totals: Option<Totals>,
    archive: Option<Archive>,
    /// What is kept of dead letters and of requests with a key; counted when it is needed.
    letter_space: Option<Space>,
    /// The newest dead letters, by what they are known by; read when it is needed.
    letters_seen: Option<SeenLetters>,
    request_space: Option<Space>,
    storage: Storage,
    /// Erases that go on, the oldest first.
    erases: Vec<Erase>,
    /// When the oldest row of the log was accepted.
    oldest: Option<Millis>,
    prune_not_before: Millis,
    /// When it is looked again for what is too old.
    forget_at: Millis,
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

    /// Takes a batch as the edge encodes it; the response. The address is that of the call where it names a trace.
    pub fn ingest(&self, call: &[u8], address: Option<String>) -> Result<web_sys::Response> {
        Span::of_call(&self.inner.label, &address.unwrap_or_default()).run(|| self.take(call))
    }

    /// The batch is done with.
    pub fn leave(&self) {
        self.inner.in_flight.set(self.inner.in_flight.get().saturating_sub(1));
    }
}

impl Board {
    fn take(&self, call: &[u8]) -> Result<web_sys::Response> {
        let body = match opened(call) {
            Ok(body) => body,
            Err(other) => return Ok(reply::other_version(other)?.into()),
        };
        match self.inner.is_there() {
            Ok(true) => {}
            // It was deleted, and the sender's edge has not heard of it.
            Ok(false) => return Ok(Response::empty()?.with_status(404).into()),
            Err(fault) => return Ok(fault.into_response()?.into()),
        }
        let answer = self.inner.ingest(body);
        self.inner.finish_rebuild();
        match answer {
            Ok(response) => Ok(response),
            Err(fault) => Ok(fault.into_response()?.into()),
        }
    }
}

impl DurableObject for Board {
    fn new(state: State, env: Env) -> Self {
        let label = trace::label("board", &state);
        let inner = Inner {
            state,
            env,
            label,
            loaded: RefCell::new(None),
            in_flight: Cell::new(0),
            pusher: Pusher::default(),
            presence: Presence::default(),
            paces: RefCell::new(Paces::default()),
            at_work: RefCell::default(),
            sources: RefCell::new(SourceCounts::default()),
            ingested: RefCell::new(Ingested::default()),
            since: clock::now(),
            accepted: Cell::new(None),
            loads: Cell::default(),
            sampled: Cell::new(None),
            alarm_at: Cell::new(None),
            rebuilding: Cell::new(false),
            catching_up: Cell::new(false),
            delivering: Cell::new(false),
            telling: Telling::default(),
            ends: Ends::default(),
            own: Own::default(),
            stale: Cell::new(false),
            upkeep_failures: Cell::new(0),
            upkeep_at: Cell::new(Millis(0)),
            alarm_failures: Cell::new(0),
            guarded: Cell::new(false),
        };
        Self { inner: Rc::new(inner) }
    }

    async fn fetch(&self, req: Request) -> Result<Response> {
        let span = Span::of_call(&self.inner.label, &req.inner().url());
        let answering = async {
            let answer = self.inner.clone().answer(req).await;
            self.inner.finish_rebuild();
            // Loading may have shown that relays miss something.
            pusher::wake_up(&self.inner);
            self.inner.check_later();
            if self.inner.alarm_at.get().is_none() && self.inner.is_loaded() {
                self.inner.set_alarm();
            }
            match answer {
                Ok(response) => Ok(response),
                Err(fault) => fault.into_response(),
            }
        };
        span.hold(answering).await
    }

    async fn alarm(&self) -> Result<Response> {
        // An error here is one of setting the next alarm: the platform calls again.
        match Span::of_object(&self.inner.label).hold(self.inner.wake()).await {
            Ok(()) => Response::empty(),
            Err(fault) => Err(worker::Error::RustError(format!("{fault:?}"))),
        }
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
    /// Answers a call. What is large is apart: all of it as one function is costly to compile, see `router.rs`.
    async fn answer(self: Rc<Self>, mut req: Request) -> Answer<Response> {
        let (asked, call) = (Asked::of(&req), req.bytes().await?);
        let body = match opened(&call) {
            Ok(body) => body,
            Err(other) => return Ok(reply::other_version(other)?),
        };
        let Some(method) = BoardMethod::named(asked.method()) else {
            return Err(Fault::Internal(format!("board: no {}", asked.method())));
        };
        let may_be_absent = matches!(
            method,
            BoardMethod::Config
                | BoardMethod::PutConfig
                | BoardMethod::Delete
                | BoardMethod::Import
                | BoardMethod::DropImport
        );
        if !may_be_absent && !self.is_there()? {
            return Err(Fault::no_board(&self.name()?));
        }
        match method {
            BoardMethod::Ingest => Ok(self.ingest(body)?.into()),
            BoardMethod::Items => self.items(&asked, body),
            BoardMethod::Item => self.item(&asked, body),
            BoardMethod::Series => self.series(&asked, body),
            BoardMethod::Track => self.track(&asked, body),
            BoardMethod::Trips => self.trips(&asked, body),
            BoardMethod::Events => self.events(&asked, body),
            BoardMethod::Rewind => self.rewind(body),
            BoardMethod::Summary => self.summary(&asked, body),
            BoardMethod::Scores => self.scores(&asked),
            BoardMethod::Relays => self.relays(),
            BoardMethod::Lookup => self.lookup(body),
            BoardMethod::Pipeline => self.pipeline_totals(),
            BoardMethod::PipelineBroken => self.pipeline_broken(body),
            BoardMethod::Sync => {
                let state = self.sync(text(body)?)?;
                self.relay_began(text(body)?);
                Ok(state)
            }
            BoardMethod::LaterState => self.later_state(body),
            BoardMethod::Later => self.later(body),
            BoardMethod::Compare => self.compare(body),
            BoardMethod::Follow => self.follow(body),
            BoardMethod::Presence => self.take_presence(body),
            BoardMethod::Config => self.config().boxed_local().await,
            BoardMethod::PutConfig => self.put_config(by_of(&asked)?, place_of(&asked)?, body).boxed_local().await,
            BoardMethod::Delete => self.delete().boxed_local().await,
            BoardMethod::Archive => self.archive(),
            BoardMethod::Status => self.status(),
            BoardMethod::Control => self.control(manager_of(&asked)?, body),
            BoardMethod::Sessions => self.sessions(asked.query() == "manager"),
            BoardMethod::Audit => self.audit(),
            BoardMethod::Entries => self.entries(text(body)?),
            BoardMethod::DeadLetters => self.dead_letters(&asked),
            BoardMethod::Letter => self.letter(text(body)?),
            BoardMethod::MendLetter => self.mend_letter(manager_of(&asked)?, body),
            BoardMethod::DropLetter => self.drop_letter(manager_of(&asked)?, text(body)?),
            BoardMethod::DropLetters => self.drop_letters(manager_of(&asked)?, body),
            BoardMethod::AuditLog => self.audit_log(body),
            BoardMethod::Export => self.export(manager_of(&asked)?, body),
            BoardMethod::Import => self.import(manager_of(&asked)?, body).boxed_local().await,
            BoardMethod::DropImport => self.drop_import().boxed_local().await,
            BoardMethod::Fences => self.fences(&asked),
            BoardMethod::Fence => self.fence(text(body)?),
            BoardMethod::PutFence => self.put_fence(manager_of(&asked)?, body),
            BoardMethod::DropFence => self.drop_fence(manager_of(&asked)?, text(body)?),
            BoardMethod::FenceEvents => self.fence_events(&asked),
            BoardMethod::Alarms => self.alarms(&asked),
            BoardMethod::AlarmEvents => self.alarm_events(&asked),
            BoardMethod::AcknowledgeAlarm => self.acknowledge_alarm(manager_of(&asked)?, text(body)?),
            BoardMethod::MuteAlarms => self.mute_alarms(manager_of(&asked)?, body),
            BoardMethod::AlarmRules => self.alarm_rules(),
            BoardMethod::AlarmRule => self.alarm_rule(text(body)?),
            BoardMethod::PutAlarmRule => self.put_alarm_rule(manager_of(&asked)?, body),
            BoardMethod::DropAlarmRule => self.drop_alarm_rule(manager_of(&asked)?, text(body)?),
            BoardMethod::Webhooks => self.webhooks(),
            BoardMethod::Webhook => self.webhook(text(body)?),
            BoardMethod::PutWebhook => self.put_webhook(manager_of(&asked)?, body),
            BoardMethod::DropWebhook => self.drop_webhook(manager_of(&asked)?, text(body)?),
            BoardMethod::RotateWebhook => self.rotate_webhook(manager_of(&asked)?, text(body)?),
            BoardMethod::TestWebhook => self.test_webhook(text(body)?).boxed_local().await,
            BoardMethod::FailedMessages => self.failed_messages(text(body)?),
            BoardMethod::RedeliverMessages => self.redeliver_messages(manager_of(&asked)?, text(body)?),
            BoardMethod::Layers => self.layers(),
            BoardMethod::Layer => self.layer(text(body)?),
            BoardMethod::PutLayer => self.put_layer(manager_of(&asked)?, body),
            BoardMethod::DropLayer => self.drop_layer(manager_of(&asked)?, text(body)?),
            BoardMethod::Candidates => self.candidates(body),
            BoardMethod::ReplayLetters => Ok(self.replay_letters(body)?),
        }
    }

    /// Does something with the board, loaded from its tables if need be. Nothing is awaited in between. After an error that
    /// is no answer the memory may be ahead of the log: it starts over from what is durable.
    fn with<T>(&self, f: impl FnOnce(&mut Loaded) -> Answer<T>) -> Answer<T> {
        let mut slot = self.loaded.borrow_mut();
        if self.stale.replace(false) {
            *slot = None;
        }
        if slot.is_none() {
            let began = clock::now();
            let (loaded, replayed) = self.load()?;
            *slot = Some(loaded);
            let times = self.loads.get().times + 1;
            self.loads.set(Loads { times, millis: clock::now().since(began).max(0), replayed });
        }
        let done = match slot.as_mut() {
            Some(loaded) => f(loaded),
            None => Err(Fault::Internal("the board did not load".into())),
        };
        if matches!(done, Err(Fault::Internal(_))) {
            *slot = None;
        }
        done
    }

    /// How much the board may store, without having looked how much it has.
    fn fresh_storage(&self) -> Storage {
        Storage::new(secret(&self.env, STORAGE_MIB).and_then(|mib| mib.parse().ok()))
    }

    fn is_loaded(&self) -> bool {
        self.loaded.borrow().is_some()
    }

    #[inline(never)]
    fn load(&self) -> Answer<(Loaded, u64)> {
        let store = BoardStore::open(&self.state)?;
        let epoch = store.epoch(random_u32)?;
        // Before anything is read: what they hide is gone.
        let erases = store.erases()?;
        let keeper = Keeper::with_ends(store.settings()?, store.controls()?, store.ends()?, random_u32()?.max(1));
        let Present { core, sights, rollups, tracks, watch, past, replayed } =
            projections::present(&store, epoch, &keeper)?;
        let archive = Archive::load(&store, &self.env, core.cursor())?;
        let storage = self.fresh_storage();
        let oldest = store.oldest_accepted()?;
        let mut loaded = Loaded {
            core,
            store,
            keeper,
            rollups,
            tracks,
            watch,
            past,
            kept_past: None,
            webhooks: None,
            ranked_at: Millis(0),
            ranks_wait: false,
            sights,
            totals: None,
            archive,
            letter_space: None,
            letters_seen: None,
            request_space: None,
            storage,
            erases,
            oldest,
            prune_not_before: Millis(0),
            forget_at: Millis(0),
        };
        self.pusher.begin(&loaded)?;
        if loaded.keeper.wants_rebuild() {
            self.bring_up_ranking(&mut loaded)?;
        }
        Ok((loaded, replayed))
    }

    /// Registers a relay and gives it the items as of now.
    fn sync(&self, relay: &str) -> Answer<Response> {
        self.with(|b| {
            b.store.add_relay(relay)?;
            self.pusher.register(relay);
            let head = PushHead { elsewhere: self.pusher.viewers_elsewhere(relay), standings_lost: false };
            let pieces = state::pieces(head, b.core.cursor(), b.core.items(), &b.sights);
            Ok(reply::pieces(pieces)?.into())
        })
    }

    /// Has all relays close their viewers at once: one that hangs or fails keeps the others' none.
    async fn close_viewers(&self, all: bool) -> Answer<()> {
        // The board need not be loaded for this.
        let mut relays: Vec<String> =
            BoardStore::open(&self.state)?.relays()?.into_iter().map(|relay| relay.name).collect();
        let board = self.name()?;
        relays.extend(self.at_work.borrow().relays(clock::now()).map(|number| format!("{board}/{number}")));
        let told = relays.iter().map(|relay| async move {
            let closing = calls::relay::close(&self.env, relay, all);
            clock::within(CLOSE_MILLIS, closing)
                .await
                .unwrap_or_else(|| Err(Fault::Internal(format!("relay {relay} takes too long to close its viewers"))))
        });
        join_all(told).await.into_iter().collect()
    }
}

fn text(body: &[u8]) -> Answer<&str> {
    std::str::from_utf8(body).map_err(|_| Fault::Internal("what was sent to a board is not text".into()))
}
