//! What a ranking can be made from when the log's beginning is gone: a checkpoint that is kept as the base. A change of the
//! past makes the ranking anew from the base and the log after it.
//!
//! The log may be pruned up to the base. A checkpoint first becomes the candidate, and the base only when what it has seen
//! need not be kept any more: until then the log tells more exactly what a change of the past means. Whether either still
//! holds follows from what managers did since, so that a kill at any time leaves nothing to repair.

use super::kept::{PieceChange, TURN, sum};
use super::{Keep, Keeper, Rebuild};
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::scores::control::Action;
use crate::scores::scoreboard::Scoreboard;
use crate::scores::session::SessionAction;
use crate::time::Millis;

const VERSION: u8 = 1;
/// Pieces with this number say what the base is, and the candidate.
const BASE: u64 = 1;
const CANDIDATE: u64 = 2;
/// Both take turns beside those of checkpoints.
const TURNS: [u64; 2] = [2, 3];

/// A checkpoint that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Image {
    turn: u64,
    pieces: u64,
    floor: Seq,
    sum: u64,
    /// The latest event time that it has seen.
    newest: Option<Millis>,
    /// What the board had stored when it was taken.
    stored: u64,
}

/// The base and the candidate.
#[derive(Default)]
pub(super) struct Bases {
    base: Option<Image>,
    candidate: Option<Image>,
}

impl Image {
    const fn first(self) -> u64 {
        (self.turn + 1) * TURN
    }

    fn encode(self) -> Vec<u8> {
        let mut w = Writer::with_capacity(48);
        w.u8(VERSION);
        for n in [self.turn, self.pieces, self.floor, self.stored] {
            w.varint(n);
        }
        w.raw(&self.sum.to_le_bytes());
        w.zigzag(self.newest.map_or(i64::MIN, |t| t.0));
        w.finish()
    }

    fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        match r.u8()? {
            VERSION => {}
            v => return Err(DecodeError::Version(v)),
        }
        let (turn, pieces, floor, stored) = (r.varint()?, r.varint()?, r.varint()?, r.varint()?);
        let sum = r.take(8)?.try_into().map(u64::from_le_bytes).map_err(|_| DecodeError::Invalid("sum"))?;
        let newest = Some(Millis(r.zigzag()?)).filter(|t| t.0 != i64::MIN);
        r.end()?;
        if !TURNS.contains(&turn) {
            return Err(DecodeError::Invalid("turn"));
        }
        Ok(Self { turn, pieces, floor, sum, newest, stored })
    }

    /// The pieces of it, for a shell that reads them.
    pub const fn numbers(self) -> (u64, u64) {
        (self.first(), self.first() + TURN - 1)
    }
}

/// What a shell needs to read only what it needs: the pieces that say what there is, and those of checkpoints.
pub const CHECKPOINT_PIECES: (u64, u64) = (0, 3 * TURN - 1);

impl Keeper {
    /// Takes what the pieces that were stored say of the base and the candidate. What can't be read is not there.
    pub(super) fn find_bases(&mut self, pieces: &[(u64, Vec<u8>)]) {
        let image = |id: u64| {
            let (_, bytes) = pieces.iter().find(|(piece, _)| *piece == id)?;
            Image::decode(bytes).ok()
        };
        self.bases = Bases { base: image(BASE), candidate: image(CANDIDATE) };
    }

    /// Up to this event a ranking can be made without the log. What managers did of the past before it stays as it was.
    pub fn base(&self) -> Option<Seq> {
        self.bases.base.filter(|b| self.has_rules_since(b.floor)).map(|b| b.floor)
    }

    /// Up to this event the candidate goes, while it holds.
    pub fn candidate(&self) -> Option<Seq> {
        self.bases.candidate.filter(|c| self.holds(c)).map(|c| c.floor)
    }

    /// Whether a later candidate would do better: the log has grown past half of what it may have, and the candidate would
    /// take away less than a quarter.
    pub fn candidate_is_old(&self, stored: u64, keep: Keep) -> bool {
        let (Some(candidate), Some(mib)) = (self.bases.candidate, keep.mib) else { return false };
        let most = u64::from(mib) << 20;
        stored >= most / 2 && candidate.stored < most / 4
    }

    /// Whether the rules are those that were in force at a place of the log.
    fn has_rules_since(&self, seq: Seq) -> bool {
        let later = self.timeline.trail.iter().rev().take_while(|(at, _)| *at > seq);
        self.timeline.rules.is_some() && !later.into_iter().any(|(_, c)| matches!(c.what, Action::Rules { .. }))
    }

    /// Whether nothing that an image has seen was changed since.
    fn holds(&self, image: &Image) -> bool {
        let past = |at| image.newest.is_some_and(|newest| at <= newest);
        let mut later = self.timeline.trail.iter().rev().take_while(|(at, _)| *at > image.floor);
        self.timeline.rules.is_some()
            && !later.any(|(_, control)| match &control.what {
                Action::Rules { .. } | Action::Undo { .. } => true,
                Action::Session { action, .. } => match action {
                    SessionAction::RevealBack => true,
                    SessionAction::Open | SessionAction::Reopen | SessionAction::Close | SessionAction::Freeze => {
                        past(control.at)
                    }
                    SessionAction::Schedule
                    | SessionAction::RevokeCode
                    | SessionAction::Reveal
                    | SessionAction::RevealStep => false,
                },
                Action::CreateSession { .. }
                | Action::Adjust { .. }
                | Action::Disqualify { .. }
                | Action::EndItems { .. }
                | Action::Restore { .. } => false,
            })
    }

    /// Makes the last checkpoint the candidate, where it can be one; `stored` is what the board has stored. Empty: it can't,
    /// or it is already. The shell writes this in one transaction; when it can't, it loads the board anew.
    pub fn take_candidate(&mut self, stored: u64) -> Vec<PieceChange> {
        let Some((turn, pieces, floor, sum, newest)) = self.kept.last() else { return Vec::new() };
        let at = self.timeline.upto(floor);
        let known = self.bases.candidate.filter(|c| self.holds(c)).map(|c| c.floor);
        if self.rebuild.is_some() || at.frozen_at().is_some() || known == Some(floor) || self.base() >= Some(floor) {
            return Vec::new();
        }
        let own = TURNS.into_iter().find(|t| self.bases.base.is_none_or(|b| b.turn != *t)).unwrap_or(2);
        let image = Image { turn: own, pieces, floor, sum, newest, stored };
        if at.rules != self.timeline.rules || !self.holds(&image) {
            return Vec::new();
        }
        self.bases.candidate = Some(image);
        let (first, last) = image.numbers();
        let from = (turn + 1) * TURN;
        vec![
            PieceChange::Drop(first, last),
            PieceChange::Copy { first: from, last: from + pieces.saturating_sub(1), to: first },
            PieceChange::Put(CANDIDATE, image.encode()),
        ]
    }

    /// Makes the candidate the base: what it has seen need not be kept any more.
    pub fn promote_candidate(&mut self) -> Vec<PieceChange> {
        let Some(image) = self.bases.candidate.take().filter(|c| self.holds(c)) else { return Vec::new() };
        let mut changes = vec![PieceChange::Put(BASE, image.encode()), PieceChange::Drop(CANDIDATE, CANDIDATE)];
        if let Some(old) = self.bases.base.replace(image).filter(|old| old.turn != image.turn) {
            let (first, last) = old.numbers();
            changes.push(PieceChange::Drop(first, last));
        }
        changes
    }

    /// The numbers of the base's pieces, when a ranking that was begun is to be made from it.
    pub fn base_pieces(&self) -> Option<(u64, u64)> {
        self.base()?;
        let same_rules = self.settings.scores == self.timeline.rules;
        self.bases.base.filter(|_| same_rules).map(Image::numbers)
    }

    /// Has the ranking that was just begun go on from the base; these are its pieces. False: they are not what was written,
    /// and the ranking is made from what the log has.
    pub fn begin_from_base(&mut self, pieces: &[(u64, Vec<u8>)]) -> bool {
        let (Some(base), Some(rebuild)) = (self.bases.base, &mut self.rebuild) else { return false };
        let bytes: Vec<u8> = pieces.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        if pieces.len() as u64 != base.pieces || sum(&bytes) != base.sum {
            return false;
        }
        let Ok(Some(board)) = Scoreboard::from_base(&bytes, rebuild.board.timeline.clone()) else { return false };
        *rebuild = Rebuild { board, seq: base.floor, new_rules: rebuild.new_rules, goes_on: false };
        true
    }
}
