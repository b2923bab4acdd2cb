//! Heliograph watches itself with Heliograph: what boards say of themselves, as events for a board of the deployment's own.
//!
//! Pure. Whoever has what all boards last said asks here which events tell what is new of it, and publishes them as anybody
//! publishes events. No board is asked for anything: one that rests is not woken. What is told is numbers, and the names of
//! boards and sources.

mod own;
#[cfg(test)]
mod tests;
mod window;

pub use own::{config, rules};

use crate::id::BoardName;
use crate::index::{Collected, Measured};
use crate::limits;
use crate::meters::edge::{CacheState, Edge, Pushed};
use crate::meters::{BoardMeters, BySource};
use crate::time::Millis;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use window::{Counts, Window};

/// Whether a deployment watches itself, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// It does not.
    Off,
    /// With so many milliseconds between two reports.
    EveryMillis(i64),
}

/// What the operator says can't be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HELIOGRAPH_HEALTH_BOARD is off, or the seconds between two reports, from 10 to 3600")]
pub struct BadSetting;

impl Default for Setting {
    fn default() -> Self {
        Self::EveryMillis(limits::HEALTH_EVERY_MILLIS)
    }
}

impl Setting {
    /// Reads what the operator says: nothing, `off`, or seconds.
    pub fn parse(text: Option<&str>) -> Result<Self, BadSetting> {
        match text.map(str::trim) {
            None | Some("") => Ok(Self::default()),
            Some("off") => Ok(Self::Off),
            Some(text) => {
                let seconds = text.parse::<u32>().map_err(|_| BadSetting)?;
                let fits = (limits::HEALTH_SECONDS_MIN..=limits::HEALTH_SECONDS_MAX).contains(&seconds);
                if fits { Ok(Self::EveryMillis(i64::from(seconds) * 1_000)) } else { Err(BadSetting) }
            }
        }
    }
}

/// The item of a board.
pub fn board_key(board: &BoardName) -> String {
    format!("board:{board}")
}

/// The item of a board's source.
pub fn source_key(board: &BoardName, source: &str) -> String {
    format!("source:{board}:{source}")
}

/// The item of the whole deployment.
const DEPLOYMENT: &str = "deployment";

/// What was known of a board when the last report was made.
#[derive(Clone, Debug)]
struct Last {
    counts: Counts,
    /// How bad it was as it was told last: 1 is where an alarm is raised.
    badness: f64,
    /// Whether it was told that something happens there.
    is_moving: bool,
}

/// What was told of a source.
#[derive(Clone, Debug)]
struct LastSent {
    source: BySource,
    told_at: Millis,
}

/// What the last report knew.
#[derive(Clone, Debug, Default)]
pub struct Health {
    boards: BTreeMap<BoardName, Last>,
    sources: BTreeMap<String, LastSent>,
    edge: Edge,
    pushed: Pushed,
}

/// What is to be published.
#[derive(Debug)]
pub struct Report {
    /// The events: a JSON array.
    pub events: Value,
    /// Whether there is something to tell next time even if nobody says anything more: that it is over, or what had no room.
    pub goes_on: bool,
    /// What is known once they are published.
    pub next: Health,
}

/// A board that has said something since.
struct Speaking<'a> {
    board: &'a BoardName,
    meters: &'a BoardMeters,
    counts: Counts,
    window: Window,
    badness: f64,
    badness_before: f64,
    was_moving: bool,
}

impl<'a> Speaking<'a> {
    fn of(board: &'a BoardName, meters: &'a BoardMeters, was: Option<&Last>) -> Self {
        let counts = Counts::of(meters);
        let window = Window::between(was.map(|was| &was.counts), &counts);
        let badness = window.badness().max(standing_badness(meters));
        let (badness_before, was_moving) = was.map_or((0.0, false), |was| (was.badness, was.is_moving));
        Self { board, meters, counts, window, badness, badness_before, was_moving }
    }

    /// The worse, the sooner it is told; and also that it is no longer bad.
    const fn urgency(&self) -> f64 {
        self.badness.max(self.badness_before)
    }

    fn event(&self) -> Value {
        let m = self.meters;
        let archive = m.archive.as_ref();
        let alarms = m.alarms.unwrap_or_default();
        let mut fields = vec![
            ("kind", json!("board")),
            ("board", json!(self.board)),
            ("items", json!(m.items)),
            ("viewers", json!(m.told.viewers)),
            ("relays", json!(m.told.relays)),
            ("behind", json!(m.told.behind)),
            ("lag", json!(m.lags.iter().map(|lag| lag.records).max().unwrap_or(0))),
            ("storage", json!(m.storage.bytes)),
            ("storage_share", number(storage_share(m))),
            ("alarms", json!(alarms.standing)),
            ("webhooks_failing", json!(alarms.failing)),
            ("archive_lag_s", archive.map_or(Value::Null, |a| number(a.lag_ms as f64 / 1_000.0))),
            ("archive_failing", archive.map_or(Value::Null, |a| json!(u8::from(a.failing)))),
        ];
        fields.extend(self.window.fields());
        event(&board_key(self.board), &m.at.0.to_string(), m.at, fields)
    }
}

/// Of what may be stored, which part is.
fn storage_share(m: &BoardMeters) -> f64 {
    share(m.storage.bytes, m.storage.limit_bytes)
}

/// How bad it is what stands there: 1 is where an alarm is raised.
fn standing_badness(m: &BoardMeters) -> f64 {
    let (archive_lag, archive_failing) = m.archive.map_or((0.0, false), |a| (a.lag_ms as f64 / 1_000.0, a.failing));
    let is_failing = archive_failing || m.alarms.is_some_and(|a| a.failing > 0);
    [
        storage_share(m) / own::STORAGE_SHARE,
        m.told.behind as f64 / own::BEHIND,
        archive_lag / own::ARCHIVE_LAG_S,
        f64::from(u8::from(is_failing)),
    ]
    .into_iter()
    .fold(0.0, f64::max)
}

impl Health {
    /// What is new since the last report, as of `now`. Whoever loses what a report knew tells all again, under the same ids:
    /// the board knows them.
    pub fn report(&self, collected: &Collected, now: Millis) -> Report {
        let mut next =
            Self { edge: collected.edge.clone(), pushed: collected.pushed.unwrap_or_default(), ..Self::default() };
        let mut events = Vec::new();
        let mut speaking = Vec::new();
        let others = || collected.boards.iter().filter(|measured| !measured.board.is_health());
        for Measured { board, meters } in others() {
            let Some(meters) = meters else { continue };
            match self.boards.get(board) {
                Some(was) if was.counts.at >= meters.at => {
                    let is_told = was.is_moving && events.len() < limits::HEALTH_BOARDS;
                    if is_told {
                        events.push(resting(board, was.counts.at));
                    }
                    let is_moving = was.is_moving && !is_told;
                    next.boards.insert(board.clone(), Last { is_moving, ..was.clone() });
                }
                was => speaking.push(Speaking::of(board, meters, was)),
            }
        }
        speaking.sort_by(|a, b| {
            let worst = b.urgency().total_cmp(&a.urgency());
            worst.then(b.window.rate.total_cmp(&a.window.rate)).then_with(|| a.board.cmp(b.board))
        });
        let left_out = speaking.len().saturating_sub(limits::HEALTH_BOARDS);
        events.push(self.deployment(collected, (speaking.as_slice(), left_out), now));
        for (place, one) in speaking.into_iter().enumerate() {
            let is_told = place < limits::HEALTH_BOARDS;
            if is_told {
                events.push(one.event());
            }
            let (badness, is_moving) =
                if is_told { (one.badness, one.window.is_moving()) } else { (one.badness_before, one.was_moving) };
            next.boards.insert(one.board.clone(), Last { counts: one.counts, badness, is_moving });
        }
        let all = others().filter_map(|measured| Some((&measured.board, measured.meters.as_ref()?)));
        let (told, others_wait) = self.sources(all, &mut next.sources, now);
        events.extend(told);
        let goes_on = others_wait || next.boards.values().any(|last| last.is_moving);
        Report { events: Value::Array(events), goes_on, next }
    }

    /// Sources that have sent something since they were told of, those that wait longest first; and whether more of them wait.
    fn sources<'a>(
        &self,
        boards: impl Iterator<Item = (&'a BoardName, &'a BoardMeters)>,
        next: &mut BTreeMap<String, LastSent>,
        now: Millis,
    ) -> (Vec<Value>, bool) {
        let mut sending = Vec::new();
        for (board, meters) in boards {
            for source in &meters.sources {
                let key = source_key(board, &source.name);
                let Some(last) = source.last.filter(|_| key.len() <= limits::KEY_BYTES) else { continue };
                let was = self.sources.get(&key);
                if let Some(was) = was {
                    next.insert(key.clone(), was.clone());
                }
                if was.is_none_or(|was| was.source.last != Some(last)) {
                    sending.push((was.map(|was| was.told_at), key, board, source, last));
                }
            }
        }
        sending.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let others_wait = sending.len() > limits::HEALTH_SOURCES;
        sending.truncate(limits::HEALTH_SOURCES);
        let event = |(_, key, board, source, last): (Option<Millis>, String, &BoardName, &BySource, Millis)| {
            let was = next.get(&key).map(|was| was.source.clone()).unwrap_or_default();
            let event = sent(&key, board, (&was, source), last);
            next.insert(key, LastSent { source: source.clone(), told_at: now });
            event
        };
        (sending.into_iter().map(event).collect(), others_wait)
    }

    /// What is of the whole deployment.
    fn deployment(&self, collected: &Collected, (speaking, left_out): (&[Speaking<'_>], usize), now: Millis) -> Value {
        let others = || collected.boards.iter().filter(|measured| !measured.board.is_health());
        let sum = |of: fn(&BoardMeters) -> u64| {
            others().filter_map(|measured| measured.meters.as_ref()).fold(0_u64, |sum, m| sum.saturating_add(of(m)))
        };
        let of_windows = |of: fn(&Window) -> f64| speaking.iter().map(|one| of(&one.window)).sum::<f64>();
        let Pushed { failed, .. } = collected.pushed.unwrap_or_default();
        let (edge, was) = (&collected.edge, &self.edge);
        let views = |of: fn(CacheState) -> bool| {
            let count = |edge: &Edge| edge.cache.iter().filter(|(state, _)| of(**state)).map(|(_, n)| n).sum::<u64>();
            grown(count(edge), count(was))
        };
        let (asked, kept) = (views(|_| true), views(is_kept));
        let fields = vec![
            ("kind", json!("deployment")),
            ("boards", json!(others().count())),
            ("speaking", json!(speaking.len())),
            ("left_out", json!(left_out)),
            ("items", json!(sum(|m| m.items))),
            ("viewers", json!(sum(|m| u64::from(m.told.viewers)))),
            ("storage", json!(sum(|m| m.storage.bytes))),
            ("alarms", json!(sum(|m| m.alarms.map_or(0, |a| a.standing)))),
            ("rate", number(of_windows(|window| window.rate))),
            ("rows_day", number(of_windows(|window| window.rows_day.unwrap_or(0.0)))),
            ("views", json!(asked)),
            ("views_kept_share", number(share(kept, asked))),
            ("minted", json!(grown(edge.minted.values().sum(), was.minted.values().sum()))),
            ("rights_ended", json!(grown(edge.ended.values().sum(), was.ended.values().sum()))),
            ("otlp_failures", json!(grown(failed, self.pushed.failed))),
        ];
        event(DEPLOYMENT, &now.0.to_string(), now, fields)
    }
}

/// Whether a view was answered without asking its board for this reader.
const fn is_kept(state: CacheState) -> bool {
    match state {
        CacheState::Hit | CacheState::Coalesced | CacheState::Stale | CacheState::Updating => true,
        CacheState::Miss | CacheState::Bypass => false,
    }
}

/// A board says nothing more: what it was told to do, it does no longer. Before whatever it says next.
fn resting(board: &BoardName, said_at: Millis) -> Value {
    event(&board_key(board), &format!("{}-rest", said_at.0), said_at.plus(1), Window::at_rest().fields())
}

/// What came by a source since it was told of.
fn sent(key: &str, board: &BoardName, (was, source): (&BySource, &BySource), last: Millis) -> Value {
    let since = |of: fn(&BySource) -> u64| grown(of(source), of(was));
    let (accepted, refused) = (since(|s| s.accepted), since(|s| s.refused));
    let records = accepted + since(|s| s.duplicate) + refused;
    let fields = vec![
        ("kind", json!("source")),
        ("board", json!(board)),
        ("source", json!(source.name)),
        ("records", json!(records)),
        ("refused_share", number(share(refused, records))),
    ];
    event(key, &last.0.to_string(), last, fields)
}

/// An event. Its id is the same whenever it is told.
fn event(key: &str, mark: &str, time: Millis, fields: Vec<(&'static str, Value)>) -> Value {
    let fields: Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    json!({"id": format!("{key}@{mark}"), "key": key, "time": time, "fields": fields})
}

/// How much a count has grown; one that is smaller than it was has begun anew.
const fn grown(now: u64, was: u64) -> u64 {
    if now >= was { now - was } else { now }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A number with four digits behind the point: more say nothing, and take room.
fn number(n: f64) -> Value {
    json!((n * 10_000.0).round() / 10_000.0)
}
