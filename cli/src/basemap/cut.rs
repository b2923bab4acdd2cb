//! A part of an archive, cut out by a box and a highest zoom. Tiles are taken as they are, compressed as they were.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use pmtiles::{PmTilesStreamWriter, PmTilesWriter, PmtResult, TileCoord, TileId, TileType};

use super::archive::{self, Reader};
use super::area::{Area, Tiles};
use crate::error::CliError;

/// Tiles that a box may have at most, whether the archive has them or not: a country at zoom 14.
const TILES_MAX: u64 = 8_000_000;

/// What was cut out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Made {
    /// Its box: that which was asked for, as far as the archive has it.
    pub area: Area,
    /// Its highest zoom.
    pub zoom: u8,
    /// Its tiles.
    pub tiles: u64,
}

/// Cuts what lies in a box, up to a zoom, out of an archive into another. The other is there only when it is whole.
pub async fn cut(from: &Path, to: &Path, area: Area, zoom: u8) -> Result<Made, CliError> {
    let reader = archive::open(from).await?;
    let header = reader.get_header();
    let whole =
        archive::area(header).ok_or_else(|| CliError::failed("the archive does not say where its tiles are"))?;
    let area = area
        .within(whole)
        .ok_or_else(|| CliError::failed(format!("the archive has nothing there; its box is {:?}", whole.degrees())))?;
    let (first, last) = (header.min_zoom, header.max_zoom.min(zoom));
    if first > last {
        return Err(CliError::failed(format!("the archive begins at zoom {first}")));
    }
    let count = area.count(first..=last);
    if count > TILES_MAX {
        let why =
            format!("that are {count} tiles, and at most {TILES_MAX} are cut: take a smaller box or a lower --maxzoom");
        return Err(CliError::failed(why));
    }
    let metadata = archive::metadata(&reader).await?.to_string();
    let part = beside(to);
    let written = write(&reader, &part, area, last, &metadata).await;
    let written = written.map_err(|error| CliError::failed(format!("{}: {error}", part.display())));
    let kept = written.and_then(|tiles| {
        fs::rename(&part, to).map_err(|error| CliError::failed(format!("{}: {error}", to.display())))?;
        Ok(Made { area, zoom: last, tiles })
    });
    if kept.is_err() {
        // What is half done is worth nothing; that it could not be removed is not worth a word beside why.
        let _ = fs::remove_file(&part);
    }
    kept
}

/// The name that a file has until it is whole.
pub fn beside(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    to.with_file_name(name)
}

async fn write(reader: &Reader, part: &Path, area: Area, last: u8, metadata: &str) -> PmtResult<u64> {
    let header = reader.get_header();
    let [west, south, east, north] = area.degrees();
    let (lon, lat) = area.middle();
    let mut writer = PmTilesWriter::new(TileType::Mvt)
        .tile_compression(header.tile_compression)
        .min_zoom(header.min_zoom)
        .max_zoom(last)
        .bounds(west, south, east, north)
        .center(lon, lat)
        .center_zoom(header.center_zoom.clamp(header.min_zoom, last))
        .metadata(metadata)
        .create(File::create(part)?)?;
    let mut tiles = 0;
    for zoom in header.min_zoom..=last {
        tiles += copy(reader, &mut writer, area.tiles(zoom), zoom).await?;
    }
    writer.finalize()?;
    Ok(tiles)
}

/// Copies the tiles of a zoom, in the order of their numbers; how many there were.
async fn copy(
    reader: &Reader,
    writer: &mut PmTilesStreamWriter<File>,
    Tiles { columns, rows }: Tiles,
    zoom: u8,
) -> PmtResult<u64> {
    let mut ids = Vec::new();
    for column in columns {
        for row in rows.clone() {
            ids.push(TileId::from(TileCoord::new(zoom, column, row)?));
        }
    }
    ids.sort_unstable();
    let mut tiles = 0;
    for id in ids {
        if let Some(tile) = reader.get_tile(id).await? {
            writer.add_raw_tile(TileCoord::from(id), &tile)?;
            tiles += 1;
        }
    }
    Ok(tiles)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EARTH: [f64; 4] = [-180.0, -85.0, 180.0, 85.0];

    /// An archive of the whole Earth up to a zoom; each tile says which it is, but for one that is not there.
    fn earth(path: &Path, kind: TileType, zoom: u8) {
        let [west, south, east, north] = EARTH;
        let mut writer = PmTilesWriter::new(kind)
            .min_zoom(0)
            .max_zoom(zoom)
            .bounds(west, south, east, north)
            .metadata(r#"{"attribution":"<b>© Test</b>","vector_layers":[{"id":"roads","fields":{}}]}"#)
            .create(File::create(path).unwrap())
            .unwrap();
        for z in 0..=zoom {
            for x in 0..1_u32 << z {
                for y in 0..1_u32 << z {
                    if (z, x, y) != (3, 4, 3) {
                        writer.add_tile(TileCoord::new(z, x, y).unwrap(), format!("{z}/{x}/{y}").as_bytes()).unwrap();
                    }
                }
            }
        }
        writer.finalize().unwrap();
    }

    #[tokio::test]
    async fn what_lies_in_the_box_is_cut_out_as_it_was_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("earth.pmtiles"), folder.path().join("part.pmtiles"));
        earth(&from, TileType::Mvt, 4);
        let area = Area::new([1.0, 1.0, 50.0, 50.0]).unwrap();
        let made = cut(&from, &to, area, 3).await.unwrap();
        // One tile each of zooms 0 to 2, and of zoom 3 two by two, of which one is missing.
        assert_eq!(area.count(3..=3), 4);
        assert_eq!((made.area, made.zoom, made.tiles), (area, 3, 3 + 4 - 1));
        assert!(!beside(&to).exists());

        let part = archive::open(&to).await.unwrap();
        let header = part.get_header();
        assert_eq!((header.min_zoom, header.max_zoom), (0, 3));
        let cut = archive::area(header).unwrap();
        assert_eq!(format!("{:?}", cut.degrees()), format!("{:?}", area.degrees()));
        let tile = async |z, x, y| part.get_tile_decompressed(TileCoord::new(z, x, y).unwrap()).await.unwrap();
        assert_eq!(tile(0, 0, 0).await.as_deref(), Some(&b"0/0/0"[..]));
        assert_eq!(tile(2, 2, 1).await.as_deref(), Some(&b"2/2/1"[..]));
        assert_eq!((tile(3, 4, 3).await, tile(2, 0, 0).await, tile(4, 8, 7).await), (None, None, None));
        let told = archive::told(&part).await.unwrap();
        assert_eq!((&told["attribution"], &told["layers"][0]), (&"© Test".into(), &"roads".into()));
    }

    #[tokio::test]
    async fn what_can_not_be_cut_is_told_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        earth(&path("earth"), TileType::Mvt, 1);
        earth(&path("pictures"), TileType::Png, 1);
        let area = Area::new(EARTH).unwrap();
        let why = async |from: &str, area| cut(&path(from), &path("out"), area, 3).await.unwrap_err().to_string();
        assert!(why("pictures", area).await.contains("pictures"));
        assert!(why("none", area).await.contains("none"));
        let beyond = Area::new([-180.0, 86.0, 180.0, 90.0]).unwrap();
        assert!(why("earth", beyond).await.contains("nothing there"));
        let nowhere = cut(&path("earth"), &path("no/folder/out"), area, 3).await.unwrap_err();
        assert!(nowhere.to_string().contains("out.part"));
        assert!(!path("out").exists() && !path("out.part").exists());
    }
}
