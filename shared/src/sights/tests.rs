use super::*;
use crate::codec::SentBy;
use crate::event::Event;
use crate::position::Measured;
use crate::rights::{Access, Ask, KeySet, Standing};
use crate::scores::session::Schedule;
use crate::value::Value;
use proptest::prelude::*;

const RULES: &str = r#"{"columns":[{"name":"points","op":"sum","field":"points"}],
    "filter":[{"field":"verdict","equals":"AC"}],"entry":"sheet","groups":["team"]}"#;
const FREEZE: Millis = Millis(1_772_366_400_000);

fn rules(json: &str) -> ScoreRules {
    serde_json::from_str(json).unwrap()
}

fn session(action: SessionAction) -> Control {
    let what = Action::Session { id: "s".into(), action, schedule: None::<Schedule>, key: None };
    Control { at: FREEZE, by: "m".into(), what }
}

fn sight(standing: Standing, manager: bool) -> Sight {
    let access = Access { read: KeySet::All, manage: manager, standing, ..Access::default() };
    access.may(Ask::Present).unwrap()
}

/// An event: its key, when (before the freeze if negative), its fields by number, whether it has a position, and whether
/// a manager sent it.
type Drawn = (u8, i64, Vec<(u8, u8)>, bool, bool);

const FIELDS: [&str; 6] = ["points", "verdict", "sheet", "team", "note", "fuel"];

fn event(drawn: &Drawn) -> Event {
    let (key, time, fields, position, _) = drawn;
    let value = |n: u8| match n {
        0 => None,
        1 => Some(Value::Text("AC".into())),
        n => Some(Value::Number(f64::from(n))),
    };
    let mut named: Vec<(String, Option<Value>)> = Vec::new();
    for (f, v) in fields {
        let name = FIELDS[usize::from(*f) % FIELDS.len()];
        if named.iter().all(|(n, _)| n != name) {
            named.push((name.to_owned(), value(*v)));
        }
    }
    Event {
        id: None,
        key: format!("k{key}"),
        time: FREEZE.plus(*time),
        position: position.then(|| {
            let (lat, lon) = (f64::from(*key), (*time % 90) as f64);
            Measured { lat, lon, ..Measured::default() }.check().unwrap()
        }),
        fields: named,
    }
}

fn is_read(event: &Event) -> bool {
    event.time >= FREEZE && event.fields.iter().any(|(n, _)| ["points", "verdict", "sheet"].contains(&n.as_str()))
}

fn json(items: &Items) -> String {
    let mut all: Vec<_> = items.iter().map(|(_, i)| items.to_json(i, None)).collect();
    all.sort_by_key(|i| i["key"].as_str().unwrap().to_owned());
    serde_json::to_string(&all).unwrap()
}

/// One event for the items and the sights.
fn take(full: &mut Items, sights: &mut Sights, event: &Event, sent_by: SentBy, seq: Seq) {
    let events = [event.clone()];
    let mut bytes = Batch::from_events(&events).encode();
    sent_by.mark(&mut bytes);
    let batch = Batch::decode(&bytes).unwrap();
    full.apply(&batch, seq, |_, _| {});
    sights.apply(&batch, seq, |_, _, _| {});
}

const fn sender(by_manager: bool) -> SentBy {
    if by_manager { SentBy::Manager } else { SentBy::Player { at: FREEZE } }
}

fn drawn(times: std::ops::Range<i64>) -> impl Strategy<Value = Vec<Drawn>> {
    let fields = prop::collection::vec((0_u8..6, 0_u8..4), 0..4);
    prop::collection::vec((0_u8..4, times, fields, any::<bool>(), any::<bool>()), 0..25)
}

proptest! {
    #[test]
    fn f10_others_see_hidden_events_with_their_position_and_no_more(
        before in drawn(-1_000..0),
        after in drawn(-50..1_000),
        players in any::<bool>(),
        restart in 0_usize..25,
    ) {
        let (mut full, mut sights) = (Items::default(), Sights::default());
        sights.set_players(players);
        sights.control(1, &Control { at: FREEZE, by: "m".into(), what: Action::Rules { rules: Some(Box::new(rules(RULES))) } }, &full, 0);
        // What each would see had hidden events carried only their position, and others' events not come.
        let who = [
            sight(Standing::Member, false),
            sight(Standing::Public, false),
            sight(Standing::Player("k1".into()), false),
        ];
        let mut models = vec![Items::default(); who.len()];
        let mut seq = 1;
        for (i, drawn) in before.iter().chain(&after).enumerate() {
            if i == before.len() {
                seq += 1;
                prop_assert!(sights.control(seq, &session(SessionAction::Freeze), &full, seq));
            }
            seq += 1;
            let event = event(drawn);
            take(&mut full, &mut sights, &event, sender(drawn.4), seq);
            let frozen = i >= before.len();
            for (who, model) in who.iter().zip(&mut models) {
                let may = !players || !who.is_own_only() || drawn.4 || who.own() == Some(event.key.as_str());
                if !may || (frozen && is_read(&event) && event.position.is_none()) {
                    continue;
                }
                let mut shown = event.clone();
                if frozen && is_read(&event) {
                    shown.fields.clear();
                }
                model.apply(&Batch::from_events(&[shown]), seq, |_, _| {});
            }
            if i == restart {
                let parts = sights.to_parts();
                sights = Sights::from_parts(parts.iter().map(Vec::as_slice)).unwrap();
            }
            for (who, model) in who.iter().zip(&models) {
                prop_assert_eq!(json(&sights.seen_by(who, &full)), json(model), "{:?}", who);
            }
            prop_assert_eq!(json(&sights.seen_by(&sight(Standing::Member, true), &full)), json(&full));
        }
        sights.control(seq + 1, &session(SessionAction::Reveal), &full, seq);
        prop_assert_eq!(json(&sights.seen_by(&who[0], &full)), json(&full));
    }
}

#[test]
fn f10_an_event_is_hidden_when_a_rule_could_count_it() {
    let veil = |json: &str| Veil::new(FREEZE, vec![rules(json)]);
    let points = veil(r#"{"columns":[{"name":"points","op":"sum","field":"points"}]}"#);
    let all = veil(r#"{"columns":[{"name":"n","op":"count"}],"filter":[{"field":"verdict","not":"CE"}]}"#);
    let contest = veil(
        r#"{"columns":[{"name":"solved","op":"solved"}],"attempts":{"per":"problem","minutes":"minute",
            "right":[{"field":"verdict","equals":"AC"}],"wrong":[{"field":"judged","exists":true}]},"entry":"run"}"#,
    );
    let shown = |veil: &Veil, time: i64, field: &str, value: Option<Value>| {
        let fields = vec![(field.to_owned(), value)];
        let event = Event { id: None, key: "k".into(), time: FREEZE.plus(time), position: None, fields };
        veil.shows(&Batch::from_events(&[event]), 0)
    };
    let one = || Some(Value::Number(1.0));
    assert_eq!(shown(&points, 0, "points", one()), Shown::Nothing);
    assert_eq!(shown(&points, 0, "points", None), Shown::Nothing, "a wiped field tells as much");
    assert_eq!(shown(&points, -1, "points", one()), Shown::Whole);
    assert_eq!(shown(&points, 0, "chat", one()), Shown::Whole, "no rule reads it");
    assert_eq!(shown(&all, 0, "chat", one()), Shown::Nothing, "every event counts");
    for field in ["problem", "minute", "verdict", "judged", "run"] {
        assert_eq!(shown(&contest, 5, field, one()), Shown::Nothing, "{field}");
    }
    assert_eq!(shown(&contest, 5, "language", one()), Shown::Whole);
}

#[test]
fn f10_a_freeze_of_the_past_hides_what_changed_since() {
    let mut full = Items::default();
    let mut sights = Sights::default();
    let control = Control { at: FREEZE, by: "m".into(), what: Action::Rules { rules: Some(Box::new(rules(RULES))) } };
    sights.control(1, &control, &full, 0);
    let fields = vec![(0, 2)];
    for (seq, (key, time, position)) in [(1, -5, false), (2, 5, true), (3, 6, false)].into_iter().enumerate() {
        take(
            &mut full,
            &mut sights,
            &event(&(key, time, fields.clone(), position, true)),
            SentBy::Unknown,
            seq as u64 + 2,
        );
    }
    assert!(sights.control(5, &session(SessionAction::Freeze), &full, 4));
    let seen = json(&sights.seen_by(&sight(Standing::Public, false), &full));
    assert!(seen.contains("k1") && seen.contains(r#""points":2"#), "{seen}");
    assert_eq!(seen.matches("points").count(), 1, "{seen}");
    assert!(seen.contains("k2") && !seen.contains("k3"), "{seen}");
}

#[test]
fn f28_items_that_end_go_from_what_others_see_and_come_back_only_with_what_they_may_see() {
    let end = |keys: &[&str]| Control {
        at: FREEZE,
        by: "m".into(),
        what: Action::EndItems { keys: keys.iter().map(|k| (*k).to_owned()).collect() },
    };
    let (mut full, mut sights) = (Items::default(), Sights::default());
    sights.set_players(true);
    sights.control(
        1,
        &Control { at: FREEZE, by: "m".into(), what: Action::Rules { rules: Some(Box::new(rules(RULES))) } },
        &full,
        0,
    );
    // A manager sends k0 and k1, a player k2; then a freeze, and hidden events of all three.
    let fields = |n: u8| vec![(0, n), (5, n)];
    for (i, (key, time, by_manager)) in [(0, -9, true), (1, -8, true), (2, -7, false)].into_iter().enumerate() {
        take(&mut full, &mut sights, &event(&(key, time, fields(2), false, true)), sender(by_manager), 2 + i as u64);
    }
    assert!(sights.control(5, &session(SessionAction::Freeze), &full, 3));
    for (i, (key, by_manager)) in [(0, true), (1, true), (2, false)].into_iter().enumerate() {
        take(&mut full, &mut sights, &event(&(key, 5, fields(3), false, true)), sender(by_manager), 6 + i as u64);
    }
    let player = sight(Standing::Player("k2".into()), false);
    let public = sight(Standing::Member, false);
    let seen = |sights: &Sights, full: &Items, who: &Sight| -> Vec<String> {
        sights.seen_by(who, full).iter().map(|(_, i)| i.key().to_owned()).collect()
    };
    assert_eq!(seen(&sights, &full, &public), ["k0", "k1", "k2"]);
    let full_end = |full: &mut Items, seq: Seq, keys: &[&str]| full.control(&end(keys), seq);
    full_end(&mut full, 9, &["k0", "k2"]);
    assert!(!sights.control(9, &end(&["k0", "k2"]), &full, 6), "nothing else changed for who saw them");
    // What is stored and read back is the same.
    let parts = sights.to_parts();
    let read = Sights::from_parts(parts.iter().map(Vec::as_slice)).unwrap();
    for sights in [&sights, &read] {
        assert_eq!(seen(sights, &full, &public), ["k1"]);
        assert_eq!(seen(sights, &full, &player), ["k1"]);
    }
    assert_eq!(sights.seen_by(&public, &full).ends_since(8), [(9, "k0"), (9, "k2")]);
    assert_eq!(sights.seen_by(&player, &full).ends_since(8), [(9, "k0"), (9, "k2")]);
    assert!(!sights.control(10, &end(&["k0", "nobody"]), &full, 6));
    // It begins anew while the freeze goes on: others see nothing of what is hidden, and none of what it had before.
    take(&mut full, &mut sights, &event(&(0, 6, fields(2), false, true)), SentBy::Manager, 11);
    assert_eq!(seen(&sights, &full, &public), ["k1"]);
    take(&mut full, &mut sights, &event(&(0, 7, vec![(5, 3)], false, true)), SentBy::Manager, 12);
    let shown = json(&sights.seen_by(&public, &full));
    assert!(shown.contains(r#""fuel":3"#) && shown.matches("points").count() == 1, "{shown}");
    sights.control(13, &session(SessionAction::Reveal), &full, 9);
    assert_eq!(json(&sights.seen_by(&public, &full)), json(&full));
}
