//! The one number for everything: feed position, snapshot version, ETag, "the board as of".

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Names one life of a board's log. A log that was deleted and begun again has another epoch, so that a
/// cursor of the old one can never resume past other data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(pub u32);

/// How many events the log has accepted; the first event has sequence 1, an empty board is at 0.
pub type Seq = u64;

/// A position in a board's log, written `e1:1042`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The life of the log.
    pub epoch: Epoch,
    /// The last event that is included.
    pub seq: Seq,
}

/// The text was not `e<epoch>:<seq>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cursor looks like e1:1042")]
pub struct BadCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "e{}:{}", self.epoch.0, self.seq)
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (epoch, seq) = text.strip_prefix('e').and_then(|t| t.split_once(':')).ok_or(BadCursor)?;
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(epoch) || !digits(seq) {
            return Err(BadCursor);
        }
        Ok(Self { epoch: Epoch(epoch.parse().map_err(|_| BadCursor)?), seq: seq.parse().map_err(|_| BadCursor)? })
    }
}

impl Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_read_back_as_written() {
        let c = Cursor { epoch: Epoch(1), seq: 1042 };
        assert_eq!(c.to_string(), "e1:1042");
        assert_eq!("e1:1042".parse(), Ok(c));
        for bad in ["", "e1", "1:2", "e:2", "e1:", "e+1:2", "e1:-2", "e1:2 ", "e99999999999:1"] {
            assert_eq!(bad.parse::<Cursor>(), Err(BadCursor), "{bad}");
        }
    }
}
