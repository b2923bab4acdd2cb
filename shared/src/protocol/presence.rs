//! The feed's message of who is there, in both modes.

use super::SubId;
use super::frame::{begin, kind, write_cursor};
use crate::codec::{DecodeError, Reader};
use crate::cursor::{Cursor, Epoch};
use crate::presence::{Member, Roster};
use serde_json::{Value, json};

const SNAPSHOT: u8 = 1;
const NAMES: u8 = 2;

/// A member as a message tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberRow<'a> {
    /// The member's id.
    pub id: &'a str,
    /// For people.
    pub name: &'a str,
    /// How many connections it has.
    pub connections: u32,
}

/// Who is there, or what changed of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceFrame<'a> {
    /// Which subscription.
    pub sub: SubId,
    /// The board as its relay knows it: to be acknowledged. Who is there is of no place in the log.
    pub cursor: Cursor,
    /// Whether it is everything; otherwise it is what changed since the message before.
    pub snapshot: bool,
    /// Connections now.
    pub count: u32,
    /// Connections that came since the message before.
    pub joined: u32,
    /// Connections that went.
    pub left: u32,
    /// Members: all of them, or those that are new or have another number of connections. None where names are not told.
    pub members: Option<Vec<MemberRow<'a>>>,
    /// Ids of members that are not listed any more.
    pub gone: Vec<&'a str>,
}

fn row<'a>((id, member): (&'a String, &'a Member)) -> MemberRow<'a> {
    MemberRow { id, name: &member.name, connections: member.connections }
}

impl<'a> PresenceFrame<'a> {
    /// Everything.
    pub fn snapshot((sub, cursor): (SubId, Cursor), now: &'a Roster, names: bool) -> Self {
        let members = names.then(|| now.members.iter().map(row).collect());
        Self { sub, cursor, snapshot: true, count: now.count, joined: 0, left: 0, members, gone: Vec::new() }
    }

    /// What changed between two rosters, while so many came and went.
    pub fn changes(
        (sub, cursor): (SubId, Cursor),
        (before, now): (&'a Roster, &'a Roster),
        (joined, left): (u32, u32),
        names: bool,
    ) -> Self {
        let changed = now.members.iter().filter(|(id, member)| before.members.get(*id) != Some(*member));
        let members = names.then(|| changed.map(row).collect());
        let gone = before.members.keys().filter(|id| names && !now.members.contains_key(*id));
        let gone = gone.map(String::as_str).collect();
        Self { sub, cursor, snapshot: false, count: now.count, joined, left, members, gone }
    }

    /// The binary message.
    pub fn binary(&self) -> Vec<u8> {
        let mut w = begin(kind::PRESENCE);
        w.varint(u64::from(self.sub.0));
        write_cursor(&mut w, self.cursor);
        w.u8(if self.snapshot { SNAPSHOT } else { 0 } | if self.members.is_some() { NAMES } else { 0 });
        w.varint(u64::from(self.count));
        if !self.snapshot {
            w.varint(u64::from(self.joined));
            w.varint(u64::from(self.left));
        }
        if let Some(members) = &self.members {
            w.varint(members.len() as u64);
            for member in members {
                w.text(member.id);
                w.text(member.name);
                w.varint(u64::from(member.connections));
            }
            if !self.snapshot {
                w.varint(self.gone.len() as u64);
                self.gone.iter().for_each(|id| w.text(id));
            }
        }
        w.finish()
    }

    /// The JSON message. `state` tells this state from others, for those who ask again and again.
    pub fn json(&self, state: &str) -> Value {
        let mut message = json!({
            "type": "presence", "id": self.sub.0, "cursor": self.cursor, "state": state, "count": self.count,
        });
        if self.snapshot {
            message["snapshot"] = true.into();
        } else {
            message["joined"] = self.joined.into();
            message["left"] = self.left.into();
        }
        if let Some(members) = &self.members {
            let member = |m: &MemberRow<'_>| json!({"id": m.id, "name": m.name, "connections": m.connections});
            message["members"] = members.iter().map(member).collect();
            if !self.gone.is_empty() {
                message["gone"] = json!(self.gone);
            }
        }
        message
    }

    /// Reads a binary message behind its version and type.
    pub fn read(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let sub = SubId(r.varint32()?);
        let cursor = Cursor { epoch: Epoch(r.varint32()?), seq: r.varint()? };
        let flags = r.u8()?;
        if flags > SNAPSHOT | NAMES {
            return Err(DecodeError::Invalid("flags"));
        }
        let (snapshot, names) = (flags & SNAPSHOT != 0, flags & NAMES != 0);
        let count = r.varint32()?;
        let (joined, left) = if snapshot { (0, 0) } else { (r.varint32()?, r.varint32()?) };
        let (mut members, mut gone) = (None, Vec::new());
        if names {
            let n = r.count()?;
            let mut rows = Vec::with_capacity(n.min(1_024));
            for _ in 0..n {
                rows.push(MemberRow { id: r.text()?, name: r.text()?, connections: r.varint32()? });
            }
            members = Some(rows);
            let n = if snapshot { 0 } else { r.count()? };
            for _ in 0..n {
                gone.push(r.text()?);
            }
        }
        Ok(Self { sub, cursor, snapshot, count, joined, left, members, gone })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presence::Named;
    use crate::protocol::ServerMessage;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const AT: Cursor = Cursor { epoch: Epoch(3), seq: 9 };

    fn roster() -> impl Strategy<Value = Roster> {
        vec(prop::option::of("[a-d]{1,2}"), 0..12)
            .prop_map(|ids| Roster::of(ids.into_iter().map(|id| id.map(|id| Named { name: format!("{id}é"), id }))))
    }

    proptest! {
        #[test]
        fn c3_what_changed_makes_one_roster_of_the_other_in_both_modes(before in roster(), now in roster()) {
            let frame = PresenceFrame::changes((SubId(7), AT), (&before, &now), (3, 4), true);
            let bytes = frame.binary();
            let Ok(ServerMessage::Presence(read)) = ServerMessage::from_binary(&bytes) else { panic!("no presence") };
            prop_assert_eq!(&read, &frame);
            let mut copy: BTreeMap<String, Member> = before.members.clone();
            for id in &read.gone {
                prop_assert!(copy.remove(*id).is_some());
            }
            for m in read.members.unwrap() {
                copy.insert(m.id.to_owned(), Member { name: m.name.to_owned(), connections: m.connections });
            }
            prop_assert_eq!((read.count, copy), (now.count, now.members.clone()));
            let json = frame.json("s");
            prop_assert_eq!(json["members"].as_array().unwrap().len(), frame.members.unwrap().len());
        }
    }

    #[test]
    fn where_names_are_not_told_no_message_has_a_place_for_them() {
        let now = Roster::of([Some(Named { id: "p-1".into(), name: "Ada".into() }), None].into_iter());
        let whole = PresenceFrame::snapshot((SubId(1), AT), &now, false);
        let json = json!({"type": "presence", "id": 1, "cursor": "e3:9", "state": "s", "count": 2, "snapshot": true});
        assert_eq!(whole.json("s"), json);
        assert_eq!(whole.binary(), [1, 10, 1, 3, 9, SNAPSHOT, 2]);
        let before = Roster::default();
        let changes = PresenceFrame::changes((SubId(1), AT), (&before, &now), (2, 0), false);
        let json = changes.json("s");
        assert_eq!((&json["count"], &json["joined"], &json["members"]), (&json!(2), &json!(2), &Value::Null));
        assert_eq!(changes.binary(), [1, 10, 1, 3, 9, 0, 2, 2, 0]);
    }

    #[test]
    fn c4_bytes_that_are_no_message_are_refused() {
        let after = |rest: &[u8]| [&[1, 10, 1, 0, 0][..], rest].concat();
        for bytes in [&[4, 0][..], &[3, 1, 200], &[1], &[1, 0, 0], &[]].map(after) {
            assert!(ServerMessage::from_binary(&bytes).is_err(), "{bytes:?}");
        }
    }
}
