//! What an event must pass before it counts: an open session, and for players their bounds and their pace.

use super::rule::PlayerRules;
use super::session::{Outside, Sessions};
use crate::codec::{Batch, Cell};
use crate::problem::FieldError;
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
            return Err(FieldError::new("time", "session_closed", message));
        }
        let Some((rules, paces)) = &mut self.player else { return Ok(()) };
        if rules.require_id && batch.id(row).is_none() {
            let message = "id is required here, so that an event that is sent twice counts once";
            return Err(FieldError::new("id", "id_required", message));
        }
        for column in &batch.fields {
            let Some([least, most]) = rules.bounds.get(column.name) else { continue };
            let ok = match column.cells.get(row) {
                None | Some(Cell::Absent | Cell::Null) => true,
                Some(Cell::Number(n)) => (*least..=*most).contains(n),
                Some(Cell::Bool(_) | Cell::Text(_)) => false,
            };
            if !ok {
                let field = format!("fields.{}", column.name);
                let message = format!("{field} is a number from {least} to {most} here");
                return Err(FieldError::new(field, "out_of_bounds", message));
            }
        }
        let key = batch.key(row);
        if let Some(pace) = rules.per_second
            && !paces.take(key, pace, self.now)
        {
            let message =
                format!("events under key {key:?} come faster than {pace} a second; slow down and send again");
            return Err(FieldError::new("key", "too_fast", message));
        }
        Ok(())
    }
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
        };
        let mut paces = Paces::default();
        let mut code = |now: i64, event: Event| {
            let events = [event];
            let bytes = Batch::from_events(&events).encode();
            let batch = Batch::decode(&bytes).unwrap();
            let mut gate = Gate { now: Millis(now), sessions: None, player: Some((&rules, &mut paces)) };
            gate.check(&batch, 0).map_err(|e| (e.code, e.field))
        };
        assert_eq!(code(0, batch(0, None, Value::Number(1.0))), Err(("id_required", "id".into())));
        let out = Err(("out_of_bounds", "fields.points".to_owned()));
        assert_eq!(code(0, batch(0, Some("a"), Value::Number(11.0))), out);
        assert_eq!(code(0, batch(0, Some("a"), Value::Text("9".into()))), out);
        assert_eq!(code(0, batch(0, Some("a"), Value::Number(10.0))), Ok(()));
        assert_eq!(code(0, batch(0, Some("b"), Value::Number(10.0))), Ok(()));
        assert_eq!(code(0, batch(0, Some("c"), Value::Number(10.0))), Err(("too_fast", "key".into())));
        assert_eq!(code(1_000, batch(0, Some("c"), Value::Number(10.0))), Ok(()));
    }
}
