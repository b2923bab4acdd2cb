//! Tables for spreadsheets: RFC 4180 in UTF-8, with a header.
//!
//! Every text is quoted and nothing else is. Text that a spreadsheet would take for a formula begins with an apostrophe; numbers are numbers and stay as they are.

use super::sheet::Sheet;
use crate::time::Millis;
use crate::value::Number;
use csv_core::{QuoteStyle, Terminator, Writer, WriterBuilder};

/// Writes a table, cell by cell.
pub struct Csv {
    /// Quotes whatever it is given: a reader sees that `"0012"` is text, and one that samples finds quotes in every cell.
    writer: Writer,
    out: Vec<u8>,
    begun: bool,
}

impl Default for Csv {
    fn default() -> Self {
        let writer = WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).build();
        Self { writer, out: Vec::new(), begun: false }
    }
}

impl Csv {
    /// A table with a header.
    pub fn new<'n>(header: impl IntoIterator<Item = &'n str>) -> Self {
        let mut csv = Self::default();
        for name in header {
            csv.text(name);
        }
        csv.end_row();
        csv
    }

    /// Appends what the writer writes into room for so many bytes; it answers how many it wrote.
    fn append(&mut self, most: usize, write: impl FnOnce(&mut Writer, &mut [u8]) -> usize) {
        let end = self.out.len();
        self.out.resize(end + most, 0);
        let written = self.out.get_mut(end..).map_or(0, |room| write(&mut self.writer, room));
        self.out.truncate(end + written);
    }

    /// Ends the cell before.
    fn separate(&mut self) {
        if self.begun {
            self.append(2, |writer, room| writer.delimiter(room).1);
        }
        self.begun = true;
    }

    /// A piece of a cell that is quoted.
    fn part(&mut self, text: &str) {
        // Every byte may be a quote, which is written twice.
        self.append(2 + 2 * text.len(), |writer, room| writer.field(text.as_bytes(), room).2);
    }

    /// A cell that needs no quotes.
    fn plain(&mut self, cell: &str) {
        self.separate();
        self.out.extend_from_slice(cell.as_bytes());
    }

    /// The table's bytes.
    pub fn finish(mut self) -> Vec<u8> {
        self.append(2, |writer, room| writer.finish(room).1);
        self.out
    }
}

impl Sheet for Csv {
    fn text(&mut self, text: &str) {
        self.separate();
        // An apostrophe of the text's own is kept apart from ours.
        let formula =
            text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
        if formula {
            self.part("'");
        }
        self.part(text);
    }

    fn number(&mut self, number: Option<f64>) {
        let text = number.filter(|n| n.is_finite()).and_then(|n| serde_json::to_string(&Number(n)).ok());
        self.plain(&text.unwrap_or_default());
    }

    fn whole(&mut self, number: i64) {
        self.plain(&number.to_string());
    }

    fn time(&mut self, time: Millis) {
        self.whole(time.0);
    }

    fn flag(&mut self, flag: bool) {
        self.plain(if flag { "true" } else { "false" });
    }

    fn empty(&mut self) {
        self.separate();
    }

    fn end_row(&mut self) {
        self.append(5, |writer, room| writer.terminator(room).1);
        self.begun = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Cell;
    use proptest::prelude::*;

    /// What RFC 4180 makes of a table: its cells, and whether each was quoted.
    fn cells(table: &[u8]) -> Vec<(String, bool)> {
        let (mut out, mut rest) = (Vec::new(), std::str::from_utf8(table).unwrap());
        while !rest.is_empty() {
            let (mut text, quoted) = (String::new(), rest.starts_with('"'));
            if quoted {
                rest = &rest[1..];
                loop {
                    let (before, after) = rest.split_once('"').unwrap();
                    text.push_str(before);
                    rest = after;
                    let Some(more) = rest.strip_prefix('"') else { break };
                    text.push('"');
                    rest = more;
                }
            } else {
                let end = rest.find([',', '\r']).unwrap();
                text.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            rest = rest.strip_prefix(',').or_else(|| rest.strip_prefix("\r\n")).unwrap();
            out.push((text, quoted));
        }
        out
    }

    fn cell(text: &str) -> String {
        let mut csv = Csv::default();
        csv.text(text);
        String::from_utf8(csv.finish()).unwrap()
    }

    #[test]
    fn text_that_a_spreadsheet_would_execute_is_neutralised() {
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(cell("+49 30"), "\"'+49 30\"");
        assert_eq!(cell("-2,5"), "\"'-2,5\"");
        assert_eq!(cell("\tx"), "\"'\tx\"");
        assert_eq!(cell("\r=x"), "\"'\r=x\"");
        assert_eq!(cell("=HYPERLINK(\"http://x\")"), "\"'=HYPERLINK(\"\"http://x\"\")\"");
        assert_eq!(cell("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!(cell("'=1"), "\"''=1\"");
        assert_eq!(cell("'tis"), "\"'tis\"");
        assert_eq!(cell("Ann"), "\"Ann\"");
    }

    #[test]
    fn a_table_has_a_header_and_numbers_stay_numbers() {
        let mut csv = Csv::new(["key", "=cmd", "n"]);
        csv.text("a,b");
        csv.value(Cell::Bool(true));
        csv.number(Some(-0.5));
        csv.end_row();
        csv.empty();
        csv.whole(-3);
        csv.number(Some(f64::NAN));
        csv.end_row();
        assert_eq!(
            String::from_utf8(csv.finish()).unwrap(),
            "\"key\",\"'=cmd\",\"n\"\r\n\"a,b\",true,-0.5\r\n,-3,\r\n"
        );
    }

    proptest! {
        #[test]
        fn every_text_is_quoted_and_a_reader_finds_it_as_it_was(
            rows in proptest::collection::vec(("[^=+@\\-'\t\r\n＝＋－＠].{0,12}", "[a\",\r\n=' é]{0,9}", any::<i32>()), 0..6)
        ) {
            let mut csv = Csv::new(["a", "b", "n"]);
            let mut expected = Vec::new();
            for (first, second, number) in &rows {
                csv.text(first);
                csv.text(second);
                csv.whole(i64::from(*number));
                csv.end_row();
                expected.push((first.clone(), second.clone(), number.to_string()));
            }
            let bytes = csv.finish();
            let found: Vec<(String, String, String)> = cells(&bytes).chunks(3).skip(1).map(|row| {
                let text = |(cell, quoted): &(String, bool)| { assert!(quoted); cell.clone() };
                assert!(!row[2].1);
                let unmarked = |cell: String| match cell.strip_prefix('\'') {
                    Some(rest) if rest.trim_start_matches('\'').starts_with(['=', '\r', '\n']) => rest.to_owned(),
                    _ => cell,
                };
                (text(&row[0]), unmarked(text(&row[1])), row[2].0.clone())
            }).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
