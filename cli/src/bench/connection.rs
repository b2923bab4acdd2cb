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
        self.out.clear();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
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
        let (status, answer) = timeout(PATIENCE, exchange).await.map_err(|_| late(path))??;
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let start: String = String::from_utf8_lossy(&answer).chars().take(300).collect();
        Err(format!("{method} {path} was answered {status}: {start}"))
    }

    async fn answer(&mut self) -> Result<(u16, Vec<u8>), String> {
        let (status, length, start) = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                let head = self.buffer.get(..end).map(String::from_utf8_lossy).unwrap_or_default();
                let (status, length) = parse_head(&head).ok_or("the server's answer is not HTTP/1.1")?;
                break (status, length, end + 4);
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
                Ok((status, self.buffer.drain(..n).collect()))
            }
            Length::Chunks => {
                let mut body = Vec::new();
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
                    if size == 0 {
                        return Ok((status, body));
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

fn parse_head(head: &str) -> Option<(u16, Length)> {
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    for (name, value) in headers {
        if name.eq_ignore_ascii_case("content-length") {
            return Some((status, Length::Bytes(value.trim().parse().ok()?)));
        }
        if name.eq_ignore_ascii_case("transfer-encoding") && value.trim().eq_ignore_ascii_case("chunked") {
            return Some((status, Length::Chunks));
        }
    }
    Some((status, Length::Bytes(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_tells_the_status_and_where_the_body_ends() {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 14";
        assert_eq!(parse_head(head), Some((200, Length::Bytes(14))));
        assert_eq!(parse_head("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked"), Some((201, Length::Chunks)));
        assert_eq!(parse_head("HTTP/1.1 204 No Content"), Some((204, Length::Bytes(0))));
        assert_eq!(parse_head("SSH-2.0"), None);
    }
}
