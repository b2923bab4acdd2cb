//! The first page: all boards one may see.

use heliograph_shared::config::Visibility;
use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::make::MakeBoard;
use crate::browser::dom;
use crate::browser::percent::encode;
use crate::client::boards::{self, BoardRow, Boards};
use crate::client::http::{Failure, Kind};
use crate::parts::format;
use crate::parts::frame::SiteHead;
use crate::parts::icons::{Glyph, Icon};

/// How often the list is asked for again.
const EVERY_MS: i32 = 15_000;

/// The list of boards.
#[component]
pub fn BoardsPage() -> impl IntoView {
    dom::set_title("Heliograph");
    let boards = RwSignal::new(None::<Result<Boards, Failure>>);
    let timer = StoredValue::new_local(None::<dom::Timer>);
    load(boards, timer);
    on_cleanup(move || timer.dispose());
    let retry = move |_| {
        boards.set(None);
        load(boards, timer);
    };
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            <header class="hero">
                <h1>{text!(boards.page.heading)}</h1>
                <p>{text!(boards.page.intro)}</p>
            </header>
            {move || match boards.get() {
                None => view! { <Loading /> }.into_any(),
                Some(Ok(list)) if list.boards.is_empty() => view! { <Empty /> }.into_any(),
                Some(Ok(list)) => view! {
                    <ul class="cards" data-testid="boards">
                        {list.boards.into_iter().map(|board| view! { <BoardCard board=board now=list.time /> }).collect_view()}
                    </ul>
                }.into_any(),
                Some(Err(error)) => {
                    let text = match error.kind() {
                        Kind::NotFound | Kind::Unauthorised => text!(boards.page.no_list).to_owned(),
                        Kind::Unreachable | Kind::Passing | Kind::Refused => error.message,
                    };
                    view! {
                        <div class="notice" role="alert">
                            <span class="notice-icon"><Icon glyph=Glyph::Warning /></span>
                            <h2>{text!(boards.page.failed)}</h2>
                            <p>{text}</p>
                            <p><button class="button primary" type="button" on:click=retry>{text!(words.try_again)}</button></p>
                        </div>
                    }.into_any()
                }
            }}
            <MakeBoard />
            // Pages of their own: the router leaves such links to the browser.
            <p class="quiet-text demos">
                {text!(boards.page.demos)} <a href="/quiz" rel="external">{text!(boards.page.quiz)}</a> " · " <a href="/arena" rel="external">{text!(boards.page.arena)}</a>
                {text!(boards.page.programs)} <a href="/docs" rel="external">{text!(boards.page.api)}</a>
            </p>
        </main>
    }
}

fn load(boards: RwSignal<Option<Result<Boards, Failure>>>, timer: StoredValue<Option<dom::Timer>, LocalStorage>) {
    leptos::task::spawn_local(async move {
        let answer = boards::boards().await;
        let is_news = boards.try_with_untracked(|old| old.as_ref() != Some(&answer));
        let had_list = boards.try_with_untracked(|old| matches!(old, Some(Ok(_)))).unwrap_or(false);
        // A list that is there already is better than an error.
        if is_news == Some(true) && (answer.is_ok() || !had_list) {
            let _ = boards.try_set(Some(answer));
        }
        let _ = timer.try_set_value(dom::Timer::after(EVERY_MS, move || load(boards, timer)));
    });
}

#[component]
fn Loading() -> impl IntoView {
    view! {
        <div role="status"><span class="sr-only">{text!(boards.page.loading)}</span>
            <ul class="cards" aria-hidden="true">
                {(0..3).map(|_| view! { <li class="board-card ghost"></li> }).collect_view()}
            </ul>
        </div>
    }
}

#[component]
fn Empty() -> impl IntoView {
    view! {
        <div class="notice">
            <span class="notice-icon"><Icon glyph=Glyph::Globe /></span>
            <h2>{text!(boards.page.empty)}</h2>
            <p>{text!(boards.page.nobody_made)}</p>
        </div>
    }
}

#[component]
fn BoardCard(board: BoardRow, now: Millis) -> impl IntoView {
    let is_public = board.visibility == Visibility::Public;
    let name = String::from(board.board);
    let title = if board.title.is_empty() { name.clone() } else { board.title };
    let age = board.newest.map(|at| now.since(at));
    let live_ms = i64::from(board.stale_after_s) * 1000;
    let activity = match age {
        Some(age) if age < live_ms => Some(("live", text!(boards.page.live).to_owned())),
        Some(age) => Some(("quiet", text!(boards.page.last_event, ago = format::age_sentence(age)))),
        None if board.items == Some(0) => Some(("quiet", text!(boards.page.no_events).to_owned())),
        None => None,
    };
    // "No events yet" says it.
    let items = board.items.filter(|items| *items > 0).map(|items| counted!(items, words.items));
    let address = format!("/b/{}", encode(&name));
    let scores = board.scores.then(|| (format!("{address}/scores"), text!(boards.page.scoreboard_of, title = &title)));
    view! {
        <li class="board-place">
            <a class="board-card" href=address>
                <span class="card-top">
                    <span class="overline">{name}</span>
                    <span class="chip">
                        <Icon glyph=if is_public { Glyph::Globe } else { Glyph::Lock } />
                        {if is_public { text!(boards.page.public) } else { text!(boards.page.private) }}
                    </span>
                </span>
                <span class="card-name">{title}</span>
                <span class="card-text">{board.description}</span>
                <span class="card-facts">
                    {activity.map(|(class, text)| view! { <span class=format!("pulse {class}")>{text}</span> })}
                    {items.map(|text| view! { <span>{text}</span> })}
                    <span class="go" aria-hidden="true"><Icon glyph=Glyph::Next /></span>
                </span>
            </a>
            {scores.map(|(address, label)| view! {
                // Another document with another program: the router stays out of it.
                <a class="button small card-scores" href=address rel="external" aria-label=label>{text!(words.scoreboard)}</a>
            })}
        </li>
    }
}
