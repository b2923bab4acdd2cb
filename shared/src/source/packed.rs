//! What is packed and does not say so: files whose bytes begin as gzip's do.

use crate::problem::{Code, Problem};
use flate2::read::MultiGzDecoder;
use std::io::Read;

/// The first bytes of gzip with its only method (RFC 1952, 2.3.1).
const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];

/// The content, unpacked where it is packed, of at most so many bytes. `what`: how a problem calls it.
pub fn unpacked(content: Vec<u8>, most: usize, what: &str) -> Result<Vec<u8>, Problem> {
    if !content.starts_with(&GZIP) {
        return Ok(content);
    }
    let mut out = Vec::new();
    let read = MultiGzDecoder::new(content.as_slice()).take(most as u64 + 1).read_to_end(&mut out);
    read.map_err(|e| Problem::new(Code::InvalidGzip, format!("{what} is not valid gzip: {e}")))?;
    if out.len() > most {
        let detail = format!("{what} unpacks to more than {most} bytes");
        return Err(Problem::new(Code::BodyTooLarge, detail));
    }
    Ok(out)
}
