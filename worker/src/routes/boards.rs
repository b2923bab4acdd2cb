//! Boards and their configs.

use crate::auth;
use crate::body;
use crate::cache;
use crate::calls;
use crate::clock;
use crate::configs;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::reply;
use crate::routes::{named, pipeline};
use crate::targets;
use crate::zones;
use heliograph_shared::api::boards::{BoardRow, Boards};
use heliograph_shared::audit::{Act, Kind};
use heliograph_shared::calls::board::{Done, Place};
use heliograph_shared::config::BoardConfig;
use heliograph_shared::id::BoardName;
use heliograph_shared::index::Listed;
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::rights::{Access, Ask, Sight};
use heliograph_shared::routes::Route;
use heliograph_shared::scores::rule::TimeWindow;
use worker::{Env, Request, Response};

/// `GET /v1/boards`: those that the caller may read. It is one question to the list, whatever there is of boards.
pub async fn list(req: &Request, env: &Env) -> Answer<Response> {
    let caller = auth::caller(env, req.headers()).await?;
    let (mut rows, mut health) = (Vec::new(), None);
    for listed in list_of_boards(env).await? {
        let home = listed.home();
        let Listed { board: name, entry, summary } = listed;
        let access = caller.access_to(&name, Some(entry.visibility));
        if name.is_health() {
            health = access.may(Ask::Manage).is_ok().then_some(name);
            continue;
        }
        if access.may(Ask::Board).is_err() {
            continue;
        }
        // How many items there are is told to those who may see all of them.
        let sees_all = access.may(Ask::Present).is_ok_and(|sight| sight.sees_all());
        let summary = summary.filter(|_| sees_all);
        let summary = summary.as_ref();
        rows.push(BoardRow {
            board: name,
            title: entry.title,
            description: entry.description,
            home,
            visibility: entry.visibility,
            stale_after_s: entry.stale_after_s,
            scores: entry.scores,
            items: summary.map(|s| s.items),
            newest: summary.and_then(|s| s.newest),
            cursor: summary.map(|s| s.cursor),
            viewers: summary.map(|s| s.viewers),
            bbox: summary.and_then(|s| s.bbox),
            spots: summary.map(|s| s.spots.clone()).unwrap_or_default(),
            top: summary.map(|s| s.top.clone()).unwrap_or_default(),
            question: summary.and_then(|s| s.question.clone()),
        });
    }
    Ok(reply::object(200, &Boards { boards: rows, health, time: clock::now() })?)
}

async fn list_of_boards(env: &Env) -> Answer<Vec<Listed>> {
    calls::registry::boards(env).await.map_err(|fault| {
        log_error!("the list of boards: {fault:?}");
        Fault::registry_away("which boards there are can't be told at the moment; try again")
    })
}

/// `GET /v1/boards/{board}`: the config.
pub async fn get(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let caller = auth::caller(env, req.headers()).await?;
    let config = configs::find(env, &board).await?;
    let access = caller.access(&board, config.as_deref());
    // Who may not see a board is not told whether it is there.
    if access.may(Ask::Board).is_err() {
        return Err(caller.lacks("reading", &board));
    }
    let Some(config) = config else { return Err(configs::unknown(&board)) };
    let whole = access.may(Ask::Manage).is_ok();
    if whole {
        // With its version, which whoever changes it names.
        let known = configs::known(env, &board).await?.ok_or_else(|| configs::unknown(&board))?;
        let answer = reply::object(200, &*known.config)?;
        answer.headers().set("allow", "GET, HEAD, PUT, DELETE")?;
        return tagged(answer, known.version);
    }
    let mut answer = reply::object(200, &shown(&config, &access))?;
    // Pages lead to the console who may do more than read.
    answer.headers_mut().set("allow", "GET, HEAD")?;
    Ok(answer)
}

/// An answer with the version of a config as its entity tag.
fn tagged(answer: Response, version: u64) -> Answer<Response> {
    answer.headers().set("etag", &format!("\"{version}\""))?;
    Ok(answer)
}

/// The config's part for readers, without what it says of fields and keys that the caller is not shown.
fn shown(config: &BoardConfig, access: &Access) -> BoardConfig {
    let mut shown = config.public_part();
    let sight = access.may(Ask::Present);
    if let Ok(Sight { narrowed: Some(narrowed), .. }) = &sight {
        shown.fields.retain(|name, _| !narrowed.hides(name));
    }
    if let Some(logos) = &mut shown.logos {
        logos.files.retain(|key, _| sight.as_ref().is_ok_and(|sight| sight.allows(key)));
    }
    shown
}

/// `PUT /v1/boards/{board}`: makes a board or changes its config.
pub async fn put(req: Request, env: &Env, board: BoardName) -> Answer<Response> {
    let caller = auth::manager(&req, env, &board).await?;
    let (over, new) = (req.headers().get("if-match")?, req.headers().get("if-none-match")?);
    let place = Place::asked(over.as_deref(), new.as_deref()).ok_or_else(|| {
        let detail = "If-Match names no version of a config: send the ETag of the config that you read, or *";
        Fault::problem(Code::ConfigChanged, detail)
    })?;
    let text = body::read(&req, Route::PutBoard).await?.bytes;
    let before = configs::find(env, &board).await?;
    let config = checked(env, &caller, &board, &text, before.as_deref()).await?;
    if before.is_none() {
        require_room(env, &caller, &board).await?;
    }
    let text = serde_json::to_vec(&config)?;
    let done = calls::board::put_config(env, &board, &caller.by(), place, &text).await;
    // What was kept may be of before, also when it is not known how it ended.
    cache::purge(&board);
    let done = done?;
    let told = tell(env, &done).await;
    configs::changed(&board, config, done.version);
    cache::purge(&board);
    told?;
    tagged(reply::json(if done.is_new { 201 } else { 200 }, text)?, done.version)
}

/// A config that was sent, checked, and as the board gets it in place of `before`.
pub async fn checked(
    env: &Env,
    caller: &auth::Caller,
    board: &BoardName,
    text: &[u8],
    before: Option<&BoardConfig>,
) -> Answer<BoardConfig> {
    let config = BoardConfig::parse(text).map_err(|errors| {
        let detail = errors.first().map_or_else(String::new, |e| format!("{}: {}", e.field, e.message));
        Problem::new(Code::InvalidConfig, detail).with_errors(errors)
    })?;
    if let Some(TimeWindow::Calendar { zone, .. }) = config.scores.as_ref().map(|s| &s.window)
        && !zones::is_known(zone)
    {
        let detail = format!("scores.window.zone {zone:?} is no IANA time zone such as Europe/Berlin");
        let e = FieldError::new("scores.window.zone", Code::UnknownZone, detail.clone());
        return Err(Problem::new(Code::InvalidConfig, detail).with_errors(vec![e]).into());
    }
    let mut config = config.settled(before);
    pipeline::require_valid(env, caller, board, &config.pipeline).await?;
    pipeline::note_rights(caller, board, &mut config.pipeline);
    if let Some(archive) = &config.archive
        && let Err(unknown) = targets::is_declared(env, archive, board)
    {
        let e = FieldError::new("archive.target", unknown.code(), unknown.to_string());
        return Err(Problem::new(Code::InvalidConfig, unknown.to_string()).with_errors(vec![e]).into());
    }
    named::require_valid(env, caller, &config, before).await?;
    Ok(config)
}

/// What is made from here on knows of a change. Where the registry has not heard of it, neither has anybody else: the board
/// goes on telling.
async fn tell(env: &Env, done: &Done) -> Answer<()> {
    if !done.is_told {
        return Err(Fault::registry_away(
            "it is done, but others hear of it only when the registry answers; try again",
        ));
    }
    ended::refresh_now(env).await;
    Ok(())
}

/// Who manages the boards of a prefix makes so many at most; a board that is named in a grant, and the administrator's,
/// are not counted.
async fn require_room(env: &Env, caller: &auth::Caller, board: &BoardName) -> Answer<()> {
    let Some(prefix) = caller.rights().manages_under(board) else { return Ok(()) };
    let boards = list_of_boards(env).await?;
    let made = boards.iter().filter(|b| b.board.as_str().starts_with(&prefix)).count();
    if made < limits::BOARDS_PER_PREFIX {
        return Ok(());
    }
    let detail =
        format!("there are {made} boards {prefix}*; your credential makes {} at most", limits::BOARDS_PER_PREFIX);
    Err(Fault::problem(Code::TooManyBoards, detail))
}

/// `DELETE /v1/boards/{board}`: the config, the log and everything made from it.
pub async fn delete(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    let by = auth::manager(req, env, &board).await?.by();
    if configs::find(env, &board).await?.is_none() {
        // An import that is not over is no board yet, and is given up like one.
        calls::board::drop_import(env, &board).await?;
        return Ok(reply::empty(204)?);
    }
    let done = calls::board::delete(env, &board).await;
    cache::purge(&board);
    let done = done?;
    let told = tell(env, &done).await;
    configs::gone(&board);
    cache::purge(&board);
    told?;
    // What the board noted went with it: who deleted it is told to managers of the next of its name.
    if let Err(fault) = calls::registry::note(env, &board, by, Act::new(Kind::Config, "deleted")).await {
        log_error!("that {board} was deleted is not noted: {fault:?}");
    }
    Ok(reply::empty(204)?)
}
