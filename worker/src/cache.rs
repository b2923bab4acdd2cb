//! Views that this isolate keeps to serve them again, and one question for all who ask the same at once.
//!
//! The key of an entry is the question itself: everything that the board is told, rights included. Two readers share an
//! entry only when the board could not tell them apart. What may be served is decided in [`heliograph_shared::views::cache`].

mod answer;
mod flight;
mod origin;

pub use answer::{Reader, Served};

use crate::calls;
use crate::calls::board::Viewed;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::paces;
use crate::trace;
use crate::transform;
use answer::State;
use flight::Flight;
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::problem::Code;
use heliograph_shared::time::Millis;
use heliograph_shared::views::cache::{Allowance, Condition, Lru, Verdict};
use heliograph_shared::views::upstream::Upstream;
use js_sys::Uint8Array;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use worker::{Context, Env};

/// Boards share so many counters of writes: two that share one are asked a little more often than need be.
const COUNTERS: usize = 1_024;
/// Questions that a reader waits for before it is told to try again.
const ATTEMPTS: u32 = 3;

/// What is asked, and of whom.
#[derive(Clone)]
pub struct Question {
    method: BoardMethod,
    query: String,
    body: Vec<u8>,
    /// Asked instead of the board.
    upstream: Option<Upstream>,
    /// A jq program that gives the answer its shape.
    shape: Option<String>,
}

impl Question {
    /// A question to a board. The body says more than the query, such as what the reader may see.
    pub const fn to_board(method: BoardMethod, query: String, body: Vec<u8>) -> Self {
        Self { method, query, body, upstream: None, shape: None }
    }

    /// A question to another service.
    pub fn upstream(upstream: Upstream) -> Self {
        // The board's method stands for nothing here.
        Self { upstream: Some(upstream), ..Self::to_board(BoardMethod::Items, String::new(), Vec::new()) }
    }

    /// The same, with a program that gives the answer its shape.
    #[must_use]
    pub fn shaped(self, shape: Option<String>) -> Self {
        Self { shape, ..self }
    }

    async fn ask(&self, env: &Env, board: &BoardName) -> Answer<Viewed> {
        let mut view = match &self.upstream {
            Some(upstream) => origin::ask(env, upstream).await?,
            None => calls::board::view(env, board, self.method, &self.query, &self.body).await?,
        };
        if let Some(program) = self.shape.as_ref().filter(|_| view.version.is_some()) {
            let shaped = transform::shape(env, program, &view.body.to_vec()).await?;
            view.body = Uint8Array::from(shaped.as_slice());
            "application/json".clone_into(&mut view.kind);
        }
        Ok(view)
    }

    /// Everything that the answer depends on.
    fn key(&self, reader: &Reader<'_>) -> String {
        let upstream = self.upstream.as_ref().map(|u| format!("{u:?}")).unwrap_or_default();
        let shape = self.shape.as_deref().unwrap_or_default();
        let body = String::from_utf8_lossy(&self.body);
        let (board, version, method, query) = (reader.board, reader.version, self.method.path(), &self.query);
        format!("{board}\n{version:x}\n{method}?{query}\n{upstream}\n{shape:?}\n{body}")
    }
}

/// A view that is kept.
pub struct Kept {
    view: Viewed,
    /// When it was asked for.
    asked_at: Millis,
    /// The board's counter of writes at that time.
    writes: u64,
    /// When asking anew last failed.
    failed_at: Cell<Millis>,
}

/// What is known of writes to the boards of one counter.
#[derive(Clone, Copy, Default)]
struct Counter {
    writes: u64,
    purges: u64,
    allowance: Allowance,
}

#[derive(Default)]
struct Cache {
    kept: Lru<Rc<Kept>>,
    flights: HashMap<String, Rc<Flight>>,
    counters: Vec<Counter>,
}

impl Cache {
    fn counter(&mut self, board: &BoardName) -> &mut Counter {
        if self.counters.is_empty() {
            self.counters = vec![Counter::default(); COUNTERS];
        }
        let mut hasher = DefaultHasher::new();
        board.as_str().hash(&mut hasher);
        let at = hasher.finish() as usize % self.counters.len();
        &mut self.counters[at]
    }
}

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::new(Cache::default());
}

fn with<T>(f: impl FnOnce(&mut Cache) -> T) -> T {
    CACHE.with(|c| f(&mut c.borrow_mut()))
}

/// A board was written to: who reads it through this isolate sees that.
pub fn written(board: &BoardName) {
    with(|c| c.counter(board).writes += 1);
}

/// Nothing that was kept of a board, or is being asked, is served any more.
pub fn purge(board: &BoardName) {
    with(|c| {
        let counter = c.counter(board);
        counter.writes += 1;
        counter.purges += 1;
        let prefix = format!("{board}\n");
        c.kept.forget(&prefix);
        c.flights.retain(|key, _| !key.starts_with(&prefix));
    });
}

/// Answers a view from what is kept, or asks the board.
pub async fn view(env: &Env, ctx: &Context, reader: &Reader<'_>, question: Question) -> Answer<Served> {
    let rules = reader.config.cache;
    if rules.s_maxage_s == 0 {
        paces::may_ask(reader.payer)?;
        let view = question.ask(env, reader.board).await?;
        paces::pay(reader.payer, view.work);
        let kept = Kept { view, asked_at: clock::now(), writes: 0, failed_at: Cell::new(Millis(0)) };
        return reader.answer(&kept, State::Bypass, 0);
    }
    let key = question.key(reader);
    let flights = Flights { env, ctx, reader, key: &key, question: &question };
    let now = clock::now();
    let (kept, verdict) = with(|c| {
        let counter = *c.counter(reader.board);
        let kept = c.kept.get(&key).cloned();
        let verdict = kept.as_ref().map_or(Verdict::Ask, |k| {
            let condition = Condition {
                age: now.since(k.asked_at),
                // What another service says does not change with what is written here.
                written: question.upstream.is_none() && k.writes != counter.writes,
                failed: now.since(k.failed_at.get()) < limits::CACHE_RETRY_MILLIS,
            };
            rules.judge(condition, || c.counter(reader.board).allowance.take(now))
        });
        (kept, verdict)
    });
    let age = |kept: &Kept| clock::now().since(kept.asked_at);
    match (kept, verdict) {
        (Some(kept), Verdict::Serve) => {
            let fresh = age(&kept) < i64::from(rules.s_maxage_s) * 1_000;
            reader.answer(&kept, if fresh { State::Hit } else { State::Failing }, age(&kept))
        }
        (Some(kept), Verdict::ServeAndAsk) => {
            // Who may not ask is served what there is.
            let leads = flights.join(now).is_ok_and(|(_, leads)| leads);
            reader.answer(&kept, if leads { State::Updating } else { State::Stale }, age(&kept))
        }
        (Some(kept), Verdict::AskOrServe) => {
            let Ok((flight, leads)) = flights.join(now) else {
                return reader.answer(&kept, State::Stale, age(&kept));
            };
            match flight.wait(leads, Some(limits::CACHE_PATIENCE_MILLIS)).await {
                Some(Ok(asked)) => reader.answer(&asked, State::asked(leads), 0),
                Some(Err(_)) | None => reader.answer(&kept, State::Failing, age(&kept)),
            }
        }
        (_, Verdict::Ask) | (None, _) => {
            for _ in 0..ATTEMPTS {
                let (flight, leads) = flights.join(clock::now())?;
                // Who asks waits as long as it takes; who waits for another asks itself when that one seems gone.
                let patience = (!leads).then_some(limits::CACHE_LEASE_MILLIS);
                match flight.wait(leads, patience).await {
                    Some(Ok(asked)) => return reader.answer(&asked, State::asked(leads), 0),
                    Some(Err(problem)) => return Err(problem.into()),
                    None => flights.abandon(&flight),
                }
            }
            let detail = "the board takes too long to answer; try again";
            Err(Fault::Problem(heliograph_shared::problem::Problem::new(Code::Overloaded, detail).retry_after(5)))
        }
    }
}

/// The questions that are on their way, for one key.
struct Flights<'f> {
    env: &'f Env,
    ctx: &'f Context,
    reader: &'f Reader<'f>,
    key: &'f str,
    question: &'f Question,
}

impl Flights<'_> {
    /// The question that is on its way, or a new one; whether it is a new one, which its reader pays for.
    fn join(&self, now: Millis) -> Answer<(Rc<Flight>, bool)> {
        let board = self.reader.board;
        let (flight, purges, is_new) = with(|c| {
            let Counter { writes, purges, .. } = *c.counter(board);
            if let Some(flight) = c.flights.get(self.key).cloned()
                && (flight.writes == writes
                    || self.question.upstream.is_some()
                    || !c.counter(board).allowance.take(now))
            {
                return Ok((flight, purges, false));
            }
            paces::may_ask(self.reader.payer)?;
            let flight = Rc::new(Flight::new(now, writes));
            c.flights.insert(self.key.to_owned(), flight.clone());
            Ok::<_, Fault>((flight, purges, true))
        })?;
        if is_new {
            self.depart(flight.clone(), purges);
        }
        Ok((flight, is_new))
    }

    /// Asks, whether or not the reader who caused it stays.
    fn depart(&self, flight: Rc<Flight>, purges: u64) {
        let (env, board, question, key) =
            (self.env.clone(), self.reader.board.clone(), self.question.clone(), self.key.to_owned());
        let payer = self.reader.payer;
        self.ctx.wait_until(trace::on(async move {
            let outcome = match question.ask(&env, &board).await {
                Ok(view) => {
                    paces::pay(payer, view.work);
                    let failed_at = Cell::new(Millis(0));
                    Ok(Rc::new(Kept { view, asked_at: flight.begun, writes: flight.writes, failed_at }))
                }
                Err(fault) => Err(fault.into_problem()),
            };
            with(|c| {
                // A question of before a purge is answered, but not kept.
                let is_current = c.counter(&board).purges == purges;
                match &outcome {
                    Ok(kept) if is_current => {
                        let newer = c.kept.get(&key).is_some_and(|k| k.writes > kept.writes);
                        if !newer {
                            c.kept.put(key.clone(), kept.clone(), kept.view.body.length() as usize);
                        }
                    }
                    Ok(_) => {}
                    Err(_) => {
                        if let Some(kept) = c.kept.get(&key) {
                            kept.failed_at.set(clock::now());
                        }
                    }
                }
                if c.flights.get(&key).is_some_and(|f| Rc::ptr_eq(f, &flight)) {
                    c.flights.remove(&key);
                }
            });
            flight.land(outcome);
        }));
    }

    /// Forgets a question that seems to have no answer.
    fn abandon(&self, flight: &Rc<Flight>) {
        with(|c| {
            if c.flights.get(self.key).is_some_and(|f| Rc::ptr_eq(f, flight)) {
                c.flights.remove(self.key);
            }
        });
    }
}
