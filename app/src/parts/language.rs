//! The choice of the page's language: an icon that is a list. Languages are called as they call themselves.

use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use crate::browser::{language, storage};
use crate::texts::language::{ALL, code, direction, name, of_tag};
use crate::texts::locale;

/// The list of languages; another one loads the page anew.
#[component]
pub fn LanguageChoice() -> impl IntoView {
    let options = ALL.into_iter().map(|known| {
        view! { <option value=code(known) lang=code(known) dir=direction(known).code() selected={known == locale()}>{name(known)}</option> }
    });
    let choose = move |event: leptos::ev::Targeted<leptos::ev::Event, web_sys::HtmlSelectElement>| {
        if let Some(known) = of_tag(&event.target().value()) {
            language::choose(known, storage::browser());
        }
    };
    view! {
        <span class="button icon-only language" title=text!(parts.language.label)>
            <Icon glyph=Glyph::Language />
            <select aria-label=text!(parts.language.label) data-testid="language" on:change:target=choose>{options.collect_view()}</select>
        </span>
    }
}
