//! What whoever may not manage a board sees of it.
//!
//! From a freeze until the reveal, an event that a score rule counts or could count is hidden whole but for its
//! position. On boards with players, a player sees its own events and those that a manager sent. So beside the live
//! items there are others, made from the same log with the same code: what everybody may see, and what managers sent.
//! The board keeps them for its views, a relay for its viewers; both make them from rows, so that they agree.

pub mod lens;
#[cfg(test)]
mod tests;
mod veil;

use lens::Lens;
pub use veil::{Shown, Veil};

use crate::codec::{Batch, DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::items::{Effect, Items};
use crate::rights::Sight;
use crate::scores::control::{Action, Control};
use crate::scores::rule::ScoreRules;
use crate::scores::session::SessionAction;
use crate::scores::timeline::Timeline;
use crate::time::Millis;
use crate::zones::{Zone, Zones};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Which items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Eyes {
    /// All that is.
    Full,
    /// All but what a freeze hides.
    Public,
    /// What managers sent, but what a freeze hides.
    Common,
}

impl Eyes {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Full, Self::Public, Self::Common];
}

/// Items that leave out something.
#[derive(Clone, Debug, Default)]
struct Partial {
    items: Items,
    /// Events of which something is in them.
    events: u64,
}

/// What a board's sights are made by, beside the items: as a relay is told it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SightState {
    /// Whether the board has players.
    pub players: bool,
    /// The rules in force.
    pub rules: Option<ScoreRules>,
    /// What is hidden.
    pub veil: Option<Veil>,
    /// Where the log was when what others see last changed at once.
    pub switched: Seq,
    /// Events that the public may see something of.
    pub public_events: u64,
    /// Events that all players may see something of.
    pub common_events: u64,
    /// Where readers are not shown where items are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
}

/// What whoever may not manage a board sees of it.
#[derive(Clone, Debug, Default)]
pub struct Sights {
    state: SightState,
    /// Those of the state.
    zones: Zones,
    public: Option<Partial>,
    common: Option<Partial>,
    /// The last event that it has seen.
    seen: Seq,
    /// As of which event it is stored.
    stored: Seq,
    /// Whether it changed by something that the log does not tell.
    unsaved: bool,
    /// Whether it was restored or made, and not only begun.
    made: bool,
}

impl Sights {
    /// The sights of a board of which managers did this; `full` are its items, as far as `timeline` goes. Where nothing
    /// else was stored, what changed since a freeze is hidden whole.
    pub fn new(timeline: &Timeline, players: bool, full: &Items, events: u64) -> Self {
        let mut sights = Self::default();
        sights.state.rules.clone_from(&timeline.rules);
        sights.state.players = players;
        for (seq, control) in &timeline.trail {
            sights.note_switch(*seq, control);
        }
        if let Some(at) = timeline.frozen_at() {
            let veil = Veil::new(at, timeline.rules_since_freeze());
            sights.public = Some(Partial { items: full.without_since(veil.since), events });
            sights.state.veil = Some(veil);
        }
        sights.common = players.then(Partial::default);
        sights
    }

    /// The sights of a board that was just restored, when it goes on. Where nothing of them was stored they are made from its
    /// items; what managers sent before is looked for in the log, but what was hidden stays so.
    pub fn go_on(&mut self, timeline: &Timeline, players: bool, full: &Items, events: u64, seen: Seq) {
        if !self.made {
            let then = timeline.upto(seen);
            *self = Self::new(&then, players, full, events);
            self.is_as_of(if players && then.frozen_at().is_none() { 0 } else { seen });
        }
        self.set_players(players);
    }

    /// The last event that it has seen.
    pub const fn seen(&self) -> Seq {
        self.seen
    }

    /// As of which event it is stored, where it is anything of its own.
    pub const fn stored(&self) -> Seq {
        self.stored
    }

    /// Whether it has to be stored at once.
    pub const fn is_unsaved(&self) -> bool {
        self.unsaved
    }

    /// It is stored as of this event.
    pub const fn is_stored(&mut self, seq: Seq) {
        (self.stored, self.unsaved) = (seq, false);
    }

    /// It was restored, and is as of this event.
    pub const fn is_as_of(&mut self, seq: Seq) {
        (self.seen, self.stored, self.made) = (seq, seq, true);
    }

    fn note_switch(&mut self, seq: Seq, control: &Control) {
        if let Action::Session { action: SessionAction::Freeze | SessionAction::Reveal, .. } = control.what {
            self.state.switched = seq;
        }
    }

    /// What hides events now.
    pub const fn veil(&self) -> Option<&Veil> {
        self.state.veil.as_ref()
    }

    /// Whether players see only their own and what managers sent.
    pub const fn players(&self) -> bool {
        self.state.players
    }

    /// Where the log was when what others see last changed at once: a cursor before it does not tell what they have.
    pub const fn switched(&self) -> Seq {
        self.state.switched
    }

    /// Which items somebody sees under a key.
    pub fn eyes(&self, sight: &Sight, key: &str) -> Eyes {
        if sight.manager {
            Eyes::Full
        } else if self.state.players && sight.is_own_only() && sight.own() != Some(key) {
            Eyes::Common
        } else if self.public.is_some() {
            Eyes::Public
        } else {
            Eyes::Full
        }
    }

    /// Which items somebody sees under keys that are not its own.
    pub fn base(&self, sight: &Sight) -> Eyes {
        // No key is empty.
        self.eyes(sight, "")
    }

    /// The key under which somebody sees other items than under other keys.
    pub fn own<'s>(&self, sight: &'s Sight) -> Option<&'s str> {
        sight.own().filter(|key| self.eyes(sight, key) != self.base(sight))
    }

    /// The items that some eyes see; `full` are the live ones.
    pub fn items<'i>(&'i self, eyes: Eyes, full: &'i Items) -> &'i Items {
        let partial = match eyes {
            Eyes::Full => None,
            Eyes::Public => self.public.as_ref(),
            Eyes::Common => self.common.as_ref(),
        };
        partial.map_or(full, |p| &p.items)
    }

    /// The items that somebody sees.
    pub fn seen_by<'i>(&'i self, sight: &Sight, full: &'i Items) -> Cow<'i, Items> {
        let seen = self.seen_whole(sight, full);
        match self.lens(sight) {
            None => seen,
            Some(lens) => Cow::Owned(lens.copy(&seen)),
        }
    }

    /// How somebody sees items and events of which something is shown, where that is not all of each.
    pub fn lens(&self, sight: &Sight) -> Option<Lens> {
        let zones = self.zones(sight);
        let is_whole = sight.narrowed.is_none() && zones.is_empty();
        (!is_whole).then(|| Lens::new(sight.narrowed.as_deref(), zones))
    }

    /// Where somebody is not shown where items are.
    pub fn zones(&self, sight: &Sight) -> Zones {
        if sight.manager { Zones::default() } else { self.zones.clone() }
    }

    /// The config says where readers are not shown where items are. True when that changed.
    pub fn set_zones(&mut self, zones: &[Zone]) -> bool {
        let changed = self.state.zones != zones;
        if changed {
            self.unsaved = true;
            self.state.zones = zones.to_vec();
            self.zones = Zones::of(zones);
            // Who is here has a copy with other positions.
            self.state.switched = self.seen + 1;
        }
        changed
    }

    /// The items of which somebody sees something.
    fn seen_whole<'i>(&'i self, sight: &Sight, full: &'i Items) -> Cow<'i, Items> {
        let base = self.items(self.base(sight), full);
        let Some(key) = self.own(sight) else { return Cow::Borrowed(base) };
        let own = self.items(self.eyes(sight, key), full);
        let item = own.find(key).and_then(|id| own.get(id));
        let end = own.end_of(key);
        if item.is_none() && end.is_none() {
            return Cow::Borrowed(base);
        }
        let mut both = Items::default();
        let mut all: Vec<_> = base.iter().map(|(_, i)| (base, i)).filter(|(_, i)| i.key() != key).collect();
        all.extend(item.map(|item| (own, item)));
        all.sort_by_key(|(_, i)| i.seq);
        all.into_iter().for_each(|(from, i)| both.adopt(from, i, true, i.seq));
        let mut ends = base.ends_since(0);
        ends.retain(|(_, ended)| *ended != key);
        ends.extend(end.map(|seq| (seq, key)));
        ends.sort_unstable();
        ends.into_iter().for_each(|(seq, key)| both.adopt_end(key, seq));
        [base, own].into_iter().for_each(|items| both.know_ends_like(items));
        Cow::Owned(both)
    }

    /// How many events somebody may see something of; `all` is how many there are.
    pub fn events(&self, sight: &Sight, all: u64) -> u64 {
        match self.base(sight) {
            Eyes::Full => all,
            Eyes::Public => self.public.as_ref().map_or(all, |p| p.events),
            Eyes::Common => self.common.as_ref().map_or(all, |p| p.events),
        }
    }

    /// How much of an event somebody sees.
    pub fn shows(&self, sight: &Sight, batch: &Batch<'_>, row: usize) -> Shown {
        if batch.is_hole(row) {
            return Shown::Nothing;
        }
        match self.eyes(sight, batch.key(row)) {
            Eyes::Full => Shown::Whole,
            Eyes::Public => self.shows_public(batch, row),
            Eyes::Common => self.shows_common(batch, row),
        }
    }

    fn shows_public(&self, batch: &Batch<'_>, row: usize) -> Shown {
        self.state.veil.as_ref().map_or(Shown::Whole, |veil| veil.shows(batch, row))
    }

    fn shows_common(&self, batch: &Batch<'_>, row: usize) -> Shown {
        match batch.sent_by {
            crate::codec::SentBy::Manager => self.shows_public(batch, row),
            crate::codec::SentBy::Player { .. } | crate::codec::SentBy::Unknown => Shown::Nothing,
        }
    }

    /// Applies a row of the log. `each` is told of what changed for some eyes.
    pub fn apply(&mut self, batch: &Batch<'_>, first: Seq, mut each: impl FnMut(Eyes, &Items, Effect)) {
        self.seen = first + batch.len() as u64 - 1;
        for eyes in [Eyes::Public, Eyes::Common] {
            let slot = if eyes == Eyes::Public { &mut self.public } else { &mut self.common };
            let Some(mut partial) = slot.take() else { continue };
            let shown: Vec<Shown> = (0..batch.len())
                .map(|row| match eyes {
                    _ if batch.is_hole(row) => Shown::Nothing,
                    Eyes::Public => self.shows_public(batch, row),
                    Eyes::Full | Eyes::Common => self.shows_common(batch, row),
                })
                .collect();
            let shows = |row: usize| shown.get(row).copied().unwrap_or(Shown::Nothing);
            partial.events += shown.iter().filter(|s| **s != Shown::Nothing).count() as u64;
            partial.items.apply_shown(batch, first, shows, |items, effect| each(eyes, items, effect));
            *(if eyes == Eyes::Public { &mut self.public } else { &mut self.common }) = Some(partial);
        }
    }

    /// Takes a control of the log; `full` are the live items at this place, `events` how many there were. True when
    /// what others see changed at once.
    pub fn control(&mut self, seq: Seq, control: &Control, full: &Items, events: u64) -> bool {
        self.seen = seq;
        let at = control.at;
        match &control.what {
            Action::Rules { rules } => {
                self.state.rules = rules.as_deref().cloned();
                // What was hidden stays hidden, whatever the rules are now.
                if let (Some(veil), Some(rules)) = (&mut self.state.veil, rules) {
                    veil.also(rules);
                }
                false
            }
            Action::Session { action: SessionAction::Freeze, .. } => {
                let veil = Veil::new(at, self.state.rules.iter().cloned().collect());
                self.public = Some(self.as_of(full, at, events));
                if let Some(common) = &mut self.common {
                    common.items = hide_since(&common.items, at);
                }
                self.state.veil = Some(veil);
                self.state.switched = seq;
                true
            }
            Action::Session { action: SessionAction::Reveal, .. } => {
                let was = self.state.veil.take().is_some();
                self.public = None;
                self.state.switched = seq;
                was
            }
            // Others' items end as well, and who sees them is told of that as of any change.
            Action::EndItems { .. } => {
                let partials = [&mut self.public, &mut self.common].into_iter().flatten();
                partials.for_each(|p| p.items.control(control, seq));
                false
            }
            Action::Session { .. }
            | Action::CreateSession { .. }
            | Action::Undo { .. }
            | Action::Adjust { .. }
            | Action::Disqualify { .. }
            | Action::Restore { .. } => false,
        }
    }

    fn as_of(&self, full: &Items, at: Millis, events: u64) -> Partial {
        // A second freeze hides no less than the first.
        let (items, events) = self.public.as_ref().map_or((full, events), |p| (&p.items, p.events));
        Partial { items: hide_since(items, at), events }
    }

    /// The config says whether there are players. True when what others see changed at once: then those items begin
    /// empty, with what managers send from now on.
    pub fn set_players(&mut self, players: bool) -> bool {
        let changed = self.state.players != players;
        self.unsaved |= changed;
        self.state.players = players;
        if !players {
            self.common = None;
        } else if self.common.is_none() {
            self.common = Some(Partial::default());
        }
        changed
    }

    /// Whether a row of the log may change something here.
    pub const fn is_idle(&self) -> bool {
        self.public.is_none() && self.common.is_none()
    }

    /// Everything as parts, each below the limit of a row.
    pub fn to_parts(&self) -> Vec<Vec<u8>> {
        let mut state = self.state.clone();
        state.public_events = self.public.as_ref().map_or(0, |p| p.events);
        state.common_events = self.common.as_ref().map_or(0, |p| p.events);
        let part = |kind: u8, bytes: &[u8]| {
            let mut w = Writer::with_capacity(bytes.len() + 1);
            w.u8(kind);
            w.raw(bytes);
            w.finish()
        };
        let mut parts = vec![part(0, &serde_json::to_vec(&state).unwrap_or_default())];
        for (kind, partial) in [(1, &self.public), (2, &self.common)] {
            let own = partial.iter().flat_map(|p| p.items.to_snapshot());
            parts.extend(own.map(|bytes| part(kind, &bytes)));
        }
        parts
    }

    /// What [`Sights::to_parts`] made.
    pub fn from_parts<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Result<Self, DecodeError> {
        let mut sights = Self::default();
        let (mut public, mut common) = (Vec::new(), Vec::new());
        for bytes in parts {
            let mut r = Reader::new(bytes);
            let kind = r.u8()?;
            let rest = r.take(r.remaining())?;
            match kind {
                0 => sights.state = serde_json::from_slice(rest).map_err(|_| DecodeError::Invalid("sights"))?,
                1 => public.push(rest),
                2 => common.push(rest),
                _ => return Err(DecodeError::Invalid("part of sights")),
            }
        }
        let read = |parts: Vec<&[u8]>, events| {
            let items = Items::from_snapshot(parts).map_err(|_| DecodeError::Invalid("items of sights"))?;
            Ok::<_, DecodeError>(Partial { items, events })
        };
        sights.zones = Zones::of(&sights.state.zones);
        if sights.state.veil.is_some() {
            sights.public = Some(read(public, sights.state.public_events)?);
        }
        if sights.state.players {
            sights.common = Some(read(common, sights.state.common_events)?);
        }
        Ok(sights)
    }
}

/// Items without what happened from a time on. Mostly nothing did yet, and they are the same.
fn hide_since(items: &Items, at: Millis) -> Items {
    if items.iter().all(|(_, i)| i.time < at) { items.clone() } else { items.without_since(at) }
}
