//! What a series is of: a number field, or the events themselves.

use heliograph_shared::config::Threshold;
use heliograph_shared::position::Position;

use super::picture::Level;
use crate::browser::percent::{decode, encode};
use crate::client::boards::BoardInfo;
use crate::parts::units::{Units, measured, units};

/// The parts of a position that the API has series of, and that this one has.
pub fn position_values(position: &Position) -> impl Iterator<Item = (&'static str, f64)> {
    let parts = [
        (SPEED, position.speed()),
        ("position.altitude", position.altitude()),
        ("position.accuracy", position.accuracy()),
    ];
    parts.into_iter().filter_map(|(name, value)| Some((name, value?)))
}

const EVENTS: &str = "events";
const SPEED: &str = "position.speed";
const LENGTHS: [&str; 2] = ["position.altitude", "position.accuracy"];

/// The unit of a part of a position, in this visit.
fn unit_of_position(name: &str) -> Option<&'static str> {
    let units = units();
    if LENGTHS.contains(&name) {
        return Some(units.height());
    }
    (name == SPEED).then(|| match units {
        Units::Own | Units::Metric => text!(chart.measure.speed_unit),
        Units::Si => text!(chart.measure.si_unit),
        Units::Imperial => text!(chart.measure.imperial_unit),
        Units::Nautical => text!(chart.measure.nautical_unit),
    })
}

/// What is measured.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// The values of a number field.
    Field(String),
    /// How many events there were.
    Events,
}

impl Measure {
    /// The name in addresses. A field that is called like the events gets a dot in front.
    pub fn code(&self) -> String {
        match self {
            Self::Events => EVENTS.to_owned(),
            Self::Field(name) if name == EVENTS || name.starts_with('.') => format!(".{name}"),
            Self::Field(name) => name.clone(),
        }
    }

    /// The measure of a name; every name is one.
    pub fn from_code(code: &str) -> Self {
        match code {
            EVENTS => Self::Events,
            field => Self::Field(field.strip_prefix('.').unwrap_or(field).to_owned()),
        }
    }

    /// For people.
    pub fn label(&self, info: &BoardInfo) -> String {
        match self {
            Self::Events => text!(chart.measure.events).to_owned(),
            Self::Field(name) => match info.fields.get(name).and_then(|field| field.label.clone()) {
                Some(label) => label,
                None => crate::client::labels::label_from_name(name.strip_prefix("position.").unwrap_or(name)),
            },
        }
    }

    /// Behind its values.
    pub fn unit<'i>(&self, info: &'i BoardInfo) -> Option<&'i str> {
        match self {
            Self::Events => None,
            Self::Field(name) => {
                let own = info.unit(name).filter(|_| units() == Units::Own);
                own.or_else(|| unit_of_position(name)).or_else(|| info.unit(name))
            }
        }
    }

    /// Its values that matter, where the board names some, on this axis.
    pub fn levels(&self, info: &BoardInfo, is_right: bool) -> Vec<Level> {
        let Self::Field(name) = self else { return Vec::new() };
        let of_field = info.fields.get(name).map(|field| field.thresholds.as_slice()).unwrap_or_default();
        let level = |threshold: &Threshold| Level {
            name: threshold.label.clone().unwrap_or_default(),
            value: threshold.value * self.factor(),
            unit: self.unit(info).map(str::to_owned),
            is_right,
        };
        of_field.iter().map(level).collect()
    }

    /// What a path with our own parameters asks for.
    pub fn asked_for(path: &str) -> Self {
        let parameters = path.split_once('?').map_or("", |(_, parameters)| parameters);
        let field = parameters.split('&').find_map(|parameter| parameter.strip_prefix("field="));
        field.map_or(Self::Events, |field| Self::Field(decode(field)))
    }

    /// By what the API's values are multiplied: a position's speeds are m/s there, its lengths metres, and both in the units
    /// of this visit for people. Fields stay as the board has them.
    pub fn factor(&self) -> f64 {
        match self {
            Self::Field(name) if name == SPEED => measured(1.0, "m/s", units().speed()),
            Self::Field(name) if LENGTHS.contains(&name.as_str()) => measured(1.0, "m", units().height()),
            Self::Field(_) | Self::Events => 1.0,
        }
    }

    /// The parameter of the API, with a `&` behind it.
    pub fn parameter(&self) -> String {
        match self {
            Self::Events => String::new(),
            Self::Field(name) => format!("field={}&", encode(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_survives_an_address() {
        let field = |name: &str| Measure::Field(name.to_owned());
        for measure in [Measure::Events, field("temp"), field("events"), field(".x"), field("position.speed")] {
            assert_eq!(Measure::from_code(&measure.code()), measure);
        }
        for measure in [Measure::Events, field("a b"), field("position.speed")] {
            let path = format!("items/x%3Ffield=y/series?{}from=1&to=2", measure.parameter());
            assert_eq!(Measure::asked_for(&path), measure);
        }
        assert_eq!(Measure::Events.parameter(), "");
        assert_eq!(field("a b").parameter(), "field=a%20b&");
    }

    #[test]
    fn a_position_s_values_are_in_the_units_of_the_visit() {
        let info: BoardInfo = serde_json::from_str(r#"{"fields":{"position.altitude":{"unit":"m"}}}"#).unwrap();
        let shown = |units: Units, name: &str| {
            crate::parts::units::measure_in(units);
            let measure = Measure::Field(name.to_owned());
            let shown = (measure.factor(), measure.unit(&info).unwrap_or_default().to_owned());
            crate::parts::units::measure_in(Units::Own);
            shown
        };
        assert_eq!(shown(Units::Own, "position.speed"), (3.6, "km/h".to_owned()));
        assert_eq!(shown(Units::Si, "position.speed"), (1.0, "m/s".to_owned()));
        assert_eq!(shown(Units::Own, "position.altitude"), (1.0, "m".to_owned()));
        let (feet, unit) = shown(Units::Imperial, "position.altitude");
        assert!((feet - 3.280_839_895).abs() < 1e-9 && unit == "ft", "{feet} {unit}");
        assert_eq!(shown(Units::Imperial, "speed"), (1.0, String::new()));
    }

    #[test]
    fn the_boards_labels_and_units_win() {
        let info: BoardInfo =
            serde_json::from_str(r#"{"fields":{"temp":{"label":"Temperature","unit":"°C"}}}"#).unwrap();
        let temp = Measure::Field("temp".into());
        assert_eq!((temp.label(&info).as_str(), temp.unit(&info)), ("Temperature", Some("°C")));
        let speed = Measure::Field("position.speed".into());
        assert_eq!((speed.label(&info).as_str(), speed.unit(&info)), ("Speed", Some("km/h")));
        let info: BoardInfo =
            serde_json::from_str(r#"{"fields":{"position.speed":{"thresholds":[{"value":10,"label":"Fast"}]}}}"#)
                .unwrap();
        let levels = speed.levels(&info, true);
        assert_eq!((levels[0].told().as_str(), levels[0].is_right), ("Fast: 36\u{a0}km/h", true));
        assert!(Measure::Events.levels(&info, false).is_empty());
    }
}
