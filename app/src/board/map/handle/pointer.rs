//! What is under the pointer.

use std::rc::Rc;

use super::{Inner, MapNews};

/// How near the pointer must be to a mark: mouse, finger.
pub(super) const REACH: (f64, f64) = (14.0, 26.0);

impl Inner {
    pub(super) fn point(this: &Rc<Self>, pixel: Option<(f64, f64)>) {
        this.pointer.set(pixel);
        if pixel.is_none() {
            this.tell_hovered(None);
            if this.point_at(None) | this.name_ground(None) {
                Self::ask(this);
            }
        } else if !this.pointer_is_new.replace(true) {
            Self::ask(this);
        }
    }

    /// Looks again at what is under the pointer: it moved, or the items did, of which the layers know nothing.
    pub(super) fn point_again(&self, is_new: bool) {
        if let Some(pixel) = self.pointer.get()
            && !self.map.is_moving()
        {
            let id = self.pick(pixel, REACH.0);
            self.tell_hovered(id);
            let group = if id.is_none() { self.pick_group(pixel, 0.0) } else { None };
            let is_over = id.is_some() || group.is_some();
            let is_other = self.point_at(group);
            if is_other | ((is_new || is_over) && self.name_ground((!is_over).then_some(pixel))) {
                self.map.trigger_repaint();
            }
        }
    }

    fn tell_hovered(&self, id: Option<u32>) {
        if id != self.hovered.get() && (id.is_some() || self.pointer.get().is_some() || self.hovered.get().is_some()) {
            self.set_cursor(id.is_some());
            (self.news)(MapNews::Hovered(id));
        }
    }

    pub(super) fn set_cursor(&self, is_over: bool) {
        // An unknown cursor would only look wrong.
        let _ = self.map.canvas().style().set_property("cursor", if is_over { "pointer" } else { "" });
    }

    pub(super) fn pick(&self, pixel: (f64, f64), reach: f64) -> Option<u32> {
        self.store.scene.borrow().pick(&self.camera.get()?, self.store.scene_now(), pixel, reach)
    }
}
