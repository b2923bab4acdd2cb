//! The view as the address bar holds it: everything a viewer chose survives a reload and can be sent to somebody.
//! `?item=KEY&follow=1&tab=top&q=…&sort=-seen&top=fuel&order=asc&marks=1,3&names=0&layers=routes,stops&density=hex&theme=dark`
//! `&at=2026-03-01T12:00:00Z&speed=10#12.5/30.2672/-97.7431/30/45`

use std::fmt::Write as _;

use heliograph_shared::density::Density;
use heliograph_shared::time::Millis;

use super::items::lines;
use super::map::layers::choice;
use super::replay::speed::Speed;
use crate::browser::percent::{decode, encode, parameter, with_parameter};

/// What fills the panel beside the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// All items, searched and sorted.
    #[default]
    List,
    /// Ranks by one number.
    Top,
    /// The accessible table.
    Table,
}

impl Tab {
    /// In the order they are shown.
    pub const ALL: [Self; 3] = [Self::List, Self::Top, Self::Table];

    /// The name in the address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Top => "top",
            Self::Table => "table",
        }
    }
}

/// Something items can be sorted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// The item's key.
    Key,
    /// The time of its latest event.
    Seen,
    /// Metres per second.
    Speed,
    /// Degrees clockwise from north.
    Heading,
    /// Degrees north.
    Lat,
    /// Degrees east.
    Lon,
    /// A field by name.
    Field(String),
}

impl Column {
    /// The name in the address. A field that is called like a fixed column gets a dot in front.
    pub fn code(&self) -> String {
        match self {
            Self::Key => "key".to_owned(),
            Self::Seen => "seen".to_owned(),
            Self::Speed => "speed".to_owned(),
            Self::Heading => "heading".to_owned(),
            Self::Lat => "lat".to_owned(),
            Self::Lon => "lon".to_owned(),
            Self::Field(name) => match Self::from_code(name) {
                Self::Field(same) if same == *name => name.clone(),
                Self::Key | Self::Seen | Self::Speed | Self::Heading | Self::Lat | Self::Lon | Self::Field(_) => {
                    format!(".{name}")
                }
            },
        }
    }

    /// The column of a name in the address; every name is one.
    pub fn from_code(code: &str) -> Self {
        match code {
            "key" => Self::Key,
            "seen" => Self::Seen,
            "speed" => Self::Speed,
            "heading" => Self::Heading,
            "lat" => Self::Lat,
            "lon" => Self::Lon,
            field => Self::Field(field.strip_prefix('.').unwrap_or(field).to_owned()),
        }
    }
}

/// A column and a direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// What is compared.
    pub column: Column,
    /// Largest, or latest, first.
    pub descending: bool,
}

impl Default for Sort {
    fn default() -> Self {
        Self { column: Column::Key, descending: false }
    }
}

impl Sort {
    /// The name in the address: a minus in front means descending.
    pub fn code(&self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.column.code())
    }

    /// The sort of a name in the address.
    pub fn from_code(code: &str) -> Self {
        let (descending, column) = code.strip_prefix('-').map_or((false, code), |rest| (true, rest));
        Self { column: Column::from_code(column), descending }
    }
}

/// Where the camera is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// MapLibre's zoom.
    pub zoom: f64,
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
    /// Degrees clockwise from north that point up.
    pub bearing: f64,
    /// Degrees from straight down.
    pub pitch: f64,
}

impl Camera {
    /// `#zoom/lat/lon`, and `/bearing/pitch` when the map is turned.
    pub fn hash(&self) -> String {
        let decimals = ((self.zoom / 3.0).ceil().max(0.0) as usize + 1).min(7);
        let mut hash = format!("#{}/{:.decimals$}/{:.decimals$}", short(self.zoom, 2), self.lat, self.lon);
        if self.bearing.abs() >= 0.05 || self.pitch.abs() >= 0.05 {
            let _ = write!(hash, "/{}/{}", short(self.bearing, 1), short(self.pitch, 1));
        }
        hash
    }

    /// Reads a hash; nothing when it is not a camera on this planet.
    pub fn from_hash(hash: &str) -> Option<Self> {
        let mut parts = hash.strip_prefix('#').unwrap_or(hash).split('/').map(|part| part.parse::<f64>().ok());
        let (zoom, lat, lon) = (parts.next()??, parts.next()??, parts.next()??);
        let bearing = parts.next().flatten().unwrap_or(0.0);
        let pitch = parts.next().flatten().unwrap_or(0.0);
        let camera = Self { zoom, lat, lon, bearing, pitch };
        let is_sane = (0.0..=24.0).contains(&zoom)
            && (-90.0..=90.0).contains(&lat)
            && (-540.0..=540.0).contains(&lon)
            && (-360.0..=360.0).contains(&bearing)
            && (0.0..=85.0).contains(&pitch);
        is_sane.then_some(camera)
    }
}

fn short(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// RFC 3339 in UTC, without the milliseconds of a whole second.
fn written(at: Millis) -> String {
    let text = at.to_rfc3339();
    text.strip_suffix(".000Z").map_or_else(|| text.clone(), |whole| whole.chars().chain(['Z']).collect())
}

/// Everything about the view that the address holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ViewState {
    /// The selected item's key.
    pub item: Option<String>,
    /// Whether the camera follows it.
    pub follow: bool,
    /// What fills the panel.
    pub tab: Tab,
    /// What is searched for.
    pub query: String,
    /// Lines of the legend whose items are wanted; all when none is chosen.
    pub marks: Vec<usize>,
    /// How the list and the table are sorted.
    pub sort: Sort,
    /// What the top list ranks by; the board's default when absent.
    pub top: Option<Sort>,
    /// Whether items have no names beside them on the map.
    pub is_nameless: bool,
    /// Ids of the layers that are shown; as the board's config says when absent.
    pub layers: Option<Vec<String>>,
    /// How many items are shown; as the board's config says when absent.
    pub density: Option<Density>,
    /// A theme other than the viewer's own: `light` or `dark`.
    pub theme: Option<String>,
    /// Where the camera is.
    pub camera: Option<Camera>,
    /// The time that is shown instead of now.
    pub at: Option<Millis>,
    /// How fast a replay goes.
    pub speed: Speed,
}

impl ViewState {
    /// Reads `location.search` and `location.hash`. What it does not know it ignores.
    pub fn parse(search: &str, hash: &str) -> Self {
        let mut state = Self { camera: Camera::from_hash(hash), ..Self::default() };
        let mut ascending = false;
        for pair in search.strip_prefix('?').unwrap_or(search).split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decode(value);
            match name {
                "item" if !value.is_empty() => state.item = Some(value),
                "follow" => state.follow = value == "1",
                "tab" => state.tab = Tab::ALL.into_iter().find(|tab| tab.code() == value).unwrap_or_default(),
                "q" => state.query = value,
                "marks" => state.marks = lines::parse(&value),
                "sort" if !value.is_empty() => state.sort = Sort::from_code(&value),
                "top" if !value.is_empty() => {
                    state.top = Some(Sort { column: Column::from_code(&value), descending: true });
                }
                "order" => ascending = value == "asc",
                "names" => state.is_nameless = value == "0",
                "layers" => state.layers = Some(choice::parse(&value)),
                "density" => state.density = Density::named(&value),
                "theme" if value == "light" || value == "dark" => state.theme = Some(value),
                "at" => state.at = Millis::parse(&value),
                "speed" => state.speed = Speed::of(&value).unwrap_or_default(),
                _ => {}
            }
        }
        if state.at.is_none() {
            state.speed = Speed::default();
        }
        if let Some(top) = &mut state.top {
            top.descending = !ascending;
        }
        state.follow &= state.item.is_some();
        state
    }

    /// The query and the hash, without what is at its default.
    pub fn to_url(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        if let Some(item) = &self.item {
            pairs.push(("item", encode(item)));
            if self.follow {
                pairs.push(("follow", "1".to_owned()));
            }
        }
        if self.tab != Tab::default() {
            pairs.push(("tab", self.tab.code().to_owned()));
        }
        if !self.query.is_empty() {
            pairs.push(("q", encode(&self.query)));
        }
        if !self.marks.is_empty() {
            pairs.push(("marks", lines::written(&self.marks)));
        }
        if self.sort != Sort::default() {
            pairs.push(("sort", encode(&self.sort.code())));
        }
        if let Some(top) = &self.top {
            pairs.push(("top", encode(&top.column.code())));
            if !top.descending {
                pairs.push(("order", "asc".to_owned()));
            }
        }
        if self.is_nameless {
            pairs.push(("names", "0".to_owned()));
        }
        if let Some(layers) = &self.layers {
            pairs.push(("layers", encode(&layers.join(",")).replace("%2C", ",")));
        }
        if let Some(density) = self.density {
            pairs.push(("density", density.name().to_owned()));
        }
        if let Some(theme) = &self.theme {
            pairs.push(("theme", theme.clone()));
        }
        if let Some(at) = self.at {
            pairs.push(("at", written(at)));
            if self.speed != Speed::default() {
                pairs.push(("speed", self.speed.times().to_string()));
            }
        }
        let mut url = String::new();
        for (index, (name, value)) in pairs.iter().enumerate() {
            let _ = write!(url, "{}{name}={value}", if index == 0 { '?' } else { '&' });
        }
        if let Some(camera) = &self.camera {
            url.push_str(&camera.hash());
        }
        url
    }
}

/// Parameters of a visit, not of what is shown: an address keeps them as it has them.
const OF_VISIT: [&str; 2] = ["lang", "units"];

/// A view's query and hash, with what `location.search` says of the visit.
pub fn with_visit(url: &str, search: &str) -> String {
    let (query, hash) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    let mut query = query.to_owned();
    for name in OF_VISIT {
        if let Some(value) = parameter(search, name) {
            query = with_parameter(&query, name, Some(&value));
        }
    }
    query + hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> ViewState {
        ViewState {
            item: Some("bus 7/é&=#".into()),
            follow: true,
            tab: Tab::Top,
            query: "north lamar".into(),
            sort: Sort { column: Column::Field("key".into()), descending: true },
            top: Some(Sort { column: Column::Speed, descending: false }),
            marks: vec![0, 2],
            is_nameless: true,
            layers: Some(vec!["routes".into(), "a-b_c.d".into()]),
            density: Some(Density::Clusters),
            theme: Some("dark".into()),
            camera: Some(Camera { zoom: 12.5, lat: 30.267_2, lon: -97.743_1, bearing: 30.0, pitch: 45.0 }),
            at: Some(Millis(1_772_366_400_250)),
            speed: Speed::SixHundred,
        }
    }

    #[test]
    fn every_setting_survives_the_address_bar() {
        let url = full().to_url();
        let (search, hash) = url.split_once('#').unwrap();
        assert_eq!(ViewState::parse(search, &format!("#{hash}")), full());
    }

    #[test]
    fn a_view_with_nothing_chosen_has_a_clean_address() {
        assert_eq!(ViewState::default().to_url(), "");
        let none = ViewState { layers: Some(Vec::new()), ..ViewState::default() };
        assert_eq!((none.to_url().as_str(), ViewState::parse("?layers=", "")), ("?layers=", none));
        assert_eq!(ViewState::parse("", ""), ViewState::default());
    }

    #[test]
    fn a_time_is_written_to_the_second_where_that_is_all_of_it() {
        let state = ViewState { at: Some(Millis(1_772_366_400_000)), ..ViewState::default() };
        assert_eq!(state.to_url(), "?at=2026-03-01T12:00:00Z");
        assert_eq!(ViewState::parse("?at=2026-03-01T12%3A00%3A00Z&speed=61", ""), state);
        assert_eq!(ViewState::parse("?speed=10", ""), ViewState::default(), "now has one speed");
    }

    #[test]
    fn nonsense_is_ignored() {
        let state =
            ViewState::parse("?tab=moon&follow=1&density=fog&theme=pink&sort=&top=&x&=&item=&q=%zz%4&at=noon", "#a/b");
        assert_eq!(state, ViewState { query: "%zz%4".into(), ..ViewState::default() });
        for hash in ["#1/91/0", "#99/0/0", "#1/2", "#NaN/0/0", "#1/inf/0", ""] {
            assert_eq!(Camera::from_hash(hash), None, "{hash}");
        }
    }

    #[test]
    fn the_hash_has_as_many_decimals_as_the_zoom_needs() {
        let at = |zoom| Camera { zoom, lat: 30.267_153, lon: -97.743_057, bearing: 0.0, pitch: 0.0 }.hash();
        assert_eq!(at(3.0), "#3/30.27/-97.74");
        assert_eq!(at(18.0), "#18/30.2671530/-97.7430570");
        assert_eq!(at(10.25), "#10.25/30.26715/-97.74306");
        assert_eq!(at(10.0), "#10/30.26715/-97.74306");
    }

    #[test]
    fn fields_named_like_columns_stay_fields() {
        for column in [Column::Field("speed".into()), Column::Field(".x".into()), Column::Speed, Column::Seen] {
            assert_eq!(Column::from_code(&column.code()), column);
        }
    }

    #[test]
    fn an_address_keeps_the_language_and_the_units_of_its_visit() {
        assert_eq!(with_visit("?tab=table#12/1/2", "?units=si&x=1&lang=de"), "?tab=table&lang=de&units=si#12/1/2");
        assert_eq!(with_visit("#12/1/2", "?units=si"), "?units=si#12/1/2");
        assert_eq!(with_visit("", "?q=a"), "");
    }
}
