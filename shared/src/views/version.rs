//! The version of a view: what its entity tag begins with. The same version of the same address means the same bytes, for
//! whoever has the same rights, whatever the config is and was, and however much has been pruned.
//!
//! A cursor tells all that the log tells. What a view takes from elsewhere (rules, what is still kept, the clock, what a
//! freeze, players' rights or a narrowed grant leave out) is told by its bytes.

use crate::cursor::Cursor;
use crate::rights::Sight;
use crate::sights::{Eyes, Sights};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// The version of items, or of one: the cursor, for who sees all that is.
pub fn of_items(sights: &Sights, sight: &Sight, cursor: Cursor, body: &[u8]) -> String {
    let sees_all = sights.base(sight) == Eyes::Full && sights.own(sight).is_none() && sights.lens(sight).is_none();
    if sees_all { cursor.to_string() } else { of_content(cursor, body) }
}

/// The version of any other view: the cursor with a fingerprint of the bytes.
pub fn of_content(cursor: Cursor, body: &[u8]) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(body);
    format!("{cursor};h={:016x}", hasher.finish())
}
