//! What is under a pixel, and what is in view.

use super::bins::grid::{Cell, Shape};
use super::bins::{Bin, radius};
use super::projector::Projector;
use super::record::DIMMED;
use super::{Scene, Slot};

impl Scene {
    /// The item nearest to a pixel, within `reach` pixels. It looks at every item that may be drawn by itself: ten thousand take
    /// a tenth of a millisecond, and only once per frame in which the pointer moved.
    pub fn pick(&self, camera: &Projector, now: i32, pixel: (f64, f64), reach: f64) -> Option<u32> {
        let mut best = (reach * reach, None);
        let mut look = |slot: &Slot| {
            let Some((x, y)) = camera.screen_from_fixed(slot.record.place_at(now)) else { return };
            let distance = (x - pixel.0).powi(2) + (y - pixel.1).powi(2);
            if distance < best.0 {
                best = (distance, Some(slot.id));
            }
        };
        if self.grid().is_some() {
            let drawn = self.shown.indices().iter().rev();
            drawn.filter_map(|index| self.slots.get(*index as usize)).for_each(&mut look);
        } else {
            self.slots.iter().rev().filter(|slot| slot.record.flags & DIMMED == 0).for_each(&mut look);
        }
        best.1
    }

    /// What is shown as one under a pixel; a cluster also within `reach` pixels around its disc.
    pub fn pick_bin(&self, camera: &Projector, now: i32, pixel: (f64, f64), reach: f64) -> Option<Cell> {
        let grid = self.grid()?;
        let far = |bin: &Bin| {
            let (x, y) = camera.screen_from_fixed(bin.record.place_at(now))?;
            Some((x - pixel.0).hypot(y - pixel.1))
        };
        let most = |bin: &Bin| match grid.shape {
            Shape::Squares => radius(bin.count) + reach,
            // As far as its corners; where two reach, the nearer one counts.
            Shape::Hexes | Shape::Spots => 0.577 / grid.columns() / camera.worlds_per_pixel(),
        };
        let near = self.bins().filter_map(|bin| Some((far(bin)?, bin))).filter(|(far, bin)| *far <= most(bin));
        near.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, bin)| bin.cell)
    }

    /// How many items lie inside the camera's view.
    pub fn count_visible(&self, camera: &Projector, now: i32) -> usize {
        let inside = |(x, y): (f64, f64)| x >= 0.0 && y >= 0.0 && x <= camera.size.0 && y <= camera.size.1;
        let seen = |slot: &&Slot| camera.screen_from_fixed(slot.record.place_at(now)).is_some_and(inside);
        self.slots.iter().filter(seen).count()
    }
}
