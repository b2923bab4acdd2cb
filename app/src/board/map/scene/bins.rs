//! Items that lie together, as one: clusters in squares, or hexagons and spots in the colours of a scale. Nothing of it flickers:
//!
//! - the cells lie fixed on the world (`bins/grid`), and are counted whole, so that moving the map changes nothing;
//! - an item stays in its cell until it is clearly out of it, and the level of zoom until it is clearly another;
//! - a cluster keeps its place while it has the same members, and is moved only when others draw its middle far away;
//! - the colours' scale is made of all cells, not of those in view, and of round numbers (`bins/scale`).
//!
//! Each item costs some arithmetic, each one in view a look into a table. Pure.

pub mod grid;
pub mod scale;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use heliograph_shared::density::Density;

use self::grid::{Cell, Grid, Home, MOST_LEVEL, SLACK, Shape, level_at};
use self::scale::Scale;
use super::mercator::Fixed;
use super::projector::Projector;
use super::record::{LOOK, NO_HEADING, Record};

/// From this level of zoom on clusters end: what is still together stands in one place.
pub const APART: u8 = 17;

/// A cluster's radius at the most, in CSS pixels.
pub const MOST_RADIUS: f64 = 21.0;

/// A cluster's middle stays so near to that of its cell that its disc never leaves the cell: no disc covers another.
const INNER: f64 = 0.5 - MOST_RADIUS / 64.0;

/// A cluster that got other members is moved when their middle is farther from it than this, in widths of a cell.
const STRAYS: f64 = 0.25;

/// How long a new cluster takes from where it split off, in milliseconds.
const SPLIT_MS: u16 = 220;

/// How often the scale is made anew while items move, in milliseconds.
const RESCALED_MS: i32 = 5_000;

/// Clusters out of view whose places are remembered, at most.
const MOST_KEPT: usize = 16_384;

/// Of a record's flags: whether a member meets a rule.
pub const HAS_WORST: u16 = 1;
/// Of a record's flags: whether it stands out.
pub const CHOSEN: u16 = 2;

/// An item as it is counted.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    /// Its number among all items.
    pub index: u32,
    /// A hash of its key.
    pub tag: u32,
    /// The number of the rule by which it looks as it does.
    pub rule: Option<usize>,
    /// Where it is, or arrives.
    pub place: Fixed,
}

/// Items that are shown as one.
#[derive(Clone, Copy, Debug)]
pub struct Bin {
    /// Which.
    pub cell: Cell,
    /// How many items.
    pub count: u32,
    /// The first of the rules that any of them meets.
    pub worst: Option<usize>,
    /// One of them.
    pub first: u32,
    /// How its place is drawn; of a hexagon always its middle.
    pub record: Record,
}

#[derive(Clone, Copy, Debug)]
struct Tally {
    count: u32,
    worst: Option<usize>,
    first: u32,
    /// Fingerprint of who is in it.
    members: u64,
    sum: (f64, f64),
}

/// Where a cluster stands, and for whom.
#[derive(Clone, Copy, Debug)]
struct Kept {
    members: u64,
    from: Fixed,
    at: Fixed,
    since: i32,
    glide: u16,
}

/// What lies together.
#[derive(Debug, Default)]
pub struct Bins {
    density: Density,
    level: Option<u8>,
    grid: Option<Grid>,
    tallies: HashMap<Cell, Tally, BuildHasherDefault<Spread>>,
    kept: HashMap<Cell, Kept, BuildHasherDefault<Spread>>,
    /// Where clusters of the level before stood, for those that split off.
    parents: HashMap<Cell, Kept, BuildHasherDefault<Spread>>,
    bins: Vec<Bin>,
    scale: Scale,
    scaled_at: Option<i32>,
    /// Whether all cells are counted this time.
    is_whole: bool,
    seen: Option<[f64; 4]>,
    origin: Fixed,
}

impl Bins {
    /// How items are shown.
    pub fn set_density(&mut self, density: Density) {
        if self.density != density {
            *self = Self { density, ..Self::default() };
        }
    }

    /// How items are shown.
    pub fn density(&self) -> Density {
        self.density
    }

    /// Everything is gone: what comes next is of another time.
    pub fn clear(&mut self) {
        let density = self.density;
        *self = Self { density, ..Self::default() };
    }

    /// The grid in which items are counted now; nothing where each is shown by itself.
    pub fn grid(&self) -> Option<Grid> {
        self.grid
    }

    /// What is shown, from north to south; with clusters also cells of one item, which has a mark of its own.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// What the colours of hexagons mean.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// Begins to count what a camera sees; `is_stirred` when items moved. False when each is shown by itself.
    pub fn begin(&mut self, camera: &Projector, now: i32, is_stirred: bool) -> bool {
        let (shape, last) = match self.density {
            Density::Marks => return false,
            Density::Clusters => (Shape::Squares, APART),
            Density::Heat => (Shape::Spots, MOST_LEVEL),
            Density::Hex => (Shape::Hexes, MOST_LEVEL),
        };
        let level = level_at(camera.zoom, self.level, last);
        let is_deeper = self.level.is_some_and(|before| level == before + 1);
        let is_apart = shape == Shape::Squares && level == APART;
        let grid = (!is_apart).then_some(Grid { shape, level });
        if self.grid != grid {
            let before = std::mem::take(&mut self.kept);
            self.parents = if is_deeper { before } else { HashMap::default() };
            self.scaled_at = None;
        }
        (self.level, self.grid) = (Some(level), grid);
        self.tallies.clear();
        self.bins.clear();
        self.seen = camera.seen();
        self.origin = camera.origin;
        let is_old = self.scaled_at.is_none_or(|at| is_stirred && now.wrapping_sub(at) >= RESCALED_MS);
        self.is_whole = shape != Shape::Squares && is_old;
        if self.is_whole {
            self.scaled_at = Some(now);
        }
        grid.is_some()
    }

    /// Counts an item, and says where it belongs from now on.
    pub fn add(&mut self, known: Option<Home>, member: &Member) -> Option<Home> {
        let grid = self.grid?;
        let home = grid.home(known, member.place);
        if self.is_whole || self.is_seen(grid, home.cell) {
            let (east, south) = grid.off_middle(home.cell, member.place);
            let empty = Tally { count: 0, worst: None, first: member.index, members: 0, sum: (0.0, 0.0) };
            let tally = self.tallies.entry(home.cell).or_insert(empty);
            tally.count += 1;
            tally.worst = [tally.worst, member.rule].into_iter().flatten().min();
            tally.members = tally.members.wrapping_add(mixed(u64::from(member.tag) | 1 << 32));
            tally.sum = (tally.sum.0 + east, tally.sum.1 + south);
        }
        Some(home)
    }

    /// Everything is counted: chooses the places. With `still` nothing glides.
    pub fn end(&mut self, now: i32, still: bool, looks: &[(u16, usize)]) {
        let Some(grid) = self.grid else { return };
        if self.is_whole {
            let most = self.tallies.values().map(|tally| tally.count).max().unwrap_or_default();
            self.scale = self.scale.fits(most);
        }
        let tallies = std::mem::take(&mut self.tallies);
        for (cell, tally) in &tallies {
            if self.is_whole && !self.is_seen(grid, *cell) {
                continue;
            }
            let look = tally.worst.and_then(|rule| looks.get(rule)).map_or(0, |(code, _)| *code & LOOK);
            let flags = look | if tally.worst.is_some() { HAS_WORST } else { 0 };
            let mut record = self.record(grid, *cell, tally, now, still);
            record.flags = flags;
            self.bins.push(Bin { cell: *cell, count: tally.count, worst: tally.worst, first: tally.first, record });
        }
        self.tallies = tallies;
        self.parents.clear();
        // The same order whatever the table's: labels stay whose they are.
        self.bins.sort_unstable_by_key(|bin| bin.cell);
        if self.kept.len() > MOST_KEPT {
            let tallies = &self.tallies;
            self.kept.retain(|cell, _| tallies.contains_key(cell));
        }
    }

    fn record(&mut self, grid: Grid, cell: Cell, tally: &Tally, now: i32, still: bool) -> Record {
        let resting = |at: Fixed| Kept { members: tally.members, from: at, at, since: now, glide: 0 };
        let place = if grid.shape != Shape::Squares || tally.count < 2 {
            resting(grid.place(cell, (0.0, 0.0)))
        } else {
            let count = f64::from(tally.count);
            let inner = |sum: f64| (sum / count).clamp(-INNER, INNER);
            let middle = (inner(tally.sum.0), inner(tally.sum.1));
            let known = self.kept.get(&cell).copied();
            let kept = match known {
                Some(known) if known.members == tally.members => known,
                Some(known) => {
                    let (east, south) = grid.off_middle(cell, known.at);
                    let strays = (east - middle.0).hypot(south - middle.1) > STRAYS;
                    if strays { moved(known.at, grid.place(cell, middle), now) } else { known }
                }
                None => {
                    let at = grid.place(cell, middle);
                    let parent = grid.parent(cell).and_then(|parent| self.parents.get(&parent));
                    parent.map_or_else(|| resting(at), |parent| moved(parent.at, at, now))
                }
            };
            let kept = Kept { members: tally.members, glide: if still { 0 } else { kept.glide }, ..kept };
            self.kept.insert(cell, kept);
            kept
        };
        let Kept { from, at, since, glide, .. } = place;
        let (heading_from, heading_to) = (NO_HEADING, NO_HEADING);
        Record { from, to: at, start: since, glide, flags: 0, heading_from, heading_to, seen: 0 }
    }

    /// Whether a part of a cell may be on the screen.
    fn is_seen(&self, grid: Grid, cell: Cell) -> bool {
        let Some([west, north, east, south]) = self.seen else { return true };
        let (x, y) = grid.off_middle(cell, self.origin);
        let columns = grid.columns();
        let (x, y) = (-x / columns, -y / columns);
        // Of a hexagon the corners, and who may still belong to it.
        let reach = (0.6 + SLACK) / columns;
        x + reach > west && x - reach < east && y + reach > north && y - reach < south
    }
}

fn moved(from: Fixed, at: Fixed, now: i32) -> Kept {
    Kept { members: 0, from, at, since: now, glide: SPLIT_MS }
}

/// A cluster's radius in CSS pixels.
pub fn radius(count: u32) -> f64 {
    (14.0 + 1.75 * f64::from(count.max(1)).log10()).min(MOST_RADIUS)
}

/// Every bit of what comes out depends on every bit of what goes in (the finaliser of MurmurHash3, Austin Appleby).
fn mixed(value: u64) -> u64 {
    let value = (value ^ value >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let value = (value ^ value >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    value ^ value >> 33
}

/// Cells are chosen by nobody who would want them to collide.
#[derive(Debug, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        mixed(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_i32(i32::from(*byte));
        }
    }

    fn write_i32(&mut self, number: i32) {
        self.0 = self.0.rotate_left(32) ^ u64::from(number as u32);
    }
}

#[cfg(test)]
mod tests;
