//! Named views: saved queries under one stable address, and the answers of other services.

use crate::auth::{self, Caller};
use crate::cache::{Question, Served};
use crate::configs;
use crate::fault::{Answer, Fault};
use crate::outbound;
use crate::reply;
use crate::routes::views::{View, check, present_or_past};
use crate::transform;
use heliograph_shared::api::views::{self, Views};
use heliograph_shared::calls::BoardMethod;
use heliograph_shared::calls::board::ViewAsk;
use heliograph_shared::config::BoardConfig;
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::rights::Ask;
use heliograph_shared::views::Format;
use heliograph_shared::views::named::ViewPath;
use std::hash::{DefaultHasher, Hasher};
use worker::{Context, Env, Request, Response};

/// `GET …/views/{name}`.
pub async fn get(call: (&Request, &Env, &Context), board: BoardName, name: &str) -> Answer<Served> {
    let (req, env, _) = call;
    let known = configs::known(env, &board).await?;
    let caller = auth::caller(env, req.headers()).await?;
    let access = caller.access(&board, known.as_ref().map(|k| &*k.config));
    if access.may(Ask::Board).is_err() && access.may(Ask::History).is_err() {
        // Which right the view needs is told to those who may know that there is one.
        return Err(caller.lacks("reading", &board));
    }
    let Some(named) = known.and_then(|k| k.config.views.get(name).cloned()) else {
        // Who may not read the board is not told which views it has.
        View::of(call, board, Ask::Present, Format::JSON).await?;
        return Err(Fault::problem(Code::ViewNotFound, "the board's config has no view of this name"));
    };
    let given: Vec<(String, String)> = req.url()?.query_pairs().into_owned().collect();
    let given = given.iter().map(|(n, v)| (n.as_str(), v.as_str()));
    if let Some(upstream) = named.upstream.clone() {
        let mut view = View::with(call, board, Ask::Whole, Format::JSON, Vec::new()).await?;
        named.query(given)?;
        view.vary_by_config();
        let question = Question::upstream(upstream).shaped(named.jq.clone());
        view.vary(named.jq.as_deref().map(program_mark));
        return view.ask(question).await;
    }
    let query = named.query(given)?;
    let ask = match named.path {
        ViewPath::Items | ViewPath::Summary => present_or_past(query.iter().map(|(name, _)| name.as_str())),
        ViewPath::Series | ViewPath::Events => Ask::History,
        ViewPath::Scores => Ask::Whole,
    };
    let offered = if named.jq.is_some() { Format::JSON } else { named.path.offered() };
    let mut view = View::with(call, board, ask, offered, query).await?;
    // The query is the config's.
    view.vary_by_config();
    check(named.path.check(view.pairs()))?;
    view.vary(named.jq.as_deref().map(program_mark));
    let history = |view: &View<'_>| ViewAsk { sight: view.sight.clone(), ..ViewAsk::default() };
    let question = match named.path {
        ViewPath::Items => view.question(BoardMethod::Items, "", serde_json::to_vec(&view.sight)?),
        ViewPath::Series => view.question(BoardMethod::Series, "", serde_json::to_vec(&history(&view))?),
        ViewPath::Events => view.question(BoardMethod::Events, "", serde_json::to_vec(&history(&view))?),
        ViewPath::Summary => {
            let stale_after_s = view.stale_after_s();
            let ask = ViewAsk { sight: view.sight.clone(), key: None, stale_after_s, past: view.may_see_past() };
            view.question(BoardMethod::Summary, "", serde_json::to_vec(&ask)?)
        }
        ViewPath::Scores => {
            if view.asks_past() {
                view.require_whole_history()?;
            }
            view.question(BoardMethod::Scores, if view.sight.manager { "&live" } else { "" }, Vec::new())
        }
    };
    view.ask(question.shaped(named.jq)).await
}

/// What tells the answers of two programs apart in the entity tag.
fn program_mark(program: &str) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(program.as_bytes());
    format!(";j={:08x}", hasher.finish() as u32)
}

/// `GET …/views`: their names, titles and parameters.
pub async fn list(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let caller = auth::caller(env, req.headers()).await?;
    let config = configs::find(env, &board).await?;
    caller.may(&board, config.as_deref(), Ask::Board)?;
    let Some(config) = config else { return Err(configs::unknown(&board)) };
    let list = config
        .views
        .iter()
        .map(|(name, v)| {
            let path = if v.upstream.is_some() { "upstream" } else { v.path.name() }.to_owned();
            views::View { name: name.clone(), title: v.title.clone(), path, parameters: v.parameters.clone() }
        })
        .collect();
    Ok(reply::object(200, &Views { views: list })?)
}

/// Refuses what the config alone does not show to be wrong: programs that do not compile, hosts that may not be called,
/// and secrets that somebody else than an administrator would send somewhere.
pub async fn require_valid(
    env: &Env,
    caller: &Caller,
    config: &BoardConfig,
    before: Option<&BoardConfig>,
) -> Answer<()> {
    let mut errors = Vec::new();
    for (name, view) in &config.views {
        if let Some(program) = &view.jq
            && let Err(why) = transform::check(env, program).await?
        {
            let field = format!("views.{name}.jq");
            errors.push(FieldError::new(field.clone(), Code::JqInvalid, format!("{field}: {why}")));
        }
        let Some(upstream) = &view.upstream else { continue };
        if let Err(e) = outbound::check(env, upstream.origin()) {
            let field = format!("views.{name}.upstream.url");
            errors.push(FieldError::new(field.clone(), Code::NotAllowed, format!("{field} {e}")));
        }
        let same = before.and_then(|b| b.views.get(name)?.upstream.as_ref()).is_some_and(|b| b == upstream);
        if upstream.credential.is_some() && !same && !matches!(caller, Caller::Admin) {
            let field = format!("views.{name}.upstream.credential");
            let message = format!("{field} sends a secret of the deployment: only the administrator's key may set it");
            errors.push(FieldError::new(field, Code::NotAllowed, message));
        }
    }
    match errors.first() {
        None => Ok(()),
        Some(first) => {
            let detail = first.message.clone();
            Err(Problem::new(Code::InvalidConfig, detail).with_errors(errors).into())
        }
    }
}
