//! The page of a contest.

use std::sync::Arc;

use heliograph_shared::limits;
use leptos::prelude::*;

use super::cell::{CellView, words};
use super::clock::clock;
use super::grid::ContestGrid;
use super::logos;
use super::problems::Problems;
use super::resolver::Resolver;
use super::spotlight::{Spotlight, SpotlightLine};
use crate::browser::clock as browser_clock;
use crate::browser::dom;
use crate::client::feed::Tokens;
use crate::parts::board_tabs::{Tab, board_tabs};
use crate::parts::frame::Brand;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::language::LanguageChoice;
use crate::parts::open_board::Board;
use crate::parts::seconds::every_second;
use crate::parts::theme::ThemeButton;
use crate::scores::address::path_to;
use crate::scores::controls::{Banners, Controls};
use crate::scores::live::{LiveLine, Summary};
use crate::scores::model::Model;
use crate::scores::page::{SessionTitle, expose, keep_address, listen_to_keys, project, view_from_address};
use crate::scores::span::Followed;

/// A contest's rows are followed all, with their cells.
const ALL: Followed = Followed { offset: 0, top: limits::SCORE_TOP_MAX, cells: true };

/// The page of a board whose rules list problems.
#[component]
pub fn ContestPage(
    /// The board.
    board: Board,
) -> impl IntoView {
    dom::set_title(&text!(contest.page.title, title = &board.title));
    let needs_token = board.key.is_some() || !board.is_public;
    let tokens = Tokens::minted(&board.name, board.key.clone(), &["read"], needs_token);
    let model = Model::follow_from(ALL, &board.name, tokens, view_from_address(), 0);
    keep_address(model);
    listen_to_keys(model);
    expose(model);
    project(model);
    let logos = Arc::new(logos::read(&board.info.text));
    let problems = Memo::new(move |_| {
        let _ = model.told().get();
        model.with_scores(|scores| Problems::read(scores.about())).unwrap_or_default().with_logos(&logos)
    });
    let spotlight = Spotlight::new();
    let is_projected = move || model.view.with(|view| view.projector);
    let choose = move |key: String| {
        if !model.view.with_untracked(|view| view.projector) {
            model.view.update(|view| view.key = Some(key).filter(|key| view.key.as_ref() != Some(key)));
        }
    };
    let to_wall = move |_| {
        model.view.update(|view| view.projector = true);
        // A browser may refuse it: the page is as large as its window then.
        let _ = document().document_element().map(|root| root.request_fullscreen());
    };
    let scores = path_to(&board.name, "scores");
    let tabs = board_tabs(&board, Tab::Scores);
    let manages = board.key.clone();
    view! {
        <div class="scores contest" class:projector=is_projected data-testid="contest">
            <header class="bar">
                <Brand />
                <div class="bar-title"><h1>{board.title}</h1><SessionTitle model=model /></div>
                {tabs}
                <ContestClock model=model />
                <LiveLine model=model />
                <div class="bar-actions">
                    <a class="button" href=scores aria-label=text!(contest.page.table)><Icon glyph=Glyph::Next /><span class="wide">{text!(contest.page.table)}</span></a>
                    <button class="button icon-only" type="button" title=text!(contest.page.full_screen) aria-label=text!(contest.page.full_screen) data-testid="projector" on:click=to_wall>
                        <Icon glyph=Glyph::Fit />
                    </button>
                    <LanguageChoice />
                    <ThemeButton />
                </div>
                <button class="button leave" type="button" on:click=move |_| model.view.update(|view| view.projector = false)>
                    {text!(scores.page.leave_projector)}
                </button>
            </header>
            <main id="main" class="scores-main" tabindex="-1">
                <Controls model=model key=board.key />
                <Banners model=model />
                <Legend />
                <div class="standings-place">
                    <ContestGrid model=model problems=problems spotlight=spotlight choose=choose />
                    <div class="loading" role="status" hidden=move || model.about.with(Option::is_some)><span class="spinner"></span>{text!(scores.page.loading)}</div>
                    <div class="nothing" hidden=move || { model.about.with(Option::is_none) || model.total.get() > 0 }>
                        <p><strong>{text!(scores.page.nobody)}</strong></p>
                    </div>
                </div>
                <SpotlightLine spotlight=spotlight />
                <Chosen model=model problems=problems />
                {manages.map(|key| view! { <Resolver model=model spotlight=spotlight key=key /> })}
            </main>
            <Summary model=model />
        </div>
    }
}

/// The contest's clock.
#[component]
fn ContestClock(model: Model) -> impl IntoView {
    let now = RwSignal::new(browser_clock::wall().0);
    every_second(move || now.set(browser_clock::wall().0));
    move || {
        let now = now.get();
        let session = model.about.with(|about| about.as_ref().and_then(|about| about.session.clone()))?;
        let clock = clock(&session, now);
        let done = clock.percent.map(|percent| format!("{percent}%"));
        Some(view! {
            <div class="contest-clock" data-state=clock.state style=("--done", done) data-testid="clock" role="timer">
                <strong>{clock.time}</strong><span>{clock.words}</span>
            </div>
        })
    }
}

/// What the signs mean.
#[component]
fn Legend() -> impl IntoView {
    let parts = [
        ("first", "\u{2605}", text!(contest.page.legend_first)),
        ("solved", "+", text!(contest.page.legend_solved)),
        ("wrong", "\u{2212}", text!(contest.page.legend_wrong)),
        ("pending", "?", text!(contest.page.legend_pending)),
    ];
    view! {
        <ul class="legend" role="list">
            {parts.map(|(state, sign, label)| view! { <li><b class="task" data-state=state aria-hidden="true">{sign}</b>{label}</li> }).collect_view()}
        </ul>
    }
}

/// The chosen team with each of its problems: on a phone there is no room for them in the grid.
#[component]
fn Chosen(model: Model, problems: Memo<Problems>) -> impl IntoView {
    let row = move || {
        let _ = (model.drawn.get(), model.told().get());
        let key = model.view.with(|view| view.key.clone())?;
        model.with_scores(|scores| scores.rows().iter().find(|row| row.key == key).cloned()).flatten()
    };
    move || {
        let row = row()?;
        let Problems { list, awards, .. } = problems.get();
        let given = awards.all(&row).join(", ");
        let cells = list.into_iter().enumerate().map(|(at, problem)| {
            let cell = row.cells.get(at).copied().unwrap_or_default();
            let first = problem.first.as_ref() == Some(&row.key);
            let (seen, said) = (CellView::of(&cell, first), words(&cell, first));
            view! {
                <li title=problem.title>
                    <span class="letter" style=("--problem", problem.color)>{problem.label}</span>
                    <b class="task" data-state=seen.state.code()>{seen.tries}</b>
                    <span>{said}</span>
                </li>
            }
        });
        Some(view! {
            <section class="chosen-team" aria-label=text!(contest.page.chosen) data-testid="chosen">
                <h2>{row.name.clone()}</h2>
                {(!given.is_empty()).then(|| view! { <p data-testid="chosen-awards">{text!(contest.award.of, awards = given)}</p> })}
                <ul role="list">{cells.collect_view()}</ul>
                <button class="button small icon-only" type="button" aria-label=text!(contest.page.close) title=text!(contest.page.close)
                    on:click=move |_| model.view.update(|view| view.key = None)><Icon glyph=Glyph::Close /></button>
            </section>
        })
    }
}
