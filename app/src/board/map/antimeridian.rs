//! Lines and rings across ±180°: GeoJSON has their corners as they are, a map wants longitudes that go on. Pure.

use serde_json::Value;

/// Longitude and latitude in degrees.
pub type Place = [f64; 2];

/// A place of GeoJSON.
pub fn place(value: &Value) -> Option<Place> {
    Some([value.get(0)?.as_f64()?, value.get(1)?.as_f64()?])
}

/// A line whose longitudes go on over ±180°.
pub fn line(value: &Value) -> Option<Vec<Place>> {
    let mut places: Vec<Place> = Vec::new();
    for next in value.as_array()? {
        let [mut lon, lat] = place(next)?;
        if let Some([before, _]) = places.last() {
            lon += ((before - lon) / 360.0).round() * 360.0;
        }
        places.push([lon, lat]);
    }
    (!places.is_empty()).then_some(places)
}

/// The rings of a polygon.
pub fn rings(value: &Value) -> Option<Vec<Vec<Place>>> {
    let rings: Vec<Vec<Place>> = value.as_array()?.iter().map(line).collect::<Option<_>>()?;
    // A hole lies where its polygon does.
    let [west, _] = *rings.first()?.first()?;
    let beside = |ring: Vec<Place>| {
        let turns = ring.first().map_or(0.0, |[lon, _]| ((west - lon) / 360.0).round() * 360.0);
        ring.into_iter().map(|[lon, lat]| [lon + turns, lat]).collect()
    };
    Some(rings.into_iter().map(beside).collect())
}
