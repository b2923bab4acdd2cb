//! The viewer's end of a WebSocket: the handshake, whole frames out of a stream of bytes, and small frames back. A
//! library would copy and check each of a thousand identical messages; here most are only hashed where they lie.

use super::connection::find;

/// The longest message that is believed.
const MESSAGE_BYTES: usize = 64 * 1024 * 1024;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Bytes.
    Binary,
    /// The other side closes.
    Close,
    /// To be answered.
    Ping,
    /// An answer.
    Pong,
}

/// The request that asks for a WebSocket.
pub fn handshake(host: &str, path: &str, subprotocol: Option<&str>) -> String {
    let protocol = subprotocol.map_or_else(String::new, |p| format!("Sec-WebSocket-Protocol: {p}\r\n"));
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{protocol}\r\n"
    )
}

/// The length of the answer's head once it has come, or why it is not a yes.
pub fn accepted(bytes: &[u8], subprotocol: Option<&str>) -> Result<Option<usize>, String> {
    let Some(end) = find(bytes, b"\r\n\r\n") else { return Ok(None) };
    let head = bytes.get(..end).map(String::from_utf8_lossy).unwrap_or_default();
    let status = head.lines().next().unwrap_or_default();
    if !status.contains(" 101 ") {
        return Err(format!("the feed was refused: {status}"));
    }
    let chosen = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find_map(|(name, value)| name.eq_ignore_ascii_case("sec-websocket-protocol").then(|| value.trim().to_owned()));
    if chosen.as_deref() != subprotocol {
        return Err(format!("the server chose the subprotocol {chosen:?}"));
    }
    Ok(Some(end + 4))
}

/// The first whole frame: its kind, where its payload lies, and where the next begins. `None`: more bytes are needed.
pub fn frame(bytes: &[u8]) -> Result<Option<(Kind, std::ops::Range<usize>)>, String> {
    let (Some(&first), Some(&second)) = (bytes.first(), bytes.get(1)) else { return Ok(None) };
    let big_endian = |from: usize, to: usize| {
        bytes.get(from..to).map(|part| part.iter().fold(0_usize, |n, b| (n << 8) | usize::from(*b)))
    };
    let (start, length) = match second {
        0..=125 => (2, Some(usize::from(second))),
        126 => (4, big_endian(2, 4)),
        127 => (10, big_endian(2, 10)),
        128.. => return Err("a frame of the server is masked".to_owned()),
    };
    let Some(length) = length else { return Ok(None) };
    if length > MESSAGE_BYTES {
        return Err(format!("a message has {length} bytes"));
    }
    let kind = match first {
        0x81 => Kind::Text,
        0x82 => Kind::Binary,
        0x88 => Kind::Close,
        0x89 => Kind::Ping,
        0x8a => Kind::Pong,
        _ => return Err(format!("a frame begins with {first:#04x}: in parts, compressed, or damaged")),
    };
    Ok((bytes.len() >= start + length).then_some((kind, start..start + length)))
}

/// The bytes before the payload of a frame of the server.
pub const fn header_bytes(payload: usize) -> usize {
    match payload {
        0..=125 => 2,
        126..=65_535 => 4,
        _ => 10,
    }
}

/// A frame to the server: a binary message, or with `kind` a pong.
pub fn masked(kind: Kind, payload: &[u8]) -> Vec<u8> {
    let opcode = match kind {
        Kind::Text => 0x81,
        Kind::Binary => 0x82,
        Kind::Close => 0x88,
        Kind::Ping => 0x89,
        Kind::Pong => 0x8a,
    };
    let mut out = vec![opcode];
    match payload.len() {
        n @ 0..=125 => out.push(0x80 | n as u8),
        n => {
            // The mask's bit, and 126: the length follows in two bytes.
            out.push(0xfe);
            out.extend_from_slice(&(n.min(usize::from(u16::MAX)) as u16).to_be_bytes());
        }
    }
    let mask = fastrand::u32(..).to_be_bytes();
    out.extend_from_slice(&mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_when_they_are_whole() {
        assert_eq!(frame(b"\x82").unwrap(), None);
        assert_eq!(frame(b"\x82\x03ab").unwrap(), None);
        assert_eq!(frame(b"\x82\x03abc\x81").unwrap(), Some((Kind::Binary, 2..5)));
        let mut long = vec![0x81, 126, 0x01, 0x00];
        long.extend([b'x'; 256]);
        assert_eq!(frame(&long).unwrap(), Some((Kind::Text, 4..260)));
        assert!(frame(b"\xc1\x00").is_err());
        assert!(frame(b"\x82\x80").is_err());
    }

    #[test]
    fn a_masked_frame_unmasks_to_its_payload() {
        let out = masked(Kind::Binary, b"hello");
        assert_eq!(out[..2], [0x82, 0x85]);
        let payload: Vec<u8> = out[6..].iter().zip(out[2..6].iter().cycle()).map(|(b, m)| b ^ m).collect();
        assert_eq!(payload, b"hello");
    }

    #[test]
    fn the_handshake_needs_a_yes_with_the_right_subprotocol() {
        let yes = b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: a\r\n\r\nrest";
        assert_eq!(accepted(yes, Some("a")).unwrap(), Some(yes.len() - 4));
        assert!(accepted(yes, None).is_err());
        assert_eq!(accepted(b"HTTP/1.1 101", None).unwrap(), None);
        assert!(accepted(b"HTTP/1.1 401 Unauthorized\r\n\r\n", None).is_err());
    }
}
