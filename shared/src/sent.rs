//! What has been sent to viewers, as it is counted.

use serde::{Deserialize, Serialize};

/// What a relay has sent to its viewers since its memory began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Messages, each as often as it was sent.
    pub frames: u64,
    /// Bytes of them, before the platform packs them.
    pub bytes: u64,
    /// Viewers that were closed because they took too little.
    pub slow: u64,
}

impl Sent {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { frames: self.frames + other.frames, bytes: self.bytes + other.bytes, slow: self.slow + other.slow }
    }

    /// Whether a relay that had sent so much before has begun anew.
    pub const fn is_before(self, before: Self) -> bool {
        self.frames < before.frames || self.bytes < before.bytes || self.slow < before.slow
    }
}
