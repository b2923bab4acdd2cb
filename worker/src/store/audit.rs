//! The table of what was done: the same in a board, for itself, and in the registry, for all boards.

use super::integer;
use crate::fault::Answer;
use heliograph_shared::audit::{AuditAsk, Entry, Keeper, Kind, Noted, Place};
use heliograph_shared::limits;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use worker::SqlStorage;

/// The table. A board's own entries name none.
pub(super) const TABLE: &str = "
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        board TEXT NOT NULL,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        entry TEXT NOT NULL
    );
    CREATE INDEX audit_board ON audit (board, at);
";

/// Drops the oldest of a board's entries beyond so many bytes.
const PRUNE: &str = "DELETE FROM audit WHERE board = ?1 AND number <= (SELECT coalesce(max(number), 0) FROM (\
    SELECT number, sum(octet_length(entry)) OVER (ORDER BY number DESC) AS total FROM audit WHERE board = ?1) \
    WHERE total > ?2)";

/// Notes something, and forgets what is too old or too much.
pub(super) fn note(sql: &SqlStorage, board: &str, noted: &Noted, now: Millis) -> Answer<()> {
    let time = |at: Millis| integer(at.0.max(0).unsigned_abs());
    let (kind, entry) = (noted.act.kind.name(), serde_json::to_string(noted)?);
    let values = vec![board.into(), time(now)?, kind.into(), entry.into()];
    sql.exec("INSERT INTO audit (board, at, kind, entry) VALUES (?, ?, ?, ?)", values)?;
    sql.exec("DELETE FROM audit WHERE at < ?", vec![time(now.plus(-limits::AUDIT_DAYS * 86_400_000))?])?;
    sql.exec(PRUNE, vec![board.into(), integer(limits::AUDIT_BYTES as u64)?])?;
    Ok(())
}

/// What a keeper has of a board, the newest first; of entries of no board those that are `wanted`. One more than is asked
/// for, where there is one.
pub(super) fn entries(
    sql: &SqlStorage,
    keeper: Keeper,
    board: &str,
    ask: &AuditAsk,
    wanted: impl Fn(&Noted) -> bool,
) -> Answer<Vec<Entry>> {
    #[derive(Deserialize)]
    struct Row {
        number: f64,
        at: f64,
        entry: String,
    }
    let (at, number) = match ask.after.map(|after| after.bound(keeper)) {
        Some((at, number)) => (at.0.max(0).unsigned_abs().min(limits::SEQ_MAX), number),
        None => (limits::SEQ_MAX, limits::SEQ_MAX),
    };
    let values = vec![
        board.into(),
        ask.kind.map(Kind::name).unwrap_or_default().into(),
        integer(at)?,
        integer(number)?,
        // What is too old and not yet forgotten is not shown either.
        integer(crate::clock::now().plus(-limits::AUDIT_DAYS * 86_400_000).0.max(0).unsigned_abs())?,
    ];
    let text = "SELECT number, at, entry FROM audit WHERE board IN (?1, '') AND ?2 IN (kind, '') \
                AND (at < ?3 OR at = ?3 AND number < ?4) AND at >= ?5 ORDER BY at DESC, number DESC";
    let mut found = Vec::new();
    for row in sql.exec(text, values)?.next::<Row>() {
        let Row { number, at, entry } = row?;
        let noted: Noted = serde_json::from_str(&entry)?;
        if wanted(&noted) {
            found.push(Entry { place: Place { at: Millis(at as i64), keeper, number: number as u64 }, noted });
        }
        if found.len() > ask.limit {
            break;
        }
    }
    Ok(found)
}
