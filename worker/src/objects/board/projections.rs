//! What is made from the log, and how it is restored, written and read on: adapter around
//! [`heliograph_shared::projection`].

use super::Loaded;
use super::archive::Archive;
use crate::fault::Answer;
use crate::store::board::BoardStore;
use crate::zones::Zones;
use heliograph_shared::board::{Board as Core, Latest, beginning};
use heliograph_shared::cursor::{Epoch, Seq};
use heliograph_shared::items::Items;
use heliograph_shared::meters::Lag;
use heliograph_shared::past::Past;
use heliograph_shared::projection::{Need, Projection, Replay, Slice, lowest_floor};
use heliograph_shared::rollups::Rollups;
use heliograph_shared::scores::keeper::{Keeper, Ranked};
use heliograph_shared::sights::Sights;
use heliograph_shared::time::Millis;
use heliograph_shared::tracks::Tracks;
use heliograph_shared::watch::Watch;

/// How often what is too old is looked for.
const FORGET_MILLIS: i64 = 3_600_000;

/// Tracks that are further behind the log than this many events read on while the board answers: what nobody waits for must not
/// make the first request after a restart wait.
const NEAR_EVENTS: u64 = 20_000;

/// What a board answers from: as of the log's end whenever it is loaded.
pub(super) struct Present {
    pub(super) core: Core,
    pub(super) sights: Sights,
    pub(super) rollups: Rollups,
    pub(super) tracks: Tracks,
    pub(super) watch: Watch,
    pub(super) past: Past,
    /// Events that were read again, since they came after the checkpoint of the items.
    pub(super) replayed: u64,
}

/// Makes it from what is stored, and from what the log has after that.
pub(super) fn present(store: &BoardStore, epoch: Epoch, keeper: &Keeper) -> Answer<Present> {
    let (mut core, mut sights) = (Core::new(Items::default(), beginning(epoch)), Sights::default());
    store.restore(&mut Latest::new(&mut core, &mut sights))?;
    let seq = core.cursor().seq;
    core.set_controls(keeper.timeline().controls().saturating_sub(store.controls_after(seq)?));
    let players = keeper.settings().players.is_some();
    sights.go_on(keeper.timeline(), players, core.items(), core.events(), seq);
    sights.set_zones(&keeper.settings().privacy_zones);
    let mut rollups = Rollups::default();
    rollups.configure(&keeper.settings().rollups);
    rollups.begin(seq, core.items().iter().map(|(_, i)| i.time).max());
    store.old_names(|key, field| rollups.restore_name(key, field))?;
    store.restore(&mut rollups)?;
    rollups.end_all_but(core.items().len(), |key| core.items().find(key).is_some());
    let mut tracks = Tracks::default();
    tracks.configure(&keeper.settings().tracks);
    store.restore(&mut tracks)?;
    let mut watch = Watch::default();
    store.restore(&mut watch)?;
    let mut past = Past::default();
    store.restore(&mut past)?;
    past.begin(seq);
    {
        let mut latest = Latest::new(&mut core, &mut sights);
        let mut all: Vec<&mut dyn Projection> = vec![&mut latest, &mut rollups, &mut watch, &mut past];
        // Of a board that is older than tracks it is the whole log.
        let is_near = seq <= tracks.seen() + NEAR_EVENTS;
        if is_near {
            all.push(&mut tracks);
        }
        store.replay(Replay::new(&mut all, Slice::WHOLE))?;
    }
    if seq <= tracks.seen() + NEAR_EVENTS || !tracks.is_on() {
        tracks.is_at(core.cursor().seq);
    }
    let replayed = core.cursor().seq.saturating_sub(seq);
    Ok(Present { core, sights, rollups, tracks, watch, past, replayed })
}

impl Present {
    /// Writes all of it: whoever goes on begins at the log's end. Rollups first: where they have stored no floor, they begin
    /// after the items' checkpoint.
    pub(super) fn write_all(&mut self, store: &BoardStore) -> Answer<()> {
        write(store, &mut self.rollups, Need::Room)?;
        while self.rollups.has_more() {
            write(store, &mut self.rollups, Need::Room)?;
        }
        write(store, &mut self.tracks, Need::Room)?;
        while self.tracks.has_more() {
            write(store, &mut self.tracks, Need::Room)?;
        }
        // Before the items, as ever.
        write(store, &mut self.past, Need::Room)?;
        write(store, &mut Latest::new(&mut self.core, &mut self.sights), Need::Room)?;
        write(store, &mut self.watch, Need::Room)
    }
}

/// Writes what a projection has to write, in one transaction.
fn write(store: &BoardStore, projection: &mut dyn Projection, need: Need) -> Answer<()> {
    match store.change(projection.checkpoint(need)) {
        Ok(true) => projection.stored(),
        Ok(false) => {}
        // What it has in memory is right all the same.
        Err(fault) if projection.not_stored() => log_error!("a checkpoint is not written: {fault:?}"),
        Err(fault) => return Err(fault),
    }
    Ok(())
}

impl Archive {
    /// Writes what must be durable before delivery goes on.
    pub(super) fn write(&mut self, store: &BoardStore) -> Answer<()> {
        write(store, &mut self.export, Need::Due)
    }

    /// Reads on for the object in the making; whether the log may have more.
    pub(super) fn read_on(&mut self, store: &BoardStore, slice: Slice) -> Answer<bool> {
        store.replay(Replay::new(&mut [&mut self.export], slice))
    }
}

impl Loaded {
    /// Does something with everything that is made from the log.
    fn with_projections<T>(&mut self, f: impl FnOnce(&BoardStore, &mut [&mut dyn Projection]) -> T) -> T {
        let mut latest = Latest::new(&mut self.core, &mut self.sights);
        let mut ranked = Ranked::new(&mut self.keeper, &Zones);
        // Rollups first: where they have stored no floor, they begin after the items' checkpoint.
        let mut all: Vec<&mut dyn Projection> = vec![&mut self.rollups, &mut latest, &mut ranked];
        all.push(&mut self.tracks);
        all.push(&mut self.watch);
        all.push(&mut self.past);
        if let Some(archive) = &mut self.archive {
            all.push(&mut archive.export);
        }
        f(&self.store, &mut all)
    }

    /// Writes what projections have to write; whether there is more.
    pub(super) fn write_checkpoints(&mut self, need: Need) -> Answer<bool> {
        // Before the items: a past of which nothing is stored begins where they do.
        let for_past = if self.core.is_checkpoint_due() { Need::Room } else { need };
        write(&self.store, &mut self.past, for_past)?;
        self.with_projections(|store, all| {
            let mut more = false;
            for projection in all {
                write(store, *projection, need)?;
                more |= projection.has_more();
            }
            Ok(more)
        })
    }

    /// Up to here nothing needs the log but its readers.
    pub(super) fn floor(&mut self) -> Seq {
        let head = self.core.cursor().seq;
        self.with_projections(|_, all| lowest_floor(all, head))
    }

    /// How far what is made from the log is behind it. Of a ranking that is: one that is made anew while another is up.
    pub(super) fn lags(&mut self) -> Vec<Lag> {
        let head = self.core.cursor().seq;
        let items = Latest::new(&mut self.core, &mut self.sights).floor();
        let floors = [
            ("items", items),
            ("series", self.rollups.floor()),
            ("tracks", self.tracks.floor()),
            ("alarms", self.watch.floor()),
            ("past", self.past.floor()),
            ("ranking", self.keeper.rebuilt_upto().unwrap_or(head)),
        ];
        floors.map(|(what, floor)| Lag::of(what, floor, head)).into()
    }

    /// Drops what projections no longer keep, now and then.
    pub(super) fn forget(&mut self, now: Millis) -> Answer<()> {
        if self.forget_at > now {
            return Ok(());
        }
        let more = self.with_projections(|store, all| {
            let mut more = false;
            for old in all.iter().flat_map(|projection| projection.forget(now)) {
                more |= store.forget(&old)?;
            }
            Answer::Ok(more)
        })?;
        // There may be more: the next request goes on.
        self.forget_at = if more { now } else { now.plus(FORGET_MILLIS) };
        Ok(())
    }

    /// Writes fences and alarms, and what happened, as they are now.
    pub(super) fn write_watch(&mut self) -> Answer<()> {
        write(&self.store, &mut self.watch, Need::Room)
    }

    /// Restores the ranking from its checkpoint, where there is one that fits.
    pub(super) fn restore_ranking(&mut self) -> Answer<()> {
        self.store.restore(&mut Ranked::new(&mut self.keeper, &Zones))
    }

    /// Reads on for tracks that are behind the log; whether they still are.
    pub(super) fn read_on_for_tracks(&mut self, slice: Slice) -> Answer<bool> {
        let more = self.store.replay(Replay::new(&mut [&mut self.tracks], slice))?;
        if !more {
            // What the log does not have was pruned.
            self.tracks.is_at(self.core.cursor().seq);
        }
        write(&self.store, &mut self.tracks, Need::Due)?;
        Ok(more)
    }

    /// The rules of tracks have changed.
    pub(super) fn configure_tracks(&mut self) -> Answer<()> {
        if self.keeper.settings().tracks != *self.tracks.rules() {
            while self.tracks.has_more() {
                write(&self.store, &mut self.tracks, Need::Room)?;
            }
            self.tracks.configure(&self.keeper.settings().tracks);
            if !self.tracks.is_on() {
                self.store.change(self.tracks.clear().into_iter())?;
            }
            // What is too old now goes with the next request.
            self.forget_at = Millis(0);
        }
        write(&self.store, &mut self.tracks, Need::Due)
    }

    /// Reads on for the ranking in the making; whether the log may have more.
    pub(super) fn read_on_for_ranking(&mut self, slice: Slice) -> Answer<bool> {
        self.store.replay(Replay::new(&mut [&mut Ranked::new(&mut self.keeper, &Zones)], slice))
    }

    /// Writes what the ranking has to write. That it can't be written makes nothing fail.
    pub(super) fn write_ranking(&mut self) -> Answer<()> {
        write(&self.store, &mut Ranked::new(&mut self.keeper, &Zones), Need::Due)
    }

    /// Writes what others than managers see, where it changed by something that the log does not tell.
    pub(super) fn write_latest(&mut self) -> Answer<()> {
        write(&self.store, &mut Latest::new(&mut self.core, &mut self.sights), Need::Due)
    }

    /// Writes the ranking as it is now, as much of it as holds nobody up.
    pub(super) fn settle_ranking(&mut self) -> Answer<()> {
        write(&self.store, &mut Ranked::new(&mut self.keeper, &Zones), Need::Room)
    }

    /// Writes all that waits to be rolled up.
    pub(super) fn write_all_rollups(&mut self) -> Answer<()> {
        while self.rollups.has_more() {
            write(&self.store, &mut self.rollups, Need::Room)?;
        }
        Ok(())
    }

    /// Writes what waits to be rolled up over the whole board.
    pub(super) fn write_rollups_of_board(&mut self) -> Answer<()> {
        if self.store.change(self.rollups.settle_board())? {
            self.rollups.stored();
        }
        Ok(())
    }

    /// The rules of rollups have changed. What was not rolled up stays so.
    pub(super) fn configure_rollups(&mut self) -> Answer<()> {
        if self.keeper.settings().rollups.enabled != self.rollups.is_on() {
            self.write_all_rollups()?;
        }
        self.rollups.configure(&self.keeper.settings().rollups);
        write(&self.store, &mut self.rollups, Need::Due)
    }
}
