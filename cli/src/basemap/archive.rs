//! An archive on this machine: opened, and told of.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use pmtiles::{AsyncPmTilesReader, HashMapCache, Header, MmapBackend, TileType};
use serde_json::{Value, json};

use super::area::Area;
use crate::error::CliError;

/// Bytes of the header, and of what a reader takes at once: the header and the first directory.
const HEADER: usize = 127;
const FIRST: u64 = 16_384;

/// Reads an archive.
pub type Reader = AsyncPmTilesReader<MmapBackend, HashMapCache>;

/// Opens an archive of vector tiles.
pub async fn open(path: &Path) -> Result<Reader, CliError> {
    let told = |why: &str| CliError::failed(format!("{}: {why}", path.display()));
    check(path).map_err(|why| told(&why))?;
    let reader = Reader::new_with_cached_path(HashMapCache::default(), path).await;
    let reader = reader.map_err(|error| told(&error.to_string()))?;
    if reader.get_header().tile_type != TileType::Mvt {
        return Err(told("its tiles are pictures: the map draws vector tiles (MVT)"));
    }
    Ok(reader)
}

/// Whether a file begins as an archive does: the library takes that on trust.
fn check(path: &Path) -> Result<(), String> {
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    let mut header = [0; HEADER];
    let is_read = file.read_exact(&mut header).is_ok();
    if !is_read || header.get(..8) != Some(&b"PMTiles\x03"[..]) {
        return Err("it is no PMTiles archive of version 3".to_owned());
    }
    let long = |at: usize| {
        let bytes = header.get(at..at + 8).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        bytes.map_or(0, u64::from_le_bytes)
    };
    let (root, root_length) = (long(8), long(16));
    let end = root.saturating_add(root_length);
    let data_end = long(56).saturating_add(long(64));
    if root < HEADER as u64 || end > FIRST.min(length) || data_end > length {
        return Err("it is not whole".to_owned());
    }
    Ok(())
}

/// The box of an archive.
pub fn area(header: &Header) -> Option<Area> {
    Area::new([header.min_longitude, header.min_latitude, header.max_longitude, header.max_latitude])
}

/// What an archive says of itself beside its tiles.
pub async fn metadata(reader: &Reader) -> Result<Value, CliError> {
    let text = reader.get_metadata().await;
    let text = text.map_err(|error| CliError::failed(format!("the archive's metadata can't be read: {error}")))?;
    let metadata: Value = serde_json::from_str(&text).unwrap_or_default();
    if metadata.is_object() { Ok(metadata) } else { Err(CliError::failed("the archive's metadata are no JSON object")) }
}

/// Where an archive's data come from, as text: archives say it as HTML.
pub fn attribution(metadata: &Value) -> Option<String> {
    let mut text = String::new();
    let mut is_within = true;
    for letter in metadata["attribution"].as_str()?.chars() {
        match letter {
            '<' => is_within = false,
            '>' => is_within = true,
            letter if is_within => text.push(letter),
            _ => {}
        }
    }
    let text = text.replace("&copy;", "©").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// An archive in a few lines of JSON.
pub async fn told(reader: &Reader) -> Result<Value, CliError> {
    let header = reader.get_header();
    let metadata = metadata(reader).await?;
    let layers = metadata["vector_layers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let layers: Vec<&Value> = layers.iter().map(|layer| &layer["id"]).collect();
    Ok(json!({
        "bbox": area(header).map(Area::degrees),
        "zooms": [header.min_zoom, header.max_zoom],
        "tiles": header.n_addressed_tiles().map(u64::from),
        "layers": layers,
        "attribution": attribution(&metadata),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_it_comes_from_is_a_text() {
        let of = |html: &str| attribution(&json!({"attribution": html}));
        let html =
            "<a href=\"https://protomaps.com\">Protomaps</a> &copy; <a href=\"x\">OpenStreetMap\n contributors</a>";
        assert_eq!(of(html).as_deref(), Some("Protomaps © OpenStreetMap contributors"));
        assert_eq!(of("City &amp; Co").as_deref(), Some("City & Co"));
        assert_eq!((of("<b></b>"), attribution(&json!({}))), (None, None));
    }

    #[tokio::test]
    async fn what_is_no_archive_or_not_whole_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.pmtiles");
        let mut cut_off = [0; HEADER];
        cut_off[..8].copy_from_slice(b"PMTiles\x03");
        cut_off[8] = 127;
        cut_off[16] = 200;
        let mut before = cut_off;
        before[8] = 3;
        before[16] = 1;
        for (bytes, why) in [
            (&b""[..], "no PMTiles archive"),
            (&b"{\"type\":\"FeatureCollection\"}"[..], "no PMTiles archive"),
            (&cut_off[..], "not whole"),
            (&before[..], "not whole"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = open(&path).await.err().unwrap().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(open(&folder.path().join("none")).await.is_err());
    }
}
