//! Bytes in and out: variable-length integers and length-prefixed text.

/// Why bytes could not be decoded. A decoder never panics and never allocates more than a small multiple of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The input ends in the middle of a value.
    #[error("the message is truncated")]
    Truncated,
    /// A version that this build does not know.
    #[error("version {0} is not known here; this build reads version 1")]
    Version(u8),
    /// A value that the format does not allow.
    #[error("invalid {0}")]
    Invalid(&'static str),
    /// Bytes after the end.
    #[error("bytes after the end of the message")]
    Trailing,
}

/// Appends values to a buffer.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// A writer with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { bytes: Vec::with_capacity(capacity) }
    }

    /// One byte.
    pub fn u8(&mut self, v: u8) {
        self.bytes.push(v);
    }

    /// Two bytes, little endian.
    pub fn u16(&mut self, v: u16) {
        self.bytes.extend_from_slice(&v.to_le_bytes());
    }

    /// Seven bits a byte, least significant first (LEB128).
    pub fn varint(&mut self, mut v: u64) {
        while v >= 0x80 {
            self.bytes.push(v as u8 | 0x80);
            v >>= 7;
        }
        self.bytes.push(v as u8);
    }

    /// A signed number, so mapped that small magnitudes are short: 0, −1, 1, −2 … become 0, 1, 2, 3 …
    pub fn zigzag(&mut self, v: i64) {
        self.varint(((v << 1) ^ (v >> 63)) as u64);
    }

    /// A double, little endian.
    pub fn f64(&mut self, v: f64) {
        self.bytes.extend_from_slice(&v.to_le_bytes());
    }

    /// Length in bytes, then UTF-8.
    pub fn text(&mut self, v: &str) {
        self.varint(v.len() as u64);
        self.bytes.extend_from_slice(v.as_bytes());
    }

    /// Length, then the bytes.
    pub fn blob(&mut self, v: &[u8]) {
        self.varint(v.len() as u64);
        self.bytes.extend_from_slice(v);
    }

    /// The bytes as they are.
    pub fn raw(&mut self, v: &[u8]) {
        self.bytes.extend_from_slice(v);
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Takes values from a slice.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the beginning of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Bytes that are left.
    pub const fn remaining(&self) -> usize {
        self.bytes.len()
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let (head, tail) = self.bytes.split_at_checked(n).ok_or(DecodeError::Truncated)?;
        self.bytes = tail;
        Ok(head)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, DecodeError> {
        let (&head, tail) = self.bytes.split_first().ok_or(DecodeError::Truncated)?;
        self.bytes = tail;
        Ok(head)
    }

    /// Two bytes, little endian.
    pub fn u16(&mut self) -> Result<u16, DecodeError> {
        let (head, tail) = self.bytes.split_first_chunk::<2>().ok_or(DecodeError::Truncated)?;
        self.bytes = tail;
        Ok(u16::from_le_bytes(*head))
    }

    /// See [`Writer::varint`].
    pub fn varint(&mut self) -> Result<u64, DecodeError> {
        let first = self.u8()?;
        if first < 0x80 {
            return Ok(u64::from(first));
        }
        let mut v = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let b = self.u8()?;
            if shift == 63 && b > 1 {
                return Err(DecodeError::Invalid("integer"));
            }
            v |= u64::from(b & 0x7f) << shift;
            if b < 0x80 {
                // A last byte of zero: the same number has a shorter form, and every number has one form only.
                return if b == 0 { Err(DecodeError::Invalid("integer")) } else { Ok(v) };
            }
        }
        Err(DecodeError::Invalid("integer"))
    }

    /// A varint that must fit `u32`.
    pub fn varint32(&mut self) -> Result<u32, DecodeError> {
        u32::try_from(self.varint()?).map_err(|_| DecodeError::Invalid("integer"))
    }

    /// See [`Writer::zigzag`].
    pub fn zigzag(&mut self) -> Result<i64, DecodeError> {
        let v = self.varint()?;
        Ok((v >> 1) as i64 ^ -((v & 1) as i64))
    }

    /// A finite double.
    pub fn f64(&mut self) -> Result<f64, DecodeError> {
        let (head, tail) = self.bytes.split_first_chunk::<8>().ok_or(DecodeError::Truncated)?;
        self.bytes = tail;
        let v = f64::from_le_bytes(*head);
        if v.is_finite() { Ok(v) } else { Err(DecodeError::Invalid("number")) }
    }

    /// Length-prefixed UTF-8.
    pub fn text(&mut self) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.blob()?).map_err(|_| DecodeError::Invalid("text"))
    }

    /// Length-prefixed bytes.
    pub fn blob(&mut self) -> Result<&'a [u8], DecodeError> {
        let n = self.varint()?;
        let n = usize::try_from(n).map_err(|_| DecodeError::Truncated)?;
        self.take(n)
    }

    /// A count of things that take at least one byte each, so it can't exceed what is left.
    pub fn count(&mut self) -> Result<usize, DecodeError> {
        let n = self.varint()?;
        match usize::try_from(n) {
            Ok(n) if n <= self.bytes.len() => Ok(n),
            _ => Err(DecodeError::Truncated),
        }
    }

    /// Fails when bytes are left.
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(DecodeError::Trailing) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn integers_come_back(v in any::<u64>(), s in any::<i64>()) {
            let mut w = Writer::default();
            w.varint(v);
            w.zigzag(s);
            let bytes = w.finish();
            let mut r = Reader::new(&bytes);
            prop_assert_eq!(r.varint(), Ok(v));
            prop_assert_eq!(r.zigzag(), Ok(s));
            prop_assert_eq!(r.end(), Ok(()));
        }
    }

    #[test]
    fn c5_overlong_and_truncated_integers_are_refused() {
        assert_eq!(Reader::new(&[0x80]).varint(), Err(DecodeError::Truncated));
        assert_eq!(Reader::new(&[0xff; 10]).varint(), Err(DecodeError::Invalid("integer")));
        assert_eq!(Reader::new(&[0x80, 0]).varint(), Err(DecodeError::Invalid("integer")));
        assert_eq!(Reader::new(&[0x80, 1]).varint(), Ok(128));
        assert_eq!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]).varint(), Ok(u64::MAX));
        assert_eq!(Reader::new(&[200, 1]).count(), Err(DecodeError::Truncated));
    }
}
