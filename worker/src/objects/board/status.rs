//! How the board is: adapter around [`heliograph_shared::api::status`].

use super::{Inner, Loaded};
use crate::clock;
use crate::fault::Answer;
use crate::reply;
use heliograph_shared::api::status::{KeptLetters, Status};
use heliograph_shared::meters::{self, BoardMeters, Delivering};
use worker::Response;

/// Over how long the rate is taken.
const RATE_MILLIS: i64 = 10_000;

impl Inner {
    /// What operators measure.
    pub(super) fn meters(&self, b: &mut Loaded) -> Answer<BoardMeters> {
        let now = clock::now();
        Ok(BoardMeters {
            since: self.since,
            at: now,
            items: b.core.items().len() as u64,
            seq: b.core.cursor().seq,
            accepted: self.accepted.get(),
            ingested: self.ingested.borrow().clone(),
            sources: meters::by_source(&self.sources.borrow().all()),
            told: self.pusher.told(),
            storage: b.storage.status(b.store.bytes() as u64),
            rows: b.store.rows_written()?,
            letters_dropped: b.store.letters_dropped()?,
            archive: b.archive.as_ref().map(|a| Delivering::of(a.export.delivery(), now)),
            alarms: b.alarming()?,
            loads: self.loads.get(),
            lags: b.lags(),
        })
    }

    /// `…/status`.
    #[inline(never)]
    pub(super) fn status(&self) -> Answer<Response> {
        let viewers = self.pusher.viewers_elsewhere("");
        let now = clock::now();
        self.with(|b| {
            let recent = b.store.accepted_since(now.plus(-RATE_MILLIS))?;
            let span = recent.from.map_or(RATE_MILLIS, |from| now.since(from).max(1));
            let status = Status {
                cursor: b.core.cursor(),
                at: now,
                items: b.core.items().len() as u64,
                viewers,
                rate: recent.events as f64 * 1_000.0 / span as f64,
                accepted: recent.latest,
                storage: b.storage.status(b.store.bytes() as u64),
                sources: self.sources.borrow().all(),
                dead_letters: KeptLetters { bytes: b.store.letters_bytes()?, dropped: b.store.letters_dropped()? },
            };
            Ok(reply::object(200, &status)?)
        })
    }
}
