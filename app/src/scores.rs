//! The scoreboard, at `/b/{board}/scores`: a document and a program of its own with plain links, without a router.
//!
//! | behaviour | file |
//! |---|---|
//! | the page | `page` |
//! | what the server says about the board | `about` |
//! | the address | `address` |
//! | the feed and what it brought | `model`, `fresh` |
//! | which rows are in the page, and where | `rows`, `span`, `slot` |
//! | the standings, the viewer's own row | `table`, `sheet`, `pinned` |
//! | how rows move | `motion` |
//! | search, sessions, banners | `controls` |
//! | whether it is live | `live` |
//! | numbers, ranks and phases as text | `words` |

pub mod about;
pub mod address;
pub mod controls;
pub mod fresh;
pub mod live;
pub mod model;
pub mod motion;
pub mod page;
mod pinned;
pub mod rows;
pub mod sheet;
pub mod slot;
pub mod span;
pub mod table;
pub mod words;

use leptos::prelude::*;

use crate::parts::open_board::{Board, WithBoard};
use crate::scores::address::{Place, path_to};
use crate::scores::page::ScoresPage;

use crate::browser::dom;
use crate::parts::frame::{SiteHead, SkipLink};
use crate::parts::icons::{Glyph, Icon};
use crate::parts::theme::Theme;

/// The scoreboard of the board that the path names.
#[component]
pub fn Scoreboard() -> impl IntoView {
    provide_context(Theme::new());
    let page = if let Place::Scores(name) = Place::of(&crate::segments()) {
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

#[component]
pub fn NoScores(board: Board) -> impl IntoView {
    dom::set_title(&format!("{} · Heliograph", board.title));
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            <div class="notice">
                <span class="notice-icon"><Icon glyph=Glyph::Globe /></span>
                <h1>{text!(scores.pages.none, title = board.title)}</h1>
                <p>{text!(scores.pages.when)} <code>"scores"</code> "."</p>
                <p><a class="button primary" href=path_to(&board.name, "")>{text!(scores.pages.open)}</a></p>
            </div>
        </main>
    }
}

#[component]
pub fn Nowhere() -> impl IntoView {
    dom::set_title(text!(parts.not_found.title));
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            <div class="notice">
                <span class="notice-icon"><Icon glyph=Glyph::Globe /></span>
                <h1>{text!(parts.not_found.nothing)}</h1>
                <p>{text!(scores.pages.where_it_is)} <code>"/b/BOARD/scores"</code> "."</p>
                <p><a class="button primary" href="/">{text!(words.all_boards)}</a></p>
            </div>
        </main>
    }
}
