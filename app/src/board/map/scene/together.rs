//! Items of the scene that are shown as one.

use heliograph_shared::density::Density;

use super::bins::grid::{Cell, Grid, Shape};
use super::bins::scale::Scale;
use super::bins::{Bin, CHOSEN, Member, radius};
use super::projector::Projector;
use super::record::DIMMED;
use super::shown::Detail;
use super::{Scene, later};

impl Scene {
    /// How many items are shown.
    pub fn set_density(&mut self, density: Density) {
        if self.bins.density() != density {
            self.bins.set_density(density);
            self.shown.forget();
            self.is_stirred = true;
        }
    }

    /// How many items are shown.
    pub fn density(&self) -> Density {
        self.bins.density()
    }

    /// The grid in which items are counted now; nothing where each is shown by itself.
    pub fn grid(&self) -> Option<Grid> {
        self.bins.grid()
    }

    /// What the colours of hexagons mean.
    pub fn scale(&self) -> Scale {
        self.bins.scale()
    }

    /// What is shown as one, from north to south: clusters of at least two, or every hexagon or spot with an item.
    pub fn bins(&self) -> impl Iterator<Item = &Bin> {
        let least = if self.bins.density() == Density::Clusters { 2 } else { 1 };
        self.bins.bins().iter().filter(move |bin| bin.count >= least)
    }

    /// The positions in degrees of all who are shown as one.
    pub fn members(&self, cell: Cell) -> Vec<(f64, f64)> {
        let Some(grid) = self.grid() else { return Vec::new() };
        let counted = self.slots.iter().filter(|slot| slot.record.flags & DIMMED == 0);
        let within = counted.filter(|slot| grid.home(slot.home, slot.record.to).cell == cell);
        within.map(|slot| slot.degrees).collect()
    }

    /// Which of them stands out; true when that is another.
    pub fn choose_bin(&mut self, cell: Option<Cell>) -> bool {
        std::mem::replace(&mut self.chosen_bin, cell) != cell
    }

    /// Whether the lines behind all items are drawn: not where they would cover the map and tell nothing.
    pub fn has_lines(&self) -> bool {
        self.detail() == Detail::Marks && self.grid().is_none()
    }

    /// Counts who lies together, and chooses who is alone.
    pub(super) fn count_together(&mut self, camera: &Projector, now: i32) {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            // Who matches no search is not counted.
            if slot.record.flags & DIMMED == 0 {
                let (tag, rule, place) = (slot.tag, slot.rule, slot.record.to);
                slot.home = self.bins.add(slot.home, &Member { index: index as u32, tag, rule, place });
            }
        }
        self.bins.end(now, self.still, &self.looks);
        let has_singles = self.bins.density() == Density::Clusters;
        let singles = self.bins.bins().iter().filter(|bin| has_singles && bin.count == 1);
        self.shown.take(camera, now, singles.map(|bin| bin.first));
        for bin in self.bins.bins().iter().filter(|bin| bin.record.glide > 0) {
            self.drawn_until = later(self.drawn_until, bin.record.end());
        }
    }

    /// The records of what is shown as one, when they are others than the GPU has. In the place of a heading and of when it was
    /// seen they have a disc's radius in hundredths of a pixel, and the step of the scale.
    pub fn take_bins(&mut self) -> Option<&[u8]> {
        let mut records = Vec::with_capacity(self.bin_records.len());
        let scale = self.scale();
        let shape = self.grid().map(|grid| grid.shape);
        let mut bins: Vec<&Bin> = self.bins().collect();
        if shape == Some(Shape::Spots) {
            // They flow into each other: the hottest lie on top.
            bins.sort_by_key(|bin| bin.count);
        }
        for bin in bins {
            let mut record = bin.record;
            if self.chosen_bin == Some(bin.cell) {
                record.flags |= CHOSEN;
            }
            let size = if shape == Some(Shape::Squares) { (radius(bin.count) * 100.0) as u16 } else { 0 };
            (record.heading_from, record.heading_to) = (size, 0);
            record.seen = scale.step(bin.count) as i32;
            records.extend_from_slice(&record.to_bytes());
        }
        let is_other = records != self.bin_records;
        self.bin_records = records;
        is_other.then_some(&self.bin_records)
    }
}
