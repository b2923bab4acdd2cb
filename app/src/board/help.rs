//! The help: what the keys do and what the marks mean.

use leptos::html::Dialog;
use leptos::prelude::*;

use super::state::Page;
use crate::parts::icons::{Glyph, Icon};

const KEYS: [(&str, &str); 8] = [
    ("/", "Search"),
    ("↑ ↓", "Move in the list; Enter selects"),
    ("F", "Follow the selected item"),
    ("A", "Fit all items"),
    ("Esc", "Close the card, or clear the search"),
    ("1 2 3", "List, Top, Table"),
    ("+ −", "Zoom, when the map has the focus; arrow keys move it"),
    ("?", "This help"),
];

const MARKS: [(&str, &str, &str); 4] = [
    ("mark with-nose", "Live", "The nose shows where it is heading"),
    ("mark", "Live, heading unknown", "A plain dot until it moves"),
    ("mark hollow", "Stale", "Hollow and faded: no news for a while"),
    ("mark chosen", "Selected", "With a ring, and its trail drawn stronger"),
];

/// The dialog.
#[component]
pub fn Help(
    /// The board.
    page: Page,
) -> impl IntoView {
    let ui = page.ui;
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let is_open = ui.help.get();
        let Some(dialog) = dialog.get() else { return };
        if is_open && !dialog.open() {
            // It only fails for dialogs that are not in the page.
            let _ = dialog.show_modal();
        } else if !is_open && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog class="help" node_ref=dialog aria-labelledby="help-title" on:close=move |_| ui.help.set(false)>
            <header class="help-head">
                <h2 id="help-title">"Help"</h2>
                <button class="button icon-only quiet" type="button" aria-label="Close help" on:click=move |_| ui.help.set(false)>
                    <Icon glyph=Glyph::Close />
                </button>
            </header>
            <h3>"Keys"</h3>
            <dl class="keys">
                {KEYS.map(|(keys, meaning)| view! {
                    <div class="pair"><dt>{keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt><dd>{meaning}</dd></div>
                })}
            </dl>
            <h3>"Marks"</h3>
            <dl class="legend">
                {MARKS.map(|(class, name, meaning)| view! {
                    <div class="pair"><dt><span class=class aria-hidden="true"></span>{name}</dt><dd>{meaning}</dd></div>
                })}
            </dl>
            <p class="quiet-text">
                "Lines behind items show where this page has seen them in the last minutes. The address holds your view: copy it to share what you see."
            </p>
        </dialog>
    }
}
