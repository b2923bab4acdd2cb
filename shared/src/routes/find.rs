//! From a request's method and path to its route.

use super::{Row, TABLE};
use matchit::Router;
use percent_encoding::percent_decode_str;
use std::sync::OnceLock;

/// What a request's method and path lead to.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A route, with what stands in its path.
    Route(&'static Row, Params),
    /// The path is known, and this method is not: those that are, as `Allow` lists them.
    OtherMethod(String),
    /// What a page of another site may do here: the methods, as `Allow` lists them.
    Preflight(String),
    /// A parameter in the path is not UTF-8.
    NotText,
    /// Nothing is known under this path.
    Nothing,
}

/// The parameters of a path, decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(&'static str, String)>);

impl Params {
    /// The parameter of this name; empty when the route has none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value)
    }
}

/// Rows by path.
fn router() -> &'static Router<Vec<&'static Row>> {
    static ROUTER: OnceLock<Router<Vec<&'static Row>>> = OnceLock::new();
    ROUTER.get_or_init(|| {
        let mut router: Router<Vec<&'static Row>> = Router::new();
        let mut paths: Vec<&str> = Vec::new();
        for row in TABLE {
            if !paths.contains(&row.path) {
                paths.push(row.path);
                let rows = TABLE.iter().filter(|r| r.path == row.path).collect();
                // A path that can't be inserted would be found by no request: a test asks for each.
                let _ = router.insert(row.path, rows);
            }
        }
        router
    })
}

/// Finds the route of a request, by the path as it was sent.
pub fn find(method: &str, path: &str) -> Found {
    let path = path.trim_end_matches('/');
    let Ok(matched) = router().at(path) else { return Found::Nothing };
    let rows = matched.value;
    match method {
        "OPTIONS" => return Found::Preflight(allowed(rows)),
        // RFC 9110, 9.3.2: the same answer without its body.
        "HEAD" => return route(rows, "GET", &matched.params),
        _ => {}
    }
    route(rows, method, &matched.params)
}

fn route(rows: &[&'static Row], method: &str, params: &matchit::Params<'_, '_>) -> Found {
    let Some(row) = rows.iter().copied().find(|r| r.method.name() == method) else {
        return Found::OtherMethod(allowed(rows));
    };
    let decoded = names(row.path).map(|name| {
        let text = params.get(name).unwrap_or_default();
        percent_decode_str(text).decode_utf8().map(|value| (name, value.into_owned()))
    });
    decoded.collect::<Result<_, _>>().map_or(Found::NotText, |params| Found::Route(row, Params(params)))
}

/// The names in a pattern's braces.
fn names(pattern: &'static str) -> impl Iterator<Item = &'static str> {
    pattern.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn allowed(rows: &[&Row]) -> String {
    let mut methods: Vec<&str> = Vec::new();
    for row in rows {
        methods.push(row.method.name());
        if row.method == super::Method::Get {
            methods.push("HEAD");
        }
    }
    methods.push("OPTIONS");
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::{Method, Route};

    #[test]
    fn every_route_is_found_by_its_own_path() {
        for row in TABLE {
            let path = row.path.replace("{board}", "fleet").replace("{key}", "v%2F1%20%C3%A4");
            let path = path.replace("{id}", "x1").replace("{name}", "low").replace("{source}", "buses");
            let Found::Route(found, params) = find(row.method.name(), &path) else { panic!("{path}") };
            assert_eq!(found.route, row.route);
            for (name, value) in
                [("board", "fleet"), ("key", "v/1 ä"), ("id", "x1"), ("name", "low"), ("source", "buses")]
            {
                let is_there = row.path.contains(&format!("{{{name}}}"));
                assert_eq!(params.get(name), if is_there { value } else { "" }, "{path}");
            }
        }
    }

    #[test]
    fn f27_head_is_wherever_get_is_and_other_methods_are_told_what_there_is() {
        for row in TABLE.iter().filter(|r| r.method == Method::Get) {
            let path = row.path.replace(['{', '}'], "");
            assert_eq!(find("HEAD", &path), find("GET", &path));
            let Found::OtherMethod(allowed) = find("TRACE", &path) else { panic!("{path}") };
            assert!(allowed.contains("GET, HEAD") && allowed.ends_with("OPTIONS"), "{allowed}");
            assert_eq!(find("OPTIONS", &path), Found::Preflight(allowed));
        }
        assert_eq!(find("DELETE", "/v1/boards/b/items"), Found::OtherMethod("GET, HEAD, OPTIONS".into()));
        assert_eq!(find("HEAD", "/v1/tokens"), Found::OtherMethod("POST, OPTIONS".into()));
    }

    #[test]
    fn what_is_no_route_is_nothing() {
        for path in ["/", "", "/v1", "/v1/nothing", "/v1/boards/b/items/k/nothing", "/v1//boards", "/b/fleet"] {
            for method in ["GET", "HEAD", "OPTIONS", "PUT"] {
                assert_eq!(find(method, path), Found::Nothing, "{method} {path}");
            }
        }
        assert_eq!(find("GET", "/v1/boards/b/items/%FF"), Found::NotText);
        assert!(matches!(find("GET", "/v1/boards/"), Found::Route(row, _) if row.route == Route::ListBoards));
    }
}
