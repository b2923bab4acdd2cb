//! What watches a board's items: fences, and alarms, which go by what happens at fences. One [projection](crate::projection)
//! of the log: both take each row together, and are stored together.

use crate::alarms::{AlarmRule, Alarms, Ground, RuleId};
use crate::codec::{Batch, DecodeError};
use crate::cursor::Seq;
use crate::fences::{FenceId, Fences};
use crate::items::Items;
use crate::problem::{Code, Problem};
use crate::projection::{Changes, Entry, Need, Piece, Projection, Range, Said, Table};
use crate::scores::control::Control;
use crate::time::Millis;

/// A board's fences and alarms.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// Places with a border.
    pub fences: Fences,
    /// Rules, and what they raise.
    pub alarms: Alarms,
}

impl Watch {
    /// Takes a row of the log that came at `at`. Rows come in order.
    pub fn apply(&mut self, batch: &Batch<'_>, first: Seq, at: Millis) {
        self.fences.apply(batch, first, at);
        self.alarms.apply(batch, first, at, &self.fences);
    }

    /// Takes a control of the log.
    pub fn control(&mut self, seq: Seq, control: &Control, at: Millis) {
        self.fences.control(seq, control, at);
        self.alarms.control(seq, control, at, &self.fences);
    }

    /// Forgets an item.
    pub fn erase(&mut self, key: &str, seq: Seq) {
        self.fences.erase(key, seq);
        self.alarms.erase(key, seq);
    }

    /// Drops what the board learned of before; whether there was any.
    pub fn trim(&mut self, before: Millis) -> bool {
        let fences = self.fences.trim(before);
        self.alarms.trim(before) || fences
    }

    /// When the board learned of the oldest that is kept.
    pub fn oldest(&self) -> Option<Millis> {
        let fences = self.fences.happenings().oldest();
        fences.into_iter().chain(self.alarms.log().oldest()).min()
    }

    /// Makes a rule, or changes one; see [`Alarms::put`].
    pub fn put_rule(
        &mut self,
        id: &RuleId,
        rule: &AlarmRule,
        items: &Items,
        (head, now): (Seq, Millis),
    ) -> Result<Option<bool>, Problem> {
        self.alarms.put(id, rule, Ground { items, fences: &self.fences, head, now })
    }

    /// Takes a rule away; see [`Alarms::remove`].
    pub fn remove_rule(&mut self, id: &RuleId, items: &Items, (head, now): (Seq, Millis)) -> bool {
        self.alarms.remove(id, Ground { items, fences: &self.fences, head, now })
    }

    /// Takes a fence away, if no rule needs it; whether there was one.
    pub fn remove_fence(&mut self, id: &FenceId) -> Result<bool, Problem> {
        if let Some(rule) = self.alarms.rule_of_fence(id) {
            let message = format!("the alarm rule {:?} is about this fence; delete or change it first", rule.as_str());
            return Err(Problem::new(Code::FenceInUse, message));
        }
        Ok(self.fences.remove(id))
    }

    fn is_due(&self, need: Need) -> bool {
        self.fences.is_due(need) || self.alarms.is_due(need)
    }
}

impl Projection for Watch {
    fn reads_after(&self) -> Option<Seq> {
        self.fences.reads_after().into_iter().chain(self.alarms.reads_after()).min()
    }

    fn apply(&mut self, entry: &Entry<'_>) -> Result<(), DecodeError> {
        let (for_fences, for_alarms) = (self.fences.reads_after(), self.alarms.reads_after());
        let is_new = |seen: Option<Seq>| seen.is_some_and(|seen| seen < entry.last);
        if is_new(for_fences) {
            Projection::apply(&mut self.fences, entry)?;
        }
        if is_new(for_alarms) {
            match &entry.said {
                Said::Events(batch) => self.alarms.apply(batch, entry.first, entry.at, &self.fences),
                Said::Control(control) => self.alarms.control(entry.last, control, entry.at, &self.fences),
            }
        }
        Ok(())
    }

    fn floor(&self) -> Seq {
        self.fences.floor().min(self.alarms.floor())
    }

    /// Both, or none: what alarms have looked at of what happens at fences is as of the same row.
    fn checkpoint(&mut self, need: Need) -> Changes<'_> {
        if !self.is_due(need) {
            return Box::new(std::iter::empty());
        }
        let alarms = self.alarms.is_unsaved().then(|| self.alarms.changes());
        Box::new(self.fences.checkpoint(Need::Room).chain(alarms.into_iter().flatten()))
    }

    fn has_more(&self) -> bool {
        self.fences.has_more() || self.alarms.is_unsaved()
    }

    fn stored(&mut self) {
        self.fences.stored();
        if self.alarms.is_unsaved() {
            self.alarms.stored();
        }
    }

    fn not_stored(&mut self) -> bool {
        true
    }

    fn pieces(&self) -> Vec<Range> {
        let mut all = self.fences.pieces();
        all.push(Alarms::range());
        all
    }

    fn restore(&mut self, piece: Piece) -> Result<(), DecodeError> {
        if piece.table == Table::Alarms { self.alarms.restore(&piece) } else { self.fences.restore(piece) }
    }
}
