//! Who changed what, for a board's managers.
//!
//! What a board holds it notes itself, in one transaction with the change; what the registry holds (keys, links, sources) the
//! registry notes. Both lists are shown as one, the newest first. No secret, no code and no record is ever noted.

mod told;

pub use told::{Diff, diff};

use crate::limits;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct By {
    /// The id of the credential at the root: `admin`, `key:…`; however many tokens are between.
    pub credential: String,
    /// For whom the token was made, where it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// What kind of thing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The board's config, and the board.
    Config,
    /// API keys that reach the board.
    Keys,
    /// Links.
    Links,
    /// Sources.
    Sources,
    /// Sessions.
    Sessions,
    /// Corrections of scores.
    Scores,
    /// Dead letters.
    DeadLetters,
    /// Items that were ended or erased.
    Items,
    /// Connections that were ended.
    Connections,
    /// Rules of alarms, alarms that were seen or muted, and webhooks.
    Alarms,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Config,
        Self::Keys,
        Self::Links,
        Self::Sources,
        Self::Sessions,
        Self::Scores,
        Self::DeadLetters,
        Self::Items,
        Self::Connections,
        Self::Alarms,
    ];

    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Keys => "keys",
            Self::Links => "links",
            Self::Sources => "sources",
            Self::Sessions => "sessions",
            Self::Scores => "scores",
            Self::DeadLetters => "dead_letters",
            Self::Items => "items",
            Self::Connections => "connections",
            Self::Alarms => "alarms",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// To what kind of thing.
    pub kind: Kind,
    /// What: `made`, `changed`, `deleted`, …
    pub action: String,
    /// To which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What was there before, in short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What is there now, in short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Text that is not longer than the audit has it.
fn short(mut text: String) -> String {
    if text.len() > limits::AUDIT_TEXT_BYTES {
        let end = (0..=limits::AUDIT_TEXT_BYTES - '…'.len_utf8()).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
        text.push('…');
    }
    text
}

impl Act {
    /// Something that was done.
    pub fn new(kind: Kind, action: &str) -> Self {
        Self { kind, action: action.to_owned(), target: None, before: None, after: None }
    }

    /// To this one.
    #[must_use]
    pub fn on(self, target: &str) -> Self {
        Self { target: Some(short(target.to_owned())), ..self }
    }

    /// With what was there before.
    #[must_use]
    pub fn from(self, before: impl Into<String>) -> Self {
        Self { before: Some(short(before.into())), ..self }
    }

    /// With what is there now.
    #[must_use]
    pub fn to(self, after: impl Into<String>) -> Self {
        Self { after: Some(short(after.into())), ..self }
    }

    /// With what differs between two states of a thing.
    #[must_use]
    pub fn differing(self, Diff { before, after }: Diff) -> Self {
        self.from(before).to(after)
    }
}

/// What is stored of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// Who.
    pub by: By,
    /// What.
    #[serde(flatten)]
    pub act: Act,
    /// Which boards it is about, where those are not one: the patterns of a key's grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub boards: Vec<String>,
}

/// Who keeps an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Keeper {
    /// The board.
    Board,
    /// The registry.
    Registry,
}

/// Where an entry stands among all: by its time, then by who keeps it, then by its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Place {
    /// When it was done.
    pub at: Millis,
    /// Who keeps it.
    pub keeper: Keeper,
    /// Its number with that.
    pub number: u64,
}

impl Place {
    /// What a keeper has behind this place: what was done earlier, or at the same time with a lower number than this.
    pub const fn bound(self, keeper: Keeper) -> (Millis, u64) {
        match (self.keeper, keeper) {
            (Keeper::Board, Keeper::Board) | (Keeper::Registry, Keeper::Registry) => (self.at, self.number),
            // At the same time the board's come first.
            (Keeper::Board, Keeper::Registry) => (self.at, limits::SEQ_MAX),
            (Keeper::Registry, Keeper::Board) => (self.at, 0),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keeper = match self.keeper {
            Keeper::Board => 'b',
            Keeper::Registry => 'r',
        };
        write!(f, "{}.{keeper}.{}", self.at.0, self.number)
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

impl TryFrom<String> for Place {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "after is the id of an entry, as next has it";
        let mut parts = text.split('.');
        let (at, keeper, number) = (parts.next(), parts.next(), parts.next());
        let at = at.and_then(|at| at.parse::<i64>().ok()).filter(|at| *at >= 0).ok_or(WRONG)?;
        let keeper = match keeper {
            Some("b") => Keeper::Board,
            Some("r") => Keeper::Registry,
            _ => return Err(WRONG),
        };
        let number = number.and_then(|n| n.parse::<u64>().ok()).filter(|n| *n <= limits::SEQ_MAX).ok_or(WRONG)?;
        let is_all = parts.next().is_none();
        if is_all { Ok(Self { at: Millis(at), keeper, number }) } else { Err(WRONG) }
    }
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// What it says.
    #[serde(flatten)]
    pub noted: Noted,
}

/// What a keeper is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditAsk {
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// Only what stands behind this.
    pub after: Option<Place>,
    /// At most so many.
    pub limit: usize,
}

/// Two keepers' entries as one list of at most so many, the newest first; the last of them where there may be more.
pub fn merged(board: Vec<Entry>, registry: Vec<Entry>, limit: usize) -> (Vec<Entry>, Option<Place>) {
    let mut all: Vec<Entry> = board.into_iter().chain(registry).collect();
    all.sort_by_key(|entry| {
        let Place { at, keeper, number } = entry.place;
        (std::cmp::Reverse(at), keeper, std::cmp::Reverse(number))
    });
    let more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().map(|entry| entry.place).filter(|_| more);
    (all, next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(at: i64, keeper: Keeper, number: u64) -> Entry {
        let by = By { credential: "admin".into(), subject: None };
        let noted = Noted { by, act: Act::new(Kind::Config, "changed"), boards: Vec::new() };
        Entry { place: Place { at: Millis(at), keeper, number }, noted }
    }

    #[test]
    fn kinds_are_written_as_they_are_named() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
        assert_eq!(Kind::named("secrets"), None);
    }

    #[test]
    fn long_texts_are_cut_between_letters() {
        let act = Act::new(Kind::Items, "ended").on(&"ä".repeat(400)).to("x".repeat(limits::AUDIT_TEXT_BYTES));
        let target = act.target.unwrap();
        assert!(target.len() <= limits::AUDIT_TEXT_BYTES && target.ends_with('…'));
        assert_eq!(act.after.unwrap().len(), limits::AUDIT_TEXT_BYTES);
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", "1", "1.b", "1.x.2", "-1.b.2", "1.b.2.3", "1.b.99999999999999999999", "a.b.1"] {
            assert!(Place::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn pages_show_every_entry_once_and_in_order(
            places in proptest::collection::vec((0_i64..6, any::<bool>()), 0..40),
            limit in 1_usize..7,
        ) {
            let mut kept = [Vec::new(), Vec::new()];
            for (n, (at, is_board)) in places.into_iter().enumerate() {
                let keeper = if is_board { Keeper::Board } else { Keeper::Registry };
                kept[usize::from(!is_board)].push(entry(at, keeper, n as u64 + 1));
            }
            // As a keeper answers: what is behind the place, the newest first, one more than is shown.
            let page = |keeper: Keeper, after: Option<Place>| -> Vec<Entry> {
                let own = &kept[usize::from(keeper == Keeper::Registry)];
                let bound = after.map(|after| after.bound(keeper));
                let is_behind = |e: &&Entry| {
                    bound.is_none_or(|(at, n)| e.place.at < at || e.place.at == at && e.place.number < n)
                };
                let mut found: Vec<Entry> = own.iter().filter(is_behind).cloned().collect();
                found.sort_by_key(|e| std::cmp::Reverse((e.place.at, e.place.number)));
                found.truncate(limit + 1);
                found
            };
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let (entries, next) = merged(page(Keeper::Board, after), page(Keeper::Registry, after), limit);
                seen.extend(entries);
                let Some(next) = next else { break };
                prop_assert_eq!(Place::try_from(next.to_string()).unwrap(), next);
                after = Some(next);
            }
            let all = kept[0].len() + kept[1].len();
            let (whole, rest) = merged(kept[0].clone(), kept[1].clone(), all + 1);
            prop_assert_eq!(rest, None);
            prop_assert_eq!(seen, whole);
        }
    }
}
