//! The board's views: adapter around [`heliograph_shared::views`].

use super::Inner;
use super::later::AsOf;
use crate::asked::Asked;
use crate::calls::board::{NEXT_HEADER, VERSION_HEADER, WORK_HEADER};
use crate::fault::Answer;
use crate::reply;
use heliograph_shared::items::Items;
use heliograph_shared::rights::Sight;
use heliograph_shared::views::{Format, ItemQuery, ItemsQuery, version};
use std::borrow::Cow;
use worker::Response;

impl Inner {
    /// `…/items`, for somebody who may read the keys that the body tells.
    #[inline(never)]
    pub(super) fn items(&self, asked: &Asked, body: &[u8]) -> Answer<Response> {
        let sight: Sight = serde_json::from_slice(body)?;
        let pairs = asked.pairs();
        let query = ItemsQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        query.check_for(&sight)?;
        self.with(|b| {
            let AsOf { head: cursor, at, sight } = b.as_of(&sight, query.at)?;
            let (page, version, work) = match at {
                Some(at) => {
                    let then = b.then(at, cursor, &sight)?;
                    let page = query.answer(&then.items, then.cursor, &sight.keys)?;
                    let version = version::of_content(cursor, &page.body);
                    (page, version, then.work)
                }
                None => {
                    let seen = b.sights.seen_by(&sight, b.core.items());
                    let page = query.answer(&seen, cursor, &sight.keys)?;
                    let version = version::of_items(&b.sights, &sight, cursor, &page.body);
                    (page, version, copied(matches!(seen, Cow::Owned(_)), &seen))
                }
            };
            let response = view(&version, query.format, page.body, page.looked_at + work)?;
            if let Some(next) = page.next {
                response.headers().set(NEXT_HEADER, &next.to_string())?;
            }
            Ok(response)
        })
    }

    /// `…/items/{key}`, for somebody who may read the keys that the body tells beside this one.
    #[inline(never)]
    pub(super) fn item(&self, asked: &Asked, body: &[u8]) -> Answer<Response> {
        let (key, sight): (String, Sight) = serde_json::from_slice(body)?;
        let pairs = asked.pairs();
        let query = ItemQuery::parse(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))?;
        query.check_for(&sight)?;
        self.with(|b| {
            let AsOf { head: cursor, at, sight } = b.as_of(&sight, query.at)?;
            if let Some(at) = at {
                let then = b.then(at, cursor, &sight)?;
                let body = query.answer(&then.items, &key, &sight.keys)?;
                return view(&version::of_content(cursor, &body), query.format, body, then.work);
            }
            let seen = b.sights.seen_by(&sight, b.core.items());
            let body = query.answer(&seen, &key, &sight.keys)?;
            let version = version::of_items(&b.sights, &sight, cursor, &body);
            view(&version, query.format, body, copied(matches!(seen, Cow::Owned(_)), &seen))
        })
    }
}

/// What it cost to put items together, where that was done for one player.
fn copied(is_own: bool, items: &Items) -> u64 {
    if is_own { items.len() as u64 } else { 0 }
}

/// A view in its form, with its version (the cursor, and more where that does not tell all that there is to tell) and its
/// cost: what was looked at for it, and its bytes.
pub(super) fn view(version: &str, format: Format, body: Vec<u8>, looked_at: u64) -> Answer<Response> {
    let work = looked_at + body.len() as u64 / 64;
    let response = reply::typed(200, format.media_type(), body)?;
    response.headers().set(VERSION_HEADER, version)?;
    response.headers().set(WORK_HEADER, &work.to_string())?;
    Ok(response)
}
