//! What a ranking is by definition: from the whole log, with no memory of an earlier answer. Slow and plain.

use crate::world::{Entry, Row};
use heliograph_shared::cursor::Seq;
use heliograph_shared::event::Event;
use heliograph_shared::scores::control::Action;
use heliograph_shared::scores::direction::Direction;
use heliograph_shared::scores::period::Zones;
use heliograph_shared::scores::rule::{ColumnRule, Condition, Operator, ScoreRules, Ties};
use heliograph_shared::scores::session::SessionAction;
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Which ranking: a session's place among the sessions, and a grouping's with its value.
pub type Scope = (Option<usize>, Option<(usize, String)>);

/// A row of a ranking. Values are in millionths.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    pub key: String,
    pub position: u32,
    pub rank: u32,
    pub tied: bool,
    pub values: Vec<i64>,
    pub reached: Option<(Millis, Seq)>,
}

#[derive(Default)]
struct Session {
    id: String,
    runs: Vec<(Millis, Option<Millis>)>,
}

/// An event with what decides where it counts.
struct Placed<'l> {
    seq: Seq,
    event: &'l Event,
    groups: Vec<Option<String>>,
    session: Option<usize>,
}

/// A correction of a column.
struct Adjusted {
    seq: Seq,
    at: Millis,
    key: String,
    column: String,
    by: i64,
    session: Option<usize>,
    groups: Vec<Option<String>>,
}

/// Everything that the log says, before anything is counted.
pub struct Model<'l> {
    rules: &'l ScoreRules,
    zones: &'l dyn Zones,
    now: Millis,
    events: Vec<Placed<'l>>,
    adjusted: Vec<Adjusted>,
    undone: BTreeSet<Seq>,
    out: BTreeSet<String>,
    frozen: Option<Millis>,
    revealed: BTreeSet<String>,
}

fn field<'e>(event: &'e Event, name: &str) -> Option<&'e Value> {
    event.fields.iter().find(|(n, _)| n == name).and_then(|(_, v)| v.as_ref())
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Text(t) => t.clone(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
    };
    (!text.is_empty() && text.len() <= 200).then_some(text)
}

/// Whether something of a session and of groups belongs to a ranking.
fn inside((session, group): &Scope, own: Option<usize>, groups: &[Option<String>]) -> bool {
    let grouped = group.as_ref().is_none_or(|(g, v)| groups[*g].as_deref() == Some(v.as_str()));
    grouped && (session.is_none() || own == *session)
}

fn millionths(n: f64) -> i64 {
    (n * 1e6).round() as i64
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => Some(millionths(*n)),
        Value::Bool(b) => Some(i64::from(*b) * 1_000_000),
        Value::Text(_) => None,
    }
}

fn holds(conditions: &[Condition], event: &Event) -> bool {
    conditions.iter().all(|c| {
        let value = field(event, &c.field);
        let n = match value {
            Some(Value::Number(n)) => Some(*n),
            _ => None,
        };
        if let Some(v) = &c.equals {
            value == Some(v)
        } else if let Some(list) = &c.one_of {
            list.iter().any(|v| value == Some(v))
        } else if let Some(v) = &c.not {
            value != Some(v)
        } else if let Some(least) = c.at_least {
            n.is_some_and(|n| n >= least)
        } else if let Some(most) = c.at_most {
            n.is_some_and(|n| n <= most)
        } else {
            c.exists == Some(value.is_some())
        }
    })
}

/// The place of the log where the item of a key ended last; nothing before it counts.
fn end_of(log: &[Entry], key: &str) -> Seq {
    let ends = |row: &Row| match row {
        Row::Control(control) => matches!(&control.what, Action::EndItems { keys } if keys.iter().any(|k| k == key)),
        Row::Event(_) => false,
    };
    log.iter().rev().find(|entry| ends(&entry.row)).map_or(0, |entry| entry.seq)
}

/// The value of a field as of the latest event time before a place of the log; of equal times the later in the log.
fn known(log: &[Entry], key: &str, name: &str) -> Option<String> {
    let mut best: Option<(Millis, String)> = None;
    let end = end_of(log, key);
    for Entry { seq, row } in log {
        let Row::Event(e) = row else { continue };
        if e.key == key
            && *seq > end
            && let Some(value) = field(e, name).and_then(text)
            && best.as_ref().is_none_or(|(at, _)| e.time >= *at)
        {
            best = Some((e.time, value));
        }
    }
    best.map(|(_, v)| v)
}

impl<'l> Model<'l> {
    pub fn new(log: &'l [Entry], rules: &'l ScoreRules, now: Millis, zones: &'l dyn Zones) -> Self {
        let mut sessions: Vec<Session> = Vec::new();
        let (mut frozen, mut revealed) = (None, BTreeSet::new());
        let (mut undone, mut out) = (BTreeSet::new(), BTreeSet::new());
        for Entry { row, .. } in log {
            let Row::Control(control) = row else { continue };
            match &control.what {
                Action::CreateSession { id, .. } => sessions.push(Session { id: id.clone(), runs: Vec::new() }),
                Action::Session { id, action, key, .. } => {
                    let own = sessions.iter_mut().find(|s| s.id == *id).unwrap();
                    match action {
                        SessionAction::Open | SessionAction::Reopen => own.runs.push((control.at, None)),
                        SessionAction::Close => own.runs.last_mut().unwrap().1 = Some(control.at),
                        SessionAction::Freeze => (frozen, revealed) = (Some(control.at), BTreeSet::new()),
                        SessionAction::Reveal => (frozen, revealed) = (None, BTreeSet::new()),
                        SessionAction::RevealStep => revealed.extend(key.clone()),
                        SessionAction::RevealBack => drop(revealed.remove(key.as_ref().unwrap())),
                        SessionAction::Schedule | SessionAction::RevokeCode => {}
                    }
                }
                Action::Undo { seq, .. } => drop(undone.insert(*seq)),
                Action::Disqualify { key, .. } => drop(out.insert(key.clone())),
                Action::Restore { key, .. } => drop(out.remove(key)),
                Action::Adjust { .. } | Action::Rules { .. } | Action::EndItems { .. } => {}
            }
        }
        let covers = |s: &Session, t: Millis| s.runs.iter().any(|(a, b)| *a <= t && b.is_none_or(|b| t <= b));
        let mut events = Vec::new();
        let mut adjusted = Vec::new();
        for (i, Entry { seq, row }) in log.iter().enumerate() {
            let groups = |key: &str| rules.groups.iter().map(|g| known(&log[..i], key, g)).collect::<Vec<_>>();
            match row {
                Row::Event(event) => {
                    if *seq < end_of(log, &event.key) {
                        continue;
                    }
                    let own = rules.groups.iter().map(|g| field(event, g).and_then(text));
                    let groups = own.zip(groups(&event.key)).map(|(own, known)| own.or(known)).collect();
                    let of = |s: &&(usize, &Session)| covers(s.1, event.time);
                    // Runs do not overlap but in their ends: there the session that began later has the event.
                    let session = sessions.iter().enumerate().filter(|s| of(&s)).max_by_key(|(i, s)| (s.runs[0].0, *i));
                    events.push(Placed { seq: *seq, event, groups, session: session.map(|(i, _)| i) });
                }
                Row::Control(control) => {
                    let Action::Adjust { key, column, by_millionths, session, .. } = &control.what else { continue };
                    if !rules.columns.iter().any(|c| c.name == *column) || *seq < end_of(log, key) {
                        continue;
                    }
                    let session = session.as_ref().and_then(|id| sessions.iter().position(|s| s.id == *id));
                    let (key, column, by) = (key.clone(), column.clone(), *by_millionths);
                    let groups = groups(&key);
                    adjusted.push(Adjusted { seq: *seq, at: control.at, key, column, by, session, groups });
                }
            }
        }
        Self { rules, zones, now, events, adjusted, undone, out, frozen, revealed }
    }

    /// A key's name for people.
    pub fn name(log: &[Entry], rules: &ScoreRules, key: &str) -> Option<String> {
        known(log, key, &rules.name)
    }

    /// Every ranking in which some key has a row, or could have.
    pub fn scopes(&self) -> BTreeSet<Scope> {
        let mut all = BTreeSet::from([(None, None)]);
        let places = self.events.iter().map(|e| (e.session, &e.groups));
        for (session, groups) in places.chain(self.adjusted.iter().map(|a| (a.session, &a.groups))) {
            for session in [None, session] {
                all.insert((session, None));
                for (g, value) in groups.iter().enumerate() {
                    all.extend(value.clone().map(|v| (session, Some((g, v)))));
                }
            }
        }
        all
    }

    /// A ranking as an audience sees it.
    pub fn ranking(&self, scope: &Scope, live: bool) -> Vec<Ranked> {
        let rows: BTreeMap<String, Standing> = self
            .keys(scope, None)
            .into_iter()
            .filter_map(|key| {
                let until = self.frozen.filter(|_| !live && !self.revealed.contains(&key));
                let there = self.keys(scope, until).contains(&key) && !self.out.contains(&key);
                let standing = if there { self.standing(scope, &key, until) } else { None };
                standing.map(|s| (key, s))
            })
            .collect();
        order(self.rules, rows)
    }

    /// Keys with anything in a scope, before a time.
    fn keys(&self, scope: &Scope, until: Option<Millis>) -> BTreeSet<String> {
        let early = |t: Millis| until.is_none_or(|u| t < u);
        let events = self.events.iter().filter(|e| early(e.event.time) && inside(scope, e.session, &e.groups));
        let adjusted = self.adjusted.iter().filter(|a| early(a.at) && inside(scope, a.session, &a.groups));
        events.map(|e| e.event.key.clone()).chain(adjusted.map(|a| a.key.clone())).collect()
    }

    fn is_current(&self, at: Millis) -> bool {
        let window = &self.rules.window;
        window.span(self.now, self.zones).has(window.bucket(at, self.zones))
    }

    /// The columns of a key; none when it has no rank.
    fn standing(&self, scope: &Scope, key: &str, until: Option<Millis>) -> Option<Standing> {
        let rules = self.rules;
        let early = |t: Millis| until.is_none_or(|u| t < u);
        let own: Vec<&Placed<'_>> = self
            .events
            .iter()
            .filter(|e| e.event.key == key && early(e.event.time) && !self.undone.contains(&e.seq))
            .collect();
        let replaced = |e: &Placed<'_>| {
            let entry = rules.entry.as_ref().and_then(|name| field(e.event, name));
            let same = |o: &&Placed<'_>| o.seq > e.seq && field(o.event, rules.entry.as_ref().unwrap()) == entry;
            entry.is_some() && own.iter().any(same)
        };
        let mut counted: Vec<&Placed<'_>> = own
            .iter()
            .copied()
            .filter(|e| inside(scope, e.session, &e.groups) && holds(&rules.filter, e.event))
            .filter(|e| !replaced(e) && self.is_current(e.event.time))
            .collect();
        counted.sort_by_key(|e| (e.event.time, e.seq));
        let adjusted: Vec<&Adjusted> = self
            .adjusted
            .iter()
            .filter(|a| a.key == key && early(a.at) && inside(scope, a.session, &a.groups) && self.is_current(a.at))
            .collect();
        if counted.is_empty() && adjusted.is_empty() {
            return rules.everyone.then(|| (vec![0; rules.columns.len()], None));
        }
        let (mut values, mut reached) = (Vec::new(), None);
        for column in &rules.columns {
            let (mut value, mut at) = column_value(rules, column, &counted);
            for a in adjusted.iter().filter(|a| a.column == column.name) {
                value += a.by;
                at = at.max(Some((a.at, a.seq)));
            }
            values.push(value);
            reached = reached.max(at);
        }
        Some((values, reached))
    }
}

type Standing = (Vec<i64>, Option<(Millis, Seq)>);

/// One column over events in the order of their times, and when it came to its value.
fn column_value(rules: &ScoreRules, column: &ColumnRule, events: &[&Placed<'_>]) -> (i64, Option<(Millis, Seq)>) {
    let at = |e: &Placed<'_>| (e.event.time, e.seq);
    let values: Vec<(i64, (Millis, Seq))> = events
        .iter()
        .filter_map(|e| {
            let value = match &column.field {
                Some(f) => number(field(e.event, f)?)?,
                None => millionths(column.value.unwrap_or(1.0)),
            };
            Some((value, at(e)))
        })
        .collect();
    let first_with = |v: i64| values.iter().find(|(o, _)| *o == v).map(|(_, at)| *at);
    let last = values.last().map(|(_, at)| *at);
    match column.op {
        Operator::Sum => {
            let moved = values.iter().rev().find(|(v, _)| *v != 0).map(|(_, at)| *at);
            (values.iter().map(|(v, _)| v).sum(), moved)
        }
        Operator::Count => {
            let has = |e: &&&Placed<'_>| column.field.as_ref().is_none_or(|f| field(e.event, f).is_some());
            let those: Vec<_> = events.iter().filter(has).collect();
            (those.len() as i64 * 1_000_000, those.last().map(|e| at(e)))
        }
        Operator::Best | Operator::Min => {
            let least = column.op == Operator::Min || column.direction == Direction::Asc;
            let all = values.iter().map(|(v, _)| *v);
            let best = if least { all.min() } else { all.max() };
            (best.unwrap_or(0), best.and_then(first_with))
        }
        Operator::Last => (values.last().map_or(0, |(v, _)| *v), last),
        Operator::Avg => {
            let (sum, n) = (values.iter().map(|(v, _)| *v as f64).sum::<f64>(), values.len() as f64);
            // Sums of tests are small: the division is exact enough to be rounded right.
            (if values.is_empty() { 0 } else { (sum / n).round() as i64 }, last)
        }
        Operator::Set => {
            let mut seen: Vec<&Value> = Vec::new();
            let mut when = None;
            for e in events {
                if let Some(v) = column.field.as_ref().and_then(|f| field(e.event, f)).filter(|v| !seen.contains(v)) {
                    seen.push(v);
                    when = Some(at(e));
                }
            }
            (seen.len() as i64 * 1_000_000, when)
        }
        Operator::Solved | Operator::Penalty | Operator::LastSolved => attempts(rules, column.op, events),
    }
}

/// Tasks with a right attempt; or their minutes, with some for each wrong attempt before.
fn attempts(rules: &ScoreRules, op: Operator, events: &[&Placed<'_>]) -> (i64, Option<(Millis, Seq)>) {
    let a = rules.attempts.as_ref().unwrap();
    let mut tasks: Vec<&Value> = Vec::new();
    for task in events.iter().filter_map(|e| field(e.event, &a.per)) {
        if !tasks.contains(&task) {
            tasks.push(task);
        }
    }
    let (mut value, mut reached) = (0, None);
    for task in tasks {
        let own: Vec<_> = events.iter().filter(|e| field(e.event, &a.per) == Some(task)).collect();
        let Some(first) = own.iter().position(|e| holds(&a.right, e.event)) else { continue };
        let wrong = own[..first].iter().filter(|e| holds(&a.wrong, e.event)).count() as i64;
        let minute = a.minutes.as_ref().and_then(|m| match field(own[first].event, m)? {
            Value::Number(n) => Some(millionths(*n)),
            _ => None,
        });
        value = match op {
            Operator::Solved => value + 1_000_000,
            Operator::LastSolved => value.max(minute.unwrap_or(0)),
            _ => value + minute.unwrap_or(0) + wrong * millionths(a.wrong_minutes),
        };
        reached = reached.max(Some((own[first].event.time, own[first].seq)));
    }
    (value, reached)
}

/// Sorts rows and gives ranks, as the tie rule says.
fn order(rules: &ScoreRules, rows: BTreeMap<String, Standing>) -> Vec<Ranked> {
    let better = |a: &[i64], b: &[i64]| {
        let columns = a.iter().zip(b).zip(&rules.columns);
        columns.fold(Ordering::Equal, |by, ((a, b), c)| {
            by.then(if c.direction == Direction::Asc { a.cmp(b) } else { b.cmp(a) })
        })
    };
    // Who has reached nothing comes last among equals.
    let time = |s: &Standing| (s.1.is_none(), s.1);
    let mut rows: Vec<(String, Standing)> = rows.into_iter().collect();
    rows.sort_by(|(k, a), (l, b)| {
        let first = if rules.ties == Ties::FirstToReach { time(a).cmp(&time(b)) } else { Ordering::Equal };
        better(&a.0, &b.0).then(first).then_with(|| k.cmp(l))
    });
    let distinct: Vec<&Vec<i64>> = {
        let mut list: Vec<_> = rows.iter().map(|(_, s)| &s.0).collect();
        list.dedup();
        list
    };
    let place = |i: usize, values: &Vec<i64>| match rules.ties {
        Ties::FirstToReach => i,
        Ties::Shared => rows.iter().position(|(_, s)| s.0 == *values).unwrap(),
        Ties::Dense => distinct.iter().position(|v| *v == values).unwrap(),
    };
    rows.iter()
        .enumerate()
        .map(|(i, (key, (values, reached)))| Ranked {
            key: key.clone(),
            position: i as u32 + 1,
            rank: place(i, values) as u32 + 1,
            tied: rows.iter().filter(|(_, s)| s.0 == *values).count() > 1,
            values: values.clone(),
            reached: *reached,
        })
        .collect()
}
