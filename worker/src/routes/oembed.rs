//! `GET /oembed`: a pasted address as a frame, for sites that know oEmbed.

use crate::configs;
use crate::fault::{Answer, Fault};
use crate::reply;
use heliograph_shared::oembed;
use heliograph_shared::problem::{Code, FieldError, Problem};
use worker::{Env, Request, Response, Url};

/// The frame for the page that `url` names. A board that is not there, that not everybody may read, or that no site may show
/// is answered alike.
pub async fn answer(req: &Request, env: &Env) -> Answer<Response> {
    let asked = req.url()?;
    let origin = asked.origin().ascii_serialization();
    let named = |name: &str| asked.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value.into_owned());
    match named("format").as_deref() {
        None | Some("json") => (),
        // The specification's other format, and its status for a provider that does not have it.
        Some("xml") => {
            let detail = "oEmbed is answered as JSON: leave format out, or say format=json";
            return Err(Fault::problem(Code::FormatNotBuilt, detail));
        }
        Some(_) => return Err(refused("format", "format is json")),
    }
    let Some(address) = named("url") else {
        return Err(refused(
            "url",
            "url is the address of a board's page here, such as /b/fleet with this server before it",
        ));
    };
    let most = [size(&asked, "maxwidth")?, size(&asked, "maxheight")?];
    let none = || Fault::not_found("no board may be shown in a frame by this address");
    let shown = oembed::shown(&origin, &address).ok_or_else(none)?;
    let config =
        configs::find(env, &shown.board).await?.filter(|config| oembed::is_offered(config)).ok_or_else(none)?;
    let response = reply::object(200, &shown.answer(&origin, &config, (most[0], most[1])))?;
    response.headers().set("cache-control", "public, max-age=300")?;
    Ok(response)
}

fn size(asked: &Url, name: &str) -> Answer<Option<u32>> {
    let Some((_, value)) = asked.query_pairs().find(|(n, _)| n == name) else { return Ok(None) };
    match value.parse() {
        Ok(pixels) => Ok(Some(pixels)),
        Err(_) => Err(refused(name, &format!("{name} is a whole number of pixels"))),
    }
}

fn refused(name: &str, detail: &str) -> Fault {
    let error = FieldError::new(name, Code::InvalidParameter, detail);
    Problem::new(Code::InvalidParameter, detail).with_errors(vec![error]).into()
}
