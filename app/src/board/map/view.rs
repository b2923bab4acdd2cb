//! The map on the board page: the element, its buttons and notices, and the wiring between the map and the signals.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::density::page::DensityChoice;
use super::handle::{Look, MapHandle, MapNews};
use super::layers::page::LayerSwitches;
use super::legend::Legend;
use super::maplibre;
use super::scene::places::Place;
use crate::board::replay::run as replay;
use crate::board::replay::signals::Bar;
use crate::board::state::{MapState, Page, SheetStop};
use crate::browser::dom;
use crate::browser::geolocation::{self, Why};
use crate::client::boards;
use crate::parts::format;
use crate::parts::icons::{Glyph, Icon};
use crate::parts::theme::Theme;

/// The map with its buttons.
#[component]
pub fn MapView(
    /// The board.
    page: Page,
) -> impl IntoView {
    let ui = page.ui;
    let theme = expect_context::<Theme>();
    let container = NodeRef::<Div>::new();
    let labels = NodeRef::<Div>::new();

    Effect::new(move |opened: Option<bool>| {
        let (Some(container), Some(labels)) = (container.get(), labels.get()) else { return false };
        if opened != Some(true) {
            open(page, container.unchecked_into(), labels.unchecked_into(), theme);
        }
        true
    });
    keep_marks(page);
    keep_dimmed(page);
    Effect::new(move |_| {
        let has_names = ui.names.get();
        if let (Some(map), true) = (page.map(), ui.map.with(|state| *state == MapState::Ready)) {
            map.set_names(has_names);
        }
    });
    Effect::new(move |_| {
        let is_dark = theme.is_dark();
        if let (Some(map), true) = (page.map(), ui.map.with(|state| *state == MapState::Ready)) {
            map.set_dark(is_dark);
        }
    });
    Effect::new(move |_| {
        let _ = ui.seconds.get();
        if let Some(map) = page.map()
            && map.is_ageing()
        {
            map.repaint();
        }
    });
    on_cleanup(move || {
        if let Some(map) = page.map() {
            map.close();
        }
    });

    let state = ui.map;
    view! {
        <section class="map" aria-label=text!(words.map) data-state=move || state.with(|state| match state {
            MapState::Loading => "loading",
            MapState::Ready => "ready",
            MapState::Failed(_) => "failed",
        })>
            <div class="map-canvas" node_ref=container data-testid="map"></div>
            <div class="map-labels" node_ref=labels aria-hidden="true"></div>
            {move || state.with(|state| match state {
                MapState::Loading => Some(view! {
                    <div class="map-note" role="status"><span class="spinner"></span>{text!(board.map.loading)}</div>
                }.into_any()),
                MapState::Ready => None,
                MapState::Failed(reason) => Some(view! {
                    <div class="map-note failed" role="alert">
                        <Icon glyph=Glyph::Warning />
                        <p><strong>{text!(board.map.none)}</strong>" "{reason.clone()}{text!(board.map.others_work)}</p>
                    </div>
                }.into_any()),
            })}
            <div class="map-keys">
                <DensityChoice page=page />
                <LayerSwitches page=page />
                <Legend page=page />
            </div>
            <MapButtons page=page />
        </section>
    }
}

#[component]
fn MapButtons(
    /// The board.
    page: Page,
) -> impl IntoView {
    let bearing = move || page.ui.camera.with(|camera| camera.map_or(0.0, |camera| camera.bearing));
    let is_turned = move || page.ui.camera.with(|camera| camera.is_some_and(|c| c.bearing.abs() + c.pitch > 0.05));
    let is_asking = RwSignal::new(false);
    let is_back = Memo::new(move |_| page.replay.bar.with(|bar| *bar != Bar::Closed));
    let has_past = Memo::new(move |_| page.replay.past.with(Option::is_some));
    let with_map = move |work: fn(&MapHandle)| {
        if let Some(map) = page.map() {
            work(&map);
        }
    };
    view! {
        <div class="map-buttons" role="group" aria-label=text!(board.map.buttons)>
            <button class="button icon-only" type="button" title=text!(board.map.fit_keys) aria-label=text!(board.map.fit)
                data-testid="fit" on:click=move |_| fit_all(page)>
                <Icon glyph=Glyph::Fit />
            </button>
            <div class="button-stack">
                <button class="button icon-only" type="button" title=text!(board.map.closer) aria-label=text!(board.map.zoom_in)
                    on:click=move |_| with_map(|map| map.zoom(true))>
                    <Icon glyph=Glyph::Plus />
                </button>
                <button class="button icon-only" type="button" title=text!(board.map.farther) aria-label=text!(board.map.zoom_out)
                    on:click=move |_| with_map(|map| map.zoom(false))>
                    <Icon glyph=Glyph::Minus />
                </button>
            </div>
            <button class="button icon-only" type="button" title=text!(board.map.here) aria-label=text!(board.map.here)
                data-testid="here" disabled=is_asking on:click=move |_| find_me(page, is_asking)>
                <Icon glyph=Glyph::Here />
            </button>
            <button class="button icon-only" type="button" title=text!(board.map.names_keys) aria-label=text!(board.map.names)
                aria-pressed=move || if page.ui.names.get() { "true" } else { "false" }
                class:primary=page.ui.names data-testid="names" on:click=move |_| toggle_names(page)>
                <Icon glyph=Glyph::Names />
            </button>
            <Show when=move || has_past.get()>
                <button class="button icon-only" type="button" title=text!(board.replay.open_keys) aria-label=text!(board.replay.label)
                    aria-pressed=move || if is_back.get() { "true" } else { "false" }
                    class:primary=is_back data-testid="replay-open"
                    on:click=move |_| if is_back.get_untracked() { replay::leave(page) } else { replay::enter(page) }>
                    <Icon glyph=Glyph::Past />
                </button>
            </Show>
            <Show when=is_turned>
                <button class="button icon-only" type="button" title=text!(board.map.north) aria-label=text!(board.map.north)
                    on:click=move |_| with_map(MapHandle::face_north)>
                    <span class="needle" style:transform=move || format!("rotate({}deg)", -bearing())>
                        <Icon glyph=Glyph::North />
                    </span>
                </button>
            </Show>
        </div>
    }
}

/// Shows the items' names, or hides them.
pub fn toggle_names(page: Page) {
    page.ui.names.update(|names| *names = !*names);
}

/// Asks the device where it is, and looks there.
fn find_me(page: Page, is_asking: RwSignal<bool>) {
    is_asking.set(true);
    geolocation::ask(move |answer| {
        // The viewer may have left meanwhile.
        if is_asking.try_set(false).is_some() {
            return;
        }
        match answer {
            Ok(here) => {
                page.ui.follow.set(false);
                if let Some(map) = page.map() {
                    map.show_here(here.lat, here.lon);
                }
                page.say(text!(board.map.here_within, n = format::height(here.accuracy.ceil(), 0)));
            }
            Err(Why::Refused) => page.say(text!(board.map.here_refused)),
            Err(Why::Unknown) => page.say(text!(board.map.here_unknown)),
        }
    });
}

/// Shows all items, or those that match the search.
pub fn fit_all(page: Page) {
    let Some(map) = page.map() else { return };
    page.ui.follow.set(false);
    let wanted = untrack(|| page.ui.wanted());
    let store = page.store();
    let matching: Option<std::collections::HashSet<u32>> = (!wanted.is_everything())
        .then(|| {
            store.with_replica(|replica| {
                replica.items().filter(|(_, item)| wanted.has(&store.marks, item)).map(|(id, _)| id.0).collect()
            })
        })
        .flatten();
    map.fit(|id| matching.as_ref().is_none_or(|matching| matching.contains(&id)));
}

fn open(page: Page, container: HtmlElement, labels: HtmlElement, theme: Theme) {
    let ui = page.ui;
    let (store, camera) = (page.store(), ui.camera.get_untracked());
    let look = Look { camera, is_dark: untrack(|| theme.is_dark()), is_framed: false };
    let is_local = store.info.map.style.is_none();
    leptos::task::spawn_local(async move {
        maplibre::add_stylesheet();
        let opened = MapHandle::open(container, labels, store, look, move |news| take(page, news)).await;
        match opened {
            Err(reason) => {
                let _ = ui.map.try_set(MapState::Failed(reason));
            }
            Ok(map) => {
                if page.map.try_set_value(Some(map.clone())).is_some() {
                    // The viewer left while the map was loading.
                    return map.close();
                }
                map.set_covered();
                if is_local && let Some(text) = boards::text("/basemap/labels.json").await {
                    map.set_places(Place::list_from_json(&text));
                }
            }
        }
    });
}

fn take(page: Page, news: MapNews) {
    let ui = page.ui;
    match news {
        MapNews::Ready => ui.map.set(MapState::Ready),
        MapNews::Failed(reason) => ui.map.set(MapState::Failed(reason)),
        MapNews::Hovered(id) => ui.hovered.set(id),
        MapNews::Clicked(Some(id)) => {
            let key = page.store().key(heliograph_shared::items::ItemId(id));
            if let Some(key) = key {
                page.select(&key);
            }
        }
        MapNews::Clicked(None) => {
            if dom::has_sheet() && ui.selected.with_untracked(Option::is_none) {
                ui.sheet.set(SheetStop::Peek);
            }
            page.unselect();
        }
        MapNews::Dragged => ui.follow.set(false),
        MapNews::Rested(camera) => ui.camera.set(Some(camera)),
    }
}

/// The map shows what is hovered, selected and followed.
fn keep_marks(page: Page) {
    let ui = page.ui;
    Effect::new(move |_| {
        let _ = ui.data.get();
        let is_ready = ui.map.with(|state| *state == MapState::Ready);
        let (hovered, follow) = (ui.hovered.get(), ui.follow.get());
        let selected = ui.selected.with(|key| key.as_ref().and_then(|key| page.store().find(key)));
        if let (Some(map), true) = (page.map(), is_ready) {
            map.mark(hovered, selected.map(|id| id.0), follow);
        }
    });
    Effect::new(move |_| {
        let _ = (ui.sheet.get(), ui.selected.with(Option::is_some));
        dom::on_next_frame(move || {
            if let Some(map) = page.map() {
                map.set_covered();
            }
        });
    });
}

/// Items that are not wanted are dimmed.
fn keep_dimmed(page: Page) {
    let ui = page.ui;
    let wanted = Memo::new(move |_| ui.wanted());
    Effect::new(move |was_dimmed: Option<bool>| {
        let wanted = wanted.get();
        if wanted.is_everything() && was_dimmed != Some(true) {
            return false;
        }
        if !wanted.is_everything() {
            let _ = ui.data.get();
        }
        let store = page.store();
        store.with_replica(|replica| {
            let matches = |id| {
                let item = replica.get(heliograph_shared::items::ItemId(id));
                wanted.is_everything() || item.is_some_and(|item| wanted.has(&store.marks, item))
            };
            store.scene.borrow_mut().dim_unless(matches);
        });
        if let Some(map) = page.map() {
            map.repaint();
        }
        !wanted.is_everything()
    });
}
