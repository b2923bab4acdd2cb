//! What managers did to a scoreboard.

use super::control::{Action, Control};
use super::rule::ScoreRules;
use super::session::{SessionAction, SessionIndex, Sessions};
use crate::cursor::Seq;
use crate::time::Millis;
use std::collections::{BTreeMap, HashSet};

/// Everything that managers ever did, in the order of the log: what a ranking is made by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// The rules in force.
    pub rules: Option<ScoreRules>,
    /// The sessions.
    pub sessions: Sessions,
    pub(super) undone: HashSet<Seq>,
    pub(super) out: BTreeMap<String, String>,
    pub(super) frozen: Option<(SessionIndex, Millis)>,
    pub(super) revealed: Vec<String>,
    /// How many rows of the log ended items.
    ends: u64,
    /// All of it, for the audit.
    pub trail: Vec<(Seq, Control)>,
}

impl Timeline {
    /// Nothing was done but that so many rows of the log ended items.
    pub(super) fn after_ends(ends: u64) -> Self {
        Self { ends, ..Self::default() }
    }

    /// How many rows of the log were controls.
    pub const fn controls(&self) -> u64 {
        self.trail.len() as u64 + self.ends
    }

    /// How many of them ended items.
    pub const fn ends(&self) -> u64 {
        self.ends
    }

    /// Takes the next control of the log.
    pub fn apply(&mut self, seq: Seq, control: &Control) {
        let at = control.at;
        match &control.what {
            Action::Rules { rules } => self.rules = rules.as_deref().cloned(),
            Action::CreateSession { id, title, schedule, code } => {
                self.sessions.create(id.clone(), title.clone(), *schedule, code.clone());
            }
            Action::Session { id, action, schedule, key } => {
                let Some(index) = self.sessions.find(id) else { return };
                self.sessions.act(index, *action, at);
                if let Some(schedule) = schedule {
                    self.sessions.schedule(index, *schedule);
                }
                match action {
                    SessionAction::Freeze => {
                        self.frozen = Some((index, at));
                        self.revealed.clear();
                    }
                    SessionAction::Reveal => {
                        self.frozen = None;
                        self.revealed.clear();
                    }
                    SessionAction::RevealStep => self.revealed.extend(key.clone()),
                    SessionAction::RevealBack => self.revealed.retain(|revealed| Some(revealed) != key.as_ref()),
                    SessionAction::Open
                    | SessionAction::Close
                    | SessionAction::Reopen
                    | SessionAction::Schedule
                    | SessionAction::RevokeCode => {}
                }
            }
            Action::Undo { seq, .. } => drop(self.undone.insert(*seq)),
            // It is done by whoever reads the log, at its place.
            Action::Adjust { .. } => {}
            Action::Disqualify { key, reason } => drop(self.out.insert(key.clone(), reason.clone())),
            Action::Restore { key, .. } => drop(self.out.remove(key)),
            Action::EndItems { .. } => {
                self.ends += 1;
                // Many end by themselves: the trail is of what managers do to the ranking.
                return;
            }
        }
        self.trail.push((seq, control.clone()));
    }

    /// The key that was revealed last, while others are not.
    pub fn last_revealed(&self) -> Option<&str> {
        self.revealed.last().map(String::as_str)
    }

    /// From when on the public sees nothing new, while that is so.
    pub fn frozen_at(&self) -> Option<Millis> {
        self.frozen.map(|(_, at)| at)
    }

    /// All rules that were in force since the freeze.
    pub fn rules_since_freeze(&self) -> Vec<ScoreRules> {
        let (mut rules, mut before) = (Vec::new(), None);
        for (_, control) in &self.trail {
            match &control.what {
                Action::Rules { rules: new } => {
                    before = new.as_deref();
                    rules.extend(before.cloned());
                }
                Action::Session { action: SessionAction::Freeze, .. } => rules = before.cloned().into_iter().collect(),
                Action::Session { .. }
                | Action::CreateSession { .. }
                | Action::Undo { .. }
                | Action::Adjust { .. }
                | Action::Disqualify { .. }
                | Action::EndItems { .. }
                | Action::Restore { .. } => {}
            }
        }
        rules
    }

    /// What managers had done up to a place of the log.
    #[must_use]
    pub fn upto(&self, seq: Seq) -> Self {
        let mut timeline = Self::default();
        self.trail.iter().filter(|(at, _)| *at <= seq).for_each(|(at, control)| timeline.apply(*at, control));
        timeline
    }

    /// Whether an event does not count any more.
    pub fn is_undone(&self, seq: Seq) -> bool {
        self.undone.contains(&seq)
    }

    /// Disqualified keys with the reasons.
    pub const fn disqualified(&self) -> &BTreeMap<String, String> {
        &self.out
    }
}
