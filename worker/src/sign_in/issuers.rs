//! What issuers publish of themselves and of their keys: asked for when it is needed, remembered, and never asked for more
//! often than said, whatever tokens come.

use crate::clock;
use crate::fault::{Answer, Fault};
use crate::outbound;
use heliograph_shared::limits;
use heliograph_shared::memo::Memo;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::sign_in::{Endpoints, Issuer, Keys};
use heliograph_shared::source::poll::Address;
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::rc::Rc;
use worker::Env;

/// Between two looks whether another request's question was answered.
const PAUSE_MILLIS: u64 = 10;

/// What is known of an address.
#[derive(Clone, Default)]
struct Known {
    /// What was there last, and when.
    last: Option<(Millis, Rc<Vec<u8>>)>,
    /// Since when it is being asked for.
    under_way: Option<Millis>,
    /// When that last failed.
    failed: Option<Millis>,
    /// When it was last asked for since what was known lacked something.
    anew: Option<Millis>,
}

thread_local! {
    static KNOWN: RefCell<Memo<String, Known>> = RefCell::new(Memo::new(limits::ISSUERS_BYTES, i64::MAX));
}

fn known(address: &str) -> Known {
    KNOWN.with_borrow_mut(|all| all.get(clock::now(), address).cloned()).unwrap_or_default()
}

fn remember(address: &str, known: Known) {
    let bytes = address.len() + known.last.as_ref().map_or(0, |(_, body)| body.len());
    KNOWN.with_borrow_mut(|all| all.put(clock::now(), address.to_owned(), known, bytes));
}

/// How good what is known must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// As it was within the hour.
    Fresh,
    /// Anew: what is known lacks something.
    Anew,
}

/// What is at an address of an issuer. One request asks at a time, and after it none for a while.
async fn get(env: &Env, issuer: &Issuer, address: &str, wanted: Wanted) -> Answer<Rc<Vec<u8>>> {
    let away = || {
        let detail = format!("what issuer {} publishes can't be had at the moment; try again", issuer.name);
        Fault::from(Problem::new(Code::IssuerUnreachable, detail).retry_after(5))
    };
    let begun = clock::now();
    let waits = i64::from(limits::ISSUER_ANSWER_MILLIS);
    let mut known = loop {
        let (now, known) = (clock::now(), known(address));
        let within = |at: Option<Millis>, most: i64| at.is_some_and(|at| (0..most).contains(&now.since(at)));
        let good_since = if wanted == Wanted::Anew { begun } else { now.plus(-limits::ISSUER_FRESH_MILLIS) };
        if let Some((at, body)) = &known.last
            && *at >= good_since
        {
            return Ok(body.clone());
        }
        if within(known.under_way, waits) && now.since(begun) < waits {
            // Another request asks, and this one may not wait for what belongs to it: it looks again.
            clock::sleep(PAUSE_MILLIS).await;
            continue;
        }
        let asked = if wanted == Wanted::Anew { known.anew } else { known.failed };
        if within(asked, limits::ISSUER_RETRY_MILLIS) {
            // Keys of an hour ago are better than none.
            return known.last.map(|(_, body)| body).ok_or_else(away);
        }
        break known;
    };
    let now = clock::now();
    known.under_way = Some(now);
    if wanted == Wanted::Anew {
        known.anew = Some(now);
    }
    remember(address, known.clone());
    known.under_way = None;
    match fetch(env, address).await {
        Ok(body) => known.last = Some((clock::now(), Rc::new(body))),
        Err(why) => {
            log_error!("issuer {}: {address} gives nothing: {why}", issuer.name);
            known.failed = Some(clock::now());
        }
    }
    remember(address, known.clone());
    known.last.map(|(_, body)| body).ok_or_else(away)
}

async fn fetch(env: &Env, address: &str) -> Result<Vec<u8>, String> {
    let parsed = Address::parse(address).map_err(|e| format!("it {e}"))?;
    outbound::check_address(env, &parsed).map_err(|e| format!("it {e}"))?;
    let accept = [("accept", "application/json".to_owned())];
    let limits = (limits::ISSUER_ANSWER_MILLIS, limits::ISSUER_ANSWER_BYTES);
    let got = outbound::get(parsed.as_str(), &accept, limits).await?;
    if got.status == 200 { Ok(got.body) } else { Err(format!("status {}", got.status)) }
}

fn unusable(issuer: &Issuer, why: &str) -> Fault {
    log_error!("issuer {}: what it publishes can't be used: {why}", issuer.name);
    let detail = format!("what issuer {} publishes can't be used; the log says why", issuer.name);
    Problem::new(Code::IssuerUnreachable, detail).retry_after(30).into()
}

/// Where an issuer's things are.
pub async fn endpoints(env: &Env, issuer: &Issuer) -> Answer<Endpoints> {
    let endpoints = match Endpoints::configured(issuer) {
        Some(endpoints) => endpoints,
        None => {
            let text = get(env, issuer, &issuer.discovery(), Wanted::Fresh).await?;
            Endpoints::read(issuer, &text).map_err(|why| unusable(issuer, &why))?
        }
    };
    endpoints.check(outbound::private_too(env)).map_err(|why| unusable(issuer, &why))?;
    Ok(endpoints)
}

/// The keys of an issuer, asked for anew where they lack one of this name.
pub async fn keys(env: &Env, issuer: &Issuer, kid: Option<&str>) -> Answer<Keys> {
    let address = match &issuer.jwks_uri {
        Some(address) => address.clone(),
        None => endpoints(env, issuer).await?.jwks,
    };
    let parse = |text: Rc<Vec<u8>>| Keys::parse(&text).map_err(|why| unusable(issuer, &why));
    let keys = parse(get(env, issuer, &address, Wanted::Fresh).await?)?;
    if keys.has(kid) {
        return Ok(keys);
    }
    parse(get(env, issuer, &address, Wanted::Anew).await?)
}
