//! Which GeoJSON a layer may be: all that RFC 7946 knows, in degrees. It is kept as it was put; here it is only looked at.

use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// What is in a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Contents {
    /// How many features it has.
    pub features: u32,
    /// Of how many places they are made.
    pub places: u32,
    /// West, south, east and north of all of them, none where there are no places. Across ±180° the west is the greater.
    pub bbox: Option<[f64; 4]>,
}

type Checked<T> = Result<T, FieldError>;

fn refused<T>(at: &str, code: Code, message: String) -> Checked<T> {
    Err(FieldError::new(at, code, message))
}

/// The members of the outermost object. Features stay text, so that no more than one is taken apart at a time.
#[derive(Deserialize)]
struct Outer<'t> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    features: Option<Vec<&'t RawValue>>,
}

/// Checks a layer: a FeatureCollection, a Feature or a geometry. The error names the place and says what belongs there.
pub fn check(text: &[u8]) -> Checked<Contents> {
    let mut seen = Seen::default();
    if text.trim_ascii_start().first() != Some(&b'{') {
        let message = "a layer is a GeoJSON object, such as {\"type\":\"FeatureCollection\",\"features\":[]}";
        return refused("", Code::Invalid, message.to_owned());
    }
    let wrong = |e: &serde_json::Error| FieldError::new("", Code::Invalid, format!("the layer is no JSON: {e}"));
    let outer: Outer<'_> = serde_json::from_slice(text).map_err(|e| wrong(&e))?;
    if outer.kind.as_deref() == Some("FeatureCollection") {
        let Some(features) = outer.features else {
            return refused("features", Code::Missing, "features is required: the list of features".to_owned());
        };
        for (n, feature) in features.iter().enumerate() {
            let feature: Value = serde_json::from_str(feature.get()).map_err(|e| wrong(&e))?;
            let at = format!("features[{n}]");
            if feature["type"] != "Feature" {
                let message = format!("{at}.type is \"Feature\" in a FeatureCollection");
                return refused(&format!("{at}.type"), Code::Invalid, message);
            }
            seen.feature(&format!("{at}."), &feature)?;
        }
    } else {
        let whole: Value = serde_json::from_slice(text).map_err(|e| wrong(&e))?;
        if outer.kind.as_deref() == Some("Feature") {
            seen.feature("", &whole)?;
        } else {
            seen.features = 1;
            seen.geometry("", &whole, true)?;
        }
    }
    Ok(seen.contents())
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    features: u32,
    lons: Vec<f64>,
    lats: Option<(f64, f64)>,
}

impl Seen {
    fn feature(&mut self, at: &str, feature: &Value) -> Checked<()> {
        self.features += 1;
        if !matches!(feature["properties"], Value::Null | Value::Object(_)) {
            let at = format!("{at}properties");
            let message = format!("{at} is an object, or null");
            return refused(&at, Code::Invalid, message);
        }
        let geometry = &feature["geometry"];
        // A feature without one is nowhere; the format allows it.
        if geometry.is_null() { Ok(()) } else { self.geometry(&format!("{at}geometry."), geometry, true) }
    }

    fn geometry(&mut self, at: &str, geometry: &Value, may_collect: bool) -> Checked<()> {
        let places = format!("{at}coordinates");
        let coordinates = &geometry["coordinates"];
        match geometry["type"].as_str() {
            Some("Point") => self.place(&places, coordinates),
            Some("MultiPoint") => self.each(&places, coordinates, Self::place),
            Some("LineString") => self.line(&places, coordinates),
            Some("MultiLineString") => self.each(&places, coordinates, Self::line),
            Some("Polygon") => self.polygon(&places, coordinates),
            Some("MultiPolygon") => self.each(&places, coordinates, Self::polygon),
            Some("GeometryCollection") if may_collect => {
                let within =
                    |seen: &mut Self, at: &str, geometry: &Value| seen.geometry(&format!("{at}."), geometry, false);
                self.each(&format!("{at}geometries"), &geometry["geometries"], within)
            }
            Some("GeometryCollection") => {
                let message = format!("{at}type is no GeometryCollection: one within another is not drawn");
                refused(&format!("{at}type"), Code::Invalid, message)
            }
            _ => {
                let message = format!(
                    "{at}type is one of Point, LineString, Polygon, their Multi forms and GeometryCollection{}",
                    if at.is_empty() { ", or Feature or FeatureCollection" } else { "" }
                );
                refused(&format!("{at}type"), Code::Invalid, message)
            }
        }
    }

    /// Does something with each value of a list. An empty one is a geometry that is nowhere.
    fn each(
        &mut self,
        at: &str,
        value: &Value,
        mut work: impl FnMut(&mut Self, &str, &Value) -> Checked<()>,
    ) -> Checked<()> {
        let Some(values) = value.as_array() else {
            let message =
                format!("{at} is a list; how deep the lists are depends on the type: a Polygon is [[[lon, lat], …]]");
            return refused(at, if value.is_null() { Code::Missing } else { Code::Invalid }, message);
        };
        values.iter().enumerate().try_for_each(|(n, value)| work(self, &format!("{at}[{n}]"), value))
    }

    fn line(&mut self, at: &str, value: &Value) -> Checked<()> {
        self.each(at, value, Self::place)?;
        if value.as_array().is_some_and(|places| places.len() == 1) {
            return refused(at, Code::Invalid, format!("{at} has at least 2 places: it is a line"));
        }
        Ok(())
    }

    fn polygon(&mut self, at: &str, value: &Value) -> Checked<()> {
        self.each(at, value, |seen, at, value| {
            seen.each(at, value, Self::place)?;
            let corners = value.as_array().map(Vec::as_slice).unwrap_or_default();
            // The first corner stands once more at the end. Who leaves that out means the same.
            let is_closed = corners.len() > 1 && corners.first() == corners.last();
            if corners.len() - usize::from(is_closed) < 3 {
                let message = format!("{at} has at least 3 different corners, and then the first one again");
                return refused(at, Code::Invalid, message);
            }
            Ok(())
        })
    }

    /// A place; an altitude behind it is passed over.
    fn place(&mut self, at: &str, value: &Value) -> Checked<()> {
        let number = |n: usize| value.get(n).and_then(Value::as_f64);
        let (Some(lon), Some(lat)) = (number(0), number(1)) else {
            let message = format!("{at} is [longitude, latitude], two numbers in degrees");
            return refused(at, Code::Invalid, message);
        };
        if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) {
            let hint = if lon.abs() > 1_000.0 || lat.abs() > 1_000.0 {
                "; these look like metres of a projection: convert the file to WGS 84 (EPSG:4326)"
            } else if (-90.0..=90.0).contains(&lon) {
                "; GeoJSON has the longitude first, so the two may have changed places"
            } else {
                ""
            };
            let message = format!("{at} is [longitude, latitude]: -180 to 180 and -90 to 90 degrees{hint}");
            return refused(at, Code::OutOfRange, message);
        }
        self.lons.push(lon);
        self.lats = Some(self.lats.map_or((lat, lat), |(south, north)| (south.min(lat), north.max(lat))));
        Ok(())
    }

    fn contents(mut self) -> Contents {
        let places = self.lons.len() as u32;
        let sides = west_and_east(&mut self.lons).zip(self.lats);
        let bbox = sides.map(|((west, east), (south, north))| [west, south, east, north]);
        Contents { features: self.features, places, bbox }
    }
}

/// The sides of the narrowest band that all longitudes are in: beside it is the widest gap.
fn west_and_east(lons: &mut [f64]) -> Option<(f64, f64)> {
    lons.sort_unstable_by(f64::total_cmp);
    let (first, last) = (*lons.first()?, *lons.last()?);
    let mut widest = (first + 360.0 - last, (first, last));
    for pair in lons.windows(2) {
        if let [west, east] = *pair
            && east - west > widest.0
        {
            widest = (east - west, (east, west));
        }
    }
    Some(widest.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(value: &Value) -> Checked<Contents> {
        check(value.to_string().as_bytes())
    }

    fn error(value: &Value) -> (String, &'static str, String) {
        let error = of(value).unwrap_err();
        (error.field, error.code.name(), error.message)
    }

    #[test]
    fn every_type_is_taken_and_counted() {
        let square = json!([[0, 0], [1, 0], [1, 1], [0, 0]]);
        let features: Vec<Value> = [
            json!({"type": "Point", "coordinates": [7, 50, 120]}),
            json!({"type": "MultiPoint", "coordinates": [[7, 50], [8, 51]]}),
            json!({"type": "LineString", "coordinates": [[7, 50], [8, 51]]}),
            json!({"type": "MultiLineString", "coordinates": [[[7, 50], [8, 51]]]}),
            json!({"type": "Polygon", "coordinates": [square]}),
            json!({"type": "MultiPolygon", "coordinates": [[square]]}),
            json!({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [7.5, -3]}]}),
            json!(null),
        ]
        .into_iter()
        .map(|geometry| json!({"type": "Feature", "geometry": geometry, "properties": {"name": "x"}}))
        .collect();
        let contents = of(&json!({"type": "FeatureCollection", "features": features})).unwrap();
        assert_eq!(contents, Contents { features: 8, places: 16, bbox: Some([0.0, -3.0, 8.0, 51.0]) });
        assert_eq!(of(&features[2]).unwrap().features, 1);
        assert_eq!(of(&features[0]["geometry"]).unwrap().places, 1);
        let empty = of(&json!({"type": "FeatureCollection", "features": []})).unwrap();
        assert_eq!(empty, Contents { features: 0, places: 0, bbox: None });
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let line = |coordinates: Value| json!({"type": "LineString", "coordinates": coordinates});
        let third = |geometry: Value| {
            let ok = json!({"type": "Feature", "geometry": null, "properties": null});
            json!({"type": "FeatureCollection", "features": [ok, ok, {"type": "Feature", "geometry": geometry}]})
        };
        for (value, field, code, part) in [
            (
                third(line(json!([[1, 2], [200, 3]]))),
                "features[2].geometry.coordinates[1]",
                "out_of_range",
                "-180 to 180",
            ),
            (
                third(line(json!([[1, 2], [3, 97.5]]))),
                "features[2].geometry.coordinates[1]",
                "out_of_range",
                "changed places",
            ),
            (line(json!([[621_000, 3_349_000], [3, 4]])), "coordinates[0]", "out_of_range", "EPSG:4326"),
            (
                third(line(json!([[1, 2], [3]]))),
                "features[2].geometry.coordinates[1]",
                "invalid",
                "[longitude, latitude]",
            ),
            (third(line(json!([[1, "2"]]))), "features[2].geometry.coordinates[0]", "invalid", "two numbers"),
            (third(line(json!([[1, 2]]))), "features[2].geometry.coordinates", "invalid", "at least 2"),
            (
                third(json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]})),
                "features[2].geometry.coordinates[0]",
                "invalid",
                "3 different",
            ),
            (third(json!({"type": "Polygon"})), "features[2].geometry.coordinates", "missing", "list"),
            (third(json!({"type": "Circle"})), "features[2].geometry.type", "invalid", "one of Point"),
            (json!({"type": "Topology", "objects": {}}), "type", "invalid", "FeatureCollection"),
            (json!({"type": "FeatureCollection"}), "features", "missing", "list of features"),
            (
                json!({"type": "FeatureCollection", "features": [{"type": "Point", "coordinates": [1, 2]}]}),
                "features[0].type",
                "invalid",
                "Feature",
            ),
            (json!({"type": "Feature", "geometry": null, "properties": 7}), "properties", "invalid", "object"),
            (json!([]), "", "invalid", "GeoJSON object"),
        ] {
            let (at, known, message) = error(&value);
            assert_eq!((at.as_str(), known), (field, code), "{message}");
            assert!(message.contains(part), "{message}");
        }
        let nested = json!({"type": "GeometryCollection", "geometries": []});
        let nested = json!({"type": "GeometryCollection", "geometries": [nested]});
        assert_eq!(error(&nested).0, "geometries[0].type");
        assert!(check(b"{\"type\":").unwrap_err().message.contains("no JSON"));
        assert!(check(b"{\"type\":\"Point\",\"coordinates\":[1e999,0]}").is_err());
    }

    #[test]
    fn a_ring_may_leave_out_that_it_ends_where_it_begins() {
        assert!(of(&json!({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1]]]})).is_ok());
    }

    #[test]
    fn the_box_of_what_lies_across_180_degrees_is_narrow() {
        let bbox = |lons: &[f64]| {
            let places: Vec<_> = lons.iter().map(|lon| [*lon, 1.0]).collect();
            json!(of(&json!({"type": "MultiPoint", "coordinates": places})).unwrap().bbox.unwrap())
        };
        assert_eq!(bbox(&[179.5, -179.5, 179.9]), json!([179.5, 1.0, -179.5, 1.0]));
        assert_eq!(bbox(&[-80.0, 80.0]), json!([-80.0, 1.0, 80.0, 1.0]));
        assert_eq!(bbox(&[7.0]), json!([7.0, 1.0, 7.0, 1.0]));
    }
}
