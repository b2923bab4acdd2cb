//! Credentials by id, and which of them have ended.
//!
//! What somebody comes with has an [`Origin`]: the credential at its root, and how much of the registry's changes was
//! known when it was made. Ending something is a [`Mark`] with the number of the change. Whatever was made under a lower
//! number has ended. So no clocks are compared, and a token that was made by who had not heard of the end ends as well.

use crate::id::BoardName;
use crate::share_id::ShareId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// The number of a change in the registry. It grows with every change and is at least the time of it in epoch
/// milliseconds, so that a registry that lost its tables goes on above what it gave out before.
pub type Change = u64;

/// A credential that others may be made from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum CredentialId {
    /// The administrator's key.
    Admin,
    /// An API key, by its id.
    Key(String),
    /// The join code of a session.
    Join {
        /// Of which board.
        board: BoardName,
        /// Of which session.
        session: String,
    },
    /// That a board is public.
    Public(BoardName),
    /// A link that shares a part of a board.
    Share {
        /// Of which board.
        board: BoardName,
        /// Its id.
        id: ShareId,
    },
    /// Somebody who has signed in.
    Person {
        /// Who: the name of the issuer, `/`, and the subject there.
        name: String,
        /// Which of its sign-ins; none: all of them.
        session: Option<String>,
    },
}

impl CredentialId {
    /// All sign-ins of whoever this is one of.
    fn everywhere(&self) -> Option<Self> {
        match self {
            Self::Person { name, session: Some(_) } => Some(Self::Person { name: name.clone(), session: None }),
            Self::Person { session: None, .. }
            | Self::Admin
            | Self::Key(_)
            | Self::Join { .. }
            | Self::Public(_)
            | Self::Share { .. } => None,
        }
    }
}

/// A text that is no credential's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a credential")]
pub struct NotAnId;

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admin => f.write_str("admin"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Join { board, session } => write!(f, "join:{board}/{session}"),
            Self::Public(board) => write!(f, "public:{board}"),
            Self::Share { board, id } => write!(f, "share:{board}/{id}"),
            Self::Person { name, session } => write!(f, "person:{}:{name}", session.as_deref().unwrap_or_default()),
        }
    }
}

impl From<CredentialId> for String {
    fn from(id: CredentialId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for CredentialId {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        let board = |name: &str| BoardName::try_from(name).map_err(|_| NotAnId);
        match text.split_once(':') {
            None if text == "admin" => Ok(Self::Admin),
            Some(("key", id)) if !id.is_empty() => Ok(Self::Key(id.to_owned())),
            Some(("public", name)) => Ok(Self::Public(board(name)?)),
            Some(("join", rest)) => {
                let (name, session) = rest.split_once('/').ok_or(NotAnId)?;
                Ok(Self::Join { board: board(name)?, session: session.to_owned() })
            }
            Some(("share", rest)) => {
                let (name, id) = rest.split_once('/').ok_or(NotAnId)?;
                Ok(Self::Share { board: board(name)?, id: ShareId::try_from(id.to_owned()).map_err(|_| NotAnId)? })
            }
            Some(("person", rest)) => {
                let (session, name) = rest.split_once(':').ok_or(NotAnId)?;
                let session = (!session.is_empty()).then(|| session.to_owned());
                Ok(Self::Person { name: name.to_owned(), session })
            }
            _ => Err(NotAnId),
        }
    }
}

/// Something of which the registry says that it changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mark(String);

impl Mark {
    /// A credential has ended.
    pub fn credential(id: &CredentialId) -> Self {
        Self(id.to_string())
    }

    /// A board was deleted: no token that was made before does anything on it.
    pub fn board(board: &BoardName) -> Self {
        Self(format!("board:{board}"))
    }

    /// What it is of: what stands before its name.
    pub fn kind(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// A board's config has changed.
    pub fn config(board: &BoardName) -> Self {
        Self(format!("config:{board}"))
    }

    /// A source has changed: its settings, its secrets, or that it is there.
    pub fn source(name: &str) -> Self {
        Self(format!("source:{name}"))
    }

    /// An API key has another secret.
    pub fn rotated(key: &str) -> Self {
        Self(format!("rotated:{key}"))
    }

    /// Stands for all marks that were dropped: tokens that were made before the last of them have ended.
    pub fn floor() -> Self {
        Self(String::new())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Under which mark a relay is told of this one: a relay has one board, and few keys.
    #[must_use]
    pub fn watched_as(&self) -> Self {
        match CredentialId::try_from(self.0.clone()) {
            Ok(CredentialId::Join { board, .. } | CredentialId::Public(board) | CredentialId::Share { board, .. }) => {
                Self::board(&board)
            }
            Ok(CredentialId::Key(_) | CredentialId::Admin | CredentialId::Person { .. }) | Err(NotAnId) => self.clone(),
        }
    }
}

/// What somebody's rights come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The credential at the root; none for who came without, and for tokens of before there were ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<CredentialId>,
    /// The last change that was known when the rights were given.
    #[serde(default)]
    pub known: Change,
    /// Whether what may be read is so because the board is public.
    #[serde(default)]
    pub is_public: bool,
}

impl Origin {
    /// Whether nothing is known of it, as of sessions that were kept before there were origins.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// The marks that are worth to tell a relay of, which has a viewer of this origin on its board.
pub fn watched(origin: &Origin, board: &BoardName) -> impl Iterator<Item = Mark> {
    let own = origin.id.as_ref().filter(|id| matches!(id, CredentialId::Key(_) | CredentialId::Person { .. }));
    let everywhere = own.and_then(CredentialId::everywhere);
    let own = own.map(Mark::credential).into_iter().chain(everywhere.as_ref().map(Mark::credential));
    own.chain([Mark::board(board)])
}

/// What the registry says to who asks what has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// The last change.
    pub upto: Change,
    /// What has changed, and when last.
    pub marks: Vec<(Mark, Change)>,
}

/// How a viewer's rights ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The credential has ended.
    Credential,
    /// The board was deleted.
    Board,
    /// The board is not public any more.
    Public,
}

/// What has ended, as far as one program knows.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    upto: Change,
    /// The last of the marks that end something.
    newest: Change,
    marks: HashMap<Mark, Change>,
}

impl Ended {
    /// The last change that is known.
    pub const fn upto(&self) -> Change {
        self.upto
    }

    /// How many marks are known.
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// Takes in what has changed.
    pub fn learn(&mut self, changes: Changes) {
        self.upto = self.upto.max(changes.upto);
        for (mark, change) in changes.marks {
            let ends_nobody = ["config:", "source:", "rotated:"].iter().any(|kind| mark.0.starts_with(kind));
            if !ends_nobody {
                self.newest = self.newest.max(change);
            }
            let known = self.marks.entry(mark).or_default();
            *known = change.max(*known);
        }
    }

    /// Forgets marks that nothing can be older than any more.
    pub fn forget(&mut self, before: Change) {
        self.marks.retain(|_, change| *change >= before);
    }

    fn at(&self, mark: &Mark) -> Change {
        self.marks.get(mark).copied().unwrap_or_default()
    }

    /// Whether somebody's rights on a board have ended; with no board, whether the credential has.
    pub fn end_of(&self, origin: &Origin, board: Option<&BoardName>) -> Option<End> {
        match &origin.id {
            // Neither a key's nor a link's id is ever used again.
            Some(id @ (CredentialId::Key(_) | CredentialId::Share { .. })) if self.at(&Mark::credential(id)) > 0 => {
                return Some(End::Credential);
            }
            _ if self.newest <= origin.known => return None,
            Some(id) if self.at(&Mark::credential(id)) > origin.known => return Some(End::Credential),
            Some(id) if id.everywhere().is_some_and(|all| self.at(&Mark::credential(&all)) > origin.known) => {
                return Some(End::Credential);
            }
            _ => {}
        }
        if self.at(&Mark::floor()) > origin.known {
            return Some(End::Credential);
        }
        let board = board?;
        if self.at(&Mark::board(board)) > origin.known {
            return Some(End::Board);
        }
        let is_over =
            origin.is_public && self.at(&Mark::credential(&CredentialId::Public(board.clone()))) > origin.known;
        is_over.then_some(End::Public)
    }

    /// Whether a source has changed since `known`.
    pub fn has_source_changed(&self, name: &str, known: Change) -> bool {
        self.upto > known && (self.at(&Mark::source(name)) > known || self.at(&Mark::floor()) > known)
    }

    /// Whether an API key has got another secret since `known`.
    pub fn was_rotated(&self, key: &str, known: Change) -> bool {
        self.upto > known && (self.at(&Mark::rotated(key)) > known || self.at(&Mark::floor()) > known)
    }

    /// Whether a board's config has changed since `known`.
    pub fn has_changed(&self, board: &BoardName, known: Change) -> bool {
        self.upto > known && (self.at(&Mark::config(board)) > known || self.at(&Mark::floor()) > known)
    }
}

#[cfg(test)]
mod tests;
