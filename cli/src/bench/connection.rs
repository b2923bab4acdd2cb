//! HTTP/1.1 on one kept connection, with as little work as it takes: the client shares the machine with the server.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// A head that is longer than this is none.
const HEAD_BYTES: usize = 16 * 1024;

/// A connection that one request at a time goes over.
pub struct Connection {
    stream: TcpStream,
    host: String,
    authorization: String,
    out: Vec<u8>,
    buffer: Vec<u8>,
}

/// An answer to a request.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What a later request may ask by.
    pub etag: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
    /// All its bytes: head and body.
    pub bytes: usize,
}

/// What a head says.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    length: Length,
    etag: Option<String>,
}

/// How the end of a body is told.
#[derive(Debug, PartialEq, Eq)]
enum Length {
    Bytes(usize),
    Chunks,
}

impl Connection {
    /// Connects. `key` is the API key, if there is one.
    pub async fn open(address: &str, key: Option<&str>) -> Result<Self, String> {
        let stream = timeout(PATIENCE, TcpStream::connect(address)).await;
        let stream =
            stream.map_err(|_| late("connecting"))?.map_err(|e| format!("cannot connect to {address}: {e}"))?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        let authorization = key.map_or_else(String::new, |key| format!("Authorization: Bearer {key}\r\n"));
        Ok(Self { stream, host: address.to_owned(), authorization, out: Vec::new(), buffer: Vec::new() })
    }

    /// One request with a JSON body; the body of the answer, when that is a success.
    pub async fn call(&mut self, method: &str, path: &str, body: &[u8]) -> Result<Vec<u8>, String> {
        let answer = self.exchange(method, path, "", body).await?;
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        let start: String = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
        Err(format!("{method} {path} was answered {}: {start}", answer.status))
    }

    /// What is there now, or 304 when it is what `etag` names.
    pub async fn poll(&mut self, path: &str, etag: Option<&str>) -> Result<Answer, String> {
        let header = etag.map_or_else(String::new, |etag| format!("If-None-Match: {etag}\r\n"));
        let answer = self.exchange("GET", path, &header, b"").await?;
        match answer.status {
            200 | 304 => Ok(answer),
            status => Err(format!("GET {path} was answered {status}")),
        }
    }

    async fn exchange(&mut self, method: &str, path: &str, header: &str, body: &[u8]) -> Result<Answer, String> {
        self.out.clear();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}{header}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.host,
            self.authorization,
            body.len()
        );
        self.out.extend_from_slice(head.as_bytes());
        self.out.extend_from_slice(body);
        let exchange = async {
            self.stream.write_all(&self.out).await.map_err(|e| format!("the server hung up: {e}"))?;
            self.answer().await
        };
        timeout(PATIENCE, exchange).await.map_err(|_| late(path))?
    }

    async fn answer(&mut self) -> Result<Answer, String> {
        let (Head { status, length, etag }, start) = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                let head = self.buffer.get(..end).map(String::from_utf8_lossy).unwrap_or_default();
                break (parse_head(&head).ok_or("the server's answer is not HTTP/1.1")?, end + 4);
            }
            if self.buffer.len() > HEAD_BYTES {
                return Err("the head of the server's answer has no end".to_owned());
            }
            self.more().await?;
        };
        self.buffer.drain(..start);
        match length {
            Length::Bytes(n) => {
                while self.buffer.len() < n {
                    self.more().await?;
                }
                Ok(Answer { status, etag, body: self.buffer.drain(..n).collect(), bytes: start + n })
            }
            Length::Chunks => {
                let (mut body, mut bytes) = (Vec::new(), start);
                loop {
                    let line = loop {
                        match find(&self.buffer, b"\r\n") {
                            Some(end) => break end,
                            None => self.more().await?,
                        }
                    };
                    let digits = self.buffer.get(..line).map(String::from_utf8_lossy).unwrap_or_default();
                    let size = usize::from_str_radix(digits.trim(), 16).map_err(|_| "a chunk has no size")?;
                    while self.buffer.len() < line + 2 + size + 2 {
                        self.more().await?;
                    }
                    body.extend(self.buffer.drain(..line + 2 + size + 2).skip(line + 2).take(size));
                    bytes += line + 2 + size + 2;
                    if size == 0 {
                        return Ok(Answer { status, etag, body, bytes });
                    }
                }
            }
        }
    }

    async fn more(&mut self) -> Result<(), String> {
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err("the server hung up".to_owned()),
            Ok(_) => Ok(()),
            Err(e) => Err(format!("the server hung up: {e}")),
        }
    }
}

fn late(what: &str) -> String {
    format!("{what}: no answer in {} s", PATIENCE.as_secs())
}

/// Where `what` first is in `bytes`.
pub fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn parse_head(head: &str) -> Option<Head> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let mut parsed = Head { status, length: Length::Bytes(0), etag: None };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") && status != 304 {
            parsed.length = Length::Bytes(value.parse().ok()?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") && value.eq_ignore_ascii_case("chunked") {
            parsed.length = Length::Chunks;
        } else if name.eq_ignore_ascii_case("etag") {
            parsed.etag = Some(value.to_owned());
        }
    }
    Some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_tells_the_status_the_tag_and_where_the_body_ends() {
        let parsed = |status, length, etag: Option<&str>| Some(Head { status, length, etag: etag.map(str::to_owned) });
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 14\r\nETag: \"a:1\"";
        assert_eq!(parse_head(head), parsed(200, Length::Bytes(14), Some("\"a:1\"")));
        let head = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked";
        assert_eq!(parse_head(head), parsed(201, Length::Chunks, None));
        assert_eq!(parse_head("HTTP/1.1 204 No Content"), parsed(204, Length::Bytes(0), None));
        // The length of a 304 is that of what is not sent.
        assert_eq!(parse_head("HTTP/1.1 304 Not Modified\r\nContent-Length: 9"), parsed(304, Length::Bytes(0), None));
        assert_eq!(parse_head("SSH-2.0"), None);
    }
}
