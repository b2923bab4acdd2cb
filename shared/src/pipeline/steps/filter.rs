//! `filter`: conditions on an event's parts.

use crate::event::Event;
use crate::pipeline::config::Filter;
use crate::pipeline::draft::part_of;
use crate::scores::rule::Condition;

/// Whether an event passes.
pub fn passes(event: &Event, rules: &Filter) -> bool {
    let all = |list: &[Condition]| list.iter().all(|c| c.holds(part_of(event, &c.field).as_ref()));
    all(&rules.keep) && (rules.drop.is_empty() || !all(&rules.drop))
}
