//! The check: every distinct stream of messages is played again from its beginning, as a viewer would, and what comes
//! out must be what was sent, item for item.

use std::collections::{BTreeMap, HashMap};

use heliograph_shared::protocol::ServerMessage;
use heliograph_shared::replica::Replica;
use serde::Deserialize;

use super::frames::{FrameNumber, Frames, PlainItem};
use super::plan::Watch;
use super::server::Server;
use super::traffic::{Expected, State, key_name};
use super::world::World;

/// Problems that are told; more say no more.
const TOLD: usize = 5;

/// What the check found.
#[derive(Debug, Default)]
pub struct Verdict {
    /// Distinct streams; viewers with the same one were checked together.
    pub streams: usize,
    /// What was wrong.
    pub problems: Vec<String>,
}

impl Verdict {
    /// Notes a problem.
    pub fn problem(&mut self, text: String) {
        if self.problems.len() < TOLD {
            self.problems.push(text);
        }
    }
}

/// Checks every viewer.
pub fn viewers(world: &World, watch: Watch, expected: &Expected) -> Verdict {
    let mut verdict = Verdict::default();
    let mut streams: HashMap<(&[FrameNumber], Option<usize>), usize> = HashMap::new();
    for (at, viewer) in world.viewers.iter().enumerate() {
        let own = (watch == Watch::OneKey).then_some(at);
        *streams.entry((&viewer.seen, own)).or_default() += 1;
    }
    verdict.streams = streams.len();
    for ((seen, own), alike) in streams {
        let who = own.map_or_else(|| format!("{alike} viewers"), |at| format!("the viewer of {}", key_name(at)));
        match play(world.server, &world.frames, seen) {
            Err(problem) => verdict.problem(format!("{who}: {problem}")),
            Ok(states) => {
                let name = own.map(key_name);
                let wanted: BTreeMap<&String, &State> =
                    expected.iter().filter(|(key, _)| name.as_ref().is_none_or(|name| name == *key)).collect();
                if let Some(key) = states.keys().find(|key| name.as_ref().is_some_and(|name| name != *key)) {
                    verdict.problem(format!("{who} was sent data of {key}"));
                }
                compare(&who, &states, &wanted, &mut verdict);
            }
        }
    }
    verdict
}

/// Checks what the server itself has, from its JSON.
pub fn server(server: Server, body: &[u8], expected: &Expected, verdict: &mut Verdict) {
    #[derive(Deserialize)]
    struct View {
        items: Vec<PlainItem>,
    }
    let items: Result<Vec<PlainItem>, _> = match server {
        Server::Heliograph => serde_json::from_slice(body).map(|view: View| view.items),
        Server::Ws | Server::Partyserver => serde_json::from_slice(body),
    };
    match items {
        Err(e) => verdict.problem(format!("the server's items cannot be read: {e}")),
        Ok(items) => {
            let mut states = Expected::new();
            items.iter().for_each(|item| take(item, &mut states));
            compare("the server", &states, &expected.iter().collect(), verdict);
        }
    }
}

fn compare(who: &str, states: &Expected, wanted: &BTreeMap<&String, &State>, verdict: &mut Verdict) {
    if states.len() != wanted.len() {
        verdict.problem(format!("{who} ended with {} items instead of {}", states.len(), wanted.len()));
    }
    let wrong: Vec<_> = wanted.iter().filter(|(key, state)| states.get(**key) != Some(*state)).collect();
    if let Some((key, state)) = wrong.first() {
        let has = states.get(**key);
        verdict.problem(format!("{who}: {} items differ; {key} is {has:?} instead of {state:?}", wrong.len()));
    }
}

/// Plays a stream of messages.
fn play(server: Server, frames: &Frames, seen: &[FrameNumber]) -> Result<Expected, String> {
    let bytes = seen.iter().filter_map(|number| frames.get(*number)).map(|frame| &frame.bytes);
    let mut states = Expected::new();
    if server != Server::Heliograph {
        for bytes in bytes {
            let items: Vec<PlainItem> = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
            items.iter().for_each(|item| take(item, &mut states));
        }
        return Ok(states);
    }
    let mut replica = Replica::default();
    let mut changes = Vec::new();
    for bytes in bytes {
        let done = match ServerMessage::from_binary(bytes) {
            Ok(ServerMessage::Snapshot { cursor, first, last, rows, .. }) => {
                replica.snapshot(cursor, first, last, &rows, &mut changes)
            }
            Ok(ServerMessage::Delta { from, to, rows, removed, .. }) => {
                replica.delta(from, to, &rows, &removed, &mut changes)
            }
            Ok(_) => Ok(()),
            Err(e) => return Err(e.to_string()),
        };
        done.map_err(|e| format!("a message does not follow from the one before: {e}"))?;
        changes.clear();
    }
    for (_, item) in replica.items() {
        let position = item.position.unwrap_or_default();
        let motion = position.heading_e2.zip(position.speed_e2);
        let state = State { time: item.time.0, lat_e6: position.lat_e6, lon_e6: position.lon_e6, motion };
        states.insert(item.key.clone(), state);
    }
    Ok(states)
}

/// An update of a peer: the newest by event time counts, the later of two at the same time.
fn take(item: &PlainItem, states: &mut Expected) {
    let scaled = |value: f64, scale: f64| (value * scale).round();
    let position = &item.position;
    let motion = position.heading.zip(position.speed);
    let state = State {
        time: item.time,
        lat_e6: scaled(position.lat, 1e6) as i32,
        lon_e6: scaled(position.lon, 1e6) as i32,
        motion: motion.map(|(heading, speed)| (scaled(heading, 100.0) as u16, scaled(speed, 100.0) as u32)),
    };
    match states.get_mut(&item.key) {
        Some(known) if known.time > state.time => {}
        Some(known) => *known = state,
        None => drop(states.insert(item.key.clone(), state)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::viewers::Audience as _;

    fn item(key: &str, time: i64, lat: f64) -> String {
        format!(r#"{{"key":"{key}","time":{time},"position":{{"lat":{lat},"lon":2.5}}}}"#)
    }

    fn expected(states: &[(&str, i64, i32)]) -> Expected {
        let state = |time, lat_e6| State { time, lat_e6, lon_e6: 2_500_000, motion: None };
        states.iter().map(|(key, time, lat_e6)| ((*key).to_owned(), state(*time, *lat_e6))).collect()
    }

    fn seen(messages: &[&str]) -> World {
        let mut world = World::new(Server::Ws, Watch::Everything, 2);
        for message in messages {
            for viewer in 0..2 {
                world.message(viewer, message.as_bytes(), 0);
            }
        }
        world
    }

    #[test]
    fn viewers_with_the_same_stream_are_played_once() {
        let (a, b) = (item("v0000", 1, 1.5), item("v0000", 2, 1.500_001));
        let world = seen(&[&format!("[{a}]"), &format!("[{b},{a}]")]);
        let verdict = viewers(&world, Watch::Everything, &expected(&[("v0000", 2, 1_500_001)]));
        assert_eq!((verdict.streams, verdict.problems), (1, vec![]));
    }

    #[test]
    fn a_state_that_differs_or_is_missing_is_a_problem() {
        let world = seen(&[&format!("[{}]", item("v0000", 1, 1.5))]);
        for wrong in [vec![("v0000", 1, 1_500_001)], vec![("v0000", 1, 1_500_000), ("v0001", 1, 1)], vec![]] {
            assert!(!viewers(&world, Watch::Everything, &expected(&wrong)).problems.is_empty(), "{wrong:?}");
        }
    }

    #[test]
    fn data_of_another_key_is_a_problem_for_who_watches_one() {
        let world = seen(&[&format!("[{},{}]", item("v0000", 1, 1.5), item("v0001", 1, 1.5))]);
        let all = expected(&[("v0000", 1, 1_500_000), ("v0001", 1, 1_500_000)]);
        assert!(viewers(&world, Watch::Everything, &all).problems.is_empty());
        let problems = viewers(&world, Watch::OneKey, &all).problems;
        assert!(problems.iter().any(|p| p.contains("was sent data of v0001")), "{problems:?}");
    }
}
