//! Asks before something is done that others will see.

use leptos::prelude::*;

use super::manager::Manager;
use crate::parts::modal::Modal;

/// The question, when there is one.
#[component]
pub fn Confirm(
    /// The page.
    manager: Manager,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let question = manager.question;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = reason.get_untracked().trim().to_owned();
        if let Some(asked) = question.get_untracked().filter(|asked| !asked.needs_reason || !text.is_empty()) {
            manager.go_on(asked, &text);
        }
    };
    view! {
        <Modal class="confirm" labelled_by="confirm-title" testid="confirm" is_open=Signal::derive(move || question.with(Option::is_some))
            on_open=move |()| reason.set(String::new()) on_close=move |()| question.set(None)>
            {move || question.get().map(|asked| view! {
                <form method="dialog" on:submit=submit>
                    <h2 id="confirm-title">{asked.title}</h2>
                    <p>{asked.text}</p>
                    {asked.needs_reason.then(|| view! {
                        <label class="field">
                            <span>{text!(console.dialog.reason)}</span>
                            <input type="text" required maxlength="200" autocomplete="off" prop:value=reason
                                on:input=move |event| reason.set(event_target_value(&event)) />
                        </label>
                    })}
                    <p class="confirm-actions">
                        <button class="button" type="button" on:click=move |_| question.set(None)>{text!(console.dialog.cancel)}</button>
                        <button class="button primary" type="submit">{asked.label}</button>
                    </p>
                </form>
            })}
        </Modal>
    }
}
