//! A layer's GeoJSON as the map draws it: one feature a geometry, longitudes that go on over ±180°, rings that are closed, and
//! of the properties the name alone. Pure.

use serde_json::{Map, Value, json};

use crate::board::map::antimeridian::{Place, line, place, rings};

/// From what a board keeps; what can't be drawn is left out.
pub fn drawn(geojson: &Value) -> Value {
    let mut features = Vec::new();
    match geojson["type"].as_str() {
        Some("FeatureCollection") => {
            geojson["features"].as_array().into_iter().flatten().for_each(|each| feature(each, &mut features));
        }
        Some("Feature") => feature(geojson, &mut features),
        _ => geometry(geojson, &Value::Object(Map::new()), &mut features),
    }
    json!({"type": "FeatureCollection", "features": features})
}

fn feature(feature: &Value, features: &mut Vec<Value>) {
    let name = feature["properties"]["name"].as_str();
    let properties = name.map_or_else(|| json!({}), |name| json!({"name": name}));
    geometry(&feature["geometry"], &properties, features);
}

fn geometry(geometry_: &Value, properties: &Value, features: &mut Vec<Value>) {
    let (kind, coordinates) = (geometry_["type"].as_str().unwrap_or_default(), &geometry_["coordinates"]);
    if kind == "GeometryCollection" {
        let parts = geometry_["geometries"].as_array();
        return parts.into_iter().flatten().for_each(|part| geometry(part, properties, features));
    }
    let drawn = match kind {
        "Point" => place(coordinates).map(|place| json!(place)),
        "MultiPoint" => each(coordinates, place),
        "LineString" => line(coordinates).map(|line| json!(line)),
        "MultiLineString" => each(coordinates, line),
        "Polygon" => polygon(coordinates).map(|rings| json!(rings)),
        "MultiPolygon" => each(coordinates, polygon),
        _ => None,
    };
    if let Some(drawn) = drawn {
        let geometry = json!({"type": kind, "coordinates": drawn});
        features.push(json!({"type": "Feature", "properties": properties, "geometry": geometry}));
    }
}

fn each<T: serde::Serialize>(coordinates: &Value, read: impl Fn(&Value) -> Option<T>) -> Option<Value> {
    Some(json!(coordinates.as_array()?.iter().filter_map(read).collect::<Vec<_>>()))
}

fn polygon(coordinates: &Value) -> Option<Vec<Vec<Place>>> {
    let mut rings = rings(coordinates)?;
    for (ring, told) in rings.iter_mut().zip(coordinates.as_array()?) {
        let told = told.as_array()?;
        if told.first() != told.last() {
            ring.extend(ring.first().copied());
        }
    }
    Some(rings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_geometry_becomes_a_feature_with_its_name_and_nothing_else() {
        let told = json!({"type": "FeatureCollection", "features": [
            {"type": "Feature", "id": 7, "properties": {"name": "Stop", "secret": 1}, "geometry": {"type": "Point", "coordinates": [7, 50, 120]}},
            {"type": "Feature", "properties": null, "geometry": null},
            {"type": "Feature", "properties": {"name": "Both"}, "geometry": {"type": "GeometryCollection", "geometries": [
                {"type": "LineString", "coordinates": [[7, 50], [8, 51]]},
                {"type": "MultiPoint", "coordinates": [[7, 50]]},
            ]}},
        ]});
        let shapes = drawn(&told);
        let features = shapes["features"].as_array().unwrap();
        assert_eq!(features.len(), 3);
        assert_eq!(features[0]["properties"], json!({"name": "Stop"}));
        assert_eq!(features[0]["geometry"], json!({"type": "Point", "coordinates": [7.0, 50.0]}));
        assert_eq!(features[1]["properties"], features[2]["properties"]);
        assert_eq!(features[2]["geometry"]["type"], "MultiPoint");
        assert_eq!(drawn(&json!({"type": "Point", "coordinates": [1, 2]}))["features"].as_array().unwrap().len(), 1);
        assert_eq!(drawn(&json!("no"))["features"], json!([]));
    }

    #[test]
    fn what_lies_across_180_degrees_goes_on_and_a_ring_is_closed() {
        let told = json!({"type": "MultiPolygon", "coordinates": [[[[179.5, 0], [-179.5, 0], [-179.5, 1]]]]});
        let ring = drawn(&told)["features"][0]["geometry"]["coordinates"][0][0].clone();
        assert_eq!(ring, json!([[179.5, 0.0], [180.5, 0.0], [180.5, 1.0], [179.5, 0.0]]));
        let closed = json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]});
        assert_eq!(drawn(&closed)["features"][0]["geometry"]["coordinates"][0].as_array().unwrap().len(), 4);
    }
}
