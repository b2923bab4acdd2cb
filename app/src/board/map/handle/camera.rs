//! Where the map's camera looks: at items, at all of them, and beside what lies over the map.

use heliograph_shared::items::ItemId;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::{Inner, MapHandle};
use crate::board::address::Camera;
use crate::board::map::maplibre::Padding;
use crate::board::map::scene;
use crate::board::store::Store;
use crate::browser::dom;
use crate::texts::language::{Direction, direction};
use crate::texts::locale;

/// A whole world, when nothing says where to look.
pub(super) const WORLD: Camera = Camera { zoom: 1.3, lat: 22.0, lon: 8.0, bearing: 0.0, pitch: 0.0 };

/// How long the camera takes to move.
const EASE_MS: u32 = 700;

/// A selected item is not shown from farther away than this.
const CLOSE_ZOOM: f64 = 12.5;

/// All items are not shown from nearer than this, also when they stand in one place.
const FAR_ENOUGH: f64 = 15.0;

impl MapHandle {
    /// Shows all items for which `wanted` says yes.
    pub fn fit(&self, wanted: impl Fn(u32) -> bool) {
        self.0.fit(wanted, EASE_MS);
    }

    /// Shows all items at once, without moving there: the first look at a board.
    pub fn look_at_all(&self) {
        self.0.fit(|_| true, 0);
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

    /// Shows where the viewer is, and looks there.
    pub fn show_here(&self, lat: f64, lon: f64) {
        let place = scene::mercator::Fixed::from_degrees(lat, lon);
        self.0.here.set(Some(place));
        self.0.is_following.set(false);
        self.0.ease_to(place);
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

    /// Where the camera is at this moment.
    pub fn camera(&self) -> Camera {
        self.0.map.camera()
    }

    /// Puts the camera somewhere at once.
    pub fn jump(&self, camera: &Camera) {
        self.0.map.jump_to(camera);
    }

    /// The canvas' size changed, or what covers it.
    pub fn set_covered(&self) {
        let covered = covered();
        self.0.covered.set(covered);
        let bottom = if dom::has_sheet() { covered.bottom } else { 0.0 };
        // It ends a move that is under way, so it is said only when it is another.
        if (self.0.kept_free.replace(bottom) - bottom).abs() > 0.5 {
            self.0.map.set_padding(Padding { bottom, ..Padding::default() });
        }
    }
}

impl Inner {
    pub(super) fn follow(&self) {
        if !self.is_following.get() || self.map.is_moving() {
            return;
        }
        let now = self.store.scene_now();
        let place = self.selected.get().and_then(|id| self.store.scene.borrow().place(id, now));
        if let Some(place) = place {
            let Camera { zoom, bearing, .. } = self.map.camera();
            let (lat, lon) = place.centre_beside(middle(self.covered.get()), zoom, bearing).to_degrees();
            self.map.set_centre(lat, lon);
        }
    }

    pub(super) fn ease_to_selected(&self) {
        let now = self.store.scene_now();
        let place = self.selected.get().and_then(|id| self.store.scene.borrow().place(id, now));
        if let Some(place) = place {
            self.ease_to(place);
        }
    }

    /// Moves to a place, into the middle of what is not covered.
    fn ease_to(&self, place: scene::mercator::Fixed) {
        let now = self.map.camera();
        let zoom = now.zoom.max(CLOSE_ZOOM);
        let (lat, lon) = place.centre_beside(middle(covered()), zoom, now.bearing).to_degrees();
        self.map.ease_to(&Camera { zoom, lat, lon, ..now }, EASE_MS);
    }

    fn fit(&self, wanted: impl Fn(u32) -> bool, millis: u32) {
        let scene = self.store.scene.borrow();
        let places = scene.positions().filter(|(id, _)| wanted(*id)).map(|(_, degrees)| degrees);
        let Some(bounds) = scene::bounds::bounds_of(places) else { return };
        drop(scene);
        self.look(bounds, millis, FAR_ENOUGH);
    }

    /// Moves the camera to a box, from no nearer than a zoom.
    pub(super) fn look_at(&self, bounds: [f64; 4], closest: f64) {
        self.look(bounds, EASE_MS, closest);
    }

    fn look(&self, bounds: [f64; 4], millis: u32, closest: f64) {
        let Padding { top, right, bottom, left } = covered();
        let around = |side: f64| side + 48.0;
        // What `set_covered` keeps free already must not count twice.
        let bottom = if dom::has_sheet() { 24.0 } else { around(bottom) };
        let padding = Padding { top: around(top), right: around(right), bottom, left: around(left) };
        self.map.fit(bounds, padding, millis, closest);
    }
}

/// Where the board's config says to look.
pub(super) fn configured(store: &Store) -> Option<Camera> {
    let [lon, lat] = store.info.map.center?;
    Some(Camera { zoom: store.info.map.zoom.unwrap_or(10.0), lat, lon, bearing: 0.0, pitch: 0.0 })
}

/// How far right of the map's middle that of its free part lies, in CSS pixels.
fn middle(covered: Padding) -> f64 {
    f64::midpoint(covered.left, -covered.right)
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
    if dom::has_sheet() {
        let half = size(".map").unwrap_or_default().1 * 0.6;
        Padding { bottom: panel.1.max(card.1).min(half), ..Padding::default() }
    } else if dom::is_low() {
        Padding::default()
    } else {
        let beside = if card.0 > 0.0 { card.0 + 16.0 } else { 0.0 };
        match direction(locale()) {
            Direction::LeftToRight => Padding { right: beside, ..Padding::default() },
            Direction::RightToLeft => Padding { left: beside, ..Padding::default() },
        }
    }
}
