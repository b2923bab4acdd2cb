//! What the page knows of its replay.

use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::player::{Player, Turn, View};
use super::span::Span;

/// What stands under the map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Bar {
    /// Nothing: the board is live.
    #[default]
    Closed,
    /// A word that it is being asked what is kept.
    Asking,
    /// A word that nothing is.
    Nothing,
    /// Why it could not be asked.
    Failed(String),
    /// The time bar.
    Open(View),
}

/// What only frames need to know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beat {
    /// When the last frame was; none while none is awaited.
    pub last: Option<f64>,
    /// When the bar was told of the clock's time.
    pub shown: f64,
    /// When the address was.
    pub written: f64,
}

/// A page's replay. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Replay {
    /// What is kept, once that is known; none where nothing is, or not for this viewer.
    pub past: RwSignal<Option<Span>>,
    /// What stands under the map.
    pub bar: RwSignal<Bar>,
    /// The clock, while the page looks back.
    pub player: StoredValue<Option<Player>, LocalStorage>,
    /// The last turn of the player before.
    pub turn: StoredValue<Turn, LocalStorage>,
    /// The time that the page itself wrote into the address.
    pub told: StoredValue<Option<Millis>, LocalStorage>,
    /// Of frames.
    pub beat: StoredValue<Beat, LocalStorage>,
}

impl Replay {
    /// Of a page that is live.
    pub fn live() -> Self {
        Self {
            past: RwSignal::new(None),
            bar: RwSignal::new(Bar::Closed),
            player: StoredValue::new_local(None),
            turn: StoredValue::new_local(Turn::FIRST),
            told: StoredValue::new_local(None),
            beat: StoredValue::new_local(Beat::default()),
        }
    }

    /// Tells the player something, if there is one.
    pub fn with<R>(&self, tell: impl FnOnce(&mut Player) -> R) -> Option<R> {
        self.player.try_update_value(|player| player.as_mut().map(tell)).flatten()
    }

    /// Whether the page looks back, or is about to.
    pub fn is_open(&self) -> bool {
        self.bar.with_untracked(|bar| *bar != Bar::Closed)
    }
}
