//! The scoreboard at `/b/{board}/scores` and the manager's console at `/b/{board}/console`. Each is a document and a
//! program of its own with plain links: there is no router.

mod about;
mod address;
mod console;
mod controls;
mod live;
mod model;
mod motion;
mod page;
mod pinned;
mod rows;
mod slot;
mod span;
mod table;
mod words;

use leptos::prelude::*;

use crate::access::{Board, WithBoard};
use address::{Place, path_to};
use console::ConsolePage;
use page::ScoresPage;

use crate::brand::{SiteHead, SkipLink};
use crate::dom;
use crate::icons::{Glyph, Icon};
use crate::theme::Theme;

/// The scoreboard of the board that the path names.
#[component]
pub fn Scoreboard() -> impl IntoView {
    provide_context(Theme::new());
    let page = if let Place::Scores(name) = Place::of(&crate::path()) {
        let then = |board: Board| {
            if board.has_scores {
                view! { <ScoresPage board=board /> }.into_any()
            } else {
                view! { <NoScores board=board /> }.into_any()
            }
        };
        view! { <WithBoard name=name then=then /> }.into_any()
    } else {
        view! { <Nowhere /> }.into_any()
    };
    view! {
        <SkipLink />
        {page}
    }
}

/// The console of the board that the path names.
#[component]
pub fn Console() -> impl IntoView {
    provide_context(Theme::new());
    let page = if let Place::Console(name) = Place::of(&crate::path()) {
        view! { <ConsolePage name=name /> }.into_any()
    } else {
        view! { <Nowhere /> }.into_any()
    };
    view! {
        <SkipLink />
        {page}
    }
}

#[component]
fn NoScores(board: Board) -> impl IntoView {
    dom::set_title(&format!("{} · Heliograph", board.title));
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            <div class="notice">
                <span class="notice-icon"><Icon glyph=Glyph::Globe /></span>
                <h1>{format!("{} has no scoreboard", board.title)}</h1>
                <p>"A board ranks its keys when its config has " <code>"scores"</code> "."</p>
                <p><a class="button primary" href=path_to(&board.name, "")>"Open the board"</a></p>
            </div>
        </main>
    }
}

#[component]
fn Nowhere() -> impl IntoView {
    dom::set_title("Not found · Heliograph");
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            <div class="notice">
                <span class="notice-icon"><Icon glyph=Glyph::Globe /></span>
                <h1>"There is nothing at this address"</h1>
                <p>"A scoreboard is at " <code>"/b/BOARD/scores"</code> "."</p>
                <p><a class="button primary" href="/">"All boards"</a></p>
            </div>
        </main>
    }
}
