//! The page of one board: its config first, then the feed, the map and the lists.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::announce::{Announcer, Toast, fences};
use super::debug;
use super::help::Help;
use super::items::card::Card;
use super::items::panel::Panel;
use super::map::fences::Areas;
use super::map::view::MapView;
use super::replay::bar::ReplayBar;
use super::replay::run as replay;
use super::replay::signals::Replay;
use super::shortcuts;
use super::state::{self, Page, Ui};
use super::status::{StatusLine, status_of};
use super::store::{Notice as StoreNotice, Store};
use crate::browser::dom;
use crate::client::boards;
use crate::parts::board_tabs::{Tab, board_tabs};
use crate::parts::frame::Brand;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::language::LanguageChoice;
use crate::parts::open_board::{Board, WithBoard};
use crate::parts::seconds::every_second;
use crate::parts::theme::ThemeButton;
use crate::parts::units_choice::UnitsChoice;

/// The page at `/b/{board}/map`.
#[component]
pub fn BoardPage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("board").unwrap_or_default()));
    move || {
        let name = name.get();
        view! { <WithBoard name=name then=|board: Board| view! { <OpenBoard board=board /> } /> }
    }
}

/// The map of a board that is open.
#[component]
pub fn OpenBoard(
    /// The board.
    board: Board,
) -> impl IntoView {
    let tabs = board_tabs(&board, Tab::Map);
    let Board { name, title, info, key, .. } = board;
    dom::set_title(&text!(board.page.title, title = &title));
    let ui = Ui::from_view(state::view_from_address());
    let handle = StoredValue::new_local(None);
    let had_camera = ui.camera.with_untracked(Option::is_some) || info.map.center.is_some();
    let page_of = StoredValue::new_local(None::<Page>);
    // Fences are for managers.
    let sees_fences = info.is_whole;
    let fence_key = key.clone();
    let store = Store::open(&name, info, key, move |notice| {
        if let Some(Some(page)) = page_of.try_get_value() {
            take(page, notice);
        }
    });
    let page = Page { store: StoredValue::new_local(store), map: handle, ui, replay: Replay::live() };
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
    every_second(move || {
        let _ = page.ui.seconds.try_update(|n| *n = n.wrapping_add(1));
    });
    look_once(page, had_camera);
    if sees_fences {
        show_fences(page, name, fence_key);
    }
    state::keep_address(page);
    replay::begin(page);
    shortcuts::listen(page);
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
                {tabs}
                <StatusLine page=page />
                <div class="bar-actions">
                    <LanguageChoice />
                    <UnitsChoice />
                    <ThemeButton />
                    <button class="button icon-only" type="button" aria-label=text!(board.page.help) title=text!(board.page.help_keys)
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
            <ReplayBar page=page />
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
                map.paint();
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

/// Draws the board's fences once the map is there. A map without them is still the map.
fn show_fences(page: Page, board: String, key: Option<String>) {
    let areas = RwSignal::new(None::<Areas>);
    leptos::task::spawn_local(async move {
        if let Ok(answer) = boards::ask(&board, "fences?format=geojson", key.as_deref(), None).await {
            // The viewer may have left meanwhile.
            let _ = page.ui.fences.try_set(fences::names(&answer));
            let _ = areas.try_set(Some(Areas::of(&answer)));
        }
    });
    Effect::new(move |_| {
        let is_ready = page.ui.map.with(|state| *state == state::MapState::Ready);
        let known = areas.get();
        if let (Some(map), Some(areas), true) = (page.map(), known, is_ready) {
            map.show_fences(areas);
        }
    });
}

/// The first look: at everything, unless the address or the board says where.
fn look_once(page: Page, had_camera: bool) {
    Effect::new(move |looked: Option<bool>| {
        let _ = page.ui.data.get();
        let is_ready = page.ui.map.with(|state| *state == state::MapState::Ready);
        if looked == Some(true) {
            return true;
        }
        let store = page.store();
        let Some(map) = page.map() else { return false };
        let is_here = store.resets() > 0 || store.kept_at().is_some() || store.past_at().is_some();
        if !is_ready || !is_here || store.scene.borrow().is_empty() {
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
            page.bring_into_view(id);
        }
        true
    });
}
