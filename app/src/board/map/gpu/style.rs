//! The local basemap: the world of Natural Earth in two palettes, as a MapLibre style. No glyphs, no sprites, no tiles,
//! nothing from another host.

use heliograph_shared::marks::MarkColor;
use serde_json::{Value, json};

use crate::board::map::scene::bins::scale::STEPS;

/// The name of the source with the land, for changing its colours.
pub const SOURCE: &str = "world";

/// Colours of one theme: for the basemap, and for our own layer as red, green, blue, alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// Whether it is for a dark ground.
    pub is_dark: bool,
    /// Sea, and what is behind everything.
    pub water: &'static str,
    /// Land.
    pub land: &'static str,
    /// Between countries.
    pub border: &'static str,
    /// Fences.
    pub fence: &'static str,
    /// A live item, by the number of its colour.
    pub tints: [[f32; 4]; MarkColor::ALL.len()],
    /// The rim of every mark, against any ground.
    pub rim: [f32; 4],
    /// An item without news.
    pub stale: [f32; 4],
    /// The selected item.
    pub accent: [f32; 4],
    /// Lines behind items.
    pub trail: [f32; 4],
    /// The way that the selected item came.
    pub path: [f32; 4],
    /// The grid.
    pub grid: [f32; 4],
    /// Under marks.
    pub shadow: [f32; 4],
    /// Behind the number of a cluster.
    pub disc: [f32; 4],
    /// What hexagons are filled with, few items first. Each step stands out from land and sea at least three to one.
    pub steps: [[f32; 4]; STEPS],
}

/// By day.
pub const LIGHT: Palette = Palette {
    is_dark: false,
    water: "#d5e1ea",
    land: "#f6f4ee",
    border: "#c3bdae",
    fence: "#693fc4",
    tints: tints(0),
    rim: [1.0, 1.0, 1.0, 1.0],
    stale: [0.42, 0.45, 0.49, 1.0],
    accent: [0.835, 0.325, 0.0, 1.0],
    trail: [0.12, 0.42, 0.74, 0.42],
    path: [0.835, 0.325, 0.0, 0.5],
    grid: [0.25, 0.33, 0.42, 0.16],
    shadow: [0.05, 0.1, 0.2, 0.32],
    disc: inks([SURFACES[0]])[0],
    steps: inks(STEP_COLOURS[0]),
};

/// By night.
pub const DARK: Palette = Palette {
    is_dark: true,
    water: "#0b131c",
    land: "#182430",
    border: "#35475a",
    fence: "#b9a0ff",
    tints: tints(1),
    rim: [0.035, 0.07, 0.11, 1.0],
    stale: [0.58, 0.64, 0.70, 1.0],
    accent: [1.0, 0.694, 0.259, 1.0],
    trail: [0.36, 0.66, 0.95, 0.4],
    path: [1.0, 0.694, 0.259, 0.5],
    grid: [0.7, 0.8, 0.9, 0.13],
    shadow: [0.0, 0.0, 0.0, 0.5],
    disc: inks([SURFACES[1]])[0],
    steps: inks(STEP_COLOURS[1]),
};

/// What cards and boxes are made of, on light ground and on dark: `style/palette.css` has the same.
const SURFACES: [[u8; 3]; 2] = [[0xff, 0xff, 0xff], [0x12, 0x1b, 0x25]];

/// The steps of a scale, on light ground and on dark: `style/palette.css` has the same for the legend.
const STEP_COLOURS: [[[u8; 3]; STEPS]; 2] = [
    [[0x2f, 0x86, 0xa6], [0x2a, 0x6a, 0x99], [0x2c, 0x4f, 0x8c], [0x33, 0x34, 0x74], [0x30, 0x1a, 0x52]],
    [[0x4f, 0x7f, 0xc0], [0x5f, 0xa3, 0xcf], [0x86, 0xc5, 0xcc], [0xbf, 0xe0, 0xbd], [0xfb, 0xf6, 0xc0]],
];

/// Colours as the GPU gets them.
const fn inks<const N: usize>(rgb: [[u8; 3]; N]) -> [[f32; 4]; N] {
    let mut all = [[0.0, 0.0, 0.0, 1.0]; N];
    let mut n = 0;
    while n < N {
        let mut part = 0;
        while part < 3 {
            all[n][part] = rgb[n][part] as f32 / 255.0;
            part += 1;
        }
        n += 1;
    }
    all
}

/// The colours of marks as the GPU gets them, on light ground (0) or dark (1).
const fn tints(ground: usize) -> [[f32; 4]; MarkColor::ALL.len()] {
    let mut all = [[0.0, 0.0, 0.0, 1.0]; MarkColor::ALL.len()];
    let mut n = 0;
    while n < all.len() {
        let rgb = MarkColor::ALL[n].rgb()[ground];
        let mut part = 0;
        while part < rgb.len() {
            all[n][part] = rgb[part] as f32 / 255.0;
            part += 1;
        }
        n += 1;
    }
    all
}

/// The palette of a theme.
pub const fn palette(is_dark: bool) -> &'static Palette {
    if is_dark { &DARK } else { &LIGHT }
}

/// The local world as a MapLibre style. `world` is its full address: MapLibre's worker needs that.
pub fn local(world: &str, palette: &Palette) -> Value {
    let mut layers = vec![json!({"id": "water", "type": "background"})];
    layers.push(json!({"id": "land", "type": "fill", "source": SOURCE, "filter": ["==", ["get", "kind"], "land"]}));
    layers.push(json!({
        "id": "border", "type": "line", "source": SOURCE, "filter": ["==", ["get", "kind"], "border"],
        "layout": {"line-join": "round", "line-cap": "round"}
    }));
    for (layer, property, value) in paint(palette) {
        for known in &mut layers {
            if known.get("id").and_then(Value::as_str) == Some(layer)
                && let Some(known) = known.as_object_mut()
            {
                known.entry("paint").or_insert_with(|| json!({}))[property] = value.clone();
            }
        }
    }
    json!({
        "version": 8,
        "name": "Heliograph world",
        "sources": {SOURCE: {
            "type": "geojson",
            "data": world,
            "maxzoom": 7,
            "tolerance": 0.3,
            "attribution": "Natural Earth, world-atlas",
        }},
        "layers": layers,
    })
}

/// The source of a board's fences.
pub const FENCES: &str = "fences";
/// Their lowest style layer: what lies under them lies under this.
pub const FENCES_LOWEST: &str = "fence-veil";

/// How fences are drawn: a veil and a border; corridors as wide as they are on the ground.
pub fn fences(palette: &Palette) -> Vec<Value> {
    let wide =
        json!(["interpolate", ["exponential", 2], ["zoom"], 0, ["get", "w0"], 24, ["*", ["get", "w0"], 16_777_216]]);
    let is = |kind: &str| json!(["==", ["geometry-type"], kind]);
    let mut layers = vec![
        json!({"id": FENCES_LOWEST, "type": "fill", "source": FENCES, "filter": is("Polygon"), "paint": {"fill-opacity": 0.14}}),
        json!({"id": "fence-border", "type": "line", "source": FENCES, "filter": is("Polygon"),
               "paint": {"line-width": 1.5, "line-dasharray": [3, 2]}}),
        json!({"id": "fence-corridor", "type": "line", "source": FENCES, "filter": is("LineString"),
               "layout": {"line-cap": "round", "line-join": "round"}, "paint": {"line-width": wide, "line-opacity": 0.2}}),
    ];
    for (layer, property, value) in fence_paint(palette) {
        for known in &mut layers {
            if known["id"] == layer {
                known["paint"][property] = value.clone();
            }
        }
    }
    layers
}

/// What the palette decides of fences, as [`paint`] does.
pub fn fence_paint(palette: &Palette) -> Vec<(&'static str, &'static str, Value)> {
    vec![
        (FENCES_LOWEST, "fill-color", json!(palette.fence)),
        ("fence-border", "line-color", json!(palette.fence)),
        ("fence-corridor", "line-color", json!(palette.fence)),
    ]
}

/// What the palette decides, as layer, paint property and value: for a new style, and for changing a living one.
pub fn paint(palette: &Palette) -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("water", "background-color", json!(palette.water)),
        ("land", "fill-color", json!(palette.land)),
        ("land", "fill-antialias", json!(true)),
        ("border", "line-color", json!(palette.border)),
        ("border", "line-width", json!(["interpolate", ["linear"], ["zoom"], 1, 0.5, 5, 1.0, 10, 1.6])),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(rgb: [u8; 3]) -> String {
        rgb.iter().fold("#".to_owned(), |text, part| format!("{text}{part:02x}"))
    }

    #[test]
    fn the_legend_has_the_colours_of_the_map() {
        let css = include_str!("../../../../style/palette.css");
        for ((steps, surface), times) in STEP_COLOURS.iter().zip(SURFACES).zip([1, 2]) {
            for (n, rgb) in steps.iter().enumerate() {
                let line = format!("--step-{n}: {};", hex(*rgb));
                assert_eq!(css.matches(&line).count(), times, "{line}");
            }
            assert_eq!(css.matches(&format!("--surface: {};", hex(surface))).count(), times);
        }
    }

    /// The share of light that a colour gives (WCAG 2.2, relative luminance).
    fn luminance(rgb: [u8; 3]) -> f64 {
        let part = |value: u8| {
            let share = f64::from(value) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = rgb.map(part);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        if a > b { a / b } else { b / a }
    }

    #[test]
    fn every_step_stands_out_from_land_and_sea_and_from_the_one_before() {
        const GROUND: [[[u8; 3]; 2]; 2] =
            [[[0xf6, 0xf4, 0xee], [0xd5, 0xe1, 0xea]], [[0x18, 0x24, 0x30], [0x0b, 0x13, 0x1c]]];
        for (steps, grounds) in STEP_COLOURS.iter().zip(GROUND) {
            for rgb in steps {
                for ground in grounds {
                    assert!(contrast(*rgb, ground) >= 3.0, "{} {:.1}", hex(*rgb), contrast(*rgb, ground));
                }
            }
            for pair in steps.windows(2) {
                // Steps go one way, away from the ground.
                let (first, second) = (contrast(pair[0], grounds[0]), contrast(pair[1], grounds[0]));
                assert!(second > first * 1.2, "{} {}", hex(pair[0]), hex(pair[1]));
            }
        }
    }

    #[test]
    fn every_layer_of_fences_has_its_colour() {
        for palette in [&LIGHT, &DARK] {
            let text = Value::from(fences(palette)).to_string();
            assert_eq!(text.matches(palette.fence).count(), 3);
        }
    }

    #[test]
    fn the_style_names_no_other_host_and_paints_every_layer() {
        for palette in [&LIGHT, &DARK] {
            let style = local("http://here", palette);
            let text = style.to_string();
            assert_eq!(text.matches("http").count(), 1);
            assert!(!text.contains("glyphs") && !text.contains("sprite"));
            for layer in style["layers"].as_array().unwrap() {
                assert!(layer["paint"].is_object(), "{layer}");
            }
        }
    }
}
