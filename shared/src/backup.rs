//! A board as a file, to keep it or to move it: what its config is, its log as it is stored, and what stands around it.
//!
//! A file is [`MAGIC`] and then frames: a head, rows of the log in their order, parts, an end. Each frame ends with the SHA-256 of
//! itself and of the frame before, so that all of a file is known to be right, or up to which frame it is. The same frames,
//! without parts, are what an import is sent, one at a time.
//!
//! Items, standings, series and tracks are not in it: a board makes them from its log. See `docs/backup.md`.

mod ask;
mod digest;
mod frame;
mod head;
mod rows;
mod taken;
mod wrong;

pub use ask::{ExportAsk, ImportAsk};
pub use digest::{Digest, MAGIC};
pub use frame::{FRAME_HEAD_BYTES, Frame, FrameHead, FrameKind, write};
pub use head::{End, FORMAT, Head, Part, PartKind};
pub use rows::{BackupRow, RowKind, RowsWriter, read_rows};
pub use taken::{Content, Import, Taken};
pub use wrong::Wrong;

#[cfg(test)]
mod tests;
