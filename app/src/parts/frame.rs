//! What stands at the top of every page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::language::LanguageChoice;
use super::theme::ThemeButton;
use super::units_choice::UnitsChoice;

/// The first thing the keyboard reaches.
#[component]
pub fn SkipLink() -> impl IntoView {
    view! {
        <nav aria-label=text!(parts.frame.shortcuts)><a class="skip" href="#main" on:click=move |event| skip(&event)>{text!(parts.frame.skip)}</a></nav>
    }
}

/// Moves the focus to the content. The address's hash is the camera's, so the link can't do it by itself.
fn skip(event: &leptos::ev::MouseEvent) {
    event.prevent_default();
    let main = document().get_element_by_id("main").and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(main) = main {
        // An element that is in the page can take the focus.
        let _ = main.focus();
    }
}

/// The name, and the way home.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/" aria-label=text!(parts.frame.home)>
            <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
                <path class="logo-rays" d="M16 2v5M25.9 6.1l-3.5 3.5M30 16h-5M6.1 6.1l3.5 3.5M2 16h5" />
                <path class="logo-disc" d="M7 20a9 9 0 0 1 18 0Z" />
                <path class="logo-ground" d="M3 25h26M9 29h14" />
            </svg>
            <span class="brand-name">"Heliograph"</span>
        </a>
    }
}

/// The head of pages that are not boards.
#[component]
pub fn SiteHead() -> impl IntoView {
    view! {
        <header class="bar site">
            <Brand />
            <div class="bar-actions"><LanguageChoice /><UnitsChoice /><ThemeButton /></div>
        </header>
    }
}
