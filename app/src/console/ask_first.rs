//! Asks before something is done that can't be taken back; for the worst of it, a name is typed.

use leptos::prelude::*;

use crate::parts::modal::Modal;

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
    let typed = RwSignal::new(String::new());
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
        <Modal class="confirm" labelled_by="ask-title" testid="ask" is_open=Signal::derive(move || asked.with(Option::is_some))
            on_open=move |()| typed.set(String::new()) on_close=move |()| asked.set(None)>
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
        </Modal>
    }
}
