//! One webhook: how it goes, a test, a change, another secret, what was given up, and its end.

use leptos::html::Summary;
use leptos::prelude::*;

use super::failed::Failed;
use super::form::WebhookForm;
use super::state::{Facts, State, StateTag};
use crate::browser::{clock, dom};
use crate::client::alarms::ShownRule;
use crate::client::webhooks::{self, MadeWebhook, ShownWebhook, Tested};
use crate::console::seat::Seat;
use crate::console::shown;
use crate::parts::format;

/// What is asked for a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Another secret.
    Rotate,
    /// Its end.
    Delete,
}

/// What came of a test, for people.
fn outcome(tested: &Tested) -> String {
    match (tested.taken, tested.status, &tested.why) {
        (true, Some(status), _) => text!(console.webhooks.test_taken_with, status = status),
        (true, None, _) => text!(console.webhooks.test_taken).to_owned(),
        (false, Some(status), Some(why)) => text!(console.webhooks.test_refused_with, status = status, why = why),
        (false, Some(status), None) => text!(console.webhooks.test_refused_status, status = status),
        (false, None, Some(why)) => text!(console.webhooks.test_refused, why = why),
        (false, None, None) => text!(console.webhooks.test_not_taken).to_owned(),
    }
}

/// The webhook, folded up at first.
#[component]
pub fn WebhookRow(
    /// As it was when the row was made.
    webhook: ShownWebhook,
    /// Its board.
    board: StoredValue<String>,
    /// Who sits here.
    seat: Seat,
    /// All of them, as they are.
    list: Memo<Vec<ShownWebhook>>,
    /// The board's rules.
    rules: Signal<Vec<ShownRule>>,
    /// Asks before something is done with it.
    ask: Callback<(Deed, String)>,
    /// It was changed.
    saved: Callback<MadeWebhook>,
    /// It may be another now.
    changed: Callback<()>,
) -> impl IntoView {
    let id = webhook.id.to_string();
    let first = StoredValue::new(webhook);
    let now = Memo::new(move |_| {
        let found = list.with(|all| first.with_value(|first| all.iter().find(|w| w.id == first.id).cloned()));
        found.unwrap_or_else(|| first.get_value())
    });
    let state = Memo::new(move |_| now.with(State::of));
    let host = Memo::new(move |_| now.with(|webhook| webhook.host.clone()));
    let (is_testing, tested) = (RwSignal::new(false), RwSignal::new(None::<(bool, String)>));
    let kept = StoredValue::new(id.clone());
    let test = move |_| {
        if is_testing.get_untracked() {
            return;
        }
        is_testing.set(true);
        tested.set(None);
        leptos::task::spawn_local(async move {
            let told = match webhooks::test(&board.get_value(), &seat.key(), &kept.get_value()).await {
                Ok(told) => (told.taken, outcome(&told)),
                Err(failure) => (false, shown::sentence(failure)),
            };
            let _ = tested.try_set(Some(told));
            let _ = is_testing.try_set(false);
            changed.run(());
        });
    };
    let last = move || {
        now.with(|webhook| match webhook.taken_at {
            Some(at) => text!(console.webhooks.last, age = format::age_sentence(clock::wall().since(at))),
            None => text!(console.webhooks.never).to_owned(),
        })
    };
    let (is_changed, changes) = (RwSignal::new(false), RwSignal::new(0_u32));
    let head = NodeRef::<Summary>::new();
    let then = Callback::new(move |made: MadeWebhook| {
        is_changed.set(false);
        dom::on_next_frame(move || {
            // What had the focus is gone with its form.
            if let Some(head) = head.try_get_untracked().flatten() {
                // It can only fail for what is not in the page.
                let _ = head.focus();
            }
        });
        changes.update(|changes| *changes += 1);
        saved.run(made);
    });
    let form = move || {
        changes.track();
        is_changed.get().then(|| {
            let of = now.with_untracked(|webhook| (webhook.id.to_string(), webhook.wish.clone()));
            view! { <WebhookForm board=board seat=seat of=Some(of) taken=Signal::derive(Vec::new) rules=rules saved=then /> }
        })
    };
    let name_of = move |text: fn(String) -> String| text(kept.get_value());
    let called = id.clone();
    view! {
        <li data-webhook=id>
            <details>
                <summary>
                    <strong>{called}</strong> " " {move || view! { <StateTag state=state.get() /> }} " " <span class="hook-host">{host}</span>
                    <span class="quiet-text">{last}</span>
                </summary>
                <Facts now=now />
                <p class="actions">
                    <button class="button" type="button" disabled=is_testing aria-label=name_of(|id| text!(console.webhooks.test_of, id = id)) on:click=test>{text!(console.webhooks.test)}</button>
                    <span role="status" data-testid="tested">{move || if is_testing.get() { text!(console.webhooks.testing).to_owned() } else { tested.with(|t| t.as_ref().map(|(_, text)| text.clone()).unwrap_or_default()) }}</span>
                </p>
                <Failed now=now board=board seat=seat changed=changed />
                <details class="sheet make-key" prop:open=is_changed on:toggle=move |event| is_changed.set(event_target::<web_sys::Element>(&event).has_attribute("open"))>
                    <summary node_ref=head>{text!(console.webhooks.change)}</summary>
                    {form}
                </details>
                <p class="actions">
                    <button class="button" type="button" aria-label=name_of(|id| text!(console.webhooks.rotate_of, id = id)) on:click=move |_| ask.run((Deed::Rotate, kept.get_value()))>{text!(console.webhooks.rotate)}</button>
                    <button class="button danger" type="button" aria-label=name_of(|id| text!(console.webhooks.delete_title, id = id)) on:click=move |_| ask.run((Deed::Delete, kept.get_value()))>{text!(console.webhooks.delete)}</button>
                </p>
            </details>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_says_what_the_receiver_answered() {
        let said = |taken, status, why: Option<&str>| outcome(&Tested { taken, status, why: why.map(str::to_owned) });
        assert!(said(true, Some(204), None).contains("204"));
        let refused = said(false, Some(500), Some("oh"));
        assert!(refused.contains("500") && refused.contains("oh"), "{refused}");
        assert!(said(false, None, Some("no answer")).contains("no answer"));
        assert_ne!(said(true, None, None), said(false, None, None));
    }
}
