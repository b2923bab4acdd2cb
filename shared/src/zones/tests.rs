//! What is in a zone, compared with slower and plainer ways to tell.

use super::*;
use proptest::prelude::*;

fn at(lon: f64, lat: f64) -> Position {
    point([lon, lat]).unwrap()
}

fn moving(lon: f64, lat: f64) -> Position {
    let extra = Measured { lat, lon, heading: Some(1.0), speed: Some(2.0), altitude: Some(3.0), accuracy: Some(4.0) };
    extra.check().unwrap()
}

pub(crate) fn circle(center: [f64; 2], metres: f64, show: ZoneShows) -> Zone {
    Zone { center: Some(center), radius_m: Some(metres), show, ..Zone::default() }
}

pub(crate) fn polygon(corners: &[[f64; 2]]) -> Zone {
    Zone { polygon: Some(corners.to_vec()), ..Zone::default() }
}

fn hides(zone: &Zone, lon: f64, lat: f64) -> bool {
    zone.compile().unwrap();
    Zones::of(std::slice::from_ref(zone)).shown(Some(at(lon, lat))).is_none()
}

/// A place as a point on a sphere of radius 1.
fn on_sphere([lon, lat]: [f64; 2]) -> [f64; 3] {
    let (lon, lat) = (lon.to_radians(), lat.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

proptest! {
    #[test]
    fn a_circle_has_the_places_within_its_radius_everywhere_on_earth(
        lon in prop_oneof![-180.0..180.0_f64, 179.0..180.0, -180.0..-179.0],
        lat in prop_oneof![-90.0..90.0_f64, 88.0..90.0, -90.0..-88.0],
        metres in 1.0..100_000.0_f64,
        (bearing, part) in (0.0..std::f64::consts::TAU, 0.0..2.0_f64),
    ) {
        // A place so far from the centre, in some direction.
        let angle = metres * part / 6_371_008.8;
        let north = lat.to_radians();
        let there = (north.sin() * angle.cos() + north.cos() * angle.sin() * bearing.cos()).asin();
        let east = (bearing.sin() * angle.sin() * north.cos()).atan2(angle.cos() - north.sin() * there.sin());
        let place = [(lon + east.to_degrees() + 540.0).rem_euclid(360.0) - 180.0, there.to_degrees()];
        let (a, b) = (on_sphere([lon, lat]), on_sphere(place));
        let chord = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
        let away = 2.0 * (chord / 2.0).asin() * 6_371_008.8;
        // Places are kept to 11 cm.
        prop_assume!((away - metres).abs() > 0.5);
        let zone = circle([lon, lat], metres, ZoneShows::Nothing);
        prop_assert_eq!(hides(&zone, place[0], place[1]), away < metres, "{} m of {}", away, metres);
    }

    #[test]
    fn a_box_as_a_polygon_has_the_places_of_the_box_also_beyond_the_antimeridian(
        west in -180_i32..180, south in -90_i32..80, width in 1_i32..170, height in 1_i32..80,
        lon in -180_i32..=180, lat in -90_i32..=90, first in 0_usize..4, backwards in any::<bool>(),
    ) {
        let north = (south + height).min(90);
        let east = if west + width > 180 { west + width - 360 } else { west + width };
        let [w, s, e, n] = [west, south, east, north].map(f64::from);
        let mut corners = [[w, s], [e, s], [e, n], [w, n]];
        corners.rotate_left(first);
        if backwards {
            corners.reverse();
        }
        let bbox = crate::position::Bbox::new([w, s, e, n]).unwrap();
        let (lon, lat) = (f64::from(lon), f64::from(lat));
        prop_assert_eq!(hides(&polygon(&corners), lon, lat), bbox.contains(&at(lon, lat)));
    }

    #[test]
    fn where_the_world_is_cut_makes_no_difference(
        corners in prop::collection::vec((-60_i32..60, -60_i32..60), 3..9),
        (lon, lat) in (-70_i32..70, -70_i32..70),
        turn in -180_i32..180,
    ) {
        let turned = |by: i32| {
            let lon = move |lon: i32| f64::from((lon + by + 540).rem_euclid(360) - 180);
            let corners: Vec<[f64; 2]> = corners.iter().map(|(x, y)| [lon(*x), f64::from(*y)]).collect();
            (polygon(&corners), lon)
        };
        let ((here, as_is), (there, moved)) = (turned(0), turned(turn));
        let lat = f64::from(lat);
        prop_assert_eq!(hides(&here, as_is(lon), lat), hides(&there, moved(lon), lat));
    }
}

#[test]
fn a_polygon_may_have_a_dent_and_be_closed_as_geojson_has_it() {
    let dented = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [2.0, 1.0], [0.0, 4.0], [0.0, 0.0]];
    for (lon, lat, inside) in [
        (2.0, 0.5, true),
        (2.0, 1.0, true),
        (2.0, 1.1, false),
        (0.5, 2.0, true),
        (3.5, 2.0, true),
        (2.0, 3.0, false),
        (4.0, 4.0, true),
        (4.000_001, 4.0, false),
    ] {
        assert_eq!(hides(&polygon(&dented), lon, lat), inside, "{lon} {lat}");
        let open = dented.split_last().unwrap().1;
        assert_eq!(hides(&polygon(open), lon, lat), inside, "{lon} {lat}");
    }
}

#[test]
fn a_position_in_a_zone_is_not_shown_or_is_the_centre_and_says_no_more() {
    let [depot, home] = [[10.0, 50.0], [10.001, 50.0]];
    let snapped = circle(depot, 500.0, ZoneShows::Center);
    let hidden = circle(home, 10.0, ZoneShows::Nothing);
    let second = circle([10.002, 50.0], 500.0, ZoneShows::Center);
    let zones = Zones::of(&[snapped, hidden, second]);
    assert_eq!(zones.shown(Some(moving(11.0, 50.0))), Some(moving(11.0, 50.0)));
    assert_eq!(zones.shown(Some(moving(10.000_5, 50.0))), Some(at(10.0, 50.0)), "the first counts");
    assert_eq!(zones.shown(Some(moving(10.001, 50.0))), None, "where one shows nothing, nothing is shown");
    assert_eq!(zones.shown(None), None);
    assert!(Zones::default().is_empty() && !zones.is_empty());
}

#[test]
fn each_mistake_is_named_and_a_zone_that_cannot_be_read_hides_every_place() {
    let wrong = [
        ("{}", "radius_m", "missing"),
        (r#"{"radius_m":5}"#, "center", "missing"),
        (r#"{"center":[200,0],"radius_m":5}"#, "center", "out_of_range"),
        (r#"{"center":[0,0],"radius_m":0.5}"#, "radius_m", "out_of_range"),
        (r#"{"center":[0,0],"radius_m":100001}"#, "radius_m", "out_of_range"),
        (r#"{"center":[0,0],"radius_m":5,"polygon":[[0,0],[1,0],[1,1]]}"#, "radius_m", "invalid"),
        (r#"{"polygon":[[0,0],[1,0]]}"#, "polygon", "invalid"),
        (r#"{"polygon":[[0,0],[1,0],[1,91]]}"#, "polygon", "out_of_range"),
        (r#"{"polygon":[[0,80],[120,80],[-120,80]]}"#, "polygon", "invalid"),
        (r#"{"polygon":[[0,0],[1,0],[1,1]],"show":"center"}"#, "center", "missing"),
        (r#"{"polygon":[[0,0],[1,0],[1,1]],"show":"center","center":[3,3]}"#, "center", "invalid"),
    ];
    for (text, part, code) in wrong {
        let zone: Zone = serde_json::from_str(text).unwrap();
        let errors = errors(&[circle([0.0, 0.0], 5.0, ZoneShows::Nothing), zone.clone()]);
        let [error] = errors.as_slice() else { panic!("{text}: {errors:?}") };
        assert_eq!((error.field.as_str(), error.code.name()), (&*format!("privacy_zones[1].{part}"), code), "{text}");
        assert_eq!(Zones::of(&[zone]).shown(Some(at(77.0, 7.0))), None, "{text}");
    }
    assert!(errors(&vec![circle([0.0, 0.0], 5.0, ZoneShows::Nothing); limits::ZONES_PER_BOARD]).is_empty());
    let many = errors(&vec![Zone::default(); limits::ZONES_PER_BOARD + 1]);
    assert_eq!(many.len(), 1);
    assert!(serde_json::from_str::<Zone>(r#"{"radius":5}"#).is_err(), "a part that is not known is refused");
}
