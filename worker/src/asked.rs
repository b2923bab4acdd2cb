//! What an object is asked: the path and the query of a call.

use worker::{Request, url::form_urlencoded};

/// A call's path and query. The platform's text is taken apart by hand: a parser for whole addresses, which calls of our
/// own do not need, weighs as much as a state machine.
pub struct Asked {
    address: String,
    path: (usize, usize),
}

impl Asked {
    /// What a request asks.
    pub fn of(req: &Request) -> Self {
        let address = req.inner().url();
        let start = address.find("://").map_or(0, |at| at + 3);
        let start = address.get(start..).and_then(|rest| rest.find('/')).map_or(address.len(), |at| start + at);
        let end = address.get(start..).and_then(|rest| rest.find('?')).map_or(address.len(), |at| start + at);
        Self { address, path: (start, end) }
    }

    /// The method: the path without its slash.
    pub fn method(&self) -> &str {
        self.address.get(self.path.0 + 1..self.path.1).unwrap_or_default()
    }

    /// What stands after the question mark.
    pub fn query(&self) -> &str {
        self.address.get(self.path.1 + 1..).unwrap_or_default()
    }

    /// The query's names and values.
    pub fn pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query().as_bytes()).into_owned().collect()
    }
}
