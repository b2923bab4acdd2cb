//! Items and events as a narrowed grant shows them: without hidden fields, with coarse positions,
//! and only those that meet conditions.
//!
//! What is seen so is a copy that was never more: names, positions and items that are not shown are not in it. So
//! whatever is made of it (a frame, a table, a filter's answer) can't tell of them. Under a key for which several
//! grants speak, all that one of them shows is seen.

use crate::cursor::Seq;
use crate::event::Event;
use crate::items::{Item, Items};
use crate::position::Position;
use crate::rights::{Conditions, KeySet, Narrowed};
use crate::rollups::POSITION_FIELDS;
use crate::time::Millis;
use crate::views::filter::Condition;
use crate::zones::Zones;

/// How somebody sees what is narrowed, compiled once.
#[derive(Debug)]
pub struct Lens {
    whole: KeySet,
    parts: Vec<Part>,
    /// Where no positions are shown.
    zones: Zones,
}

/// What one grant shows.
#[derive(Debug)]
struct Part {
    keys: KeySet,
    /// Ascending.
    hidden: Vec<String>,
    /// All of them have to hold.
    wheres: Vec<Condition>,
    precision: Option<u8>,
    from: Option<Millis>,
    to: Option<Millis>,
}

impl Part {
    /// None where a condition can't be kept: then nothing is shown.
    fn of(keys: &KeySet, conditions: &Conditions) -> Option<Self> {
        // How often something is told is not a matter of what is seen: a relay asks for it by itself.
        let Conditions { history_from, history_to, delay_s: None, precision, hidden_fields, wheres, rate } =
            conditions.clone()
        else {
            return None;
        };
        if rate == Some(0) {
            return None;
        }
        let mut hidden = hidden_fields.unwrap_or_default();
        hidden.sort_unstable();
        let wheres = wheres.iter().flatten().map(|text| Condition::parse(text).ok()).collect::<Option<_>>()?;
        Some(Self { keys: keys.clone(), hidden, wheres, precision, from: history_from, to: history_to })
    }

    fn hides(&self, field: &str) -> bool {
        self.hidden.binary_search_by(|name| name.as_str().cmp(field)).is_ok()
            || self.precision.is_some() && POSITION_FIELDS.contains(&field)
    }

    /// Whether it shows history from a time to another, which does not belong to it.
    fn spans(&self, from: Millis, to: Millis) -> bool {
        self.from.is_none_or(|begin| begin <= from) && self.to.is_none_or(|end| to <= end)
    }
}

/// How something under a key is seen.
#[derive(Debug)]
enum Look<'l> {
    /// Not at all.
    Nothing,
    /// As it is.
    Whole,
    /// Less of it.
    Through(Through<'l>),
}

/// What the grants show that speak for a key.
#[derive(Debug)]
struct Through<'l>(Vec<&'l Part>);

impl Through<'_> {
    /// Whether a field is shown.
    fn shows(&self, field: &str) -> bool {
        self.0.iter().any(|part| !part.hides(field))
    }

    /// A position as it is shown.
    fn position(&self, position: Option<Position>) -> Option<Position> {
        let finest = self.0.iter().map(|part| part.precision.unwrap_or(u8::MAX)).max();
        position.map(|p| finest.filter(|decimals| *decimals < u8::MAX).map_or(p, |decimals| p.coarse(decimals)))
    }
}

impl Lens {
    /// Compiles it: all is seen where nothing is narrowed, but for positions in zones.
    pub fn new(narrowed: Option<&Narrowed>, zones: Zones) -> Self {
        let whole = narrowed.map_or(KeySet::All, |narrowed| narrowed.whole.clone());
        let parts = narrowed.iter().flat_map(|narrowed| &narrowed.parts);
        let parts = parts.filter_map(|(keys, conditions)| Part::of(keys, conditions)).collect();
        Self { whole, parts, zones }
    }

    /// Whether a field is hidden of every item, since it tells of positions that zones hide.
    pub fn zones_hide(&self, field: &str) -> bool {
        !self.zones.is_empty() && POSITION_FIELDS.contains(&field)
    }

    /// How something under a key is seen by the grants that speak for it, of those that fit.
    fn look(&self, key: &str, fits: impl Fn(&Part) -> bool) -> Look<'_> {
        if self.whole.allows(key) {
            return Look::Whole;
        }
        let parts: Vec<&Part> = self.parts.iter().filter(|part| part.keys.allows(key) && fits(part)).collect();
        if parts.is_empty() { Look::Nothing } else { Look::Through(Through(parts)) }
    }

    /// How an item is seen.
    fn item(&self, items: &Items, item: &Item) -> Look<'_> {
        let position = item.position();
        let shown = self.zones.shown(position);
        if shown != position && self.chooses() {
            // Where it is in a zone is not told by its coming and going either.
            let mut alone = Items::default();
            alone.adopt_some(items, item, &|_| true, shown, item.seq);
            return alone.iter().next().map_or(Look::Nothing, |(_, item)| self.meets(&alone, item));
        }
        self.meets(items, item)
    }

    fn meets(&self, items: &Items, item: &Item) -> Look<'_> {
        self.look(item.key(), |part| part.wheres.iter().all(|c| c.holds(items, item)))
    }

    /// Whether an item is seen at all.
    pub fn sees(&self, items: &Items, item: &Item) -> bool {
        !matches!(self.item(items, item), Look::Nothing)
    }

    /// Whether items come and go by what they are.
    pub fn chooses(&self) -> bool {
        self.parts.iter().any(|part| !part.wheres.is_empty())
    }

    /// Takes into a copy what an item is now, as it is seen; false when it is not seen. `now` is where the copy will be.
    pub fn take(&self, copy: &mut Items, from: &Items, item: &Item, now: Seq) -> bool {
        let position = self.zones.shown(item.position());
        match self.item(from, item) {
            Look::Nothing => return false,
            Look::Whole => copy.adopt_some(from, item, &|_| true, position, now),
            Look::Through(t) => copy.adopt_some(from, item, &|name| t.shows(name), t.position(position), now),
        }
        true
    }

    /// Items as they are seen.
    #[must_use]
    pub fn copy(&self, items: &Items) -> Items {
        let now = items.newest().map_or(0, |item| item.seq);
        let mut copy = Items::default();
        let mut order: Vec<&Item> = items.iter().map(|(_, item)| item).collect();
        order.sort_by_key(|item| item.seq);
        for item in order {
            self.take(&mut copy, items, item, now);
        }
        let ends = items.ends_since(0);
        if self.chooses() {
            // Which of those that are not there were there before is not known.
            copy.know_no_ends_before(ends.last().map_or(now, |(seq, _)| now.max(*seq)));
            return copy;
        }
        for (seq, key) in ends {
            copy.adopt_end(key, seq);
        }
        copy.know_ends_like(items);
        copy
    }

    /// How what was at a time is seen under a key.
    fn past(&self, key: &str, time: Millis) -> Look<'_> {
        self.look(key, |part| part.spans(time, time.plus(1)))
    }

    /// Whether only a part of the time is seen of something.
    pub fn is_bounded(&self) -> bool {
        self.parts.iter().any(|part| part.from.is_some() || part.to.is_some())
    }

    /// Whether what was at a time is seen under a key.
    pub fn sees_at(&self, key: &str, time: Millis) -> bool {
        !matches!(self.past(key, time), Look::Nothing)
    }

    /// Where something was at a time, as it is seen; none where nothing is.
    pub fn past_position(&self, key: &str, time: Millis, position: Option<Position>) -> Option<Position> {
        match self.past(key, time) {
            Look::Nothing => None,
            Look::Whole => self.zones.shown(position),
            Look::Through(through) => through.position(self.zones.shown(position)),
        }
    }

    /// An event as it is seen, if it is.
    pub fn event(&self, mut event: Event) -> Option<Event> {
        match self.past(&event.key, event.time) {
            Look::Nothing => return None,
            Look::Whole => event.position = self.zones.shown(event.position),
            Look::Through(through) => {
                event.fields.retain(|(name, _)| through.shows(name));
                event.position = through.position(self.zones.shown(event.position));
            }
        }
        Some(event)
    }

    /// Whether a field is shown under a key.
    pub fn shows(&self, key: &str, field: &str) -> bool {
        if self.zones_hide(field) {
            return false;
        }
        match self.look(key, |_| true) {
            Look::Nothing => false,
            Look::Whole => true,
            Look::Through(through) => through.shows(field),
        }
    }

    /// Whether a series of a field (none: of events) is shown from a time to another: of one item by one of the grants
    /// that speak for it, of many by all that show the field at all.
    pub fn spans(&self, key: Option<&str>, field: Option<&str>, from: Millis, to: Millis) -> bool {
        let mut parts = self.parts.iter().filter(|part| field.is_none_or(|field| !part.hides(field)));
        match key {
            Some(key) if self.whole.allows(key) => true,
            Some(key) => parts.any(|part| part.keys.allows(key) && part.spans(from, to)),
            None => parts.all(|part| part.spans(from, to)),
        }
    }

    /// One item as it is seen, alone among items.
    pub fn one(&self, from: &Items, item: &Item) -> Option<Items> {
        let mut alone = Items::default();
        self.take(&mut alone, from, item, item.seq).then_some(alone)
    }
}

#[cfg(test)]
pub(crate) mod tests;
