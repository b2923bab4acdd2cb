//! A push that can be read can be given to a relay with viewers.
#![no_main]

use heliograph_shared::cursor::Cursor;
use heliograph_shared::rights::Access;
use heliograph_shared::items::Items;
use heliograph_shared::protocol::{ClientMessage, SubId, Subscription};
use heliograph_shared::relay::{Mode, PushMessage, Relay, Session, Sockets, ViewerId};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

struct Ready;

impl Sockets for Ready {
    fn waiting(&self, _: ViewerId) -> u32 {
        0
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(push) = PushMessage::decode(bytes) else { return };
    assert_eq!(push.encode(), bytes);
    let now = Millis(1_772_366_400_000);
    let mut relay = Relay::new(Items::default(), Cursor { seq: 0, ..push.previous });
    let mut out = Vec::new();
    for (id, mode) in [(1, Mode::Binary), (2, Mode::Json), (3, Mode::Plain { keys: vec!["a".into()] })] {
        let v = ViewerId(id);
        relay.connect(now, v, Session::new(mode, Access::public(), None), &mut out);
        for (id, subscription) in [
            (1, Subscription::items_all()),
            (2, Subscription::items_keys(vec!["a".into()])),
            (3, Subscription::items_bbox([-10.0, -10.0, 10.0, 10.0]).unwrap_or_default()),
        ] {
            let id = SubId(id);
            let subscribe = ClientMessage::Subscribe { id, subscription, resume: None, rights: None, rewind: None };
            relay.message(now, v, Ok(subscribe), &Ready, &mut out);
        }
    }
    let _ = relay.push(now, &push, &Ready, &mut out);
});
