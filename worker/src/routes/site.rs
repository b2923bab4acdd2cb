//! The front end's files, with the headers that keep its pages safe.

use heliograph_shared::basemap::range::ByteRange;
use heliograph_shared::config::{BoardConfig, Visibility};
use heliograph_shared::embed::{Sites, Widget};
use heliograph_shared::home::Home;
use heliograph_shared::problem::Code;
use std::rc::Rc;
use std::sync::OnceLock;

use crate::configs;
use crate::fault::{Answer, Fault};
use crate::routes::head;
use crate::sign_in;
use heliograph_shared::id::BoardName;
use matchit::Router;
use serde::Deserialize;
use worker::{Env, Headers, Method, Request, RequestInit, Response, ResponseBuilder};

/// The binding of the built site.
const ASSETS: &str = "ASSETS";
/// The pages and their addresses, from which the site is built too.
const TABLE: &str = include_str!("../../../app/site/pages.json");
/// The page for paths that name nothing.
const OTHERWISE: &str = "index";
/// The page that people come back to from where they sign in.
const SIGNED_IN: &str = "signed-in";

fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "geojson" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" | "ts" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    })
}

/// A name with a content hash never means anything else.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split(['-', '.', '_']).any(|part| part.len() >= 12 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[derive(Deserialize)]
struct Table {
    pages: Vec<Page>,
}

#[derive(Deserialize)]
struct Page {
    name: String,
    #[serde(default)]
    routes: Vec<String>,
    #[serde(default)]
    widgets: Vec<String>,
}

/// The pages of the table; a broken table would show in every test of the site.
fn pages() -> Vec<Page> {
    serde_json::from_str(TABLE).map_or_else(|_| Vec::new(), |table: Table| table.pages)
}

/// The addresses of the table.
fn addresses() -> Router<String> {
    let mut router = Router::new();
    for page in pages() {
        for route in page.routes {
            if let Err(error) = router.insert(route.clone(), page.name.clone()) {
                log_error!("the page {} can't have the address {route}: {error}", page.name);
            }
        }
    }
    router
}

/// The page that a path shows, and its status.
fn page_of(path: &str) -> (String, u16) {
    static ADDRESSES: OnceLock<Router<String>> = OnceLock::new();
    let path = if path == "/" { path } else { path.trim_end_matches('/') };
    match ADDRESSES.get_or_init(addresses).at(path) {
        Ok(found) => (format!("/{}.html", found.value), 200),
        Err(_) => (format!("/{OTHERWISE}.html"), 404),
    }
}

/// The file of the page that embeds a widget. What has no page of its own is refused by that of another, within the frame.
pub fn page_of_widget(widget: Option<Widget>) -> Option<&'static str> {
    static PAGES: OnceLock<Vec<(String, Vec<String>)>> = OnceLock::new();
    let pages = PAGES.get_or_init(|| {
        let embeds = pages().into_iter().filter(|page| !page.widgets.is_empty());
        embeds.map(|page| (format!("/{}.html", page.name), page.widgets)).collect()
    });
    let shows = |widgets: &[String]| widget.is_some_and(|widget| widgets.iter().any(|name| name == widget.name()));
    let found = pages.iter().find(|(_, widgets)| shows(widgets)).or_else(|| pages.first());
    found.map(|(file, _)| file.as_str())
}

/// Serves a file, or the page for a path that is no file.
pub async fn serve(req: &Request, env: &Env) -> Answer<Response> {
    let path = req.path();
    let named = path != "/" && content_type(&path).is_some();
    if named {
        let found = fetch(env, &path).await?;
        if found.status_code() == 200 {
            return finish(found, &path, 200, &Policy::Own { style: None, logos: None, exchange: None });
        }
        return Err(Fault::not_found(format!("there is no file {path} here")));
    }
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    if let ["b", board, "console"] = segments.as_slice() {
        return console_moved(board, req.url()?.query());
    }
    let (name, status) = page_of(&path);
    let config = match segments.as_slice() {
        ["b", board] | ["b", board, "map" | "scores" | "contest" | "explore"] => config_of(env, board).await,
        _ => None,
    };
    if let (["b", board], Some(config)) = (segments.as_slice(), &config)
        && let Some(home) = elsewhere(req, config)?
    {
        return moved(&home.path(board));
    }
    let has_map = matches!(segments.as_slice(), ["b", _] | ["b", _, "map"]);
    let style = config.as_deref().filter(|_| has_map).and_then(map_origin);
    let has_logos = matches!(segments.as_slice(), ["b", _, "contest"]);
    let logos = config.as_deref().filter(|_| has_logos).and_then(logos_origin);
    // The page that people come back to from where they sign in, and no other, exchanges a code there.
    let exchange = match segments.as_slice() {
        [SIGNED_IN] => Some(sign_in::token_origins(env).await),
        _ => None,
    };
    let mut page = fetch(env, &name).await?;
    if page.status_code() != 200 {
        return Err(missing());
    }
    if let (["b", board, ..], Some(config)) = (segments.as_slice(), &config)
        && let Ok(board) = BoardName::try_from(*board)
        && status == 200
    {
        // Without the file's tag: what is in it is another.
        page = Response::ok(head::with(page.text().await?, env, &req.url()?, &board, config).await)?;
    }
    let policy = Policy::Own { style: style.as_deref(), logos: logos.as_deref(), exchange: exchange.as_deref() };
    let mut response = finish(page, &name, status, &policy)?;
    if req.method() == Method::Head {
        response = Response::empty()?.with_status(status).with_headers(response.headers().clone());
    }
    Ok(response)
}

/// The site is not there.
pub fn missing() -> Fault {
    Fault::problem(Code::SiteMissing, "the front end has not been built; run cargo xtask up")
}

/// The config of a board that an address names, if there is one.
pub async fn config_of(env: &Env, board: &str) -> Option<Rc<BoardConfig>> {
    configs::find(env, &BoardName::try_from(board).ok()?).await.ok()?
}

/// The page that a public board opens, if its config names another than the map. Of others the page itself finds out: what a
/// private board is for is not told to strangers. An address with a query is a view of the map.
fn elsewhere(req: &Request, config: &BoardConfig) -> Answer<Option<Home>> {
    let is_plain = req.url()?.query().is_none();
    let home = config.home.filter(|home| *home != Home::Map);
    Ok(home.filter(|_| is_plain && config.visibility == Visibility::Public))
}

/// The console's address of before leads to where its standings and sessions are now.
fn console_moved(board: &str, query: Option<&str>) -> Answer<Response> {
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let response = Response::empty()?.with_status(308);
    response.headers().set("location", &format!("/b/{board}/manage/scores{query}"))?;
    Ok(response)
}

fn moved(path: &str) -> Answer<Response> {
    let h = Headers::new();
    h.set("location", path)?;
    h.set("cache-control", "no-cache")?;
    Ok(Response::empty()?.with_status(302).with_headers(h))
}

/// The origin of the board's own map style or of its archive of tiles, which its page alone may load from; none where that is
/// on this site.
pub fn map_origin(config: &BoardConfig) -> Option<String> {
    let archive = config.map.basemap.as_ref().map(|basemap| basemap.pmtiles.as_str());
    https_origin(config.map.style.as_deref().or(archive)?)
}

/// The origin of the logos of a board's teams, from which its contest's page alone may load images.
fn logos_origin(config: &BoardConfig) -> Option<String> {
    https_origin(&config.logos.as_ref()?.site)
}

fn https_origin(address: &str) -> Option<String> {
    let url = worker::Url::parse(address).ok()?;
    (url.scheme() == "https").then(|| url.origin().ascii_serialization())
}

/// A file of the site.
pub async fn fetch(env: &Env, path: &str) -> Answer<Response> {
    fetch_part(env, path, None).await
}

/// A file of the site, or the part of it, where what has the files knows parts: otherwise the whole file comes.
pub async fn fetch_part(env: &Env, path: &str, range: Option<ByteRange>) -> Answer<Response> {
    let init = match range {
        Some(range) => {
            let headers = Headers::new();
            headers.set("range", &range.header())?;
            let mut init = RequestInit::new();
            init.with_headers(headers);
            Some(init)
        }
        None => None,
    };
    Ok(env.service(ASSETS)?.fetch(format!("http://assets{path}"), init).await?)
}

/// What a page may load, and whose pages may show it in a frame.
pub enum Policy<'a> {
    /// A page of ours, which nobody shows in a frame.
    Own {
        /// The origin of its map's style or archive of tiles.
        style: Option<&'a str>,
        /// The origin of its teams' logos.
        logos: Option<&'a str>,
        /// The origins at which it exchanges what a sign-in brought.
        exchange: Option<&'a str>,
    },
    /// A board in frames.
    Embed {
        /// The sites that may.
        sites: &'a Sites,
        /// The origin of its map's style or archive of tiles.
        style: Option<&'a str>,
    },
}

impl Policy<'_> {
    /// Sets the headers of a page.
    fn apply(&self, h: &Headers, path: &str) -> worker::Result<()> {
        match self {
            Self::Own { style, logos, exchange } => {
                let (style, exchange) = (style.unwrap_or_default(), exchange.unwrap_or_default());
                let logos = logos.unwrap_or_default();
                // The API's description has its styles within, and no program.
                let inline = if matches!(path, "/docs.html" | "/errors.html") { "'unsafe-inline'" } else { "" };
                let csp = format!(
                    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' {inline}; \
                     img-src 'self' data: blob: {style} {logos}; font-src 'self' {style}; worker-src 'self' blob:; \
                     connect-src 'self' {style} {exchange}; base-uri 'none'; form-action 'none'; object-src 'none'; \
                     frame-ancestors 'none'"
                );
                h.set("content-security-policy", &csp)?;
                h.set("x-frame-options", "DENY")?;
                h.set("cross-origin-opener-policy", "same-origin")?;
            }
            Self::Embed { sites, style } => {
                let style = style.unwrap_or_default();
                // In a frame without an origin of its own MapLibre's worker is a `data:` address: no file could be one there.
                let csp = format!(
                    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
                     img-src 'self' data: blob: {style}; font-src 'self' {style}; connect-src 'self' {style}; \
                     worker-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors {}",
                    sites.frame_ancestors()
                );
                h.set("content-security-policy", &csp)?;
                if sites.is_empty() {
                    h.set("x-frame-options", "DENY")?;
                }
                // A page that is isolated from others takes frames that say this.
                h.set("cross-origin-embedder-policy", "require-corp")?;
                h.set("cross-origin-resource-policy", "cross-origin")?;
            }
        }
        h.set("permissions-policy", "camera=(), microphone=(), payment=()")
    }
}

/// A file as it is answered.
pub fn finish(file: Response, path: &str, status: u16, policy: &Policy<'_>) -> Answer<Response> {
    // What was fetched has headers that can't be changed: the file's own ones are copied.
    let h = Headers::new();
    for name in ["etag", "last-modified"] {
        if let Some(value) = file.headers().get(name)? {
            h.set(name, &value)?;
        }
    }
    let (_, body) = file.into_parts();
    h.set("content-type", content_type(path).unwrap_or("application/octet-stream"))?;
    h.set("x-content-type-options", "nosniff")?;
    h.set("referrer-policy", "no-referrer")?;
    let cache = if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    h.set("cache-control", cache)?;
    if content_type(path) == Some("text/html; charset=utf-8") {
        policy.apply(&h, path)?;
    } else {
        // A frame may have no origin of its own (`sandbox`), and its page may be isolated from others.
        h.set("access-control-allow-origin", "*")?;
        h.set("cross-origin-resource-policy", "cross-origin")?;
        // A page that says this runs workers that say it too, and no others.
        h.set("cross-origin-embedder-policy", "require-corp")?;
    }
    Ok(ResponseBuilder::new().with_status(status).with_headers(h).body(body))
}
