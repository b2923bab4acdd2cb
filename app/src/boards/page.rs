//! The first page: all boards one may see, by what they are for.

use heliograph_shared::home::Home;
use heliograph_shared::time::Millis;
use leptos::prelude::*;

use super::card::BoardCard;
use super::kind::{Kind, grouped};
use super::make::MakeBoard;
use crate::browser::dom::{self, Listener};
use crate::client::boards::{self, BoardRow, Boards};
use crate::client::credential;
use crate::client::http::{self, Failure};
use crate::parts::frame::SiteHead;
use crate::parts::icons::{Glyph, Icon};

/// How often the list is asked for again.
const EVERY_MS: i32 = 15_000;

/// What is known of the boards. Cheap to copy.
#[derive(Clone, Copy)]
struct List {
    /// The last answer; a list that is there already is better than an error.
    answer: RwSignal<Option<Result<Boards, Failure>>>,
    /// Whether the list could not be asked for since.
    is_old: RwSignal<bool>,
    timer: StoredValue<Option<dom::Timer>, LocalStorage>,
}

impl List {
    fn load(self) {
        leptos::task::spawn_local(async move {
            let answer = boards::boards().await;
            let is_news = self.answer.try_with_untracked(|old| old.as_ref() != Some(&answer)) == Some(true);
            let had_list = self.answer.try_with_untracked(|old| matches!(old, Some(Ok(_)))).unwrap_or(false);
            let _ = self.is_old.try_set(answer.is_err() && had_list);
            if is_news && (answer.is_ok() || !had_list) {
                let _ = self.answer.try_set(Some(answer));
            }
            let _ = self.timer.try_set_value(dom::Timer::after(EVERY_MS, move || self.load()));
        });
    }

    /// Asks at once when the device says that its network went or came.
    fn listen(self) {
        let Some(window) = web_sys::window() else { return };
        let listeners = ["offline", "online"].map(|event| Listener::new(&window, event, move |_| self.load()));
        let listeners = StoredValue::new_local(listeners);
        on_cleanup(move || listeners.dispose());
    }
}

/// The list of boards.
#[component]
pub fn BoardsPage() -> impl IntoView {
    dom::set_title("Heliograph");
    let timer = StoredValue::new_local(None::<dom::Timer>);
    let list = List { answer: RwSignal::new(None), is_old: RwSignal::new(false), timer };
    list.load();
    list.listen();
    on_cleanup(move || timer.dispose());
    // Who has a key may have a console; it says itself what the key may do there.
    let has_key = credential::latest().is_some();
    let retry = move |_| {
        list.answer.set(None);
        list.load();
    };
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            <header class="hero">
                <h1>{text!(boards.page.heading)}</h1>
                <p>{text!(boards.page.intro)}</p>
                <p class="hero-ways">
                    <a class="button primary" href="#make-board" on:click=move |event| to_make(&event)>{text!(boards.page.make)}</a>
                    <a class="button" href="/docs" rel="external">{text!(boards.page.api)}</a>
                    {has_key.then(|| view! { <a class="button" href="/manage" rel="external">{text!(words.console)}</a> })}
                </p>
            </header>
            <p class="banner-old" role="status">
                {move || list.is_old.get().then(|| view! { <Icon glyph=Glyph::Offline />{text!(boards.page.is_old)} })}
            </p>
            {move || match list.answer.get() {
                None => view! { <Loading /> }.into_any(),
                Some(Ok(boards)) if boards.boards.is_empty() => view! { <Empty /> }.into_any(),
                Some(Ok(Boards { boards, time, .. })) => view! {
                    <div data-testid="boards">
                        {grouped(&boards).into_iter().map(|(kind, boards)| view! {
                            <Group kind=kind boards=boards now=time is_old=list.is_old.get() />
                        }).collect_view()}
                    </div>
                }.into_any(),
                Some(Err(error)) => {
                    let text = match error.kind() {
                        http::Kind::NotFound | http::Kind::Unauthorised => text!(boards.page.no_list).to_owned(),
                        http::Kind::Unreachable | http::Kind::Passing | http::Kind::Refused => error.message,
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
            <Demos list=list />
        </main>
    }
}

/// The games, where no board leads to them yet: their leaders make the boards.
#[component]
fn Demos(list: List) -> impl IntoView {
    let missing = move || {
        let homes: Vec<Home> = list.answer.with(|answer| match answer {
            Some(Ok(boards)) => boards.boards.iter().map(|board| board.home).collect(),
            Some(Err(_)) | None => Vec::new(),
        });
        let games = [(Home::Quiz, text!(words.quiz)), (Home::Arena, text!(words.arena))];
        games.into_iter().filter(|(home, _)| !homes.contains(home)).collect::<Vec<_>>()
    };
    move || {
        let missing = missing();
        (!missing.is_empty()).then(|| view! {
            <p class="quiet-text demos">
                {text!(boards.page.demos)}
                {missing.into_iter().map(|(home, label)| view! { " " <a href=home.path("") rel="external">{label}</a> }).collect_view()}
            </p>
        })
    }
}

/// Goes to the lines that make a board, whatever the router thinks of hashes.
fn to_make(event: &leptos::ev::MouseEvent) {
    event.prevent_default();
    if let Some(place) = document().get_element_by_id("make-board") {
        place.scroll_into_view();
    }
}

#[component]
fn Group(kind: Kind, boards: Vec<BoardRow>, now: Millis, is_old: bool) -> impl IntoView {
    view! {
        <section class="group" aria-labelledby=kind.id()>
            <header class="group-head">
                <h2 id=kind.id()>{kind.heading()}</h2>
                <p>{kind.what()}</p>
            </header>
            <ul class="cards">
                {boards.into_iter().map(|board| view! { <BoardCard board=board now=now is_old=is_old /> }).collect_view()}
            </ul>
        </section>
    }
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
