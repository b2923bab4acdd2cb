//! The board as it was: adapter around [`heliograph_shared::past`].

use super::Loaded;
use crate::fault::Answer;
use crate::zones::Zones;
use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::{Cursor, Seq};
use heliograph_shared::items::Items;
use heliograph_shared::limits;
use heliograph_shared::past::{At, Frame, FrameReader, Ground, Past, Plan, Rebuild, shows};
use heliograph_shared::projection::{LoggedRow, Need, Projection, Range};
use heliograph_shared::rights::Sight;
use heliograph_shared::scores::keeper::Keeper;
use std::rc::Rc;

/// How long the log is kept where nothing is said, in days.
const KEEP_DAYS: u32 = 30;

/// What was asked for last: the next page is of the same.
pub(super) struct KeptPast {
    of: (At, Seq, Ground),
    items: Rc<Items>,
}

impl KeptPast {
    /// As of which event these items are, and they, where a question about a later one goes on from there: a plan reads at
    /// least what came after.
    fn leads_to(self, (at, _, ground): &(At, Seq, Ground), plan: &Plan) -> Option<(Seq, Rc<Items>)> {
        let (At::Cursor(here), At::Cursor(there)) = (self.of.0, *at) else { return None };
        let is_on_the_way = here.epoch == there.epoch && plan.begins <= here.seq && here.seq <= there.seq;
        let is_alike = self.of.2 == *ground && matches!(ground, Ground::Frames(_));
        (is_on_the_way && is_alike).then_some((here.seq, self.items))
    }
}

/// The items as they were.
pub(super) struct Then {
    /// As somebody sees them.
    pub items: Rc<Items>,
    /// As of which event that is said to be.
    pub cursor: Cursor,
    /// What it cost, in events that were looked at.
    pub work: u64,
}

/// The standings as they were.
pub(super) struct StandingsThen {
    /// Those.
    pub keeper: Keeper,
    /// As of which event that is said to be.
    pub cursor: Cursor,
    /// What it cost, in events that were counted.
    pub work: u64,
}

/// As of which event the past is said to be.
const fn cursor_of(at: At, head: Cursor) -> Cursor {
    match at {
        At::Cursor(cursor) => cursor,
        At::Time(_) => head,
    }
}

impl Loaded {
    /// The standings as they were, as managers (`live`) or the public see them. There are no frames of them: the log must be whole.
    pub(super) fn standings(&self, at: At, live: bool) -> Answer<StandingsThen> {
        let head = self.core.cursor();
        let plan = self.past.plan(at, head, Ground::Log { whole: true })?;
        let now = match at {
            At::Time(time) => time,
            At::Cursor(cursor) => self.store.accepted_upto(cursor.seq)?.unwrap_or_default(),
        };
        let mut past = self.keeper.past(at, now, live, &Zones);
        self.read_planned(&plan, |row| Ok(past.row(row)?))?;
        Ok(StandingsThen { keeper: past.finish(), cursor: cursor_of(at, head), work: 4 * plan.events })
    }

    /// Shows the rows that a plan reads.
    fn read_planned(&self, plan: &Plan, mut each: impl FnMut(LoggedRow<'_>) -> Answer<()>) -> Answer<()> {
        for (after, upto) in &plan.reads {
            self.store.read_log(*after, |row| {
                let is_in = row.first <= *upto;
                let last = row.last;
                if is_in {
                    each(row)?;
                }
                Ok(is_in && last < *upto)
            })?;
        }
        Ok(())
    }

    /// The items as they were, as somebody sees them for whom the board is at `head`.
    pub(super) fn then(&mut self, at: At, head: Cursor, sight: &Sight) -> Answer<Then> {
        let lens = self.sights.lens(sight);
        let ground = Ground::of(&self.sights, sight, lens.as_ref());
        let of = (at, head.seq, ground);
        let mut work = 0;
        let whole = match self.kept_past.take() {
            Some(kept) if kept.of == of => kept.items,
            kept => {
                let plan = self.past.plan(at, head, ground)?;
                let begun = kept.and_then(|kept| kept.leads_to(&of, &plan));
                let (items, plan) = match (begun, plan.frame.clone()) {
                    (Some((seq, items)), _) => (Rc::unwrap_or_clone(items), plan.after(seq)),
                    (None, Some(range)) => {
                        let mut items = self.frame(&range, plan.begins)?;
                        // A frame has nothing of what ended before it.
                        items.know_no_ends_before(plan.begins);
                        (items, plan)
                    }
                    (None, None) => (Items::default(), plan),
                };
                work = plan.events + items.len() as u64;
                // What is kept for others, too, is put through a lens afterwards.
                let own = lens.as_ref().filter(|_| matches!(ground, Ground::Log { .. }));
                let seen = |batch: &Batch<'_>, row: usize| shows(&self.sights, sight, own, batch, row);
                let mut rebuild = Rebuild::new(items, at, &seen);
                self.read_planned(&plan, |row| Ok(rebuild.row(row, &plan)?))?;
                Rc::new(rebuild.finish())
            }
        };
        let items = lens.as_ref().map_or_else(|| whole.clone(), |lens| Rc::new(lens.copy(&whole)));
        work += items.len() as u64;
        if matches!(ground, Ground::Frames(_)) && whole.bytes() <= limits::PAST_KEPT_BYTES {
            self.kept_past = Some(KeptPast { of, items: whole });
        }
        Ok(Then { items, cursor: cursor_of(at, head), work })
    }

    /// A frame's items, without those whose history is being erased.
    fn frame(&self, range: &Range, seq: Seq) -> Answer<Items> {
        let mut reader = FrameReader::default();
        for piece in self.store.pieces(range)? {
            reader.piece(&piece?)?;
        }
        let erased = self.erases.iter().filter(|erase| !erase.is_done() && seq <= erase.upto);
        Ok(reader.finish(erased.map(|erase| erase.key.as_str()))?)
    }

    /// Keeps the items as they are now, when it is time.
    pub(super) fn keep_frame(&mut self) {
        let days = self.keeper.settings().keep.map_or(KEEP_DAYS, |keep| keep.days);
        if !self.past.is_frame_due(self.core.items(), days) {
            return;
        }
        match self.store.change(self.past.frame(self.core.items())) {
            Ok(_) => self.past.stored(),
            // It is tried again with the next checkpoint: nothing depends on it.
            Err(fault) => {
                self.past.frame_failed();
                log_error!("a frame of the past is not written: {fault:?}");
            }
        }
    }

    /// Deletes what the log has up to an event.
    pub(super) fn prune_past(&mut self, last: Seq) -> Answer<()> {
        self.past.pruned(last);
        self.store.delete_rows(last, self.past.checkpoint(Need::Room))?;
        self.past.stored();
        Ok(())
    }

    /// The next frame after an event that may have an item whose history up to another is erased.
    pub(super) fn frame_with(&self, after: Seq, upto: Seq) -> Option<Frame> {
        self.past.frames().iter().find(|frame| frame.seq() > after && frame.seq() <= upto).copied()
    }

    /// Takes an item out of a frame; how many bytes were looked at.
    pub(super) fn erase_from_frame(&self, frame: Frame, key: &str) -> Answer<usize> {
        let mut reader = FrameReader::default();
        for piece in self.store.pieces(&frame.pieces())? {
            reader.piece(&piece?)?;
        }
        let mut items = reader.finish(std::iter::empty())?;
        let bytes = items.bytes();
        if let Some(changes) = Past::without(frame, &mut items, key) {
            self.store.change(changes)?;
        }
        Ok(bytes)
    }
}
