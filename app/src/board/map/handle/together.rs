//! Items that are shown as one: what the page is told of them, and what happens when one is pointed at or opened.

use std::rc::Rc;

use heliograph_shared::density::Density;

use super::{Inner, MapHandle, MapNews};
use crate::board::map::density::words;
use crate::board::map::gpu::overlay::MarkLabel;
use crate::board::map::scene::bins::grid::{Cell as GroupId, Shape};
use crate::board::map::scene::bins::scale::STEPS;
use crate::board::map::scene::bins::{APART, Bin, radius};
use crate::board::map::scene::bounds::bounds_of;
use crate::board::map::scene::projector::Projector;

/// An opened group is shown from no nearer than this: there everybody is shown alone.
const CLOSEST: f64 = APART as f64 + 0.5;

/// How far outside the view a number is still written, in CSS pixels.
const MARGIN: f64 = 40.0;

/// Items in view that are shown as one.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Which.
    pub id: GroupId,
    /// How many items.
    pub count: u32,
    /// The first of the rules that any of them meets.
    pub worst: Option<usize>,
    /// Where it is on the map, in CSS pixels.
    pub at: (f64, f64),
}

impl MapHandle {
    /// How many items are shown.
    pub fn set_density(&self, density: Density) {
        self.0.store.scene.borrow_mut().set_density(density);
        self.0.point_at(None);
        self.0.focused.set(None);
        Inner::ask(&self.0);
    }

    /// What is shown as one and has its middle in view.
    pub fn groups(&self) -> Vec<Group> {
        let Some(camera) = self.0.camera.get() else { return Vec::new() };
        let (scene, now) = (self.0.store.scene.borrow(), self.0.store.scene_now());
        let group = |bin: &Bin| {
            let at = camera.screen_from_fixed(bin.record.place_at(now)).filter(|at| is_in(&camera, *at, 0.0))?;
            Some(Group { id: bin.cell, count: bin.count, worst: bin.worst, at })
        };
        scene.bins().filter_map(group).collect()
    }

    /// The smallest count of each step of the colours, where there are any.
    pub fn steps(&self) -> Option<[u32; STEPS]> {
        let scene = self.0.store.scene.borrow();
        scene.grid().filter(|grid| grid.shape != Shape::Squares).map(|_| scene.scale().floors())
    }

    /// Whether the camera stays where it is.
    pub fn is_resting(&self) -> bool {
        !self.0.map.is_moving()
    }

    /// Shows the members of a group.
    pub fn open_group(&self, id: GroupId) {
        self.0.open_group(id);
    }

    /// Lets a group stand out, or none: its button has the focus.
    pub fn focus_group(&self, id: Option<GroupId>) {
        self.0.focused.set(id);
        self.0.mark_group();
        Inner::ask(&self.0);
    }
}

impl Inner {
    pub(super) fn pick_group(&self, pixel: (f64, f64), reach: f64) -> Option<GroupId> {
        self.store.scene.borrow().pick_bin(&self.camera.get()?, self.store.scene_now(), pixel, reach)
    }

    pub(super) fn open_group(&self, id: GroupId) {
        let members = self.store.scene.borrow().members(id);
        let Some(bounds) = bounds_of(members.into_iter()) else { return };
        // It is the viewer who moves the map.
        self.is_following.set(false);
        (self.news)(MapNews::Dragged);
        self.look_at(bounds, CLOSEST);
    }

    /// Another group is under the pointer, or none; whether that is something else than before.
    pub(super) fn point_at(&self, id: Option<GroupId>) -> bool {
        let is_other = self.pointed.replace(id) != id;
        if is_other {
            self.set_cursor(id.is_some() || self.hovered.get().is_some());
            self.mark_group();
        }
        is_other
    }

    fn chosen_group(&self) -> Option<GroupId> {
        self.pointed.get().or(self.focused.get())
    }

    fn mark_group(&self) {
        self.store.scene.borrow_mut().choose_bin(self.chosen_group());
    }

    /// A click on the map opens the group that is there. False when there is none.
    pub(super) fn click_group(this: &Rc<Self>, pixel: (f64, f64), reach: f64) -> bool {
        let found = this.pick_group(pixel, reach);
        if let Some(id) = found {
            this.open_group(id);
        }
        found.is_some()
    }

    /// The numbers on the clusters.
    pub(super) fn group_labels(&self, camera: &Projector, now: i32) -> Vec<MarkLabel> {
        let scene = self.store.scene.borrow();
        if scene.grid().is_none_or(|grid| grid.shape != Shape::Squares) {
            return Vec::new();
        }
        let label = |bin: &Bin| {
            let (x, y) = camera.screen_from_fixed(bin.record.place_at(now)).filter(|at| is_in(camera, *at, MARGIN))?;
            Some(MarkLabel { x, y, title: words::short(bin.count), detail: String::new(), class: "label cluster" })
        };
        scene.bins().filter_map(label).collect()
    }

    /// The discs that names must not cover.
    pub(super) fn discs(&self, camera: &Projector, now: i32) -> Vec<(f64, f64, f64)> {
        let scene = self.store.scene.borrow();
        let disc = |bin: &Bin| {
            let (x, y) = camera.screen_from_fixed(bin.record.place_at(now))?;
            Some((x, y, radius(bin.count)))
        };
        scene.bins().filter_map(disc).collect()
    }

    /// What is said of the group that is pointed at.
    pub(super) fn group_tooltip(&self, camera: &Projector, now: i32, room: f64) -> Option<MarkLabel> {
        let id = self.chosen_group()?;
        let scene = self.store.scene.borrow();
        let bin = scene.bins().find(|bin| bin.cell == id)?;
        let (x, y) = camera.screen_from_fixed(bin.record.place_at(now))?;
        let worst = bin.worst.and_then(|rule| self.store.marks.rules().nth(rule));
        let title = words::said(bin.count, worst.map(|rule| rule.label.as_str()));
        let class = if x > room - 300.0 { "mark-label tooltip flipped" } else { "mark-label tooltip" };
        Some(MarkLabel { x, y, title, detail: String::new(), class })
    }
}

fn is_in(camera: &Projector, (x, y): (f64, f64), margin: f64) -> bool {
    x >= -margin && y >= -margin && x <= camera.size.0 + margin && y <= camera.size.1 + margin
}
