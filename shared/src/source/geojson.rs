//! GeoJSON (RFC 7946): a feature that is a point, or a collection of them.

use super::draft::{fields, flat_position, loose, number, object, take, time};
use super::{Arrived, Envelope, Slice, plain};
use crate::event::{RawEvent, RawPosition};
use crate::problem::{Code, FieldError, Problem};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Features.
pub(super) struct GeoJson;

#[derive(Deserialize)]
struct Collection<'d> {
    #[serde(borrow)]
    features: Vec<&'d RawValue>,
}

impl Envelope for GeoJson {
    fn open<'a>(&self, arrived: &Arrived<'a>) -> Result<Vec<Slice<'a>>, Problem> {
        match serde_json::from_slice::<Collection<'a>>(arrived.text()?.as_bytes()) {
            Ok(Collection { features }) => plain::within(features.into_iter().map(|f| Slice::new(f.get())).collect()),
            Err(_) => plain::elements(arrived),
        }
    }

    fn event<'s>(&self, slice: &'s Slice<'_>, key_name: &str) -> Result<RawEvent<'s>, FieldError> {
        let mut feature = object(&slice.raw)?;
        if feature.get("type").and_then(Value::as_str) != Some("Feature") {
            return Err(FieldError::new("type", Code::Invalid, "type must be \"Feature\""));
        }
        let mut properties = match feature.remove("properties") {
            Some(Value::Object(properties)) => properties,
            _ => Map::new(),
        };
        let position = match feature.get("geometry") {
            None | Some(Value::Null) => None,
            Some(geometry) => Some(point(geometry, &mut properties)?),
        };
        let of_feature = take(&mut feature, &["id"]);
        let key = take(&mut properties, &[key_name, "key"]).or(of_feature).or_else(|| take(&mut properties, &["id"]));
        Ok(RawEvent {
            key: key.map(loose),
            time: take(&mut properties, &["time", "timestamp", "ts"]).map(time),
            position: position.map(Ok),
            fields: Some(Ok(fields(properties))),
            ..RawEvent::default()
        })
    }
}

/// A point's place, with what the properties say of it.
fn point(geometry: &Value, properties: &mut Map<String, Value>) -> Result<RawPosition<'static>, FieldError> {
    let kind = geometry.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind != "Point" {
        let message = format!("geometry.type must be \"Point\", not {:?}", crate::problem::excerpt(kind));
        return Err(FieldError::new("geometry.type", Code::Invalid, message));
    }
    let at = |i: usize| geometry.get("coordinates").and_then(|c| c.get(i)).and_then(number);
    let (Some(lon), Some(lat)) = (at(0), at(1)) else {
        let message = "geometry.coordinates is [longitude, latitude] in degrees, and may have an altitude in metres";
        return Err(FieldError::new("geometry.coordinates", Code::Invalid, message));
    };
    for name in ["lat", "latitude", "lon", "lng", "longitude"] {
        properties.remove(name);
    }
    properties.insert("lat".into(), lat.into());
    properties.insert("lon".into(), lon.into());
    if let Some(altitude) = at(2) {
        properties.insert("altitude".into(), altitude.into());
    }
    flat_position(properties).ok_or_else(|| FieldError::new("geometry", Code::Invalid, "geometry is no point"))
}

#[cfg(test)]
mod tests {
    use super::super::EnvelopeName;
    use super::super::tests::Sent;
    use serde_json::json;

    #[test]
    fn points_are_events_with_longitude_first() {
        let feature = json!({"type": "Feature", "id": "v1", "geometry": {"type": "Point", "coordinates": [-97.75, 30.25, 160]},
            "properties": {"time": "2026-03-01T12:00:00Z", "heading": 90, "route": "801"}});
        let expected = json!({"key": "v1", "time": 1_772_366_400_000_i64,
            "position": {"lat": 30.25, "lon": -97.75, "heading": 90, "altitude": 160}, "fields": {"route": "801"}});
        for body in [feature.clone(), json!({"type": "FeatureCollection", "features": [feature]})] {
            assert_eq!(
                Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto),
                (vec![expected.clone()], vec![])
            );
        }
    }

    #[test]
    fn other_geometries_and_swapped_or_missing_coordinates_are_refused_by_name() {
        let refused = |geometry: serde_json::Value| {
            let body = json!({"type": "Feature", "id": "v1", "geometry": geometry, "properties": {}});
            Sent::new(&[], "", body.to_string()).events(EnvelopeName::Auto).1
        };
        assert_eq!(refused(json!({"type": "Polygon", "coordinates": []})), ["invalid geometry.type"]);
        assert_eq!(refused(json!({"type": "Point", "coordinates": [1]})), ["invalid geometry.coordinates"]);
        assert_eq!(
            refused(json!({"type": "Point", "coordinates": [30.25, -97.75]})),
            ["position_out_of_range position.lat"]
        );
        assert!(refused(json!(null)).is_empty());
    }
}
