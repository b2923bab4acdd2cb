//! The bytes of scoreboards: standings, frames, and what managers did.

use crate::{NOW, Ready, hex};
use heliograph_shared::cursor::{Cursor, Epoch};
use heliograph_shared::items::Items;
use heliograph_shared::protocol::{ClientMessage, ServerMessage, SubId, Subscription};
use heliograph_shared::relay::{Frame, Mode, Output, PushMessage, PushRow, Relay, Session, ViewerId};
use heliograph_shared::rights::Access;
use heliograph_shared::scores::ScoreWindow;
use heliograph_shared::scores::channel::{Channel, ChannelMessage, ChannelRow};
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::scores::direction::Direction;
use heliograph_shared::scores::points::Points;
use heliograph_shared::scores::ranking::{RankRule, Reached};
use heliograph_shared::scores::rule::Ties;
use heliograph_shared::scores::session::{Schedule, SessionAction};

/// Standings from the board, and what a relay makes of them for one viewer.
pub fn conversation(mode: &Mode, lines: &mut Vec<(String, String)>) {
    let cursor = |seq| Cursor { epoch: Epoch(1), seq };
    let standing = |points: f64, minutes: i64, seq| {
        Some((vec![Points::of(points), Points::whole(minutes)], Reached(NOW.plus(seq as i64 * 1_000), seq)))
    };
    let row = |key, name, groups: &[&'static str], standing| ChannelRow {
        key,
        name,
        groups: groups.to_vec(),
        standing,
        cells: Vec::new(),
    };
    let rule = RankRule { directions: vec![Direction::Desc, Direction::Asc], ties: Ties::Shared };
    let channel = Channel { session: None, group: Some("country:DE".into()), live: false, cells: false };
    let about =
        r#"{"columns":[{"name":"points","direction":"desc"},{"name":"penalty","direction":"asc"}],"ties":"shared"}"#;
    let whole = ChannelMessage {
        channel: channel.clone(),
        life: 3,
        from: None,
        version: 1,
        cursor: cursor(42),
        about: Some(about),
        rule: rule.clone(),
        rows: vec![
            row("a", "Ann", &["DE"], standing(9.5, 995, 40)),
            row("b", "", &[], standing(9.5, 995, 41)),
            row("c", "Cy", &["DE", ""], standing(-1.0, 0, 42)),
            row("d", "", &[], None),
        ],
    };
    let moves = ChannelMessage {
        channel,
        life: 3,
        from: Some(1),
        version: 2,
        cursor: cursor(44),
        about: None,
        rule,
        rows: vec![row("c", "Cy", &["DE", ""], standing(12.0, 20, 43)), row("b", "Bea", &[], standing(9.5, 995, 41))],
    };
    let (whole, moves) = (whole.encode(), moves.encode());
    let name = if *mode == Mode::Binary { "bin" } else { "json" };
    if *mode == Mode::Binary {
        lines.push(("standings".into(), hex(&whole)));
        lines.push(("standings_moves".into(), hex(&moves)));
        let (previous, rows) = (cursor(42), vec![PushRow { first: 43, batch: b"{}" }]);
        let scores = vec![moves.as_slice()];
        let push = PushMessage { previous, to: 43, accepted_at: NOW, rows, scores_life: 3, scores };
        assert_eq!(PushMessage::decode(&push.encode()).as_ref(), Ok(&push));
        lines.push(("push_scores".into(), hex(&push.encode())));
    }
    let mut relay = Relay::new(Items::default(), cursor(42));
    let (v, mut out) = (ViewerId(1), Vec::new());
    relay.connect(NOW, v, Session::new(mode.clone(), Access::public(), None), &mut out);
    let window = ScoreWindow {
        top: 3,
        around: Some("b".into()),
        span: 1,
        group: Some("country:DE".into()),
        ..ScoreWindow::default()
    };
    let (id, subscription) = (SubId(3), Subscription::scores(window));
    let subscribe = ClientMessage::Subscribe { id, subscription, resume: None, rights: None, rewind: None };
    relay.message(NOW, v, Ok(subscribe), &Ready, &mut out);
    let asked = out.iter().find_map(|o| if let Output::FollowScores(ask) = o { Some(ask.clone()) } else { None });
    out.clear();
    relay.scores_loaded(NOW, &asked.unwrap(), &whole, &Ready, &mut out).unwrap();
    relay.scores_pushed(NOW, 3, &[&moves], &Ready, &mut out).unwrap();
    let frames = out.iter().filter_map(|o| match o {
        Output::Send { frame, .. } => Some(frame),
        _ => None,
    });
    for (what, frame) in ["scores", "scores_moves"].iter().zip(frames) {
        let text = match frame {
            Frame::Binary(b) => {
                assert!(matches!(ServerMessage::from_binary(b), Ok(ServerMessage::Scores(_))));
                hex(b)
            }
            Frame::Text(t) => t.to_string(),
        };
        lines.push((format!("server.{name}.{what}"), text));
    }
}

/// Rows of the log that say what managers did.
pub fn controls() -> Vec<(&'static str, Control)> {
    let at = |what| Control { at: NOW, by: "ann".into(), what };
    let rules = r#"{"columns":[{"name":"points","op":"sum","field":"points"}],"ties":"dense",
        "window":{"kind":"calendar","period":"day","zone":"Europe/Berlin"},
        "filter":[{"field":"verdict","in":["AC",1,true]}]}"#;
    let rules = Box::new(serde_json::from_str(rules).unwrap());
    let schedule = Schedule { opens_at: Some(NOW), freezes_at: None, closes_at: Some(NOW.plus(60_000)) };
    let (key, reason, session) = (|| "team-7".to_owned(), || "because".to_owned(), || "s1".to_owned());
    let act = |action, schedule, key| Action::Session { id: session(), action, schedule, key };
    let create = Action::CreateSession { id: session(), title: "One".into(), schedule, code: Some("K7Q2MX".into()) };
    let (column, by_millionths) = ("points".to_owned(), -2_500_000);
    let adjust = Action::Adjust { key: key(), column, by_millionths, session: Some(session()), reason: reason() };
    vec![
        ("rules", at(Action::Rules { rules: Some(rules) })),
        ("no_rules", at(Action::Rules { rules: None })),
        ("create", at(create)),
        ("open", at(act(SessionAction::Open, None, None))),
        ("schedule", at(act(SessionAction::Schedule, Some(schedule), None))),
        ("reveal_step", at(act(SessionAction::RevealStep, None, Some(key())))),
        ("undo", at(Action::Undo { seq: 42, reason: reason() })),
        ("adjust", at(adjust)),
        ("disqualify", at(Action::Disqualify { key: key(), reason: reason() })),
        ("restore", at(Action::Restore { key: key(), reason: reason() })),
    ]
}
