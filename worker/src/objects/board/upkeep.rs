//! What a board does by itself: checkpoints, pruning, its alarm. Nothing of this belongs to a request: when it fails, no
//! request does, and it is tried again, later each time.

use super::{DAY_MILLIS, Inner, Loaded};
use crate::clock;
use crate::fault::Answer;
use crate::trace::InBackground;
use heliograph_shared::board::backoff;
use heliograph_shared::limits;
use heliograph_shared::projection::Need;
use heliograph_shared::scores::keeper::Keep;
use heliograph_shared::time::Millis;
use std::rc::Rc;

/// When there is something to prune that something else still needs, it is looked at again so much later.
const PRUNE_AGAIN_MILLIS: i64 = 3_600_000;
/// A pause between two slices of pruning, in which others get their turn.
const SLICE_PAUSE_MILLIS: i64 = 100;

impl Inner {
    /// Does what is due of checkpoints, rollups and pruning.
    pub(super) fn keep_up(&self, now: Millis, keep: Option<Keep>) {
        if self.upkeep_at.get() > now {
            return;
        }
        match self.with(|b| b.keep_up(now, keep)) {
            Ok(more) => {
                self.upkeep_failures.set(0);
                if more {
                    // What is left to prune needs an alarm sooner than the one that is set.
                    self.alarm_at.set(None);
                }
            }
            Err(fault) => {
                let failures = self.upkeep_failures.get().saturating_add(1);
                self.upkeep_failures.set(failures);
                self.upkeep_at.set(now.plus(backoff(failures)));
                log_error!("upkeep failed {failures} times: {fault:?}");
            }
        }
    }

    /// The alarm has come. The next one is set before anything is done: whatever fails, the board wakes again.
    pub(super) async fn wake(self: &Rc<Self>) -> Answer<()> {
        let failures = self.alarm_failures.get().saturating_add(1);
        self.alarm_failures.set(failures);
        self.state.storage().set_alarm(backoff(failures)).await?;
        self.alarm_at.set(None);
        self.guarded.set(true);
        let looked = match self.is_there() {
            Ok(true) => self.look(),
            // Of a board that was deleted, only that is to be brought to its end.
            Ok(false) => Ok(()),
            Err(fault) => Err(fault),
        };
        self.speak();
        match looked {
            Ok(()) => {
                self.alarm_failures.set(0);
                self.set_alarm();
            }
            Err(fault) => log_error!("alarm failed {failures} times: {fault:?}"),
        }
        Ok(())
    }

    /// Does what is due by now.
    fn look(self: &Rc<Self>) -> Answer<()> {
        let now = clock::now();
        self.with(|b| {
            self.check_relays(b)?;
            self.keep_time(b)?;
            self.end_silent(b, now)?;
            b.erase_when_due(now)?;
            b.drop_old_letters(now)?;
            b.trim_watch(now)?;
            b.watch.alarms.advance(now);
            b.rank_for_alarms(now)?;
            b.prune_when_due(now)
        })?;
        self.keep_up(now, None);
        self.tell_webhooks();
        self.pusher.nudge();
        self.go_on();
        Ok(())
    }

    /// When something is due on a board that is there.
    fn next_look(&self, now: Millis) -> Answer<Option<Millis>> {
        self.with(|b| {
            let delivery = b.archive.as_ref().and_then(|a| a.next_look(now));
            let (pruning, ends) = (b.next_prune(), self.ends.next(b, now));
            let (silent, relays) = (b.next_end(now)?, self.pusher.check_at());
            let own = b.keeper.next_look(now).into_iter().chain(b.next_erase(now)).chain(b.next_trim(now));
            let own = own.chain(b.next_alarm(now)).chain(self.next_telling(b, now)?);
            Ok(own.chain(delivery).chain(pruning).chain(ends).chain(silent).chain(relays).min())
        })
    }

    /// Something that the board does by itself has failed: the alarm has it tried again.
    pub(super) fn retry(self: &Rc<Self>) {
        let failures = self.upkeep_failures.get().saturating_add(1);
        self.upkeep_failures.set(failures);
        self.upkeep_at.set(clock::now().plus(backoff(failures)));
        self.set_alarm();
    }

    /// Has the platform wake the board when something is due: of the scoreboard, of delivery, of pruning, of items that
    /// end, or to see whether relays have confirmed. There is one alarm.
    pub(super) fn set_alarm(self: &Rc<Self>) {
        let now = clock::now();
        let is_there = self.is_there();
        let next = is_there.and_then(|is_there| if is_there { self.next_look(now) } else { Ok(None) });
        let next = next.unwrap_or_else(|fault| {
            log_error!("when to look again: {fault:?}");
            Some(now.plus(backoff(self.alarm_failures.get())))
        });
        let failing = (self.upkeep_failures.get() > 0).then(|| self.upkeep_at.get());
        let told = self.own.next(now);
        let Some(at) = next.into_iter().chain(failing).chain(told).min() else {
            if self.guarded.replace(false) {
                let own = self.clone();
                self.state.in_background(async move {
                    if let Err(e) = own.state.storage().delete_alarm().await {
                        log_error!("alarm: {e:?}");
                    }
                });
            }
            return;
        };
        if self.alarm_at.get().is_some_and(|set| set <= at && set > now) {
            return;
        }
        self.alarm_at.set(Some(at));
        self.guarded.set(false);
        let own = self.clone();
        self.state.in_background(async move {
            let wait = at.since(clock::now()).max(1);
            if let Err(e) = own.state.storage().set_alarm(wait).await {
                // The next request sets it.
                own.alarm_at.set(None);
                log_error!("alarm: {e:?}");
            }
        });
    }
}

impl Loaded {
    /// Whether there is more to prune.
    fn keep_up(&mut self, now: Millis, keep: Option<Keep>) -> Answer<bool> {
        if let Some(keep) = keep {
            self.keep_for(keep)?;
        }
        // Pruning goes at the pace of the items' checkpoints.
        let prunes = self.core.is_checkpoint_due();
        self.write_checkpoints(Need::Due)?;
        let mut more = false;
        if prunes {
            self.drop_old_letters(now)?;
            // What is not yet written would hold the rows.
            if self.keeper.settings().keep.is_some_and(|keep| self.is_too_large(keep)) {
                self.write_checkpoints(Need::Room)?;
            }
            more = self.prune(now)?;
        }
        self.keep_frame();
        self.trim_watch(now)?;
        // Before this request's cursor can be seen: a cursor has one answer.
        self.forget(now)?;
        Ok(more)
    }

    /// How long the log is kept.
    fn keep_for(&mut self, keep: Keep) -> Answer<()> {
        if self.keeper.settings().keep != Some(keep) {
            let mut settings = self.keeper.settings().clone();
            settings.keep = Some(keep);
            self.store.put_settings(&settings)?;
            self.keeper.keep(keep);
            self.prune_not_before = Millis(0);
        }
        Ok(())
    }

    fn is_too_large(&self, keep: Keep) -> bool {
        keep.mib.is_some_and(|mib| self.store.bytes() as u64 > u64::from(mib) << 20)
    }

    /// Deletes some of the rows that are too old, or too many; whether there may be more.
    fn prune(&mut self, now: Millis) -> Answer<bool> {
        let Some(keep) = self.keeper.settings().keep else { return Ok(false) };
        let too_large = self.is_too_large(keep);
        let before =
            if too_large { Millis(limits::TIME_MAX_MILLIS) } else { now.plus(-i64::from(keep.days) * DAY_MILLIS) };
        let moved = self.keeper.settings().scores.is_some() && self.move_base(before, keep)?;
        let floor = self.floor();
        let Some(old) = self.store.old_rows(floor, before)? else { return Ok(moved) };
        self.prune_past(old.last)?;
        self.oldest = self.store.oldest_accepted()?;
        Ok(old.more || too_large || moved)
    }

    /// When there is something to prune.
    fn next_prune(&self) -> Option<Millis> {
        let keep = self.keeper.settings().keep?;
        if self.is_too_large(keep) {
            return self.oldest.map(|_| self.prune_not_before);
        }
        let by_age = self.oldest?.plus(i64::from(keep.days) * DAY_MILLIS);
        Some(by_age.max(self.prune_not_before))
    }

    /// Prunes a board that nobody sends anything to.
    fn prune_when_due(&mut self, now: Millis) -> Answer<()> {
        if self.next_prune().is_none_or(|at| at > now) {
            return Ok(());
        }
        // What is not yet in checkpoints would hold the rows.
        let more_pieces = self.write_checkpoints(Need::Room)?;
        let more_rows = self.prune(now)?;
        let pause = if more_pieces || more_rows { SLICE_PAUSE_MILLIS } else { PRUNE_AGAIN_MILLIS };
        self.prune_not_before = now.plus(pause);
        Ok(())
    }
}
