//! From the board through a relay to its viewers: each copy is the part of the ranking that its viewer follows.

use crate::chance;
use crate::json_scores::JsonBoard;
use crate::world::World;
use heliograph_shared::cursor::Cursor;
use heliograph_shared::items::Items;
use heliograph_shared::protocol::{ClientMessage, CloseCode, ServerMessage, SubId, Subscription};
use heliograph_shared::relay::{Frame, Mode, Output, PushMessage, Relay, ScoresAsk, Session, Sockets, ViewerId};
use heliograph_shared::rights::Access;
use heliograph_shared::scores::channel::Channel;
use heliograph_shared::scores::{ScoreReplica, ScoreRow, ScoreWindow};
use heliograph_shared::time::Millis;
use heliograph_testkit::dice::Dice;
use serde_json::Value;
use std::collections::BTreeSet;

const SUB: SubId = SubId(3);

/// A viewer with its copy.
pub struct Viewer {
    pub window: ScoreWindow,
    pub manage: bool,
    json: bool,
    every_ms: u32,
    pub copy: ScoreReplica,
    board: JsonBoard,
    pub frames: u32,
}

/// Who does not take what is sent.
#[derive(Default)]
pub struct Net {
    pub slow: BTreeSet<ViewerId>,
}

impl Sockets for Net {
    fn waiting(&self, viewer: ViewerId) -> u32 {
        if self.slow.contains(&viewer) { 300_000 } else { 0 }
    }
}

/// A board, one relay and its viewers.
pub struct Stage {
    pub w: World,
    pub relay: Relay,
    pub viewers: Vec<Viewer>,
    pub net: Net,
    /// Questions of the relay that the board has not answered.
    pub asked: Vec<ScoresAsk>,
    /// Answers and pushes under way.
    wire: Vec<Wire>,
    wake: Option<Millis>,
}

enum Wire {
    Answer(ScoresAsk, Vec<u8>),
    Push(Vec<u8>),
}

impl Stage {
    pub fn new(w: World) -> Self {
        let relay = Relay::new(Items::default(), Cursor { seq: 0, ..w.cursor() });
        Self { w, relay, viewers: Vec::new(), net: Net::default(), asked: Vec::new(), wire: Vec::new(), wake: None }
    }

    /// A viewer connects and subscribes.
    pub fn join(&mut self, window: ScoreWindow, manage: bool, json: bool, every_ms: u32) -> usize {
        let v = ViewerId(self.viewers.len() as u32);
        let (copy, board) = (ScoreReplica::default(), JsonBoard::default());
        self.viewers.push(Viewer { window, manage, json, every_ms, copy, board, frames: 0 });
        self.connect(v);
        v.0 as usize
    }

    fn connect(&mut self, id: ViewerId) {
        let v = &self.viewers[id.0 as usize];
        let access = if v.manage { Access::everything() } else { Access::public() };
        let mode = if v.json { Mode::Json } else { Mode::Binary };
        let subscription = Subscription::scores(v.window.clone()).every_ms(v.every_ms);
        let mut out = Vec::new();
        self.relay.connect(self.w.now, id, Session::new(mode, access, None), &mut out);
        let subscribe = ClientMessage::Subscribe { id: SUB, subscription, resume: None, rights: None, rewind: None };
        self.relay.message(self.w.now, id, Ok(subscribe), &self.net, &mut out);
        self.take(out);
    }

    /// Does what the relay says.
    pub fn take(&mut self, out: Vec<Output>) {
        for output in out {
            match output {
                Output::Send { viewers, frame } => viewers.iter().for_each(|v| self.arrive(*v, &frame)),
                Output::FollowScores(ask) => self.asked.push(ask),
                Output::WakeAt(t) => self.wake = Some(t),
                Output::Keep(_) => {}
                Output::Close { viewer, code: CloseCode::Slow } => {
                    // It comes back, and takes what is sent.
                    self.net.slow.remove(&viewer);
                    self.connect(viewer);
                }
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    fn arrive(&mut self, viewer: ViewerId, frame: &Frame) {
        let v = &mut self.viewers[viewer.0 as usize];
        match frame {
            Frame::Binary(bytes) => {
                if let ServerMessage::Scores(frame) = ServerMessage::from_binary(bytes).unwrap() {
                    assert_eq!(frame.sub, SUB);
                    v.copy.apply(&frame, &mut Vec::new()).expect("the frame fits");
                    v.frames += 1;
                }
            }
            Frame::Text(text) => {
                let m: Value = serde_json::from_str(text).unwrap();
                if m["type"] == "scores" {
                    v.board.take(&m);
                    v.frames += 1;
                }
            }
        }
    }

    /// The board answers what it was asked; the answer is under way.
    pub fn answer(&mut self) {
        let cursor = self.w.cursor();
        for ask in std::mem::take(&mut self.asked) {
            let answer = self.w.keeper.follow(&ask.channel, cursor);
            self.wire.push(Wire::Answer(ask, answer));
        }
    }

    /// The board tells what changed; the push is under way. Items are no concern of these tests.
    pub fn tick(&mut self) {
        let cursor = self.w.cursor();
        let changes = self.w.keeper.changes(cursor);
        let previous = self.relay.cursor();
        let (scores, scores_life) = (changes.iter().map(Vec::as_slice).collect(), self.w.keeper.life());
        let (to, rows) = (previous.seq, Vec::new());
        let push = PushMessage { previous, to, accepted_at: self.w.now, rows, scores_life, scores };
        self.wire.push(Wire::Push(push.encode()));
    }

    /// What is under way arrives: answers and pushes each in their order, among each other in any.
    pub fn deliver(&mut self) {
        while !self.wire.is_empty() {
            let pushes = |w: &Wire| matches!(w, Wire::Push(_));
            let kind = self.w.dice.chance(50);
            let at = self.wire.iter().position(|w| pushes(w) == kind).unwrap_or(0);
            let mut out = Vec::new();
            match self.wire.remove(at) {
                Wire::Answer(ask, bytes) => {
                    self.relay.scores_loaded(self.w.now, &ask, &bytes, &self.net, &mut out).unwrap();
                }
                Wire::Push(bytes) => {
                    let push = PushMessage::decode(&bytes).unwrap();
                    self.relay.push(self.w.now, &push, &self.net, &mut out).unwrap();
                }
            }
            self.take(out);
        }
        if self.wake.is_some_and(|t| t <= self.w.now) {
            self.wake = None;
            let mut out = Vec::new();
            self.relay.tick(self.w.now, &self.net, &mut out);
            self.take(out);
        }
    }

    /// Until nothing is under way and nobody waits.
    pub fn settle(&mut self) {
        self.net.slow.clear();
        for _ in 0..40 {
            self.answer();
            self.tick();
            self.deliver();
            let pace = self.viewers.iter().map(|v| i64::from(v.every_ms)).max().unwrap_or(0);
            self.w.now = self.w.now.plus(pace.max(250));
            self.deliver();
            if self.asked.is_empty() && self.wire.is_empty() && self.relay.is_settled() {
                return;
            }
        }
        panic!("it does not settle");
    }

    /// What a viewer should have: the rows from the top, and those around its key.
    fn expected(&self, v: &Viewer) -> [Vec<ScoreRow>; 2] {
        let (session, group) = (v.window.session.clone(), v.window.group.clone());
        let scope = self.w.keeper.scope(session.as_deref(), group.as_deref());
        let channel = Channel { session, group, live: v.manage, cells: v.window.cells };
        let Some(ranked) = self.w.keeper.ranked(&channel) else {
            return [Vec::new(), Vec::new()];
        };
        let row = |p: &heliograph_shared::scores::ranking::Place<'_>| {
            let board = self.w.keeper.board().unwrap();
            let known = board.known(p.key, v.manage);
            let groups = known.map(|a| a.groups.clone()).unwrap_or_default();
            let groups = if groups.iter().all(Option::is_none) { Vec::new() } else { groups };
            ScoreRow {
                key: p.key.to_owned(),
                name: known.and_then(|a| a.name.as_deref()).unwrap_or(p.key).to_owned(),
                position: p.position,
                rank: p.rank,
                tied: p.tied,
                values: p.values.iter().map(|v| v.number()).collect(),
                reached: if p.reached.0.0 == i64::MAX { Millis(0) } else { p.reached.0 },
                groups: groups.iter().map(|g| g.as_deref().map(str::to_owned)).collect(),
                cells: if v.window.cells { board.cells(scope.as_ref().unwrap(), p.key, v.manage) } else { Vec::new() },
            }
        };
        let rows = |from, n| ranked.ranking.page(from, n).iter().map(row).collect::<Vec<_>>();
        let around = v.window.around.as_ref().and_then(|key| ranked.ranking.around(key, v.window.span));
        [rows(v.window.offset, v.window.top), around.map(|(from, n)| rows(from, n)).unwrap_or_default()]
    }

    /// Every viewer has what it should.
    pub fn check(&self, context: &str) {
        for (i, v) in self.viewers.iter().enumerate() {
            let expected = self.expected(v);
            let got = if v.json { v.board.rows() } else { [v.copy.rows().to_vec(), v.copy.around().to_vec()] };
            assert_eq!(got, expected, "{context}: viewer {i}, {:?}, manager {}", v.window, v.manage);
            let about = if v.json { &v.board.about } else { v.copy.about() };
            assert_eq!(about["audience"], if v.manage { "live" } else { "public" });
        }
    }
}

fn window(dice: &mut Dice) -> ScoreWindow {
    ScoreWindow {
        top: *dice.pick(&[0, 1, 3, 20]),
        offset: *dice.pick(&[0, 0, 1, 4]),
        around: dice.chance(50).then(|| format!("k{}", dice.below(9))),
        span: *dice.pick(&[0, 1, 2]),
        group: dice.chance(20).then(|| dice.pick(&["g:DE", "h:one"]).to_string()),
        session: dice.chance(40).then(|| dice.pick(&["all", "s1", "s2"]).to_string()),
        cells: dice.chance(50),
    }
}

fn run(seed: u64, steps: usize) {
    let mut dice = Dice::new(seed ^ 0xf00d);
    let rules = chance::rules(&mut dice);
    let mut stage = Stage::new(World::new(rules, seed));
    for _ in 0..8 {
        let w = window(&mut dice);
        let (manage, json, every) = (dice.chance(40), dice.chance(40), *dice.pick(&[0, 0, 700]));
        stage.join(w, manage, json, every);
    }
    for step in 0..steps {
        let events: Vec<_> = (0..dice.below(4)).map(|_| chance::event(&mut dice, stage.w.now)).collect();
        if !events.is_empty() {
            stage.w.events(&events);
        }
        if dice.chance(30) {
            chance::manage(&mut stage.w);
        }
        if dice.chance(3) {
            stage.w.configure(chance::rules(&mut dice));
        }
        stage.w.feed(dice.below(20));
        let pause = *dice.pick(&[50, 100, 300, 5_000, 90_000]);
        stage.w.wait(pause);
        if dice.chance(20) {
            let v = ViewerId(dice.below(8) as u32);
            if !stage.net.slow.remove(&v) {
                stage.net.slow.insert(v);
            }
        }
        if dice.chance(60) {
            stage.answer();
        }
        stage.tick();
        if dice.chance(80) {
            stage.deliver();
        }
        if dice.chance(10) {
            let failed = std::mem::take(&mut stage.asked);
            let mut out = Vec::new();
            failed.iter().for_each(|c| stage.relay.scores_failed(stage.w.now, c, &mut out));
            stage.take(out);
        }
        if dice.chance(15) {
            stage.w.rebuild();
            stage.settle();
            stage.check(&format!("seed {seed}, step {step}"));
        }
    }
}

#[test]
fn g2_every_viewer_comes_to_have_its_part_of_the_ranking() {
    for seed in 0..300 {
        run(seed, 60);
    }
}

#[test]
fn f13_pinned_seeds_in_which_a_question_failed_or_an_answer_came_late() {
    for seed in [1_099_511_627_959, 2_199_023_257_040, 2_199_023_257_106, 3_298_534_884_685] {
        run(seed, 60);
    }
}
