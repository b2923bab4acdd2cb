//! Who calls too often. What is counted, and by whom, is here; how, in [`heliograph_shared::throttle`].
//!
//! The address is what the platform says in `CF-Connecting-IP`. On a workerd of one's own nobody sets that header unless
//! a proxy in front does: without it all callers share one bucket of each kind.

use crate::clock;
use crate::configs;
use crate::fault::{Answer, Fault};
use heliograph_shared::budget::Budget;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::throttle::{Pace, Throttle, Who};
use std::cell::RefCell;
use std::num::NonZeroUsize;
use worker::{Env, Headers};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Tokens, by address.
    Mint,
    /// Tokens, by the credential that mints them.
    MintWith,
    /// Join codes that lead nowhere, by address.
    Guess,
    /// Feeds, by address.
    Connect,
    /// Feeds, by the credential that opens them.
    ConnectWith,
    /// Boards and keys that are not there, by address.
    Unknown,
    /// Sign-ins that end, by address.
    SignOut,
}

const ALL: [(Counted, Pace); 7] = [
    (Counted::Mint, limits::MINTS_PER_ADDRESS),
    (Counted::MintWith, limits::MINTS_PER_CREDENTIAL),
    (Counted::Guess, limits::GUESSES_PER_ADDRESS),
    (Counted::Connect, limits::CONNECTS_PER_ADDRESS),
    (Counted::ConnectWith, limits::CONNECTS_PER_CREDENTIAL),
    (Counted::Unknown, limits::UNKNOWN_PER_ADDRESS),
    (Counted::SignOut, limits::SIGN_OUTS_PER_ADDRESS),
];

thread_local! {
    static THROTTLES: RefCell<Vec<Throttle>> = RefCell::new({
        ALL.iter().map(|(_, pace)| Throttle::new(*pace, remembered())).collect()
    });
    static BUDGET: RefCell<Budget> =
        RefCell::new(Budget::new(limits::VIEW_WORK_AT_ONCE, limits::VIEW_WORK_PER_SECOND, remembered()));
}

fn remembered() -> NonZeroUsize {
    NonZeroUsize::new(limits::PACES_REMEMBERED).unwrap_or(NonZeroUsize::MIN)
}

fn with<T>(counted: Counted, f: impl FnOnce(&mut Throttle) -> T) -> Option<T> {
    let at = ALL.iter().position(|(c, _)| *c == counted)?;
    THROTTLES.with_borrow_mut(|all| all.get_mut(at).map(f))
}

/// The address of a caller.
pub fn address(headers: &Headers) -> Answer<Who> {
    Ok(Who::address(headers.get("cf-connecting-ip")?.as_deref()))
}

/// Counts one, or says how long to wait.
pub fn take(counted: Counted, who: Who) -> Answer<()> {
    let now = clock::now();
    let Some(Err(too_often)) = with(counted, |t| t.take(now, who)) else { return Ok(()) };
    let what = match counted {
        Counted::Mint => "this address has asked for many tokens",
        Counted::MintWith => "this credential has asked for many tokens",
        Counted::Guess => "this address has tried many codes that nobody has",
        Counted::Connect => "this address has opened many feeds",
        Counted::ConnectWith => "this credential has opened many feeds",
        Counted::Unknown => "this address has asked for many names that nobody has",
        Counted::SignOut => "this address has ended many sign-ins",
    };
    let seconds = too_often.retry_after_s;
    let detail = format!("{what}; try again in {seconds} s");
    Err(Fault::Problem(Problem::new(Code::TooManyRequests, detail).retry_after(seconds)))
}

/// Whether somebody may ask for another view, or how long it waits until what its views cost is paid.
pub fn may_ask(payer: Option<Who>) -> Answer<()> {
    let Some(who) = payer else { return Ok(()) };
    let Err(too_often) = BUDGET.with_borrow_mut(|b| b.may(clock::now(), who)) else { return Ok(()) };
    let seconds = too_often.retry_after_s;
    let detail = format!("your views have cost a lot; try again in {seconds} s, with fewer or narrower ones");
    Err(Fault::Problem(Problem::new(Code::TooManyRequests, detail).retry_after(seconds)))
}

/// Somebody's view has cost so much.
pub fn pay(payer: Option<Who>, work: u64) {
    if let Some(who) = payer {
        BUDGET.with_borrow_mut(|b| b.spend(clock::now(), who, work));
    }
}

/// Takes back what was counted: it was nothing that counts.
pub fn give_back(counted: Counted, who: Who) {
    with(counted, |t| t.give_back(who));
}

/// Asks for a board that this isolate does not know; one that is not there is counted. Its config is at hand afterwards.
pub async fn meet(env: &Env, headers: &Headers, board: &BoardName) -> Answer<()> {
    if configs::remembers(board) {
        return Ok(());
    }
    let who = address(headers)?;
    take(Counted::Unknown, who)?;
    if configs::find(env, board).await?.is_some() {
        give_back(Counted::Unknown, who);
    }
    Ok(())
}
