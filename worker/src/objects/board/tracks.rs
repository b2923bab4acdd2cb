//! The board's tracks: adapter around [`heliograph_shared::tracks`].

use super::later::refuse_later;
use super::views::view;
use super::{Inner, Loaded};
use crate::asked::Asked;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::trace::InBackground;
use heliograph_shared::calls::board::ViewAsk;
use heliograph_shared::projection::Slice;
use heliograph_shared::tracks::answer::{Place, Track};
use heliograph_shared::tracks::query::TrackQuery;
use heliograph_shared::tracks::trips::{self, TripsQuery};
use heliograph_shared::views::{Format, version};
use std::rc::Rc;
use worker::Response;

/// Why a track is not told with a delay.
const NOT_KEPT: &str = "tracks have late fixes in their places, and not when these came";
/// What of the log is read between two looks at what else is to do.
const SLICE: Slice = Slice { events: 10_000, bytes: 1024 * 1024 };
/// Whoever was connected comes back at once when a board has started, and is sent all of it: what nobody waits for takes its memory
/// after that.
const SETTLES_MILLIS: u64 = 8_000;
/// A pause between two slices, in which others get their turn and what was read is given back.
const PAUSE_MILLIS: u64 = 20;

impl Loaded {
    fn are_tracks_behind(&self) -> bool {
        self.tracks.seen() < self.core.cursor().seq
    }
}

impl Inner {
    /// `…/items/{key}/track`.
    #[inline(never)]
    pub(super) fn track(&self, asked: &Asked, body: &[u8]) -> Answer<Response> {
        let ask: ViewAsk = serde_json::from_slice(body)?;
        let key = ask.key.as_deref().ok_or_else(|| Fault::Internal("a track of no key".into()))?;
        let pairs = asked.pairs();
        let query = TrackQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        refuse_later(&ask.sight, NOT_KEPT)?;
        self.with(|b| {
            let cursor = b.core.cursor();
            let place = Place { cursor, tracks: &b.tracks, items: b.core.items(), sights: &b.sights };
            let track = Track::of(place, &query, key, &ask.sight, &b.store)?;
            let body = track.write(query.format);
            view(&version::of_content(cursor, &body), query.format, body, track.fixes as u64 / 16)
        })
    }

    /// `…/items/{key}/trips`.
    #[inline(never)]
    pub(super) fn trips(&self, asked: &Asked, body: &[u8]) -> Answer<Response> {
        let ask: ViewAsk = serde_json::from_slice(body)?;
        let key = ask.key.as_deref().ok_or_else(|| Fault::Internal("trips of no key".into()))?;
        let pairs = asked.pairs();
        let query = TripsQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        refuse_later(&ask.sight, NOT_KEPT)?;
        self.with(|b| {
            let cursor = b.core.cursor();
            let place = Place { cursor, tracks: &b.tracks, items: b.core.items(), sights: &b.sights };
            let (found, fixes) = trips::of(place, &query, key, &ask.sight, &b.store)?;
            let body = serde_json::to_vec(&found)?;
            view(&version::of_content(cursor, &body), Format::Json, body, fixes as u64 / 8)
        })
    }

    /// Goes on in the background with tracks that are behind the log: those of a board that had none before.
    pub(super) fn catch_up_tracks(self: &Rc<Self>) {
        let behind = self.loaded.borrow().as_ref().is_some_and(Loaded::are_tracks_behind);
        if !behind || self.catching_up.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            clock::sleep(SETTLES_MILLIS).await;
            loop {
                clock::sleep(PAUSE_MILLIS).await;
                match own.with(|b| b.read_on_for_tracks(SLICE)) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(fault) => {
                        // The memory starts over, and so does this with the next request.
                        log_error!("tracks: {fault:?}");
                        break;
                    }
                }
            }
            own.catching_up.set(false);
        });
    }
}
