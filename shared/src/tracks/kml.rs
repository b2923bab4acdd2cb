//! A track as KML 2.2 with Google's extensions (<https://developers.google.com/kml/documentation/kmlreference#gxtrack>): a
//! `gx:Track` for each stretch without gaps, which a player moves along in time.

use super::fix::Fix;
use super::xml::text;
use std::fmt::Write as _;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\" \
                    xmlns:gx=\"http://www.google.com/kml/ext/2.2\">\n<Document><Placemark>";

/// Writes stretches.
pub fn write(key: &str, stretches: &[Vec<Fix>]) -> Vec<u8> {
    let mut out = format!("{HEAD}<name>{}</name>\n<gx:MultiTrack><gx:interpolate>0</gx:interpolate>\n", text(key));
    for stretch in stretches {
        out.push_str("<gx:Track>\n");
        // Writing to a string can't fail.
        for fix in stretch {
            let _ = writeln!(out, "<when>{}</when>", fix.time.to_rfc3339());
        }
        for fix in stretch {
            let p = fix.position();
            let _ = writeln!(out, "<gx:coord>{} {} 0</gx:coord>", p.lon(), p.lat());
        }
        out.push_str("</gx:Track>\n");
    }
    out.push_str("</gx:MultiTrack>\n</Placemark></Document>\n</kml>\n");
    out.into_bytes()
}
