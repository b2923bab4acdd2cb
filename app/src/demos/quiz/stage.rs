//! What the big screen shows when.

use heliograph_shared::scores::session::Phase;

use super::wire::Sheet;

/// What the room sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// No sitting is open.
    Waiting,
    /// Who plays joins.
    Lobby,
    /// A question with its answers, from 0.
    Question(usize),
    /// The right answer, and how many chose what.
    Answer(usize),
    /// Each goes on alone.
    Alone,
    /// It is over; the result is still the leader's.
    Over,
    /// Who won.
    Podium,
}

/// The session on the board, as far as it is public.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// For people.
    pub title: String,
    /// Where it stands.
    pub phase: Phase,
    /// Whether the public sees less than there is.
    pub is_hidden: bool,
}

/// What is to be seen now. A sheet of another sitting says nothing.
pub fn stage(session: Option<&Session>, sheet: Option<&Sheet>) -> Stage {
    let Some(session) = session else { return Stage::Waiting };
    match session.phase {
        Phase::Created => return Stage::Waiting,
        Phase::Closed | Phase::Revealing | Phase::Revealed => {
            return if session.is_hidden { Stage::Over } else { Stage::Podium };
        }
        Phase::Open | Phase::Frozen => {}
    }
    let Some(sheet) = sheet.filter(|sheet| sheet.sitting == session.id && !sheet.asked.is_empty()) else {
        return Stage::Lobby;
    };
    match sheet.room.at {
        None => Stage::Alone,
        Some(at) => match sheet.asked.get(at) {
            None => Stage::Lobby,
            Some(asked) if asked.right.is_some() => Stage::Answer(at),
            Some(_) => Stage::Question(at),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demos::quiz::question::{Asked, examples};
    use crate::demos::quiz::wire::Room;

    fn at(phase: Phase, is_hidden: bool, sheet: Option<&Sheet>) -> Stage {
        stage(Some(&Session { id: "s1".into(), title: String::new(), phase, is_hidden }), sheet)
    }

    fn sheet(solved: bool) -> Sheet {
        let asked = vec![Asked::new(&examples()[0], solved)];
        let room = Room { at: Some(0), ..Room::default() };
        Sheet { sitting: "s1".into(), asked, room, ..Sheet::default() }
    }

    #[test]
    fn a_sitting_goes_from_the_lobby_over_its_questions_to_the_podium() {
        assert_eq!(stage(None, None), Stage::Waiting);
        assert_eq!(at(Phase::Created, false, None), Stage::Waiting);
        assert_eq!(at(Phase::Frozen, true, None), Stage::Lobby);
        assert_eq!(at(Phase::Frozen, true, Some(&sheet(false))), Stage::Question(0));
        assert_eq!(at(Phase::Open, false, Some(&sheet(true))), Stage::Answer(0));
        assert_eq!(at(Phase::Closed, true, Some(&sheet(true))), Stage::Over);
        assert_eq!(at(Phase::Revealing, true, Some(&sheet(true))), Stage::Over);
        assert_eq!(at(Phase::Revealed, false, Some(&sheet(true))), Stage::Podium);
    }

    #[test]
    fn what_an_earlier_sitting_left_is_not_shown() {
        let old = Sheet { sitting: "s0".into(), ..sheet(true) };
        assert_eq!(at(Phase::Open, false, Some(&old)), Stage::Lobby);
    }

    #[test]
    fn where_all_is_shown_at_once_each_goes_on_alone() {
        let mut all = sheet(false);
        all.room.at = None;
        assert_eq!(at(Phase::Open, false, Some(&all)), Stage::Alone);
    }
}
