//! A board's fences as the map draws them: areas, corridors as lines of their width, and names. Pure.
//!
//! The server tells them as GeoJSON (`…/fences?format=geojson`): circles as points with `radius_m`, corridors as lines with
//! `width_m`, and shapes across ±180° with their corners as they are. A map wants rings, pixels, and longitudes that go on.

use serde_json::{Value, json};

use super::antimeridian::{Place, line, place, rings};
use super::scene::mercator::Fixed;

/// Metres around the Earth at the equator (WGS 84), as Web Mercator has them.
const AROUND_M: f64 = 40_075_016.686;
/// Metres of the sphere that circles are measured on.
const RADIUS_M: f64 = 6_371_008.8;
/// Corners of what is drawn for a circle.
const CORNERS: u32 = 72;

/// A fence's name and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Area {
    /// For people.
    pub name: String,
    /// The middle.
    pub at: Fixed,
}

/// All fences of a board.
#[derive(Clone, Debug, PartialEq)]
pub struct Areas {
    /// As GeoJSON that MapLibre draws; corridors have `w0`, their width in pixels at zoom 0.
    pub shapes: Value,
    /// Their names.
    pub names: Vec<Area>,
}

impl Areas {
    /// From the server's answer; what can't be read is left out.
    pub fn of(answer: &Value) -> Self {
        let features = answer["features"].as_array().map(Vec::as_slice).unwrap_or_default();
        let (mut shapes, mut names) = (Vec::new(), Vec::new());
        for feature in features {
            let Some((geometry, properties, middle)) = drawn(feature) else { continue };
            let name = feature["properties"]["name"].as_str().or(feature["id"].as_str()).unwrap_or_default();
            names.push(Area { name: name.to_owned(), at: Fixed::from_degrees(middle[1], middle[0]) });
            shapes.push(json!({"type": "Feature", "geometry": geometry, "properties": properties}));
        }
        Self { shapes: json!({"type": "FeatureCollection", "features": shapes}), names }
    }
}

/// The middle of the box around places.
fn middle(places: &[Place]) -> Place {
    let span = |part: usize| {
        let values = places.iter().map(move |place| place[part]);
        let (least, most) =
            values.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
        f64::midpoint(least, most)
    };
    [span(0), span(1)]
}

/// A circle on the sphere as a ring.
fn circle([lon, lat]: Place, metres: f64) -> Vec<Place> {
    let (phi, angle) = (lat.to_radians(), metres / RADIUS_M);
    let corner = |n: u32| {
        let bearing = f64::from(n % CORNERS) / f64::from(CORNERS) * std::f64::consts::TAU;
        let there = (phi.sin() * angle.cos() + phi.cos() * angle.sin() * bearing.cos()).asin();
        let east = (bearing.sin() * angle.sin() * phi.cos()).atan2(angle.cos() - phi.sin() * there.sin());
        [lon + east.to_degrees(), there.to_degrees()]
    };
    (0..=CORNERS).map(corner).collect()
}

/// What is drawn of a fence: its geometry, what the style needs to know, and where its name stands.
fn drawn(feature: &Value) -> Option<(Value, Value, Place)> {
    let (geometry, properties) = (&feature["geometry"], &feature["properties"]);
    let coordinates = &geometry["coordinates"];
    match geometry["type"].as_str()? {
        "Point" => {
            let center = place(coordinates)?;
            let ring = circle(center, properties["radius_m"].as_f64()?);
            Some((json!({"type": "Polygon", "coordinates": [ring]}), json!({}), center))
        }
        "LineString" => {
            let line = line(coordinates)?;
            let at = *line.get(line.len() / 2)?;
            let pixels = properties["width_m"].as_f64()? * 512.0 / (AROUND_M * at[1].to_radians().cos().max(0.01));
            Some((json!({"type": "LineString", "coordinates": line}), json!({"w0": pixels}), at))
        }
        "Polygon" => {
            let rings = rings(coordinates)?;
            let at = middle(rings.first()?);
            Some((json!({"type": "Polygon", "coordinates": rings}), json!({}), at))
        }
        "MultiPolygon" => {
            let polygons: Vec<_> = coordinates.as_array()?.iter().map(rings).collect::<Option<_>>()?;
            let at = middle(polygons.first()?.first()?);
            Some((json!({"type": "MultiPolygon", "coordinates": polygons}), json!({}), at))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::map::scene::mercator::metres_between;

    fn one(geometry: &Value, properties: &Value) -> Areas {
        Areas::of(
            &json!({"features": [{"type": "Feature", "id": "a", "geometry": geometry, "properties": properties}]}),
        )
    }

    #[test]
    fn a_circle_is_a_ring_around_its_middle() {
        let areas =
            one(&json!({"type": "Point", "coordinates": [-97.74, 30.26]}), &json!({"radius_m": 150, "name": "Depot"}));
        assert_eq!(areas.names[0].name, "Depot");
        let ring = line(&areas.shapes["features"][0]["geometry"]["coordinates"][0]).unwrap();
        assert_eq!(ring.first(), ring.last());
        for [lon, lat] in ring {
            let metres = metres_between((30.26, -97.74), (lat, lon));
            assert!((metres - 150.0).abs() < 1.0, "{metres}");
        }
    }

    #[test]
    fn a_circle_at_the_pole_and_one_across_180_degrees_are_drawn() {
        for center in [[10.0, 89.99], [179.999, 0.0]] {
            let areas = one(&json!({"type": "Point", "coordinates": center}), &json!({"radius_m": 5_000}));
            let ring = line(&areas.shapes["features"][0]["geometry"]["coordinates"][0]).unwrap();
            assert!(ring.iter().flatten().all(|part| part.is_finite()));
        }
    }

    #[test]
    fn what_lies_across_180_degrees_goes_on_and_its_hole_lies_in_it() {
        let areas = one(
            &json!({"type": "Polygon", "coordinates": [
                [[179.5, 0], [-179.5, 0], [-179.5, 1], [179.5, 1], [179.5, 0]],
                [[-179.9, 0.4], [-179.8, 0.4], [-179.8, 0.6], [-179.9, 0.4]],
            ]}),
            &json!({}),
        );
        let rings = &areas.shapes["features"][0]["geometry"]["coordinates"];
        assert_eq!(rings[0][1][0], 180.5);
        assert_eq!(rings[1][0][0], 180.1);
        assert_eq!(areas.names[0].at, Fixed::from_degrees(0.5, 180.0));
        assert_eq!(areas.names[0].name, "a", "a fence without a name is called by its id");
    }

    #[test]
    fn a_corridor_is_as_wide_as_it_is() {
        let areas = one(&json!({"type": "LineString", "coordinates": [[10, 60], [11, 60]]}), &json!({"width_m": 200}));
        let w0 = areas.shapes["features"][0]["properties"]["w0"].as_f64().unwrap();
        // A pixel of zoom 14 at 60° north is 2.389 m (256-pixel tiles: 4.777).
        let metres = AROUND_M * 60.0_f64.to_radians().cos() / 512.0 / 14.0_f64.exp2();
        assert!((w0 * 14.0_f64.exp2() - 200.0 / metres).abs() < 1e-6);
    }

    #[test]
    fn what_can_not_be_read_is_left_out() {
        for geometry in [json!(null), json!({"type": "Point"}), json!({"type": "Star", "coordinates": []})] {
            assert_eq!(one(&geometry, &json!({"radius_m": 1})).names, []);
        }
        assert_eq!(Areas::of(&json!("no")).names, []);
    }
}
