//! A contest's feed in any pieces, from any server: what is known of it can be kept, and no event comes twice.
#![no_main]

use heliograph_shared::contest::{Ended, Follow};
use libfuzzer_sys::fuzz_target;
use std::collections::HashSet;

fuzz_target!(|pieces: Vec<(u8, &[u8])>| {
    let mut follow = Follow::default().of("feed");
    let mut ids = HashSet::new();
    for (how, piece) in pieces {
        if how & 4 != 0 {
            follow.lose_place();
        }
        let mut reading = follow.clone().reading();
        let taken = piece.split(|b| *b == b'\n').try_for_each(|line| reading.take(line));
        let ended = [Ended::Closed, Ended::Quiet, Ended::Cut][usize::from(how % 3)];
        let Ok(heard) = taken.and_then(|()| reading.end(ended, how & 8 != 0)) else { continue };
        let known = Follow::unpacked(&heard.follow.packed().expect("it is small"));
        assert_eq!(known, heard.follow);
        if known.contest_id() != follow.contest_id() {
            ids.clear();
        }
        follow = known;
        for event in heard.events {
            assert!(ids.insert((event.key.clone(), event.id.clone())), "{event:?}");
        }
    }
});
