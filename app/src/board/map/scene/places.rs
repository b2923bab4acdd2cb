//! Names of countries on the local basemap: which to show and where, without overlaps.

use super::mercator::Fixed;
use super::projector::Projector;

/// Nobody needs a country's name above a city.
const MAX_ZOOM: f64 = 8.5;

/// Average width of a letter and height of a line, in CSS pixels, for keeping names apart.
const LETTER: (f64, f64) = (7.4, 20.0);

/// A named place.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub at: Fixed,
    /// From which zoom on it is shown: large countries first.
    pub from_zoom: f64,
}

impl Place {
    /// The style class: large, middle or small.
    pub fn class(&self) -> &'static str {
        if self.from_zoom < 1.5 {
            "label place large"
        } else if self.from_zoom < 3.5 {
            "label place"
        } else {
            "label place small"
        }
    }

    /// Reads the basemap's list: `[[name, longitude, latitude, zoom], …]`, in order of importance.
    pub fn list_from_json(text: &str) -> Vec<Self> {
        let rows: Vec<(String, f64, f64, f64)> = serde_json::from_str(text).unwrap_or_default();
        let place = |(name, lon, lat, from_zoom)| Self { name, at: Fixed::from_degrees(lat, lon), from_zoom };
        rows.into_iter().map(place).collect()
    }
}

/// All places, the most important first.
#[derive(Clone, Debug, Default)]
pub struct Places(Vec<Place>);

impl Places {
    /// From the basemap's list.
    pub fn new(places: Vec<Place>) -> Self {
        Self(places)
    }

    /// The places to name in a view, with their pixels.
    pub fn visible(&self, camera: &Projector) -> Vec<(&Place, f64, f64)> {
        let mut shown: Vec<(&Place, f64, f64)> = Vec::new();
        if camera.zoom > MAX_ZOOM {
            return shown;
        }
        for place in self.0.iter().filter(|place| place.from_zoom <= camera.zoom) {
            let Some((x, y)) = camera.screen_from_fixed(place.at) else { continue };
            let half = place.name.chars().count() as f64 * LETTER.0 / 2.0;
            let is_inside = x > half && y > LETTER.1 && x < camera.size.0 - half && y < camera.size.1 - LETTER.1;
            let hits = |other: &(&Place, f64, f64)| {
                let other_half = other.0.name.chars().count() as f64 * LETTER.0 / 2.0;
                (other.1 - x).abs() < half + other_half && (other.2 - y).abs() < LETTER.1
            };
            if is_inside && !shown.iter().any(hits) {
                shown.push((place, x, y));
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::map::scene::mercator::unit_from_degrees;

    #[test]
    fn names_do_not_overlap_and_the_important_one_wins() {
        let list = Place::list_from_json(r#"[["Spain",-3.6,40.2,2],["Madrid",-3.7,40.4,2],["Chile",-71,-30,2]]"#);
        let places = Places::new(list);
        let (x, y) = unit_from_degrees(40.0, -3.0);
        let scale = 2.0 * 512.0 * 16.0;
        let matrix = [
            scale / 800.0,
            0.0,
            0.0,
            0.0,
            0.0,
            -scale / 600.0,
            0.0,
            0.0,
            0.0,
            0.0,
            1.0,
            0.0,
            -scale / 800.0 * x,
            scale / 600.0 * y,
            0.0,
            1.0,
        ];
        let camera = Projector::new(&matrix, (40.0, -3.0), (800.0, 600.0), 4.0);
        let names: Vec<_> = places.visible(&camera).into_iter().map(|(place, ..)| place.name.as_str()).collect();
        assert_eq!(names, ["Spain"]);
        assert!(Place::list_from_json("no").is_empty());
    }
}
