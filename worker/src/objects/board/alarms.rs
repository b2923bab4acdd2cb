//! The board's alarms: adapter around [`heliograph_shared::alarms`].

use super::{Inner, Loaded};
use crate::asked::Asked;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use heliograph_shared::alarms::{AlarmQuery, LogQuery, MuteList, MuteWish, RuleId, ShownRule};
use heliograph_shared::audit::{Act, By, Kind};
use heliograph_shared::calls::board::AlarmRuleAsk;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::time::Millis;
use std::rc::Rc;
use worker::Response;

/// The ranking is looked at for alarms so often at most.
const RANK_PACE_MILLIS: i64 = 1_000;
/// Keys that share the worst rank that counts, at most.
const RANK_TIES: u32 = 100;

fn unknown_rule(id: &str) -> Fault {
    Problem::new(Code::NotFound, format!("the board has no rule {id:?}")).into()
}

impl Loaded {
    /// When time alone raises or clears an alarm, or the ranking is looked at.
    pub(super) fn next_alarm(&self, now: Millis) -> Option<Millis> {
        let ranks = (self.watch.alarms.ranks() > 0 && self.ranks_wait).then_some(self.ranked_at.plus(RANK_PACE_MILLIS));
        let next = self.watch.alarms.next_look().into_iter().chain(ranks).min()?;
        // What comes due in the same second goes together: each wake-up is a row.
        Some(Millis(next.max(now).0.div_euclid(1_000) * 1_000 + 1_000))
    }

    /// Looks at the first of the ranking, where a rule asks for them. That is not in the log: what it raises is written at
    /// once.
    pub(super) fn rank_for_alarms(&mut self, now: Millis) -> Answer<()> {
        let most = self.watch.alarms.ranks();
        let Some(board) = self.keeper.board().filter(|_| most > 0) else { return Ok(()) };
        self.ranks_wait = now.since(self.ranked_at) < RANK_PACE_MILLIS;
        if self.ranks_wait {
            return Ok(());
        }
        self.ranked_at = now;
        let leaders = board.leaders(most + RANK_TIES);
        let first = leaders.iter().filter(|place| place.rank <= most).map(|place| (place.key, place.rank));
        if self.watch.alarms.rank(first, now) { self.write_watch() } else { Ok(()) }
    }
}

impl Inner {
    /// `…/alarms`.
    pub(super) fn alarms(&self, asked: &Asked) -> Answer<Response> {
        let pairs = asked.pairs();
        let query = AlarmQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        let now = clock::now();
        self.with(|b| {
            b.watch.alarms.advance(now);
            Ok(reply::object(200, &b.watch.alarms.list(&query, b.core.cursor(), now))?)
        })
    }

    /// `…/alarms/events`.
    pub(super) fn alarm_events(&self, asked: &Asked) -> Answer<Response> {
        let pairs = asked.pairs();
        let query = LogQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        self.with(|b| {
            b.trim_watch(clock::now())?;
            Ok(reply::object(200, &b.watch.alarms.events(&query, b.core.cursor()))?)
        })
    }

    /// Somebody has seen an alarm.
    pub(super) fn acknowledge_alarm(self: &Rc<Self>, by: By, id: &str) -> Answer<Response> {
        let gone = || Fault::from(Problem::new(Code::NotFound, "no such alarm stands: it is over, or never was"));
        let event = id.parse().map_err(|_| gone())?;
        let now = clock::now();
        let response = self.with(|b| {
            b.watch.alarms.advance(now);
            let who = by.subject.as_deref().unwrap_or(&by.credential).to_owned();
            if !b.watch.alarms.acknowledge(event, &who, now).ok_or_else(gone)? {
                b.store_watch(by, Act::new(Kind::Alarms, "acknowledged").on(id))?;
            }
            let alarm = b.watch.alarms.alarm(event, now).ok_or_else(gone)?;
            Ok(reply::object(200, &alarm)?)
        })?;
        self.tell_webhooks();
        Ok(response)
    }

    /// Nobody is told of a rule or an item for a while.
    pub(super) fn mute_alarms(&self, by: By, body: &[u8]) -> Answer<Response> {
        let MuteWish { rule, key, for_s } = serde_json::from_slice(body)?;
        let now = clock::now();
        self.with(|b| {
            if let Some(unknown) = rule.as_ref().filter(|id| b.watch.alarms.rule(id).is_none()) {
                return Err(unknown_rule(unknown.as_str()));
            }
            b.watch.alarms.advance(now);
            let (rule, key) = (rule.as_ref().map(RuleId::as_str).unwrap_or_default(), key.unwrap_or_default());
            let until = (for_s > 0).then(|| now.plus(i64::from(for_s) * 1_000));
            b.watch.alarms.mute(rule, &key, until, now)?;
            let on = [rule, &key].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            let act = Act::new(Kind::Alarms, if until.is_some() { "muted" } else { "unmuted" }).on(&on);
            b.store_watch(by, act)?;
            Ok(reply::object(200, &MuteList { muted: b.watch.alarms.muted(now) })?)
        })
    }

    /// `…/alarms/rules`.
    pub(super) fn alarm_rules(&self) -> Answer<Response> {
        self.with(|b| Ok(reply::object(200, &b.watch.alarms.rules())?))
    }

    /// A rule.
    pub(super) fn alarm_rule(&self, id: &str) -> Answer<Response> {
        let wanted = RuleId::parse(id).map_err(|_| unknown_rule(id))?;
        self.with(|b| {
            let rule: ShownRule = b.watch.alarms.rule(&wanted).ok_or_else(|| unknown_rule(id))?;
            Ok(reply::object(200, &rule)?)
        })
    }

    /// Makes a rule, or changes one.
    pub(super) fn put_alarm_rule(self: &Rc<Self>, by: By, body: &[u8]) -> Answer<Response> {
        let AlarmRuleAsk { id, rule } = serde_json::from_slice(body)?;
        let now = clock::now();
        let response = self.with(|b| {
            b.has_room(body.len())?;
            let put = b.watch.put_rule(&id, &rule, b.core.items(), (b.core.cursor().seq, now))?;
            if let Some(is_new) = put {
                let action = if is_new { "rule_made" } else { "rule_changed" };
                b.store_watch(by, Act::new(Kind::Alarms, action).on(id.as_str()))?;
                b.ranked_at = Millis(0);
                b.rank_for_alarms(now)?;
            }
            Ok(reply::object(if put == Some(true) { 201 } else { 200 }, &b.watch.alarms.rule(&id))?)
        })?;
        self.tell_webhooks();
        self.set_alarm();
        Ok(response)
    }

    /// Deletes a rule. Its alarms are over.
    pub(super) fn drop_alarm_rule(self: &Rc<Self>, by: By, id: &str) -> Answer<Response> {
        let wanted = RuleId::parse(id).map_err(|_| unknown_rule(id))?;
        let response = self.with(|b| {
            if !b.watch.remove_rule(&wanted, b.core.items(), (b.core.cursor().seq, clock::now())) {
                return Err(unknown_rule(id));
            }
            b.store_watch(by, Act::new(Kind::Alarms, "rule_deleted").on(id))?;
            Ok(reply::empty(204)?)
        })?;
        self.tell_webhooks();
        Ok(response)
    }
}
