//! What the past is made of, for whoever asks.

use crate::codec::Batch;
use crate::rights::Sight;
use crate::sights::lens::Lens;
use crate::sights::{Eyes, Shown, Sights};
use crate::time::Millis;

/// What the past is made of, for whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Frames serve, as long as nothing in them is of this time or later, where there is one.
    Frames(Option<Millis>),
    /// What is seen depends on each event: only the log serves, from its first event where `whole`, else from what is kept.
    Log {
        /// Whether a log without its beginning would not do.
        whole: bool,
    },
}

impl Ground {
    /// The one for somebody. What a freeze hides now is hidden in every past; who sees only what itself and managers sent, or
    /// only a part of the time, is shown each event or not.
    pub fn of(sights: &Sights, sight: &Sight, lens: Option<&Lens>) -> Self {
        if sights.base(sight) == Eyes::Common || sights.own(sight).is_some() {
            Self::Log { whole: true }
        } else if lens.is_some_and(Lens::is_bounded) {
            Self::Log { whole: false }
        } else {
            Self::Frames(sights.veil().filter(|_| sights.base(sight) != Eyes::Full).map(|veil| veil.since))
        }
    }
}

/// How much of an event of the past somebody sees.
pub fn shows(sights: &Sights, sight: &Sight, lens: Option<&Lens>, batch: &Batch<'_>, row: usize) -> Shown {
    let time = batch.times.get(row).copied().unwrap_or_default();
    if lens.is_some_and(|lens| !lens.sees_at(batch.key(row), time)) {
        return Shown::Nothing;
    }
    sights.shows(sight, batch, row)
}
