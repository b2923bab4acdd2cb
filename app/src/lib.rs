//! Heliograph in the browser: one library and five programs, each with a page of its own (`index.html`, `scores.html`,
//! `console.html`, `explore.html`, `play.html`), so that a page's download holds only what that page shows.
//!
//! The feed's callback writes the `store`; views read it per animation frame; the map's layer draws from its `scene`.
//! What can be decided without a browser (sorting, motion, addresses, texts) is plain Rust with native tests.

mod access;
mod announce;
mod api;
mod app;
pub mod arena;
mod brand;
mod card;
mod chart;
mod clock;
mod debug;
mod dom;
mod explore;
mod feed;
mod format;
mod help;
mod icons;
mod keys;
mod list;
mod map;
mod map_view;
mod pages;
mod panel;
mod percent;
mod play;
pub mod quiz;
mod rows;
mod scores;
mod status;
mod store;
mod table;
mod theme;
mod top;
mod ui;
mod url_state;

use leptos::prelude::*;

/// The list of boards and the boards with their maps: everything of `index.html`.
pub fn boards() {
    start(app::App);
}

/// The scoreboard: everything of `scores.html`.
pub fn scoreboard() {
    start(scores::Scoreboard);
}

/// Comparing items and fields over time: everything of `explore.html`.
pub fn explorer() {
    start(explore::ExplorePage);
}

/// The manager's console: everything of `console.html`.
pub fn console() {
    start(scores::Console);
}

/// Takes the place of the page's first words and shows the view for as long as the page lives.
pub fn start<F, N>(view: F)
where
    F: FnOnce() -> N + 'static,
    N: IntoView,
{
    std::panic::set_hook(Box::new(report));
    if let Some(boot) = document().get_element_by_id("boot") {
        boot.remove();
    }
    leptos::mount::mount_to_body(view);
}

/// The path's segments, decoded.
pub fn path() -> Vec<String> {
    let path = web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    path.split('/').filter(|part| !part.is_empty()).map(percent::decode).collect()
}

/// A bug stops the program: say so, instead of leaving a page that looks alive.
fn report(info: &std::panic::PanicHookInfo<'_>) {
    web_sys::console::error_1(&info.to_string().into());
    let body = web_sys::window().and_then(|window| window.document()).and_then(|document| document.body());
    if let Some(body) = body {
        body.set_class_name("crashed");
    }
}
