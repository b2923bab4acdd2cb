//! Views over a board's items: what `…/items` answers.

pub mod events;
pub mod summary;

use crate::cursor::{Cursor, Seq};
use crate::grant::KeyFilter;
use crate::items::{ItemId, Items};
use crate::limits;
use crate::position::Bbox;
use crate::problem::{FieldError, Problem};
use serde_json::{Value, json};

/// The query of `…/items`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemsQuery {
    /// Only these keys.
    pub keys: Option<Vec<String>>,
    /// Only items in this box.
    pub bbox: Option<Bbox>,
    /// Only items that changed after this cursor.
    pub since: Option<Cursor>,
    /// Rows of a page.
    pub limit: Option<usize>,
    /// Where the page begins: the `next` of the page before.
    pub after: Option<u32>,
}

impl ItemsQuery {
    /// Reads name–value pairs; every error names the parameter.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut q = Self::default();
        let mut errors = Vec::new();
        for (name, value) in pairs {
            if let Err(message) = q.set(name, value) {
                let code = if message.starts_with("is not known") { "unknown_parameter" } else { "invalid_parameter" };
                errors.push(FieldError::new(name, code, format!("{name} {message}")));
            }
        }
        match errors.first() {
            None => Ok(q),
            Some(first) => {
                let (code, detail) = (first.code, first.message.clone());
                Err(Problem::new(400, code, detail).with_errors(errors))
            }
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "keys" => {
                let keys: Vec<String> = value.split(',').filter(|k| !k.is_empty()).map(str::to_owned).collect();
                if keys.len() > limits::KEYS_PER_SUBSCRIPTION {
                    return Err(format!("has at most {} keys", limits::KEYS_PER_SUBSCRIPTION));
                }
                self.keys = Some(keys);
            }
            "bbox" => {
                let numbers: Vec<f64> = value.split(',').map(|v| v.trim().parse().unwrap_or(f64::NAN)).collect();
                let four =
                    <[f64; 4]>::try_from(numbers).map_err(|_| "is west,south,east,north in degrees".to_owned())?;
                self.bbox = Some(Bbox::new(four).map_err(|e| format!("is wrong: {e}"))?);
            }
            "since" => self.since = Some(value.parse().map_err(|e| format!("is wrong: {e}"))?),
            "limit" => {
                let n: usize = value.parse().unwrap_or(0);
                if !(1..=limits::PAGE_ROWS_MAX).contains(&n) {
                    return Err(format!("is 1 to {}", limits::PAGE_ROWS_MAX));
                }
                self.limit = Some(n);
            }
            "after" => self.after = Some(value.parse().map_err(|_| "is the next of the page before".to_owned())?),
            _ => return Err("is not known; there are keys, bbox, since, limit and after".to_owned()),
        }
        Ok(())
    }

    /// Answers the query for somebody who may read `allowed`. `None` when `since` is of another life of the board,
    /// or ahead of it.
    pub fn answer(&self, items: &Items, cursor: Cursor, allowed: &KeyFilter) -> Option<Value> {
        let since: Seq = match self.since {
            None => 0,
            Some(c) if c.epoch == cursor.epoch && c.seq <= cursor.seq => c.seq,
            Some(_) => return None,
        };
        let limit = self.limit.unwrap_or(limits::PAGE_ROWS);
        let mut ids: Vec<ItemId> = match (&self.keys, self.since) {
            (Some(keys), _) => keys.iter().filter_map(|k| items.find(k)).collect(),
            (None, Some(_)) => items.changed_since(since).collect(),
            (None, None) => items.iter().map(|(id, _)| id).collect(),
        };
        ids.sort_unstable();
        ids.dedup();
        let mut list = Vec::new();
        let mut next = Value::Null;
        let mut last = None;
        for id in ids.into_iter().filter(|id| self.after.is_none_or(|a| id.0 > a)) {
            let Some(item) = items.get(id).filter(|i| i.seq > since && allowed.allows(&i.key)) else { continue };
            if let Some(b) = &self.bbox
                && !item.position.is_some_and(|p| b.contains(&p))
            {
                continue;
            }
            if list.len() == limit {
                next = last.map_or(Value::Null, |l: u32| l.to_string().into());
                break;
            }
            list.push(items.to_json(item, None));
            last = Some(id.0);
        }
        Some(json!({"cursor": cursor, "items": list, "next": next}))
    }
}

#[cfg(test)]
mod tests;
