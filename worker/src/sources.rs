//! Sources, read through a cache from the registry: a change is known within two seconds.

use crate::calls;
use crate::clock;
use crate::ended;
use crate::fault::{Answer, Fault};
use crate::keys;
use crate::paces::{self, Counted};
use heliograph_shared::limits;
use heliograph_shared::memo::Memo;
use heliograph_shared::problem::{Code, Problem};
use heliograph_shared::revocation::Change;
use heliograph_shared::source::credential::{is_in_address, presented};
use heliograph_shared::source::device::DeviceSecret;
use heliograph_shared::source::{Arrived, Source, SourceName};
use heliograph_shared::throttle::{Bucket, TooOften};
use heliograph_shared::time::Millis;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use subtle::ConstantTimeEq;
use worker::{Env, Headers};

/// A source that this isolate knows.
pub struct Known {
    /// What is stored of it.
    pub source: Source,
    /// How often it was sent to.
    bucket: Cell<Bucket>,
}

/// When it was read, and the registry's last change that was known before; nothing when there is no such source.
type Read = (Millis, Change, Option<Rc<Known>>);

thread_local! {
    static CACHE: RefCell<Memo<SourceName, Read>> =
        RefCell::new(Memo::new(limits::SOURCES_BYTES, limits::ENDED_STALE_MILLIS));
}

/// The source of a name, of a request with these headers. Names that nobody has are counted by address.
pub async fn find(env: &Env, headers: &Headers, name: &SourceName) -> Answer<Option<Rc<Known>>> {
    let now = clock::now();
    let read = CACHE.with_borrow_mut(|c| c.get(now, name).cloned());
    let read = read.filter(|(_, change, _)| !ended::with(|e| e.has_source_changed(name.as_str(), *change)));
    if let Some((at, _, known)) = &read
        && now.since(*at) < limits::API_KEY_FRESH_MILLIS
    {
        return Ok(known.clone());
    }
    let address = paces::address(headers)?;
    paces::take(Counted::Unknown, address)?;
    let change = ended::known();
    let asked = if ended::is_away() { Err(untold()) } else { calls::registry::source(env, name).await };
    let found = match asked {
        Ok(found) => found,
        // A source that was good minutes ago goes on while the registry is away.
        Err(fault) => {
            paces::give_back(Counted::Unknown, address);
            log_error!("a source is not looked up: {fault:?}");
            return read.map(|(_, _, known)| known).ok_or_else(untold);
        }
    };
    if found.is_some() {
        paces::give_back(Counted::Unknown, address);
    }
    let bucket = read.and_then(|(_, _, known)| known).map_or_else(Bucket::new, |known| known.bucket.get());
    let known = found.map(|source| Rc::new(Known { source, bucket: Cell::new(bucket) }));
    let bytes = 400 + known.as_ref().map_or(0, |k| k.source.bytes());
    CACHE.with_borrow_mut(|c| c.put(now, name.clone(), (now, change, known.clone()), bytes));
    Ok(known)
}

fn untold() -> Fault {
    Fault::registry_away("whether there is such a source can't be told at the moment; try again")
}

/// The source of a name, if the request comes with a secret of it. A name that nobody has is answered like a wrong secret.
pub async fn authorized(env: &Env, headers: &Headers, bare: &Arrived<'_>, name: &str) -> Answer<Rc<Known>> {
    let unknown = || Fault::problem(Code::KeyInvalid, "this is not the secret of this source");
    let Some(secret) = presented(bare) else {
        let detail = "a source is sent to with its secret: Authorization: Bearer <secret>, Basic with it as the password, \
                      or X-Amz-Firehose-Access-Key";
        return Err(Fault::problem(Code::CredentialMissing, detail));
    };
    let name = SourceName::try_from(name.to_owned()).map_err(|_| unknown())?;
    let Some(known) = find(env, headers, &name).await? else { return Err(unknown()) };
    let hash = keys::hex(&keys::hash(secret.as_bytes()));
    // All of them, each in the same time.
    let good = known
        .source
        .hashes(clock::now())
        .fold(0_u8, |good, stored| good | stored.as_bytes().ct_eq(hash.as_bytes()).unwrap_u8());
    if good == 0 {
        return Err(unknown());
    }
    if is_in_address(bare) && !known.source.from.secret_in_address {
        let detail = "the source takes no secret in an address: send it in Authorization, or set from.secret_in_address if the \
                      device can be told nothing else";
        return Err(Fault::problem(Code::KeyInvalid, detail));
    }
    Ok(known)
}

/// The source of a name, if the secret in the path of the address is that of one of its devices; and the device's key.
pub async fn of_device(env: &Env, headers: &Headers, name: &str, secret: &str) -> Answer<(Rc<Known>, String)> {
    let unknown = || Fault::problem(Code::KeyInvalid, "this is not the address of a device of this source");
    let secret = DeviceSecret::parse(secret).ok_or_else(unknown)?;
    let name = SourceName::try_from(name.to_owned()).map_err(|_| unknown())?;
    let Some(known) = find(env, headers, &name).await? else { return Err(unknown()) };
    let ring = keys::keys(env)?;
    let root = ring.root(secret.root).ok_or_else(unknown)?;
    if !known.source.allows_device(&secret, root, clock::now()) {
        return Err(unknown());
    }
    if !known.source.from.device_secrets {
        let detail = "the source takes no secrets of devices any more: its manager may set from.device_secrets again";
        return Err(Fault::problem(Code::KeyInvalid, detail));
    }
    Ok((known, secret.key))
}

impl Known {
    /// Counts a request, or says how long to wait.
    pub fn take(&self) -> Answer<()> {
        let Some(pace) = self.source.limits.pace() else { return Ok(()) };
        let mut bucket = self.bucket.get();
        let taken = bucket.take(clock::now(), pace);
        self.bucket.set(bucket);
        taken.map_err(|TooOften { retry_after_s }| {
            let detail = format!("the source takes {} requests a minute; nothing was taken", pace.per_minute);
            Problem::new(Code::TooManyRequests, detail).retry_after(retry_after_s).into()
        })
    }
}
