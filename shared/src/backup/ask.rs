//! What a board is asked about backups.

use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::Seq;
use crate::limits::SEQ_MAX;
use crate::problem::Problem;
use crate::views::query::{Wrong, read_pairs};
use serde::{Deserialize, Serialize};

/// What of a board is to be exported: without `after` its head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportAsk {
    /// Rows after this number.
    pub after: Option<Seq>,
    /// No row whose last number is greater.
    pub upto: Option<Seq>,
}

impl ExportAsk {
    /// Reads name–value pairs; every wrong one is named.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut ask = Self::default();
        read_pairs(pairs, |name, value| {
            let number = || value.parse().ok().filter(|n| *n <= SEQ_MAX);
            let number = || number().ok_or_else(|| Wrong::Value("is the number of an event".to_owned()));
            match name {
                "after" => ask.after = Some(number()?),
                "upto" => ask.upto = Some(number()?),
                _ => return Err(Wrong::Unknown("after and upto")),
            }
            Ok(())
        })?;
        Ok(ask)
    }
}

/// A frame of a backup for a board that is to be made of it.
#[derive(Debug, PartialEq, Eq)]
pub struct ImportAsk<'a> {
    /// The config of the board as JSON, checked: with the first frame. Empty with all others.
    pub config: &'a [u8],
    /// The frame, as it came.
    pub frame: &'a [u8],
}

impl<'a> ImportAsk<'a> {
    /// The config behind its length; then the frame.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(self.config.len() + self.frame.len() + 8);
        w.blob(self.config);
        w.raw(self.frame);
        w.finish()
    }

    /// Reads what [`Self::encode`] wrote.
    pub fn decode(body: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(body);
        let config = r.blob()?;
        Ok(Self { config, frame: r.take(r.remaining())? })
    }
}
