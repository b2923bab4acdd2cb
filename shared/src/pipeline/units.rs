//! Units that numbers are converted between.

/// Every unit, for messages and the documentation.
pub const NAMES: &str =
    "m, km, ft, mi, nmi, m/s, km/h, mph, kn, C, F, K, Pa, hPa, bar, psi, ms, s, min, h, L, gal, kg, lb";

/// A unit: what it measures, and how many of the base unit one is, after adding an offset.
struct Unit {
    name: &'static str,
    kind: u8,
    factor: f64,
    offset: f64,
}

const fn unit(name: &'static str, kind: u8, factor: f64) -> Unit {
    Unit { name, kind, factor, offset: 0.0 }
}

const UNITS: [Unit; 24] = [
    unit("m", 0, 1.0),
    unit("km", 0, 1_000.0),
    unit("ft", 0, 0.3048),
    unit("mi", 0, 1_609.344),
    unit("nmi", 0, 1_852.0),
    unit("m/s", 1, 1.0),
    unit("km/h", 1, 1.0 / 3.6),
    unit("mph", 1, 0.44704),
    unit("kn", 1, 1_852.0 / 3_600.0),
    Unit { name: "C", kind: 2, factor: 1.0, offset: 273.15 },
    Unit { name: "F", kind: 2, factor: 5.0 / 9.0, offset: 459.67 },
    unit("K", 2, 1.0),
    unit("Pa", 3, 1.0),
    unit("hPa", 3, 100.0),
    unit("bar", 3, 100_000.0),
    unit("psi", 3, 6_894.757_293_168),
    unit("ms", 4, 0.001),
    unit("s", 4, 1.0),
    unit("min", 4, 60.0),
    unit("h", 4, 3_600.0),
    unit("L", 5, 1.0),
    unit("gal", 5, 3.785_411_784),
    unit("kg", 6, 1.0),
    unit("lb", 6, 0.453_592_37),
];

/// A number in another unit; `None` when one is not known or they measure different things.
pub fn convert(number: f64, from: &str, to: &str) -> Option<f64> {
    let find = |name: &str| UNITS.iter().find(|u| u.name == name);
    let (from, to) = (find(from)?, find(to)?);
    (from.kind == to.kind).then(|| (number + from.offset) * from.factor / to.factor - to.offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_kind_convert_and_others_do_not() {
        let close = |a: Option<f64>, b: f64| a.is_some_and(|a| (a - b).abs() < 1e-9);
        assert!(close(convert(90.0, "km/h", "m/s"), 25.0));
        assert!(close(convert(212.0, "F", "C"), 100.0));
        assert!(close(convert(-40.0, "C", "F"), -40.0));
        assert!(close(convert(1.0, "mi", "km"), 1.609_344));
        assert_eq!(convert(1.0, "m", "s"), None);
        assert_eq!(convert(1.0, "furlong", "m"), None);
        let names: Vec<&str> = UNITS.iter().map(|u| u.name).collect();
        assert_eq!(names.join(", "), NAMES);
    }
}
