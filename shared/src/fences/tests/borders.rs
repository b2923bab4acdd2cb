//! What is inside of a shape, which fences are looked at, and which shapes are refused.

use super::*;
use proptest::prelude::*;

fn polygon(rings: &Value) -> Value {
    json!({"shape": {"type": "Polygon", "coordinates": rings}})
}

fn square(west: f64, south: f64, east: f64, north: f64) -> Value {
    json!([[west, south], [east, south], [east, north], [west, north], [west, south]])
}

fn shape(json: &Value) -> Shape {
    fence(json).compile().unwrap()
}

#[test]
fn a_hole_is_outside_and_its_edge_is_not() {
    let shape = shape(&polygon(&json!([square(0.0, 0.0, 4.0, 4.0), square(1.0, 1.0, 2.0, 2.0)])));
    assert!(shape.contains(&at(0.5, 0.5)) && shape.contains(&at(1.0, 1.5)) && shape.contains(&at(4.0, 4.0)));
    assert!(!shape.contains(&at(1.5, 1.5)) && !shape.contains(&at(4.1, 1.0)));
    let depth = shape.depth(&at(1.5, 1.5));
    assert!((depth - 55_576.0).abs() < 100.0, "{depth} m to the hole's edge");
    assert!(shape.depth(&at(0.9, 1.5)) < 0.0);
}

#[test]
fn a_ring_may_be_left_open_and_an_altitude_is_passed_over() {
    let open = polygon(&json!([[[0, 0, 12.5], [1, 0, 12.5], [1, 1, 12.5], [0, 1, 12.5]]]));
    assert_eq!(shape(&open), shape(&polygon(&json!([square(0.0, 0.0, 1.0, 1.0)]))));
}

#[test]
fn shapes_go_on_beyond_the_antimeridian() {
    let across = shape(&polygon(&json!([square(179.0, -1.0, -179.0, 1.0)])));
    let split = json!({"shape": {"type": "MultiPolygon", "coordinates": [
        [square(179.0, -1.0, 180.0, 1.0)], [square(-180.0, -1.0, -179.0, 1.0)]]}});
    let split = shape(&split);
    let line = json!({"shape": {"type": "LineString", "coordinates": [[179.5, 0], [-179.5, 0]]}, "width_m": 20_000});
    let line = shape(&line);
    let round = shape(&circle(179.95, 0.0, 20_000.0));
    for lon in [179.9, 180.0, -180.0, -179.95] {
        for (name, shape) in [("across", &across), ("split", &split), ("line", &line), ("round", &round)] {
            assert!(shape.contains(&at(lon, 0.0)), "{name} at {lon}");
            assert!(shape.depth(&at(lon, 0.0)) <= 0.0, "{name} at {lon}");
        }
    }
    for shape in [&across, &split, &line, &round] {
        assert!(
            !shape.contains(&at(0.0, 0.0)) && !shape.contains(&at(178.0, 0.0)) && !shape.contains(&at(-178.0, 0.0))
        );
    }
    // The seam is no border: the nearest side is the one a degree to the north.
    let (a, b) = (across.depth(&at(180.0, 0.5)), split.depth(&at(180.0, 0.5)));
    assert!((a - b).abs() < 1.0 && (a + 55_597.5).abs() < 100.0, "{a} {b}");
}

#[test]
fn a_ride_across_the_antimeridian_is_one_stay() {
    let mut board = Board::with(&[("strait", polygon(&json!([square(179.0, -1.0, -179.0, 1.0)])))]);
    board.ride("ship", &[(0, 178.5, 0.0), (10, 179.5, 0.0), (20, 180.0, 0.0), (25, -180.0, 0.0), (30, -179.5, 0.0)]);
    assert_eq!(board.told(), ["enter strait ship 10"]);
    board.ride("ship", &[(40, -178.5, 0.0)]);
    assert_eq!(board.told(), ["enter strait ship 10", "exit strait ship 40"]);
}

#[test]
fn a_corridor_has_half_its_width_to_either_side() {
    let line = json!([[0, 0], [0, 1], [1, 1]]);
    let shape = shape(&json!({"shape": {"type": "LineString", "coordinates": line}, "width_m": 2_000}));
    assert!(shape.contains(&at(0.008, 0.5)) && shape.contains(&at(0.5, 0.992)) && shape.contains(&at(-0.008, 0.5)));
    assert!(!shape.contains(&at(0.01, 0.5)) && !shape.contains(&at(0.5, 0.98)));
    let depth = shape.depth(&at(0.5, 0.5));
    assert!((depth - 54_590.0).abs() < 50.0, "{depth}");
}

#[test]
fn what_is_wrong_is_named_with_how_to_mend_it() {
    let many = json!(vec![[0.0, 0.0]; limits::FENCE_CORNERS + 1]);
    let cases = [
        (json!({}), "shape", "missing field"),
        (json!({"shape": {"type": "Circle", "coordinates": [0, 0]}}), "shape.type", "Point"),
        (json!({"shape": {"type": "Point", "coordinates": [0, 0]}}), "radius_m", "required with a Point"),
        (with(circle(0.0, 0.0, 10.0), "width_m", 5), "width_m", "LineString"),
        (circle(0.0, 0.0, 0.5), "radius_m", "1 to 1,000,000"),
        (circle(-97.7, 130.0, 5.0), "shape.coordinates", "lat is -90 to 90"),
        (circle(30.26, -97.74, 5.0), "shape.coordinates", "longitude first"),
        (
            json!({"shape": {"type": "Point", "coordinates": "here"}, "radius_m": 5}),
            "shape.coordinates",
            "[longitude, latitude]",
        ),
        (polygon(&json!([[[0, 0], [1, 1], [0, 0]]])), "shape.coordinates[0]", "at least 3"),
        (polygon(&json!([[[0, 0], [1, 1], [2, "x"]]])), "shape.coordinates[0][2]", "two numbers"),
        (polygon(&json!([[0, 0], [1, 1], [2, 0]])), "shape.coordinates[0][0]", "two numbers"),
        (polygon(&json!([])), "shape.coordinates", "list"),
        (polygon(&json!([[[-100, 0], [0, 0], [100, 0], [0, 10]]])), "shape.coordinates", "MultiPolygon"),
        (
            json!({"shape": {"type": "LineString", "coordinates": [[0, 0]]}, "width_m": 5}),
            "shape.coordinates",
            "2 places",
        ),
        (
            json!({"shape": {"type": "LineString", "coordinates": many}, "width_m": 5}),
            "shape.coordinates",
            "more than 2000",
        ),
        (with(circle(0.0, 0.0, 10.0), "dwell_s", 0), "dwell_s", "1 second"),
        (with(circle(0.0, 0.0, 10.0), "exit_band_m", -1), "exit_band_m", "0 to"),
        (with(circle(0.0, 0.0, 10.0), "confirmations", 0), "confirmations", "1 to 100"),
        (with(circle(0.0, 0.0, 10.0), "radius", 5), "radius", "unknown field"),
    ];
    for (json, field, part) in cases {
        let errors = Fence::parse(json.to_string().as_bytes()).unwrap_err();
        assert!(errors.iter().any(|e| e.field == field && e.message.contains(part)), "{json}: {errors:?}");
    }
    assert!(Fence::parse(b"[]").unwrap_err()[0].message.contains("JSON object"));
}

#[test]
fn ids_are_plain_and_events_is_none() {
    for good in ["a", "Depot_7.north-east", &"x".repeat(64)] {
        assert!(FenceId::parse(good).is_ok(), "{good}");
    }
    for bad in ["", "events", "a b", "ü", "a/b", ".", "..", &"x".repeat(65)] {
        assert_eq!(FenceId::parse(bad).unwrap_err().field, "id", "{bad}");
    }
}

#[test]
fn a_board_has_so_many_fences_and_places_and_no_more() {
    let mut board = Board::with(&[]);
    (0..limits::FENCES_PER_BOARD).for_each(|i| board.put(&format!("f{i}"), &circle(0.0, 0.0, 10.0)));
    let more = |board: &mut Board, name: &str, json: &Value| {
        board.fences.put(&id(name), &fence(json), (0, Millis(T0)), std::iter::empty())
    };
    assert_eq!(more(&mut board, "more", &circle(0.0, 0.0, 10.0)).unwrap_err().status, 422);
    assert_eq!(more(&mut board, "f1", &circle(0.0, 0.0, 20.0)), Ok(Some(false)));
    assert_eq!(more(&mut board, "f1", &circle(0.0, 0.0, 20.0)), Ok(None));
    let line: Vec<_> = (0..limits::FENCE_CORNERS).map(|i| json!([i as f64 / 1e4, 0.0])).collect();
    let line = json!({"shape": {"type": "LineString", "coordinates": line}, "width_m": 5});
    let full = (0..).find_map(|i| more(&mut board, &format!("f{i}"), &line).err()).unwrap();
    assert_eq!(full.errors[0].field, "shape.coordinates");
    assert_eq!(board.fences.len(), limits::FENCES_PER_BOARD);
}

#[test]
fn an_item_is_in_so_many_fences_at_a_time() {
    let mut board = Board::with(&[]);
    (0..limits::FENCES_PER_ITEM + 5).for_each(|i| board.put(&format!("f{i}"), &circle(0.0, 0.0, 10.0)));
    board.ride("v1", &[(0, 0.0, 0.0), (1, 0.0, 0.0)]);
    assert_eq!(board.told().len(), limits::FENCES_PER_ITEM);
    board.ride("v1", &[(2, 1.0, 0.0)]);
    assert_eq!(board.told().len(), 2 * limits::FENCES_PER_ITEM);
}

fn any_shape() -> impl Strategy<Value = Value> {
    let lon = || prop_oneof![-180.0..=180.0_f64, 179.9..=180.0_f64, -180.0..=-179.9_f64];
    let lat = || prop_oneof![-90.0..=90.0_f64, 89.9..=90.0_f64, -90.0..=-89.9_f64, -1.0..1.0_f64];
    prop_oneof![
        (lon(), lat(), 1.0..900_000.0_f64).prop_map(|(lon, lat, r)| circle(lon, lat, r)),
        (lon(), lat(), lon(), -1.0..1.0_f64, 1.0..50_000.0_f64).prop_map(|(x, y, dx, dy, w)| {
            let end = [(x + dx / 3.0 + 540.0).rem_euclid(360.0) - 180.0, (y + dy).clamp(-90.0, 90.0)];
            json!({"shape": {"type": "LineString", "coordinates": [[x, y], end]}, "width_m": w})
        }),
        (lon(), -89.0..80.0_f64, 0.001..90.0_f64, 0.001..9.0_f64).prop_map(|(x, y, w, h)| {
            let east = (x + w + 540.0).rem_euclid(360.0) - 180.0;
            polygon(&json!([square(x, y, east, y + h)]))
        }),
    ]
}

proptest! {
    #[test]
    fn every_fence_that_has_a_place_is_found_there(
        shapes in prop::collection::vec(any_shape(), 1..12),
        places in prop::collection::vec((prop_oneof![-180.0..=180.0_f64, Just(180.0), Just(-180.0)], -90.0..=90.0_f64), 1..20),
        near in prop::collection::vec((0_usize..12, -1.0..1.0_f64, -1.0..1.0_f64), 20),
    ) {
        let shapes: Vec<Shape> = shapes.iter().map(shape).collect();
        let mut grid = Grid::default();
        shapes.iter().enumerate().for_each(|(i, shape)| grid.insert(i as u32, &shape.bounds()));
        // Places near shapes too: those of their bounds, and a little beyond.
        let near = near.iter().filter_map(|(i, x, y)| {
            let b = *shapes.get(*i)?.bounds().first()?;
            let part = |low: i64, high: i64, t: f64| (i64::midpoint(low, high) as f64 + (high - low) as f64 * t * 0.6) / 1e6;
            let lon = (part(b.low.0, b.high.0, *x) + 540.0).rem_euclid(360.0) - 180.0;
            Some((lon, part(b.low.1, b.high.1, *y).clamp(-90.0, 90.0)))
        });
        let mut found = Vec::new();
        for (lon, lat) in places.iter().copied().chain(near) {
            let place = at(lon, lat);
            grid.find(&place, &mut found);
            for (i, shape) in shapes.iter().enumerate().filter(|(_, shape)| shape.contains(&place)) {
                prop_assert!(found.contains(&(i as u32)), "{:?} at {} {}", shape, lon, lat);
            }
        }
        shapes.iter().enumerate().for_each(|(i, shape)| grid.remove(i as u32, &shape.bounds()));
        grid.find(&at(places[0].0, places[0].1), &mut found);
        prop_assert!(found.is_empty());
    }

    #[test]
    fn a_border_is_as_far_as_the_nearest_of_many_points_on_it(
        (x, y, w, h) in (-179.0..179.0_f64, -60.0..60.0_f64, 0.001..0.5_f64, 0.001..0.5_f64),
        (dx, dy) in (-0.5..1.5_f64, -0.5..1.5_f64),
    ) {
        let east = (x + w + 540.0).rem_euclid(360.0) - 180.0;
        let shape = shape(&polygon(&json!([square(x, y, east, y + h)])));
        let place = at((x + w * dx + 540.0).rem_euclid(360.0) - 180.0, y + h * dy);
        let corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)];
        let points = corners.windows(2).flat_map(|s| (0..=500).map(|i| {
            let t = f64::from(i) / 500.0;
            (s[0].0 + (s[1].0 - s[0].0) * t, s[0].1 + (s[1].1 - s[0].1) * t)
        }));
        let nearest = points.map(|(lon, lat)| {
            let point = at((lon + 540.0).rem_euclid(360.0) - 180.0, lat);
            crate::zones::shape::distance(&point, &place)
        }).fold(f64::INFINITY, f64::min);
        let depth = shape.depth(&place);
        // Points are up to 56 m apart, and the plane is not the sphere.
        prop_assert!((depth.abs() - nearest).abs() < 60.0 + nearest * 0.02, "{} {}", depth, nearest);
        prop_assert_eq!(depth < 0.0, shape.contains(&place));
    }
}
