//! The description of the HTTP API: an OpenAPI 3.1 document made from the types of `heliograph-shared`, and a page made
//! from the document. Nothing of this is in what is shipped: the document and the page are files of the site.

#![expect(
    clippy::needless_pass_by_value,
    reason = "`json!` makes values, and what describes something is made of them"
)]

pub mod page;
pub mod problems;

mod operation;
mod paths;
mod requests;
mod schemas;

use crate::schemas::Schemas;
use heliograph_shared::id::BoardName;
use heliograph_shared::problem::Problem;
use serde_json::{Map, Value, json};

const ABOUT: &str = "Live boards over REST: send events, read items, rankings and their history.\n\n\
    Times are RFC 3339 or epoch milliseconds in, epoch milliseconds out; a time without a zone is UTC. Positions are \
    WGS 84 degrees, metres, m/s, degrees clockwise from north. Errors are problem JSON (RFC 9457) with a stable `code`. \
    The API knows no cookies, so pages of any site may call it. Answers may gain fields; a reader ignores those that \
    it does not know.";

/// Groups of operations, in the order in which the page has them.
const TAGS: &[(&str, &str)] = &[
    ("Events", "What comes in."),
    ("Items", "The latest state of every key."),
    ("History", "Series, extremes and the events themselves."),
    ("Feed", "Changes as they happen."),
    ("Scores", "Rankings, their corrections, and where they come from."),
    ("Sessions", "Bounded runs of a board."),
    ("Boards", "Configs."),
    ("Links", "Codes that share a part of a board."),
    ("Sources", "Named ways in for what users already run."),
    ("Fences", "Places with a border, and who enters, leaves and stays."),
    ("Alarms", "Rules about items, what they raise and clear, and who is told."),
    ("Layers", "What lies under the items of a map and does not move."),
    ("Dead letters", "Records that were refused."),
    ("Pipeline and archive", "What happens to events on their way in, and on their way to a warehouse."),
    ("Tokens and keys", "Who may do what."),
    ("Sign-in", "People come with an account of a provider."),
    ("Operation", "For those who run it."),
];

/// The whole document.
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    schemas.sent::<BoardName>();
    schemas.sent::<Problem>();
    let mut paths: Map<String, Value> = Map::new();
    for operation in paths::all(&mut schemas) {
        let (method, path) = operation.place();
        let item = paths.entry(path).or_insert_with(|| json!({}));
        item[method] = operation.write();
    }
    let tags: Vec<Value> = TAGS.iter().map(|(name, about)| json!({"name": name, "description": about})).collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Heliograph",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "Where this document is."}],
        "tags": tags,
        "paths": paths,
    });
    let all = schemas.finish(&mut document);
    let bearer = "An API key or a token, both in this header, never in a URL.";
    document["components"] = json!({
        "schemas": all,
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": bearer}},
    });
    document
}

/// Methods and paths of all operations.
pub fn places() -> Vec<(&'static str, &'static str)> {
    paths::all(&mut Schemas::default()).iter().map(operation::Operation::place).collect()
}
