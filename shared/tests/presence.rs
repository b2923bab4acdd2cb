//! Relays and their board together: whatever happens in between, everybody who follows comes to have the number of those who
//! are there.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test helper that fails is a test that fails")]
#![allow(clippy::wildcard_enum_match_arm, reason = "a test looks for some kinds of output and lets the others be")]

use heliograph_shared::cursor::Cursor;
use heliograph_shared::items::Items;
use heliograph_shared::limits;
use heliograph_shared::presence::{Gather, Report, Roster, Told, Who};
use heliograph_shared::protocol::{ClientMessage, ServerMessage, SubId, Subscription};
use heliograph_shared::relay::{Frame, Mode, Output, Relay, Session, Sockets, ViewerId};
use heliograph_shared::rights::Access;
use heliograph_shared::time::Millis;
use proptest::prelude::*;
use std::collections::{BTreeMap, VecDeque};

const SUB: SubId = SubId(1);

/// Sockets that take everything.
struct Taking;

impl Sockets for Taking {
    fn waiting(&self, _: ViewerId) -> u32 {
        0
    }
}

struct Client {
    /// What the relay keeps with the socket.
    kept: Session,
    heard: bool,
    follows: bool,
    count: Option<u32>,
}

struct Site {
    core: Relay,
    clients: BTreeMap<ViewerId, Client>,
    next: u32,
    /// Whether it has anything in memory: it fetches the board's state with its first viewer.
    loaded: bool,
    /// It answers nothing any more.
    dead: bool,
}

fn core() -> Relay {
    Relay::new(Items::default(), Cursor::default())
}

struct World {
    now: Millis,
    gather: Gather,
    sites: Vec<Site>,
    /// When the board looks again whom to call.
    next: Option<Millis>,
    /// Whether the next calls, and answers to calls, get lost.
    losses: VecDeque<bool>,
}

const WHO: Option<Who> = Some(Who::Count);

fn name(site: usize) -> String {
    format!("quiz/{site}")
}

impl World {
    fn new(losses: Vec<bool>) -> Self {
        let site = || Site { core: core(), clients: BTreeMap::new(), next: 0, loaded: false, dead: false };
        let sites = vec![site(), site(), site()];
        Self { now: Millis(1_000_000), gather: Gather::default(), sites, next: None, losses: losses.into() }
    }

    fn is_lost(&mut self) -> bool {
        self.losses.pop_front().unwrap_or(false)
    }

    fn at(&mut self, site: usize, f: impl FnOnce(&mut Relay, Millis, &mut Vec<Output>)) {
        let mut out = Vec::new();
        f(&mut self.sites[site].core, self.now, &mut out);
        for output in out {
            match output {
                Output::Send { viewers, frame } => self.arrive(site, &viewers, &frame),
                Output::Keep(viewer) => {
                    let Site { core, clients, .. } = &mut self.sites[site];
                    if let (Some(client), Some(session)) = (clients.get_mut(&viewer), core.session(viewer)) {
                        client.kept = session.clone();
                    }
                }
                Output::ReportPresence => self.report(site),
                _ => {}
            }
        }
    }

    fn arrive(&mut self, site: usize, viewers: &[ViewerId], frame: &Frame) {
        let Ok(ServerMessage::Presence(frame)) = ServerMessage::from_binary(frame.as_bytes()) else { return };
        let ack = ClientMessage::Ack { cursor: frame.cursor };
        for viewer in viewers {
            let Some(client) = self.sites[site].clients.get_mut(viewer) else { continue };
            if !frame.snapshot {
                let before = client.count.expect("a change comes after everything");
                assert_eq!(before + frame.joined - frame.left, frame.count, "who joined and left makes the count");
            }
            client.count = Some(frame.count);
            self.at(site, |core, now, out| core.message(now, *viewer, Ok(ack.clone()), &Taking, out));
        }
    }

    fn report(&mut self, site: usize) {
        let report = self.sites[site].core.presence_report(self.now);
        let names = (0..self.sites.len()).map(name);
        let told =
            if self.is_lost() { None } else { Some(self.gather.report(self.now, &name(site), report, WHO, names)) };
        let told = if self.is_lost() { None } else { told };
        self.at(site, |core, now, out| core.presence_reported(now, told, &Taking, out));
        self.call();
    }

    /// Makes the calls that the board wants.
    fn call(&mut self) {
        loop {
            let (calls, next) = self.gather.due(self.now, WHO);
            self.next = next;
            if calls.is_empty() {
                return;
            }
            for call in calls {
                let site = call.relay.rsplit('/').next().and_then(|n| n.parse::<usize>().ok()).unwrap();
                if self.sites[site].dead || self.is_lost() {
                    self.gather.failed(self.now, &call.relay);
                } else if !self.sites[site].loaded {
                    self.gather.gone(&call.relay);
                } else {
                    let mut report: Option<Report> = None;
                    self.at(site, |core, now, out| report = Some(core.presence_called(now, call.told, &Taking, out)));
                    if self.is_lost() {
                        self.gather.failed(self.now, &call.relay);
                    } else if let Some(report) = report {
                        self.gather.answered(self.now, &call.relay, report);
                    }
                }
            }
        }
    }

    fn pass(&mut self, millis: i64) {
        let end = self.now.plus(millis);
        while self.now < end {
            self.now = self.now.plus(500);
            for site in 0..self.sites.len() {
                let here = &mut self.sites[site];
                if here.clients.is_empty() && self.now.0 % 3_500 == 0 {
                    // A push finds that nobody is there.
                    (here.core, here.loaded) = (core(), false);
                }
                self.at(site, |core, now, out| core.tick(now, &Taking, out));
            }
            if self.next.is_some_and(|next| next <= self.now) {
                self.call();
            }
        }
    }

    /// The relay fetches the board's state.
    fn registers(&mut self, site: usize) {
        if self.gather.registered(&name(site)) {
            self.call();
        }
    }

    fn connect(&mut self, site: usize) {
        let here = &mut self.sites[site];
        if !here.loaded {
            (here.loaded, here.dead) = (true, false);
            self.registers(site);
        }
        let here = &mut self.sites[site];
        let viewer = ViewerId(here.next);
        here.next += 1;
        let session = Session::new(Mode::Binary, Access::public(), None);
        here.clients.insert(viewer, Client { kept: session.clone(), heard: false, follows: false, count: None });
        self.at(site, |core, now, out| core.connect(now, viewer, session, out));
    }

    fn say(&mut self, site: usize, nth: usize, follow: Option<bool>) {
        let Some((&viewer, client)) = self.sites[site].clients.iter_mut().nth(nth) else { return };
        client.heard = true;
        client.follows = follow.unwrap_or(client.follows);
        let subscription = Subscription::presence();
        let message = match follow {
            None => ClientMessage::Ack { cursor: Cursor::default() },
            Some(true) => ClientMessage::Subscribe { id: SUB, subscription, resume: None, rights: None, rewind: None },
            Some(false) => ClientMessage::Unsubscribe { id: SUB },
        };
        self.at(site, |core, now, out| core.message(now, viewer, Ok(message), &Taking, out));
    }

    fn leave(&mut self, site: usize, nth: usize) {
        let Some(&viewer) = self.sites[site].clients.keys().nth(nth) else { return };
        self.sites[site].clients.remove(&viewer);
        self.at(site, |core, now, out| {
            core.disconnect(viewer);
            core.presence_moved(now, &Taking, out);
        });
    }

    /// The relay loses its memory, and keeps its sockets.
    fn sleep(&mut self, site: usize) {
        if !self.sites[site].loaded {
            return;
        }
        self.sites[site].core = core();
        self.registers(site);
        let kept = self.sites[site].clients.iter().map(|(viewer, client)| (*viewer, client.kept.clone()));
        let kept: Vec<(ViewerId, Session)> = kept.collect();
        for (viewer, session) in kept {
            self.at(site, |core, now, out| core.restore(now, viewer, session, 0, &Taking, out));
        }
    }

    /// The relay is gone with all its sockets.
    fn die(&mut self, site: usize) {
        let next = self.sites[site].next;
        self.sites[site] = Site { core: core(), clients: BTreeMap::new(), next, loaded: false, dead: true };
    }
}

#[derive(Clone, Copy, Debug)]
enum Happening {
    Connect,
    Say,
    Follow,
    Unfollow,
    Leave,
    Sleep,
    Die,
    BoardForgets,
    Pass(i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => Just(Happening::Connect),
        4 => Just(Happening::Say),
        3 => Just(Happening::Follow),
        1 => Just(Happening::Unfollow),
        4 => Just(Happening::Leave),
        1 => Just(Happening::Sleep),
        1 => Just(Happening::Die),
        1 => Just(Happening::BoardForgets),
        4 => (1..8_i64).prop_map(|n| Happening::Pass(n * 500)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn p9_whatever_happens_followers_come_to_have_the_number_of_those_who_are_there(
        happenings in prop::collection::vec((happening(), 0..3_usize, 0..6_usize), 1..60),
        losses in prop::collection::vec(prop::bool::weighted(0.3), 0..60),
    ) {
        let mut w = World::new(losses);
        for (what, site, nth) in happenings {
            match what {
                Happening::Connect => w.connect(site),
                Happening::Say => w.say(site, nth, None),
                Happening::Follow => w.say(site, nth, Some(true)),
                Happening::Unfollow => w.say(site, nth, Some(false)),
                Happening::Leave => w.leave(site, nth),
                Happening::Sleep => w.sleep(site),
                Happening::Die => w.die(site),
                Happening::BoardForgets => w.gather = Gather::default(),
                Happening::Pass(millis) => w.pass(millis),
            }
        }
        w.losses.clear();
        w.pass(5 * 60_000);
        let clients = || w.sites.iter().flat_map(|site| site.clients.values());
        let there = u32::try_from(clients().filter(|client| client.heard).count()).unwrap();
        for client in clients().filter(|client| client.follows) {
            prop_assert_eq!(client.count, Some(there));
        }
    }
}

fn report(number: u64, follows: bool, count: u32) -> Report {
    Report { number, follows, roster: Roster { count, ..Roster::default() } }
}

#[test]
fn a_board_asks_all_relays_before_it_says_how_many_there_are() {
    let (mut gather, now) = (Gather::default(), Millis(1_000_000));
    let relays = || ["q/0", "q/1"].into_iter().map(str::to_owned);
    let told = gather.report(now, "q/0", report(1, true, 3), WHO, relays());
    assert_eq!((told.elsewhere, told.watched), (None, true), "it does not know yet");
    let (calls, _) = gather.due(now, WHO);
    assert_eq!(calls.iter().map(|call| call.relay.as_str()).collect::<Vec<_>>(), ["q/1"]);
    assert!(gather.due(now, WHO).0.is_empty());
    gather.answered(now, "q/1", report(1, false, 4));
    let (calls, at) = gather.due(now, WHO);
    assert_eq!((calls, at), (Vec::new(), Some(now.plus(limits::PRESENCE_MILLIS))), "not more often than that");
    let (calls, _) = gather.due(now.plus(limits::PRESENCE_MILLIS), WHO);
    assert_eq!(calls.len(), 1);
    let Told { elsewhere, watched, .. } = calls[0].told.clone();
    assert_eq!((calls[0].relay.as_str(), elsewhere.map(|roster| roster.count), watched), ("q/0", Some(4), true));
}

#[test]
fn a_relay_that_answers_nothing_is_dropped_after_some_tries_and_holds_nobody_up() {
    let (mut gather, mut now) = (Gather::default(), Millis(1_000_000));
    gather.report(now, "q/0", report(1, true, 3), WHO, ["q/1".to_owned()].into_iter());
    gather.due(now, WHO);
    gather.answered(now, "q/1", report(1, false, 4));
    assert_eq!(gather.count(), 7);
    let begin = now;
    while gather.count() == 7 {
        now = now.plus(500);
        // Who follows goes on saying so.
        gather.report(now, "q/0", report(now.0.unsigned_abs(), true, 3), WHO, std::iter::empty());
        for call in gather.due(now, WHO).0 {
            match call.relay.as_str() {
                "q/0" => gather.answered(now, "q/0", report(now.0.unsigned_abs() + 1, true, 3)),
                _ => gather.failed(now, "q/1"),
            }
        }
        assert!(now.since(begin) < 180_000, "it stays for ever");
    }
    assert!(now.since(begin) >= limits::PRESENCE_SILENT_MILLIS);
    let told = gather.report(now, "q/0", report(u64::MAX, true, 3), WHO, std::iter::empty());
    assert_eq!(told.elsewhere.map(|roster| roster.count), Some(0));
}

#[test]
fn a_relay_that_began_anew_while_it_was_asked_is_asked_again() {
    let (mut gather, now) = (Gather::default(), Millis(1_000_000));
    gather.report(now, "q/0", report(1, true, 3), WHO, ["q/1".to_owned()].into_iter());
    let asked = |gather: &mut Gather| gather.due(now, WHO).0.iter().map(|call| call.relay.clone()).collect::<Vec<_>>();
    assert_eq!(asked(&mut gather), ["q/1"]);
    assert!(gather.registered("q/1"));
    gather.gone("q/1");
    assert_eq!(asked(&mut gather), ["q/1"]);
    gather.gone("q/1");
    assert!(asked(&mut gather).is_empty());
}

#[test]
fn an_older_report_that_comes_late_counts_for_nothing() {
    let (mut gather, now) = (Gather::default(), Millis(1_000_000));
    gather.report(now, "q/0", report(7, true, 3), WHO, std::iter::empty());
    gather.report(now, "q/0", report(6, true, 9), WHO, std::iter::empty());
    assert_eq!(gather.count(), 3);
}

#[test]
fn when_the_config_tells_it_no_more_all_who_follow_are_told() {
    let (mut gather, now) = (Gather::default(), Millis(1_000_000));
    gather.report(now, "q/0", report(1, true, 3), WHO, std::iter::empty());
    let (calls, _) = gather.due(now.plus(limits::PRESENCE_MILLIS), None);
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].told.who, calls[0].told.watched, &calls[0].told.elsewhere), (None, false, &None));
}
