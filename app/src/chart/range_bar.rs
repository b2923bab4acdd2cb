//! The buttons of time: presets, closer, farther, earlier, later.

use leptos::prelude::*;

use super::frame::{ASIDE, ChartView, ZOOM};
use super::span::{Preset, Range};
use crate::parts::icons::{Glyph, Icon};

/// The buttons.
#[component]
pub fn RangeBar(
    /// The chart, or one of those that show the same time.
    view: ChartView,
    /// What is chosen now.
    #[prop(into)]
    range: Signal<Range>,
) -> impl IntoView {
    let look = move |change: fn(super::span::Window) -> super::span::Window| {
        move |_| view.choose.run(Range::Fixed(change(view.window.get_untracked())))
    };
    view! {
        <div class="range-bar" data-testid="range">
            <div class="presets" role="group" aria-label=text!(chart.range_bar.time)>
                {Preset::ALL.map(|preset| {
                    let is_chosen = move || range.get() == Range::Last(preset);
                    view! {
                        <button class="preset" type="button" title=text!(chart.range_bar.show, range = preset.words())
                            aria-pressed=move || if is_chosen() { "true" } else { "false" }
                            on:click=move |_| view.choose.run(Range::Last(preset))>
                            {preset.label()}
                        </button>
                    }
                })}
            </div>
            <div class="zoom" role="group" aria-label=text!(chart.range_bar.zoom)>
                <button class="button icon-only quiet small" type="button" title=text!(chart.range_bar.earlier_keys) aria-label=text!(chart.range_bar.earlier)
                    on:click=look(|window| window.moved(-ASIDE))>
                    <Icon glyph=Glyph::Previous />
                </button>
                <button class="button icon-only quiet small" type="button" title=text!(chart.range_bar.later_keys) aria-label=text!(chart.range_bar.later)
                    on:click=look(|window| window.moved(ASIDE))>
                    <Icon glyph=Glyph::Next />
                </button>
                <button class="button icon-only quiet small" type="button" title=text!(chart.range_bar.closer_keys) aria-label=text!(chart.range_bar.closer)
                    on:click=look(|window| window.zoomed(ZOOM, window.middle()))>
                    <Icon glyph=Glyph::Plus />
                </button>
                <button class="button icon-only quiet small" type="button" title=text!(chart.range_bar.farther_keys) aria-label=text!(chart.range_bar.farther)
                    on:click=look(|window| window.zoomed(1.0 / ZOOM, window.middle()))>
                    <Icon glyph=Glyph::Minus />
                </button>
            </div>
        </div>
    }
}
