//! Heliograph in the browser: one library, and a program for each kind of page, so that a page's download holds only what that
//! page shows. The address says which folder it is, and the folder's first lines say which file.
//!
//! | address | folder | program |
//! |---|---|---|
//! | `/` | `boards` | `heliograph-app` |
//! | `/b/{board}`, `/b/{board}/map` | `board` | `heliograph-app` |
//! | `/b/{board}/scores` | `scores` | `heliograph-scores` |
//! | `/b/{board}/contest` | `contest` | `heliograph-contest` |
//! | `/b/{board}/explore` | `explore` | `heliograph-explore` |
//! | `/manage`, `/b/{board}/manage`, `/signed-in` | `console` | `heliograph-console` |
//! | `/quiz`, `/arena` | `demos` | `heliograph-play` |
//! | `/embed/{board}` with standings | `embed` | `heliograph-embed-scores` |
//! | … with items, a value or a table | `embed` | `heliograph-embed-items` |
//! | … with a map | `embed` | `heliograph-embed-map` |
//! | … with a chart | `embed` | `heliograph-embed-chart` |
//!
//! Below them are `chart`, `parts` of several pages, `client` (the server), `browser` and `texts`. Arrows go down only.
//!
//! The feed's callback writes the `store`; views read it per animation frame; the map's layer draws from its `scene`.
//! What can be decided without a browser (sorting, motion, addresses, texts) is plain Rust with native tests.

#[macro_use]
mod texts;

mod board;
mod boards;
mod browser;
mod chart;
mod client;
mod console;
mod contest;
pub mod demos;
pub mod embed;
mod explore;
mod parts;
mod scores;

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

use board::home::HomePage;
use board::page::BoardPage;
use boards::page::BoardsPage;
use parts::frame::SkipLink;
use parts::not_found::NotFoundPage;
use parts::theme::Theme;

/// A map that is measured.
#[cfg(feature = "bench")]
pub fn bench_map() {
    board::map::bench::expose();
}

/// The router of the pages with maps: the list of boards, and a board.
#[component]
fn App() -> impl IntoView {
    provide_context(Theme::new());
    view! {
        <SkipLink />
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/") view=BoardsPage />
                <Route path=path!("/b/:board") view=HomePage />
                <Route path=path!("/b/:board/map") view=BoardPage />
            </Routes>
        </Router>
    }
}

/// The list of boards and the boards with their maps: everything of `index.html`.
pub fn boards() {
    start(App);
}

/// The scoreboard: everything of `scores.html`.
pub fn scoreboard() {
    start(scores::Scoreboard);
}

/// The problems of a contest: everything of `contest.html`.
pub fn contest() {
    start(contest::ContestProgram);
}

/// Comparing items and fields over time: everything of `explore.html`.
pub fn explorer() {
    start(explore::ExplorePage);
}

/// The manager's console: everything of `console.html`.
pub fn console() {
    start(console::ConsoleProgram);
}

/// Takes the place of the page's first words and shows the view for as long as the page lives.
pub fn start<F, N>(view: F)
where
    F: FnOnce() -> N + 'static,
    N: IntoView,
{
    std::panic::set_hook(Box::new(report));
    browser::language::begin(browser::storage::browser());
    parts::units_choice::begin(browser::storage::browser());
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
    client::renewal::keep();
    leptos::mount::mount_to_body(view);
}

/// The path's segments, decoded.
pub fn segments() -> Vec<String> {
    let path = web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    path.split('/').filter(|part| !part.is_empty()).map(browser::percent::decode).collect()
}

/// A bug stops the program: say so, instead of leaving a page that looks alive.
pub(crate) fn report(info: &std::panic::PanicHookInfo<'_>) {
    web_sys::console::error_1(&info.to_string().into());
    let body = web_sys::window().and_then(|window| window.document()).and_then(|document| document.body());
    if let Some(body) = body {
        body.set_class_name("crashed");
    }
}
