//! The registry's tables: boards and API keys.

use super::migrate;
use crate::fault::Answer;
use serde::Deserialize;
use worker::SqlStorage;

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

impl RegistryStore {
    /// Opens the tables.
    pub fn open(sql: SqlStorage) -> Answer<Self> {
        migrate(&sql, MIGRATIONS)?;
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

    /// A board's config as JSON.
    pub fn board(&self, name: &str) -> Answer<Option<String>> {
        self.one("SELECT name, config AS value FROM board WHERE name = ?", name)
    }

    /// All boards, by name.
    pub fn boards(&self) -> Answer<Vec<(String, String)>> {
        let rows: Vec<Pair> =
            self.sql.exec("SELECT name, config AS value FROM board ORDER BY name", None)?.to_array()?;
        Ok(rows.into_iter().map(|p| (p.name, p.value)).collect())
    }

    /// Stores a config; true when the board is new.
    pub fn put_board(&self, name: &str, config: &str) -> Answer<bool> {
        let new = self.board(name)?.is_none();
        self.sql.exec("INSERT OR REPLACE INTO board (name, config) VALUES (?, ?)", vec![name.into(), config.into()])?;
        Ok(new)
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

    /// Forgets a board and the codes of its sessions.
    pub fn delete_board(&self, name: &str) -> Answer<()> {
        self.sql.exec("DELETE FROM board WHERE name = ?", vec![name.into()])?;
        self.sql.exec("DELETE FROM join_code WHERE board = ?", vec![name.into()])?;
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
}
