//! In which form a view is answered: what the parameter `format` or the header `Accept` asks for (RFC 9110, 12.5.1).

use super::table::TableForm;
use crate::problem::{Code, FieldError, Problem, excerpt};

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

    /// The name in `format=`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::GeoJson => "geojson",
            Self::Table(form) => form.name(),
            Self::NdJson => "ndjson",
        }
    }

    /// The media type of an answer.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
            Self::Table(form) => form.media_type(),
            Self::NdJson => "application/x-ndjson",
        }
    }

    /// The types in `Accept` that mean it, the proper one first.
    const fn accepted_as(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["application/json"],
            Self::GeoJson => &["application/geo+json", "application/vnd.geo+json"],
            Self::Table(form) => form.accepted_as(),
            Self::NdJson => {
                &["application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"]
            }
        }
    }

    /// What it costs beside the rows: for a form with types, every item is looked at.
    pub const fn work(self, items: usize) -> u64 {
        match self {
            Self::Table(form) if form.is_typed() => items as u64,
            Self::Json | Self::GeoJson | Self::NdJson | Self::Table(_) => 0,
        }
    }

    /// Reads the value of `format=`; the error is the rest of a sentence that begins with the parameter's name.
    pub fn parse(value: &str, offered: &[Self]) -> Result<Self, String> {
        offered.iter().copied().find(|f| f.name() == value).ok_or_else(|| {
            let names: Vec<&str> = offered.iter().map(|f| f.name()).collect();
            format!("is one of {}, not {:?}", names.join(", "), excerpt(value))
        })
    }

    /// What `Accept` asks for: of those offered, the one with the highest weight; the first of equals. Without the
    /// header the first one offered.
    pub fn accepted(accept: Option<&str>, offered: &[Self]) -> Result<Self, Problem> {
        let first = offered.first().copied().unwrap_or_default();
        let Some(accept) = accept.filter(|a| !a.trim().is_empty()) else { return Ok(first) };
        let ranges: Vec<Range<'_>> = accept.split(',').filter_map(Range::parse).collect();
        let mut best = (first, 0);
        for format in offered {
            let weight = format.accepted_as().iter().map(|kind| weight(&ranges, kind)).max().unwrap_or(0);
            if weight > best.1 {
                best = (*format, weight);
            }
        }
        if best.1 > 0 {
            return Ok(best.0);
        }
        let kinds: Vec<&str> = offered.iter().filter_map(|f| f.accepted_as().first().copied()).collect();
        let detail = format!("Accept allows none of {}; format= in the query chooses without it", kinds.join(", "));
        let error = FieldError::new("Accept", Code::NotAcceptable, detail.clone());
        Err(Problem::new(Code::NotAcceptable, detail).with_errors(vec![error]))
    }
}

/// One element of `Accept`.
struct Range<'a> {
    kind: &'a str,
    /// In thousandths.
    weight: u32,
}

impl<'a> Range<'a> {
    /// Reads an element; one without sense is left out.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let kind = parts.next().filter(|k| k.contains('/'))?;
        let mut weight = 1_000;
        for parameter in parts {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            if name.trim().eq_ignore_ascii_case("q") {
                let q: f64 = value.trim().parse().ok().filter(|q| (0.0..=1.0).contains(q))?;
                weight = (q * 1_000.0).round() as u32;
            }
        }
        Some(Self { kind, weight })
    }

    /// How exactly it names a type; 0 when it does not.
    fn precision(&self, kind: &str) -> u8 {
        if self.kind.eq_ignore_ascii_case(kind) {
            return 3;
        }
        match self.kind.strip_suffix("/*") {
            Some("*") => 1,
            Some(group) if kind.split('/').next().is_some_and(|g| g.eq_ignore_ascii_case(group)) => 2,
            _ => 0,
        }
    }
}

/// The weight of a type: that of the range that names it most exactly.
fn weight(ranges: &[Range<'_>], kind: &str) -> u32 {
    let named = ranges.iter().map(|r| (r.precision(kind), r.weight)).filter(|(p, _)| *p > 0);
    named.max_by_key(|(p, _)| *p).map_or(0, |(_, w)| w)
}

#[cfg(test)]
mod tests {
    use super::*;

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
