//! Heliograph in the browser: live maps and rankings of boards.
//!
//! The feed's callback writes the `store`; views read it per animation frame; the map's layer draws from its `scene`.
//! What can be decided without a browser (sorting, motion, addresses, texts) is plain Rust with native tests.

mod announce;
mod api;
mod app;
mod card;
mod clock;
mod debug;
mod dom;
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
mod rows;
mod status;
mod store;
mod table;
mod theme;
mod top;
mod ui;
mod url_state;

fn main() {
    std::panic::set_hook(Box::new(report));
    let boot = web_sys::window().and_then(|window| window.document()).and_then(|d| d.get_element_by_id("boot"));
    if let Some(boot) = boot {
        boot.remove();
    }
    leptos::mount::mount_to_body(app::App);
}

/// A bug stops the program: say so, instead of leaving a page that looks alive.
fn report(info: &std::panic::PanicHookInfo<'_>) {
    web_sys::console::error_1(&info.to_string().into());
    let body = web_sys::window().and_then(|window| window.document()).and_then(|document| document.body());
    if let Some(body) = body {
        body.set_class_name("crashed");
    }
}
