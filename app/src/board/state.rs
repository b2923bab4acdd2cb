//! What the viewer chose on a board page, as signals, and its twin in the address bar.

use std::collections::BTreeMap;
use std::rc::Rc;

use heliograph_shared::density::Density;
use heliograph_shared::items::ItemId;
use heliograph_shared::time::Millis;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::address::{Camera, Sort, Tab, ViewState, with_visit};
use super::announce::wanted as announce;
use super::items::wanted::Wanted;
use super::map::handle::MapHandle;
use super::replay::signals::Replay;
use super::replay::speed::Speed;
use super::store::Store;
use crate::browser::dom::{self, Listener, Timer};
use crate::parts::truth::Truth;

/// How far the sheet is pulled up on a phone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SheetStop {
    /// Only its head.
    Peek,
    /// Half of the screen.
    #[default]
    Half,
    /// All of it.
    Full,
}

/// The state of the map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MapState {
    /// MapLibre is being loaded.
    #[default]
    Loading,
    /// It draws.
    Ready,
    /// It can't; the list and the table still work.
    Failed(String),
}

/// The status line's content.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatusView {
    /// Which kind.
    pub truth: Truth,
    /// In words, short.
    pub text: String,
    /// The whole sentence, for the tooltip and for screen readers.
    pub detail: String,
    /// Whether trying again now makes sense.
    pub can_retry: bool,
    /// Median time from source to screen.
    pub latency_ms: Option<f64>,
    /// How many items.
    pub items: usize,
    /// How many people watch, if the server says.
    pub viewers: Option<u32>,
    /// How many of them are there, where the board tells it.
    pub watching: Option<u32>,
}

/// The signals of one board page. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Ui {
    /// The selected item's key.
    pub selected: RwSignal<Option<String>>,
    /// Whether the camera follows it.
    pub follow: RwSignal<bool>,
    /// What fills the panel.
    pub tab: RwSignal<Tab>,
    /// What is searched for.
    pub query: RwSignal<String>,
    /// Whether items have their names beside them on the map.
    pub names: RwSignal<bool>,
    /// Lines of the legend whose items are wanted; all when none is chosen.
    pub marks: RwSignal<Vec<usize>>,
    /// Ids of the layers that are shown, where the viewer chose.
    pub layers: RwSignal<Option<Vec<String>>>,
    /// How many items are shown, where the viewer chose.
    pub density: RwSignal<Option<Density>>,
    /// How the list and the table are sorted.
    pub sort: RwSignal<Sort>,
    /// What the top list ranks by, when the viewer chose.
    pub top: RwSignal<Option<Sort>>,
    /// The number of the item under the pointer, on the map or in a list.
    pub hovered: RwSignal<Option<u32>>,
    /// Where the camera is, once it is anywhere.
    pub camera: RwSignal<Option<Camera>>,
    /// The time that is shown instead of now, as the address has it.
    pub at: RwSignal<Option<Millis>>,
    /// How fast a replay goes.
    pub speed: RwSignal<Speed>,
    /// Changes when the time that is shown jumped, to another or to now.
    pub turned: RwSignal<u32>,
    /// Changes when items did, at most four times a second.
    pub data: RwSignal<u32>,
    /// Changes once a second.
    pub seconds: RwSignal<u32>,
    /// The truth about the connection.
    pub status: RwSignal<StatusView>,
    /// How far the sheet is pulled up.
    pub sheet: RwSignal<SheetStop>,
    /// The state of the map.
    pub map: RwSignal<MapState>,
    /// Whether screen readers are told now and then what happened.
    pub summary: RwSignal<bool>,
    /// The names of the board's fences by their ids, for who may see them.
    pub fences: RwSignal<BTreeMap<String, String>>,
    /// Whether the help is open.
    pub help: RwSignal<bool>,
    /// A short message that goes away by itself.
    pub toast: RwSignal<Option<String>>,
}

/// A board page: its store, its map and its signals. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Page {
    /// What the board knows.
    pub store: StoredValue<Rc<Store>, LocalStorage>,
    /// The map, once it is there.
    pub map: StoredValue<Option<MapHandle>, LocalStorage>,
    /// What the viewer chose.
    pub ui: Ui,
    /// What was, on the same map.
    pub replay: Replay,
}

impl Page {
    /// Reads the store.
    pub fn store(&self) -> Rc<Store> {
        self.store.get_value()
    }

    /// The map, if it is there.
    pub fn map(&self) -> Option<MapHandle> {
        self.map.try_get_value().flatten()
    }

    /// Selects an item and brings it into view.
    pub fn select(&self, key: &str) {
        let ui = self.ui;
        if ui.selected.with_untracked(|selected| selected.as_deref() != Some(key)) {
            ui.selected.set(Some(key.to_owned()));
            ui.follow.set(false);
        }
        if let Some(id) = self.store().find(key) {
            self.bring_into_view(id);
        }
    }

    /// Brings a selected item into view, beside its card: that is in the page with the next frame.
    pub fn bring_into_view(&self, id: ItemId) {
        let page = *self;
        dom::on_next_frame(move || {
            if let Some(map) = page.map() {
                map.set_covered();
                map.bring_into_view(id);
            }
        });
    }

    /// Selects nothing.
    pub fn unselect(&self) {
        self.ui.follow.set(false);
        self.ui.selected.set(None);
    }

    /// Begins or ends following the selected item.
    pub fn toggle_follow(&self) {
        if self.ui.selected.with_untracked(Option::is_some) {
            self.ui.follow.update(|follow| *follow = !*follow);
        }
    }

    /// Shows a short message.
    pub fn say(&self, message: impl Into<String>) {
        self.ui.toast.set(Some(message.into()));
    }
}

impl Ui {
    /// From what the address says.
    pub fn from_view(view: ViewState) -> Self {
        Self {
            selected: RwSignal::new(view.item),
            follow: RwSignal::new(view.follow),
            tab: RwSignal::new(view.tab),
            query: RwSignal::new(view.query),
            names: RwSignal::new(!view.is_nameless),
            marks: RwSignal::new(view.marks),
            layers: RwSignal::new(view.layers),
            density: RwSignal::new(view.density),
            sort: RwSignal::new(view.sort),
            top: RwSignal::new(view.top),
            hovered: RwSignal::new(None),
            camera: RwSignal::new(view.camera),
            at: RwSignal::new(view.at),
            speed: RwSignal::new(view.speed),
            turned: RwSignal::new(0),
            data: RwSignal::new(0),
            seconds: RwSignal::new(0),
            status: RwSignal::new(StatusView::default()),
            sheet: RwSignal::new(SheetStop::Half),
            map: RwSignal::new(MapState::Loading),
            summary: RwSignal::new(announce::is_wanted()),
            fences: RwSignal::new(BTreeMap::new()),
            help: RwSignal::new(false),
            toast: RwSignal::new(None),
        }
    }

    /// Which items the viewer wants to see.
    pub fn wanted(&self) -> Wanted {
        self.query.with(|text| self.marks.with(|lines| Wanted::new(text, lines)))
    }

    /// The viewer wants to see all.
    pub fn want_everything(&self) {
        self.query.set(String::new());
        self.marks.set(Vec::new());
    }

    fn view(&self, theme: Option<String>) -> ViewState {
        ViewState {
            item: self.selected.get(),
            follow: self.follow.get(),
            tab: self.tab.get(),
            query: self.query.get(),
            is_nameless: !self.names.get(),
            marks: self.marks.get(),
            layers: self.layers.get(),
            density: self.density.get(),
            sort: self.sort.get(),
            top: self.top.get(),
            theme,
            camera: self.camera.get(),
            at: self.at.get(),
            speed: self.speed.get(),
        }
    }

    /// Takes what the address says now: the viewer went back or forward.
    fn take(&self, view: ViewState) {
        set_if_new(self.selected, view.item);
        set_if_new(self.follow, view.follow);
        set_if_new(self.tab, view.tab);
        set_if_new(self.query, view.query);
        set_if_new(self.names, !view.is_nameless);
        set_if_new(self.marks, view.marks);
        set_if_new(self.layers, view.layers);
        set_if_new(self.density, view.density);
        set_if_new(self.sort, view.sort);
        set_if_new(self.top, view.top);
        set_if_new(self.speed, view.speed);
        set_if_new(self.at, view.at);
    }
}

fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|old| *old != value) {
        signal.set(value);
    }
}

/// The view that the address holds now.
pub fn view_from_address() -> ViewState {
    let Some(location) = web_sys::window().map(|window| window.location()) else { return ViewState::default() };
    ViewState::parse(&location.search().unwrap_or_default(), &location.hash().unwrap_or_default())
}

/// Keeps the address in step with the signals. Choosing an item or a tab, and looking back or at now, is a step one can go
/// back from; everything else replaces the current entry, a moment later, so that typing and panning do not flood the history.
pub fn keep_address(page: Page) {
    const WAIT_MS: i32 = 250;
    let ui = page.ui;
    let later: StoredValue<Option<Timer>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |before: Option<Step>| {
        let theme = view_from_address().theme;
        let view = ui.view(theme);
        let step = step_of(&view);
        let url = view.to_url();
        if before.as_ref().is_some_and(|before| *before != step) && stands_elsewhere(&step) {
            later.set_value(None);
            write_address(&url, true);
        } else {
            later.set_value(Timer::after(WAIT_MS, move || write_address(&url, false)));
        }
        step
    });
    let listener = web_sys::window().map(|window| {
        Listener::new(&window, "popstate", move |_| {
            let view = view_from_address();
            if let (Some(map), Some(camera)) = (page.map(), view.camera)
                && view.item == ui.selected.get_untracked()
            {
                map.jump(&camera);
            }
            ui.take(view);
        })
    });
    let listener = StoredValue::new_local(listener);
    on_cleanup(move || {
        later.dispose();
        listener.dispose();
    });
}

/// The address of what the screen shows at this moment, which is written into the bar, too: a map that follows an item or is on
/// its way has not said yet where it is.
pub fn address_now(page: Page) -> String {
    if let Some(map) = page.map() {
        page.ui.camera.set(Some(map.camera()));
    }
    let theme = view_from_address().theme;
    write_address(&untrack(|| page.ui.view(theme)).to_url(), false);
    web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// What one can go back from: the item, the tab, and whether now is shown.
type Step = (Option<String>, Tab, bool);

fn step_of(view: &ViewState) -> Step {
    (view.item.clone(), view.tab, view.at.is_none())
}

/// Whether the address shows another step than the signals: after going back they agree already.
fn stands_elsewhere(step: &Step) -> bool {
    step_of(&view_from_address()) != *step
}

fn write_address(url: &str, is_step: bool) {
    let Some(window) = web_sys::window() else { return };
    let (Ok(path), Ok(search)) = (window.location().pathname(), window.location().search()) else { return };
    let address = format!("{path}{}", with_visit(url, &search));
    let Ok(history) = window.history() else { return };
    let state = history.state().unwrap_or(JsValue::NULL);
    // Browsers refuse only when a page writes the address hundreds of times in some seconds; the next one gets through.
    let _ = if is_step {
        history.push_state_with_url(&state, "", Some(&address))
    } else {
        history.replace_state_with_url(&state, "", Some(&address))
    };
}
