//! SQLite inside the objects: schema version, migrations, and one file per object's tables.

pub mod archive;
pub mod board;
pub mod commit;
mod ended;
pub mod log;
pub mod registry;
pub mod relay;
pub mod rollups;
pub mod scoreboard;

use crate::fault::{Answer, Fault};
use js_sys::{Function, Reflect};
use serde::Deserialize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
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

/// Writes all or nothing, also when a write in the middle fails: `transactionSync` of the platform, which takes back what
/// a function wrote that throws.
fn write_all(
    storage: &js_sys::Object,
    sql: &SqlStorage,
    writes: Vec<(&'static str, Vec<SqlStorageValue>)>,
) -> Answer<()> {
    let failed = |e: JsValue| Fault::Internal(format!("writing all or nothing: {e:?}"));
    let run: Function = Reflect::get(storage, &"transactionSync".into()).and_then(JsCast::dyn_into).map_err(failed)?;
    let sql = sql.clone();
    let body = Closure::once(move || -> Result<(), JsValue> {
        writes.into_iter().try_for_each(|(text, values)| sql.exec(text, values).map(drop).map_err(JsValue::from))
    });
    run.call1(storage, body.as_ref()).map(drop).map_err(failed)
}

/// A whole number; beyond 2^53 it would be rounded on its way, so it is refused.
pub fn integer(n: u64) -> Answer<SqlStorageValue> {
    let n = i64::try_from(n).map_err(|_| Fault::Internal("number too large to store".into()))?;
    Ok(SqlStorageValue::try_from_i64(n)?)
}
