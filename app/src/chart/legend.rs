//! Which line is which, by colour and dash, and what each has under the crosshair.

use leptos::prelude::*;

use super::frame::{ChartView, moment};
use super::picture::Line;
use super::words;

/// A piece of a line as it is drawn.
fn sample(line: &Line) -> impl IntoView + use<> {
    let dash = line.dash().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    view! {
        <svg class="line-sample" data-colour=line.colour().to_string() viewBox="0 0 32 8" aria-hidden="true" focusable="false">
            <path d="M0 4h32" stroke-dasharray=dash />
        </svg>
    }
}

/// The time under the crosshair, or what is shown without it.
#[component]
pub fn Readout(
    /// The chart.
    view: ChartView,
) -> impl IntoView {
    let time = move || {
        let row = view.row()?;
        view.picture.with(|picture| picture.as_ref().and_then(|picture| picture.columns.times.get(row).copied()))
    };
    view! {
        <p class="chart-time" data-testid="chart-time">
            {move || time().map_or_else(|| text!(chart.legend.latest).to_owned(), moment)}
        </p>
    }
}

/// The lines with their values under the crosshair, or their latest ones.
#[component]
pub fn Legend(
    /// The chart.
    view: ChartView,
) -> impl IntoView {
    let lines =
        Memo::new(move |_| view.picture.with(|picture| picture.as_ref().map(|p| p.lines.clone()).unwrap_or_default()));
    let levels =
        Memo::new(move |_| view.picture.with(|picture| picture.as_ref().map(|p| p.levels.clone()).unwrap_or_default()));
    let value = move |line: usize| {
        let row = view.row();
        view.picture.with(|picture| {
            let picture = picture.as_ref()?;
            match row {
                Some(row) => picture.told(line, row),
                None => picture.told_latest(line),
            }
        })
    };
    view! {
        <ul class="lines" data-testid="legend">
            {move || lines.get().into_iter().enumerate().map(|(index, line)| view! {
                <li>
                    {sample(&line)}
                    <span class="line-name">{line.name}</span>
                    <span class="line-value">{move || value(index).unwrap_or_else(|| "–".to_owned())}</span>
                </li>
            }).collect_view()}
            {move || levels.get().into_iter().map(|level| view! {
                <li data-testid="level">
                    <svg class="line-sample level" viewBox="0 0 32 8" aria-hidden="true" focusable="false">
                        <path d="M0 4h32" stroke-dasharray="2 3" />
                    </svg>
                    <span class="line-name">{level.name.clone()}</span>
                    <span class="line-value">{words::value_with_unit(level.value, level.unit.as_deref())}</span>
                </li>
            }).collect_view()}
        </ul>
    }
}
