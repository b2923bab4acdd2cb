//! Sources of a board: made, changed and ended by its managers.

use crate::auth;
use crate::body;
use crate::calls;
use crate::clock;
use crate::configs;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys;
use crate::outbound;
use crate::publishing::polled;
use crate::reply;
use crate::targets;
use crate::transform;
use futures_util::future::join_all;
use heliograph_shared::api::sources::{AwsKeys, DeviceAddress, SecretSource, ShownSource, Sources};
use heliograph_shared::archive::config::Choice;
use heliograph_shared::audit::By;
use heliograph_shared::id::{BoardName, check_key};
use heliograph_shared::limits;
use heliograph_shared::problem::{Code, FieldError, Problem};
use heliograph_shared::routes::Route;
use heliograph_shared::source::aws::key::AccessKey;
use heliograph_shared::source::device::DeviceWish;
use heliograph_shared::source::{NewSource, Rotation, Source, SourceChange, SourceName};
use worker::{Env, Request, Response};

/// A new secret, and its hash.
fn new_secret() -> Answer<(String, String)> {
    let secret = format!("hgs_{}", keys::random_hex::<24>()?);
    let hash = keys::hex(&keys::hash(secret.as_bytes()));
    Ok((secret, hash))
}

/// A source as its maker sees it, this once.
fn with_secrets(env: &Env, source: Source, secret: String) -> Answer<SecretSource> {
    let (ring, now) = (keys::keys(env)?, clock::now());
    let root = ring.newest_root();
    let key = AccessKey { root, generation: source.generation, source: source.name.clone() };
    let own = ring.root(root).and_then(|root| key.secret(&source, root, now));
    let own = own.ok_or_else(|| Fault::Internal(format!("{} has no secret of its generation", source.name)))?;
    Ok(SecretSource { source: ShownSource::of(source, now), secret, aws: AwsKeys::of(key.id(), own) })
}

fn refused(e: FieldError) -> Fault {
    Problem::about(422, e).into()
}

fn unknown(name: &str) -> Fault {
    Fault::problem(Code::SourceNotFound, format!("the board has no source {name:?}"))
}

fn changed_meanwhile(name: &SourceName) -> Fault {
    let detail = format!("{name} was changed by somebody else at the same time; nothing was done. Try again");
    Fault::problem(Code::SourceChanged, detail)
}

/// A board's source, for one of its managers, and who that is.
pub async fn managed(req: &Request, env: &Env, board: &BoardName, name: &str) -> Answer<(By, Source)> {
    let by = auth::manager(req, env, board).await?.by();
    configs::get(env, board).await?;
    let wanted = SourceName::try_from(name.to_owned()).map_err(|_| unknown(name))?;
    let found = calls::registry::source(env, &wanted).await?;
    // One of another board is none of this one's.
    let own = found.filter(|source| source.board == *board).ok_or_else(|| unknown(name))?;
    Ok((by, own))
}

/// Whether a source's program compiles.
pub async fn check_program(env: &Env, source: &Source) -> Answer<()> {
    let Some(program) = &source.transform else { return Ok(()) };
    transform::check(env, &program.jq).await?.map_err(|why| {
        refused(FieldError::new("transform.jq", Code::JqInvalid, format!("transform.jq does not compile: {why}")))
    })
}

/// Whether the operator has declared the target whose objects a source fetches.
fn check_target(env: &Env, source: &Source) -> Answer<()> {
    let Some(objects) = &source.from.objects else { return Ok(()) };
    let choice = Choice::Named(objects.target.clone());
    targets::target(env, &choice, &source.board)
        .map(drop)
        .map_err(|unknown| refused(FieldError::new("from.objects.target", unknown.code(), unknown.to_string())))
}

/// Whether what a source asks may be asked, with what it wants to send along.
fn check_poll(env: &Env, source: &Source) -> Answer<()> {
    let Some(poll) = &source.poll else { return Ok(()) };
    let address = poll.address().map_err(refused)?;
    outbound::check_address(env, &address)
        .map_err(|e| refused(FieldError::new("poll.url", Code::NotAllowed, format!("poll.url {e}"))))?;
    let Some(name) = &poll.credential else { return Ok(()) };
    polled::credential(env, source, name, &address)
        .map(drop)
        .map_err(|why| refused(FieldError::new("poll.credential", Code::NotAllowed, why)))
}

/// What only the operator's settings show to be wrong.
async fn check(env: &Env, source: &Source) -> Answer<()> {
    check_program(env, source).await?;
    check_target(env, source)?;
    check_poll(env, source)
}

/// Keeps a source, and has its poller look at it. It is woken before, so that nothing that fails in between leaves a source
/// that never asks, and after, so that it asks at once.
async fn put(env: &Env, by: By, source: &Source, before: u64, asked: bool) -> Answer<bool> {
    let asks = asked || source.poll.is_some();
    if asks {
        calls::poller::wake(env, &source.name).await?;
    }
    let kept = calls::registry::put_source(env, by, source, before).await?;
    if asks && let Err(fault) = calls::poller::wake(env, &source.name).await {
        log_error!("the poller of {} is not woken, and looks later: {fault:?}", source.name);
    }
    Ok(kept)
}

/// A source as it is shown, with how its asking goes.
async fn shown(env: &Env, source: Source) -> ShownSource {
    let asks = source.poll.is_some();
    let mut shown = ShownSource::of(source, clock::now());
    if asks {
        shown.polled = calls::poller::status(env, &shown.name).await.ok();
    }
    shown
}

/// `GET …/sources`.
pub async fn list(req: &Request, env: &Env, board: BoardName) -> Answer<Response> {
    auth::manager(req, env, &board).await?;
    configs::get(env, &board).await?;
    let all = calls::registry::sources(env, &board).await?;
    let sources = join_all(all.into_iter().map(|source| shown(env, source))).await;
    Ok(reply::object(200, &Sources { sources })?)
}

/// `POST …/sources`.
pub async fn make(req: Request, env: &Env, board: BoardName) -> Answer<Response> {
    let by = auth::manager(&req, env, &board).await?.by();
    configs::get(env, &board).await?;
    let wish: NewSource = body::json(&req, Route::MakeSource).await?;
    let (secret, hash) = new_secret()?;
    let now = clock::now();
    let source = Source::new(wish, board.clone(), hash, now).map_err(refused)?;
    check(env, &source).await?;
    if calls::registry::sources(env, &board).await?.len() >= limits::SOURCES_PER_BOARD {
        let detail = format!("a board has at most {} sources", limits::SOURCES_PER_BOARD);
        return Err(Fault::problem(Code::TooMany, detail));
    }
    if !put(env, by, &source, 0, false).await? {
        let detail = format!("there is a source {} in this deployment; take another name", source.name);
        return Err(Fault::problem(Code::SourceExists, detail));
    }
    ended::refresh_now(env).await;
    Ok(reply::object(201, &with_secrets(env, source, secret)?)?)
}

/// `GET …/sources/{name}`.
pub async fn get(req: &Request, env: &Env, board: BoardName, name: &str) -> Answer<Response> {
    let (_, source) = managed(req, env, &board, name).await?;
    Ok(reply::object(200, &shown(env, source).await)?)
}

/// `PATCH …/sources/{name}`.
pub async fn change(req: Request, env: &Env, board: BoardName, name: &str) -> Answer<Response> {
    let (by, before) = managed(&req, env, &board, name).await?;
    let wish: SourceChange = body::json(&req, Route::ChangeSource).await?;
    let (version, asked) = (before.version, before.poll.is_some());
    let source = before.change(wish).map_err(refused)?;
    check(env, &source).await?;
    keep(env, by, &source, version, asked).await?;
    Ok(reply::object(200, &shown(env, source).await)?)
}

/// `POST …/sources/{name}/rotate`.
pub async fn rotate(req: Request, env: &Env, board: BoardName, name: &str) -> Answer<Response> {
    let (by, before) = managed(&req, env, &board, name).await?;
    let wish: Rotation = body::json_or_default(&req, Route::RotateSource).await?;
    let (secret, hash) = new_secret()?;
    let (version, now) = (before.version, clock::now());
    let source = before.rotate(wish, hash, now).map_err(refused)?;
    keep(env, by, &source, version, false).await?;
    Ok(reply::object(200, &with_secrets(env, source, secret)?)?)
}

/// `POST …/sources/{name}/devices`: a device's own address; with `rotate`, another one than before.
pub async fn device(req: Request, env: &Env, board: BoardName, name: &str) -> Answer<Response> {
    let (by, before) = managed(&req, env, &board, name).await?;
    let wish: DeviceWish = body::json(&req, Route::DeviceOfSource).await?;
    check_key(&wish.key).map_err(|e| refused(FieldError::new("key", Code::Invalid, format!("key {e}"))))?;
    if !before.from.device_secrets {
        let message = "the source takes no secrets of devices: set from.device_secrets first";
        return Err(refused(FieldError::new("from.device_secrets", Code::NotAllowed, message)));
    }
    let now = clock::now();
    let source = if wish.rotate {
        let version = before.version;
        let after = before.rotate_device(&wish, now).map_err(refused)?;
        keep(env, by, &after, version, false).await?;
        after
    } else {
        before
    };
    let ring = keys::keys(env)?;
    let root = ring.newest_root();
    let secret = ring.root(root).and_then(|bytes| source.device_secret(&wish.key, (root, bytes), now));
    let secret = secret.ok_or_else(|| Fault::Internal(format!("{} has no secret for a device", source.name)))?;
    let (generation, previous_until) = source.devices.of(&wish.key, now);
    let ingest = format!("/v1/ingest/{}/{secret}", source.name);
    Ok(reply::object(200, &DeviceAddress { key: wish.key, secret, ingest, generation, previous_until })?)
}

async fn keep(env: &Env, by: By, source: &Source, before: u64, asked: bool) -> Answer<()> {
    if !put(env, by, source, before, asked).await? {
        return Err(changed_meanwhile(&source.name));
    }
    // Here it counts at once; elsewhere within two seconds.
    ended::refresh_now(env).await;
    Ok(())
}

/// `DELETE …/sources/{name}`.
pub async fn delete(req: &Request, env: &Env, board: BoardName, name: &str) -> Answer<Response> {
    let (by, source) = managed(req, env, &board, name).await?;
    if !calls::registry::delete_source(env, by, &board, &source.name).await? {
        return Err(unknown(name));
    }
    if source.poll.is_some()
        && let Err(fault) = calls::poller::wake(env, &source.name).await
    {
        log_error!("the poller of {} is not told that it ended, and sees so itself: {fault:?}", source.name);
    }
    ended::refresh_now(env).await;
    Ok(reply::empty(204)?)
}
