//! What is counted where requests come in, and of what has ended: of the whole deployment, since no board hears of it.

use crate::revocation::{CredentialId, Mark};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where an answer to a view came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheState {
    /// Kept, and fresh.
    Hit,
    /// The board was asked.
    Miss,
    /// The board was asked by another reader at the same time.
    Coalesced,
    /// Kept, and no longer fresh.
    Stale,
    /// Kept, no longer fresh; this reader has it asked for anew.
    Updating,
    /// Nothing is kept of this board.
    Bypass,
}

impl CacheState {
    /// As the header `x-cache` and labels say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Coalesced => "coalesced",
            Self::Stale => "stale",
            Self::Updating => "updating",
            Self::Bypass => "bypass",
        }
    }
}

/// Where rights come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The administrator's key.
    Admin,
    /// An API key.
    Key,
    /// The join code of a session.
    Join,
    /// That a board is public.
    Public,
    /// A link.
    Share,
    /// A sign-in.
    Person,
    /// The board itself.
    Board,
}

impl Source {
    /// Where a credential comes from.
    pub const fn of(id: &CredentialId) -> Self {
        match id {
            CredentialId::Admin => Self::Admin,
            CredentialId::Key(_) => Self::Key,
            CredentialId::Join { .. } => Self::Join,
            CredentialId::Public(_) => Self::Public,
            CredentialId::Share { .. } => Self::Share,
            CredentialId::Person { .. } => Self::Person,
        }
    }

    /// What has ended by a mark. None where nobody's rights have: a config or a source changed, a key has another secret.
    pub fn ended_by(mark: &Mark) -> Option<Self> {
        let kind = mark.kind();
        let all = [Self::Key, Self::Join, Self::Public, Self::Share, Self::Person, Self::Board];
        all.into_iter().find(|source| source.name() == kind)
    }

    /// As labels say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Key => "key",
            Self::Join => "join",
            Self::Public => "public",
            Self::Share => "share",
            Self::Person => "person",
            Self::Board => "board",
        }
    }
}

/// What is counted. Of an isolate since it last said so, of a deployment since the registry's memory began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Answers to views, by where they came from.
    #[serde(default)]
    pub cache: BTreeMap<CacheState, u64>,
    /// Those of them that said that nothing changed.
    #[serde(default)]
    pub not_modified: u64,
    /// Tokens that were made, by where their rights come from.
    #[serde(default)]
    pub minted: BTreeMap<Source, u64>,
    /// Rights that were taken away.
    #[serde(default)]
    pub ended: BTreeMap<Source, u64>,
}

/// How pushing these numbers goes, where the operator has them pushed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    /// Requests that were taken.
    pub taken: u64,
    /// Requests that were refused or not answered. What they said is said anew by the next.
    pub failed: u64,
}

/// How telling the health board goes, since whoever does it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reports {
    /// Reports that the board took.
    pub taken: u64,
    /// Reports that it did not take, or not whole.
    pub failed: u64,
}

impl Edge {
    /// Nothing was counted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A view was answered.
    pub fn served(&mut self, state: CacheState, not_modified: bool) {
        *self.cache.entry(state).or_default() += 1;
        self.not_modified += u64::from(not_modified);
    }

    /// A token was made.
    pub fn minted(&mut self, source: Source) {
        *self.minted.entry(source).or_default() += 1;
    }

    /// Something ended.
    pub fn ended(&mut self, mark: &Mark) {
        if let Some(source) = Source::ended_by(mark) {
            *self.ended.entry(source).or_default() += 1;
        }
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.not_modified = self.not_modified.saturating_add(other.not_modified);
        add(&mut self.cache, &other.cache);
        add(&mut self.minted, &other.minted);
        add(&mut self.ended, &other.ended);
    }
}

fn add<K: Copy + Ord>(to: &mut BTreeMap<K, u64>, more: &BTreeMap<K, u64>) {
    for (kind, n) in more {
        let sum = to.entry(*kind).or_default();
        *sum = sum.saturating_add(*n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BoardName;

    #[test]
    fn what_isolates_say_adds_up() {
        let mut here = Edge::default();
        assert!(here.is_empty());
        here.served(CacheState::Hit, false);
        here.served(CacheState::Hit, true);
        here.minted(Source::Share);
        let mut there = Edge::default();
        there.served(CacheState::Miss, false);
        there.minted(Source::Share);
        let text = serde_json::to_string(&there).unwrap();
        assert_eq!(text, r#"{"cache":{"miss":1},"not_modified":0,"minted":{"share":1},"ended":{}}"#);
        here.add(&serde_json::from_str(&text).unwrap());
        assert_eq!((here.cache[&CacheState::Hit], here.cache[&CacheState::Miss], here.not_modified), (2, 1, 1));
        assert_eq!(here.minted, [(Source::Share, 2)].into());
        assert!(!here.is_empty());
    }

    #[test]
    fn only_what_ends_rights_is_counted_as_an_end() {
        let board = BoardName::try_from("fleet").unwrap();
        let key = CredentialId::Key("ab".into());
        let join = CredentialId::Join { board: board.clone(), session: "s".into() };
        let mut edge = Edge::default();
        for mark in [
            Mark::credential(&key),
            Mark::credential(&join),
            Mark::credential(&CredentialId::Public(board.clone())),
            Mark::board(&board),
            Mark::board(&board),
            Mark::config(&board),
            Mark::source("buses"),
            Mark::rotated("ab"),
        ] {
            edge.ended(&mark);
        }
        assert_eq!(edge.ended, [(Source::Key, 1), (Source::Join, 1), (Source::Public, 1), (Source::Board, 2)].into());
    }

    #[test]
    fn names_are_the_same_in_texts_and_labels() {
        for state in [
            CacheState::Hit,
            CacheState::Miss,
            CacheState::Coalesced,
            CacheState::Stale,
            CacheState::Updating,
            CacheState::Bypass,
        ] {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        for source in
            [Source::Admin, Source::Key, Source::Join, Source::Public, Source::Share, Source::Person, Source::Board]
        {
            assert_eq!(serde_json::to_value(source).unwrap(), source.name());
        }
    }
}
