//! Sign-in: what the administrator says about it, what issuers publish, and whether a signature is theirs. What follows from
//! it is decided in [`heliograph_shared::sign_in`].

mod issuers;
mod verify;

pub use issuers::{endpoints, keys};
pub use verify::is_good;

use crate::calls;
use crate::clock;
use crate::fault::{Answer, Fault};
use heliograph_shared::limits;
use heliograph_shared::sign_in::Settings;
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::rc::Rc;
use worker::Env;

/// Under this name the registry has the settings.
pub const NAME: &str = "identity";

/// The settings, and their version.
pub type Versioned = (Rc<Settings>, u64);

thread_local! {
    static LAST: RefCell<Option<(Millis, Versioned)>> = const { RefCell::new(None) };
}

/// The settings as they are now.
pub async fn settings(env: &Env) -> Answer<Versioned> {
    let stored = calls::registry::settings(env, NAME).await?;
    let settings = match stored.version {
        0 => Settings::default(),
        _ => serde_json::from_value(stored.value).map_err(|e| Fault::Internal(format!("stored settings: {e}")))?,
    };
    let read = (Rc::new(settings), stored.version);
    LAST.set(Some((clock::now(), read.clone())));
    Ok(read)
}

/// The settings as they were a moment ago: for what everybody may ask for, and gives nothing away.
pub async fn settings_lately(env: &Env) -> Answer<Versioned> {
    let is_fresh = |(at, _): &&(Millis, Versioned)| clock::now().since(*at) < limits::SETTINGS_FRESH_MILLIS;
    if let Some(read) = LAST.with_borrow(|last| last.as_ref().filter(is_fresh).map(|(_, read)| read.clone())) {
        return Ok(read);
    }
    settings(env).await
}

/// The origins at which the page of sign-in exchanges codes, for its policy.
pub async fn token_origins(env: &Env) -> String {
    let Ok((settings, _)) = settings_lately(env).await else { return String::new() };
    let mut origins = Vec::new();
    for issuer in &settings.issuers {
        let found = endpoints(env, issuer).await.ok().and_then(|endpoints| endpoints.token_origin());
        origins.extend(found.filter(|origin| !origins.contains(origin)));
    }
    origins.join(" ")
}
