//! Grids that lie fixed on the world, one for each level of zoom: squares, or hexagons that stand on a corner. Around the world
//! they have a whole number of columns, so that ±180° is a line like any other. Pure.

use crate::board::map::scene::mercator::{Fixed, X_UNITS, Y_UNITS};

/// So far out of its cell an item may be and still belong to it, in widths of a cell: nothing goes back and forth over a border.
pub const SLACK: f64 = 0.12;

/// The last level of each shape.
pub const MOST_LEVEL: u8 = 20;

/// The height of a row of hexagons, in their widths.
const ROW: f64 = 0.866_025_403_784_438_6;

/// The shape of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Squares, 64 to 128 CSS pixels wide within their level.
    Squares,
    /// Hexagons, 51 to 102 CSS pixels wide within their level.
    Hexes,
    /// Hexagons half as wide, for spots that flow into each other.
    Spots,
}

/// A cell of a grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// From the north.
    pub row: i32,
    /// Eastward, from 0.
    pub column: i32,
}

/// The grid of a shape and a level of zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Of its cells.
    pub shape: Shape,
    /// 0 to [`MOST_LEVEL`].
    pub level: u8,
}

/// Where an item belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    grid: Grid,
    /// The cell.
    pub cell: Cell,
}

impl Grid {
    /// How many cells lie around the world.
    pub fn columns(self) -> f64 {
        let first: u32 = match self.shape {
            Shape::Squares => 8,
            Shape::Hexes => 10,
            Shape::Spots => 20,
        };
        f64::from(first << self.level.min(MOST_LEVEL))
    }

    /// Where a place is, in widths of a cell from the north-west.
    fn spot(self, place: Fixed) -> (f64, f64) {
        let columns = self.columns();
        (f64::from(place.x as u32) / X_UNITS * columns, f64::from(place.y) / Y_UNITS * columns)
    }

    /// The middle of a cell, in widths of a cell from the north-west.
    fn middle(self, cell: Cell) -> (f64, f64) {
        let (column, row) = (f64::from(cell.column), f64::from(cell.row));
        match self.shape {
            Shape::Squares => (column + 0.5, row + 0.5),
            Shape::Hexes | Shape::Spots => (column + shift(cell.row), row * ROW),
        }
    }

    /// How far a place lies off the middle of a cell, in widths of a cell, the short way round.
    pub fn off_middle(self, cell: Cell, place: Fixed) -> (f64, f64) {
        let (spot, middle) = (self.spot(place), self.middle(cell));
        (self.wrapped(spot.0 - middle.0), spot.1 - middle.1)
    }

    fn wrapped(self, across: f64) -> f64 {
        let columns = self.columns();
        across - columns * (across / columns).round()
    }

    /// The place that lies so many widths of a cell from its middle.
    pub fn place(self, cell: Cell, (east, south): (f64, f64)) -> Fixed {
        let (x, y) = self.middle(cell);
        let columns = self.columns();
        Fixed::from_unit((x + east) / columns, (y + south) / columns)
    }

    /// The cell in which a place lies.
    pub fn cell_of(self, place: Fixed) -> Cell {
        let (x, y) = self.spot(place);
        match self.shape {
            Shape::Squares => Cell { row: y.floor() as i32, column: x.floor() as i32 },
            Shape::Hexes | Shape::Spots => {
                // The nearest middle is in one of the two rows around it.
                let above = self.nearest_in((y / ROW).floor() as i32, x);
                let below = self.nearest_in(above.row + 1, x);
                let far = |cell| {
                    let (east, south) = self.off_middle(cell, place);
                    east * east + south * south
                };
                if far(below) < far(above) { below } else { above }
            }
        }
    }

    fn nearest_in(self, row: i32, x: f64) -> Cell {
        let column = (x - shift(row)).round().rem_euclid(self.columns());
        Cell { row, column: column as i32 }
    }

    /// How far a place is out of a cell, in widths of a cell; not above 0 within it.
    pub fn away(self, cell: Cell, place: Fixed) -> f64 {
        let (east, south) = self.off_middle(cell, place);
        let (east, south) = (east.abs(), south.abs());
        match self.shape {
            Shape::Squares => east.max(south) - 0.5,
            Shape::Hexes | Shape::Spots => east.max(east * 0.5 + south * ROW) - 0.5,
        }
    }

    /// Where an item belongs now: where it did as long as it is not clearly out of there.
    pub fn home(self, known: Option<Home>, place: Fixed) -> Home {
        match known {
            Some(known) if known.grid == self && self.away(known.cell, place) <= SLACK => known,
            Some(_) | None => Home { grid: self, cell: self.cell_of(place) },
        }
    }

    /// The cell of the level before in which this one lies; squares lie in squares.
    pub fn parent(self, cell: Cell) -> Option<Cell> {
        let is_nested = self.shape == Shape::Squares && self.level > 0;
        is_nested.then_some(Cell { row: cell.row >> 1, column: cell.column >> 1 })
    }
}

/// Every other row of hexagons is half a width farther east.
fn shift(row: i32) -> f64 {
    if row & 1 == 0 { 0.0 } else { 0.5 }
}

/// The level for a zoom, 0 to `last`. Where it was before counts: a zoom that trembles around a whole number changes nothing.
pub fn level_at(zoom: f64, before: Option<u8>, last: u8) -> u8 {
    /// Levels of zoom on either side.
    const HOLDS: f64 = 0.15;
    let own = zoom.floor().clamp(0.0, f64::from(last)) as u8;
    let Some(before) = before.filter(|before| *before <= last) else { return own };
    let from = f64::from(before);
    if (from - HOLDS..from + 1.0 + HOLDS).contains(&zoom) { before } else { own }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHAPES: [Shape; 3] = [Shape::Squares, Shape::Hexes, Shape::Spots];

    #[test]
    fn a_zoom_that_trembles_changes_no_level() {
        let mut level = None;
        let mut seen = Vec::new();
        for zoom in [4.5, 5.1, 4.95, 5.14, 5.2, 4.9, 4.86, 4.8, 30.0, -2.0] {
            level = Some(level_at(zoom, level, 17));
            seen.extend(level);
        }
        assert_eq!(seen, [4, 4, 4, 4, 5, 5, 5, 4, 17, 0]);
    }

    #[test]
    fn neighbours_across_the_antimeridian_share_a_cell_as_everywhere() {
        for level in 0..=12 {
            // Half a width from the line of hexagons; squares have a border there.
            let grid = Grid { shape: Shape::Hexes, level };
            let (west, east) = (grid.place(Cell::default(), (-0.2, 0.0)), grid.place(Cell::default(), (0.2, 0.0)));
            assert_eq!(grid.cell_of(west), grid.cell_of(east));
            let grid = Grid { shape: Shape::Squares, level };
            let (first, last) = (Cell::default(), Cell { row: 0, column: grid.columns() as i32 - 1 });
            let near = grid.place(first, (-0.55, 0.0));
            assert_eq!(grid.cell_of(near), last);
            assert!((grid.away(first, near) - 0.05).abs() < 1e-4, "{}", grid.away(first, near));
        }
    }

    proptest! {
        #[test]
        fn every_place_lies_in_its_cell_and_no_cell_is_named_twice(
            x in any::<i32>(), y in 0..i32::MAX, level in 0..=MOST_LEVEL,
        ) {
            for shape in SHAPES {
                let (grid, place) = (Grid { shape, level }, Fixed { x, y });
                let cell = grid.cell_of(place);
                prop_assert!(grid.away(cell, place) < 1e-6, "{:?} {}", cell, grid.away(cell, place));
                prop_assert!((0..grid.columns() as i32).contains(&cell.column));
            }
        }

        #[test]
        fn an_item_goes_home_once_and_stays(x in any::<i32>(), y in 0..i32::MAX, step in -0.11..0.11f64, level in 0..=16u8) {
            for shape in SHAPES {
                let grid = Grid { shape, level };
                let home = grid.home(None, Fixed { x, y });
                prop_assert_eq!(grid.home(Some(home), Fixed { x, y }), home);
                let (east, south) = grid.off_middle(home.cell, Fixed { x, y });
                // A small step, wherever it leads, leads into no other cell.
                let there = grid.place(home.cell, (east + step, south));
                prop_assert_eq!(grid.home(Some(home), there), home);
            }
        }
    }
}
