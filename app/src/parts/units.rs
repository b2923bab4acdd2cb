//! In which units a visit shows speeds, temperatures and lengths: as the board says, or as the visitor wants. What is sent,
//! kept, sorted and searched stays as it is.

use std::cell::Cell;

use heliograph_shared::pipeline::units::convert;

/// A choice of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Units {
    /// Fields in the units of the board's config, speeds in kilometres per hour, heights in metres.
    #[default]
    Own,
    /// km/h, °C, m and km.
    Metric,
    /// m/s, °C, m and km.
    Si,
    /// mph, °F, ft and mi.
    Imperial,
    /// Knots, °C, m and nautical miles.
    Nautical,
}

impl Units {
    /// All of them, in the order in which a page offers them.
    pub const ALL: [Self; 5] = [Self::Own, Self::Metric, Self::Si, Self::Imperial, Self::Nautical];

    /// The name in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Metric => "metric",
            Self::Si => "si",
            Self::Imperial => "imperial",
            Self::Nautical => "nautical",
        }
    }

    /// The choice of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|units| units.name() == name)
    }

    /// The unit of speeds that positions have.
    pub const fn speed(self) -> &'static str {
        match self {
            Self::Own | Self::Metric => "km/h",
            Self::Si => "m/s",
            Self::Imperial => "mph",
            Self::Nautical => "kn",
        }
    }

    /// The unit of heights, and of other short lengths.
    pub const fn height(self) -> &'static str {
        match self {
            Self::Own | Self::Metric | Self::Si | Self::Nautical => "m",
            Self::Imperial => "ft",
        }
    }

    /// The unit of long ways.
    pub const fn way(self) -> &'static str {
        match self {
            Self::Own | Self::Metric | Self::Si => "km",
            Self::Imperial => "mi",
            Self::Nautical => "nmi",
        }
    }

    const fn temperature(self) -> &'static str {
        match self {
            Self::Own | Self::Metric | Self::Si | Self::Nautical => "°C",
            Self::Imperial => "°F",
        }
    }

    /// The unit in the place of a field's; none where the field's own stays.
    fn instead_of(self, unit: &str) -> Option<&'static str> {
        if self == Self::Own {
            return None;
        }
        let wanted = match unit {
            "km/h" | "m/s" | "mph" | "kn" => self.speed(),
            "°C" | "°F" => self.temperature(),
            "m" | "ft" => self.height(),
            "km" | "mi" | "nmi" => self.way(),
            _ => return None,
        };
        (wanted != unit).then_some(wanted)
    }

    /// A field's value in the unit that is wanted, with that; none where it stays as it is.
    pub fn converted(self, number: f64, unit: &str) -> Option<(f64, &'static str)> {
        let wanted = self.instead_of(unit)?;
        convert(number, plain(unit), plain(wanted)).map(|number| (number, wanted))
    }
}

/// A unit as pipelines call it.
fn plain(unit: &str) -> &str {
    unit.strip_prefix('°').unwrap_or(unit)
}

/// A number in another unit; as it is where the two do not measure the same.
pub fn measured(number: f64, from: &str, to: &str) -> f64 {
    convert(number, from, to).unwrap_or(number)
}

/// The units of a visit: what the address asks for, or what the visitor chose before.
pub fn chosen(asked: Option<&str>, kept: Option<&str>) -> Units {
    asked.and_then(Units::named).or_else(|| kept.and_then(Units::named)).unwrap_or_default()
}

thread_local! {
    /// A page has one thread.
    static UNITS: Cell<Units> = const { Cell::new(Units::Own) };
}

/// The units of this visit.
pub fn units() -> Units {
    UNITS.get()
}

/// Chooses the units of this visit: once, before the first number is shown.
pub fn measure_in(units: Units) {
    UNITS.set(units);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_are_exact_where_they_are_on_paper() {
        let cases = [
            (Units::Imperial, 21.5, "°C", 70.7, "°F"),
            (Units::Imperial, -40.0, "°C", -40.0, "°F"),
            (Units::Metric, 70.7, "°F", 21.5, "°C"),
            (Units::Imperial, 304.8, "m", 1_000.0, "ft"),
            (Units::Imperial, 1.609_344, "km", 1.0, "mi"),
            (Units::Nautical, 18.52, "km/h", 10.0, "kn"),
            (Units::Nautical, 1.852, "km", 1.0, "nmi"),
            (Units::Nautical, 10.0, "ft", 3.048, "m"),
            (Units::Si, 90.0, "km/h", 25.0, "m/s"),
            (Units::Metric, 44.704, "m/s", 160.934_4, "km/h"),
        ];
        for (units, number, unit, shown, wanted) in cases {
            assert_eq!(units.converted(number, unit), Some((shown, wanted)), "{number} {unit}");
        }
    }

    #[test]
    fn what_is_in_the_unit_already_or_in_one_that_is_not_known_stays() {
        for units in Units::ALL {
            assert_eq!(units.converted(3.0, "l"), None);
            assert_eq!(units.converted(3.0, "%"), None);
            assert_eq!(units.converted(3.0, units.speed()), None);
            assert_eq!(units.converted(3.0, units.height()), None);
            assert_eq!(units.converted(3.0, units.way()), None);
        }
        // Nobody chose: the board's own unit is right.
        assert_eq!(Units::Own.converted(3.0, "mph"), None);
    }

    #[test]
    fn the_address_wins_then_the_choice_then_the_board() {
        assert_eq!(chosen(Some("si"), Some("imperial")), Units::Si);
        assert_eq!(chosen(Some("own"), Some("imperial")), Units::Own);
        assert_eq!(chosen(Some("parsecs"), Some("imperial")), Units::Imperial);
        assert_eq!(chosen(None, Some("parsecs")), Units::Own);
        assert!(Units::ALL.into_iter().all(|units| Units::named(units.name()) == Some(units)));
    }
}
