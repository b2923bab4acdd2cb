//! What happened at fences, the newest of it: who entered, left and dwelled.

use super::stay::{Fix, Why};
use crate::journal::{Asked, Journal, Noted};
use crate::limits;
use crate::problem::Problem;
use crate::time::Millis;
use crate::views::query::{Wrong, read_pairs};
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "FenceEventKind"))]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// An item entered.
    Enter,
    /// An item left.
    Exit,
    /// An item has been inside for as long as `dwell_s` says.
    Dwell,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Its number on the board.
    pub id: u64,
    /// What.
    pub what: What,
    /// At which fence.
    pub fence: Box<str>,
    /// To which item.
    pub key: Box<str>,
    /// Where the item was, and when.
    pub fix: Fix,
    /// When the board learned of it.
    pub at: Millis,
    /// How many milliseconds the item was inside by then.
    pub inside: i64,
    /// Why.
    pub why: Why,
}

impl Noted for Happening {
    fn id(&self) -> u64 {
        self.id
    }

    fn set_id(&mut self, id: u64) {
        self.id = id;
    }

    fn at(&self) -> Millis {
        self.at
    }

    fn key(&self) -> &str {
        &self.key
    }
}

/// The newest happenings.
pub type Happenings = Journal<Happening, { limits::FENCE_EVENTS }>;

/// The query of `…/fences/events`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HappeningsQuery {
    /// When, of which item, and which page.
    pub asked: Asked,
    /// Only at this fence.
    pub fence: Option<String>,
    /// Only this.
    pub kind: Option<What>,
}

impl HappeningsQuery {
    /// Reads name–value pairs; every wrong one is named.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut query = Self::default();
        read_pairs(pairs, |name, value| query.set(name, value))?;
        query.asked.check()?;
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        if self.asked.set(name, value)? {
            return Ok(());
        }
        match name {
            "fence" => self.fence = Some(value.to_owned()),
            "kind" => {
                self.kind = Some(match value {
                    "enter" => What::Enter,
                    "exit" => What::Exit,
                    "dwell" => What::Dwell,
                    _ => return Err(Wrong::Value("is enter, exit or dwell".to_owned())),
                });
            }
            _ => return Err(Wrong::Unknown("from, to, key, fence, kind, limit and after")),
        }
        Ok(())
    }

    /// Whether it asks for this.
    pub(super) fn fits(&self, h: &Happening) -> bool {
        self.asked.fits(h.fix.time, &h.key)
            && self.fence.as_ref().is_none_or(|fence| **fence == *h.fence)
            && self.kind.is_none_or(|kind| kind == h.what)
    }
}
