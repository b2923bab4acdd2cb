//! Layers under the items: drawn again with each new style, in the colours of the theme, and named where the pointer is.

use heliograph_shared::layers::style::MapLayer;
use serde_json::Value;

use super::{Inner, MapHandle};
use crate::board::map::gpu::overlay::MarkLabel;
use crate::board::map::gpu::style as fences;
use crate::board::map::layers::style;
use crate::board::map::maplibre::Shapes;
use crate::browser::dom;

/// How near the pointer must be to a line or a point: mouse, finger.
const REACH: (f64, f64) = (4.0, 12.0);

/// A layer that is drawn.
pub(super) struct Ground {
    number: usize,
    layer: MapLayer,
    shapes: Value,
    is_shown: bool,
}

/// What is under the pointer: where that is, and what is said of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Named {
    at: (f64, f64),
    name: String,
    layer: String,
}

impl MapHandle {
    /// Draws the layer of this number in the board's config, in place of what was drawn of it.
    pub fn draw_layer(&self, number: usize, layer: MapLayer, shapes: Value) {
        let inner = &self.0;
        let mut ground = inner.ground.borrow_mut();
        ground.retain(|drawn| drawn.number != number);
        ground.push(Ground { number, layer, shapes, is_shown: true });
        ground.sort_by_key(|drawn| drawn.number);
        drop(ground);
        inner.draw_ground();
    }

    /// Shows a layer that is drawn, or hides it.
    pub fn set_layer_shown(&self, number: usize, is_shown: bool) {
        let inner = &self.0;
        for drawn in inner.ground.borrow_mut().iter_mut().filter(|drawn| drawn.number == number) {
            drawn.is_shown = is_shown;
        }
        for name in style::names(number) {
            // It only fails for layers that are not there.
            let _ = inner.map.set_visible(&name, is_shown);
        }
        inner.under_pointer.take();
    }
}

impl Inner {
    /// Draws what is not drawn in this style yet. Later layers lie over earlier ones, in whichever order they came.
    pub(super) fn draw_ground(&self) {
        if !self.is_styled.get() {
            return;
        }
        let ground = self.ground.borrow();
        for (at, drawn) in ground.iter().enumerate() {
            let above = ground.iter().skip(at + 1).filter_map(|later| style::names(later.number).into_iter().next());
            let above = above.chain([fences::FENCES_LOWEST.to_owned()]).find(|name| self.map.has_layer(name));
            let shapes = Shapes {
                source: &style::source(drawn.number),
                geojson: &drawn.shapes,
                attribution: drawn.layer.attribution.as_deref(),
                layers: &style::style(drawn.number, &drawn.layer, self.palette.get()),
                below: above.as_deref(),
            };
            if let Err(error) = self.map.add_shapes(&shapes) {
                web_sys::console::warn_1(&error);
            }
            for name in style::names(drawn.number) {
                // It only fails for layers that are not there.
                let _ = self.map.set_visible(&name, drawn.is_shown);
            }
        }
    }

    pub(super) fn paint_ground(&self) {
        for drawn in self.ground.borrow().iter() {
            for (layer, name, value) in style::paint(drawn.number, &drawn.layer, self.palette.get()) {
                // It only fails for properties a layer does not have.
                let _ = self.map.set_paint(&layer, name, &value);
            }
        }
    }

    /// Says what of the layers is at a pixel; nothing where an item is. Whether that is something else than before.
    pub(super) fn name_ground(&self, pixel: Option<(f64, f64)>) -> bool {
        let named = pixel.and_then(|at| {
            let ground = self.ground.borrow();
            let shown = ground.iter().filter(|drawn| drawn.is_shown).flat_map(|drawn| style::names(drawn.number));
            let layers: Vec<String> = shown.filter(|name| self.map.has_layer(name)).collect();
            if layers.is_empty() {
                return None;
            }
            let reach = if dom::matches_media("(pointer: coarse)") { REACH.1 } else { REACH.0 };
            let (style_layer, name) = self.map.named_at(at, reach, &layers)?;
            let number = style::number_of(&style_layer)?;
            let layer = ground.iter().find(|drawn| drawn.number == number)?.layer.name.clone();
            Some(Named { at, name, layer })
        });
        self.under_pointer.replace(named.clone()) != named
    }

    pub(super) fn ground_label(&self, room: f64) -> Option<MarkLabel> {
        if self.map.is_moving() {
            return None;
        }
        let Named { at: (x, y), name, layer } = self.under_pointer.borrow().clone()?;
        let class = if x > room - 300.0 { "mark-label tooltip flipped" } else { "mark-label tooltip" };
        Some(MarkLabel { x, y, title: name, detail: layer, class })
    }
}
