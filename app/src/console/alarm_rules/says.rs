//! What a rule says, in words.

use heliograph_shared::alarms::AlarmRule;

use crate::client::alarms::NamedFence;

/// Operators that have a sign.
const SIGNS: [(&str, &str); 6] =
    [(":gt:", " > "), (":ge:", " ≥ "), (":lt:", " < "), (":le:", " ≤ "), (":eq:", " = "), (":ne:", " ≠ ")];

/// A condition with signs where there are some.
fn condition(text: &str) -> String {
    let first = SIGNS.iter().filter_map(|(word, sign)| Some((text.find(word)?, *word, *sign))).min();
    match first {
        Some((_, word, sign)) => text.replacen(word, sign, 1),
        None => text.to_owned(),
    }
}

/// Seconds in the greatest unit that leaves no rest.
pub fn span(seconds: u32) -> String {
    match seconds {
        n if n > 0 && n.is_multiple_of(86_400) => text!(parts.format.days, n = n / 86_400),
        n if n > 0 && n.is_multiple_of(3_600) => text!(parts.format.hours, n = n / 3_600),
        n if n > 0 && n.is_multiple_of(60) => text!(parts.format.minutes, n = n / 60),
        n => text!(parts.format.seconds, n = n),
    }
}

fn fence(id: &str, fences: &[NamedFence]) -> String {
    fences.iter().find(|fence| fence.id == id).map_or_else(|| id.to_owned(), NamedFence::called)
}

/// What raises its alarm, and what ends it.
pub fn says(rule: &AlarmRule, fences: &[NamedFence]) -> String {
    let mut all: Vec<String> = rule.conditions.iter().map(|text| condition(text)).collect();
    all.extend(rule.silent_s.map(|s| text!(console.alarm_rules.says.silent, time = span(s))));
    all.extend(
        rule.inside.as_ref().map(|id| text!(console.alarm_rules.says.inside, fence = fence(id.as_str(), fences))),
    );
    all.extend(
        rule.outside.as_ref().map(|id| text!(console.alarm_rules.says.outside, fence = fence(id.as_str(), fences))),
    );
    all.extend(rule.rank_at_most.map(|rank| counted!(rank, console.alarm_rules.says.rank)));
    let mut said = all.join(text!(console.alarm_rules.says.and));
    if rule.for_s > 0 {
        said = text!(console.alarm_rules.says.lasting, what = said, time = span(rule.for_s));
    }
    if !rule.clear_where.is_empty() {
        let clear: Vec<String> = rule.clear_where.iter().map(|text| condition(text)).collect();
        said =
            text!(console.alarm_rules.says.until, what = said, clear = clear.join(text!(console.alarm_rules.says.and)));
    }
    if rule.clear_for_s > 0 {
        said = text!(console.alarm_rules.says.over, what = said, time = span(rule.clear_for_s));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_is_said_with_signs_names_and_times() {
        let fences = [NamedFence { id: "depot".to_owned(), name: Some("North depot".to_owned()) }];
        let said = |rule: serde_json::Value| says(&serde_json::from_value(rule).unwrap(), &fences);
        let hot = said(
            json!({"where": ["temp:gt:80", "state:eq:on"], "for_s": 90, "clear_where": ["temp:lt:75"], "clear_for_s": 60}),
        );
        for part in ["temp > 80", "state = on", "90\u{a0}s", "temp < 75", "1\u{a0}min"] {
            assert!(hot.replace(' ', "\u{a0}").contains(&part.replace(' ', "\u{a0}")), "{part}: {hot}");
        }
        assert!(said(json!({"inside": "depot"})).contains("North depot"));
        assert!(said(json!({"outside": "city"})).contains("city"));
        assert!(said(json!({"rank_at_most": 3})).contains('3'));
        assert_eq!(said(json!({"where": ["driver:missing"]})), "driver:missing");
        assert_eq!(condition("a:eq:b:gt:c"), "a = b:gt:c");
    }

    #[test]
    fn times_are_in_the_greatest_unit_that_leaves_no_rest() {
        let all = [30, 90, 120, 7_200, 172_800].map(span);
        assert_eq!(all.map(|text| text.replace('\u{a0}', " ")), ["30 s", "90 s", "2 min", "2 h", "2 d"]);
    }
}
