//! What is said of alarms that were not there before.

use heliograph_shared::alarms::StandingAlarm;

use crate::console::alarm_words;

/// The number of the newest.
pub fn newest(alarms: &[StandingAlarm]) -> u64 {
    alarms.iter().map(|alarm| alarm.id).max().unwrap_or_default()
}

/// What is said when these stand, and the newest before was that; nothing when none is new.
pub fn said(alarms: &[StandingAlarm], before: u64) -> Option<String> {
    let mut new = alarms.iter().filter(|alarm| alarm.id > before);
    let (first, others) = (new.next()?, new.count());
    if others > 0 {
        return Some(counted!(others + 1, console.alarms.new_ones));
    }
    let word = alarm_words::severity(first.severity);
    Some(text!(console.alarms.new_one, severity = word, name = &first.name, key = &first.key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarms(ids: &[u64]) -> Vec<StandingAlarm> {
        let one = |id: &u64| {
            serde_json::from_value(
                serde_json::json!({"id": id, "rule": "hot", "name": "Too hot", "severity": "critical",
                "key": "bus-1", "since": 0, "raised_at": 0, "seen": "temp=81"}),
            )
            .unwrap()
        };
        ids.iter().map(one).collect()
    }

    #[test]
    fn only_what_was_not_there_is_said() {
        assert_eq!(said(&alarms(&[7, 5]), 7), None);
        assert_eq!(said(&[], 7), None);
        let one = said(&alarms(&[9, 7]), 7).unwrap();
        assert!(one.contains("Too hot") && one.contains("bus-1") && one.contains("Critical"), "{one}");
        assert!(said(&alarms(&[9, 8, 7]), 7).unwrap().starts_with('2'));
        assert_eq!(newest(&alarms(&[3, 9, 4])), 9);
    }
}
