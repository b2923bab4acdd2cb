//! SQLite inside the objects: schema version, migrations, and one file per object's tables.

pub mod archive;
pub mod board;
pub mod commit;
pub mod config;
mod ended;
mod ends;
pub mod erase;
pub mod log;
pub mod registry;
pub mod relay;
pub mod rollups;
pub mod scoreboard;

use crate::fault::{Answer, Fault};
use heliograph_shared::cursor::Seq;
use serde::Deserialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::{SqlStorage, SqlStorageValue};

/// Brings the tables to the newest version. `migrations` are only ever appended to: a stored object runs those it has not seen.
pub fn migrate(sql: &SqlStorage, migrations: &[&str]) -> Answer<()> {
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
    for migration in migrations.iter().skip(have) {
        sql.exec(migration, None)?;
    }
    sql.exec("DELETE FROM schema_version", None)?;
    sql.exec("INSERT INTO schema_version (version) VALUES (?)", vec![integer(migrations.len() as u64)?])?;
    Ok(())
}

/// A statement with its values.
type Statement = (&'static str, Vec<SqlStorageValue>);

#[wasm_bindgen]
extern "C" {
    /// The storage of an object.
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
            let (text, values) = write.map_err(|e| {
                fault = Some(e);
                JsValue::from("not made")
            })?;
            sql.exec(text, values)?;
        }
        Ok(())
    };
    let done = storage.transaction_sync(&mut body);
    if let Some(fault) = fault {
        return Err(fault);
    }
    done.map(drop).map_err(|e| Fault::Internal(format!("writing all or nothing: {e:?}")))
}

/// A whole number; beyond 2^53 it would be rounded on its way, so it is refused.
pub fn integer(n: u64) -> Answer<SqlStorageValue> {
    let n = i64::try_from(n).map_err(|_| Fault::Internal("number too large to store".into()))?;
    Ok(SqlStorageValue::try_from_i64(n)?)
}

/// What stores others' sights as of an event.
fn sights_writes(seq: Seq, parts: Vec<Vec<u8>>) -> Answer<Vec<Statement>> {
    let mut writes = vec![("DELETE FROM sight WHERE part >= ?", vec![integer(parts.len() as u64)?])];
    for (i, data) in parts.into_iter().enumerate() {
        let values = vec![integer(i as u64)?, integer(seq)?, SqlStorageValue::Blob(data)];
        writes.push(("INSERT OR REPLACE INTO sight (part, seq, data) VALUES (?, ?, ?)", values));
    }
    Ok(writes)
}
