//! Goes through a resolver's steps: by hand, or by itself at a pace.

use heliograph_shared::scores::resolver::{Resolver, Step};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::browser::dom::{self, Listener, Timer};
use crate::contest::pace::PACE;

/// A row of which nothing was hidden is passed as quickly as the eye follows.
const QUICK: u32 = 400;

/// How long to wait after a step before the next.
pub fn rest(resolver: &Resolver, pace: u32) -> u32 {
    match resolver.last() {
        Some(Step::Focus { key }) if resolver.hidden(key) == 0 => QUICK.min(pace),
        Some(Step::Focus { .. } | Step::Reveal { .. } | Step::Total { .. } | Step::Finish) | None => pace,
    }
}

/// A resolver that is played. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Driver {
    /// Where it is.
    pub resolver: RwSignal<Resolver>,
    /// Whether it goes on by itself.
    pub is_playing: RwSignal<bool>,
    /// Milliseconds a step.
    pub pace: RwSignal<u32>,
    timer: StoredValue<Option<Timer>, LocalStorage>,
}

impl Driver {
    /// One that stands at the beginning.
    pub fn new(resolver: Resolver) -> Self {
        let driver = Self {
            resolver: RwSignal::new(resolver),
            is_playing: RwSignal::new(false),
            pace: RwSignal::new(PACE),
            timer: StoredValue::new_local(None),
        };
        driver.listen();
        on_cleanup(move || driver.timer.dispose());
        driver
    }

    fn step(self) {
        self.resolver.update(|resolver| {
            resolver.forward();
        });
        if self.resolver.with_untracked(Resolver::is_done) {
            self.is_playing.set(false);
        }
    }

    /// Takes a step by itself, and waits for the next.
    fn play_on(self) {
        if self.is_playing.try_get_untracked() != Some(true) {
            return;
        }
        self.step();
        if !self.is_playing.get_untracked() {
            return;
        }
        let wait = self.resolver.with_untracked(|resolver| rest(resolver, self.pace.get_untracked()));
        let timer = Timer::after(wait as i32, move || self.play_on());
        // The one that called this has rung: dropping it there would drop what runs.
        let old = self.timer.try_update_value(|slot| std::mem::replace(slot, timer)).flatten();
        dom::on_next_frame(move || drop(old));
    }

    fn pause(self) {
        self.is_playing.set(false);
        self.timer.set_value(None);
    }

    /// Plays, or pauses.
    pub fn play(self) {
        if self.is_playing.get_untracked() {
            self.pause();
        } else if !self.resolver.with_untracked(Resolver::is_done) {
            self.is_playing.set(true);
            self.play_on();
        }
    }

    /// One step.
    pub fn forward(self) {
        self.pause();
        self.step();
    }

    /// One step back.
    pub fn back(self) {
        self.pause();
        self.resolver.update(|resolver| {
            resolver.back();
        });
    }

    /// To the beginning.
    pub fn restart(self) {
        self.pause();
        self.resolver.update(Resolver::restart);
    }

    /// Space plays and pauses, the arrows step, Home begins again.
    fn listen(self) {
        let listener = web_sys::window().map(|window| {
            Listener::new(&window, "keydown", move |event| {
                let Ok(event) = event.dyn_into::<web_sys::KeyboardEvent>() else { return };
                let on_button = event
                    .target()
                    .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                    .is_some_and(|element| matches!(element.tag_name().as_str(), "BUTTON" | "A"));
                if event.ctrl_key() || event.meta_key() || event.alt_key() || dom::is_typing(&event) {
                    return;
                }
                match event.key().as_str() {
                    // On a button it presses that.
                    " " if !on_button => self.play(),
                    "ArrowRight" => self.forward(),
                    "ArrowLeft" => self.back(),
                    "Home" => self.restart(),
                    _ => return,
                }
                event.prevent_default();
            })
        });
        let listener = StoredValue::new_local(listener);
        on_cleanup(move || listener.dispose());
    }
}
