//! The repeated members of protobuf messages, one by one: a message of two bytes each must not become a list of millions of
//! structures. What has no repeated members is read by `prost`.

use prost::decode_length_delimiter;

/// What is said of what is no protobuf.
const BROKEN: &str = "it ends in the middle, or is no protobuf";

/// The members of a message that have a tag and a length.
pub(super) struct Members<'m> {
    rest: &'m [u8],
    tag: usize,
}

/// The members under a tag: messages, texts, bytes.
pub(super) fn members(message: &[u8], tag: usize) -> Members<'_> {
    Members { rest: message, tag }
}

impl<'m> Members<'m> {
    fn varint(&mut self) -> Result<usize, &'static str> {
        decode_length_delimiter(&mut self.rest).map_err(|_| BROKEN)
    }

    fn take(&mut self, length: usize) -> Result<&'m [u8], &'static str> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(BROKEN)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads one member; its content, when it is one that is looked for.
    fn step(&mut self) -> Result<Option<&'m [u8]>, &'static str> {
        let key = self.varint()?;
        let length = match key & 7 {
            0 => self.rest.iter().take(10).position(|b| b & 0x80 == 0).ok_or(BROKEN)? + 1,
            1 => 8,
            2 => self.varint()?,
            5 => 4,
            // Groups have been out of use since before any format that is read here.
            _ => return Err(BROKEN),
        };
        let content = self.take(length)?;
        Ok((key & 7 == 2 && key >> 3 == self.tag).then_some(content))
    }
}

impl<'m> Iterator for Members<'m> {
    type Item = Result<&'m [u8], &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            match self.step() {
                Ok(None) => {}
                Ok(Some(content)) => return Some(Ok(content)),
                Err(why) => {
                    self.rest = &[];
                    return Some(Err(why));
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A message with members of all wire types: `prost` writes it, and is the oracle of what is read.
    #[derive(Clone, PartialEq, prost::Message)]
    struct Mixed {
        #[prost(uint64, optional, tag = "1")]
        number: Option<u64>,
        #[prost(bytes = "vec", repeated, tag = "2")]
        parts: Vec<Vec<u8>>,
        #[prost(double, optional, tag = "3")]
        double: Option<f64>,
        #[prost(float, optional, tag = "4")]
        float: Option<f32>,
        #[prost(string, repeated, tag = "1500")]
        more: Vec<String>,
    }

    proptest! {
        #[test]
        fn members_are_those_that_prost_reads(
            number in any::<Option<u64>>(), parts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..4),
            double in any::<Option<f64>>(), float in any::<Option<f32>>(), more in proptest::collection::vec(".{0,9}", 0..3), cut in any::<proptest::sample::Index>(),
        ) {
            let bytes = prost::Message::encode_to_vec(&Mixed { number, parts: parts.clone(), double, float, more: more.clone() });
            let read = |tag| members(&bytes, tag).collect::<Result<Vec<_>, _>>().unwrap();
            prop_assert_eq!(read(2), parts);
            prop_assert_eq!(read(1_500), more.iter().map(String::as_bytes).collect::<Vec<_>>());
            // A message that is cut is one that prost refuses too.
            let cut = bytes.get(..cut.index(bytes.len() + 1)).unwrap_or_default();
            let whole = members(cut, 2).all(|m| m.is_ok());
            prop_assert_eq!(whole, <Mixed as prost::Message>::decode(cut).is_ok());
        }
    }
}
