//! Opening the input: a file or standard input, compressed or not, told apart by content and never by name.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

/// How much of the beginning is looked at to tell what the input is.
const HEAD: usize = 64 * 1024;

/// Where the rows come from. It can be read more than once: a first pass learns the columns, a second reads the rows.
#[derive(Debug)]
pub enum Source {
    /// A file on disk.
    File(PathBuf),
    /// Standard input, kept in memory because it can be read only once.
    Memory(Vec<u8>),
}

/// What the decompressed input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines with a header, separated by this byte.
    Csv(u8),
    /// One JSON object a line.
    Ndjson,
    /// One JSON array of objects.
    JsonArray,
    /// Columns in a file.
    Parquet,
}

impl Source {
    /// The source a command-line argument names; `-` is standard input.
    pub fn from_argument(path: &Path) -> io::Result<Self> {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes)?;
            return Ok(Self::Memory(bytes));
        }
        Ok(Self::File(path.to_owned()))
    }

    /// A reader of the decompressed content, after a byte order mark if there is one.
    pub fn open(&self) -> io::Result<Box<dyn BufRead + '_>> {
        let mut raw: Box<dyn BufRead + '_> = match self {
            Self::File(path) => Box::new(BufReader::with_capacity(HEAD, File::open(path)?)),
            Self::Memory(bytes) => Box::new(Cursor::new(bytes.as_slice())),
        };
        let is_gzip = raw.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let mut plain: Box<dyn BufRead + '_> =
            if is_gzip { Box::new(BufReader::with_capacity(HEAD, MultiGzDecoder::new(raw))) } else { raw };
        if plain.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
            plain.consume(3);
        }
        Ok(plain)
    }

    /// What the content is, from its beginning.
    pub fn format(&self) -> Result<Format, String> {
        let mut head = Vec::with_capacity(HEAD);
        let reader = self.open().map_err(|error| error.to_string())?;
        reader.take(HEAD as u64).read_to_end(&mut head).map_err(|error| error.to_string())?;
        sniff(&head)
    }
}

/// What decompressed content that begins like this is.
pub fn sniff(head: &[u8]) -> Result<Format, String> {
    if head.starts_with(b"PK\x03\x04") {
        return Err("it is a zip archive; unpack it first".to_owned());
    }
    if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || head.starts_with(b"BZh") || head.starts_with(b"\xfd7zXZ") {
        return Err("it is compressed with something other than gzip; unpack it first".to_owned());
    }
    if head.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    if head.contains(&0) {
        return Err("it is binary data; CSV, NDJSON and Parquet can be read".to_owned());
    }
    match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => Err("it is empty".to_owned()),
        Some(b'{') => Ok(Format::Ndjson),
        Some(b'[') => Ok(Format::JsonArray),
        Some(_) => {
            let header =
                head.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
            let count = |delimiter: u8| header.split(|&byte| byte == delimiter).count() - 1;
            // The first of equals wins: a comma unless something else is plainly used more.
            let best = b",;\t|".iter().rev().max_by_key(|&&delimiter| count(delimiter)).copied().unwrap_or(b',');
            if count(best) == 0 {
                return Err("its first line is neither a CSV header nor JSON".to_owned());
            }
            Ok(Format::Csv(best))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn content_tells_the_format() {
        assert_eq!(sniff(b"a,b,c\n1,2,3\n"), Ok(Format::Csv(b',')));
        assert_eq!(sniff(b"\"a\";\"b\";c\n1;2;3\n"), Ok(Format::Csv(b';')));
        assert_eq!(sniff(b"\na\tb\n1\t2\n"), Ok(Format::Csv(b'\t')));
        assert_eq!(sniff(b"  {\"a\":1}\n"), Ok(Format::Ndjson));
        assert_eq!(sniff(b"[\n{\"a\":1}]"), Ok(Format::JsonArray));
        assert_eq!(sniff(b"PAR1\x15\x04\0"), Ok(Format::Parquet));
        assert!(sniff(b"").unwrap_err().contains("empty"));
        assert!(sniff(b" \n\n").unwrap_err().contains("empty"));
        assert!(sniff(b"\x0a\x0b\x0a\x03\x00\x01").unwrap_err().contains("binary"));
        assert!(sniff(b"PK\x03\x04rest").unwrap_err().contains("zip"));
        assert!(sniff(b"hello world\n").unwrap_err().contains("neither"));
    }

    #[test]
    fn gzip_is_unpacked_whatever_it_is_called_and_can_be_read_twice() {
        let mut bytes = Vec::new();
        for part in ["\u{feff}key,", "time\n1,2\n"] {
            // Two members: `cat a.gz b.gz` is a gzip file as well.
            let mut encoder = flate2::write::GzEncoder::new(&mut bytes, flate2::Compression::fast());
            encoder.write_all(part.as_bytes()).unwrap();
            encoder.finish().unwrap();
        }
        let source = Source::Memory(bytes);
        for _ in 0..2 {
            let mut text = String::new();
            source.open().unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "key,time\n1,2\n");
        }
        assert_eq!(source.format(), Ok(Format::Csv(b',')));
    }

    #[test]
    fn a_truncated_gzip_is_an_error_not_a_short_file() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all("key,time\n".repeat(1000).as_bytes()).unwrap();
        let mut bytes = encoder.finish().unwrap();
        bytes.truncate(bytes.len() - 12);
        let mut text = String::new();
        assert!(Source::Memory(bytes).open().unwrap().read_to_string(&mut text).is_err());
    }
}
