//! What has ended, in the registry's tables, and which relays still have to be told.

use super::integer;
use super::registry::RegistryStore;
use crate::fault::Answer;
use heliograph_shared::limits;
use heliograph_shared::revocation::{Change, Changes, CredentialId, Mark};
use heliograph_shared::time::Millis;
use serde::Deserialize;

#[derive(Deserialize)]
struct Numbered {
    mark: String,
    number: f64,
}

#[derive(Deserialize)]
struct Owed {
    relay: String,
    mark: Mark,
    number: f64,
}

#[derive(Deserialize)]
struct Number {
    number: Option<f64>,
}

/// Deliveries to relays that are tried at once.
const OWED_AT_ONCE: u64 = 1_000;

impl RegistryStore {
    fn number(&self, text: &str) -> Answer<Option<u64>> {
        let rows: Vec<Number> = self.sql().exec(text, None)?.to_array()?;
        Ok(rows.first().and_then(|r| r.number).map(|n| n as u64))
    }

    /// What has changed after a change.
    pub fn changes(&self, after: Change) -> Answer<Changes> {
        let text = "SELECT mark, number FROM ended WHERE number > ?";
        let rows: Vec<Numbered> = self.sql().exec(text, vec![integer(after)?])?.to_array()?;
        let marks: Vec<(Mark, Change)> = rows
            .into_iter()
            .map(|r| Ok::<_, serde_json::Error>((serde_json::from_value(r.mark.into())?, r.number as u64)))
            .collect::<Result<_, _>>()?;
        Ok(Changes { upto: self.upto()?.max(after), marks })
    }

    /// The last change.
    pub fn upto(&self) -> Answer<Change> {
        Ok(self.number("SELECT max(number) AS number FROM ended")?.unwrap_or_default())
    }

    /// Something has ended or changed: it gets the next number, and relays that watch it are owed it.
    pub fn end(&self, marks: &[Mark], now: Millis) -> Answer<()> {
        let number = integer(now.0.max(0).unsigned_abs().max(self.upto()? + 1))?;
        for mark in marks {
            let values = vec![mark.as_str().into(), number.clone()];
            self.sql().exec("INSERT OR REPLACE INTO ended (mark, number) VALUES (?, ?)", values)?;
            let text = "INSERT OR REPLACE INTO owed (relay, mark, number) SELECT relay, ?, ? FROM watch WHERE mark = ?";
            let values = vec![mark.as_str().into(), number.clone(), mark.watched_as().as_str().into()];
            self.sql().exec(text, values)?;
            match CredentialId::try_from(mark.as_str().to_owned()) {
                Ok(CredentialId::Join { board, session }) => {
                    let text = "DELETE FROM join_code WHERE board = ? AND json_extract(session, '$[1]') = ?";
                    self.sql().exec(text, vec![board.as_str().into(), session.into()])?;
                }
                Ok(CredentialId::Key(_)) => {
                    self.sql().exec("DELETE FROM watch WHERE mark = ?", vec![mark.as_str().into()])?;
                }
                Ok(CredentialId::Share { id, .. }) => {
                    self.sql().exec("DELETE FROM share WHERE id = ?", vec![id.as_str().into()])?;
                }
                Ok(CredentialId::Admin | CredentialId::Public(_) | CredentialId::Person { .. }) | Err(_) => {}
            }
        }
        self.forget(now)
    }

    /// Forgets what nothing can be older than any more, and the oldest of too many.
    fn forget(&self, now: Millis) -> Answer<()> {
        let kept = integer(now.plus(-limits::ENDED_KEPT_MILLIS).0.max(0).unsigned_abs())?;
        self.sql().exec("DELETE FROM ended WHERE number < ?", vec![kept.clone()])?;
        self.sql().exec("DELETE FROM owed WHERE number < ?", vec![kept])?;
        let count = self.number("SELECT count(*) AS number FROM ended")?.unwrap_or_default();
        let Some(over) = count.checked_sub(limits::ENDED_MOST).filter(|over| *over > 0) else { return Ok(()) };
        // A tenth at a time: the floor shall not rise with every mark.
        let dropped = integer(over + limits::ENDED_MOST / 10)?;
        let text = "SELECT max(number) AS number FROM (SELECT number FROM ended ORDER BY number LIMIT ?)";
        let rows: Vec<Number> = self.sql().exec(text, vec![dropped])?.to_array()?;
        let Some(floor) = rows.first().and_then(|r| r.number) else { return Ok(()) };
        let floor = integer(floor as u64)?;
        self.sql().exec("DELETE FROM ended WHERE number <= ?", vec![floor.clone()])?;
        let values = vec![Mark::floor().as_str().into(), floor];
        self.sql().exec("INSERT OR REPLACE INTO ended (mark, number) VALUES (?, ?)", values)?;
        Ok(())
    }

    /// A relay wants to be told of marks.
    pub fn watch(&self, relay: &str, marks: &[Mark]) -> Answer<()> {
        for mark in marks {
            let values = vec![mark.as_str().into(), relay.into()];
            self.sql().exec("INSERT OR IGNORE INTO watch (mark, relay) VALUES (?, ?)", values)?;
        }
        Ok(())
    }

    /// What relays still have to be told.
    pub fn owed(&self) -> Answer<Vec<(String, Changes)>> {
        let text = "SELECT relay, mark, number FROM owed ORDER BY relay LIMIT ?";
        let rows: Vec<Owed> = self.sql().exec(text, vec![integer(OWED_AT_ONCE)?])?.to_array()?;
        let mut owed: Vec<(String, Changes)> = Vec::new();
        for Owed { relay, mark, number } in rows {
            let number = number as u64;
            match owed.last_mut() {
                Some((last, changes)) if *last == relay => {
                    changes.upto = changes.upto.max(number);
                    changes.marks.push((mark, number));
                }
                _ => owed.push((relay, Changes { upto: number, marks: vec![(mark, number)] })),
            }
        }
        Ok(owed)
    }

    /// A relay was told.
    pub fn paid(&self, relay: &str, upto: Change) -> Answer<()> {
        let values = vec![relay.into(), integer(upto)?];
        self.sql().exec("DELETE FROM owed WHERE relay = ? AND number <= ?", values)?;
        Ok(())
    }
}
