//! What stands in a chart's place, or beside it, when its values are not simply there.

use leptos::prelude::*;

use super::frame::moment;
use super::source::{Phase, Source};
use super::span::{Preset, Range};

/// The name of a phase for styles and tests.
pub fn phase_code(phase: &Phase) -> &'static str {
    match phase {
        Phase::Loading => "loading",
        Phase::Changing => "changing",
        Phase::Fresh => "fresh",
        Phase::Stale { .. } => "stale",
        Phase::Failed { .. } => "failed",
    }
}

/// What stands in the chart's place while there is nothing to draw.
#[component]
pub fn State(
    /// Where the values come from.
    source: Source,
    /// Whether there are none.
    is_empty: Signal<bool>,
    /// What there are none of.
    what: Signal<String>,
    /// Which time was asked for.
    range: Signal<Range>,
    /// Asks for another time.
    choose: Callback<Range>,
) -> impl IntoView {
    move || match source.phase.get() {
        Phase::Loading => Some(
            view! { <p class="chart-note" role="status"><span class="spinner"></span>"Loading the values…"</p> }
                .into_any(),
        ),
        Phase::Failed { why } => Some(
            view! {
                <div class="chart-note" role="alert">
                    <p><strong>"The values could not be loaded. "</strong>{why}</p>
                    <button class="button small" type="button" on:click=move |_| {
                        source.again();
                    }>"Try again"</button>
                </div>
            }
            .into_any(),
        ),
        Phase::Fresh | Phase::Stale { .. } if is_empty.get() => {
            let when = match range.get() {
                Range::Last(Preset::All) => String::new(),
                Range::Last(preset) => format!(" in {}", preset.words()),
                Range::Fixed(_) => " in this time".to_owned(),
            };
            let is_all = range.get() == Range::Last(Preset::All);
            Some(
                view! {
                    <div class="chart-note" role="status" data-testid="chart-empty">
                        <p>{format!("{}: no values{when}.", what.get())}</p>
                        {(!is_all).then(|| view! {
                            <button class="button small" type="button" on:click=move |_| choose.run(Range::Last(Preset::All))>
                                "Show all"
                            </button>
                        })}
                    </div>
                }
                .into_any(),
            )
        }
        Phase::Changing | Phase::Fresh | Phase::Stale { .. } => None,
    }
}

/// Says when what is drawn may no longer be true.
#[component]
pub fn Stale(
    /// Where the values come from.
    source: Source,
) -> impl IntoView {
    move || match source.phase.get() {
        Phase::Stale { why } => {
            let at = source.answers.with(|answers| answers.at);
            Some(view! {
                <p class="chart-stale" role="status" data-testid="chart-stale">
                    <span class="tag">"stale"</span>
                    {format!("As of {}. {why} Trying again.", moment(at))}
                </p>
            })
        }
        Phase::Loading | Phase::Changing | Phase::Fresh | Phase::Failed { .. } => None,
    }
}
