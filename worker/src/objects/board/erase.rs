//! Erases an item's history: adapter around [`heliograph_shared::erase`].
//!
//! What is done in a request is that it begins, which is when it is hidden, and one slice, which for most boards is all.
//! The rest is done by alarms.

use super::archive::Archive;
use super::{Inner, Loaded};
use crate::fault::Answer;
use crate::store::config::Stored;
use crate::store::erase::Begun;
use heliograph_shared::board::Latest;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::erase::{Beginning, Delivered, Erase, Step, letters};
use heliograph_shared::id::check_key;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::projection::{Need, Projection};
use heliograph_shared::scores::control::{Action, Control};
use heliograph_shared::time::Millis;
use serde_json::Value;
use std::collections::BTreeMap;

/// A pause between two slices, in which others get their turn.
const SLICE_PAUSE_MILLIS: i64 = 20;
/// What a row costs at least: statements have their price too.
const STEP_COST: usize = 4 * 1024;

impl Inner {
    /// Ends an item and begins to erase its history, or tells how far that is.
    pub(super) fn erase_item(&self, b: &mut Loaded, key: String, by: String, now: Millis) -> Answer<(u16, Value)> {
        let known = b.store.erase_of(&key)?.filter(|known| b.has_all(known));
        if known.is_none() {
            self.begin_erase(b, &key, by, now)?;
        }
        b.erase_slice(now)?;
        let erase =
            b.store.erase_of(&key)?.unwrap_or_else(|| Erase::new(key, String::new(), now, Beginning::default()));
        let mut body = erase.to_json();
        body["cursor"] = b.core.cursor().to_string().into();
        Ok((if erase.is_done() { 200 } else { 202 }, body))
    }

    fn begin_erase(&self, b: &mut Loaded, key: &str, by: String, now: Millis) -> Answer<()> {
        if check_key(key).is_err() {
            return Err(Problem::new(Code::ItemNotFound, "no item can have such a key").into());
        }
        let going = b.erases.iter().position(|e| e.key == key);
        if going.is_none() && b.erases.len() >= limits::ERASES {
            let detail = format!("the histories of {} items are being erased; try again when some are", limits::ERASES);
            return Err(Problem::new(Code::TooManyErases, detail).retry_after(10).into());
        }
        // What was added up over the board stays as it is, and the log will not have all of it any more.
        b.write_rollups_of_board()?;
        let ended = b.core.items().find(key).is_some();
        let control = Control { at: now, by: by.clone(), what: Action::EndItems { keys: vec![key.to_owned()] } };
        let row = b.core.control(&control);
        b.rollups.pass(row.last);
        b.tracks.pass(row.last);
        b.watch.erase(key, row.last);
        b.past.control(row.last, &control, row.batch.len(), now);
        b.kept_past = None;
        b.sights.control(row.last, &control, b.core.items(), b.core.events());
        let (tracks, track_changes) = b.tracks.erase(key);
        let begin = Beginning {
            upto: row.last,
            ended,
            series: b.rollups.erase(key),
            tracks,
            letters: b.store.last_letter()?,
            answers: b.store.last_request()?,
            delivered: b.delivered()?,
        };
        let erase = match going.and_then(|at| b.erases.get(at).cloned()) {
            Some(mut erase) => {
                erase.again(by, now, begin);
                erase
            }
            None => Erase::new(key.to_owned(), by, now, begin),
        };
        // With the items as they are now: numbers of items and of fields do not depend on what is erased.
        let begun = Begun { row: &row, number: b.keeper.timeline().ends() + 1, at: now, erase: &erase };
        let mut latest = Latest::new(&mut b.core, &mut b.sights);
        let (watch, past) = (&mut b.watch, &mut b.past);
        let changes = past.checkpoint(Need::Room).chain(latest.checkpoint(Need::Room)).chain(track_changes);
        let changes = changes.chain(watch.checkpoint(Need::Room));
        b.store.begin_erase(&begun, changes)?;
        latest.stored();
        watch.stored();
        past.stored();
        b.tracks.stored();
        match going.and_then(|at| b.erases.get_mut(at)) {
            Some(going) => *going = erase,
            None => b.erases.push(erase),
        }
        b.store.hide(&b.erases);
        b.keeper.logged(row.last, &control, &crate::zones::Zones, |_| None);
        if b.archive.is_some() {
            // An object in the making is made anew, without what is erased.
            b.archive = Archive::load(&b.store, &self.env, b.core.cursor())?;
        }
        self.pusher.add(vec![row], b.core.cursor(), now);
        Ok(())
    }
}

impl Loaded {
    /// Whether an item's history is erased, or is being erased, as it is now.
    pub(super) fn is_erased(&self, key: &str) -> Answer<bool> {
        Ok(self.store.erase_of(key)?.is_some_and(|known| self.has_all(&known)))
    }

    /// Whether an erase has, or will have, all that there is of its item.
    fn has_all(&self, erase: &Erase) -> bool {
        let items = self.core.items();
        // An end is remembered for so long: of an older one it can't be told whether anything came after it.
        let remembered = self.core.cursor().seq <= erase.upto + limits::RESUME_EVENTS;
        items.find(&erase.key).is_none() && items.end_of(&erase.key).map_or(remembered, |end| end <= erase.upto)
    }

    /// A row of dead letters without those of items whose history is being erased; none when none is left.
    pub(super) fn letters_without_erased(
        &self,
        id: u64,
        mut row: String,
        mends: &BTreeMap<usize, String>,
    ) -> Answer<Option<String>> {
        for erase in self.erases.iter().filter(|e| id <= e.letters) {
            if let Some(clean) = letters::without(id, &row, mends, &erase.key, &self.key_name()?)? {
                let Some(left) = clean.now else { return Ok(None) };
                row = left.letters;
            }
        }
        Ok(Some(row))
    }

    /// What was delivered to object storage, where anything was.
    fn delivered(&self) -> Answer<Option<Delivered>> {
        let delivered = self.store.delivered()?.filter(|d| !d.object.is_empty());
        Ok(delivered.map(|d| Delivered {
            through: d.seq,
            last_object: d.object,
            last_manifest: d.manifest,
            events: 0,
            first: None,
            last: None,
        }))
    }

    /// When erases go on.
    pub(super) fn next_erase(&self, now: Millis) -> Option<Millis> {
        (!self.erases.is_empty()).then(|| now.plus(SLICE_PAUSE_MILLIS))
    }

    /// A slice of what is to be erased.
    pub(super) fn erase_when_due(&mut self, now: Millis) -> Answer<()> {
        if self.erases.is_empty() { Ok(()) } else { self.erase_slice(now) }
    }

    /// Does as much as holds nobody up.
    fn erase_slice(&mut self, now: Millis) -> Answer<()> {
        let mut left = limits::ERASE_BYTES;
        while left > 0 && !self.erases.is_empty() {
            let Some(cost) = self.erase_step(now, left)? else { break };
            left = left.saturating_sub(cost.max(STEP_COST));
        }
        Ok(())
    }

    /// The next step of the oldest erase: what it cost; none when it has to wait for something.
    fn erase_step(&mut self, now: Millis, bytes: usize) -> Answer<Option<usize>> {
        let Some(lead) = self.erases.first() else { return Ok(None) };
        if let Step::Log(_) = lead.step {
            return Ok(Some(self.store.rewrite_log(&mut self.erases, bytes)?));
        }
        let mut lead = lead.clone();
        let mut cost = 0;
        match lead.step {
            Step::Series(after) => match lead.series_rows(after) {
                None => lead.step = Step::Tracks(0),
                Some(range) => {
                    let (more, bytes) = self.store.rewrite_series(range, &lead.series)?;
                    lead.step = Step::Series(more.unwrap_or(range.1));
                    cost = bytes;
                }
            },
            Step::Tracks(after) => match lead.tracks.pages(after) {
                None => lead.step = Step::Past(0),
                Some(range) => {
                    let (more, bytes) = self.store.rewrite_tracks(range, &lead.tracks)?;
                    lead.step = Step::Tracks(more.unwrap_or(range.1));
                    cost = bytes;
                }
            },
            Step::Past(after) => match self.frame_with(after, lead.upto) {
                None => lead.step = Step::Letters(0),
                Some(frame) => {
                    cost = self.erase_from_frame(frame, &lead.key)?;
                    lead.step = Step::Past(frame.seq());
                }
            },
            Step::Letters(after) => {
                let done = self.store.rewrite_letters(&mut lead, after, &self.key_name()?)?;
                self.note_letters_changed(&done.changed)?;
                lead.step = done.more.map_or(Step::Answers(0), Step::Letters);
                cost = done.bytes;
            }
            Step::Answers(after) => {
                let done = self.store.rewrite_answers(&mut lead, after)?;
                if let Some(space) = &mut self.request_space {
                    done.changed.iter().for_each(|(id, bytes)| space.resized(*id, *bytes));
                }
                lead.step = done.more.map_or(Step::Ranking, Step::Answers);
                cost = done.bytes;
            }
            Step::Ranking => {
                // The ranking's checkpoint of before has the item's row.
                if self.keeper.board().is_some() && self.keeper.floor() < lead.upto {
                    self.settle_ranking()?;
                    if self.keeper.floor() < lead.upto {
                        return Ok(None);
                    }
                    cost = limits::RANKING_SLICE_BYTES;
                }
                let mut totals = self.store.pipeline_totals()?;
                if totals.forget(&lead.key) {
                    self.store.put_pipeline_totals(&serde_json::to_string(&totals)?)?;
                    self.totals = None;
                }
                lead.step = Step::Done(now);
            }
            Step::Log(_) | Step::Done(_) => {}
        }
        self.store.put_erases(std::slice::from_ref(&lead))?;
        if lead.is_done() {
            self.erases.remove(0);
            self.store.hide(&self.erases);
        } else if let Some(first) = self.erases.first_mut() {
            *first = lead;
        }
        Ok(Some(cost))
    }

    /// Under which name records have their key.
    pub(super) fn key_name(&self) -> Answer<String> {
        let config: Option<BoardConfig> = match self.store.config()? {
            Some(Stored::Here { text, .. }) => Some(serde_json::from_slice(text.as_bytes())?),
            Some(Stored::Elsewhere | Stored::Deleted { .. }) | None => None,
        };
        Ok(config.unwrap_or_default().key_name)
    }
}
