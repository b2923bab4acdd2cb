//! The way of what an address answers that a source asks: asked, sent on where it says so, then as records.

use super::source;
use crate::body::Place;
use crate::clock;
use crate::configs;
use crate::fault::Fault;
use crate::keys::secret;
use crate::outbound::{self, Opened};
use heliograph_shared::limits;
use heliograph_shared::source::poll::{
    Address, BodyDigest, Credential, CredentialName, Head, Heard, Poll, PollState, Told,
};
use heliograph_shared::source::{Arrived, Source, packed};
use worker::Env;

/// Who asks, where a source says nothing else: some services answer nobody who does not say.
const AGENT: &str = concat!("heliograph/", env!("CARGO_PKG_VERSION"));

/// What a fault says to the source's managers.
pub fn told(fault: Fault) -> Told {
    let problem = fault.into_problem();
    Told { retry_after_s: problem.retry_after_s.map(u64::from), why: problem.detail, status: None }
}

/// A source's credential for its own address.
pub fn credential(env: &Env, source: &Source, name: &CredentialName, address: &Address) -> Result<Credential, String> {
    Credential::resolve(name, secret(env, &name.secret()).as_deref(), &source.board, address).map_err(|e| e.to_string())
}

/// Asks, takes what is new to the source's board, and remembers what is to be remembered. The error is why nothing was.
pub async fn take(env: &Env, source: &Source, poll: &Poll, state: &mut PollState) -> Result<(), Told> {
    let Some((head, opened)) = ask(env, source, poll, state, None).await? else { return Ok(()) };
    let most = source.limits.body_bytes;
    let got = opened.whole(most as u32).await.map_err(Told::new)?;
    let place = Place::new();
    place.holds(got.body.len()).map_err(told)?;
    let digest = BodyDigest::of(&got.body);
    if state.is_known(&digest) {
        state.unchanged_at(&head, clock::now());
        return Ok(());
    }
    let config = configs::get(env, &source.board).await.map_err(told)?;
    let kind = poll.kind(&got.header("content-type").unwrap_or_default());
    let unpacked = packed::unpacked(got.body, most, "its answer").map_err(|problem| told(problem.into()))?;
    place.holds(unpacked.len()).map_err(told)?;
    let (headers, query) = ([("content-type".to_owned(), kind)], poll.query());
    let arrived = Arrived {
        headers: &headers,
        query: &query,
        body: &unpacked,
        key_name: &config.key_name,
        received: clock::now(),
    };
    let name = source.envelope.told_by(&arrived);
    if !name.is_polled() {
        return Err(Told::new("its answer is in an envelope whose senders send: say in envelope what it is"));
    }
    let slices = name.envelope().open(&arrived).map_err(|problem| told(problem.into()))?;
    let (fresh, repeated) = state.fresh(slices);
    let answer = source::take(env, &config, (source, None), name, &arrived, &fresh).await.map_err(told)?;
    state.took((&head, digest), &fresh, (&answer, repeated), clock::now());
    Ok(())
}

/// Asks an address, with a parameter more where one is given, and those that it sends on to; nothing where nothing has
/// changed.
pub async fn ask(
    env: &Env,
    source: &Source,
    poll: &Poll,
    state: &mut PollState,
    more: Option<(&str, &str)>,
) -> Result<Option<(Head, Opened)>, Told> {
    let own = poll.address().map_err(|e| Told::new(e.message))?;
    let mut address = more.map_or_else(|| own.clone(), |(name, value)| own.with(name, value));
    let credential = match &poll.credential {
        Some(name) => Some(credential(env, source, name, &address).map_err(Told::new)?),
        None => None,
    };
    for _ in 0..=limits::POLL_REDIRECTS {
        outbound::check_address(env, &address).map_err(|e| Told::new(format!("{} {e}", address.shown())))?;
        let mut headers: Vec<(&str, String)> = vec![("user-agent", AGENT.to_owned())];
        let own = poll.headers(&address, credential.as_ref()).into_iter().chain(state.conditions());
        headers.extend(own.map(|(name, value)| (name, value.to_owned())));
        let asked = credential.as_ref().map_or_else(|| address.clone(), |c| c.addressed(&address));
        let got = outbound::open(asked.as_str(), &headers, limits::POLL_MILLIS).await.map_err(Told::new)?;
        let head = Head {
            status: got.status,
            etag: got.header("etag"),
            last_modified: got.header("last-modified"),
            retry_after: got.header("retry-after"),
            location: got.header("location"),
        };
        match state.hear(&address, &head, clock::now()) {
            Heard::Body => return Ok(Some((head, got))),
            Heard::Unchanged => {
                state.unchanged_at(&head, clock::now());
                return Ok(None);
            }
            Heard::Elsewhere(to) => address = to,
            Heard::Failed(told) => {
                got.close().await;
                return Err(told);
            }
        }
    }
    Err(Told::new(format!("it sends on more than {} times", limits::POLL_REDIRECTS)))
}
