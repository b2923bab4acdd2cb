//! The layers of a board's map: what is known of each, and its GeoJSON as it came.

use super::board::BoardStore;
use crate::fault::Answer;
use heliograph_shared::layers::LayerId;
use heliograph_shared::layers::kept::Kept;
use serde::Deserialize;
use worker::SqlStorageValue;

impl BoardStore {
    /// The layers, without their GeoJSON.
    pub fn layers(&self) -> Answer<Vec<(LayerId, Kept)>> {
        #[derive(Deserialize)]
        struct Row {
            id: LayerId,
            about: String,
        }
        let rows: Vec<Row> = self.sql().exec("SELECT id, about FROM layer ORDER BY id", None)?.to_array()?;
        rows.into_iter().map(|row| Ok((row.id, serde_json::from_str(&row.about)?))).collect()
    }

    /// One of them, with its GeoJSON.
    pub fn layer(&self, id: &LayerId) -> Answer<Option<(Kept, Vec<u8>)>> {
        #[derive(Deserialize)]
        struct Row {
            about: String,
            #[serde(with = "serde_bytes")]
            data: Vec<u8>,
        }
        let values = vec![id.as_str().into()];
        let rows: Vec<Row> = self.sql().exec("SELECT about, data FROM layer WHERE id = ?", values)?.to_array()?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        Ok(Some((serde_json::from_str(&row.about)?, row.data)))
    }

    /// Writes one.
    pub fn put_layer(&self, id: &LayerId, kept: &Kept, geojson: &[u8]) -> Answer<()> {
        let about = serde_json::to_string(kept)?;
        let values = vec![id.as_str().into(), about.as_str().into(), SqlStorageValue::Blob(geojson.to_vec())];
        super::execute(self.sql(), ("INSERT OR REPLACE INTO layer (id, about, data) VALUES (?, ?, ?)", values))
    }

    /// Drops one.
    pub fn drop_layer(&self, id: &LayerId) -> Answer<()> {
        self.sql().exec("DELETE FROM layer WHERE id = ?", vec![id.as_str().into()])?;
        Ok(())
    }
}
