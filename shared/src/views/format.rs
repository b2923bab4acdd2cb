//! In which form a view is answered: what the parameter `format` or the header `Accept` asks for (RFC 9110, 12.5.1).

use super::table::TableForm;
use crate::problem::{Code, FieldError, Problem, excerpt};
use headers_accept::Accept;
use mediatype::{MediaType, ReadParams as _, names};
use std::str::FromStr as _;

/// A form of a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// One JSON object.
    #[default]
    Json,
    /// A GeoJSON feature collection (RFC 7946).
    GeoJson,
    /// A table.
    Table(TableForm),
    /// One JSON object a line.
    NdJson,
    /// A track as GPX 1.1.
    Gpx,
    /// A track as KML.
    Kml,
}

impl Format {
    /// What items come in.
    pub const ITEMS: &[Self] = &[
        Self::Json,
        Self::GeoJson,
        Self::Table(TableForm::Csv),
        Self::NdJson,
        #[cfg(feature = "columnar")]
        Self::Table(TableForm::Arrow),
        #[cfg(feature = "columnar")]
        Self::Table(TableForm::Parquet),
    ];
    /// What a view comes in that is no table.
    pub const JSON: &[Self] = &[Self::Json];
    /// What a view without positions comes in.
    pub const TABLES: &[Self] = &[
        Self::Json,
        Self::Table(TableForm::Csv),
        Self::NdJson,
        #[cfg(feature = "columnar")]
        Self::Table(TableForm::Arrow),
        #[cfg(feature = "columnar")]
        Self::Table(TableForm::Parquet),
    ];

    /// What a track comes in.
    pub const TRACKS: &[Self] = &[
        Self::Json,
        Self::GeoJson,
        Self::Table(TableForm::Csv),
        Self::Gpx,
        Self::Kml,
        #[cfg(feature = "columnar")]
        Self::Table(TableForm::Arrow),
        #[cfg(feature = "columnar")]
        Self::Table(TableForm::Parquet),
    ];

    /// The name in `format=`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::GeoJson => "geojson",
            Self::Table(form) => form.name(),
            Self::NdJson => "ndjson",
            Self::Gpx => "gpx",
            Self::Kml => "kml",
        }
    }

    /// The media type of an answer.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
            Self::Table(form) => form.media_type(),
            Self::NdJson => "application/x-ndjson",
            Self::Gpx => "application/gpx+xml",
            Self::Kml => "application/vnd.google-earth.kml+xml",
        }
    }

    /// The types in `Accept` that mean it, the proper one first.
    const fn accepted_as(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["application/json"],
            Self::GeoJson => &["application/geo+json", "application/vnd.geo+json"],
            Self::Table(form) => form.accepted_as(),
            Self::Gpx => &["application/gpx+xml", "application/gpx"],
            Self::Kml => &["application/vnd.google-earth.kml+xml"],
            Self::NdJson => {
                &["application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"]
            }
        }
    }

    /// What it costs beside the rows: for a form with types, every item is looked at.
    pub const fn work(self, items: usize) -> u64 {
        match self {
            Self::Table(form) if form.is_typed() => items as u64,
            Self::Json | Self::GeoJson | Self::NdJson | Self::Gpx | Self::Kml | Self::Table(_) => 0,
        }
    }

    /// Reads the value of `format=`; the error is the rest of a sentence that begins with the parameter's name.
    pub fn parse(value: &str, offered: &[Self]) -> Result<Self, String> {
        offered.iter().copied().find(|f| f.name() == value).ok_or_else(|| {
            let names: Vec<&str> = offered.iter().map(|f| f.name()).collect();
            format!("is one of {}, not {:?}", names.join(", "), excerpt(value))
        })
    }

    /// What `Accept` asks for: of those offered, the one with the highest weight; of equals, the one that is named more
    /// exactly, then first. Without the header the first one offered.
    pub fn accepted(accept: Option<&str>, offered: &[Self]) -> Result<Self, Problem> {
        let first = offered.first().copied().unwrap_or_default();
        let Some(accept) = accept.filter(|a| !a.trim().is_empty()) else { return Ok(first) };
        let kind = |kind: &'static str, format: Self| Some((MediaType::parse(kind).ok()?, format));
        let kinds: Vec<(MediaType<'_>, Self)> =
            offered.iter().flat_map(|f| f.accepted_as().iter().filter_map(|k| kind(k, *f))).collect();
        let ranges: Vec<String> = accept.split(',').filter_map(range).collect();
        let chosen = Accept::from_str(&ranges.join(",")).ok();
        let chosen = chosen.as_ref().and_then(|a| a.negotiate(kinds.iter().map(|(kind, _)| kind)));
        if let Some((_, format)) = kinds.iter().find(|(kind, _)| Some(kind) == chosen) {
            return Ok(*format);
        }
        let kinds: Vec<&str> = offered.iter().filter_map(|f| f.accepted_as().first().copied()).collect();
        let detail = format!("Accept allows none of {}; format= in the query chooses without it", kinds.join(", "));
        let error = FieldError::new("Accept", Code::NotAcceptable, detail.clone());
        Err(Problem::new(Code::NotAcceptable, detail).with_errors(vec![error]))
    }
}

/// An element of `Accept` as the library wants it: one without sense is left out, since it would take the others with it,
/// and so is what tells of no other type here, such as a charset.
fn range(text: &str) -> Option<String> {
    let range = MediaType::parse(text.trim()).ok()?;
    let weight = range.get_param(names::Q).map_or(Ok(1.0), |q| q.as_str().parse::<f64>()).ok()?;
    (0.0..=1.0).contains(&weight).then(|| format!("{};q={weight:.3}", range.essence()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_is_an_answer_or_a_refusal(accept in "[ -~é]{0,40}|([a-z*]{1,9}/[a-z*+.]{1,9}(; ?[qa]=[0-9.\"]{0,5})?,? ?){1,9}") {
            if let Err(problem) = Format::accepted(Some(&accept), Format::ITEMS) {
                prop_assert_eq!(problem.status, 406);
            }
        }

        #[test]
        fn the_highest_weight_wins_wherever_it_stands(
            order in Just((0..Format::ITEMS.len()).collect::<Vec<_>>()).prop_shuffle(), best in 0..Format::ITEMS.len()
        ) {
            let weight = |at: usize| if at == best { 900 } else { at * 100 };
            let text = |at: &usize| format!("{};q=0.{:03}", Format::ITEMS[*at].accepted_as()[0], weight(*at));
            let accept = order.iter().map(text).collect::<Vec<_>>().join(", ");
            prop_assert_eq!(Format::accepted(Some(&accept), Format::ITEMS), Ok(Format::ITEMS[best]));
        }
    }

    #[test]
    fn accept_is_read_by_weight_and_by_precision() {
        use Format::{GeoJson, Json, NdJson, Table};
        let (csv, arrow, parquet) = (Table(TableForm::Csv), Table(TableForm::Arrow), Table(TableForm::Parquet));
        let items = |accept: &str| Format::accepted(Some(accept), Format::ITEMS).ok();
        assert_eq!(Format::accepted(None, Format::ITEMS), Ok(Json));
        for (accept, format) in [
            ("", Json),
            ("*/*", Json),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Json),
            ("text/csv", csv),
            ("TEXT/CSV ; header=present", csv),
            ("text/*", csv),
            ("application/geo+json, application/json;q=0.9", GeoJson),
            ("application/json;q=0.5, text/csv;q=0.6", csv),
            ("application/json;q=0, */*", GeoJson),
            ("*/*;q=0.1, application/x-ndjson", NdJson),
            ("application/jsonl", NdJson),
            ("application/vnd.apache.arrow.stream", arrow),
            ("application/json;q=0.1, application/vnd.apache.parquet", parquet),
            ("application/*", Json),
            ("nonsense, text/csv", csv),
            ("application/json; charset=utf-8", Json),
            ("text/csv, application/json", csv),
            ("application/*, text/csv", csv),
            ("application/json;Q=0.5, text/csv;q=0.6", csv),
            (",text/csv,", csv),
            // What Java's HttpURLConnection sends.
            ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", Json),
        ] {
            assert_eq!(items(accept), Some(format), "{accept}");
        }
        for accept in ["text/html", "text/csv;q=0", "image/*", "application/json;q=2"] {
            let problem = Format::accepted(Some(accept), Format::ITEMS).unwrap_err();
            assert_eq!((problem.status, problem.errors[0].field.as_str()), (406, "Accept"), "{accept}");
        }
        assert_eq!(Format::accepted(Some("application/geo+json"), Format::TABLES).map_err(|p| p.status), Err(406));
    }

    #[test]
    fn the_parameter_names_what_there_is() {
        assert_eq!(Format::parse("csv", Format::TABLES), Ok(Format::Table(TableForm::Csv)));
        let message = Format::parse("geojson", Format::TABLES).unwrap_err();
        assert!(message.contains("json, csv, ndjson, arrow, parquet"), "{message}");
    }
}
