//! The buttons of a resolver, how far it is, and at its end the way to everybody's screens.

use heliograph_shared::scores::resolver::Resolver;
use leptos::prelude::*;
use serde_json::json;

use super::driver::Driver;
use crate::browser::percent::encode;
use crate::client::boards;
use crate::contest::pace::PaceChoice;
use crate::contest::resolver::can_resolve;
use crate::parts::icons::{Glyph, Icon};
use crate::scores::about::Session;

/// The buttons.
#[component]
pub fn Desk(
    /// What is played.
    driver: Driver,
    /// The board.
    board: String,
    /// The key that may manage it.
    key: Option<String>,
    /// What is resolved.
    session: Option<Session>,
) -> impl IntoView {
    let at = Memo::new(move |_| driver.resolver.with(|resolver| (resolver.revealed(), resolver.cells())));
    let is_first = Memo::new(move |_| driver.resolver.with(|resolver| resolver.last().is_none()));
    let is_done = Memo::new(move |_| driver.resolver.with(Resolver::is_done));
    let play =
        move || if driver.is_playing.get() { text!(contest.resolver.pause) } else { text!(contest.resolver.play) };
    let progress = move || {
        let (revealed, cells) = at.get();
        text!(contest.hall.progress, revealed = revealed, cells = cells)
    };
    let wants = StoredValue::new(session.filter(can_resolve).map(|session| (board, key, session.id)));
    view! {
        <section class="resolver desk" aria-label=text!(contest.resolver.resolver) data-testid="desk">
            <button class="button" type="button" disabled=move || is_first.get() data-testid="restart" on:click=move |_| driver.restart()>{text!(contest.hall.restart)}</button>
            <button class="button" type="button" disabled=move || is_first.get() data-testid="back" on:click=move |_| driver.back()>
                <Icon glyph=Glyph::Previous />{text!(contest.hall.back)}
            </button>
            <button class="button primary" type="button" disabled=move || is_done.get() data-testid="play" on:click=move |_| driver.play()>{play}</button>
            <button class="button" type="button" disabled=move || is_done.get() data-testid="step" on:click=move |_| driver.forward()>
                {text!(contest.hall.step)}<Icon glyph=Glyph::Next />
            </button>
            <PaceChoice pace=driver.pace called=|seconds| text!(contest.hall.seconds, seconds = seconds) />
            <label class="desk-progress">
                <progress max=move || at.get().1.max(1).to_string() value=move || at.get().0.to_string()></progress>
                <span data-testid="progress">{progress}</span>
            </label>
            {move || wants.get_value().filter(|_| is_done.get()).map(|(board, key, id)| view! { <ToEverybody board=board key=key id=id /> })}
        </section>
    }
}

/// Shows everybody what the hall has seen.
#[component]
fn ToEverybody(board: String, key: Option<String>, id: String) -> impl IntoView {
    let is_busy = RwSignal::new(false);
    let said = RwSignal::new(None::<Result<(), String>>);
    let asked = StoredValue::new((board, key, id));
    let reveal = move |_| {
        is_busy.set(true);
        leptos::task::spawn_local(async move {
            let Some((board, key, id)) = asked.try_get_value() else { return };
            let path = format!("sessions/{}", encode(&id));
            let answer = boards::ask(&board, &path, key.as_deref(), Some(&json!({ "action": "reveal" }))).await;
            let _ = is_busy.try_set(false);
            let _ = said.try_set(Some(answer.map(drop).map_err(crate::client::http::Failure::sentence)));
        });
    };
    move || {
        match said.get() {
        Some(Ok(())) => view! { <p class="quiet-text" role="status">{text!(contest.hall.everybody_sees)}</p> }.into_any(),
        other => view! {
            <button class="button" type="button" disabled=move || is_busy.get() data-testid="everybody" on:click=reveal>{text!(contest.hall.everybody)}</button>
            {other.and_then(Result::err).map(|text| view! { <span class="error" role="alert">{text}</span> })}
        }
        .into_any(),
    }
    }
}
