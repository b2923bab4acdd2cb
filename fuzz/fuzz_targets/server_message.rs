//! A client takes whatever a server sends: nothing panics, in any order.
#![no_main]

use heliograph_shared::link::{Input, Link, LinkConfig};
use heliograph_shared::protocol::{ServerMessage, SubId, Subscription};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = ServerMessage::from_binary(bytes);
    let now = Millis(1_772_366_400_000);
    let mut link = Link::new(LinkConfig::default());
    let mut out = Vec::new();
    let begin = [Input::Subscribe(SubId(1), Subscription::items_all()), Input::Start, Input::SocketOpened];
    begin.into_iter().for_each(|i| link.handle(now, 0.5, i, &mut out));
    // Messages are separated by a byte that says how long the next one is.
    let mut rest = bytes;
    while let Some((&n, tail)) = rest.split_first() {
        let (message, tail) = tail.split_at(tail.len().min(usize::from(n)));
        link.handle(now, 0.5, Input::Binary([&[1], message].concat()), &mut out);
        rest = tail;
    }
});
