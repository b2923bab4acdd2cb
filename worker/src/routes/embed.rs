//! A board for the frames of other sites, at `/embed/{board}`.
//!
//! The page is the same for every board but for the sites that may show it. Those are told before anybody showed a right to
//! the board: browsers have to know them first. Of a board without sites nobody can tell whether it is there.

use crate::fault::Answer;
use crate::routes::site::{self, Policy};
use heliograph_shared::embed::Widget;
use worker::{Env, Method, Request, Response};

/// What stands in the page for the list of sites.
const PLACE: &str = "HELIOGRAPH_SITES";

/// The board of an embed's path.
pub fn board_of(path: &str) -> Option<&str> {
    let board = path.strip_prefix("/embed/")?.trim_end_matches('/');
    (!board.is_empty() && !board.contains('/')).then_some(board)
}

/// The page with the widget that the address asks for.
pub async fn serve(req: &Request, env: &Env, board: &str) -> Answer<Response> {
    let config = site::config_of(env, board).await;
    let sites = config.as_ref().and_then(|config| config.embed.as_ref()).map(|embed| embed.sites.clone());
    let sites = sites.unwrap_or_default();
    let style = config.as_deref().and_then(site::map_origin);
    let widget = Widget::of_query(req.url()?.query().unwrap_or_default());
    let path = site::page_of_widget(widget).ok_or_else(site::missing)?;
    let mut page = site::fetch(env, path).await?;
    if page.status_code() != 200 {
        return Err(site::missing());
    }
    let html = page.text().await?.replace(PLACE, &sites.listed());
    let page = if req.method() == Method::Head { Response::empty()? } else { Response::ok(html)? };
    site::finish(page, path, 200, &Policy::Embed { sites: &sites, style: style.as_deref() })
}
