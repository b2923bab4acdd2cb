//! The buttons of time: presets, closer, farther, earlier, later.

use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::frame::{ASIDE, ChartView, ZOOM};
use super::span::{Preset, Range, Window};
use crate::browser::clock;
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
    let look =
        move |change: fn(Window) -> Window| move |_| view.choose.run(Range::Fixed(change(view.window.get_untracked())));
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
            <Dates view=view />
        </div>
    }
}

/// From one date and time to another.
#[component]
fn Dates(view: ChartView) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let element = NodeRef::<leptos::html::Details>::new();
    let (from, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let is_wrong = RwSignal::new(false);
    // While it is closed it follows what is seen.
    Effect::new(move |_| {
        let window = view.window.get();
        if !is_open.get() {
            from.set(clock::field_text(Millis(window.from)));
            to.set(clock::field_text(Millis(window.to)));
            is_wrong.set(false);
        }
    });
    let show = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let ends = [from, to].map(|end| clock::field_moment(&end.get_untracked()));
        match ends {
            [Some(from), Some(to)] if from < to => {
                is_wrong.set(false);
                view.choose.run(Range::Fixed(Window::new(from.0, to.0)));
            }
            _ => is_wrong.set(true),
        }
    };
    let field = |end: RwSignal<String>, name: &'static str| {
        view! {
            <label class="field">
                <span>{name}</span>
                <input class="input" type="datetime-local" prop:value=end
                    aria-invalid=move || is_wrong.get().then_some("true")
                    on:input=move |event| end.set(event_target_value(&event)) />
            </label>
        }
    };
    view! {
        <details class="dates" node_ref=element data-testid="dates"
            on:toggle=move |_| is_open.set(element.get_untracked().is_some_and(|details| details.open()))>
            <summary>{text!(chart.range_bar.dates)}</summary>
            <form on:submit=show>
                {field(from, text!(chart.range_bar.from))}
                {field(to, text!(chart.range_bar.to))}
                <button class="button small primary" type="submit">{text!(chart.range_bar.show_dates)}</button>
                <p class="error" role="alert">{move || is_wrong.get().then(|| text!(chart.range_bar.wrong_dates))}</p>
            </form>
        </details>
    }
}
