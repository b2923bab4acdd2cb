//! Delivery to object storage: adapter around [`heliograph_shared::archive`].
//!
//! One task at a time works through what is due; ingest goes on between its steps. When the object is put away in the
//! middle of it, the alarm wakes it, and it begins again from the plan that is in its tables.

use super::{Inner, Loaded};
use crate::clock;
use crate::fault::{Answer, Fault};
use crate::keys::random_u32;
use crate::outbound::{self, told};
use crate::reply;
use crate::store::board::BoardStore;
use crate::targets::target;
use crate::trace::InBackground;
use heliograph_shared::api::archive::status;
use heliograph_shared::archive::config::ArchiveSettings;
use heliograph_shared::archive::delivery::{Action, Plan};
use heliograph_shared::archive::export::Export;
use heliograph_shared::archive::name::manifest;
use heliograph_shared::archive::sign::{self, Credentials};
use heliograph_shared::archive::target::{Access, Place, Reach, Target, Unknown};
use heliograph_shared::cursor::{Cursor, Seq};
use heliograph_shared::limits;
use heliograph_shared::projection::Slice;
use heliograph_shared::time::Millis;
use js_sys::{Function, Promise, Reflect, Uint8Array};
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{Env, Response};

/// What of the log is made into lines before others get their turn: some milliseconds.
const SLICE: Slice = Slice { events: 2_000, bytes: 32 * 1024 };
/// While something is being sent, the alarm looks after it so much later.
const GUARD_MILLIS: i64 = 2 * limits::ARCHIVE_REQUEST_MILLIS as i64;

/// The delivery of a board, in memory.
pub(super) struct Archive {
    pub(super) settings: ArchiveSettings,
    /// Where to, as the operator declared it when the board was loaded; while it is unknown nothing is tried.
    target: Result<Rc<Target>, Unknown>,
    pub(super) export: Export,
    /// Tells one delivery from the one after the config changed.
    life: u32,
}

impl Archive {
    /// The delivery of a board whose config has one.
    pub(super) fn load(store: &BoardStore, env: &Env, cursor: Cursor) -> Answer<Option<Self>> {
        let Some(settings) = store.archive_settings()? else { return Ok(None) };
        let Some(config) = settings.archive.clone() else { return Ok(None) };
        let target = target(env, &config.target, &settings.board).map(Rc::new);
        let mut export = Export::new(config, cursor.epoch);
        store.restore(&mut export)?;
        let waiting = store.waiting(export.delivery().last().seq)?;
        export.waits(cursor.seq, waiting);
        Ok(Some(Self { settings, target, export, life: random_u32()? }))
    }

    /// Rows were logged.
    pub(super) fn appended(&mut self, head: Seq, bytes: usize, now: Millis) {
        self.export.appended(head, bytes as u64, now);
    }

    /// When the board is to be woken for it.
    pub(super) fn next_look(&self, now: Millis) -> Option<Millis> {
        if self.target.is_err() {
            return None;
        }
        match self.export.delivery().next(now) {
            Action::Idle => None,
            Action::Wait(at) => Some(at),
            Action::Build | Action::PutObject | Action::PutManifest => Some(now.plus(GUARD_MILLIS)),
        }
    }

    fn is_due(&self, now: Millis) -> bool {
        self.target.is_ok() && self.export.is_due(now)
    }

    /// Where to, for a step of delivery.
    fn target(&self) -> Answer<Rc<Target>> {
        self.target.clone().map_err(|unknown| Fault::Internal(unknown.to_string()))
    }
}

impl Inner {
    /// `…/archive`.
    pub(super) fn archive(self: &Rc<Self>) -> Answer<Response> {
        self.deliver();
        self.with(|b| {
            let cursor = b.core.cursor();
            let body = match &b.archive {
                None => status::off(cursor),
                Some(a) => {
                    let place = a.target.as_ref().map(|t| &t.place);
                    status::status(a.export.delivery(), place, a.export.columns(), cursor.epoch, clock::now())
                }
            };
            Ok(reply::object(200, &body)?)
        })
    }

    /// Delivers what is due, in the background, and has the board woken for what will be.
    pub(super) fn deliver(self: &Rc<Self>) {
        let now = clock::now();
        let due = self.with(|b| Ok(b.archive.as_ref().map(|a| a.is_due(now))));
        let Ok(Some(due)) = due else { return };
        self.set_alarm();
        if !due || self.delivering.replace(true) {
            return;
        }
        let own = self.clone();
        self.state.in_background(async move {
            while let Some(life) = own.due() {
                if let Err(fault) = own.act(life).await {
                    own.failed(life, &fault);
                }
            }
            own.delivering.set(false);
            own.set_alarm();
        });
    }

    /// The delivery that has something to do.
    fn due(self: &Rc<Self>) -> Option<u32> {
        let now = clock::now();
        let due = self.with(|b| Ok(b.archive.as_ref().filter(|a| a.is_due(now)).map(|a| a.life)));
        due.unwrap_or_else(|fault| {
            log_error!("archive: {fault:?}");
            self.retry();
            None
        })
    }

    /// Does something with the delivery, if it is still the same.
    fn with_archive<T>(&self, life: u32, f: impl FnOnce(&mut Loaded, &mut Archive) -> Answer<T>) -> Answer<T> {
        self.with(|b| {
            let changed = || Fault::Internal("the archive's config changed".into());
            let mut archive = b.archive.take_if(|a| a.life == life).ok_or_else(changed)?;
            let done = f(b, &mut archive);
            b.archive = Some(archive);
            done
        })
    }

    fn failed(&self, life: u32, fault: &Fault) {
        let message = match fault {
            Fault::Problem(p) => p.detail.clone(),
            Fault::Internal(cause) => cause.clone(),
        };
        let noted = self.with_archive(life, |_, a| {
            a.export.failed(message.clone(), clock::now(), random_u32()?);
            Ok(())
        });
        if noted.is_ok() {
            log_error!("archive: {message}");
        }
    }

    /// The next step.
    async fn act(&self, life: u32) -> Answer<()> {
        let now = clock::now();
        match self.with_archive(life, |_, a| Ok(a.export.delivery().next(now)))? {
            Action::Idle | Action::Wait(_) => Ok(()),
            Action::Build => {
                while !self.with_archive(life, build)? {
                    clock::sleep(1).await;
                }
                Ok(())
            }
            Action::PutObject => {
                let (target, plan, content) = self.with_archive(life, |_, a| {
                    let object = a.export.take_object().ok_or_else(|| Fault::Internal("no object was made".into()))?;
                    // From here on the bytes are JavaScript's: not twice in memory while they are sent.
                    Ok((a.target()?, planned(a)?, Uint8Array::from(object.bytes.as_slice())))
                })?;
                put(&self.env, &target, &plan.object, plan.format().media_type(), &content).await?;
                self.with_archive(life, |_, a| {
                    a.export.object_is_stored();
                    Ok(())
                })
            }
            Action::PutManifest => {
                let (target, plan, measure) =
                    self.with_archive(life, |_, a| Ok((a.target()?, planned(a)?, a.export.delivery().measure())))?;
                let text = manifest(&target.place.bucket, &plan.object, measure.bytes, measure.records);
                put(&self.env, &target, &plan.manifest, "application/json", &Uint8Array::from(text.as_bytes())).await?;
                self.with_archive(life, |b, a| {
                    let now = clock::now();
                    let next = b.store.accepted_after(plan.last)?;
                    a.export.manifest_is_stored(now, next);
                    a.write(&b.store)?;
                    // Rows may have waited only for this.
                    b.prune_not_before = now;
                    Ok(())
                })
            }
        }
    }
}

fn planned(a: &Archive) -> Answer<Plan> {
    a.export.delivery().plan().cloned().ok_or_else(|| Fault::Internal("no range was planned".into()))
}

/// Makes a slice of the object; whether it is whole.
fn build(b: &mut Loaded, a: &mut Archive) -> Answer<bool> {
    a.export.begin();
    let more = a.read_on(&b.store, SLICE)?;
    if more && a.export.is_reading() {
        return Ok(false);
    }
    // A table is written when all its rows are known.
    if !a.export.write_some().map_err(|e| Fault::Internal(format!("making a Parquet file: {e}")))? {
        return Ok(false);
    }
    let target = a.target()?;
    let finished = a.export.finish(&target.place.prefix, a.settings.board.as_str());
    finished.map_err(|e| Fault::Internal(e.to_string()))?;
    a.write(&b.store)?;
    Ok(true)
}

/// Sends something to the target. The error is for the board's manager: it tells no secret.
async fn put(env: &Env, target: &Target, key: &str, kind: &str, content: &Uint8Array) -> Answer<()> {
    let sent = match &target.access {
        Access::Keys(keys) => put_s3(env, (&target.place, keys), key, kind, content).await,
        Access::Binding(name) => put_r2(env, name, key, content).await,
    };
    sent.map_err(Fault::Internal)
}

async fn put_s3(
    env: &Env,
    (place, keys): (&Place, &Credentials),
    key: &str,
    kind: &str,
    content: &Uint8Array,
) -> Result<(), String> {
    if let Reach::S3 { endpoint, .. } = &place.reach {
        outbound::check(env, endpoint).map_err(|e| format!("the endpoint of target {} {e}", place.name))?;
    }
    let hash = content_hash(content).await?;
    let signed = sign::put(place, key, &hash, keys, clock::now()).ok_or("the target's endpoint is no address")?;
    let mut headers = signed.headers;
    headers.push(("content-type", kind.to_owned()));
    let reply = outbound::send("PUT", &signed.url, &headers, content, limits::ARCHIVE_REQUEST_MILLIS).await?;
    if (200..300).contains(&reply.status) {
        return Ok(());
    }
    // S3 names its reason: `<Error><Code>SlowDown</Code>`.
    let code = reply.reason.split_once("<Code>").and_then(|(_, after)| after.split_once("</Code>"));
    let code = code.map(|(code, _)| code).filter(|c| c.len() <= 64 && c.bytes().all(|b| b.is_ascii_alphanumeric()));
    Err(format!("the target answered {}", [&reply.status.to_string(), code.unwrap_or_default()].join(" ").trim_end()))
}

/// SHA-256 by the platform: quicker than ours, and this thread is the board's only one.
async fn content_hash(content: &Uint8Array) -> Result<String, String> {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).map_err(told);
    let subtle = get(&get(&js_sys::global(), "crypto")?, "subtle")?;
    let digest: Function = get(&subtle, "digest")?.dyn_into().map_err(told)?;
    let promise: Promise =
        digest.call2(&subtle, &"SHA-256".into(), content).and_then(JsCast::dyn_into).map_err(told)?;
    let hash = JsFuture::from(promise).await.map_err(told)?;
    Ok(crate::keys::hex(&Uint8Array::new(&hash).to_vec()))
}

async fn put_r2(env: &Env, name: &str, key: &str, content: &Uint8Array) -> Result<(), String> {
    let bucket = Reflect::get(env.as_ref(), &name.into()).map_err(told)?;
    let put: Option<Function> = Reflect::get(&bucket, &"put".into()).ok().and_then(|f| f.dyn_into().ok());
    let put = put.ok_or_else(|| format!("the worker has no R2 binding {name}"))?;
    let promise: Promise = put.call2(&bucket, &key.into(), content).and_then(JsCast::dyn_into).map_err(told)?;
    outbound::within(limits::ARCHIVE_REQUEST_MILLIS, async { JsFuture::from(promise).await.map_err(told) }).await?;
    Ok(())
}
