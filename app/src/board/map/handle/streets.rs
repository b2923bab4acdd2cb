//! What lies under all: the local world, over it the streets of the archive that the board's config names; or a style of its own.
//! And what is said when these don't come.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use web_sys::{Element, HtmlElement};

use super::Inner;
use crate::board::map::gpu::style::{self as world, Palette};
use crate::board::map::layers::style as layers;
use crate::board::map::maplibre::{CAMERA_LAYER, MapEvent, Shapes, Tiles};
use crate::board::map::streets::notice::Notice;
use crate::board::map::streets::style::{self, Drawing};
use crate::browser::dom;
use crate::client::{boards, place};
use crate::texts;

/// What a board's config puts under the items.
enum Under {
    /// An archive, drawn over the local world once it is known how.
    Archive { url: String, attribution: Option<String>, drawing: OnceCell<Drawing> },
    /// A style of its own, by its address.
    Style(serde_json::Value),
}

/// It, and what became of it.
pub(super) struct Streets {
    under: Under,
    /// Whether a style is on its way.
    is_coming: Cell<bool>,
    notice: Option<Notice>,
}

impl Streets {
    /// Says that what lies under all did not come, or nothing any more.
    fn tell(&self, have_failed: bool) {
        if let Some(notice) = &self.notice {
            notice.tell(have_failed);
        }
    }
}

/// The local world in the colours of a theme.
pub(super) fn local_style(palette: &Palette) -> serde_json::Value {
    let file = dom::origin() + &place::file("/basemap/world.json").path;
    world::local(&file, palette)
}

/// The place beside a map's canvas where its keys are.
pub(super) fn keys_of(canvas: &HtmlElement) -> Option<Element> {
    canvas.parent_element()?.query_selector(".map-keys").ok()?
}

/// Whether a source of the map is one that we add to a style.
fn is_ours(source: &str) -> bool {
    source == world::FENCES || layers::number_of(source).is_some()
}

/// The full address of an archive, as a source names it.
fn url_of(archive: &str) -> String {
    let address =
        if archive.starts_with('/') { dom::origin() + &place::file(archive).path } else { archive.to_owned() };
    format!("pmtiles://{address}")
}

impl Inner {
    /// Takes what the board's config names, if it names anything. What is said of it stands among the keys.
    pub(super) fn take_streets(this: &Rc<Self>, keys: Option<&Element>) {
        let map = &this.store.info.map;
        let under = match (&map.style, &map.basemap) {
            (Some(url), _) => Under::Style(url.as_str().into()),
            (None, Some(basemap)) => {
                let (url, attribution) = (url_of(&basemap.pmtiles), basemap.attribution.clone());
                Under::Archive { url, attribution, drawing: OnceCell::new() }
            }
            (None, None) => return,
        };
        let weak = Rc::downgrade(this);
        let notice = keys.and_then(|keys| {
            Notice::build(keys, move || {
                if let Some(this) = weak.upgrade() {
                    Self::ask_streets_again(&this);
                }
            })
        });
        // It is taken once.
        let _ = this.streets.set(Streets { under, is_coming: Cell::new(true), notice });
        Self::load_drawing(this);
    }

    /// Loads what says how an archive is drawn, where the board has one and that is not there yet.
    fn load_drawing(this: &Rc<Self>) {
        let Some(Under::Archive { drawing, .. }) = this.streets.get().map(|streets| &streets.under) else { return };
        if drawing.get().is_some() {
            return;
        }
        let weak = Rc::downgrade(this);
        wasm_bindgen_futures::spawn_local(async move {
            let text = boards::text(style::FILE).await;
            let Some(this) = weak.upgrade() else { return };
            let Some(streets) = this.streets.get() else { return };
            match (text.as_deref().and_then(Drawing::parse), &streets.under) {
                (Some(came), Under::Archive { drawing, .. }) => {
                    // Who asked twice gets the same twice.
                    let _ = drawing.set(came);
                    this.draw_streets();
                }
                (None, Under::Archive { .. }) => streets.tell(true),
                (_, Under::Style(_)) => {}
            }
        });
    }

    /// The archive and how it is drawn, if that is what the board has and known.
    fn archive(&self) -> Option<(&str, Option<&str>, &Drawing)> {
        match &self.streets.get()?.under {
            Under::Archive { url, attribution, drawing } => {
                Some((url.as_str(), attribution.as_deref(), drawing.get()?))
            }
            Under::Style(_) => None,
        }
    }

    /// There is a style. Draws the archive in it, if it has none yet, under everything but the local world.
    pub(super) fn draw_streets(&self) {
        if !self.is_styled.get() {
            return;
        }
        if let Some(streets) = self.streets.get() {
            streets.is_coming.set(false);
        }
        let Some((url, attribution, drawing)) = self.archive() else { return };
        let language = texts::language::code(texts::locale());
        let tiles = Tiles {
            source: style::SOURCE,
            url,
            attribution,
            layers: &drawing.layers(self.palette.get(), language),
            below: Some(CAMERA_LAYER).filter(|layer| self.map.has_layer(layer)),
        };
        if let Err(error) = self.map.add_tiles(&tiles) {
            web_sys::console::warn_1(&error);
        }
    }

    /// Gives the streets the colours of the theme.
    pub(super) fn paint_streets(&self) {
        let Some((_, _, drawing)) = self.archive() else { return };
        for (layer, name, value) in drawing.paint(self.palette.get()) {
            // It only fails for properties a layer does not have.
            let _ = self.map.set_paint(&layer, &name, &value);
        }
    }

    /// What is in the archive is known: the ground of its box is laid.
    pub(super) fn hear_source(&self, event: &MapEvent) {
        let Some((_, _, drawing)) = self.archive().filter(|_| self.is_styled.get()) else { return };
        if event.source().as_deref() != Some(style::SOURCE) || event.came().as_deref() != Some("metadata") {
            return;
        }
        let Some((bounds, zoom)) = self.map.tiles_extent(style::SOURCE) else { return };
        let (shape, layer) = style::ground(bounds, zoom, self.palette.get());
        let lowest = drawing.lowest();
        let ground = Shapes {
            source: style::GROUND,
            geojson: &shape,
            attribution: None,
            layers: &[layer],
            below: lowest.as_deref().filter(|layer| self.map.has_layer(layer)),
        };
        if let Err(error) = self.map.add_shapes(&ground) {
            web_sys::console::warn_1(&error);
        }
    }

    fn ask_streets_again(this: &Rc<Self>) {
        let Some(streets) = this.streets.get() else { return };
        streets.tell(false);
        match &streets.under {
            Under::Archive { url, .. } => {
                Self::load_drawing(this);
                if let Err(error) = this.map.ask_tiles_again(style::SOURCE, url) {
                    web_sys::console::warn_1(&error);
                }
            }
            Under::Style(url) => {
                streets.is_coming.set(true);
                this.is_styled.set(false);
                this.map.set_style(url);
            }
        }
    }

    /// Something of the map did not come. Without its style the local world is shown; without streets that is what is there.
    pub(super) fn failed(&self, event: &MapEvent) {
        web_sys::console::warn_1(&format!("map: {}", event.message()).into());
        let Some(streets) = self.streets.get() else { return };
        let have_failed = match (&streets.under, event.source()) {
            (Under::Archive { .. }, source) => source.as_deref() == Some(style::SOURCE),
            (Under::Style(_), _) if streets.is_coming.replace(false) => {
                self.is_styled.set(false);
                self.map.set_style(&local_style(self.palette.get()));
                true
            }
            (Under::Style(_), source) => source.is_some_and(|source| !is_ours(&source)),
        };
        if have_failed {
            streets.tell(true);
        }
    }
}
