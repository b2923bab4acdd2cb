//! A board with everything that views are made from, and the views as the worker's board makes them.

use heliograph_shared::board::{Board, IngestRequest, Verdict, beginning};
use heliograph_shared::codec::{Batch, DecodeError, SentBy};
use heliograph_shared::config::BoardConfig;
use heliograph_shared::cursor::{Cursor, Epoch, Seq};
use heliograph_shared::event::Event;
use heliograph_shared::items::Items;
use heliograph_shared::problem::Problem;
use heliograph_shared::projection::Entry;
use heliograph_shared::rights::Sight;
use heliograph_shared::rollups::Rollups;
use heliograph_shared::rollups::answer::{Rows, Scope};
use heliograph_shared::rollups::block::BlockId;
use heliograph_shared::rollups::query::SeriesQuery;
use heliograph_shared::scores::control::Control;
use heliograph_shared::scores::keeper::{Keeper, Settings};
use heliograph_shared::scores::period::UtcOnly;
use heliograph_shared::scores::query::ScoresQuery;
use heliograph_shared::scores::session::{Schedule, SessionAction};
use heliograph_shared::sights::Sights;
use heliograph_shared::time::Millis;
use heliograph_shared::views::columns::{kinds, visible_fields};
use heliograph_shared::views::events::{EventsQuery, Paging};
use heliograph_shared::views::summary::Summary;
use heliograph_shared::views::table::Kinds;
use heliograph_shared::views::{ItemQuery, ItemsQuery, version};
use std::collections::BTreeMap;

pub const BEGIN: Millis = Millis(1_772_366_400_000);

/// There is nothing to see.
struct Nothing;

impl From<DecodeError> for Nothing {
    fn from(e: DecodeError) -> Self {
        panic!("{e}")
    }
}

impl From<Problem> for Nothing {
    fn from(_: Problem) -> Self {
        Self
    }
}

/// Rows of rollups on a disk.
#[derive(Default)]
struct Disk(BTreeMap<u64, Vec<u8>>);

impl Rows for Disk {
    type Error = Nothing;

    fn between(&self, first: BlockId, last: BlockId) -> Result<Vec<(BlockId, Vec<u8>)>, Nothing> {
        let rows = self.0.range(first.number()..=last.number());
        Ok(rows.map(|(n, bytes)| (BlockId::from_number(*n).unwrap(), bytes.clone())).collect())
    }
}

/// What can be asked of a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    Items,
    Item,
    Summary,
    Scores,
    ItemSeries,
    BoardSeries,
    Events,
    /// A saved query of items.
    NamedItems,
    /// A saved query of events.
    NamedEvents,
}

impl View {
    pub const ALL: [Self; 9] = [
        Self::Items,
        Self::Item,
        Self::Summary,
        Self::Scores,
        Self::ItemSeries,
        Self::BoardSeries,
        Self::Events,
        Self::NamedItems,
        Self::NamedEvents,
    ];

    /// Whether its query or a part of it is the config's, which is then in the tag.
    const fn is_by_config(self) -> bool {
        matches!(self, Self::Summary | Self::NamedItems | Self::NamedEvents)
    }
}

pub struct World {
    /// The board's.
    pub config: BoardConfig,
    /// As the isolate knows it that is asked for views: it may be seconds behind.
    known: BoardConfig,
    pub now: Millis,
    board: Board,
    keeper: Keeper,
    sights: Sights,
    rollups: Rollups,
    disk: Disk,
    log: Vec<(Seq, Vec<u8>)>,
}

impl World {
    pub fn new(config: BoardConfig) -> Self {
        let mut world = Self {
            config: BoardConfig::default(),
            known: config.clone(),
            now: BEGIN,
            board: Board::new(Items::default(), beginning(Epoch(1))),
            keeper: Keeper::new(Settings::default(), [], 1),
            sights: Sights::default(),
            rollups: Rollups::default(),
            disk: Disk::default(),
            log: Vec::new(),
        };
        world.configure(config);
        let made = world.keeper.create_session("s1".into(), "One".into(), Schedule::default(), None, "m", world.now);
        world.control(&made.unwrap());
        world.act(SessionAction::Open);
        world
    }

    pub fn configure(&mut self, config: BoardConfig) {
        let settings = Settings {
            scores: config.scores.clone(),
            players: config.players.clone(),
            rollups: config.rollups.clone(),
            ..Settings::default()
        };
        self.rollups.configure(&config.rollups);
        self.sights.set_players(config.players.is_some());
        self.config = config;
        if self.keeper.configure(settings) {
            self.rebuild();
        }
    }

    fn rebuild(&mut self) {
        if let Some(control) = self.keeper.begin_rebuild(self.now, &UtcOnly) {
            return self.control(&control);
        }
        for (first, row) in &self.log {
            let row = Entry::decode(*first, self.now, row).unwrap();
            assert!(self.keeper.feed(&row, &UtcOnly));
        }
        if let Some(control) = self.keeper.finish_rebuild(self.now) {
            self.control(&control);
        }
    }

    fn control(&mut self, control: &Control) {
        let row = self.board.control(control);
        self.log.push((row.first, row.batch));
        self.sights.control(row.last, control, self.board.items(), row.last);
        if self.keeper.logged(row.last, control, &UtcOnly, |_| None) {
            self.rebuild();
        }
    }

    /// The isolate that is asked for views hears of the config.
    pub fn learn(&mut self) {
        self.known = self.config.clone();
    }

    pub fn later(&mut self, millis: i64) {
        self.now = self.now.plus(millis);
        self.keeper.advance(self.now, &UtcOnly);
    }

    /// Leads the session; what can't be done is left.
    pub fn act(&mut self, action: SessionAction) {
        if let Ok(control) = self.keeper.session_action("s1", action, Schedule::default(), "m", self.now) {
            self.control(&control);
        }
    }

    pub fn publish(&mut self, events: &[Event], is_manager: bool) {
        let sent_by = match (&self.config.players, is_manager) {
            (None, _) => SentBy::Unknown,
            (Some(_), true) => SentBy::Manager,
            (Some(_), false) => SentBy::Player { at: self.now },
        };
        let batch = Batch::from_events(events).encode();
        let request = IngestRequest { batch: &batch, identity: self.config.identity, owner: "", sent_by };
        let Verdict::Append { rows, .. } = self.board.ingest(&request).unwrap() else { return };
        for row in rows {
            let batch = Batch::decode(&row.batch).unwrap();
            self.rollups.apply(&batch, row.first);
            self.sights.apply(&batch, row.first, |_, _, _| {});
            self.keeper.events(&batch, row.first, &UtcOnly);
            self.log.push((row.first, row.batch));
        }
    }

    /// Writes the rollups that wait.
    pub fn flush(&mut self) {
        while let Some(part) = self.rollups.waiting() {
            let flush = self.rollups.flush(part, self.board.cursor().seq);
            for id in flush.rows().collect::<Vec<_>>() {
                let merged = flush.merge(id, self.disk.0.get(&id.number()).map(Vec::as_slice)).unwrap();
                self.disk.0.insert(id.number(), merged);
            }
        }
    }

    /// Rows of rollups that are too old go.
    pub fn prune_rollups(&mut self, rows: usize) {
        self.disk.0 = std::mem::take(&mut self.disk.0).into_iter().skip(rows).collect();
    }

    /// So many rows of the log go, but what managers did.
    pub fn prune_log(&mut self, rows: usize) {
        let mut left = rows;
        self.log.retain(|(_, row)| {
            let goes = left > 0 && !Control::is_one(row);
            left -= usize::from(goes);
            !goes
        });
    }

    pub fn cursor(&self) -> Cursor {
        self.board.cursor()
    }

    /// The entity tag and the bytes of a view; none where there is nothing to see.
    pub fn view(&self, view: View, query: &str, sight: &Sight) -> Option<(String, Vec<u8>)> {
        let pairs = || query.split('&').filter_map(|pair| pair.split_once('='));
        let (cursor, seen) = (self.cursor(), self.sights.seen_by(sight, self.board.items()));
        let of_items = |body: Vec<u8>| (version::of_items(&self.sights, sight, cursor, &body), body);
        let of_content = |body: Vec<u8>| (version::of_content(cursor, &body), body);
        let (version, body) = match view {
            View::Items => of_items(ItemsQuery::parse(pairs()).unwrap().answer(&seen, cursor, &sight.keys).ok()?.body),
            View::NamedItems => {
                let limit = self.known.stale_after_s.to_string();
                let query = ItemsQuery::parse([("limit", limit.as_str())].into_iter()).unwrap();
                of_items(query.answer(&seen, cursor, &sight.keys).ok()?.body)
            }
            View::Item => of_items(ItemQuery::parse(pairs()).unwrap().answer(&seen, "k0", &sight.keys).ok()?),
            View::Summary => {
                let stale = self.known.stale_after_s;
                let mut summary = Summary::of_items(&seen, cursor, &sight.keys, stale, self.now);
                summary.events = self.sights.events(sight, cursor.seq);
                of_content(serde_json::to_vec(&summary).unwrap())
            }
            View::Scores => {
                of_content(self.keeper.scores(&ScoresQuery::parse(pairs()).unwrap(), sight.manager, cursor).ok()?)
            }
            View::ItemSeries | View::BoardSeries => of_content(self.series(view, pairs(), sight)?),
            View::Events | View::NamedEvents => {
                let limit = self.known.stale_after_s.to_string();
                let own = [("limit", limit.as_str())];
                let query = if view == View::NamedEvents {
                    EventsQuery::parse(own.into_iter())
                } else {
                    EventsQuery::parse(pairs())
                };
                of_content(self.events(&query.unwrap(), sight, &seen))
            }
        };
        let right = sight.tag_on(&self.known).map_or_else(String::new, |tag| format!(";r={tag}"));
        let config = serde_json::to_string(&self.known).unwrap();
        let config = if view.is_by_config() { format!(";c={config}") } else { String::new() };
        Some((format!("{version}{right}{config}"), body))
    }

    fn series<'p>(
        &self,
        view: View,
        pairs: impl Iterator<Item = (&'p str, &'p str)>,
        sight: &Sight,
    ) -> Option<Vec<u8>> {
        let (cursor, rules) = (self.cursor(), &self.config.rollups);
        let own_only = self.sights.players() && sight.is_own_only();
        let mine = |key: &str| !own_only || sight.own() == Some(key);
        let until = self.sights.veil().filter(|_| !sight.manager).map(|veil| veil.since);
        if view == View::ItemSeries {
            let query = SeriesQuery::parse(pairs, true).unwrap();
            if !sight.allows("k0") || !mine("k0") {
                return None;
            }
            let mut series = self.rollups.series_of_item("k0", &query, rules, cursor, &self.disk).ok()?;
            series.end_at(until);
            return Some(series.write(query.format, &query.quantiles));
        }
        let query = SeriesQuery::parse(pairs, false).unwrap();
        let allowed = |key: &str| sight.allows(key) && mine(key);
        let sees_all = sight.sees_all() && !own_only;
        let scope = Scope { sees_all, allowed: &allowed, text: &|_, _| None };
        let mut series = self.rollups.series_of_board(&query, rules, cursor, &scope, &self.disk).ok()?;
        series.end_at(until);
        Some(series.write(query.format, &query.quantiles))
    }

    fn events(&self, query: &EventsQuery, sight: &Sight, seen: &Items) -> Vec<u8> {
        let shows = |batch: &Batch<'_>, row: usize| self.sights.shows(sight, batch, row);
        let mut paging = Paging::new(query, sight, self.sights.lens(sight), &shows);
        let mut more = false;
        for (first, row) in &self.log {
            if Control::is_one(row) {
                paging.pass(*first);
            } else if !paging.row(*first, &Batch::decode(row).unwrap()) {
                more = true;
                break;
            }
        }
        let fields = visible_fields(seen, &sight.keys);
        let kinds = kinds(query.format, seen, &sight.keys);
        let kinds: Vec<Kinds> = fields.iter().map(|f| kinds[usize::from(f.0)]).collect();
        let fields: Vec<&str> = fields.into_iter().map(|f| seen.field_name(f)).collect();
        paging.finish(self.cursor(), more).write(query.format, &fields, &kinds)
    }
}
