//! What a reader is answered: the view or 304, and what caches on the way may do with it.

use super::Kept;
use crate::counts;
use crate::fault::{Answer, Fault};
use crate::reply;
use crate::trace;
use heliograph_shared::config::{BoardConfig, Visibility};
use heliograph_shared::id::BoardName;
use heliograph_shared::meters::edge::CacheState;
use heliograph_shared::throttle::Who;
use heliograph_shared::trace::TRACE_HEADER;
use heliograph_shared::views::cache::names_etag;
use js_sys::{Object, Reflect, Uint8Array};
use serde_json::Value;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};

/// An answer as the platform has it.
pub type Served = web_sys::Response;

/// Who reads a view, and how.
pub struct Reader<'r> {
    /// Which board.
    pub board: &'r BoardName,
    /// Its config.
    pub config: Rc<BoardConfig>,
    /// The config's version.
    pub version: u64,
    /// Who pays for what it asks; none for the administrator.
    pub payer: Option<Who>,
    /// Whether it came with a credential.
    pub has_credential: bool,
    /// What follows the version in the entity tag: it tells apart what one address has for several readers.
    pub variant: String,
    /// `If-None-Match`.
    pub condition: Option<String>,
    /// The query's text, for the address of the next page.
    pub query: &'r [(String, String)],
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Kept, and fresh.
    Hit,
    /// The board was asked.
    Miss,
    /// The board was asked by another reader at the same time.
    Coalesced,
    /// Kept, no longer fresh; it is being asked for anew.
    Stale,
    /// Kept, no longer fresh; this reader has it asked for anew.
    Updating,
    /// Kept, no longer fresh; asking anew failed.
    Failing,
    /// Nothing is kept of this board.
    Bypass,
}

impl State {
    /// The state of what was asked for.
    pub const fn asked(leads: bool) -> Self {
        if leads { Self::Miss } else { Self::Coalesced }
    }

    /// As readers and operators are told.
    const fn told(self) -> CacheState {
        match self {
            Self::Hit => CacheState::Hit,
            Self::Miss => CacheState::Miss,
            Self::Coalesced => CacheState::Coalesced,
            Self::Stale | Self::Failing => CacheState::Stale,
            Self::Updating => CacheState::Updating,
            Self::Bypass => CacheState::Bypass,
        }
    }
}

impl Reader<'_> {
    /// The answer of a view that is so many milliseconds old.
    pub fn answer(&self, kept: &Kept, state: State, age: i64) -> Answer<Served> {
        let view = &kept.view;
        let headers = Headers(Object::new());
        headers.set("access-control-allow-origin", "*");
        headers.set("access-control-expose-headers", reply::EXPOSED);
        headers.set("x-cache", state.told().name());
        let Some(version) = &view.version else {
            counts::served(state.told(), false);
            // A problem: it is served again, but nobody else shall keep it.
            headers.set("cache-control", "no-store, no-transform");
            headers.set("content-type", &view.kind);
            headers.set("x-content-type-options", "nosniff");
            if let Some(trace) = trace::current() {
                headers.set(TRACE_HEADER, &trace.to_string());
            }
            return respond(view.status, &headers, Some(&of_this_trace(&view.body)));
        };
        let etag = format!("\"{version}{}\"", self.variant);
        let is_public = self.config.visibility == Visibility::Public && !self.has_credential;
        headers.set("etag", &etag);
        headers.set("vary", "Authorization, Accept");
        headers.set("cache-control", &self.config.cache.cache_control(is_public));
        if age >= 1_000 {
            headers.set("age", &(age / 1_000).to_string());
        }
        if state == State::Failing {
            headers.set("warning", "111 heliograph \"Revalidation Failed\"");
        }
        if self.condition.as_deref().is_some_and(|c| names_etag(c, &etag)) {
            counts::served(state.told(), true);
            return respond(304, &headers, None);
        }
        counts::served(state.told(), false);
        if let Some(next) = &view.next {
            let others = self.query.iter().filter(|(name, _)| name != "after");
            let mut query = worker::url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(others).append_pair("after", next);
            headers.set("link", &format!("<?{}>; rel=\"next\"", query.finish()));
        }
        headers.set("content-type", &view.kind);
        headers.set("x-content-type-options", "nosniff");
        respond(view.status, &headers, Some(&view.body))
    }
}

/// A problem that was asked for before names the trace of whoever asked: this reader's is another.
fn of_this_trace(problem: &Uint8Array) -> Uint8Array {
    let Ok(mut value) = serde_json::from_slice::<Value>(&problem.to_vec()) else { return problem.clone() };
    if let (Some(members), Some(trace)) = (value.as_object_mut(), trace::current()) {
        members.insert("trace".to_owned(), trace.to_string().into());
    }
    Uint8Array::from(value.to_string().as_bytes())
}

/// Headers as a plain object: the platform reads them once, and a `Headers` would be made for nothing.
struct Headers(Object);

impl Headers {
    fn set(&self, name: &str, value: &str) {
        // A plain object takes any property.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
    }
}

fn respond(status: u16, headers: &Headers, body: Option<&Uint8Array>) -> Answer<Served> {
    let failed = |e: JsValue| Fault::Internal(format!("making a response: {e:?}"));
    let init = Object::new();
    Reflect::set(&init, &"status".into(), &status.into()).map_err(failed)?;
    Reflect::set(&init, &"headers".into(), &headers.0).map_err(failed)?;
    let init: &web_sys::ResponseInit = init.unchecked_ref();
    web_sys::Response::new_with_opt_js_u8_array_and_init(body, init).map_err(failed)
}
