//! How a manager reveals what a freeze hid, row by row: by hand or by itself, and back. Everybody's board follows, since
//! each step is the server's.

use leptos::prelude::*;
use serde_json::json;
use wasm_bindgen::JsCast;

use super::pace::{PACE, PaceChoice};
use super::spotlight::Spotlight;
use crate::browser::dom::{self, Listener, Timer};
use crate::browser::percent::encode;
use crate::client::boards;
use crate::parts::icons::{Glyph, Icon};
use crate::scores::about::{Phase, Session};
use crate::scores::address::path_to;
use crate::scores::model::Model;

/// A row that nothing was hidden of passes as quickly as the feed tells it.
const QUICK: u32 = 400;

/// How long to wait after a row, of which the first part has passed.
const fn rest(pace: u32, changed: bool) -> u32 {
    if changed { pace.saturating_sub(QUICK) } else { 0 }
}

/// Whether a session has something to be revealed, step by step or at once.
pub fn can_resolve(session: &Session) -> bool {
    match session.phase {
        Phase::Closed => session.frozen_at.is_some(),
        Phase::Revealing => true,
        Phase::Created | Phase::Open | Phase::Frozen | Phase::Revealed => false,
    }
}

/// The resolver's state. Cheap to copy.
#[derive(Clone, Copy)]
struct Driver {
    model: Model,
    spotlight: Spotlight,
    key: StoredValue<String>,
    is_playing: RwSignal<bool>,
    is_busy: RwSignal<bool>,
    pace: RwSignal<u32>,
    done: RwSignal<u32>,
    error: RwSignal<Option<String>>,
    timer: StoredValue<Option<Timer>, LocalStorage>,
}

impl Driver {
    fn session(self) -> Option<Session> {
        self.model.about.with_untracked(|about| about.as_ref().and_then(|about| about.session.clone()))
    }

    /// Asks the server for a step, unless one is under way.
    fn step(self, action: &'static str) {
        let Some(session) = self.session().filter(can_resolve) else {
            self.is_playing.set(false);
            return;
        };
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        self.error.set(None);
        leptos::task::spawn_local(async move {
            let path = format!("sessions/{}", encode(&session.id));
            let body = json!({ "action": action });
            let board = self.model.board();
            let Some(key) = self.key.try_get_value() else { return };
            let answer = boards::ask(&board, &path, Some(&key), Some(&body)).await;
            if self.is_busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(session) => {
                    let done = self.done.get_untracked();
                    self.done.set(if action == "reveal_step" { done + 1 } else { done.saturating_sub(1) });
                    if session["phase"] == "revealed" {
                        self.is_playing.set(false);
                    }
                    self.wait();
                }
                Err(error) => {
                    self.is_playing.set(false);
                    self.error.set(Some(error.sentence()));
                }
            }
        });
    }

    /// Goes on by itself, when the row has been seen.
    fn wait(self) {
        if !self.is_playing.get_untracked() {
            return;
        }
        self.after(QUICK, move || {
            let changed =
                self.spotlight.lit.with_untracked(|lit| lit.as_ref().is_some_and(|lit| !lit.outcome.is_empty()));
            self.after(rest(self.pace.get_untracked(), changed), move || {
                if self.is_playing.get_untracked() {
                    self.step("reveal_step");
                }
            });
        });
    }

    fn after(self, millis: u32, work: impl FnOnce() + 'static) {
        let is_open = move || self.is_playing.try_get_untracked().is_some();
        let timer = Timer::after(millis as i32, move || {
            if is_open() {
                work();
            }
        });
        // The one that called this has rung: dropping it there would drop what runs.
        let old = self.timer.try_update_value(|slot| std::mem::replace(slot, timer)).flatten();
        dom::on_next_frame(move || drop(old));
    }

    fn play(self) {
        let is_playing = !self.is_playing.get_untracked();
        self.is_playing.set(is_playing);
        if is_playing {
            self.step("reveal_step");
        } else {
            self.timer.set_value(None);
        }
    }

    fn by_hand(self, action: &'static str) {
        self.is_playing.set(false);
        self.timer.set_value(None);
        self.step(action);
    }

    /// Space plays and pauses, the arrows step.
    fn listen(self) {
        let listener = web_sys::window().map(|window| {
            Listener::new(&window, "keydown", move |event| {
                let Ok(event) = event.dyn_into::<web_sys::KeyboardEvent>() else { return };
                let on_button = event
                    .target()
                    .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
                    .is_some_and(|element| matches!(element.tag_name().as_str(), "BUTTON" | "A"));
                let is_other = event.ctrl_key() || event.meta_key() || event.alt_key() || dom::is_typing(&event);
                if is_other || !self.session().as_ref().is_some_and(can_resolve) {
                    return;
                }
                match event.key().as_str() {
                    " " if !on_button => self.play(),
                    "ArrowRight" => self.by_hand("reveal_step"),
                    "ArrowLeft" => self.by_hand("reveal_back"),
                    _ => return,
                }
                event.prevent_default();
            })
        });
        let listener = StoredValue::new_local(listener);
        on_cleanup(move || listener.dispose());
    }
}

/// The resolver's buttons, while there is something to reveal.
#[component]
pub fn Resolver(
    /// The page.
    model: Model,
    /// Whose row is being revealed.
    spotlight: Spotlight,
    /// The key that may reveal.
    key: String,
) -> impl IntoView {
    let driver = Driver {
        model,
        spotlight,
        key: StoredValue::new(key),
        is_playing: RwSignal::new(false),
        is_busy: RwSignal::new(false),
        pace: RwSignal::new(PACE),
        done: RwSignal::new(0),
        error: RwSignal::new(None),
        timer: StoredValue::new_local(None),
    };
    driver.listen();
    on_cleanup(move || driver.timer.dispose());
    let hall = format!("{}?resolver=1", path_to(&model.board(), "contest"));
    let is_there = Memo::new(move |_| {
        model.about.with(|about| about.as_ref().and_then(|about| about.session.as_ref()).is_some_and(can_resolve))
    });
    let play =
        move || if driver.is_playing.get() { text!(contest.resolver.pause) } else { text!(contest.resolver.play) };
    let at = move || match driver.done.get() {
        0 => text!(contest.resolver.ready).to_owned(),
        done => text!(contest.resolver.at, done = done, total = model.total.get()),
    };
    view! {
        <section class="resolver" aria-label=text!(contest.resolver.resolver) data-testid="resolver" hidden=move || !is_there.get()>
            <a class="button" href=hall data-testid="to-hall">{text!(contest.resolver.cell_by_cell)}</a>
            <span class="quiet-text">{text!(contest.resolver.for_all)}</span>
            <button class="button" type="button" data-testid="back" on:click=move |_| driver.by_hand("reveal_back")>
                <Icon glyph=Glyph::Previous />{text!(contest.resolver.back)}
            </button>
            <button class="button primary" type="button" data-testid="play" on:click=move |_| driver.play()>{play}</button>
            <button class="button" type="button" data-testid="step" on:click=move |_| driver.by_hand("reveal_step")>
                {text!(contest.resolver.step)}<Icon glyph=Glyph::Next />
            </button>
            <PaceChoice pace=driver.pace called=|seconds| text!(contest.resolver.seconds, seconds = seconds) />
            <span class="quiet-text">{at}</span>
            {move || driver.error.get().map(|text| view! { <span class="error" role="alert">{text}</span> })}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_which_nothing_was_hidden_pass_quickly() {
        assert_eq!(rest(2_000, true) + QUICK, 2_000);
        assert_eq!(rest(8_000, false), 0);
    }

    #[test]
    fn only_a_closed_session_that_hides_something_is_resolved() {
        let session = |phase, frozen_at| can_resolve(&Session { phase, frozen_at, ..Session::default() });
        assert!(session(Phase::Closed, Some(1)) && session(Phase::Revealing, Some(1)));
        assert!(!session(Phase::Closed, None) && !session(Phase::Frozen, Some(1)) && !session(Phase::Revealed, None));
    }
}
