//! How the tiles of an archive are drawn: land, water, streets and names, in the order in which they lie. Pure.
//!
//! Archives name what they have in one of two ways: as Protomaps does (`earth`, `roads` with `kind`), or as OpenMapTiles
//! (`transportation` with `class`). Both are drawn; what an archive does not have is drawn nowhere. Names are drawn with the
//! fonts of the device, so that nothing else has to be loaded.
//!
//! - Protomaps: https://docs.protomaps.com/basemaps/layers
//! - OpenMapTiles: https://openmaptiles.org/schema/

use serde_json::{Value, json};

use super::ink::{Ink, ink};
use crate::board::map::gpu::style::Palette;

/// The source with the tiles.
pub const SOURCE: &str = "streets";
/// The source with the ground under them.
pub const GROUND: &str = "streets-ground";

/// A part of what is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Earth,
    Green,
    Water,
    River,
    Building,
    Border,
    Casing,
    Rail,
    Road,
    StreetName,
    PlaceName,
}

/// What is drawn of which layer of the tiles, from below.
const LAYERS: [(Part, &str); 19] = [
    (Part::Earth, "earth"),
    (Part::Green, "landcover"),
    (Part::Green, "landuse"),
    (Part::Green, "park"),
    (Part::Water, "water"),
    (Part::River, "water"),
    (Part::River, "waterway"),
    (Part::Building, "buildings"),
    (Part::Building, "building"),
    (Part::Border, "boundaries"),
    (Part::Border, "boundary"),
    (Part::Casing, "roads"),
    (Part::Casing, "transportation"),
    (Part::Rail, "roads"),
    (Part::Rail, "transportation"),
    (Part::Road, "roads"),
    (Part::Road, "transportation"),
    (Part::StreetName, "roads"),
    (Part::StreetName, "transportation_name"),
];
/// The same of names of places, which are on top.
const PLACES: [(Part, &str); 2] = [(Part::PlaceName, "places"), (Part::PlaceName, "place")];

/// Motorways, and streets that are as wide.
const WIDEST: [&str; 3] = ["highway", "motorway", "trunk"];
/// Streets between towns.
const WIDE: [&str; 3] = ["major_road", "primary", "secondary"];
/// Other streets.
const NARROW: [&str; 6] = ["medium_road", "tertiary", "minor_road", "minor", "service", "busway"];
/// Ways without cars.
const PATHS: [&str; 3] = ["path", "track", "pedestrian"];

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Earth => "earth",
            Self::Green => "green",
            Self::Water => "water",
            Self::River => "river",
            Self::Building => "building",
            Self::Border => "border",
            Self::Casing => "casing",
            Self::Rail => "rail",
            Self::Road => "road",
            Self::StreetName => "street-name",
            Self::PlaceName => "place-name",
        }
    }

    /// Its style, without colours.
    fn style(self, language: &str) -> Value {
        let area = || json!(["match", ["geometry-type"], ["Polygon", "MultiPolygon"], true, false]);
        let line = || json!(["match", ["geometry-type"], ["LineString", "MultiLineString"], true, false]);
        let round = json!({"line-join": "round", "line-cap": "round"});
        match self {
            Self::Earth | Self::Water => json!({"type": "fill", "filter": area()}),
            Self::Green => json!({"type": "fill", "filter": ["all", area(), is_of(&[&GREENS])]}),
            Self::River => json!({"type": "line", "filter": line(), "layout": round, "minzoom": 8,
                "paint": {"line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 8, 0.6, 18, 6]}}),
            Self::Building => json!({"type": "fill", "filter": area(), "minzoom": 14}),
            Self::Border => json!({"type": "line", "filter": line(), "layout": {"line-join": "round"},
                "paint": {"line-width": 1, "line-dasharray": [3, 2]}}),
            Self::Casing => json!({"type": "line", "filter": ["all", line(), is_of(&[&WIDEST, &WIDE, &NARROW])],
                "layout": round, "minzoom": 11, "paint": {"line-width": width(1.5)}}),
            Self::Road => json!({"type": "line", "filter": ["all", line(), is_of(&[&WIDEST, &WIDE, &NARROW, &PATHS])],
                "layout": round, "paint": {"line-width": width(0.0)}}),
            Self::Rail => json!({"type": "line", "filter": ["all", line(), is_of(&[&["rail", "transit"]])],
                "minzoom": 10, "paint": {"line-width": 1.5, "line-dasharray": [4, 2]}}),
            Self::StreetName => json!({"type": "symbol", "filter": ["all", line(), ["has", "name"]], "minzoom": 13,
                "layout": {"symbol-placement": "line", "text-field": named(language), "text-font": FONT, "text-size": 11},
                "paint": {"text-halo-width": 1.5}}),
            Self::PlaceName => json!({"type": "symbol", "filter": is_of(&[&TOWNS]),
                "layout": {"text-field": named(language), "text-font": FONT, "text-max-width": 8, "text-padding": 4,
                    "text-size": ["interpolate", ["linear"], ["zoom"], 4, 11, 14, 15],
                    "symbol-sort-key": ["coalesce", ["get", "min_zoom"], ["get", "rank"], 20]},
                "paint": {"text-halo-width": 1.5}}),
        }
    }

    /// What the theme decides of it.
    fn colours(self, palette: &Palette, ink: &Ink) -> Vec<(&'static str, Value)> {
        let name = |colour: &str| vec![("text-color", json!(colour)), ("text-halo-color", json!(palette.land))];
        match self {
            Self::Earth => vec![("fill-color", json!(palette.land))],
            Self::Green => vec![("fill-color", json!(ink.green))],
            Self::Water => vec![("fill-color", json!(palette.water))],
            Self::River => vec![("line-color", json!(palette.water))],
            Self::Building => vec![("fill-color", json!(ink.building))],
            Self::Border => vec![("line-color", json!(palette.border))],
            Self::Casing => vec![("line-color", json!(ink.casing))],
            Self::Rail => vec![("line-color", json!(ink.rail))],
            Self::Road => {
                vec![("line-color", json!(["match", kind(), WIDEST, ink.highway, PATHS, ink.casing, ink.road]))]
            }
            Self::StreetName => name(ink.street_name),
            Self::PlaceName => name(ink.place_name),
        }
    }
}

/// Fonts of the device.
const FONT: [&str; 1] = ["sans-serif"];
/// What is green.
const GREENS: [&str; 17] = [
    "park",
    "forest",
    "wood",
    "grass",
    "grassland",
    "meadow",
    "scrub",
    "garden",
    "golf_course",
    "nature_reserve",
    "national_park",
    "protected_area",
    "recreation_ground",
    "village_green",
    "cemetery",
    "playground",
    "pitch",
];
/// What is named. Countries are named by the map itself.
const TOWNS: [&str; 11] = [
    "locality",
    "city",
    "town",
    "village",
    "hamlet",
    "borough",
    "suburb",
    "quarter",
    "neighbourhood",
    "macrohood",
    "island",
];

/// What a feature is, by either name.
fn kind() -> Value {
    json!(["coalesce", ["get", "kind"], ["get", "class"], ""])
}

/// Whether a feature is of one of these kinds.
fn is_of(kinds: &[&[&str]]) -> Value {
    json!(["match", kind(), kinds.concat(), true, false])
}

/// Its name in the language of the page, or as it is called there.
fn named(language: &str) -> Value {
    json!(["coalesce", ["get", format!("name:{language}")], ["get", format!("name_{language}")], ["get", "name"], ""])
}

/// Pixels of a street by what it is and by zoom, and so many more.
fn width(more: f64) -> Value {
    let weight = || json!(["match", kind(), WIDEST, 3, WIDE, 2, PATHS, 0.4, 1]);
    let at = |zoom: u8, factor: f64| [json!(zoom), json!(["+", more, ["*", weight(), factor]])];
    let mut stops = vec![json!("interpolate"), json!(["exponential", 1.5]), json!(["zoom"])];
    stops.extend([at(5, 0.25), at(11, 0.7), at(16, 4.0), at(19, 14.0)].concat());
    Value::Array(stops)
}

fn all() -> impl Iterator<Item = (Part, &'static str, String)> {
    let layers = LAYERS.into_iter().chain(PLACES);
    layers.map(|(part, layer)| (part, layer, format!("streets-{}-{layer}", part.name())))
}

/// Its style layers for MapLibre, from below, with names in a language (`de`).
pub fn layers(palette: &Palette, language: &str) -> Vec<Value> {
    let ink = ink(palette.is_dark);
    let styled = all().map(|(part, layer, name)| {
        let mut style = part.style(language);
        for (property, value) in part.colours(palette, ink) {
            style["paint"][property] = value;
        }
        style["id"] = name.into();
        style["source"] = SOURCE.into();
        style["source-layer"] = layer.into();
        style
    });
    styled.collect()
}

/// The lowest of them.
pub fn lowest() -> String {
    all().next().map(|(_, _, name)| name).unwrap_or_default()
}

/// What the theme decides, as style layer, paint property and value.
pub fn paint(palette: &Palette) -> Vec<(String, &'static str, Value)> {
    let ink = ink(palette.is_dark);
    let of_tiles = all().flat_map(|(part, _, name)| {
        part.colours(palette, ink).into_iter().map(move |(property, value)| (name.clone(), property, value))
    });
    of_tiles.chain([(GROUND.to_owned(), "fill-color", json!(palette.land))]).collect()
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
    use super::super::ink::{DARK as NIGHT, LIGHT as DAY};
    use super::*;
    use crate::board::map::gpu::style::{DARK, LIGHT};
    use std::collections::BTreeSet;

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
            let layers = layers(palette, "de");
            let names: BTreeSet<&str> = layers.iter().filter_map(|layer| layer["id"].as_str()).collect();
            assert_eq!(names.len(), layers.len());
            for layer in &layers {
                let kind = layer["type"].as_str().unwrap();
                let colour = if kind == "symbol" { "text-color".to_owned() } else { format!("{kind}-color") };
                assert!(!layer["paint"][colour.as_str()].is_null(), "{layer}");
                assert_eq!(layer["source"], SOURCE);
            }
            let text = Value::from(layers).to_string();
            assert!(!text.contains("http") && !text.contains("icon-image") && text.contains("name:de"));
        }
        assert_eq!(layers(&LIGHT, "en")[0]["id"], lowest());
    }

    #[test]
    fn both_ways_to_name_streets_are_drawn() {
        let layers = layers(&LIGHT, "en");
        let of = |layer: &str| layers.iter().filter(|style| style["source-layer"] == layer).count();
        for layer in ["roads", "transportation", "water", "earth", "landcover", "places", "place"] {
            assert!(of(layer) > 0, "{layer}");
        }
    }

    #[test]
    fn another_theme_paints_what_the_style_had_painted() {
        for (first, second) in [(&LIGHT, &DARK), (&DARK, &LIGHT)] {
            let mut layers = layers(first, "en");
            for (name, property, value) in paint(second) {
                for layer in layers.iter_mut().filter(|layer| layer["id"] == name.as_str()) {
                    layer["paint"][property] = value.clone();
                }
            }
            assert_eq!(layers, super::layers(second, "en"));
        }
    }

    #[test]
    fn names_are_readable_on_land_and_streets_stand_out_from_it() {
        for (palette, ink) in [(&LIGHT, &DAY), (&DARK, &NIGHT)] {
            for name in [ink.street_name, ink.place_name] {
                assert!(contrast(name, palette.land) >= 4.5, "{name} {:.1}", contrast(name, palette.land));
            }
            assert!(contrast(ink.road, ink.casing) >= 1.5, "{:.1}", contrast(ink.road, ink.casing));
        }
    }

    #[test]
    fn the_ground_is_the_box_of_the_archive() {
        let (shape, style) = ground([-98.0, 30.0, -97.0, 31.0], 3.0, &DARK);
        assert_eq!(shape["coordinates"][0][2], json!([-97.0, 31.0]));
        assert_eq!((&style["minzoom"], &style["paint"]["fill-color"]), (&json!(3.0), &json!(DARK.land)));
    }
}
