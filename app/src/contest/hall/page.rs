//! The page of the resolver.

use leptos::prelude::*;

use super::desk::Desk;
use super::driver::Driver;
use super::load::{Fault, Loaded, load};
use super::stage::Stage;
use super::told::told;
use crate::browser::dom;
use crate::parts::frame::Brand;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::open_board::Board;
use crate::parts::theme::ThemeButton;
use crate::scores::address::path_to;
use crate::scores::page::view_from_address;

/// The resolver of a board for who may manage it.
#[component]
pub fn HallPage(
    /// The board.
    board: Board,
) -> impl IntoView {
    dom::set_title(&text!(contest.hall.title, title = &board.title));
    let loaded = RwSignal::new(None::<Result<Loaded, Fault>>);
    let (asked, session) = (board.clone(), view_from_address().session);
    leptos::task::spawn_local(async move {
        let answer = load(asked, session).await;
        let _ = loaded.try_set(Some(answer));
    });
    let contest = path_to(&board.name, "contest");
    let back = contest.clone();
    let title = board.title.clone();
    let board = StoredValue::new(board);
    view! {
        <div class="scores contest hall" data-testid="hall">
            <header class="bar">
                <Brand />
                <div class="bar-title"><h1>{title}</h1><span class="session-title">{text!(contest.resolver.resolver)}</span></div>
                <div class="bar-actions">
                    <a class="button" href=contest>{text!(contest.hall.leave)}</a>
                    <button class="button icon-only" type="button" title=text!(contest.page.full_screen) aria-label=text!(contest.page.full_screen)
                        on:click=move |_| dom::toggle_fullscreen()>
                        <Icon glyph=Glyph::Fit />
                    </button>
                    <ThemeButton />
                </div>
            </header>
            <main id="main" class="scores-main" tabindex="-1">
                {move || match loaded.get() {
                    None => view! { <p class="loading-line" role="status"><span class="spinner"></span>{text!(scores.page.loading)}</p> }.into_any(),
                    Some(Err(fault)) => view! { <Nothing fault=fault back=back.clone() /> }.into_any(),
                    Some(Ok(loaded)) => board.with_value(|board| {
                        view! { <Play loaded=loaded board=board.name.clone() key=board.key.clone() /> }.into_any()
                    }),
                }}
            </main>
        </div>
    }
}

/// The rows, what the step says, and the buttons.
#[component]
fn Play(loaded: Loaded, board: String, key: Option<String>) -> impl IntoView {
    let Loaded { resolver, about, problems } = loaded;
    let driver = Driver::new(resolver);
    let session = about.session.clone();
    let said_of = problems.clone();
    let said = Memo::new(move |_| driver.resolver.with(|resolver| told(resolver, &said_of)));
    view! {
        <div class="hall-told" role="status" aria-live="polite" data-testid="told" data-state=move || said.get().state>
            {move || {
                let said = said.get();
                let name = said.name.map(|name| view! { <strong>{name}</strong> });
                view! { {name}<span>{said.words}</span> }
            }}
        </div>
        <div class="standings-place"><Stage driver=driver about=about problems=problems /></div>
        <Desk driver=driver board=board key=key session=session />
    }
}

/// Why there is nothing to resolve.
#[component]
fn Nothing(fault: Fault, back: String) -> impl IntoView {
    let words = match fault {
        Fault::NotManager => text!(contest.hall.not_manager).to_owned(),
        Fault::NotFrozen => text!(contest.hall.not_frozen).to_owned(),
        Fault::Failed(sentence) => sentence,
    };
    view! {
        <div class="nothing" role="alert" data-testid="no-hall">
            <p><strong>{words}</strong></p>
            <p><a href=back>{text!(contest.hall.leave)}</a></p>
        </div>
    }
}
