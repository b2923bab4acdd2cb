//! A board's config, in the board's own tables.

use super::Statement;
use super::board::BoardStore;
use super::integer;
use crate::fault::Answer;
use heliograph_shared::archive::config::ArchiveSettings;
use heliograph_shared::archive::delivery::Delivered;
use heliograph_shared::scores::keeper::Settings;
use serde::Deserialize;
use worker::{SqlStorage, State};

/// What a board has stored of its config.
pub enum Stored {
    /// The registry has it: the board is of before boards had their own.
    Elsewhere,
    /// The board was deleted, and not everything is done yet.
    Deleted {
        /// Later than that of the config.
        version: u64,
    },
    /// The config.
    Here {
        /// It grows.
        version: u64,
        /// As JSON.
        text: String,
        /// Whether the registry knows of this version.
        told: bool,
    },
}

/// All that a config writes.
pub struct ConfigWrite<'w> {
    /// The config as JSON.
    pub text: &'w str,
    /// Its version.
    pub version: u64,
    /// What the board's object uses at every event.
    pub settings: &'w Settings,
    /// What delivery uses, where it changes.
    pub archive: Option<&'w ArchiveSettings>,
    /// From where on is delivered, where that begins.
    pub delivered: Option<&'w Delivered>,
}

const PUT: &str = "INSERT OR REPLACE INTO config (one, version, data, told) VALUES (1, ?, ?, 0)";

impl BoardStore {
    /// Whether anything was ever stored here. Asking does not make it so: whoever guesses names leaves no tables.
    pub fn exists(state: &State) -> Answer<bool> {
        #[derive(Deserialize)]
        struct Count {
            count: f64,
        }
        let sql: SqlStorage = state.storage().sql();
        let text = "SELECT count(*) AS count FROM sqlite_master WHERE name = 'schema_version'";
        let rows: Vec<Count> = sql.exec(text, None)?.to_array()?;
        Ok(rows.first().is_some_and(|r| r.count > 0.0))
    }

    /// What is stored of the config.
    pub fn config(&self) -> Answer<Option<Stored>> {
        #[derive(Deserialize)]
        struct Row {
            version: f64,
            data: Option<String>,
            told: f64,
        }
        let rows: Vec<Row> =
            self.sql().exec("SELECT version, data, told FROM config WHERE one = 1", None)?.to_array()?;
        Ok(rows.into_iter().next().map(|r| match (r.version as u64, r.data) {
            (version, Some(text)) => Stored::Here { version, text, told: r.told > 0.0 },
            (0, None) => Stored::Elsewhere,
            (version, None) => Stored::Deleted { version },
        }))
    }

    /// Writes a config and what follows from it, all or nothing.
    pub fn put_config(&self, write: &ConfigWrite<'_>) -> Answer<()> {
        let mut writes: Vec<Statement> = vec![(PUT, vec![integer(write.version)?, write.text.into()])];
        writes.push(Self::settings_write(write.settings)?);
        writes.extend(write.archive.map(Self::archive_settings_write).transpose()?);
        writes.extend(write.delivered.map(Self::delivered_write).transpose()?);
        self.write_all(writes)
    }

    /// The registry knows of a version.
    pub fn config_is_told(&self, version: u64) -> Answer<()> {
        self.sql().exec("UPDATE config SET told = 1 WHERE version = ?", vec![integer(version)?])?;
        Ok(())
    }

    /// The board is deleted from here on.
    pub fn delete_config(&self, version: u64) -> Answer<()> {
        self.sql().exec(
            "INSERT OR REPLACE INTO config (one, version, data, told) VALUES (1, ?, NULL, 0)",
            vec![integer(version)?],
        )?;
        Ok(())
    }
}
