//! Reading a track: from its pages and from memory.

use super::fix::{Fix, in_order};
use super::place::{Day, PageId};
use super::{Tracks, page};
use crate::codec::DecodeError;
use crate::time::Millis;
use std::ops::Range;

/// Stored pages.
pub trait Pages {
    /// Why they can't be read.
    type Error: From<DecodeError>;

    /// Shows the pages from a number to another, in the order of their numbers, until `each` wants no more.
    fn pages(
        &self,
        first: u64,
        last: u64,
        each: &mut dyn FnMut(&[u8]) -> Result<bool, DecodeError>,
    ) -> Result<(), Self::Error>;
}

/// A track has more fixes than may be read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

impl Tracks {
    /// The fixes of a key from a time to another, which does not belong to it, in the order of their times; at most so many.
    pub fn fixes<P: Pages>(
        &self,
        key: &str,
        span: &Range<Millis>,
        most: usize,
        pages: &P,
    ) -> Result<Result<Vec<Fix>, TooMany>, P::Error> {
        let Some(track) = self.names.find(key).filter(|_| self.rules.enabled) else { return Ok(Ok(Vec::new())) };
        let kept = self.kept_from();
        let from = span.start.max(kept.start());
        if from >= span.end {
            return Ok(Ok(Vec::new()));
        }
        let wanted = |fix: &Fix| fix.time >= from && fix.time < span.end;
        let mut found: Vec<Fix> = Vec::new();
        let (first, last) = PageId::range(track.part(), Day::of(from), Day::of(span.end.plus(-1)));
        pages.pages(first, last, &mut |bytes| {
            if !bytes.is_empty() {
                found.extend(page::one(bytes, track.slot())?.into_iter().filter(wanted));
            }
            Ok(found.len() <= most)
        })?;
        let fresh = self.parts.get(track.part() as usize).map_or(&[][..], |part| &part.fresh);
        found.extend(fresh.iter().filter(|(slot, _)| *slot == track.slot()).map(|(_, fix)| *fix).filter(wanted));
        in_order(&mut found);
        Ok(if found.len() <= most { Ok(found) } else { Err(TooMany) })
    }
}
