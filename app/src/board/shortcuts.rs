//! What the keys of the keyboard do on a board's page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::address::Tab;
use super::items::panel::SEARCH_ID;
use super::map::view::{fit_all, toggle_names};
use super::replay::run as replay;
use super::state::Page;
use crate::browser::dom::{self, Listener};

/// Listens for as long as the page lives.
pub fn listen(page: Page) {
    let listener = web_sys::window().map(|window| {
        Listener::new(&window, "keydown", move |event| {
            let Ok(event) = event.dyn_into::<web_sys::KeyboardEvent>() else { return };
            if !event.ctrl_key() && !event.meta_key() && !event.alt_key() && shortcut(page, &event) {
                event.prevent_default();
            }
        })
    });
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || listener.dispose());
}

/// Does what a key means; false when it means nothing here.
fn shortcut(page: Page, event: &web_sys::KeyboardEvent) -> bool {
    let ui = page.ui;
    let key = event.key();
    if key == "Escape" {
        return escape(page, event);
    }
    if dom::is_typing(event) || ui.help.get_untracked() {
        return false;
    }
    match key.as_str() {
        "/" => focus_search(page),
        "f" | "F" => page.toggle_follow(),
        "a" | "A" => fit_all(page),
        "n" | "N" => toggle_names(page),
        "r" | "R" => replay::enter(page),
        "l" | "L" if page.replay.is_open() => replay::leave(page),
        " " if page.replay.is_open() && !is_on_control(event) => replay::toggle(page),
        "," if page.replay.is_open() => replay::step(page, false),
        "." if page.replay.is_open() => replay::step(page, true),
        "?" => ui.help.set(true),
        "1" => ui.tab.set(Tab::List),
        "2" => ui.tab.set(Tab::Top),
        "3" => ui.tab.set(Tab::Table),
        _ => return false,
    }
    true
}

/// Whether the space bar means something to what has the focus.
fn is_on_control(event: &web_sys::Event) -> bool {
    const CONTROLS: &str = "button,a,summary,[role=listbox]";
    let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|element| element.closest(CONTROLS).is_ok_and(|control| control.is_some()))
}

fn escape(page: Page, event: &web_sys::Event) -> bool {
    let ui = page.ui;
    if ui.help.get_untracked() {
        ui.help.set(false);
    } else if replay::is_in_bar(event) {
        replay::leave(page);
    } else if ui.selected.with_untracked(Option::is_some) {
        page.unselect();
    } else if ui.query.with_untracked(|query| !query.is_empty()) || ui.marks.with_untracked(|lines| !lines.is_empty()) {
        ui.want_everything();
    } else if page.replay.is_open() {
        replay::leave(page);
    } else {
        return false;
    }
    true
}

/// Puts the focus into the search at once, so that what is typed next is not lost; where the search is not in the
/// page yet, on the frame that brings it.
fn focus_search(page: Page) {
    if page.ui.tab.get_untracked() == Tab::Top {
        page.ui.tab.set(Tab::List);
    }
    if !take_focus() {
        dom::on_next_frame(|| {
            take_focus();
        });
    }
}

/// False when the search is not in the page.
fn take_focus() -> bool {
    let field = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id(SEARCH_ID));
    let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return false };
    // A field that is in the page can take the focus.
    let _ = field.focus();
    field.select();
    true
}
