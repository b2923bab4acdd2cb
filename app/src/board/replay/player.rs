//! The clock of a replay: play, pause, set, step. It says what to ask the server for, takes the answers, and hands out the
//! events that are due. Pure: the time that went by is an argument.

use heliograph_shared::api::items::{Item, ItemsPage};
use heliograph_shared::time::Millis;
use heliograph_shared::views::events::{EventView, EventsPage};

use super::reader::{Reader, Wanted};
use super::span::Span;
use super::speed::Speed;

/// Events are read so many milliseconds of the viewer's time ahead.
const AHEAD_MS: i64 = 20_000;

/// And so many of true time at least.
const AHEAD_AT_LEAST_MS: i64 = 60_000;

/// What the clock does.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mode {
    Paused,
    Playing,
    /// As fast as events come, to the next one of this item, or of any.
    Onward(Option<String>),
}

/// Where the clock is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Goal {
    /// At this moment.
    At,
    /// At the last event up to this moment, of this item or of any.
    LastEvent(Option<String>),
}

/// The items at another time are on their way.
#[derive(Clone, Debug)]
struct Seek {
    at: Millis,
    goal: Goal,
    items: Vec<Item>,
    after: Option<String>,
}

/// What is wanted of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A page of the items as of a time.
    Items {
        /// When.
        at: Millis,
        /// The page before's `next`.
        after: Option<String>,
    },
    /// A page of events.
    Events(Wanted),
}

/// Which answer is awaited: others are of a time that nobody wants any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn(u32);

impl Turn {
    /// The first of a page.
    pub const FIRST: Self = Self(0);

    /// One that was not there before.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The clock is at the last moment that there is.
    End,
    /// There is no event after this one.
    NoLater,
    /// There is none before.
    NoEarlier,
    /// The server did not answer as it should; for people.
    Failed(String),
}

/// What the bar shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The clock's time, or that at which it will be.
    pub at: Millis,
    /// Which times there are.
    pub span: Span,
    /// Whether it goes on by itself.
    pub is_playing: bool,
    /// Whether it waits for the server.
    pub is_waiting: bool,
    /// Something to say.
    pub note: Option<Note>,
}

/// A replay.
#[derive(Clone, Debug)]
pub struct Player {
    span: Span,
    at: Millis,
    /// Less than a millisecond, which frames would lose.
    rest: f64,
    speed: Speed,
    mode: Mode,
    reader: Option<Reader>,
    seek: Option<Seek>,
    turn: Turn,
    is_asking: bool,
    note: Option<Note>,
}

impl Player {
    /// Paused, on its way to a time.
    pub fn new(span: Span, at: Millis, speed: Speed, turn: Turn) -> Self {
        let mut player = Self {
            span,
            at,
            rest: 0.0,
            speed,
            mode: Mode::Paused,
            reader: None,
            seek: None,
            turn,
            is_asking: false,
            note: None,
        };
        player.seek(at);
        player
    }

    /// What the bar shows.
    pub fn view(&self) -> View {
        let goal = self.seek.as_ref().filter(|seek| seek.goal == Goal::At);
        View {
            at: goal.map_or(self.at, |seek| seek.at),
            span: self.span,
            is_playing: self.is_playing(),
            is_waiting: self.is_waiting() && !matches!(self.note, Some(Note::Failed(_))),
            note: self.note.clone(),
        }
    }

    /// The clock's time.
    pub const fn time(&self) -> Millis {
        self.at
    }

    /// Whether it goes on by itself.
    pub fn is_playing(&self) -> bool {
        self.mode == Mode::Playing
    }

    /// The latest turn, for a player after this one.
    pub const fn turn(&self) -> Turn {
        self.turn
    }

    /// Whether frames change anything.
    pub fn is_going(&self) -> bool {
        self.mode != Mode::Paused
    }

    fn is_waiting(&self) -> bool {
        let has_read = self.reader.as_ref().is_some_and(|reader| reader.read() > self.at);
        self.seek.is_some() || (self.is_going() && !has_read && self.at < self.span.to)
    }

    /// Goes to a time, and on from there if it was playing. A time before the earliest is asked for: the server says why
    /// that is not kept.
    pub fn seek(&mut self, at: Millis) {
        self.go(at.min(self.span.to), Goal::At);
    }

    fn go(&mut self, at: Millis, goal: Goal) {
        if self.mode != Mode::Playing {
            self.mode = Mode::Paused;
        }
        self.note = None;
        self.turn = self.turn.next();
        self.seek = Some(Seek { at, goal, items: Vec::new(), after: None });
    }

    /// Plays; at the end from the beginning.
    pub fn play(&mut self) {
        self.mode = Mode::Playing;
        if self.seek.is_none() && self.at >= self.span.to {
            self.seek(self.span.from);
        }
    }

    /// Stands still.
    pub fn pause(&mut self) {
        self.mode = Mode::Paused;
    }

    /// How fast it plays.
    pub fn set_speed(&mut self, speed: Speed) {
        self.speed = speed;
    }

    /// On to the next event, of one item or of any.
    pub fn step_on(&mut self, key: Option<String>) {
        self.note = None;
        if self.at >= self.span.to {
            self.note = Some(Note::NoLater);
        } else {
            self.mode = Mode::Onward(key);
        }
    }

    /// Back to the event before, of one item or of any.
    pub fn step_back(&mut self, key: Option<String>) {
        self.mode = Mode::Paused;
        let before = self.at.plus(-1);
        if before < self.span.from {
            self.note = Some(Note::NoEarlier);
        } else {
            self.go(before, Goal::LastEvent(key));
        }
    }

    /// Asks again after a failure.
    pub fn retry(&mut self) {
        if matches!(self.note, Some(Note::Failed(_))) {
            self.note = None;
        }
    }

    /// What to ask the server for; one thing at a time.
    pub fn ask(&mut self) -> Option<(Turn, Ask)> {
        if self.is_asking || matches!(self.note, Some(Note::Failed(_))) {
            return None;
        }
        let ask = match (&self.seek, &mut self.reader) {
            (Some(seek), _) => Ask::Items { at: seek.at, after: seek.after.clone() },
            (None, Some(reader)) => {
                let ahead = match self.mode {
                    Mode::Onward(_) => i64::MAX,
                    Mode::Playing | Mode::Paused => (AHEAD_MS * i64::from(self.speed.times())).max(AHEAD_AT_LEAST_MS),
                };
                Ask::Events(reader.ask(self.at, ahead)?)
            }
            (None, None) => return None,
        };
        self.is_asking = true;
        Some((self.turn, ask))
    }

    /// Takes a page of items. With the last one the board is as of [`View::at`]: the items are to be shown.
    pub fn take_items(&mut self, turn: Turn, page: ItemsPage) -> Option<Vec<Item>> {
        self.is_asking = false;
        let mut seek = self.seek.take_if(|_| turn == self.turn)?;
        seek.items.extend(page.items);
        if page.next.is_some() {
            seek.after = page.next;
            self.seek = Some(seek);
            return None;
        }
        let Seek { at, goal, items, .. } = seek;
        let at = match goal {
            Goal::At => at,
            Goal::LastEvent(key) => {
                let newest = items.iter().map(|item| item.time).max();
                let of_key = |key: &String| items.iter().find(|item| item.key == *key).map(|item| item.time);
                let last = key.as_ref().map_or(newest, of_key).filter(|last| *last >= self.span.from);
                let Some(last) = last else {
                    self.note = Some(Note::NoEarlier);
                    return None;
                };
                if newest.is_some_and(|newest| newest > last) {
                    // Others went on after it.
                    self.seek(last);
                    return None;
                }
                last
            }
        };
        (self.at, self.rest) = (at, 0.0);
        self.reader = Some(Reader::new(at, self.span.to));
        if at >= self.span.to {
            (self.mode, self.note) = (Mode::Paused, Some(Note::End));
        }
        Some(items)
    }

    /// Takes a page of events.
    pub fn take_events(&mut self, turn: Turn, page: EventsPage) {
        self.is_asking = false;
        if let Some(reader) = self.reader.as_mut().filter(|_| turn == self.turn) {
            reader.take(page);
        }
    }

    /// There was no answer. `is_gone`: the server no longer has what was asked for.
    pub fn fail(&mut self, turn: Turn, is_gone: bool, reason: String) {
        self.is_asking = false;
        if turn != self.turn {
            return;
        }
        let is_step = self.seek.as_ref().is_some_and(|seek| seek.goal != Goal::At);
        if is_gone && is_step {
            (self.seek, self.note) = (None, Some(Note::NoEarlier));
        } else {
            self.note = Some(Note::Failed(reason));
        }
    }

    /// So much of the viewer's time went by. Answers which events are due, in their order.
    pub fn tick(&mut self, millis: f64) -> Vec<EventView> {
        let Some(reader) = self.reader.as_mut().filter(|_| self.seek.is_none()) else { return Vec::new() };
        let end = self.span.to;
        let read = reader.read().min(end).max(self.at);
        match &self.mode {
            Mode::Paused => {}
            Mode::Playing => {
                let went = millis.max(0.0) * f64::from(self.speed.times()) + self.rest;
                let at = self.at.plus(went as i64);
                self.rest = if at < read { went.fract() } else { 0.0 };
                self.at = at.min(read);
                if self.at >= end {
                    (self.mode, self.note) = (Mode::Paused, Some(Note::End));
                }
            }
            Mode::Onward(key) => match reader.next_time(self.at, key.as_deref()) {
                Some(next) => (self.at, self.mode) = (next, Mode::Paused),
                None => {
                    self.at = read;
                    if self.at >= end {
                        (self.mode, self.note) = (Mode::Paused, Some(Note::NoLater));
                    }
                }
            },
        }
        reader.due(self.at)
    }
}

#[cfg(test)]
mod tests;
