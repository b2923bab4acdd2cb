//! SQLite inside the objects: schema version, migrations, and one file per object's tables.

pub mod archive;
mod audit;
mod backup;
pub mod board;
pub mod commit;
pub mod config;
mod ended;
mod ends;
pub mod erase;
pub mod layers;
pub mod letters;
pub mod log;
pub mod pieces;
pub mod poller;
pub mod registry;
pub mod relay;
pub mod scoreboard;
pub mod webhooks;

use crate::buffers::release_long;
use crate::fault::{Answer, Fault};
use serde::Deserialize;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use worker::{SqlStorage, SqlStorageValue, State};

/// Brings the tables to the newest version, in one transaction: what is cut off begins again from what was there.
/// `migrations` are only ever appended to: a stored object runs those it has not seen.
fn migrate(storage: &Transactions, sql: &SqlStorage, migrations: &[&'static str]) -> Answer<()> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    sql.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)", None)?;
    let rows: Vec<Version> = sql.exec("SELECT version FROM schema_version", None)?.to_array()?;
    let have = rows.first().map_or(0, |v| v.version as usize);
    if have > migrations.len() {
        let cause = format!("stored by a newer version: schema {have}, this build knows {}", migrations.len());
        return Err(Fault::Internal(cause));
    }
    if have == migrations.len() {
        return Ok(());
    }
    let note = [
        ("DELETE FROM schema_version", Vec::new()),
        ("INSERT INTO schema_version (version) VALUES (?)", vec![integer(migrations.len() as u64)?]),
    ];
    let steps = migrations.iter().skip(have).map(|migration| (*migration, Vec::new()));
    write_each(storage, sql, steps.chain(note).map(Ok))
}

/// An object's tables, at the newest version.
fn open(state: &State, migrations: &[&'static str]) -> Answer<(SqlStorage, Transactions)> {
    let sql = state.storage().sql();
    let storage = state.as_raw().storage().map_err(|e| Fault::Internal(format!("storage: {e:?}")))?;
    let storage = storage.unchecked_into();
    migrate(&storage, &sql, migrations)?;
    Ok((sql, storage))
}

/// A statement with its values.
type Statement = (&'static str, Vec<SqlStorageValue>);

#[wasm_bindgen]
extern "C" {
    /// The storage of an object.
    #[derive(Clone)]
    type Transactions;

    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &Transactions,
        body: &mut dyn FnMut() -> std::result::Result<(), JsValue>,
    ) -> std::result::Result<JsValue, JsValue>;
}

/// Writes all or nothing, also when a write in the middle fails: `transactionSync` of the platform, which takes back what
/// a function wrote that throws. Each statement is made when it is its turn.
fn write_each(
    storage: &Transactions,
    sql: &SqlStorage,
    writes: impl IntoIterator<Item = Answer<Statement>>,
) -> Answer<()> {
    let mut writes = writes.into_iter();
    let mut fault = None;
    let mut body = || {
        for write in writes.by_ref() {
            if let Err(e) = write.and_then(|statement| execute(sql, statement)) {
                fault = Some(e);
                return Err(JsValue::from("not written"));
            }
        }
        Ok(())
    };
    let done = storage.transaction_sync(&mut body);
    if let Some(fault) = fault {
        return Err(fault);
    }
    done.map(drop).map_err(|e| Fault::Internal(format!("writing all or nothing: {e:?}")))
}

/// What does several things of which all is written or nothing.
pub struct Whole(Transactions);

impl Whole {
    /// Does them. A fault takes back what was written; what was remembered is the caller's to forget.
    pub fn of<T>(&self, work: impl FnOnce() -> Answer<T>) -> Answer<T> {
        whole(&self.0, work)
    }
}

fn whole<T>(storage: &Transactions, work: impl FnOnce() -> Answer<T>) -> Answer<T> {
    let (mut work, mut done) = (Some(work), None);
    let mut body = || {
        let Some(work) = work.take() else { return Ok(()) };
        let answer = work();
        let is_done = answer.is_ok();
        done = Some(answer);
        if is_done { Ok(()) } else { Err(JsValue::from("not done")) }
    };
    let ended = storage.transaction_sync(&mut body);
    match done {
        Some(Ok(answer)) => {
            ended.map(|_| answer).map_err(|e| Fault::Internal(format!("writing all or nothing: {e:?}")))
        }
        Some(Err(fault)) => Err(fault),
        None => Err(Fault::Internal(format!("a transaction did not begin: {ended:?}"))),
    }
}

/// Runs a statement that answers no rows. SQLite has copied its blobs then: their memory is given back.
fn execute(sql: &SqlStorage, (text, values): Statement) -> Answer<()> {
    let mut blobs = Vec::new();
    let mut list = Vec::with_capacity(values.len());
    for value in values {
        let blob = if let SqlStorageValue::Blob(bytes) = &value { Some(bytes.len()) } else { None };
        let value = JsValue::from(value);
        blobs.extend(blob.map(|bytes| (value.clone(), bytes)));
        list.push(value);
    }
    sql.exec_raw(text, list)?;
    blobs.iter().for_each(|(blob, bytes)| release_long(blob.unchecked_ref(), *bytes));
    Ok(())
}

/// A whole number; beyond 2^53 it would be rounded on its way, so it is refused.
pub fn integer(n: u64) -> Answer<SqlStorageValue> {
    let n = i64::try_from(n).map_err(|_| Fault::Internal("number too large to store".into()))?;
    Ok(SqlStorageValue::try_from_i64(n)?)
}
