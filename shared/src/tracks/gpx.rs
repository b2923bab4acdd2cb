//! A track as GPX 1.1 (<https://www.topografix.com/GPX/1/1>): a segment for each stretch without gaps. GPX has no place for
//! speed and course; they stand in Garmin's `TrackPointExtension` version 2, which programs commonly read.

use super::fix::Fix;
use super::xml::text;
use std::fmt::Write as _;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"Heliograph\" \
                    xmlns=\"http://www.topografix.com/GPX/1/1\" \
                    xmlns:tpx=\"http://www.garmin.com/xmlschemas/TrackPointExtension/v2\">\n<trk>";

/// Writes stretches.
pub fn write(key: &str, stretches: &[Vec<Fix>]) -> Vec<u8> {
    let mut out = format!("{HEAD}<name>{}</name>\n", text(key));
    for stretch in stretches {
        out.push_str("<trkseg>\n");
        stretch.iter().for_each(|fix| point(&mut out, fix));
        out.push_str("</trkseg>\n");
    }
    out.push_str("</trk>\n</gpx>\n");
    out.into_bytes()
}

fn point(out: &mut String, fix: &Fix) {
    let p = fix.position();
    // Writing to a string can't fail.
    let _ = write!(out, "<trkpt lat=\"{}\" lon=\"{}\"><time>{}</time>", p.lat(), p.lon(), fix.time.to_rfc3339());
    if p.speed().is_some() || p.heading().is_some() {
        out.push_str("<extensions><tpx:TrackPointExtension>");
        if let Some(speed) = p.speed() {
            let _ = write!(out, "<tpx:speed>{speed}</tpx:speed>");
        }
        if let Some(heading) = p.heading() {
            let _ = write!(out, "<tpx:course>{heading}</tpx:course>");
        }
        out.push_str("</tpx:TrackPointExtension></extensions>");
    }
    out.push_str("</trkpt>\n");
}
