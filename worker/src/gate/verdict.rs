//! What becomes of events, and how that is told a relay.

use super::Remainder;
use crate::fault::{Answer, Fault};
use heliograph_shared::codec::{Reader, Writer};
use heliograph_shared::id::BoardName;

/// What becomes of events.
pub enum Verdict {
    /// They can be handed to the board.
    Ready {
        /// What the board is handed.
        body: Vec<u8>,
        /// What is merged into the board's answer, where that is not the whole answer.
        remainder: Option<Remainder>,
    },
    /// The board's pipeline wants items of another board.
    Wants {
        /// Which board.
        board: BoardName,
        /// Which items.
        keys: Vec<String>,
    },
    /// The board's pipeline can't be run.
    Broken {
        /// What the board is told of it.
        report: Vec<u8>,
        /// What the viewer is told: a problem as JSON.
        problem: Vec<u8>,
    },
    /// Nothing of them is taken; a problem as JSON.
    Refused(Vec<u8>),
}

const READY: u8 = 0;
const WANTS: u8 = 1;
const BROKEN: u8 = 2;
const REFUSED: u8 = 3;

impl Verdict {
    /// As bytes.
    pub fn encode(&self) -> Answer<Vec<u8>> {
        let mut w = Writer::with_capacity(256);
        match self {
            Self::Ready { body, remainder } => {
                w.u8(READY);
                w.blob(&serde_json::to_vec(remainder)?);
                w.raw(body);
            }
            Self::Wants { board, keys } => {
                w.u8(WANTS);
                w.raw(&serde_json::to_vec(&(board, keys))?);
            }
            Self::Broken { report, problem } => {
                w.u8(BROKEN);
                w.blob(report);
                w.raw(problem);
            }
            Self::Refused(problem) => {
                w.u8(REFUSED);
                w.raw(problem);
            }
        }
        Ok(w.finish())
    }

    /// Reads what [`Verdict::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Answer<Self> {
        let mut r = Reader::new(bytes);
        Ok(match r.u8()? {
            READY => {
                let remainder = serde_json::from_slice(r.blob()?)?;
                Self::Ready { body: rest(&mut r)?, remainder }
            }
            WANTS => {
                let (board, keys) = serde_json::from_slice(&rest(&mut r)?)?;
                Self::Wants { board, keys }
            }
            BROKEN => Self::Broken { report: r.blob()?.to_vec(), problem: rest(&mut r)? },
            REFUSED => Self::Refused(rest(&mut r)?),
            other => return Err(Fault::Internal(format!("the gate said {other}"))),
        })
    }
}

fn rest(r: &mut Reader<'_>) -> Answer<Vec<u8>> {
    Ok(r.take(r.remaining())?.to_vec())
}
