//! Which items an embed shows, and which of their columns: the part of an address that a table and a value read.

use heliograph_shared::density::Density;

use crate::board::address::{Camera, Column, Sort};
use crate::board::map::layers::choice;
use crate::browser::percent::{given, parameter};
use crate::chart::measure::Measure;
use crate::chart::span::Range;

/// Columns beside the key at most.
const MOST_COLUMNS: usize = 12;

/// What is picked.
#[derive(Clone, Debug, PartialEq)]
pub struct Picks {
    /// Words that items have to match.
    pub query: String,
    /// Their order.
    pub sort: Sort,
    /// Columns beside the key; the board's own choice when none is named.
    pub columns: Vec<Column>,
    /// The one value of a value.
    pub field: Option<Column>,
    /// Where a map looks: `zoom/lat/lon`, and `/bearing/pitch`.
    pub camera: Option<Camera>,
    /// What a chart shows: a field, `speed`, or `events`.
    pub measure: Option<Measure>,
    /// Which time a chart shows.
    pub range: Range,
    /// Whether a map stays with the item of the address.
    pub follow: bool,
    /// Whether items have no names beside them on a map.
    pub is_nameless: bool,
    /// Ids of a map's layers; as the board's config says when absent.
    pub layers: Option<Vec<String>>,
    /// How many items a map shows; as the board's config says when absent.
    pub density: Option<Density>,
}

impl Picks {
    /// Reads `location.search`.
    pub fn parse(search: &str) -> Self {
        let columns = parameter(search, "columns").unwrap_or_default();
        let named = columns.split(',').filter(|code| !code.is_empty() && *code != "key");
        Self {
            query: parameter(search, "q").unwrap_or_default(),
            sort: parameter(search, "sort").map(|code| Sort::from_code(&code)).unwrap_or_default(),
            columns: named.take(MOST_COLUMNS).map(Column::from_code).collect(),
            field: parameter(search, "field").map(|code| Column::from_code(&code)),
            camera: parameter(search, "camera").and_then(|camera| Camera::from_hash(&camera)),
            measure: parameter(search, "field").map(|code| match code.as_str() {
                "speed" => Measure::Field("position.speed".to_owned()),
                code => Measure::from_code(code),
            }),
            range: Range::from_parameters(|name| parameter(search, name)),
            follow: parameter(search, "follow").as_deref() == Some("1"),
            is_nameless: parameter(search, "names").as_deref() == Some("0"),
            layers: given(search, "layers").map(|ids| choice::parse(&ids)),
            density: parameter(search, "density").and_then(|name| Density::named(&name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::span::Preset;

    #[test]
    fn items_are_picked_as_on_the_board_s_page() {
        let picks = Picks::parse("?q=bus+80&sort=-fuel&columns=fuel,key,speed,seen&field=.seen");
        assert_eq!(picks.query, "bus 80");
        assert_eq!(picks.sort, Sort { column: Column::Field("fuel".into()), descending: true });
        assert_eq!(picks.columns, [Column::Field("fuel".into()), Column::Speed, Column::Seen]);
        assert_eq!(picks.field, Some(Column::Field("seen".into())));
    }

    #[test]
    fn a_map_looks_where_the_address_says() {
        let picks = Picks::parse("?camera=12.5/30.27/-97.74&key=bus-3&follow=1");
        let camera = picks.camera.unwrap();
        assert_eq!((camera.zoom, camera.lat, camera.lon, camera.pitch), (12.5, 30.27, -97.74, 0.0));
        assert!(picks.follow && !picks.is_nameless);
        assert!(Picks::parse("?names=0").is_nameless && !Picks::parse("?names=1").is_nameless);
        assert_eq!((picks.layers, picks.density), (None, None));
        assert_eq!(Picks::parse("?density=hex").density, Some(Density::Hex));
        assert_eq!(Picks::parse("?layers=routes,stops").layers.unwrap(), ["routes", "stops"]);
        assert_eq!(Picks::parse("?layers=").layers.unwrap(), [""; 0]);
        assert_eq!(Picks::parse("?camera=12.5/95/0").camera, None);
    }

    #[test]
    fn a_chart_shows_a_field_the_speed_or_events_of_the_time_that_is_asked_for() {
        let field = |name: &str| Some(Measure::Field(name.to_owned()));
        let measure = |code: &str| Picks::parse(&format!("?field={code}&range=6h")).measure;
        assert_eq!(
            (measure("fuel"), measure("speed"), measure(".speed")),
            (field("fuel"), field("position.speed"), field("speed"))
        );
        assert_eq!(measure("events"), Some(Measure::Events));
        assert_eq!(Picks::parse("?range=6h").range, Range::Last(Preset::Hours6));
    }

    #[test]
    fn what_is_not_named_has_its_default() {
        let picks = Picks::parse("?moon=1&columns=");
        assert_eq!((picks.sort, picks.columns, picks.field), (Sort::default(), vec![], None));
        assert_eq!(Picks::parse(&format!("?columns={}", "a,".repeat(40))).columns.len(), 12);
    }
}
