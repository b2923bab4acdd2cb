//! A board with everything that is made from its log, its tables, and its shell: as the worker's board object restores,
//! reads on, writes, prunes and forgets.

use heliograph_shared::archive::config::{ArchiveConfig, ArchiveFormat, Choice};
use heliograph_shared::archive::delivery::{Action as Deliver, Waiting};
use heliograph_shared::archive::export::Export;
use heliograph_shared::archive::target::TargetName;
use heliograph_shared::board::{Board, IngestRequest, Latest, LogRow, Verdict, beginning};
use heliograph_shared::codec::{Batch, DecodeError, SentBy};
use heliograph_shared::cursor::{Epoch, Seq};
use heliograph_shared::erase::Erase;
use heliograph_shared::event::Event;
use heliograph_shared::identity::Identity;
use heliograph_shared::items::Items;
use heliograph_shared::problem::Problem;
use heliograph_shared::projection::{
    Change, LoggedRow, Need, Old, Piece, Projection, Replay, Slice, Table, lowest_floor,
};
use heliograph_shared::rollups::answer::Rows;
use heliograph_shared::rollups::{BlockId, Rollups};
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::scores::keeper::{Keeper, Ranked, Settings};
use heliograph_shared::scores::period::UtcOnly;
use heliograph_shared::sights::Sights;
use heliograph_shared::time::Millis;
use heliograph_shared::tracks::{Pages, Tracks};
use std::collections::BTreeMap;

pub const BEGIN: Millis = Millis(1_772_366_400_000);
const EPOCH: Epoch = Epoch(3);

/// A row of the log.
#[derive(Clone)]
pub struct Row {
    pub row: LogRow,
    pub at: Millis,
    /// 0: events; 1: a control that stays for good; 2: items ended.
    pub control: u8,
}

/// What outlives the shell's memory.
#[derive(Default)]
pub struct Tables {
    pub log: Vec<Row>,
    pub pieces: BTreeMap<(Table, u64), Piece>,
    settings: Settings,
    ends: u64,
    /// What was delivered: the object's name and its bytes.
    pub delivered: BTreeMap<String, Vec<u8>>,
    /// Objects that were made before the last erase: one that was being sent is sent again without what is erased.
    pub before_erase: BTreeMap<String, Vec<u8>>,
    /// What is being erased.
    pub erases: Vec<Erase>,
}

/// What does not.
pub struct Memory {
    pub board: Board,
    pub sights: Sights,
    pub rollups: Rollups,
    pub tracks: Tracks,
    pub keeper: Keeper,
    pub export: Export,
}

/// A board.
pub struct World {
    pub tables: Tables,
    pub memory: Memory,
    pub now: Millis,
    life: u32,
    /// Bytes of the ranking's checkpoint that are written at a time.
    slice: usize,
}

/// A write failed, or there is nothing to answer.
#[derive(Debug)]
pub struct Failed;

impl From<DecodeError> for Failed {
    fn from(e: DecodeError) -> Self {
        panic!("{e}")
    }
}

impl From<Problem> for Failed {
    fn from(_: Problem) -> Self {
        Self
    }
}

impl Rows for Tables {
    type Error = Failed;

    fn between(&self, first: BlockId, last: BlockId) -> Result<Vec<(BlockId, Vec<u8>)>, Failed> {
        let own = self.pieces.range((Table::Rollups, first.number())..=(Table::Rollups, last.number()));
        Ok(own.map(|((_, n), piece)| (BlockId::from_number(*n).unwrap(), piece.data.clone())).collect())
    }
}

impl Pages for Tables {
    type Error = Failed;

    fn pages(
        &self,
        first: u64,
        last: u64,
        each: &mut dyn FnMut(&[u8]) -> Result<bool, DecodeError>,
    ) -> Result<(), Failed> {
        for (_, piece) in self.pieces.range((Table::Tracks, first)..=(Table::Tracks, last)) {
            if !each(&piece.data)? {
                break;
            }
        }
        Ok(())
    }
}

impl Tables {
    fn head(&self) -> Seq {
        self.log.last().map_or(0, |r| r.row.last)
    }

    pub fn append(&mut self, row: &LogRow, at: Millis, control: u8) {
        assert_eq!(row.first, self.head() + 1);
        self.ends += u64::from(control == 2);
        self.log.push(Row { row: row.clone(), at, control });
    }

    fn restore(&self, projection: &mut dyn Projection) {
        for (table, ids) in projection.pieces() {
            for (_, piece) in self.pieces.range((table, *ids.start())..=(table, *ids.end())) {
                projection.restore(piece.clone()).unwrap();
            }
        }
        projection.restored().unwrap();
    }

    pub fn change(&mut self, changes: impl Iterator<Item = Change>, fails_at: Option<usize>) -> Result<bool, Failed> {
        let mut pieces = self.pieces.clone();
        let mut any = false;
        for (i, change) in changes.enumerate() {
            if fails_at == Some(i) {
                return Err(Failed);
            }
            any = true;
            match change {
                Change::Put(piece) => drop(pieces.insert((piece.table, piece.id), piece)),
                Change::Merge(table, id, merge) => {
                    let data = merge(pieces.get(&(table, id)).map(|p| p.data.as_slice())).unwrap();
                    pieces.insert((table, id), Piece { table, id, seq: 0, data });
                }
                Change::Drop((table, ids)) => pieces.retain(|(t, id), _| *t != table || !ids.contains(id)),
                Change::Copy((table, ids), to) => {
                    let own = pieces.range((table, *ids.start())..=(table, *ids.end()));
                    let moved = |p: &Piece| Piece { id: p.id - ids.start() + to, ..p.clone() };
                    let copies: Vec<Piece> = own.map(|(_, p)| moved(p)).collect();
                    pieces.extend(copies.into_iter().map(|p| ((p.table, p.id), p)));
                }
            }
        }
        self.pieces = pieces;
        Ok(any)
    }

    pub fn write(&mut self, p: &mut dyn Projection, need: Need, fails_at: Option<usize>) -> Result<(), Failed> {
        match self.change(p.checkpoint(need), fails_at) {
            Ok(true) => p.stored(),
            Ok(false) => {}
            Err(Failed) if p.not_stored() => {}
            Err(Failed) => return Err(Failed),
        }
        Ok(())
    }

    fn replay(&self, mut replay: Replay<'_, '_>) -> bool {
        let Some(seq) = replay.reads_after() else { return false };
        self.shown().filter(|r| r.row.last > seq).any(|r| !replay.row(r.logged()).unwrap())
    }

    /// The key of an event that the log has.
    fn key_of(&self, seq: Seq) -> Option<String> {
        let row = self.shown().find(|r| r.control == 0 && (r.row.first..=r.row.last).contains(&seq))?;
        let batch = Batch::decode(&row.row.batch).unwrap();
        Some(batch.key((seq - row.row.first) as usize).to_owned())
    }

    fn controls(&self) -> Vec<(Seq, Control)> {
        let own = self.log.iter().filter(|r| r.control == 1);
        own.map(|r| (r.row.first, Control::decode(&r.row.batch).unwrap())).collect()
    }

    fn present(&self, keeper: &Keeper) -> (Board, Sights, Rollups, Tracks) {
        let (mut board, mut sights) = (Board::new(Items::default(), beginning(EPOCH)), Sights::default());
        self.restore(&mut Latest::new(&mut board, &mut sights));
        let seq = board.cursor().seq;
        let after = self.log.iter().filter(|r| r.row.last > seq && r.control != 0).count() as u64;
        board.set_controls(keeper.timeline().controls() - after);
        sights.go_on(keeper.timeline(), keeper.settings().players.is_some(), board.items(), board.events(), seq);
        let mut rollups = Rollups::default();
        rollups.configure(&keeper.settings().rollups);
        rollups.begin(seq, board.items().iter().map(|(_, i)| i.time).max());
        self.restore(&mut rollups);
        rollups.end_all_but(board.items().len(), |key| board.items().find(key).is_some());
        let mut tracks = Tracks::default();
        tracks.configure(&keeper.settings().tracks);
        self.restore(&mut tracks);
        let mut latest = Latest::new(&mut board, &mut sights);
        self.replay(Replay::new(&mut [&mut latest, &mut rollups, &mut tracks], Slice::WHOLE));
        tracks.is_at(board.cursor().seq);
        (board, sights, rollups, tracks)
    }

    pub fn export(&self) -> Export {
        let target = Choice::Named(TargetName::default());
        let mut export =
            Export::new(ArchiveConfig { target, buffer_mib: 1, interval_s: 60, format: ArchiveFormat::Ndjson }, EPOCH);
        self.restore(&mut export);
        let after = || self.log.iter().filter(|r| r.row.last > export.delivery().last().seq);
        let waiting =
            Waiting { bytes: after().map(|r| r.row.batch.len() as u64).sum(), since: after().next().map(|r| r.at) };
        export.waits(self.head(), waiting);
        export
    }

    /// What keeps what there is.
    fn memory(&self, life: u32) -> Memory {
        let keeper = Keeper::with_ends(self.settings.clone(), self.controls(), self.ends, life);
        let (board, sights, rollups, tracks) = self.present(&keeper);
        Memory { board, sights, rollups, tracks, keeper, export: self.export() }
    }
}

impl Row {
    pub fn logged(&self) -> LoggedRow<'_> {
        self.row.logged(self.at)
    }

    pub const fn is_of_events(&self) -> bool {
        self.control == 0
    }

    /// The same with another content.
    pub fn with(&self, batch: Vec<u8>) -> Self {
        Self { row: LogRow { batch, ..self.row.clone() }, ..self.clone() }
    }
}

impl Memory {
    fn with<T>(&mut self, slice: usize, f: impl FnOnce(&mut [&mut dyn Projection]) -> T) -> T {
        let mut latest = Latest::new(&mut self.board, &mut self.sights);
        let mut ranked = Ranked::new(&mut self.keeper, &UtcOnly).in_slices_of(slice);
        f(&mut [&mut self.rollups, &mut latest, &mut ranked, &mut self.export, &mut self.tracks])
    }
}

impl World {
    /// A board with this config.
    pub fn new(settings: Settings) -> Self {
        let tables = Tables { settings, ..Tables::default() };
        let memory = tables.memory(1);
        let mut world = Self { tables, memory, now: BEGIN, life: 1, slice: 300 };
        // As with the first request.
        world.checkpoint(0, Need::Due, None);
        world.bring_up();
        world.settle();
        world
    }

    pub fn head(&self) -> Seq {
        self.memory.board.cursor().seq
    }

    /// The shell dies, and another begins.
    pub fn kill(&mut self) {
        self.life += 1;
        self.memory = self.tables.memory(self.life);
        self.bring_up();
        self.read_on(3);
        self.memory.keeper.advance(self.now, &UtcOnly);
    }

    fn bring_up(&mut self) {
        if self.memory.keeper.wants_rebuild() {
            let mut ranked = Ranked::new(&mut self.memory.keeper, &UtcOnly);
            self.tables.restore(&mut ranked);
            if self.memory.keeper.rebuilt_upto().is_none() {
                self.begin();
            }
        }
    }

    /// Begins to make the ranking: from its base, where there is one.
    fn begin(&mut self) {
        let keeper = &mut self.memory.keeper;
        match keeper.begin_rebuild(self.now, &UtcOnly) {
            Some(control) => self.control(&control),
            None => {
                let Some((first, last)) = keeper.base_pieces() else { return };
                let own = self.tables.pieces.range((Table::Ranking, first)..=(Table::Ranking, last));
                let pieces: Vec<_> = own.map(|((_, id), p)| (*id, p.data.clone())).collect();
                assert!(keeper.begin_from_base(&pieces), "the base is whole");
            }
        }
    }

    /// The ranking in the making reads some events.
    pub fn read_on(&mut self, events: u64) {
        while self.memory.keeper.rebuilt_upto().is_some() {
            let slice = Slice { events, bytes: usize::MAX };
            let ranked = &mut Ranked::new(&mut self.memory.keeper, &UtcOnly);
            let more = self.tables.replay(Replay::new(&mut [ranked], slice));
            if self.memory.keeper.rebuilt_upto().is_none() {
                self.begin();
                continue;
            }
            if !more && let Some(control) = self.memory.keeper.finish_rebuild(self.now) {
                self.control(&control);
            }
            break;
        }
    }

    /// The ranking is made to its end.
    pub fn settle(&mut self) {
        while self.memory.keeper.rebuilt_upto().is_some() {
            self.read_on(u64::MAX);
        }
        self.memory.keeper.advance(self.now, &UtcOnly);
    }

    /// Logs events.
    pub fn publish(&mut self, events: &[Event], is_manager: bool) {
        let sent_by = match (&self.tables.settings.players, is_manager) {
            (None, _) => SentBy::Unknown,
            (Some(_), true) => SentBy::Manager,
            (Some(_), false) => SentBy::Player { at: self.now },
        };
        let batch = Batch::from_events(events).encode();
        let request = IngestRequest { batch: &batch, identity: Identity::Id, owner: "", sent_by };
        let Memory { board, sights, rollups, tracks, keeper, export } = &mut self.memory;
        let verdict = board.ingest_through(&request, |_, _| Ok(()), &mut |batch, first| {
            rollups.apply(batch, first);
            tracks.follow(batch, first);
            sights.apply(batch, first, |_, _, _| {});
        });
        let Verdict::Append { rows, .. } = verdict.unwrap() else { return };
        for row in rows {
            self.tables.append(&row, self.now, 0);
            if keeper.board().is_some() {
                keeper.advance(self.now, &UtcOnly);
                keeper.events(&Batch::decode(&row.batch).unwrap(), row.first, &UtcOnly);
            }
            export.appended(row.last, row.batch.len() as u64, self.now);
        }
    }

    /// Logs a control and does what it says.
    pub fn control(&mut self, control: &Control) {
        let Memory { board, sights, rollups, tracks, keeper, export } = &mut self.memory;
        let row = board.control(control);
        let ends = matches!(control.what, Action::EndItems { .. });
        self.tables.append(&row, self.now, if ends { 2 } else { 1 });
        rollups.control(row.last, control);
        tracks.pass(row.last);
        sights.control(row.last, control, board.items(), board.events());
        let again = keeper.logged(row.last, control, &UtcOnly, |seq| self.tables.key_of(seq));
        export.appended(row.last, row.batch.len() as u64, self.now);
        if again && keeper.rebuilt_upto().is_none() {
            self.begin();
        }
    }

    /// Changes the config.
    pub fn configure(&mut self, change: impl FnOnce(&mut Settings)) {
        change(&mut self.tables.settings);
        let settings = self.tables.settings.clone();
        let on = settings.rollups.enabled;
        if self.memory.keeper.configure(settings.clone()) {
            self.begin();
        }
        let rollups = &mut self.memory.rollups;
        while on != rollups.is_on() && rollups.has_more() {
            self.tables.write(rollups, Need::Room, None).unwrap();
        }
        rollups.configure(&settings.rollups);
        self.tables.write(rollups, Need::Due, None).unwrap();
        let tracks = &mut self.memory.tracks;
        while settings.tracks != *tracks.rules() && tracks.has_more() {
            self.tables.write(tracks, Need::Room, None).unwrap();
        }
        if settings.tracks != *tracks.rules() {
            tracks.configure(&settings.tracks);
            if !tracks.is_on() {
                self.tables.change(tracks.clear().into_iter(), None).unwrap();
            }
        }
        self.tables.write(tracks, Need::Due, None).unwrap();
        if self.memory.sights.set_players(settings.players.is_some()) {
            let mut latest = Latest::new(&mut self.memory.board, &mut self.memory.sights);
            self.tables.write(&mut latest, Need::Due, None).unwrap();
        }
    }

    /// Writes a checkpoint of one projection; the write with this number fails.
    pub fn checkpoint(&mut self, which: usize, need: Need, fails_at: Option<usize>) {
        let tables = &mut self.tables;
        let written = self.memory.with(self.slice, |all| tables.write(all[which % 5], need, fails_at));
        if written.is_err() {
            self.kill();
        }
    }

    /// A checkpoint of the ranking becomes the candidate, or the candidate the base.
    pub fn move_base(&mut self, promotes: bool) {
        let keeper = &mut self.memory.keeper;
        let changes = if promotes { keeper.promote_candidate() } else { keeper.take_candidate(0) };
        self.tables.change(changes.into_iter().map(Change::from), None).unwrap();
    }

    /// So many rows go, of those that nothing needs.
    pub fn prune(&mut self, rows: usize) {
        let head = self.head();
        let floor = self.memory.with(self.slice, |all| lowest_floor(all, head));
        let mut left = rows;
        self.tables.log.retain(|r| {
            let goes = left > 0 && r.control != 1 && r.row.last <= floor;
            left -= usize::from(goes);
            !goes
        });
    }

    /// What is too old goes.
    pub fn forget(&mut self) {
        let now = self.now;
        let old: Vec<Old> = self.memory.with(self.slice, |all| all.iter().flat_map(|p| p.forget(now)).collect());
        for Old { range: (table, ids), mask, below } in old {
            self.tables.pieces.retain(|(t, id), _| *t != table || !ids.contains(id) || id & mask >= below);
        }
    }

    /// Delivers a step; `rows` of the log are read at a time while an object is made.
    pub fn deliver(&mut self, events: u64) {
        let export = &mut self.memory.export;
        match export.delivery().next(self.now) {
            Deliver::Idle | Deliver::Wait(_) => {}
            Deliver::Build => {
                export.begin();
                let more = self.tables.replay(Replay::new(&mut [export], Slice { events, bytes: usize::MAX }));
                if more && export.is_reading() {
                    return;
                }
                export.finish("fleet/", "b").unwrap();
                self.tables.write(export, Need::Due, None).unwrap();
            }
            Deliver::PutObject => {
                let name = export.delivery().plan().unwrap().object.clone();
                // It was lost with the memory: the next try makes it again.
                if let Some(object) = export.take_object() {
                    let before = self.tables.delivered.insert(name.clone(), object.bytes.clone());
                    let sent_again =
                        before.is_none_or(|b| b == object.bytes || self.tables.before_erase.get(&name) == Some(&b));
                    assert!(sent_again, "an object is written again with other bytes");
                    export.object_is_stored();
                }
            }
            Deliver::PutManifest => {
                let last = export.delivery().plan().unwrap().last;
                let next = self.tables.log.iter().find(|r| r.row.last > last).map(|r| r.at);
                export.manifest_is_stored(self.now, next);
                self.tables.write(export, Need::Due, None).unwrap();
            }
        }
    }
}
