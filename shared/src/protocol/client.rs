//! What a viewer says, as JSON text or as its binary twin.

use super::VERSION;
use crate::codec::{DecodeError, Reader, Writer};
use crate::cursor::{Cursor, Epoch};
use crate::limits;
use crate::position::Bbox;
use crate::problem::{Code, read_json};
use crate::rewind::Rewind;
use crate::scores::ScoreWindow;
use crate::views::filter::Condition;
use serde::{Deserialize, Serialize};

/// The number that a client gives a subscription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubId(pub u32);

/// Which items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// All that the token allows.
    #[default]
    All,
    /// These keys, sorted, without repeats.
    Keys(Vec<String>),
    /// Items whose position lies in the box.
    Bbox(Bbox),
    /// No items, but rows of the scoreboard.
    Scores(ScoreWindow),
    /// No items, but who is there.
    Presence,
}

impl Filter {
    /// Whether it is items that are followed.
    pub const fn is_items(&self) -> bool {
        match self {
            Self::All | Self::Keys(_) | Self::Bbox(_) => true,
            Self::Scores(_) | Self::Presence => false,
        }
    }
}

/// What a viewer wants to follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subscription {
    /// Which items.
    pub filter: Filter,
    /// At most one frame in so many milliseconds; 0: as the board ticks.
    pub every_ms: u32,
    /// Only items that meet these conditions, each `column:operator:value`, ascending.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub wheres: Vec<String>,
    /// Whether frames name the trace of the request that they bring.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trace: bool,
}

impl Subscription {
    /// Every item.
    pub fn items_all() -> Self {
        Self::default()
    }

    /// These keys.
    pub fn items_keys(mut keys: Vec<String>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        Self { filter: Filter::Keys(keys), ..Self::default() }
    }

    /// Items in `[west, south, east, north]` degrees.
    pub fn items_bbox(degrees: [f64; 4]) -> Result<Self, crate::position::BadBbox> {
        Ok(Self { filter: Filter::Bbox(Bbox::new(degrees)?), ..Self::default() })
    }

    /// Rows of the scoreboard.
    pub fn scores(window: ScoreWindow) -> Self {
        Self { filter: Filter::Scores(window), ..Self::default() }
    }

    /// Who is there.
    pub fn presence() -> Self {
        Self { filter: Filter::Presence, ..Self::default() }
    }

    /// The same for items that meet these conditions.
    #[must_use]
    pub fn of_those(mut self, mut wheres: Vec<String>) -> Self {
        wheres.sort_unstable();
        wheres.dedup();
        self.wheres = wheres;
        self
    }

    /// The same at a slower pace.
    #[must_use]
    pub const fn every_ms(mut self, millis: u32) -> Self {
        self.every_ms = millis;
        self
    }
}

/// A message from a viewer.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientMessage {
    /// Follow something, or change what is followed under this number, or go on from a cursor.
    Subscribe {
        /// The number to use in answers.
        id: SubId,
        /// What.
        subscription: Subscription,
        /// The cursor up to which the client has everything.
        resume: Option<Cursor>,
        /// The rights under which the client's copy was made, as the snapshot said. Without them the client
        /// vouches for their being the same as now.
        rights: Option<u32>,
        /// How far back it is told what was before; only without `resume`.
        rewind: Option<Rewind>,
    },
    /// Stop following.
    Unsubscribe {
        /// Which.
        id: SubId,
    },
    /// Everything up to here has arrived.
    Ack {
        /// How far.
        cursor: Cursor,
    },
    /// A fresh token for the same connection.
    Token {
        /// The token.
        token: String,
    },
    /// An event.
    Publish {
        /// Comes back in the answer.
        id: u32,
        /// The event as JSON text.
        event: String,
    },
}

/// What is wrong with a message from a viewer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageError {
    /// The subscription or request that it was about, if it could be read.
    pub id: Option<u32>,
    /// The action, if it could be read.
    pub action: Option<String>,
    /// The stable code.
    pub code: Code,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl MessageError {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self { id: None, action: None, code, message: message.into() }
    }

    /// A message that is too long to be looked at.
    pub fn too_large() -> Self {
        Self::new(Code::MessageTooLarge, format!("a message has at most {} bytes", limits::CLIENT_MESSAGE_BYTES))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    action: String,
    id: Option<u32>,
    what: Option<String>,
    keys: Option<Vec<String>>,
    bbox: Option<[f64; 4]>,
    #[expect(dead_code, reason = "part of the protocol; frames do not depend on the zoom level yet")]
    zoom: Option<f64>,
    every_ms: Option<u32>,
    #[serde(rename = "where")]
    wheres: Option<Vec<String>>,
    trace: Option<bool>,
    top: Option<u32>,
    offset: Option<u32>,
    around: Option<String>,
    span: Option<u32>,
    group: Option<String>,
    session: Option<String>,
    cells: Option<bool>,
    resume: Option<String>,
    rights: Option<u32>,
    rewind: Option<Rewind>,
    cursor: Option<String>,
    token: Option<String>,
    event: Option<Box<serde_json::value::RawValue>>,
}

impl Json {
    /// Which items a subscription asks for.
    fn items(&self) -> Result<Filter, MessageError> {
        let numbers = self.top.is_some() || self.offset.is_some() || self.span.is_some();
        if numbers || self.around.is_some() || self.group.is_some() || self.session.is_some() || self.cells.is_some() {
            let message = "top, offset, around, span, group, session and cells go with \"what\":\"scores\"";
            return Err(MessageError::new(Code::InvalidFilter, message));
        }
        match (&self.keys, self.bbox) {
            (Some(_), Some(_)) => Err(MessageError::new(Code::InvalidFilter, "keys and bbox exclude each other")),
            (Some(keys), None) => checked_keys(keys.clone()),
            (None, Some(b)) => {
                let bbox = Bbox::new(b).map_err(|e| MessageError::new(Code::InvalidBbox, format!("bbox: {e}")))?;
                Ok(Filter::Bbox(bbox))
            }
            (None, None) => Ok(Filter::All),
        }
    }

    /// Whether it asks for something of which there is no part to be had.
    fn asks_for_a_part(&self) -> bool {
        let of_items = self.keys.is_some() || self.bbox.is_some() || self.wheres.is_some() || self.trace.is_some();
        let rows = self.top.is_some() || self.offset.is_some() || self.around.is_some() || self.span.is_some();
        of_items || rows || self.group.is_some() || self.session.is_some() || self.cells.is_some()
    }

    /// Who is there: all or nothing.
    fn presence(&self) -> Result<Filter, MessageError> {
        if self.asks_for_a_part() {
            let message = "\"what\":\"presence\" goes alone, or with every_ms: it is of the whole board";
            return Err(MessageError::new(Code::InvalidFilter, message));
        }
        Ok(Filter::Presence)
    }

    /// Which rows of the scoreboard it asks for.
    fn window(&self) -> Result<ScoreWindow, MessageError> {
        if self.keys.is_some() || self.bbox.is_some() || self.wheres.is_some() {
            return Err(MessageError::new(Code::InvalidFilter, "keys, bbox and where go with \"what\":\"items\""));
        }
        if self.trace.is_some() {
            return Err(MessageError::new(Code::InvalidFilter, "trace goes with \"what\":\"items\""));
        }
        let usual = ScoreWindow::default();
        Ok(ScoreWindow {
            top: self.top.unwrap_or(usual.top),
            offset: self.offset.unwrap_or(usual.offset),
            around: self.around.clone(),
            span: self.span.unwrap_or(usual.span),
            group: self.group.clone(),
            session: self.session.clone(),
            cells: self.cells.unwrap_or(usual.cells),
        })
    }
}

fn checked_keys(mut keys: Vec<String>) -> Result<Filter, MessageError> {
    if keys.len() > limits::KEYS_PER_SUBSCRIPTION {
        let message = format!(
            "keys has {} entries; a subscription has at most {}: use several, or a bbox, or all",
            keys.len(),
            limits::KEYS_PER_SUBSCRIPTION
        );
        return Err(MessageError::new(Code::TooManyKeys, message));
    }
    for (i, k) in keys.iter().enumerate() {
        if let Err(e) = crate::id::check_key(k) {
            return Err(MessageError::new(Code::InvalidKey, format!("keys[{i}] {e}")));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(Filter::Keys(keys))
}

fn checked_window(window: ScoreWindow) -> Result<Filter, MessageError> {
    window.check().map_err(|(_, message)| MessageError::new(Code::OutOfRange, message))?;
    Ok(Filter::Scores(window))
}

fn checked_wheres(wheres: &[String]) -> Result<(), MessageError> {
    if wheres.len() > limits::WHERE_CONDITIONS {
        let message = format!("where has at most {} conditions", limits::WHERE_CONDITIONS);
        return Err(MessageError::new(Code::InvalidFilter, message));
    }
    let wrong = wheres.iter().find_map(|text| Condition::parse(text).err());
    wrong.map_or(Ok(()), |why| Err(MessageError::new(Code::InvalidFilter, format!("where {why}"))))
}

fn checked_rewind(rewind: Rewind, filter: &Filter, resumes: bool) -> Result<Rewind, MessageError> {
    if !filter.is_items() {
        return Err(MessageError::new(Code::InvalidFilter, "rewind goes with \"what\":\"items\""));
    }
    if resumes {
        let message = "resume and rewind exclude each other: who resumes is told what came since";
        return Err(MessageError::new(Code::InvalidFilter, message));
    }
    rewind.check().map_err(|message| MessageError::new(Code::OutOfRange, message))
}

fn checked_pace(every_ms: u32) -> Result<u32, MessageError> {
    if every_ms > limits::EVERY_MILLIS_MAX {
        let message = format!("every_ms is at most {}", limits::EVERY_MILLIS_MAX);
        return Err(MessageError::new(Code::OutOfRange, message));
    }
    Ok(every_ms)
}

impl ClientMessage {
    /// Reads a JSON message.
    pub fn from_json(text: &str) -> Result<Self, MessageError> {
        if text.len() > limits::CLIENT_MESSAGE_BYTES {
            return Err(MessageError::too_large());
        }
        // Serde would take an array as the fields in their order.
        if !text.trim_start().starts_with('{') {
            return Err(MessageError::new(
                Code::InvalidMessage,
                "the message is not understood: it is not a JSON object",
            ));
        }
        let json: Json = read_json(text.as_bytes()).map_err(|(field, message)| {
            let place = if field.is_empty() { String::new() } else { format!("{field}: ") };
            MessageError::new(Code::InvalidMessage, format!("the message is not understood: {place}{message}"))
        })?;
        let (id, action) = (json.id, json.action.clone());
        Self::from_parts(json).map_err(|e| MessageError { id, action: Some(action), ..e })
    }

    fn from_parts(json: Json) -> Result<Self, MessageError> {
        let need_id =
            || json.id.ok_or_else(|| MessageError::new(Code::Missing, "id is required: a number of your choice"));
        let cursor = |text: &str, field: &str| {
            text.parse::<Cursor>().map_err(|e| MessageError::new(Code::InvalidCursor, format!("{field}: {e}")))
        };
        match json.action.as_str() {
            "subscribe" => {
                let id = SubId(need_id()?);
                let filter = match json.what.as_deref() {
                    None | Some("items") => json.items()?,
                    Some("scores") => checked_window(json.window()?)?,
                    Some("presence") => json.presence()?,
                    Some(_) => {
                        let message = "what is \"items\", \"scores\" or \"presence\"";
                        return Err(MessageError::new(Code::InvalidWhat, message));
                    }
                };
                let every_ms = checked_pace(json.every_ms.unwrap_or(0))?;
                let resume = json.resume.as_deref().map(|t| cursor(t, "resume")).transpose()?;
                let wheres = json.wheres.unwrap_or_default();
                checked_wheres(&wheres)?;
                let rewind = json.rewind.map(|r| checked_rewind(r, &filter, resume.is_some())).transpose()?;
                let trace = json.trace.unwrap_or(false);
                let subscription = Subscription { filter, every_ms, wheres: Vec::new(), trace }.of_those(wheres);
                Ok(Self::Subscribe { id, subscription, resume, rights: json.rights, rewind })
            }
            "unsubscribe" => Ok(Self::Unsubscribe { id: SubId(need_id()?) }),
            "ack" => {
                let text = json.cursor.ok_or_else(|| MessageError::new(Code::Missing, "cursor is required"))?;
                Ok(Self::Ack { cursor: cursor(&text, "cursor")? })
            }
            "token" => match json.token {
                Some(token) if token.len() <= limits::TOKEN_BYTES => Ok(Self::Token { token }),
                Some(_) => Err(MessageError::new(Code::TooLong, "token is too long")),
                None => Err(MessageError::new(Code::Missing, "token is required")),
            },
            "publish" => match json.event {
                Some(event) => Ok(Self::Publish { id: json.id.unwrap_or(0), event: event.get().to_owned() }),
                None => Err(MessageError::new(Code::Missing, "event is required")),
            },
            other => {
                let message =
                    format!("action {other:?} is not known; there are subscribe, unsubscribe, ack, token and publish");
                Err(MessageError::new(Code::UnknownAction, message))
            }
        }
    }

    /// Writes the binary twin.
    pub fn to_binary(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.u8(VERSION);
        match self {
            Self::Subscribe { id, subscription, resume, rights, rewind } => {
                w.u8(1);
                w.varint(u64::from(id.0));
                w.varint(u64::from(subscription.every_ms));
                match &subscription.filter {
                    Filter::All => w.u8(0),
                    Filter::Keys(keys) => {
                        w.u8(1);
                        w.varint(keys.len() as u64);
                        keys.iter().for_each(|k| w.text(k));
                    }
                    Filter::Bbox(b) => {
                        w.u8(2);
                        b.degrees().iter().for_each(|d| w.zigzag((d * 1e6).round() as i64));
                    }
                    Filter::Scores(s) => {
                        w.u8(3);
                        w.varint(u64::from(s.top));
                        w.varint(u64::from(s.offset));
                        w.varint(u64::from(s.span));
                        let texts = [&s.around, &s.group, &s.session];
                        let there = |i: u8, t: &Option<String>| u8::from(t.is_some()) << i;
                        w.u8(there(0, &s.around) | there(1, &s.group) | there(2, &s.session) | u8::from(s.cells) << 3);
                        texts.into_iter().flatten().for_each(|t| w.text(t));
                    }
                    Filter::Presence => w.u8(4),
                }
                let wheres = &subscription.wheres;
                let parts = [resume.is_some(), rights.is_some(), !wheres.is_empty(), rewind.is_some()];
                w.u8((0..).zip(parts).map(|(bit, there)| u8::from(there) << bit).sum());
                if let Some(c) = resume {
                    w.varint(u64::from(c.epoch.0));
                    w.varint(c.seq);
                }
                if let Some(rights) = rights {
                    w.varint(u64::from(*rights));
                }
                if !wheres.is_empty() {
                    w.varint(wheres.len() as u64);
                    wheres.iter().for_each(|text| w.text(text));
                }
                if let Some(rewind) = rewind {
                    let (kind, n) = match rewind {
                        Rewind::Events(n) => (0, *n),
                        Rewind::Seconds(n) => (1, *n),
                    };
                    w.u8(kind);
                    w.varint(u64::from(n));
                }
            }
            Self::Unsubscribe { id } => {
                w.u8(2);
                w.varint(u64::from(id.0));
            }
            Self::Ack { cursor } => {
                w.u8(3);
                w.varint(u64::from(cursor.epoch.0));
                w.varint(cursor.seq);
            }
            Self::Token { token } => {
                w.u8(4);
                w.text(token);
            }
            Self::Publish { id, event } => {
                w.u8(5);
                w.varint(u64::from(*id));
                w.text(event);
            }
        }
        w.finish()
    }

    /// Reads the binary twin.
    pub fn from_binary(bytes: &[u8]) -> Result<Self, MessageError> {
        if bytes.len() > limits::CLIENT_MESSAGE_BYTES {
            return Err(MessageError::too_large());
        }
        let bad = |e: DecodeError| MessageError::new(Code::InvalidMessage, e.to_string());
        let mut r = Reader::new(bytes);
        match r.u8().map_err(bad)? {
            VERSION => {}
            v => return Err(bad(DecodeError::Version(v))),
        }
        let message = Self::read(&mut r).map_err(|e| e.unwrap_or_else(bad))?;
        r.end().map_err(bad)?;
        Ok(message)
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, Refused> {
        match r.u8()? {
            1 => {
                let id = SubId(r.varint32()?);
                let every_ms = checked_pace(r.varint32()?)?;
                let filter = match r.u8()? {
                    0 => Filter::All,
                    1 => {
                        let n = r.count()?;
                        let keys = (0..n).map(|_| r.text().map(str::to_owned)).collect::<Result<_, _>>()?;
                        checked_keys(keys).map_err(|e| MessageError { id: Some(id.0), ..e })?
                    }
                    2 => {
                        let mut degrees = [0.0; 4];
                        for d in &mut degrees {
                            *d = r.zigzag()? as f64 / 1e6;
                        }
                        Filter::Bbox(
                            Bbox::new(degrees)
                                .map_err(|e| MessageError::new(Code::InvalidBbox, format!("bbox: {e}")))?,
                        )
                    }
                    3 => {
                        let (top, offset, span) = (r.varint32()?, r.varint32()?, r.varint32()?);
                        let flags = r.u8()?;
                        if flags > 15 {
                            return Err(DecodeError::Invalid("flags").into());
                        }
                        let mut text = |bit: u8| -> Result<Option<String>, DecodeError> {
                            if flags & bit == 0 { Ok(None) } else { r.text().map(|t| Some(t.to_owned())) }
                        };
                        let (around, group, session) = (text(1)?, text(2)?, text(4)?);
                        let cells = flags & 8 != 0;
                        let window = ScoreWindow { top, offset, around, span, group, session, cells };
                        checked_window(window).map_err(|e| MessageError { id: Some(id.0), ..e })?
                    }
                    4 => Filter::Presence,
                    _ => return Err(DecodeError::Invalid("filter").into()),
                };
                let flags = r.u8()?;
                if flags > 15 || flags & 4 != 0 && !filter.is_items() {
                    return Err(DecodeError::Invalid("flags").into());
                }
                let resume = match flags & 1 {
                    0 => None,
                    _ => Some(Cursor { epoch: Epoch(r.varint32()?), seq: r.varint()? }),
                };
                let rights = if flags & 2 == 0 { None } else { Some(r.varint32()?) };
                let n = if flags & 4 == 0 { 0 } else { r.count()? };
                let wheres = (0..n).map(|_| r.text().map(str::to_owned)).collect::<Result<Vec<_>, _>>()?;
                checked_wheres(&wheres).map_err(|e| MessageError { id: Some(id.0), ..e })?;
                let rewind = if flags & 8 == 0 { None } else { Some(read_rewind(r)?) };
                let rewind = rewind.map(|rewind| checked_rewind(rewind, &filter, resume.is_some())).transpose();
                let rewind = rewind.map_err(|e| MessageError { id: Some(id.0), ..e })?;
                let subscription = Subscription { filter, every_ms, ..Subscription::default() }.of_those(wheres);
                Ok(Self::Subscribe { id, subscription, resume, rights, rewind })
            }
            2 => Ok(Self::Unsubscribe { id: SubId(r.varint32()?) }),
            3 => Ok(Self::Ack { cursor: Cursor { epoch: Epoch(r.varint32()?), seq: r.varint()? } }),
            4 => match r.text()? {
                token if token.len() <= limits::TOKEN_BYTES => Ok(Self::Token { token: token.to_owned() }),
                _ => Err(MessageError::new(Code::TooLong, "token is too long").into()),
            },
            5 => Ok(Self::Publish { id: r.varint32()?, event: r.text()?.to_owned() }),
            _ => Err(DecodeError::Invalid("message type").into()),
        }
    }
}

fn read_rewind(r: &mut Reader<'_>) -> Result<Rewind, DecodeError> {
    match r.u8()? {
        0 => Ok(Rewind::Events(r.varint32()?)),
        1 => Ok(Rewind::Seconds(r.varint32()?)),
        _ => Err(DecodeError::Invalid("rewind")),
    }
}

/// Either kind of refusal while reading binary.
enum Refused {
    Bytes(DecodeError),
    Message(MessageError),
}

impl Refused {
    fn unwrap_or_else(self, f: impl Fn(DecodeError) -> MessageError) -> MessageError {
        match self {
            Self::Bytes(e) => f(e),
            Self::Message(e) => e,
        }
    }
}

impl From<DecodeError> for Refused {
    fn from(e: DecodeError) -> Self {
        Self::Bytes(e)
    }
}

impl From<MessageError> for Refused {
    fn from(e: MessageError) -> Self {
        Self::Message(e)
    }
}

#[cfg(test)]
mod tests;
