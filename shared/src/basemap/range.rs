//! A part of a file: what a `Range` header asks for (RFC 9110, 14.1.2), and how it is cut out of the whole as that comes by.
//!
//! Hosts of files that know ranges answer them by themselves. Others send the whole file, of which the part is cut.

/// A part of a file by its first and last byte, both within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    first: u64,
    last: u64,
}

impl ByteRange {
    /// What a header asks for, if that is one part with both ends: readers of archives ask for no other. Anything else may be
    /// answered by the whole file.
    pub fn parse(header: &str) -> Option<Self> {
        let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
        let (first, last) = (number(first.trim())?, number(last.trim())?);
        (first <= last).then_some(Self { first, last })
    }

    /// The header that asks for it.
    pub fn header(self) -> String {
        format!("bytes={}-{}", self.first, self.last)
    }

    /// What there is of it in a file of so many bytes; nothing where it begins behind the end.
    pub fn within(self, total: u64) -> Option<Self> {
        let last = self.last.min(total.checked_sub(1)?);
        (self.first <= last).then_some(Self { last, ..self })
    }

    /// The header `Content-Range` of an answer, of a file of so many bytes, if that is known.
    pub fn told(self, total: Option<u64>) -> String {
        let total = total.map_or_else(|| "*".to_owned(), |total| total.to_string());
        format!("bytes {}-{}/{total}", self.first, self.last)
    }

    /// The same of a part that is not there.
    pub fn told_none(total: u64) -> String {
        format!("bytes */{total}")
    }

    /// Cuts it out of a file.
    pub fn cut(self) -> Cut {
        Cut { skip: self.first, take: self.last.saturating_sub(self.first).saturating_add(1) }
    }
}

/// What is still to be left out of a file, and then to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    skip: u64,
    take: u64,
}

impl Cut {
    /// Whether all of the part went by.
    pub fn is_done(&self) -> bool {
        self.take == 0
    }

    /// What of the next bytes of the file belongs to the part.
    pub fn of<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let from = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip = self.skip.saturating_sub(bytes.len() as u64);
        let rest = bytes.get(from..).unwrap_or_default();
        let length = usize::try_from(self.take).unwrap_or(usize::MAX).min(rest.len());
        self.take = self.take.saturating_sub(length as u64);
        rest.get(..length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_part_with_both_ends_is_read_and_nothing_else() {
        let range = ByteRange::parse("bytes=100-199").unwrap();
        assert_eq!(range.header(), "bytes=100-199");
        assert_eq!(range.within(1_000).unwrap().told(Some(1_000)), "bytes 100-199/1000");
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=1-",
            "bytes=-5",
            "bytes=5-4",
            "bytes=0-1,4-5",
            "bytes=+1-2",
            "items=0-1",
            "bytes=0-99999999999999999999",
        ] {
            assert_eq!(ByteRange::parse(header), None, "{header}");
        }
    }

    #[test]
    fn a_part_ends_where_the_file_does() {
        let range = ByteRange::parse("bytes=0-16383").unwrap();
        assert_eq!(range.within(10).unwrap().told(Some(10)), "bytes 0-9/10");
        assert_eq!(range.told(None), "bytes 0-16383/*");
        assert_eq!(range.within(0), None);
        assert_eq!(ByteRange::parse("bytes=10-20").unwrap().within(10), None);
        assert_eq!(ByteRange::told_none(10), "bytes */10");
    }

    proptest! {
        #[test]
        fn what_is_cut_of_the_pieces_of_a_file_is_the_part(
            file in prop::collection::vec(any::<u8>(), 1..200), size in 1_usize..50, first in 0_usize..200, length in 1_usize..100,
        ) {
            let range = ByteRange { first: first as u64, last: (first + length - 1) as u64 };
            let Some(within) = range.within(file.len() as u64) else {
                prop_assert!(first >= file.len());
                return Ok(());
            };
            let mut cut = within.cut();
            let mut part = Vec::new();
            for piece in file.chunks(size) {
                part.extend_from_slice(cut.of(piece));
            }
            prop_assert!(cut.is_done());
            prop_assert_eq!(&part[..], &file[first..(first + length).min(file.len())]);
        }
    }
}
