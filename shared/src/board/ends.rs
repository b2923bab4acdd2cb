//! The order of a request of which some events end their items.

use crate::event::Event;
use std::collections::HashSet;
use std::ops::Range;

/// The events of a request in runs. Each run can be taken at once, and then the items that ended in it end together: it is
/// over before a key comes again that has ended in it. `ends` are the numbers of events that end their items, ascending.
pub fn runs(events: &[Event], ends: &[u32]) -> Vec<Range<usize>> {
    let (mut runs, mut start, mut ended) = (Vec::new(), 0, HashSet::new());
    for (at, event) in events.iter().enumerate() {
        if ended.contains(event.key.as_str()) {
            runs.push(start..at);
            start = at;
            ended.clear();
        }
        if ends.binary_search(&(at as u32)).is_ok() {
            ended.insert(event.key.as_str());
        }
    }
    if start < events.len() {
        runs.push(start..events.len());
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Millis;
    use proptest::prelude::*;

    fn events(keys: &str) -> Vec<Event> {
        let event =
            |key: char| Event { id: None, key: key.to_string(), time: Millis(0), position: None, fields: Vec::new() };
        keys.chars().map(event).collect()
    }

    #[test]
    fn a_run_is_over_before_a_key_comes_again_that_has_ended_in_it() {
        let one = |of: &str, ends: &[u32]| runs(&events(of), ends) == vec![0..of.len(); 1];
        assert!(one("abc", &[0, 2]) && one("aab", &[1]));
        assert_eq!(runs(&events("aba"), &[0]), [0..2, 2..3]);
        assert_eq!(runs(&events("aaa"), &[0, 1, 2]), [0..1, 1..2, 2..3]);
        assert_eq!(runs(&[], &[]), []);
    }

    proptest! {
        #[test]
        fn runs_are_all_events_in_their_order_and_nothing_follows_an_end_in_one(
            keys in "[abc]{0,12}",
            ends in prop::collection::btree_set(0_u32..12, 0..8),
        ) {
            let (events, ends): (Vec<Event>, Vec<u32>) = (events(&keys), ends.into_iter().collect());
            let runs = runs(&events, &ends);
            prop_assert_eq!(runs.iter().cloned().flatten().collect::<Vec<_>>(), (0..events.len()).collect::<Vec<_>>());
            for run in runs {
                let ended = run.clone().filter(|at| ends.contains(&(*at as u32)));
                for end in ended {
                    prop_assert!((end + 1..run.end).all(|later| events[later].key != events[end].key));
                }
            }
        }
    }
}
