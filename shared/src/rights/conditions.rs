//! What narrows a grant beside its keys.

use super::{KeySet, Operation};
use crate::delay::Delay;
use crate::limits;
use crate::problem::{Code, FieldError};
use crate::rollups::POSITION_FIELDS;
use crate::time::Millis;
use crate::views::filter::{self, Condition, Name};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};

/// What a grant is narrowed by. All of it holds together. A part that can't be kept is refused when something is minted
/// with it, and allows nothing should it come from elsewhere: a condition is never ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Conditions {
    /// History from this event time on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_from: Option<Millis>,
    /// History before this event time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_to: Option<Millis>,
    /// Everything so many seconds later, as it was then by when things arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = limits::DELAY_SECONDS)))]
    pub delay_s: Option<u32>,
    /// Positions to so many decimals of a degree, without heading, speed, altitude and accuracy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = limits::PRECISION_DECIMALS)))]
    pub precision: Option<u8>,
    /// Without these fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::HIDDEN_FIELDS)))]
    pub hidden_fields: Option<Vec<String>>,
    /// Only items that meet these conditions now, each `column:operator:value`.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = limits::WHERE_CONDITIONS)))]
    pub wheres: Option<Vec<String>>,
    /// On the feed at most so many updates a minute of what is followed, the newest last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = limits::RATE_PER_MINUTE)))]
    pub rate: Option<u32>,
}

/// What is wrong with a part of the conditions: its name, and a sentence.
type Wrong = (&'static str, Code, String);

impl Conditions {
    /// Whether nothing is narrowed.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Refuses what can't be kept in a grant of these operations.
    pub(super) fn check(&self, operations: &[Operation]) -> Result<(), Wrong> {
        // All parts are named, so that a new one can't be forgotten here.
        let Self { history_from, history_to, delay_s, precision, hidden_fields, wheres, rate } = self;
        if let Some(part) = self.first()
            && let Some(other) = operations.iter().find_map(|o| match o {
                Operation::Read | Operation::History => None,
                Operation::Publish => Some("publish"),
                Operation::Presence => Some("presence"),
                Operation::Manage => Some("manage"),
            })
        {
            let message = format!("conditions narrow what is read: give {other} in a grant of its own, without them");
            return Err((part, Code::Invalid, message));
        }
        let has_history = operations.contains(&Operation::History);
        if wheres.is_some() && has_history {
            // What an item was when an event came is not known of each event.
            let message = "conditions.where is kept of what is now: give history in a grant of its own, without it";
            return Err(("where", Code::NotBuilt, message.to_owned()));
        }
        for (part, at) in [("history_from", history_from), ("history_to", history_to)] {
            if at.is_some() && !has_history {
                let message = format!("conditions.{part} narrows history, which the grant does not allow");
                return Err((part, Code::Invalid, message));
            }
        }
        if history_from.zip(*history_to).is_some_and(|(from, to)| from >= to) {
            let message = "conditions.history_to is after history_from; they may have been exchanged";
            return Err(("history_to", Code::Invalid, message.to_owned()));
        }
        if precision.is_some_and(|decimals| decimals > limits::PRECISION_DECIMALS) {
            let message = format!("conditions.precision is 0 to {} decimals", limits::PRECISION_DECIMALS);
            return Err(("precision", Code::OutOfRange, message));
        }
        if delay_s.is_some_and(|seconds| Delay::new(seconds).is_none()) {
            let message = format!("conditions.delay_s is 1 to {} seconds", limits::DELAY_SECONDS);
            return Err(("delay_s", Code::OutOfRange, message));
        }
        if rate.is_some_and(|rate| !(1..=limits::RATE_PER_MINUTE).contains(&rate)) {
            let message = format!("conditions.rate is 1 to {} updates a minute", limits::RATE_PER_MINUTE);
            return Err(("rate", Code::OutOfRange, message));
        }
        if rate.is_some() && !operations.contains(&Operation::Read) {
            let message = "conditions.rate narrows the feed, which the grant does not allow: it has no read";
            return Err(("rate", Code::Invalid, message.to_owned()));
        }
        hidden_fields.as_deref().map_or(Ok(()), check_names)?;
        wheres.as_deref().map_or(Ok(()), check_wheres)
    }

    /// The name of a part that is set.
    fn first(&self) -> Option<&'static str> {
        let Self { history_from, history_to, delay_s, precision, hidden_fields, wheres, rate } = self;
        let parts = [
            ("history_from", history_from.is_some()),
            ("history_to", history_to.is_some()),
            ("delay_s", delay_s.is_some()),
            ("precision", precision.is_some()),
            ("hidden_fields", hidden_fields.is_some()),
            ("where", wheres.is_some()),
            ("rate", rate.is_some()),
        ];
        parts.iter().find(|(_, is_set)| *is_set).map(|(name, _)| *name)
    }

    /// In one form, whatever order they were said in.
    #[must_use]
    pub(super) fn in_order(mut self) -> Self {
        for list in [&mut self.hidden_fields, &mut self.wheres].into_iter().flatten() {
            list.sort_unstable();
            list.dedup();
        }
        self
    }

    /// Those that narrow what is now.
    pub(super) fn of_present(&self) -> Self {
        Self { history_from: None, history_to: None, ..self.clone() }
    }

    /// Those that narrow what was.
    pub(super) fn of_past(&self) -> Self {
        Self { rate: None, ..self.clone() }
    }

    /// Whether who has these may pass `wanted` on: those narrow at least as much, in every part.
    pub(super) fn cover(&self, wanted: &Self) -> bool {
        /// Whether a limit that is wanted is there and as narrow as the own one, if there is an own one.
        fn within<T: Copy>(mine: Option<T>, wanted: Option<T>, narrower: impl Fn(T, T) -> bool) -> bool {
            mine.is_none_or(|mine| wanted.is_some_and(|wanted| narrower(wanted, mine)))
        }
        let all = |mine: Option<&Vec<String>>, wanted: Option<&Vec<String>>| {
            let wanted: BTreeSet<&String> = wanted.into_iter().flatten().collect();
            mine.into_iter().flatten().all(|one| wanted.contains(one))
        };
        let Self { history_from, history_to, delay_s, precision, hidden_fields, wheres, rate } = self;
        // By conditions of its own choice somebody could find out what it is not shown.
        let own: BTreeSet<&String> = wheres.iter().flatten().collect();
        let added = wanted.wheres.iter().flatten().filter(|text| !own.contains(text));
        let blind = |text: &String| Condition::parse(text).is_ok_and(|c| !self.conceals(c.name()));
        added.into_iter().all(blind)
            && within(*history_from, wanted.history_from, |w, m| w >= m)
            && within(*history_to, wanted.history_to, |w, m| w <= m)
            && within(*delay_s, wanted.delay_s, |w, m| w >= m)
            && within(*precision, wanted.precision, |w, m| w <= m)
            && within(*rate, wanted.rate, |w, m| w <= m)
            && all(hidden_fields.as_ref(), wanted.hidden_fields.as_ref())
            && all(wheres.as_ref(), wanted.wheres.as_ref())
    }

    /// Whether what a condition reads is shown less than it is.
    fn conceals(&self, name: &Name) -> bool {
        match name {
            Name::Key | Name::Time | Name::Seq => false,
            Name::Position(_) => self.precision.is_some(),
            Name::Field(field) => self.hides(field),
        }
    }

    fn hides(&self, field: &str) -> bool {
        self.hidden_fields.iter().flatten().any(|name| name == field)
            || self.precision.is_some() && POSITION_FIELDS.contains(&field)
    }

    /// About the bytes of its texts.
    pub fn weight(&self) -> usize {
        self.hidden_fields.iter().chain(&self.wheres).flatten().map(|text| 24 + text.len()).sum()
    }
}

fn check_names(names: &[String]) -> Result<(), Wrong> {
    let part = "hidden_fields";
    if names.is_empty() || names.len() > limits::HIDDEN_FIELDS {
        let message = format!("conditions.{part} names 1 to {} fields", limits::HIDDEN_FIELDS);
        return Err((part, Code::Invalid, message));
    }
    if let Some(name) = names.iter().find(|name| name.starts_with("position.")) {
        let name = crate::problem::excerpt(name);
        let message = format!("conditions.{part} names {name:?}: parts of a position are narrowed by precision");
        return Err((part, Code::Invalid, message));
    }
    if let Some(name) = names.iter().find(|name| name.is_empty() || name.len() > limits::FIELD_NAME_BYTES) {
        let name = crate::problem::excerpt(name);
        let message =
            format!("conditions.{part} names {name:?}: a field's name has 1 to {} bytes", limits::FIELD_NAME_BYTES);
        return Err((part, Code::Invalid, message));
    }
    Ok(())
}

fn check_wheres(wheres: &[String]) -> Result<(), Wrong> {
    let part = "where";
    if wheres.is_empty() || wheres.len() > limits::WHERE_CONDITIONS {
        let message = format!("conditions.{part} has 1 to {} conditions", limits::WHERE_CONDITIONS);
        return Err((part, Code::Invalid, message));
    }
    let wrong = wheres.iter().find_map(|text| filter::Condition::parse(text).err());
    wrong.map_or(Ok(()), |why| Err((part, Code::Invalid, format!("conditions.{part}: {why}"))))
}

/// What somebody sees of keys that it does not read whole: for each key all that one of its grants shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Narrowed {
    /// Keys of which everything is seen.
    pub whole: KeySet,
    /// Other keys, each with what narrows them.
    pub parts: Vec<(KeySet, Conditions)>,
}

impl Narrowed {
    /// What the rules of one operation say together; none where all is seen whole.
    pub(super) fn of<'r>(rules: impl Iterator<Item = (&'r KeySet, Conditions)>) -> Option<Box<Self>> {
        let mut narrowed = Self { whole: KeySet::Nothing, parts: Vec::new() };
        for (keys, conditions) in rules {
            if conditions.is_none() {
                narrowed.whole = narrowed.whole.or(keys);
            } else if let Some((same, _)) = narrowed.parts.iter_mut().find(|(_, c)| *c == conditions) {
                *same = std::mem::take(same).or(keys);
            } else {
                narrowed.parts.push((keys.clone(), conditions));
            }
        }
        let whole = narrowed.whole.clone();
        narrowed.parts.retain(|(keys, _)| !whole.covers(keys));
        (!narrowed.parts.is_empty()).then(|| Box::new(narrowed))
    }

    /// Milliseconds that lie between two updates on the feed at least: those of the slowest grant.
    pub fn pace_millis(&self) -> u32 {
        let slowest = self.parts.iter().filter_map(|(_, conditions)| conditions.rate).min();
        slowest.map_or(0, |rate| 60_000_u32.div_ceil(rate.max(1)))
    }

    /// How much later all of it is seen: the longest of the delays counts for everything.
    pub fn delay(&self) -> Option<Delay> {
        let longest = self.parts.iter().filter_map(|(_, conditions)| conditions.delay_s).max();
        longest.and_then(Delay::new)
    }

    /// What narrows beside the delay, for whoever has seen to that; none where nothing else does.
    pub fn without_delay(&self) -> Option<Box<Self>> {
        let whole = std::iter::once((&self.whole, Conditions::default()));
        let parts = self.parts.iter().map(|(keys, c)| (keys, Conditions { delay_s: None, ..c.clone() }));
        Self::of(whole.chain(parts))
    }

    /// A number that is the same where the same is seen.
    pub fn mark(&self) -> u64 {
        let mut h = SipHasher13::new();
        h.write_u64(self.whole.mark());
        for (keys, conditions) in &self.parts {
            h.write_u64(keys.mark());
            conditions.hash(&mut h);
        }
        h.finish()
    }

    /// Whether a field is hidden under every key.
    pub fn hides(&self, field: &str) -> bool {
        self.whole.is_nothing() && self.parts.iter().all(|(_, c)| c.hides(field))
    }

    /// Refuses to filter, group or choose by a field that is hidden: its values could be deduced.
    ///
    /// # Errors
    /// `hidden_field` at the parameter.
    pub fn refuse(&self, parameter: &str, name: &filter::Name) -> Result<(), FieldError> {
        let filter::Name::Field(field) = name else { return Ok(()) };
        if !self.hides(field) {
            return Ok(());
        }
        let field = crate::problem::excerpt(field);
        let message = format!("{parameter} names the field {field:?}, which your credential does not show");
        Err(FieldError::new(parameter, Code::HiddenField, message))
    }
}
