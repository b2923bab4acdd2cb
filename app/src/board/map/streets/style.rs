//! How the tiles of an archive are drawn: land, water, streets and names, in the order in which they lie. Pure.
//!
//! That is said by a file, `public/basemap/streets.json`, which only maps with an archive load. Its `parts` are style layers of
//! MapLibre, each for some layers of the tiles; a text that begins with `@` stands for a colour of the theme (`day`, `night`, or
//! the map's own land, water and borders), for one of the `words`, or for `@name`, the name in the page's language.
//!
//! Archives name what they have in one of two ways: as Protomaps does (`earth`, `roads` with `kind`), or as OpenMapTiles
//! (`transportation` with `class`). Both are drawn; what an archive does not have is drawn nowhere. Names are drawn with the
//! fonts of the device, so that nothing else has to be loaded.
//!
//! - Protomaps: https://docs.protomaps.com/basemaps/layers
//! - OpenMapTiles: https://openmaptiles.org/schema/

use serde_json::{Map, Value, json};

use crate::board::map::gpu::style::Palette;

/// The file.
pub const FILE: &str = "/basemap/streets.json";
/// The source with the tiles.
pub const SOURCE: &str = "streets";
/// The source with the ground under them.
pub const GROUND: &str = "streets-ground";

/// What the file says.
pub struct Drawing {
    parts: Vec<Value>,
    words: Map<String, Value>,
    /// By day, by night.
    inks: [Map<String, Value>; 2],
}

impl Drawing {
    /// Reads the file; nothing where it is another.
    pub fn parse(text: &str) -> Option<Self> {
        let file: Value = serde_json::from_str(text).ok()?;
        let map = |name: &str| file[name].as_object().cloned();
        let inks = [map("day")?, map("night")?];
        Some(Self { parts: file["parts"].as_array()?.clone(), words: map("words")?, inks })
    }

    /// Its style layers for MapLibre, from below, with names in a language (`de`).
    pub fn layers(&self, palette: &Palette, language: &str) -> Vec<Value> {
        let words = self.words(palette, language);
        let drawn = self.each().map(|(name, layer, style)| {
            let mut style = filled(style, &words);
            style["id"] = name.into();
            style["source"] = SOURCE.into();
            style["source-layer"] = layer.into();
            style
        });
        drawn.collect()
    }

    /// The lowest of them.
    pub fn lowest(&self) -> Option<String> {
        self.each().next().map(|(name, ..)| name)
    }

    /// What the theme decides, as style layer, paint property and value.
    pub fn paint(&self, palette: &Palette) -> Vec<(String, String, Value)> {
        let words = self.words(palette, "");
        let mut paint = vec![(GROUND.to_owned(), "fill-color".to_owned(), json!(palette.land))];
        for (name, _, style) in self.each() {
            let properties = style["paint"].as_object().into_iter().flatten();
            for (property, value) in properties.filter(|(property, _)| property.ends_with("color")) {
                paint.push((name.clone(), property.clone(), filled(value, &words)));
            }
        }
        paint
    }

    /// Each style layer: its name, the layer of the tiles, and how that is drawn.
    fn each(&self) -> impl Iterator<Item = (String, &str, &Value)> {
        self.parts.iter().flat_map(|part| {
            let name = part["name"].as_str().unwrap_or_default();
            let layers = part["of"].as_array().into_iter().flatten().filter_map(Value::as_str);
            layers.map(move |layer| (format!("streets-{name}-{layer}"), layer, &part["style"]))
        })
    }

    fn words(&self, palette: &Palette, language: &str) -> Map<String, Value> {
        let [day, night] = &self.inks;
        let mut words = self.words.clone();
        let ink = if palette.is_dark { night } else { day };
        words.extend(ink.clone());
        let named = json!([
            "coalesce",
            ["get", format!("name:{language}")],
            ["get", format!("name_{language}")],
            ["get", "name"],
            ""
        ]);
        for (name, value) in [
            ("land", palette.land.into()),
            ("water", palette.water.into()),
            ("border", palette.border.into()),
            ("name", named),
        ] {
            words.insert(name.to_owned(), value);
        }
        words
    }
}

/// A part of the file with its words in their places. Words have others within them, and none has itself.
fn filled(value: &Value, words: &Map<String, Value>) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('@').and_then(|name| words.get(name)) {
            Some(word) => filled(word, words),
            None => value.clone(),
        },
        Value::Array(parts) => parts.iter().map(|part| filled(part, words)).collect(),
        Value::Object(parts) => parts.iter().map(|(name, part)| (name.clone(), filled(part, words))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// The ground where an archive has tiles: those of OpenMapTiles have water and no land, and the coasts of the local world are too
/// coarse for streets. A box, `[west, south, east, north]`, and its style from a zoom on.
pub fn ground([west, south, east, north]: [f64; 4], zoom: f64, palette: &Palette) -> (Value, Value) {
    let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    let style = json!({"id": GROUND, "type": "fill", "source": GROUND, "minzoom": zoom.clamp(0.0, 24.0),
        "paint": {"fill-color": palette.land, "fill-antialias": false}});
    (json!({"type": "Polygon", "coordinates": [ring]}), style)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::map::gpu::style::{DARK, LIGHT};
    use std::collections::BTreeSet;

    fn drawing() -> Drawing {
        Drawing::parse(include_str!("../../../../../public/basemap/streets.json")).unwrap()
    }

    /// The share of light that a colour gives (WCAG 2.2, relative luminance).
    fn luminance(hex: &str) -> f64 {
        let part = |at: usize| {
            let share = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        if a > b { a / b } else { b / a }
    }

    #[test]
    fn every_layer_has_a_name_of_its_own_and_its_colours_and_loads_nothing() {
        for palette in [&LIGHT, &DARK] {
            let layers = drawing().layers(palette, "de");
            let names: BTreeSet<&str> = layers.iter().filter_map(|layer| layer["id"].as_str()).collect();
            assert!(names.len() == layers.len() && layers.len() > 15);
            for layer in &layers {
                let kind = layer["type"].as_str().unwrap();
                let colour = if kind == "symbol" { "text-color".to_owned() } else { format!("{kind}-color") };
                assert!(!layer["paint"][colour.as_str()].is_null(), "{layer}");
                assert_eq!(layer["source"], SOURCE);
            }
            let text = Value::from(layers).to_string();
            assert!(!text.contains("http") && !text.contains("icon-image") && text.contains("name:de"));
            assert!(!text.contains("\"@"), "a word that is not in the file");
        }
        let lowest = drawing().lowest().unwrap();
        assert_eq!(drawing().layers(&LIGHT, "en")[0]["id"], lowest);
    }

    #[test]
    fn both_ways_to_name_streets_are_drawn() {
        let layers = drawing().layers(&LIGHT, "en");
        let of = |layer: &str| layers.iter().filter(|style| style["source-layer"] == layer).count();
        for layer in ["roads", "transportation", "water", "earth", "landcover", "places", "place"] {
            assert!(of(layer) > 0, "{layer}");
        }
    }

    #[test]
    fn another_theme_paints_what_the_style_had_painted() {
        let drawing = drawing();
        for (first, second) in [(&LIGHT, &DARK), (&DARK, &LIGHT)] {
            let mut layers = drawing.layers(first, "en");
            for (name, property, value) in drawing.paint(second) {
                for layer in layers.iter_mut().filter(|layer| layer["id"] == name.as_str()) {
                    layer["paint"][property.as_str()] = value.clone();
                }
            }
            assert_eq!(layers, drawing.layers(second, "en"));
        }
    }

    #[test]
    fn names_are_readable_on_land_and_streets_stand_out_from_it() {
        let drawing = drawing();
        for (palette, ink) in [&LIGHT, &DARK].into_iter().zip(&drawing.inks) {
            let colour = |name: &str| ink[name].as_str().unwrap();
            for name in ["street-name", "place-name"] {
                assert!(contrast(colour(name), palette.land) >= 4.5, "{name}");
            }
            assert!(contrast(colour("road"), colour("casing")) >= 1.5);
        }
    }

    #[test]
    fn the_ground_is_the_box_of_the_archive() {
        let (shape, style) = ground([-98.0, 30.0, -97.0, 31.0], 3.0, &DARK);
        assert_eq!(shape["coordinates"][0][2], json!([-97.0, 31.0]));
        assert_eq!((&style["minzoom"], &style["paint"]["fill-color"]), (&json!(3.0), &json!(DARK.land)));
    }

    #[test]
    fn what_is_no_drawing_is_none() {
        for text in ["", "{}", "[]", r#"{"day":{},"night":{},"words":{}}"#] {
            assert!(Drawing::parse(text).is_none(), "{text}");
        }
    }
}
