//! Small parts of both demos.

use heliograph_shared::link::LinkStatus;
use heliograph_shared::scores::ScoreRow;
use leptos::prelude::*;

use crate::browser::clock::sleep;
use crate::browser::numbers;
use crate::texts::{Locale, locale};

/// Changes every so many milliseconds, for as long as the owner lives.
pub fn ticking(millis: i32) -> ReadSignal<u32> {
    let (tick, set_tick) = signal(0_u32);
    leptos::task::spawn_local(async move {
        loop {
            sleep(millis).await;
            if set_tick.try_update(|tick| *tick = tick.wrapping_add(1)).is_none() {
                return;
            }
        }
    });
    tick
}

/// The state of the connection in a word, and whether it is good.
pub fn link_text(status: &LinkStatus) -> (&'static str, &'static str) {
    match status {
        LinkStatus::Live => ("live", text!(demos.words.live)),
        LinkStatus::Connecting { .. } | LinkStatus::CatchingUp => ("busy", text!(demos.words.connecting)),
        LinkStatus::Waiting { .. } => ("off", text!(demos.words.no_connection)),
        LinkStatus::Offline => ("off", text!(demos.words.offline)),
        LinkStatus::Stopped { .. } => ("off", text!(demos.words.disconnected)),
    }
}

/// The state of the connection.
#[component]
pub fn LinkPill(
    /// The state.
    status: RwSignal<LinkStatus>,
) -> impl IntoView {
    view! {
        <span class=move || format!("pill {}", status.with(link_text).0) role="status" data-testid="link">
            {move || status.with(link_text).1}
        </span>
    }
}

/// A number of a column: whole numbers without a point.
pub fn number(value: f64) -> String {
    if locale() != Locale::en {
        return numbers::written(value, 0, 2);
    }
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// A list of ranked rows.
#[component]
pub fn Ranks(
    /// In order.
    rows: Signal<Vec<ScoreRow>>,
    /// Whose row is one's own.
    own: Signal<Option<String>>,
    /// What it lists.
    label: &'static str,
    /// Behind the first column's number.
    unit: &'static str,
) -> impl IntoView {
    view! {
        <ol class="ranks" aria-label=label data-testid="ranks">
            <For each=move || rows.get() key=|row| (row.key.clone(), row.rank, row.name.clone(), row.values.iter().map(|v| v.to_bits()).collect::<Vec<_>>()) let:row>
                {
                    let key = row.key.clone();
                    let is_own = Memo::new(move |_| own.with(|own| own.as_deref() == Some(&key)));
                    let value = row.values.first().map(|value| number(*value)).unwrap_or_default();
                    view! {
                        <li class:own=is_own data-key=row.key>
                            <span class="ranks-rank">{row.rank}<span class="sr-only">". "</span></span>
                            <span class="ranks-name">{row.name}{move || is_own.get().then_some(text!(demos.words.you))}</span>
                            <span class="ranks-value">{value}<span class="sr-only">{format!(" {unit}")}</span></span>
                        </li>
                    }
                }
            </For>
        </ol>
    }
}
