//! Messages that nobody took and that were given up, to be sent again.

use leptos::prelude::*;

use crate::browser::clock;
use crate::client::webhooks::{self, FailedMessage, ShownWebhook};
use crate::console::alarm_words;
use crate::console::seat::Seat;
use crate::console::shown::{self, Answer, Shown};

/// Messages that are listed; the rest is counted.
const LISTED: usize = 50;

/// They, folded up at first and asked for when they are opened.
#[component]
pub fn Failed(
    /// The webhook.
    now: Memo<ShownWebhook>,
    /// Its board.
    board: StoredValue<String>,
    /// Who sits here.
    seat: Seat,
    /// Some are sent again.
    changed: Callback<()>,
) -> impl IntoView {
    let answer: Answer<Vec<FailedMessage>> = RwSignal::new(None);
    let id = StoredValue::new(now.get_untracked().id.to_string());
    let said = RwSignal::new(String::new());
    let load = move || {
        shown::ask(answer, async move { webhooks::failed(&board.get_value(), &seat.key(), &id.get_value()).await });
    };
    let given_up = Memo::new(move |_| now.with(|webhook| webhook.given_up));
    let is_open = RwSignal::new(false);
    // Those that are given up while it is open are shown, too.
    Effect::new(move |_| {
        given_up.track();
        if is_open.get() {
            load();
        }
    });
    let again = move |_| {
        leptos::task::spawn_local(async move {
            let text = match webhooks::redeliver(&board.get_value(), &seat.key(), &id.get_value()).await {
                Ok(count) => counted!(count, console.webhooks.sent_again),
                Err(failure) => shown::sentence(failure),
            };
            let _ = said.try_set(text);
            load();
            changed.run(());
        });
    };
    let then = move |messages: Vec<FailedMessage>| {
        if messages.is_empty() {
            return view! { <p class="quiet-text">{text!(console.webhooks.none_failed)}</p> }.into_any();
        }
        view! { <Messages messages=messages /> }.into_any()
    };
    let is_any = Memo::new(move |_| given_up.get() > 0);
    let list = move || {
        is_any.get().then(|| {
            let label = text!(console.webhooks.send_again_of, id = id.get_value());
            view! {
                <details class="sheet" on:toggle=move |event| is_open.set(event_target::<web_sys::Element>(&event).has_attribute("open"))>
                    <summary>{move || counted!(given_up.get(), console.webhooks.failed)}</summary>
                    <Shown answer=answer retry=Callback::new(move |()| load()) then=then />
                    <p class="actions"><button class="button" type="button" aria-label=label on:click=again>{text!(console.webhooks.send_again)}</button></p>
                </details>
            }
        })
    };
    // What was done is said beside the list, which is gone once nothing is left in it.
    view! {
        {list}
        <p class="actions" role="status" data-testid="sent-again">{said}</p>
    }
}

#[component]
fn Messages(messages: Vec<FailedMessage>) -> impl IntoView {
    let rest = messages.len().saturating_sub(LISTED);
    let row = |message: FailedMessage| {
        let FailedMessage { event, at, why, again } = message;
        view! {
            <li data-message=event.id>
                <span class="quiet-text">{clock::short_text(at)}</span> " " <strong>{alarm_words::happened(event.kind)}</strong> " "
                {event.name} " " <code>{event.key}</code> " " {why}
                {again.then(|| view! { " " <span class="tag">{text!(console.webhooks.again)}</span> })}
            </li>
        }
    };
    view! {
        <ul class="last-records" tabindex="0" aria-label=text!(console.webhooks.failed_list) data-testid="failed">
            {messages.into_iter().take(LISTED).map(row).collect_view()}
        </ul>
        {(rest > 0).then(|| view! { <p class="quiet-text">{counted!(rest, console.webhooks.more_failed)}</p> })}
    }
}
