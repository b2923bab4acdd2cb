//! What is known of keys, as bytes.

use crate::codec::{DecodeError, Reader, Writer};
use crate::scores::attributes::{Attributes, Known};
use crate::scores::rule::ScoreRules;
use std::sync::Arc;

pub fn write(w: &mut Writer, known: &Known) {
    w.varint(known.len() as u64);
    for (key, attributes) in known {
        w.text(key);
        attributes.write(w);
    }
}

pub fn read(r: &mut Reader<'_>, rules: &ScoreRules) -> Result<Known, DecodeError> {
    let n = r.count()?;
    let mut known = Known::with_capacity(n);
    for _ in 0..n {
        let key: Arc<str> = r.text()?.into();
        known.insert(key, Attributes::read(r, rules.groups.len())?);
    }
    Ok(known)
}
