//! The chart on an item's card: one number of one item, averages in a band from the smallest to the largest value.

use std::sync::Arc;

use leptos::prelude::*;

use crate::board::state::Page;
use crate::browser::percent::encode;
use crate::chart::address;
use crate::chart::columns;
use crate::chart::frame::{Chart, ChartView, moment, stretch};
use crate::chart::legend::{Legend, Readout};
use crate::chart::measure::{Measure, position_values};
use crate::chart::picture::{Line, Picture, Trace};
use crate::chart::range_bar::RangeBar;
use crate::chart::series::{Aggregate, Series};
use crate::chart::source::{Phase, Source, beats};
use crate::chart::span::{Known, Preset, Range, Window, whole_time};
use crate::chart::state::{Stale, State, phase_code};
use crate::chart::words;
use crate::client::boards::BoardInfo;
use crate::client::credential;
use crate::parts::format;

/// A card is narrow: as many values as it has pixels for.
const VALUES: i64 = 400;

/// Rows of the table beside the chart.
const ROWS: usize = 200;

/// What an item can be charted by.
fn measures(page: Page, key: &str) -> Vec<Measure> {
    let store = page.store();
    let fields = store.with_replica(|replica| {
        let item = replica.get(replica.find(key)?)?;
        let numbers = item.fields.iter().filter(|(_, value)| value.as_number().is_some());
        let mut fields: Vec<String> = numbers.map(|(name, _)| name.clone()).collect();
        if let Some(position) = item.position {
            fields.extend(position_values(&position).map(|(name, _)| name.to_owned()));
        }
        Some(fields)
    });
    let fields = fields.flatten().unwrap_or_default().into_iter().map(Measure::Field);
    fields.chain(std::iter::once(Measure::Events)).collect()
}

/// What is charted until the viewer chooses: what the board ranks by, or the first number.
fn default_measure(measures: &[Measure], info: &BoardInfo) -> Measure {
    let top = info.top.as_ref().map(|top| Measure::Field(top.field.clone()));
    top.filter(|top| measures.contains(top)).or_else(|| measures.first().cloned()).unwrap_or(Measure::Events)
}

fn path(key: &str, measure: &Measure, window: Window) -> String {
    // The server chooses the step by the same rule, and knows which steps it still has.
    let window = window.aligned(window.step(VALUES));
    format!("items/{}/series?{}from={}&to={}", encode(key), measure.parameter(), window.from, window.to)
}

fn picture(series: &Series, measure: &Measure, info: &BoardInfo, window: Window) -> Picture {
    let step = series.step;
    let line = Line { name: measure.label(info), unit: measure.unit(info).map(str::to_owned), ..Line::default() };
    match measure {
        Measure::Field(_) => {
            Picture::banded(line, &series.points, step, window).with_levels(measure.levels(info, false))
        }
        Measure::Events => {
            let values = columns::values(&series.points, Aggregate::Count, step, window);
            Picture::new(vec![Trace { line, values, latest: None }], step, true)
        }
    }
}

/// The chart of the selected item.
#[component]
pub fn CardChart(
    /// The board.
    page: Page,
    /// The item's key.
    #[prop(into)]
    key: Signal<String>,
) -> impl IntoView {
    let store = page.store();
    let info = StoredValue::new(store.info.clone());
    let board = StoredValue::new(store.board.clone());
    let chosen = RwSignal::new(None::<Measure>);
    let range = RwSignal::new(Range::default());
    let pointed = RwSignal::new(None::<i64>);
    let key = Memo::new(move |_| key.get());
    let choices = Memo::new(move |_| {
        let _ = page.ui.data.get();
        measures(page, &key.get())
    });
    let measure = Memo::new(move |_| {
        let choices = choices.get();
        let wanted = chosen.get().filter(|chosen| choices.contains(chosen));
        wanted.unwrap_or_else(|| info.with_value(|info| default_measure(&choices, info)))
    });
    // The newest event's time and number: they say whether there is anything new to ask for.
    let newest = move || {
        let key = key.get_untracked();
        page.store()
            .with_replica(|replica| replica.get(replica.find(&key)?).map(|item| (item.time.0, item.seq)))
            .flatten()
    };

    let api_key = credential::get(&store.board);
    let source = Source::new(&store.board, api_key.clone());
    let first = Source::new(&store.board, api_key);
    let began = Memo::new(move |_| {
        first.answers.with(|answers| answers.series.first().and_then(|series| series.points.first()).map(|p| p.time))
    });
    // The oldest value that was seen of this item: what the shown time is fitted to when nothing was chosen.
    let oldest = RwSignal::new(None::<i64>);
    Effect::new(move |before: Option<String>| {
        let key = key.get();
        let of = format!("items/{}/series?", encode(&key));
        let point = source.answers.with(|answers| {
            let is_its = answers.paths.first().is_some_and(|path| path.starts_with(&of));
            answers.series.first().filter(|_| is_its)?.points.first().map(|point| point.time)
        });
        let known = oldest.get_untracked().filter(|_| before.as_ref() == Some(&key));
        let fresh = known.into_iter().chain(point).min();
        if oldest.get_untracked() != fresh {
            oldest.set(fresh);
        }
        key
    });
    let beat = beats(move || source.answers.with_untracked(|answers| answers.series.first().map(|s| s.step)));
    let settled = Memo::new(move |_| {
        let _ = (beat.get(), key.get(), page.ui.turned.get());
        let newest = newest().map(|(time, _)| time);
        let oldest = if range.get() == Range::Fit { oldest.get() } else { began.get() };
        let (now, known) = (page.store().server_time().0, Known { oldest, newest });
        let settled = range.get().settled(now, known);
        (settled, settled.window(now, known))
    });
    let window = Memo::new(move |_| settled.get().1);
    let is_all = move || range.get() == Range::Last(Preset::All);
    // When the item began is asked for only when everything is wanted.
    Effect::new(move |_| {
        if is_all() {
            let newest = newest().map(|(time, _)| time);
            first.ask(vec![format!("items/{}/series?{}", encode(&key.get()), whole_time(newest))]);
        }
    });
    let question = Memo::new(move |_| {
        let is_waiting = is_all() && began.get().is_none() && !matches!(first.phase.get(), Phase::Failed { .. });
        (!is_waiting).then(|| path(&key.get(), &measure.get(), window.get()))
    });
    Effect::new(move |asked: Option<(Option<String>, Option<u64>)>| {
        let _ = beat.get();
        let now = (question.get(), newest().map(|(_, seq)| seq));
        let is_settled = source.phase.with_untracked(|phase| *phase == Phase::Fresh);
        if let Some(question) = now.0.clone()
            && (asked.as_ref() != Some(&now) || !is_settled)
        {
            source.ask(vec![question]);
        }
        now
    });

    let seen = Memo::new(move |_| {
        let window = window.get();
        let begins =
            source.answers.with(|answers| answers.series.first().and_then(|s| s.points.first()).map(|p| p.time));
        match begins {
            Some(begins) if is_all() => Window::new(begins.max(window.from), window.to),
            Some(_) | None => window,
        }
    });
    let drawn = Signal::derive(move || {
        let answers = source.answers.get();
        let series = answers.series.first()?;
        // The measure may have been changed since; the answer's own path tells what it is of.
        let asked = answers.paths.first()?;
        let measure = choices.get().into_iter().find(|m| {
            let parameter = m.parameter();
            let rest = asked.split_once("/series?").map_or("", |(_, rest)| rest);
            if parameter.is_empty() { rest.starts_with("from=") } else { rest.starts_with(&parameter) }
        })?;
        Some(Arc::new(info.with_value(|info| picture(series, &measure, info, seen.get()))))
    });
    let drawn = Memo::new(move |_| drawn.get());
    let choose = Callback::new(move |fresh: Range| {
        // Who zooms around the crosshair keeps it.
        let stays = |at: i64| matches!(&fresh, Range::Fixed(window) if (window.from..window.to).contains(&at));
        if !pointed.get_untracked().is_some_and(stays) {
            pointed.set(None);
        }
        range.set(fresh);
    });
    let reset = Callback::new(move |()| range.set(Range::default()));
    let view = ChartView { picture: drawn.into(), window: seen.into(), pointed, choose, reset };
    let label = move || {
        info.with_value(|info| text!(board.chart.measure_of, measure = measure.get().label(info), key = key.get()))
    };
    let is_empty =
        move || drawn.with(|picture| picture.as_ref().is_some_and(|picture| picture.columns.is_empty(seen.get())));
    let elsewhere = move || {
        let view = address::View {
            items: vec![key.get()],
            measures: vec![measure.get()],
            range: range.get(),
            ..Default::default()
        };
        format!("/b/{}/explore{}", encode(&board.get_value()), view.to_search())
    };
    view! {
        <section class="card-chart" aria-label=text!(board.chart.history) data-testid="card-chart"
            data-phase=move || source.phase.with(phase_code)
        >
            <div class="chart-head">
                <select class="select" aria-label=text!(board.chart.chart_of) data-testid="measure"
                    prop:value=move || { let _ = choices.get(); measure.get().code() }
                    on:change=move |event| {
                        pointed.set(None);
                        chosen.set(Some(Measure::from_code(&event_target_value(&event))));
                    }
                >
                    {move || choices.get().into_iter().map(|choice| {
                        let label = info.with_value(|info| words::with_unit(&choice.label(info), choice.unit(info)));
                        let code = choice.code();
                        let is_chosen = measure.with_untracked(|measure| *measure == choice);
                        view! { <option value=code selected=is_chosen>{label}</option> }
                    }).collect_view()}
                </select>
                <a class="button small" rel="external" href=elsewhere data-testid="to-explore">{text!(board.chart.compare)}</a>
            </div>
            <div class="chart-reading"><Readout view=view /><Legend view=view /></div>
            <div class="chart-box">
                <Chart view=view label=Signal::derive(label) />
                <State source=source is_empty=Signal::derive(is_empty) what=Signal::derive(move || {
                    info.with_value(|info| measure.get().label(info))
                }) range=range.into() choose=choose />
            </div>
            <RangeBar view=view range=Signal::derive(move || settled.get().0) />
            <p class="chart-foot quiet-text">
                {move || stretch(seen.get(), drawn.with(|picture| picture.as_ref().map(|picture| picture.step)))}
            </p>
            <Stale source=source />
            <Twin source=source label=Signal::derive(label) />
        </section>
    }
}

/// The same values as a table, written when it is opened.
#[component]
fn Twin(source: Source, label: Signal<String>) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let element = NodeRef::<leptos::html::Details>::new();
    let rows = move || {
        let answers = source.answers.get();
        let Some(series) = answers.series.first() else { return Vec::new() };
        let text = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), words::value);
        let row = |point: &crate::chart::series::Point| {
            view! {
                <tr>
                    <th scope="row">{moment(point.time)}</th>
                    <td>{text(point.average)}</td>
                    <td>{text(point.min)}</td>
                    <td>{text(point.max)}</td>
                    <td>{format::number(point.count, 0)}</td>
                </tr>
            }
        };
        series.points.iter().rev().take(ROWS).map(row).collect::<Vec<_>>()
    };
    view! {
        <details class="chart-twin" node_ref=element
            on:toggle=move |_| is_open.set(element.get_untracked().is_some_and(|details| details.open()))>
            <summary>{text!(board.chart.as_table)}</summary>
            <Show when=move || is_open.get()>
                <div class="twin-scroll" tabindex="0" role="region" aria-label=text!(board.chart.table)>
                    <table data-testid="chart-table">
                        <caption class="sr-only">{move || text!(board.chart.caption, label = label.get())}</caption>
                        <thead>
                            <tr>
                                <th scope="col">{text!(words.from_time)}</th><th scope="col">{text!(chart.aggregate.average)}</th><th scope="col">{text!(board.chart.least)}</th>
                                <th scope="col">{text!(board.chart.most)}</th><th scope="col">{text!(chart.aggregate.count)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </Show>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::span::DAY;

    #[test]
    fn the_first_chart_is_of_what_the_board_ranks_by() {
        let field = |name: &str| Measure::Field(name.to_owned());
        let choices = [field("co"), field("temp"), Measure::Events];
        let info: BoardInfo = serde_json::from_str(r#"{"top":{"field":"temp"}}"#).unwrap();
        assert_eq!(default_measure(&choices, &info), field("temp"));
        assert_eq!(default_measure(&choices, &BoardInfo::default()), field("co"));
        assert_eq!(default_measure(&[], &info), Measure::Events);
    }

    #[test]
    fn the_same_question_has_the_same_address_for_a_while() {
        let window = |now: i64| Window::new(now - DAY, now);
        let now = 1_772_366_400_000;
        let ask = |now: i64| path("a/b", &Measure::Field("temp".into()), window(now));
        assert_eq!(ask(now + 1), ask(now + 599_000));
        assert!(ask(now).starts_with("items/a%2Fb/series?field=temp&from="));
    }
}
