//! What whoever may not manage the board sees: adapter around [`heliograph_shared::sights`].

use super::Loaded;
use crate::fault::Answer;
use crate::store::board::BoardStore;
use heliograph_shared::board::Board as Core;
use heliograph_shared::codec::Batch;
use heliograph_shared::rights::{Access, Ask, Sight};
use heliograph_shared::scores::control::Control;
use heliograph_shared::scores::keeper::Keeper;
use heliograph_shared::sights::Sights;

/// What anybody sees of a public board.
pub(super) fn anyone() -> Sight {
    Access::public().may(Ask::Present).unwrap_or_default()
}

/// The sights as they were stored, and what came since; or made anew, where nothing was stored that fits.
pub(super) fn load(store: &BoardStore, keeper: &Keeper, core: &Core) -> Answer<Sights> {
    let players = keeper.settings().players.is_some();
    let timeline = keeper.timeline();
    let stored = store.sights()?;
    let (mut sights, seen) = match stored {
        Some((seq, parts)) => (Sights::from_parts(parts.iter().map(Vec::as_slice))?, seq),
        None => {
            let events = core.cursor().seq.saturating_sub(timeline.controls());
            let sights = Sights::new(timeline, players, core.items(), events);
            // What managers sent is found in the log; what was hidden stays so.
            (sights, if players && timeline.frozen_at().is_none() { 0 } else { core.cursor().seq })
        }
    };
    sights.set_players(players);
    if sights.is_idle() && timeline.frozen_at().is_none() {
        return Ok(sights);
    }
    store.read_log(seen, |row| {
        if Control::is_one(row.bytes) {
            if let Some(control) = Control::decode(row.bytes) {
                // A freeze is stored with its control: here are controls that hide nothing anew.
                sights.control(row.first, &control, core.items(), row.first);
            }
        } else {
            sights.apply(&Batch::decode(row.bytes)?, row.first, |_, _, _| {});
        }
        Ok(true)
    })?;
    Ok(sights)
}

impl Loaded {
    /// Stores what others than managers see, with how far it is, where it is anything of its own.
    pub(super) fn keep_sights(&mut self) -> Answer<()> {
        self.store.put_sights(self.core.cursor().seq, self.sights_parts())
    }

    /// What others than managers see, where it is anything of its own.
    pub(super) fn sights_parts(&self) -> Vec<Vec<u8>> {
        if self.sights.is_idle() { Vec::new() } else { self.sights.to_parts() }
    }
}
