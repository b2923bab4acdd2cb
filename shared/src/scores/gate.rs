//! What an event must pass before it counts: an open session, and for players their bounds and their pace.

use super::rule::PlayerRules;
use super::session::{Outside, Sessions};
use crate::codec::{Batch, Cell, Column};
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::time::Millis;
use std::collections::HashMap;

/// Keys whose pace is remembered; with more, all begin anew.
const PACES: usize = 100_000;

/// How fast players were, by key.
#[derive(Clone, Debug, Default)]
pub struct Paces(HashMap<String, (f64, Millis)>);

impl Paces {
    /// Whether one more event under a key keeps to the pace. Twice a second's worth may come at once.
    fn take(&mut self, key: &str, per_second: f64, now: Millis) -> bool {
        let most = (per_second * 2.0).max(1.0);
        if self.0.len() >= PACES && !self.0.contains_key(key) {
            self.0.clear();
        }
        let (left, at) = match self.0.get(key) {
            Some((left, at)) => ((left + now.since(*at).max(0) as f64 / 1_000.0 * per_second).min(most), *at),
            None => (most, now),
        };
        let ok = left >= 1.0;
        self.0.insert(key.to_owned(), (if ok { left - 1.0 } else { left }, now.max(at)));
        ok
    }
}

/// What events of one request must pass.
pub struct Gate<'g> {
    /// The server's clock.
    pub now: Millis,
    /// The sessions and the seconds of grace, where one is required.
    pub sessions: Option<(&'g Sessions, u32)>,
    /// How many seconds ago a player may say that something happened.
    pub grace_s: u32,
    /// What players must keep to, where a player publishes.
    pub player: Option<(&'g PlayerRules, &'g mut Paces)>,
}

impl Gate<'_> {
    /// Whether an event of a batch may pass.
    pub fn check(&mut self, batch: &Batch<'_>, row: usize) -> Result<(), FieldError> {
        let time = batch.times.get(row).copied().unwrap_or_default();
        if let Some((sessions, grace)) = self.sessions
            && let Err(outside) = sessions.admit(time, self.now, grace)
        {
            let message = match outside {
                Outside::NoSession => "no session is open at the event's time; it is kept as a dead letter".to_owned(),
                Outside::TooLate => format!("its session closed more than {grace} s ago; it is kept as a dead letter"),
            };
            return Err(FieldError::new("time", Code::SessionClosed, message));
        }
        let Some((rules, paces)) = &mut self.player else { return Ok(()) };
        check_time(time, self.now, self.grace_s)?;
        if rules.require_id && batch.id(row).is_none() {
            let message = "id is required here, so that an event that is sent twice counts once";
            return Err(FieldError::new("id", Code::IdRequired, message));
        }
        for column in &batch.fields {
            let Some([least, most]) = rules.bounds.get(column.name) else { continue };
            let ok = match column.cells.get(row) {
                None | Some(Cell::Absent) => true,
                Some(Cell::Number(n)) => (*least..=*most).contains(n),
                // A number that is taken away is none within the bounds.
                Some(Cell::Null | Cell::Bool(_) | Cell::Text(_)) => false,
            };
            if !ok {
                let field = format!("fields.{}", column.name);
                let message = format!("{field} is a number from {least} to {most} here");
                return Err(FieldError::new(field, Code::OutOfBounds, message));
            }
        }
        let mentioned = |c: &&Column<'_>| !matches!(c.cells.get(row), None | Some(Cell::Absent));
        let leads = |c: &&Column<'_>| rules.leader.iter().any(|f| f == c.name);
        if let Some(column) = batch.fields.iter().filter(mentioned).find(leads) {
            let field = format!("fields.{}", column.name);
            let message = format!("{field} is set by who leads here, not by players");
            return Err(FieldError::new(field, Code::LeaderField, message));
        }
        let key = batch.key(row);
        if let Some(pace) = rules.per_second
            && !paces.take(key, pace, self.now)
        {
            let message =
                format!("events under key {key:?} come faster than {pace} a second; slow down and send again");
            return Err(FieldError::new("key", Code::TooFast, message));
        }
        Ok(())
    }
}

/// What a player says of the time is taken for as long as an event may be on its way, and not of the future.
fn check_time(time: Millis, now: Millis, grace_s: u32) -> Result<(), FieldError> {
    if now.since(time) > i64::from(grace_s) * 1_000 {
        let message = format!("time is more than {grace_s} s ago; a player's event comes sooner, or without time");
        return Err(FieldError::new("time", Code::TimeTooOld, message));
    }
    if time.since(now) > limits::PLAYER_CLOCK_MILLIS {
        let message = "time is in the future by the server's clock; send the event without time";
        return Err(FieldError::new("time", Code::TimeInFuture, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::value::Value;

    fn batch(time: i64, id: Option<&str>, points: Value) -> Event {
        let fields = vec![("points".to_owned(), Some(points))];
        Event { id: id.map(str::to_owned), key: "p".into(), time: Millis(time), position: None, fields }
    }

    #[test]
    fn players_keep_to_bounds_ids_and_pace() {
        let rules = PlayerRules {
            bounds: [("points".to_owned(), [0.0, 10.0])].into(),
            per_second: Some(1.0),
            require_id: true,
            leader: vec!["graded".to_owned()],
        };
        let mut paces = Paces::default();
        let mut code = |now: i64, event: Event| {
            let events = [event];
            let bytes = Batch::from_events(&events).encode();
            let batch = Batch::decode(&bytes).unwrap();
            let mut gate = Gate { now: Millis(now), sessions: None, grace_s: 10, player: Some((&rules, &mut paces)) };
            gate.check(&batch, 0).map_err(|e| (e.code.name(), e.field))
        };
        assert_eq!(code(0, batch(0, None, Value::Number(1.0))), Err(("id_required", "id".into())));
        let out = Err(("out_of_bounds", "fields.points".to_owned()));
        assert_eq!(code(0, batch(0, Some("a"), Value::Number(11.0))), out);
        assert_eq!(code(0, batch(0, Some("a"), Value::Text("9".into()))), out);
        assert_eq!(code(0, batch(0, Some("a"), Value::Number(10.0))), Ok(()));
        assert_eq!(code(0, batch(0, Some("b"), Value::Number(10.0))), Ok(()));
        assert_eq!(code(0, batch(0, Some("c"), Value::Number(10.0))), Err(("too_fast", "key".into())));
        assert_eq!(code(1_000, batch(0, Some("c"), Value::Number(10.0))), Ok(()));
        let wiped = Event { fields: vec![("points".to_owned(), None)], ..batch(2_000, Some("d"), Value::Bool(true)) };
        assert_eq!(code(2_000, wiped), out);
        let graded = Event { fields: vec![("graded".to_owned(), None)], ..batch(3_000, Some("e"), Value::Bool(true)) };
        assert_eq!(code(3_000, graded), Err(("leader_field", "fields.graded".into())));
    }

    #[test]
    fn case_09_a_player_says_when_within_the_grace() {
        let now = Millis(100_000);
        let code = |time: i64| check_time(Millis(time), now, 10).map_err(|e| e.code.name());
        assert_eq!(code(100_000), Ok(()));
        assert_eq!(code(90_000), Ok(()));
        assert_eq!(code(89_999), Err("time_too_old"));
        assert_eq!(code(101_000), Ok(()));
        assert_eq!(code(101_001), Err("time_in_future"));
    }
}
