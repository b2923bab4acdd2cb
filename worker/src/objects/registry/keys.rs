//! API keys: each has an id, what it allows, and the hash of its secret; after a rotation for a while two of them.

use crate::fault::Answer;
use crate::store::registry::RegistryStore;
use heliograph_shared::calls::registry::KeyRotation;
use heliograph_shared::limits;
use heliograph_shared::time::Millis;
use serde_json::Value;
use std::collections::BTreeMap;

fn time(about: &Value, name: &str) -> Option<Millis> {
    about[name].as_i64().map(Millis)
}

/// What is stored of a key that is used, by its secret's hash; nothing when there is none, or not any more. That it is used
/// is written down once in a while: callers ask once a minute at most, since they keep what they read.
pub fn look_up(store: &RegistryStore, hash: &str, now: Millis) -> Answer<Option<Vec<u8>>> {
    let Some((id, text)) = store.key(hash)? else { return Ok(None) };
    let mut about: Value = serde_json::from_str(&text)?;
    if time(&about, "until").is_some_and(|until| until <= now) {
        return Ok(None);
    }
    about["id"] = id.as_str().into();
    if time(&about, "used").is_none_or(|used| now.since(used) >= limits::KEY_USED_MILLIS) {
        about["used"] = now.0.into();
        // A key is good also where nothing more can be written.
        if let Err(fault) = store.put_key(hash, &id, &about.to_string()) {
            log_error!("that a key was used is not written down: {fault:?}");
        }
    }
    Ok(Some(about.to_string().into_bytes()))
}

/// Gives a key another secret; what is stored of it, or nothing when there is none. Of those before only the last stays good.
pub fn rotate(store: &RegistryStore, rotation: &KeyRotation, now: Millis) -> Answer<Option<Value>> {
    let mut newest = None;
    for (hash, text) in store.hashes_of_key(&rotation.id)? {
        let mut about: Value = serde_json::from_str(&text)?;
        if time(&about, "until").is_some() || rotation.until <= now {
            store.delete_hash(&hash)?;
        }
        if time(&about, "until").is_none() {
            newest = Some(about.clone());
            if rotation.until > now {
                about["until"] = rotation.until.0.into();
                store.put_key(&hash, &rotation.id, &about.to_string())?;
            }
        }
    }
    let Some(mut about) = newest else { return Ok(None) };
    // One of before there were owners is its own, and stays so under another hash.
    if about["owner"].is_null() {
        about["owner"] = rotation.id.as_str().into();
    }
    about["rotated"] = now.0.into();
    store.put_key(&rotation.hash, &rotation.id, &about.to_string())?;
    Ok(Some(about))
}

/// All keys by id, without hashes: of one with two secrets, when either was used, and until when the one before is good.
pub fn list(store: &RegistryStore, now: Millis) -> Answer<Vec<Value>> {
    let mut keys: BTreeMap<String, Value> = BTreeMap::new();
    let mut before: Vec<(String, Value)> = Vec::new();
    for (id, text) in store.keys()? {
        let mut about: Value = serde_json::from_str(&text)?;
        about["id"] = id.as_str().into();
        match time(&about, "until") {
            Some(_) => before.push((id, about)),
            None => drop(keys.insert(id, about)),
        }
    }
    for (id, old) in before {
        let Some(key) = keys.get_mut(&id) else { continue };
        if let Some(until) = time(&old, "until").filter(|until| *until > now) {
            key["previous_until"] = until.0.into();
        }
        if time(&old, "used") > time(key, "used") {
            key["used"] = old["used"].clone();
        }
    }
    for key in keys.values_mut() {
        // What is not known is said as null.
        for part in ["used", "rotated", "previous_until"] {
            key[part] = key[part].take();
        }
    }
    Ok(keys.into_values().collect())
}
