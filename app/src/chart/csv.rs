//! Rows as CSV (RFC 4180) that a spreadsheet opens without running anything.

/// Writes rows of cells, each ended by CRLF.
pub fn write(rows: impl IntoIterator<Item = Vec<Cell>>) -> String {
    let mut out = String::new();
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            cell.write(&mut out);
        }
        out.push_str("\r\n");
    }
    out
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text from anybody.
    Text(String),
    /// A number, with a point and all its digits.
    Number(f64),
    /// Nothing.
    Empty,
}

impl Cell {
    /// A value, or nothing.
    pub fn maybe(value: Option<f64>) -> Self {
        value.map_or(Self::Empty, Self::Number)
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Empty => {}
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Text(text) => {
                let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
                let quoted = text.contains([',', '"', '\n', '\r']);
                if quoted {
                    out.push('"');
                }
                if formula {
                    out.push('\'');
                }
                out.push_str(&text.replace('"', "\"\""));
                if quoted {
                    out.push('"');
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_a_spreadsheet_would_execute_is_neutralised_and_numbers_are_not() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let row = vec![text("=1+1"), text("@SUM(A1)"), text("-2,5"), text("a \"b\""), Cell::Number(-2.5), Cell::Empty];
        assert_eq!(write([row]), "'=1+1,'@SUM(A1),\"'-2,5\",\"a \"\"b\"\"\",-2.5,\r\n");
        assert_eq!(write([vec![Cell::maybe(None), Cell::maybe(Some(0.1 + 0.2))]]), ",0.30000000000000004\r\n");
        assert_eq!(write([vec![text("\t=1")], vec![text("\n=1")]]), "'\t=1\r\n\"'\n=1\"\r\n");
    }
}
