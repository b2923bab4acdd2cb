//! What viewers are not told: what a freeze hides, and what other players send.

use super::*;
use crate::codec::SentBy;
use crate::rights::Standing;
use crate::scores::control::{Action, Control};
use crate::scores::session::SessionAction;
use crate::sights::Sights;

const FREEZE: i64 = 2_000_000;
const WORDS: [&str; 5] = ["early", "secret", "later", "mine", "yours"];

struct Hall {
    room: Room,
    viewers: Vec<(&'static str, ViewerId)>,
}

impl Hall {
    fn new(players: bool) -> Self {
        let mut room = Room::new();
        let mut sights = Sights::default();
        sights.set_players(players);
        room.relay.set_sights(sights);
        let player = |key: &str| Access {
            publish: KeySet::of(&[key.to_owned()]).unwrap(),
            standing: Standing::Player(key.to_owned()),
            ..Access::public()
        };
        let manager = Access { manage: true, ..Access::everything() };
        let plain = || Mode::Plain { keys: vec!["p-1".into()], wheres: Vec::new() };
        let mut viewers = Vec::new();
        for (n, (name, access, mode)) in [
            ("manager", manager.clone(), Mode::Json),
            ("manager", manager, plain()),
            ("public", Access::public(), Mode::Json),
            ("public", Access::public(), Mode::Binary),
            ("public", Access::public(), plain()),
            ("p-1", player("p-1"), Mode::Json),
            ("p-1", player("p-1"), Mode::Binary),
            ("p-1", player("p-1"), plain()),
        ]
        .into_iter()
        .enumerate()
        {
            let id = room.connect_as(n as u32 + 1, mode.clone(), access);
            if !matches!(mode, Mode::Plain { .. }) {
                room.subscribe(id, 1, Subscription::items_all());
                room.subscribe(
                    id,
                    2,
                    Subscription { filter: Filter::Keys(vec!["p-1".into(), "p-2".into()]), ..Subscription::default() },
                );
            }
            viewers.push((name, id));
        }
        room.out.clear();
        Self { room, viewers }
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers write a value")]
    fn row(&mut self, batch: Vec<u8>, events: u64) {
        let previous = Cursor { epoch: EPOCH, seq: self.room.seq };
        self.room.seq += events;
        let rows = vec![PushRow { first: previous.seq + 1, batch: &batch }];
        let (to, accepted_at) = (self.room.seq, self.room.now);
        let push = PushMessage { previous, to, accepted_at, rows, scores_life: 0, scores: Vec::new() }.encode();
        self.room.wait(1_000);
        assert_eq!(self.room.deliver(&push), Pushed::Applied);
        self.room.tick();
    }

    fn send(&mut self, sent_by: SentBy, key: &str, time: i64, field: &str, word: &str) {
        let fields = vec![(field.to_owned(), Some(Value::Text(word.to_owned())))];
        let events = [Event { id: None, key: key.into(), time: Millis(time), position: at(1.0, 2.0), fields }];
        let mut bytes = Batch::from_events(&events).encode();
        sent_by.mark(&mut bytes);
        self.row(bytes, 1);
    }

    fn control(&mut self, what: Action) {
        self.row(Control { at: Millis(FREEZE), by: "m".into(), what }.encode(), 1);
    }

    fn session(&mut self, action: SessionAction) {
        self.control(Action::Session { id: "s".into(), action, schedule: None, key: None });
    }

    /// Which words a viewer has been told since the last time.
    fn words(&self, viewer: ViewerId) -> Vec<&'static str> {
        let frames = self.room.out.iter().filter_map(|o| match o {
            Output::Send { viewers, frame } if viewers.contains(&viewer) => Some(frame.as_bytes().to_vec()),
            _ => None,
        });
        let bytes: Vec<u8> = frames.flatten().collect();
        let there = |w: &&&str| bytes.windows(w.len()).any(|part| part == w.as_bytes());
        WORDS.iter().filter(there).copied().collect()
    }

    /// Every viewer of a kind has been told these words, and none of them those.
    fn check(&self, name: &str, told: &[&str], not: &[&str]) {
        for (_, id) in self.viewers.iter().filter(|(n, _)| *n == name) {
            let words = self.words(*id);
            assert!(told.iter().all(|w| words.contains(w)), "{name} {id:?} was told {words:?}, and not {told:?}");
            assert!(
                !not.iter().any(|w| words.contains(w)),
                "{name} {id:?} was told {words:?}, of which {not:?} is hidden"
            );
        }
    }

    /// Nobody remembers what was said.
    fn quiet(&mut self) {
        self.room.out.clear();
    }
}

fn rules() -> Action {
    let rules = r#"{"columns":[{"name":"points","op":"count","field":"points"}]}"#;
    Action::Rules { rules: Some(Box::new(serde_json::from_str(rules).unwrap())) }
}

#[test]
fn f10_a_freeze_hides_in_three_modes_what_a_rule_reads_until_the_reveal() {
    let mut hall = Hall::new(false);
    hall.control(rules());
    hall.send(SentBy::Unknown, "p-1", FREEZE - 5, "points", "early");
    ["manager", "public", "p-1"].iter().for_each(|name| hall.check(name, &["early"], &[]));
    hall.session(SessionAction::Freeze);
    hall.quiet();
    hall.send(SentBy::Unknown, "p-1", FREEZE, "points", "secret");
    hall.check("manager", &["secret"], &[]);
    ["public", "p-1"].iter().for_each(|name| hall.check(name, &[], &["secret"]));
    hall.quiet();
    hall.send(SentBy::Unknown, "p-1", FREEZE + 1, "note", "later");
    ["public", "p-1"].iter().for_each(|name| hall.check(name, &["later"], &["secret"]));
    hall.quiet();
    // Who comes now with an old cursor sees no more.
    let late = hall.room.connect_as(50, Mode::Json, Access::public());
    hall.room.resume(late, 1, Subscription::items_all(), Cursor { epoch: EPOCH, seq: 2 });
    hall.viewers.push(("late", late));
    hall.check("late", &["early"], &["secret"]);
    hall.quiet();
    hall.session(SessionAction::Reveal);
    ["public", "p-1"].iter().for_each(|name| hall.check(name, &["secret"], &[]));
    hall.quiet();
    // A cursor from before the reveal does not tell what its holder has.
    let back = hall.room.connect_as(51, Mode::Json, Access::public());
    let before = Cursor { epoch: EPOCH, seq: hall.room.seq - 1 };
    hall.room.resume(back, 1, Subscription::items_all(), before);
    hall.viewers.push(("back", back));
    hall.check("back", &["secret"], &[]);
}

#[test]
fn f10_a_player_hears_of_its_own_events_and_a_managers() {
    let mut hall = Hall::new(true);
    let player = SentBy::Player { at: Millis(FREEZE) };
    hall.send(SentBy::Manager, "p-1", 10, "note", "early");
    ["manager", "public", "p-1"].iter().for_each(|name| hall.check(name, &["early"], &[]));
    hall.quiet();
    hall.send(player, "p-1", 20, "answer", "mine");
    ["manager", "p-1"].iter().for_each(|name| hall.check(name, &["mine"], &[]));
    hall.check("public", &[], &["mine"]);
    hall.quiet();
    // Plain viewers watch p-1.
    hall.viewers.retain(|(_, id)| ![ViewerId(2), ViewerId(5), ViewerId(8)].contains(id));
    hall.send(player, "p-2", 30, "answer", "yours");
    hall.check("manager", &["yours"], &[]);
    ["public", "p-1"].iter().for_each(|name| hall.check(name, &[], &["yours"]));
    hall.quiet();
    hall.send(SentBy::Manager, "p-2", 40, "note", "later");
    ["public", "p-1"].iter().for_each(|name| hall.check(name, &["later"], &["yours"]));
}

/// What viewers of some kind are told in JSON and as bytes: which messages, and which keys are gone.
fn ends(hall: &Hall, name: &str) -> Vec<String> {
    let mine = |o: &Output, id: ViewerId| match o {
        Output::Send { viewers, frame } if viewers.contains(&id) => Some(frame.clone()),
        _ => None,
    };
    let mut all = Vec::new();
    for (_, id) in hall.viewers.iter().filter(|(n, _)| *n == name) {
        for frame in hall.room.out.iter().filter_map(|o| mine(o, *id)) {
            match frame {
                Frame::Text(text) => {
                    let m: serde_json::Value = serde_json::from_slice(text.as_bytes()).unwrap();
                    let kind = m["type"].as_str().unwrap_or("plain").to_owned();
                    let gone = if kind == "plain" {
                        format!("{} {}", m["key"], m["removed"])
                    } else {
                        m["removed"].to_string()
                    };
                    all.push(format!("{kind} {gone}"));
                }
                Frame::Binary(bytes) => match ServerMessage::from_binary(&bytes).unwrap() {
                    ServerMessage::Delta { removed, rows, .. } => {
                        all.push(format!("binary {} gone, {} told", removed.len(), rows.ids.len()));
                    }
                    ServerMessage::Snapshot { .. } => all.push("binary snapshot".into()),
                    _ => {}
                },
            }
        }
    }
    all.retain(|word| !word.starts_with("status"));
    all.sort();
    all
}

#[test]
fn f28_who_sees_less_is_told_of_an_end_as_of_a_change_and_not_everything_anew() {
    let json = |keys: &str| format!("delta {keys}");
    for players in [false, true] {
        let mut hall = Hall::new(players);
        hall.control(rules());
        for key in ["p-1", "p-2", "p-3"] {
            hall.send(SentBy::Manager, key, 10, "note", "early");
        }
        if !players {
            hall.session(SessionAction::Freeze);
        }
        hall.quiet();
        hall.control(Action::EndItems { keys: vec!["p-1".into(), "p-3".into()] });
        for name in ["manager", "public", "p-1"] {
            // All, a list of keys, and the plain feed of one key.
            let mut told = vec![json(r#"["p-1","p-3"]"#), json(r#"["p-1"]"#), r#"plain "p-1" true"#.to_owned()];
            if name != "manager" {
                told.extend(["binary 1 gone, 0 told".to_owned(), "binary 2 gone, 0 told".to_owned()]);
            }
            told.sort();
            assert_eq!(ends(&hall, name), told, "{name}, players: {players}");
        }
        // It begins anew, for all subscriptions and modes, with nothing of what it had.
        hall.quiet();
        hall.send(SentBy::Manager, "p-1", 20, "note", "later");
        for name in ["manager", "public", "p-1"] {
            hall.check(name, &["later"], &["early"]);
            assert!(ends(&hall, name).iter().all(|word| !word.contains("snapshot")), "{name}");
        }
        hall.quiet();
        hall.control(Action::EndItems { keys: vec!["p-1".into()] });
        assert!(ends(&hall, "p-1").contains(&json(r#"["p-1"]"#)));
    }
}
