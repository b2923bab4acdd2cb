//! Which of the items are drawn, and in how much detail: the cost of a frame follows the pixels of the screen, not the
//! items of the board.
//!
//! Items outside the view are left out. Of those that would cover each other, one stands for its cell of a grid. The grid
//! lies fixed on the world, so that moving the map changes nothing; and in a cell the same item wins as long as it is
//! there, so that nothing flickers. When the marks of what is in view would cover much of the screen, dots take their
//! place.

use super::mercator::{Fixed, X_UNITS, Y_UNITS};
use super::projector::Projector;

/// How often the choice is made anew while items move under a camera at rest, in milliseconds.
const AGAIN_MS: i32 = 250;

/// So far outside the view items are drawn, in CSS pixels: they may glide in before the next choice.
const MARGIN: f64 = 48.0;

/// Dots take over when the marks would cover more than this share of the screen…
const CROWDED: f64 = 0.3;

/// …and marks come back below this one: a share in between changes nothing.
const ROOMY: f64 = 0.22;

/// The side of a cell, in CSS pixels, at the most.
const CELL: f64 = 6.0;

/// The grid changes with every quarter of a zoom level, not with every frame of a pinch.
const ZOOM_STEPS: f64 = 4.0;

/// How each item is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// A drop with its nose forward, a rim and a shadow.
    #[default]
    Marks,
    /// A dot.
    Dots,
}

/// What the choice needs to know of an item.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    /// Where it is.
    pub place: Fixed,
    /// A hash of its key.
    pub tag: u32,
    /// Whether it matches no search: it stands behind all that do.
    pub is_dimmed: bool,
}

/// A cell of the grid with the item that stands for it.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    /// In which choice it was taken.
    round: u32,
    at: (i32, i32),
    rank: u64,
    index: u32,
}

/// The items that are drawn.
#[derive(Debug, Default)]
pub struct Shown {
    indices: Vec<u32>,
    detail: Detail,
    chosen: Option<(Projector, i32)>,
    in_view: Vec<(u32, Candidate)>,
    cells: Vec<Cell>,
    round: u32,
}

/// A mark's radius in CSS pixels: small from far away, where many lie together.
pub fn mark_radius(zoom: f64) -> f64 {
    3.0 + (zoom - 6.0).clamp(0.0, 9.0) * 0.42
}

/// A dot's radius in CSS pixels, with its rim.
pub fn dot_radius(zoom: f64) -> f64 {
    2.6 + (zoom - 6.0).clamp(0.0, 9.0) * 0.16
}

impl Shown {
    /// The items to draw, in the order of their numbers.
    pub fn indices(&self) -> &[u32] {
        &self.indices
    }

    /// How to draw them.
    pub fn detail(&self) -> Detail {
        self.detail
    }

    /// The numbers of the items are others now.
    pub fn forget(&mut self) {
        self.chosen = None;
    }

    /// Whether the choice must be made anew; `is_stirred` when an item moved since.
    pub fn is_due(&self, camera: &Projector, now: i32, is_stirred: bool) -> bool {
        self.chosen
            .is_none_or(|(before, at)| !before.is_same_view(camera) || (is_stirred && now.wrapping_sub(at) >= AGAIN_MS))
    }

    /// In how many milliseconds the choice may be made anew for what moved since.
    pub fn wait(&self, now: i32) -> i32 {
        self.chosen.map_or(0, |(_, at)| AGAIN_MS.saturating_sub(now.wrapping_sub(at)).clamp(0, AGAIN_MS))
    }

    /// Chooses among all items, in the order of their numbers.
    pub fn choose(&mut self, camera: &Projector, now: i32, items: impl Iterator<Item = Candidate>) {
        self.chosen = Some((*camera, now));
        self.in_view.clear();
        let (width, height) = camera.size;
        for (index, item) in items.enumerate() {
            let Some((x, y)) = camera.screen_from_fixed(item.place) else { continue };
            if x > -MARGIN && y > -MARGIN && x < width + MARGIN && y < height + MARGIN {
                self.in_view.push((index as u32, item));
            }
        }
        self.detail = detail(self.detail, self.in_view.len(), camera);
        self.thin(camera.zoom);
    }

    /// Takes what was chosen otherwise: items to draw as marks.
    pub fn take(&mut self, camera: &Projector, now: i32, indices: impl Iterator<Item = u32>) {
        self.chosen = Some((*camera, now));
        self.detail = Detail::Marks;
        self.indices.clear();
        self.indices.extend(indices);
        self.indices.sort_unstable();
    }

    /// Keeps one item of each cell.
    fn thin(&mut self, zoom: f64) {
        let room = (self.in_view.len() * 2).next_power_of_two().max(16);
        if self.cells.len() < room {
            self.cells = vec![Cell::default(); room];
            self.round = 0;
        }
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.cells.fill(Cell::default());
            self.round = 1;
        }
        let mask = self.cells.len() - 1;
        let pixels = 512.0 * ((zoom * ZOOM_STEPS).floor() / ZOOM_STEPS).exp2();
        let (across, down) = (pixels / CELL / X_UNITS, pixels / CELL / Y_UNITS);
        self.indices.clear();
        for &(index, item) in &self.in_view {
            let at =
                ((f64::from(item.place.x) * across).floor() as i32, (f64::from(item.place.y) * down).floor() as i32);
            let rank = u64::from(item.is_dimmed) << 32 | u64::from(item.tag.wrapping_mul(0x9e37_79b1));
            let mut slot = spread(at) & mask;
            while let Some(cell) = self.cells.get_mut(slot) {
                if cell.round != self.round {
                    *cell = Cell { round: self.round, at, rank, index };
                    self.indices.push(slot as u32);
                    break;
                }
                if cell.at == at {
                    if rank < cell.rank {
                        (cell.rank, cell.index) = (rank, index);
                    }
                    break;
                }
                slot = (slot + 1) & mask;
            }
        }
        // The slots' numbers become the items' own.
        for index in &mut self.indices {
            *index = self.cells.get(*index as usize).map_or(0, |cell| cell.index);
        }
        self.indices.sort_unstable();
    }
}

fn spread((x, y): (i32, i32)) -> usize {
    let mixed = (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca6b);
    (mixed ^ mixed >> 15) as usize
}

fn detail(before: Detail, count: usize, camera: &Projector) -> Detail {
    let radius = mark_radius(camera.zoom);
    // The disc with its rim, and the nose.
    let mark = (2.0 * radius + 4.0) * (2.95 * radius + 4.0);
    let share = count as f64 * mark / (camera.size.0 * camera.size.1).max(1.0);
    let limit = match before {
        Detail::Marks => CROWDED,
        Detail::Dots => ROOMY,
    };
    if share > limit { Detail::Dots } else { Detail::Marks }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::board::map::scene::mercator::unit_from_degrees;

    fn camera(lat: f64, lon: f64, zoom: f64) -> Projector {
        let world = 512.0 * f64::exp2(zoom);
        let (x, y) = unit_from_degrees(lat, lon);
        let (sx, sy) = (2.0 * world / 900.0, -2.0 * world / 600.0);
        let matrix = [sx, 0.0, 0.0, 0.0, 0.0, sy, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, -sx * x, -sy * y, 0.0, 1.0];
        Projector::new(&matrix, (lat, lon), (900.0, 600.0), zoom)
    }

    fn items(places: &[(f64, f64)]) -> Vec<Candidate> {
        let item = |(at, &(lat, lon)): (usize, &(f64, f64))| Candidate {
            place: Fixed::from_degrees(lat, lon),
            tag: at as u32,
            is_dimmed: false,
        };
        places.iter().enumerate().map(item).collect()
    }

    /// Points all over the view, by a simple sequence.
    fn crowd(count: usize, spread: f64) -> Vec<(f64, f64)> {
        let part = |at: usize, step: f64| (at as f64 * step).fract() - 0.5;
        (0..count).map(|at| (part(at, 0.754_877_666) * spread, part(at, 0.569_840_291) * spread)).collect()
    }

    #[test]
    fn a_crowd_costs_no_more_than_the_screen_has_cells() {
        let mut shown = Shown::default();
        let camera = camera(0.0, 0.0, 6.0);
        let all = items(&crowd(100_000, 8.0));
        shown.choose(&camera, 0, all.iter().copied());
        assert_eq!(shown.detail(), Detail::Dots);
        let cells = (900.0 + 2.0 * MARGIN) / CELL * ((600.0 + 2.0 * MARGIN) / CELL);
        assert!(
            shown.indices().len() > 2_000 && (shown.indices().len() as f64) < cells * 1.1,
            "{}",
            shown.indices().len()
        );
    }

    #[test]
    fn what_is_outside_the_view_is_left_out() {
        let mut shown = Shown::default();
        let all = items(&[(0.0, 0.0), (40.0, 0.0), (0.0, 90.0), (0.001, 0.02)]);
        shown.choose(&camera(0.0, 0.0, 9.0), 0, all.iter().copied());
        assert_eq!(shown.indices(), [0, 3]);
        shown.choose(&camera(0.0, 90.0, 9.0), 0, all.iter().copied());
        assert_eq!(shown.indices(), [2]);
    }

    #[test]
    fn what_lies_on_the_other_side_of_the_antimeridian_is_in_view() {
        let mut shown = Shown::default();
        let all = items(&[(0.0, 179.99), (0.0, -179.99)]);
        shown.choose(&camera(0.0, 180.0, 9.0), 0, all.iter().copied());
        assert_eq!(shown.indices(), [0, 1]);
    }

    #[test]
    fn moving_the_map_changes_nobody_who_stays_in_view() {
        let mut shown = Shown::default();
        let all = items(&crowd(5_000, 3.0));
        shown.choose(&camera(0.0, 0.0, 7.0), 0, all.iter().copied());
        let before = shown.indices().to_vec();
        shown.choose(&camera(0.003, 0.004, 7.0), 0, all.iter().copied());
        assert_eq!(shown.indices(), before);
    }

    #[test]
    fn an_item_that_matches_no_search_hides_none_that_does() {
        let mut all = items(&[(0.0, 0.0); 40]);
        for (at, item) in all.iter_mut().enumerate() {
            item.is_dimmed = at != 17;
        }
        let mut shown = Shown::default();
        shown.choose(&camera(0.0, 0.0, 9.0), 0, all.iter().copied());
        assert_eq!(shown.indices(), [17]);
    }

    #[test]
    fn a_number_of_items_in_between_changes_no_detail() {
        let camera = camera(0.0, 0.0, 9.0);
        let mut shown = Shown::default();
        let mut seen = Vec::new();
        for count in [100, 700, 900, 650, 500, 100] {
            let all = items(&crowd(count, 0.9));
            shown.choose(&camera, 0, all.iter().copied());
            seen.push(shown.detail());
        }
        use Detail::{Dots, Marks};
        assert_eq!(seen, [Marks, Marks, Dots, Dots, Marks, Marks]);
    }

    #[test]
    fn a_choice_stands_while_nothing_moves() {
        let here = camera(0.0, 0.0, 9.0);
        let mut shown = Shown::default();
        assert!(shown.is_due(&here, 0, false));
        shown.choose(&here, 0, std::iter::empty());
        assert!(!shown.is_due(&here, 10_000, false));
        assert!(!shown.is_due(&here, 100, true) && shown.is_due(&here, 300, true));
        assert!(shown.is_due(&camera(0.0, 0.1, 9.0), 1, false));
        shown.forget();
        assert!(shown.is_due(&here, 1, false));
    }

    proptest! {
        #[test]
        fn each_item_in_view_is_drawn_or_another_stands_within_its_cell(
            places in proptest::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 1..400),
            zoom in 4.0..12.0_f64,
        ) {
            let here = camera(0.0, 0.0, zoom);
            let all = items(&places);
            let mut shown = Shown::default();
            shown.choose(&here, 0, all.iter().copied());
            let drawn: Vec<_> = shown.indices().iter()
                .filter_map(|&index| here.screen_from_fixed(all[index as usize].place)).collect();
            prop_assert!(shown.indices().windows(2).all(|pair| pair[0] < pair[1]));
            for item in &all {
                let Some((x, y)) = here.screen_from_fixed(item.place) else { continue };
                if x < 0.0 || y < 0.0 || x > 900.0 || y > 600.0 {
                    continue;
                }
                // A quarter of a level larger, and rounding.
                let reach = CELL * 1.2 + 0.1;
                prop_assert!(drawn.iter().any(|at| (at.0 - x).abs() <= reach && (at.1 - y).abs() <= reach));
            }
        }
    }
}
