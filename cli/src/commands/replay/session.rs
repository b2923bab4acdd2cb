//! The session of a replayed contest.

use reqwest::Method;
use serde_json::{Map, Value};

use crate::error::CliError;
use crate::event::put;
use crate::http::Api;
use crate::replay::clics::Contest;
use crate::replay::plan::Round;

/// What is asked of the server: the contest's times, moved as its events' times are. They come one after the other even
/// when a fast replay squeezes them together or the board was frozen from the start.
fn body(id: &str, contest: &Contest, round: &Round) -> Value {
    let opens = round.event_time(contest.start);
    let freezes = contest.freeze.map(|time| round.event_time(time).max(opens + 1));
    let closes = contest.end.map(|time| round.event_time(time).max(freezes.unwrap_or(opens) + 1));
    let mut body = Map::new();
    put(&mut body, "id", Some(id.into()));
    put(&mut body, "title", Some(contest.title.as_str().into()));
    put(&mut body, "opens_at", Some(opens.into()));
    put(&mut body, "freezes_at", freezes.map(Value::from));
    put(&mut body, "closes_at", closes.map(Value::from));
    Value::Object(body)
}

/// Makes the session.
pub async fn create(api: &Api, board: &str, id: &str, contest: &Contest, round: &Round) -> Result<(), CliError> {
    let body = body(id, contest, round);
    api.call(Method::POST, &["v1", "boards", board, "sessions"], Some(&body)).await.map(drop)
}

/// Shows the public everything, as the contest did. A session that hides nothing is as it should be.
pub async fn thaw(api: &Api, board: &str, id: &str) -> Result<(), CliError> {
    let sessions = api.call(Method::GET, &["v1", "boards", board, "sessions"], None).await?;
    let list = sessions.get("sessions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let own = list.iter().find(|session| session.get("id").and_then(Value::as_str) == Some(id));
    if own.is_none_or(|session| session.get("frozen_at").is_none_or(Value::is_null)) {
        return Ok(());
    }
    let body = serde_json::json!({"action": "reveal"});
    api.call(Method::POST, &["v1", "boards", board, "sessions", id], Some(&body)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::plan::{Pace, Times};

    const HOUR: i64 = 3_600_000;

    fn contest(freeze: Option<i64>, end: Option<i64>) -> Contest {
        Contest {
            id: "c".to_owned(),
            title: "Finals".to_owned(),
            start: 100 * HOUR,
            freeze,
            end,
            thawed: None,
            logos: std::collections::BTreeMap::new(),
            penalty_minutes: None,
            tasks: Vec::new(),
            awards: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_session_has_the_contests_times_at_the_replays_pace() {
        let contest = contest(Some(104 * HOUR), Some(105 * HOUR));
        let round = Round::new(Pace::Times(60.0), Times::Shifted, 100 * HOUR, 106 * HOUR, 1_000 * HOUR);
        assert_eq!(
            body("s", &contest, &round),
            serde_json::json!({"id": "s", "title": "Finals", "opens_at": 1_000 * HOUR,
                "freezes_at": 1_000 * HOUR + HOUR / 15, "closes_at": 1_000 * HOUR + HOUR / 12})
        );
    }

    #[test]
    fn times_that_fall_together_stay_in_order() {
        let contest = contest(Some(100 * HOUR), Some(105 * HOUR));
        let round = Round::new(Pace::Times(1e9), Times::Shifted, 100 * HOUR, 106 * HOUR, 7);
        let body = body("s", &contest, &round);
        assert_eq!((&body["opens_at"], &body["freezes_at"], &body["closes_at"]), (&7.into(), &8.into(), &9.into()));
    }

    #[test]
    fn kept_times_are_kept_and_what_the_feed_does_not_say_is_left_out() {
        let round = Round::new(Pace::Max, Times::Kept, 100 * HOUR, 106 * HOUR, 1_000 * HOUR);
        let body = body("s", &contest(None, None), &round);
        assert_eq!(body, serde_json::json!({"id": "s", "title": "Finals", "opens_at": 100 * HOUR}));
    }
}
