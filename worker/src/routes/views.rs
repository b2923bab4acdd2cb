//! What all views have in common: the form that is asked for, and conditional requests.

use crate::fault::Answer;
use crate::objects::call::Passed;
use crate::reply;
use heliograph_shared::views::Format;
use std::fmt;
use worker::{Request, Response};

/// The query of a view, with the form in it that `Accept` asks for.
pub struct Query {
    text: String,
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Its names and values.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The query of a request. `format=` is left as it is; without it the form comes from `Accept`.
pub fn query(req: &Request, offered: &[Format]) -> Answer<Query> {
    let url = req.url()?;
    let mut text = url.query().unwrap_or_default().to_owned();
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if !pairs.iter().any(|(name, _)| name == "format") {
        let format = Format::accepted(req.headers().get("accept")?.as_deref(), offered)?;
        if format != Format::default() {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str("format=");
            text.push_str(format.name());
            pairs.push(("format".to_owned(), format.name().to_owned()));
        }
    }
    Ok(Query { text, pairs })
}

/// An object's answer as the answer.
pub fn answer(req: &Request, passed: Passed) -> Answer<Response> {
    let Some(cursor) = passed.cursor.filter(|_| passed.status == 200) else {
        return Ok(reply::typed(passed.status, &passed.kind, passed.body)?);
    };
    let etag = format!("\"{cursor}\"");
    let same = |tags: String| tags.split(',').any(|t| t.trim().trim_start_matches("W/") == etag || t.trim() == "*");
    let response = if req.headers().get("if-none-match")?.is_some_and(same) {
        reply::empty(304)?
    } else {
        reply::typed(passed.status, &passed.kind, passed.body)?
    };
    let h = response.headers();
    h.set("etag", &etag)?;
    h.set("vary", "Authorization, Accept")?;
    h.set("cache-control", "private, no-cache, no-transform")?;
    h.set("access-control-expose-headers", "etag, link")?;
    if let Some(next) = passed.next {
        let mut url = req.url()?;
        let others: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(n, _)| n != "after").collect();
        url.query_pairs_mut().clear().extend_pairs(others).append_pair("after", &next);
        let reference = url.query().unwrap_or_default();
        h.set("link", &format!("<?{reference}>; rel=\"next\""))?;
    }
    Ok(response)
}
