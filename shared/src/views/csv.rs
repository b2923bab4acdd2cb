//! Tables for spreadsheets: RFC 4180 in UTF-8, with a header.
//!
//! Every text is quoted and nothing else is. Text that a spreadsheet would take for a formula begins with an apostrophe; numbers are numbers and stay as they are.

use super::sheet::Sheet;
use crate::time::Millis;
use crate::value::Number;

/// Writes a table, cell by cell.
#[derive(Debug, Default)]
pub struct Csv {
    out: String,
    begun: bool,
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

    /// Ends the cell before.
    fn separate(&mut self) {
        if self.begun {
            self.out.push(',');
        }
        self.begun = true;
    }

    /// The table's bytes.
    pub fn finish(self) -> Vec<u8> {
        self.out.into_bytes()
    }
}

impl Sheet for Csv {
    fn text(&mut self, text: &str) {
        self.separate();
        // An apostrophe of the text's own is kept apart from ours.
        let formula =
            text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
        let mark = if formula { "'" } else { "" };
        // Always quoted: a reader sees that `"0012"` is text, and one that samples finds quotes in every cell.
        self.out.push('"');
        self.out.push_str(mark);
        self.out.push_str(&text.replace('"', "\"\""));
        self.out.push('"');
    }

    fn number(&mut self, number: Option<f64>) {
        self.separate();
        if let Some(text) = number.filter(|n| n.is_finite()).and_then(|n| serde_json::to_string(&Number(n)).ok()) {
            self.out.push_str(&text);
        }
    }

    fn whole(&mut self, number: i64) {
        self.separate();
        self.out.push_str(&number.to_string());
    }

    fn time(&mut self, time: Millis) {
        self.whole(time.0);
    }

    fn flag(&mut self, flag: bool) {
        self.separate();
        self.out.push_str(if flag { "true" } else { "false" });
    }

    fn empty(&mut self) {
        self.separate();
    }

    fn end_row(&mut self) {
        self.out.push_str("\r\n");
        self.begun = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Cell;

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
}
