//! What a page of a board says of it to those who don't run it: searchers, and sites that show a card for a pasted address
//! (Open Graph, <https://ogp.me>; oEmbed's discovery). Only boards that everybody may read are told of.

use crate::calls;
use crate::clock;
use heliograph_shared::config::{BoardConfig, Visibility};
use heliograph_shared::html::escaped;
use heliograph_shared::id::BoardName;
use heliograph_shared::oembed::is_offered;
use heliograph_shared::preview::{HEIGHT, WIDTH};
use heliograph_shared::time::Millis;
use std::cell::RefCell;
use std::collections::HashMap;
use worker::url::form_urlencoded;
use worker::{Env, Url};

/// How many items boards have is asked for at most so often.
const FRESH_MILLIS: i64 = 10_000;

/// How many items each board has.
#[derive(Default)]
struct Counts {
    at: Option<Millis>,
    items: HashMap<BoardName, u32>,
}

thread_local! {
    static COUNTS: RefCell<Counts> = RefCell::new(Counts::default());
}

/// How many items a board had within the last seconds; nothing where that can't be told now.
async fn items(env: &Env, board: &BoardName) -> Option<u32> {
    let now = clock::now();
    let is_fresh = COUNTS.with_borrow(|counts| counts.at.is_some_and(|at| now.since(at) < FRESH_MILLIS));
    if !is_fresh {
        // Others that come meanwhile have what there is.
        COUNTS.with_borrow_mut(|counts| counts.at = Some(now));
        if let Ok(listed) = calls::registry::boards(env).await {
            let items = listed.into_iter().filter_map(|row| Some((row.board, row.summary?.items)));
            let items = items.collect();
            COUNTS.with_borrow_mut(|counts| counts.items = items);
        }
    }
    COUNTS.with_borrow(|counts| counts.items.get(board).copied())
}

/// The page with its head for this board, or as it is for a board that not everybody may read.
pub async fn with(page: String, env: &Env, url: &Url, board: &BoardName, config: &BoardConfig) -> String {
    let places = page.find("<title>").zip(page.find("</title>"));
    let (Some((from, to)), Visibility::Public) = (places, config.visibility) else { return page };
    let origin = url.origin().ascii_serialization();
    let address = format!("{origin}{}", url.path());
    let title = escaped(&config.title);
    let counted = match items(env, board).await {
        Some(items) if items > 0 => format!("{title} ({items})"),
        _ => title.clone(),
    };
    let mut head = format!(
        "<title>{counted}</title><meta property=\"og:type\" content=\"website\"/>\
         <meta property=\"og:site_name\" content=\"Heliograph\"/><meta property=\"og:title\" content=\"{counted}\"/>\
         <meta property=\"og:url\" content=\"{}\"/><meta property=\"og:image\" content=\"{origin}/v1/boards/{board}/preview.png\"/>\
         <meta property=\"og:image:type\" content=\"image/png\"/><meta property=\"og:image:width\" content=\"{WIDTH}\"/>\
         <meta property=\"og:image:height\" content=\"{HEIGHT}\"/><meta property=\"og:image:alt\" content=\"{counted}\"/>\
         <meta name=\"twitter:card\" content=\"summary_large_image\"/>",
        escaped(&address)
    );
    if !config.description.is_empty() {
        let description = escaped(&config.description);
        head = format!("{head}<meta property=\"og:description\" content=\"{description}\"/>");
    }
    if is_offered(config) {
        let asked: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
        let href = format!("{origin}/oembed?url={asked}");
        head = format!(
            "{head}<link rel=\"alternate\" type=\"application/json+oembed\" href=\"{href}\" title=\"{title}\"/>"
        );
    }
    [page.get(..from).unwrap_or_default(), &head, page.get(to + "</title>".len()..).unwrap_or_default()].concat()
}
