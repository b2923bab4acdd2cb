//! For addresses that lead nowhere.

use leptos::prelude::*;

use super::frame::SiteHead;
use super::icons::{Glyph, Icon};
use crate::browser::dom;

/// The page for unknown addresses.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    dom::set_title(text!(parts.not_found.title));
    let path = web_sys::window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            <Notice
                glyph=Glyph::Globe
                title=text!(parts.not_found.nothing).to_owned()
                text=text!(parts.not_found.no_page, path = path)
            />
        </main>
    }
}

/// A message that fills a page, with a way back.
#[component]
pub fn Notice(
    /// What it is about.
    glyph: Glyph,
    /// In a few words.
    title: String,
    /// In a sentence or two.
    text: String,
) -> impl IntoView {
    view! {
        <div class="notice">
            <span class="notice-icon"><Icon glyph=glyph /></span>
            <h1>{title}</h1>
            <p>{text}</p>
            <p><a class="button primary" href="/">{text!(words.all_boards)}</a></p>
        </div>
    }
}
