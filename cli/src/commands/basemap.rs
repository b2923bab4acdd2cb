//! `heliograph basemap`: streets under the items, from an archive of map tiles.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use heliograph_shared::basemap::ENDING;
use serde_json::json;

use crate::basemap::archive;
use crate::basemap::area::Area;
use crate::basemap::cut::{self, Made};
use crate::error::CliError;

/// Arguments of `basemap`.
#[derive(Debug, Args)]
#[command(after_help = "An archive is a file in the format PMTiles, with the layers of Protomaps or OpenMapTiles.\n\n\
    Examples:\n  \
    heliograph basemap cut planet.pmtiles austin.pmtiles --bbox=-97.95,30.05,-97.5,30.5 --maxzoom 14\n  \
    heliograph basemap put austin.pmtiles --site dist\n  \
    heliograph basemap show austin.pmtiles")]
pub struct BasemapArgs {
    #[command(subcommand)]
    action: BasemapAction,
}

#[derive(Debug, Subcommand)]
enum BasemapAction {
    /// Cut a box, up to a zoom, out of an archive
    Cut {
        /// The archive
        from: PathBuf,
        /// The file that is made
        to: PathBuf,
        /// The box: west,south,east,north in degrees
        #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
        bbox: Area,
        /// The highest zoom; 14 shows every street
        #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u8).range(0..=22))]
        maxzoom: u8,
    },
    /// Put an archive into the folder of a built site, which serves it
    Put {
        /// The archive
        file: PathBuf,
        /// The folder: `dist` of an unpacked server or of a checkout
        #[arg(long, value_name = "DIR")]
        site: PathBuf,
        /// What it is called there; as the file when not given
        #[arg(long)]
        name: Option<String>,
    },
    /// Print what is in an archive
    Show {
        /// The archive
        file: PathBuf,
    },
}

/// Runs `basemap`.
pub async fn run(args: BasemapArgs) -> Result<ExitCode, CliError> {
    match args.action {
        BasemapAction::Cut { from, to, bbox, maxzoom } => {
            let Made { area, zoom, tiles } = cut::cut(&from, &to, bbox, maxzoom).await?;
            let bytes = fs::metadata(&to).map_or(0, |known| known.len());
            say!("{}", json!({"bbox": area.degrees(), "maxzoom": zoom, "tiles": tiles, "bytes": bytes}));
        }
        BasemapAction::Put { file, site, name } => {
            let name = name_of(&file, name)?;
            let reader = archive::open(&file).await?;
            let attribution = archive::attribution(&archive::metadata(&reader).await?);
            put(&file, &site, &name)?;
            say!("{}", json!({"map": {"basemap": {"pmtiles": format!("/basemap/{name}")}}}));
            eprintln!("a board shows it with this in its config");
            if attribution.is_none() {
                eprintln!("the archive does not say where its data come from: add \"attribution\" beside \"pmtiles\"");
            }
        }
        BasemapAction::Show { file } => say!("{}", archive::told(&archive::open(&file).await?).await?),
    }
    Ok(ExitCode::SUCCESS)
}

/// The name that an archive gets: letters, digits, `_`, `.` and `-`, with its ending.
fn name_of(file: &Path, name: Option<String>) -> Result<String, CliError> {
    let name = name.or_else(|| Some(file.file_name()?.to_str()?.to_owned())).unwrap_or_default();
    let name = if name.ends_with(ENDING) { name } else { format!("{name}{ENDING}") };
    let is_plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if is_plain && !name.starts_with('.') {
        Ok(name)
    } else {
        Err(CliError::usage(format!("{name:?} is no name for an address: give --name of letters, digits, _ . and -")))
    }
}

/// Copies an archive into a site. It is there when all of it is.
fn put(file: &Path, site: &Path, name: &str) -> Result<(), CliError> {
    let folder = site.join("basemap");
    if !folder.join("world.json").is_file() {
        let why = format!("{} is no built site of Heliograph: it has no basemap/world.json", site.display());
        return Err(CliError::failed(why));
    }
    let to = folder.join(name);
    let part = cut::beside(&to);
    let copied = fs::copy(file, &part).and_then(|_| fs::rename(&part, &to));
    copied.map_err(|error| {
        // What is half there is worth nothing.
        let _ = fs::remove_file(&part);
        CliError::failed(format!("{}: {error}", to.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_for_an_address() {
        let of = |file: &str, name: Option<&str>| name_of(Path::new(file), name.map(str::to_owned));
        assert_eq!(of("/a/austin.pmtiles", None).unwrap(), "austin.pmtiles");
        assert_eq!(of("/a/b.pmtiles", Some("city")).unwrap(), "city.pmtiles");
        for name in ["../x", "a b", ".hidden", "ä"] {
            assert!(of("/a/b.pmtiles", Some(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn it_is_put_into_a_site_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.pmtiles");
        fs::write(&file, "tiles").unwrap();
        let site = folder.path().join("dist");
        assert!(put(&file, &site, "a.pmtiles").unwrap_err().to_string().contains("no built site"));
        fs::create_dir_all(site.join("basemap")).unwrap();
        fs::write(site.join("basemap/world.json"), "{}").unwrap();
        put(&file, &site, "b.pmtiles").unwrap();
        assert_eq!(fs::read_to_string(site.join("basemap/b.pmtiles")).unwrap(), "tiles");
        assert!(!site.join("basemap/b.pmtiles.part").exists());
    }
}
