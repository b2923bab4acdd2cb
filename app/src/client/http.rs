//! One request to the server, and why it brought nothing.

use gloo_net::http::{Method, Request, RequestBuilder, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{credential, place, share};

/// Why a request brought nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The HTTP status; 0 when the server could not be reached.
    pub status: u16,
    /// The stable code, as docs/errors lists it; empty when the server gave none.
    pub code: String,
    /// For people.
    pub message: String,
}

/// What a page can do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The server could not be reached.
    Unreachable,
    /// It needs a key, or another one.
    Unauthorised,
    /// There is no such thing.
    NotFound,
    /// It may work later.
    Passing,
    /// The server said why not.
    Refused,
}

impl Failure {
    /// The server could not be reached.
    pub fn unreachable() -> Self {
        let message = text!(client.http.unreachable).to_owned();
        Self { message, ..Self::default() }
    }

    /// An answer that can't be read.
    pub fn senseless(status: u16, error: &serde_json::Error) -> Self {
        let message = text!(client.http.senseless, error = error);
        Self { status, code: "bad_answer".to_owned(), message }
    }

    /// What can be done about it.
    pub const fn kind(&self) -> Kind {
        match self.status {
            0 => Kind::Unreachable,
            401 | 403 => Kind::Unauthorised,
            404 => Kind::NotFound,
            429 | 500.. => Kind::Passing,
            _ => Kind::Refused,
        }
    }

    /// Whether trying again later may help.
    pub const fn is_passing(&self) -> bool {
        matches!(self.kind(), Kind::Unreachable | Kind::Passing)
    }

    /// For people, where the page says nothing of its own.
    pub fn sentence(self) -> String {
        match self.kind() {
            Kind::NotFound => text!(client.http.gone).to_owned(),
            Kind::Unauthorised => text!(client.http.not_allowed).to_owned(),
            Kind::Unreachable | Kind::Passing | Kind::Refused => self.message,
        }
    }
}

/// The members of a problem (RFC 9457) that the pages read.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Problem {
    code: String,
    title: String,
    detail: String,
}

impl Problem {
    fn into_failure(self, status: u16) -> Failure {
        let message = [self.detail, self.title].into_iter().find(|text| !text.is_empty());
        let message = message.unwrap_or_else(|| text!(client.http.answered, status = status));
        Failure { status, code: self.code, message }
    }
}

/// A request of the server, or for a file of the site; with a credential, if there is one.
pub fn request(method: Method, path: &str, credential: Option<&str>) -> RequestBuilder {
    let request = RequestBuilder::new(&place::address(path)).method(method);
    match credential.and_then(share::bearer) {
        Some(credential) => {
            let credential = credential::current(&credential);
            request.header("authorization", &format!("Bearer {credential}"))
        }
        None => request,
    }
}

/// Asks; with a body, tells.
pub async fn send<T: DeserializeOwned>(
    method: Method,
    path: &str,
    credential: Option<&str>,
    body: Option<&Value>,
) -> Result<T, Failure> {
    read(&send_for_text(method, path, credential, body).await?)
}

/// Reads a good answer.
pub fn read<T: DeserializeOwned>((status, text): &(u16, String)) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::senseless(*status, &error))
}

/// As `send`; brings the status and the text of a good answer.
pub async fn send_for_text(
    method: Method,
    path: &str,
    credential: Option<&str>,
    body: Option<&Value>,
) -> Result<(u16, String), Failure> {
    let request = request(method, path, credential);
    let request = match body {
        Some(body) => request.header("content-type", "application/json").body(body.to_string()),
        None => request.build(),
    };
    let response = fetch(request).await?;
    taken(response).await
}

/// Any answer, a bad one too.
pub async fn fetch(request: Result<Request, gloo_net::Error>) -> Result<Response, Failure> {
    request.map_err(|_| Failure::unreachable())?.send().await.map_err(|_| Failure::unreachable())
}

/// The status and the text of a good answer; why not, of a bad one.
pub async fn taken(response: Response) -> Result<(u16, String), Failure> {
    let (status, is_ok) = (response.status(), response.ok());
    let text = response.text().await.map_err(|_| Failure::unreachable())?;
    if is_ok {
        return Ok((status, text));
    }
    let problem: Problem = serde_json::from_str(&text).unwrap_or_default();
    Err(problem.into_failure(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let failure = |status| Failure { status, ..Failure::default() };
        assert!(failure(0).is_passing() && failure(503).is_passing() && failure(429).is_passing());
        assert!(!failure(401).is_passing() && !failure(422).is_passing());
    }

    #[test]
    fn a_failure_keeps_the_server_s_code_and_words() {
        let problem: Problem =
            serde_json::from_str(r#"{"type":"/docs/errors#x","title":"Short","code":"too_fast","detail":"Long."}"#)
                .unwrap();
        let failure = problem.into_failure(422);
        assert_eq!(
            (failure.code.as_str(), failure.message.as_str(), failure.kind()),
            ("too_fast", "Long.", Kind::Refused)
        );
        let silent = Problem::default().into_failure(502);
        assert_eq!(silent.message, "The server answered 502.");
    }
}
