//! The charts, kept true, and the table under them.

use std::sync::Arc;

use leptos::prelude::*;

use super::known::Known;
use super::table::ResultsTable;
use super::traces::{GROUPS_MAX, Panel, Plan, Results, results};
use crate::browser::clock;
use crate::browser::dom;
use crate::browser::percent::encode;
use crate::browser::save;
use crate::chart::address::Split;
use crate::chart::address::View;
use crate::chart::frame::{Chart, ChartView, stretch};
use crate::chart::legend::{Legend, Readout};
use crate::chart::picture::LINES_MAX;
use crate::chart::range_bar::RangeBar;
use crate::chart::source::{Phase, Source, beats, same_subjects};
use crate::chart::span::{Known as KnownTime, Preset, Range, Window, whole_time};
use crate::chart::state::{Stale, State, phase_code};
use crate::client::place;
use heliograph_shared::time::Millis;

/// The charts and the table.
#[component]
pub fn ResultsView(
    /// The board.
    known: StoredValue<Known>,
    /// What is chosen.
    view: RwSignal<View>,
) -> impl IntoView {
    let (board, key, newest) =
        known.with_value(|known| (known.board.name.clone(), known.board.key.clone(), known.catalog.newest));
    let source = Source::new(&board, key.clone());
    let first = Source::new(&board, key);
    let plan = Memo::new(move |_| known.with_value(|known| Plan::of(&view.get(), &known.catalog, &known.info)));
    let range = Memo::new(move |_| view.with(|view| view.range));
    let is_all = move || range.get() == Range::Last(Preset::All);
    Effect::new(move |_| {
        if is_all() {
            first.ask(vec![format!("series?{}", whole_time(newest))]);
        }
    });
    let began = Memo::new(move |_| {
        let points = first.answers.with(|answers| answers.series.first().cloned());
        points.and_then(|series| series.groups.first().and_then(|group| group.points.first().map(|point| point.time)))
    });
    let beat = beats(move || source.answers.with_untracked(|answers| answers.series.first().map(|s| s.step)));
    // The clock of a board that goes on ends now; what came since the page was opened is newer than its items were then.
    let latest = Memo::new(move |_| {
        let last = source.answers.with(|answers| {
            let points =
                answers.series.iter().flat_map(|series| &series.groups).filter_map(|group| group.points.last());
            points.map(|point| point.time).max()
        });
        newest.max(last)
    });
    // The oldest value that was seen: what the shown time is fitted to when nothing was chosen.
    let oldest = RwSignal::new(None::<i64>);
    Effect::new(move |_| {
        let point = source.answers.with(|answers| {
            let groups = answers.series.iter().flat_map(|series| &series.groups);
            groups.filter_map(|group| group.points.first()).map(|point| point.time).min()
        });
        let fresh = oldest.get_untracked().into_iter().chain(point).min();
        if oldest.get_untracked() != fresh {
            oldest.set(fresh);
        }
    });
    let settled = Memo::new(move |_| {
        let _ = beat.get();
        let oldest = if range.get() == Range::Fit { oldest.get() } else { began.get() };
        let (now, known) = (clock::wall().0, KnownTime { oldest, newest: latest.get() });
        let settled = range.get().settled(now, known);
        (settled, settled.window(now, known))
    });
    let window = Memo::new(move |_| settled.get().1);
    let questions = Memo::new(move |_| {
        let is_waiting = is_all()
            && began.get().is_none()
            && first.phase.with(|phase| matches!(phase, Phase::Loading | Phase::Changing));
        (!is_waiting).then(|| plan.with(|plan| plan.paths(window.get())))
    });
    Effect::new(move |_| {
        let _ = beat.get();
        if let Some(questions) = questions.get() {
            source.ask(questions);
        }
    });
    let seen = Memo::new(move |_| {
        let window = window.get();
        let begins = source.answers.with(|answers| {
            let groups = answers.series.iter().flat_map(|series| &series.groups);
            groups.filter_map(|group| group.points.first()).map(|point| point.time).min()
        });
        match begins {
            Some(begins) if is_all() => Window::new(begins.max(window.from), window.to),
            Some(_) | None => window,
        }
    });
    // The plan that the answers are of: choices made since wait for theirs.
    let answered = Memo::new(move |before: Option<&Plan>| {
        let now = plan.get();
        let wanted = now.paths(window.get());
        let is_answered = source.answers.with(|answers| same_subjects(&answers.paths, &wanted));
        before.filter(|_| !is_answered).cloned().unwrap_or(now)
    });
    let is_together = Memo::new(move |_| view.with(|view| view.is_together));
    let found = Memo::new(move |_| {
        let plan = answered.get();
        let answers = source.answers.get();
        Arc::new(known.with_value(|known| results(&plan, &known.info, &answers.series, seen.get(), is_together.get())))
    });
    let choose = Callback::new(move |range: Range| view.update(|view| view.range = range));
    let reset = Callback::new(move |()| view.update(|view| view.range = Range::default()));
    let pointed = RwSignal::new(None::<i64>);
    let titles = Memo::new(move |_| {
        found.with(|found| found.panels.iter().map(|panel| panel.title.clone()).collect::<Vec<_>>())
    });
    let is_empty = Signal::derive(move || found.with(|found| found.rows.is_empty(seen.get())));
    let bar = ChartView { picture: Signal::derive(|| None), window: seen.into(), pointed, choose, reset };
    let what = Signal::derive(move || {
        known.with_value(|known| {
            plan.with(|plan| plan.measures.iter().map(|m| m.label(&known.info)).collect::<Vec<_>>().join(", "))
        })
    });
    let notes = move || notes(&found.get(), &plan.get(), &view.get());
    let save = move |_| {
        let window = seen.get_untracked();
        let times = [window.from, window.to].map(|time| Millis(time).to_rfc3339().chars().take(16).collect::<String>());
        let file = save::file_name(&[&board, &times[0], &times[1]], "csv");
        let table = found.with_untracked(|found| found.to_csv());
        if let Err(error) = save::save(&file, "text/csv;charset=utf-8", &table) {
            web_sys::console::error_1(&error);
        }
    };
    // A link can't bring a key, and has one answer only.
    let home = known.with_value(|known| {
        known.board.is_public.then(|| place::address(&format!("/v1/boards/{}", encode(&known.board.name))))
    });
    let raw = move || {
        let home = home.as_ref()?;
        source.answers.with(|answers| match answers.paths.as_slice() {
            [path] => Some(format!("{home}/{path}&format=csv")),
            _ => None,
        })
    };
    let copied = RwSignal::new(None::<bool>);
    let copy = move |_| {
        let address = web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default();
        dom::copy(&address, move |is_done| {
            let _ = copied.try_set(Some(is_done));
        });
    };
    view! {
        <section class="explore-results" aria-label=text!(explore.results.charts) data-testid="results" data-phase=move || source.phase.with(phase_code)>
            <div class="results-head">
                <RangeBar view=bar range=Signal::derive(move || settled.get().0) />
                <p class="quiet-text seen">
                    {move || stretch(seen.get(), found.with(|found| found.step))}
                </p>
                <div class="results-actions">
                    <button class="button small" type="button" data-testid="csv" disabled=is_empty on:click=save>{text!(explore.results.save_csv)}</button>
                    {move || raw().map(|address| view! {
                        <a class="button small" href=address download="" data-testid="raw-csv"
                            title=text!(explore.results.same_question)>{text!(explore.results.all_aggregates)}</a>
                    })}
                    <button class="button small" type="button" on:click=copy>
                        {move || match copied.get() {
                            None => text!(words.copy_link),
                            Some(true) => text!(explore.results.copied),
                            Some(false) => text!(explore.results.copy_address),
                        }}
                    </button>
                </div>
            </div>
            <Stale source=source />
            {move || notes().into_iter().map(|note| view! { <p class="results-note">{note}</p> }).collect_view()}
            <div class="chart-box placeholder" hidden=move || !(is_empty.get() || titles.with(Vec::is_empty))>
                <State source=source is_empty=is_empty what=what range=range.into() choose=choose />
            </div>
            <div class="panels" hidden=is_empty>
                {move || titles.get().into_iter().enumerate().map(|(index, title)| {
                    let picture = Memo::new(move |_| {
                        found.with(|found| found.panels.get(index).map(|panel: &Panel| Arc::clone(&panel.picture)))
                    });
                    let view = ChartView { picture: picture.into(), window: seen.into(), pointed, choose, reset };
                    let label = title.clone();
                    view! {
                        <figure class="chart-panel" data-testid="panel">
                            <figcaption><h2>{title}</h2><Readout view=view /></figcaption>
                            <div class="chart-box"><Chart view=view label=Signal::derive(move || label.clone()) /></div>
                            <Legend view=view />
                        </figure>
                    }
                }).collect_view()}
            </div>
        </section>
        <section class="explore-table" aria-labelledby="values-title" hidden=is_empty>
            <h2 id="values-title">{text!(words.values)}</h2>
            <ResultsTable results=found />
        </section>
    }
}

/// What somebody should know who looks at the charts.
fn notes(found: &Results, plan: &Plan, view: &View) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(all) = found.left_out {
        notes.push(match plan.split {
            Split::Field(_) => counted!(all, explore.results.groups_left_out, shown = LINES_MAX),
            Split::Key | Split::All => counted!(all, explore.results.left_out, shown = LINES_MAX),
        });
    }
    if found.is_split {
        notes.push(text!(explore.results.is_split).to_owned());
    }
    if plan.split == Split::All && view.split == Split::Key {
        notes.push(text!(explore.results.over_limit, most = GROUPS_MAX));
    }
    notes
}
