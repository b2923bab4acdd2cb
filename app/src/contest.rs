//! A contest's board, at `/b/{board}/contest`: every team at every problem, the contest's clock, and the resolver.
//!
//! | behaviour | file |
//! |---|---|
//! | the page | `page` |
//! | what the server says about problems | `problems` |
//! | a team at a problem, as text | `cell` |
//! | the grid, its table in the page, and a row of it | `grid`, `table`, `line` |
//! | what a team is given, and where a medal's stretch ends | `award` |
//! | a team's badge, and the logo over it | `badge`, `logos` |
//! | the contest's clock | `clock` |
//! | whose row is being revealed | `spotlight` |
//! | how a manager reveals rows on every screen | `resolver` |
//! | how fast a resolver goes by itself | `pace` |
//! | the resolver for the hall's screen, cell by cell | `hall` |

mod award;
mod badge;
mod cell;
mod clock;
mod grid;
mod hall;
mod line;
mod logos;
mod pace;
mod page;
mod problems;
mod resolver;
mod spotlight;
mod table;

use leptos::prelude::*;

use self::hall::HallPage;
use self::page::ContestPage;
use crate::parts::frame::SkipLink;
use crate::parts::open_board::{Board, WithBoard};
use crate::parts::theme::Theme;
use crate::scores::address::Place;
use crate::scores::{NoScores, Nowhere};

/// The contest of the board that the path names.
#[component]
pub fn ContestProgram() -> impl IntoView {
    provide_context(Theme::new());
    let page = if let Place::Contest(name) = Place::of(&crate::segments()) {
        let then = |board: Board| {
            let search = web_sys::window().and_then(|window| window.location().search().ok()).unwrap_or_default();
            if board.has_scores && hall::is_asked_for(&search) {
                view! { <HallPage board=board /> }.into_any()
            } else if board.has_scores {
                view! { <ContestPage board=board /> }.into_any()
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
