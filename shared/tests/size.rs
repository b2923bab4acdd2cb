//! What an update costs on the wire (rule C6): the figures of docs/benchmarks.md, held by a test.

#![allow(clippy::unwrap_used, reason = "a test helper that fails is a test that fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of message and lets the others be")]

use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::{Cursor, Epoch};
use heliograph_shared::event::Event;
use heliograph_shared::items::Items;
use heliograph_shared::position::Measured;
use heliograph_shared::protocol::{ClientMessage, SubId, Subscription};
use heliograph_shared::relay::{Mode, Output, PushMessage, PushRow, Relay, Session, Sockets, ViewerId};
use heliograph_shared::rights::Access;
use heliograph_shared::time::Millis;

struct Ready;

impl Sockets for Ready {
    fn waiting(&self, _: ViewerId) -> u32 {
        0
    }
}

const NOW: Millis = Millis(1_772_366_400_000);

/// A vehicle somewhere in a city of 30 by 30 km, at a moment within the last tick and the delays of its modem.
fn update(vehicle: u64, round: u64, whole: bool) -> Event {
    let noise = |salt: u64| {
        let mut z = vehicle.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (round << 32) ^ salt;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let measured = Measured {
        lat: 30.13 + 0.27 * noise(1),
        lon: -97.9 + 0.31 * noise(2),
        heading: whole.then(|| 359.9 * noise(3)),
        speed: whole.then(|| 30.0 * noise(4)),
        ..Measured::default()
    };
    Event {
        id: None,
        key: format!("vehicle-{vehicle}"),
        time: NOW.plus(round as i64 * 1_000 + (noise(5) * 2_000.0) as i64),
        position: Some(measured.check().unwrap()),
        fields: Vec::new(),
    }
}

/// Bytes per update of a delta of 500 among 2,000 items, binary and JSON.
fn bytes_per_update(whole: bool) -> (f64, f64) {
    let first: Vec<Event> = (0..2_000).map(|v| update(v, 0, whole)).collect();
    let mut items = Items::default();
    items.apply(&Batch::from_events(&first), 1, |_, _| {});
    let here = Cursor { epoch: Epoch(1), seq: 2_000 };
    let mut relay = Relay::new(items, here);
    let mut out = Vec::new();
    for (id, mode) in [(1, Mode::Binary), (2, Mode::Json)] {
        let v = ViewerId(id);
        relay.connect(NOW, v, Session::new(mode, Access::public(), None), &mut out);
        let (id, subscription) = (SubId(1), Subscription::items_all());
        let subscribe = ClientMessage::Subscribe { id, subscription, resume: None, rights: None, rewind: None };
        relay.message(NOW, v, Ok(subscribe), &Ready, &mut out);
    }
    // Five hundred of them report, one in four, as they come.
    let moved: Vec<Event> = (0..500).map(|i| update(i * 4 + (i * 7) % 4, 1, whole)).collect();
    let batch = Batch::from_events(&moved).encode();
    let rows = vec![PushRow { first: 2_001, batch: &batch }];
    let push = PushMessage { previous: here, to: 2_500, accepted_at: NOW, rows, scores_life: 0, scores: Vec::new() };
    out.clear();
    relay.push(NOW, &push, &Ready, &mut out).unwrap();
    let sizes: Vec<f64> = out
        .iter()
        .filter_map(|o| match o {
            Output::Send { viewers, frame } if frame.len() > 1_000 => Some((viewers[0], frame.len() as f64 / 500.0)),
            _ => None,
        })
        .map(|(_, size)| size)
        .collect();
    (sizes.iter().copied().fold(f64::MAX, f64::min), sizes.iter().copied().fold(0.0, f64::max))
}

#[test]
fn c6_a_position_update_costs_at_most_12_bytes_and_16_with_heading_and_speed() {
    let (plain, plain_json) = bytes_per_update(false);
    let (whole, whole_json) = bytes_per_update(true);
    println!(
        "position: {plain:.2} bytes an update (JSON {plain_json:.1}); with heading and speed {whole:.2} (JSON {whole_json:.1})"
    );
    assert!(plain <= 12.0, "{plain}");
    assert!(whole <= 16.0, "{whole}");
    assert!(whole - plain <= 4.0, "heading and speed cost {}", whole - plain);
}
