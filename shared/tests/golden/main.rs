//! The bytes of everything that crosses a wire or is stored. A change here breaks clients that are out there, or
//! data that is kept: it needs a new version number and a way to read the old (rule C2).
//!
//! `HELIOGRAPH_BLESS=1 cargo test -p heliograph-shared --test golden` writes `golden.txt` anew.

#![allow(clippy::unwrap_used, reason = "a test helper that fails is a test that fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of message and lets the others be")]

mod scores;
mod tracks;

use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::{Cursor, Epoch};
use heliograph_shared::event::Event;
use heliograph_shared::items::Items;
use heliograph_shared::position::Measured;
use heliograph_shared::protocol::{ClientMessage, CloseCode, ServerMessage, SubId, Subscription};
use heliograph_shared::relay::{Frame, Mode, Output, PushMessage, PushRow, Relay, Session, Sockets, ViewerId};
use heliograph_shared::rights::{Access, KeySet};
use heliograph_shared::scores::ScoreWindow;
use heliograph_shared::time::Millis;
use heliograph_shared::value::Value;
use std::fmt::Write as _;

const NOW: Millis = Millis(1_772_366_400_000);

struct Ready;

impl Sockets for Ready {
    fn waiting(&self, _: ViewerId) -> u32 {
        0
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

fn events() -> Vec<Event> {
    let at = |lat, lon| Measured { lat, lon, ..Measured::default() };
    let full = Measured {
        heading: Some(90.0),
        speed: Some(12.5),
        altitude: Some(-3.2),
        accuracy: Some(8.0),
        ..at(30.26, -97.74)
    };
    let event = |id: Option<&str>, key: &str, ms, p: Option<Measured>, fields: &[(&str, Option<Value>)]| Event {
        id: id.map(str::to_owned),
        key: key.to_owned(),
        time: NOW.plus(ms),
        position: p.map(|p| p.check().unwrap()),
        fields: fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect(),
    };
    vec![
        event(
            Some("r-1"),
            "v1",
            0,
            Some(full),
            &[("route", Some(Value::Text("801".into()))), ("fuel", Some(Value::Number(0.75)))],
        ),
        event(None, "v2", 1_500, Some(at(30.5, -97.5)), &[("route", Some(Value::Text("7".into())))]),
        event(
            Some("r-3"),
            "v1",
            2_000,
            None,
            &[("fuel", Some(Value::Number(1.0 / 3.0))), ("open", Some(Value::Bool(true))), ("note", None)],
        ),
        event(None, "v3 é", -60_000, None, &[("mixed", Some(Value::Number(-2.5)))]),
        event(None, "v2", 3_000, Some(at(-1.0, 0.5)), &[("mixed", Some(Value::Text("x".into()))), ("route", None)]),
    ]
}

/// Runs one relay through its messages to one viewer and gives each a name.
fn conversation(mode: &Mode, lines: &mut Vec<(String, String)>) {
    let (events, later) = (events(), {
        let mut e = events()[1].clone();
        (e.time, e.id) = (NOW.plus(4_000), None);
        e.position = Some(Measured { lat: 30.50001, lon: -97.50002, ..Measured::default() }.check().unwrap());
        vec![e]
    });
    let first = Batch::from_events(&events).encode();
    let second = Batch::from_events(&later).encode();
    let epoch = Epoch(1);
    let start = Cursor { epoch, seq: 0 };
    let mut relay = Relay::new(Items::default(), start);
    let v = ViewerId(1);
    let name = if *mode == Mode::Binary { "bin" } else { "json" };
    let mut out = Vec::new();
    let mut take = |what: &str, out: &mut Vec<Output>| {
        for (i, o) in out.drain(..).filter(|o| matches!(o, Output::Send { .. })).enumerate() {
            let Output::Send { frame, .. } = o else { continue };
            let text = match frame {
                Frame::Binary(b) => {
                    ServerMessage::from_binary(&b).unwrap();
                    hex(&b)
                }
                Frame::Text(t) => t.to_string(),
            };
            lines.push((format!("server.{name}.{what}.{i}"), text));
        }
    };
    let rights = KeySet::of(&["v*"]).unwrap();
    let access = Access { read: rights.clone(), publish: KeySet::All, ..Access::default() };
    relay.connect(NOW, v, Session::new(mode.clone(), access, Some(NOW.plus(600_000))), &mut out);
    take("greeting", &mut out);
    let push = |previous: u64, to, batch: &[u8]| {
        let previous = Cursor { epoch, seq: previous };
        PushMessage {
            previous,
            to,
            accepted_at: NOW,
            rows: vec![PushRow { first: previous.seq + 1, batch }],
            scores_life: 0,
            scores: Vec::new(),
        }
        .encode()
    };
    relay.push(NOW.plus(7), &PushMessage::decode(&push(0, 5, &first)).unwrap(), &Ready, &mut out).unwrap();
    out.clear();
    let subscribe = |id, subscription, resume| ClientMessage::Subscribe {
        id: SubId(id),
        subscription,
        resume,
        rights: Some(rights.fingerprint()),
        rewind: None,
    };
    let all = subscribe(1, Subscription::items_all(), None);
    relay.message(NOW, v, Ok(all), &Ready, &mut out);
    take("snapshot", &mut out);
    let boxed = subscribe(2, Subscription::items_bbox([-98.0, 30.0, -97.0, 31.0]).unwrap(), None);
    relay.message(NOW, v, Ok(boxed), &Ready, &mut out);
    out.clear();
    relay.push(NOW.plus(20_000), &PushMessage::decode(&push(5, 6, &second)).unwrap(), &Ready, &mut out).unwrap();
    take("delta_all_then_bbox", &mut out);
    let mut away = later.clone();
    (away[0].time, away[0].position) = (NOW.plus(5_000), Some(Measured::default().check().unwrap()));
    let third = Batch::from_events(&away).encode();
    relay.push(NOW.plus(20_100), &PushMessage::decode(&push(6, 7, &third)).unwrap(), &Ready, &mut out).unwrap();
    take("delta_all_then_bbox_left", &mut out);
    let resume = subscribe(1, Subscription::items_all(), Some(Cursor { epoch, seq: 6 }));
    relay.message(NOW, v, Ok(resume), &Ready, &mut out);
    take("resumed_then_delta", &mut out);
    let lost = subscribe(3, Subscription::items_keys(vec!["v3 é".into()]), Some(Cursor { epoch: Epoch(9), seq: 6 }));
    relay.message(NOW, v, Ok(lost), &Ready, &mut out);
    take("gap_then_snapshot", &mut out);
    let every = ClientMessage::from_json(r#"{"action":"subscribe","id":4,"every_ms":60001}"#);
    relay.message(NOW, v, every, &Ready, &mut out);
    take("error", &mut out);
    relay.published(v, 7, r#"{"accepted":1}"#, &mut out);
    take("published", &mut out);
    let other = Access { read: KeySet::All, ..Access::default() };
    relay.token_checked(NOW, v, Ok((other, NOW)), &Ready, &mut out);
    take("new_rights", &mut out);
    relay.close(v, CloseCode::TokenExpired, &mut out);
    take("bye", &mut out);
}

fn client_messages() -> Vec<(&'static str, ClientMessage, &'static str)> {
    let cursor = Cursor { epoch: Epoch(1), seq: 1042 };
    let sub = |id, subscription, resume, rights| ClientMessage::Subscribe {
        id: SubId(id),
        subscription,
        resume,
        rights,
        rewind: None,
    };
    let window = ScoreWindow {
        top: 10,
        offset: 5,
        around: Some("b".into()),
        span: 1,
        group: Some("country:DE".into()),
        session: Some("s1".into()),
        cells: false,
    };
    let keys = Subscription::items_keys(vec!["v1".into(), "v2".into()]);
    let boxed = Subscription::items_bbox([-98.0, 30.0, -97.0, 31.0]).unwrap().every_ms(250);
    vec![
        (
            "subscribe_keys",
            sub(1, keys, None, None),
            r#"{"action":"subscribe","id":1,"what":"items","keys":["v2","v1"]}"#,
        ),
        (
            "subscribe_bbox",
            sub(2, boxed, None, None),
            r#"{"action":"subscribe","id":2,"what":"items","bbox":[-98,30,-97,31],"zoom":9,"every_ms":250}"#,
        ),
        (
            "subscribe_resume",
            sub(1, Subscription::items_all(), Some(cursor), None),
            r#"{"action":"subscribe","id":1,"resume":"e1:1042"}"#,
        ),
        (
            "subscribe_resume_rights",
            sub(1, Subscription::items_all(), Some(cursor), Some(77)),
            r#"{"action":"subscribe","id":1,"resume":"e1:1042","rights":77}"#,
        ),
        (
            "subscribe_scores",
            sub(3, Subscription::scores(window), None, None),
            r#"{"action":"subscribe","id":3,"what":"scores","top":10,"offset":5,"around":"b","span":1,"group":"country:DE","session":"s1"}"#,
        ),
        ("unsubscribe", ClientMessage::Unsubscribe { id: SubId(2) }, r#"{"action":"unsubscribe","id":2}"#),
        ("ack", ClientMessage::Ack { cursor }, r#"{"action":"ack","cursor":"e1:1042"}"#),
        ("token", ClientMessage::Token { token: "a.b.c".into() }, r#"{"action":"token","token":"a.b.c"}"#),
        (
            "publish",
            ClientMessage::Publish { id: 3, event: r#"{"key":"v1"}"#.into() },
            r#"{"action":"publish","id":3,"event":{"key":"v1"}}"#,
        ),
    ]
}

fn lines() -> Vec<(String, String)> {
    let mut lines: Vec<(String, String)> = Vec::new();
    let events = events();
    let batch = Batch::from_events(&events).encode();
    lines.push(("batch".into(), hex(&batch)));
    let push = PushMessage {
        previous: Cursor { epoch: Epoch(1), seq: 41 },
        to: 46,
        accepted_at: NOW,
        rows: vec![PushRow { first: 42, batch: &batch }],
        scores_life: 0,
        scores: Vec::new(),
    };
    lines.push(("push".into(), hex(&push.encode())));
    let mut items = Items::default();
    items.apply(&Batch::from_events(&events), 1, |_, _| {});
    lines.push(("snapshot_part".into(), hex(&items.to_snapshot()[0])));
    for (name, message, json) in client_messages() {
        assert_eq!(ClientMessage::from_json(json).as_ref(), Ok(&message));
        assert_eq!(ClientMessage::from_binary(&message.to_binary()).as_ref(), Ok(&message));
        lines.push((format!("client.bin.{name}"), hex(&message.to_binary())));
    }
    conversation(&Mode::Binary, &mut lines);
    conversation(&Mode::Json, &mut lines);
    scores::conversation(&Mode::Binary, &mut lines);
    scores::conversation(&Mode::Json, &mut lines);
    for (name, control) in scores::controls() {
        assert_eq!(heliograph_shared::scores::control::Control::decode(&control.encode()).as_ref(), Some(&control));
        lines.push((format!("control.{name}"), String::from_utf8(control.encode()).unwrap()));
    }
    let patterns = KeySet::of(&["v*", "w1"]).unwrap();
    let access = Access { read: patterns, ..Access::public() };
    let mut session = Session::new(Mode::Binary, access, Some(NOW));
    for (_, message, _) in client_messages() {
        if let ClientMessage::Subscribe { id, subscription, .. } = message {
            session.subscriptions.insert(id, subscription);
        }
    }
    let plain = Session::new(Mode::Plain { keys: vec!["v1".into()], wheres: Vec::new() }, Access::everything(), None);
    for (name, session) in [("session", session), ("session_plain", plain)] {
        let json = serde_json::to_string(&session).unwrap();
        assert_eq!(serde_json::from_str::<Session>(&json).unwrap(), session);
        lines.push((name.into(), json));
    }
    lines.extend(tracks::lines());
    lines
}

#[test]
fn c2_bytes_on_the_wire_and_in_storage_are_as_they_were() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.txt");
    let now: Vec<String> = lines().into_iter().map(|(name, value)| format!("{name} = {value}")).collect();
    if std::env::var_os("HELIOGRAPH_BLESS").is_some() {
        std::fs::write(path, now.join("\n") + "\n").unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    for (now, kept) in now.iter().zip(kept.lines()) {
        assert_eq!(now, kept);
    }
    assert_eq!(now.len(), kept.lines().count());
}

#[test]
fn c2_stored_bytes_of_version_1_are_read() {
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden.txt")).unwrap();
    let bytes = |name: &str| {
        let line = kept.lines().find_map(|l| l.strip_prefix(&format!("{name} = "))).unwrap();
        (0..line.len()).step_by(2).map(|i| u8::from_str_radix(&line[i..i + 2], 16).unwrap()).collect::<Vec<u8>>()
    };
    let (batch, snapshot, push) = (bytes("batch"), bytes("snapshot_part"), bytes("push"));
    let decoded = Batch::decode(&batch).unwrap();
    assert_eq!((0..decoded.len()).map(|i| decoded.id(i).map(str::to_owned)).collect::<Vec<_>>()[0], Some("r-1".into()));
    assert_eq!(PushMessage::decode(&push).unwrap().rows[0].batch, batch);
    let items = Items::from_snapshot([snapshot.as_slice()]).unwrap();
    let item = items.get(items.find("v1").unwrap()).unwrap();
    assert_eq!(
        items.to_json(item, None).to_string(),
        r#"{"fields":{"fuel":0.3333333333333333,"open":true,"route":"801"},"key":"v1","position":{"accuracy":8,"altitude":-3.2,"heading":90,"lat":30.26,"lon":-97.74,"speed":12.5},"seq":3,"time":1772366402000}"#
    );
}
