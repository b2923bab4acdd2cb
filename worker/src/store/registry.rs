//! The registry's tables: the list of boards, API keys, sources and settings.

use super::{Transactions, Whole, integer, open};
use crate::fault::Answer;
use heliograph_shared::audit::{AuditAsk, Entry, Keeper, Noted};
use heliograph_shared::calls::registry::StoredSettings;
use heliograph_shared::id::BoardName;
use heliograph_shared::rights::Boards;
use heliograph_shared::time::Millis;
use serde::Deserialize;
use worker::{SqlStorage, State};

/// Only ever appended to.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE board (name TEXT PRIMARY KEY, config TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE api_key (hash TEXT PRIMARY KEY, about TEXT NOT NULL) WITHOUT ROWID;
",
    "
    CREATE TABLE join_code (code TEXT PRIMARY KEY, session TEXT NOT NULL) WITHOUT ROWID;
",
    "
    CREATE TABLE ended (mark TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX ended_number ON ended (number);
    CREATE TABLE watch (mark TEXT NOT NULL, relay TEXT NOT NULL, PRIMARY KEY (mark, relay)) WITHOUT ROWID;
    CREATE TABLE owed (
        relay TEXT NOT NULL, mark TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (relay, mark)
    ) WITHOUT ROWID;
    ALTER TABLE join_code ADD COLUMN board TEXT NOT NULL DEFAULT '';
    UPDATE join_code SET board = json_extract(session, '$[0]');
    DELETE FROM join_code WHERE board NOT IN (SELECT name FROM board);
    CREATE INDEX join_code_board ON join_code (board);
",
    // Boards own their configs: `config` is that of a board of before, until the board has taken it over.
    "
    ALTER TABLE board ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE board ADD COLUMN entry TEXT;
    ALTER TABLE board ADD COLUMN summary TEXT;
",
    "
    CREATE TABLE source (
        name TEXT PRIMARY KEY, board TEXT NOT NULL, version INTEGER NOT NULL, about TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX source_board ON source (board);
",
    "
    CREATE TABLE share (id TEXT PRIMARY KEY, board TEXT NOT NULL, about TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX share_board ON share (board);
",
    super::audit::TABLE,
    // A key that was rotated has two hashes for a while: what names it is its id.
    "
    ALTER TABLE api_key ADD COLUMN id TEXT NOT NULL DEFAULT '';
    UPDATE api_key SET id = substr(hash, 1, 16);
    CREATE INDEX api_key_id ON api_key (id);
",
    "
    CREATE TABLE setting (name TEXT PRIMARY KEY, version INTEGER NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
",
    "
    ALTER TABLE board ADD COLUMN meters TEXT;
",
];

/// The tables of the registry.
pub struct RegistryStore {
    sql: SqlStorage,
    storage: Transactions,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    value: String,
}

/// A board in the list.
#[derive(Deserialize)]
pub struct BoardRow {
    /// Its name.
    pub name: String,
    /// Its config as JSON, where it has not taken it over yet; empty where it has.
    pub config: String,
    /// The version of its config that it has told of; 0 before.
    pub version: f64,
    /// What the list says of it, as JSON.
    pub entry: Option<String>,
    /// What it last said that it has, as JSON.
    pub summary: Option<String>,
}

impl RegistryStore {
    /// Opens the tables.
    pub fn open(state: &State) -> Answer<Self> {
        let (sql, storage) = open(state, MIGRATIONS)?;
        Ok(Self { sql, storage })
    }

    /// What does several things of which all is written or nothing.
    pub fn whole(&self) -> Whole {
        Whole(self.storage.clone())
    }

    /// Notes what is done to a board, or to what is of no board.
    pub fn note(&self, board: Option<&BoardName>, noted: &Noted, now: Millis) -> Answer<()> {
        super::audit::note(&self.sql, board.map(BoardName::as_str).unwrap_or_default(), noted, now)
    }

    /// What was noted of a board, and of keys that reach it: the newest first.
    pub fn audit(&self, board: &BoardName, ask: &AuditAsk) -> Answer<Vec<Entry>> {
        let reaches = |pattern: &String| Boards::parse(pattern).is_ok_and(|boards| boards.names(board));
        let is_wanted = |noted: &Noted| noted.boards.is_empty() || noted.boards.iter().any(reaches);
        super::audit::entries(&self.sql, Keeper::Registry, board.as_str(), ask, is_wanted)
    }

    /// The database.
    pub(super) const fn sql(&self) -> &SqlStorage {
        &self.sql
    }

    fn one(&self, text: &str, name: &str) -> Answer<Option<String>> {
        let rows: Vec<Pair> = self.sql.exec(text, vec![name.into()])?.to_array()?;
        Ok(rows.into_iter().next().map(|p| p.value))
    }

    /// A board of the list.
    pub fn board(&self, name: &str) -> Answer<Option<BoardRow>> {
        let text = "SELECT name, config, version, entry, summary FROM board WHERE name = ?";
        let rows: Vec<BoardRow> = self.sql.exec(text, vec![name.into()])?.to_array()?;
        Ok(rows.into_iter().next())
    }

    /// All boards, by name.
    pub fn boards(&self) -> Answer<Vec<BoardRow>> {
        Ok(self.sql.exec("SELECT name, config, version, entry, summary FROM board ORDER BY name", None)?.to_array()?)
    }

    /// Keeps what a board says of itself: from here on it has its config itself.
    pub fn put_board(&self, name: &str, version: u64, entry: &str, summary: &str, meters: Option<&str>) -> Answer<()> {
        let text = "INSERT OR REPLACE INTO board (name, config, version, entry, summary, meters)
            VALUES (?, '', ?, ?, ?, ?)";
        self.sql.exec(text, vec![name.into(), integer(version)?, entry.into(), summary.into(), meters.into()])?;
        Ok(())
    }

    /// What all boards last said of what is measured of them, as JSON, by their names.
    pub fn meters(&self) -> Answer<Vec<(String, Option<String>)>> {
        #[derive(Deserialize)]
        struct Row {
            name: String,
            meters: Option<String>,
        }
        let rows: Vec<Row> = self.sql.exec("SELECT name, meters FROM board ORDER BY name", None)?.to_array()?;
        Ok(rows.into_iter().map(|row| (row.name, row.meters)).collect())
    }

    /// What a join code leads to, as JSON.
    pub fn code(&self, code: &str) -> Answer<Option<String>> {
        self.one("SELECT code AS name, session AS value FROM join_code WHERE code = ?", code)
    }

    /// Keeps a join code; false when it is taken.
    pub fn put_code(&self, code: &str, board: &str, session: &str) -> Answer<bool> {
        if self.code(code)?.is_some() {
            return Ok(false);
        }
        let values = vec![code.into(), board.into(), session.into()];
        self.sql.exec("INSERT INTO join_code (code, board, session) VALUES (?, ?, ?)", values)?;
        Ok(true)
    }

    /// Forgets a board, the codes of its sessions, its sources and its links.
    pub fn delete_board(&self, name: &str) -> Answer<()> {
        self.sql.exec("DELETE FROM board WHERE name = ?", vec![name.into()])?;
        self.sql.exec("DELETE FROM join_code WHERE board = ?", vec![name.into()])?;
        self.sql.exec("DELETE FROM source WHERE board = ?", vec![name.into()])?;
        self.sql.exec("DELETE FROM share WHERE board = ?", vec![name.into()])?;
        self.sql.exec("DELETE FROM audit WHERE board = ?", vec![name.into()])?;
        Ok(())
    }

    /// The id of an API key, and what is stored about it, by the full hash of a secret.
    pub fn key(&self, hash: &str) -> Answer<Option<(String, String)>> {
        let text = "SELECT id AS name, about AS value FROM api_key WHERE hash = ?";
        let rows: Vec<Pair> = self.sql.exec(text, vec![hash.into()])?.to_array()?;
        Ok(rows.into_iter().next().map(|p| (p.name, p.value)))
    }

    /// All API keys by their ids; one that was rotated may be there twice.
    pub fn keys(&self) -> Answer<Vec<(String, String)>> {
        let rows: Vec<Pair> =
            self.sql.exec("SELECT id AS name, about AS value FROM api_key ORDER BY id", None)?.to_array()?;
        Ok(rows.into_iter().map(|p| (p.name, p.value)).collect())
    }

    /// Stores an API key, a new one or in place of what was known under its hash.
    pub fn put_key(&self, hash: &str, id: &str, about: &str) -> Answer<()> {
        let values = vec![hash.into(), id.into(), about.into()];
        self.sql.exec("INSERT OR REPLACE INTO api_key (hash, id, about) VALUES (?, ?, ?)", values)?;
        Ok(())
    }

    /// Every hash of an API key with what is stored under it.
    pub fn hashes_of_key(&self, id: &str) -> Answer<Vec<(String, String)>> {
        let text = "SELECT hash AS name, about AS value FROM api_key WHERE id = ?";
        let rows: Vec<Pair> = self.sql.exec(text, vec![id.into()])?.to_array()?;
        Ok(rows.into_iter().map(|p| (p.name, p.value)).collect())
    }

    /// Forgets one hash of an API key.
    pub fn delete_hash(&self, hash: &str) -> Answer<()> {
        self.sql.exec("DELETE FROM api_key WHERE hash = ?", vec![hash.into()])?;
        Ok(())
    }

    /// Forgets an API key; whether there was one.
    pub fn delete_key(&self, id: &str) -> Answer<bool> {
        let cursor = self.sql.exec("DELETE FROM api_key WHERE id = ?", vec![id.into()])?;
        Ok(cursor.rows_written() > 0)
    }

    /// What is stored of a link, as JSON.
    pub fn share(&self, id: &str) -> Answer<Option<String>> {
        self.one("SELECT id AS name, about AS value FROM share WHERE id = ?", id)
    }

    /// The links of a board.
    pub fn shares(&self, board: &str) -> Answer<Vec<String>> {
        let text = "SELECT id AS name, about AS value FROM share WHERE board = ?";
        let rows: Vec<Pair> = self.sql.exec(text, vec![board.into()])?.to_array()?;
        Ok(rows.into_iter().map(|p| p.value).collect())
    }

    /// Keeps a link, a new one or in place of the one of its id.
    pub fn put_share(&self, id: &str, board: &str, about: &str) -> Answer<()> {
        let values = vec![id.into(), board.into(), about.into()];
        self.sql.exec("INSERT OR REPLACE INTO share (id, board, about) VALUES (?, ?, ?)", values)?;
        Ok(())
    }

    /// Settings, by their name.
    pub fn settings(&self, name: &str) -> Answer<StoredSettings> {
        #[derive(Deserialize)]
        struct Row {
            version: f64,
            value: String,
        }
        let rows: Vec<Row> =
            self.sql.exec("SELECT version, value FROM setting WHERE name = ?", vec![name.into()])?.to_array()?;
        let Some(Row { version, value }) = rows.into_iter().next() else { return Ok(StoredSettings::default()) };
        Ok(StoredSettings { version: version as u64, value: serde_json::from_str(&value)? })
    }

    /// Keeps settings in place of a version; false when there is another by now.
    pub fn put_settings(&self, name: &str, value: &str, before: u64) -> Answer<bool> {
        if self.settings(name)?.version != before {
            return Ok(false);
        }
        let values = vec![name.into(), integer(before + 1)?, value.into()];
        self.sql.exec("INSERT OR REPLACE INTO setting (name, version, value) VALUES (?, ?, ?)", values)?;
        Ok(true)
    }

    /// What is stored of a source, as JSON.
    pub fn source(&self, name: &str) -> Answer<Option<String>> {
        self.one("SELECT name, about AS value FROM source WHERE name = ?", name)
    }

    /// The sources of a board, by name.
    pub fn sources(&self, board: &str) -> Answer<Vec<(String, String)>> {
        let text = "SELECT name, about AS value FROM source WHERE board = ? ORDER BY name";
        let rows: Vec<Pair> = self.sql.exec(text, vec![board.into()])?.to_array()?;
        Ok(rows.into_iter().map(|p| (p.name, p.value)).collect())
    }

    /// Keeps a source in place of the version before it; 0: of none. False when there is another by now.
    pub fn put_source(&self, name: &str, board: &str, version: u64, about: &str, before: u64) -> Answer<bool> {
        let values = vec![name.into(), board.into(), integer(version)?, about.into()];
        let text = "INSERT INTO source (name, board, version, about) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let cursor = match before {
            0 => self.sql.exec(text, values)?,
            before => {
                let text = "UPDATE source SET version = ?, about = ? WHERE name = ? AND board = ? AND version = ?";
                let values = vec![integer(version)?, about.into(), name.into(), board.into(), integer(before)?];
                self.sql.exec(text, values)?
            }
        };
        Ok(cursor.rows_written() > 0)
    }

    /// Forgets a board's source; whether there was one.
    pub fn delete_source(&self, board: &str, name: &str) -> Answer<bool> {
        let values = vec![board.into(), name.into()];
        Ok(self.sql.exec("DELETE FROM source WHERE board = ? AND name = ?", values)?.rows_written() > 0)
    }
}
