//! Standings that can be read can be given to a relay with viewers, and what it sends to the viewers.
#![no_main]

use heliograph_shared::cursor::{Cursor, Epoch};
use heliograph_shared::rights::Access;
use heliograph_shared::items::Items;
use heliograph_shared::protocol::{ClientMessage, ServerMessage, SubId, Subscription};
use heliograph_shared::relay::{Frame, Mode, Output, Relay, Session, Sockets, ViewerId};
use heliograph_shared::scores::channel::ChannelMessage;
use heliograph_shared::scores::{ScoreReplica, ScoreWindow};
use heliograph_shared::time::Millis;
use libfuzzer_sys::fuzz_target;

struct Ready;

impl Sockets for Ready {
    fn waiting(&self, _: ViewerId) -> u32 {
        0
    }
}

fuzz_target!(|bytes: &[u8]| {
    // What is loaded first and what is pushed then: the first byte says where one ends.
    let Some((&n, rest)) = bytes.split_first() else { return };
    let (loaded, pushed) = rest.split_at(rest.len().min(usize::from(n)));
    let Ok(message) = ChannelMessage::decode(loaded) else { return };
    assert_eq!(ChannelMessage::decode(&message.encode()).as_ref(), Ok(&message));
    let now = Millis(1_772_366_400_000);
    let mut relay = Relay::new(Items::default(), Cursor { epoch: Epoch(1), seq: 0 });
    let mut out = Vec::new();
    let channel = &message.channel;
    for (id, mode) in [(1, Mode::Binary), (2, Mode::Json)] {
        let v = ViewerId(id);
        let access = if channel.live { Access::everything() } else { Access::public() };
        relay.connect(now, v, Session::new(mode, access, None), &mut out);
        let (session, group) = (channel.session.clone(), channel.group.clone());
        let around = message.rows.first().map(|r| r.key.to_owned());
        let window = ScoreWindow { top: 5, around, session, group, ..ScoreWindow::default() };
        let (id, subscription) = (SubId(1), Subscription::scores(window));
        let subscribe = ClientMessage::Subscribe { id, subscription, resume: None, rights: None, rewind: None };
        relay.message(now, v, Ok(subscribe), &Ready, &mut out);
    }
    let _ = relay.scores_loaded(now, loaded, &Ready, &mut out);
    let _ = relay.scores_pushed(now, message.life, &[pushed], &Ready, &mut out);
    let mut copy = ScoreReplica::default();
    for output in out {
        if let Output::Send { frame: Frame::Binary(bytes), .. } = output
            && let Ok(ServerMessage::Scores(frame)) = ServerMessage::from_binary(&bytes)
        {
            let _ = copy.apply(&frame, &mut Vec::new());
        }
    }
});
