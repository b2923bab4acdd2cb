//! From a request to its handler, by the table of routes in `heliograph-shared`.

use crate::configs::board_name;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys::keys;
use crate::paces;
use crate::reply;
use crate::routes::{
    alarms, archive, audit, aws, backup, basemap, boards, connections, embed, events, feed, fences, history, ingest,
    items, layers, letters, named, oembed, pipeline, preview, samples, scores, shares, sign_in, site, sources, status,
    system, tokens, webhooks,
};
use futures_util::FutureExt;
use heliograph_shared::fences::NoFenceId;
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::routes::{Found, Needs, Params, Route, find, is_of_api};
use worker::{Context, Env, Method, Request, Response};

/// Finds the route and follows it. Nothing is served without secrets; health says so too, with the same status.
///
/// `HEAD` is answered like `GET`: the platform sends the headers and drops the body.
pub async fn route(req: Request, env: Env, ctx: &Context) -> Answer<web_sys::Response> {
    keys(&env)?;
    ended::refresh(&env).await;
    let method = req.method();
    let path = req.path();
    match find(method.as_ref(), &path) {
        Found::Route(row, params) => {
            // Who manages a board, or all, shows the right to it before anybody looks whether it is there.
            if !matches!(row.needs, Needs::Manage | Needs::Administrator)
                && let Ok(board) = BoardName::try_from(params.get("board"))
            {
                paces::meet(&env, req.headers(), &board).await?;
            }
            follow(row.route, &params, req, env, ctx).await
        }
        // The name of a list is no fence's: that is worth more to whoever puts one than that the list takes no PUT.
        Found::OtherMethod(_) if method == Method::Put && path.trim_end_matches('/').ends_with("/fences/events") => {
            let refused = FieldError::new("id", Code::Invalid, NoFenceId::Events.to_string());
            Err(Problem::about(422, refused).into())
        }
        Found::OtherMethod(allowed) => Ok(other_method(&method, &path, &allowed)?.into()),
        Found::Preflight(allowed) => {
            let response = preflight(&allowed)?;
            // A sender of CloudEvents asks first whether it may.
            if path.starts_with("/v1/ingest/")
                && let Some(origin) = req.headers().get("webhook-request-origin")?
            {
                response.headers().set("webhook-allowed-origin", &origin)?;
            }
            Ok(response.into())
        }
        Found::NotText => Err(Fault::problem(Code::InvalidPath, "the path is not UTF-8")),
        Found::Nothing if is_of_api(&path) => {
            Err(Fault::not_found(format!("there is no {} {path} here", method.as_ref())))
        }
        Found::Nothing if matches!(method, Method::Get | Method::Head) => {
            let page = match embed::board_of(&path) {
                Some(board) => embed::serve(&req, &env, board).await?,
                None if basemap::is_archive(&path) => basemap::serve(&req, &env, &path).await?,
                None => site::serve(&req, &env).await?,
            };
            Ok(page.into())
        }
        Found::Nothing => Ok(other_method(&method, &path, "GET, HEAD")?.into()),
    }
}

/// Calls the handler of a route.
///
/// Each has a box of its own: together they would be one function of 130 KB, which the platform's compiler takes 36 MB and
/// most of a second to optimise once a worker is busy.
async fn follow(route: Route, params: &Params, req: Request, env: Env, ctx: &Context) -> Answer<web_sys::Response> {
    let board = || board_name(params.get("board"));
    let (key, id, name) = (params.get("key"), params.get("id"), params.get("name"));
    let view = (&req, &env, ctx);
    let response: Response = match route {
        // Producers.
        Route::SendEvents => return events::ingest(req, &env, board()?).boxed_local().await,
        Route::Ingest | Route::IngestQuery | Route::IngestMetrics => {
            return Ok(ingest::take(&req, &env, params.get("source"), None).boxed_local().await?.into());
        }
        Route::IngestDevice | Route::IngestDeviceQuery => {
            let device = Some(params.get("device"));
            return Ok(ingest::take(&req, &env, params.get("source"), device).boxed_local().await?.into());
        }
        Route::Aws | Route::AwsQueue => aws::take(&req, &env).boxed_local().await?,
        Route::TellConnection | Route::LookAtConnection | Route::EndConnection => {
            aws::connection(&req, &env, route, id).boxed_local().await?
        }
        // Readers: answered from what is kept where that is possible.
        Route::Items => return items::list(view, board()?).boxed_local().await,
        Route::Item => return items::one(view, board()?, key).boxed_local().await,
        Route::ItemSeries => return history::item_series(view, board()?, key).boxed_local().await,
        Route::ItemTrips => return history::item_trips(view, board()?, key).boxed_local().await,
        Route::ItemTrack => return history::item_track(view, board()?, key).boxed_local().await,
        Route::Series => return history::board_series(view, board()?).boxed_local().await,
        Route::Summary => return history::summary(view, board()?).boxed_local().await,
        Route::Events => return history::events(view, board()?).boxed_local().await,
        Route::NamedView => return named::get(view, board()?, name).boxed_local().await,
        Route::Scores => return scores::get(view, board()?).boxed_local().await,
        Route::ListLayers => return layers::list(view, board()?).boxed_local().await,
        Route::GetLayer => return layers::get(view, board()?, id).boxed_local().await,
        // Viewers and readers.
        Route::Feed => feed::connect(req, env, ctx, board()?).boxed_local().await?,
        Route::ListViews => named::list(&req, &env, board()?).boxed_local().await?,
        Route::ListSessions => scores::sessions(&req, &env, board()?).boxed_local().await?,
        Route::ListBoards => boards::list(&req, &env).boxed_local().await?,
        Route::GetBoard => boards::get(&req, &env, board()?).boxed_local().await?,
        // Everyone.
        Route::Health => system::health()?,
        Route::Ready => system::ready(&env).boxed_local().await?,
        Route::OEmbed => oembed::answer(&req, &env).boxed_local().await?,
        Route::PreviewPng => preview::get(view, board()?, preview::Form::Png).boxed_local().await?,
        Route::PreviewSvg => preview::get(view, board()?, preview::Form::Svg).boxed_local().await?,
        Route::Jwks => tokens::jwks(&env)?,
        Route::Mint => tokens::mint(req, &env).boxed_local().await?,
        Route::SignIn => sign_in::providers(&env).boxed_local().await?,
        Route::SignOut => sign_in::out(req, &env).boxed_local().await?,
        // Managers, and the administrator.
        Route::PutBoard
        | Route::ExportBoard
        | Route::ImportBoard
        | Route::DeleteBoard
        | Route::CreateSession
        | Route::LeadSession
        | Route::Correct
        | Route::Audit
        | Route::Entries
        | Route::Pipeline
        | Route::TryPipeline
        | Route::Status
        | Route::Archive
        | Route::EndItem
        | Route::DeadLetters
        | Route::GetDeadLetter
        | Route::MendDeadLetter
        | Route::DropDeadLetter
        | Route::DropDeadLetters
        | Route::ReplayDeadLetter
        | Route::ReplayDeadLetters
        | Route::ExportDeadLetters
        | Route::ListSources
        | Route::MakeSource
        | Route::GetSource
        | Route::ChangeSource
        | Route::DeleteSource
        | Route::DeviceOfSource
        | Route::TrySource
        | Route::RotateSource
        | Route::ListShares
        | Route::MakeShare
        | Route::DeleteShare
        | Route::ListConnections
        | Route::EndBoardConnection
        | Route::EndConnectionsOf
        | Route::ListFences
        | Route::FenceEvents
        | Route::GetFence
        | Route::PutFence
        | Route::DeleteFence
        | Route::ListAlarms
        | Route::AlarmEvents
        | Route::AcknowledgeAlarm
        | Route::MuteAlarms
        | Route::ListAlarmRules
        | Route::GetAlarmRule
        | Route::PutAlarmRule
        | Route::DeleteAlarmRule
        | Route::ListWebhooks
        | Route::GetWebhook
        | Route::PutWebhook
        | Route::DeleteWebhook
        | Route::RotateWebhook
        | Route::TestWebhook
        | Route::FailedMessages
        | Route::RedeliverMessages
        | Route::PutLayer
        | Route::DeleteLayer
        | Route::AuditLog
        | Route::Metrics
        | Route::ListKeys
        | Route::MakeKey
        | Route::RotateKey
        | Route::DeleteKey
        | Route::GetIdentity
        | Route::PutIdentity => manage(route, params, req, env).boxed_local().await?,
    };
    Ok(response.into())
}

/// The handlers of what managers and the administrator ask: in a function of its own, since that of all would be too large.
async fn manage(route: Route, params: &Params, req: Request, env: Env) -> Answer<Response> {
    let board = || board_name(params.get("board"));
    let (key, id, name) = (params.get("key"), params.get("id"), params.get("name"));
    #[allow(clippy::wildcard_enum_match_arm, reason = "every route is in the match that leads here, or in this one")]
    Ok(match route {
        // Managers.
        Route::PutBoard => boards::put(req, &env, board()?).boxed_local().await?,
        Route::ExportBoard => backup::export(&req, &env, board()?).boxed_local().await?,
        Route::ImportBoard => backup::import(&req, &env, board()?).boxed_local().await?,
        Route::DeleteBoard => boards::delete(&req, &env, board()?).boxed_local().await?,
        Route::CreateSession => scores::create_session(req, &env, board()?).boxed_local().await?,
        Route::LeadSession => scores::act(req, &env, board()?, id).boxed_local().await?,
        Route::Correct => scores::correct(req, &env, board()?).boxed_local().await?,
        Route::Audit => scores::audit(&req, &env, board()?).boxed_local().await?,
        Route::Entries => scores::entries(&req, &env, board()?, key).boxed_local().await?,
        Route::Pipeline => pipeline::get(&req, &env, board()?).boxed_local().await?,
        Route::TryPipeline => pipeline::try_out(req, &env, board()?).boxed_local().await?,
        Route::Status => status::get(&req, &env, board()?).boxed_local().await?,
        Route::Archive => archive::get(&req, &env, board()?).boxed_local().await?,
        Route::EndItem => items::end(&req, &env, board()?, key).boxed_local().await?,
        Route::DeadLetters => letters::list(&req, &env, board()?).boxed_local().await?,
        Route::GetDeadLetter => letters::get(&req, &env, board()?, id).boxed_local().await?,
        Route::MendDeadLetter => letters::mend(&req, &env, board()?, id).boxed_local().await?,
        Route::DropDeadLetter => letters::drop_one(&req, &env, board()?, id).boxed_local().await?,
        Route::DropDeadLetters => letters::drop_some(&req, &env, board()?).boxed_local().await?,
        Route::ReplayDeadLetter => letters::replay_one(&req, &env, board()?, id).boxed_local().await?,
        Route::ReplayDeadLetters => letters::replay_some(&req, &env, board()?).boxed_local().await?,
        Route::ExportDeadLetters => letters::export(&req, &env, board()?).boxed_local().await?,
        Route::ListSources => sources::list(&req, &env, board()?).boxed_local().await?,
        Route::MakeSource => sources::make(req, &env, board()?).boxed_local().await?,
        Route::GetSource => sources::get(&req, &env, board()?, name).boxed_local().await?,
        Route::ChangeSource => sources::change(req, &env, board()?, name).boxed_local().await?,
        Route::DeleteSource => sources::delete(&req, &env, board()?, name).boxed_local().await?,
        Route::DeviceOfSource => sources::device(req, &env, board()?, name).boxed_local().await?,
        Route::TrySource => samples::try_out(&req, &env, board()?, name).boxed_local().await?,
        Route::RotateSource => sources::rotate(req, &env, board()?, name).boxed_local().await?,
        Route::ListShares => shares::list(&req, &env, board()?).boxed_local().await?,
        Route::MakeShare => shares::make(req, &env, board()?).boxed_local().await?,
        Route::DeleteShare => shares::delete(&req, &env, board()?, id).boxed_local().await?,
        Route::ListConnections => connections::list(&req, &env, board()?).boxed_local().await?,
        Route::EndBoardConnection => connections::end(&req, &env, board()?, id).boxed_local().await?,
        Route::EndConnectionsOf => connections::end_all(&req, &env, board()?).boxed_local().await?,
        Route::ListFences => fences::list(&req, &env, board()?).boxed_local().await?,
        Route::FenceEvents => fences::events(&req, &env, board()?).boxed_local().await?,
        Route::GetFence => fences::get(&req, &env, board()?, id).boxed_local().await?,
        Route::PutFence => fences::put(&req, &env, board()?, id).boxed_local().await?,
        Route::DeleteFence => fences::delete(&req, &env, board()?, id).boxed_local().await?,
        Route::ListAlarms => alarms::list(&req, &env, board()?).boxed_local().await?,
        Route::AlarmEvents => alarms::events(&req, &env, board()?).boxed_local().await?,
        Route::AcknowledgeAlarm => alarms::acknowledge(&req, &env, board()?, id).boxed_local().await?,
        Route::MuteAlarms => alarms::mute(&req, &env, board()?).boxed_local().await?,
        Route::ListAlarmRules => alarms::rules(&req, &env, board()?).boxed_local().await?,
        Route::GetAlarmRule => alarms::rule(&req, &env, board()?, id).boxed_local().await?,
        Route::PutAlarmRule => alarms::put_rule(&req, &env, board()?, id).boxed_local().await?,
        Route::DeleteAlarmRule => alarms::delete_rule(&req, &env, board()?, id).boxed_local().await?,
        Route::ListWebhooks => webhooks::list(&req, &env, board()?).boxed_local().await?,
        Route::GetWebhook => webhooks::get(&req, &env, board()?, id).boxed_local().await?,
        Route::PutWebhook => webhooks::put(&req, &env, board()?, id).boxed_local().await?,
        Route::DeleteWebhook => webhooks::delete(&req, &env, board()?, id).boxed_local().await?,
        Route::RotateWebhook => webhooks::rotate(&req, &env, board()?, id).boxed_local().await?,
        Route::TestWebhook => webhooks::test(&req, &env, board()?, id).boxed_local().await?,
        Route::FailedMessages => webhooks::failed(&req, &env, board()?, id).boxed_local().await?,
        Route::RedeliverMessages => webhooks::redeliver(&req, &env, board()?, id).boxed_local().await?,
        Route::PutLayer => layers::put(&req, &env, board()?, id).boxed_local().await?,
        Route::DeleteLayer => layers::delete(&req, &env, board()?, id).boxed_local().await?,
        Route::AuditLog => audit::get(&req, &env, board()?).boxed_local().await?,
        // The administrator, and who measures for them.
        Route::Metrics => system::metrics(&req, &env).boxed_local().await?,
        Route::ListKeys => tokens::list_keys(&req, &env).boxed_local().await?,
        Route::MakeKey => tokens::make_key(req, &env).boxed_local().await?,
        Route::RotateKey => tokens::rotate_key(req, &env, id).boxed_local().await?,
        Route::DeleteKey => tokens::delete_key(&req, &env, id).boxed_local().await?,
        Route::GetIdentity => sign_in::settings(&req, &env).boxed_local().await?,
        Route::PutIdentity => sign_in::put_settings(req, &env).boxed_local().await?,
        _ => return Err(Fault::Internal("a route that is not for managers".into())),
    })
}

/// The path is known, but not with this method.
fn other_method(method: &Method, path: &str, allowed: &str) -> Answer<Response> {
    let detail = format!("{path} does not take {}, but {allowed}", method.as_ref());
    let response = Fault::problem(Code::MethodNotAllowed, detail).into_response()?;
    response.headers().set("allow", allowed)?;
    Ok(response)
}

/// Pages of other sites may call the API: it knows no cookies, so nothing is given away.
fn preflight(allowed: &str) -> Answer<Response> {
    let response = reply::empty(204)?;
    let h = response.headers();
    h.set("allow", allowed)?;
    h.set("access-control-allow-methods", allowed)?;
    h.set(
        "access-control-allow-headers",
        "authorization, content-type, content-encoding, idempotency-key, if-match, if-none-match, last-event-id, \
         traceparent, tracestate",
    )?;
    h.set("access-control-max-age", "86400")?;
    Ok(response)
}
