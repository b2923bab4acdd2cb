//! What is known of a key besides its events' worth.

use super::rule::ScoreRules;
use super::scored::EventView;
use crate::codec::{DecodeError, Reader, Writer};
use crate::time::Millis;
use crate::value::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// Longest name of a key or a group in bytes: longer ones are not taken for names.
const NAME_BYTES: usize = 200;

/// What is known of keys.
pub type Known = HashMap<Arc<str>, Attributes>;

/// What is known of a key besides its events' worth: of each, what the latest event time says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes {
    /// Its name for people.
    pub name: Option<Arc<str>>,
    /// Its value per grouping.
    pub groups: Vec<Option<Arc<str>>>,
    named_at: Millis,
    grouped_at: Vec<Millis>,
}

/// What one event says of its key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Its name.
    pub name: Option<Arc<str>>,
    /// Its value per grouping.
    pub groups: Vec<Option<Arc<str>>>,
}

impl Said {
    /// Reads an event.
    pub fn by(event: &EventView<'_>, rules: &ScoreRules) -> Self {
        let text = |v: Value| -> Arc<str> {
            match v {
                Value::Text(t) => t.into(),
                Value::Number(n) => n.to_string().into(),
                Value::Bool(b) => b.to_string().into(),
            }
        };
        let named = |field: &str| event.field(field).map(text).filter(|t| !t.is_empty() && t.len() <= NAME_BYTES);
        Self { name: named(&rules.name), groups: rules.groups.iter().map(|g| named(g)).collect() }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.groups.iter().all(Option::is_none)
    }
}

impl Attributes {
    /// Nothing is known yet.
    pub fn new(groupings: usize) -> Self {
        let never = Millis(i64::MIN);
        Self { name: None, groups: vec![None; groupings], named_at: never, grouped_at: vec![never; groupings] }
    }

    /// Writes it.
    pub(super) fn write(&self, w: &mut Writer) {
        let named = std::iter::once((&self.name, &self.named_at));
        for (text, at) in named.chain(self.groups.iter().zip(&self.grouped_at)) {
            match text {
                None => w.u8(0),
                Some(text) => {
                    w.u8(1);
                    w.text(text);
                    w.zigzag(at.0);
                }
            }
        }
    }

    /// Reads what [`Attributes::write`] wrote.
    pub(super) fn read(r: &mut Reader<'_>, groupings: usize) -> Result<Self, DecodeError> {
        let mut known = Self::new(groupings);
        let named = std::iter::once((&mut known.name, &mut known.named_at));
        for (text, at) in named.chain(known.groups.iter_mut().zip(&mut known.grouped_at)) {
            if r.u8()? != 0 {
                *text = Some(r.text()?.into());
                *at = Millis(r.zigzag()?);
            }
        }
        Ok(known)
    }

    /// Takes what an event of this time says. True when something is known otherwise now.
    pub fn note(&mut self, said: &Said, time: Millis) -> bool {
        let known = self.groups.iter_mut().zip(&mut self.grouped_at).zip(&said.groups);
        let fields = std::iter::once(((&mut self.name, &mut self.named_at), &said.name)).chain(known);
        let mut changed = false;
        for ((known, at), said) in fields.filter(|((_, at), said)| said.is_some() && time >= **at) {
            *at = time;
            changed |= known != said;
            known.clone_from(said);
        }
        changed
    }
}
