//! The HTTP client: base address, key, TLS, and problem JSON turned into a sentence.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::CliError;
use crate::send::retry::{Verdict, verdict};

/// How long one request may take, connection included.
const REQUEST_TIMEOUT: Duration = Duration::from_mins(1);
/// How long opening a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client of one server, with the key from the environment.
#[derive(Clone, Debug)]
pub struct Api {
    client: reqwest::Client,
    base: reqwest::Url,
    has_key: bool,
}

/// An answer that was read to its end.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status code.
    pub status: u16,
    /// The `Retry-After` header, if there was one.
    pub retry_after: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the server did what it was asked.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON, or a sentence about why it is none.
    pub fn json(&self) -> Result<Value, CliError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            CliError::failed(format!("the server answered {} with something that is not JSON: {error}", self.status))
        })
    }
}

impl Api {
    /// A client for `url` with the key in `HELIOGRAPH_KEY`, if it is set.
    pub fn from_env(url: &str) -> Result<Self, CliError> {
        let key = std::env::var("HELIOGRAPH_KEY").ok().filter(|key| !key.trim().is_empty());
        Self::new(url, key.as_deref())
    }

    /// A client for `url` with this key.
    pub fn new(url: &str, key: Option<&str>) -> Result<Self, CliError> {
        let base = parse_base(url).map_err(CliError::Usage)?;
        let mut headers = reqwest::header::HeaderMap::new();
        if let Some(key) = key {
            let mut value = HeaderValue::from_str(&format!("Bearer {}", key.trim()))
                .map_err(|_| CliError::usage("HELIOGRAPH_KEY holds a character that cannot be sent in a header"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls_config())
            .user_agent(concat!("heliograph/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .tcp_nodelay(true)
            .build()
            .map_err(|error| CliError::failed(format!("cannot set up HTTP: {}", cause(&error))))?;
        Ok(Self { client, base, has_key: key.is_some() })
    }

    /// The server's address, without a slash at the end.
    pub fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Whether there is an API key.
    pub fn has_key(&self) -> bool {
        self.has_key
    }

    /// The address of a path made of these segments, each escaped.
    pub fn address(&self, segments: &[&str]) -> reqwest::Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Sends one request once. An error here means that no full answer came.
    pub async fn send_once(
        &self,
        method: Method,
        segments: &[&str],
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: Option<Body>,
    ) -> Result<Answer, String> {
        let mut address = self.address(segments);
        if !query.is_empty() {
            address.query_pairs_mut().extend_pairs(query);
        }
        let mut request = self.client.request(method, address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, body.content_type).body(body.content);
        }
        let response = request.send().await.map_err(|error| cause(&error))?;
        let status = response.status().as_u16();
        let retry_after =
            response.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = response.bytes().await.map_err(|error| cause(&error))?.to_vec();
        Ok(Answer { status, retry_after, body })
    }

    /// Sends one JSON request and wants a success.
    pub async fn call(&self, method: Method, segments: &[&str], body: Option<&Value>) -> Result<Value, CliError> {
        let body = body.map(Body::json);
        let answer =
            self.send_once(method, segments, &[], &[], body).await.map_err(|reason| self.unreachable(&reason))?;
        self.success(&answer)
    }

    /// Posts JSON to an address with this query, and wants a success.
    pub async fn post(&self, segments: &[&str], query: &[(&str, &str)], body: &Value) -> Result<Value, CliError> {
        let mut address = self.address(segments);
        if !query.is_empty() {
            address.query_pairs_mut().extend_pairs(query);
        }
        let request = self.client.post(address).header(CONTENT_TYPE, "application/json").body(body.to_string());
        let response = request.send().await.map_err(|error| self.unreachable(&cause(&error)))?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|error| self.unreachable(&cause(&error)))?.to_vec();
        self.success(&Answer { status, retry_after: None, body })
    }

    /// Deletes what an address with this query has, and wants a success.
    pub async fn delete(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Value, CliError> {
        let mut address = self.address(segments);
        if !query.is_empty() {
            address.query_pairs_mut().extend_pairs(query);
        }
        let response = self.client.delete(address).send().await.map_err(|error| self.unreachable(&cause(&error)))?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|error| self.unreachable(&cause(&error)))?.to_vec();
        self.success(&Answer { status, retry_after: None, body })
    }

    fn success(&self, answer: &Answer) -> Result<Value, CliError> {
        if !answer.is_success() {
            return Err(self.refusal(answer));
        }
        if answer.body.is_empty() { Ok(Value::Null) } else { answer.json() }
    }

    /// Asks once for what an address with this query has.
    pub async fn look(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Answer, CliError> {
        let mut address = self.address(segments);
        address.query_pairs_mut().extend_pairs(query);
        let response = self.client.get(address).send().await.map_err(|error| self.unreachable(&cause(&error)))?;
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(|error| self.unreachable(&cause(&error)))?.to_vec();
        Ok(Answer { status, retry_after: None, body })
    }

    /// The same, and wants a success.
    pub async fn get(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Value, CliError> {
        self.success(&self.look(segments, query).await?)
    }

    /// The error for a server that gave no answer.
    pub fn unreachable(&self, reason: &str) -> CliError {
        CliError::Away(format!(
            "no answer from {}: {reason}. Is the server running (`cargo xtask up`), and is --url or HELIOGRAPH_URL right?",
            self.base()
        ))
    }

    /// The error for an answer that is not a success.
    pub fn refusal(&self, answer: &Answer) -> CliError {
        let mut text = problem_text(answer.status, &answer.body);
        if answer.status == 401 && !self.has_key {
            text.push_str(". HELIOGRAPH_KEY is not set");
        }
        match verdict(answer.status, None) {
            Verdict::Retry { .. } => CliError::Away(text),
            Verdict::Done | Verdict::Stop => CliError::Failed(text),
        }
    }
}

/// An answer as what it is.
pub fn read<T: DeserializeOwned>(answer: Value) -> Result<T, CliError> {
    serde_json::from_value(answer)
        .map_err(|error| CliError::failed(format!("the server's answer cannot be read: {error}")))
}

/// A request body that can be sent more than once without a copy.
#[derive(Clone, Debug)]
pub struct Body {
    /// What the bytes are.
    pub content_type: &'static str,
    /// The bytes.
    pub content: Bytes,
}

impl Body {
    /// A JSON body.
    pub fn json(value: &Value) -> Self {
        Self { content_type: "application/json", content: value.to_string().into() }
    }

    /// Newline-delimited JSON.
    pub fn ndjson(content: impl Into<Bytes>) -> Self {
        Self { content_type: "application/x-ndjson", content: content.into() }
    }
}

/// TLS with Mozilla's roots: no certificates need to be installed on the machine.
pub fn tls_config() -> rustls::ClientConfig {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

fn parse_base(url: &str) -> Result<reqwest::Url, String> {
    let parsed = reqwest::Url::parse(url).map_err(|error| format!("`{url}` is not an address: {error}"))?;
    if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
        return Err(format!("`{url}` is not an http:// or https:// address"));
    }
    Ok(parsed)
}

/// Why a request or a connection failed: the innermost cause. The layers around it repeat the address and say no more
/// than that something could not be sent.
pub fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// A problem document (RFC 9457) as a sentence, with one line for each field it complains about.
pub fn problem_text(status: u16, body: &[u8]) -> String {
    let Ok(Value::Object(problem)) = serde_json::from_slice::<Value>(body) else {
        let start: String = String::from_utf8_lossy(body).trim().chars().take(200).collect();
        let reason = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let detail = if start.is_empty() { reason.unwrap_or("no text").to_owned() } else { start };
        return format!("the server answered {status}: {detail}");
    };
    let part = |name: &str| problem.get(name).and_then(Value::as_str);
    let sentence = part("detail").or_else(|| part("title")).unwrap_or("no detail given");
    let mut text = match part("code") {
        Some(code) => format!("the server answered {status} {code}: {sentence}"),
        None => format!("the server answered {status}: {sentence}"),
    };
    for error in problem.get("errors").and_then(Value::as_array).into_iter().flatten() {
        let part = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
        let _ = write!(text, "\n  {}: {} ({})", part("field"), part("message"), part("code"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_a_sentence_with_its_fields() {
        let body = br#"{"type":"about:blank","title":"Bad config","status":422,"code":"invalid_config","detail":"2 fields are wrong","errors":[{"field":"rules.bounds","code":"range","message":"west is not a longitude"}]}"#;
        assert_eq!(
            problem_text(422, body),
            "the server answered 422 invalid_config: 2 fields are wrong\n  rules.bounds: west is not a longitude (range)"
        );
        assert_eq!(problem_text(502, b""), "the server answered 502: Bad Gateway");
        assert_eq!(problem_text(500, b" oops "), "the server answered 500: oops");
    }

    #[test]
    fn addresses_are_joined_and_segments_escaped() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let api = Api::new("http://127.0.0.1:8787/", None).unwrap();
        assert_eq!(api.base(), "http://127.0.0.1:8787");
        assert_eq!(api.address(&["v1", "boards", "a/b"]).as_str(), "http://127.0.0.1:8787/v1/boards/a%2Fb");
        let api = Api::new("https://example.org/live", None).unwrap();
        assert_eq!(api.address(&["v1"]).as_str(), "https://example.org/live/v1");
        assert!(Api::new("ftp://x", None).is_err());
        assert!(Api::new("127.0.0.1:8787", None).is_err());
    }
}
