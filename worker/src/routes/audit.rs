//! Who changed what on a board: what the board noted and what the registry noted, as one list.

use crate::auth;
use crate::calls;
use crate::configs;
use crate::fault::Answer;
use crate::reply;
use futures_util::future::try_join;
use heliograph_shared::api::audit_log::{AuditForm, AuditLog, AuditQuery, csv};
use heliograph_shared::audit::merged;
use heliograph_shared::id::BoardName;
use heliograph_shared::views::json::lines;
use worker::url::form_urlencoded;
use worker::{Env, Request, Response};

/// `GET …/audit`.
pub async fn get(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    auth::manager(req, env, &board).await?;
    configs::get(env, &board).await?;
    let url = req.url()?;
    let pairs: Vec<_> = url.query_pairs().collect();
    let pairs = pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
    let AuditQuery { ask, form } = AuditQuery::parse(pairs)?;
    let own = calls::board::audit_log(env, &board, &ask);
    let (own, others) = try_join(own, calls::registry::audit(env, &board, &ask)).await?;
    let (entries, next) = merged(own, others, ask.limit);
    let log = AuditLog::of(entries, next);
    let (kind, body) = match form {
        AuditForm::Json => return Ok(reply::object(200, &log)?),
        AuditForm::Csv => ("text/csv; charset=utf-8", csv(&log.entries)),
        AuditForm::NdJson => ("application/x-ndjson", lines(&log.entries)),
    };
    let response = reply::typed(200, kind, body)?;
    if let Some(next) = log.next {
        // As of views: these forms have no place for it.
        let others = url.query_pairs().filter(|(name, _)| name != "after");
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(others).append_pair("after", &next);
        response.headers().set("link", &format!("<?{}>; rel=\"next\"", query.finish()))?;
    }
    Ok(response)
}
