//! A board that has nothing yet: how its first event gets there, from a terminal or from here.

use leptos::prelude::*;

use super::copyable::Copyable;
use super::seat::Seat;
use super::shown::sentence;
use crate::client::{manage, place};
use crate::parts::first_event::{EVENT, KEY_LINE, line};
use crate::scores::address::path_to;

/// The way to a first event.
#[component]
pub fn FirstEvent(
    /// The board.
    board: String,
    /// Who sits here.
    seat: Seat,
) -> impl IntoView {
    let map = path_to(&board, "map");
    let lines = format!("{KEY_LINE}\n{}", line(&place::server(), &board));
    let name = StoredValue::new(board);
    let said = RwSignal::new(String::new());
    let is_sent = RwSignal::new(false);
    let is_busy = RwSignal::new(false);
    let send = move |_| {
        is_busy.set(true);
        leptos::task::spawn_local(async move {
            let sent = manage::send_event(&name.get_value(), &seat.key(), EVENT).await;
            let _ = is_busy.try_set(false);
            let _ = is_sent.try_set(sent.is_ok());
            let _ = said.try_set(match sent {
                Ok(()) => text!(console.first.sent).to_owned(),
                Err(failure) => sentence(failure),
            });
        });
    };
    view! {
        <section class="part" aria-labelledby="first-event" data-testid="first">
            <h2 id="first-event">{text!(console.first.heading)}</h2>
            <p>{text!(console.first.what)}</p>
            <Copyable what=text!(console.first.terminal) text=lines />
            <p class="actions">
                <button class="button primary" type="button" disabled=is_busy on:click=send>{text!(console.first.send)}</button>
                <span role="status">{said}</span>
                {move || is_sent.get().then(|| view! { <a href=map.clone()>{text!(console.first.open)}</a> })}
            </p>
        </section>
    }
}
