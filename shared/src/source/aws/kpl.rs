//! Records that the Kinesis Producer Library has put together: a magic number, a protobuf of them, and its MD5.

use md5::{Digest as _, Md5};
use prost::Message;

const MAGIC: [u8; 4] = [0xf3, 0x89, 0x9a, 0xc2];
const DIGEST_BYTES: usize = 16;

/// What of the protobuf is needed; what else it has is passed over.
#[derive(Clone, PartialEq, Message)]
struct Aggregated {
    #[prost(message, repeated, tag = "3")]
    records: Vec<Record>,
}

#[derive(Clone, PartialEq, Message)]
struct Record {
    #[prost(bytes = "vec", tag = "3")]
    data: Vec<u8>,
}

/// The records in a record; itself, where it is not put together of others. Consumers of the library do the same with one
/// whose checksum is wrong.
pub(super) fn records(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    parts(&bytes).unwrap_or_else(|| vec![bytes])
}

fn parts(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (message, digest) = bytes.strip_prefix(&MAGIC)?.split_last_chunk::<DIGEST_BYTES>()?;
    if Md5::digest(message).as_slice() != digest {
        return None;
    }
    let aggregated = Aggregated::decode(message).ok()?;
    Some(aggregated.records.into_iter().map(|record| record.data).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of `aws-kinesis-agg` 1.2.3 for two records under one key.
    const TWO: &[u8] = include_bytes!("kpl_two.bin");

    #[test]
    fn records_are_taken_out_and_others_are_as_they_were() {
        let texts: Vec<_> = records(TWO.to_vec()).into_iter().map(|r| String::from_utf8(r).unwrap()).collect();
        assert_eq!(texts, [r#"{"key":"a"}"#, r#"{"key":"b"}"#]);
        for plain in [&b"{}"[..], b"", &MAGIC, &TWO[..20]] {
            assert_eq!(records(plain.to_vec()), [plain.to_vec()]);
        }
    }

    #[test]
    fn one_with_a_changed_byte_is_not_taken_apart() {
        for at in 0..TWO.len() {
            let mut changed = TWO.to_vec();
            changed[at] ^= 1;
            assert_eq!(records(changed.clone()), [changed], "byte {at}");
        }
    }
}
