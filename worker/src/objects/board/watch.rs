//! Fences and alarms as they are stored, and how long what happened is kept: adapter around [`heliograph_shared::watch`].

use super::{DAY_MILLIS, Loaded};
use crate::clock;
use crate::fault::Answer;
use heliograph_shared::audit::{Act, By, Noted};
use heliograph_shared::projection::{Need, Projection};
use heliograph_shared::time::Millis;

impl Loaded {
    /// Before when what happened is too old to be kept.
    fn kept_from(&self, now: Millis) -> Option<Millis> {
        self.keeper.settings().keep.map(|keep| now.plus(-i64::from(keep.days) * DAY_MILLIS))
    }

    /// Drops what happened and is older than the board keeps its log.
    pub(super) fn trim_watch(&mut self, now: Millis) -> Answer<()> {
        match self.kept_from(now) {
            Some(from) if self.watch.trim(from) => self.write_watch(),
            _ => Ok(()),
        }
    }

    /// When something that happened becomes too old.
    pub(super) fn next_trim(&self, now: Millis) -> Option<Millis> {
        let kept = now.since(self.kept_from(now)?);
        // What comes due at the same hour goes together.
        Some(self.watch.oldest()?.plus(kept + 3_600_000))
    }

    /// Writes what changed of fences and alarms, with what was done, all or nothing: what comes after it in the log meets
    /// them so.
    pub(super) fn store_watch(&mut self, by: By, act: Act) -> Answer<()> {
        let (store, watch) = (&self.store, &mut self.watch);
        store.whole().of(|| {
            store.note(&Noted { by, act, boards: Vec::new() }, clock::now())?;
            store.change(watch.checkpoint(Need::Room))
        })?;
        watch.stored();
        Ok(())
    }
}
