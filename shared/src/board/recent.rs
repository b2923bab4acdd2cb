//! What a board remembers of the recent past, to recognise what comes twice.

use crate::codec::{Batch, DecodeError};
use crate::cursor::Epoch;
use crate::identity::Identity;
use crate::limits;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::collections::{HashSet, VecDeque};
use std::hash::Hasher;

/// The ids of the last 100,000 events, as keyed 128-bit hashes: nobody can make two collide on purpose.
pub struct RecentIds {
    key: u64,
    set: HashSet<u128>,
    order: VecDeque<u128>,
}

impl RecentIds {
    /// An empty memory.
    pub fn new(epoch: Epoch) -> Self {
        Self { key: u64::from(epoch.0), set: HashSet::new(), order: VecDeque::new() }
    }

    /// Takes a row of the log into a memory that is made anew.
    pub fn remember(&mut self, row: &[u8], identity: Identity, owner: &str) -> Result<(), DecodeError> {
        self.take(&Batch::decode(row)?, identity, owner);
        Ok(())
    }

    /// Takes the ids of events from one owner.
    pub(super) fn take(&mut self, batch: &Batch<'_>, identity: Identity, owner: &str) {
        for i in 0..batch.len() {
            if let Some(id) = self.identity(batch, i, identity, owner) {
                self.put(id);
            }
        }
    }

    /// What makes row `i` of a batch itself, or none when events without an id are all different. An id is its owner's;
    /// that a key was in some state at some time is nobody's own, so what has no id is the same from whomever it comes.
    pub fn identity(&self, batch: &Batch<'_>, i: usize, identity: Identity, owner: &str) -> Option<u128> {
        if batch.is_hole(i) {
            return None;
        }
        let mut h = SipHasher13::new_with_keys(self.key, 0x6865_6c69_6f67_7261);
        if !owner.is_empty() && batch.id(i).is_some() {
            h.write_u8(4);
            h.write(owner.as_bytes());
            h.write_u8(0xff);
        }
        match (batch.id(i), identity) {
            (Some(id), Identity::KeyId) => {
                h.write_u8(3);
                h.write(id.as_bytes());
                // No text has this byte: where the one ends and the other begins can't be mistaken.
                h.write_u8(0xff);
                h.write(batch.key(i).as_bytes());
            }
            (Some(id), _) => {
                h.write_u8(1);
                h.write(id.as_bytes());
            }
            (None, Identity::Id | Identity::KeyId) => return None,
            (None, Identity::KeyTime) => {
                h.write_u8(2);
                h.write_i64(batch.times.get(i)?.0);
                h.write(batch.key(i).as_bytes());
            }
        }
        Some(h.finish128().as_u128())
    }

    /// Whether the id came recently.
    pub fn has(&self, id: u128) -> bool {
        self.set.contains(&id)
    }

    /// Remembers an id and forgets the oldest beyond the limit.
    pub fn put(&mut self, id: u128) {
        if self.set.insert(id) {
            self.order.push_back(id);
            if self.order.len() > limits::RECENT_IDS
                && let Some(old) = self.order.pop_front()
            {
                self.set.remove(&old);
            }
        }
    }
}
