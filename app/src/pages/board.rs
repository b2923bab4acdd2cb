//! The page of one board: its config first, then the feed, the map and the lists.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use wasm_bindgen::JsCast;

use crate::announce::{Announcer, Toast};
use crate::api::{self, ApiError, BoardInfo};
use crate::brand::{Brand, SiteHead};
use crate::card::Card;
use crate::debug;
use crate::dom::{self, Listener, Timer};
use crate::help::Help;
use crate::icons::{Glyph, Icon};
use crate::keys;
use crate::map_view::{MapView, fit_all};
use crate::pages::not_found::Notice;
use crate::panel::{Panel, SEARCH_ID};
use crate::percent::encode;
use crate::status::{StatusLine, status_of};
use crate::store::{Notice as StoreNotice, Store};
use crate::theme::ThemeButton;
use crate::ui::{self, Page, Ui};
use crate::url_state::Tab;

/// The page at `/b/{board}`.
#[component]
pub fn BoardPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("board").unwrap_or_default()));
    move || {
        let name = name.get();
        view! { <LoadBoard name=name /> }
    }
}

#[component]
fn LoadBoard(name: String) -> impl IntoView {
    dom::set_title(&format!("{name} · Heliograph"));
    let answer = RwSignal::new(None::<Result<BoardInfo, ApiError>>);
    let name = StoredValue::new(name);
    let load = move || {
        answer.set(None);
        leptos::task::spawn_local(async move {
            let name = name.get_value();
            let info = api::board(&name, keys::get(&name).as_deref()).await;
            let _ = answer.try_set(Some(info));
        });
    };
    load();
    move || match answer.get() {
        None => view! {
            <SiteHead />
            <main id="main" class="page" tabindex="-1">
                <p class="loading-line" role="status"><span class="spinner"></span>"Opening the board…"</p>
            </main>
        }
        .into_any(),
        Some(Ok(info)) => view! { <OpenBoard name=name.get_value() info=info /> }.into_any(),
        Some(Err(ApiError::NotFound)) => view! {
            <SiteHead />
            <main id="main" class="page" tabindex="-1">
                <Notice glyph=Glyph::Globe title="No such board".to_owned()
                    text=format!("There is no board called {}.", name.get_value()) />
            </main>
        }
        .into_any(),
        Some(Err(ApiError::Unauthorised)) => view! { <AskForKey name=name load=load /> }.into_any(),
        Some(Err(error)) => {
            let text = match error {
                ApiError::Problem { message, .. } => message,
                ApiError::Unreachable | ApiError::NotFound | ApiError::Unauthorised => {
                    "The server can't be reached. Is this device online?".to_owned()
                }
            };
            view! {
                <SiteHead />
                <main id="main" class="page" tabindex="-1">
                    <div class="notice" role="alert">
                        <span class="notice-icon"><Icon glyph=Glyph::Warning /></span>
                        <h1>"The board could not be opened"</h1>
                        <p>{text}</p>
                        <p><button class="button primary" type="button" on:click=move |_| load()>"Try again"</button></p>
                    </div>
                </main>
            }
            .into_any()
        }
    }
}

#[component]
fn AskForKey(name: StoredValue<String>, load: impl Fn() + Copy + Send + 'static) -> impl IntoView {
    let key = RwSignal::new(String::new());
    let was_refused = keys::get(&name.get_value()).is_some();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = key.get_untracked();
        keys::set(&name.get_value(), Some(text.trim()).filter(|text| !text.is_empty()));
        load();
    };
    view! {
        <SiteHead />
        <main id="main" class="page" tabindex="-1">
            <form class="notice key-form" on:submit=submit>
                <span class="notice-icon"><Icon glyph=Glyph::Lock /></span>
                <h1>"This board is private"</h1>
                <p>"Paste a key or a token that may read it. It stays in this tab only and is gone when you close it."</p>
                {was_refused.then(|| view! { <p class="error" role="alert">"The key that was given may not read this board."</p> })}
                <label class="field">
                    <span>"Key or token"</span>
                    <input type="password" autocomplete="off" spellcheck="false" required
                        prop:value=key on:input=move |event| key.set(event_target_value(&event)) />
                </label>
                <p>
                    <button class="button primary" type="submit">"Open the board"</button>
                    <a class="button" href="/">"All boards"</a>
                </p>
            </form>
        </main>
    }
}

#[component]
fn OpenBoard(name: String, info: BoardInfo) -> impl IntoView {
    let title = if info.title.is_empty() { name.clone() } else { info.title.clone() };
    let explore = format!("/b/{}/explore", encode(&name));
    let scores = info.scores.is_some().then(|| format!("/b/{}/scores", encode(&name)));
    dom::set_title(&format!("{title} · Heliograph"));
    let ui = Ui::from_view(ui::view_from_address());
    let handle = StoredValue::new_local(None);
    let had_camera = ui.camera.with_untracked(Option::is_some) || info.map.center.is_some();
    let page_of = StoredValue::new_local(None::<Page>);
    let store = Store::open(&name, info, keys::get(&name), move |notice| {
        if let Some(Some(page)) = page_of.try_get_value() {
            take(page, notice);
        }
    });
    let page = Page { store: StoredValue::new_local(store), map: handle, ui };
    page_of.set_value(Some(page));
    let refresh = move || {
        let fresh = status_of(&page.store());
        if ui.status.with_untracked(|old| *old != fresh) {
            ui.status.set(fresh);
        }
    };
    refresh();
    Effect::new(move |_| {
        let _ = (ui.seconds.get(), ui.data.get());
        refresh();
    });
    tick(page);
    look_once(page, had_camera);
    ui::keep_address(page);
    listen_to_keys(page);
    debug::expose(page);
    on_cleanup(move || {
        if let Some(store) = page.store.try_get_value() {
            store.close();
        }
    });
    let description = page.store().info.description.clone();
    view! {
        <div class="board" data-tab=move || ui.tab.get().code()>
            <header class="bar">
                <Brand />
                <div class="bar-title">
                    <h1 title=description>{title}</h1>
                </div>
                <StatusLine page=page />
                <div class="bar-actions">
                    {scores.map(|address| view! { <a class="button" href=address rel="external">"Scoreboard"</a> })}
                    <a class="button" href=explore rel="external">"Explore"</a>
                    <ThemeButton />
                    <button class="button icon-only" type="button" aria-label="Help and keys" title="Help and keys (?)"
                        on:click=move |_| ui.help.set(true)>
                        <Icon glyph=Glyph::Help />
                    </button>
                </div>
            </header>
            <main id="main" class="stage" tabindex="-1">
                <Panel page=page />
                <Card page=page />
                <MapView page=page />
            </main>
            <Announcer page=page />
            <Toast page=page />
            <Help page=page />
        </div>
    }
}

fn take(page: Page, notice: StoreNotice) {
    let ui = page.ui;
    match notice {
        StoreNotice::Frame => {
            if let Some(map) = page.map() {
                map.repaint();
            }
        }
        StoreNotice::Data => ui.data.update(|n| *n = n.wrapping_add(1)),
        StoreNotice::Link => {
            let Some(store) = page.store.try_get_value() else { return };
            ui.status.set(status_of(&store));
        }
        StoreNotice::Refused(message) => page.say(message),
    }
}

/// One beat a second, for ages.
fn tick(page: Page) {
    fn again(page: Page, timer: StoredValue<Option<Timer>, LocalStorage>) {
        let next = Timer::after(1_000, move || {
            if page.ui.seconds.try_update(|n| *n = n.wrapping_add(1)).is_some() {
                again(page, timer);
            }
        });
        let _ = timer.try_set_value(next);
    }
    let timer = StoredValue::new_local(None::<Timer>);
    again(page, timer);
    on_cleanup(move || timer.dispose());
}

/// The first look: at everything, unless the address or the board says where.
fn look_once(page: Page, had_camera: bool) {
    Effect::new(move |looked: Option<bool>| {
        let _ = page.ui.data.get();
        let is_ready = page.ui.map.with(|state| *state == ui::MapState::Ready);
        if looked == Some(true) {
            return true;
        }
        let store = page.store();
        let Some(map) = page.map() else { return false };
        if !is_ready || store.resets() == 0 || store.scene.borrow().is_empty() {
            return false;
        }
        if !had_camera {
            map.look_at_all();
        }
        // An item in the address is shown wherever it is now.
        let selected = page.ui.selected.get_untracked().and_then(|key| store.find(&key));
        if let Some(id) = selected
            && page.ui.camera.with_untracked(Option::is_none)
        {
            map.bring_into_view(id);
        }
        true
    });
}

fn listen_to_keys(page: Page) {
    let listener = web_sys::window().map(|window| {
        Listener::new(&window, "keydown", move |event| {
            let Ok(event) = event.dyn_into::<web_sys::KeyboardEvent>() else { return };
            if !event.ctrl_key() && !event.meta_key() && !event.alt_key() && shortcut(page, &event) {
                event.prevent_default();
            }
        })
    });
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || listener.dispose());
}

/// Does what a key means; false when it means nothing here.
fn shortcut(page: Page, event: &web_sys::KeyboardEvent) -> bool {
    let ui = page.ui;
    let key = event.key();
    if key == "Escape" {
        return escape(page);
    }
    if dom::is_typing(event) || ui.help.get_untracked() {
        return false;
    }
    match key.as_str() {
        "/" => focus_search(page),
        "f" | "F" => page.toggle_follow(),
        "a" | "A" => fit_all(page),
        "?" => ui.help.set(true),
        "1" => ui.tab.set(Tab::List),
        "2" => ui.tab.set(Tab::Top),
        "3" => ui.tab.set(Tab::Table),
        _ => return false,
    }
    true
}

fn escape(page: Page) -> bool {
    let ui = page.ui;
    if ui.help.get_untracked() {
        ui.help.set(false);
    } else if ui.selected.with_untracked(Option::is_some) {
        page.unselect();
    } else if ui.query.with_untracked(|query| !query.is_empty()) {
        ui.query.set(String::new());
    } else {
        return false;
    }
    true
}

fn focus_search(page: Page) {
    if page.ui.tab.get_untracked() == Tab::Top {
        page.ui.tab.set(Tab::List);
    }
    dom::on_next_frame(|| {
        let field = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id(SEARCH_ID));
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok()) {
            // A field that is in the page can take the focus.
            let _ = field.focus();
            field.select();
        }
    });
}
