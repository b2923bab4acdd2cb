//! The console of managers and administrators.
//!
//! | address | file |
//! |---|---|
//! | `/manage`: all boards | `boards` |
//! | `/manage/new`: a new board | `make`, its templates in `templates` |
//! | `/manage/keys`, `/b/{board}/manage/keys` | `keys`, and what they allow in words in `grants` |
//! | `/b/{board}/manage` | `overview` |
//! | `…/manage/config`: change it, delete the board | `config`, what changes in `diff` |
//! | `…/manage/letters`, `…/pipeline`, `…/archive` | `letters`, `pipeline`, `archive` |
//! | `…/manage/sessions`, `…/scores` | `standings`: `sessions` and `timeline`, `entry`, `records` around one `manager` |
//!
//! All of them have the `frame`, after `sign_in` found out whose `seat` it is. `place` has the addresses; `field` is an
//! input with what is wrong beside it, `shown` an answer of the server, `ask_first` and `dialog` are questions.

mod archive;
mod ask_first;
mod boards;
mod config;
mod dialog;
mod diff;
mod entry;
mod field;
mod frame;
mod grants;
mod keys;
mod letters;
mod make;
mod manager;
mod overview;
mod pipeline;
mod place;
mod records;
mod seat;
mod sessions;
mod shown;
mod sign_in;
mod standings;
mod templates;
mod timeline;

use leptos::prelude::*;

use self::archive::ArchivePart;
use self::boards::BoardsPage;
use self::config::ConfigPart;
use self::keys::{BoardKeysPart, KeysPage};
use self::letters::LettersPart;
use self::make::MakePage;
use self::overview::OverviewPart;
use self::pipeline::PipelinePart;
use self::place::{Part, Place};
use self::seat::{Opened, Seat};
use self::sign_in::SignedIn;
use self::standings::{ScoresPart, SessionsPart};
use crate::browser::dom;
use crate::client::boards;
use crate::client::credential::{self, Keep};
use crate::client::feed::Tokens;
use crate::client::http::Failure;
use crate::parts::board_tabs::{Tab, board_tabs};
use crate::parts::frame::{Brand, SiteHead, SkipLink};
use crate::parts::icons::{Glyph, Icon};
use crate::parts::open_board::{Board, KeepKey};
use crate::parts::seconds::every_second;
use crate::parts::theme::{Theme, ThemeButton};
use crate::scores::Nowhere;
use crate::scores::address::{Place, View};
use crate::scores::controls::{Banners, Controls};
use crate::scores::live::{LiveLine, Summary};
use crate::scores::model::Model;
use crate::scores::page::Body;
use crate::scores::words;

/// The page of the console that the path names.
#[component]
pub fn ConsoleProgram() -> impl IntoView {
    provide_context(Theme::new());
    let place = Place::of(&crate::segments());
    let page = match &place {
        Place::Nowhere => view! { <NotFoundPage /> }.into_any(),
        Place::Board(name, part) => {
            let part = *part;
            dom::set_title(&text!(console.page.title, name = name));
            let then = move |opened: Opened| opened.board.map(|board| board_page(board, part, opened.seat));
            view! { <SignedIn board=Some(name.clone()) then=then /> }.into_any()
        }
        Place::Boards | Place::NewBoard | Place::Keys => {
            dom::set_title(text!(console.page.server_title));
            let place = StoredValue::new(place.clone());
            let then = move |opened: Opened| place.with_value(|place| server_page(place, opened.seat));
            view! { <SignedIn board=None then=then /> }.into_any()
        }
    };
    view! {
        <SkipLink />
        {page}
    }
}

fn server_page(place: &Place, seat: Seat) -> AnyView {
    match place {
        Place::NewBoard => view! { <MakePage seat=seat /> }.into_any(),
        Place::Keys => view! { <KeysPage seat=seat /> }.into_any(),
        Place::Boards | Place::Board(..) | Place::Nowhere => view! { <BoardsPage seat=seat /> }.into_any(),
    }
}

fn board_page(board: Board, part: Part, seat: Seat) -> AnyView {
    match part {
        // The console's address of before leads here, whatever the board is.
        Part::Sessions | Part::Scores if !board.has_scores => {
            replace(&Place::Board(board.name.clone(), Part::Overview).path());
            view! { <OverviewPart board=board seat=seat /> }.into_any()
        }
        Part::Overview => view! { <OverviewPart board=board seat=seat /> }.into_any(),
        Part::Config => view! { <ConfigPart board=board seat=seat /> }.into_any(),
        Part::Keys => view! { <BoardKeysPart board=board seat=seat /> }.into_any(),
        Part::Letters => view! { <LettersPart board=board seat=seat /> }.into_any(),
        Part::Pipeline => view! { <PipelinePart board=board seat=seat /> }.into_any(),
        Part::Archive => view! { <ArchivePart board=board seat=seat /> }.into_any(),
        Part::Sessions => view! { <SessionsPart board=board seat=seat /> }.into_any(),
        Part::Scores => view! { <ScoresPart board=board seat=seat /> }.into_any(),
    }
}

#[component]
fn Console(board: Board, key: String) -> impl IntoView {
    let tokens = Tokens::minted(&board.name, Some(key.clone()), OPERATIONS, true);
    let model = Model::open(&board.name, tokens, View::default(), 0);
    let manager = Manager::new(model, board.name.clone(), key.clone());
    manager.look_at_all();
    let seconds = StoredValue::new(0_u32);
    every_second(move || {
        seconds.update_value(|seconds| *seconds += 1);
        let seconds = seconds.get_value();
        if seconds.is_multiple_of(SESSIONS_S) {
            manager.look_at_sessions();
        }
        if seconds.is_multiple_of(RECORDS_S) {
            manager.look_at_records();
            manager.look_at_entries();
        }
    });
    let choose = move |key: String| manager.choose(Some(key));
    let name = board.name.clone();
    let tabs = board_tabs(&board, Tab::Console);
    let sign_out = move |_| {
        credential::forget(&name);
        if let Some(window) = web_sys::window() {
            // A page that is shown can be loaded again.
            let _ = window.location().reload();
        }
    };
    view! {
        <div class="console" data-testid="console">
            <header class="bar">
                <Brand />
                <div class="bar-title"><h1>{board.title}</h1></div>
                {tabs}
                <LiveLine model=model />
                <div class="bar-actions">
                    <button class="button" type="button" on:click=sign_out>{text!(console.page.sign_out)}</button>
                    <ThemeButton />
                </div>
            </header>
            <main id="main" class="console-main" tabindex="-1">
                <Counters manager=manager />
                <Said manager=manager />
                <div class="console-live">
                    <Controls model=model key=Some(key) />
                    <Banners model=model />
                    <Body model=model choose=choose />
                    <Export manager=manager />
                </div>
                <div class="console-parts">
                    <Sessions manager=manager />
                    <ChosenRow manager=manager />
                    <Trail manager=manager />
                    <Letters manager=manager />
                </div>
            </main>
            <Confirm manager=manager />
            <Summary model=model />
        </div>
    }
}

#[component]
fn Counters(manager: Manager) -> impl IntoView {
    let letters = move || {
        let count = manager.letters.with(Vec::len);
        if manager.has_more_letters.get() { format!("{count}+") } else { count.to_string() }
    };
    view! {
        <dl class="counters" data-testid="counters">
            <div><dt>{text!(console.page.events_per_second)}</dt><dd>{move || words::points(manager.rate.get())}</dd></div>
            <div><dt>{text!(console.page.players)}</dt><dd>{move || words::points(f64::from(manager.model.total.get()))}</dd></div>
            <div><dt>{text!(console.page.dead_letters)}</dt><dd>{letters}</dd></div>
        </dl>
    }
}

#[component]
fn Said(manager: Manager) -> impl IntoView {
    view! {
        <div class="said">
            {move || manager.error.get().map(|text| view! {
                <p class="banner error" role="alert"><Icon glyph=Glyph::Warning /><span>{text}</span>
                    <button class="button small icon-only" type="button" aria-label=text!(console.page.dismiss) on:click=move |_| manager.error.set(None)><Icon glyph=Glyph::Close /></button>
                </p>
            })}
            <p class="sr-only" role="status">{manager.done}</p>
        </div>
    }
}
