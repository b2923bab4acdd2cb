//! How far viewers are.

use super::{Frame, ViewerId};
use crate::cursor::Seq;
use crate::items::ItemId;

/// How far a viewer is in a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reached {
    /// It has everything that concerns it up to here.
    pub seq: Seq,
    /// Its last frame went at least up to here: what its copy says of itself, and the field names it knows.
    /// Between here and `seq` was nothing for it.
    pub told: Seq,
}

impl Reached {
    /// Of a viewer whose last frame went up to `seq`.
    pub const fn at(seq: Seq) -> Self {
        Self { seq, told: seq }
    }
}

/// A viewer that is not where its group is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Behind {
    pub viewer: ViewerId,
    pub reached: Reached,
}

/// A viewer that has not yet got all parts of its snapshot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unfinished {
    pub viewer: ViewerId,
    /// How far it will be when it has them: as far as the group was with the first.
    pub reached: Reached,
    pub rest: Rest,
}

/// What is left of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rest {
    /// The next item.
    pub from: ItemId,
    /// Whether somebody asked for it.
    pub asked: bool,
}

/// The beginning of a snapshot, for viewers that come at the same time.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    pub seq: Seq,
    pub asked: bool,
    pub frame: Frame,
    pub rest: Option<Rest>,
}
