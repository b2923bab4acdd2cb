//! A board as a picture, for sites that show a card for a pasted address: adapter around [`heliograph_shared::preview`].

use crate::clock;
use crate::configs::{self, Known};
use crate::fault::{Answer, Fault};
use crate::reply;
use crate::routes::{items, scores};
use crate::transform;
use heliograph_shared::api::items::ItemsPage;
use heliograph_shared::api::scores::ScoresPage;
use heliograph_shared::config::{BoardConfig, Visibility};
use heliograph_shared::home::Home;
use heliograph_shared::id::BoardName;
use heliograph_shared::limits;
use heliograph_shared::memo::Memo;
use heliograph_shared::preview::{Panel, Preview};
use heliograph_shared::problem::{Code, Problem};
use js_sys::Uint8Array;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_futures::JsFuture;
use worker::{Context, Env, Method, Request, Response};

/// In which form a picture is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Pixels, as sites take it.
    Png,
    /// What the pixels are made of.
    Svg,
}

/// Pictures by board, its config's version and the form: another config, such as one with privacy zones, is another picture.
type Made = Memo<(BoardName, u64, Form), Rc<Vec<u8>>>;

thread_local! {
    static MADE: RefCell<Made> =
        RefCell::new(Memo::new(limits::PREVIEW_BYTES, limits::PREVIEW_FRESH_MILLIS));
}

/// The picture of a public board, as of within a minute. Whoever asks, it shows what everybody may see; other boards have none.
pub async fn get(call: (&Request, &Env, &Context), board: BoardName, form: Form) -> Answer<Response> {
    let env = call.1;
    let public = |known: &Known| known.config.visibility == Visibility::Public;
    let Some(Known { config, version }) = configs::known(env, &board).await?.filter(public) else {
        return Err(Fault::not_found("there is no board that everybody may read and that is called so"));
    };
    let key = (board, version, form);
    let made = MADE.with_borrow_mut(|made| made.get(clock::now(), &key).cloned());
    let picture = match made {
        Some(picture) => picture,
        None => {
            let svg = draw(call, &key.0, &config).await?.into_bytes();
            let picture = match form {
                Form::Svg => svg,
                Form::Png => transform::picture(env, &svg).await?,
            };
            let bytes = picture.len() + key.0.as_str().len();
            let picture = Rc::new(picture);
            MADE.with_borrow_mut(|made| made.put(clock::now(), key, picture.clone(), bytes));
            picture
        }
    };
    let kind = match form {
        Form::Png => "image/png",
        Form::Svg => "image/svg+xml",
    };
    let response = reply::typed(200, kind, picture.to_vec())?;
    response.headers().set("cache-control", "public, max-age=60")?;
    // Pages of other sites show it, isolated ones (COEP) too.
    response.headers().set("cross-origin-resource-policy", "cross-origin")?;
    // Opened by itself, an SVG is a page of this address.
    response.headers().set("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")?;
    Ok(response)
}

async fn draw(call: (&Request, &Env, &Context), board: &BoardName, config: &BoardConfig) -> Answer<String> {
    let is_ranking = config.scores.is_some() && config.home.is_none_or(Home::needs_scores);
    let (title, description, at) = (config.title.as_str(), config.description.as_str(), clock::now());
    let items: ItemsPage = read(call, board, &format!("items?limit={}", limits::PREVIEW_ITEMS)).await?;
    let positions: Vec<_> = items.items.iter().filter_map(|item| item.position).collect();
    // Only a first page was read: how many there are behind it is not known here.
    let count = items.next.is_none().then_some(items.items.len() as u32);
    if is_ranking || config.scores.is_some() && positions.is_empty() {
        let page: ScoresPage = read(call, board, "scores?top=5").await?;
        return Ok(Preview { title, description, items: count, at, panel: Panel::Ranking(&page) }.svg());
    }
    Ok(Preview { title, description, items: count, at, panel: Panel::Map(&positions) }.svg())
}

/// Reads a view as somebody without a credential.
async fn read<T: DeserializeOwned>(
    (req, env, ctx): (&Request, &Env, &Context),
    board: &BoardName,
    view: &str,
) -> Answer<T> {
    let url = req.url()?.join(&format!("/v1/boards/{board}/{view}")).map_err(|e| Fault::Internal(e.to_string()))?;
    let asked = Request::new(url.as_str(), Method::Get)?;
    let call = (&asked, env, ctx);
    let answer = if view.starts_with("items") {
        items::list(call, board.clone()).await?
    } else {
        scores::get(call, board.clone()).await?
    };
    if answer.status() != 200 {
        return Err(Problem::new(Code::Overloaded, "the board can't be read at the moment").retry_after(1).into());
    }
    let body = answer.array_buffer().map_err(|e| Fault::Internal(format!("{e:?}")))?;
    let body = JsFuture::from(body).await.map_err(|e| Fault::Internal(format!("{e:?}")))?;
    Ok(serde_json::from_slice(&Uint8Array::new(&body).to_vec())?)
}
