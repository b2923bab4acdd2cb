//! The registry's tables: the list of boards, API keys and sources.

use super::{integer, open};
use crate::fault::Answer;
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
];

/// The tables of the registry.
pub struct RegistryStore {
    sql: SqlStorage,
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
        let (sql, _) = open(state, MIGRATIONS)?;
        Ok(Self { sql })
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
    pub fn put_board(&self, name: &str, version: u64, entry: &str, summary: &str) -> Answer<()> {
        let text = "INSERT OR REPLACE INTO board (name, config, version, entry, summary) VALUES (?, '', ?, ?, ?)";
        self.sql.exec(text, vec![name.into(), integer(version)?, entry.into(), summary.into()])?;
        Ok(())
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
        Ok(())
    }

    /// What is stored about an API key, by its full hash.
    pub fn key(&self, hash: &str) -> Answer<Option<String>> {
        self.one("SELECT hash AS name, about AS value FROM api_key WHERE hash = ?", hash)
    }

    /// All API keys.
    pub fn keys(&self) -> Answer<Vec<(String, String)>> {
        let rows: Vec<Pair> =
            self.sql.exec("SELECT hash AS name, about AS value FROM api_key ORDER BY hash", None)?.to_array()?;
        Ok(rows.into_iter().map(|p| (p.name, p.value)).collect())
    }

    /// Stores an API key.
    pub fn put_key(&self, hash: &str, about: &str) -> Answer<()> {
        self.sql.exec("INSERT OR REPLACE INTO api_key (hash, about) VALUES (?, ?)", vec![hash.into(), about.into()])?;
        Ok(())
    }

    /// Forgets the API key whose hash begins so; whether there was one.
    pub fn delete_key(&self, id: &str) -> Answer<bool> {
        let cursor = self.sql.exec("DELETE FROM api_key WHERE substr(hash, 1, 16) = ?", vec![id.into()])?;
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
