//! A board's scoreboard: its rules, its sessions, its rankings, made from the log row by row.

use super::attributes::{Attributes, Known, Said};
use super::book::{Book, Ranked, Scope};
use super::control::{Action, Control};
use super::period::Zones;
use super::points::Points;
use super::ranking::{Place, Reached};
use super::rule::ScoreRules;
use super::session::{SessionAction, SessionIndex};
use super::tally::{Adjustment, EventView};
pub use super::timeline::Timeline;
use crate::codec::{Batch, SentBy};
use crate::cursor::Seq;
use crate::time::Millis;
use std::collections::HashSet;
use std::sync::Arc;

/// What the public does not see yet.
#[derive(Clone, Debug)]
struct Frozen {
    session: SessionIndex,
    at: Millis,
    book: Book,
    /// What was known of keys at the freeze, of which something hidden said otherwise since.
    known: Known,
    revealed: HashSet<String>,
}

impl Frozen {
    fn new(session: SessionIndex, at: Millis, book: Book) -> Self {
        Self { session, at, book, known: Known::new(), revealed: HashSet::new() }
    }
}

/// What a checkpoint holds of a scoreboard.
pub(super) struct Parts<'s> {
    /// The latest event time.
    pub newest: Option<Millis>,
    /// What is known of keys.
    pub attributes: &'s Known,
    /// The rankings as managers see them.
    pub live: &'s Book,
    /// The rankings as the public sees them, and what it knows of keys, where that is something else.
    pub frozen: Option<(&'s Book, &'s Known)>,
}

/// What must follow a control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Nothing: the rankings are right.
    Done,
    /// The rankings must be made anew from the log.
    Rebuild,
}

/// A board's scoreboard.
#[derive(Clone, Debug)]
pub struct Scoreboard {
    /// What managers did.
    pub timeline: Timeline,
    rules: ScoreRules,
    attributes: Known,
    live: Book,
    frozen: Option<Frozen>,
    newest: Option<Millis>,
}

impl Scoreboard {
    /// A scoreboard that has seen no event. Feed it the log from the beginning, then [`Scoreboard::finish`].
    pub fn new(timeline: Timeline, rules: ScoreRules, now: Millis, zones: &dyn Zones) -> Self {
        let first = rules.window.first(now, zones);
        let book = || Book::new(&rules, first);
        let frozen = timeline.frozen.map(|(session, at)| Frozen::new(session, at, book()));
        let live = book();
        Self { timeline, rules, attributes: Known::new(), live, frozen, newest: None }
    }

    /// The rules.
    pub const fn rules(&self) -> &ScoreRules {
        &self.rules
    }

    /// What is known of a key.
    pub fn attributes(&self, key: &str) -> Option<&Attributes> {
        self.attributes.get(key)
    }

    /// What managers (`live`) or the public know of a key.
    pub fn known(&self, key: &str, live: bool) -> Option<&Attributes> {
        let hidden = self.frozen.as_ref().filter(|f| !live && !f.revealed.contains(key));
        hidden.and_then(|f| f.known.get(key)).or_else(|| self.attributes.get(key))
    }

    pub(super) fn parts(&self) -> Parts<'_> {
        let frozen = self.frozen.as_ref().map(|f| (&f.book, &f.known));
        Parts { newest: self.newest, attributes: &self.attributes, live: &self.live, frozen }
    }

    /// A scoreboard from a checkpoint's parts. None: they do not fit what managers did.
    pub(super) fn restore(
        timeline: Timeline,
        rules: ScoreRules,
        newest: Option<Millis>,
        attributes: Known,
        live: Book,
        frozen: Option<(Book, Known)>,
    ) -> Option<Self> {
        let frozen = match (timeline.frozen, frozen) {
            (None, None) => None,
            (Some((session, at)), Some((book, known))) => {
                let revealed = timeline.revealed.iter().cloned().collect();
                Some(Frozen { session, at, book, known, revealed })
            }
            (None, Some(_)) | (Some(_), None) => return None,
        };
        Some(Self { timeline, rules, attributes, live, frozen, newest })
    }

    /// The same scoreboard as it goes on when managers have done this in all: what was counted stays counted.
    pub(super) fn go_on_with(mut self, timeline: Timeline) -> Self {
        self.frozen = timeline.frozen.map(|(session, at)| Frozen::new(session, at, self.live.clone()));
        self.timeline = timeline;
        for (_, control) in &self.timeline.trail {
            if let Action::Disqualify { key, .. } | Action::Restore { key, .. } = &control.what {
                let out = self.timeline.out.contains_key(key);
                let books = std::iter::once(&mut self.live).chain(self.frozen.as_mut().map(|f| &mut f.book));
                books.for_each(|book| book.settle(&self.rules, key, out));
            }
        }
        self
    }

    /// The latest event time that was ever seen.
    pub const fn newest(&self) -> Option<Millis> {
        self.newest
    }

    /// Whether the public sees less than managers do.
    pub const fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// The rankings as managers (`live`) or the public see them.
    pub fn book(&self, live: bool) -> &Book {
        match &self.frozen {
            Some(f) if !live => &f.book,
            _ => &self.live,
        }
    }

    /// Whether the public does not see all of a key.
    pub(super) fn hides(&self, key: &str) -> bool {
        self.frozen.as_ref().is_some_and(|f| !f.revealed.contains(key))
    }

    /// The keys that were revealed while others are not.
    pub(super) fn revealed(&self) -> impl Iterator<Item = &str> {
        self.frozen.iter().flat_map(|f| f.revealed.iter().map(String::as_str))
    }

    fn book_mut(&mut self, live: bool) -> &mut Book {
        match &mut self.frozen {
            Some(f) if !live => &mut f.book,
            _ => &mut self.live,
        }
    }

    /// A ranking as an audience sees it.
    pub fn ranked(&self, scope: &Scope, live: bool) -> Option<&Ranked> {
        self.book(live).get(scope)
    }

    /// The first of the ranking, as managers see it; ties go on behind `count`.
    pub fn leaders(&self, count: u32) -> Vec<Place<'_>> {
        self.ranked(&Scope::ALL, true).map(|ranked| ranked.ranking.page(0, count)).unwrap_or_default()
    }

    /// A ranking as an audience sees it.
    pub fn ranked_mut(&mut self, scope: &Scope, live: bool) -> Option<&mut Ranked> {
        self.book_mut(live).get_mut(scope)
    }

    /// Counts a batch whose first event has sequence `first`.
    pub fn events(&mut self, batch: &Batch<'_>, first: Seq, zones: &dyn Zones) {
        for row in (0..batch.len()).filter(|row| !batch.is_hole(*row)) {
            let time = batch.times.get(row).copied().unwrap_or_default();
            // What players say of the time decides where their events belong, not who was first.
            let at = match batch.sent_by {
                SentBy::Player { at } => at,
                SentBy::Manager | SentBy::Unknown => time,
            };
            let at = Reached(at, first + row as u64);
            self.event(&EventView::new(batch, row), batch.key(row), time, at, zones);
        }
    }

    fn event(&mut self, event: &EventView<'_>, key: &str, time: Millis, at: Reached, zones: &dyn Zones) {
        let seq = at.1;
        self.newest = self.newest.max(Some(time));
        let hidden = self.frozen.as_ref().is_some_and(|f| time >= f.at) && self.rules.reads(event);
        let groups = self.know(event, key, at.0, hidden);
        let bucket = self.rules.window.bucket(time, zones);
        let scored = self.rules.score(event, at, bucket);
        if scored.is_none() && !self.rules.everyone {
            return;
        }
        // What was undone is worth nothing; the key was there all the same.
        let scored = scored.filter(|_| !self.timeline.is_undone(seq));
        let out = self.timeline.out.contains_key(key);
        let scopes = Scope::of(self.timeline.sessions.at(time), &groups);
        let early = self.frozen.as_mut().filter(|f| time < f.at).map(|f| &mut f.book);
        for book in std::iter::once(&mut self.live).chain(early) {
            scopes.iter().for_each(|scope| book.add(&self.rules, scope, key, scored.as_ref(), out));
            if let Some(scored) = scored.as_ref().filter(|s| s.entry.is_some()) {
                book.replace(&self.rules, &scopes, key, scored, out);
            }
        }
        self.mirror_revealed(key);
        self.count_hidden(key);
    }

    /// What is hidden may be counted in the public's cells, and a revealed row's cells are the managers'.
    fn count_hidden(&mut self, key: &str) {
        let counts = self.rules.attempts.as_ref().is_some_and(|a| a.counts_hidden);
        if let Some(f) = self.frozen.as_mut().filter(|f| counts || f.revealed.contains(key)) {
            f.book.touch(key);
        }
    }

    /// Rows that were revealed stay as managers see them.
    fn mirror_revealed(&mut self, key: &str) {
        if let Some(f) = self.frozen.as_mut().filter(|f| f.revealed.contains(key)) {
            f.book.copy_row(&self.live, key);
        }
    }

    /// Notes a key's name and groups; the groups of this event.
    fn know(&mut self, event: &EventView<'_>, key: &str, time: Millis, hidden: bool) -> Vec<Option<Arc<str>>> {
        let said = Said::by(event, &self.rules);
        if said.is_empty() {
            return self.attributes.get(key).map_or(said.groups, |a| a.groups.clone());
        }
        let known = match self.attributes.get_mut(key) {
            Some(known) => known,
            None => self.attributes.entry(key.into()).or_insert_with(|| Attributes::new(said.groups.len())),
        };
        // What the public learns may be known to managers already.
        let mut learned = false;
        if let Some(f) = &mut self.frozen {
            match f.known.get_mut(key) {
                Some(public) if !hidden => learned = public.note(&said, time),
                None if hidden => drop(f.known.insert(key.into(), known.clone())),
                Some(_) | None => {}
            }
        }
        let changed = known.note(&said, time);
        let groups =
            said.groups.into_iter().zip(&known.groups).map(|(own, known)| own.or_else(|| known.clone())).collect();
        if changed {
            self.live.touch(key);
        }
        let tells = changed || learned;
        if let Some(f) = self.frozen.as_mut().filter(|f| tells && (!hidden || f.revealed.contains(key))) {
            f.book.touch(key);
        }
        groups
    }

    /// Does again, while the log is fed, what managers did at this place of it.
    pub fn again(&mut self, seq: Seq, control: &Control, zones: &dyn Zones) {
        if let Action::EndItems { keys } = &control.what {
            self.end(keys);
        }
        self.adjust(seq, control, zones);
    }

    /// Items ended: their keys have no rows any more, and nothing is known of them.
    fn end(&mut self, keys: &[String]) {
        for key in keys {
            self.attributes.remove(key.as_str());
            self.live.end(key);
            if let Some(f) = &mut self.frozen {
                f.known.remove(key.as_str());
                f.book.end(key);
            }
        }
    }

    /// Forgets the rows of keys that ended, when there are many. True: rows have other numbers now.
    pub fn compact(&mut self) -> bool {
        let frozen = self.frozen.as_mut().map(|f| &mut f.book);
        let mut any = false;
        for book in std::iter::once(&mut self.live).chain(frozen).filter(|book| book.is_hollow()) {
            book.compact();
            any = true;
        }
        any
    }

    /// After the log was fed from the beginning: shows what was revealed.
    pub fn finish(&mut self) {
        for key in self.timeline.revealed.clone() {
            self.reveal(key);
        }
    }

    fn adjust(&mut self, seq: Seq, control: &Control, zones: &dyn Zones) {
        let at = control.at;
        let Action::Adjust { key, column, by_millionths, session, .. } = &control.what else { return };
        self.newest = self.newest.max(Some(at));
        let Some(column) = self.rules.columns.iter().position(|c| c.name == *column) else { return };
        let (column, by, bucket) = (column as u8, Points(*by_millionths), self.rules.window.bucket(at, zones));
        let adjustment = Adjustment { column, by, at: Reached(at, seq), bucket };
        let out = self.timeline.out.contains_key(key);
        let session = session.as_deref().and_then(|s| self.timeline.sessions.find(s));
        let groups = self.attributes.get(key.as_str()).map(|a| a.groups.clone()).unwrap_or_default();
        let early = self.frozen.as_mut().filter(|f| at < f.at).map(|f| &mut f.book);
        for book in std::iter::once(&mut self.live).chain(early) {
            for scope in Scope::of(session, &groups) {
                book.adjust(&self.rules, &scope, key, adjustment, out);
            }
        }
        self.mirror_revealed(key);
    }

    fn reveal(&mut self, key: String) {
        if let Some(f) = &mut self.frozen {
            f.book.copy_row(&self.live, &key);
            // Its name may be another one, too.
            f.book.touch(&key);
            f.revealed.insert(key);
        }
    }

    /// The key that the next step reveals: the lowest of the public ranking that is not revealed yet.
    pub fn next_to_reveal(&self) -> Option<String> {
        let f = self.frozen.as_ref()?;
        let scope = Scope { session: Some(f.session), group: None };
        let ranked = f.book.get(&scope)?;
        let rows: Vec<&str> = ranked.ranking.ids(0, u32::MAX).map(|id| ranked.ranking.key(id)).collect();
        let hidden = rows.iter().rev().find(|k| !f.revealed.contains(**k)).map(|k| (*k).to_owned());
        // Keys that came after the freeze have no row in public yet: they are revealed last.
        hidden.or_else(|| {
            let live = self.live.get(&scope)?;
            let rows: Vec<&str> = live.ranking.ids(0, u32::MAX).map(|id| live.ranking.key(id)).collect();
            rows.iter().rev().find(|k| !f.revealed.contains(**k)).map(|k| (*k).to_owned())
        })
    }

    /// Takes the next control of the log.
    pub fn control(
        &mut self,
        seq: Seq,
        control: &Control,
        zones: &dyn Zones,
        key_of: impl Fn(Seq) -> Option<String>,
    ) -> After {
        let at = control.at;
        self.timeline.apply(seq, control);
        let past = self.newest.is_some_and(|newest| at <= newest);
        match &control.what {
            // The shell makes the new ranking before it logs this.
            Action::Rules { .. } | Action::CreateSession { .. } => After::Done,
            Action::EndItems { keys } => {
                self.end(keys);
                After::Done
            }
            Action::Session { action, key, .. } => match action {
                SessionAction::Schedule | SessionAction::RevokeCode => After::Done,
                SessionAction::Open | SessionAction::Reopen | SessionAction::Close => {
                    if past {
                        After::Rebuild
                    } else {
                        After::Done
                    }
                }
                SessionAction::Freeze => {
                    let Some((session, at)) = self.timeline.frozen else { return After::Done };
                    self.frozen = Some(Frozen::new(session, at, self.live.clone()));
                    if past { After::Rebuild } else { After::Done }
                }
                SessionAction::Reveal => {
                    self.frozen = None;
                    After::Done
                }
                SessionAction::RevealStep => {
                    if let Some(key) = key {
                        self.reveal(key.clone());
                    }
                    After::Done
                }
                // What the row was before is known to the log.
                SessionAction::RevealBack => After::Rebuild,
            },
            Action::Undo { seq, .. } => {
                let Some(key) = key_of(*seq) else { return After::Rebuild };
                let out = self.timeline.out.contains_key(&key);
                let both = self.live.take_back(&self.rules, &key, *seq, out)
                    && self.frozen.as_mut().is_none_or(|f| f.book.take_back(&self.rules, &key, *seq, out));
                self.mirror_revealed(&key);
                self.count_hidden(&key);
                if both { After::Done } else { After::Rebuild }
            }
            Action::Adjust { .. } => {
                self.adjust(seq, control, zones);
                After::Done
            }
            Action::Disqualify { key, .. } | Action::Restore { key, .. } => {
                let out = self.timeline.out.contains_key(key);
                self.live.settle(&self.rules, key, out);
                if let Some(f) = &mut self.frozen {
                    f.book.settle(&self.rules, key, out);
                }
                self.mirror_revealed(key);
                After::Done
            }
        }
    }

    /// Forgets which rows changed: nobody is going to ask.
    pub fn forget_changes(&mut self) {
        self.live.forget_changes();
        if let Some(f) = &mut self.frozen {
            f.book.forget_changes();
        }
    }

    /// Time has passed: windows move on.
    pub fn advance(&mut self, now: Millis, zones: &dyn Zones) {
        let first = self.rules.window.first(now, zones);
        let out = &self.timeline.out;
        self.live.advance(&self.rules, first, &|k| out.contains_key(k));
        if let Some(f) = &mut self.frozen {
            f.book.advance(&self.rules, first, &|k| out.contains_key(k));
            for key in &f.revealed {
                f.book.copy_row(&self.live, key);
            }
        }
    }
}
