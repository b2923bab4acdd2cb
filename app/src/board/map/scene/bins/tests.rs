use proptest::prelude::*;

use super::*;
use crate::board::map::scene::mercator::unit_from_degrees;

const SIZE: (f64, f64) = (900.0, 600.0);

/// A camera over a place of the unit square.
fn over(x: f64, y: f64, zoom: f64) -> Projector {
    let world = 512.0 * f64::exp2(zoom);
    let (sx, sy) = (2.0 * world / SIZE.0, -2.0 * world / SIZE.1);
    let matrix = [sx, 0.0, 0.0, 0.0, 0.0, sy, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    Projector { matrix, origin: Fixed::from_unit(x, y), size: SIZE, zoom }
}

fn camera(lat: f64, lon: f64, zoom: f64) -> Projector {
    let (x, y) = unit_from_degrees(lat, lon);
    over(x, y, zoom)
}

/// Items with where they belong, and what they are counted in.
struct Crowd {
    bins: Bins,
    items: Vec<(Fixed, Option<usize>, Option<Home>)>,
    now: i32,
}

impl Crowd {
    fn new(density: Density, places: impl IntoIterator<Item = Fixed>) -> Self {
        let mut bins = Bins::default();
        bins.set_density(density);
        Self { bins, items: places.into_iter().map(|place| (place, None, None)).collect(), now: 0 }
    }

    fn of_degrees(density: Density, places: &[(f64, f64)]) -> Self {
        Self::new(density, places.iter().map(|(lat, lon)| Fixed::from_degrees(*lat, *lon)))
    }

    /// What is shown: which cell, how many, the worst, where.
    fn choose(&mut self, camera: &Projector) -> Vec<(Cell, u32, Option<usize>, Fixed)> {
        self.now += 1_000;
        self.bins.begin(camera, self.now, true);
        for (index, (place, rule, home)) in self.items.iter_mut().enumerate() {
            let member = Member { index: index as u32, tag: index as u32, rule: *rule, place: *place };
            *home = self.bins.add(*home, &member);
        }
        self.bins.end(self.now, false, &[]);
        self.bins.bins().iter().map(|bin| (bin.cell, bin.count, bin.worst, bin.record.to)).collect()
    }

    fn home(&self, index: usize) -> Cell {
        self.items[index].2.unwrap().cell
    }
}

fn counts(shown: &[(Cell, u32, Option<usize>, Fixed)]) -> Vec<u32> {
    shown.iter().map(|(_, count, ..)| *count).collect()
}

#[test]
fn the_worst_is_the_first_of_the_rules_that_any_member_meets() {
    let mut crowd = Crowd::of_degrees(Density::Clusters, &[(30.0, -97.0); 4]);
    assert_eq!(crowd.choose(&camera(30.0, -97.0, 8.0))[0].2, None);
    for (item, rule) in crowd.items.iter_mut().zip([None, Some(3), Some(1), Some(2)]) {
        item.1 = rule;
    }
    let shown = crowd.choose(&camera(30.0, -97.0, 8.0));
    assert_eq!((shown.len(), shown[0].1, shown[0].2), (1, 4, Some(1)));
}

#[test]
fn near_by_everybody_is_shown_alone_and_a_zoom_that_trembles_does_not_change_that() {
    let mut crowd = Crowd::of_degrees(Density::Clusters, &[(30.0, -97.0); 3]);
    let at = |crowd: &mut Crowd, zoom| crowd.choose(&camera(30.0, -97.0, zoom)).len();
    let shown: Vec<_> = [16.9, 17.1, 17.2, 16.9, 16.8].into_iter().map(|zoom| at(&mut crowd, zoom)).collect();
    assert_eq!(shown, [1, 1, 0, 0, 1]);
    assert!(crowd.bins.grid().is_some());
}

#[test]
fn an_item_that_goes_back_and_forth_over_a_border_changes_nothing() {
    let grid = Grid { shape: Shape::Squares, level: 9 };
    let cell = grid.cell_of(Fixed::from_degrees(30.0, -97.0));
    let border = |east: f64| grid.place(cell, (east, 0.0));
    let mut crowd = Crowd::new(Density::Clusters, [border(-0.3), border(0.49), border(0.7)]);
    let here = camera(30.0, -97.0, 9.5);
    assert_eq!(counts(&crowd.choose(&here)), [2, 1]);
    for east in [0.51, 0.6, 0.45, 0.61, 0.5] {
        crowd.items[1].0 = border(east);
        assert_eq!(counts(&crowd.choose(&here)), [2, 1], "{east}");
    }
    // Clearly out it goes over, and does not come back at once.
    for (east, expected) in [(0.63, [1, 2]), (0.49, [1, 2]), (0.4, [1, 2]), (0.37, [2, 1])] {
        crowd.items[1].0 = border(east);
        assert_eq!(counts(&crowd.choose(&here)), expected, "{east}");
    }
}

#[test]
fn a_cluster_that_splits_sets_out_from_where_it_was() {
    let mut crowd = Crowd::of_degrees(Density::Clusters, &[(0.1, 0.1), (0.1, 0.101), (2.4, 2.4), (2.4, 2.401)]);
    let before = crowd.choose(&camera(1.0, 1.0, 4.5));
    assert_eq!(counts(&before), [4]);
    let after = crowd.choose(&camera(1.0, 1.0, 5.5));
    assert_eq!(counts(&after), [2, 2]);
    let records: Vec<_> = crowd.bins.bins().iter().map(|bin| bin.record).collect();
    assert!(records.iter().all(|record| record.from == before[0].3 && record.glide == SPLIT_MS));
    assert!(records.iter().all(|record| record.place_at(crowd.now + 500) == record.to));
    // Who prefers no motion sees none.
    crowd.choose(&camera(1.0, 1.0, 4.5));
    crowd.bins.begin(&camera(1.0, 1.0, 5.5), crowd.now, true);
    for (index, (place, rule, home)) in crowd.items.iter_mut().enumerate() {
        let member = Member { index: index as u32, tag: index as u32, rule: *rule, place: *place };
        *home = crowd.bins.add(*home, &member);
    }
    crowd.bins.end(crowd.now, true, &[]);
    assert!(crowd.bins.bins().iter().all(|bin| bin.record.place_at(crowd.now) == bin.record.to));
}

#[test]
fn the_scale_of_hexagons_is_of_all_cells_wherever_the_camera_looks() {
    let mut places = vec![(0.0, 0.0); 90];
    places.extend([(0.0, 40.0), (0.0, 40.0)]);
    let mut crowd = Crowd::of_degrees(Density::Hex, &places);
    assert_eq!(counts(&crowd.choose(&camera(0.0, 40.0, 8.0))), [2]);
    assert_eq!(crowd.bins.scale().floors(), [1, 8, 20, 40, 70]);
    assert_eq!(counts(&crowd.choose(&camera(0.0, 0.0, 8.0))), [90]);
    assert_eq!(crowd.bins.scale().floors(), [1, 8, 20, 40, 70]);
}

/// Places around the middle of a view, some of them beyond its edges.
fn around(x: f64, y: f64, zoom: f64, count: usize) -> impl Strategy<Value = Vec<Fixed>> {
    let world = 512.0 * f64::exp2(zoom);
    let (across, down) = (SIZE.0 / world, SIZE.1 / world);
    let place = (-1.0..1.0f64, -1.0..1.0f64)
        .prop_map(move |(east, south)| Fixed::from_unit(x + east * across, (y + south * down).clamp(0.0, 1.0)));
    proptest::collection::vec(place, 1..count)
}

/// A place, a zoom, and items there.
fn scenes() -> impl Strategy<Value = (f64, f64, f64, Vec<Fixed>)> {
    (0.0..1.0f64, 0.2..0.8f64, 1.0..16.5f64)
        .prop_flat_map(|(x, y, zoom)| (Just(x), Just(y), Just(zoom), around(x, y, zoom, 120)))
}

const TOGETHER: [Density; 3] = [Density::Clusters, Density::Heat, Density::Hex];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn everybody_on_the_screen_is_counted_and_nobody_twice((x, y, zoom, places) in scenes()) {
        for density in TOGETHER {
            let here = over(x, y, zoom);
            let mut crowd = Crowd::new(density, places.iter().copied());
            let shown = crowd.choose(&here);
            prop_assert!(shown.windows(2).all(|pair| pair[0].0 < pair[1].0));
            let is_shown = |cell: Cell| shown.iter().any(|(other, ..)| *other == cell);
            let total = (0..places.len()).filter(|index| is_shown(crowd.home(*index))).count();
            prop_assert_eq!(counts(&shown).iter().sum::<u32>() as usize, total);
            for (index, place) in places.iter().enumerate() {
                let (px, py) = here.screen_from_fixed(*place).unwrap();
                let is_inside = px >= 0.0 && py >= 0.0 && px <= SIZE.0 && py <= SIZE.1;
                prop_assert!(!is_inside || is_shown(crowd.home(index)));
            }
        }
    }

    #[test]
    fn moving_the_map_changes_nothing(
        (x, y, zoom, places) in scenes(), steps in proptest::collection::vec((-0.6..0.6f64, -0.6..0.6f64), 1..6),
    ) {
        for density in TOGETHER {
            let mut crowd = Crowd::new(density, places.iter().copied());
            let (here, world) = (over(x, y, zoom), 512.0 * f64::exp2(zoom));
            let before = crowd.choose(&here);
            for (east, south) in &steps {
                let there = over(x + east * SIZE.0 / world, (y + south * SIZE.1 / world).clamp(0.0, 1.0), zoom);
                for shown in crowd.choose(&there) {
                    let known = before.iter().find(|known| known.0 == shown.0);
                    prop_assert!(known.is_none_or(|known| *known == shown), "{:?} {:?}", known, shown);
                }
            }
            prop_assert_eq!(crowd.choose(&here), before);
        }
    }

    #[test]
    fn a_cluster_keeps_its_name_and_its_place_while_its_members_move_within_it(
        (x, y, zoom, places) in scenes(), steps in proptest::collection::vec((-0.5..0.5f64, -0.5..0.5f64), 1..8),
    ) {
        let here = over(x, y, zoom);
        let mut crowd = Crowd::new(Density::Clusters, places.iter().copied());
        let before = crowd.choose(&here);
        let grid = crowd.bins.grid().unwrap();
        for (n, step) in steps.iter().enumerate() {
            // Each somewhere within its cell, all of them at another place.
            for index in 0..crowd.items.len() {
                let turned = if (index + n).is_multiple_of(2) { *step } else { (step.1, -step.0) };
                crowd.items[index].0 = grid.place(crowd.home(index), turned);
            }
            prop_assert_eq!(&crowd.choose(&here), &before);
        }
    }

    #[test]
    fn clusters_are_the_same_on_the_other_side_of_the_world((x, y, zoom, places) in scenes()) {
        let here = over(x, y, zoom);
        let mut there = here;
        there.origin.x = here.origin.x.wrapping_add(i32::MIN);
        let mut crowd = Crowd::new(Density::Clusters, places.iter().copied());
        let mut other = Crowd::new(Density::Clusters, places.iter().map(|place| Fixed { x: place.x.wrapping_add(i32::MIN), ..*place }));
        let mut shown: Vec<_> = crowd.choose(&here).into_iter().map(|(_, count, _, at)| (at.y, at.x.wrapping_add(i32::MIN), count)).collect();
        let mut mirrored: Vec<_> = other.choose(&there).into_iter().map(|(_, count, _, at)| (at.y, at.x, count)).collect();
        shown.sort_unstable();
        mirrored.sort_unstable();
        prop_assert_eq!(shown.len(), mirrored.len());
        for (a, b) in shown.iter().zip(&mirrored) {
            prop_assert!(a.2 == b.2 && a.1.wrapping_sub(b.1).abs() <= 8 && (a.0 - b.0).abs() <= 8, "{:?} {:?}", a, b);
        }
    }

    #[test]
    fn no_cluster_lies_over_another((x, y, level, places) in (0.0..1.0f64, 0.2..0.8f64, 1.0..16.0f64).prop_flat_map(
        |(x, y, level)| (Just(x), Just(y), Just(level.floor()), around(x, y, level.floor(), 300)))
    ) {
        let here = over(x, y, level);
        let mut crowd = Crowd::new(Density::Clusters, places);
        let shown: Vec<_> = crowd.choose(&here).into_iter().filter(|(_, count, ..)| *count > 1).collect();
        for (n, a) in shown.iter().enumerate() {
            for b in shown.iter().skip(n + 1) {
                let (east, south) = a.3.offset_from(b.3);
                let pixels = east.hypot(south) / here.worlds_per_pixel();
                prop_assert!(pixels >= radius(a.1) + radius(b.1), "{} apart", pixels);
            }
        }
    }
}
