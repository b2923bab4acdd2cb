//! The view as the address bar holds it:
//! `?item=d1&item=d2&field=temp&field=humidity&of=max&by=site&group=roof&range=7d&step=1h&charts=one&theme=dark`

use super::measure::Measure;
use super::series::Aggregate;
use super::span::{Range, Step};
use crate::browser::percent::{decode, encode, parameter};

/// Items that may be chosen.
pub const ITEMS_MAX: usize = 50;
/// Fields that may be chosen.
pub const FIELDS_MAX: usize = 8;

/// What makes a line of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// Each item.
    #[default]
    Key,
    /// Nothing: all items together.
    All,
    /// Each value of a text field.
    Field(String),
}

impl Split {
    /// The name in the address. A field that is called like another split gets a dot in front.
    pub fn code(&self) -> String {
        match self {
            Self::Key => "key".to_owned(),
            Self::All => "all".to_owned(),
            Self::Field(name) if name == "key" || name == "all" || name.starts_with('.') => format!(".{name}"),
            Self::Field(name) => name.clone(),
        }
    }

    /// The split of a name; every name is one.
    pub fn from_code(code: &str) -> Self {
        match code {
            "key" => Self::Key,
            "all" => Self::All,
            field => Self::Field(field.strip_prefix('.').unwrap_or(field).to_owned()),
        }
    }
}

/// Groups that may be chosen: as many lines as one chart has.
pub const GROUPS_CHOSEN_MAX: usize = 8;

/// Everything about the view that the address holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Only these items; all when empty.
    pub items: Vec<String>,
    /// What is shown of them; what the board is about when empty.
    pub measures: Vec<Measure>,
    /// What of a step's values is drawn.
    pub aggregate: Aggregate,
    /// What makes a line of its own.
    pub split: Split,
    /// Only these values of the field that splits; all when empty.
    pub groups: Vec<String>,
    /// The time.
    pub range: Range,
    /// How long a value is; as the time asks for when absent.
    pub step: Option<Step>,
    /// Whether all lines are in one chart instead of a chart for each field.
    pub is_together: bool,
    /// A theme other than the viewer's own: `light` or `dark`.
    pub theme: Option<String>,
}

impl View {
    /// Reads `location.search`. What it does not know it ignores.
    pub fn parse(search: &str) -> Self {
        let mut view = Self { range: Range::from_parameters(|name| parameter(search, name)), ..Self::default() };
        for pair in search.strip_prefix('?').unwrap_or(search).split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value);
            match name {
                "item" if !value.is_empty() => add(&mut view.items, value, ITEMS_MAX),
                "field" if !value.is_empty() => add(&mut view.measures, Measure::from_code(&value), FIELDS_MAX),
                "of" => view.aggregate = Aggregate::from_code(&value).unwrap_or_default(),
                "by" if !value.is_empty() => view.split = Split::from_code(&value),
                "group" if !value.is_empty() => add(&mut view.groups, value, GROUPS_CHOSEN_MAX),
                "step" => view.step = Step::parse(&value),
                "charts" => view.is_together = value == "one",
                "theme" if value == "light" || value == "dark" => view.theme = Some(value),
                _ => {}
            }
        }
        view
    }

    /// The query, without what is at its default.
    pub fn to_search(&self) -> String {
        let mut pairs: Vec<(&str, String)> = self.items.iter().map(|item| ("item", encode(item))).collect();
        pairs.extend(self.measures.iter().map(|measure| ("field", encode(&measure.code()))));
        if self.aggregate != Aggregate::default() {
            pairs.push(("of", self.aggregate.code().to_owned()));
        }
        if self.split != Split::default() {
            pairs.push(("by", encode(&self.split.code())));
        }
        pairs.extend(self.groups.iter().map(|group| ("group", encode(group))));
        pairs.extend(self.range.to_parameters());
        pairs.extend(self.step.map(|step| ("step", step.name().to_owned())));
        if self.is_together {
            pairs.push(("charts", "one".to_owned()));
        }
        pairs.extend(self.theme.clone().map(|theme| ("theme", theme)));
        let parts: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }
}

fn add<T: PartialEq>(list: &mut Vec<T>, value: T, most: usize) {
    if list.len() < most && !list.contains(&value) {
        list.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::span::{HOUR, Preset, Window};

    #[test]
    fn every_setting_survives_the_address_bar() {
        let window = Window { from: 1_594_598_400_000, to: 1_594_598_400_000 + HOUR };
        let view = View {
            items: vec!["00:0f:00:70:91:0a".into(), "a&b=c,d/é".into()],
            measures: vec![Measure::Field("temp".into()), Measure::Events, Measure::Field("events".into())],
            aggregate: Aggregate::Max,
            split: Split::Field("all".into()),
            groups: vec!["a&b".into(), "0012".into()],
            range: Range::Fixed(window),
            step: Some(Step::TenMinutes),
            is_together: true,
            theme: Some("dark".into()),
        };
        assert_eq!(View::parse(&view.to_search()), view);
        let preset = View { range: Range::Last(Preset::Week), split: Split::All, ..View::default() };
        assert_eq!(preset.to_search(), "?by=all&range=7d");
        assert_eq!(View::parse(&preset.to_search()), preset);
    }

    #[test]
    fn a_view_with_nothing_chosen_has_a_clean_address_and_nonsense_is_ignored() {
        assert_eq!(View::default().to_search(), "");
        assert_eq!(View::parse("?item=&field=&of=moon&by=&step=5s&charts=2&theme=pink&range=9y&x"), View::default());
    }

    #[test]
    fn choices_are_counted_and_never_double() {
        let many: Vec<String> = (0..200).map(|n| format!("item=i{}", n / 2)).collect();
        let view = View::parse(&many.join("&"));
        assert_eq!(view.items.len(), ITEMS_MAX);
        assert_eq!(view.items[1], "i1");
    }
}
