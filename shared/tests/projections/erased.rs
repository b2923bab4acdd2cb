//! Erasing an item's history: as the worker's board object begins it, and goes on slice by slice.

use crate::world::{Row, Tables, World};
use heliograph_shared::board::Latest;
use heliograph_shared::codec::Batch;
use heliograph_shared::cursor::Seq;
use heliograph_shared::erase::{Beginning, Erase, Mask, Rewriting, Step};
use heliograph_shared::projection::{Change, Need, Projection, Table};
use heliograph_shared::rollups::{BlockId, erase_names};
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::scores::keeper::Ranked;
use heliograph_shared::scores::period::UtcOnly;

impl Tables {
    /// The log as anybody may read it.
    pub fn shown(&self) -> impl Iterator<Item = Row> {
        let mask = Mask::of(&self.erases);
        self.log.iter().map(move |row| {
            let batch = mask.row(row.row.first, &row.row.batch).unwrap();
            batch.map_or_else(|| row.clone(), |batch| row.with(batch))
        })
    }

    /// Whether the log has a hole where this event was.
    pub fn is_erased(&self, seq: Seq) -> bool {
        let mut own = self.log.iter().filter(|r| r.is_of_events() && (r.row.first..=r.row.last).contains(&seq));
        own.any(|r| Batch::decode(&r.row.batch).unwrap().is_hole((seq - r.row.first) as usize))
    }

    /// Names of series, without those of a key.
    fn erase_names(&mut self, key: &str) {
        let names = self.pieces.iter_mut().filter(|((table, _), _)| *table == Table::RollupNames);
        for (_, piece) in names {
            if let Some(data) = erase_names(&piece.data, key).unwrap() {
                piece.data = data;
            }
        }
    }

    fn rewrite_log(&mut self, bytes: usize) {
        let Some(mut rewriting) = Rewriting::new(&mut self.erases, bytes) else { return };
        let from = rewriting.from();
        let more = self.log.iter().filter(|r| r.row.last > from).any(|r| !rewriting.row(r.logged()).unwrap());
        let (rewritten, _) = rewriting.finish(more);
        for (last, rows) in rewritten {
            let at = self.log.iter().position(|r| r.row.last == last).unwrap();
            let old = self.log.remove(at);
            let parts = rows.into_iter().map(|row| Row { row, ..old.clone() });
            self.log.splice(at..at, parts);
        }
    }

    /// Takes the cells of erased series out of rows of these numbers, a few at a time.
    fn rewrite_series(&mut self, (first, last): (u64, u64), erase: &Erase, most: usize) -> u64 {
        let own: Vec<u64> =
            self.pieces.range((Table::Rollups, first)..=(Table::Rollups, last)).map(|((_, id), _)| *id).collect();
        for id in own.iter().take(most) {
            let Some(block) = BlockId::from_number(*id) else { continue };
            let piece = self.pieces.get_mut(&(Table::Rollups, *id)).unwrap();
            match erase.series.without(block, &piece.data).unwrap() {
                Some(left) if left.is_empty() => drop(self.pieces.remove(&(Table::Rollups, *id))),
                Some(left) => piece.data = left,
                None => {}
            }
        }
        if own.len() > most { own[most - 1] } else { last }
    }

    /// Takes the fixes of erased tracks out of pages of these numbers, a few at a time.
    fn rewrite_tracks(&mut self, (first, last): (u64, u64), erase: &Erase, most: usize) -> u64 {
        let own: Vec<u64> =
            self.pieces.range((Table::Tracks, first)..=(Table::Tracks, last)).map(|((_, id), _)| *id).collect();
        for id in own.iter().take(most) {
            let piece = self.pieces.get_mut(&(Table::Tracks, *id)).unwrap();
            match erase.tracks.without(*id, &piece.data).unwrap() {
                Some(left) if left.is_empty() => drop(self.pieces.remove(&(Table::Tracks, *id))),
                Some(left) => piece.data = left,
                None => {}
            }
        }
        if own.len() > most { own[most - 1] } else { last }
    }
}

impl World {
    /// Ends an item, and begins to erase its history.
    pub fn erase(&mut self, key: &str) {
        let Self { tables, memory, now, .. } = self;
        if tables.change(memory.rollups.settle_board(), None).unwrap() {
            memory.rollups.stored();
        }
        let ended = memory.board.items().find(key).is_some();
        let what = Action::EndItems { keys: vec![key.to_owned()] };
        let control = Control { at: *now, by: "m".into(), what };
        let row = memory.board.control(&control);
        memory.rollups.pass(row.last);
        memory.tracks.pass(row.last);
        memory.sights.control(row.last, &control, memory.board.items(), memory.board.events());
        let series = memory.rollups.erase(key);
        let (tracks, track_changes) = memory.tracks.erase(key);
        let begin = Beginning { upto: row.last, ended, series, tracks, ..Beginning::default() };
        match tables.erases.iter_mut().find(|e| e.key == key) {
            Some(going) => going.again("m".into(), *now, begin),
            None => tables.erases.push(Erase::new(key.into(), "m".into(), *now, begin)),
        }
        tables.before_erase = tables.delivered.clone();
        tables.append(&row, *now, 2);
        tables.erase_names(key);
        let mut latest = Latest::new(&mut memory.board, &mut memory.sights);
        let items: Vec<Change> = latest.checkpoint(Need::Room).chain(track_changes).collect();
        tables.change(items.into_iter(), None).unwrap();
        latest.stored();
        memory.tracks.stored();
        memory.keeper.logged(row.last, &control, &UtcOnly, |_| None);
        memory.export = tables.export();
    }

    /// Goes on with the oldest erase: over so many bytes of the log, or so many rows of series.
    pub fn erase_on(&mut self, bytes: usize) {
        let Some(lead) = self.tables.erases.first() else { return };
        match lead.step {
            Step::Log(_) => self.tables.rewrite_log(bytes),
            Step::Series(after) => {
                let lead = lead.clone();
                let step = lead.series_rows(after).map_or(Step::Tracks(0), |range| {
                    Step::Series(self.tables.rewrite_series(range, &lead, bytes.max(1)))
                });
                self.tables.erases[0].step = step;
            }
            Step::Tracks(after) => {
                let lead = lead.clone();
                let step = lead.tracks.pages(after).map_or(Step::Ranking, |range| {
                    Step::Tracks(self.tables.rewrite_tracks(range, &lead, bytes.max(1)))
                });
                self.tables.erases[0].step = step;
            }
            // There are no frames of the past, no letters and no answers here.
            Step::Past(_) | Step::Letters(_) | Step::Answers(_) | Step::Ranking => {
                let upto = lead.upto;
                let keeper = &mut self.memory.keeper;
                if keeper.board().is_some() && keeper.floor() < upto {
                    let written = self.tables.write(&mut Ranked::new(keeper, &UtcOnly), Need::Room, None);
                    written.unwrap();
                    if self.memory.keeper.floor() < upto {
                        return;
                    }
                }
                self.tables.erases.remove(0);
            }
            Step::Done(_) => {}
        }
    }

    /// Erases all that is to be.
    pub fn erase_whole(&mut self) {
        for _ in 0..10_000 {
            if self.tables.erases.is_empty() {
                return;
            }
            self.erase_on(usize::MAX >> 1);
            self.settle();
        }
        panic!("an erase does not end");
    }
}
