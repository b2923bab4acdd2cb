//! Why a backup is not taken.

use crate::problem::{Code, Problem};

/// What is wrong with a backup, or with a part of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It does not begin like one.
    #[error("this is no backup of a board")]
    NoBackup,
    /// A newer version wrote it.
    #[error("the backup is of format {0}, which this version does not read")]
    Format(u32),
    /// It ends in the middle of a frame.
    #[error("the backup is cut off")]
    CutOff,
    /// A frame says that it has more bytes than one may have.
    #[error("a part of the backup would have {0} bytes: more than one has")]
    TooLong(u64),
    /// A hash does not fit.
    #[error("a hash of the backup does not fit: it was changed, or this is not the part that comes next")]
    Damaged,
    /// A frame that can't be there.
    #[error("a part of the backup stands in a wrong place")]
    Order,
    /// The hash fits, and what is in it can't be read.
    #[error("the backup can't be read: {0}")]
    Unreadable(String),
    /// Its end counts other rows than it has.
    #[error("the backup has other rows than its end says")]
    OtherEnd,
}

impl Wrong {
    /// Its stable code.
    pub const fn code(&self) -> Code {
        match self {
            Self::Format(_) => Code::BackupFormat,
            Self::NoBackup
            | Self::CutOff
            | Self::TooLong(_)
            | Self::Damaged
            | Self::Order
            | Self::Unreadable(_)
            | Self::OtherEnd => Code::BackupDamaged,
        }
    }
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Self {
        Self::new(wrong.code(), format!("{wrong}; nothing of it was taken"))
    }
}
