//! Asks before something is done that can't be taken back, or that others will see.

use leptos::prelude::*;

use crate::parts::modal::Modal;

/// A question.
#[derive(Clone)]
pub struct Question {
    /// In a few words.
    pub title: String,
    /// What will happen.
    pub text: String,
    /// On the button that does it.
    pub label: &'static str,
    /// Does it.
    pub work: Callback<()>,
}

/// The question, when there is one.
#[component]
pub fn Confirm(
    /// What is asked.
    question: RwSignal<Option<Question>>,
) -> impl IntoView {
    let go_on = move |_| {
        let asked = question.get_untracked();
        question.set(None);
        if let Some(asked) = asked {
            asked.work.run(());
        }
    };
    view! {
        <Modal class="confirm" labelled_by="confirm-title" testid="confirm" is_open=Signal::derive(move || question.with(Option::is_some)) on_close=move |()| question.set(None)>
            {move || question.get().map(|asked| view! {
                <h2 id="confirm-title">{asked.title}</h2>
                <p>{asked.text}</p>
                <p class="buttons">
                    <button class="button" type="button" on:click=move |_| question.set(None)>{text!(console.dialog.cancel)}</button>
                    <button class="button primary" type="button" data-testid="confirm-yes" on:click=go_on>{asked.label}</button>
                </p>
            })}
        </Modal>
    }
}
