//! `…/items`: which items, which of their columns, which page.

mod page;

use super::columns::{POSITION, Selection, Visible, kinds};
use super::filter::{Bound, Condition, Name};
use super::format::Format;
use super::query::{Wrong, read_pairs, refuse};
use crate::cursor::{Cursor, Seq};
use crate::items::{Item, ItemId, Items};
use crate::limits;
use crate::past::At;
use crate::position::Bbox;
use crate::problem::{Code, FieldError, Problem};
use crate::rights::{KeySet, Narrowed, Sight};

/// The query of `…/items`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemsQuery {
    /// Only these keys.
    pub keys: Option<Vec<String>>,
    /// Only items in this box.
    pub bbox: Option<Bbox>,
    /// Only keys that begin so.
    pub prefix: Option<String>,
    /// Conditions on columns, all of which must hold, with the parameter that each came from.
    pub conditions: Vec<(&'static str, Condition)>,
    /// The columns besides key, time and seq; all when absent.
    pub fields: Option<Vec<Name>>,
    /// Only items that changed after this cursor.
    pub since: Option<Cursor>,
    /// As they were then.
    pub at: Option<At>,
    /// Rows of a page.
    pub limit: Option<usize>,
    /// Where the page begins: the `next` of the page before.
    pub after: Option<u32>,
    /// In which form.
    pub format: Format,
}

/// A page of a view in its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The bytes.
    pub body: Vec<u8>,
    /// The `after` of the next page, when there is one.
    pub next: Option<u32>,
    /// Items that were looked at for it, each condition anew.
    pub looked_at: u64,
}

impl ItemsQuery {
    /// Reads name–value pairs; every error names the parameter.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut q = Self::default();
        read_pairs(pairs, |name, value| q.set(name, value))?;
        if q.at.is_some() && q.since.is_some() {
            let message = "since tells what is new, and at how it was: ask for one of them";
            refuse(vec![FieldError::new("since", Code::InvalidParameter, message)])?;
        }
        Ok(q)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Wrong> {
        match name {
            "keys" => {
                let keys: Vec<String> = value.split(',').filter(|k| !k.is_empty()).map(str::to_owned).collect();
                if keys.len() > limits::KEYS_PER_SUBSCRIPTION {
                    return Err(format!("has at most {} keys", limits::KEYS_PER_SUBSCRIPTION).into());
                }
                self.keys = Some(keys);
            }
            "bbox" => {
                let numbers: Vec<f64> = value.split(',').map(|v| v.trim().parse().unwrap_or(f64::NAN)).collect();
                let four =
                    <[f64; 4]>::try_from(numbers).map_err(|_| "is west,south,east,north in degrees".to_owned())?;
                self.bbox = Some(Bbox::new(four).map_err(|e| format!("is wrong: {e}"))?);
            }
            "prefix" => self.prefix = Some(value.to_owned()),
            "where" => self.condition("where", Condition::parse(value)?)?,
            "group" => self.condition("group", Condition::group(value)?)?,
            "fields" => self.fields = Some(names(value)?),
            "since" => self.since = Some(value.parse().map_err(|e| format!("is wrong: {e}"))?),
            "at" => self.at = Some(At::parse(value)?),
            "limit" => {
                let n: usize = value.parse().unwrap_or(0);
                if !(1..=limits::PAGE_ROWS_MAX).contains(&n) {
                    return Err(format!("is 1 to {}", limits::PAGE_ROWS_MAX).into());
                }
                self.limit = Some(n);
            }
            "after" => self.after = Some(value.parse().map_err(|_| "is the next of the page before".to_owned())?),
            "format" => self.format = Format::parse(value, Format::ITEMS)?,
            _ => {
                return Err(Wrong::Unknown(
                    "keys, prefix, bbox, group, where, fields, since, at, limit, after and format",
                ));
            }
        }
        Ok(())
    }

    fn condition(&mut self, parameter: &'static str, condition: Condition) -> Result<(), Wrong> {
        if self.conditions.len() == limits::WHERE_CONDITIONS {
            return Err(format!("stands for at most {} conditions", limits::WHERE_CONDITIONS).into());
        }
        self.conditions.push((parameter, condition));
        Ok(())
    }

    /// Refuses what a credential does not let be asked: filters by fields that it hides, and their columns.
    pub fn check_for(&self, sight: &Sight) -> Result<(), Problem> {
        let Some(narrowed) = &sight.narrowed else { return Ok(()) };
        let conditions = self.conditions.iter().map(|(parameter, c)| (*parameter, c.name()));
        let columns = self.fields.iter().flatten().map(|name| ("fields", name));
        refuse_hidden(narrowed, conditions.chain(columns))
    }

    /// Answers the query for somebody who may read `allowed`. Refused when `since` is of another life of the board, or
    /// ahead of it.
    pub fn answer(&self, items: &Items, cursor: Cursor, allowed: &KeySet) -> Result<Page, Problem> {
        let since: Seq = match self.since {
            None => 0,
            Some(c) if c.epoch == cursor.epoch && c.seq <= cursor.seq => c.seq,
            Some(_) => {
                let detail =
                    "since is of another life of this board, or ahead of it; read without since and begin anew";
                return Err(Problem::new(Code::CursorGone, detail));
            }
        };
        let limit = self.limit.unwrap_or(limits::PAGE_ROWS);
        if self.since.is_some() && !items.knows_ends_since(since) {
            let detail = "items ended since then of which nothing is known any more; read without since and begin anew";
            return Err(Problem::new(Code::CursorGone, detail));
        }
        let mut ids: Vec<ItemId> = match (&self.keys, self.since) {
            (Some(keys), _) => keys.iter().filter_map(|k| items.find(k)).collect(),
            (None, Some(_)) => items.changed_since(since).collect(),
            (None, None) => items.iter().map(|(id, _)| id).collect(),
        };
        ids.sort_unstable();
        ids.dedup();
        let visible = Visible::new(items, allowed);
        let bound = self.conditions.iter().map(|(parameter, c)| c.on(parameter, &visible));
        let bound: Vec<Bound<'_>> = bound.collect::<Result<_, _>>()?;
        let selection = selection(self.fields.as_deref(), &visible)?;
        let (mut looked_at, all) = (0_u64, ids.len() as u64);
        let wanted = |item: &Item| {
            item.seq > since
                && allowed.allows(item.key())
                && self.prefix.as_ref().is_none_or(|prefix| item.key().starts_with(prefix))
                && bound.iter().all(|b| b.holds(item))
                && self.bbox.as_ref().is_none_or(|b| item.position().is_some_and(|p| b.contains(&p)))
        };
        let mut found = ids
            .into_iter()
            .filter(|id| self.after.is_none_or(|a| id.0 > a))
            .filter_map(|id| Some((id, items.get(id)?)))
            .filter(|(_, item)| {
                looked_at += 1;
                wanted(item)
            });
        let rows: Vec<(ItemId, &Item)> = found.by_ref().take(limit).collect();
        let next = found.next().and(rows.last()).map(|(id, _)| id.0);
        drop(found);
        let rows: Vec<&Item> = rows.into_iter().map(|(_, item)| item).collect();
        let ends = self.since.filter(|_| self.after.is_none()).map(|since| items.ended_since(since.seq));
        // Numbers of items are put in order for little; which columns somebody sees is told by all that it sees.
        let at_all = if allowed.is_all() { all / 16 } else { all } + ends.as_ref().map_or(0, Vec::len) as u64;
        let looked_at = looked_at * (1 + self.conditions.len() as u64) + at_all;
        let ended = ends.map(|ids| self.ended(items, &ids, allowed));
        let kinds = kinds(self.format, items, allowed);
        let page = page::Rows { items, selection: &selection, kinds: &kinds, cursor, rows: &rows, ended, next };
        Ok(Page { body: page.write(self.format), next, looked_at: looked_at + self.format.work(items.len()) })
    }

    /// The keys of items that ended, for the first page: what they were cannot be asked for any more, so conditions do not
    /// leave them out.
    fn ended<'i>(&self, items: &'i Items, ids: &[ItemId], allowed: &KeySet) -> Vec<&'i str> {
        let wanted = |key: &&str| {
            allowed.allows(key)
                && self.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix))
                && self.keys.as_ref().is_none_or(|keys| keys.iter().any(|k| k == key))
        };
        ids.iter().filter_map(|id| items.key_of(*id)).filter(wanted).collect()
    }
}

/// Refuses parameters that name fields which a credential hides.
fn refuse_hidden<'n>(
    narrowed: &Narrowed,
    mut names: impl Iterator<Item = (&'static str, &'n Name)>,
) -> Result<(), Problem> {
    let refused = names.try_for_each(|(parameter, name)| narrowed.refuse(parameter, name));
    refused.map_err(|e| Problem::about(Code::HiddenField.status(), e))
}

/// Reads the value of `fields`.
fn names(value: &str) -> Result<Vec<Name>, String> {
    let mut names = Vec::new();
    for name in value.split(',').filter(|n| !n.is_empty()) {
        if name == "position" {
            names.extend((0..POSITION.len()).map(Name::Position));
        } else {
            names.push(Name::parse(name)?);
        }
        if names.len() > limits::FIELDS_PER_BOARD {
            return Err(format!("names at most {} columns", limits::FIELDS_PER_BOARD));
        }
    }
    Ok(names)
}

/// The columns that were asked for.
fn selection(fields: Option<&[Name]>, visible: &Visible<'_>) -> Result<Selection, Problem> {
    let Some(names) = fields else { return Ok(Selection::all(visible)) };
    let columns = names.iter().map(|name| name.resolve("fields", visible));
    Ok(Selection::of(columns.collect::<Result<Vec<_>, _>>()?.into_iter().flatten()))
}

/// The query of `…/items/{key}`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemQuery {
    /// The columns besides key, time and seq; all when absent.
    pub fields: Option<Vec<Name>>,
    /// As it was then.
    pub at: Option<At>,
    /// In which form.
    pub format: Format,
}

impl ItemQuery {
    /// Reads name–value pairs; every error names the parameter.
    pub fn parse<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Self, Problem> {
        let mut q = Self::default();
        read_pairs(pairs, |name, value| {
            match name {
                "fields" => q.fields = Some(names(value)?),
                "at" => q.at = Some(At::parse(value)?),
                "format" => q.format = Format::parse(value, Format::ITEMS)?,
                _ => return Err(Wrong::Unknown("fields, at and format")),
            }
            Ok(())
        })?;
        Ok(q)
    }

    /// Refuses columns of fields that a credential hides.
    pub fn check_for(&self, sight: &Sight) -> Result<(), Problem> {
        let Some(narrowed) = &sight.narrowed else { return Ok(()) };
        refuse_hidden(narrowed, self.fields.iter().flatten().map(|name| ("fields", name)))
    }

    /// The item, for somebody who may read `allowed`.
    pub fn answer(&self, items: &Items, key: &str, allowed: &KeySet) -> Result<Vec<u8>, Problem> {
        let item = items.find(key).and_then(|id| items.get(id)).filter(|_| allowed.allows(key));
        let Some(item) = item else {
            let detail = "the board has no such item, or you may not see it";
            return Err(Problem::new(Code::ItemNotFound, detail));
        };
        let selection = selection(self.fields.as_deref(), &Visible::new(items, allowed))?;
        Ok(page::one(self.format, (items, &selection, &[]), item))
    }
}

#[cfg(test)]
mod tests;
