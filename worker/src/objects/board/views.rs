//! The board's views: adapter around [`heliograph_shared::views`].

use super::Inner;
use crate::asked::Asked;
use crate::fault::Answer;
use crate::objects::call::{NEXT_HEADER, VERSION_HEADER};
use crate::reply;
use heliograph_shared::rights::Sight;
use heliograph_shared::views::{Format, ItemQuery, ItemsQuery, version};
use worker::Response;

impl Inner {
    /// `…/items`, for somebody who may read the keys that the body tells.
    pub(super) fn items(&self, asked: &Asked, body: &[u8]) -> Answer<Response> {
        let sight: Sight = serde_json::from_slice(body)?;
        let pairs = asked.pairs();
        let query = ItemsQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        self.with(|b| {
            let cursor = b.core.cursor();
            let page = query.answer(&b.sights.seen_by(&sight, b.core.items()), cursor, &sight.keys)?;
            let version = version::of_items(&b.sights, &sight, cursor, &page.body);
            let response = view(&version, query.format, page.body)?;
            if let Some(next) = page.next {
                response.headers().set(NEXT_HEADER, &next.to_string())?;
            }
            Ok(response)
        })
    }

    /// `…/items/{key}`, for somebody who may read the keys that the body tells beside this one.
    pub(super) fn item(&self, asked: &Asked, body: &[u8]) -> Answer<Response> {
        let (key, sight): (String, Sight) = serde_json::from_slice(body)?;
        let pairs = asked.pairs();
        let query = ItemQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        self.with(|b| {
            let body = query.answer(&b.sights.seen_by(&sight, b.core.items()), &key, &sight.keys)?;
            view(&version::of_items(&b.sights, &sight, b.core.cursor(), &body), query.format, body)
        })
    }
}

/// A view in its form, with its version: the cursor, and more where that does not tell all that there is to tell.
pub(super) fn view(version: &str, format: Format, body: Vec<u8>) -> Answer<Response> {
    let response = reply::typed(200, format.media_type(), body)?;
    response.headers().set(VERSION_HEADER, version)?;
    Ok(response)
}
