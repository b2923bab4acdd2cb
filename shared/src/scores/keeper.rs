//! The scoreboard of a board object: what it is made from, what managers ask of it, and how it is made anew while
//! the old ranking stays up. Pure: the shell reads and writes the log.

use super::award::AwardRule;
use super::book::Scope;
use super::channel::Channel;
use super::control::{Action, Control};
use super::period::Zones;
use super::rule::{PlayerRules, ScoreRules, SessionRules};
use super::scoreboard::{After, Scoreboard, Timeline};
use super::session::{SessionAction, SessionIndex};
use crate::codec::Batch;
use crate::cursor::{Cursor, Seq};
use crate::problem::{Code, FieldError, Problem};
use crate::projection::{Entry, Said};
use crate::rollups::RollupRules;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod base;
mod correction;
mod kept;
mod past;
mod ranked;
mod wishes;

use base::Bases;
pub use base::CHECKPOINT_PIECES;
pub use correction::Correction;
use kept::Kept;
pub use kept::PieceChange;
pub use ranked::Ranked;

/// The parts of a board's config that its object must know by itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How events become a scoreboard.
    pub scores: Option<ScoreRules>,
    /// What is given to whom, beside the scoreboard.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<AwardRule>,
    /// Whether events belong to sessions.
    pub sessions: Option<SessionRules>,
    /// What players' events must keep to.
    pub players: Option<PlayerRules>,
    /// What is rolled up, and how long it is kept.
    pub rollups: RollupRules,
    /// Whether tracks are kept, and how long.
    #[serde(skip_serializing_if = "crate::tracks::TrackRules::is_usual")]
    pub tracks: crate::tracks::TrackRules,
    /// Milliseconds between pushes.
    pub tick_ms: u32,
    /// What the feed tells of who is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence: Option<crate::presence::Who>,
    /// After how many seconds without an event an item ends.
    pub expire_after_s: Option<u32>,
    /// How long the log is kept; unknown on a board that was configured before it had to know.
    pub keep: Option<Keep>,
    /// Places where readers are not shown where items are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub privacy_zones: Vec<crate::zones::Zone>,
}

/// How long a board's log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// So many days.
    pub days: u32,
    /// While the board has stored no more than so many MiB.
    pub mib: Option<u32>,
}

/// A ranking in the making, from the beginning of the log.
struct Rebuild {
    board: Scoreboard,
    /// The last event that it has seen.
    seq: Seq,
    /// Whether it is made by new rules, to be logged when it takes over.
    new_rules: bool,
    /// Whether it goes on from a checkpoint: what managers did comes with the log.
    goes_on: bool,
}

/// How far a channel is.
struct Followed {
    version: u64,
    about: String,
}

/// The scoreboard of a board.
pub struct Keeper {
    settings: Settings,
    timeline: Timeline,
    board: Option<Scoreboard>,
    rebuild: Option<Rebuild>,
    followed: BTreeMap<Channel, Followed>,
    life: u32,
    kept: Kept,
    bases: Bases,
}

fn refuse(field: &str, code: Code, message: impl Into<String>) -> Problem {
    let e = FieldError::new(field, code, message);
    Problem::about(422, e)
}

impl Keeper {
    /// The keeper of a board that has logged these controls. `life` names this life of its memory. When there are
    /// rules, a rebuild is due.
    pub fn new(settings: Settings, controls: impl IntoIterator<Item = (Seq, Control)>, life: u32) -> Self {
        Self::with_ends(settings, controls, 0, life)
    }

    /// The same of a board of which so many more rows of the log, which are not kept for good, ended items.
    pub fn with_ends(
        settings: Settings,
        controls: impl IntoIterator<Item = (Seq, Control)>,
        ends: u64,
        life: u32,
    ) -> Self {
        let mut timeline = Timeline::after_ends(ends);
        for (seq, control) in controls {
            timeline.apply(seq, &control);
        }
        Self {
            settings,
            timeline,
            board: None,
            rebuild: None,
            followed: BTreeMap::new(),
            life,
            kept: Kept::default(),
            bases: Bases::default(),
        }
    }

    /// The settings.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What managers did.
    pub const fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The scoreboard, when it has been made.
    pub const fn board(&self) -> Option<&Scoreboard> {
        self.board.as_ref()
    }

    /// The life of this memory.
    pub const fn life(&self) -> u32 {
        self.life
    }

    /// Takes the config's parts. True when a rebuild is due.
    pub fn configure(&mut self, settings: Settings) -> bool {
        self.settings = settings;
        self.wants_rebuild()
    }

    /// How long the log is kept is another now.
    pub const fn keep(&mut self, keep: Keep) {
        self.settings.keep = Some(keep);
    }

    /// Whether the ranking must be made: there is none, or by other rules.
    pub fn wants_rebuild(&self) -> bool {
        self.settings.scores != self.timeline.rules || (self.settings.scores.is_some() && self.board.is_none())
    }

    /// Begins to make the ranking anew. None: there are no rules, and a control says so if it did not yet.
    pub fn begin_rebuild(&mut self, now: Millis, zones: &dyn Zones) -> Option<Control> {
        let new_rules = self.settings.scores != self.timeline.rules;
        let Some(rules) = self.settings.scores.clone() else {
            self.rebuild = None;
            let what = Action::Rules { rules: None };
            return new_rules.then(|| Control { at: now, by: "config".to_owned(), what });
        };
        let mut timeline = self.timeline.clone();
        timeline.rules = Some(rules.clone());
        self.rebuild =
            Some(Rebuild { board: Scoreboard::new(timeline, rules, now, zones), seq: 0, new_rules, goes_on: false });
        None
    }

    /// The last event that the ranking in the making has seen.
    pub fn rebuilt_upto(&self) -> Option<Seq> {
        self.rebuild.as_ref().map(|r| r.seq)
    }

    /// Gives the ranking in the making the next row of the log. False: it can't go on from its checkpoint, and has to
    /// begin anew.
    pub fn feed(&mut self, entry: &Entry<'_>, zones: &dyn Zones) -> bool {
        let Some(rebuild) = &mut self.rebuild else { return true };
        rebuild.seq = entry.last;
        match &entry.said {
            Said::Events(batch) => rebuild.board.events(batch, entry.first, zones),
            Said::Control(control) if rebuild.goes_on => {
                let gone = matches!(control.what, Action::Rules { .. });
                return !gone && rebuild.board.control(entry.first, control, zones, |_| None) == After::Done;
            }
            Said::Control(control) => rebuild.board.again(entry.first, control, zones),
        }
        true
    }

    /// The ranking that was made has seen everything: it takes over. A control to log, when its rules are new.
    pub fn finish_rebuild(&mut self, now: Millis) -> Option<Control> {
        let mut rebuild = self.rebuild.take()?;
        if !rebuild.goes_on {
            rebuild.board.finish();
            self.kept.restart();
        }
        self.kept.seen = rebuild.seq;
        let rules = rebuild.board.rules().clone();
        self.board = Some(rebuild.board);
        self.new_life();
        let what = Action::Rules { rules: Some(Box::new(rules)) };
        rebuild.new_rules.then(|| Control { at: now, by: "config".to_owned(), what })
    }

    /// Copies of standings that relays have are not gone on with.
    fn new_life(&mut self) {
        self.life = self.life.wrapping_add(1).max(1);
        self.followed.clear();
    }

    /// How much of the log the ranking in the making has seen, 0 to 1; none when none is being made.
    pub fn rebuilding(&self, cursor: Cursor) -> Option<f64> {
        let done = self.rebuild.as_ref()?.seq as f64;
        Some((done / (cursor.seq.max(1) as f64) * 100.0).floor() / 100.0)
    }

    /// Counts a batch that was logged.
    pub fn events(&mut self, batch: &Batch<'_>, first: Seq, zones: &dyn Zones) {
        if let Some(board) = &mut self.board {
            board.events(batch, first, zones);
            self.kept.seen = first + batch.len() as u64 - 1;
            if self.followed.is_empty() {
                board.forget_changes();
            }
        }
    }

    /// Takes a control that was logged. `key_of` finds the key of an event. True when a rebuild is due.
    pub fn logged(
        &mut self,
        seq: Seq,
        control: &Control,
        zones: &dyn Zones,
        key_of: impl Fn(Seq) -> Option<String>,
    ) -> bool {
        self.timeline.apply(seq, control);
        if let Action::Rules { rules: None } = control.what {
            self.board = None;
            self.new_life();
            return false;
        }
        // One that is being made knows nothing of this: it begins again. It comes to items that ended with the log.
        let ends = matches!(control.what, Action::EndItems { .. });
        let again = !ends && self.rebuild.take().is_some();
        let Some(board) = &mut self.board else { return again };
        let after = board.control(seq, control, zones, key_of);
        self.kept.seen = seq;
        if ends && board.compact() {
            self.kept.restart();
            self.new_life();
        }
        // A restart does not know the event's key, and would begin anew.
        self.kept.urgent |= matches!(control.what, Action::Undo { .. });
        if let Action::Session { action, .. } = control.what
            && !matches!(action, SessionAction::RevealStep | SessionAction::Schedule | SessionAction::RevokeCode)
        {
            // Who sees which ranking may be another now.
            self.new_life();
        }
        again || after == After::Rebuild
    }

    /// What a session should have done by itself by now.
    pub fn due(&self, now: Millis) -> Option<Control> {
        let (index, action, at) = self.timeline.sessions.due(now)?;
        let id = self.timeline.sessions.get(index)?.id.clone();
        let what = Action::Session { id, action, schedule: None, key: None };
        Some(Control { at, by: "schedule".to_owned(), what })
    }

    /// When the board should look again by itself.
    pub fn next_look(&self, now: Millis) -> Option<Millis> {
        let session = self.timeline.sessions.next_due();
        let watched = self.board.as_ref().filter(|_| !self.followed.is_empty());
        let window = watched.and_then(|b| b.rules().window.next_look(now));
        session.into_iter().chain(window).min()
    }

    /// Time has passed: windows move on.
    pub fn advance(&mut self, now: Millis, zones: &dyn Zones) {
        let made = self.rebuild.as_mut().map(|r| &mut r.board);
        self.board.iter_mut().chain(made).for_each(|board| board.advance(now, zones));
    }

    /// The ranking that a name stands for: a session's id, `all`, or none for the current session.
    pub fn scope(&self, session: Option<&str>, group: Option<&str>) -> Result<Scope, Problem> {
        let sessions = &self.timeline.sessions;
        let session: Option<SessionIndex> = match session {
            None => sessions.current(),
            Some("all") => None,
            Some(id) => Some(
                sessions
                    .find(id)
                    .ok_or_else(|| Problem::new(Code::SessionNotFound, format!("there is no session {id}")))?,
            ),
        };
        let group = match group {
            None => None,
            Some(text) => {
                let rules = self.timeline.rules.as_ref();
                let names = rules.map(|r| r.groups.as_slice()).unwrap_or_default();
                let found = text
                    .split_once(':')
                    .and_then(|(field, value)| Some((names.iter().position(|n| n == field)? as u8, value.into())));
                let Some(found) = found else {
                    let message = format!("group is field:value, with a field of {}", names.join(", "));
                    return Err(refuse("group", Code::InvalidParameter, message));
                };
                Some(found)
            }
        };
        Ok(Scope { session, group })
    }

    /// A relay follows a channel: everything of it, packed. Later changes come from [`Keeper::changes`].
    pub fn follow(&mut self, channel: &Channel, cursor: Cursor) -> Vec<u8> {
        let about = self.about(channel, cursor).to_string();
        let followed =
            self.followed.entry(channel.clone()).or_insert_with(|| Followed { version: 1, about: about.clone() });
        let version = followed.version;
        self.message(channel, None, version, cursor, Some(&about), None)
    }

    /// What changed of the channels that relays follow, packed.
    pub fn changes(&mut self, cursor: Cursor) -> Vec<Vec<u8>> {
        let channels: Vec<Channel> = self.followed.keys().cloned().collect();
        // Several channels may show the same ranking (the current session, and the same by its id).
        let mut changed: Vec<(Scope, bool, Vec<super::ranking::RowId>)> = Vec::new();
        let mut out = Vec::new();
        for channel in channels {
            let scope = self.scope(channel.session.as_deref(), channel.group.as_deref()).ok();
            let live = channel.live || self.board.as_ref().is_none_or(|b| !b.is_frozen());
            let rows = match &scope {
                None => Vec::new(),
                Some(scope) => match changed.iter().find(|(s, l, _)| s == scope && *l == live) {
                    Some((_, _, rows)) => rows.clone(),
                    None => {
                        let ranked = self.board.as_mut().and_then(|b| b.ranked_mut(scope, channel.live));
                        let rows = ranked.map(super::book::Ranked::take_changed).unwrap_or_default();
                        changed.push((scope.clone(), live, rows.clone()));
                        rows
                    }
                },
            };
            let about = self.about(&channel, cursor).to_string();
            let Some(followed) = self.followed.get_mut(&channel) else { continue };
            let new_about = (followed.about != about).then_some(about);
            if rows.is_empty() && new_about.is_none() {
                continue;
            }
            let from = followed.version;
            followed.version += 1;
            if let Some(about) = &new_about {
                followed.about.clone_from(about);
            }
            out.push(self.message(&channel, Some(from), from + 1, cursor, new_about.as_deref(), Some(&rows)));
        }
        // Rankings that nobody follows.
        if let Some(board) = &mut self.board {
            board.forget_changes();
        }
        out
    }

    /// Nobody follows any channel any more.
    pub fn forget_followers(&mut self) {
        self.followed.clear();
    }
}

#[cfg(test)]
mod tests;
