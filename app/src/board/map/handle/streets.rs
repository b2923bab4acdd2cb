//! What lies under all: the local world, over it the streets of the archive that the board's config names, and what is said when
//! these don't come.

use std::rc::Rc;

use web_sys::{Element, HtmlElement};

use super::{Inner, MapNews};
use crate::board::map::gpu::style::{self as world, Palette};
use crate::board::map::maplibre::{CAMERA_LAYER, MapEvent, Shapes, Tiles};
use crate::board::map::streets::notice::Notice;
use crate::board::map::streets::style;
use crate::browser::dom;
use crate::client::place;
use crate::texts;

/// The archive of a board.
pub(super) struct Streets {
    url: String,
    attribution: Option<String>,
    notice: Option<Notice>,
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

/// The full address of an archive, as a source names it.
fn url_of(archive: &str) -> String {
    let address =
        if archive.starts_with('/') { dom::origin() + &place::file(archive).path } else { archive.to_owned() };
    format!("pmtiles://{address}")
}

impl Inner {
    /// Takes the archive of the board's config, if it has one. What is said of it stands among the keys.
    pub(super) fn take_streets(this: &Rc<Self>, keys: Option<&Element>) {
        let Some(basemap) = this.store.info.map.basemap.as_ref() else { return };
        let weak = Rc::downgrade(this);
        let notice = keys.and_then(|keys| {
            Notice::build(keys, move || {
                if let Some(this) = weak.upgrade() {
                    this.ask_streets_again();
                }
            })
        });
        let (url, attribution) = (url_of(&basemap.pmtiles), basemap.attribution.clone());
        // It is taken once.
        let _ = this.streets.set(Streets { url, attribution, notice });
    }

    /// Draws the streets in a style that has none yet, under everything but the local world.
    pub(super) fn draw_streets(&self) {
        let Some(streets) = self.streets.get().filter(|_| self.is_styled.get()) else { return };
        let language = texts::language::code(texts::locale());
        let tiles = Tiles {
            source: style::SOURCE,
            url: &streets.url,
            attribution: streets.attribution.as_deref(),
            layers: &style::layers(self.palette.get(), language),
            below: Some(CAMERA_LAYER).filter(|layer| self.map.has_layer(layer)),
        };
        if let Err(error) = self.map.add_tiles(&tiles) {
            web_sys::console::warn_1(&error);
        }
    }

    /// Gives the streets the colours of the theme.
    pub(super) fn paint_streets(&self) {
        if self.streets.get().is_none() {
            return;
        }
        for (layer, name, value) in style::paint(self.palette.get()) {
            // It only fails for properties a layer does not have.
            let _ = self.map.set_paint(&layer, name, &value);
        }
    }

    /// What is in the archive is known: the ground of its box is laid.
    pub(super) fn hear_source(&self, event: &MapEvent) {
        if self.streets.get().is_none()
            || !self.is_styled.get()
            || event.source().as_deref() != Some(style::SOURCE)
            || event.came().as_deref() != Some("metadata")
        {
            return;
        }
        let Some((bounds, zoom)) = self.map.tiles_extent(style::SOURCE) else { return };
        let (shape, layer) = style::ground(bounds, zoom, self.palette.get());
        let lowest = style::lowest();
        let ground = Shapes {
            source: style::GROUND,
            geojson: &shape,
            attribution: None,
            layers: &[layer],
            below: Some(lowest.as_str()).filter(|layer| self.map.has_layer(layer)),
        };
        if let Err(error) = self.map.add_shapes(&ground) {
            web_sys::console::warn_1(&error);
        }
    }

    fn ask_streets_again(&self) {
        let Some(streets) = self.streets.get() else { return };
        if let Some(notice) = &streets.notice {
            notice.tell(false);
        }
        if let Err(error) = self.map.ask_tiles_again(style::SOURCE, &streets.url) {
            web_sys::console::warn_1(&error);
        }
    }

    /// Something of the map did not come. Without its style the local world is shown; without streets that is what is there.
    pub(super) fn failed(&self, event: &MapEvent) {
        let message = event.message();
        if self.store.info.map.style.is_some() && !self.has_begun.get() {
            self.map.set_style(&local_style(self.palette.get()));
            (self.news)(MapNews::StyleFailed(message));
            return;
        }
        web_sys::console::warn_1(&format!("map: {message}").into());
        let notice = self.streets.get().and_then(|streets| streets.notice.as_ref());
        if let Some(notice) = notice.filter(|_| event.source().as_deref() == Some(style::SOURCE)) {
            notice.tell(true);
        }
    }
}
