//! What was done to the board, noted with what was done: both are there, or neither is.

use super::scoreboard::session;
use super::{Inner, Loaded};
use crate::asked::Asked;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use heliograph_shared::audit::{Act, AuditAsk, By, Kind, Noted, diff};
use heliograph_shared::calls::board::{ControlRequest, Place};
use heliograph_shared::letters::LetterFilter;
use serde_json::Value;
use worker::Response;

/// Who asks for something; a caller that does not say is no manager.
pub(super) fn by_of(asked: &Asked) -> Answer<Option<By>> {
    let said = asked.pairs().into_iter().find(|(name, _)| name == "by").map(|(_, value)| value);
    Ok(said.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// The same, where only managers ask.
pub(super) fn manager_of(asked: &Asked) -> Answer<By> {
    by_of(asked)?.ok_or_else(|| Fault::Internal(format!("{}: nobody asks", asked.method())))
}

/// Where a config goes that is put.
pub(super) fn place_of(asked: &Asked) -> Answer<Place> {
    let said = asked.pairs().into_iter().find(|(name, _)| name == "place").map(|(_, value)| value);
    Ok(said.map_or(Ok(Place::Any), |text| serde_json::from_str(&text))?)
}

/// A whole value's name, such as an action's.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What a new config changes; nothing where it is as it was.
pub(super) fn of_config(before: Option<&str>, after: &str) -> Answer<Option<Act>> {
    let now: Value = serde_json::from_str(after)?;
    let Some(before) = before else {
        return Ok(Some(Act::new(Kind::Config, "made").to(diff(&Value::Object(serde_json::Map::new()), &now).after)));
    };
    let was: Value = serde_json::from_str(before)?;
    Ok((was != now).then(|| Act::new(Kind::Config, "changed").differing(diff(&was, &now))))
}

/// What letters of a filter are, in short.
pub(super) fn of_filter(filter: &LetterFilter) -> String {
    let LetterFilter { source, code, step, key, text } = filter;
    let parts = [("source", source), ("code", code), ("step", step), ("key", key), ("text", text)];
    let said: Vec<String> = parts.iter().filter_map(|(n, v)| v.as_ref().map(|v| format!("{n}={v}"))).collect();
    if said.is_empty() { "all".to_owned() } else { said.join("&") }
}

impl Loaded {
    /// Notes something that is being done.
    pub(super) fn note(&self, by: By, act: Act) -> Answer<()> {
        self.store.note(&Noted { by, act, boards: Vec::new() }, clock::now())
    }

    /// What a manager asks for as an entry; nothing where nothing is changed by it.
    pub(super) fn act_of(&self, request: &ControlRequest) -> Answer<Option<Act>> {
        Ok(Some(match request {
            ControlRequest::Create { id, title, .. } => Act::new(Kind::Sessions, "made").on(id).to(title.as_str()),
            ControlRequest::Act { id, action, .. } => {
                let act = Act::new(Kind::Sessions, &word(action)).on(id);
                match session(&self.keeper, id)["phase"].as_str() {
                    Some(phase) => act.from(phase),
                    None => act,
                }
            }
            ControlRequest::EndItem { key, .. } => Act::new(Kind::Items, "ended").on(key),
            // Who asks again how far it is erases nothing.
            ControlRequest::EraseItem { key, .. } if self.is_erased(key)? => return Ok(None),
            ControlRequest::EraseItem { key, .. } => Act::new(Kind::Items, "erased").on(key),
            ControlRequest::Correct { wish, .. } => {
                let mut said = serde_json::to_value(wish)?;
                let action = said["action"].as_str().unwrap_or_default().to_owned();
                let target = said["key"].as_str().map_or_else(|| said["seq"].to_string(), str::to_owned);
                if let Some(map) = said.as_object_mut() {
                    map.retain(|name, _| !matches!(name.as_str(), "action" | "key" | "seq"));
                }
                Act::new(Kind::Scores, &action).on(&target).to(said.to_string())
            }
        }))
    }
}

impl Inner {
    /// What the board itself has noted, for a page.
    pub(super) fn audit_log(&self, body: &[u8]) -> Answer<Response> {
        let ask: AuditAsk = serde_json::from_slice(body)?;
        self.with(|b| Ok(reply::object(200, &b.store.audit(&ask)?)?))
    }
}
