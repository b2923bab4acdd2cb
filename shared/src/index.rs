//! What the list of boards says of one without asking it: its entry, from its config, and a summary of what it has. Boards
//! send both; a summary holds nothing that anybody who may read the board does not see.

use crate::api::boards::TopRow;
use crate::codec::Cell;
use crate::config::{BoardConfig, Visibility};
use crate::cursor::Cursor;
use crate::home::Home;
use crate::items::Items;
use crate::limits;
use crate::meters::BoardMeters;
use crate::meters::edge::{Edge, Pushed, Reports};
use crate::position::Position;
use crate::running_question::RunningQuestion;
use crate::scores::channel::Channel;
use crate::scores::direction::Direction;
use crate::scores::keeper::Keeper;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Rows of the top of a board.
const TOP: u32 = 3;
/// Characters of a name in it.
const NAME_CHARS: usize = 40;
/// Places for a small picture of its map.
const SPOTS: usize = 20;

/// What the list says of a board's config.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// For people.
    pub title: String,
    /// For people.
    pub description: String,
    /// The page that it opens, where the config says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Home>,
    /// Who may read it.
    pub visibility: Visibility,
    /// After how many seconds an item is stale.
    pub stale_after_s: u32,
    /// Whether it has a scoreboard.
    pub scores: bool,
}

impl Entry {
    /// That of a config.
    pub fn of(config: &BoardConfig) -> Self {
        Self {
            title: config.title.clone(),
            description: config.description.clone(),
            home: config.home,
            visibility: config.visibility,
            stale_after_s: config.stale_after_s,
            scores: config.scores.is_some(),
        }
    }
}

/// What a board has, as anybody sees it who may read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// How many items.
    pub items: u32,
    /// Event time of the latest.
    pub newest: Option<Millis>,
    /// Where the log is.
    pub cursor: Cursor,
    /// Open feeds.
    pub viewers: u32,
    /// West, south, east and north of all positions; the west is the greater where they lie on both sides of ±180°.
    pub bbox: Option<[f64; 4]>,
    /// Longitude and latitude of some of them, spread over all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spots: Vec<[f64; 2]>,
    /// The first three.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<TopRow>,
    /// The question that a quiz is asking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<RunningQuestion>,
}

/// West, south, east and north of positions. Of the box that ends at ±180° and the one that lies across it, the narrower; the
/// west of the latter is the greater.
fn box_of(positions: impl Iterator<Item = Position>) -> Option<[f64; 4]> {
    let mut plain: Option<[f64; 4]> = None;
    let (mut east_half, mut west_half) = (f64::INFINITY, f64::NEG_INFINITY);
    for position in positions {
        let (lat, lon) = (position.lat(), position.lon());
        let [west, south, east, north] = plain.unwrap_or([lon, lat, lon, lat]);
        plain = Some([west.min(lon), south.min(lat), east.max(lon), north.max(lat)]);
        if lon >= 0.0 {
            east_half = east_half.min(lon);
        } else {
            west_half = west_half.max(lon);
        }
    }
    plain.map(|[west, south, east, north]| {
        let has_both = east_half.is_finite() && west_half.is_finite();
        if has_both && west_half + 360.0 - east_half < east - west {
            [east_half, south, west_half, north]
        } else {
            [west, south, east, north]
        }
    })
}

impl Summary {
    /// That of some items.
    pub fn of(items: &Items, cursor: Cursor, viewers: u32) -> Self {
        let newest = items.iter().map(|(_, i)| i.time).max();
        let bbox = box_of(items.iter().filter_map(|(_, i)| i.position()));
        let spots = spots(items);
        Self { items: items.len() as u32, newest, cursor, viewers, bbox, spots, top: Vec::new(), question: None }
    }

    /// With the first of a public board: of its scoreboard, or by the field of its top list. Nothing while a freeze lasts.
    #[must_use]
    pub fn with_top(self, config: &BoardConfig, keeper: &Keeper, items: &Items) -> Self {
        if config.visibility != Visibility::Public || keeper.timeline().frozen_at().is_some() {
            return self;
        }
        let top = match &config.top {
            _ if config.scores.is_some() => leaders(keeper),
            Some(top) => largest(items, &top.field, top.direction),
            None => Vec::new(),
        };
        Self { top, ..self }
    }

    /// With the question that a public quiz is asking; `seen` is what anybody sees of its items, freeze or not.
    #[must_use]
    pub fn with_question(self, config: &BoardConfig, keeper: &Keeper, seen: &Items) -> Self {
        let asks = config.visibility == Visibility::Public && config.home == Some(Home::Quiz);
        let question = asks.then(|| RunningQuestion::of(keeper, seen)).flatten();
        Self { question, ..self }
    }

    /// As it is sent: where it would be too long, without its spots, and then without its top and its question.
    #[must_use]
    pub fn fitted(self) -> Self {
        let fits = |summary: &Self| serde_json::to_vec(summary).is_ok_and(|text| text.len() <= limits::SUMMARY_BYTES);
        if fits(&self) {
            return self;
        }
        let bare = Self { spots: Vec::new(), ..self };
        if fits(&bare) { bare } else { Self { top: Vec::new(), question: None, ..bare } }
    }
}

/// Where every n-th item is, to some ten metres.
fn spots(items: &Items) -> Vec<[f64; 2]> {
    let rounded = |degrees: f64| (degrees * 10_000.0).round() / 10_000.0;
    let every = items.len().div_ceil(SPOTS).max(1);
    let positions = items.iter().filter_map(|(_, item)| item.position());
    positions.step_by(every).map(|p| [rounded(p.lon()), rounded(p.lat())]).collect()
}

fn row(name: &str, value: Value) -> TopRow {
    TopRow { name: name.chars().take(NAME_CHARS).collect(), value }
}

/// The first of the public ranking of the current session.
fn leaders(keeper: &Keeper) -> Vec<TopRow> {
    let channel = Channel::default();
    let Some(ranked) = keeper.ranked(&channel) else { return Vec::new() };
    let rows = keeper.rows_json(ranked, (0, TOP), &channel);
    rows.iter().map(|r| row(r["name"].as_str().unwrap_or_default(), r["values"][0].clone())).collect()
}

/// The items with the most, or the least, of a field.
fn largest(items: &Items, field: &str, direction: Direction) -> Vec<TopRow> {
    let Some(id) = items.find_field(field) else { return Vec::new() };
    let mut top: Vec<(f64, &str)> = Vec::new();
    for (_, item) in items.iter() {
        let Some(Cell::Number(n)) = item.field(id).map(|f| f.value) else { continue };
        let before = |other: &(f64, &str)| match direction {
            Direction::Desc => other.0 >= n,
            Direction::Asc => other.0 <= n,
        };
        let at = top.iter().position(|other| !before(other)).unwrap_or(top.len());
        if at < TOP as usize {
            top.insert(at, (n, item.key()));
            top.truncate(TOP as usize);
        }
    }
    top.into_iter().map(|(n, key)| row(key, crate::value::Value::Number(n).to_json())).collect()
}

/// What a board says to the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The version of its config: it grows, also from one life of a board to the next.
    pub version: u64,
    /// What the config says.
    pub entry: Entry,
    /// What it has.
    pub summary: Summary,
    /// What operators measure of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meters: Option<BoardMeters>,
}

/// What operators are told of a board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Its name.
    pub board: crate::id::BoardName,
    /// What it last said; none until it has said so.
    pub meters: Option<BoardMeters>,
}

/// What operators are told of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Collected {
    /// Its boards, by name.
    pub boards: Vec<Measured>,
    /// What is counted where requests come in.
    pub edge: Edge,
    /// How pushing all this goes, where it is pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<Pushed>,
    /// How telling the health board goes, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Reports>,
}

/// A board as the list has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub board: crate::id::BoardName,
    /// What its config says.
    pub entry: Entry,
    /// What it last said that it has; none until it has said so.
    pub summary: Option<Summary>,
}

impl Listed {
    /// What the list tells: what was the top, or was asked, while a board was public is nobody's affair when it is not.
    #[must_use]
    pub fn shown(self) -> Self {
        let is_public = self.entry.visibility == Visibility::Public;
        let summary =
            self.summary.map(|s| if is_public { s } else { Summary { top: Vec::new(), question: None, ..s } });
        Self { summary, ..self }
    }

    /// The page that it opens, as far as positions that are told decide it.
    pub fn home(&self) -> Home {
        let has_positions = self.summary.as_ref().is_some_and(|s| s.bbox.is_some());
        self.entry.home.unwrap_or(Home::otherwise(self.entry.scores, has_positions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Board;
    use crate::codec::Batch;
    use crate::cursor::Epoch;
    use crate::event::Event;
    use crate::position::Measured;
    use crate::projection;

    fn items(events: &[Event]) -> Items {
        let mut board = Board::new(Items::default(), Cursor { epoch: Epoch(1), seq: 0 });
        let row = Batch::from_events(events).encode();
        board.replay(&projection::Entry::decode(1, Millis(0), &row).unwrap()).unwrap();
        board.items().clone()
    }

    fn event(key: &str, time: i64, n: f64, at: Option<(f64, f64)>) -> Event {
        let fields = vec![("n".to_owned(), Some(crate::value::Value::Number(n)))];
        let position = at.map(|(lat, lon)| Measured { lat, lon, ..Measured::default() }.check().unwrap());
        Event { id: None, key: key.into(), time: Millis(time), fields, position }
    }

    fn cursor() -> Cursor {
        Cursor { epoch: Epoch(1), seq: 4 }
    }

    #[test]
    fn f18_a_summary_has_counts_the_latest_and_the_box_of_all_positions() {
        let of = [
            event("a", 5, 1.0, Some((30.0, -97.0))),
            event("b", 9, 2.0, Some((31.0, -98.0))),
            event("c", 1, 0.0, None),
        ];
        let summary = Summary::of(&items(&of), cursor(), 7);
        assert_eq!((summary.items, summary.newest, summary.viewers), (3, Some(Millis(9)), 7));
        assert_eq!(summary.bbox, Some([-98.0, 30.0, -97.0, 31.0]));
        assert_eq!(summary.spots, [[-97.0, 30.0], [-98.0, 31.0]]);
        assert_eq!(Summary::of(&Items::default(), cursor(), 0).bbox, None);
    }

    #[test]
    fn the_box_of_what_lies_on_both_sides_of_180_degrees_is_the_narrow_one() {
        let of = |lons: &[f64]| {
            let events = lons.iter().zip(1_i64..).map(|(lon, i)| event(&format!("k{i}"), i, 0.0, Some((1.0, *lon))));
            let [west, _, east, _] = Summary::of(&items(&events.collect::<Vec<_>>()), cursor(), 0).bbox.unwrap();
            (west, east)
        };
        assert_eq!(of(&[177.4, -178.2, 179.9]), (177.4, -178.2));
        assert_eq!(of(&[180.0, -180.0]), (180.0, -180.0));
        assert_eq!(of(&[-10.0, 20.0]), (-10.0, 20.0));
        assert_eq!(of(&[-170.0, -175.0]), (-175.0, -170.0));
        assert_eq!(of(&[170.0]), (170.0, 170.0));
    }

    #[test]
    fn the_spots_of_a_large_board_are_few_and_spread_over_all_of_it() {
        let of: Vec<Event> = (0..1_000_i64)
            .map(|i| event(&format!("k{i:04}"), i, 0.0, Some((f64::from(i as u32) / 20.0, 1.0))))
            .collect();
        let spots = Summary::of(&items(&of), cursor(), 0).spots;
        assert_eq!(spots.len(), SPOTS);
        assert!(spots.iter().any(|s| s[1] < 5.0) && spots.iter().any(|s| s[1] > 45.0), "{spots:?}");
    }

    #[test]
    fn a_board_opens_what_its_config_says_and_else_what_it_has() {
        let listed = |home, scores: &str, at| {
            let config = BoardConfig::parse(format!(r#"{{"title":"t"{scores}}}"#).as_bytes()).unwrap();
            let entry = Entry { home, ..Entry::of(&config) };
            let summary = Some(Summary::of(&items(&[event("a", 5, 1.0, at)]), cursor(), 0));
            Listed { board: crate::id::BoardName::try_from("b").unwrap(), entry, summary }.home()
        };
        let scores = r#","scores":{"columns":[{"name":"p","op":"sum","field":"n"}]}"#;
        assert_eq!(listed(Some(Home::Explore), scores, None), Home::Explore);
        assert_eq!(listed(None, scores, None), Home::Scores);
        assert_eq!(listed(None, scores, Some((1.0, 2.0))), Home::Map);
        assert_eq!(listed(None, "", None), Home::Map);
    }

    #[test]
    fn f18_the_top_is_of_public_boards_in_the_order_of_their_top_list() {
        let events: Vec<Event> = (0..5).map(|i| event(&format!("k{i}"), i, f64::from(i as u32), None)).collect();
        let items = items(&events);
        let top = |visibility, direction| {
            let top = Some(crate::config::TopConfig { field: "n".into(), direction });
            let config = BoardConfig { visibility, top, ..BoardConfig::default() };
            let keeper = Keeper::new(config.settings(), Vec::new(), 1);
            let summary = Summary::of(&items, cursor(), 0).with_top(&config, &keeper, &items);
            summary.top.into_iter().map(|r| r.name).collect::<Vec<_>>()
        };
        assert_eq!(top(Visibility::Public, Direction::Desc), ["k4", "k3", "k2"]);
        assert_eq!(top(Visibility::Public, Direction::Asc), ["k0", "k1", "k2"]);
        assert!(top(Visibility::Private, Direction::Desc).is_empty());
    }

    #[test]
    fn f18_a_summary_is_never_longer_than_a_kibibyte() {
        let top = vec![row(&"\u{1}".repeat(400), Value::from(1)); 3];
        let question = Some(RunningQuestion { text: "\u{1}".repeat(120), answered: 1, joined: 2 });
        let long = Summary { top, question, ..Summary::of(&Items::default(), cursor(), 0) };
        let fitted = long.clone().fitted();
        assert!(serde_json::to_vec(&long).unwrap().len() <= limits::SUMMARY_BYTES || fitted.top.is_empty());
        assert!(serde_json::to_vec(&fitted).unwrap().len() <= limits::SUMMARY_BYTES);
    }

    #[test]
    fn f18_a_board_that_is_private_now_does_not_show_the_top_of_when_it_was_public() {
        let question = Some(RunningQuestion { text: "Which?".into(), answered: 1, joined: 2 });
        let top = vec![row("Ann", Value::from(1))];
        let summary = Summary { top, question, ..Summary::of(&Items::default(), cursor(), 0) };
        let entry = Entry::of(&BoardConfig { visibility: Visibility::Private, ..BoardConfig::default() });
        let listed = Listed { board: crate::id::BoardName::try_from("b").unwrap(), entry, summary: Some(summary) };
        let told = listed.clone().shown().summary.unwrap();
        assert!(told.top.is_empty() && told.question.is_none());
        let entry = Entry { visibility: Visibility::Public, ..listed.entry.clone() };
        assert_eq!(Listed { entry, ..listed }.shown().summary.unwrap().top.len(), 1);
    }
}
