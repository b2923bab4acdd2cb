//! How fast a resolver goes by itself.

use leptos::prelude::*;

/// How long something is looked at, in milliseconds, to choose from.
const PACES: [u32; 4] = [1_000, 2_000, 4_000, 8_000];
/// The pace at first.
pub const PACE: u32 = 2_000;

/// The choice of a pace.
#[component]
pub fn PaceChoice(
    /// The pace, in milliseconds.
    pace: RwSignal<u32>,
    /// What a pace of so many seconds is called.
    called: fn(u32) -> String,
) -> impl IntoView {
    view! {
        <label class="pick">
            <span class="sr-only">{text!(contest.resolver.pace)}</span>
            <select class="select" data-testid="pace" on:change=move |event| {
                pace.set(event_target_value(&event).parse().unwrap_or(PACE));
            }>
                {PACES.map(|millis| view! {
                    <option value=millis.to_string() selected=millis == PACE>{called(millis / 1_000)}</option>
                }).collect_view()}
            </select>
        </label>
    }
}
