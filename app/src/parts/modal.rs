//! A dialog over the page, open while a signal says so.

use leptos::html::Dialog;
use leptos::prelude::*;

/// A modal dialog: its state is the caller's, and Escape tells the caller.
///
/// A browser reports `close` in a task of its own, which can run after the next question has been asked. What is open
/// again is therefore not reported.
#[component]
pub fn Modal(
    /// The class of the `dialog`.
    class: &'static str,
    /// The id of its heading.
    labelled_by: &'static str,
    /// How tests find it.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// Whether it is open.
    #[prop(into)]
    is_open: Signal<bool>,
    /// Before it opens.
    #[prop(optional, into)]
    on_open: Option<Callback<()>>,
    /// After it was closed by whoever looks at it.
    #[prop(into)]
    on_close: Callback<()>,
    /// What it says.
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let is_asked = is_open.get();
        let Some(dialog) = dialog.get() else { return };
        if is_asked && !dialog.open() {
            if let Some(on_open) = on_open {
                on_open.run(());
            }
            // It can only fail for a dialog that is open or not in the page.
            let _ = dialog.show_modal();
        } else if !is_asked && dialog.open() {
            dialog.close();
        }
    });
    let closed = move |_| {
        if dialog.get_untracked().is_some_and(|dialog| !dialog.open()) {
            on_close.run(());
        }
    };
    view! {
        <dialog class=class node_ref=dialog aria-labelledby=labelled_by on:close=closed data-testid=testid>
            {children()}
        </dialog>
    }
}
