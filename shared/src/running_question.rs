//! The question that a quiz is asking, as the list of boards says it: its text and how many have answered. Quizzes publish
//! what the room may know as one item of their board; nothing else is read here.

use crate::codec::Cell;
use crate::items::{Item, Items};
use crate::scores::keeper::Keeper;
use serde::{Deserialize, Serialize};

/// The key under which a quiz keeps what the room may know. Players' keys come from the server and are never this one.
pub const SHEET_KEY: &str = "_quiz";

/// Characters of the question that the list says.
const TEXT_CHARS: usize = 120;

/// A question that is open now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunningQuestion {
    /// Its text; what is longer than 120 characters is cut.
    pub text: String,
    /// How many have answered it.
    pub answered: u32,
    /// How many have joined.
    pub joined: u32,
}

/// What the room is told, as far as it is read here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Room {
    at: Option<usize>,
    joined: u32,
    answered: u32,
}

/// A question as it is published. `right` is there once it is closed.
#[derive(Deserialize)]
struct Asked {
    text: String,
    #[serde(default)]
    right: Option<u32>,
}

impl RunningQuestion {
    /// The open question of the sitting that runs, from what anybody sees of the items.
    pub fn of(keeper: &Keeper, seen: &Items) -> Option<Self> {
        let sessions = &keeper.timeline().sessions;
        let running = sessions.get(sessions.current()?).filter(|session| session.is_running())?;
        let sheet = seen.get(seen.find(SHEET_KEY)?)?;
        if text(seen, sheet, "sitting")? != running.id.as_str() {
            return None;
        }
        let room: Room = serde_json::from_str(text(seen, sheet, "room")?).ok()?;
        let name = format!("q{}", room.at?.checked_add(1)?);
        let asked: Asked = serde_json::from_str(text(seen, sheet, &name)?).ok()?;
        if asked.right.is_some() {
            return None;
        }
        let text = asked.text.chars().take(TEXT_CHARS).collect();
        Some(Self { text, answered: room.answered, joined: room.joined })
    }
}

fn text<'a>(items: &Items, item: &'a Item, field: &str) -> Option<&'a str> {
    match item.field(items.find_field(field)?)?.value {
        Cell::Text(text) => Some(text),
        Cell::Absent | Cell::Null | Cell::Bool(_) | Cell::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Board;
    use crate::codec::Batch;
    use crate::cursor::{Cursor, Epoch};
    use crate::event::Event;
    use crate::projection;
    use crate::scores::keeper::Settings;
    use crate::scores::session::{Schedule, SessionAction};
    use crate::time::Millis;
    use crate::value::Value;

    const NOW: Millis = Millis(1_000_000);

    /// A quiz with a session in which these were done.
    fn keeper(actions: &[SessionAction]) -> Keeper {
        let rules = r#"{"columns":[{"name":"points","op":"sum","field":"points"}]}"#;
        let scores = serde_json::from_str(rules).ok();
        let mut keeper = Keeper::new(Settings { scores, ..Settings::default() }, Vec::new(), 1);
        let made = keeper
            .create_session("s1".to_owned(), "Quiz".to_owned(), Schedule::default(), None, "manager", NOW)
            .unwrap();
        let mut controls = vec![(1, made)];
        for (at, action) in actions.iter().enumerate() {
            keeper = Keeper::new(keeper.settings().clone(), controls.clone(), 1);
            let now = NOW.plus(at as i64);
            let control = keeper.session_action("s1", *action, Schedule::default(), "manager", now).unwrap();
            controls.push((at as u64 + 2, control));
        }
        Keeper::new(keeper.settings().clone(), controls, 1)
    }

    fn sheet(sitting: &str, room: &str, questions: &[&str]) -> Items {
        let field = |name: String, text: &str| (name, Some(Value::Text(text.to_owned())));
        let mut fields = vec![field("sitting".to_owned(), sitting), field("room".to_owned(), room)];
        fields.extend(questions.iter().enumerate().map(|(at, text)| field(format!("q{}", at + 1), text)));
        let event = Event { id: None, key: SHEET_KEY.to_owned(), time: NOW, position: None, fields };
        let mut board = Board::new(Items::default(), Cursor { epoch: Epoch(1), seq: 0 });
        let row = Batch::from_events(&[event]).encode();
        board.replay(&projection::Entry::decode(1, NOW, &row).unwrap()).unwrap();
        board.items().clone()
    }

    const ROOM: &str = r#"{"at":1,"ends_at":9,"limit_s":20,"joined":7,"answered":3,"chosen":[]}"#;
    const FIRST: &str = r#"{"text":"What is 2 + 2?","options":["3","4"],"points":10,"right":1}"#;
    const SECOND: &str = r#"{"text":"Which is the largest planet?","options":["Mars","Jupiter"],"points":10}"#;

    #[test]
    fn the_open_question_is_told_while_its_sitting_runs_frozen_or_not() {
        let items = sheet("s1", ROOM, &[FIRST, SECOND]);
        let expected = Some(RunningQuestion { text: "Which is the largest planet?".into(), answered: 3, joined: 7 });
        for actions in [&[SessionAction::Open][..], &[SessionAction::Open, SessionAction::Freeze]] {
            assert_eq!(RunningQuestion::of(&keeper(actions), &items), expected);
        }
        for actions in [&[][..], &[SessionAction::Open, SessionAction::Close]] {
            assert_eq!(RunningQuestion::of(&keeper(actions), &items), None, "{actions:?}");
        }
    }

    #[test]
    fn a_question_that_is_closed_another_sitting_and_nonsense_are_not_told() {
        let open = keeper(&[SessionAction::Open]);
        let of = |items: Items| RunningQuestion::of(&open, &items);
        assert_eq!(of(sheet("s1", r#"{"at":0}"#, &[FIRST, SECOND])), None, "its answer is shown");
        assert_eq!(of(sheet("s0", ROOM, &[FIRST, SECOND])), None, "another sitting");
        assert_eq!(of(sheet("s1", "{}", &[FIRST])), None, "no question in front");
        assert_eq!(of(sheet("s1", ROOM, &[FIRST])), None);
        assert_eq!(of(sheet("s1", "[", &[FIRST, SECOND])), None);
        assert_eq!(of(sheet("s1", &format!(r#"{{"at":{}}}"#, u64::MAX), &[FIRST])), None);
        assert_eq!(RunningQuestion::of(&open, &Items::default()), None);
    }

    #[test]
    fn nothing_of_the_options_leaves_and_a_long_text_is_cut() {
        let long = format!(r#"{{"text":"{}","options":["a","b"],"points":1}}"#, "ö".repeat(300));
        let items = sheet("s1", r#"{"at":0,"chosen":[4,1]}"#, &[&long]);
        let told = RunningQuestion::of(&keeper(&[SessionAction::Open]), &items).unwrap();
        assert_eq!(told.text, "ö".repeat(120));
        let said = serde_json::to_value(&told).unwrap();
        assert_eq!(said.as_object().unwrap().keys().collect::<Vec<_>>(), ["answered", "joined", "text"]);
    }
}
