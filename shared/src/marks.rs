//! How a board's items look on a map: by rules on what they are, of which the first that fits decides.
//!
//! Colours have names and no values: each has one for light ground and one for dark, so that a board stays readable in both.
//! A colour is never the only sign: a rule has a label, which legends and lists show, and may have a shape.

use crate::limits;
use crate::problem::{Code, FieldError};
use crate::views::filter::Condition;
use serde::{Deserialize, Serialize};

/// The colour of a mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MarkColor {
    /// As marks have it that no rule is about.
    #[default]
    Blue,
    /// Between blue and green.
    Teal,
    /// As of what is well.
    Green,
    /// As of a warning.
    Yellow,
    /// As of what is wrong.
    Red,
    /// Between red and purple.
    Pink,
    /// Between blue and pink.
    Purple,
}

impl MarkColor {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 7] = [Self::Blue, Self::Teal, Self::Green, Self::Yellow, Self::Red, Self::Pink, Self::Purple];

    /// Its place in [`Self::ALL`].
    pub const fn number(self) -> u8 {
        match self {
            Self::Blue => 0,
            Self::Teal => 1,
            Self::Green => 2,
            Self::Yellow => 3,
            Self::Red => 4,
            Self::Pink => 5,
            Self::Purple => 6,
        }
    }

    /// As configs name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Teal => "teal",
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Red => "red",
            Self::Pink => "pink",
            Self::Purple => "purple",
        }
    }

    /// Red, green and blue, 0 to 255: on light ground, then on dark. Each stands out from land and sea at least three to one,
    /// as WCAG 2.2 asks of graphics (1.4.11).
    pub const fn rgb(self) -> [[u8; 3]; 2] {
        match self {
            Self::Blue => [[0x0a, 0x5c, 0xba], [0x67, 0xbd, 0xff]],
            Self::Teal => [[0x00, 0x75, 0x7c], [0x3f, 0xd4, 0xc8]],
            Self::Green => [[0x2f, 0x7a, 0x1c], [0x8f, 0xd6, 0x5a]],
            Self::Yellow => [[0x8f, 0x66, 0x00], [0xff, 0xd4, 0x52]],
            Self::Red => [[0xc2, 0x1f, 0x1f], [0xff, 0x7d, 0x72]],
            Self::Pink => [[0xb5, 0x26, 0x93], [0xff, 0x93, 0xdb]],
            Self::Purple => [[0x69, 0x3f, 0xc4], [0xb9, 0xa0, 0xff]],
        }
    }
}

/// The shape of a mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MarkShape {
    /// A disc; with a nose where the heading is known.
    #[default]
    Round,
    /// A square.
    Square,
    /// A square on its corner.
    Diamond,
    /// A triangle that points ahead.
    Triangle,
}

impl MarkShape {
    /// Its number, 0 to 3.
    pub const fn number(self) -> u8 {
        match self {
            Self::Round => 0,
            Self::Square => 1,
            Self::Diamond => 2,
            Self::Triangle => 3,
        }
    }

    /// As configs name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Round => "round",
            Self::Square => "square",
            Self::Diamond => "diamond",
            Self::Triangle => "triangle",
        }
    }
}

/// How some items look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MarkRule {
    /// For people, such as "Late".
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 60)))]
    pub label: String,
    /// Conditions that an item meets, all of them, as in `where=`: `status:eq:late`, `fuel:lt:0.2`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::WHERE_CONDITIONS)))]
    pub r#where: Vec<String>,
    /// Its colour.
    #[serde(default)]
    pub color: MarkColor,
    /// Its shape.
    #[serde(default)]
    pub shape: MarkShape,
}

impl MarkRule {
    /// The conditions; a rule with one that can't be read has none that fits.
    pub fn conditions(&self) -> Option<Vec<Condition>> {
        self.r#where.iter().map(|text| Condition::parse(text).ok()).collect()
    }

    /// What is wrong with it: the part, why, and how it is mended.
    fn wrong(&self) -> Option<(String, Code, String)> {
        let label = self.label.trim();
        if label.is_empty() {
            return Some(("label".to_owned(), Code::Missing, "is required: the legend shows it".to_owned()));
        }
        if label.len() > 60 {
            return Some(("label".to_owned(), Code::TooLong, "has at most 60 bytes".to_owned()));
        }
        if !(1..=limits::WHERE_CONDITIONS).contains(&self.r#where.len()) {
            let message = format!("has 1 to {} conditions", limits::WHERE_CONDITIONS);
            return Some(("where".to_owned(), Code::Invalid, message));
        }
        let wrong = |(n, text): (usize, &String)| Some((n, Condition::parse(text).err()?));
        let (n, why) = self.r#where.iter().enumerate().find_map(wrong)?;
        Some((format!("where[{n}]"), Code::Invalid, why))
    }
}

/// What is wrong with a config's rules; each is named.
pub fn errors(rules: &[MarkRule]) -> Vec<FieldError> {
    if rules.len() > limits::MARK_RULES {
        let message = format!("map.marks has at most {} rules", limits::MARK_RULES);
        return vec![FieldError::new("map.marks", Code::TooMany, message)];
    }
    let wrong = rules.iter().enumerate().filter_map(|(i, rule)| Some((i, rule.wrong()?)));
    wrong
        .map(|(i, (part, code, why))| {
            let field = format!("map.marks[{i}].{part}");
            let message = format!("{field} {why}");
            FieldError::new(field, code, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> MarkRule {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_rule_is_blue_and_round_unless_it_says_otherwise_and_comes_back_as_it_is() {
        let plain = rule(r#"{"label":"Late","where":["status:eq:late"]}"#);
        assert_eq!((plain.color, plain.shape), (MarkColor::Blue, MarkShape::Round));
        let full = rule(r#"{"label":"Low","where":["fuel:lt:0.2"],"color":"red","shape":"diamond"}"#);
        assert_eq!((full.color, full.shape), (MarkColor::Red, MarkShape::Diamond));
        assert_eq!(rule(&serde_json::to_string(&full).unwrap()), full);
        assert_eq!(errors(&[plain, full]), []);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let one = |text: &str| {
            let error = errors(&[rule(r#"{"label":"a","where":["a:eq:1"]}"#), rule(text)]).remove(0);
            (error.field, error.code.name(), error.message)
        };
        for (text, field, code, part) in [
            (r#"{"label":" ","where":["a:eq:1"]}"#, "map.marks[1].label", "missing", "legend"),
            (r#"{"label":"a","where":[]}"#, "map.marks[1].where", "invalid", "1 to 16"),
            (r#"{"label":"a","where":["a:eq:1","fuel"]}"#, "map.marks[1].where[1]", "invalid", "column:operator:value"),
        ] {
            let (at, known, message) = one(text);
            assert_eq!((at.as_str(), known), (field, code), "{message}");
            assert!(message.contains(part), "{message}");
        }
        let long = format!(r#"{{"label":"{}","where":["a:eq:1"]}}"#, "x".repeat(61));
        assert_eq!(one(&long).1, "too_long");
        let many = vec![rule(r#"{"label":"a","where":["a:eq:1"]}"#); limits::MARK_RULES + 1];
        assert_eq!(errors(&many)[0].code.name(), "too_many");
        assert!(serde_json::from_str::<MarkRule>(r#"{"label":"a","where":["a:eq:1"],"colour":"red"}"#).is_err());
    }

    #[test]
    fn numbers_and_names_are_each_ones_own() {
        for (n, color) in MarkColor::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(color.number()), n);
            assert_eq!(serde_json::to_value(color).unwrap(), color.name());
        }
        for shape in [MarkShape::Round, MarkShape::Square, MarkShape::Diamond, MarkShape::Triangle] {
            assert_eq!(serde_json::to_value(shape).unwrap(), shape.name());
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

    #[test]
    fn every_colour_stands_out_from_land_and_sea_by_day_and_by_night() {
        const GROUND: [[[u8; 3]; 2]; 2] =
            [[[0xf6, 0xf4, 0xee], [0xd5, 0xe1, 0xea]], [[0x18, 0x24, 0x30], [0x0b, 0x13, 0x1c]]];
        for color in MarkColor::ALL {
            for (rgb, grounds) in color.rgb().into_iter().zip(GROUND) {
                for ground in grounds {
                    let (a, b) = (luminance(rgb) + 0.05, luminance(ground) + 0.05);
                    let contrast = if a > b { a / b } else { b / a };
                    assert!(contrast >= 3.0, "{} is {contrast:.1} to 1", color.name());
                }
            }
        }
    }
}
