//! Choosing some of many by typing: a combobox with what was chosen before it.

use leptos::ev::KeyboardEvent;
use leptos::html::Input;
use leptos::prelude::*;

use crate::parts::icons::{Glyph, Icon};

/// Suggestions that are offered at once.
pub const OFFERED: usize = 8;

/// The picker.
#[component]
pub fn Picker(
    /// What is chosen.
    #[prop(into)]
    chosen: Signal<Vec<String>>,
    /// What fits to what was typed.
    suggest: Callback<String, Vec<String>>,
    /// Takes one more.
    add: Callback<String>,
    /// Takes one away.
    remove: Callback<String>,
    /// Whether any text may be taken, not only what is suggested.
    #[prop(into)]
    is_free: bool,
    /// What is shown when nothing is chosen.
    placeholder: &'static str,
    /// What is chosen here.
    #[prop(into)]
    label: String,
    /// How many may be chosen.
    most: usize,
    /// Its name on the page, for what refers to it and for tests.
    id: &'static str,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let is_open = RwSignal::new(false);
    let active = RwSignal::new(None::<usize>);
    let input = NodeRef::<Input>::new();
    let offers = Memo::new(move |_| {
        if is_open.get() {
            suggest.run(typed.get())
        } else {
            let _ = chosen.get();
            Vec::new()
        }
    });
    let is_full = move || chosen.with(|chosen| chosen.len() >= most);
    let take = move |value: String| {
        let value = value.trim().to_owned();
        if !value.is_empty() && !is_full() {
            add.run(value);
        }
        typed.set(String::new());
        active.set(None);
        // The suggestions lie over what is chosen next; typing, the arrow and a click bring them back.
        is_open.set(false);
    };
    let on_key = move |event: KeyboardEvent| {
        let count = offers.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => {
                is_open.set(true);
                active.update(|at| *at = Some(at.map_or(0, |at| (at + 1) % count)));
            }
            "ArrowDown" => is_open.set(true),
            "ArrowUp" if count > 0 => {
                active.update(|at| *at = Some(at.map_or(count - 1, |at| (at + count - 1) % count)));
            }
            "Enter" => {
                let marked =
                    active.get_untracked().and_then(|at| offers.with_untracked(|offers| offers.get(at).cloned()));
                let text = typed.get_untracked();
                let first = offers.with_untracked(|offers| offers.first().cloned()).filter(|_| !text.trim().is_empty());
                match marked
                    .or_else(|| offers.with_untracked(|offers| offers.iter().find(|o| **o == text).cloned()))
                    .or(first)
                {
                    Some(value) => take(value),
                    None if is_free => take(text),
                    None => {}
                }
            }
            "Escape" if is_open.get_untracked() => {
                is_open.set(false);
                active.set(None);
            }
            "Backspace" if typed.with_untracked(String::is_empty) => {
                if let Some(last) = chosen.with_untracked(|chosen| chosen.last().cloned()) {
                    remove.run(last);
                }
                return;
            }
            _ => return,
        }
        event.prevent_default();
    };
    let option_id = move |index: usize| format!("{id}-{index}");
    let chosen_label = text!(explore.picker.chosen, label = &label);
    let suggestions = text!(explore.picker.suggestions, label = &label);
    let list_id = format!("{id}-offers");
    let owner = list_id.clone();
    view! {
        <div class="picker">
            <ul class="picked" aria-label=chosen_label data-testid=format!("{id}ed")>
                {move || chosen.get().into_iter().map(|value| {
                    let gone = value.clone();
                    view! {
                        <li class="picked-one">
                            <span>{value.clone()}</span>
                            <button type="button" class="unpick" aria-label=text!(explore.picker.remove, value = &value) on:click=move |_| remove.run(gone.clone())>
                                <Icon glyph=Glyph::Close />
                            </button>
                        </li>
                    }
                }).collect_view()}
            </ul>
            <input
                node_ref=input
                type="text"
                role="combobox"
                aria-label=label
                aria-autocomplete="list"
                aria-controls=list_id
                aria-expanded=move || if offers.with(|offers| !offers.is_empty()) { "true" } else { "false" }
                aria-activedescendant=move || active.get().map(option_id)
                autocomplete="off"
                spellcheck="false"
                data-testid=id
                placeholder=move || {
                    if chosen.with(Vec::is_empty) { placeholder } else if is_full() { "" } else { text!(explore.picker.add) }
                }
                disabled=is_full
                prop:value=typed
                on:input=move |event| {
                    typed.set(event_target_value(&event));
                    active.set(None);
                    is_open.set(true);
                }
                on:focus=move |_| is_open.set(true)
                on:click=move |_| is_open.set(true)
                on:blur=move |_| is_open.set(false)
                on:keydown=on_key
            />
            <ul class="offers" id=owner role="listbox" aria-label=suggestions hidden=move || offers.with(Vec::is_empty)>
                {move || offers.get().into_iter().enumerate().map(|(index, value)| {
                    let taken = value.clone();
                    view! {
                        <li
                            id=option_id(index)
                            role="option"
                            aria-selected=move || if active.get() == Some(index) { "true" } else { "false" }
                            // The field keeps the focus, so that choosing may go on.
                            on:pointerdown=move |event| {
                                event.prevent_default();
                                take(taken.clone());
                            }
                        >
                            {value}
                        </li>
                    }
                }).collect_view()}
            </ul>
        </div>
    }
}
