//! How many are there, and who: of one relay, or of several together.

use super::{Member, Named};
use crate::limits;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// Who is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Roster {
    /// Connections, also of those who have no name or are not listed.
    pub count: u32,
    /// Those with a name, by their ids; the first [`limits::PRESENCE_MEMBERS`] in that order. The first of several rosters
    /// together are among the first of each, so the list of the whole is the same however it was put together.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<String, Member>,
}

impl Roster {
    /// Of these connections, some of which have a name.
    pub fn of(connections: impl Iterator<Item = Option<Named>>) -> Self {
        let mut roster = Self::default();
        for named in connections {
            roster.count = roster.count.saturating_add(1);
            if let Some(Named { id, name }) = named {
                roster.members.entry(id).or_insert(Member { name, connections: 0 }).connections += 1;
            }
        }
        roster.bounded()
    }

    /// Takes another's connections in. The list may become longer than one that is told.
    pub fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        for (id, theirs) in &other.members {
            match self.members.get_mut(id) {
                Some(mine) => mine.connections = mine.connections.saturating_add(theirs.connections),
                None => drop(self.members.insert(id.clone(), theirs.clone())),
            }
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.add(other);
        self.bounded()
    }

    /// What is left of a sum without one part of it.
    #[must_use]
    pub fn without(&self, part: &Self) -> Self {
        let left = self.members.iter().filter_map(|(id, all)| {
            let theirs = part.members.get(id).map_or(0, |member| member.connections);
            let connections = all.connections.saturating_sub(theirs);
            (connections > 0).then(|| (id.clone(), Member { name: all.name.clone(), connections }))
        });
        let members = left.take(limits::PRESENCE_MEMBERS).collect();
        Self { count: self.count.saturating_sub(part.count), members }
    }

    /// What is told of it: with names, or only how many.
    #[must_use]
    pub fn seen(&self, names: bool) -> Self {
        if names { self.clone() } else { Self { count: self.count, members: BTreeMap::new() } }
    }

    /// Tells two rosters apart that are told the same way.
    pub fn mark(&self) -> String {
        let mut hasher = SipHasher13::new();
        self.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    fn bounded(mut self) -> Self {
        if let Some(beyond) = self.members.keys().nth(limits::PRESENCE_MEMBERS).cloned() {
            drop(self.members.split_off(&beyond));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn roster(ids: &[u16]) -> Roster {
        let named = |i: &u16| Named { id: format!("m{i:04}"), name: format!("n{i}") };
        Roster::of(ids.iter().map(|i| (*i > 0).then(|| named(i))))
    }

    proptest! {
        #[test]
        fn the_list_of_the_whole_is_the_same_however_it_is_put_together(parts in vec(vec(0..400_u16, 0..300), 1..5)) {
            let all: Vec<u16> = parts.iter().flatten().copied().collect();
            let whole = roster(&all);
            let sum = parts.iter().fold(Roster::default(), |sum, part| sum.and(&roster(part)));
            prop_assert_eq!(sum.count as usize, all.len());
            prop_assert!(sum.members.len() <= limits::PRESENCE_MEMBERS);
            prop_assert!(sum.members.keys().eq(whole.members.keys()));
            // As a board does it: everything together, then for each relay without its own, which puts its own back.
            let mut total = Roster::default();
            parts.iter().for_each(|part| total.add(&roster(part)));
            for part in &parts {
                let own = roster(part);
                let seen = own.clone().and(&total.without(&own));
                prop_assert_eq!(seen.count as usize, all.len());
                prop_assert!(seen.members.keys().eq(whole.members.keys()));
            }
        }
    }

    #[test]
    fn one_who_has_several_connections_is_one_member_and_several_in_the_count() {
        let both = roster(&[1, 1, 2, 0]).and(&roster(&[1, 0]));
        let connections: Vec<u32> = both.members.values().map(|member| member.connections).collect();
        assert_eq!((both.count, connections), (6, vec![3, 1]));
        assert_eq!(both.seen(false), Roster { count: 6, ..Roster::default() });
        assert_ne!(both.mark(), both.seen(false).mark());
    }
}
