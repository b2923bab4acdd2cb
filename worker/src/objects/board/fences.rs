//! The board's fences: adapter around [`heliograph_shared::fences`].

use super::Inner;
use crate::asked::Asked;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use heliograph_shared::audit::{Act, By, Kind};
use heliograph_shared::calls::board::FenceAsk;
use heliograph_shared::fences::{FenceId, HappeningsQuery, ListQuery};
use heliograph_shared::problem::{Code, Problem};
use serde_json::Value;
use std::rc::Rc;
use worker::Response;

fn unknown(id: &str) -> Fault {
    Problem::new(Code::NotFound, format!("the board has no fence {id:?}")).into()
}

impl Inner {
    /// `…/fences`.
    pub(super) fn fences(&self, asked: &Asked) -> Answer<Response> {
        let pairs = asked.pairs();
        let query = ListQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        self.with(|b| {
            let body = b.watch.fences.list_json(&query, b.core.cursor());
            let kind = if query.is_geojson { "application/geo+json" } else { "application/json" };
            Ok(reply::typed(200, kind, serde_json::to_vec(&body)?)?)
        })
    }

    /// A fence with who is inside.
    pub(super) fn fence(&self, id: &str) -> Answer<Response> {
        let wanted = FenceId::parse(id).map_err(|_| unknown(id))?;
        self.with(|b| {
            let shown = b.watch.fences.shown(&wanted).ok_or_else(|| unknown(id))?;
            Ok(reply::object(200, &shown)?)
        })
    }

    /// Makes a fence, or changes one.
    pub(super) fn put_fence(self: &Rc<Self>, by: By, body: &[u8]) -> Answer<Response> {
        let FenceAsk { id, fence } = serde_json::from_slice(body)?;
        let now = clock::now();
        let response = self.with(|b| {
            b.has_room(body.len())?;
            let (head, items) = (b.core.cursor().seq, b.core.items().iter());
            let items = items.map(|(_, item)| (item.key(), item.time, item.seq));
            let put = b.watch.fences.put(&id, &fence, (head, now), items)?;
            if let Some(is_new) = put {
                let action = if is_new { "fence_made" } else { "fence_changed" };
                b.store_watch(by, Act::new(Kind::Config, action).on(id.as_str()))?;
            }
            let shown: Option<Value> = b.watch.fences.shown(&id).map(serde_json::to_value).transpose()?;
            Ok(reply::object(if put == Some(true) { 201 } else { 200 }, &shown)?)
        })?;
        self.set_alarm();
        Ok(response)
    }

    /// Deletes a fence. What happened at it stays.
    pub(super) fn drop_fence(&self, by: By, id: &str) -> Answer<Response> {
        let wanted = FenceId::parse(id).map_err(|_| unknown(id))?;
        self.with(|b| {
            if !b.watch.remove_fence(&wanted)? {
                return Err(unknown(id));
            }
            b.store_watch(by, Act::new(Kind::Config, "fence_deleted").on(id))?;
            Ok(reply::empty(204)?)
        })
    }

    /// What happened at fences, the newest first.
    pub(super) fn fence_events(&self, asked: &Asked) -> Answer<Response> {
        let pairs = asked.pairs();
        let query = HappeningsQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        self.with(|b| {
            b.trim_watch(clock::now())?;
            Ok(reply::object(200, &b.watch.fences.events(&query, b.core.cursor()))?)
        })
    }
}
