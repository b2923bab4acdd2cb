//! Standings on their way from the board to its relays. A channel is one ranking as one audience sees it; a relay
//! asks for those that its viewers follow, and is then told each tick what changed.

use super::moves::ChangedRows;
use super::points::Points;
use super::ranking::{RankRule, Ranking, Reached, RowId};
use super::rule::Ties;
use super::task_cell::{TaskCell, read_cells, write_cells};
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::{Cursor, Epoch};
use crate::limits;
use crate::scores::direction::Direction;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Which standings.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Channel {
    /// A session's id, or `all`; the current one when absent.
    pub session: Option<String>,
    /// `field:value`.
    pub group: Option<String>,
    /// As managers see it.
    pub live: bool,
    /// With a cell for each task in each row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cells: bool,
}

const VERSION: u8 = 1;

/// One row of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelRow<'a> {
    /// Whose.
    pub key: &'a str,
    /// The name for people; empty when there is none.
    pub name: &'a str,
    /// Per grouping; empty when there is none.
    pub groups: Vec<&'a str>,
    /// The columns; none when the key has no rank any more.
    pub standing: Option<(Vec<Points>, Reached)>,
    /// One for each task; empty where the channel has none.
    pub cells: Vec<TaskCell>,
}

/// Standings, or what changed of them.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelMessage<'a> {
    /// Which.
    pub channel: Channel,
    /// Names one life of the board's memory: versions of another life say nothing.
    pub life: u32,
    /// The version that this goes on from; none: it is everything.
    pub from: Option<u64>,
    /// The version that it leads to.
    pub version: u64,
    /// The board as of here.
    pub cursor: Cursor,
    /// What the API calls `about`, as JSON, when it is new.
    pub about: Option<&'a str>,
    /// What decides the order.
    pub rule: RankRule,
    /// The rows.
    pub rows: Vec<ChannelRow<'a>>,
}

fn rule_byte(rule: &RankRule) -> (u8, u64) {
    let ties = match rule.ties {
        Ties::FirstToReach => 0,
        Ties::Shared => 1,
        Ties::Dense => 2,
    };
    let bits = rule.directions.iter().rev().fold(1_u64, |bits, d| bits << 1 | u64::from(*d == Direction::Asc));
    (ties, bits)
}

fn rule_of(ties: u8, bits: u64) -> Result<RankRule, DecodeError> {
    let ties = match ties {
        0 => Ties::FirstToReach,
        1 => Ties::Shared,
        2 => Ties::Dense,
        _ => return Err(DecodeError::Invalid("ties")),
    };
    if bits == 0 || bits >= 1 << (limits::SCORE_COLUMNS + 1) {
        return Err(DecodeError::Invalid("columns"));
    }
    let columns = bits.ilog2();
    let direction = |i: u32| if bits >> i & 1 == 1 { Direction::Asc } else { Direction::Desc };
    Ok(RankRule { directions: (0..columns).map(direction).collect(), ties })
}

impl<'a> ChannelMessage<'a> {
    /// Packs it.
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::with_capacity(256 + self.rows.len() * 48);
        w.u8(VERSION);
        let c = &self.channel;
        w.u8(u8::from(c.session.is_some())
            | u8::from(c.group.is_some()) << 1
            | u8::from(c.live) << 2
            | u8::from(self.from.is_some()) << 3
            | u8::from(self.about.is_some()) << 4
            | u8::from(c.cells) << 5);
        [&c.session, &c.group].into_iter().flatten().for_each(|t| w.text(t));
        w.varint(u64::from(self.life));
        if let Some(from) = self.from {
            w.varint(from);
        }
        w.varint(self.version);
        w.varint(u64::from(self.cursor.epoch.0));
        w.varint(self.cursor.seq);
        if let Some(about) = self.about {
            w.text(about);
        }
        let (ties, bits) = rule_byte(&self.rule);
        w.u8(ties);
        w.varint(bits);
        w.varint(self.rows.len() as u64);
        for row in &self.rows {
            w.text(row.key);
            w.text(row.name);
            w.varint(row.groups.len() as u64);
            row.groups.iter().for_each(|g| w.text(g));
            w.u8(u8::from(row.standing.is_some()));
            if let Some((values, Reached(at, seq))) = &row.standing {
                values.iter().for_each(|v| w.zigzag(v.0));
                w.zigzag(at.0);
                w.varint(*seq);
            }
            if c.cells {
                write_cells(&mut w, &row.cells);
            }
        }
        w.finish()
    }

    /// Unpacks it.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        match r.u8()? {
            VERSION => {}
            v => return Err(DecodeError::Version(v)),
        }
        let flags = r.u8()?;
        if flags > 63 {
            return Err(DecodeError::Invalid("flags"));
        }
        let mut text = |bit: u8| -> Result<Option<String>, DecodeError> {
            if flags & bit == 0 { Ok(None) } else { r.text().map(|t| Some(t.to_owned())) }
        };
        let channel = Channel { session: text(1)?, group: text(2)?, live: flags & 4 != 0, cells: flags & 32 != 0 };
        let life = r.varint32()?;
        let from = if flags & 8 == 0 { None } else { Some(r.varint()?) };
        let version = r.varint()?;
        let cursor = Cursor { epoch: Epoch(r.varint32()?), seq: r.varint()? };
        let about = if flags & 16 == 0 { None } else { Some(r.text()?) };
        let ties = r.u8()?;
        let rule = rule_of(ties, r.varint()?)?;
        let n = r.count()?;
        let mut rows = Vec::with_capacity(n.min(4_096));
        for _ in 0..n {
            let (key, name) = (r.text()?, r.text()?);
            let groups = r.count()?;
            if groups > limits::SCORE_GROUPINGS {
                return Err(DecodeError::Invalid("groups"));
            }
            let groups = (0..groups).map(|_| r.text()).collect::<Result<_, _>>()?;
            let standing = match r.u8()? {
                0 => None,
                1 => {
                    let values = rule
                        .directions
                        .iter()
                        .map(|_| r.zigzag().map(|v| Points::clamp(v.into())))
                        .collect::<Result<_, _>>()?;
                    Some((values, Reached(Millis(r.zigzag()?), r.varint()?)))
                }
                _ => return Err(DecodeError::Invalid("standing")),
            };
            let cells = if channel.cells { read_cells(&mut r)? } else { Vec::new() };
            rows.push(ChannelRow { key, name, groups, standing, cells });
        }
        r.end()?;
        Ok(Self { channel, life, from, version, cursor, about, rule, rows })
    }
}

/// A relay's copy of one channel.
#[derive(Clone, Debug)]
pub struct Standings {
    life: u32,
    version: u64,
    /// The board as of here.
    pub cursor: Cursor,
    /// What the API calls `about`, as JSON.
    pub about: Rc<str>,
    /// Keys in order.
    pub ranking: Ranking,
    names: Vec<Rc<str>>,
    groups: Vec<Vec<Rc<str>>>,
    /// Per row, where the channel has cells.
    cells: Option<Vec<Vec<TaskCell>>>,
}

/// What a message did to a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// These rows changed; and whether `about` did.
    Changed(ChangedRows, bool),
    /// It was known already.
    Known,
    /// Something is missing in between: ask for everything.
    Missing,
}

impl Standings {
    /// A copy from a message that is everything.
    pub fn new(message: &ChannelMessage<'_>) -> Self {
        let mut own = Self {
            life: message.life,
            version: message.version,
            cursor: message.cursor,
            about: message.about.unwrap_or("{}").into(),
            ranking: Ranking::new(message.rule.clone()),
            names: Vec::new(),
            groups: Vec::new(),
            cells: message.channel.cells.then(Vec::new),
        };
        own.rows(&message.rows);
        own
    }

    /// The life of the board's memory that this is a copy of.
    pub const fn life(&self) -> u32 {
        self.life
    }

    /// Takes what changed.
    pub fn take(&mut self, message: &ChannelMessage<'_>) -> Taken {
        if message.life != self.life {
            return Taken::Missing;
        }
        if message.version <= self.version {
            return Taken::Known;
        }
        if message.from.is_none_or(|from| from != self.version) || message.rule != *self.ranking.rule() {
            return Taken::Missing;
        }
        self.version = message.version;
        self.cursor = message.cursor;
        if let Some(about) = message.about {
            self.about = about.into();
        }
        Taken::Changed(self.rows(&message.rows), message.about.is_some())
    }

    fn rows(&mut self, rows: &[ChannelRow<'_>]) -> ChangedRows {
        let mut changed = ChangedRows::default();
        for row in rows {
            let id = self.ranking.row(row.key);
            let at = id.0 as usize;
            if self.names.len() <= at {
                self.names.resize(at + 1, Rc::from(""));
                self.groups.resize(at + 1, Vec::new());
            }
            if let Some(name) = self.names.get_mut(at).filter(|n| ***n != *row.name) {
                *name = row.name.into();
                changed.renamed.insert(id);
            }
            if let Some(groups) = self.groups.get_mut(at)
                && !groups.iter().map(|g| &**g).eq(row.groups.iter().copied())
            {
                *groups = row.groups.iter().map(|g| Rc::from(*g)).collect();
                changed.renamed.insert(id);
            }
            if self.ranking.set(id, row.standing.as_ref().map(|(v, r)| (v.as_slice(), *r))) {
                changed.moved.insert(id);
            }
            if let Some(cells) = &mut self.cells {
                if cells.len() <= at {
                    cells.resize(at + 1, Vec::new());
                }
                if let Some(own) = cells.get_mut(at).filter(|own| **own != row.cells) {
                    own.clone_from(&row.cells);
                    changed.moved.insert(id);
                }
            }
        }
        changed
    }

    /// The name of a row's key for people; empty when there is none.
    pub fn name(&self, id: RowId) -> &str {
        self.names.get(id.0 as usize).map_or("", |n| n)
    }

    /// Whether rows have cells.
    pub const fn has_cells(&self) -> bool {
        self.cells.is_some()
    }

    /// The cells of a row; empty where there are none.
    pub fn cells(&self, id: RowId) -> &[TaskCell] {
        self.cells.as_ref().and_then(|cells| cells.get(id.0 as usize)).map_or(&[], Vec::as_slice)
    }

    /// The groups of a row's key; empty where there is none.
    pub fn groups(&self, id: RowId) -> &[Rc<str>] {
        self.groups.get(id.0 as usize).map_or(&[], Vec::as_slice)
    }
}
