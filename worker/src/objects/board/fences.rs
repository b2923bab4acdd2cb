//! The board's fences: adapter around [`heliograph_shared::fences`].

use super::{DAY_MILLIS, Inner, Loaded};
use crate::asked::Asked;
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::reply;
use heliograph_shared::audit::{Act, By, Kind, Noted};
use heliograph_shared::calls::board::FenceAsk;
use heliograph_shared::fences::{FenceId, HappeningsQuery, ListQuery};
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::projection::{Need, Projection};
use heliograph_shared::time::Millis;
use serde_json::Value;
use std::rc::Rc;
use worker::Response;

fn unknown(id: &str) -> Fault {
    Problem::new(Code::NotFound, format!("the board has no fence {id:?}")).into()
}

impl Loaded {
    /// Before when what happened at fences is too old to be kept.
    fn fences_from(&self, now: Millis) -> Option<Millis> {
        self.keeper.settings().keep.map(|keep| now.plus(-i64::from(keep.days) * DAY_MILLIS))
    }

    /// Drops what happened at fences and is older than the board keeps its log.
    pub(super) fn trim_fences(&mut self, now: Millis) -> Answer<()> {
        match self.fences_from(now) {
            Some(from) if self.fences.trim(from) => self.write_fences(),
            _ => Ok(()),
        }
    }

    /// When something that happened at fences becomes too old.
    pub(super) fn next_trim(&self, now: Millis) -> Option<Millis> {
        let kept = now.since(self.fences_from(now)?);
        // What comes due at the same hour goes together.
        Some(self.fences.happenings().oldest()?.plus(kept + 3_600_000))
    }

    /// Writes what changed of fences, with what was done, all or nothing: what comes after it in the log meets them so.
    fn store_fences(&mut self, by: By, act: Act) -> Answer<()> {
        let (store, fences) = (&self.store, &mut self.fences);
        store.whole().of(|| {
            store.note(&Noted { by, act, boards: Vec::new() }, clock::now())?;
            store.change(fences.checkpoint(Need::Room))
        })?;
        fences.stored();
        Ok(())
    }
}

impl Inner {
    /// `…/fences`.
    pub(super) fn fences(&self, asked: &Asked) -> Answer<Response> {
        let pairs = asked.pairs();
        let query = ListQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        self.with(|b| {
            let body = b.fences.list_json(&query, b.core.cursor());
            let kind = if query.is_geojson { "application/geo+json" } else { "application/json" };
            Ok(reply::typed(200, kind, serde_json::to_vec(&body)?)?)
        })
    }

    /// A fence with who is inside.
    pub(super) fn fence(&self, id: &str) -> Answer<Response> {
        let wanted = FenceId::parse(id).map_err(|_| unknown(id))?;
        self.with(|b| {
            let shown = b.fences.shown(&wanted).ok_or_else(|| unknown(id))?;
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
            let put = b.fences.put(&id, &fence, (head, now), items)?;
            if let Some(is_new) = put {
                let action = if is_new { "fence_made" } else { "fence_changed" };
                b.store_fences(by, Act::new(Kind::Config, action).on(id.as_str()))?;
            }
            let shown: Option<Value> = b.fences.shown(&id).map(serde_json::to_value).transpose()?;
            Ok(reply::object(if put == Some(true) { 201 } else { 200 }, &shown)?)
        })?;
        self.set_alarm();
        Ok(response)
    }

    /// Deletes a fence. What happened at it stays.
    pub(super) fn drop_fence(&self, by: By, id: &str) -> Answer<Response> {
        let wanted = FenceId::parse(id).map_err(|_| unknown(id))?;
        self.with(|b| {
            if !b.fences.remove(&wanted) {
                return Err(unknown(id));
            }
            b.store_fences(by, Act::new(Kind::Config, "fence_deleted").on(id))?;
            Ok(reply::empty(204)?)
        })
    }

    /// What happened at fences, the newest first.
    pub(super) fn fence_events(&self, asked: &Asked) -> Answer<Response> {
        let pairs = asked.pairs();
        let query = HappeningsQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        self.with(|b| {
            b.trim_fences(clock::now())?;
            Ok(reply::object(200, &b.fences.events(&query, b.core.cursor()))?)
        })
    }
}
