//! What this isolate counts where requests come in. It says so to the registry with its next question, at most every ten
//! seconds: nothing is asked for counting.

use crate::clock;
use heliograph_shared::limits;
use heliograph_shared::meters::edge::{CacheState, Edge, Source};
use heliograph_shared::revocation::CredentialId;
use heliograph_shared::time::Millis;
use std::cell::RefCell;

struct Counts {
    edge: Edge,
    said_at: Millis,
}

thread_local! {
    static COUNTS: RefCell<Counts> = RefCell::new(Counts { edge: Edge::default(), said_at: Millis(0) });
}

/// A view was answered.
pub fn served(state: CacheState, not_modified: bool) {
    COUNTS.with_borrow_mut(|counts| counts.edge.served(state, not_modified));
}

/// A token was made, of rights that come from here; none where nothing is said of that.
pub fn minted(id: Option<&CredentialId>) {
    COUNTS.with_borrow_mut(|counts| counts.edge.minted(id.map_or(Source::Admin, Source::of)));
}

/// What is to be said now, if anything.
pub fn take() -> Option<Edge> {
    let now = clock::now();
    COUNTS.with_borrow_mut(|counts| {
        let is_due = now.since(counts.said_at) >= limits::EDGE_REPORT_MILLIS && !counts.edge.is_empty();
        is_due.then(|| {
            counts.said_at = now;
            std::mem::take(&mut counts.edge)
        })
    })
}

/// It could not be said: it is said the next time.
pub fn give_back(edge: &Edge) {
    COUNTS.with_borrow_mut(|counts| counts.edge.add(edge));
}
