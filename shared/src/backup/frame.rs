//! The frames of a backup: kind, length, content, digest.

use super::digest::Digest;
use super::wrong::Wrong;
use crate::limits;

/// Bytes of a frame before its content: its kind (one byte), and the content's length (four, the lowest first).
pub const FRAME_HEAD_BYTES: usize = 5;

/// What is in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKind {
    /// A [`Head`](super::Head), as JSON. The first.
    Head,
    /// Rows of the log, see [`RowsWriter`](super::RowsWriter).
    Rows,
    /// A [`Part`](super::Part), as JSON.
    Part,
    /// An [`End`](super::End), as JSON. The last.
    End,
}

impl FrameKind {
    const fn number(self) -> u8 {
        match self {
            Self::Head => 1,
            Self::Rows => 2,
            Self::Part => 3,
            Self::End => 4,
        }
    }

    const fn numbered(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Head),
            2 => Some(Self::Rows),
            3 => Some(Self::Part),
            4 => Some(Self::End),
            _ => None,
        }
    }
}

/// What the first bytes of a frame say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHead {
    /// What is in it.
    pub kind: FrameKind,
    /// Bytes of its content.
    pub length: usize,
}

impl FrameHead {
    /// Reads them. A frame has no more than [`limits::BACKUP_FRAME_BYTES`] in all, whatever it says.
    pub fn read(bytes: [u8; FRAME_HEAD_BYTES]) -> Result<Self, Wrong> {
        let [kind, a, b, c, d] = bytes;
        let kind = FrameKind::numbered(kind).ok_or(Wrong::Damaged)?;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let most = limits::BACKUP_FRAME_BYTES - FRAME_HEAD_BYTES - Digest::BYTES;
        if length > most { Err(Wrong::TooLong(length as u64)) } else { Ok(Self { kind, length }) }
    }

    /// Bytes that follow in the frame: its content and its digest.
    pub const fn rest(self) -> usize {
        self.length + Digest::BYTES
    }
}

/// A frame whose digest fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// What is in it.
    pub kind: FrameKind,
    /// Its content.
    pub payload: &'a [u8],
    /// Its digest.
    pub digest: Digest,
}

impl<'a> Frame<'a> {
    /// Reads the whole of `bytes` as the frame that follows on `before`.
    pub fn read(bytes: &'a [u8], before: Digest) -> Result<Self, Wrong> {
        let (first, rest) = bytes.split_first_chunk::<FRAME_HEAD_BYTES>().ok_or(Wrong::CutOff)?;
        let FrameHead { kind, length } = FrameHead::read(*first)?;
        let (payload, behind) = rest.split_at_checked(length).ok_or(Wrong::CutOff)?;
        if behind.len() < Digest::BYTES {
            return Err(Wrong::CutOff);
        }
        let digest = before.then(first, payload);
        if behind == digest.bytes() { Ok(Self { kind, payload, digest }) } else { Err(Wrong::Damaged) }
    }

    /// The digest that stands behind a frame, whether it fits or not.
    pub fn claimed(bytes: &[u8]) -> Option<Digest> {
        let at = bytes.len().checked_sub(Digest::BYTES)?;
        Digest::read(bytes.get(at..)?)
    }
}

/// Writes the frame that follows on `before`; with its digest. A content that is too long for a frame is refused.
pub fn write(kind: FrameKind, payload: &[u8], before: Digest) -> Result<(Vec<u8>, Digest), Wrong> {
    let most = limits::BACKUP_FRAME_BYTES - FRAME_HEAD_BYTES - Digest::BYTES;
    let length = u32::try_from(payload.len()).ok().filter(|length| *length as usize <= most);
    let length = length.ok_or(Wrong::TooLong(payload.len() as u64))?;
    let mut bytes = Vec::with_capacity(FRAME_HEAD_BYTES + payload.len() + Digest::BYTES);
    bytes.push(kind.number());
    bytes.extend(length.to_le_bytes());
    let digest = before.then(&bytes, payload);
    bytes.extend_from_slice(payload);
    bytes.extend_from_slice(digest.bytes());
    Ok((bytes, digest))
}
