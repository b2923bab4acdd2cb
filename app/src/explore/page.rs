//! The page: what there is to compare, what the viewer chose, and its twin in the address bar.

use leptos::prelude::*;

use super::controls::Controls;
use super::known::{Known, learn};
use super::results::ResultsView;
use crate::browser::dom::{self, Listener, Timer};
use crate::chart::address::View;
use crate::client::http::Failure;
use crate::parts::board_tabs::{Tab, board_tabs};
use crate::parts::frame::{Brand, SkipLink};
use crate::parts::icons::{Glyph, Icon};
use crate::parts::language::LanguageChoice;
use crate::parts::open_board::{Board, WithBoard};
use crate::parts::theme::{Theme, ThemeButton};
use crate::parts::units_choice::UnitsChoice;

/// The page at `/b/{board}/explore`.
#[component]
pub fn ExplorePage() -> impl IntoView {
    provide_context(Theme::new());
    let path = crate::segments();
    let name = path.get(1).cloned().unwrap_or_default();
    view! {
        <SkipLink />
        <WithBoard name=name then=|board: Board| view! { <Open board=board /> } />
    }
}

#[component]
fn Open(board: Board) -> impl IntoView {
    dom::set_title(&text!(explore.page.title, title = &board.title));
    let known = RwSignal::new(None::<Result<Known, Failure>>);
    let title = board.title.clone();
    let tabs = board_tabs(&board, Tab::Explore);
    let board = StoredValue::new(board);
    let load = move || {
        known.set(None);
        leptos::task::spawn_local(async move {
            let answer = learn(board.get_value()).await;
            let _ = known.try_set(Some(answer));
        });
    };
    load();
    view! {
        <header class="bar">
            <Brand />
            <div class="bar-title"><h1>{title}</h1></div>
            {tabs}
            <div class="bar-actions">
                <LanguageChoice />
                <UnitsChoice />
                <ThemeButton />
            </div>
        </header>
        <main id="main" class="explore" tabindex="-1">
            {move || match known.get() {
                None => view! {
                    <p class="loading-line" role="status"><span class="spinner"></span>{text!(explore.page.looking)}</p>
                }.into_any(),
                Some(Ok(known)) => view! { <Explore known=known /> }.into_any(),
                Some(Err(error)) => view! {
                    <div class="notice" role="alert">
                        <span class="notice-icon"><Icon glyph=Glyph::Warning /></span>
                        <h2>{text!(explore.page.failed)}</h2>
                        <p>{error.sentence()}</p>
                        <p><button class="button primary" type="button" on:click=move |_| load()>{text!(words.try_again)}</button></p>
                    </div>
                }.into_any(),
            }}
        </main>
    }
}

#[component]
fn Explore(known: Known) -> impl IntoView {
    let view = RwSignal::new(in_address());
    keep_address(view);
    let known = StoredValue::new(known);
    view! {
        <Controls known=known view=view />
        <ResultsView known=known view=view />
    }
}

fn in_address() -> View {
    let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
    View::parse(&search)
}

/// Keeps the address in step with the view. Every choice is a step one can go back from; choices in quick succession,
/// as when zooming, are one.
fn keep_address(view: RwSignal<View>) {
    const WAIT_MS: i32 = 400;
    let later: StoredValue<Option<Timer>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |_| {
        let wanted = view.get();
        later.set_value(Timer::after(WAIT_MS, move || write(&wanted)));
    });
    let listener = web_sys::window().map(|window| {
        Listener::new(&window, "popstate", move |_| {
            later.set_value(None);
            let fresh = in_address();
            if view.with_untracked(|old| *old != fresh) {
                view.set(fresh);
            }
        })
    });
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || {
        later.dispose();
        listener.dispose();
    });
}

fn write(view: &View) {
    let now = in_address();
    // The theme button writes its own part.
    let wanted = View { theme: now.theme.clone(), ..view.clone() };
    let Some(window) = web_sys::window().filter(|_| now != wanted) else { return };
    let (Ok(path), Ok(history)) = (window.location().pathname(), window.history()) else { return };
    // Browsers refuse only when a page writes the address hundreds of times in some seconds; the next one gets through.
    let _ =
        history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&format!("{path}{}", wanted.to_search())));
}
