//! What somebody may do on one board, and the one function that decides it.

use super::{KeySet, Narrowed};
use crate::config::BoardConfig;
use crate::delay::Delay;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Players' keys begin so.
pub const PLAYER_PREFIX: &str = "p-";

/// As whom somebody reads. It makes a difference on boards with players only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Somebody whom the board's owner gave a credential.
    #[default]
    Member,
    /// Anyone: what was read without a credential, or minted without one.
    Public,
    /// A player of a session, by its key.
    Player(String),
}

impl Standing {
    /// Whether somebody was given a credential of its own.
    pub fn is_member(&self) -> bool {
        *self == Self::Member
    }
}

/// What somebody may do on one board.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Access {
    /// Keys whose live state may be seen.
    pub read: KeySet,
    /// Keys whose history may be seen.
    pub history: KeySet,
    /// Keys under which events may be sent.
    pub publish: KeySet,
    /// Whether the board may be managed.
    pub manage: bool,
    /// Whether it may be seen who is there, by name.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub presence: bool,
    /// As whom they read.
    pub standing: Standing,
    /// What of the live state under those keys is shown, where that is not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_narrowed: Option<Box<Narrowed>>,
    /// The same of history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_narrowed: Option<Box<Narrowed>>,
}

/// What is stored with sockets; before there were standings, it had none.
#[derive(Deserialize)]
struct Stored {
    read: KeySet,
    history: KeySet,
    publish: KeySet,
    manage: bool,
    #[serde(default)]
    presence: bool,
    standing: Option<Standing>,
    read_narrowed: Option<Box<Narrowed>>,
    history_narrowed: Option<Box<Narrowed>>,
}

impl From<Stored> for Access {
    fn from(stored: Stored) -> Self {
        let Stored { read, history, publish, manage, presence, standing, read_narrowed, history_narrowed } = stored;
        let player = publish.only().filter(|key| key.starts_with(PLAYER_PREFIX));
        // Of whom nothing is known, the least is believed.
        let standing = standing.unwrap_or_else(|| match player {
            _ if manage => Standing::Member,
            Some(key) => Standing::Player(key.to_owned()),
            None => Standing::Public,
        });
        Self { read, history, publish, manage, presence, standing, read_narrowed, history_narrowed }
    }
}

/// Something that is asked of a board. Every route and every message of the feed asks one of these, whichever form the
/// answer has: JSON, CSV, GeoJSON, a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask<'k> {
    /// That it is there: its row in the list, the public part of its config, its sessions, the names of its views.
    Board,
    /// What is now: items, the summary, the feed, a named view of them.
    Present,
    /// What is now under one key: an item, the plain feed.
    Item(&'k str),
    /// What was: series, events, a named view of them.
    History,
    /// What was under one key.
    ItemHistory(&'k str),
    /// Something that tells of all keys at once: standings, the answers of another service, items that another
    /// board's pipeline looks into.
    Whole,
    /// How many are there.
    Watchers,
    /// Who is there, by name.
    Members,
    /// Sending events, each of which is then asked about by its key.
    Publish,
    /// Sending events under one key.
    PublishTo(&'k str),
    /// The whole config and changing it, delivery, dead letters, the pipeline, corrections, the audit, leading sessions.
    Manage,
}

/// That something is not allowed: what it is called in the sentence that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lacks(pub &'static str);

/// What somebody sees of what they may ask for. Views are made for a sight, and caches and entity tags tell two sights
/// apart.
///
/// # Conditions beside the keys
/// Two rules hide events under keys that may be read. They have their place here, and whoever makes a view, a frame or
/// a table from events asks for them here:
/// - `manager` is false: while a scoreboard is frozen, an event that one of its rules counts or could count is hidden
///   whole but for its position.
/// - `standing` is not [`Standing::Member`]: on a board with players, only events under [`Sight::own`] and those that a
///   manager sent are seen.
///
/// `narrowed` shows less of what is left, also to who manages the board: see [`crate::sights::lens`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sight {
    /// Under these keys.
    pub keys: KeySet,
    /// As somebody who manages the board: nothing is hidden by a freeze.
    pub manager: bool,
    /// As whom.
    pub standing: Standing,
    /// What of that is shown, where it is not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowed: Option<Box<Narrowed>>,
}

impl Sight {
    /// Everything, as an administrator sees it.
    pub const fn everything() -> Self {
        Self { keys: KeySet::All, manager: true, standing: Standing::Member, narrowed: None }
    }

    /// Whether everything under every key is seen, but what a freeze or players' rights hide.
    pub fn sees_all(&self) -> bool {
        self.keys.is_all() && self.narrowed.is_none()
    }

    /// Whether items and events under a key may be seen at all.
    pub fn allows(&self, key: &str) -> bool {
        self.keys.allows(key)
    }

    /// Whether the conditions beside the keys leave out what other keys' holders sent: on a board with players, all
    /// but managers and those whom the owner gave a credential see only their own events and a manager's.
    pub fn is_own_only(&self) -> bool {
        !self.manager && !self.standing.is_member()
    }

    /// The key whose events are somebody's own.
    pub fn own(&self) -> Option<&str> {
        match &self.standing {
            Standing::Player(key) => Some(key),
            Standing::Member | Standing::Public => None,
        }
    }

    /// How much later it is seen. A lens shows nothing of what is seen later: whoever makes a view for such a sight takes
    /// the board as it was then, and goes on with the sight [without](Self::without_delay) it.
    pub fn delay(&self) -> Option<Delay> {
        self.narrowed.as_deref().and_then(Narrowed::delay)
    }

    /// The same sight of a board as it was so long ago.
    #[must_use]
    pub fn without_delay(self) -> Self {
        match &self.narrowed {
            Some(narrowed) if narrowed.delay().is_some() => Self { narrowed: narrowed.without_delay(), ..self },
            Some(_) | None => self,
        }
    }

    /// A number by which a viewer says under which rights its copy was made. Those of a member are told by the keys
    /// alone, as they were before sights.
    pub fn fingerprint(&self) -> u32 {
        if !self.manager && self.standing.is_member() && self.narrowed.is_none() {
            return self.keys.fingerprint();
        }
        let mut h = SipHasher13::new();
        h.write(self.tag().as_bytes());
        (h.finish() as u32).max(2)
    }

    /// What tells this sight from others in an entity tag of a board with this config; none for what most readers
    /// see, which is then told by the view's version alone.
    pub fn tag_on(&self, config: &BoardConfig) -> Option<String> {
        let standing = if config.players.is_some() { self.standing.clone() } else { Standing::Member };
        // Without a scoreboard nothing freezes.
        let manager = self.manager && (config.scores.is_some() || config.players.is_some());
        let sight = Self { keys: self.keys.clone(), manager, standing, narrowed: self.narrowed.clone() };
        (sight != Self { keys: KeySet::All, ..Self::default() }).then(|| sight.tag())
    }

    /// What tells this sight from others: the same only where the same is seen, on every board.
    pub fn tag(&self) -> String {
        let keys = self.keys.mark();
        let who = match &self.standing {
            _ if self.manager => "m".to_owned(),
            Standing::Member => "s".to_owned(),
            Standing::Public => "p".to_owned(),
            Standing::Player(key) => {
                let only = KeySet::of(std::slice::from_ref(key)).unwrap_or_default();
                format!("{:016x}", only.mark())
            }
        };
        match &self.narrowed {
            None => format!("{keys:x}.{who}"),
            Some(narrowed) => format!("{keys:x}.{who}.{:016x}", narrowed.mark()),
        }
    }
}

impl Access {
    /// Everything, as an administrator has it.
    pub const fn everything() -> Self {
        Self {
            read: KeySet::All,
            history: KeySet::All,
            publish: KeySet::All,
            manage: true,
            // Who manages sees it anyway.
            presence: false,
            standing: Standing::Member,
            read_narrowed: None,
            history_narrowed: None,
        }
    }

    /// What anyone may do on a public board.
    pub const fn public() -> Self {
        Self {
            read: KeySet::All,
            history: KeySet::All,
            publish: KeySet::Nothing,
            manage: false,
            presence: false,
            standing: Standing::Public,
            read_narrowed: None,
            history_narrowed: None,
        }
    }

    /// Decides. What is seen is narrowed to the sight that comes with the yes.
    pub fn may(&self, ask: Ask<'_>) -> Result<Sight, Lacks> {
        let keys = |set: &KeySet, may: bool, lacks| if may { Ok(self.sight(set.clone())) } else { Err(Lacks(lacks)) };
        let read = |may: bool, lacks| {
            if may { Ok(self.narrowed(&self.read, self.read_narrowed.as_deref())) } else { Err(Lacks(lacks)) }
        };
        let history = |may: bool, lacks| {
            if may { Ok(self.narrowed(&self.history, self.history_narrowed.as_deref())) } else { Err(Lacks(lacks)) }
        };
        // Who is there now is the present, which a delay hides.
        let named = self.presence && self.delay().is_none();
        let whole = self.manage || (self.read.is_all() && self.read_narrowed.is_none());
        match ask {
            Ask::Board => read(self.manage || !self.read.is_nothing(), "reading"),
            Ask::Present => read(!self.read.is_nothing(), "reading"),
            Ask::Item(key) => read(self.read.allows(key), "reading that key of"),
            Ask::History => history(!self.history.is_nothing(), "reading the history of"),
            Ask::ItemHistory(key) => history(self.history.allows(key), "reading the history of that key of"),
            Ask::Whole => keys(&KeySet::All, whole, "reading all of"),
            Ask::Watchers => keys(&KeySet::All, whole || named, "seeing how many watch"),
            Ask::Members => keys(&KeySet::All, self.manage || named, "seeing who watches"),
            Ask::Publish => keys(&self.publish, !self.publish.is_nothing(), "publishing to"),
            Ask::PublishTo(key) => keys(&self.publish, self.publish.allows(key), "publishing that key to"),
            Ask::Manage => keys(&KeySet::All, self.manage, "managing"),
        }
    }

    fn sight(&self, keys: KeySet) -> Sight {
        Sight { keys, manager: self.manage, standing: self.standing.clone(), narrowed: None }
    }

    fn narrowed(&self, keys: &KeySet, narrowed: Option<&Narrowed>) -> Sight {
        Sight { narrowed: narrowed.cloned().map(Box::new), ..self.sight(keys.clone()) }
    }

    /// How much later the state is seen: by views of the present, and on the feed.
    pub fn delay(&self) -> Option<Delay> {
        self.read_narrowed.as_deref().and_then(Narrowed::delay)
    }

    /// Whether live state, and who is there, looks the same under both.
    pub fn reads_like(&self, other: &Self) -> bool {
        let sight = |access: &Self| access.narrowed(&access.read, access.read_narrowed.as_deref());
        sight(self) == sight(other) && self.presence == other.presence
    }
}
