//! A board's log with its keeper, as the board object runs them: controls and events in one order.

use crate::zones::Iana;
use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::{Cursor, Epoch, Seq};
use heliograph_shared::event::Event;
use heliograph_shared::projection;
use heliograph_shared::scores::control::Control;
use heliograph_shared::scores::keeper::{CHECKPOINT_PIECES, Correction, Keeper, PieceChange, Settings};
use heliograph_shared::scores::rule::ScoreRules;
use heliograph_shared::scores::session::{Schedule, SessionAction};
use heliograph_shared::time::Millis;
use heliograph_testkit::dice::Dice;
use std::collections::BTreeMap;

/// What one sequence number stands for.
#[derive(Clone)]
pub enum Row {
    Event(Event),
    Control(Control),
}

#[derive(Clone)]
pub struct Entry {
    pub seq: Seq,
    pub row: Row,
}

/// Sunday, 2026-03-29, 00:10 in Berlin: fifty minutes before its clocks go forward.
pub const START: Millis = Millis(1_774_739_400_000);

pub struct World {
    pub dice: Dice,
    pub keeper: Keeper,
    pub now: Millis,
    /// What was logged, one by one.
    pub log: Vec<Entry>,
    /// What was logged, as the rows that are stored.
    pub rows: Vec<(Seq, Vec<u8>)>,
    pub made: u32,
    /// Whether items end on this board.
    pub ends: bool,
    /// Pieces of checkpoints, as they are stored.
    pub pieces: BTreeMap<u64, Vec<u8>>,
}

/// Does what a keeper says of its pieces.
pub fn store(pieces: &mut BTreeMap<u64, Vec<u8>>, changes: Vec<PieceChange>) {
    for change in changes {
        match change {
            PieceChange::Put(id, bytes) => drop(pieces.insert(id, bytes)),
            PieceChange::Drop(first, last) => pieces.retain(|id, _| !(first..=last).contains(id)),
            PieceChange::Copy { first, last, to } => {
                let copies: Vec<_> = pieces.range(first..=last).map(|(i, b)| (i - first + to, b.clone())).collect();
                pieces.extend(copies);
            }
        }
    }
}

/// A row as it is read from the log.
fn read(first: Seq, row: &[u8]) -> projection::Entry<'_> {
    projection::Entry::decode(first, START, row).unwrap()
}

/// The pieces with these numbers.
fn of(pieces: &BTreeMap<u64, Vec<u8>>, first: u64, last: u64) -> Vec<(u64, Vec<u8>)> {
    pieces.range(first..=last).map(|(i, b)| (*i, b.clone())).collect()
}

impl World {
    /// A board with these rules and no events.
    pub fn new(rules: ScoreRules, seed: u64) -> Self {
        let keeper = Keeper::new(Settings::default(), [], 7);
        let mut w = Self {
            dice: Dice::new(seed),
            keeper,
            now: START,
            log: Vec::new(),
            rows: Vec::new(),
            made: 0,
            ends: seed.is_multiple_of(2),
            pieces: BTreeMap::new(),
        };
        w.configure(rules);
        w.rebuild();
        w
    }

    pub fn cursor(&self) -> Cursor {
        Cursor { epoch: Epoch(1), seq: self.log.len() as u64 }
    }

    pub fn rules(&self) -> &ScoreRules {
        self.keeper.board().unwrap().rules()
    }

    /// Time passes.
    pub fn wait(&mut self, millis: i64) {
        self.now = self.now.plus(millis);
        self.keep_time();
    }

    /// What sessions and windows do by themselves.
    pub fn keep_time(&mut self) {
        while let Some(control) = self.keeper.due(self.now) {
            self.control(&control);
        }
        self.keeper.advance(self.now, &Iana);
    }

    /// Logs and counts events.
    pub fn events(&mut self, events: &[Event]) {
        let first = self.log.len() as u64 + 1;
        let bytes = Batch::from_events(events).encode();
        self.keeper.advance(self.now, &Iana);
        self.keeper.events(&Batch::decode(&bytes).unwrap(), first, &Iana);
        self.rows.push((first, bytes));
        for (i, event) in events.iter().enumerate() {
            self.log.push(Entry { seq: first + i as u64, row: Row::Event(event.clone()) });
        }
    }

    /// Logs a control and does what it says; begins to make the ranking anew where it must.
    pub fn control(&mut self, control: &Control) {
        let seq = self.log.len() as u64 + 1;
        let bytes = control.encode();
        assert!(Control::is_one(&bytes) && Control::decode(&bytes).as_ref() == Some(control));
        self.rows.push((seq, bytes));
        self.log.push(Entry { seq, row: Row::Control(control.clone()) });
        let log = &self.log;
        let key_of = |seq: Seq| match &log.get(seq as usize - 1)?.row {
            Row::Event(e) => Some(e.key.clone()),
            Row::Control(_) => None,
        };
        if self.keeper.logged(seq, control, &Iana, key_of) {
            assert!(self.keeper.begin_rebuild(self.now, &Iana).is_none());
        }
    }

    /// Asks for other rules; the ranking in the making needs [`World::rebuild`].
    pub fn configure(&mut self, rules: ScoreRules) {
        assert_eq!(rules.errors(), []);
        if self.keeper.configure(Settings { scores: Some(rules), ..Settings::default() }) {
            assert!(self.keeper.begin_rebuild(self.now, &Iana).is_none());
        }
    }

    /// Feeds a ranking in the making some rows of the log; lets it take over when it has seen all.
    pub fn feed(&mut self, rows: usize) {
        let Some(seen) = self.keeper.rebuilt_upto() else { return };
        let next: Vec<_> = self.rows.iter().filter(|(first, _)| *first > seen).take(rows).cloned().collect();
        for (first, row) in &next {
            self.keeper.feed(&read(*first, row), &Iana);
        }
        if self.keeper.rebuilt_upto() == Some(self.log.len() as u64)
            && let Some(control) = self.keeper.finish_rebuild(self.now)
        {
            self.control(&control);
        }
    }

    /// Makes a ranking that is in the making to its end.
    pub fn rebuild(&mut self) {
        while self.keeper.rebuilt_upto().is_some() {
            self.feed(usize::MAX);
        }
    }

    /// A keeper that starts from the log.
    pub fn reborn(&self) -> Keeper {
        let mut keeper = self.unfed(99);
        assert!(keeper.wants_rebuild());
        assert!(keeper.begin_rebuild(self.now, &Iana).is_none());
        for (first, row) in &self.rows {
            keeper.feed(&read(*first, row), &Iana);
        }
        assert!(keeper.finish_rebuild(self.now).is_none(), "the rules are not new");
        keeper
    }

    /// Writes some of a checkpoint, perhaps its end.
    pub fn checkpoint(&mut self) {
        if self.dice.chance(70) {
            self.keeper.want_checkpoint();
        }
        let budget = *self.dice.pick(&[1_500, 100_000, 100_000]);
        let changes = self.keeper.checkpoint(budget);
        store(&mut self.pieces, changes);
    }

    /// Makes the last checkpoint the candidate, or the candidate the base.
    pub fn move_base(&mut self) {
        let changes =
            if self.dice.chance(50) { self.keeper.take_candidate(0) } else { self.keeper.promote_candidate() };
        store(&mut self.pieces, changes);
    }

    /// A keeper that starts when the candidate, where there is one that holds, has become the base and the log before it is
    /// gone.
    pub fn pruned(&self) -> Option<Keeper> {
        let mut pieces = self.pieces.clone();
        let mut keeper = self.unfed(97);
        let (first, last) = CHECKPOINT_PIECES;
        let _ = keeper.restore(&of(&pieces, first, last));
        let floor = keeper.candidate()?;
        store(&mut pieces, keeper.promote_candidate());
        assert!(keeper.begin_rebuild(self.now, &Iana).is_none());
        // None: other rules are about to be in force.
        let (first, last) = keeper.base_pieces()?;
        assert!(keeper.begin_from_base(&of(&pieces, first, last)));
        assert_eq!((keeper.base(), keeper.rebuilt_upto()), (Some(floor), Some(floor)));
        for (first, row) in self.rows.iter().filter(|(first, _)| *first > floor) {
            keeper.feed(&read(*first, row), &Iana);
        }
        assert!(keeper.finish_rebuild(self.now).is_none(), "the rules are not new");
        keeper.advance(self.now, &Iana);
        Some(keeper)
    }

    fn unfed(&self, life: u32) -> Keeper {
        let controls = self.log.iter().filter_map(|Entry { seq, row }| match row {
            Row::Control(c) => Some((*seq, c.clone())),
            Row::Event(_) => None,
        });
        Keeper::new(self.keeper.settings().clone(), controls, life)
    }

    /// A keeper that starts from the last checkpoint; how many rows it was fed.
    pub fn restored(&self) -> (Keeper, usize) {
        let mut keeper = self.unfed(98);
        let (first, last) = CHECKPOINT_PIECES;
        if !keeper.restore(&of(&self.pieces, first, last)) {
            assert!(keeper.begin_rebuild(self.now, &Iana).is_none());
        }
        let mut fed = 0;
        while let Some(seen) = keeper.rebuilt_upto().filter(|seen| *seen < self.log.len() as u64) {
            let (first, row) = self.rows.iter().find(|(first, _)| *first > seen).unwrap();
            fed += 1;
            if !keeper.feed(&read(*first, row), &Iana) {
                assert!(keeper.begin_rebuild(self.now, &Iana).is_none());
            }
        }
        assert!(keeper.finish_rebuild(self.now).is_none(), "the rules are not new");
        keeper.advance(self.now, &Iana);
        (keeper, fed)
    }

    /// Does something to a session, if that is allowed.
    pub fn act(&mut self, id: &str, action: SessionAction, at: Millis) -> bool {
        let schedule = Schedule { closes_at: Some(self.now.plus(600_000)), ..Schedule::default() };
        let control = self.keeper.session_action(id, action, schedule, "manager", at);
        if let Ok(control) = &control {
            self.control(control);
        }
        control.is_ok()
    }

    /// Makes a session.
    pub fn create(&mut self, schedule: Schedule) -> String {
        self.made += 1;
        let id = format!("s{}", self.made);
        let title = "A round".to_owned();
        let control = self.keeper.create_session(id.clone(), title, schedule, None, "manager", self.now).unwrap();
        self.control(&control);
        id
    }

    /// Corrects something, if that is allowed.
    pub fn correct(&mut self, wish: Correction) -> bool {
        let control = self.keeper.correction(wish, "manager", self.now, self.cursor());
        if let Ok(control) = &control {
            self.control(control);
        }
        control.is_ok()
    }
}
