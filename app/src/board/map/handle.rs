//! The map of a board: MapLibre for the camera and the basemap, our layer for everything that moves.

mod camera;
mod frame;
mod ground;
mod pointer;
mod streets;
mod together;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};

use heliograph_shared::items::ItemId;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use camera::{WORLD, configured};
use frame::Costs;
use ground::{Ground, Named};
use pointer::REACH;
use streets::{Streets, local_style};

pub use together::Group;

use super::fences::Areas;
use super::gpu::graticule;
use super::gpu::overlay::Overlay;
use super::gpu::style::{self, Palette};
use super::gpu::surface::{ContextNews, Surface};
use super::maplibre::{Map, MapEvent, Module, OnRender, Options, Padding, RenderArgs, Shapes};
use super::scene::bins::grid::Cell as GroupId;
use super::scene::projector::Projector;
use super::{maplibre, scene};
use crate::board::address::Camera;
use crate::board::store::Store;
use crate::browser::dom::{self, Timer};

/// What the map tells the page.
#[derive(Clone, Debug, PartialEq)]
pub enum MapNews {
    /// It draws.
    Ready,
    /// It can't draw.
    Failed(String),
    /// Another item is under the pointer.
    Hovered(Option<u32>),
    /// An item was clicked, or nothing.
    Clicked(Option<u32>),
    /// The viewer moved the map by hand.
    Dragged,
    /// The camera came to rest.
    Rested(Camera),
}

/// How a map begins.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Where the camera is; where the board's config says when absent.
    pub camera: Option<Camera>,
    /// Which palette.
    pub is_dark: bool,
    /// Whether it is in the page of another site.
    pub is_framed: bool,
}

/// A map on the page: a handle, cheap to clone.
#[derive(Clone)]
pub struct MapHandle(Rc<Inner>);

struct Inner {
    map: Map,
    store: Rc<Store>,
    overlay: Overlay,
    surface: RefCell<Surface>,
    camera: Cell<Option<Projector>>,
    grid: Cell<Option<graticule::Bounds>>,
    /// Whether a frame of ours is on its way.
    is_asked: Cell<bool>,
    /// A frame that is waited for.
    later: RefCell<Option<Timer>>,
    palette: Cell<&'static Palette>,
    pointer: Cell<Option<(f64, f64)>>,
    pointer_is_new: Cell<bool>,
    hovered: Cell<Option<u32>>,
    selected: Cell<Option<u32>>,
    is_following: Cell<bool>,
    /// The group under the pointer.
    pointed: Cell<Option<GroupId>>,
    /// The group whose button has the focus.
    focused: Cell<Option<GroupId>>,
    /// Whether items have their names beside them.
    has_names: Cell<bool>,
    names: RefCell<scene::names::Names>,
    /// Where the viewer is, once asked for.
    here: Cell<Option<scene::mercator::Fixed>>,
    /// Whether MapLibre ever drew.
    has_begun: Cell<bool>,
    /// Whether it has a style to which layers may be added: none while its context is lost.
    is_styled: Cell<bool>,
    covered: Cell<Padding>,
    /// What `MapLibre` was told to keep free at the bottom.
    kept_free: Cell<f64>,
    costs: Cell<Costs>,
    /// In the last frame items last heard of before this looked stale.
    drawn_stale_before: Cell<i32>,
    /// The board's fences, for who may see them.
    fences: RefCell<Option<serde_json::Value>>,
    /// The archive or the style under all, where the board's config has one.
    streets: OnceCell<Streets>,
    /// The layers under the items, in their order.
    ground: RefCell<Vec<Ground>>,
    under_pointer: RefCell<Option<Named>>,
    on_render: RefCell<Option<OnRender>>,
    news: Box<dyn Fn(MapNews)>,
}

impl MapHandle {
    /// Loads MapLibre and makes a map in `container`, with text in `overlay`.
    pub async fn open(
        container: HtmlElement,
        overlay: HtmlElement,
        store: Rc<Store>,
        look: Look,
        news: impl Fn(MapNews) + 'static,
    ) -> Result<Self, String> {
        let module = maplibre::load().await.map_err(|_| text!(board.map.no_code).to_owned())?;
        let palette = style::palette(look.is_dark);
        let camera = look.camera.or_else(|| configured(&store)).unwrap_or(WORLD);
        let style = store.info.map.style.as_ref().map_or_else(|| local_style(palette), |url| url.as_str().into());
        let options = Options { container, style, camera, label: text!(board.map.label), is_framed: look.is_framed };
        if store.info.map.style.is_some() || store.info.map.basemap.is_some() {
            module.add_archives();
        }
        let keys = streets::keys_of(&options.container);
        let no_webgl = text!(board.map.no_webgl).to_owned();
        let map = module.map(&options).map_err(|_| no_webgl.clone())?;
        let overlay = Overlay::new(&overlay).ok_or(no_webgl)?;
        let this = Rc::new(Cell::new(Weak::<Inner>::new()));
        let of_context = Rc::clone(&this);
        let surface = Surface::over(&map.canvas(), move |news| {
            let weak = of_context.take();
            let inner = weak.upgrade();
            of_context.set(weak);
            if let Some(inner) = inner {
                inner.take_context(news);
            }
        })
        .map_err(|error| error.0)?;
        let handle = Self(Rc::new(Inner {
            map,
            store,
            overlay,
            surface: RefCell::new(surface),
            camera: Cell::new(None),
            grid: Cell::new(None),
            is_asked: Cell::new(false),
            later: RefCell::default(),
            palette: Cell::new(palette),
            pointer: Cell::new(None),
            pointer_is_new: Cell::new(false),
            hovered: Cell::new(None),
            selected: Cell::new(None),
            is_following: Cell::new(false),
            pointed: Cell::default(),
            focused: Cell::default(),
            has_names: Cell::new(true),
            names: RefCell::default(),
            here: Cell::new(None),
            has_begun: Cell::new(false),
            is_styled: Cell::new(false),
            covered: Cell::default(),
            kept_free: Cell::new(0.0),
            costs: Cell::default(),
            drawn_stale_before: Cell::new(i32::MIN / 2),
            fences: RefCell::new(None),
            streets: OnceCell::new(),
            ground: RefCell::default(),
            under_pointer: RefCell::default(),
            on_render: RefCell::new(None),
            news: Box::new(news),
        }));
        this.set(Rc::downgrade(&handle.0));
        Inner::take_streets(&handle.0, keys.as_ref());
        Inner::listen(&handle.0, &module);
        Ok(handle)
    }

    /// Frees the map and everything on the GPU.
    pub fn close(&self) {
        // What is on its way for it comes too late.
        self.0.is_styled.set(false);
        self.0.surface.borrow().remove();
        self.0.map.remove();
    }

    /// Something to draw changed.
    pub fn repaint(&self) {
        Inner::ask(&self.0);
    }

    /// As [`Self::repaint`], at the beginning of an animation frame: it is in that one already.
    pub fn paint(&self) {
        Inner::paint(&self.0);
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
        Inner::ask(inner);
    }

    /// Shows the way that the item of this key came, or none.
    pub fn show_path(&self, way: Option<(&str, &[scene::path::Point])>) {
        let mut scene = self.0.store.scene.borrow_mut();
        match way {
            Some((key, points)) => scene.path.set(scene::tag_of(key), points),
            None => scene.path.clear(),
        }
        drop(scene);
        Inner::ask(&self.0);
    }

    /// Whether items have their names beside them, where there is room.
    pub fn set_names(&self, has_names: bool) {
        if self.0.has_names.replace(has_names) != has_names {
            Inner::ask(&self.0);
        }
    }

    /// Shows the board's fences.
    pub fn show_fences(&self, areas: Areas) {
        self.0.overlay.set_fences(areas.names);
        self.0.fences.replace(Some(areas.shapes));
        self.0.draw_fences();
    }

    /// Changes the palette.
    pub fn set_dark(&self, is_dark: bool) {
        self.0.palette.set(style::palette(is_dark));
        self.0.paint_theme();
        Inner::ask(&self.0);
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

    /// Takes the countries' names.
    pub fn set_places(&self, places: Vec<scene::places::Place>) {
        self.0.overlay.set_places(places);
        Inner::ask(&self.0);
    }

    /// Whether the map would look other than in its last frame, though nothing moved: a line faded, an item became stale.
    pub fn is_ageing(&self) -> bool {
        let store = &self.0.store;
        let scene = store.scene.borrow();
        let has_lines = scene.has_lines() && scene.trail.is_fading(store.scene_now());
        let stale = self.0.drawn_stale_before.get()..store.scene_time(store.stale_before());
        has_lines || scene.has_any_since(&stale)
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
        on("style.load", |this, _| this.begin());
        // It takes its style apart, and makes it anew with the next context: `style.load` again.
        on("webglcontextlost", |this, _| this.is_styled.set(false));
        on("error", |this, event| this.failed(&event));
        on("sourcedata", |this, event| this.hear_source(&event));
        on("mousemove", |this, event| Self::point(this, Some(event.pixel())));
        on("mouseout", |this, _| Self::point(this, None));
        on("click", |this, event| {
            let is_coarse = dom::matches_media("(pointer: coarse)");
            if !Self::click_group(this, event.pixel(), if is_coarse { REACH.0 } else { 0.0 }) {
                let reach = if is_coarse { REACH.1 } else { REACH.0 };
                (this.news)(MapNews::Clicked(this.pick(event.pixel(), reach)));
            }
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
        // Without its corner controls the map is still a map.
        let _ = module.add_controls(&this.map);

        let weak = Rc::downgrade(this);
        this.on_render.replace(Some(Closure::new(move |_gl: JsValue, args: RenderArgs| {
            if let Some(this) = weak.upgrade() {
                this.take_camera(&args);
                this.draw();
                Self::go_on(&this);
            }
        })));
    }

    /// MapLibre has a style, so it has frames.
    fn begin(&self) {
        self.is_styled.set(true);
        let is_first = !self.has_begun.replace(true);
        if let Some(render) = self.on_render.borrow().as_ref()
            && self.map.on_render(render).is_err()
        {
            (self.news)(MapNews::Failed(text!(board.map.no_layer).to_owned()));
        } else if is_first {
            (self.news)(MapNews::Ready);
        }
        self.draw_streets();
        self.draw_fences();
        self.draw_ground();
        if !is_first {
            // What it had before is as it was: another theme may have been chosen meanwhile.
            self.paint_theme();
        }
    }

    /// Gives all that is drawn the colours of the theme.
    fn paint_theme(&self) {
        if !self.is_styled.get() {
            return;
        }
        let palette = self.palette.get();
        let basemap = if self.store.info.map.style.is_none() { style::paint(palette) } else { Vec::new() };
        for (layer, name, value) in basemap.into_iter().chain(style::fence_paint(palette)) {
            // It only fails for properties a layer does not have.
            let _ = self.map.set_paint(layer, name, &value);
        }
        self.paint_streets();
        self.paint_ground();
    }

    fn draw_fences(&self) {
        let fences = self.fences.borrow();
        let Some(shapes) = fences.as_ref().filter(|_| self.is_styled.get()) else { return };
        let layers = style::fences(self.palette.get());
        let fences = Shapes { source: style::FENCES, geojson: shapes, attribution: None, layers: &layers, below: None };
        if let Err(error) = self.map.add_shapes(&fences) {
            web_sys::console::warn_1(&error);
        }
    }

    fn take_context(&self, news: ContextNews) {
        let mut surface = self.surface.borrow_mut();
        match news {
            ContextNews::Lost => surface.lose(),
            ContextNews::Restored => match surface.set_up() {
                Ok(()) => {
                    drop(surface);
                    self.store.scene.borrow_mut().start_over();
                    self.map.trigger_repaint();
                }
                Err(error) => {
                    drop(surface);
                    (self.news)(MapNews::Failed(text!(board.map.no_shaders, error = error.0)));
                }
            },
        }
    }
}
