//! How a layer is drawn: areas as a veil with a border, lines, and points as discs with a rim. Pure.

use heliograph_shared::layers::style::MapLayer;
use serde_json::{Value, json};

use crate::board::map::gpu::style::Palette;

/// The parts of a layer, from below: the style layers end so.
const PARTS: [&str; 4] = ["veil", "border", "line", "point"];

/// The source of the layer of this number in the board's config.
pub fn source(number: usize) -> String {
    format!("layer-{number}")
}

/// Its style layers, from below.
pub fn names(number: usize) -> [String; PARTS.len()] {
    PARTS.map(|part| format!("layer-{number}-{part}"))
}

/// The number of the layer that a style layer belongs to.
pub fn number_of(name: &str) -> Option<usize> {
    name.strip_prefix("layer-")?.split('-').next()?.parse().ok()
}

/// Its style layers for MapLibre.
pub fn style(number: usize, layer: &MapLayer, palette: &Palette) -> Vec<Value> {
    let is = |kind: &str, many: &str| json!(["match", ["geometry-type"], [kind, many], true, false]);
    let [area, line, point] =
        [is("Polygon", "MultiPolygon"), is("LineString", "MultiLineString"), is("Point", "MultiPoint")];
    let width = f64::from(layer.width);
    let radius = width + 2.0;
    let round = json!({"line-join": "round", "line-cap": "round"});
    let parts = [
        json!({"type": "fill", "filter": area, "paint": {"fill-opacity": 0.14}}),
        json!({"type": "line", "filter": area, "layout": round, "paint": {"line-width": width}}),
        json!({"type": "line", "filter": line, "layout": round, "paint": {"line-width": width}}),
        json!({"type": "circle", "filter": point, "paint": {
            // From far away discs would hide what they stand on.
            "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, radius / 2.0, 14, radius],
            "circle-stroke-width": 1,
        }}),
    ];
    let source = source(number);
    let mut layers: Vec<Value> = Vec::new();
    for (name, mut part) in names(number).into_iter().zip(parts) {
        for (layer, property, value) in paint(number, layer, palette) {
            if layer == name {
                part["paint"][property] = value;
            }
        }
        part["id"] = name.into();
        part["source"] = source.as_str().into();
        layers.push(part);
    }
    layers
}

/// What the palette decides, as style layer, paint property and value.
pub fn paint(number: usize, layer: &MapLayer, palette: &Palette) -> Vec<(String, &'static str, Value)> {
    let [veil, border, line, point] = names(number);
    let [red, green, blue] = layer.color.rgb()[usize::from(palette.is_dark)];
    let color = format!("#{red:02x}{green:02x}{blue:02x}");
    vec![
        (veil, "fill-color", color.as_str().into()),
        (border, "line-color", color.as_str().into()),
        (line, "line-color", color.as_str().into()),
        (point.clone(), "circle-color", color.as_str().into()),
        (point, "circle-stroke-color", palette.land.into()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::map::gpu::style::{DARK, LIGHT};

    fn layer() -> MapLayer {
        serde_json::from_str(r#"{"id":"routes","name":"Routes","color":"green","width":3}"#).unwrap()
    }

    #[test]
    fn every_part_has_its_colour_by_day_and_by_night() {
        for (palette, color) in [(&LIGHT, "#2f7a1c"), (&DARK, "#8fd65a")] {
            let style = style(2, &layer(), palette);
            assert_eq!(Value::from(style.clone()).to_string().matches(color).count(), 4);
            let names: Vec<&str> = style.iter().filter_map(|part| part["id"].as_str()).collect();
            assert_eq!(names, super::names(2));
            assert!(style.iter().all(|part| part["source"] == "layer-2"));
            assert_eq!(style[2]["paint"]["line-width"], 3.0);
        }
    }

    #[test]
    fn a_part_belongs_to_its_layer() {
        assert!(names(12).iter().all(|name| number_of(name) == Some(12)));
        assert_eq!(number_of("fence-veil"), None);
    }
}
