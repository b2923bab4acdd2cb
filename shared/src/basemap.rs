//! Streets under the items: what a board's config says of an archive of vector tiles, and how its file is served.
//!
//! An archive is one file in the format PMTiles (<https://docs.protomaps.com/pmtiles/>). A page reads parts of it by ranges of
//! bytes, so that no server has to know of tiles.
//!
//! | You want to know | File |
//! |---|---|
//! | which part of a file is asked for, and how it is cut out | `range` |

pub mod range;

use crate::problem::{Code, FieldError};
use serde::{Deserialize, Serialize};

/// How the name of an archive ends.
pub const ENDING: &str = ".pmtiles";
/// Bytes of an archive's address.
const ADDRESS_BYTES: usize = 2_000;
/// Bytes of the text that says where it comes from.
const ATTRIBUTION_BYTES: usize = 200;

/// An archive of vector tiles under the items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Basemap {
    /// Where the archive is: an https address, or a path on this site. Its server must answer ranges of bytes.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 2_000)))]
    pub pmtiles: String,
    /// Where its data come from, for the corner of the map; what the archive itself says when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 200)))]
    pub attribution: Option<String>,
}

/// Whether a text is an https address without a user, or a path on this site; neither has spaces, quotes or a fragment.
fn is_address(text: &str) -> bool {
    let is_plain =
        text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'<' | b'>' | b'\\' | b'#'));
    let is_known = match text.strip_prefix("https://") {
        Some(rest) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let is_of_hosts = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':');
            !host.is_empty() && host.bytes().all(is_of_hosts) && !path.is_empty()
        }
        // Two slashes would name another host.
        None => text.strip_prefix('/').is_some_and(|path| !path.is_empty() && !path.starts_with('/')),
    };
    is_plain && is_known
}

/// What is wrong with a config's basemap, beside a style of its own or not.
pub fn errors(basemap: Option<&Basemap>, has_style: bool) -> Vec<FieldError> {
    let Some(Basemap { pmtiles, attribution }) = basemap else { return Vec::new() };
    let error = |field: &str, code, why: &str| FieldError::new(field, code, format!("{field} {why}"));
    let mut errors = Vec::new();
    if has_style {
        errors.push(error("map.basemap", Code::Invalid, "is instead of map.style: a map has one of them"));
    }
    if pmtiles.len() > ADDRESS_BYTES {
        errors.push(error("map.basemap.pmtiles", Code::TooLong, "has at most 2,000 bytes"));
    } else if !is_address(pmtiles) {
        errors.push(error("map.basemap.pmtiles", Code::Invalid, "is an https address or a path on this site"));
    }
    match attribution.as_deref().map(str::trim) {
        Some("") => errors.push(error("map.basemap.attribution", Code::Invalid, "is a text, or left out")),
        Some(text) if text.len() > ATTRIBUTION_BYTES => {
            errors.push(error("map.basemap.attribution", Code::TooLong, "has at most 200 bytes"));
        }
        Some(_) | None => {}
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basemap(pmtiles: &str) -> Basemap {
        Basemap { pmtiles: pmtiles.to_owned(), attribution: None }
    }

    #[test]
    fn an_archive_is_on_this_site_or_at_an_https_address() {
        for address in [
            "/basemap/city.pmtiles",
            "https://tiles.example/city.pmtiles",
            "https://tiles.example:8443/a/b%20c.pmtiles?v=2",
        ] {
            assert_eq!(errors(Some(&basemap(address)), false), [], "{address}");
        }
        for address in [
            "",
            "/",
            "//tiles.example/city.pmtiles",
            "city.pmtiles",
            "http://tiles.example/city.pmtiles",
            "https://tiles.example",
            "https:///city.pmtiles",
            "https://user@tiles.example/city.pmtiles",
            "https://tiles.example/ci ty.pmtiles",
            "https://tiles.example;script-src/x",
            "/basemap/city.pmtiles#a",
            "/basemap\\city.pmtiles",
            "javascript:x",
        ] {
            let wrong = errors(Some(&basemap(address)), false);
            assert_eq!(wrong.len(), 1, "{address}");
            assert_eq!((wrong[0].field.as_str(), wrong[0].code), ("map.basemap.pmtiles", Code::Invalid), "{address}");
        }
        let long = errors(Some(&basemap(&format!("/{}", "x".repeat(2_000)))), false);
        assert_eq!(long[0].code, Code::TooLong);
    }

    #[test]
    fn a_map_has_a_style_or_an_archive() {
        assert_eq!(errors(None, true), []);
        assert_eq!(errors(Some(&basemap("/a.pmtiles")), true)[0].field, "map.basemap");
    }

    #[test]
    fn where_it_comes_from_is_a_short_text() {
        let with = |text: &str| {
            let basemap = Basemap { attribution: Some(text.to_owned()), ..basemap("/a.pmtiles") };
            errors(Some(&basemap), false).into_iter().map(|error| error.code).collect::<Vec<_>>()
        };
        assert_eq!(with("© OpenStreetMap contributors"), Vec::<Code>::new());
        assert_eq!(with(" "), [Code::Invalid]);
        assert_eq!(with(&"x".repeat(201)), [Code::TooLong]);
    }
}
