//! What is noted of what managers and administrators have the registry do.

use crate::clock;
use crate::fault::Answer;
use crate::store::registry::RegistryStore;
use heliograph_shared::api::sources::ShownSource;
use heliograph_shared::audit::{Act, Kind, diff};
use heliograph_shared::calls::RegistryCall;
use heliograph_shared::id::BoardName;
use heliograph_shared::share::Share;
use heliograph_shared::source::Source;
use serde_json::{Value, json};

/// Something that is noted.
pub struct Of {
    /// To which board it is done; none: to a key.
    pub board: Option<BoardName>,
    /// What.
    pub act: Act,
    /// The patterns of the boards that a key reaches.
    pub boards: Vec<String>,
}

impl Of {
    const fn board(board: BoardName, act: Act) -> Self {
        Self { board: Some(board), act, boards: Vec::new() }
    }

    fn key(about: &Value, act: Act) -> Self {
        let patterns = about["grants"].as_array().into_iter().flatten().filter_map(|g| g["board"].as_str());
        Self { board: None, act, boards: patterns.map(str::to_owned).collect() }
    }
}

/// What a source is, without its secrets and their hashes.
fn shown(source: Source) -> Answer<Value> {
    Ok(serde_json::to_value(ShownSource::of(source, clock::now()))?)
}

fn source(before: Option<Source>, after: Source) -> Answer<Of> {
    let (board, name) = (after.board.clone(), after.name.to_string());
    let act = |action| Act::new(Kind::Sources, action).on(&name);
    let Some(before) = before else {
        let act = act("made").to(json!({"envelope": shown(after)?["envelope"]}).to_string());
        return Ok(Of::board(board, act));
    };
    let rotated = before.generation != after.generation;
    let devices = before.devices != after.devices;
    let act = match (rotated, devices) {
        (true, _) => act("rotated"),
        (false, true) => act("device_rotated"),
        (false, false) => act("changed").differing(diff(&shown(before)?, &shown(after)?)),
    };
    Ok(Of::board(board, act))
}

fn share(share: &Share) -> String {
    let Share { label, grant, expires_at, count, .. } = share;
    json!({"label": label, "keys": grant.keys, "operations": grant.operations, "conditions": grant.conditions,
        "expires_at": expires_at, "count": count})
    .to_string()
}

/// What a call does, told by what is there before it; nothing for one that changes nothing.
pub fn act_of(store: &RegistryStore, call: &RegistryCall) -> Answer<Option<Of>> {
    let key = |id: &str| -> Answer<Option<Value>> {
        let kept = store.hashes_of_key(id)?;
        let abouts = kept.iter().map(|(_, about)| serde_json::from_str::<Value>(about));
        Ok(abouts.collect::<Result<Vec<_>, _>>()?.into_iter().find(|about| about["until"].is_null()))
    };
    let known = |name: &str| -> Answer<Option<Source>> {
        Ok(store.source(name)?.map(|about| serde_json::from_str(&about)).transpose()?)
    };
    let about_key = |about: &Value, id: &str, action| {
        let act = Act::new(Kind::Keys, action).on(id);
        let label = about["label"].as_str().unwrap_or_default();
        Of::key(about, if action == "deleted" { act.from(label) } else { act.to(label) })
    };
    Ok(Some(match call {
        RegistryCall::PutKey(hash, about) => about_key(about, hash.get(..16).unwrap_or_default(), "made"),
        RegistryCall::RotateKey(rotation) => {
            let Some(about) = key(&rotation.id)? else { return Ok(None) };
            about_key(&about, &rotation.id, "rotated")
        }
        RegistryCall::DeleteKey(id) => {
            let Some(about) = key(id)? else { return Ok(None) };
            about_key(&about, id, "deleted")
        }
        RegistryCall::PutSource(after, _) => source(known(after.name.as_str())?, (**after).clone())?,
        RegistryCall::DeleteSource(board, name) => {
            Of::board(board.clone(), Act::new(Kind::Sources, "deleted").on(name.as_str()))
        }
        RegistryCall::PutShare(made) => {
            Of::board(made.board.clone(), Act::new(Kind::Links, "made").on(made.id.as_str()).to(share(made)))
        }
        RegistryCall::DeleteShare(board, id) => {
            let kept: Option<Share> =
                store.share(id.as_str())?.map(|about| serde_json::from_str(&about)).transpose()?;
            let act = Act::new(Kind::Links, "revoked").on(id.as_str());
            Of::board(board.clone(), kept.as_ref().map_or(act.clone(), |kept| act.from(share(kept))))
        }
        RegistryCall::Boards
        | RegistryCall::Meters
        | RegistryCall::Board(_)
        | RegistryCall::Say(..)
        | RegistryCall::DeleteBoard(..)
        | RegistryCall::Changes(_)
        | RegistryCall::Report(..)
        | RegistryCall::Watch(_)
        | RegistryCall::End(_)
        | RegistryCall::Code(_)
        | RegistryCall::PutCode(..)
        | RegistryCall::Keys
        | RegistryCall::Key(_)
        | RegistryCall::Source(_)
        | RegistryCall::Sources(_)
        | RegistryCall::Shares(_)
        | RegistryCall::OpenShare(..)
        | RegistryCall::Settings(_)
        | RegistryCall::PutSettings(..)
        | RegistryCall::Noted(..)
        | RegistryCall::Note(..)
        | RegistryCall::Audit(..) => return Ok(None),
    }))
}
