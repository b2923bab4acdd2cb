//! What this isolate knows of credentials that have ended and of configs that have changed.
//!
//! The registry is asked once a second while there are requests. A registry that is away ends nobody for minutes: what
//! is known goes on being used.

use crate::calls;
use crate::clock;
use crate::counts;
use crate::deadline::soon;
use crate::fault::{Answer, Fault};
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::revocation::{Change, Changes, End, Ended, Mark, Origin};
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use worker::Env;

/// Between two looks whether another request's question was answered.
const PAUSE_MILLIS: u64 = 5;
/// A request that asked and did not stay is waited for so much longer than asking may take.
const LEASE_MILLIS: i64 = 500;

#[derive(Default)]
struct List {
    ended: Ended,
    /// When the registry was asked that answered last.
    as_of: Option<Millis>,
    /// Since when it is being asked.
    asked: Option<Millis>,
    /// When it last gave no answer.
    failed_at: Option<Millis>,
}

thread_local! {
    static LIST: RefCell<List> = RefCell::new(List::default());
}

/// What a request does about the list.
enum Next {
    /// It goes on.
    Go,
    /// It asks.
    Ask,
    /// Another asks: it waits.
    Wait,
}

impl List {
    fn age(&self, now: Millis) -> Option<i64> {
        self.as_of.map(|at| now.since(at))
    }

    fn next(&mut self, now: Millis) -> Next {
        let within = |at: Option<Millis>, most: i64| at.is_some_and(|at| (0..most).contains(&now.since(at)));
        if within(self.as_of, limits::ENDED_FRESH_MILLIS) || within(self.failed_at, limits::ENDED_RETRY_MILLIS) {
            return Next::Go;
        }
        // Longer than asking may take: who waits does not ask when the answer has just failed to come.
        if within(self.asked, limits::ENDED_ASK_MILLIS + LEASE_MILLIS) {
            // Nobody waits for a registry that gave no answer the last time.
            let goes_on = within(self.as_of, limits::ENDED_HELD_MILLIS) || self.failed_at.is_some();
            return if goes_on { Next::Go } else { Next::Wait };
        }
        self.asked = Some(now);
        Next::Ask
    }

    fn learn(&mut self, asked: Millis, changes: Changes) {
        self.ended.learn(changes);
        let kept_since = asked.plus(-limits::ENDED_KEPT_MILLIS);
        self.ended.forget(kept_since.0.max(0).unsigned_abs());
        self.as_of = Some(self.as_of.map_or(asked, |at| at.max(asked)));
        self.failed_at = None;
    }
}

/// Whether what is known is of this second.
pub fn is_fresh() -> bool {
    let now = clock::now();
    LIST.with_borrow(|l| l.age(now).is_some_and(|age| (0..limits::ENDED_FRESH_MILLIS).contains(&age)))
}

/// Whether the registry gave no answer when it was asked last.
pub fn is_away() -> bool {
    LIST.with_borrow(|l| l.failed_at.is_some())
}

/// Asks the registry, if this isolate has not done so within the last second.
pub async fn refresh(env: &Env) {
    loop {
        let now = clock::now();
        match LIST.with_borrow_mut(|l| l.next(now)) {
            Next::Go => return,
            Next::Ask => return ask(env, now).await,
            Next::Wait => clock::sleep(PAUSE_MILLIS).await,
        }
    }
}

/// Asks the registry whatever is known: what this isolate has just done counts from here on.
pub async fn refresh_now(env: &Env) {
    ask(env, clock::now()).await;
}

async fn ask(env: &Env, now: Millis) {
    let upto = known();
    let counted = counts::take();
    let answer = soon("changes", calls::registry::changes(env, upto, counted.as_ref())).await;
    if let (Err(_), Some(counted)) = (&answer, &counted) {
        counts::give_back(counted);
    }
    LIST.with_borrow_mut(|l| {
        l.asked = None;
        match answer {
            Ok(changes) => l.learn(now, changes),
            Err(fault) => {
                log_error!("what has ended is not known anew: {fault:?}");
                l.failed_at = Some(clock::now());
            }
        }
    });
}

/// Takes in what the registry said to a question that was asked at `asked`, with all that was known then.
pub fn learn(asked: Millis, changes: Changes) {
    LIST.with_borrow_mut(|l| l.learn(asked, changes));
}

/// Takes in some of what has changed: how much is known altogether stays as it was.
pub fn hear(marks: Vec<(Mark, Change)>) {
    LIST.with_borrow_mut(|l| l.ended.learn(Changes { upto: 0, marks }));
}

/// The last change that is known.
pub fn known() -> Change {
    LIST.with_borrow(|l| l.ended.upto())
}

/// Does something with the list.
pub fn with<T>(f: impl FnOnce(&Ended) -> T) -> T {
    LIST.with_borrow(|l| f(&l.ended))
}

/// Whether rights have ended, on a board or altogether. An error when that has not been known for too long.
pub fn end_of(origin: &Origin, board: Option<&BoardName>) -> Answer<Option<End>> {
    let now = clock::now();
    LIST.with_borrow(|l| match l.age(now) {
        Some(age) if age < limits::ENDED_STALE_MILLIS => Ok(l.ended.end_of(origin, board)),
        Some(_) | None => {
            Err(Fault::registry_away("whether your credential still counts can't be told at the moment; try again"))
        }
    })
}

/// Whether a board's config has changed since `known`.
pub fn has_changed(board: &BoardName, known: Change) -> bool {
    with(|ended| ended.has_changed(board, known))
}
