//! A text to copy.

use leptos::prelude::*;

use crate::browser::dom;

/// A text, and a button that copies it.
#[component]
pub fn Copyable(
    /// What it is.
    what: &'static str,
    /// The text.
    text: String,
) -> impl IntoView {
    let said = RwSignal::new("");
    let kept = StoredValue::new(text.clone());
    let copy = move |_| {
        dom::copy(&kept.get_value(), move |is_done| {
            let word = if is_done { text!(console.sources.copied) } else { text!(console.sources.select) };
            let _ = said.try_set(word);
        });
    };
    view! {
        <div class="copyable" data-what=what>
            <p class="copyable-head"><strong>{what}</strong>
                <button class="button small" type="button" aria-label=text!(console.sources.copy_of, what = what) on:click=copy>{text!(console.sources.copy)}</button>
                <span role="status">{said}</span>
            </p>
            <pre tabindex="0" role="region" aria-label=what><code>{text}</code></pre>
        </div>
    }
}
