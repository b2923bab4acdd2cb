//! The board's rollups, series, summary and events: adapter around [`heliograph_shared::rollups`] and
//! [`heliograph_shared::views`].

use super::later::{AsOf, refuse_later};
use super::views::view;
use super::{Inner, Loaded};
use crate::asked::Asked;
use crate::calls::board::NEXT_HEADER;
use crate::clock;
use crate::fault::Answer;
use heliograph_shared::calls::board::ViewAsk;
use heliograph_shared::codec::{Batch, Cell};
use heliograph_shared::cursor::Cursor;
use heliograph_shared::limits;
use heliograph_shared::past::At;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::rewind::{Gathering, RewindAsk};
use heliograph_shared::rollups::Step;
use heliograph_shared::rollups::answer::{Point, Scope};
use heliograph_shared::rollups::query::SeriesQuery;
use heliograph_shared::scores::control::Control;
use heliograph_shared::sights::Eyes;
use heliograph_shared::value::Number;
use heliograph_shared::views::columns::{kinds, visible_fields};
use heliograph_shared::views::events::{EventsQuery, Paging};
use heliograph_shared::views::summary::{self, LettersView, Rates, Summary};
use heliograph_shared::views::table::Kinds;
use heliograph_shared::views::{Format, version};
use std::borrow::Cow;
use worker::Response;

impl Loaded {
    fn is_on(&self) -> Answer<()> {
        if self.rollups.is_on() {
            return Ok(());
        }
        let detail = "this board keeps no series: its config has rollups.enabled false";
        Err(Problem::new(Code::NoRollups, detail).into())
    }
}

impl Inner {
    /// `…/items/{key}/series` and `…/series`.
    #[inline(never)]
    pub(super) fn series(&self, asked: &Asked, body: &[u8]) -> Answer<Response> {
        let ask: ViewAsk = serde_json::from_slice(body)?;
        let pairs = asked.pairs();
        let pairs = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        let query = SeriesQuery::parse(pairs, ask.key.is_some())?;
        query.check_for(&ask.sight)?;
        refuse_later(&ask.sight, "series are rolled up as events come, late ones with the others")?;
        self.with(|b| {
            b.is_on()?;
            let lens = b.sights.lens(&ask.sight);
            query.check_through(lens.as_ref())?;
            let shown = |key: &str| match (&lens, query.field.as_deref()) {
                (Some(lens), Some(field)) => lens.shows(key, field),
                (None, _) | (_, None) => true,
            };
            let (cursor, rules) = (b.core.cursor(), &b.keeper.settings().rollups);
            let seen = b.sights.seen_by(&ask.sight, b.core.items());
            let items = seen.as_ref();
            // Numbers are rolled up with all others: what is hidden is left out whole.
            let own_only = b.sights.players() && ask.sight.is_own_only();
            let mine = |key: &str| !own_only || ask.sight.own() == Some(key);
            let until = b.sights.veil().filter(|_| !ask.sight.manager).map(|veil| veil.since);
            if let Some(key) = &ask.key {
                if items.find(key).is_none() || !mine(key) {
                    let detail = "the board has no such item, or you may not see it";
                    return Err(Problem::new(Code::ItemNotFound, detail).into());
                }
                if !shown(key) {
                    let message = "field names a field which your credential does not show of this item";
                    let e = FieldError::new("field", Code::HiddenField, message);
                    return Err(Problem::about(Code::HiddenField.status(), e).into());
                }
                let mut series = b.rollups.series_of_item(key, &query, rules, cursor, &b.store)?;
                series.end_at(until);
                if let Some(lens) = &lens {
                    series.keep(&|from, to| lens.spans(Some(key), query.field.as_deref(), from, to));
                }
                return by_content(cursor, query.format, series.write(query.format, &query.quantiles), 0);
            }
            let text = |key: &str, field: &str| {
                let item = items.get(items.find(key)?)?;
                match item.field(items.find_field(field)?)?.value {
                    Cell::Text(t) => Some(t.to_owned()),
                    Cell::Bool(b) => Some(b.to_string()),
                    Cell::Number(n) => Some(n.to_string()),
                    Cell::Absent | Cell::Null => None,
                }
            };
            if let Some(by) = query.group_by.as_deref().filter(|by| *by != "key" && !items.knows_field(by)) {
                let by = heliograph_shared::problem::excerpt(by);
                let detail = format!("group_by {by} is neither key nor a field of this board");
                let e = FieldError::new("group_by", Code::UnknownField, detail.clone());
                return Err(Problem::new(Code::UnknownField, detail).with_errors(vec![e]).into());
            }
            let allowed = |key: &str| ask.sight.allows(key) && mine(key) && shown(key);
            let scope = Scope { sees_all: ask.sight.sees_all() && !own_only, allowed: &allowed, text: &text };
            let mut series = b.rollups.series_of_board(&query, rules, cursor, &scope, &b.store)?;
            series.end_at(until);
            if let Some(lens) = &lens {
                series.keep(&|from, to| lens.spans(None, query.field.as_deref(), from, to));
            }
            // Each item's part of each point is added up.
            let points = series.groups.iter().map(|g| g.points.len() as u64).max().unwrap_or(0);
            let work = items.len() as u64 * points.max(1) / 16;
            by_content(cursor, query.format, series.write(query.format, &query.quantiles), work)
        })
    }

    /// `…/summary`.
    #[inline(never)]
    pub(super) fn summary(&self, asked: &Asked, body: &[u8]) -> Answer<Response> {
        let ask: ViewAsk = serde_json::from_slice(body)?;
        let pairs = asked.pairs();
        let wanted = summary::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        let delay = ask.sight.delay();
        let now = delay.map_or_else(clock::now, |delay| delay.until(clock::now()));
        self.with(|b| {
            let AsOf { head: cursor, at, sight } = b.as_of(&ask.sight, wanted)?;
            if let Some(at) = at {
                let then = b.then(at, cursor, &sight)?;
                let time = match at {
                    At::Time(time) => time,
                    At::Cursor(_) if wanted.is_none() => now,
                    At::Cursor(_) => then.items.iter().map(|(_, item)| item.time).max().unwrap_or(now),
                };
                let summary = Summary::of_items(&then.items, then.cursor, &sight.keys, ask.stale_after_s, time);
                return by_content(cursor, Format::Json, serde_json::to_vec(&summary)?, then.work);
            }
            let mut summary = Summary::of_items(
                &b.sights.seen_by(&sight, b.core.items()),
                cursor,
                &sight.keys,
                ask.stale_after_s,
                now,
            );
            if delay.is_some() {
                // The rest is not known as it was then.
                let work = b.core.items().len() as u64;
                return by_content(cursor, Format::Json, serde_json::to_vec(&summary)?, work);
            }
            summary.events = b.sights.events(&ask.sight, b.core.events());
            summary.series_full = b.rollups.is_full();
            if ask.sight.manager {
                let dropped = b.store.letters_dropped()?;
                summary.dead_letters = (dropped > 0).then_some(LettersView { dropped });
            }
            summary.storage = b.storage.view(b.store.bytes() as u64);
            summary.past = if ask.past { b.past.span() } else { None };
            // Rates tell of events that are hidden.
            if b.rollups.is_on() && ask.sight.sees_all() && b.sights.base(&ask.sight) == Eyes::Full {
                let hour = SeriesQuery {
                    from: Some(summary.at.plus(-Step::Hour.millis())),
                    to: Some(summary.at),
                    step: Some(Step::TenSeconds),
                    ..SeriesQuery::default()
                };
                let scope = Scope { sees_all: true, allowed: &|_| true, text: &|_, _| None };
                let rules = &b.keeper.settings().rollups;
                let series = b.rollups.series_of_board(&hour, rules, cursor, &scope, &b.store)?;
                let points: Vec<Point> = series.groups.into_iter().flat_map(|g| g.points).collect();
                let rate = |millis: i64| {
                    let since = summary.at.plus(-millis);
                    let count: u64 = points.iter().filter(|p| p.time >= since).map(|p| p.count).sum();
                    Number(count as f64 * 1_000.0 / millis as f64)
                };
                summary.rates = Some(Rates { minute: rate(60_000), ten_minutes: rate(600_000), hour: rate(3_600_000) });
            }
            by_content(cursor, Format::Json, serde_json::to_vec(&summary)?, b.core.items().len() as u64)
        })
    }

    /// `…/events`.
    #[inline(never)]
    pub(super) fn events(&self, asked: &Asked, body: &[u8]) -> Answer<Response> {
        let ask: ViewAsk = serde_json::from_slice(body)?;
        let pairs = asked.pairs();
        let query = EventsQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        self.with(|b| {
            let cursor = b.head_of(&ask.sight)?;
            let sight = ask.sight.clone().without_delay();
            let oldest = b.store.first_kept()?.unwrap_or(cursor.seq + 1);
            if query.after.is_some_and(|after| after + 1 < oldest && after > 0) {
                let detail = format!("events before {oldest} are no longer kept; begin without after");
                return Err(Problem::new(Code::EventsGone, detail).into());
            }
            let shows = |batch: &Batch<'_>, row: usize| b.sights.shows(&sight, batch, row);
            let mut paging = Paging::new(&query, &sight, b.sights.lens(&sight), &shows);
            let (mut rows, mut bytes) = (0, 0);
            // A row at a time: what a page looks through may be more than fits into memory.
            let mut more = false;
            for (after, upto) in b.past.reads(paging.seen(), query.from, query.to) {
                if after >= cursor.seq {
                    break;
                }
                let upto = upto.min(cursor.seq);
                paging.pass(after);
                let mut is_over = false;
                let is_cut = b.store.read_log(after, |row| {
                    is_over = row.first > upto;
                    if is_over {
                        return Ok(false);
                    }
                    if Control::is_one(row.bytes) {
                        paging.pass(row.first);
                    } else if !paging.row(row.first, &Batch::decode(row.bytes)?) {
                        return Ok(false);
                    }
                    rows += 1;
                    bytes += row.bytes.len();
                    Ok(rows < limits::EVENTS_LOG_ROWS && bytes < limits::EVENTS_LOG_BYTES)
                })?;
                more = is_cut && !is_over;
                if more {
                    break;
                }
            }
            let page = paging.finish(cursor, more);
            let is_now = cursor == b.core.cursor();
            let then = if is_now { None } else { Some(b.then(At::Cursor(cursor), cursor, &sight)?.items) };
            let seen = match &then {
                None => b.sights.seen_by(&sight, b.core.items()),
                Some(items) => Cow::Borrowed(&**items),
            };
            let items = seen.as_ref();
            let seen_kinds = kinds(query.format, items, &sight.keys);
            let (fields, kinds): (Vec<&str>, Vec<Kinds>) = visible_fields(items, &sight.keys)
                .into_iter()
                .map(|f| (items.field_name(f), seen_kinds.get(usize::from(f.0)).copied().unwrap_or_default()))
                .unzip();
            // What a row has is unpacked whole: a position takes about 16 bytes of it.
            let work = bytes as u64 / 16
                + if sight.keys.is_all() { 0 } else { items.len() as u64 }
                + query.format.work(items.len());
            let response = by_content(cursor, query.format, page.write(query.format, &fields, &kinds), work)?;
            if let Some(next) = &page.next {
                response.headers().set(NEXT_HEADER, next)?;
            }
            Ok(response)
        })
    }
}

impl Inner {
    /// What of the log a subscription begins with.
    #[inline(never)]
    pub(super) fn rewind(&self, body: &[u8]) -> Answer<Response> {
        let ask: RewindAsk = serde_json::from_slice(body)?;
        self.with(|b| {
            let cursor = b.head_of(&ask.sight)?;
            let now = ask.sight.delay().map_or_else(clock::now, |delay| delay.until(clock::now()));
            let sight = ask.sight.clone().without_delay();
            let shows = |batch: &Batch<'_>, row: usize| b.sights.shows(&sight, batch, row);
            let mut gathering = Gathering::new(&ask, b.sights.lens(&sight), &shows, now);
            b.store.read_back(cursor.seq + 1, |row| Ok(gathering.row(&row)?))?;
            Ok(Response::from_json(&gathering.finish(cursor, b.past.kept_after()))?)
        })
    }
}

/// A view of which the cursor does not tell all.
fn by_content(cursor: Cursor, format: Format, body: Vec<u8>, looked_at: u64) -> Answer<Response> {
    view(&version::of_content(cursor, &body), format, body, looked_at)
}
