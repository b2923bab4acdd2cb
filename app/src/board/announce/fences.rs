//! What happened at a board's fences since it was last said: who entered, left, or stayed. Pure.

use std::collections::BTreeMap;

use heliograph_shared::fences::{FenceEvent, What};
use serde_json::Value;

/// The names of a board's fences by their ids, as the server's GeoJSON has them.
pub fn names(answer: &Value) -> BTreeMap<String, String> {
    let features = answer["features"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named = features.iter().filter_map(|feature| {
        let id = feature["id"].as_str()?;
        Some((id.to_owned(), feature["properties"]["name"].as_str().unwrap_or(id).to_owned()))
    });
    named.collect()
}

/// How far a board's happenings are said.
#[derive(Clone, Debug, Default)]
pub struct Said(Option<u64>);

impl Said {
    /// The parts of a sentence about the newest happenings, the newest first as the server tells them. The first time nothing is
    /// said: it was before somebody came.
    pub fn parts(&mut self, events: &[FenceEvent], names: &BTreeMap<String, String>) -> Vec<String> {
        let newest = events.iter().map(|event| event.id).max();
        let Some(before) = self.0 else {
            self.0 = Some(newest.unwrap_or_default());
            return Vec::new();
        };
        self.0 = Some(newest.map_or(before, |newest| newest.max(before)));
        let mut counts: BTreeMap<(&str, u8), usize> = BTreeMap::new();
        for event in events.iter().filter(|event| event.id > before) {
            let name = names.get(&event.fence).unwrap_or(&event.fence);
            let kind = match event.kind {
                What::Enter => 0,
                What::Exit => 1,
                What::Dwell => 2,
            };
            *counts.entry((name, kind)).or_default() += 1;
        }
        let part = |((fence, kind), count): ((&str, u8), usize)| match kind {
            0 => counted!(count, board.announce.entered, fence = fence),
            1 => counted!(count, board.announce.left, fence = fence),
            _ => counted!(count, board.announce.stayed, fence = fence),
        };
        counts.into_iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(id: u64, kind: &str, fence: &str) -> FenceEvent {
        let event = json!({"id": id, "kind": kind, "fence": fence, "key": "v1", "time": 1_000,
            "position": {"lat": 30.0, "lon": -97.0}, "received_at": 1_000});
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn what_happened_is_counted_by_fence_and_said_once() {
        let answer =
            json!({"features": [{"id": "depot", "properties": {"name": "Depot"}}, {"id": "route", "properties": {}}]});
        let names = names(&answer);
        let mut said = Said::default();
        assert_eq!(said.parts(&[event(3, "enter", "depot")], &names), [""; 0], "that was before");
        let more = [
            event(6, "exit", "route"),
            event(5, "enter", "depot"),
            event(4, "enter", "depot"),
            event(3, "enter", "depot"),
        ];
        assert_eq!(said.parts(&more, &names), ["2 entered Depot", "1 left route"]);
        assert_eq!(said.parts(&more, &names), [""; 0]);
        assert_eq!(said.parts(&[], &names), [""; 0]);
        assert_eq!(said.parts(&[event(7, "dwell", "gone")], &names), ["1 stayed in gone"]);
    }

    #[test]
    fn on_a_board_where_nothing_happened_yet_the_first_is_said() {
        let mut said = Said::default();
        assert_eq!(said.parts(&[], &BTreeMap::new()), [""; 0]);
        assert_eq!(said.parts(&[event(1, "enter", "a")], &BTreeMap::new()), ["1 entered a"]);
    }
}
