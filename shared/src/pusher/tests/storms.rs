//! Boards and relays with everything going wrong: when it is quiet again, every relay has what the board has.

use super::*;
use proptest::prelude::*;

/// A relay as far as this is about: where it is.
struct Far {
    name: &'static str,
    cursor: Seq,
    syncing: bool,
}

/// A push on its way, or its answer.
enum Wire {
    Push(usize, Flight, Vec<u8>),
    Answer(usize, Flight, PushAnswer),
}

struct Storm {
    board: Pusher,
    relays: Vec<Far>,
    wire: Vec<Wire>,
    seq: Seq,
    now: Millis,
    stored: BTreeMap<String, Stored>,
}

impl Storm {
    fn new() -> Self {
        let names = ["a", "b", "c"];
        let relays = names.into_iter().map(|name| Far { name, cursor: 0, syncing: false }).collect();
        let stored = names.into_iter().map(|n| (n.into(), Stored { name: n.into(), confirmed: None, viewers: 0 }));
        let stored = stored.collect();
        Self { board: board(&names), relays, wire: Vec::new(), seq: 0, now: ms(0), stored }
    }

    fn take(&mut self, relay: usize, flight: Flight, bytes: &[u8]) {
        let (_, message) = PushHead::split(bytes).unwrap();
        let far = &mut self.relays[relay];
        for row in &message.rows {
            if message.previous.seq <= far.cursor && row.first == far.cursor + 1 {
                far.cursor += 1;
            }
        }
        far.syncing |= far.cursor < message.to || message.previous.seq > far.cursor;
        let answer = PushAnswer { syncing: far.syncing, ..answer(far.cursor) };
        self.wire.push(Wire::Answer(relay, flight, answer));
    }

    fn step(&mut self, what: u8, which: usize) {
        self.now = self.now.plus(40);
        let relay = which % self.relays.len();
        let name = self.relays[relay].name;
        match what {
            // An event.
            0..30 => {
                self.seq += 1;
                let bytes = if what < 5 { 700_000 } else { 100 };
                self.board.add(self.now, row(self.seq, bytes), at(self.seq));
            }
            // Something arrives.
            30..65 if !self.wire.is_empty() => match self.wire.swap_remove(which % self.wire.len()) {
                Wire::Push(relay, flight, bytes) => self.take(relay, flight, &bytes),
                Wire::Answer(relay, flight, answer) => {
                    self.board.answered(self.relays[relay].name, &flight, &answer, self.now);
                }
            },
            // Something is late, or lost: in whole, or the answer only.
            65..72 if !self.wire.is_empty() => {
                let at = which % self.wire.len();
                let (Wire::Push(relay, flight, _) | Wire::Answer(relay, flight, _)) = &self.wire[at];
                let (name, flight) = (self.relays[*relay].name, *flight);
                if what < 69 {
                    self.board.late(name, &flight, self.now);
                } else {
                    self.board.failed(name, &flight, self.now);
                    self.wire.swap_remove(at);
                }
            }
            // A relay fetches the board's state.
            72..75 if self.relays[relay].syncing => {
                self.board.register(name);
                self.relays[relay].cursor = self.relays[relay].cursor.max(self.seq);
                self.relays[relay].syncing = false;
            }
            // The board dies; what it had under way may still arrive, but nobody hears the answers.
            75 => {
                self.wire.clear();
                let stored = self.stored.values().cloned().collect();
                self.board = Pusher::default();
                self.board.begin(self.now, stored, at(self.seq), 100, 0);
            }
            // The board forgets its state.
            76 => self.board.begin(self.now, self.stored.values().cloned().collect(), at(self.seq), 100, 0),
            77 => {
                let far = &self.relays[relay];
                self.board.compared(name, Some(at(far.cursor)), 1);
            }
            _ => {}
        }
        self.go();
    }

    /// What the shell does: alarms and tasks.
    fn go(&mut self) {
        if self.board.check_at().is_some_and(|t| t <= self.now) {
            for s in self.board.check(self.now) {
                self.stored.insert(s.name.clone(), s);
            }
        }
        self.board.start(self.now);
        for relay in 0..self.relays.len() {
            let name = self.relays[relay].name;
            if self.board.next(name, self.now) == Next::Push
                && let Some((flight, bytes)) = self.board.push(name, self.now)
            {
                self.wire.push(Wire::Push(relay, flight, bytes));
            }
        }
        assert!(self.board.queue.bytes() <= limits::PUSH_BYTES);
        assert!(self.relays.iter().all(|r| r.cursor <= self.seq));
    }

    /// Everything arrives from now on; relays that are behind compare.
    fn calm(&mut self) {
        for _ in 0..4_000 {
            self.now = self.now.plus(50);
            while let Some(wire) = self.wire.pop() {
                match wire {
                    Wire::Push(relay, flight, bytes) => self.take(relay, flight, &bytes),
                    Wire::Answer(relay, flight, answer) => {
                        self.board.answered(self.relays[relay].name, &flight, &answer, self.now);
                    }
                }
            }
            for relay in &mut self.relays {
                if relay.syncing {
                    self.board.register(relay.name);
                    (relay.cursor, relay.syncing) = (relay.cursor.max(self.seq), false);
                }
            }
            self.go();
        }
    }
}

proptest! {
    #[test]
    fn f13_when_it_is_quiet_every_relay_has_everything_and_nothing_is_kept(
        steps in prop::collection::vec((0_u8..78, any::<prop::sample::Index>()), 0..400),
    ) {
        let mut storm = Storm::new();
        for (what, which) in steps {
            storm.step(what, which.index(1_000));
        }
        storm.calm();
        for relay in &storm.relays {
            prop_assert_eq!(relay.cursor, storm.seq, "relay {}", relay.name);
        }
        prop_assert_eq!(storm.board.queue.bytes(), 0);
        prop_assert_eq!(storm.board.check_at(), None);
        let confirmed = storm.stored.values().all(|s| s.confirmed.is_none_or(|seq| seq == storm.seq));
        prop_assert!(confirmed);
    }
}
