//! Every decoder reads what its encoder wrote, and refuses everything else without panicking (rules C3 and C4).

#![allow(clippy::unwrap_used, reason = "a test helper that fails is a test that fails")]

mod strategies;

use heliograph_shared::codec::Batch;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::cursor::{Cursor, Epoch};
use heliograph_shared::event::Event;
use heliograph_shared::ingest::{BodyFormat, read_events};
use heliograph_shared::items::{ItemId, Items};
use heliograph_shared::position::Bbox;
use heliograph_shared::presence::{Named, Roster};
use heliograph_shared::protocol::presence::PresenceFrame;
use heliograph_shared::protocol::{ClientMessage, Filter, ServerMessage, SubId, Subscription};
use heliograph_shared::relay::{PushMessage, PushRow};
use heliograph_shared::rewind::Rewind;
use heliograph_shared::scores::channel::{Channel, ChannelMessage, ChannelRow, Standings};
use heliograph_shared::scores::control::Control;
use heliograph_shared::scores::direction::Direction;
use heliograph_shared::scores::frame::{FrameRow, ScoresUpdate};
use heliograph_shared::scores::points::Points;
use heliograph_shared::scores::ranking::{RankRule, Reached};
use heliograph_shared::scores::rule::Ties;
use heliograph_shared::scores::shown::Shown;
use heliograph_shared::scores::{ScoreReplica, ScoreWindow, TaskCell};
use heliograph_shared::time::Millis;
use proptest::collection::vec;
use proptest::prelude::*;
use strategies::{event, events};

/// What is wrong with valid bytes after this: a byte changed, cut off, doubled, or pushed in.
fn damage() -> impl Strategy<Value = Vec<(u8, prop::sample::Index, u8)>> {
    vec((0..5_u8, any::<prop::sample::Index>(), any::<u8>()), 1..4)
}

fn damaged(mut bytes: Vec<u8>, damage: &[(u8, prop::sample::Index, u8)]) -> Vec<u8> {
    for (how, at, byte) in damage {
        if bytes.is_empty() {
            break;
        }
        let i = at.index(bytes.len());
        match how {
            0 => bytes[i] = *byte,
            1 => bytes[i] ^= 1 << (byte & 7),
            2 => bytes.truncate(i),
            3 => bytes.insert(i, *byte),
            _ => bytes.extend_from_within(i..),
        }
    }
    bytes
}

/// Gives the bytes to every decoder.
fn decode_all(bytes: &[u8]) {
    if let Ok(batch) = Batch::decode(bytes) {
        // What is read once is written and read the same.
        let again = batch.encode();
        assert_eq!(Batch::decode(&again).unwrap(), batch);
        let mut items = Items::default();
        items.apply(&batch, 1, |_, _| {});
    }
    if let Ok(items) = Items::from_snapshot([bytes]) {
        let parts = items.to_snapshot();
        assert_eq!(Items::from_snapshot(parts.iter().map(Vec::as_slice)).unwrap().len(), items.len());
    }
    if let Ok(ServerMessage::Scores(frame)) = ServerMessage::from_binary(bytes) {
        // A viewer takes it as the first thing it hears, and again.
        let mut copy = ScoreReplica::default();
        for _ in 0..2 {
            let _ = copy.apply(&frame, &mut Vec::new());
        }
    }
    if let Ok(ServerMessage::Presence(frame)) = ServerMessage::from_binary(bytes) {
        assert_eq!(frame.binary(), bytes);
        let _ = frame.json("");
    }
    if let Ok(message) = ChannelMessage::decode(bytes) {
        let again = message.encode();
        assert_eq!(ChannelMessage::decode(&again).unwrap(), message);
        let mut copy = Standings::new(&message);
        let _ = copy.take(&message);
    }
    let _ = Control::decode(bytes);
    if let Ok(message) = ClientMessage::from_binary(bytes) {
        assert_eq!(ClientMessage::from_binary(&message.to_binary()), Ok(message));
    }
    let _ = PushMessage::decode(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = ClientMessage::from_json(text);
    }
    let config = BoardConfig { title: "t".into(), ..BoardConfig::default() };
    let now = Millis(1_772_366_400_000);
    for format in [BodyFormat::Json, BodyFormat::NdJson] {
        if let Ok(checked) = read_events(bytes, format, &config.rules, now) {
            let encoded = Batch::from_events(&checked.events).encode();
            assert_eq!(Batch::decode(&encoded).unwrap().len(), checked.events.len());
        }
    }
    let _ = BoardConfig::parse(bytes);
}

fn window() -> impl Strategy<Value = ScoreWindow> {
    let text = || proptest::option::of("[a-z]{1,9}:\\PC{0,9}");
    (
        0..=10_000_u32,
        0..=1_000_000_u32,
        text(),
        0..=50_u32,
        text(),
        proptest::option::of("[a-z0-9-]{1,40}"),
        any::<bool>(),
    )
        .prop_map(|(top, offset, around, span, group, session, cells)| ScoreWindow {
            top,
            offset,
            around,
            span,
            group,
            session,
            cells,
        })
}

/// A message from the board about standings, packed.
fn channel_message() -> impl Strategy<Value = Vec<u8>> {
    let rule = (vec(any::<bool>(), 0..=8), 0..3_usize).prop_map(|(ascending, ties)| RankRule {
        directions: ascending.iter().map(|a| if *a { Direction::Asc } else { Direction::Desc }).collect(),
        ties: [Ties::FirstToReach, Ties::Shared, Ties::Dense][ties],
    });
    let most = i64::MAX >> 1;
    let standing = (vec(-most..=most, 8), any::<i64>(), any::<u64>());
    let row = ("\\PC{1,20}", "\\PC{0,20}", vec("\\PC{0,9}", 0..=4), proptest::option::of(standing));
    let head = (window(), any::<bool>(), any::<u32>(), any::<Option<u64>>(), any::<u64>(), any::<u32>(), any::<u64>());
    (head, rule, vec(row, 0..20), proptest::option::of("\\PC{0,40}")).prop_map(
        |((window, live, life, from, version, epoch, seq), rule, rows, about)| {
            let rows = rows
                .iter()
                .map(|(key, name, groups, standing)| ChannelRow {
                    key,
                    name,
                    groups: groups.iter().map(String::as_str).collect(),
                    standing: standing.as_ref().map(|(values, at, seq)| {
                        let values = values.iter().take(rule.directions.len()).map(|v| Points(*v)).collect();
                        (values, Reached(Millis(*at), *seq))
                    }),
                    cells: if window.cells {
                        vec![TaskCell { tries: life, minute: None, pending: life / 2 }]
                    } else {
                        Vec::new()
                    },
                })
                .collect();
            let channel = Channel { session: window.session, group: window.group, live, cells: window.cells };
            let cursor = Cursor { epoch: Epoch(epoch), seq };
            let message = ChannelMessage {
                channel,
                life,
                from,
                version,
                cursor,
                about: about.as_deref(),
                rule: rule.clone(),
                rows,
            };
            let bytes = message.encode();
            assert_eq!(ChannelMessage::decode(&bytes).unwrap(), message);
            bytes
        },
    )
}

fn subscription() -> impl Strategy<Value = Subscription> {
    let filter = prop_oneof![
        Just(Filter::All),
        vec("\\PC{1,20}", 0..6).prop_map(|keys| Subscription::items_keys(keys).filter),
        (-180.0..180.0, -90.0..90.0, -180.0..180.0, -90.0..90.0_f64).prop_map(|(w, a, e, b): (f64, f64, f64, f64)| {
            Filter::Bbox(Bbox::new([w, a.min(b), e, a.max(b)]).unwrap())
        }),
        window().prop_map(Filter::Scores),
        Just(Filter::Presence),
    ];
    (filter, 0..60_000_u32).prop_map(|(filter, every_ms)| Subscription { filter, every_ms, ..Subscription::default() })
}

fn rewind() -> impl Strategy<Value = Option<Rewind>> {
    proptest::option::of(prop_oneof![
        (1..=5_000_u32).prop_map(Rewind::Events),
        (1..=3_600_u32).prop_map(Rewind::Seconds)
    ])
}

fn client_message() -> impl Strategy<Value = ClientMessage> {
    let cursor = || (any::<u32>(), any::<u64>()).prop_map(|(e, seq)| Cursor { epoch: Epoch(e), seq });
    prop_oneof![
        (any::<u32>(), subscription(), proptest::option::of(cursor()), any::<Option<u32>>(), rewind()).prop_map(
            |(id, subscription, resume, rights, rewind)| {
                // Of a ranking or of presence there is no rewind, nor of what is resumed.
                let is_items = subscription.filter.is_items();
                let rewind = rewind.filter(|_| is_items && resume.is_none());
                ClientMessage::Subscribe { id: SubId(id), subscription, resume, rights, rewind }
            }
        ),
        any::<u32>().prop_map(|id| ClientMessage::Unsubscribe { id: SubId(id) }),
        cursor().prop_map(|cursor| ClientMessage::Ack { cursor }),
        ".{0,40}".prop_map(|token| ClientMessage::Token { token }),
        (any::<u32>(), ".{0,40}").prop_map(|(id, event)| ClientMessage::Publish { id, event }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn c3_a_batch_comes_back(events in events()) {
        let bytes = Batch::from_events(&events).encode();
        let batch = Batch::decode(&bytes).unwrap();
        prop_assert_eq!(batch.len(), events.len());
        // Fields come back in the order of columns, the same for all rows.
        let sorted = |mut e: Event| { e.fields.sort_by(|a, b| a.0.cmp(&b.0)); e };
        for (i, e) in events.iter().enumerate() {
            prop_assert_eq!(sorted(batch.event(i)), sorted(e.clone()));
        }
        prop_assert_eq!(batch, Batch::from_events(&events));
    }

    #[test]
    fn c3_a_snapshot_comes_back(batches in vec(vec(event(), 1..20), 0..6)) {
        let mut items = Items::default();
        let mut seq = 1;
        for events in &batches {
            items.apply(&Batch::from_events(events), seq, |_, _| {});
            seq += events.len() as u64;
        }
        let parts = items.to_snapshot();
        let copy = Items::from_snapshot(parts.iter().map(Vec::as_slice)).unwrap();
        prop_assert_eq!(copy.len(), items.len());
        for (id, item) in items.iter() {
            let other = copy.get(id).unwrap();
            prop_assert_eq!(copy.to_json(other, None), items.to_json(item, None));
            prop_assert_eq!((other.seq, other.created), (item.seq, item.created));
        }
        prop_assert!(copy.changed_since(0).eq(items.changed_since(0)));
        prop_assert_eq!(copy.field_count_at(seq / 2), items.field_count_at(seq / 2));
        prop_assert_eq!(copy.to_snapshot(), parts);
    }

    #[test]
    fn c3_client_messages_come_back(message in client_message()) {
        prop_assert_eq!(ClientMessage::from_binary(&message.to_binary()), Ok(message));
    }

    #[test]
    fn c3_standings_come_back_as_rows_of_a_frame(bytes in channel_message(), window in window(), json in any::<bool>()) {
        let message = ChannelMessage::decode(&bytes).unwrap();
        let standings = Standings::new(&message);
        let (now, nothing) = (Shown::of(&window, &standings), Shown::default());
        let update = ScoresUpdate::snapshot(&window, &standings, &now, &nothing);
        if json {
            prop_assert_eq!(update.json(SubId(7))["total"].as_u64(), Some(u64::from(standings.ranking.len())));
        } else {
            let bytes = update.binary(SubId(7));
            let Ok(ServerMessage::Scores(frame)) = ServerMessage::from_binary(&bytes) else { panic!("no scores") };
            prop_assert_eq!((frame.sub, frame.cursor, frame.snapshot), (SubId(7), message.cursor, true));
            let rows = frame.top.unwrap().rows;
            prop_assert_eq!(rows.len(), now.top.rows.len());
            for (row, id) in rows.iter().zip(&now.top.rows) {
                let FrameRow::Whole { key, values, .. } = row else { panic!("a row of a snapshot is whole") };
                prop_assert_eq!(*key, standings.ranking.key(*id));
                prop_assert_eq!(values.as_slice(), standings.ranking.values(*id));
            }
        }
    }

    #[test]
    fn c3_pushes_come_back(
        previous in 0..1_u64 << 40,
        rows in vec(vec(any::<u8>(), 0..40), 0..5),
        scores_life in any::<u32>(),
        scores in vec(vec(any::<u8>(), 0..40), 0..5),
    ) {
        let push = PushMessage {
            previous: Cursor { epoch: Epoch(3), seq: previous },
            to: previous + 9,
            accepted_at: Millis(1_772_366_400_000),
            rows: rows.iter().enumerate().map(|(i, b)| PushRow { first: previous + i as u64, batch: b }).collect(),
            scores_life,
            // A board without a scoreboard says nothing of it.
            scores: scores.iter().filter(|_| scores_life != 0).map(Vec::as_slice).collect(),
        };
        let bytes = push.encode();
        prop_assert_eq!(PushMessage::decode(&bytes), Ok(push));
    }

    #[test]
    fn c4_arbitrary_bytes_are_refused_or_read(bytes in vec(any::<u8>(), 0..200)) {
        decode_all(&bytes);
        // And with a plausible head.
        for head in [[1, 0], [1, 1], [1, 2], [1, 5], [1, 9], [1, 16], [1, 24]] {
            decode_all(&[&head[..], &bytes].concat());
        }
    }

    #[test]
    fn c4_damaged_bytes_are_refused_or_read(
        events in events(),
        message in client_message(),
        standings in channel_message(),
        window in window(),
        damage in damage(),
    ) {
        let batch = Batch::from_events(&events).encode();
        let mut items = Items::default();
        items.apply(&Batch::from_events(&events), 1, |_, _| {});
        let part = items.to_snapshot().swap_remove(0);
        let previous = Cursor { epoch: Epoch(1), seq: 4 };
        let rows = vec![PushRow { first: 5, batch: &batch }];
        let push = PushMessage { previous, to: 9, accepted_at: Millis(5), rows, scores_life: 0, scores: Vec::new() }.encode();
        let ids: Vec<ItemId> = items.iter().map(|(id, _)| id).collect();
        let snapshot = {
            let mut w = heliograph_shared::protocol::server::begin(1);
            w.raw(&[1, 1, 9, 3, 1]);
            heliograph_shared::protocol::rows::write_rows(
                &mut w, &items, &ids, heliograph_shared::protocol::rows::Known::NOTHING);
            w.finish()
        };
        prop_assert!(ServerMessage::from_binary(&snapshot).is_ok());
        let decoded = ChannelMessage::decode(&standings).unwrap();
        let copy = Standings::new(&decoded);
        let shown = Shown::of(&window, &copy);
        let scores = ScoresUpdate::snapshot(&window, &copy, &shown, &Shown::default()).binary(SubId(1));
        let named = |id: &str| Some(Named { id: id.to_owned(), name: "Ada".to_owned() });
        let there = Roster::of([named("p-1"), named("p-2"), None].into_iter());
        let presence = PresenceFrame::snapshot((SubId(1), Cursor { epoch: Epoch(1), seq: 7 }), &there, true).binary();
        for bytes in [batch.clone(), part, push, snapshot, message.to_binary(), standings.clone(), scores, presence] {
            decode_all(&damaged(bytes, &damage));
        }
    }

    #[test]
    fn c4_damaged_json_is_refused_or_read(damage in damage()) {
        let event = r#"[{"id":"a","key":"v1","time":"2026-03-01T12:00:00Z","position":{"lat":30.26,"lon":-97.74,"heading":90},"fields":{"route":"801","fuel":0.7,"gone":null}},{"key":7,"time":1772366400000}]"#;
        let message = r#"{"action":"subscribe","id":2,"what":"items","bbox":[-98,30,-97,31],"zoom":9,"every_ms":250,"resume":"e1:1042"}"#;
        for text in [event, message] {
            decode_all(&damaged(text.as_bytes().to_vec(), &damage));
        }
    }
}
