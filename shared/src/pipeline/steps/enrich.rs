//! `enrich`: fields that are known elsewhere.

use crate::cleaned::Cleaner;
use crate::event::Event;
use crate::pipeline::config::{Enrich, Missing};
use crate::pipeline::draft::{Draft, part_of, text_of};
use crate::position::Position;
use crate::problem::{Code, FieldError, excerpt};
use crate::value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of something that was looked up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// Its fields.
    #[serde(default)]
    pub fields: BTreeMap<String, Value>,
}

/// What an event looks up.
pub fn looked_up(event: &Event, rules: &Enrich) -> Option<String> {
    part_of(event, &rules.by).map(|v| text_of(&v))
}

/// Adds what is known; `None` when the event is filtered because nothing is.
pub fn enrich<'k>(
    event: Event,
    rules: &'k Enrich,
    known: impl FnOnce(&str) -> Option<&'k Known>,
    cleaner: &mut Cleaner,
) -> Result<Option<Event>, FieldError> {
    let wanted = looked_up(&event, rules);
    let mut draft = Draft::new(event);
    let copied = |name: &str| rules.fields.is_empty() || rules.fields.iter().any(|f| f == name);
    let mut found = false;
    if let Some(row) = wanted.as_ref().and_then(|w| rules.table.as_ref()?.get(w)) {
        found = true;
        for (name, value) in row.iter().filter(|(name, _)| copied(name)) {
            draft.set_field(&format!("{}{name}", rules.prefix), Some(value.clone()))?;
        }
    } else if let Some(item) = wanted.as_deref().and_then(known) {
        found = true;
        for (name, value) in item.fields.iter().filter(|(name, _)| copied(name)) {
            draft.set_field(&format!("{}{name}", rules.prefix), Some(value.clone()))?;
        }
        if let Some(p) = item.position.filter(|_| rules.fields.iter().any(|f| f == "position")) {
            draft.set("position.lat", Value::Number(p.lat()))?;
            draft.set("position.lon", Value::Number(p.lon()))?;
        }
    }
    match rules.missing {
        _ if found => {}
        Missing::Keep => {}
        Missing::Filter => return Ok(None),
        Missing::Refuse => {
            let what = wanted.map_or_else(|| "nothing".to_owned(), |w| format!("{:?}", excerpt(&w)));
            let message = format!("{} is {what}, which is not known to the step", rules.by);
            return Err(FieldError::new(crate::pipeline::draft::path(&rules.by), Code::NotKnown, message));
        }
    }
    draft.finish(cleaner).map(Some)
}
