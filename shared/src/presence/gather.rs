//! Puts together what a board's relays count. Pure: the shell makes the calls that [`Gather::due`] wants.

use super::{Report, Roster, Told, Who, next_number};
use crate::limits;
use crate::time::Millis;
use siphasher::sip::SipHasher13;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// A relay, as far as it has said anything.
#[derive(Default)]
struct Known {
    report: Option<Report>,
    /// When it last said something.
    heard: Option<Millis>,
    /// It is asked, whatever there is to tell it.
    ask: bool,
    /// A call to it is under way.
    calling: bool,
    /// What it was told last, and when.
    told: Option<u64>,
    told_at: Option<Millis>,
    /// Calls in a row that failed.
    failures: u32,
}

impl Known {
    fn follows(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.follows)
    }

    /// Whether it is not known yet whether anybody is there: one that does not answer is not waited for.
    const fn is_awaited(&self) -> bool {
        self.report.is_none() && self.failures == 0
    }

    fn take(&mut self, now: Millis, report: Report) {
        if self.report.as_ref().is_none_or(|before| before.number < report.number) {
            self.report = Some(report);
        }
        self.heard = Some(now);
        self.failures = 0;
    }
}

/// A call that a relay is to get; its answer is a [`Report`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The relay's name.
    pub relay: String,
    /// What it is told.
    pub told: Told,
}

/// What a board knows of who is there.
#[derive(Default)]
pub struct Gather {
    /// Whether the relays that there were at the beginning have been taken in.
    began: bool,
    relays: BTreeMap<String, Known>,
    number: u64,
}

/// What is told to a relay, apart from its number.
#[derive(Hash)]
struct Content {
    who: Option<Who>,
    watched: bool,
    elsewhere: Option<Roster>,
}

impl Content {
    fn hashed(&self) -> u64 {
        let mut hasher = SipHasher13::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

impl Gather {
    /// A relay tells what it counts; what it is told. `relays` are the names of those that the board knows of: when somebody
    /// begins to follow, or the board knows nothing yet, each of them is asked.
    pub fn report(
        &mut self,
        now: Millis,
        name: &str,
        report: Report,
        who: Option<Who>,
        relays: impl Iterator<Item = String>,
    ) -> Told {
        let was_watched = self.is_watched(who);
        self.relays.entry(name.to_owned()).or_default().take(now, report);
        if who.is_some() && !self.began || self.is_watched(who) && !was_watched {
            self.began = true;
            for relay in relays {
                self.relays.entry(relay).or_default();
            }
            // What they said while nobody followed is of then.
            for (_, known) in self.relays.iter_mut().filter(|(other, _)| *other != name) {
                *known = Known { ask: true, calling: known.calling, ..Known::default() };
            }
        }
        let total = self.total(who);
        let content = self.content(name, who, total.as_ref());
        if let Some(known) = self.relays.get_mut(name) {
            (known.ask, known.told, known.told_at) = (false, Some(content.hashed()), Some(now));
        }
        self.told(now, content)
    }

    /// A relay has begun anew: what is known of it is of before. Whether it is asked.
    pub fn registered(&mut self, name: &str) -> bool {
        if self.began {
            let known = self.relays.entry(name.to_owned()).or_default();
            known.ask = true;
            if let Some(report) = &mut known.report {
                // Its next report counts, whatever its clock says.
                report.number = 0;
            }
        }
        self.began
    }

    /// Which relays are to be called now, and when there may be more. `who` is what the config allows.
    pub fn due(&mut self, now: Millis, who: Option<Who>) -> (Vec<Call>, Option<Millis>) {
        let total = self.total(who);
        let watched = self.is_watched(who);
        // Many relays are told less often: a board's work a second is bounded.
        let pace = limits::PRESENCE_MILLIS.max(self.relays.len() as i64 * limits::PRESENCE_RELAY_MILLIS);
        let (mut calls, mut next) = (Vec::new(), None);
        let names: Vec<String> = self.relays.keys().cloned().collect();
        for name in names {
            let content = self.content(&name, who, total.as_ref());
            let hash = content.hashed();
            let Some(known) = self.relays.get_mut(&name).filter(|known| !known.calling) else { continue };
            let has_any = known.report.as_ref().is_some_and(|report| report.follows || report.roster.count > 0);
            let is_silent = known.heard.is_none_or(|at| now.since(at) >= limits::PRESENCE_SILENT_MILLIS);
            // Who follows is told nothing before everybody has been asked.
            let is_told_later = known.follows() && who.is_some() && total.is_none();
            let has_news = known.told != Some(hash) && !is_told_later;
            if !(known.ask || has_news || watched && has_any && is_silent) {
                continue;
            }
            let pause = pace << known.failures.min(8);
            let at = known.told_at.map_or(now, |at| at.plus(pause));
            if at > now {
                next = Some(next.map_or(at, |next: Millis| next.min(at)));
                continue;
            }
            (known.ask, known.calling) = (false, true);
            (known.told, known.told_at) = (Some(hash), Some(now));
            let told = self.told(now, content);
            calls.push(Call { relay: name, told });
        }
        (calls, next)
    }

    /// A relay has answered a call.
    pub fn answered(&mut self, now: Millis, name: &str, report: Report) {
        // One that is gone from here has nobody.
        if let Some(known) = self.relays.get_mut(name) {
            known.calling = false;
            known.take(now, report);
        }
    }

    /// A relay has answered that it has nobody.
    pub fn gone(&mut self, name: &str) {
        if let Some(known) = self.relays.get_mut(name).filter(|known| known.ask) {
            // It began anew while it was asked.
            *known = Known { ask: true, ..Known::default() };
            return;
        }
        self.relays.remove(name);
    }

    /// Whether nothing is known of any relay.
    pub fn is_empty(&self) -> bool {
        self.relays.is_empty()
    }

    /// A relay has not answered. After some times it is taken for dead, with all its connections; if it is not, it will say so.
    pub fn failed(&mut self, now: Millis, name: &str) {
        let Some(known) = self.relays.get_mut(name) else { return };
        (known.calling, known.ask, known.told, known.told_at) = (false, true, None, Some(now));
        known.failures += 1;
        if known.failures >= limits::PRESENCE_TRIES {
            self.relays.remove(name);
        }
    }

    /// How many connections are known of.
    pub fn count(&self) -> u32 {
        self.relays.values().filter_map(|known| known.report.as_ref()).map(|report| report.roster.count).sum()
    }

    fn is_watched(&self, who: Option<Who>) -> bool {
        who.is_some() && self.relays.values().any(Known::follows)
    }

    /// Everybody; none until each relay has been asked.
    fn total(&self, who: Option<Who>) -> Option<Roster> {
        let who = who.filter(|_| self.began && !self.relays.values().any(Known::is_awaited))?;
        let mut total = Roster::default();
        for report in self.relays.values().filter_map(|known| known.report.as_ref()) {
            total.add(&report.roster);
        }
        Some(if who == Who::Names { total } else { total.seen(false) })
    }

    fn content(&self, name: &str, who: Option<Who>, total: Option<&Roster>) -> Content {
        let report = self.relays.get(name).and_then(|known| known.report.as_ref());
        let own = report.filter(|report| report.follows).map(|report| &report.roster);
        let elsewhere = total.zip(own).map(|(total, own)| total.without(own));
        Content { who, watched: self.is_watched(who), elsewhere }
    }

    fn told(&mut self, now: Millis, content: Content) -> Told {
        self.number = next_number(self.number, now);
        let Content { who, watched, elsewhere } = content;
        Told { number: self.number, who, watched, elsewhere }
    }
}
