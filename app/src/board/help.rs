//! The help: what the keys do and what the marks mean.

use leptos::prelude::*;

use super::announce::wanted;
use super::state::Page;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::modal::Modal;

fn shortcuts() -> [(&'static str, &'static str); 13] {
    [
        ("/", text!(board.help.search)),
        ("↑ ↓", text!(board.help.move_in_list)),
        ("F", text!(board.help.follow)),
        ("A", text!(board.help.fit)),
        ("N", text!(board.help.names)),
        ("Esc", text!(board.help.close_card)),
        ("R", text!(board.help.replay)),
        (text!(board.help.space), text!(board.help.play)),
        (", .", text!(board.help.step)),
        ("L", text!(board.help.back_to_live)),
        ("1 2 3", text!(board.help.tabs)),
        ("+ −", text!(board.help.zoom)),
        ("?", text!(board.help.this)),
    ]
}

fn marks() -> [(&'static str, &'static str, &'static str); 4] {
    [
        ("mark with-nose", text!(board.help.live), text!(board.help.nose)),
        ("mark", text!(board.help.live_without), text!(board.help.dot)),
        ("mark hollow", text!(board.help.stale), text!(board.help.hollow)),
        ("mark chosen", text!(board.help.selected), text!(board.help.ring)),
    ]
}

/// The dialog.
#[component]
pub fn Help(
    /// The board.
    page: Page,
) -> impl IntoView {
    let ui = page.ui;
    view! {
        <Modal class="help" labelled_by="help-title" is_open=ui.help on_close=move |()| ui.help.set(false)>
            <header class="help-head">
                <h2 id="help-title">{text!(board.help.title)}</h2>
                <button class="button icon-only quiet" type="button" aria-label=text!(board.help.close) on:click=move |_| ui.help.set(false)>
                    <Icon glyph=Glyph::Close />
                </button>
            </header>
            <h3>{text!(board.help.keys)}</h3>
            <dl class="keys">
                {shortcuts().map(|(keys, meaning)| view! {
                    <div class="pair"><dt>{keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt><dd>{meaning}</dd></div>
                })}
            </dl>
            <h3>{text!(board.help.marks)}</h3>
            <dl class="legend">
                {marks().map(|(class, name, meaning)| view! {
                    <div class="pair"><dt><span class=class aria-hidden="true"></span>{name}</dt><dd>{meaning}</dd></div>
                })}
            </dl>
            <h3>{text!(board.help.listeners)}</h3>
            <label class="help-choice">
                <input type="checkbox" prop:checked=ui.summary on:change=move |event| {
                    let is_wanted = event_target_checked(&event);
                    ui.summary.set(is_wanted);
                    wanted::set(is_wanted);
                } />
                {text!(board.help.summary)}
            </label>
            <p class="quiet-text">
                {text!(board.help.about_view)}
            </p>
        </Modal>
    }
}
