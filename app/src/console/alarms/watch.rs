//! What stands on a board, asked for again and again while the page is seen, and what is done with it.

use heliograph_shared::cursor::Cursor;
use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::news;
use crate::browser::{clock, dom};
use crate::client::alarms::{self, AlarmEvent, AlarmList, Which};
use crate::client::http::Failure;
use crate::console::seat::Seat;
use crate::console::shown::{self, Answer};
use crate::parts::format;
use crate::parts::seconds::every_second;

/// How often the alarms are asked for while the page is seen, in seconds.
const EVERY_S: u32 = 3;
/// How often what happened is asked for though no other alarms stand, in seconds: some come and go between two questions.
const EVENTS_EVERY_S: u32 = 15;
/// How many alarms are shown at first, and how many more each time.
pub const PAGE: usize = 100;
/// For how long the button mutes.
const MUTE_S: u32 = 3_600;

/// What is done with an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Somebody has seen it.
    Acknowledge(u64),
    /// Nobody is told for an hour.
    Mute(String, String),
    /// That is over.
    Unmute(Option<String>, Option<String>),
}

/// What the page knows, and asks.
#[derive(Clone, Copy)]
pub struct Watch {
    /// The board.
    pub board: StoredValue<String>,
    /// Who sits here.
    pub seat: Seat,
    /// Which alarms are asked for.
    pub which: RwSignal<Which>,
    /// How many of them.
    pub limit: RwSignal<usize>,
    /// What stands.
    pub answer: Answer<AlarmList>,
    /// What happened lately.
    pub events: Answer<Vec<AlarmEvent>>,
    /// When the last question was answered; by that clock ages are told.
    pub as_of: RwSignal<Millis>,
    /// Whether the last question was not.
    pub is_stale: RwSignal<bool>,
    /// What came, for who listens.
    pub news: RwSignal<String>,
    newest: StoredValue<Option<u64>>,
}

impl Watch {
    /// Of a board; nothing is asked yet.
    pub fn new(board: StoredValue<String>, seat: Seat) -> Self {
        Self {
            board,
            seat,
            which: RwSignal::new(Which::default()),
            limit: RwSignal::new(PAGE),
            answer: RwSignal::new(None),
            events: RwSignal::new(None),
            as_of: RwSignal::new(clock::wall()),
            is_stale: RwSignal::new(false),
            news: RwSignal::new(String::new()),
            newest: StoredValue::new(None),
        }
    }

    /// Asks what stands.
    pub fn load(self) {
        leptos::task::spawn_local(async move {
            let asked = (self.which.get_untracked(), self.limit.get_untracked());
            let told = alarms::standing(&self.board.get_value(), &self.seat.key(), asked.0, asked.1).await;
            // The page may be gone, or ask for others meanwhile.
            if self.which.try_get_untracked() != Some(asked.0) || self.limit.try_get_untracked() != Some(asked.1) {
                return;
            }
            match told {
                Ok(list) => self.take(list),
                Err(failure) if self.answer.with_untracked(|a| matches!(a, Some(Ok(_)))) => {
                    self.is_stale.set(true);
                    drop(failure);
                }
                Err(failure) => self.answer.set(Some(Err(failure))),
            }
        });
    }

    fn take(self, list: AlarmList) {
        self.is_stale.set(false);
        self.as_of.set(clock::wall());
        let newest = self.newest.get_value();
        if let Some(said) = newest.and_then(|newest| news::said(&list.alarms, newest)) {
            self.news.set(said);
        }
        self.newest.set_value(Some(news::newest(&list.alarms).max(newest.unwrap_or_default())));
        let ids = |list: &AlarmList| list.alarms.iter().map(|a| (a.id, a.acknowledged.is_some())).collect::<Vec<_>>();
        let before = self.answer.with_untracked(|a| a.as_ref().and_then(|a| a.as_ref().ok()).map(ids));
        if before.as_ref() != Some(&ids(&list)) {
            self.load_events();
        }
        self.answer.set(Some(Ok(list)));
    }

    fn load_events(self) {
        shown::ask(self.events, async move {
            alarms::events(&self.board.get_value(), &self.seat.key()).await.map(|page| page.events)
        });
    }

    /// Asks again, now and then.
    pub fn keep_looking(self) {
        self.load();
        let seconds = StoredValue::new(0_u32);
        every_second(move || {
            seconds.update_value(|seconds| *seconds = seconds.wrapping_add(1));
            let seconds = seconds.get_value();
            if !dom::is_seen() {
                return;
            }
            if seconds.is_multiple_of(EVERY_S) {
                self.load();
            }
            if seconds.is_multiple_of(EVENTS_EVERY_S) {
                self.load_events();
            }
        });
    }
}

/// Does something; what was done, for people.
pub async fn act(watch: Watch, deed: Deed) -> Result<String, Failure> {
    let (board, key) = (watch.board.get_value(), watch.seat.key());
    match deed {
        Deed::Acknowledge(id) => {
            let alarm = alarms::acknowledge(&board, &key, id).await?;
            Ok(text!(console.alarms.acknowledged, name = alarm.name, key = alarm.key))
        }
        Deed::Mute(rule, item) => {
            alarms::mute(&board, &key, Some(&rule), Some(&item), MUTE_S).await?;
            Ok(text!(console.alarms.muted, rule = rule, key = item))
        }
        Deed::Unmute(rule, item) => {
            alarms::mute(&board, &key, rule.as_deref(), item.as_deref(), 0).await?;
            Ok(text!(console.alarms.unmuted).to_owned())
        }
    }
}

/// No answer yet.
pub fn none() -> AlarmList {
    AlarmList { cursor: Cursor::default(), alarms: Vec::new(), count: 0, not_raised: 0, muted: Vec::new(), next: None }
}

/// How long ago something was, by the clock of the page.
pub fn ago(watch: Watch, at: Millis) -> String {
    format::age_sentence(watch.as_of.get().since(at))
}
