//! What is said about a scoreboard beside its rows, and its rows on their way to a relay or a reader.

use super::award::shown;
use super::book::{Ranked, Scope};
use super::channel::{Channel, ChannelMessage, ChannelRow};
use super::frame::reached_json;
use super::keeper::Keeper;
use super::ranking::{Place, RankRule, RowId};
use super::rule::ScoreRules;
use super::session::{Phase, Session, SessionIndex};
use super::task_cell::{cells_json, tasks_json};
use crate::cursor::Cursor;
use serde_json::{Value, json};

/// Group values that are listed per grouping.
const GROUPS_LISTED: usize = 500;

impl Keeper {
    /// A session as the API shows it; managers see its code.
    pub fn session_json(&self, index: SessionIndex, manager: bool) -> Value {
        let Some(s) = self.timeline().sessions.get(index) else { return Value::Null };
        let scope = Scope { session: Some(index), group: None };
        let ranked = self.board().and_then(|b| b.ranked(&scope, manager));
        let mut v = session_json(s);
        v["players"] = ranked.map_or(0, |r| r.ranking.rows()).into();
        v["events"] = ranked.map_or(0, |r| r.events).into();
        if manager {
            v["code"] = s.code.as_deref().map_or(Value::Null, Into::into);
        }
        v
    }

    /// All sessions as the API shows them.
    pub fn sessions_json(&self, manager: bool) -> Vec<Value> {
        (0..self.timeline().sessions.iter().len()).map(|i| self.session_json(i as SessionIndex, manager)).collect()
    }

    /// What is said about a channel: columns, sessions, groups, whether it is frozen or in the making. The same for
    /// as long as nothing of it changes, so it holds no counters.
    pub fn about(&self, channel: &Channel, cursor: Cursor) -> Value {
        let rules = self.timeline().rules.as_ref();
        let scope = self.scope(channel.session.as_deref(), channel.group.as_deref()).ok();
        let session = scope.as_ref().and_then(|s| s.session);
        let sessions = &self.timeline().sessions;
        let own = session.and_then(|i| sessions.get(i));
        let book = self.board().map(|b| b.book(channel.live));
        let names = rules.map(|r| r.groups.as_slice()).unwrap_or_default();
        let groups: serde_json::Map<String, Value> = names
            .iter()
            .enumerate()
            .map(|(g, name)| {
                let mut values = book.map(|b| b.groups(session, g as u8)).unwrap_or_default();
                values.truncate(GROUPS_LISTED);
                (name.clone(), values.into())
            })
            .collect();
        let frozen = self.board().is_some_and(super::scoreboard::Scoreboard::is_frozen);
        let mut about = json!({
            "columns": rules.map(columns_json).unwrap_or_default(),
            "ties": rules.map(|r| r.ties).unwrap_or_default(),
            "window": rules.map(|r| &r.window),
            "groups": groups,
            "session": own.map(session_json),
            "sessions": sessions.iter().map(session_json).collect::<Vec<_>>(),
            "frozen": frozen,
            "rebuilding": self.rebuilding(cursor),
            "audience": if channel.live { "live" } else { "public" },
            "scope": own.map_or("all", |s| s.id.as_str()),
        });
        if let Some(rules) = rules.filter(|r| !r.tasks().is_empty()) {
            let board = self.board().filter(|_| channel.cells);
            let first = board.zip(scope.as_ref()).map(|(board, scope)| board.firsts(scope, channel.live));
            about["tasks"] = tasks_json(rules.tasks(), first.as_deref());
        }
        let awards = shown(&self.settings().awards, channel.group.is_none(), !channel.live && self.has_open_end());
        if !awards.is_empty() {
            about["awards"] = json!(awards);
        }
        if let Some(key) = self.timeline().last_revealed() {
            about["resolving"] = key.into();
        }
        about
    }

    /// Whether the public is not to know how a session ends: it is not over, or something of it is hidden.
    fn has_open_end(&self) -> bool {
        let is_over = |session: &Session| match session.phase {
            Phase::Created | Phase::Open | Phase::Frozen | Phase::Revealing => false,
            Phase::Closed | Phase::Revealed => true,
        };
        let is_frozen = self.board().is_some_and(super::scoreboard::Scoreboard::is_frozen);
        is_frozen || !self.timeline().sessions.iter().all(is_over)
    }

    /// The ranking of a channel.
    pub fn ranked(&self, channel: &Channel) -> Option<&Ranked> {
        let scope = self.scope(channel.session.as_deref(), channel.group.as_deref()).ok()?;
        self.board()?.ranked(&scope, channel.live)
    }

    pub(super) fn message(
        &self,
        channel: &Channel,
        from: Option<u64>,
        version: u64,
        cursor: Cursor,
        about: Option<&str>,
        rows: Option<&[RowId]>,
    ) -> Vec<u8> {
        let ranked = self.ranked(channel);
        let rule = ranked.map(|r| r.ranking.rule().clone()).or_else(|| self.board().map(|b| rank_rule(b.rules())));
        let rule = rule.unwrap_or_else(|| RankRule { directions: Vec::new(), ties: super::rule::Ties::default() });
        let all: Vec<RowId>;
        let ids = match (rows, ranked) {
            (Some(rows), _) => rows,
            (None, Some(ranked)) => {
                all = ranked.ranking.ids(0, u32::MAX).collect();
                &all
            }
            (None, None) => &[],
        };
        let scope = self.scope(channel.session.as_deref(), channel.group.as_deref()).ok();
        let row = |id: &RowId| {
            let ranking = &ranked?.ranking;
            let key = ranking.key(*id);
            let known = self.board()?.known(key, channel.live);
            let text = |t: &Option<std::sync::Arc<str>>| t.is_some();
            let groups = known.map(|a| a.groups.as_slice()).unwrap_or_default();
            let groups = if groups.iter().any(text) {
                groups.iter().map(|g| g.as_deref().unwrap_or_default()).collect()
            } else {
                Vec::new()
            };
            let name = known.and_then(|a| a.name.as_deref()).unwrap_or_default();
            let standing = ranking.is_ranked(*id).then(|| (ranking.values(*id).to_vec(), ranking.reached(*id)));
            let cells = match &scope {
                Some(scope) if channel.cells => self.board()?.cells(scope, key, channel.live),
                Some(_) | None => Vec::new(),
            };
            Some(ChannelRow { key, name, groups, standing, cells })
        };
        let rows = ids.iter().filter_map(row).collect();
        let (channel, life) = (channel.clone(), self.life());
        ChannelMessage { channel, life, from, version, cursor, about, rule, rows }.encode()
    }

    /// A page of a ranking as the API shows it.
    pub fn rows_json(&self, ranked: &Ranked, (from, count): (u32, u32), channel: &Channel) -> Vec<Value> {
        let page = ranked.ranking.page(from, count);
        let mut rows: Vec<Value> = page.iter().map(|p| self.row_json(p, channel.live)).collect();
        let scope = self.scope(channel.session.as_deref(), channel.group.as_deref()).ok();
        if let Some((board, scope)) = self.board().zip(scope).filter(|_| channel.cells) {
            for (row, place) in rows.iter_mut().zip(&page) {
                row["cells"] = cells_json(&board.cells(&scope, place.key, channel.live));
            }
        }
        rows
    }

    fn row_json(&self, p: &Place<'_>, live: bool) -> Value {
        let known = self.board().and_then(|b| b.known(p.key, live));
        let name = known.and_then(|a| a.name.as_deref()).unwrap_or(p.key);
        let groups: Vec<Value> = known
            .map(|a| a.groups.iter().map(|g| g.as_deref().map_or(Value::Null, Into::into)).collect())
            .unwrap_or_default();
        json!({
            "rank": p.rank,
            "position": p.position,
            "key": p.key,
            "name": name,
            "values": p.values,
            "tied": p.tied,
            "reached": reached_json(p.reached),
            "groups": groups,
        })
    }
}

fn rank_rule(rules: &ScoreRules) -> RankRule {
    RankRule { directions: rules.columns.iter().map(|c| c.direction).collect(), ties: rules.ties }
}

fn columns_json(rules: &ScoreRules) -> Vec<Value> {
    rules
        .columns
        .iter()
        .map(|c| {
            json!({
                "name": c.name,
                "label": c.label.as_deref().unwrap_or(&c.name),
                "unit": c.unit,
                "direction": c.direction,
            })
        })
        .collect()
}

fn session_json(s: &Session) -> Value {
    json!({
        "id": s.id,
        "title": s.title,
        "phase": s.phase,
        "opens_at": s.schedule.opens_at,
        "freezes_at": s.schedule.freezes_at,
        "closes_at": s.schedule.closes_at,
        "opened_at": s.opened_at(),
        "frozen_at": s.frozen_at,
        "closed_at": s.closed_at().filter(|_| !matches!(s.phase, Phase::Open | Phase::Frozen)),
    })
}
