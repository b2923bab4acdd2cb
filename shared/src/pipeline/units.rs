//! Units that numbers are converted between, by fractions: what is exact on paper is exact here.

use super::exact::Exact;

/// Every unit, for messages and the documentation.
pub const NAMES: &str =
    "m, km, ft, mi, nmi, m/s, km/h, mph, kn, C, F, K, Pa, hPa, bar, psi, ms, s, min, h, L, gal, kg, lb";

/// A unit: what it measures, and how many of the base unit one is, as a fraction, after adding hundredths.
struct Unit {
    name: &'static str,
    kind: u8,
    factor: (i128, i128),
    offset: i128,
}

const fn unit(name: &'static str, kind: u8, over: i128, under: i128) -> Unit {
    Unit { name, kind, factor: (over, under), offset: 0 }
}

const UNITS: [Unit; 24] = [
    unit("m", 0, 1, 1),
    unit("km", 0, 1_000, 1),
    unit("ft", 0, 3_048, 10_000),
    unit("mi", 0, 1_609_344, 1_000),
    unit("nmi", 0, 1_852, 1),
    unit("m/s", 1, 1, 1),
    unit("km/h", 1, 1_000, 3_600),
    unit("mph", 1, 44_704, 100_000),
    unit("kn", 1, 1_852, 3_600),
    Unit { name: "C", kind: 2, factor: (1, 1), offset: 27_315 },
    Unit { name: "F", kind: 2, factor: (5, 9), offset: 45_967 },
    unit("K", 2, 1, 1),
    unit("Pa", 3, 1, 1),
    unit("hPa", 3, 100, 1),
    unit("bar", 3, 100_000, 1),
    unit("psi", 3, 6_894_757_293_168, 1_000_000_000),
    unit("ms", 4, 1, 1_000),
    unit("s", 4, 1, 1),
    unit("min", 4, 60, 1),
    unit("h", 4, 3_600, 1),
    unit("L", 5, 1, 1),
    unit("gal", 5, 3_785_411_784, 1_000_000_000),
    unit("kg", 6, 1, 1),
    unit("lb", 6, 45_359_237, 100_000_000),
];

/// A number in another unit; `None` when one is not known or they measure different things.
pub fn convert(number: f64, from: &str, to: &str) -> Option<f64> {
    let find = |name: &str| UNITS.iter().find(|u| u.name == name);
    let (from, to) = (find(from)?, find(to)?);
    let (exact, plain) =
        ((Exact::new(from.factor.0, from.factor.1), Exact::new(to.factor.0, to.factor.1)), |u: &Unit| {
            (u.factor.0 as f64 / u.factor.1 as f64, u.offset as f64 / 100.0)
        });
    let made = (Exact::of(number) + Exact::new(from.offset, 100)) * exact.0.over(exact.1) - Exact::new(to.offset, 100);
    let by_doubles = || {
        let ((factor, offset), (to_factor, to_offset)) = (plain(from), plain(to));
        (number + offset) * factor / to_factor - to_offset
    };
    (from.kind == to.kind).then(|| made.number().unwrap_or_else(by_doubles))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_kind_convert_and_others_do_not() {
        let close = |a: Option<f64>, b: f64| a.is_some_and(|a| (a - b).abs() < 1e-9);
        assert!(close(convert(90.0, "km/h", "m/s"), 25.0));
        assert!(close(convert(212.0, "F", "C"), 100.0));
        for (number, from, to, made) in [
            (-40.0, "C", "F", -40.0),
            (-40.0, "C", "K", 233.15),
            (21.5, "C", "F", 70.7),
            (70.7, "F", "C", 21.5),
            (90.0, "km/h", "m/s", 25.0),
            (10.0, "kn", "km/h", 18.52),
            (0.1, "km", "m", 100.0),
            (1013.25, "hPa", "bar", 1.01325),
            (1e250, "km", "m", 1e253),
        ] {
            assert_eq!(convert(number, from, to), Some(made), "{number} {from} {to}");
        }
        assert!(close(convert(1.0, "mi", "km"), 1.609_344));
        assert_eq!(convert(1.0, "m", "s"), None);
        assert_eq!(convert(1.0, "furlong", "m"), None);
        let names: Vec<&str> = UNITS.iter().map(|u| u.name).collect();
        assert_eq!(names.join(", "), NAMES);
    }
}
