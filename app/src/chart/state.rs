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
            view! { <p class="chart-note" role="status"><span class="spinner"></span>{text!(chart.state.loading)}</p> }
                .into_any(),
        ),
        Phase::Failed { why } => Some(
            view! {
                <div class="chart-note" role="alert">
                    <p><strong>{text!(chart.state.failed)}</strong>{why}</p>
                    <button class="button small" type="button" on:click=move |_| {
                        source.again();
                    }>{text!(words.try_again)}</button>
                </div>
            }
            .into_any(),
        ),
        Phase::Fresh | Phase::Stale { .. } if is_empty.get() => {
            let nothing = match range.get() {
                Range::Last(Preset::All) => text!(chart.state.none, what = what.get()),
                Range::Fit => text!(chart.state.none_lately, what = what.get(), range = Preset::Day.words()),
                Range::Last(preset) => text!(chart.state.none_lately, what = what.get(), range = preset.words()),
                Range::Fixed(_) => text!(chart.state.none_then, what = what.get()),
            };
            let is_all = range.get() == Range::Last(Preset::All);
            Some(
                view! {
                    <div class="chart-note" role="status" data-testid="chart-empty">
                        <p>{nothing}</p>
                        {(!is_all).then(|| view! {
                            <button class="button small" type="button" on:click=move |_| choose.run(Range::Last(Preset::All))>
                                {text!(chart.state.show_all)}
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
                    <span class="tag">{text!(words.stale)}</span>
                    {text!(chart.state.as_of, time = moment(at), why = why)}
                </p>
            })
        }
        Phase::Loading | Phase::Changing | Phase::Fresh | Phase::Failed { .. } => None,
    }
}
