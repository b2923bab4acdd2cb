//! Which keys: literals and prefixes, compiled so that a key is matched in the time that its length takes.

use crate::limits;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use std::sync::Arc;

/// A key pattern that can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pattern<'t> {
    /// `*`: every key.
    All,
    /// `abc*`: keys that begin so.
    Prefix(&'t str),
    /// `abc`: this key.
    Literal(&'t str),
}

/// A pattern that can't be said: a `*` that is not its end, nothing at all, or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key pattern is a key, a beginning followed by * such as v*, or * alone, of 1 to 128 bytes")]
pub struct BadPattern;

impl<'t> Pattern<'t> {
    fn parse(text: &'t str) -> Result<Self, BadPattern> {
        if text.is_empty() || text.len() > limits::KEY_BYTES {
            return Err(BadPattern);
        }
        match text.strip_suffix('*') {
            Some("") => Ok(Self::All),
            Some(prefix) if !prefix.contains('*') => Ok(Self::Prefix(prefix)),
            None if !text.contains('*') => Ok(Self::Literal(text)),
            Some(_) | None => Err(BadPattern),
        }
    }
}

/// A set of keys. Nothing is a value of its own: [`KeySet::Some`] always holds at least one key, so that
/// `!= KeySet::Nothing` asks what it seems to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub enum KeySet {
    /// No key.
    #[default]
    Nothing,
    /// Every key.
    All,
    /// The keys of some patterns.
    Some(Arc<Patterns>),
}

/// Compiled patterns, at least one. Equal sets have equal values.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Patterns {
    /// Ascending, none of them under a prefix.
    literals: Vec<Box<str>>,
    /// Ascending, none of them the beginning of another.
    prefixes: Vec<Box<str>>,
}

/// How a set is written, as it was before patterns were compiled.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Nothing,
    All,
    Patterns(Vec<String>),
}

impl From<Stored> for KeySet {
    /// What was stored before may hold patterns that can't be said any more: then the whole set allows nothing.
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Nothing => Self::Nothing,
            Stored::All => Self::All,
            Stored::Patterns(texts) => Self::of(&texts).unwrap_or_default(),
        }
    }
}

impl From<KeySet> for Stored {
    fn from(set: KeySet) -> Self {
        match set {
            KeySet::Nothing => Self::Nothing,
            KeySet::All => Self::All,
            KeySet::Some(patterns) => Self::Patterns(patterns.texts()),
        }
    }
}

impl Patterns {
    /// The prefix under which a text is. Only the last one that is not after it can be: between a prefix and a text
    /// that begins with it stand only texts that begin with it too, and no prefix begins with another.
    fn over(&self, text: &str) -> Option<&str> {
        let before = self.prefixes.partition_point(|prefix| **prefix <= *text);
        self.prefixes.get(before.checked_sub(1)?).map(|prefix| &**prefix).filter(|prefix| text.starts_with(prefix))
    }

    fn allows(&self, key: &str) -> bool {
        self.over(key).is_some() || self.literals.binary_search_by(|literal| (**literal).cmp(key)).is_ok()
    }

    /// The patterns as text, ascending.
    fn texts(&self) -> Vec<String> {
        let literals = self.literals.iter().map(ToString::to_string);
        let mut texts: Vec<String> = literals.chain(self.prefixes.iter().map(|prefix| format!("{prefix}*"))).collect();
        texts.sort_unstable();
        texts
    }
}

impl KeySet {
    /// The keys of some patterns together; [`KeySet::Nothing`] when there is none.
    pub fn of<T: AsRef<str>>(patterns: &[T]) -> Result<Self, BadPattern> {
        let (mut literals, mut prefixes) = (Vec::<&str>::new(), Vec::<&str>::new());
        let mut all = false;
        for pattern in patterns {
            match Pattern::parse(pattern.as_ref())? {
                Pattern::All => all = true,
                Pattern::Prefix(prefix) => prefixes.push(prefix),
                Pattern::Literal(literal) => literals.push(literal),
            }
        }
        Ok(if all { Self::All } else { Self::compile(literals, prefixes) })
    }

    /// One key, whatever it would mean as a pattern.
    pub fn of_one(key: &str) -> Self {
        Self::compile(vec![key], Vec::new())
    }

    fn compile(mut literals: Vec<&str>, mut prefixes: Vec<&str>) -> Self {
        prefixes.sort_unstable();
        // Ascending, a prefix stands right before those that begin with it.
        prefixes.dedup_by(|later, kept| later.starts_with(*kept));
        literals.sort_unstable();
        literals.dedup();
        let prefixes: Vec<Box<str>> = prefixes.into_iter().map(Box::from).collect();
        let mut patterns = Patterns { literals: Vec::new(), prefixes };
        let single = literals.into_iter().filter(|literal| patterns.over(literal).is_none());
        patterns.literals = single.map(Box::from).collect();
        if patterns.literals.is_empty() && patterns.prefixes.is_empty() {
            return Self::Nothing;
        }
        Self::Some(Arc::new(patterns))
    }

    /// Whether the key is in it.
    pub fn allows(&self, key: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Some(patterns) => patterns.allows(key),
        }
    }

    /// Whether no key is in it.
    pub fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }

    /// Whether every key is in it.
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }

    /// The patterns of the set, as a grant names them; none of the empty one.
    pub fn patterns(&self) -> Vec<String> {
        match self {
            Self::Nothing => Vec::new(),
            Self::All => vec!["*".to_owned()],
            Self::Some(patterns) => patterns.texts(),
        }
    }

    /// The key, where it is exactly one.
    pub fn only(&self) -> Option<&str> {
        match self {
            Self::Some(patterns) if patterns.prefixes.is_empty() => match patterns.literals.as_slice() {
                [only] => Some(only),
                _ => None,
            },
            Self::Nothing | Self::All | Self::Some(_) => None,
        }
    }

    /// The keys of both together.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (set, Self::Nothing) => set,
            (Self::Nothing, set) => set.clone(),
            (Self::Some(a), Self::Some(b)) => {
                let both = |f: fn(&Patterns) -> &Vec<Box<str>>| f(&a).iter().chain(f(b)).map(|t| &**t).collect();
                Self::compile(both(|p| &p.literals), both(|p| &p.prefixes))
            }
        }
    }

    /// Whether every key of `other` is in it.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) | (_, Self::Nothing) => true,
            (Self::Nothing, _) | (Self::Some(_), Self::All) => false,
            (Self::Some(mine), Self::Some(theirs)) => {
                theirs.literals.iter().all(|literal| mine.allows(literal))
                    && theirs.prefixes.iter().all(|prefix| mine.over(prefix).is_some())
            }
        }
    }

    /// A number that is the same for the same set, other for another one as far as can be told.
    pub fn mark(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::All => 1,
            Self::Some(patterns) => {
                let mut h = SipHasher13::new();
                for text in patterns.texts() {
                    h.write(text.as_bytes());
                    h.write_u8(0);
                }
                h.finish()
            }
        }
    }

    /// The mark as the feed has it, so that a viewer can say under which rights its copy was made.
    pub fn fingerprint(&self) -> u32 {
        match self {
            Self::Nothing | Self::All => self.mark() as u32,
            Self::Some(_) => (self.mark() as u32).max(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set(patterns: &[&str]) -> KeySet {
        KeySet::of(patterns).unwrap()
    }

    #[test]
    fn only_literals_and_prefixes_can_be_said() {
        for text in ["", "*x", "a*b", "**", "a**", &"k".repeat(129)] {
            assert_eq!(KeySet::of(&[text]), Err(BadPattern), "{text}");
        }
        assert_eq!(set(&["v1", "*"]), KeySet::All);
        assert_eq!(set(&[]), KeySet::Nothing);
    }

    #[test]
    fn what_was_stored_opens_and_what_cannot_be_said_is_nothing() {
        let open = |json: &str| serde_json::from_str::<KeySet>(json).unwrap();
        assert_eq!(open(r#""all""#), KeySet::All);
        assert_eq!(open(r#"{"patterns":["w1","v*"]}"#), set(&["v*", "w1"]));
        assert_eq!(open(r#"{"patterns":["*x~*","v*"]}"#), KeySet::Nothing);
        assert_eq!(open(r#"{"patterns":[]}"#), KeySet::Nothing);
        assert_eq!(serde_json::to_string(&set(&["w1", "v*", "v1"])).unwrap(), r#"{"patterns":["v*","w1"]}"#);
    }

    /// Patterns and keys of few letters, so that they meet often; one letter of two bytes.
    fn pattern() -> impl Strategy<Value = String> {
        prop_oneof![1 => Just("*".to_owned()), 8 => "[abé]{1,3}", 8 => "[abé]{1,2}\\*"]
    }

    fn patterns() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(pattern(), 0..6)
    }

    fn naive(patterns: &[String], key: &str) -> bool {
        patterns.iter().any(|p| p.strip_suffix('*').map_or(p == key, |prefix| key.starts_with(prefix)))
    }

    proptest! {
        #[test]
        fn a_set_allows_what_one_of_its_patterns_matches(patterns in patterns(), key in "[abé]{1,4}") {
            prop_assert_eq!(KeySet::of(&patterns).unwrap().allows(&key), naive(&patterns, &key));
        }

        #[test]
        fn what_a_set_covers_it_allows(a in patterns(), b in patterns(), key in "[abé]{1,4}") {
            let (mine, theirs) = (KeySet::of(&a).unwrap(), KeySet::of(&b).unwrap());
            if mine.covers(&theirs) && theirs.allows(&key) {
                prop_assert!(mine.allows(&key));
            }
            let both = mine.clone().or(&theirs);
            prop_assert!(both.covers(&mine) && both.covers(&theirs));
            prop_assert_eq!(both.allows(&key), mine.allows(&key) || theirs.allows(&key));
            let again: KeySet = serde_json::from_str(&serde_json::to_string(&both).unwrap()).unwrap();
            prop_assert_eq!(again.mark(), both.mark());
            prop_assert_eq!(again, both);
        }
    }
}
