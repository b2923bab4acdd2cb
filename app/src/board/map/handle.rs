//! The map of a board: MapLibre for the camera and the basemap, our layer for everything that moves.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use heliograph_shared::items::ItemId;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, WebGl2RenderingContext as Gl};

use super::gpu::layer::{Drawn, Frame, Layer};
use super::gpu::overlay::{MarkLabel, Overlay};
use super::gpu::style::{self, Palette};
use super::maplibre::{LayerCallbacks, Map, MapEvent, Module, Options, Padding, RenderArgs};
use super::scene::projector::Projector;
use super::{gpu, maplibre, scene};
use crate::board::address::Camera;
use crate::board::store::Store;
use crate::browser::clock;
use crate::browser::dom;

/// A whole world, when nothing says where to look.
const WORLD: Camera = Camera { zoom: 1.3, lat: 22.0, lon: 8.0, bearing: 0.0, pitch: 0.0 };

/// How long the camera takes to move.
const EASE_MS: u32 = 700;

/// A selected item is not shown from farther away than this.
const CLOSE_ZOOM: f64 = 12.5;

/// How near the pointer must be to a mark: mouse, finger.
const REACH: (f64, f64) = (14.0, 26.0);

/// What the map tells the page.
#[derive(Clone, Debug, PartialEq)]
pub enum MapNews {
    /// It draws.
    Ready,
    /// It can't draw.
    Failed(String),
    /// The board's own basemap can't be loaded; the local world is shown.
    StyleFailed(String),
    /// Another item is under the pointer.
    Hovered(Option<u32>),
    /// An item was clicked, or nothing.
    Clicked(Option<u32>),
    /// The viewer moved the map by hand.
    Dragged,
    /// The camera came to rest.
    Rested(Camera),
}

/// What the frames cost, for the debug handle.
#[derive(Clone, Copy, Debug, Default)]
pub struct Costs {
    /// Frames drawn.
    pub frames: u64,
    /// Bytes sent to the GPU, in all.
    pub uploaded_bytes: u64,
    /// Our part of the latest frame's CPU time, in milliseconds, smoothed.
    pub cpu_ms: f64,
    /// Our largest CPU time of any frame.
    pub cpu_max_ms: f64,
    /// The latest frame.
    pub drawn: Drawn,
}

/// A map on the page: a handle, cheap to clone.
#[derive(Clone)]
pub struct MapHandle(Rc<Inner>);

struct Inner {
    map: Map,
    store: Rc<Store>,
    overlay: Overlay,
    gpu: RefCell<Option<(Gl, Layer)>>,
    camera: Cell<Option<Projector>>,
    palette: Cell<&'static Palette>,
    pointer: Cell<Option<(f64, f64)>>,
    pointer_is_new: Cell<bool>,
    hovered: Cell<Option<u32>>,
    selected: Cell<Option<u32>>,
    is_following: Cell<bool>,
    is_styled: Cell<bool>,
    covered: Cell<Padding>,
    costs: Cell<Costs>,
    callbacks: RefCell<Option<LayerCallbacks>>,
    news: Box<dyn Fn(MapNews)>,
}

impl MapHandle {
    /// Loads MapLibre and makes a map in `container`, with text in `overlay`.
    pub async fn open(
        container: HtmlElement,
        overlay: HtmlElement,
        store: Rc<Store>,
        camera: Option<Camera>,
        is_dark: bool,
        news: impl Fn(MapNews) + 'static,
    ) -> Result<Self, String> {
        let module = maplibre::load().await.map_err(|_| text!(board.map.no_code).to_owned())?;
        let palette = style::palette(is_dark);
        let camera = camera.or_else(|| configured(&store)).unwrap_or(WORLD);
        let style = store.info.map.style.as_ref().map_or_else(|| local_style(palette), |url| url.as_str().into());
        let options = Options { container, style, camera, label: text!(board.map.label) };
        let no_webgl = text!(board.map.no_webgl).to_owned();
        let map = module.map(&options).map_err(|_| no_webgl.clone())?;
        let overlay = Overlay::new(&overlay).ok_or(no_webgl)?;
        let handle = Self(Rc::new(Inner {
            map,
            store,
            overlay,
            gpu: RefCell::new(None),
            camera: Cell::new(None),
            palette: Cell::new(palette),
            pointer: Cell::new(None),
            pointer_is_new: Cell::new(false),
            hovered: Cell::new(None),
            selected: Cell::new(None),
            is_following: Cell::new(false),
            is_styled: Cell::new(false),
            covered: Cell::default(),
            costs: Cell::default(),
            callbacks: RefCell::new(None),
            news: Box::new(news),
        }));
        Inner::listen(&handle.0, &module);
        Ok(handle)
    }

    /// Frees the map and everything on the GPU.
    pub fn close(&self) {
        self.0.gpu.replace(None);
        self.0.map.remove();
    }

    /// Something to draw changed.
    pub fn repaint(&self) {
        self.0.map.trigger_repaint();
    }

    /// Which items stand out, and whether the camera stays with the selected one.
    pub fn mark(&self, hovered: Option<u32>, selected: Option<u32>, follow: bool) {
        let inner = &self.0;
        inner.hovered.set(hovered);
        inner.selected.set(selected);
        if follow && !inner.is_following.get() {
            inner.ease_to_selected();
        }
        inner.is_following.set(follow && selected.is_some());
        inner.store.scene.borrow_mut().set_marks(hovered, selected);
        inner.map.trigger_repaint();
    }

    /// Changes the palette.
    pub fn set_dark(&self, is_dark: bool) {
        let palette = style::palette(is_dark);
        self.0.palette.set(palette);
        if self.0.store.info.map.style.is_none() && self.0.is_styled.get() {
            for (layer, name, value) in style::paint(palette) {
                // It only fails for properties a layer does not have.
                let _ = self.0.map.set_paint(layer, name, &value);
            }
        }
        self.0.map.trigger_repaint();
    }

    /// Shows all items for which `wanted` says yes.
    pub fn fit(&self, wanted: impl Fn(u32) -> bool) {
        self.0.fit(wanted, EASE_MS);
    }

    /// Moves the camera to an item unless it is well in view.
    pub fn bring_into_view(&self, id: ItemId) {
        let inner = &self.0;
        let scene = inner.store.scene.borrow();
        let Some(place) = scene.place(id.0, inner.store.scene_now()) else { return };
        drop(scene);
        let padding = covered();
        let is_in_view = inner.camera.get().is_some_and(|camera| {
            camera.screen_from_fixed(place).is_some_and(|(x, y)| {
                x > padding.left + 48.0
                    && x < camera.size.0 - padding.right - 48.0
                    && y > padding.top + 48.0
                    && y < camera.size.1 - padding.bottom - 48.0
            })
        });
        if !is_in_view || inner.map.zoom() < CLOSE_ZOOM - 3.0 {
            inner.ease_to(place);
        }
    }

    /// Closer or farther by one level.
    pub fn zoom(&self, closer: bool) {
        if closer {
            self.0.map.zoom_in();
        } else {
            self.0.map.zoom_out();
        }
    }

    /// North up.
    pub fn face_north(&self) {
        self.0.map.reset_north_pitch();
    }

    /// Puts the camera somewhere at once.
    pub fn jump(&self, camera: &Camera) {
        self.0.map.jump_to(camera);
    }

    /// What the frames cost.
    pub fn costs(&self) -> Costs {
        self.0.costs.get()
    }

    /// Where an item's mark is on the map now, in CSS pixels.
    pub fn screen(&self, id: ItemId) -> Option<(f64, f64)> {
        let place = self.0.store.scene.borrow().place(id.0, self.0.store.scene_now())?;
        self.0.camera.get()?.screen_from_fixed(place)
    }

    /// How many items are inside the view.
    pub fn count_visible(&self) -> usize {
        let scene = self.0.store.scene.borrow();
        self.0.camera.get().map_or(0, |camera| scene.count_visible(&camera, self.0.store.scene_now()))
    }

    /// The canvas' size changed, or what covers it.
    pub fn set_covered(&self) {
        let covered = covered();
        self.0.covered.set(covered);
        let bottom = if dom::is_narrow() { covered.bottom } else { 0.0 };
        self.0.map.set_padding(Padding { bottom, ..Padding::default() });
    }
}

impl Inner {
    fn listen(this: &Rc<Self>, module: &Module) {
        let on = |event: &str, work: fn(&Rc<Self>, MapEvent)| {
            let weak = Rc::downgrade(this);
            this.map.on(event, move |event| {
                if let Some(this) = weak.upgrade() {
                    work(&this, event);
                }
            });
        };
        on("style.load", |this, _| this.add_layer());
        on("error", |this, event| this.failed(&event.message()));
        on("mousemove", |this, event| this.point(Some(event.pixel())));
        on("mouseout", |this, _| this.point(None));
        on("click", |this, event| {
            let reach = if dom::matches_media("(pointer: coarse)") { REACH.1 } else { REACH.0 };
            (this.news)(MapNews::Clicked(this.pick(event.pixel(), reach)));
        });
        on("dragstart", |this, event| {
            if event.original_event().is_truthy() {
                this.is_following.set(false);
                (this.news)(MapNews::Dragged);
            }
        });
        on("moveend", |this, _| {
            if !this.is_following.get() || !this.store.scene.borrow().is_moving(this.store.scene_now()) {
                (this.news)(MapNews::Rested(this.map.camera()));
            }
        });
        on("webglcontextlost", |this, _| drop(this.gpu.take().map(|(gl, _)| gl)));
        on("webglcontextrestored", |this, _| this.add_layer());
        // Without its corner controls the map is still a map.
        let _ = module.add_controls(&this.map);

        let (adder, drawer, remover): (Weak<Self>, Weak<Self>, Weak<Self>) =
            (Rc::downgrade(this), Rc::downgrade(this), Rc::downgrade(this));
        this.callbacks.replace(Some(LayerCallbacks {
            on_add: Closure::new(move |_map: Map, gl: JsValue| {
                if let Some(this) = adder.upgrade() {
                    this.set_up(gl.unchecked_into());
                }
            }),
            render: Closure::new(move |_gl: JsValue, args: RenderArgs| {
                if let Some(this) = drawer.upgrade() {
                    this.draw(&args);
                    Self::go_on(&this);
                }
            }),
            on_remove: Closure::new(move || {
                if let Some(this) = remover.upgrade() {
                    this.gpu.replace(None);
                }
            }),
        }));
    }

    fn add_layer(&self) {
        self.is_styled.set(true);
        if let Some(callbacks) = self.callbacks.borrow().as_ref()
            && self.map.add_layer(gpu::layer::ID, callbacks).is_err()
        {
            (self.news)(MapNews::Failed(text!(board.map.no_layer).to_owned()));
        }
    }

    fn set_up(&self, gl: Gl) {
        match Layer::new(&gl) {
            Ok(layer) => {
                self.gpu.replace(Some((gl, layer)));
                (self.news)(MapNews::Ready);
            }
            Err(error) => (self.news)(MapNews::Failed(text!(board.map.no_shaders, error = error.0))),
        }
    }

    fn failed(&self, message: &str) {
        if self.store.info.map.style.is_some() && !self.is_styled.get() {
            self.map.set_style(&local_style(self.palette.get()));
            (self.news)(MapNews::StyleFailed(message.to_owned()));
        } else {
            web_sys::console::warn_1(&format!("map: {message}").into());
        }
    }

    fn draw(&self, args: &RenderArgs) {
        let began = clock::steady();
        let Some(matrix) = args.clip_from_unit() else { return };
        let canvas = self.map.canvas();
        let size = (f64::from(canvas.client_width()), f64::from(canvas.client_height()));
        let camera = Projector::new(&matrix, self.map.centre(), size, self.map.zoom());
        self.camera.set(Some(camera));
        let now = self.store.scene_now();
        let grid = self.store.info.map.style.is_none().then(|| self.map.bounds());
        let mut gpu = self.gpu.borrow_mut();
        let Some((gl, layer)) = gpu.as_mut() else { return };
        let mut scene = self.store.scene.borrow_mut();
        let frame = Frame {
            camera: &camera,
            now,
            stale_before: self.store.scene_time(self.store.stale_before()),
            pixel_ratio: web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).max(0.5),
            palette: self.palette.get(),
            grid,
        };
        let drawn = layer.draw(gl, &frame, &mut scene);
        let is_moving = scene.is_moving(now);
        drop(scene);
        drop(gpu);
        self.overlay.draw(&camera, grid, &self.mark_labels(&camera, now));
        self.count(drawn, clock::steady() - began);
        if self.pointer_is_new.replace(false) || is_moving {
            self.point_again();
        }
    }

    /// Asks for the next frame while anything moves. The camera follows before MapLibre draws that frame, so that the
    /// followed mark stands still.
    fn go_on(this: &Rc<Self>) {
        if !this.store.scene.borrow().is_moving(this.store.scene_now()) {
            return;
        }
        if this.is_following.get() {
            let weak = Rc::downgrade(this);
            dom::on_next_frame(move || {
                if let Some(this) = weak.upgrade() {
                    this.follow();
                }
            });
        }
        this.map.trigger_repaint();
    }

    fn follow(&self) {
        if !self.is_following.get() || self.map.is_moving() {
            return;
        }
        let now = self.store.scene_now();
        let place = self.selected.get().and_then(|id| self.store.scene.borrow().place(id, now));
        if let Some(place) = place {
            let (lat, lon) = place.to_degrees();
            self.map.set_centre(lat, lon);
        }
    }

    fn count(&self, drawn: Drawn, cpu_ms: f64) {
        let mut costs = self.costs.get();
        costs.frames += 1;
        costs.uploaded_bytes += drawn.uploaded_bytes as u64;
        costs.cpu_ms = if costs.frames == 1 { cpu_ms } else { costs.cpu_ms * 0.95 + cpu_ms * 0.05 };
        costs.cpu_max_ms = costs.cpu_max_ms.max(cpu_ms);
        costs.drawn = drawn;
        self.costs.set(costs);
    }

    fn mark_labels(&self, camera: &Projector, now: i32) -> Vec<MarkLabel> {
        let scene = self.store.scene.borrow();
        let room = camera.size.0 - self.covered.get().right;
        let label = |id: u32, [class, flipped]: [&'static str; 2], is_long: bool| {
            let (x, y) = camera.screen_from_fixed(scene.place(id, now)?)?;
            let class = if x > room - if is_long { 300.0 } else { 120.0 } { flipped } else { class };
            self.store
                .with_replica(|replica| {
                    let item = replica.get(ItemId(id))?;
                    let detail = if is_long {
                        crate::board::items::words::detail(&self.store.info, item, None)
                    } else {
                        String::new()
                    };
                    Some(MarkLabel { x, y, title: item.key.clone(), detail, class })
                })
                .flatten()
        };
        let hovered = self.hovered.get().filter(|id| Some(*id) != self.selected.get());
        let selected =
            self.selected.get().and_then(|id| label(id, ["mark-label selected", "mark-label selected flipped"], false));
        let hovered = hovered.and_then(|id| label(id, ["mark-label tooltip", "mark-label tooltip flipped"], true));
        selected.into_iter().chain(hovered).collect()
    }

    fn point(&self, pixel: Option<(f64, f64)>) {
        self.pointer.set(pixel);
        if pixel.is_none() {
            self.tell_hovered(None);
        } else if !self.pointer_is_new.replace(true) {
            self.map.trigger_repaint();
        }
    }

    fn point_again(&self) {
        if let Some(pixel) = self.pointer.get()
            && !self.map.is_moving()
        {
            self.tell_hovered(self.pick(pixel, REACH.0));
        }
    }

    fn tell_hovered(&self, id: Option<u32>) {
        if id != self.hovered.get() && (id.is_some() || self.pointer.get().is_some() || self.hovered.get().is_some()) {
            let cursor = if id.is_some() { "pointer" } else { "" };
            // An unknown cursor would only look wrong.
            let _ = self.map.canvas().style().set_property("cursor", cursor);
            (self.news)(MapNews::Hovered(id));
        }
    }

    fn pick(&self, pixel: (f64, f64), reach: f64) -> Option<u32> {
        self.store.scene.borrow().pick(&self.camera.get()?, self.store.scene_now(), pixel, reach)
    }

    fn ease_to_selected(&self) {
        let now = self.store.scene_now();
        let place = self.selected.get().and_then(|id| self.store.scene.borrow().place(id, now));
        if let Some(place) = place {
            self.ease_to(place);
        }
    }

    fn ease_to(&self, place: scene::mercator::Fixed) {
        let (lat, lon) = place.to_degrees();
        let now = self.map.camera();
        self.map.ease_to(&Camera { lat, lon, zoom: now.zoom.max(CLOSE_ZOOM), ..now }, EASE_MS);
    }

    fn fit(&self, wanted: impl Fn(u32) -> bool, millis: u32) {
        let scene = self.store.scene.borrow();
        let places = scene.positions().filter(|(id, _)| wanted(*id)).map(|(_, degrees)| degrees);
        let Some(bounds) = scene::bounds::bounds_of(places) else { return };
        drop(scene);
        let Padding { top, right, bottom, left } = covered();
        let around = |side: f64| side + 48.0;
        // What `set_covered` keeps free already must not count twice.
        let bottom = if dom::is_narrow() { 24.0 } else { around(bottom) };
        let padding = Padding { top: around(top), right: around(right), bottom, left: around(left) };
        self.map.fit(bounds, padding, millis);
    }
}

impl MapHandle {
    /// Shows all items at once, without moving there: the first look at a board.
    pub fn look_at_all(&self) {
        self.0.fit(|_| true, 0);
    }

    /// Takes the countries' names.
    pub fn set_places(&self, places: Vec<scene::places::Place>) {
        self.0.overlay.set_places(places);
        self.0.map.trigger_repaint();
    }

    /// Whether anything on the map changes by itself within the next second.
    pub fn is_ageing(&self) -> bool {
        let store = &self.0.store;
        let scene = store.scene.borrow();
        let is_fresh = store.newest().is_some_and(|newest| newest > store.stale_before().plus(-2_000));
        !scene.is_empty() && (is_fresh || scene.trail.is_fading(store.scene_now()))
    }
}

fn configured(store: &Store) -> Option<Camera> {
    let [lon, lat] = store.info.map.center?;
    Some(Camera { zoom: store.info.map.zoom.unwrap_or(10.0), lat, lon, bearing: 0.0, pitch: 0.0 })
}

fn local_style(palette: &Palette) -> serde_json::Value {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok()).unwrap_or_default();
    style::local(&origin, palette)
}

/// What lies over the map: the sheet on a phone, the card beside it on a larger screen.
fn covered() -> Padding {
    let document = web_sys::window().and_then(|window| window.document());
    let size = |selector: &str| {
        let element = document.as_ref()?.query_selector(selector).ok()??.dyn_into::<HtmlElement>().ok()?;
        Some((f64::from(element.offset_width()), f64::from(element.offset_height())))
    };
    let panel = size(".panel").unwrap_or_default();
    let card = size(".card").unwrap_or_default();
    if dom::is_narrow() {
        let half = size(".map").unwrap_or_default().1 * 0.6;
        Padding { bottom: panel.1.max(card.1).min(half), ..Padding::default() }
    } else {
        Padding { right: if card.0 > 0.0 { card.0 + 16.0 } else { 0.0 }, ..Padding::default() }
    }
}
