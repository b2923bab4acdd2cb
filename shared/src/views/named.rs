//! Named views: a query that is saved in a board's config, with parameters, under one stable address.

use super::events::EventsQuery;
use super::format::Format;
use super::items::ItemsQuery;
use super::query::{Wrong, read_pairs};
use super::upstream::Upstream;
use crate::limits;
use crate::problem::{Code, FieldError, Problem};
use crate::rollups::query::SeriesQuery;
use crate::scores::query::ScoresQuery;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which view is saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ViewPath {
    /// `…/items`.
    #[default]
    Items,
    /// `…/series`.
    Series,
    /// `…/summary`.
    Summary,
    /// `…/scores`.
    Scores,
    /// `…/events`.
    Events,
}

impl ViewPath {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Series => "series",
            Self::Summary => "summary",
            Self::Scores => "scores",
            Self::Events => "events",
        }
    }

    /// The forms that it comes in.
    pub const fn offered(self) -> &'static [Format] {
        match self {
            Self::Items => Format::ITEMS,
            Self::Series | Self::Scores | Self::Events => Format::TABLES,
            Self::Summary => Format::JSON,
        }
    }

    /// Whether it has pages, and the parameter that leads to the next.
    const fn has_pages(self) -> bool {
        matches!(self, Self::Items | Self::Events)
    }

    /// Reads a query of this view.
    pub fn check<'p>(self, pairs: impl Iterator<Item = (&'p str, &'p str)>) -> Result<(), Problem> {
        match self {
            Self::Items => ItemsQuery::parse(pairs).map(drop),
            Self::Series => SeriesQuery::parse(pairs, false).map(drop),
            Self::Scores => ScoresQuery::parse(pairs).map(drop),
            Self::Events => EventsQuery::parse(pairs).map(drop),
            Self::Summary => super::summary::parse(pairs).map(drop),
        }
    }
}

/// What a parameter is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ParameterKind {
    /// Any text.
    #[default]
    Text,
    /// A number.
    Number,
    /// A time: RFC 3339 or epoch milliseconds.
    Time,
}

/// A parameter that a caller may give.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Parameter {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ParameterKind,
    /// Its value when the caller gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

impl Parameter {
    fn fits(&self, value: &str) -> bool {
        match self.kind {
            ParameterKind::Text => value.len() <= limits::VIEW_PARAMETER_BYTES,
            ParameterKind::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
            ParameterKind::Time => value.parse::<i64>().is_ok() || Millis::parse(value).is_some(),
        }
    }

    /// The rest of a sentence that begins with its name.
    fn wish(&self) -> String {
        match self.kind {
            ParameterKind::Text => format!("has at most {} bytes", limits::VIEW_PARAMETER_BYTES),
            ParameterKind::Number => "is a number".to_owned(),
            ParameterKind::Time => "is a time: RFC 3339 or epoch milliseconds".to_owned(),
        }
    }

    /// A value to try the query with.
    fn sample(&self) -> &str {
        match (&self.default, self.kind) {
            (Some(value), _) => value,
            (None, ParameterKind::Text | ParameterKind::Number) => "1",
            (None, ParameterKind::Time) => "2026-01-01T00:00:00Z",
        }
    }
}

/// A saved view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NamedView {
    /// For people.
    pub title: String,
    /// Which view.
    pub path: ViewPath,
    /// Its query: texts, numbers, or lists of them. `{name}` stands for a parameter.
    pub query: BTreeMap<String, Value>,
    /// What a caller may give. One that no value of the query names is a parameter of the view itself.
    pub parameters: BTreeMap<String, Parameter>,
    /// A jq program that gives the JSON answer its shape.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jq: Option<String>,
    /// A REST service that is asked instead of the board.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Upstream>,
}

/// Name–value pairs of a query.
pub type Pairs = Vec<(String, String)>;

impl NamedView {
    /// The query that a caller's parameters make of it.
    pub fn query<'p>(&self, given: impl Iterator<Item = (&'p str, &'p str)>) -> Result<Pairs, Problem> {
        let mut values: BTreeMap<&str, String> =
            self.parameters.iter().filter_map(|(name, p)| Some((name.as_str(), p.default.clone()?))).collect();
        let mut pairs = Pairs::new();
        read_pairs(given, |name, value| {
            if let Some((own, parameter)) = self.parameters.get_key_value(name) {
                if !parameter.fits(value) {
                    return Err(Wrong::Value(parameter.wish()));
                }
                values.insert(own, value.to_owned());
                return Ok(());
            }
            let is_free = !self.query.contains_key(name) && self.upstream.is_none();
            let allowed = (name == "format" && self.jq.is_none()) || (name == "after" && self.path.has_pages());
            if !is_free || !allowed {
                return Err(Wrong::Unknown("the parameters that the board's config gives the view"));
            }
            pairs.push((name.to_owned(), value.to_owned()));
            Ok(())
        })?;
        let mut named = Vec::new();
        for (name, value) in &self.query {
            for text in texts(value) {
                pairs.push((name.clone(), self.filled(&text, &values, &mut named)?));
            }
        }
        for (name, value) in values {
            if !named.contains(&name) {
                pairs.retain(|(n, _)| n != name);
                pairs.push((name.to_owned(), value));
            }
        }
        Ok(pairs)
    }

    /// A text with the parameters' values in it.
    fn filled<'n>(
        &'n self,
        text: &str,
        values: &BTreeMap<&str, String>,
        named: &mut Vec<&'n str>,
    ) -> Result<String, Problem> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            let Some((own, _)) = self.parameters.get_key_value(name) else {
                out.push('{');
                rest = after;
                continue;
            };
            named.push(own);
            let Some(value) = values.get(own.as_str()) else {
                let message = format!("{own} is required by this view");
                let error = FieldError::new(own.clone(), Code::MissingParameter, message.clone());
                return Err(Problem::new(Code::MissingParameter, message).with_errors(vec![error]));
            };
            out.push_str(value);
            rest = tail;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn errors(&self, name: &str) -> Vec<FieldError> {
        let at = format!("views.{name}");
        let mut errors = Vec::new();
        let mut check = |ok: bool, field: &str, message: &str| {
            if !ok {
                let field = format!("{at}{field}");
                errors.push(FieldError::new(field.clone(), Code::Invalid, format!("{field} {message}")));
            }
        };
        let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let is_name = |n: &str| !n.is_empty() && n.len() <= limits::VIEW_NAME_CHARS && n.chars().all(word);
        check(is_name(name), "", "is a name of 1 to 40 letters, digits, - and _");
        check(self.title.len() <= 120, ".title", "has at most 120 bytes");
        check(self.parameters.len() <= limits::VIEW_PARAMETERS, ".parameters", "are too many");
        for (parameter, p) in &self.parameters {
            let field = format!(".parameters.{parameter}");
            check(is_name(parameter), &field, "is a name of letters, digits, - and _");
            check(p.default.as_ref().is_none_or(|d| p.fits(d)), &format!("{field}.default"), &p.wish());
        }
        for (parameter, value) in &self.query {
            check(!texts(value).is_empty(), &format!(".query.{parameter}"), "is a text, a number or a list of them");
        }
        let most = limits::JQ_PROGRAM_BYTES;
        let jq = self.jq.as_ref().is_none_or(|j| !j.is_empty() && j.len() <= most);
        check(jq, ".jq", &format!("is a program of 1 to {most} bytes"));
        if let Some(upstream) = &self.upstream {
            check(
                self.query.is_empty() && self.parameters.is_empty(),
                ".query",
                "and parameters are not for upstream views",
            );
            upstream.errors(&at, &mut errors);
        } else if errors.is_empty() {
            let samples = self.parameters.iter().map(|(n, p)| (n.as_str(), p.sample()));
            let tried = self.query(samples).and_then(|pairs| {
                let json_only = pairs.iter().all(|(n, v)| n != "format" || v == "json");
                check_jq(self.jq.is_none() || json_only)?;
                self.path.check(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
            });
            if let Err(problem) = tried {
                let wrong = |e: FieldError| FieldError::new(format!("{at}.query.{}", e.field), e.code, e.message);
                errors.extend(problem.errors.into_iter().map(wrong));
            }
        }
        errors
    }
}

fn check_jq(ok: bool) -> Result<(), Problem> {
    if ok {
        return Ok(());
    }
    let message = "format is json where a jq program gives the shape";
    let error = FieldError::new("format", Code::InvalidParameter, message);
    Err(Problem::new(Code::InvalidParameter, message).with_errors(vec![error]))
}

/// The texts of a value in a query; none when it is of another kind.
fn texts(value: &Value) -> Vec<String> {
    let one = |v: &Value| v.as_str().map(str::to_owned).or_else(|| v.as_number().map(ToString::to_string));
    match value.as_array() {
        Some(list) => list.iter().map(one).collect::<Option<_>>().unwrap_or_default(),
        None => one(value).into_iter().collect(),
    }
}

/// What is wrong with a board's views.
pub fn errors(views: &BTreeMap<String, NamedView>) -> Vec<FieldError> {
    if views.len() > limits::VIEWS_PER_BOARD {
        let message = format!("views has at most {} entries", limits::VIEWS_PER_BOARD);
        return vec![FieldError::new("views", Code::TooMany, message)];
    }
    views.iter().flat_map(|(name, view)| view.errors(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn view(v: Value) -> NamedView {
        serde_json::from_value(v).unwrap()
    }

    fn made(v: &NamedView, given: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let pairs =
            v.query(given.iter().copied()).map_err(|p| format!("{} {}", p.errors[0].code, p.errors[0].field))?;
        let mut list: Vec<String> = pairs.into_iter().map(|(n, v)| format!("{n}={v}")).collect();
        list.sort();
        Ok(list)
    }

    #[test]
    fn parameters_fill_the_query_and_nothing_else_may_be_given() {
        let v = view(json!({
            "query": {"where": ["route:eq:{route}", "fuel:lt:{fuel}"], "limit": 5, "fields": "fuel"},
            "parameters": {"route": {}, "fuel": {"type": "number", "default": "0.3"}, "prefix": {"default": "v"}},
        }));
        assert_eq!(errors(&[("low".to_owned(), v.clone())].into()), []);
        assert_eq!(
            made(&v, &[("route", "801"), ("format", "csv"), ("after", "9")]).unwrap(),
            ["after=9", "fields=fuel", "format=csv", "limit=5", "prefix=v", "where=fuel:lt:0.3", "where=route:eq:801"]
        );
        assert_eq!(made(&v, &[]), Err("missing_parameter route".to_owned()));
        assert_eq!(made(&v, &[("route", "1"), ("fuel", "much")]), Err("invalid_parameter fuel".to_owned()));
        for name in ["limit", "fields", "keys", "where"] {
            assert_eq!(made(&v, &[("route", "1"), (name, "9")]), Err(format!("unknown_parameter {name}")));
        }
        assert_eq!(made(&v, &[("route", "{fuel}")]).unwrap().last().unwrap(), "where=route:eq:{fuel}");
    }

    #[test]
    fn what_could_never_be_answered_is_refused_when_it_is_saved() {
        let field = |v: Value| errors(&[("x".to_owned(), view(v))].into()).first().map(|e| e.field.clone());
        for (config, at) in [
            (json!({"query": {"colour": "red"}}), "views.x.query.colour"),
            (json!({"query": {"where": "fuel:below:1"}}), "views.x.query.where"),
            (json!({"query": {"limit": {}}}), "views.x.query.limit"),
            (json!({"path": "summary", "query": {"keys": "a"}}), "views.x.query.keys"),
            (json!({"path": "series", "query": {"step": "7s"}}), "views.x.query.step"),
            (json!({"jq": ".items", "query": {"format": "csv"}}), "views.x.query.format"),
            (json!({"parameters": {"n": {"type": "number", "default": "x"}}}), "views.x.parameters.n.default"),
            (json!({"upstream": {"url": "ftp://a.example/x"}}), "views.x.upstream.url"),
            (json!({"upstream": {"url": "https://u:p@a.example/x"}}), "views.x.upstream.url"),
            (
                json!({"upstream": {"url": "https://a.example/x", "credential": "HELIOGRAPH_ADMIN_KEY"}}),
                "views.x.upstream.credential",
            ),
            (json!({"upstream": {"url": "https://a.example/x", "timeout_ms": 1}}), "views.x.upstream.timeout_ms"),
        ] {
            assert_eq!(field(config.clone()).as_deref(), Some(at), "{config}");
        }
        assert_eq!(field(json!({"upstream": {"url": "https://a.example:8443/x?y=1"}})), None);
    }
}
