//! A map in a frame, alone or with a table of the same items under it. Where the browser can't draw it, the table is shown
//! instead: nobody is left with an empty frame.

mod card;
mod layers;
mod legend;
mod stage;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use heliograph_shared::embed::Widget;
use heliograph_shared::items::ItemId;
use heliograph_shared::link::LinkStatus;
use heliograph_shared::replica::Replica;

use self::card::Card;
use self::legend::Legend;
use self::stage::Stage;
use super::host::Host;
use super::line;
use super::open::Opened;
use super::picks::Picks;
use super::settings::Settings;
use super::shell::{self, Shell};
use super::table::Table;
use super::wording::Wording;
use crate::board::items::rows::Query;
use crate::board::map::density::Choice;
use crate::board::map::handle::{Look, MapHandle, MapNews};
use crate::board::map::layers::Layers;
use crate::board::map::maplibre;
use crate::board::map::scene::places::Place;
use crate::board::store::{Notice, Store};
use crate::browser::dom::Timer;
use crate::client::boards::{self, BoardInfo};

/// The map knows its new size after so long, in milliseconds.
const RESIZED_MS: i32 = 150;

struct Inner {
    shell: Shell,
    host: Host,
    settings: Settings,
    picks: Picks,
    store: OnceCell<Rc<Store>>,
    stage: OnceCell<Stage>,
    card: OnceCell<Card>,
    legend: OnceCell<Legend>,
    layers: OnceCell<Layers>,
    density: OnceCell<Choice>,
    table: OnceCell<Table>,
    map: RefCell<Option<MapHandle>>,
    chosen: RefCell<Option<String>>,
    hovered: Cell<Option<u32>>,
    is_following: Cell<bool>,
    is_dark: Cell<bool>,
    is_drawing: Cell<bool>,
    has_looked: Cell<bool>,
    is_ready: Cell<bool>,
    beat: RefCell<Option<Timer>>,
    looking: RefCell<Option<Timer>>,
}

/// Shows a map for as long as the page lives.
pub fn show(opened: Opened, settings: Settings, picks: Picks, shell: Shell, host: Host) -> Option<()> {
    let info: BoardInfo = serde_json::from_value(opened.config).unwrap_or_default();
    shell.name(&info.title, "");
    shell.fill();
    let board = settings.board.clone();
    let inner = Rc::new(Inner {
        shell,
        host,
        chosen: RefCell::new(settings.key.clone()),
        is_following: Cell::new(picks.follow && settings.key.is_some()),
        is_dark: Cell::new(shell::is_dark()),
        settings,
        picks,
        store: OnceCell::new(),
        stage: OnceCell::new(),
        card: OnceCell::new(),
        legend: OnceCell::new(),
        layers: OnceCell::new(),
        density: OnceCell::new(),
        table: OnceCell::new(),
        map: RefCell::default(),
        hovered: Cell::default(),
        is_drawing: Cell::default(),
        has_looked: Cell::default(),
        is_ready: Cell::default(),
        beat: RefCell::default(),
        looking: RefCell::default(),
    });
    inner.build()?;
    let weak = Rc::downgrade(&inner);
    let layers = layers::of(&board, info.map.layers.clone(), inner.picks.layers.as_deref(), opened.latest);
    let store = Store::follow(&board, info, opened.tokens, false, move |notice| {
        if let Some(inner) = weak.upgrade() {
            inner.take(notice);
        }
    });
    // What is chosen here is for who looks: the address is the page's around.
    let density = Choice::new(store.info.map.density, inner.picks.density, &store.marks, |_| ());
    if let Some(stage) = inner.stage.get() {
        density.build(&stage.keys);
        layers.build(&stage.keys);
    }
    // It was just made: nothing is in it.
    let _ = inner.density.set(density);
    // It was just made: nothing is in it.
    let _ = inner.layers.set(layers);
    if let Some(legend) = inner.stage.get().and_then(|stage| Legend::build(&stage.keys, &store.marks)) {
        let _ = inner.legend.set(legend);
    }
    // It was just made: nothing is in it.
    let _ = inner.store.set(store);
    let weak = Rc::downgrade(&inner);
    inner.shell.on_retry(move || {
        if let Some(feed) = weak.upgrade().and_then(|inner| inner.store.get()?.feed()) {
            feed.retry();
        }
    });
    Inner::beat(&inner);
    Inner::open(inner);
    Some(())
}

impl Inner {
    fn build(self: &Rc<Self>) -> Option<()> {
        let weak = Rc::downgrade(self);
        let stage = Stage::build(&self.shell.body, move |work| {
            if let Some(map) = weak.upgrade().and_then(|inner| inner.map.borrow().clone()) {
                work(&map);
            }
        })?;
        let weak = Rc::downgrade(self);
        let card = Card::build(&stage.section, move || {
            if let Some(inner) = weak.upgrade() {
                inner.choose(None);
            }
        })?;
        // They were just made: nothing is in them.
        let _ = (self.stage.set(stage), self.card.set(card));
        if self.settings.widget == Widget::Combined { self.build_table() } else { Some(()) }
    }

    fn build_table(self: &Rc<Self>) -> Option<()> {
        let weak = Rc::downgrade(self);
        let table = Table::build(&self.shell.body, move |key| {
            if let Some(inner) = weak.upgrade() {
                inner.choose(Some(key));
            }
        })?;
        // It is built once.
        let _ = self.table.set(table);
        Some(())
    }

    /// Loads the map. The page lives as long as this does.
    fn open(this: Rc<Self>) {
        let (Some(stage), Some(store)) = (this.stage.get(), this.store.get().cloned()) else { return };
        let look = Look { camera: this.picks.camera, is_dark: this.is_dark.get(), is_framed: true };
        let is_local = store.info.map.style.is_none();
        let (canvas, labels) = (stage.canvas.clone(), stage.labels.clone());
        maplibre::add_stylesheet();
        wasm_bindgen_futures::spawn_local(async move {
            let weak = Rc::downgrade(&this);
            let told = move |news| {
                if let Some(inner) = weak.upgrade() {
                    inner.hear(news);
                }
            };
            match MapHandle::open(canvas, labels, store, look, told).await {
                Err(reason) => this.fail(&reason),
                Ok(map) => {
                    this.map.replace(Some(map.clone()));
                    map.set_covered();
                    map.set_names(!this.picks.is_nameless);
                    if is_local && let Some(text) = boards::text("/basemap/labels.json").await {
                        map.set_places(Place::list_from_json(&text));
                    }
                }
            }
            std::mem::forget(this);
        });
    }

    /// The table takes over.
    fn fail(self: &Rc<Self>, reason: &str) {
        self.shell.warn(Some(&text!(embed.map.no_map, reason = reason)));
        if let Some(stage) = self.stage.get() {
            stage.section.set_hidden(true);
        }
        if self.table.get().is_none() {
            self.build_table();
        }
        self.write();
    }

    fn hear(self: &Rc<Self>, news: MapNews) {
        match news {
            MapNews::Ready => {
                self.is_drawing.set(true);
                if let Some(stage) = self.stage.get() {
                    stage.is_ready();
                }
                if let (Some(layers), Some(map)) = (self.layers.get(), self.map.borrow().clone()) {
                    layers.set_map(map);
                }
                if let (Some(density), Some(map)) = (self.density.get(), self.map.borrow().clone()) {
                    density.set_map(map);
                }
                self.look_once();
            }
            MapNews::Failed(reason) => self.fail(&reason),
            MapNews::Hovered(id) => {
                self.hovered.set(id);
                self.mark();
            }
            MapNews::Clicked(id) => {
                let key = id.and_then(|id| self.store.get()?.key(ItemId(id)));
                self.choose(key);
            }
            MapNews::Dragged => {
                self.is_following.set(false);
                self.mark();
            }
            MapNews::Rested(_) => self.write_density(),
        }
    }

    fn take(self: &Rc<Self>, notice: Notice) {
        match notice {
            Notice::Frame => {
                if let Some(map) = &*self.map.borrow() {
                    map.paint();
                }
            }
            Notice::Data => self.write(),
            Notice::Link => self.tell(),
            Notice::Refused(text) => {
                let title = text!(embed.open.refused).to_owned();
                let notice = shell::Notice { code: "refused", title, text, can_retry: false };
                self.shell.notice(Some(&notice));
                super::complain(&self.host, &notice);
            }
        }
    }

    fn beat(this: &Rc<Self>) {
        let weak = Rc::downgrade(this);
        let next = Timer::after(1_000, move || {
            let Some(inner) = weak.upgrade() else { return };
            inner.write();
            inner.tell();
            if let Some(map) = &*inner.map.borrow() {
                let is_dark = shell::is_dark();
                if inner.is_dark.replace(is_dark) != is_dark {
                    map.set_dark(is_dark);
                } else if map.is_ageing() {
                    map.repaint();
                }
            }
            Self::beat(&inner);
        });
        this.beat.replace(next);
    }

    fn tell(&self) {
        let Some(feed) = self.store.get().and_then(|store| store.feed()) else { return };
        let link = feed.status();
        let link = if self.is_ready.get() && link == LinkStatus::CatchingUp { LinkStatus::Live } else { link };
        line::tell(&self.shell, &self.host, &feed, &link, self.is_ready.get());
    }

    /// What is to be read: the card, the table, and who does not match the search.
    fn write(self: &Rc<Self>) {
        let Some(store) = self.store.get() else { return };
        let chosen = self.chosen.borrow().clone();
        let wording = Wording { info: &store.info, picks: &self.picks, now: store.server_time() };
        store.with_replica(|replica| {
            if let Some(card) = self.card.get() {
                card.draw(&wording, replica, chosen.as_deref());
            }
            if let (Some(table), true) = (self.table.get(), replica.cursor().is_some()) {
                table.draw(&wording, replica, self.settings.top as usize, chosen.as_deref());
            }
            self.dim(store, replica);
        });
        if let Some(legend) = self.legend.get() {
            legend.write(&store.scene.borrow().counts());
        }
        self.write_density();
        if store.resets() > 0 && !self.is_ready.replace(true) {
            let board = (&self.settings.board).into();
            self.host.say("ready", &[("board", board), ("title", (&store.info.title).into())]);
            self.tell();
        }
        self.mark();
        self.look_once();
    }

    fn write_density(&self) {
        if let Some(density) = self.density.get() {
            density.write();
        }
    }

    fn dim(&self, store: &Store, replica: &Replica) {
        let query = Query::new(&self.picks.query);
        if !query.is_empty() {
            let matches = |id| replica.get(ItemId(id)).is_some_and(|item| query.matches(item));
            store.scene.borrow_mut().dim_unless(matches);
        }
    }

    /// The first look: at everything, unless the address or the board says where.
    fn look_once(self: &Rc<Self>) {
        let (Some(store), Some(map)) = (self.store.get(), self.map.borrow().clone()) else { return };
        if self.has_looked.get() || !self.is_drawing.get() || store.resets() == 0 || store.scene.borrow().is_empty() {
            return;
        }
        self.has_looked.set(true);
        if self.picks.camera.is_some() {
            return;
        }
        let chosen = self.chosen.borrow().as_deref().and_then(|key| store.find(key));
        if store.info.map.center.is_none() {
            map.look_at_all();
        }
        // A table under the map takes its room in the same moment, and the map hears of that after it.
        let weak = Rc::downgrade(self);
        let is_all = chosen.is_none() && store.info.map.center.is_none();
        self.looking.replace(Timer::after(RESIZED_MS, move || {
            let Some(map) = weak.upgrade().and_then(|inner| inner.map.borrow().clone()) else { return };
            match chosen {
                Some(id) => map.bring_into_view(id),
                None if is_all => map.look_at_all(),
                None => {}
            }
        }));
    }

    fn mark(&self) {
        let (Some(store), Some(map)) = (self.store.get(), self.map.borrow().clone()) else { return };
        if self.is_drawing.get() {
            let chosen = self.chosen.borrow().as_deref().and_then(|key| store.find(key));
            map.mark(self.hovered.get(), chosen.map(|id| id.0), self.is_following.get());
        }
    }

    fn choose(self: &Rc<Self>, key: Option<String>) {
        self.is_following.set(false);
        if let Some(key) = &key {
            self.host.say("select", &[("key", key.into())]);
            self.shell.announce(key);
            let found = self.store.get().and_then(|store| store.find(key));
            if let (Some(map), Some(id)) = (&*self.map.borrow(), found) {
                map.bring_into_view(id);
            }
        }
        self.chosen.replace(key);
        if let Some(table) = self.table.get() {
            table.refresh();
        }
        self.write();
    }
}
