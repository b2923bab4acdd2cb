//! Asks before something is done that others will see.

use leptos::html::Dialog;
use leptos::prelude::*;

use super::manager::Manager;

/// The question, when there is one.
#[component]
pub fn Confirm(
    /// The page.
    manager: Manager,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let reason = RwSignal::new(String::new());
    let question = manager.question;
    Effect::new(move |_| {
        let is_asked = question.with(Option::is_some);
        let Some(dialog) = dialog.get() else { return };
        if is_asked && !dialog.open() {
            reason.set(String::new());
            // It can only fail for a dialog that is open or not in the page.
            let _ = dialog.show_modal();
        } else if !is_asked && dialog.open() {
            dialog.close();
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = reason.get_untracked().trim().to_owned();
        if let Some(asked) = question.get_untracked().filter(|asked| !asked.needs_reason || !text.is_empty()) {
            manager.go_on(asked, &text);
        }
    };
    view! {
        <dialog class="confirm" node_ref=dialog aria-labelledby="confirm-title" on:close=move |_| question.set(None) data-testid="confirm">
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
        </dialog>
    }
}
