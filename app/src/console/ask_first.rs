//! Asks before something is done that can't be taken back; for the worst of it, a name is typed.

use leptos::html::Dialog;
use leptos::prelude::*;

/// A question.
#[derive(Clone)]
pub struct Ask {
    /// What is about to be done.
    pub title: String,
    /// What that means.
    pub text: String,
    /// On the button that does it.
    pub label: String,
    /// What has to be typed first.
    pub word: Option<String>,
    /// Does it.
    pub then: Callback<()>,
}

/// The question, when there is one.
#[component]
pub fn AskFirst(
    /// The question.
    asked: RwSignal<Option<Ask>>,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let typed = RwSignal::new(String::new());
    Effect::new(move |_| {
        let is_asked = asked.with(Option::is_some);
        let Some(dialog) = dialog.get() else { return };
        if is_asked && !dialog.open() {
            typed.set(String::new());
            // It can only fail for a dialog that is open or not in the page.
            let _ = dialog.show_modal();
        } else if !is_asked && dialog.open() {
            dialog.close();
        }
    });
    let is_ready = Memo::new(move |_| {
        asked.with(|asked| asked.as_ref().and_then(|asked| asked.word.clone())).is_none_or(|word| typed.get() == word)
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(question) = asked.get_untracked().filter(|_| is_ready.get_untracked()) {
            asked.set(None);
            question.then.run(());
        }
    };
    view! {
        <dialog class="confirm" node_ref=dialog aria-labelledby="ask-title" on:close=move |_| asked.set(None) data-testid="ask">
            {move || asked.get().map(|question| view! {
                <form method="dialog" on:submit=submit>
                    <h2 id="ask-title">{question.title}</h2>
                    <p>{question.text}</p>
                    {question.word.map(|word| view! {
                        <label class="field">
                            <span>{text!(console.ask_first.type_it)} " " <strong>{word}</strong></span>
                            <input type="text" autocomplete="off" autocapitalize="off" spellcheck="false" prop:value=typed
                                on:input=move |event| typed.set(event_target_value(&event)) />
                        </label>
                    })}
                    <p class="confirm-actions">
                        <button class="button" type="button" on:click=move |_| asked.set(None)>{text!(console.dialog.cancel)}</button>
                        <button class="button danger" type="submit" disabled=move || !is_ready.get()>{question.label}</button>
                    </p>
                </form>
            })}
        </dialog>
    }
}
