//! What lies under the fleet, as layers of its map: the streets that it drives, where it stops, and zones.

use serde_json::{Value, json};

use super::network::{DOWNTOWN_RADIUS, HaltKind, Point, Route};
use crate::event::rounded;

/// Decimals of degrees: about a metre.
const DECIMALS: i32 = 5;
/// Metres around a terminal where vehicles wait.
const TERMINAL_RADIUS: f64 = 90.0;
/// Corners of what is drawn for a circle.
const CORNERS: u32 = 48;

/// The layers of these routes: each an id, as in `boards/fleet.json`, and its GeoJSON.
pub fn layers(routes: &[Route]) -> [(&'static str, Value); 3] {
    [("routes", lines(routes)), ("stops", stops(routes)), ("zones", zones(routes))]
}

fn place(point: Point) -> Value {
    let (lat, lon) = point.lat_lon();
    json!([rounded(lon, DECIMALS), rounded(lat, DECIMALS)])
}

fn collection(features: impl Iterator<Item = (String, Value)>) -> Value {
    let feature = |(name, geometry): (String, Value)| json!({"type": "Feature", "properties": {"name": name}, "geometry": geometry});
    json!({"type": "FeatureCollection", "features": features.map(feature).collect::<Vec<_>>()})
}

fn lines(routes: &[Route]) -> Value {
    collection(routes.iter().map(|route| {
        let places: Vec<Value> = route.loop_points().map(place).collect();
        (format!("Route {}", route.name), json!({"type": "LineString", "coordinates": places}))
    }))
}

fn halts(route: &Route, kind: HaltKind) -> impl Iterator<Item = Point> {
    route.halts.iter().filter(move |halt| halt.kind == kind).map(|halt| route.at(halt.at).0)
}

fn stops(routes: &[Route]) -> Value {
    collection(routes.iter().flat_map(|route| {
        halts(route, HaltKind::Stop).enumerate().map(|(n, point)| {
            (format!("{} stop {}", route.name, n + 1), json!({"type": "Point", "coordinates": place(point)}))
        })
    }))
}

fn zones(routes: &[Route]) -> Value {
    let downtown = ("Downtown".to_owned(), circle(Point { east: 0.0, north: 0.0 }, DOWNTOWN_RADIUS));
    let terminals = routes.iter().flat_map(|route| {
        halts(route, HaltKind::Terminal)
            .map(|point| (format!("Terminal of {}", route.name), circle(point, TERMINAL_RADIUS)))
    });
    collection([downtown].into_iter().chain(terminals))
}

fn circle(center: Point, metres: f64) -> Value {
    let corner = |n: u32| {
        let angle = f64::from(n % CORNERS) / f64::from(CORNERS) * std::f64::consts::TAU;
        place(Point { east: center.east + metres * angle.cos(), north: center.north + metres * angle.sin() })
    };
    json!({"type": "Polygon", "coordinates": [(0..=CORNERS).map(corner).collect::<Vec<_>>()]})
}

#[cfg(test)]
mod tests {
    use super::super::network::routes;
    use super::*;
    use heliograph_shared::config::BoardConfig;
    use heliograph_shared::layers::geojson;
    use heliograph_shared::limits;

    #[test]
    fn a_board_takes_them_and_the_demo_s_config_shows_them() {
        let config = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../boards/fleet.json"));
        let config = BoardConfig::parse(config.as_bytes()).unwrap();
        let routes = routes();
        for (id, layer) in layers(&routes) {
            assert!(config.map.layers.iter().any(|shown| shown.id.as_str() == id), "{id}");
            let text = layer.to_string();
            assert!(text.len() < limits::LAYER_BYTES / 4, "{id} has {} bytes", text.len());
            let contents = geojson::check(text.as_bytes()).unwrap();
            assert!(contents.features as usize >= routes.len(), "{id}");
            let [west, south, east, north] = contents.bbox.unwrap();
            assert!(west > -97.9 && east < -97.6 && south > 30.1 && north < 30.4, "{id}");
        }
        assert_eq!(config.map.layers.len(), 3);
    }

    #[test]
    fn a_route_ends_where_it_begins() {
        let [(_, lines), ..] = layers(&routes());
        for feature in lines["features"].as_array().unwrap() {
            let places = feature["geometry"]["coordinates"].as_array().unwrap();
            assert_eq!(places.first(), places.last());
        }
    }
}
