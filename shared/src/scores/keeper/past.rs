//! Standings as they were: made from the log, by the rules that are in force now.

use super::Keeper;
use crate::codec::DecodeError;
use crate::cursor::Seq;
use crate::past::At;
use crate::projection::{Entry, LoggedRow, Said};
use crate::scores::control::Control;
use crate::scores::period::Zones;
use crate::time::Millis;

/// A scoreboard as it was, in the making: it is shown the whole log.
pub struct PastStandings<'z> {
    keeper: Keeper,
    at: At,
    /// The time then.
    now: Millis,
    /// What happened from here on is hidden.
    hidden: Option<Millis>,
    zones: &'z dyn Zones,
}

fn was(at: At, seq: Seq, time: Millis) -> bool {
    match at {
        At::Cursor(upto) => seq <= upto.seq,
        At::Time(until) => time <= until,
    }
}

impl Keeper {
    /// Begins to make the standings as they were; `now` is the time then. What a freeze hides now is hidden in every past, but
    /// for managers (`live`).
    pub fn past<'z>(&self, at: At, now: Millis, live: bool, zones: &'z dyn Zones) -> PastStandings<'z> {
        let known = self.timeline.trail.iter().filter(|(seq, control)| was(at, *seq, control.at));
        let mut keeper = Self::new(self.settings.clone(), known.cloned(), self.life);
        keeper.timeline.rules.clone_from(&self.settings.scores);
        if self.timeline.frozen_at().is_some() && !live {
            // The past knows nothing of a freeze that came later.
            keeper.settings.awards.retain(|award| !award.is_by_key());
        }
        // Its rules are not new: nothing is to be logged.
        let _: Option<Control> = keeper.begin_rebuild(now, zones);
        let hidden = self.timeline.frozen_at().filter(|_| !live);
        PastStandings { keeper, at, now, hidden, zones }
    }
}

impl PastStandings<'_> {
    /// Takes the next row of the log.
    pub fn row(&mut self, row: LoggedRow<'_>) -> Result<(), DecodeError> {
        let mut entry = Entry::read(row)?;
        match &mut entry.said {
            Said::Control(control) if !was(self.at, entry.first, control.at) => return Ok(()),
            Said::Control(_) => {}
            Said::Events(batch) => {
                let times = batch.times.clone();
                let hidden = self.hidden;
                batch.erase(|row| {
                    let time = times.get(row).copied().unwrap_or_default();
                    !was(self.at, entry.first + row as Seq, time) || hidden.is_some_and(|since| time >= since)
                });
            }
        }
        self.keeper.feed(&entry, self.zones);
        Ok(())
    }

    /// The standings.
    pub fn finish(mut self) -> Keeper {
        let _: Option<Control> = self.keeper.finish_rebuild(self.now);
        self.keeper.advance(self.now, self.zones);
        self.keeper
    }
}
