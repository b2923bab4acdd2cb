//! The manager's console at `/b/{board}/console`.

mod dialog;
mod entry;
mod manager;
mod records;
mod sessions;
mod timeline;

use leptos::prelude::*;

use self::dialog::Confirm;
use self::entry::ChosenRow;
use self::manager::Manager;
use self::records::{Export, Letters, Trail};
use self::sessions::Sessions;
use crate::browser::dom;
use crate::client::boards;
use crate::client::credential::{self, Keep};
use crate::client::feed::Tokens;
use crate::client::http::Failure;
use crate::parts::frame::{Brand, SiteHead, SkipLink};
use crate::parts::icons::{Glyph, Icon};
use crate::parts::open_board::{Board, KeepKey};
use crate::parts::seconds::every_second;
use crate::parts::theme::{Theme, ThemeButton};
use crate::scores::Nowhere;
use crate::scores::address::{Place, View, path_to};
use crate::scores::controls::{Banners, Controls};
use crate::scores::live::{LiveLine, Summary};
use crate::scores::model::Model;
use crate::scores::page::Body;
use crate::scores::words;

/// What the console needs to see and to do.
const OPERATIONS: &[&str] = &["read", "manage"];

/// Sessions are asked for every other second, records every tenth.
const SESSIONS_S: u32 = 2;
const RECORDS_S: u32 = 10;

/// The console of the board that the path names.
#[component]
pub fn ConsoleProgram() -> impl IntoView {
    provide_context(Theme::new());
    let page = if let Place::Console(name) = Place::of(&crate::segments()) {
        view! { <ConsolePage name=name /> }.into_any()
    } else {
        view! { <Nowhere /> }.into_any()
    };
    view! {
        <SkipLink />
        {page}
    }
}

/// The page: first the key, then everything.
#[component]
pub fn ConsolePage(
    /// The board's name in addresses.
    name: String,
) -> impl IntoView {
    dom::set_title(&text!(console.page.title, name = &name));
    let opened = RwSignal::new(None::<(Board, String)>);
    let said = RwSignal::new(None::<String>);
    let name = StoredValue::new(name);
    let sign_in = move |key: String, keep: Option<Keep>| {
        said.set(None);
        leptos::task::spawn_local(async move {
            match open(&name.get_value(), &key).await {
                Ok(board) => {
                    if let Some(keep) = keep {
                        credential::set(&name.get_value(), &key, keep);
                    }
                    credential::proven(&name.get_value());
                    let _ = opened.try_set(Some((board, key)));
                }
                // A key of another board was worth a try, and nobody gave it here.
                Err(_) if keep.is_none() && credential::get(&name.get_value()).is_none() => {}
                Err(error) => {
                    let _ = said.try_set(Some(refused(error)));
                }
            }
        });
    };
    if let Some(key) = credential::get(&name.get_value()).or_else(credential::latest) {
        sign_in(key, None);
    }
    move || match opened.get() {
        Some((board, key)) => view! { <Console board=board key=key /> }.into_any(),
        None => view! { <SignIn said=said sign_in=sign_in /> }.into_any(),
    }
}

fn refused(error: Failure) -> String {
    match error.status {
        401 => text!(parts.open_board.unknown).to_owned(),
        403 => text!(console.page.not_allowed).to_owned(),
        _ => error.sentence(),
    }
}

/// Opens a board for a key that may manage it.
async fn open(name: &str, key: &str) -> Result<Board, Failure> {
    // Minting fails for keys that may not manage, before the page shows anything.
    boards::token(name, Some(key), OPERATIONS).await?;
    let info = boards::board(name, Some(key)).await?;
    Ok(Board::new(name, Some(key.to_owned()), info))
}

#[component]
fn SignIn(
    said: RwSignal<Option<String>>,
    sign_in: impl Fn(String, Option<Keep>) + Copy + Send + 'static,
) -> impl IntoView {
    let key = RwSignal::new(String::new());
    let is_kept = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = key.get_untracked().trim().to_owned();
        if !text.is_empty() {
            sign_in(text, Some(Keep::chosen(is_kept.get_untracked())));
        }
    };
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            <form class="notice key-form" on:submit=submit>
                <span class="notice-icon"><Icon glyph=Glyph::Lock /></span>
                <h1>{text!(console.page.heading)}</h1>
                <p>{text!(console.page.sign_in_with)}
                    <a href="/docs#makeKey" rel="external">{text!(parts.open_board.how)}</a> "."</p>
                {move || said.get().map(|text| view! { <p class="error" role="alert">{text}</p> })}
                <label class="field">
                    <span>{text!(parts.open_board.key)}</span>
                    <input type="password" autocomplete="off" spellcheck="false" required data-testid="key"
                        prop:value=key on:input=move |event| key.set(event_target_value(&event)) />
                </label>
                <KeepKey is_kept=is_kept />
                <p><button class="button primary" type="submit">{text!(console.page.sign_in)}</button></p>
            </form>
        </main>
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
    let (name, scores) = (board.name.clone(), path_to(&board.name, "scores"));
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
                <div class="bar-title"><h1>{board.title}</h1><span class="session-title">{text!(console.page.part)}</span></div>
                <LiveLine model=model />
                <div class="bar-actions">
                    <a class="button" href=scores><Icon glyph=Glyph::Next />{text!(words.scoreboard)}</a>
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
